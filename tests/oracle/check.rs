//! What has to hold between what we say of a pair and what the judge says of requests.

use super::judge::Verdict;
use super::ours::{Said, means, said};
use super::pair::Pair;
use super::request::{Request, has_variables};
use super::vocabulary::Vocabulary;
use super::witness::{Proof, proofs};
use countersign::systems::Kind;
use countersign::systems::aws::Slot;

/// A pair, what we say of it, and what the judge is asked about it.
pub struct Question {
    pub pair: Pair,
    pub said: Said,
    pub requests: Vec<Request>,
    pub proofs: Vec<Proof>,
    /// Witnesses that need something which no request can carry.
    pub unproved: usize,
}

/// Something that does not hold, and the request that shows it.
#[derive(Clone, Debug)]
pub struct Failure {
    pub what: What,
    pub request: Request,
    pub text: String,
}

/// Which law is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// The judge allows after what it refused before, or the reverse, and no region of ours means it.
    Missed(Kind),
    /// A region of ours without a condition means a request for which the judge sees no difference.
    Overstated(Kind),
    /// A witness of ours is no such request.
    Disproved(Kind),
}

impl Verdict {
    fn shows(self, kind: Kind, aided: bool) -> bool {
        let [base, head] = if aided { self.aided } else { self.alone };
        if kind == Kind::Gained { head && !base } else { base && !head }
    }
}

impl Question {
    pub fn new(pair: Pair, requests: Vec<Request>) -> Self {
        let said = said(&pair);
        let (proofs, unproved) = proofs(&said, pair.slot, &Vocabulary::of(&pair));
        Self { pair, said, requests, proofs, unproved }
    }

    /// Everything that is asked, the proofs last.
    pub fn asked(&self) -> Vec<&Request> {
        self.requests.iter().chain(self.proofs.iter().map(|proof| &proof.request)).collect()
    }

    /// Everything that does not hold.
    pub fn failures(&self, verdicts: &[Option<Verdict>]) -> Vec<Failure> {
        let variables = has_variables(&self.pair);
        let mut failures = Vec::new();
        for (request, verdict) in self.asked().into_iter().zip(verdicts) {
            let Some(verdict) = *verdict else { continue };
            for kind in [Kind::Gained, Kind::Lost] {
                failures.extend(self.missed(kind, request, verdict, variables));
                failures.extend(self.overstated(kind, request, verdict, variables));
            }
        }
        failures.extend(self.disproved(verdicts));
        failures
    }

    /// What a holder gains by itself has to be said without `provided`. A variable that happens to have a text's value is not seen
    /// through: there the difference is said, and is said to need another policy.
    fn missed(&self, kind: Kind, request: &Request, verdict: Verdict, variables: bool) -> Option<Failure> {
        let alone = verdict.shows(kind, false);
        let is_certain = alone && !self.pair.slot.is_cap() && !variables;
        // What no request can be about is left out, and told apart.
        let is_missed =
            verdict.is_possible && (alone || verdict.shows(kind, true)) && !self.said.covers(kind, self.pair.slot, request, is_certain);
        is_missed.then(|| Failure { what: What::Missed(kind), request: request.clone(), text: format!("{verdict:?}") })
    }

    fn overstated(&self, kind: Kind, request: &Request, verdict: Verdict, variables: bool) -> Option<Failure> {
        if self.said.is_opaque || variables {
            return None;
        }
        let regions = self.said.entries.iter().filter(|entry| entry.kind == kind && entry.region.condition.is_none());
        let meant = regions.map(|entry| &entry.region).filter(|region| means(region, self.pair.slot, request));
        let (alone, aided) = (verdict.shows(kind, false), verdict.shows(kind, true));
        let mut wrong = meant.filter(|region| match (&region.provided, self.pair.slot) {
            (None, _) => !alone,
            (Some(_), Slot::Identity | Slot::Resource) => !aided,
            (Some(_), _) => !(alone && aided),
        });
        let text = |region| format!("{verdict:?} {region:?}");
        wrong.next().map(|region| Failure { what: What::Overstated(kind), request: request.clone(), text: text(region) })
    }

    fn disproved(&self, verdicts: &[Option<Verdict>]) -> Vec<Failure> {
        if self.said.is_opaque {
            return Vec::new();
        }
        let judged = self.proofs.iter().zip(verdicts.iter().skip(self.requests.len()));
        let wrong = judged.filter_map(|(proof, verdict)| Some((proof, verdict.filter(|verdict| !verdict.shows(proof.kind, proof.aided))?)));
        wrong
            .map(|(proof, verdict)| Failure {
                what: What::Disproved(proof.kind),
                request: proof.request.clone(),
                text: format!("{}{verdict:?}", if proof.aided { "with another policy: " } else { "" }),
            })
            .collect()
    }
}
