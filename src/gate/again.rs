//! Change requests that are open, judged again: a window has opened, somebody left a group, or nobody has looked for long.

use super::check::check;
use super::judged::Judged;
use super::locate::{Located, Wanted, found};
use super::round::{Part, Round};
use super::{Error, Request, Stage};
use crate::world::ci::{About, Home, Job};
use crate::world::forge::{Forge, Listed, Target};
use crate::world::repository::Repository;
use std::path::Path;

/// Whether a job is about no change of its own, so that those are meant that are open. Only a clock's is: that nothing is open stops nothing,
/// and whoever may write could start any other where a push was stopped.
pub fn is_round(job: &Job, wanted: &Wanted) -> bool {
    let is_by_clock = matches!(job.about, About::State { by_clock: true, .. });
    is_by_clock && wanted.base.is_none() && wanted.stage != Some(Stage::Deploy) && !wanted.is_deployment()
}

/// What a job would be about that runs for this change request. Its newest commit is brought into the clone.
pub fn requested(home: &Home, number: u64, clone: &Path) -> Result<About, Error> {
    let forge = Forge::connect(&home.connection)?;
    let listed = forge.request(&home.repository, number)?;
    if !listed.is_open {
        return Err(Error::NotOpen { number });
    }
    about(&forge, &home.repository, &listed, clone)
}

/// Judges every change request that is open, each from where it left its branch. `template` says how, and not what.
pub fn again(home: &Home, wanted: &Wanted, template: &Judged) -> Result<Round, Error> {
    if template.facts.is_some() || !template.request.plans.is_empty() || !template.request.rendered.is_empty() {
        return Err(Error::InputsOfOne);
    }
    let forge = Forge::connect(&home.connection)?;
    let listed = forge.open_requests(&home.repository)?;
    let place = Place { home, wanted, template, forge: &forge };
    Ok(Round { parts: listed.iter().map(|listed| place.judged(listed)).collect() })
}

struct Place<'p> {
    home: &'p Home,
    wanted: &'p Wanted,
    template: &'p Judged,
    forge: &'p Forge,
}

impl Place<'_> {
    fn judged(&self, listed: &Listed) -> Part {
        let head = listed.head.clone().unwrap_or_default();
        let (judged, outcome) = match self.located(listed) {
            Ok(located) => {
                let judged = located.judged(self.template);
                let outcome = check(&judged);
                (judged, outcome)
            }
            // What there is to say of it goes where its decision would.
            Err(error) => (Judged { stage: Stage::Merge, ..self.template.clone() }, Err(error)),
        };
        let reference = Some(format!("refs/pull/{}/head", listed.number));
        let branch = Some(listed.target.clone());
        let target = Target { repository: self.home.repository.clone(), change_request: Some(listed.number), branch, head, reference };
        let title = format!("Change request {}", listed.number);
        Part { title, change_request: Some(listed.number), judged, outcome, target: Some(target) }
    }

    fn located(&self, listed: &Listed) -> Result<Located, Error> {
        let clone = &self.template.request.repo;
        let about = about(self.forge, &self.home.repository, listed, clone)?;
        let wanted = Wanted { stage: Some(Stage::Merge), ..self.wanted.clone() };
        found(&self.home.job(about), clone, &wanted)
    }
}

fn about(forge: &Forge, repository: &str, listed: &Listed, clone: &Path) -> Result<About, Error> {
    let Listed { number, head, target, .. } = listed.clone();
    let head = head.ok_or(Error::NoCommits { number })?;
    if !Repository::open(clone)?.contains(&head) {
        forge.fetch(repository, &head, clone).map_err(|why| Error::NotBrought { number, commit: head.clone(), why })?;
    }
    Ok(About::Request { number, head, target })
}

impl Located {
    /// What is judged, as far as `template` leaves it open.
    pub fn judged(self, template: &Judged) -> Judged {
        let request = Request { base: self.base, head: self.head, ..template.request.clone() };
        let policy_from = template.policy_from.clone().or(self.policy_from);
        Judged { request, policy_from, forge: self.forge, stage: self.stage, ..template.clone() }
    }
}
