//! The words of a witness, read back into requests, and what each statement of a side has to do with one.

use super::condition::{Variables, policy_variables, sent};
use super::naive::{self, Request};
use super::pattern::{Notation, Principal, variable};
use super::{Atom, Attachment, Effect, Grant, Rules, Slot};
use crate::access::{Letter, Word};
use crate::systems::{Bearing, Region, Witness};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Past this many, statements that only come near tell nothing.
const MOST_NEAR: usize = 2;

/// The sides of one holder, of which witnesses are read back.
pub(super) struct Asked<'s> {
    pub(super) sides: [&'s Rules; 2],
    holder: Arc<str>,
    realm: Arc<str>,
    atoms: Variables,
    /// The keys of policy variables, in lower case.
    keys: BTreeSet<String>,
}

impl<'s> Asked<'s> {
    pub(super) fn new(sides: [&'s Rules; 2], Region { holder, realm, .. }: &Region) -> Self {
        let own = |attachment: &Attachment| attachment.holder.as_ref() == Some(holder) && attachment.realm == *realm;
        let grants = || sides.into_iter().flat_map(|rules| &rules.grants).filter(|grant| own(&grant.attachment));
        let resources = grants().flat_map(|grant| &grant.statement.resources.list);
        Self {
            sides,
            holder: Arc::clone(holder),
            realm: Arc::clone(realm),
            atoms: Variables::new(grants().map(|grant| &grant.statement.condition)),
            keys: resources.flat_map(|resource| policy_variables(resource.text())).map(str::to_ascii_lowercase).collect(),
        }
    }

    /// A witness says neither in which slot its holder is asked about nor of which kind its principal is, so each may be meant.
    pub(super) fn requests(&self, region: &Region) -> Vec<Request> {
        let Some(witness) = &region.witness else { return Vec::new() };
        let mut facts = self.atoms.told(witness);
        facts.extend(self.keys.iter().map(|key| match sent(key, witness) {
            [] => (Atom::Missing(key.as_str().into()), true),
            [value, ..] => (Atom::Is("StringEquals".into(), key.as_str().into(), value.as_str().into()), true),
        }));
        // What a region needs besides is always an Allow that stands elsewhere.
        facts.extend(region.provided.is_some().then_some((Atom::OtherAllow, true)));
        let action: Vec<Word> = witness.action.to_ascii_lowercase().splitn(2, ':').map(Word::plain).collect();
        let mut requests = Vec::new();
        for slot in self.slots() {
            requests.extend(principals(slot, witness).into_iter().map(|principal| Request {
                realm: Arc::clone(&self.realm),
                holder: Arc::clone(&self.holder),
                slot,
                principal,
                action: action.clone(),
                resource: resource(&witness.resource),
                facts: facts.clone(),
            }));
        }
        requests
    }

    /// A boundary is asked together with the identity policies that it limits.
    fn slots(&self) -> BTreeSet<Slot> {
        let documents = self.sides.into_iter().flat_map(|rules| &rules.documents);
        let own = documents.filter(|document| document.holder.as_ref() == Some(&self.holder) && document.realm == self.realm);
        let mut slots: BTreeSet<Slot> = own.map(|document| document.slot).collect();
        if slots.contains(&Slot::Identity) {
            slots.remove(&Slot::Boundary);
        }
        slots
    }
}

/// Kind, account, who.
fn principals(slot: Slot, witness: &Witness) -> Vec<Vec<Word>> {
    let plain = |kind: &str| {
        ["", &witness.principal].iter().fold(vec![Word::plain(kind)], |words, word| [words, vec![Word::plain(*word)]].concat())
    };
    if !matches!(slot, Slot::Resource | Slot::Trust) {
        return vec![plain("aws")];
    }
    let exact = |principal: Principal| principal.globs().iter().map(|glob| glob.as_exact().map(Word::plain)).collect::<Option<Vec<_>>>();
    let named = Principal::parse("AWS", &witness.principal).ok().and_then(|named| exact(named.by_itself()));
    named.into_iter().chain(["aws", "service", "federated", "canonicaluser"].map(plain)).collect()
}

/// The six parts of an ARN. `*` alone is the resource of actions that have none, which is like no ARN.
fn resource(text: &str) -> Vec<Word> {
    let text = if text == "*" { "*:::::" } else { text };
    letters(text).splitn(6, |letter| *letter == Letter::Char(':')).map(|letters| Word::new(letters.to_vec())).collect()
}

/// `${…}` stands for a text that only a request knows.
fn letters(text: &str) -> Vec<Letter> {
    let (mut letters, mut rest) = (Vec::new(), text);
    while let Some(c) = rest.chars().next() {
        if let Some((name, after)) = rest.strip_prefix("${").and_then(|inside| inside.split_once('}')) {
            letters.push(variable(name));
            rest = after;
        } else {
            letters.push(Letter::Char(c));
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    letters
}

/// Statements that are about the request, or else a few of those that miss it by the least.
pub(super) fn bearing(rules: &Rules, request: &Request) -> Vec<Bearing> {
    let mut all: Vec<Bearing> = rules.grants.iter().filter(|grant| concerns(grant, request)).map(|grant| one(grant, request)).collect();
    let least = all.iter().map(|bearing| bearing.misses.len()).min().unwrap_or_default();
    // A cap is told beside what it limits.
    let is_told = |bearing: &Bearing| bearing.misses.len() == least || bearing.is_cap && bearing.misses.len() < 2;
    all.retain(is_told);
    all.sort_by(|a, b| (a.misses.len(), a).cmp(&(b.misses.len(), b)));
    let about = all.iter().filter(|bearing| bearing.misses.is_empty()).count();
    all.truncate(about + MOST_NEAR);
    all
}

fn concerns(Grant { attachment, .. }: &Grant, request: &Request) -> bool {
    let in_slot = attachment.slot == request.slot || (attachment.slot == Slot::Boundary && request.slot == Slot::Identity);
    in_slot && attachment.holder.as_ref() == Some(&request.holder) && attachment.realm == request.realm
}

fn one(Grant { attachment, statement, origin }: &Grant, request: &Request) -> Bearing {
    let fact = |atom: &Atom| request.facts.get(atom).copied().unwrap_or(false);
    let meets = [
        (statement.principals.matches(&request.principal), "it is about another principal"),
        (statement.actions.matches(&request.action), "it is about other actions"),
        (naive::is_about(&statement.resources, request), "it is about other resources"),
        (statement.condition.holds(&fact), "its condition is not met"),
    ];
    let (allows, is_cap) = (statement.effect == Effect::Allow, attachment.slot.is_cap());
    Bearing {
        place: origin.clone(),
        what: match (allows, is_cap) {
            (true, false) => "an Allow",
            (false, false) => "a Deny",
            (true, true) => "an Allow of a cap",
            (false, true) => "a Deny of a cap",
        },
        allows,
        is_cap,
        misses: meets.into_iter().filter(|(is_met, _)| !is_met).map(|(_, miss)| miss).collect(),
    }
}
