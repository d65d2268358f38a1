//! How many tests ran, from the closing lines of the test runners.

use std::fmt;
use std::ops::AddAssign;

/// Tests that passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    passed: u32,
    failed: u32,
    skipped: u32,
}

/// Whether a line is the closing line of `cargo nextest`. What a failing test printed is passed on too, but does not begin so.
pub fn closes_nextest(line: &str) -> bool {
    line.starts_with("Summary [")
}

/// Whether a line is the closing line of one of `cargo test`'s binaries.
pub fn closes_libtest(line: &str) -> bool {
    line.starts_with("test result: ")
}

impl Tally {
    /// What closing lines say together.
    pub fn of(lines: &[String]) -> Self {
        let sum = |words| lines.iter().map(|line| count(line, words)).sum();
        Self { passed: sum(&["passed"]), failed: sum(&["failed", "timed"]), skipped: sum(&["skipped", "ignored"]) }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The sum of the numbers that stand before one of the words.
fn count(line: &str, words: &[&str]) -> u32 {
    let tokens: Vec<&str> = line.split([' ', ',', ';', '(', ')']).filter(|token| !token.is_empty()).collect();
    let pairs = tokens.windows(2).filter_map(|pair| match pair {
        [number, word] if words.contains(word) => number.parse::<u32>().ok(),
        _ => None,
    });
    pairs.sum()
}

/// The plain closing line that people and machines read: `12 passed, 0 failed`.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::default() {
            return f.write_str("no test ran");
        }
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 { write!(f, ", {} skipped", self.skipped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> String {
        let lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        Tally::of(&lines).to_string()
    }

    #[test]
    fn the_summary_of_nextest_is_counted() {
        assert_eq!(tally(&["Summary [   0.005s] 12 tests run: 12 passed (1 slow), 0 skipped"]), "12 passed, 0 failed");
        assert_eq!(tally(&["Summary [ 1s] 4 tests run: 1 passed, 2 failed, 1 timed out, 3 skipped"]), "1 passed, 3 failed, 3 skipped");
    }

    #[test]
    fn no_test_is_no_success() {
        assert_eq!(tally(&[]), "no test ran");
    }

    #[test]
    fn the_results_of_several_test_binaries_are_added() {
        let one = "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(tally(&[one, one]), "6 passed, 0 failed, 2 skipped");
    }
}
