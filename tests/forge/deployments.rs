//! What is deployed, by the real program: each change request that landed since the last deployment, with the approvals that it had and
//! the people, windows and rules of today.

use crate::desk::{Desk, role};

const POLICY: &str = "version: 1
people: { teams: { security: acme/security } }
windows:
  office: { zone: Europe/London, open: [{ days: [mon, tue, wed, thu, fri], from: '09:00', to: '17:00' }] }
rules:
  - { name: security sees every gain, when: { gains: {} }, require: { approvals: [{ from: security }] } }
  - { name: gains are deployed when somebody is there, when: { gains: {} }, if: { stage: deploy }, require: { window: office } }
";
const MORNING: &str = "2026-01-06T10:00:00Z";
const NIGHT: &str = "2026-01-06T22:00:00Z";

/// A repository whose first state is deployed.
fn deployed() -> Desk {
    let desk = Desk::new(POLICY);
    desk.at().deployed("production", &desk.main(), &["success"]);
    desk
}

#[test]
fn a_deployment_is_decided_by_what_was_approved_before_it_landed() {
    let desk = deployed();
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    pull.reviewed(&desk.bob, "APPROVED");
    let landed = desk.merges(&pull);
    let ran = desk.deploys(&landed, MORNING, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let ran = desk.deploys(&landed, NIGHT, &[]);
    assert!(ran.code == 12 && ran.out.contains("2026-01-07"), "the next opening is shown: {}", ran.out);
    desk.forge.team("acme/security", &[&desk.carol]);
    assert_eq!(desk.deploys(&landed, MORNING, &[]).code, 11, "Bob is in security no more");
}

#[test]
fn several_change_requests_of_one_deployment_are_judged_each_by_itself() {
    let desk = deployed();
    let (first, second) = (desk.proposes(42, "api.json", &["kms:Decrypt"]), desk.proposes(43, "web.json", &["iam:PassRole"]));
    first.reviewed(&desk.bob, "APPROVED");
    desk.merges(&first);
    let landed = desk.merges(&second);
    let ran = desk.deploys(&landed, MORNING, &[]);
    assert_eq!(ran.code, 11, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("What landed by change request 42") && ran.out.contains("What landed by change request 43"), "{}", ran.out);
    second.reviewed(&desk.bob, "APPROVED");
    assert_eq!(desk.deploys(&landed, MORNING, &[]).code, 0);
}

#[test]
fn a_push_of_several_is_judged_like_a_deployment() {
    let desk = Desk::new(POLICY);
    let before = desk.main();
    let (first, second) = (desk.proposes(42, "api.json", &["kms:Decrypt"]), desk.proposes(43, "web.json", &["iam:PassRole"]));
    for pull in [&first, &second] {
        pull.reviewed(&desk.bob, "APPROVED");
        desk.merges(pull);
    }
    let ran = desk.pushes(&before, &desk.main(), MORNING);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let ran = desk.pushes(&before, &desk.main(), NIGHT);
    assert_eq!(ran.code, 12, "{}{}", ran.out, ran.err);
}

#[test]
fn what_was_rebased_is_one_change_request_of_several_commits() {
    let desk = deployed();
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    desk.place.git(&["checkout", "--quiet", "change-42"]);
    desk.place.write("api.json", &role("api.json", &["kms:Decrypt", "kms:*"]));
    desk.place.commit(&desk.alice, "too much");
    desk.place.write("api.json", &role("api.json", &["kms:Decrypt"]));
    desk.place.commit(&desk.alice, "less again");
    desk.place.git(&["checkout", "--quiet", "main"]);
    pull.pushed(&desk.alice);
    pull.reviewed(&desk.bob, "APPROVED");
    desk.place.git(&["merge", "--quiet", "--ff-only", "change-42"]);
    let (last, middle) = (desk.main(), desk.place.git(&["rev-parse", "main~1"]));
    let first = desk.place.git(&["rev-parse", "main~2"]);
    pull.merged(&last);
    pull.change(|_, pull| pull.brought = vec![middle, first]);
    let ran = desk.deploys(&last, MORNING, &[]);
    assert_eq!(ran.code, 0, "what it gave in between was never deployed: {}{}", ran.out, ran.err);
}

#[test]
fn what_landed_by_no_change_request_is_authorized_by_nobody() {
    let desk = deployed();
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    pull.reviewed(&desk.bob, "APPROVED");
    desk.merges(&pull);
    desk.place.write("web.json", &role("web.json", &["iam:PassRole"]));
    let pushed = desk.place.commit(&desk.carol, "round the gate");
    let ran = desk.deploys(&pushed, MORNING, &[]);
    assert_eq!(ran.code, 13, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("What landed by no change request that the forge names"), "{}", ran.out);
    assert!(ran.out.contains("it landed by no change request"), "{}", ran.out);
}

#[test]
fn more_than_was_approved_is_denied_however_it_was_merged() {
    let desk = deployed();
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    pull.reviewed(&desk.bob, "APPROVED");
    desk.place.write("api.json", &role("api.json", &["kms:Decrypt", "kms:ScheduleKeyDeletion"]));
    let squashed = desk.place.commit(&desk.carol, "let it do more (#42)");
    pull.merged(&squashed);
    let ran = desk.deploys(&squashed, MORNING, &[]);
    assert!(ran.code == 10 && ran.out.contains("more landed than was authorized"), "{}{}", ran.out, ran.err);
}

#[test]
fn a_rollback_is_judged_again() {
    let desk = deployed();
    let before = desk.main();
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    pull.reviewed(&desk.bob, "APPROVED");
    let landed = desk.merges(&pull);
    desk.at().deployed("production", &landed, &["success"]);
    // Logs were taken away, and come back with the older state, in which nobody may decrypt.
    let ran = desk.deploys(&before, MORNING, &[]);
    assert_eq!(ran.code, 13, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("as with a rollback") && ran.out.contains("logs:PutLogEvents"), "{}", ran.out);
}

#[test]
fn a_rollback_that_only_takes_access_away_needs_nobody_in_the_middle_of_the_night() {
    let desk = deployed();
    let before = desk.main();
    let pull = desk.proposes(42, "api.json", &["logs:PutLogEvents", "kms:Decrypt"]);
    let landed = desk.merges(&pull);
    desk.at().deployed("production", &landed, &["success"]);
    desk.forge.forget();
    let ran = desk.deploys(&before, NIGHT, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(desk.forge.log().iter().all(|known| known.request.path.contains("/deployments")), "nobody else is asked");
}

#[test]
fn a_release_is_judged_like_the_deployment_that_it_leads_to() {
    let desk = deployed();
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    let landed = desk.merges(&pull);
    let release = serde_json::json!({ "release": { "tag_name": "v1" } });
    let at = ["--environment", "production"];
    let ran = desk.run("release", &release, &landed, MORNING, &at);
    assert_eq!(ran.code, 11, "{}{}", ran.out, ran.err);
    pull.reviewed(&desk.bob, "APPROVED");
    assert_eq!(desk.run("release", &release, &landed, MORNING, &at).code, 0);
}

#[test]
fn what_is_lost_by_two_together_is_no_more_than_was_authorized() {
    let desk = deployed();
    // Both files give the role the same, so neither takes anything away alone.
    let more = |actions: &[&str]| role("api.json", actions).replace(r#""PolicyName": "work""#, r#""PolicyName": "more""#);
    desk.place.write("more.json", &more(&["logs:PutLogEvents"]));
    let both = desk.place.commit(&desk.carol, "say it twice");
    desk.at().deployed("production", &both, &["success"]);
    let first = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    desk.place.git(&["checkout", "--quiet", "-b", "change-43", "main"]);
    desk.place.write("more.json", &more(&["kms:Encrypt"]));
    desk.place.commit(&desk.alice, "the other");
    desk.place.git(&["checkout", "--quiet", "main"]);
    let second = desk.at().pull_request(43, &desk.alice, "change-43");
    for pull in [&first, &second] {
        desk.merges(pull);
        pull.reviewed(&desk.bob, "APPROVED");
    }
    let ran = desk.deploys(&desk.main(), MORNING, &[]);
    assert!(ran.out.contains("can no longer") && !ran.out.contains("more landed than was authorized: "), "{}{}", ran.out, ran.err);
    assert_eq!(ran.code, 11, "what Bob approved took nothing away, and an approval holds for all that a change does: {}", ran.out);
}

#[test]
fn a_policy_that_lands_first_does_not_decide_about_what_lands_after_it_in_one_push() {
    let own = "  - { name: own files, when: { edits: [countersign.yml] }, require: { approvals: [{ from: security }] } }\n";
    let desk = Desk::new(&format!("{POLICY}{own}"));
    let before = desk.main();
    let looser = desk.proposes(42, "readme.json", &["logs:PutLogEvents"]);
    desk.place.git(&["checkout", "--quiet", "-B", "change-42", "main"]);
    desk.place.write("countersign.yml", "version: 1\nrules: [{ name: all, when: { gains: {} }, allow: true }]\n");
    desk.place.commit(&desk.alice, "let everything pass");
    desk.place.git(&["checkout", "--quiet", "main"]);
    looser.pushed(&desk.alice);
    looser.reviewed(&desk.bob, "APPROVED");
    let gain = desk.proposes(43, "web.json", &["iam:PassRole"]);
    desk.merges(&looser);
    let landed = desk.merges(&gain);
    let ran = desk.pushes(&before, &landed, MORNING);
    assert_eq!(ran.code, 11, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("approval from `security` needed"), "{}", ran.out);
}
