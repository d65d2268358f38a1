//! The laws of change, for every system, beside the naive model of each.

#![expect(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

mod aws;
mod codeowners;
mod github;
mod plans;
mod vacuity;
