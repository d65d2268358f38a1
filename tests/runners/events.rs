//! Every example of GitHub's own for every event that the gate knows: npm's `@octokit/webhooks-examples`, a peer. Without it the test says
//! so and passes, except in CI.

use super::judges::record;
use countersign::world::ci::{About, job_with};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

const PACKAGE: &str = "node_modules/@octokit/webhooks-examples";

fn package() -> Option<PathBuf> {
    let peers = std::env::var_os("COUNTERSIGN_NODE_PEERS").map(PathBuf::from);
    let peers = peers.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/node"));
    let package = peers.join(PACKAGE);
    if package.is_dir() {
        return Some(package);
    }
    assert!(std::env::var_os("CI").is_none(), "`{}` is not there: `cargo xtask peers` installs it", package.display());
    eprintln!("SKIPPED: `{}` is not there: `cargo xtask peers` installs it", package.display());
    None
}

/// What is read of a payload, or what is wrong with it.
fn read(event: &str, payload: &Value) -> Result<About, String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), payload.to_string()).unwrap();
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_EVENT_NAME", event),
        ("GITHUB_EVENT_PATH", file.path().to_str().unwrap()),
        ("GITHUB_SHA", "f95f852bd8fca8fcc58a9a2d6c842781e32a215e"),
    ];
    let job = job_with(variables.map(|(name, value)| (name.to_owned(), value.to_owned())));
    job.map(|job| job.unwrap().about).map_err(|error| error.to_string())
}

/// What the payload says, by the names of the documentation; `None` where nothing can be compared.
fn expected(event: &str, payload: &Value) -> Option<About> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let branch = |value: &Value| text(value).trim_start_matches("refs/heads/").to_owned();
    Some(match event {
        "pull_request" | "pull_request_review" => {
            let request = &payload["pull_request"];
            let (head, target) = (text(&request["head"]["sha"]), text(&request["base"]["ref"]));
            About::Request { number: request["number"].as_u64().unwrap(), head, target }
        }
        "merge_group" => {
            let group = &payload["merge_group"];
            let (base, head) = (text(&group["base_sha"]), text(&group["head_sha"]));
            About::Queued { number: Some(104), base, head, target: branch(&group["base_ref"]) }
        }
        "push" => {
            let (reference, after) = (text(&payload["ref"]), text(&payload["after"]));
            match reference.strip_prefix("refs/tags/") {
                _ if payload["deleted"] == true => return None,
                Some(tag) => About::Release { tag: tag.to_owned(), head: after },
                None => {
                    let before = (payload["created"] != true).then(|| text(&payload["before"]));
                    About::Pushed { before, after, branch: branch(&payload["ref"]) }
                }
            }
        }
        "deployment" => {
            About::Deployment { environment: text(&payload["deployment"]["environment"]), head: text(&payload["deployment"]["sha"]) }
        }
        "release" => About::Release { tag: text(&payload["release"]["tag_name"]), head: "f95f852bd8fca8fcc58a9a2d6c842781e32a215e".into() },
        _ => About::State { head: "f95f852bd8fca8fcc58a9a2d6c842781e32a215e".into(), by_clock: event == "schedule" },
    })
}

const EVENTS: [&str; 7] = ["pull_request", "pull_request_review", "merge_group", "push", "deployment", "release", "workflow_dispatch"];

#[test]
fn every_example_of_every_event_is_read_as_the_documentation_says() {
    let Some(package) = package() else { return };
    let mut count = 0;
    for edition in fs::read_dir(&package).unwrap().map(|entry| entry.unwrap().path().join("index.json")).filter(|path| path.is_file()) {
        let all: Vec<Value> = serde_json::from_str(&fs::read_to_string(&edition).unwrap()).unwrap();
        for event in &all {
            let name = event["name"].as_str().unwrap();
            for payload in event["examples"].as_array().unwrap() {
                if EVENTS.contains(&name) {
                    let (read, expected) = (read(name, payload), expected(name, payload));
                    assert!(read.clone().ok() == expected, "{}: {name}: {read:?} instead of {expected:?}", edition.display());
                    count += 1;
                } else {
                    assert!(read(name, payload).unwrap_err().contains("is not about a change"), "{name}");
                }
            }
        }
    }
    assert!(count > 100, "{count} examples");
    let version: Value = serde_json::from_str(&fs::read_to_string(package.join("package.json")).unwrap()).unwrap();
    record(&format!("webhooks-examples {}: {count} events\n", version["version"].as_str().unwrap()));
}

#[test]
fn a_payload_that_is_another_event_or_none_is_an_error() {
    let full = "f95f852bd8fca8fcc58a9a2d6c842781e32a215e";
    let cases = [
        ("pull_request", serde_json::json!({}), "is not about a change"),
        ("push", serde_json::json!({ "ref": "refs/heads/main" }), "is not about a change"),
        ("push", serde_json::json!({ "ref": "refs/heads/main", "before": "main", "after": full }), "no full id"),
        ("deployment", serde_json::json!({ "deployment": { "environment": "x", "sha": "HEAD" } }), "no full id"),
        ("pull_request", serde_json::json!({ "pull_request": { "number": "7" } }), "is no event `pull_request`"),
        ("pull_request", serde_json::json!([]), "is no event `pull_request`"),
        ("issues", serde_json::json!({ "issue": {} }), "is not about a change"),
    ];
    for (event, payload, message) in cases {
        let error = read(event, &payload).unwrap_err();
        assert!(error.contains(message), "{event} {payload}: {error}");
    }
}
