//! `https://countersign.dev/baseline/v1`. Specified in `docs/predicates/baseline-v1.md`.

use super::super::authorization::v1::{Approval, Facts, GateRun, Part, Pins, Repository, State, TimeSource};
use super::super::expected::{Link, Refusal};
use super::super::{Moment, Statement, value_digest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// The type of the predicate.
pub const TYPE: &str = "https://countersign.dev/baseline/v1";

/// How many people have to have taken note.
pub const APPROVERS: usize = 2;

/// What access there was at a commit, from which on every change of access needs a record. It authorizes nothing that was there before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(title = "Predicate of a baseline")]
pub struct Baseline {
    /// Whose access it is.
    pub repository: Repository,
    /// The change request in which it was approved: its number, or its address.
    pub change_request: Option<String>,
    /// The state.
    pub state: State,
    /// The access that there was.
    pub access: Access,
    /// Who has approved exactly this commit: two people or more, none of whom wrote it.
    pub approvals: Vec<Approval>,
    /// The facts of the change request.
    pub facts: Facts,
    /// When it was noted.
    pub noted_at: Moment,
    /// Who says so.
    pub time_source: TimeSource,
    /// What else it depends on.
    pub pins: Pins,
    /// The run that noted it.
    pub gate_run: GateRun,
}

/// Access, as what is gained against nothing at all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Access {
    /// The digest of all of it, as of a change from nothing.
    pub digest: String,
    /// How many parts there are.
    pub parts: usize,
    /// How many of them cannot be told.
    pub undecided: usize,
    /// Each.
    pub inventory: Vec<Part>,
}

impl Baseline {
    /// What a statement whose signature holds says, and everything that is wrong with it.
    pub fn read(statement: &Statement, unverified_facts: bool) -> Result<Self, Vec<Refusal>> {
        let refused = |link, why: String| vec![Refusal::new(link, why)];
        if statement.predicate_type != TYPE {
            return Err(refused(
                Link::Statement,
                format!("it is of the predicate type `{}`; `{TYPE}` is wanted", statement.predicate_type),
            ));
        }
        let baseline: Self = serde_json::from_value(statement.predicate.clone())
            .map_err(|error| refused(Link::Statement, format!("it has not the shape of its type: {error}")))?;
        let mut refusals: Vec<Refusal> =
            baseline.inconsistencies(statement).into_iter().map(|why| Refusal::new(Link::Consistency, why)).collect();
        if !baseline.facts.verified && !unverified_facts {
            refusals.push(Refusal::new(Link::Record, "it was approved by a facts file, for which nobody vouches"));
        }
        if refusals.is_empty() { Ok(baseline) } else { Err(refusals) }
    }

    fn inconsistencies(&self, statement: &Statement) -> Vec<String> {
        let mut wrong = Vec::new();
        let State { commit, tree } = &self.state;
        if !statement.is_about("gitCommit", commit.as_str()) || !statement.is_about("gitTree", tree) {
            wrong.push(format!("its subjects are not commit `{commit}` and tree `{tree}`, which it says that it is of"));
        }
        if value_digest(&self.facts.content) != self.facts.digest {
            wrong.push("the digest of the facts is of other facts".to_owned());
        }
        if self.access.inventory.len() != self.access.parts {
            wrong.push(format!("it says that there are {} parts, and has {}", self.access.parts, self.access.inventory.len()));
        }
        let authors = authors(&self.facts.content);
        let counts = |approval: &&Approval| approval.reviewed_commit == *commit && !authors.contains(&approval.actor_id);
        let people: BTreeSet<u64> = self.approvals.iter().filter(counts).map(|approval| approval.actor_id).collect();
        if people.len() < APPROVERS {
            wrong.push(format!(
                "{APPROVERS} people who did not write it have to have approved exactly this commit, and {} have",
                people.len()
            ));
        }
        wrong
    }
}

/// The ids of whoever wrote it, as the facts have them.
fn authors(facts: &Value) -> BTreeSet<u64> {
    let contributors = facts.get("contributors").and_then(Value::as_array).into_iter().flatten();
    facts.get("author").into_iter().chain(contributors).filter_map(|person| person.get("id")?.as_u64()).collect()
}

/// The JSON Schema of the predicate.
pub(super) fn schema() -> schemars::Schema {
    schemars::generate::SchemaSettings::default().for_serialize().into_generator().into_root_schema_for::<Baseline>()
}
