//! What `check` and `attest` judge: the same change, by the same policy, from the same facts.

use super::common::{Compared, Error, PolicyElsewhere, instant};
use crate::gate::{self, Judged, Located, Wanted};
use crate::world::ci::Job;
use crate::world::clock;
use chrono::{DateTime, Utc};
use std::path::PathBuf;

/// What to judge, and by what.
#[derive(Debug, clap::Args)]
pub struct Judging {
    #[command(flatten)]
    pub compared: Compared,
    /// The facts of the change request: author, contributors, reviews, labels
    #[arg(long, value_name = "FILE")]
    facts: Option<PathBuf>,
    /// Judge by this file, not by the base side's policy; in a policy repository by this path
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Judge by the policy of this revision, such as the branch that the change goes to
    #[arg(long, value_name = "REV", conflicts_with = "policy")]
    policy_from: Option<String>,
    /// Where the change stands; without it the job says so, and outside of one it is `merge`
    #[arg(long, value_enum, value_name = "STAGE")]
    stage: Option<Stage>,
    #[command(flatten)]
    elsewhere: PolicyElsewhere,
    /// Judge as of this instant, such as 2026-11-25T21:00:00Z
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<DateTime<Utc>>,
    /// Where it is deployed to, if the job of the pipeline does not say so
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Stage {
    /// Before it is merged: the facts are about what is judged
    Merge,
    /// Before it is deployed: what landed lies within `base` to `head` of the facts
    Deploy,
}

impl From<Stage> for gate::Stage {
    fn from(stage: Stage) -> Self {
        match stage {
            Stage::Merge => Self::Merge,
            Stage::Deploy => Self::Deploy,
        }
    }
}

impl Judging {
    /// As the gate asks for it, and what the job of the pipeline said of it, where that had to be found.
    pub fn judged(&self) -> Result<(Judged, Option<Located>), Error> {
        self.judged_in(self.job()?.as_ref())
    }

    /// The same by a job that may say what is not named.
    pub fn judged_in(&self, job: Option<&Job>) -> Result<(Judged, Option<Located>), Error> {
        let (request, located) = match job {
            Some(job) => self.compared.request_of(job, self.wanted()).map(|(request, located)| (request, Some(located)))?,
            None => (self.compared.request()?, None),
        };
        let found = located.clone().unwrap_or_else(|| Located::named(self.stage.map(Into::into).unwrap_or_default()));
        Ok((self.judge(request, found), located))
    }

    /// The job that says what is not named; `None` where everything is.
    pub fn job(&self) -> Result<Option<Job>, Error> {
        self.compared.job(self.compared.has_plan() && self.wanted().has_policy)
    }

    /// What is said of what a job is about.
    pub fn wanted(&self) -> Wanted {
        let has_policy = self.policy.is_some() || self.policy_from.is_some() || self.elsewhere.repository().is_some();
        let (stage, environment) = (self.stage.map(Into::into), self.environment.clone());
        let wanted = Wanted { stage, environment, has_policy, has_facts: self.facts.is_some(), base: None };
        self.compared.wanted(wanted)
    }

    /// How something is judged of which it is not known yet what.
    pub fn template(&self) -> Judged {
        self.judge(self.compared.template(), Located::named(gate::Stage::Merge))
    }

    fn judge(&self, request: gate::Request, found: Located) -> Judged {
        Judged {
            request,
            policy: self.policy.clone(),
            policy_from: self.policy_from.clone().or(found.policy_from),
            policy_repository: self.elsewhere.repository(),
            facts: self.facts.clone(),
            forge: found.forge,
            now: self.at.unwrap_or_else(clock::now),
            stage: found.stage,
            deployed: None,
            missing: Vec::new(),
        }
    }

    /// Whether somebody said for which instant it is judged.
    pub fn has_time(&self) -> bool {
        self.at.is_some()
    }
}
