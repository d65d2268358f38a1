//! The built binary, as a pipeline runs it.

use std::path::Path;
use std::process::Command;

/// What a run said.
#[derive(Debug)]
pub struct Said {
    pub text: String,
    /// The exit code.
    pub code: i32,
}

/// Runs `countersign` in a directory, so that every path it names is relative to it. Whatever is said on standard error is an error
/// here: a finding is an answer and belongs into the output.
pub fn run(directory: &Path, arguments: &[&str]) -> Result<Said, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(arguments)
        .arg("--no-cache")
        .current_dir(directory)
        .output()
        .map_err(|error| format!("cannot run `countersign`: {error}"))?;
    let line = format!("countersign {} --no-cache", arguments.join(" "));
    let code = output.status.code().ok_or_else(|| format!("`{line}` was ended by a signal"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    if !told.is_empty() {
        return Err(format!("`{line}` ended with {code} and said on standard error:\n{told}"));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| format!("`{line}` did not write UTF-8"))?;
    Ok(Said { text, code })
}
