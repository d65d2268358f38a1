//! `countersign policy simulate`: the gate's own decision twice, as it stands and with what somebody supposes.

use super::decide::{decide, facts, head_of};
use super::policies::Loaded;
use super::{Error, Judged, Verdict};
use crate::policy::suppose::Supposed;
use crate::report::json::written;
use crate::report::simulation::{SimulationReport, Situation, report, text};
use crate::world::repository::{Side, Sides};
use chrono::{DateTime, Utc};
use std::path::PathBuf;

/// What to suppose, and of which change.
pub struct Simulate {
    /// The change as it stands.
    pub judged: Judged,
    /// It is judged by the policy in this file.
    pub policy: Option<PathBuf>,
    /// It is judged by this revision of the policy repository.
    pub policy_ref: Option<String>,
    /// This user of the policy opened it.
    pub author: Option<String>,
    /// These users of the policy approve it as it is.
    pub approvals: Vec<String>,
    /// It carries these labels besides.
    pub labels: Vec<String>,
    /// It is judged at this instant.
    pub at: Option<DateTime<Utc>>,
}

/// Both decisions.
#[derive(Debug)]
pub struct Simulation(SimulationReport);

impl Simulation {
    /// Side by side.
    pub fn text(&self) -> String {
        text(&self.0)
    }

    /// The same for machines.
    pub fn json(&self) -> Result<String, Error> {
        Ok(written(&self.0)?)
    }
}

/// Decides as it stands, and as it would be.
pub fn simulate(asked: &Simulate) -> Result<Simulation, Error> {
    let sides = asked.judged.request.open()?;
    let target = asked.judged.target()?;
    let own = target.as_ref().unwrap_or(&sides).base();
    let before = match (asked.judged.policy(own), &asked.policy) {
        (Ok(policy), _) => Some(situation(&asked.judged, &sides, own, policy, |_| Ok(Supposed::default()))?),
        (Err(Error::NoPolicy), Some(_)) => None,
        (Err(error), _) => return Err(error),
    };
    let judged = asked.supposed();
    let after = situation(&judged, &sides, own, judged.policy(own)?, |policy| asked.people(policy))?;
    Ok(Simulation(report(asked.sentences(), asked.assumed(), before, after)))
}

/// The decision with what is supposed besides the facts.
fn situation(
    judged: &Judged,
    sides: &Sides,
    own: &Side,
    policy: Loaded,
    suppose: impl FnOnce(&Loaded) -> Result<Supposed, Error>,
) -> Result<Situation, Error> {
    let Verdict { decision, policy, now, .. } = decide(judged, sides, own, policy, |policy, needs| {
        let known = facts(judged, sides, needs)?;
        Ok(Some(suppose(policy)?.with(known, head_of(sides), judged.now)))
    })?;
    Ok(Situation::of(&decision, &policy.path, &policy.digest, now))
}

impl Simulate {
    /// What is judged, with the policy and the instant that are supposed.
    fn supposed(&self) -> Judged {
        let mut judged = self.judged.clone();
        judged.now = self.at.unwrap_or(judged.now);
        if self.policy.is_some() {
            (judged.policy, judged.policy_from, judged.policy_repository) = (self.policy.clone(), None, None);
        }
        if let (Some(repository), Some(revision)) = (&mut judged.policy_repository, &self.policy_ref) {
            repository.revision.clone_from(revision);
        }
        judged
    }

    /// The people, as the policy knows them.
    fn people(&self, policy: &Loaded) -> Result<Supposed, Error> {
        let person = |login: &String| policy.policy.known_person(login).map_err(Error::UnknownPerson);
        Ok(Supposed {
            author: self.author.as_ref().map(person).transpose()?,
            approvals: self.approvals.iter().map(person).collect::<Result<_, _>>()?,
            labels: self.labels.clone(),
        })
    }

    fn sentences(&self) -> Vec<String> {
        let author = self.author.iter().map(|login| format!("{login} opened the change"));
        let approvals = self.approvals.iter().map(|login| format!("{login} approves the change as it is"));
        let labels = self.labels.iter().map(|label| format!("it is labelled `{label}`"));
        let at = self.at.iter().map(|at| format!("it is {}", at.format("%A %Y-%m-%d %H:%M UTC")));
        let policy = self.policy.iter().map(|path| format!("the policy is `{}`", path.display()));
        let revision = self.policy_ref.iter().map(|name| format!("the policy is that of `{name}` in the policy repository"));
        author.chain(approvals).chain(labels).chain(at).chain(policy).chain(revision).collect()
    }

    fn assumed(&self) -> Vec<String> {
        let nobody = "there are no facts, so somebody in no group opened the change, nobody else had a part in it or reviewed it, \
                      its access is new, and no review of an exception is owed";
        self.judged.facts.is_none().then(|| nobody.to_owned()).into_iter().collect()
    }
}
