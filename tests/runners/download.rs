//! How the action gets the binary: from the real script, against a release on loopback.

use super::act::{self, OnForge, run};
use super::judges::peer;
use super::place::Place;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

const TARGET: &str = "x86_64-unknown-linux-musl";
const NAME: &str = "countersign-v1.0.0-x86_64-unknown-linux-musl.tar.gz";

/// A release that is served on loopback.
pub struct Release {
    root: TempDir,
    port: u16,
    requests: Arc<AtomicUsize>,
    body: Arc<Mutex<Option<Vec<u8>>>>,
}

impl Release {
    /// An archive whose binary is this script.
    pub fn of(script: &str) -> Self {
        let root = TempDir::new().unwrap();
        let pack = root.path().join("pack");
        fs::create_dir(&pack).unwrap();
        fs::write(pack.join("countersign"), script).unwrap();
        run_in(root.path(), "chmod", &["+x", "pack/countersign"]);
        run_in(root.path(), "tar", &["-czf", NAME, "-C", "pack", "."]);
        let body = Arc::new(Mutex::new(Some(fs::read(root.path().join(NAME)).unwrap())));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, requests) = (listener.local_addr().unwrap().port(), Arc::new(AtomicUsize::new(0)));
        let (served, counted) = (Arc::clone(&body), Arc::clone(&requests));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                serve(&mut stream.unwrap(), served.lock().unwrap().as_deref());
            }
        });
        Self { root, port, requests, body }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// The table that the release workflow makes of the checksums.
    pub fn table(&self) -> String {
        let sums = run_in(self.root.path(), "sha256sum", &[NAME]);
        fs::write(self.root.path().join("SHA256SUMS"), sums).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("action/table.sh");
        run_in(self.root.path(), "bash", &[script.to_str().unwrap(), "v1.0.0", "SHA256SUMS"])
    }

    /// The action with a table.
    fn action(&self, table: &str) -> PathBuf {
        let place = self.root.path().join("action");
        fs::create_dir_all(place.join("action")).unwrap();
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("action/get.sh"), place.join("action/get.sh")).unwrap();
        fs::write(place.join("action/binaries.txt"), table).unwrap();
        place
    }

    /// Runs the script as the action does; what it says, and the path of the binary if it found one.
    fn get(&self, table: &str, more: &[(&str, &str)]) -> Result<String, String> {
        let output = self.root.path().join("output");
        let _ = fs::remove_file(&output);
        let (temp, cache) = (self.root.path().join("temp"), self.root.path().join("cache"));
        fs::create_dir_all(&temp).unwrap();
        let action = self.action(table);
        let mut command = Command::new("bash");
        command.arg(action.join("action/get.sh")).env("ACTION", &action).env("BINARY", "").env("GITHUB_OUTPUT", &output);
        command.env("RELEASES", self.url()).env_remove("COUNTERSIGN_RELEASES");
        command.env("RUNNER_OS", "Linux").env("RUNNER_ARCH", "X64").env("RUNNER_TEMP", temp).env("RUNNER_TOOL_CACHE", cache);
        let run = command.envs(more.iter().copied()).output().unwrap();
        let said = String::from_utf8(run.stdout).unwrap() + &String::from_utf8(run.stderr).unwrap();
        let found = fs::read_to_string(output).unwrap_or_default();
        if run.status.success() { Ok(found.trim_end().strip_prefix("binary=").unwrap().to_owned()) } else { Err(said) }
    }

    fn kept(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.root.path().join("cache/countersign"));
        entries.map(|entries| entries.map(|entry| entry.unwrap().path()).collect()).unwrap_or_default()
    }
}

/// Answers one request; `None` is a release that is not there.
fn serve(stream: &mut TcpStream, body: Option<&[u8]>) {
    let mut asked = String::new();
    BufReader::new(&*stream).read_line(&mut asked).unwrap();
    let body = body.filter(|_| asked.starts_with(&format!("GET /v1.0.0/{NAME} ")));
    let (status, body) = body.map_or(("404 Not Found", &b""[..]), |body| ("200 OK", body));
    write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len()).unwrap();
    let _ = stream.write_all(body);
}

fn run_in(directory: &Path, program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(directory).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const SCRIPT: &str = "#!/bin/sh\necho the released one\n";

#[test]
fn the_released_binary_is_downloaded_once_and_run() {
    let release = Release::of(SCRIPT);
    let table = release.table();
    assert!(table.lines().last().unwrap().starts_with(&format!("v1.0.0 {TARGET} ")), "{table}");
    for _ in 0..2 {
        let binary = release.get(&table, &[]).unwrap();
        assert_eq!(run_in(release.root.path(), &binary, &[]), "the released one\n");
    }
    assert_eq!(release.requests(), 1);
}

#[test]
fn what_is_not_the_binary_of_the_table_is_neither_run_nor_kept() {
    let release = Release::of(SCRIPT);
    let table = release.table();
    *release.body.lock().unwrap() = Some(fs::read("/bin/true").unwrap());
    let said = release.get(&table, &[]).unwrap_err();
    assert!(said.contains("its SHA-256 differs"), "{said}");
    assert!(release.kept().is_empty());
}

#[test]
fn what_is_kept_is_compared_again_with_every_use() {
    let release = Release::of(SCRIPT);
    let table = release.table();
    release.get(&table, &[]).unwrap();
    fs::write(&release.kept()[0], "something else").unwrap();
    let binary = release.get(&table, &[]).unwrap();
    assert_eq!((run_in(release.root.path(), &binary, &[]).as_str(), release.requests()), ("the released one\n", 2));
}

#[test]
fn without_a_release_or_for_another_machine_it_says_what_to_do() {
    let release = Release::of(SCRIPT);
    let ours = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("action/binaries.txt")).unwrap();
    if ours.lines().all(|line| line.starts_with('#')) {
        let said = release.get(&ours, &[]).unwrap_err();
        assert!(said.starts_with("::error title=Countersign::this commit of the action knows no released binary"), "{said}");
    }
    let said = release.get(&release.table(), &[("RUNNER_ARCH", "S390X")]).unwrap_err();
    assert!(said.contains("there is no released binary for Linux on S390X"), "{said}");
    let said = release.get(&release.table(), &[("RUNNER_ARCH", "ARM64")]).unwrap_err();
    assert!(said.contains("knows no released binary for aarch64-unknown-linux-musl"), "{said}");
    *release.body.lock().unwrap() = None;
    let said = release.get(&release.table(), &[]).unwrap_err();
    assert!(said.contains("cannot be downloaded from http://127.0.0.1:"), "{said}");
}

#[test]
fn a_binary_that_is_named_is_taken_and_one_that_is_not_there_is_an_error() {
    let release = Release::of(SCRIPT);
    assert_eq!(release.get("", &[("BINARY", "/bin/sh")]).unwrap(), "/bin/sh");
    assert!(release.get("", &[("BINARY", "sh")]).unwrap().ends_with("/sh"));
    let said = release.get("", &[("BINARY", "/nowhere/countersign")]).unwrap_err();
    assert!(said.contains("names nothing that can be run"), "{said}");
    assert_eq!(release.requests(), 0);
}

#[test]
fn on_a_runner_the_action_downloads_checks_and_runs_it() {
    if peer("act").is_none() {
        return;
    }
    let release = Release::of(&format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_countersign")));
    let place = Place::new();
    place.write(".github/workflows/gate.yml", &act::workflow("          explain: ''"));
    place.commit();
    place.checkout("origin/main", &[]);
    place.edit_workflow("        with:\n          explain: ''\n", "");
    fs::write(act::action(&place).join("action/binaries.txt"), release.table()).unwrap();
    let more = [("--env", format!("COUNTERSIGN_RELEASES={}", release.url()))];
    let shown = run(&place, &OnForge::with(&place, "change").forge, "pull_request", &place.pull_request(), &more).unwrap();
    assert!(!shown.succeeded && shown.log.contains("decision=waiting for approval widens=true"), "{}", shown.log);
    assert_eq!(release.requests(), 1);
}
