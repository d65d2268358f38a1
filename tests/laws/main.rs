//! The laws of change, for every system, beside the naive model of each.

mod aws;
