//! How long to wait before a read is repeated.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

/// Longer and longer, within a bound, and never in step with others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How often a read is sent.
    pub(super) tries: u32,
    /// How long the first wait is.
    pub(super) first: Duration,
    /// How long no wait is longer than, unless the forge asks for it.
    pub(super) most: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self { tries: 4, first: Duration::from_millis(500), most: Duration::from_secs(10) }
    }
}

impl Pace {
    /// How long to wait after so many tries. What the forge asks for, it gets.
    pub(super) fn wait(&self, tried: u32, asked: Option<Duration>) -> Duration {
        let longest = self.first.saturating_mul(2u32.saturating_pow(tried.saturating_sub(1))).min(self.most);
        // Between half of it and all of it.
        let spread = longest / 2 + longest.mul_f64(fraction() / 2.0);
        asked.map_or(spread, |asked| asked + spread.min(Duration::from_millis(200)))
    }
}

/// Something from 0 to 1 that differs from run to run.
fn fraction() -> f64 {
    let bits = RandomState::new().hash_one(0) >> 40;
    f64::from(u32::try_from(bits).unwrap_or(0)) / f64::from(1 << 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_within_a_bound_and_are_spread() {
        let pace = Pace { tries: 4, first: Duration::from_millis(500), most: Duration::from_secs(10) };
        for (tried, least, most) in [(1, 250, 500), (2, 500, 1000), (3, 1000, 2000), (30, 5000, 10_000)] {
            let wait = pace.wait(tried, None).as_millis();
            assert!((least..=most).contains(&wait), "{tried}: {wait}");
        }
        let waits: std::collections::BTreeSet<_> = (0..20).map(|_| pace.wait(3, None)).collect();
        assert!(waits.len() > 1);
    }

    #[test]
    fn the_forge_gets_the_wait_that_it_asks_for() {
        let wait = Pace::default().wait(1, Some(Duration::from_secs(7)));
        assert!((Duration::from_secs(7)..Duration::from_secs(8)).contains(&wait), "{wait:?}");
    }
}
