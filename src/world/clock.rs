//! The clock, read once.

use chrono::{DateTime, Utc};

/// The present instant.
#[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}
