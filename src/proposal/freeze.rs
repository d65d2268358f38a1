//! Times in which the forge deploys nothing, whatever anybody approved.

use crate::diagnostic::{Remarks, Way};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The deploy freezes of a project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Freezes {
    /// Whether the forge itself says that one is on.
    #[serde(default)]
    #[schemars(example = false)]
    pub active: bool,
    /// All of them; `[]` says that there is none.
    pub periods: Vec<Freeze>,
}

/// A time that comes again and again. It lasts from a start to the first end after it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Freeze {
    /// When it starts, in the five fields of a crontab.
    #[schemars(example = &"0 23 * * 5")]
    pub starts: String,
    /// When it ends, in the same.
    #[schemars(example = &"0 8 * * 1")]
    pub ends: String,
    /// The IANA time zone on whose wall clock that is.
    #[schemars(example = &"Europe/London")]
    pub zone: String,
}

impl Freezes {
    pub(super) fn check(&self, way: &Way, remarks: &mut Remarks<'_>) {
        for (index, freeze) in self.periods.iter().enumerate() {
            let way = way.key("periods").item(index);
            for (key, text) in [("starts", &freeze.starts), ("ends", &freeze.ends), ("zone", &freeze.zone)] {
                if text.trim().is_empty() {
                    remarks.error(&way.key(key), "empty-text", "this says nothing", "write what the forge has");
                }
            }
        }
    }
}
