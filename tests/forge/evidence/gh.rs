//! GitHub's own program reads what we attach: its requests go through a socket to the forge of the tests.

use super::scene::{REPOSITORY, Scene};
use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

/// Loudly nothing where it is not installed.
fn program() -> Option<PathBuf> {
    let python = env::var_os("COUNTERSIGN_PYTHON")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/python/bin/python"), PathBuf::from);
    let program = python.with_file_name("gh");
    if !program.is_file() {
        assert!(env::var_os("CI").is_none(), "peer missing: gh, which CI must have");
        eprintln!("peer missing: gh; nothing was held against it. To have it: cargo xtask peers");
        return None;
    }
    if let Some(path) = env::var_os("COUNTERSIGN_PEERS_LOG") {
        let version = Command::new(&program).arg("--version").output().unwrap().stdout;
        let version = String::from_utf8(version).unwrap().split(' ').nth(2).unwrap_or_default().to_owned();
        writeln!(OpenOptions::new().append(true).create(true).open(path).unwrap(), "gh {version}: a release and its attestations").unwrap();
    }
    Some(program)
}

/// Takes one request, and hands it on to the forge under the forge's own name.
fn handed_on(mut client: UnixStream, to: &str) -> io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") && client.read(&mut byte)? > 0 {
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    if head.starts_with("POST /graphql") {
        // Whether there is a draft of the release, which nobody else may see; here is none.
        let body = r#"{"data":{"repository":{"release":null}}}"#;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        client.write_all(answer.as_bytes())?;
        return client.shutdown(Shutdown::Write);
    }
    // The forge of the tests holds our own client to what it has to send, and this one sends older names of the same.
    let is_file = head.contains("Accept: application/octet-stream");
    let lines = head.trim_end().split("\r\n").map(|line| match line.split_once(": ") {
        Some(("Host", _)) => format!("Host: {to}"),
        Some(("Accept", _)) if !is_file => "Accept: application/vnd.github+json".to_owned(),
        Some(("Connection", _)) => "Connection: close".to_owned(),
        _ => line.to_owned(),
    });
    let head = lines.collect::<Vec<_>>().join("\r\n");
    let mut forge = TcpStream::connect(to)?;
    forge.write_all(format!("{head}\r\n\r\n").as_bytes())?;
    let (mut up, mut down) = (forge.try_clone()?, client.try_clone()?);
    thread::spawn(move || drop(io::copy(&mut client, &mut up)));
    io::copy(&mut forge, &mut down)?;
    down.shutdown(Shutdown::Both)
}

struct Gh<'s> {
    program: PathBuf,
    scene: &'s Scene,
}

impl<'s> Gh<'s> {
    fn of(scene: &'s Scene) -> Option<Self> {
        let gh = Self { program: program()?, scene };
        let socket = scene.path("gh.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let to = scene.forge.api().trim_start_matches("http://").split('/').next().unwrap().to_owned();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let to = to.clone();
                thread::spawn(move || handed_on(client, &to));
            }
        });
        gh.says(&["config", "set", "http_unix_socket", socket.to_str().unwrap()]);
        Some(gh)
    }

    #[track_caller]
    fn says(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(&self.program);
        command.current_dir(self.scene.path("")).args(arguments).env("GH_CONFIG_DIR", self.scene.path("gh"));
        command.env("GH_TOKEN", super::scene::TOKEN).env("GH_PROMPT_DISABLED", "1").env("GH_NO_UPDATE_NOTIFIER", "1").env("NO_COLOR", "1");
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success(), "gh {arguments:?}: {said}");
        said
    }
}

#[test]
fn githubs_own_program_sees_what_is_attached_and_brings_it_whole() {
    let scene = Scene::new();
    let Some(gh) = Gh::of(&scene) else { return };
    scene.pull.reviewed(&scene.bob, "APPROVED");
    let at = scene.forge.at(REPOSITORY);
    at.released("v1");
    scene.attest(&["--release", "v1", "--attestations"]).says(0, &["countersign.intoto.jsonl: attached"]);
    let assets = at.assets("v1");

    let view = gh.says(&["release", "view", "v1", "--repo", REPOSITORY]);
    for name in assets.keys() {
        assert!(view.contains(name.as_str()), "{name} is not in {view}");
    }
    gh.says(&["release", "download", "v1", "--repo", REPOSITORY, "--dir", "brought"]);
    let brought = scene.path("brought");
    for (name, asset) in &assets {
        assert_eq!(fs::read(brought.join(name)).unwrap(), asset.bytes, "{name}");
    }
    // What it brought is verified as a directory of bundles is.
    let repo = scene.place.path();
    let bundles = brought.join(assets.keys().next().unwrap());
    scene
        .run(&["verify", bundles.to_str().unwrap(), "--commit", "feature", "--repo", repo.to_str().unwrap(), "--key", "key.pub"])
        .says(0, &["is verified"]);

    // The store of attestations knows the commit by the digest of what git keeps of it.
    let content = Command::new("git").current_dir(&repo).args(["cat-file", "commit", "feature"]).output().unwrap().stdout;
    fs::write(scene.path("commit"), content).unwrap();
    gh.says(&["attestation", "download", "commit", "--repo", REPOSITORY]);
    let lines = fs::read_dir(scene.path("")).unwrap().map(|entry| entry.unwrap().path());
    let lines = lines.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("sha256")).collect::<Vec<_>>();
    let text = fs::read_to_string(&lines[0]).unwrap();
    let brought: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kept: serde_json::Value = serde_json::from_slice(&assets.values().next().unwrap().bytes).unwrap();
    assert!(brought.iter().any(|bundle| bundle["dsseEnvelope"] == kept["dsseEnvelope"]), "{text}");
}
