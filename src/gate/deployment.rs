//! What is deployed, judged change request by change request: each lies within what was authorized for it, and so all of them together
//! lie within all that was authorized.
//!
//! Whatever may be done after them and could not be done before came with one of them, and is gained there.

use super::check::check;
use super::judged::{Judged, OnForge};
use super::round::{Part, Round, single};
use super::today::brought;
use super::{Error, Request};
use crate::policy::Outcome;
use crate::world::repository::{Repository, Step};

/// Nobody judges more commits of one deployment.
const MOST_COMMITS: usize = 500;

/// Why nobody knows what was authorized of something older than what is deployed, or from elsewhere.
const NOT_AFTER: &str = "what is deployed now does not lead to it, as with a rollback, and nobody approved to go there from here; let a change \
     request give that access again, or hand in who approved it by `--facts`";

/// The same where there is nothing between the two states.
const NOTHING_LANDED: &str = "nothing landed since what is deployed now, so what is gained comes of a plan or of what was rendered, and nobody approved \
     that; hand in who did by `--facts`";

/// The same of what landed otherwise.
const NO_REQUEST: &str = "it landed by no change request that the forge names";

/// What came onto a branch by one change request, or by none that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Landed {
    change_request: Option<u64>,
    base: String,
    head: String,
}

/// Judges what lies between what was deployed and what is to be. What stands `beside` it may be deployed instead, as somebody says; whoever
/// may write may say so of any commit, and it may be true.
pub fn deployment(judged: &Judged, beside: &[String]) -> Result<Round, Error> {
    let mut round = since_its_base(judged)?;
    for commit in beside {
        let request = Request { base: commit.clone(), ..judged.request.clone() };
        let title = format!("Since {}, which is said to be deployed as well", short(commit));
        let judged = Judged { request, ..judged.clone() };
        let parts = match brought(&judged, commit)? {
            Ok(()) => since_its_base(&judged)?.parts,
            // What nobody can compare with hides nothing of the rest.
            Err(why) => {
                vec![Part { title: title.clone(), change_request: None, judged, outcome: Err(Error::BesideIsGone(why)), target: None }]
            }
        };
        // Where nothing is to be said against it, there are not two decisions.
        round.parts.extend(parts.into_iter().filter(|part| part.weight() > 0).map(|part| Part { title: title.clone(), ..part }));
    }
    if round.parts.len() > 1 {
        // One that stood alone needed no title.
        let title = format!("Since {}, which was deployed last", short(&judged.request.base));
        round.parts.iter_mut().filter(|part| part.title.is_empty()).for_each(|part| part.title.clone_from(&title));
    }
    Ok(round)
}

/// Of what is authorized anyway no forge is asked.
fn since_its_base(judged: &Judged) -> Result<Round, Error> {
    let unasked = Judged { forge: None, ..judged.clone() };
    let whole = check(&unasked)?;
    let on = match &judged.forge {
        Some(on) if judged.facts.is_none() && whole.decision.outcome != Outcome::Authorized => on,
        _ => return Ok(Round::of(unasked, whole)),
    };
    if on.asked.change_request.is_some() {
        return single(judged);
    }
    let (Some(base), Some(head)) = (&whole.commits.0, &whole.commits.1) else { return Ok(Round::of(unasked, whole)) };
    let by_nobody = |why| single(&Judged { forge: Some(on.nobody(why)), ..judged.clone() });
    let Some(steps) = Repository::open(&judged.request.repo)?.after(base, head)? else { return by_nobody(NOT_AFTER) };
    if steps.is_empty() {
        return by_nobody(NOTHING_LANDED);
    }
    if steps.len() > MOST_COMMITS {
        return Err(Error::TooManyLanded { commits: steps.len(), most: MOST_COMMITS });
    }
    let commits: Vec<String> = steps.iter().map(|step| step.commit.clone()).collect();
    let by = on.landed_by(&commits)?;
    // All of it by one policy: what landed first does not decide about what landed after it.
    let is_named = judged.policy.is_some() || judged.policy_repository.is_some();
    let policy_from = judged.policy_from.clone().or_else(|| (!is_named).then(|| base.clone()));
    let judged = Judged { policy_from, ..judged.clone() };
    Ok(Round { parts: landed(base, &steps, &by).iter().map(|landed| landed.judged(&judged, on)).collect() })
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}

/// Commits one after the other that landed by the same change request are one.
fn landed(base: &str, steps: &[Step], by: &[Option<u64>]) -> Vec<Landed> {
    let mut all: Vec<Landed> = Vec::new();
    for (step, number) in steps.iter().zip(by) {
        match all.last_mut() {
            Some(last) if number.is_some() && last.change_request == *number => last.head.clone_from(&step.commit),
            _ => {
                let base = all.last().map_or_else(|| base.to_owned(), |last| last.head.clone());
                all.push(Landed { change_request: *number, base, head: step.commit.clone() });
            }
        }
    }
    all
}

impl Landed {
    fn judged(&self, whole: &Judged, on: &OnForge) -> Part {
        let request = Request { base: self.base.clone(), head: self.head.clone(), ..whole.request.clone() };
        let deployed = Some(whole.request.head.clone());
        let unasked = Judged { request, forge: None, deployed, ..whole.clone() };
        let forge = self.change_request.map_or_else(|| on.nobody(NO_REQUEST), |number| on.about(number));
        let judged = Judged { forge: Some(forge), ..unasked.clone() };
        let outcome = match check(&unasked) {
            // What gives nothing is not asked about.
            Ok(verdict) if verdict.decision.outcome == Outcome::Authorized => Ok(verdict),
            _ => check(&judged),
        };
        Part { title: self.title(), change_request: self.change_request, judged, outcome, target: None }
    }

    fn title(&self) -> String {
        let range = format!("{} to {}", short(&self.base), short(&self.head));
        match self.change_request {
            Some(number) => format!("What landed by change request {number}, {range}"),
            None => format!("What landed by no change request that the forge names, {range}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_of_one_change_request_are_judged_as_one_and_those_of_nobody_each_by_itself() {
        let steps: Vec<Step> = ["a", "b", "c", "d", "e"]
            .map(|id| Step {
                commit: id.to_owned(),
                parent: None,
                merged: Vec::new(),
                committed: chrono::DateTime::UNIX_EPOCH,
                subject: String::new(),
            })
            .to_vec();
        let found = landed("0", &steps, &[Some(1), Some(1), None, None, Some(1)]);
        let found: Vec<(Option<u64>, &str, &str)> = found.iter().map(|one| (one.change_request, &*one.base, &*one.head)).collect();
        assert_eq!(found, [(Some(1), "0", "b"), (None, "b", "c"), (None, "c", "d"), (Some(1), "d", "e")]);
    }
}
