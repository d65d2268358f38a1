//! The laws of change, for every system, beside the naive model of each.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that meets something else than it expects has failed")]

mod aws;
