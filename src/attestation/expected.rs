//! What a statement has to be about and to say, once its signature holds. Each refusal names the link that broke.

use super::authorization::v1::{self, Authorization, Record};
use super::{Malformed, Statement, value_digest};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A link of the chain from a file to an authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// The file is a bundle.
    Bundle,
    /// Its signature, its certificate, its log entry and its time hold.
    Signature,
    /// Whoever signed is who is wanted.
    Identity,
    /// What was signed is a statement of a kind that is known.
    Statement,
    /// It is about the commit or the artifact that was asked about.
    Subject,
    /// It is about the repository that was asked about.
    Repository,
    /// It says that the change was authorized.
    Record,
    /// What it says holds together.
    Consistency,
    /// Worked out again, it is the same.
    Recomputed,
    /// The forge, asked again, says the same.
    Forge,
    /// Its place in the ledger.
    Chain,
}

impl Link {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Bundle => "bundle",
            Self::Signature => "signature",
            Self::Identity => "identity",
            Self::Statement => "statement",
            Self::Subject => "subject",
            Self::Repository => "repository",
            Self::Record => "record",
            Self::Consistency => "consistency",
            Self::Recomputed => "recomputed",
            Self::Forge => "forge",
            Self::Chain => "chain",
        }
    }
}

/// Why a statement is not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The link that broke.
    pub link: Link,
    /// Why, in a half-sentence.
    pub why: String,
}

impl Refusal {
    /// Of this link, for that reason.
    pub fn new(link: Link, why: impl Into<String>) -> Self {
        Self { link, why: why.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.link.word(), self.why)
    }
}

impl From<Malformed> for Refusal {
    fn from(malformed: Malformed) -> Self {
        Self::new(Link::Statement, malformed.to_string())
    }
}

/// What a statement has to be about, and what is taken although it is less than an authorization.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a lack of its own, and any of them may be taken alone")]
pub struct Expected {
    /// Digests by algorithm, each of which has to be one of a subject: `("gitCommit", "…")`, `("sha256", "…")`.
    pub subjects: Vec<(&'static str, String)>,
    /// The repository's name.
    pub repository: Option<String>,
    /// The repository's immutable id.
    pub repository_id: Option<String>,
    /// The digest of the policy, `sha256:…`.
    pub policy_digest: Option<String>,
    /// Whether a record of facts for which nobody vouches is taken.
    pub unverified_facts: bool,
    /// Whether a retroactive record is taken.
    pub retroactive: bool,
    /// Whether what was only observed is taken.
    pub observed: bool,
    /// Whether a record about some paths only is taken.
    pub some_paths: bool,
}

impl Expected {
    /// Every reason for which a statement is not what was asked for, and what it says if it can be read.
    pub fn refusals(&self, statement: &Statement) -> (Option<Authorization>, Vec<Refusal>) {
        if statement.predicate_type != v1::TYPE {
            let why = format!("it is of the predicate type `{}`; `{}` is wanted", statement.predicate_type, v1::TYPE);
            return (None, vec![Refusal::new(Link::Statement, why)]);
        }
        let authorization = match Authorization::deserialize(&statement.predicate) {
            Ok(authorization) => authorization,
            Err(error) => return (None, vec![Refusal::from(Malformed::Shape(error))]),
        };
        let mut refusals = self.about(statement, &authorization);
        refusals.extend(self.worth(&authorization));
        refusals.extend(inconsistencies(statement, &authorization).into_iter().map(|why| Refusal::new(Link::Consistency, why)));
        (Some(authorization), refusals)
    }

    /// The same of what is said beside an authorization: only what it is about.
    pub fn about_only(&self, statement: &Statement) -> Vec<Refusal> {
        let missing = self.subjects.iter().filter(|(algorithm, hex)| !statement.is_about(algorithm, hex));
        missing.map(|(algorithm, hex)| Refusal::new(Link::Subject, format!("none of its subjects has the {algorithm} `{hex}`"))).collect()
    }

    /// Every way in which a repository is not the one that is wanted.
    pub fn of_repository(&self, repository: &v1::Repository) -> Vec<Refusal> {
        let wanted = [
            ("repository", &self.repository, repository.name.as_deref()),
            ("repository id", &self.repository_id, repository.id.as_deref()),
        ];
        let differs =
            |(what, wanted, found): (&str, &Option<String>, Option<&str>)| other(Link::Repository, what, wanted.as_deref()?, found);
        wanted.into_iter().filter_map(differs).collect()
    }

    fn about(&self, statement: &Statement, authorization: &Authorization) -> Vec<Refusal> {
        let policy = self.policy_digest.as_deref();
        let policy = policy.and_then(|wanted| other(Link::Record, "policy", wanted, Some(&authorization.policy.digest)));
        self.about_only(statement).into_iter().chain(self.of_repository(&authorization.repository)).chain(policy).collect()
    }

    fn worth(&self, authorization: &Authorization) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        match authorization.record {
            Record::Observed if !self.observed => {
                refusals.push(Refusal::new(Link::Record, "the gate only looked on: what is observed is never an authorization"));
            }
            Record::Retroactive if !self.retroactive => {
                refusals.push(Refusal::new(
                    Link::Record,
                    "the change had landed before it was asked about: no prior approval, an exception for ever",
                ));
            }
            _ => {}
        }
        if authorization.facts.as_ref().is_some_and(|facts| !facts.verified) && !self.unverified_facts {
            refusals.push(Refusal::new(Link::Record, "it was decided from a facts file, for which nobody vouches"));
        }
        if !authorization.paths.is_empty() && !self.some_paths {
            let why = format!("it is about some paths only, and nobody said who judged the others: {}", authorization.paths.join(", "));
            refusals.push(Refusal::new(Link::Record, why));
        }
        refusals
    }
}

/// That something is another one than is wanted, if it is.
fn other(link: Link, what: &str, wanted: &str, found: Option<&str>) -> Option<Refusal> {
    if found == Some(wanted) {
        return None;
    }
    let found = found.map_or_else(|| "none".to_owned(), |found| format!("`{found}`"));
    Some(Refusal::new(link, format!("its {what} is {found}; `{wanted}` is wanted")))
}

/// What does not hold together in what a statement says, whoever signed it.
fn inconsistencies(statement: &Statement, authorization: &Authorization) -> Vec<String> {
    let mut wrong = Vec::new();
    let Authorization { head, decision, approvals, exclusions, requirements, facts, record, exception, .. } = authorization;
    if !statement.is_about("gitCommit", head.commit.as_str()) || !statement.is_about("gitTree", &head.tree) {
        wrong.push(format!("its subjects are not commit `{}` and tree `{}`, which it says was judged", head.commit, head.tree));
    }
    let is_observed = decision.mode == v1::Mode::Observe;
    if is_observed != (*record == Record::Observed) || (!is_observed && decision.outcome != v1::Outcome::Authorized) {
        wrong.push("the record is not what the decision says".to_owned());
    }
    if (*record == Record::Retroactive) != matches!(exception, Some(v1::Override::Retroactive { .. })) && !is_observed {
        wrong.push("the record is not what the override says".to_owned());
    }
    if facts.as_ref().is_some_and(|facts| value_digest(&facts.content) != facts.digest) {
        wrong.push("the digest of the facts is of other facts".to_owned());
    }
    let counted: BTreeSet<u64> = approvals.iter().map(|approval| approval.actor_id).collect();
    wrong.extend(
        exclusions.iter().filter(|who| counted.contains(&who.actor_id)).map(|who| format!("`{}` is excluded, and counted", who.login)),
    );
    wrong.extend(unmet(requirements, &counted, decision.outcome));
    let asked = requirements.iter().filter(|requirement| !requirement.lifted).flat_map(|requirement| &requirement.windows);
    let asked: BTreeSet<&String> = asked.collect();
    let shut = authorization.windows.iter().filter(|window| asked.contains(&window.id) && !window.open);
    if decision.outcome == v1::Outcome::Authorized {
        wrong.extend(shut.map(|window| format!("the window `{}` was closed", window.id)));
    }
    wrong
}

/// Rules that have not what they need, people who were not counted, and people who were counted twice.
fn unmet(requirements: &[v1::Requirement], counted: &BTreeSet<u64>, outcome: v1::Outcome) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut seats: BTreeMap<u64, usize> = BTreeMap::new();
    for requirement in requirements.iter().filter(|requirement| !requirement.lifted) {
        let name = requirement.rule.as_deref().unwrap_or("what holds in any case");
        let needed: usize = requirement.needed.iter().map(|needed| needed.count).sum();
        if outcome == v1::Outcome::Authorized && (requirement.outcome != outcome || requirement.satisfied_by.len() < needed) {
            wrong.push(format!("`{name}` needs {needed} and has {}", requirement.satisfied_by.len()));
        }
        for actor in &requirement.satisfied_by {
            *seats.entry(actor.actor_id).or_default() += 1;
            if !counted.contains(&actor.actor_id) {
                wrong.push(format!("`{}` satisfies `{name}`, and no approval of theirs is there", actor.login));
            }
        }
    }
    wrong.extend(seats.into_iter().filter(|(_, seats)| *seats > 1).map(|(id, _)| format!("the person with the id {id} is counted twice")));
    wrong
}
