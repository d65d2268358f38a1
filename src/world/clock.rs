//! The clock, read once; and how long something takes, which decides nothing.

use chrono::{DateTime, Utc};
use std::time::Instant;

/// The present instant.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// How long something takes.
#[derive(Clone, Copy, Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// From now on.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Until now.
    pub fn milliseconds(self) -> u128 {
        self.0.elapsed().as_millis()
    }
}
