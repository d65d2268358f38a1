//! Signing as a run of GitHub Actions, against an instance on this machine; each bundle is held against two other verifiers.

use crate::instance::{ISSUER, Instance, WORKFLOW};
use crate::place::{OPEN, Place};
use crate::tampering::flip;
use countersign::world::signer::{SignedBy, Verifier};
use std::path::Path;
use std::process::Output;

const IDENTITY: [&str; 4] = ["--identity", WORKFLOW, "--issuer", ISSUER];

fn verifies(output: Option<Output>, expected: bool, who: &str) {
    if let Some(output) = output {
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert_eq!(output.status.success(), expected, "{who}: {said}");
    }
}

#[test]
fn a_run_signs_as_itself_and_every_verifier_agrees() {
    let Some(instance) = Instance::start("{}") else { return };
    for rekor in [1, 2] {
        let place = Place::new();
        instance.attest(&place, rekor, &[]).says(0, &["authorized\n", "wrote ./authorization.sigstore.json"]);
        let said = instance.verify(&place, &[&IDENTITY[..], &["--recompute"]].concat());
        said.says(0, &["is verified", &format!("signed by {WORKFLOW} at "), "in a transparency log"]);
        verifies(instance.python(&place, WORKFLOW), true, "sigstore-python");
        verifies(instance.javascript(&place, WORKFLOW), true, "@sigstore/verify");
        verifies(instance.gh(&place, WORKFLOW), true, "gh");
        let other = "https://github.com/mallory/gate/.github/workflows/gate.yml@refs/heads/main";
        instance.verify(&place, &["--identity", other, "--issuer", ISSUER]).says(10, &["identity: the subject of whoever signed is"]);
        verifies(instance.python(&place, other), false, "sigstore-python");
        verifies(instance.javascript(&place, other), false, "@sigstore/verify");
        verifies(instance.gh(&place, other), false, "gh");
        let predicate = place.statement("authorization.sigstore.json")["predicate"].clone();
        assert_eq!(predicate["repository"], serde_json::json!({"id": "77", "name": "acme/infrastructure"}));
        assert_eq!(predicate["gateRun"]["workflow"], WORKFLOW.trim_start_matches("https://github.com/"));
        assert_eq!((&predicate["gateRun"]["placement"], &predicate["gateRun"]["run"]), (&"outside".into(), &"7/1".into()));
    }
}

#[test]
fn whoever_is_not_asked_for_is_refused() {
    let Some(instance) = Instance::start("{}") else { return };
    let place = Place::new();
    instance.attest(&place, 2, &[]).says(0, &[]);
    instance.verify(&place, &[]).says(10, &["identity: a certificate has signed, and nobody said whose is wanted"]);
    instance.verify(&place, &["--identity", "*", "--issuer", ISSUER]).says(10, &["nobody said whose is wanted"]);
    let with = |more: &[&str]| instance.verify(&place, &[&IDENTITY[..], more].concat());
    with(&["--source-repository", "acme/infrastructure", "--source-repository-id", "77", "--source-ref", "refs/heads/*"])
        .says(0, &["is verified"]);
    with(&["--source-repository", "acme/other"])
        .says(10, &["identity: the repository of whoever signed is `https://github.com/acme/infrastructure`"]);
    with(&["--source-repository-id", "78"]).says(10, &["identity: the repository id of whoever signed is `77`; `78` is wanted"]);
    with(&["--source-ref", "refs/tags/*"]).says(10, &["identity: the ref of whoever signed is `refs/heads/main`"]);
    with(&["--workflow", "https://github.com/acme/other/*"]).says(10, &["identity: the workflow of whoever signed is"]);
    instance
        .verify(&place, &["--identity", WORKFLOW, "--issuer", "https://gitlab.com"])
        .says(10, &["identity: the issuer of whoever signed is"]);
    instance.verify(&place, &["--key", "key.pub"]).says(10, &["bundle: it was signed by a certificate"]);
    let public = ["verify", "authorization.sigstore.json", "--repo", "repo", "--commit", "HEAD", "--unverified-facts"];
    place.run(&[&public[..], &IDENTITY].concat()).says(10, &["signature: "]);
}

#[test]
fn another_instance_is_not_trusted() {
    let (Some(one), Some(other)) = (Instance::start("{}"), Instance::start("{}")) else { return };
    let place = Place::new();
    one.attest(&place, 2, &[]).says(0, &[]);
    other.verify(&place, &IDENTITY).says(10, &["signature: "]);
    let place = Place::new();
    one.attest_for(&place, 2, &other.file("trusted_root.json"), &[]).says(1, &["what was signed does not hold, so it was not written"]);
    assert!(!place.path("authorization.sigstore.json").exists());
}

#[test]
fn a_run_of_another_repository_cannot_sign_for_this_one() {
    let Some(instance) = Instance::start(r#"{"repository": "mallory/infrastructure"}"#) else { return };
    let place = Place::new();
    instance.attest(&place, 2, &[]).says(1, &["of the repository `acme/infrastructure` and of `mallory/infrastructure`"]);
    assert!(!place.path("authorization.sigstore.json").exists());
}

#[test]
fn a_workflow_that_the_change_could_alter_is_advisory() {
    let own = r#"{"job_workflow_ref": "acme/infrastructure/.github/workflows/gate.yml@refs/pull/42/merge", "event_name": "pull_request"}"#;
    let Some(instance) = Instance::start(own) else { return };
    let place = Place::new();
    instance.attest(&place, 2, &[]).says(0, &[]);
    assert_eq!(place.statement("authorization.sigstore.json")["predicate"]["gateRun"]["placement"], "advisory");
}

#[test]
fn a_key_with_a_timestamp_proves_when() {
    let Some(instance) = Instance::start("{}") else { return };
    let place = Place::new();
    let root = instance.file("trusted_root.json");
    let timestamps = ["--timestamps", &*instance.timestamps(), "--trusted-root", &root];
    place.attest(&[&["--at", OPEN, "--key", "key.pem", "--unverified-facts"], &timestamps[..]].concat()).says(0, &[]);
    let said = place.verify(&["--trusted-root", &root]);
    said.says(0, &["signed by the key that was given at 20"]);
    assert!(!said.out.contains("nobody but the signer"), "{}", said.out);
    place.verify(&[]).says(0, &["nobody but the signer says when it was signed"]);
    let Some(other) = Instance::start("{}") else { return };
    place.verify(&["--trusted-root", &other.file("trusted_root.json")]).says(10, &["signature: its timestamp does not hold"]);
}

#[test]
fn every_byte_of_a_bundle_of_a_run_that_is_flipped_is_refused_or_proves_the_same() {
    let Some(instance) = Instance::start("{}") else { return };
    for rekor in [1, 2] {
        let place = Place::new();
        instance.attest(&place, rekor, &[]).says(0, &[]);
        let bundle = std::fs::read(place.path("authorization.sigstore.json")).unwrap();
        let verifier = Verifier::new(Some(Path::new(&instance.file("trusted_root.json"))), None).unwrap();
        assert!(matches!(verifier.verify(&bundle).unwrap().by, SignedBy::Certificate(_)));
        flip(&verifier, bundle.trim_ascii_end(), &[1]);
    }
}

#[test]
fn the_log_entry_of_another_bundle_is_refused() {
    let Some(instance) = Instance::start("{}") else { return };
    let (one, other) = (Place::new(), Place::new());
    for place in [&one, &other] {
        instance.attest(place, 2, &[]).says(0, &[]);
    }
    let read = |place: &Place| serde_json::from_str::<serde_json::Value>(&place.read("authorization.sigstore.json")).unwrap();
    for part in ["tlogEntries", "certificate", "timestampVerificationData"] {
        let mut mixed = read(&one);
        mixed["verificationMaterial"][part] = read(&other)["verificationMaterial"][part].clone();
        other.write("mixed.json", &mixed.to_string());
        let root = instance.file("trusted_root.json");
        let verify = ["verify", "mixed.json", "--repo", "repo", "--commit", "HEAD", "--unverified-facts", "--trusted-root", &root];
        other.run(&[&verify[..], &IDENTITY].concat()).says(10, &["signature: "]);
    }
}

#[test]
fn what_was_signed_when_its_certificate_had_expired_is_refused() {
    let Some(instance) = Instance::start_later("{}", 3600) else { return };
    let place = Place::new();
    instance.attest(&place, 2, &[]).says(1, &["what was signed does not hold, so it was not written", "CertExpired"]);
    assert!(!place.path("authorization.sigstore.json").exists());
}

#[test]
fn a_pipeline_of_gitlab_signs_as_itself() {
    use base64::Engine as _;
    let Some(instance) = Instance::start("{}") else { return };
    let who = "https://gitlab.com/acme/gate//templates/gate.yml@refs/heads/main";
    let claims = serde_json::json!({"iss": "https://gitlab.com", "sub": who, "aud": "sigstore", "iat": 1, "exp": 9_999_999_999_u64,
        "project_path": "acme/infrastructure", "project_id": "9", "project_visibility": "private", "pipeline_source": "merge_request_event",
        "pipeline_id": "12", "ci_config_ref_uri": "gitlab.com/acme/gate//templates/gate.yml@refs/heads/main"});
    let token = format!("e30.{}.c2ln", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims.to_string()));
    let (config, root) = (instance.file("signing_config_v2.json"), instance.file("trusted_root.json"));
    let place = Place::new();
    let arguments = ["attest", "--no-cache", "--repo", "repo", "--base", "main", "--head", "HEAD", "--facts", "facts.yml", "--at", OPEN];
    let services = ["--unverified-facts", "--signing-config", &config, "--trusted-root", &root];
    place.run_with(&[&arguments[..], &services].concat(), &[("SIGSTORE_ID_TOKEN", &token)]).says(0, &["authorized\n"]);
    instance.verify(&place, &["--identity", who, "--issuer", "https://gitlab.com", "--recompute"]).says(0, &["is verified"]);
    let predicate = place.statement("authorization.sigstore.json")["predicate"].clone();
    assert_eq!(predicate["repository"], serde_json::json!({"id": "9", "name": "acme/infrastructure"}));
    assert_eq!((&predicate["gateRun"]["run"], &predicate["gateRun"]["placement"]), (&"12".into(), &"advisory".into()));
    assert!(!place.read("authorization.sigstore.json").contains(&token), "the token is written nowhere");
}
