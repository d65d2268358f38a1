//! Repositories and directories to read, in a temporary place, the same on every machine.

use countersign::world::repository::{Changed, Error, Limits, Pair, Sides, Unreadable};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// A place for files that goes away with the test.
pub struct Place {
    root: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { root: TempDir::new().unwrap() }
    }

    /// A fresh repository in the directory `repo`, with the branch `main` and nothing in it.
    pub fn repository() -> Self {
        Self::repository_with(&[])
    }

    pub fn repository_with(options: &[&str]) -> Self {
        let place = Self::new();
        let arguments: Vec<_> = ["init", "--quiet", "--initial-branch=main"].iter().chain(options).chain(&["repo"]).copied().collect();
        place.git_in(".", &arguments);
        place
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    pub fn text(&self, path: &str) -> String {
        self.path(path).to_str().unwrap().to_owned()
    }

    /// The repository's work tree.
    pub fn repo(&self) -> PathBuf {
        self.path("repo")
    }

    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub fn remove(&self, path: &str) {
        let path = self.path(path);
        if path.is_dir() { std::fs::remove_dir_all(path).unwrap() } else { std::fs::remove_file(path).unwrap() }
    }

    /// Commits everything in the work tree, and gives the commit's id.
    pub fn commit(&self) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=change"]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs git in the repository, and gives what it printed.
    pub fn git(&self, arguments: &[&str]) -> String {
        self.git_in("repo", arguments)
    }

    pub fn git_in(&self, directory: &str, arguments: &[&str]) -> String {
        let output = git(&self.path(directory), arguments, b"");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Writes an object of any shape, well-formed or not.
    pub fn object(&self, kind: &str, bytes: &[u8]) -> String {
        let output = git(&self.repo(), &["hash-object", "-t", kind, "-w", "--stdin", "--literally"], bytes);
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Commits a tree.
    pub fn commit_tree(&self, tree: &str) -> String {
        self.git(&["commit-tree", "-m", "change", tree])
    }

    pub fn sides(&self, base: &str, head: &str) -> Result<Sides, Error> {
        Sides::open(base, head, &self.repo(), Limits::default())
    }

    /// What differs; opening and comparing must succeed.
    pub fn changed(&self, base: &str, head: &str) -> Changed {
        self.changed_in(base, head, &[])
    }

    pub fn changed_in(&self, base: &str, head: &str, paths: &[&str]) -> Changed {
        let paths: Vec<_> = paths.iter().map(|&path| path.to_owned()).collect();
        self.sides(base, head).unwrap().changed(&paths).unwrap()
    }

    pub fn error(&self, base: &str, head: &str) -> String {
        let error = self.sides(base, head).and_then(|sides| sides.changed(&[]));
        error.unwrap_err().to_string()
    }
}

fn git(directory: &Path, arguments: &[&str], input: &[u8]) -> Output {
    use std::io::Write;
    let mut command = Command::new("git");
    command.current_dir(directory).args(["-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"]).args(arguments);
    command.env("HOME", directory).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        command.env(format!("GIT_{who}_DATE"), "2026-01-02T03:04:05Z");
    }
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Pairs and what could not be read, a line each: `M path`, `A path`, `D path`, `R old > new`, `! side path: why`.
pub fn summary(changed: &Changed) -> Vec<String> {
    changed.files.iter().map(line).chain(changed.unreadable.iter().map(remark)).collect()
}

fn line(pair: &Pair) -> String {
    match (&pair.base, &pair.head) {
        (Some(base), Some(head)) if pair.renamed() => format!("R {} > {}", base.path, head.path),
        (Some(_), Some(_)) => format!("M {}", pair.path()),
        (None, Some(_)) => format!("A {}", pair.path()),
        (Some(_), None) => format!("D {}", pair.path()),
        (None, None) => panic!("a pair of nothing"),
    }
}

fn remark(unreadable: &Unreadable) -> String {
    format!("! {} {}: {}", unreadable.side, unreadable.path, unreadable.why)
}
