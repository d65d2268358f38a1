//! AWS IAM: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html> and
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.
//!
//! A holder's access in its realm is `(allow ∨ another allow) ∧ ¬deny ∧ caps`. *Another allow* is a variable: nobody can see from
//! one file what else its holder may do, so a Deny that shrinks is a gain for whoever holds another Allow.

mod asked;
mod blocks;
mod cell;
mod condition;
mod cutting;
mod defaults;
mod description;
mod differences;
mod evaluate;
mod example;
pub mod knowledge;
mod naive;
mod near;
mod open_type;
mod pattern;
mod plain;
mod regions;
mod severity;
mod side;
mod subject;
mod terms;
mod vacuity;
mod worlds;

pub use condition::{Atom, Clause, Condition, Doubt, names as operators};
pub use evaluate::Aws;
pub use naive::Request;
pub use open_type::leaves_type_open;
pub use pattern::{Action, Notation, Patterns, Principal, Resource};

use crate::document::Place;
use crate::systems::{Opaque, content_digest};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where a policy is attached, which decides what its statements do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Slot {
    /// A user's, group's or role's own policy: grants.
    Identity,
    /// A bucket's, queue's, key's, … policy: grants to the principals it names.
    Resource,
    /// Who may assume a role: grants, and stands on its own.
    Trust,
    /// A permissions boundary: the most that its holder can have.
    Boundary,
    /// A service control policy of an organisation: the most that anybody in the account can have.
    ServiceControl,
    /// A resource control policy of an organisation: the most that anybody can do with the account's resources.
    ResourceControl,
    /// A session policy: the most that the session can have.
    Session,
}

impl Slot {
    /// Whether statements in this slot limit access instead of giving it.
    pub fn is_cap(self) -> bool {
        !matches!(self, Self::Identity | Self::Resource | Self::Trust)
    }
}

/// Allow or Deny.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// `"Effect": "Allow"`
    Allow,
    /// `"Effect": "Deny"`; always wins.
    Deny,
}

/// What a statement says, in a canonical form: lists are sorted and free of repeats, a `Sid` is no part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Statement {
    /// Allow or Deny.
    pub effect: Effect,
    /// `Principal` or `NotPrincipal`; any principal where the slot has none.
    pub principals: Patterns<Principal>,
    /// `Action` or `NotAction`.
    pub actions: Patterns<Action>,
    /// `Resource` or `NotResource`; any resource where the slot has none, as in a trust policy.
    pub resources: Patterns<Resource>,
    /// `Condition`.
    pub condition: Condition,
}

/// The document that a statement is part of: whose it is, where it holds, how it is attached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Attachment {
    /// The world in which it holds.
    pub realm: Arc<str>,
    /// Who has it. `None` is anybody: a ceiling or a rule's filter.
    pub holder: Option<Arc<str>>,
    /// How it is attached.
    pub slot: Slot,
}

/// One statement of access as a file makes it.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Whose, where, how.
    pub attachment: Attachment,
    /// What it says; shared by all that were read from the same text.
    pub statement: Arc<Statement>,
    /// Where it stands; no part of what it means.
    pub origin: Place,
}

/// Something that a holder has once alone, whatever says so: its trust policy, its boundary, its policy of some name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sole {
    /// The world in which it holds.
    pub realm: Arc<str>,
    /// Who has it.
    pub holder: Arc<str>,
    /// What it is, in words: `its trust policy`.
    pub what: String,
}

/// One side: all statements of all its files.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The statements.
    pub grants: Vec<Grant>,
    /// The documents that are there, those without statements too: an empty boundary forbids everything, a missing one nothing.
    pub documents: BTreeSet<Attachment>,
    /// What is said of what there is once alone: the digests of all that is said, and where it is.
    pub soles: BTreeMap<Sole, BTreeMap<String, Place>>,
    /// What could not be read.
    pub opaque: BTreeSet<Opaque>,
}

impl Rules {
    /// Adds another file's rules.
    pub fn join(&mut self, other: Self) {
        self.grants.extend(other.grants);
        self.documents.extend(other.documents);
        self.opaque.extend(other.opaque);
        for (sole, said) in other.soles {
            self.soles.entry(sole).or_default().extend(said);
        }
    }
    /// What there is once alone and is said in different words. One of them holds, and nobody knows which; so all that its holder has is
    /// undecided as soon as any of it changes.
    pub fn contradictions(&self) -> BTreeSet<Opaque> {
        let several = self.soles.iter().filter(|(_, said)| said.len() > 1);
        let contradiction = |(sole, said): (&Sole, &BTreeMap<String, Place>)| {
            let of_holder = self
                .grants
                .iter()
                .filter(|grant| grant.attachment.realm == sole.realm && grant.attachment.holder.as_ref() == Some(&sole.holder));
            let statements: BTreeSet<_> = of_holder.map(|grant| (grant.attachment.slot, &*grant.statement)).collect();
            let statements = format!("{statements:?}");
            let parts: Vec<&str> = [&*sole.what, &statements].into_iter().chain(said.keys().map(String::as_str)).collect();
            let why = format!("{} is said more than once, in different words, and only one of them holds", sole.what);
            let place = said.values().min().cloned()?;
            Some(Opaque { holder: Arc::clone(&sole.holder), realm: Arc::clone(&sole.realm), digest: content_digest(&parts), why, place })
        };
        several.filter_map(contradiction).collect()
    }

    /// In an order, not hashed: two statements mostly differ at their beginning, and a hash takes all of them.
    fn statements(&self) -> BTreeSet<(&Attachment, &Statement)> {
        self.grants.iter().map(|grant| (&grant.attachment, &*grant.statement)).collect()
    }

    /// Whether both have the same statements in the same documents, under the same names, wherever they stand.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let texts = |rules: &Self| -> Vec<(Sole, Vec<String>)> {
            rules.soles.iter().map(|(sole, said)| (sole.clone(), said.keys().cloned().collect())).collect()
        };
        let opaque = |rules: &Self| rules.opaque.iter().map(|part| part.digest.clone()).collect::<BTreeSet<_>>();
        texts(self) == texts(other)
            && self.documents == other.documents
            && self.statements() == other.statements()
            && opaque(self) == opaque(other)
    }
}
