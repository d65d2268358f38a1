//! Walking through lists, mappings and variants. Here an error that has no place yet gets that of the node it came out of.

use super::{Error, Source};
use crate::document::Node;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use std::slice::Iter;

/// Reads a node, and says where when that fails.
fn read<'de, S: DeserializeSeed<'de>>(seed: S, node: &'de Node) -> Result<S::Value, Error> {
    seed.deserialize(Source(node)).map_err(|error| error.at(node.span))
}

pub(super) struct Items<'de>(Iter<'de, Node>);

impl<'de> Items<'de> {
    pub(super) fn new(items: &'de [Node]) -> Self {
        Self(items.iter())
    }
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        self.0.next().map(|item| read(seed, item)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

pub(super) struct Entries<'de> {
    rest: Iter<'de, (Node, Node)>,
    value: Option<&'de Node>,
}

impl<'de> Entries<'de> {
    pub(super) fn new(entries: &'de [(Node, Node)]) -> Self {
        Self { rest: entries.iter(), value: None }
    }
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Error> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.value = Some(value);
        read(seed, key).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Error> {
        match self.value.take() {
            Some(value) => read(seed, value),
            None => Err(Error::new("a value was asked for before its key")),
        }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

/// `name`, or `name: content`.
pub(super) struct Variant<'de> {
    pub(super) name: &'de Node,
    pub(super) content: Option<&'de Node>,
}

impl Variant<'_> {
    fn written(&self) -> &str {
        self.name.scalar().map_or("", |name| &name.text)
    }

    fn needs(&self, what: &str) -> Error {
        let name = self.written();
        Error::new(format!("`{name}` needs {what}")).help(format!("write `{name}: …`")).at(self.name.span)
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Error> {
        Ok((read(seed, self.name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.content {
            Some(content) if !Source(content).is_null() => {
                let name = self.written();
                Err(Error::new(format!("`{name}` takes no value")).help(format!("write `{name}` alone")).at(content.span))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        let content = self.content.ok_or_else(|| self.needs("a value"))?;
        read(seed, content)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        let content = self.content.ok_or_else(|| self.needs("a list"))?;
        Source(content).deserialize_tuple(len, visitor).map_err(|error| error.at(content.span))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let content = self.content.ok_or_else(|| self.needs("a mapping"))?;
        Source(content).deserialize_map(visitor).map_err(|error| error.at(content.span))
    }
}
