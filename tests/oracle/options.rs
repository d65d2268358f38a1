//! How long a run is. `cargo xtask oracle` sets these variables; without them a run is short and its seed is fresh.

use super::random::fresh_seed;
use std::env;
use std::path::PathBuf;

/// What a run is asked for.
pub struct Options {
    /// Pairs to make.
    pub pairs: u64,
    /// What all chance comes from.
    pub seed: u64,
    /// Requests near each pair, its witnesses not counted.
    pub requests: u64,
    /// A directory of identity policies to make pairs of beside our own templates.
    pub corpus: Option<PathBuf>,
    /// Only the pair with this number.
    pub only: Option<u64>,
}

impl Options {
    pub fn from_environment() -> Self {
        Self {
            pairs: number("PAIRS").unwrap_or(150),
            seed: number("SEED").unwrap_or_else(fresh_seed),
            requests: number("REQUESTS").unwrap_or(30),
            corpus: env::var_os("COUNTERSIGN_ORACLE_CORPUS").map(PathBuf::from),
            only: number("ONLY"),
        }
    }

    /// The numbers of the pairs.
    pub fn numbers(&self) -> std::ops::Range<u64> {
        self.only.map_or(0..self.pairs, |only| only..only + 1)
    }

    /// How this pair is asked for again.
    pub fn again(&self, number: u64) -> String {
        let corpus = self.corpus.as_ref().map(|corpus| format!(" --corpus {}", corpus.display())).unwrap_or_default();
        format!("cargo xtask oracle --seed {} --requests {}{corpus} --only {number}", self.seed, self.requests)
    }
}

fn number(name: &str) -> Option<u64> {
    let name = format!("COUNTERSIGN_ORACLE_{name}");
    env::var(&name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is a number, this is `{text}`")))
}
