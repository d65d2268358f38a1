//! What a job is told: values for its later steps, a page beside it, annotations in its log, and a report in full.

use super::{Change, Error, Form, Part, Round, Verdict};
use crate::report::annotations::{self, one_line};
use crate::systems::Kind;
use crate::world::ci::Sink;

/// What there is to say in a job, in all the forms that its runner reads.
#[derive(Debug)]
pub struct Told {
    outputs: Vec<(&'static str, String)>,
    page: String,
    report: String,
    /// For the log, where the runner reads it; lines, or nothing.
    pub annotations: String,
}

impl Verdict {
    /// What the job is told of a decision.
    pub fn told(&self) -> Result<Told, Error> {
        let decision = [("decision", self.decision.headline()), ("next-step", self.decision.next_step.clone())];
        Ok(Told {
            outputs: decision.into_iter().chain(self.change.values()).collect(),
            page: self.summary(),
            report: self.render(Form::Json, false)?,
            annotations: self.decided(annotations::check),
        })
    }
}

impl Round {
    /// What the job is told of several decisions: what the worst says, and all of them on one page. Annotations would stand at the lines of
    /// another commit.
    pub fn told(&self) -> Result<Told, Error> {
        let verdicts = || self.parts.iter().filter_map(|part| part.outcome.as_ref().ok());
        let widens = verdicts().any(|verdict| verdict.change.has(Kind::Gained) || verdict.change.has(Kind::Undecided));
        let decision = self.worst().map_or_else(|| "no change request is open".to_owned(), Part::headline);
        let next = self.worst().map(|part| match &part.outcome {
            Ok(verdict) => format!("{}: {}", part.title, verdict.decision.next_step),
            Err(error) => format!("{}: {}", part.title, super::one_line(error)),
        });
        let outputs = [("decision", decision), ("next-step", next.unwrap_or_default()), ("widens", widens.to_string())];
        Ok(Told { outputs: outputs.into(), page: self.page(), report: self.render(Form::Json, false)?, annotations: String::new() })
    }
}

impl Change {
    /// What the job is told of a change that nobody judges.
    pub fn told(&self) -> Result<Told, Error> {
        Ok(Told {
            outputs: self.values().into(),
            page: self.render(Form::Markdown, false)?,
            report: self.render(Form::Json, false)?,
            annotations: annotations::diff(&self.entries, &self.diagnostics),
        })
    }

    /// The values that do not depend on a policy.
    fn values(&self) -> [(&'static str, String); 2] {
        [("widens", (self.has(Kind::Gained) || self.has(Kind::Undecided)).to_string()), ("delta-digest", self.digest.clone())]
    }
}

impl Told {
    /// Takes everything but the annotations where the job wants it; `false` if there was no room for the page.
    pub fn take_to(&self, sink: &Sink) -> Result<bool, Error> {
        let failed = |what| move |source| Error::Tell { what, source };
        let report = sink.report(&self.report).map_err(failed("report"))?;
        let has_room = sink.summary(&self.page).map_err(failed("summary"))?;
        let report = report.map(|path| ("report", path.to_string_lossy().into_owned()));
        let values: Vec<_> = self.outputs.iter().cloned().chain(report).map(|(name, value)| (name, one_line(&value))).collect();
        sink.outputs(&values).map_err(failed("outputs"))?;
        Ok(has_room)
    }
}
