//! `rules[].if`: how a change is proposed, and where it stands on its way.

use crate::document::present;
use crate::proposal::AccountKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How the change has to be proposed for the rule to apply. Every key that is written has to hold; of a list, one. While nobody knows, a
/// rule that asks applies, and one that allows does not.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Circumstances {
    /// What kind of account opened the change request. Where a bot opened it and somebody else wrote commits of it, it is perhaps a
    /// bot's and perhaps a person's.
    #[serde(default, deserialize_with = "present")]
    #[schemars(length(min = 1))]
    #[schemars(example = ["bot", "app"])]
    pub author_kind: Option<Vec<AccountKind>>,
    /// Labels, one of which the change request carries. Whoever may label may also take a label off.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["migration"])]
    pub labelled: Option<Vec<String>>,
    /// Environments, to one of which the deployment goes, as the facts say: `environment`. Upper and lower case are the same.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["production"])]
    pub deployed_to: Option<Vec<String>>,
    /// Where the change stands: before its merge, or before its deployment. Without this key a rule applies at both.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"deploy")]
    pub stage: Option<Stage>,
    /// At least so many times the access was prolonged before, as the facts say: `renewals`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(range(min = 1))]
    #[schemars(example = 2)]
    pub renewed: Option<u64>,
}

impl Circumstances {
    /// Whether they hold of every change before its merge.
    pub(in super::super) fn is_every_merge(&self) -> bool {
        let Self { author_kind, labelled, deployed_to, stage, renewed } = self;
        author_kind.is_none() && labelled.is_none() && deployed_to.is_none() && renewed.is_none() && *stage != Some(Stage::Deploy)
    }
}

/// Where a change stands on its way. Everything is judged at both: who is in which group, windows, when access ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Before it is merged.
    #[default]
    Merge,
    /// After it was merged, before it is deployed.
    Deploy,
}

impl Stage {
    /// As in the policy.
    pub fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Deploy => "deploy",
        }
    }
}
