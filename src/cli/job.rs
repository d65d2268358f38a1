//! What the job of a pipeline is told, by the verbs that it runs as its gate.

use super::common::{Error, Output};
use crate::gate::{self, Located};
use crate::world::ci::{self, Sink};
use std::io::Write;

/// Whether the job is told.
#[derive(Debug, clap::Args)]
pub struct Told {
    /// Hand the job its outputs, summary and annotations, also where `--head` is named
    #[arg(long)]
    pub outputs: bool,
}

impl Told {
    /// Where the job is told: it is when the job says what is compared, and when somebody asks for it.
    pub fn sink(&self, located: Option<&Located>) -> Option<Sink> {
        if located.is_some() || self.outputs { ci::sink() } else { None }
    }
}

impl Output {
    /// Tells the job.
    pub fn hand_over(&self, told: &gate::Told, sink: &Sink) -> Result<(), Error> {
        let has_room = told.take_to(sink)?;
        // That something cannot be said on standard error is nobody's loss: the exit code says what was decided.
        if sink.annotates() && !self.quiet {
            let _ = write!(std::io::stderr(), "{}", told.annotations);
        }
        if !has_room {
            let _ = writeln!(anstream::stderr(), "warning: the summary of this step has no room left for the report");
        }
        Ok(())
    }
}

/// Tells the job of an error where it tells of everything else.
pub fn annotate(error: &Error) {
    if ci::sink().is_some_and(|sink| sink.annotates()) {
        let _ = write!(std::io::stderr(), "{}", gate::annotation(error.as_ref()));
    }
}
