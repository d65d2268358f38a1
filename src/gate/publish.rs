//! What is to stand at the change request of a decision, and that it comes to stand there.

use super::check::{Judged, Verdict};
use super::suggest::suggest;
use super::{Error, one_line};
use crate::report::publication::{Gate, Publication};

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
        let gate = judged.gate(environment);
        let mut publication = self.decided(|decided| Publication::of(decided, gate, details));
        suggest(judged, self, &mut publication.notes)?;
        Ok(publication)
    }
}

/// What is to stand there where nothing could be decided.
pub fn publication_of_error(error: &Error, judged: &Judged, environment: Option<&str>, details: Option<&str>) -> Publication {
    Publication::of_error(&one_line(error), judged.gate(environment), details)
}
