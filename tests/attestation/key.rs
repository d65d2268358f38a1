//! Signing with a key, by the binary.

use crate::place::{OPEN, Place, SHUT};
use serde_json::{Value, json};

#[test]
fn what_is_authorized_is_signed_and_verified_and_says_what_was_decided() {
    let place = Place::new();
    let said = place.attest(&["--at", OPEN, "--key", "key.pem", "--unverified-facts"]);
    said.says(
        0,
        &["authorized\n", "wrote ./authorization.sigstore.json", "wrote ./summary.sigstore.json", "wrote ./countersign.intoto.jsonl"],
    );
    place.verify(&[]).says(
        0,
        &[
            "authorization.sigstore.json is verified: an authorization of commit",
            "of acme/infrastructure",
            "approved by bob (1002) for security at 2026-11-24T10:12:00Z",
            "nobody but the signer says when it was signed",
        ],
    );
    let statement = place.statement("authorization.sigstore.json");
    let predicate = &statement["predicate"];
    let head = place.git(&["rev-parse", "HEAD"]);
    let tree = place.git(&["rev-parse", "HEAD^{tree}"]);
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    assert_eq!(statement["predicateType"], "https://countersign.dev/authorization/v1");
    assert_eq!(statement["subject"][0]["annotations"]["gitCommit"], head);
    assert_eq!(statement["subject"][1]["annotations"], json!({"gitTree": tree}));
    assert_eq!((&predicate["record"], &predicate["head"]), (&json!("authorization"), &json!({"commit": head, "tree": tree})));
    assert_eq!(predicate["decision"], json!({"outcome": "authorized", "mode": "enforce", "decidedAt": OPEN, "timeSource": "given"}));
    assert_eq!(predicate["windows"][0]["closesAt"], "2026-11-24T17:00:00Z");
    assert_eq!(predicate["change"]["gained"], 1);
    assert_eq!(predicate["approvals"][0]["reviewedTree"], tree);
    assert_eq!(predicate["approvals"][0]["deltaDigestAtApproval"], predicate["change"]["digest"]);
    assert_eq!(predicate["facts"]["verified"], false);
    assert_eq!(predicate["gateRun"]["placement"], "advisory");
    assert_eq!(place.statement("summary.sigstore.json")["subject"], statement["subject"]);
}

#[test]
fn what_is_signed_is_what_its_schema_says() {
    let place = Place::new();
    let predicate = place.attested().statement("authorization.sigstore.json")["predicate"].clone();
    let schema = countersign::gate::SCHEMAS.iter().find(|published| published.name == "authorization").unwrap().text().unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let wrong: Vec<String> = validator.iter_errors(&predicate).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert_eq!(wrong, [""; 0]);
    let mut more = predicate;
    more["also"] = json!(1);
    assert!(!validator.is_valid(&more));
}

#[test]
fn the_commit_as_a_file_is_a_subject_so_that_any_verifier_can_be_given_it() {
    let place = Place::new();
    let digest = place.attested().statement("authorization.sigstore.json")["subject"][0]["digest"]["sha256"].as_str().unwrap().to_owned();
    let content =
        std::process::Command::new("git").current_dir(place.path("repo")).args(["cat-file", "commit", "HEAD"]).output().unwrap().stdout;
    assert_eq!(digest, countersign::systems::sha256(&content));
    let verify = ["verify", "authorization.sigstore.json", "--key", "key.pub", "--unverified-facts", "--digest", &digest];
    place.run(&verify).says(0, &["is verified"]);
}

#[test]
fn a_repository_of_sha256_is_attested_in_its_own_ids() {
    let place = Place::with("", &["--object-format=sha256"]);
    place.attested().verify(&["--recompute"]).says(0, &["is verified"]);
    let id = place.statement("authorization.sigstore.json")["subject"][0]["annotations"]["gitCommit"].as_str().unwrap().len();
    assert_eq!(id, 64);
}

#[test]
fn an_artifact_is_a_subject_and_another_one_is_none() {
    let place = Place::new();
    place.write("app.tar", "one");
    place.attest(&["--at", OPEN, "--key", "key.pem", "--unverified-facts", "--artifact", "app.tar"]).says(0, &[]);
    place.verify(&["--artifact", "app.tar"]).says(0, &["is verified"]);
    place.write("app.tar", "another");
    place.verify(&["--artifact", "app.tar"]).says(10, &["is refused", "subject: none of its subjects has the sha256"]);
}

#[test]
fn what_is_not_authorized_is_not_signed() {
    let place = Place::new();
    place.attest(&["--at", SHUT, "--key", "key.pem", "--unverified-facts"]).says(12, &["Nothing was signed."]);
    place.facts("labels: []\n");
    place.attest(&["--at", OPEN, "--key", "key.pem", "--unverified-facts"]).says(13, &["Nothing was signed."]);
    assert!(!place.path("authorization.sigstore.json").exists());
}

#[test]
fn facts_for_which_nobody_vouches_are_signed_and_taken_only_by_name() {
    let place = Place::new();
    place.attest(&["--at", OPEN, "--key", "key.pem"]).says(1, &["nobody vouches", "--unverified-facts"]);
    let verify = ["verify", "authorization.sigstore.json", "--repo", "repo", "--commit", "HEAD", "--key", "key.pub"];
    place.attested().run(&verify).says(10, &["record: it was decided from a facts file, for which nobody vouches"]);
}

#[test]
fn what_is_only_observed_is_never_an_authorization() {
    let place = Place::with("mode: observe\n", &[]);
    place.attest(&["--at", SHUT, "--key", "key.pem"]).says(0, &["observed: would be waiting for the window"]);
    assert_eq!(place.statement("authorization.sigstore.json")["predicate"]["record"], "observed");
    assert!(!place.path("summary.sigstore.json").exists(), "there is no summary of what nobody authorized");
    place.verify(&[]).says(10, &["record: the gate only looked on"]);
    place.verify(&["--observed", "--recompute"]).says(0, &["an observation, which is no authorization"]);
}

#[test]
fn what_had_landed_before_is_an_exception_for_ever() {
    let place = Place::new();
    place.facts("contributors: []\nlanded-at: 2026-11-24T10:20:00Z\n");
    place.attested();
    let predicate = place.statement("authorization.sigstore.json")["predicate"].clone();
    assert_eq!((&predicate["record"], &predicate["override"]["kind"]), (&json!("retroactive"), &json!("retroactive")));
    place.verify(&[]).says(10, &["record: the change had landed before it was asked about"]);
    place.verify(&["--retroactive", "--recompute"]).says(0, &["a retroactive record, which is no prior approval"]);
}

#[test]
fn a_record_about_some_paths_is_none_of_the_whole() {
    let place = Place::new();
    let said = place.attest(&["--at", OPEN, "--key", "key.pem", "--unverified-facts", "--", "countersign.yml"]);
    said.says(0, &["authorized"]);
    assert!(!place.path("summary.sigstore.json").exists(), "a summary says that all of it was authorized");
    place.verify(&[]).says(10, &["record: it is about some paths only, and nobody said who judged the others: countersign.yml"]);
    place.verify(&["--some-paths"]).says(0, &[]);
}

#[test]
fn a_command_signs_and_what_it_prints_has_to_be_its_signature() {
    let place = Place::new();
    let command =
        |line: &[&str]| place.attest(&[&["--at", OPEN, "--unverified-facts", "--public-key", "key.pub", "--sign-with"], line].concat());
    command(&["openssl", "dgst", "-sha256", "-sign", "key.pem"]).says(0, &["authorized"]);
    place.verify(&["--recompute"]).says(0, &["is verified"]);
    command(&["cat"]).says(1, &["is no signature of the key in `--public-key`"]);
    command(&["sh", "-c", "echo no such slot >&2; exit 3"]).says(1, &["`sh`, ended with exit status: 3: no such slot"]);
    command(&["./there-is-no-such-program"]).says(1, &["cannot run the command that signs, `./there-is-no-such-program`"]);
}

#[test]
fn the_other_key_and_no_key_are_refused() {
    let place = Place::new();
    place.attested();
    let status = std::process::Command::new("sh").current_dir(place.root()).args(["-c", "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out o.pem 2>/dev/null && openssl pkey -in o.pem -pubout -out o.pub"]).status().unwrap();
    assert!(status.success());
    let with = |key: &[&str]| {
        place.run(&[&["verify", "authorization.sigstore.json", "--repo", "repo", "--commit", "HEAD", "--unverified-facts"], key].concat())
    };
    with(&["--key", "o.pub"]).says(10, &["signature: "]);
    with(&[]).says(10, &["bundle: it was signed with a key: name the public key with `--key`"]);
    with(&["--key", "key.pem"]).says(1, &["`key.pem` is no public key that can be used"]);
    place.attest(&["--at", OPEN, "--unverified-facts", "--key", "key.pub"]).says(1, &["`key.pub` is no private key that can be used"]);
}

#[test]
fn a_run_without_an_identity_is_told_how_to_get_one() {
    Place::new()
        .attest(&["--at", OPEN, "--unverified-facts"])
        .says(1, &["no identity to sign with", "id-token: write", "SIGSTORE_ID_TOKEN", "--key"]);
}

#[test]
fn a_private_repository_does_not_go_to_the_public_log() {
    let place = Place::new();
    let token = |visibility: &str| {
        use base64::Engine as _;
        let claims = json!({"iss": "https://token.actions.githubusercontent.com", "sub": "repo:acme/infrastructure", "aud": "sigstore", "exp": 9_999_999_999_u64, "repository": "acme/infrastructure", "repository_id": "77", "repository_visibility": visibility});
        let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims.to_string());
        place.write("token", &format!("e30.{claims}.c2ln"));
    };
    for visibility in ["private", "internal", "something else"] {
        token(visibility);
        place
            .attest(&["--at", OPEN, "--unverified-facts", "--identity-token", "token"])
            .says(1, &["a log that everybody can read, and nobody says that `acme/infrastructure` is public", "--public-log"]);
    }
    place.write("token", "no token");
    place.attest(&["--at", OPEN, "--unverified-facts", "--identity-token", "token"]).says(1, &["the identity token is none"]);
}

#[test]
fn two_names_of_one_repository_are_refused() {
    let place = Place::new();
    place
        .attest(&["--at", OPEN, "--unverified-facts", "--key", "key.pem", "--repository", "acme/other"])
        .says(1, &["of the repository `acme/infrastructure` and of `acme/other`"]);
}

#[test]
fn evidence_is_about_commits() {
    let place = Place::new();
    let sides = ["attest", "--base", "repo/clusters", "--head", "repo/clusters", "--policy", "repo/countersign.yml", "--key", "key.pem"];
    place.run(&sides).says(1, &["two commits of a repository"]);
}

#[test]
fn a_file_of_several_bundles_is_verified_whole() {
    let place = Place::new();
    place.attested();
    let verify = [
        "verify",
        "countersign.intoto.jsonl",
        "--repo",
        "repo",
        "--commit",
        "HEAD",
        "--key",
        "key.pub",
        "--unverified-facts",
        "--format",
        "json",
    ];
    let said = place.run(&verify);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!((said.code, &report["verified"], report["bundles"].as_array().unwrap().len()), (0, &json!(true), 2));
    assert_eq!(report["bundles"][0]["bundle"], "countersign.intoto.jsonl:1");
    let summary = ["verify", "summary.sigstore.json", "--repo", "repo", "--commit", "HEAD", "--key", "key.pub"];
    place.run(&summary).says(10, &["No authorization among them."]);
}

#[test]
fn evidence_of_another_commit_or_repository_is_refused_for_that_reason() {
    let place = Place::new();
    place.attested();
    let other = ["verify", "authorization.sigstore.json", "--repo", "repo", "--commit", "main", "--key", "key.pub", "--unverified-facts"];
    place.run(&other).says(10, &["subject: none of its subjects has the gitCommit"]);
    place
        .verify(&["--repository", "acme/other"])
        .says(10, &["repository: its repository is `acme/infrastructure`; `acme/other` is wanted"]);
    place.verify(&["--repository-id", "7"]).says(10, &["repository: its repository id is none; `7` is wanted"]);
    place.verify(&["--policy-digest", "sha256:00"]).says(10, &["record: its policy is `sha256:"]);
    place.run(&["verify", "authorization.sigstore.json", "--key", "key.pub"]).says(2, &["--commit"]);
}
