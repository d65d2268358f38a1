//! A directory, perhaps with a history, and the built binary in it.

use assert_cmd::Command;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What a run said.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// The output as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap()
    }
}

/// A directory for a test, with a cache of its own.
pub struct Place(TempDir);

impl Place {
    /// With these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let place = Self(TempDir::new().unwrap());
        fs::create_dir(place.path()).unwrap();
        for (path, text) in files {
            place.write(path, text);
        }
        place
    }

    /// A repository whose commits are these states, each a message and the files that it writes. Minutes go by between them, from noon
    /// of 20 November 2026 on.
    pub fn with_history(states: &[(&str, &[(&str, &str)])]) -> Self {
        let place = Self::with(&[]);
        place.git(&["init", "--quiet", "--initial-branch", "main"], 0);
        for (minute, (message, files)) in states.iter().enumerate() {
            for (path, text) in *files {
                place.write(path, text);
            }
            place.git(&["add", "--all"], minute);
            place.git(&["commit", "--quiet", "--allow-empty", "--message", message], minute);
        }
        place
    }

    pub fn path(&self) -> PathBuf {
        self.0.path().join("work")
    }

    pub fn cache(&self) -> PathBuf {
        self.0.path().join("cache")
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn git(&self, arguments: &[&str], minute: usize) {
        let date = format!("2026-11-20T12:{minute:02}:00Z");
        let mut git = std::process::Command::new("git");
        git.current_dir(self.path()).args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]).args(arguments);
        git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = git.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date).output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Runs `countersign policy …`.
    pub fn run(&self, arguments: &[&str]) -> Said {
        run(&self.path(), &self.cache(), arguments)
    }
}

fn run(directory: &Path, cache: &Path, arguments: &[&str]) -> Said {
    let mut command = Command::cargo_bin("countersign").unwrap();
    let output = command.current_dir(directory).env("XDG_CACHE_HOME", cache).arg("policy").args(arguments).output().unwrap();
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    Said { code: output.status.code().unwrap(), out, err }
}
