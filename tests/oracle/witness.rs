//! The requests that we print as proof, as the judge takes them.

use super::ours::Said;
use super::request::{Request, holder};
use super::text::Context;
use super::vocabulary::Vocabulary;
use countersign::change::Entry;
use countersign::systems::aws::Slot;
use countersign::systems::{Kind, Witness};
use serde_json::json;

/// A request that has to be allowed on one side and not on the other.
pub struct Proof {
    pub kind: Kind,
    /// With another policy that allows everything.
    pub aided: bool,
    pub request: Request,
}

/// The proofs of everything that was said, and how many more need something that no request can carry.
pub fn proofs(said: &Said, slot: Slot, vocabulary: &Vocabulary) -> (Vec<Proof>, usize) {
    let told = said.entries.iter().filter(|entry| entry.kind != Kind::Undecided);
    let all: Vec<Option<Proof>> = told.map(|entry| proof(entry, slot, vocabulary)).collect();
    let untold = all.iter().filter(|proof| proof.is_none()).count();
    (all.into_iter().flatten().collect(), untold)
}

fn proof(entry: &Entry, slot: Slot, vocabulary: &Vocabulary) -> Option<Proof> {
    let witness = entry.region.witness.as_ref()?;
    if witness.facts.keys().any(|fact| !fact.starts_with("another policy of ")) {
        return None;
    }
    // Who limits somebody is always asked with an Allow of theirs; of these only organisations have other policies of the kind.
    let of_kind = || witness.facts.iter().any(|(fact, is_so)| *is_so && fact.starts_with("another policy of this kind"));
    let aided = if slot.is_cap() { of_kind() } else { entry.region.provided.is_some() };
    Some(Proof { kind: entry.kind, aided, request: request(witness, slot, vocabulary)? })
}

/// The witness as a request. A policy variable without a default gets some value, which the resource then has.
fn request(witness: &Witness, slot: Slot, vocabulary: &Vocabulary) -> Option<Request> {
    let mut context = Context::new();
    for (key, values) in &witness.context {
        let value = if values.len() == 1 && !vocabulary.is_list(key) { json!(values[0]) } else { json!(values) };
        context.insert(key.to_ascii_lowercase(), value);
    }
    let principal = if matches!(slot, Slot::Resource | Slot::Trust) { witness.principal.clone() } else { holder() };
    let mut resource = witness.resource.clone();
    while let Some((before, rest)) = resource.split_once("${") {
        let (name, after) = rest.split_once('}')?;
        let (key, default) = name.split_once(',').map_or((name, None), |(key, default)| (key, Some(default.trim().trim_matches('\''))));
        let key = key.trim().to_ascii_lowercase();
        // A key that has to be missing leaves the default.
        let value = match (context.get(&key), default) {
            (Some(value), _) => value.as_str()?.to_owned(),
            (None, Some(default)) => default.to_owned(),
            (None, None) => {
                let some = if key == "aws:principalaccount" { principal.split(':').nth(4)? } else { "v7" };
                context.entry(key).or_insert(json!(some)).as_str()?.to_owned()
            }
        };
        resource = format!("{before}{value}{after}");
    }
    let has_wildcard = resource != "*" && resource.contains('*');
    (!has_wildcard).then(|| Request::new(slot, principal, witness.action.clone(), resource, context))
}
