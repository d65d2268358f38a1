//! A place with two sides, a policy and facts, in which one thing is made bad.

use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// The instant of every decision.
pub const NOW: &str = "2026-11-25T12:00:00Z";

pub const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
pub const EVERYTHING: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

pub const POLICY: &str = "version: 1
people: {users: {bob: 2}, groups: {security: [bob]}}
rules:
  - name: somebody looks at it
    when: {gains: {}, undecided: {}}
    require: {approvals: [{from: security}]}
";

pub const FACTS: &str = "author: {id: 1, login: alice}\nauthor-kind: user\ncontributors: []\nlabels: []\nreviews: []\n";

/// No input takes longer than this, in seconds, also on a busy machine.
const LONGEST: u64 = 60;

/// What a run said.
#[derive(Debug)]
pub struct Said {
    /// The exit code, or the negative number of the signal it died of.
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// A directory of its own.
pub struct Place(TempDir);

impl Place {
    /// `base/` and `head/`, of which the head allows everything, a policy in both, and facts beside them.
    pub fn new() -> Self {
        let place = Self::empty();
        for (side, content) in [("base", READ), ("head", EVERYTHING)] {
            place.write(&format!("{side}/a.json"), content);
            place.write(&format!("{side}/countersign.yml"), POLICY);
        }
        place.write("facts.yml", FACTS);
        place
    }

    pub fn empty() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn remove(&self, path: &str) {
        let path = self.path(path);
        let is_directory = fs::symlink_metadata(&path).unwrap().is_dir();
        if is_directory { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    pub fn link(&self, target: &str, path: &str) {
        let path = self.path(path);
        let _ = fs::remove_file(&path);
        std::os::unix::fs::symlink(target, path).unwrap();
    }

    pub fn pipe(&self, path: &str) {
        let path = self.path(path);
        let _ = fs::remove_file(&path);
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }

    /// Runs git in a directory of this place, the same on every machine.
    pub fn git(&self, directory: &str, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.current_dir(self.path(directory)).args(["-c", "commit.gpgsign=false", "-c", "protocol.file.allow=always"]).args(arguments);
        command.env("HOME", self.0.path()).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "Ada").env(format!("GIT_{who}_EMAIL"), "ada@example.com");
            command.env(format!("GIT_{who}_DATE"), "2026-01-02T03:04:05Z");
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// The binary, in this place, with a home of its own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.current_dir(self.0.path()).args(arguments);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.path("home"));
        command.stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        self.finish(&mut self.command(arguments))
    }

    /// A line of a shell; `countersign` is the binary.
    pub fn shell(&self, line: &str) -> Said {
        let mut command = Command::new("bash");
        command.current_dir(self.0.path()).args(["-c", &format!("countersign() {{ \"$COUNTERSIGN\" \"$@\"; }}; {line}")]);
        command.env("COUNTERSIGN", env!("CARGO_BIN_EXE_countersign")).env("HOME", self.path("home")).stdin(Stdio::null());
        self.finish(&mut command)
    }

    /// `check` of the two sides, with more arguments.
    pub fn check(&self, more: &[&str]) -> Said {
        self.run(&[&["check", "--base", "base", "--head", "head", "--at", NOW], more].concat())
    }

    /// `diff --exit-code` of two sides.
    pub fn diff(&self, base: &str, head: &str) -> Said {
        self.run(&["diff", "--exit-code", "--base", base, "--head", head])
    }

    /// Waits for the end, but not for ever, and holds what holds for every input.
    pub fn finish(&self, command: &mut Command) -> Said {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (out, err) = (told(child.stdout.take().unwrap()), told(child.stderr.take().unwrap()));
        let code = ended(child);
        let visible = |text: mpsc::Receiver<String>| {
            text.recv_timeout(Duration::from_secs(LONGEST)).unwrap().replace(self.0.path().to_str().unwrap(), "DIR")
        };
        let said = Said { code, out: visible(out), err: visible(err) };
        said.is_for_people();
        said
    }
}

fn told(mut from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}

fn ended(mut child: Child) -> i32 {
    let pid = child.id();
    let (send, receive) = mpsc::channel();
    thread::spawn(move || send.send(child.wait().unwrap()));
    let Ok(status) = receive.recv_timeout(Duration::from_secs(LONGEST)) else {
        let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
        panic!("it did not end within {LONGEST} seconds");
    };
    status.code().unwrap_or_else(|| -status.signal().unwrap_or_default())
}

impl Said {
    /// Nothing of what only programmers read, and nothing that a runner would take for a command of its own.
    fn is_for_people(&self) {
        for text in [&self.out, &self.err] {
            for word in
                ["panicked", "src/", "Some(", "None)", "Ok(", "Err(", "Error {", "RUST_", "os error", "unwrap", "core::", "std::", "gix"]
            {
                assert!(!text.contains(word), "`{word}` in:\n{text}");
            }
            assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
        }
        assert!(matches!(self.code, 0 | 1 | 2 | 10..=14) || self.code < 0, "{self:?}");
        assert_eq!(self.code == 0 && self.out.contains("Decision: authorized"), self.out.contains("Decision: authorized"), "{self:?}");
    }
}

/// Whether this is run by somebody whom no permission stops.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// The copy of a directory.
pub fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-r").arg(from).arg(to).status().unwrap().success());
}
