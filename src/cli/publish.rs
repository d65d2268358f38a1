//! Writing a report where people look, as the verbs that judge offer it.

use super::common::{Error, Misused};
use crate::gate::{self, Judged, Publish, Verdict};
use crate::world::ci::{self, Home};
use crate::world::forge::Channel;
use std::io::Write;

/// What is written at the change request.
#[derive(Debug, clap::Args)]
pub struct Parts {
    /// Write the report at the pull or merge request, in a job that may
    #[arg(long, value_enum, value_name = "PARTS", value_delimiter = ',')]
    publish: Vec<Part>,
}

/// A part of the report.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Part {
    /// One comment, edited in place
    Comment,
    /// Notes at the lines that give access
    Lines,
    /// A check of the commit, with annotations
    Check,
    /// Alerts of code scanning
    CodeScanning,
}

impl From<Part> for Channel {
    fn from(part: Part) -> Self {
        match part {
            Part::Comment => Self::Comment,
            Part::Lines => Self::Lines,
            Part::Check => Self::Check,
            Part::CodeScanning => Self::CodeScanning,
        }
    }
}

impl Parts {
    /// Where it is to be written, if it is.
    pub fn destination(&self, environment: Option<&str>) -> Result<Option<Publish>, Error> {
        if self.publish.is_empty() {
            return Ok(None);
        }
        let (Home { connection, details, .. }, target) =
            ci::home()?.ok_or(Misused("`--publish` is for a job of GitHub Actions that hands its token in as `GITHUB_TOKEN`, or one of GitLab CI that has `GITLAB_TOKEN`"))?;
        let channels = self.publish.iter().copied().map(Into::into).collect();
        Ok(Some(Publish { connection, target, channels, environment: environment.map(ToOwned::to_owned), details }))
    }
}

/// Writes it. What is not written is a warning, and no more: what was decided was decided.
pub fn publish(publish: &Publish, judged: &Judged, outcome: Result<&Verdict, &gate::Error>, is_verbose: bool) {
    for gate::Written { what, outcome } in publish.publish(judged, outcome) {
        let line = match outcome {
            Ok(done) if is_verbose => format!("published {what}: {done}"),
            Ok(_) => continue,
            Err(why) => format!("warning: not published, {what}: {}", gate::visible(&why)),
        };
        // That it cannot be said is nobody's loss.
        let _ = writeln!(anstream::stderr(), "{line}");
    }
}
