//! A value that remembers where it was read.

use super::{Error, Source};
use crate::document::Span;
use serde::de::value::{StrDeserializer, U32Deserializer};
use serde::de::{Deserialize, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use std::marker::PhantomData;

/// By this name our deserializer knows that the place is asked for as well.
pub(super) const NAME: &str = "$countersign::Spanned";
const FIELDS: &[&str] = &["start", "end", "value"];

/// A value and the span it was read from, for what is found to be wrong only after reading: a name that nobody defines, a window
/// that never opens. Only [`from_node`](super::from_node) can fill it in. The span is never part of equality.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands in its file.
    pub span: Span,
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

impl<T: serde::Serialize> serde::Serialize for Spanned<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(serializer)
    }
}

impl<T: schemars::JsonSchema> schemars::JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> std::borrow::Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        T::json_schema(generator)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct(NAME, FIELDS, SpannedVisitor(PhantomData))
    }
}

struct SpannedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for SpannedVisitor<T> {
    type Value = Spanned<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value from a file with places")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut parts: A) -> Result<Spanned<T>, A::Error> {
        let missing = || serde::de::Error::custom("a value and its place belong together");
        let (_, start) = parts.next_entry::<String, u32>()?.ok_or_else(missing)?;
        let (_, end) = parts.next_entry::<String, u32>()?.ok_or_else(missing)?;
        let (_, value) = parts.next_entry::<String, T>()?.ok_or_else(missing)?;
        Ok(Spanned { value, span: Span { start, end } })
    }
}

/// Hands out the start, the end and the value, in this order.
pub(super) struct Parts<'de> {
    source: Source<'de>,
    given: usize,
}

impl<'de> Parts<'de> {
    pub(super) fn new(source: Source<'de>) -> Self {
        Self { source, given: 0 }
    }
}

impl<'de> MapAccess<'de> for Parts<'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some(name) = FIELDS.get(self.given) else { return Ok(None) };
        self.given += 1;
        let name: StrDeserializer<'_, Error> = (*name).into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        let span = self.source.node().span;
        let number = |offset: u32| -> U32Deserializer<Error> { offset.into_deserializer() };
        match self.given {
            1 => seed.deserialize(number(span.start)),
            2 => seed.deserialize(number(span.end)),
            _ => seed.deserialize(self.source).map_err(|error| error.at(span)),
        }
    }
}
