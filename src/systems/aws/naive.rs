//! The evaluation logic as its documentation tells it, one request at a time, without classes, cells or formulas.

use super::condition::{key_and_default, policy_variables};
use super::{Atom, Attachment, Effect, Grant, Notation, Patterns, Resource, Rules, Slot};
use crate::access::{Letter, Word, matches};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One request and what is true of it.
#[derive(Clone, Debug)]
pub struct Request {
    /// Where.
    pub realm: Arc<str>,
    /// Whose policies are asked.
    pub holder: Arc<str>,
    /// Which of them: the identity policies with their boundary, the resource policy, the trust policy, or a cap.
    pub slot: Slot,
    /// Kind, account, who.
    pub principal: Vec<Word>,
    /// Service, name.
    pub action: Vec<Word>,
    /// The six parts of an ARN.
    pub resource: Vec<Word>,
    /// What is true of the request; an atom that is not here is false.
    pub facts: BTreeMap<Atom, bool>,
}

/// Whether these rules allow the request.
pub(super) fn allowed(rules: &Rules, request: &Request) -> bool {
    let fact = |atom: &Atom| request.facts.get(atom).copied().unwrap_or(false);
    let in_slot = |slot| says(rules, request, slot, &fact);
    match request.slot {
        Slot::Identity => {
            let (allow, deny) = in_slot(Slot::Identity);
            (allow || fact(&Atom::OtherAllow)) && !deny && within_boundary(rules, request, &fact)
        }
        Slot::Resource => {
            let (allow, deny) = in_slot(Slot::Resource);
            (allow || fact(&Atom::OtherAllow)) && !deny
        }
        Slot::Trust => {
            let (allow, deny) = in_slot(Slot::Trust);
            allow && !deny
        }
        Slot::Boundary => fact(&Atom::OtherAllow) && within_boundary(rules, request, &fact),
        cap => fact(&Atom::OtherAllow) && within_cap(rules, request, cap, &fact),
    }
}

/// A holder without a boundary is not limited; one with an empty boundary may do nothing.
fn within_boundary(rules: &Rules, request: &Request, fact: &dyn Fn(&Atom) -> bool) -> bool {
    let (allow, deny) = says(rules, request, Slot::Boundary, fact);
    !has_document(rules, request, Slot::Boundary) || (allow && !deny)
}

/// Policies of an organisation stand beside others of their kind, any of which may allow.
fn within_cap(rules: &Rules, request: &Request, slot: Slot, fact: &dyn Fn(&Atom) -> bool) -> bool {
    let (allow, deny) = says(rules, request, slot, fact);
    !has_document(rules, request, slot) || ((allow || fact(&Atom::OtherCap)) && !deny)
}

fn has_document(rules: &Rules, request: &Request, slot: Slot) -> bool {
    rules.documents.iter().any(|document| concerns(document, request, slot))
}

fn concerns(attachment: &Attachment, request: &Request, slot: Slot) -> bool {
    attachment.holder.as_ref() == Some(&request.holder) && attachment.realm == request.realm && attachment.slot == slot
}

/// Whether patterns are about the resource of a request, a policy variable being what the request has for it.
pub(super) fn is_about(resources: &Patterns<Resource>, request: &Request) -> bool {
    let is_spelt_out = |value: &&str| policy_variables(value).next().is_none();
    let value = |key: &str| {
        request.facts.iter().find_map(|(atom, is_so)| match atom {
            Atom::Is(operator, own, value) if *is_so && &**operator == "StringEquals" && &**own == key => {
                Some(&**value).filter(is_spelt_out)
            }
            _ => None,
        })
    };
    let letters = |name: &str| {
        let (key, default) = key_and_default(name);
        let is_missing = || request.facts.get(&Atom::Missing(key.into())) == Some(&true);
        let text = value(key).or_else(|| default.filter(|_| is_missing()))?;
        Some(text.chars().map(Letter::Char).collect())
    };
    let is_it =
        |resource: &Resource| matches(resource.globs(), &request.resource) || matches(resource.filled(&letters).globs(), &request.resource);
    resources.list.iter().any(is_it) != resources.negated
}

/// Whether some Allow and whether some Deny in the slot is about the request.
fn says(rules: &Rules, request: &Request, slot: Slot, fact: &dyn Fn(&Atom) -> bool) -> (bool, bool) {
    let about = |grant: &&Grant| {
        let statement = &grant.statement;
        concerns(&grant.attachment, request, slot)
            && statement.principals.matches(&request.principal)
            && statement.actions.matches(&request.action)
            && is_about(&statement.resources, request)
            && statement.condition.holds(fact)
    };
    let some = |effect| rules.grants.iter().filter(about).any(|grant| grant.statement.effect == effect);
    (some(Effect::Allow), some(Effect::Deny))
}
