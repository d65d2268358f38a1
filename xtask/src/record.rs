//! Steps that are timed, and the table at the end.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// What became of the steps so far.
#[derive(Default)]
pub struct Record {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    took: Duration,
    remark: String,
}

impl Record {
    /// Runs a step that returns a remark for the table. A failure carries the step's name and how to run it alone.
    pub fn step(&mut self, name: &'static str, alone: &str, step: impl FnOnce() -> Result<String, String>) -> Result<(), String> {
        eprintln!("\n── {name}: {alone}");
        let started = Instant::now();
        let outcome = step();
        let remark = outcome.as_ref().map_or("FAILED", String::as_str).to_owned();
        self.rows.push(Row { name, took: started.elapsed(), remark });
        outcome.map(drop).map_err(|failure| format!("the step `{name}` failed: {failure}\n       to run it alone: {alone}"))
    }

    /// The closing table.
    pub fn table(&self) -> String {
        let mut table = String::new();
        for Row { name, took, remark } in &self.rows {
            // Writing to a string does not fail.
            let _ = writeln!(table, "{}", format!("{name:<12}{:>8.1} s   {remark}", took.as_secs_f64()).trim_end());
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_step_says_how_to_run_it_alone_and_is_in_the_table() {
        let mut record = Record::default();
        let failure = record.step("format", "cargo fmt --all --check", || Err("`cargo fmt` failed".to_owned())).expect_err("it fails");
        assert!(failure.starts_with("the step `format` failed: `cargo fmt` failed"), "{failure}");
        assert!(failure.ends_with("to run it alone: cargo fmt --all --check"), "{failure}");
        assert_eq!(record.table(), "format           0.0 s   FAILED\n");
    }

    #[test]
    fn a_step_that_held_keeps_its_remark() {
        let mut record = Record::default();
        record.step("tests", "cargo test", || Ok("3 passed, 0 failed".to_owned())).expect("it holds");
        assert_eq!(record.table(), "tests            0.0 s   3 passed, 0 failed\n");
    }
}
