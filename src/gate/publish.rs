//! What is to stand at the change request of a decision, and that it comes to stand there.

use super::decide::Verdict;
use super::judged::Judged;
use super::suggest::suggest;
use super::{Error, Form, one_line};
use crate::report::publication::{Gate, Publication};
use crate::world::ci::About;
use crate::world::forge::{Channel, Connection, Forge, Report, Target};
use std::collections::BTreeSet;

impl Judged {
    /// The gate that judges this, for whoever asks which of several wrote something. Where the policy stands is known before it is read.
    fn gate(&self, environment: Option<&str>) -> Gate {
        let path = |path: &std::path::PathBuf| path.to_string_lossy().into_owned();
        let policy = [self.policy_repository.as_ref().map(|repository| path(&repository.clone)), self.policy.as_ref().map(path)];
        let policy: Vec<String> = policy.into_iter().flatten().collect();
        Gate::new(&policy.join(" "), self.stage, environment, &self.request.paths, self.now)
    }
}

impl Verdict {
    /// What is to stand at the change request, with lines to take instead where some are known. `details` is an address under which the
    /// whole report is found.
    pub fn publication(&self, judged: &Judged, environment: Option<&str>, details: Option<&str>) -> Result<Publication, Error> {
        let mut publication = self.without_suggestions(judged, environment, details);
        suggest(judged, self, &mut publication.notes)?;
        Ok(publication)
    }

    fn without_suggestions(&self, judged: &Judged, environment: Option<&str>, details: Option<&str>) -> Publication {
        let gate = judged.gate(environment);
        self.decided(|decided| Publication::of(decided, gate, details))
    }
}

/// Where a report goes.
#[derive(Clone, Debug)]
pub struct Publish {
    /// How to reach the forge.
    pub connection: Connection,
    /// What the report is about.
    pub target: Target,
    /// Which parts of it.
    pub channels: BTreeSet<Channel>,
    /// The environment that is judged, if it is for one.
    pub environment: Option<String>,
    /// An address under which the whole report is found.
    pub details: Option<String>,
}

impl Publish {
    /// The same of another change request.
    #[must_use]
    pub fn about(&self, target: Option<&Target>) -> Self {
        Self { target: target.unwrap_or(&self.target).clone(), ..self.clone() }
    }

    /// The same of a part of what a commit brings: alerts of a part would close those of the others.
    #[must_use]
    pub fn of_several(&self) -> Self {
        let channels = self.channels.iter().copied().filter(|channel| *channel != Channel::CodeScanning).collect();
        Self { channels, ..self.clone() }
    }

    /// Takes up what a change request proposes that somebody named.
    pub fn take_up(&mut self, about: &About) {
        if let About::Request { number, head, target } = about {
            self.target.change_request = Some(*number);
            self.target.branch = Some(target.clone());
            self.target.head.clone_from(head);
            self.target.reference = Some(format!("refs/pull/{number}/head"));
        }
    }

    /// Writes what there is to say of a decision, or of why there is none; what became of each part, in words. None of it changes what was
    /// decided.
    pub fn publish(&self, judged: &Judged, outcome: Result<&Verdict, &Error>) -> Vec<Written> {
        let publication = match outcome {
            Ok(verdict) => self.publication(judged, verdict),
            Err(error) => Publication::of_error(&one_line(error), judged.gate(self.environment.as_deref()), self.details.as_deref()),
        };
        // An analysis without results would close every alert, so there is none where nothing was decided.
        let sarif = outcome.ok().map(|verdict| verdict.render(Form::Sarif, false)).transpose().map_err(|error| one_line(&error));
        let written = sarif.and_then(|sarif| self.write(&publication, sarif.as_deref()));
        written.unwrap_or_else(|error| {
            self.channels.iter().map(|channel| Written { what: channel.name(), outcome: Err(error.clone()) }).collect()
        })
    }

    fn publication(&self, judged: &Judged, verdict: &Verdict) -> Publication {
        let (environment, details) = (self.environment.as_deref(), self.details.as_deref());
        let plain = || verdict.without_suggestions(judged, environment, details);
        if self.channels.contains(&Channel::Lines) {
            // Where no other line can be tried, the report says everything else.
            verdict.publication(judged, environment, details).unwrap_or_else(|_| plain())
        } else {
            plain()
        }
    }

    fn write(&self, publication: &Publication, sarif: Option<&str>) -> Result<Vec<Written>, String> {
        let forge = Forge::connect(&self.connection).map_err(|error| one_line(&error))?;
        let mut channels = self.channels.clone();
        if sarif.is_none() {
            channels.remove(&Channel::CodeScanning);
        }
        let report = Report { target: &self.target, publication, sarif: sarif.unwrap_or_default() };
        let published = forge.publish(&report, &channels);
        Ok(published
            .into_iter()
            .map(|one| Written { what: one.channel.name(), outcome: one.outcome.map_err(|error| one_line(&error)) })
            .collect())
    }
}

/// What became of one part of a report.
#[derive(Clone, Debug)]
pub struct Written {
    /// Which part.
    pub what: &'static str,
    /// What was done, or why nothing was.
    pub outcome: Result<String, String>,
}
