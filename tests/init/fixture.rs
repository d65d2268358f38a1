//! Repositories to begin in.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A git repository that goes away with the test.
pub struct Place {
    root: TempDir,
}

/// What a run said, and how it ended.
pub struct Said {
    pub out: String,
    pub err: String,
    pub code: i32,
}

impl Place {
    /// A directory without anything in it.
    pub fn directory() -> Self {
        Self { root: TempDir::new().unwrap() }
    }

    /// A repository without a commit.
    pub fn unborn() -> Self {
        let place = Self::directory();
        place.git(&["init", "--quiet", "--initial-branch=main"]);
        place
    }

    /// A repository whose only commit has these files.
    pub fn repository(files: &[(&str, &str)]) -> Self {
        let place = Self::unborn();
        for (path, text) in files {
            place.write(path, text);
        }
        place.commit();
        place
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap()
    }

    pub fn commit(&self) {
        self.git(&["add", "--all", "--force"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=change"]);
    }

    pub fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.current_dir(self.path()).args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"]).args(arguments);
        command.env("HOME", self.path()).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.com");
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    pub fn init(&self, arguments: &[&str]) -> Said {
        self.run(&[&["init"], arguments].concat())
    }

    /// Runs the binary here.
    pub fn run(&self, arguments: &[&str]) -> Said {
        run_in(self.path(), arguments)
    }

    /// Every file but git's own, with what is in it.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        files(self.path())
    }
}

pub fn run_in(directory: &Path, arguments: &[&str]) -> Said {
    let cache = TempDir::new().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    let output = command.args(arguments).current_dir(directory).env("XDG_CACHE_HOME", cache.path()).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
}

/// Every file below a directory but git's own, by its path.
pub fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut pending = vec![root.to_owned()];
    while let Some(directory) = pending.pop() {
        let Ok(entries) = fs::read_dir(directory) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            let is_link = path.is_symlink();
            match path.is_dir() && !is_link {
                true if path.ends_with(".git") => {}
                true => pending.push(path),
                false => {
                    let bytes = if is_link { b"a link".to_vec() } else { fs::read(&path).unwrap() };
                    found.insert(name(root, &path), bytes);
                }
            }
        }
    }
    found
}

fn name(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/")
}
