//! What is deployed from a project of GitLab, by the real program: each merge request that landed since the last deployment, and nothing in
//! a freeze of the project where the policy heeds it.

use crate::desk::{Office, role};
use crate::gitlab_fake::GitLab;
use crate::house::REPOSITORY;

const POLICY: &str = "version: 1
people: { teams: { security: acme/security } }
rules:
  - { name: security sees every gain, when: { gains: {} }, require: { approvals: [{ from: security }] } }
";
const HEEDING: &str = "windows:
  office: { zone: Europe/London, open: [{ days: [mon, tue, wed, thu, fri], from: '09:00', to: '17:00' }], forge-freezes: true }
";
const DEPLOYED: &str =
    "  - { name: gains are deployed when somebody is there, when: { gains: {} }, if: { stage: deploy }, require: { window: office } }\n";
const TUESDAY: &str = "2026-01-06T10:00:00Z";
const WEDNESDAY: &str = "2026-01-07T10:00:00Z";

/// A project whose first state is deployed.
fn deployed(policy: &str) -> Office<GitLab> {
    let desk = Office::<GitLab>::new(policy);
    crate::house::House::deployed(&desk.forge, &desk.main());
    desk
}

/// One whose windows heed its freezes, with an approved merge request that landed.
fn frozen(freezes: Option<Vec<[&'static str; 3]>>) -> (Office<GitLab>, String) {
    let desk = deployed(&format!("{POLICY}{DEPLOYED}{HEEDING}"));
    desk.forge.at(REPOSITORY).change(|_, project| project.freezes = freezes);
    let request = desk.proposes(42, "api.json", &["logs:PutLogEvents", "kms:Decrypt"]);
    request.approved(&desk.bob);
    let landed = desk.merges(&request);
    (desk, landed)
}

#[test]
fn several_merge_requests_of_one_deployment_are_judged_each_by_itself() {
    let desk = deployed(POLICY);
    let (first, second) = (desk.proposes(42, "api.json", &["kms:Decrypt"]), desk.proposes(43, "web.json", &["iam:PassRole"]));
    first.approved(&desk.bob);
    desk.merges(&first);
    let landed = desk.merges(&second);
    let ran = desk.deploys(&landed, TUESDAY, &[]);
    assert_eq!(ran.code, 11, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("What landed by change request 42") && ran.out.contains("What landed by change request 43"), "{}", ran.out);
    second.approved(&desk.bob);
    assert_eq!(desk.deploys(&landed, TUESDAY, &[]).code, 0);
    desk.forge.group("acme/security", &[&desk.carol]);
    assert_eq!(desk.deploys(&landed, TUESDAY, &[]).code, 11, "Bob is in security no more");
}

#[test]
fn a_push_of_several_is_judged_like_a_deployment() {
    let desk = Office::<GitLab>::new(POLICY);
    let before = desk.main();
    let (first, second) = (desk.proposes(42, "api.json", &["kms:Decrypt"]), desk.proposes(43, "web.json", &["iam:PassRole"]));
    for request in [&first, &second] {
        desk.merges(request);
    }
    first.approved(&desk.bob);
    let ran = desk.pushes(&before, &desk.main(), TUESDAY);
    assert_eq!(ran.code, 11, "{}{}", ran.out, ran.err);
    second.approved(&desk.bob);
    let ran = desk.pushes(&before, &desk.main(), TUESDAY);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}

#[test]
fn what_landed_by_no_merge_request_is_authorized_by_nobody() {
    let desk = deployed(POLICY);
    let request = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    request.approved(&desk.bob);
    desk.merges(&request);
    desk.place.write("web.json", &role("web.json", &["iam:PassRole"]));
    let pushed = desk.place.commit(&desk.carol, "round the gate");
    let ran = desk.deploys(&pushed, TUESDAY, &[]);
    assert_eq!(ran.code, 13, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("it landed by no change request"), "{}", ran.out);
}

#[test]
fn more_than_was_approved_is_denied_however_it_was_merged() {
    let desk = deployed(POLICY);
    let request = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    request.approved(&desk.bob);
    desk.place.write("api.json", &role("api.json", &["kms:Decrypt", "kms:ScheduleKeyDeletion"]));
    let squashed = desk.place.commit(&desk.carol, "let it do more");
    request.change(|_, request| (request.is_merged, request.merged) = (true, Some(squashed.clone())));
    let ran = desk.deploys(&squashed, TUESDAY, &[]);
    assert_eq!(ran.code, 10, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("kms:ScheduleKeyDeletion"), "{}", ran.out);
}

#[test]
fn a_freeze_of_the_project_closes_the_windows_that_heed_it() {
    // From Monday night until Tuesday at noon in Berlin, an hour earlier in London.
    let (desk, landed) = frozen(Some(vec![["0 22 * * 1", "0 12 * * 2", "Europe/Berlin"]]));
    let ran = desk.deploys(&landed, TUESDAY, &[]);
    assert_eq!(ran.code, 12, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("closed for `a deploy freeze of the project` until Tuesday 2026-01-06 11:00 GMT"), "{}", ran.out);
    assert_eq!(desk.deploys(&landed, "2026-01-06T11:00:00Z", &[]).code, 0);
    assert_eq!(desk.deploys(&landed, WEDNESDAY, &[]).code, 0);
}

#[test]
fn a_freeze_is_no_concern_of_a_window_that_does_not_heed_it() {
    let (desk, landed) = {
        let desk = deployed(&format!("{POLICY}{DEPLOYED}{}", HEEDING.replace(", forge-freezes: true", "")));
        desk.forge.at(REPOSITORY).change(|_, project| project.freezes = None);
        let request = desk.proposes(42, "api.json", &["kms:Decrypt"]);
        request.approved(&desk.bob);
        let landed = desk.merges(&request);
        (desk, landed)
    };
    let ran = desk.deploys(&landed, TUESDAY, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(desk.forge.log().iter().all(|known| !known.request.path.contains("freeze")), "nobody asks for it");
}

#[test]
fn freezes_that_are_hidden_or_not_understood_are_never_open() {
    for (freezes, why) in [
        (None, "GitLab answers 403 to the freeze periods of the project: the token needs the role Reporter"),
        (Some(vec![["0 22 * * 5#1", "0 12 * * 2", "UTC"]]), "the freeze from `0 22 * * 5#1` to `0 12 * * 2` in `UTC` is not understood"),
        (Some(vec![["0 22 * * 5", "0 12 * * 2", "Berlin"]]), "in `Berlin` is not understood"),
    ] {
        let (desk, landed) = frozen(freezes);
        let ran = desk.deploys(&landed, WEDNESDAY, &[]);
        assert_eq!(ran.code, 13, "{}{}", ran.out, ran.err);
        assert!(ran.out.contains("whether a deploy freeze of the project closes `office`") && ran.out.contains(why), "{}", ran.out);
    }
}

#[test]
fn a_freeze_that_gitlab_says_is_on_closes_until_it_says_otherwise() {
    let (desk, landed) = frozen(Some(Vec::new()));
    assert_eq!(desk.deploys(&landed, WEDNESDAY, &[]).code, 0);
    let ran = desk.deploys_in_a_freeze(&landed, WEDNESDAY);
    assert_eq!(ran.code, 12, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("a deploy freeze of the project"), "{}", ran.out);
}

#[test]
fn taking_access_away_waits_for_no_freeze() {
    let (desk, landed) = frozen(None);
    crate::house::House::deployed(&desk.forge, &landed);
    let less = desk.proposes(43, "api.json", &["logs:PutLogEvents"]);
    let narrowed = desk.merges(&less);
    let ran = desk.deploys(&narrowed, TUESDAY, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
}
