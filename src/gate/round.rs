//! Several decisions as one: of a deployment for each change request that landed, and of those that wait for each that is open. The worst
//! holds, and one that cannot be made hides no other.

use super::check::check;
use super::decide::Verdict;
use super::judged::Judged;
use super::{Error, Form, one_line};
use crate::report::decision_json;
use crate::report::round::{self, PartReport};
use crate::report::{json, markdown};
use crate::world::forge::Target;

/// The decision about one change, alone.
pub fn single(judged: &Judged) -> Result<Round, Error> {
    Ok(Round::of(judged.clone(), check(judged)?))
}

/// One of several decisions.
pub struct Part {
    /// What it is about, in a few words.
    pub title: String,
    /// The number of the change request, if there is one.
    pub change_request: Option<u64>,
    /// What was judged.
    pub judged: Judged,
    /// The decision, or why there is none.
    pub outcome: Result<Verdict, Error>,
    /// Where the forge takes what there is to say of it, if not where it takes that of the job.
    pub target: Option<Target>,
}

/// All of them.
pub struct Round {
    /// In the order in which they were judged.
    pub parts: Vec<Part>,
}

impl Part {
    /// How bad it is: an error is the worst.
    pub(super) fn weight(&self) -> u8 {
        self.outcome.as_ref().map_or(u8::MAX, |verdict| verdict.decision.weight())
    }

    /// In a few words.
    pub fn headline(&self) -> String {
        self.outcome.as_ref().map_or_else(|_| "could not be judged".to_owned(), |verdict| verdict.decision.headline())
    }

    fn report(&self) -> PartReport {
        let commits = self.outcome.as_ref().ok().map(|verdict| verdict.commits.clone()).unwrap_or_default();
        PartReport {
            change_request: self.change_request,
            base: commits.0,
            head: commits.1.or_else(|| self.target.as_ref().map(|target| target.head.clone())),
            error: self.outcome.as_ref().err().map(|error| one_line(error)),
            report: self.outcome.as_ref().ok().map(|verdict| verdict.decided(decision_json::check)),
        }
    }

    fn page(&self) -> String {
        match &self.outcome {
            Ok(verdict) => verdict.summary(),
            Err(error) => markdown::error(&one_line(error)),
        }
    }
}

impl Round {
    /// One decision alone.
    pub(super) fn of(judged: Judged, verdict: Verdict) -> Self {
        let change_request = judged.forge.as_ref().and_then(|on| on.asked.change_request);
        Self { parts: vec![Part { title: String::new(), change_request, judged, outcome: Ok(verdict), target: None }] }
    }

    /// The decision, where there is one alone.
    pub fn alone(&self) -> Option<&Verdict> {
        match &*self.parts {
            [Part { outcome: Ok(verdict), .. }] => Some(verdict),
            _ => None,
        }
    }

    /// The part that decides; `None` where there is none.
    pub fn worst(&self) -> Option<&Part> {
        // Of equals the first.
        self.parts.iter().rev().max_by_key(|part| part.weight())
    }

    /// That of the worst: 1 if one of them could not be judged. Where nothing is judged, nothing is stopped.
    pub fn exit_code(&self) -> u8 {
        self.worst().map_or(0, |part| part.outcome.as_ref().map_or(1, |verdict| verdict.decision.exit_code()))
    }

    /// The decisions as text.
    pub fn render(&self, form: Form, explain: bool) -> Result<String, Error> {
        match form {
            Form::Text => {
                let said = |part: &Part| match &part.outcome {
                    Ok(verdict) => verdict.render(form, explain),
                    Err(error) => Ok(super::details(error) + &super::explain(error) + "\n"),
                };
                let said: Vec<(&str, String)> =
                    self.parts.iter().map(|part| Ok((part.title.as_str(), said(part)?))).collect::<Result<_, serde_json::Error>>()?;
                Ok(round::text(&said))
            }
            Form::Json => Ok(json::written(&round::report(self.exit_code(), self.parts.iter().map(Part::report).collect()))?),
            Form::Markdown => Ok(self.page()),
            Form::Sarif | Form::CodeQuality => Err(Error::FormOfOne),
        }
    }

    /// The decisions as the summary of a step.
    pub fn page(&self) -> String {
        let pages: Vec<(&str, String)> = self.parts.iter().map(|part| (part.title.as_str(), part.page())).collect();
        round::markdown(&pages)
    }
}
