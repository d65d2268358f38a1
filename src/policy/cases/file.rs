//! The file of cases as it is written.

use super::super::Outcome;
use crate::document::present;
use crate::proposal::{Person, Proposal};
use schemars::{JsonSchema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// What a policy should say of changes. `NAME.tests.yml` is about the policy `NAME.yml` beside it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "Countersign policy tests")]
pub struct CasesFile {
    /// The version of this file's language: `1`.
    #[schemars(range(min = 1, max = 1))]
    #[schemars(example = 1)]
    pub version: u64,
    /// The policy, by its path from the directory of this file, where it has another name.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"countersign.yml")]
    pub policy: Option<String>,
    /// The cases.
    #[schemars(length(min = 1))]
    pub tests: Vec<WrittenCase>,
}

/// One change, and what the policy should say of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(rename = "Case")]
pub struct WrittenCase {
    /// A sentence that says what holds; no two cases have the same.
    #[schemars(length(min = 1))]
    #[schemars(example = &"a gain in production waits for security")]
    pub name: String,
    /// The files before the change, each by its path in the repository. Without it there are none.
    #[serde(default)]
    #[schemars(example = serde_json::json!({"iam/deploy.json": "{}"}))]
    pub base: BTreeMap<String, TextOr<FromFile>>,
    /// The files after the change. Without it there are none.
    #[serde(default)]
    #[schemars(example = serde_json::json!({"iam/deploy.json": {"file": "fixtures/deploy.json"}}))]
    pub head: BTreeMap<String, TextOr<FromFile>>,
    /// Who opened the change. Without it, somebody in no group.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"alice")]
    pub author: Option<TextOr<Person>>,
    /// Who approved it as it is.
    #[serde(default)]
    #[schemars(example = ["bob"])]
    pub approved_by: Vec<TextOr<Person>>,
    /// The labels of the change request.
    #[serde(default)]
    #[schemars(example = ["access-reviewed"])]
    pub labels: Vec<String>,
    /// All facts, as in a facts file, for what the keys above cannot say; they are added to these.
    #[serde(default, deserialize_with = "present")]
    pub facts: Option<Proposal>,
    /// The instant of the decision, with an offset (`2026-11-27T17:05:00Z`) or a zone (`2026-11-27T17:05[Europe/London]`). A case that
    /// asks for a window has to have it.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"2026-11-27T17:05[Europe/London]")]
    pub at: Option<String>,
    /// What becomes of the change.
    #[schemars(example = &"waiting for approval")]
    pub expect: Expect,
    /// Exactly the rules that decide it: of all that apply, those that say the worst. `[]` is what holds whatever the policy says.
    /// Without it, any.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["a gain in production needs security"])]
    pub because: Option<Vec<String>>,
    /// Exactly the people who could give an approval that is missing, by login. Without it, any.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["bob", "carol"])]
    pub ask: Option<Vec<String>>,
}

/// What becomes of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum Expect {
    /// Everything that is asked is there.
    #[serde(rename = "authorized")]
    Authorized,
    /// Somebody has to approve or to label.
    #[serde(rename = "waiting for approval")]
    Approval,
    /// Everything is there, but a window is closed.
    #[serde(rename = "waiting for the window")]
    Window,
    /// A rule denies it, or no rule is about it.
    #[serde(rename = "denied")]
    Denied,
    /// Facts are missing.
    #[serde(rename = "undecidable")]
    Undecidable,
}

impl Expect {
    /// As the decision says it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Authorized => Outcome::Authorized,
            Self::Approval => Outcome::Waiting { for_approval: true, until: None },
            Self::Window => Outcome::Waiting { for_approval: false, until: None },
            Self::Denied => Outcome::Denied,
            Self::Undecidable => Outcome::Undecidable,
        }
        .word()
    }
}

/// A file whose content stands in a file of its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FromFile {
    /// Its path from the directory of the tests.
    #[schemars(example = &"fixtures/deploy.json")]
    pub file: String,
}

/// A text, or a mapping that says more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TextOr<T> {
    /// The text.
    Text(String),
    /// The mapping.
    More(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = TextOr<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a mapping")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(TextOr::Text(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(TextOr::More)
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for TextOr<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("TextOr{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"anyOf": [{"type": "string"}, generator.subschema_for::<T>()]})
    }
}
