//! What `check` and `attest` judge: the same change, by the same policy, from the same facts.

use super::common::{Compared, Error, PolicyElsewhere, instant};
use crate::gate::{self, Judged, Located, Wanted};
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
        let has_policy = self.policy.is_some() || self.policy_from.is_some() || self.elsewhere.repository().is_some();
        let is_enough = self.compared.has_plan() && has_policy;
        let stage = self.stage.map(Into::into);
        let wanted = Wanted { stage, environment: self.environment.clone(), has_policy, base: None };
        let (request, located) = self.compared.request_in_job(wanted, is_enough)?;
        let found = located.clone().unwrap_or_else(|| Located::named(stage.unwrap_or_default()));
        let judged = Judged {
            request,
            policy: self.policy.clone(),
            policy_from: self.policy_from.clone().or(found.policy_from),
            policy_repository: self.elsewhere.repository(),
            facts: self.facts.clone(),
            forge: found.forge,
            now: self.at.unwrap_or_else(clock::now),
            stage: found.stage,
            missing: Vec::new(),
        };
        Ok((judged, located))
    }

    /// Whether somebody said for which instant it is judged.
    pub fn has_time(&self) -> bool {
        self.at.is_some()
    }
}
