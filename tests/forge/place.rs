//! A git repository to work in, with people who commit to it.

use crate::fake::state::User;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;

/// A repository with the branch `main`, and nothing in it.
pub struct Place {
    root: TempDir,
}

impl Place {
    pub fn new() -> Self {
        let place = Self { root: TempDir::new().unwrap() };
        place.git(&["init", "--quiet", "--initial-branch=main"]);
        place
    }

    pub fn path(&self) -> PathBuf {
        self.root.path().to_owned()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Commits everything that was written, and gives the commit's id.
    pub fn commit(&self, by: &User, message: &str) -> String {
        self.git(&["add", "--all"]);
        let (name, email) = (format!("user.name={}", by.login), format!("user.email={}", by.email));
        self.git(&["-c", &name, "-c", &email, "commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// A clone of it with these branches, and nothing that no branch leads to.
    pub fn cloned(&self, branches: &[&str]) -> Self {
        let clone = Self { root: TempDir::new().unwrap() };
        let from = format!("file://{}", self.root.path().display());
        clone.git(&["clone", "--quiet", "--no-checkout", &from, "."]);
        for branch in branches {
            clone.git(&["update-ref", &format!("refs/heads/{branch}"), &format!("refs/remotes/origin/{branch}")]);
        }
        clone
    }

    /// Whether it has a commit.
    pub fn has(&self, commit: &str) -> bool {
        let object = format!("{commit}^{{commit}}");
        let output = Command::new("git").current_dir(self.root.path()).args(["cat-file", "-e", &object]).output().unwrap();
        output.status.success()
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.current_dir(self.root.path()).args(arguments);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}
