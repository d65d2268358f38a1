//! Keys by which a policy is made of several files, and by which parts of a repository decide for themselves.

use super::Ceiling;
use crate::document::present;
use schemars::JsonSchema;
use serde::Deserialize;

/// What the file needs from whoever includes it: one of `group`, `window` and `environment`, and what it is for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Need {
    /// A group under `people:`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"security")]
    pub group: Option<String>,
    /// A window under `windows:`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"change-window")]
    pub window: Option<String>,
    /// An environment that `where:` gives to files.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"production")]
    pub environment: Option<String>,
    /// What it is for, in words for whoever has to define it.
    #[serde(rename = "for")]
    #[schemars(length(min = 1))]
    #[schemars(example = &"whoever approves severe access")]
    pub purpose: String,
}

/// A directory in which a team decides for itself, up to a ceiling.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Delegation {
    /// The directory, from the root of the repository; the `countersign.yml` in it decides. `.` is the whole repository, for a policy
    /// that comes from a policy repository.
    #[schemars(length(min = 1))]
    #[schemars(example = &"teams/payments")]
    pub path: String,
    /// The group that has to approve an edit of that `countersign.yml` and of those below it.
    #[schemars(length(min = 1))]
    #[schemars(example = &"payments")]
    pub to: String,
    /// A glob over realms, if only what holds there is theirs to decide.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"staging-*")]
    pub realm: Option<String>,
    /// The most that they may give. What is over it is for the root to decide, and so is a system that is not in it.
    pub ceiling: Ceiling,
}
