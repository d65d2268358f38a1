//! Evidence at a release of GitLab's: attached once whatever goes wrong, and found there without a token, by the real program.

use crate::desk::{Office, Ran};
use crate::fake::http::{Manner, Response};
use crate::fake::server::Lost;
use crate::gitlab_fake::{GitLab, Opened, TOKEN};
use crate::house::{Job, REPOSITORY};
use assert_cmd::Command;
use std::collections::BTreeMap;
use std::fs;

const POLICY: &str = "version: 1
people: { teams: { security: acme/security } }
rules:
  - { name: security sees every gain, when: { gains: {} }, require: { approvals: [{ from: security }] } }
";
const LINES: &str = "countersign.intoto.jsonl";

/// A merge request that Bob has approved, and a release to which its record goes.
struct Scene {
    desk: Office<GitLab>,
    request: Opened,
    tag: &'static str,
}

impl Scene {
    fn new(tag: &'static str) -> Self {
        let desk = Office::<GitLab>::new(POLICY);
        desk.place.git(&["tag", "before", "main"]);
        let request = desk.proposes(42, "api.json", &["logs:PutLogEvents", "kms:Decrypt"]);
        request.approved(&desk.bob);
        desk.forge.at(REPOSITORY).released(tag);
        fs::write(desk.job.path().join("key.pem"), include_str!("../attestation/key.pem")).unwrap();
        fs::write(desk.job.path().join("key.pub"), include_str!("../attestation/key.pub")).unwrap();
        Self { desk, request, tag }
    }

    fn attest(&self) -> Ran {
        let (head, clone) = (self.request.head(), self.desk.place.cloned(&[]));
        let mut command = self.desk.job_of(&Job::Request { number: 42, head: &head }, &clone);
        let key = self.desk.job.path().join("key.pem");
        command.args(["attest", "--no-cache", "--release", self.tag, "--key", key.to_str().unwrap()]);
        self.ran(&mut command)
    }

    /// Whoever audits: a clone, a key, the address of the release, and no token.
    fn audit(&self, verb: &str, more: &[&str]) -> Ran {
        let clone = self.desk.place.cloned(&["main", "change-42"]);
        clone.git(&["fetch", "--quiet", "--tags", "origin"]);
        let mut command = Command::cargo_bin("countersign").unwrap();
        command.current_dir(clone.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.desk.job.path());
        // Where the forge is below a path, its variables say so.
        command.env("GITLAB_CI", "true").env("CI_API_V4_URL", self.desk.forge.api()).env("CI_PROJECT_PATH", REPOSITORY);
        let release = format!("{}/gitlab/{REPOSITORY}/-/releases/{}", self.desk.forge.origin(), self.tag.replace('/', "%2F"));
        self.ran(command.arg(verb).args(["--release", &release]).args(more))
    }

    fn verify(&self) -> Ran {
        let key = self.desk.job.path().join("key.pub");
        self.audit("verify", &["--commit", "change-42", "--key", key.to_str().unwrap()])
    }

    fn ran(&self, command: &mut Command) -> Ran {
        let ran = Ran::of(command).without(TOKEN).without("job-token");
        assert_eq!(self.desk.forge.state().mistakes, Vec::<String>::new(), "{}{}", ran.out, ran.err);
        ran
    }

    /// How often a file of a name is kept, and how often it is linked to.
    fn there(&self) -> BTreeMap<String, (usize, usize)> {
        let released = self.desk.forge.at(REPOSITORY).rereleased(|released| released.clone());
        let mut there = BTreeMap::<String, (usize, usize)>::new();
        for file in &released.files {
            there.entry(file.name.clone()).or_default().0 += 1;
        }
        for link in &released.releases[self.tag] {
            there.entry(link.name.clone()).or_default().1 += 1;
        }
        there
    }

    #[track_caller]
    fn is_whole(&self, ran: &Ran) {
        let there = self.there();
        assert!(there.len() == 3 && there.values().all(|counts| *counts == (1, 1)), "{there:?} {}{}", ran.out, ran.err);
        let names: Vec<&str> = there.keys().map(|name| name.split('-').next().unwrap()).collect();
        assert_eq!(names, ["authorization", LINES, "summary"]);
    }
}

#[test]
fn a_record_is_attached_once_and_found_by_whoever_has_the_address_and_the_key() {
    for tag in ["v1", "web/v1"] {
        let scene = Scene::new(tag);
        let ran = scene.attest();
        assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
        scene.is_whole(&ran);
        scene.desk.forge.forget();
        let again = scene.attest();
        assert!(again.code == 0 && again.out.contains("was attached already"), "{}{}", again.out, again.err);
        assert_eq!(scene.desk.forge.writes(), Vec::<String>::new());
        scene.desk.merges(&scene.request);
        scene.desk.forge.state().is_public = true;
        scene.desk.forge.forget();
        let verified = scene.verify();
        assert!(verified.code == 0 && verified.out.contains("is verified"), "{}{}", verified.out, verified.err);
        let found = scene.audit("lookup", &["--action", "kms:Decrypt"]);
        assert!(found.code == 0 && found.out.contains("1 record"), "{}{}", found.out, found.err);
        let key = scene.desk.job.path().join("key.pub");
        let gaps = scene.audit("gaps", &["--from", "before", "--to", "main", "--key", key.to_str().unwrap()]);
        assert!(gaps.code == 0 && gaps.out.contains("Nothing is missing"), "{}{}", gaps.out, gaps.err);
        assert!(scene.desk.forge.log().iter().all(|known| known.request.header("authorization").is_none()), "nobody said who asks");
    }
}

#[test]
fn a_write_whose_answer_is_lost_is_finished_and_nothing_is_there_twice() {
    for (method, path) in [("PUT", "/packages/generic/countersign/v1/authorization"), ("PUT", LINES), ("POST", "/assets/links")] {
        for was_done in [true, false] {
            let scene = Scene::new("v1");
            scene.desk.forge.state().lost = Some(Lost { method, path, was_done });
            let ran = scene.attest();
            assert_eq!(ran.code, 0, "{method} {path}: {}{}", ran.out, ran.err);
            assert!(scene.desk.forge.state().lost.is_none(), "{method} {path} was never sent");
            scene.is_whole(&ran);
        }
    }
}

#[test]
fn what_a_run_that_was_stopped_has_left_is_finished_by_the_next() {
    let writes = {
        let scene = Scene::new("v1");
        scene.attest();
        scene.desk.forge.writes()
    };
    assert_eq!(writes.len(), 6, "three files, and a link to each: {writes:?}");
    for stopped in 0..writes.len() {
        let scene = Scene::new("v1");
        let mut count = 0;
        scene.desk.forge.instead(move |request| {
            count += usize::from(matches!(request.method.as_str(), "PUT" | "POST") && !request.path.ends_with("/graphql"));
            (count > stopped && request.method != "GET").then(|| Response { manner: Manner::Silent, ..Response::new(502, "") })
        });
        let ran = scene.attest();
        assert_eq!(ran.code, 1, "write {stopped}: {}{}", ran.out, ran.err);
        scene.desk.forge.forget();
        let ran = scene.attest();
        assert_eq!(ran.code, 0, "write {stopped}: {}{}", ran.out, ran.err);
        scene.is_whole(&ran);
    }
}

#[test]
fn half_a_file_is_none_and_is_sent_again() {
    let scene = Scene::new("v1");
    scene.desk.forge.at(REPOSITORY).rereleased(|released| released.cuts_next = true);
    let ran = scene.attest();
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    scene.is_whole(&ran);
}

#[test]
fn something_else_of_the_same_name_is_left_there_and_told() {
    let scene = Scene::new("v1");
    scene.attest();
    let at = scene.desk.forge.at(REPOSITORY);
    at.rereleased(|released| released.files[0].bytes = b"{}\n".to_vec());
    let ran = scene.attest();
    assert!(ran.code == 1 && ran.err.contains("is attached to the release already, with another content"), "{}{}", ran.out, ran.err);
    assert_eq!(at.rereleased(|released| released.files[0].bytes.clone()), b"{}\n");
    let scene = Scene::new("v1");
    scene.attest();
    let at = scene.desk.forge.at(REPOSITORY);
    at.rereleased(|released| released.releases.get_mut("v1").unwrap()[0].url = "https://example.com/x".to_owned());
    let ran = scene.attest();
    assert!(ran.code == 1 && ran.err.contains("is attached to the release already"), "{}{}", ran.out, ran.err);
}

#[test]
fn nobody_goes_where_a_link_points_and_a_newer_file_of_somebody_else_is_refused() {
    let scene = Scene::new("v1");
    scene.attest();
    scene.desk.forge.state().is_public = true;
    let at = scene.desk.forge.at(REPOSITORY);
    // Whoever develops may move links and add files.
    at.rereleased(|released| {
        for link in released.releases.get_mut("v1").unwrap() {
            link.url = "http://localhost:1/steal".to_owned();
        }
    });
    let ran = scene.verify();
    assert_eq!(ran.code, 0, "it is read from the package: {}{}", ran.out, ran.err);
    at.rereleased(|released| {
        let newer: Vec<_> = released
            .files
            .iter()
            .enumerate()
            .map(|(at, file)| {
                let bytes = String::from_utf8(file.bytes.clone()).unwrap().replace("\"sig\":\"M", "\"sig\":\"N").into_bytes();
                crate::gitlab_fake::File { id: 9_000_000_000 + at as u64, bytes, ..file.clone() }
            })
            .collect();
        released.files.extend(newer);
    });
    let ran = scene.verify();
    assert!(ran.code == 10 && ran.out.contains("is refused"), "{}{}", ran.out, ran.err);
    at.rereleased(|released| released.files.clear());
    let ran = scene.verify();
    assert!(ran.code != 0 && !ran.out.contains("is verified"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_release_that_is_not_there_and_a_token_that_may_not_write_are_told() {
    let scene = Scene::new("v1");
    scene.desk.forge.at(REPOSITORY).rereleased(|released| released.releases.clear());
    let ran = scene.attest();
    assert!(ran.code == 1 && ran.err.contains("/releases/v1") && ran.err.contains("there is no such thing"), "{}{}", ran.out, ran.err);
    let scene = Scene::new("v1");
    scene.desk.forge.instead(|request| (request.method == "PUT").then(|| Response::new(403, r#"{"message": "403 Forbidden"}"#)));
    let ran = scene.attest();
    assert!(ran.code == 1 && ran.err.contains("/packages/generic/countersign/v1/") && ran.err.contains("403"), "{}{}", ran.out, ran.err);
    assert_eq!(scene.there(), BTreeMap::new(), "no link leads to what is not there");
}
