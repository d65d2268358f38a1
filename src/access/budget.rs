//! How much work a question may cost, counted in steps and never in seconds, so that the answer does not depend on the machine.

use thiserror::Error;

/// The question is too large to be answered exactly. What depends on it is undecided, never equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the comparison needs more than its budget of steps")]
pub struct Exhausted;

/// Steps that are left.
#[derive(Clone, Copy, Debug)]
pub struct Budget(u64);

impl Budget {
    /// A budget of so many steps; a step is about one pattern advanced by one letter, ten nanoseconds. What is kept costs more than
    /// its time, so that the budget bounds memory as well.
    pub fn new(steps: u64) -> Self {
        Self(steps)
    }

    /// An equal share of what is left, of so many.
    #[must_use]
    pub fn share(&self, of: usize) -> Self {
        Self(self.0 / (of as u64).max(1))
    }

    /// Pays for some steps.
    pub fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        self.0 = self.0.checked_sub(steps as u64).ok_or(Exhausted)?;
        Ok(())
    }
}

impl Default for Budget {
    /// Enough for the largest real policies by two orders of magnitude; about a second of work, and 200 MB.
    fn default() -> Self {
        Self(50_000_000)
    }
}
