//! The words of a witness, read back into a request.

use super::regions::provided;
use super::{Fact, Level, Request, Rules, Scope, Starter};
use crate::systems::Region;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(super) fn requests(sides: [&Rules; 2], region: &Region) -> Vec<Request> {
    request(sides, region).into_iter().collect()
}

fn request(sides: [&Rules; 2], region: &Region) -> Option<Request> {
    let witness = region.witness.as_ref()?;
    let mut jobs = sides.into_iter().flat_map(|rules| &rules.jobs);
    let job = jobs.find(|job| job.realm == region.realm && job.name.to_string() == *region.holder)?;
    Some(Request {
        realm: Arc::clone(&region.realm),
        job: job.name.clone(),
        starter: Starter::ALL.into_iter().find(|starter| starter.name() == witness.principal)?,
        scope: Scope::by_name(&witness.resource)?,
        level: Level::ALL.into_iter().find(|level| level.name() == witness.action)?,
        facts: facts(region),
    })
}

/// A witness tells the guards of a job; of what else has to be true the region tells.
fn facts(region: &Region) -> BTreeMap<Fact, bool> {
    let guards = region.witness.iter().flat_map(|witness| &witness.facts);
    let mut facts: BTreeMap<Fact, bool> = guards.map(|(text, value)| (Fact::Guard(text.as_str().into()), *value)).collect();
    let said: Vec<&str> = region.provided.iter().flat_map(|text| text.split(" and ")).collect();
    for fact in [Fact::PermissiveDefault, Fact::CallerHas] {
        let value = [true, false].into_iter().find(|value| provided(&fact, *value).is_some_and(|sentence| said.contains(&sentence)));
        facts.extend(value.map(|value| (fact, value)));
    }
    facts
}
