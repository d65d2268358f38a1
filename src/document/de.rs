//! From a located tree to the types of our own files, through serde.
//!
//! Scalars are typed by whoever asks, following the core schema of YAML 1.2: a string takes the text of any plain scalar (`22:00`,
//! `2026-12-24`, `on` and `123` are fine), true and false are written `true` and `false`, and only nothing, `~` and `null` are null.
//! Where serde has to look before it knows what is asked for (untagged and internally tagged enums, flattened structs), a plain `123`
//! is a number. Nothing is borrowed from a private name: no message mentions a type of this program.

mod access;
mod error;
mod every;
mod own;
mod spanned;

use super::{Node, Problem, Scalar, Style, Value};
use access::{Entries, Items, Variant};
use error::Error;
pub use error::nearest;
pub use every::from_node_fully;
pub use own::{present, schema_of};
use serde::de::{Deserializer, Visitor};
pub use spanned::Spanned;

/// Reads a value out of a node. The problem stands at the innermost node or key that is to blame; a missing key at its mapping.
pub fn from_node<T: serde::de::DeserializeOwned>(node: &Node) -> Result<T, Problem> {
    T::deserialize(Source(node)).map_err(|error| error.at(node.span).into_problem(node.span))
}

/// A node that serde reads from.
#[derive(Clone, Copy)]
struct Source<'de>(&'de Node);

/// What a scalar is when nobody asks for anything in particular.
enum Core<'de> {
    Null,
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(&'de str),
}

impl<'de> Source<'de> {
    fn node(self) -> &'de Node {
        self.0
    }

    fn expected(self, what: &str) -> Error {
        Error::expected(what, self.0)
    }

    fn core(self) -> Result<Core<'de>, Error> {
        match &self.0.value {
            Value::Scalar(scalar) => core(scalar).ok_or_else(|| Error::unknown_tag(self.0)),
            _ => Err(self.expected("a single value")),
        }
    }

    /// The text of a scalar, unless it is null.
    fn text(self) -> Result<&'de str, Error> {
        let Value::Scalar(scalar) = &self.0.value else { return Err(self.expected("a string")) };
        match core(scalar).ok_or_else(|| Error::unknown_tag(self.0))? {
            Core::Null => Err(self.expected("a string")),
            _ => Ok(&scalar.text),
        }
    }

    fn integer<T: TryFrom<i128>>(self, least: i128, most: i128) -> Result<T, Error> {
        match self.core() {
            Ok(Core::Integer(number)) => T::try_from(number).map_err(|_| Error::out_of_range(self.0, least, most)),
            Ok(Core::Float(_)) => Err(Error::expected_written("a whole number", self.0)),
            _ => Err(self.expected("a whole number")),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a whole number asked for as a fraction is rounded like any other decimal")]
    fn float(self) -> Result<f64, Error> {
        match self.core() {
            Ok(Core::Integer(number)) => Ok(number as f64),
            Ok(Core::Float(number)) => Ok(number),
            _ => Err(self.expected("a number")),
        }
    }

    fn boolean(self) -> Result<bool, Error> {
        match self.core() {
            Ok(Core::Bool(answer)) => Ok(answer),
            _ => Err(Error::expected_written("`true` or `false`", self.0)),
        }
    }

    fn is_null(self) -> bool {
        matches!(self.core(), Ok(Core::Null))
    }
}

/// `None` under a tag that is not of the core schema.
fn core(scalar: &Scalar) -> Option<Core<'_>> {
    match (scalar.tag.as_deref(), scalar.style) {
        (None, Style::Plain) => Some(resolve(&scalar.text)),
        (None | Some("tag:yaml.org,2002:str"), _) => Some(Core::Text(&scalar.text)),
        (Some("tag:yaml.org,2002:null" | "tag:yaml.org,2002:bool" | "tag:yaml.org,2002:int" | "tag:yaml.org,2002:float"), _) => {
            Some(resolve(&scalar.text))
        }
        _ => None,
    }
}

fn resolve(text: &str) -> Core<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Core::Null,
        "true" => Core::Bool(true),
        "false" => Core::Bool(false),
        _ => integer(text).map(Core::Integer).or_else(|| float(text).map(Core::Float)).unwrap_or(Core::Text(text)),
    }
}

/// `[-+]?[0-9]+`, `0o[0-7]+`, `0x[0-9a-fA-F]+`
fn integer(text: &str) -> Option<i128> {
    let in_base = |digits: &str, base| (!digits.starts_with(['+', '-'])).then(|| i128::from_str_radix(digits, base).ok())?;
    match (text.strip_prefix("0o"), text.strip_prefix("0x")) {
        (Some(octal), _) => in_base(octal, 8),
        (_, Some(hexadecimal)) => in_base(hexadecimal, 16),
        _ => text.parse().ok(),
    }
}

/// Decimal notation, `.inf` and `.nan`.
fn float(text: &str) -> Option<f64> {
    match text.trim_start_matches(['+', '-']) {
        ".inf" | ".Inf" | ".INF" => Some(if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
        ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
        _ => super::is_decimal(text).then(|| text.parse().ok())?,
    }
}

/// Methods that differ in nothing but the integer.
macro_rules! integers {
    ($($method:ident $visit:ident $type:ty;)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.integer::<$type>(i128::from(<$type>::MIN), i128::from(<$type>::MAX))?)
        })*
    };
}

impl<'de> Deserializer<'de> for Source<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.value {
            Value::Scalar(_) => match self.core()? {
                Core::Null => visitor.visit_unit(),
                Core::Bool(answer) => visitor.visit_bool(answer),
                Core::Float(number) => visitor.visit_f64(number),
                Core::Text(text) => visitor.visit_borrowed_str(text),
                Core::Integer(number) => match (u64::try_from(number), i64::try_from(number)) {
                    (Ok(number), _) => visitor.visit_u64(number),
                    (_, Ok(number)) => visitor.visit_i64(number),
                    _ => visitor.visit_i128(number),
                },
            },
            Value::Sequence(items) => visitor.visit_seq(Items::new(items)),
            Value::Mapping(entries) => visitor.visit_map(Entries::new(entries)),
            Value::Tagged(_) => Err(Error::unknown_tag(self.0)),
        }
    }

    integers! {
        deserialize_i8 visit_i8 i8;
        deserialize_i16 visit_i16 i16;
        deserialize_i32 visit_i32 i32;
        deserialize_i64 visit_i64 i64;
        deserialize_u8 visit_u8 u8;
        deserialize_u16 visit_u16 u16;
        deserialize_u32 visit_u32 u32;
        deserialize_u64 visit_u64 u64;
        deserialize_i128 visit_i128 i128;
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bool(self.boolean()?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_bytes(self.text()?.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_bytes(self.text()?.as_bytes())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() { visitor.visit_unit() } else { Err(self.expected("nothing")) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.value {
            Value::Sequence(items) => visitor.visit_seq(Items::new(items)),
            _ => Err(self.expected("a list")),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Error> {
        match &self.0.value {
            Value::Sequence(items) if items.len() == len => visitor.visit_seq(Items::new(items)),
            Value::Sequence(items) => Err(Error::expected_count(len, items.len())),
            _ => Err(self.expected("a list")),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, len: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.value {
            Value::Mapping(entries) => visitor.visit_map(Entries::new(entries)),
            _ => Err(self.expected("a mapping")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(self, name: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        if name == spanned::NAME { visitor.visit_map(spanned::Parts::new(self)) } else { self.deserialize_map(visitor) }
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, known: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        match &self.0.value {
            Value::Scalar(_) => visitor.visit_enum(Variant { name: self.0, content: None }),
            Value::Mapping(entries) => match entries.as_slice() {
                [(name, content)] => visitor.visit_enum(Variant { name, content: Some(content) }),
                _ => Err(Error::expected_one_of(known, &format!("a mapping with {} keys", entries.len()))),
            },
            _ => Err(Error::expected_one_of(known, self.0.kind())),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}
