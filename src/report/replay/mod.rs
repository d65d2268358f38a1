//! `countersign policy replay`: what a policy would have said of the changes that there were.

mod text;

pub use text::text;

use super::json::schema_of;
use schemars::JsonSchema;
use serde::Serialize;

/// What `countersign policy replay --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReplayReport {
    /// Always `countersign/policy-replay/v1`.
    #[schemars(extend("const" = "countersign/policy-replay/v1"))]
    pub schema: &'static str,
    /// Where the policy stands.
    pub policy: String,
    /// SHA-256 of the policy file, as `sha256:…`.
    pub policy_digest: String,
    /// The newest commit that was looked at.
    pub tip: String,
    /// What was looked at.
    pub history: History,
    /// How many changes would come to what.
    pub outcomes: Outcomes,
    /// Changes that are stopped, and were not.
    pub newly_blocked: Vec<usize>,
    /// Changes that are not stopped, and were.
    pub newly_allowed: Vec<usize>,
    /// Changes that need something, and needed nothing.
    pub newly_asked: Vec<usize>,
    /// Changes that need nothing, and needed something.
    pub no_longer_asked: Vec<usize>,
    /// Changes for which there are too few people who may approve.
    pub deadlocks: Vec<usize>,
    /// Changes of which some part cannot be told from the files.
    pub undecided: Vec<usize>,
    /// The approvals that would have been needed, by group.
    pub groups: Vec<GroupNeed>,
    /// The people who could have given them.
    pub people: Vec<PersonNeed>,
    /// The rules of the policy by name, and how often each is about a change; 0 is a rule that never fires.
    pub rules: Vec<RuleUse>,
    /// Every change of access, the newest first; the lists above are indices into it.
    pub changes: Vec<Replayed>,
    /// Commits that could not be judged, and why.
    pub failed: Vec<Failed>,
    /// What is assumed because history does not say it, a sentence each.
    pub assumed: Vec<String>,
}

/// What was looked at.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct History {
    /// Commits of the line of first parents.
    pub commits: usize,
    /// Those of them that were judged in an earlier run.
    pub resumed: usize,
    /// Those that change access, or a file of the gate itself.
    pub changes: usize,
    /// Changes before which there was a policy.
    pub with_policy: usize,
    /// The date of the oldest commit; null if there is none.
    pub oldest: Option<String>,
    /// The date of the newest commit; null if there is none.
    pub newest: Option<String>,
    /// Why it goes no further back.
    #[schemars(extend("enum" = ["since", "limit", "root", "shallow"]))]
    pub end: &'static str,
}

/// How many changes come to what.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Outcomes {
    /// Nobody is asked.
    pub authorized: usize,
    /// Somebody has to approve or to label.
    pub waiting_for_approval: usize,
    /// Nobody is asked, and a window was closed.
    pub waiting_for_window: usize,
    /// A rule denies it, or no rule is about it.
    pub denied: usize,
    /// Something is missing without which nobody can tell.
    pub undecidable: usize,
}

/// Approvals of a group.
#[derive(Debug, Serialize, JsonSchema)]
pub struct GroupNeed {
    /// The group.
    pub group: String,
    /// How many approvals.
    pub approvals: usize,
    /// For how many changes.
    pub changes: usize,
}

/// What it means for one person.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonNeed {
    /// Who.
    pub login: String,
    /// Changes that they could have approved.
    pub could: usize,
    /// Changes of which some rule cannot be satisfied without them.
    pub needed: usize,
}

/// How often a rule fires.
#[derive(Debug, Serialize, JsonSchema)]
pub struct RuleUse {
    /// Its name.
    pub rule: String,
    /// Where it is written.
    pub place: String,
    /// How many changes it is about.
    pub changes: usize,
}

/// One change, as the policy sees it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Replayed {
    /// The commit.
    pub commit: String,
    /// When its committer says that it was made.
    pub committed: String,
    /// The first line of its message.
    pub subject: String,
    /// What would become of it.
    pub outcome: String,
    /// What became of it by the policy of the time; null if there was none that could be read.
    pub then: Option<String>,
    /// What the deciding rules say, a line each.
    pub reasons: Vec<String>,
    /// Why parts of it cannot be told, the first few.
    pub undecided: Vec<String>,
}

/// A commit that could not be judged.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Failed {
    /// The commit.
    pub commit: String,
    /// Why not.
    pub why: String,
}

/// The JSON Schema of the report.
pub fn schema() -> schemars::Schema {
    schema_of::<ReplayReport>()
}
