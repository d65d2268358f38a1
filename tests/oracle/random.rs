//! Chance that can be repeated: splitmix64, <https://prng.di.unimi.it/splitmix64.c>.

use std::hash::{BuildHasher, RandomState};

/// A stream of numbers that its seed decides.
pub struct Random(u64);

impl Random {
    /// The stream of one pair of a run: any pair can be had again without those before it.
    pub fn of(seed: u64, number: u64) -> Self {
        let mut random = Self(seed);
        random.0 = random.next() ^ number.wrapping_mul(0xD1B5_4A32_D192_ED03);
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not zero.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    /// True so many times in a hundred.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of them; there is at least one.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

/// A seed that nobody chose.
pub fn fresh_seed() -> u64 {
    RandomState::new().hash_one("countersign") >> 32
}
