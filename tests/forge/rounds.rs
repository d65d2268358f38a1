//! Change requests that wait, judged again by the clock and by number, by the real program.

use crate::desk::{Desk, TOKEN};
use assert_cmd::Command;
use serde_json::Value;

const POLICY: &str = "version: 1
people: { teams: { security: acme/security } }
windows:
  office: { zone: Europe/London, open: [{ days: [mon, tue, wed, thu, fri], from: '09:00', to: '17:00' }] }
rules:
  - { name: security sees every gain, when: { gains: {} }, require: { approvals: [{ from: security }], window: office } }
";
const MORNING: &str = "2026-01-06T10:00:00Z";
const NIGHT: &str = "2026-01-06T22:00:00Z";
const NEXT_MORNING: &str = "2026-01-07T10:00:00Z";
const PARTS: [&str; 2] = ["--publish", "comment,check"];

#[test]
fn every_change_request_that_is_open_is_judged_and_each_gets_its_own_report() {
    let desk = Desk::new(POLICY);
    let (approved, waiting) = (desk.proposes(42, "api.json", &["kms:Decrypt"]), desk.proposes(43, "web.json", &["iam:PassRole"]));
    let merged = desk.proposes(44, "other.json", &["s3:GetObject"]);
    merged.merged(&merged.head());
    approved.reviewed(&desk.bob, "APPROVED");
    let ran = desk.scheduled(MORNING, &PARTS);
    assert_eq!(ran.code, 11, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("== Change request 42 ==") && ran.out.contains("== Change request 43 =="), "{}", ran.out);
    assert!(!ran.out.contains("44"), "it has landed: {}", ran.out);
    let (first, second) = (desk.comment(42).unwrap(), desk.comment(43).unwrap());
    assert!(first.contains("kms:Decrypt") && first.contains("Authorized"), "{first}");
    assert!(second.contains("iam:PassRole") && second.contains("Waiting for approval"), "{second}");
    let conclusions = [&approved, &waiting].map(|pull| desk.conclusion(&pull.head()).unwrap());
    assert_eq!(conclusions, ["success", "failure"]);
    assert!(desk.summary().contains("## Change request 42") && desk.summary().contains("## Change request 43"), "{}", desk.summary());
}

#[test]
fn a_window_that_opens_and_a_membership_that_ends_are_seen_by_the_clock() {
    let desk = Desk::new(POLICY);
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    pull.reviewed(&desk.bob, "APPROVED");
    let ran = desk.scheduled(NIGHT, &PARTS);
    assert_eq!((ran.code, desk.conclusion(&pull.head()).as_deref()), (12, Some("failure")), "{}", ran.out);
    assert_eq!((desk.scheduled(NEXT_MORNING, &PARTS).code, desk.conclusion(&pull.head()).as_deref()), (0, Some("success")));
    desk.forge.team("acme/security", &[&desk.carol]);
    assert_eq!((desk.scheduled(NEXT_MORNING, &PARTS).code, desk.conclusion(&pull.head()).as_deref()), (11, Some("failure")));
    assert!(desk.comment(42).unwrap().contains("Waiting for approval"));
}

#[test]
fn one_that_cannot_be_judged_hides_no_other_and_closes_the_gate() {
    let desk = Desk::new(POLICY);
    let (broken, sound) = (desk.proposes(42, "api.json", &["kms:Decrypt"]), desk.proposes(43, "web.json", &["iam:PassRole"]));
    sound.reviewed(&desk.bob, "APPROVED");
    desk.pull_request(&broken, MORNING, &PARTS);
    // The commit is in no branch, and the forge does not hand it out.
    let gone = broken.head();
    desk.place.git(&["update-ref", "refs/pull/42/head", &gone]);
    desk.place.git(&["branch", "--quiet", "-D", "change-42"]);
    desk.forge.instead(|request| request.path.contains(".git/").then(|| crate::fake::http::Response::new(404, "")));
    let ran = desk.scheduled(MORNING, &PARTS);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("the forge does not hand it out") && ran.out.contains("iam:PassRole"), "{}", ran.out);
    assert_eq!([desk.conclusion(&gone).unwrap(), desk.conclusion(&sound.head()).unwrap()], ["failure", "success"]);
    assert!(desk.comment(42).unwrap().contains("could not be judged"), "what was said before does not stand any more");
}

#[test]
fn what_only_the_forge_has_is_fetched() {
    let desk = Desk::new(POLICY);
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    pull.reviewed(&desk.bob, "APPROVED");
    // As a change from a fork: no branch of the repository leads there.
    desk.place.git(&["update-ref", "refs/pull/42/head", &pull.head()]);
    desk.place.git(&["branch", "--quiet", "-D", "change-42"]);
    let ran = desk.scheduled(MORNING, &[]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("kms:Decrypt"), "{}", ran.out);
}

#[test]
fn where_nothing_is_open_nothing_is_stopped() {
    let desk = Desk::new(POLICY);
    let ran = desk.scheduled(MORNING, &PARTS);
    assert_eq!((ran.code, ran.out.trim()), (0, "No change request is open."), "{}", ran.err);
    assert_eq!(desk.forge.writes(), Vec::<String>::new());
}

#[test]
fn a_round_is_one_report_for_machines_and_none_of_the_forms_that_are_about_one_change() {
    let desk = Desk::new(POLICY);
    desk.proposes(42, "api.json", &["kms:Decrypt"]);
    let ran = desk.scheduled(MORNING, &["--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((report["schema"].as_str(), report["exitCode"].as_i64()), (Some("countersign/round/v1"), Some(11)));
    assert_eq!(report["parts"][0]["changeRequest"], 42);
    assert_eq!(report["parts"][0]["report"]["outcome"], "waiting for approval");
    let ran = desk.scheduled(MORNING, &["--format", "sarif"]);
    assert!(ran.code == 1 && ran.err.contains("about one change"), "{}", ran.err);
}

#[test]
fn facts_of_one_change_request_are_none_of_another() {
    let desk = Desk::new(POLICY);
    desk.proposes(42, "api.json", &["kms:Decrypt"]);
    desk.forge.forget();
    let ran = desk.scheduled(MORNING, &["--facts", "facts.yml"]);
    assert!(ran.code == 1 && ran.err.contains("are of one change"), "{}", ran.err);
    assert_eq!(desk.forge.log().len(), 0);
}

#[test]
fn a_forge_that_lists_only_a_part_of_what_is_open_closes_the_gate() {
    let desk = Desk::new(POLICY);
    desk.proposes(42, "api.json", &["kms:Decrypt"]);
    desk.forge.troubled_by(|_, request, answer| {
        let is_list = request.path.ends_with("/pulls");
        if is_list { crate::fake::http::Response::new(404, r#"{"message": "Not Found"}"#) } else { answer }
    });
    let ran = desk.scheduled(MORNING, &PARTS);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.err.contains("GET /repos/acme/infrastructure/pulls"), "{}", ran.err);
}

#[test]
fn one_is_judged_by_its_number_outside_of_its_own_job() {
    let desk = Desk::new(POLICY);
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    let check = |number: &str| {
        let clone = desk.place.cloned(&[]);
        let mut command = Command::cargo_bin("countersign").unwrap();
        command.current_dir(clone.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("GITHUB_ACTIONS", "true");
        command.env("GITHUB_REPOSITORY", "acme/infrastructure").env("GITHUB_API_URL", desk.forge.api()).env("GITHUB_TOKEN", TOKEN);
        let output = command.args(["check", "--no-cache", "--change-request", number, "--at", MORNING]).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (code, said) = check("42");
    assert!(code == 11 && said.contains("kms:Decrypt"), "{said}");
    pull.reviewed(&desk.bob, "APPROVED");
    assert_eq!(check("42").0, 0);
    pull.merged(&pull.head());
    let (code, said) = check("42");
    assert!(code == 1 && said.contains("change request 42 is not open"), "{said}");
    let (code, said) = check("7");
    assert!(code == 1 && said.contains("/pulls/7"), "{said}");
}

#[test]
fn a_branch_that_the_clone_lacks_is_told_of_its_change_request_alone() {
    let desk = Desk::new(POLICY);
    let (other, sound) = (desk.proposes(42, "api.json", &["kms:Decrypt"]), desk.proposes(43, "web.json", &["iam:PassRole"]));
    other.change(|_, pull| pull.base = "release".to_owned());
    sound.reviewed(&desk.bob, "APPROVED");
    let ran = desk.scheduled(MORNING, &PARTS);
    assert!(ran.code == 1 && ran.out.contains("branch `release` is not in this clone"), "{}", ran.out);
    assert_eq!(desk.conclusion(&sound.head()).as_deref(), Some("success"));
}

#[test]
fn what_is_said_of_a_commit_for_the_second_time_counts_again() {
    let desk = Desk::new(POLICY);
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    let ends = || {
        desk.scheduled(MORNING, &PARTS);
        desk.conclusion(&pull.head()).unwrap()
    };
    assert_eq!((ends(), ends()), ("failure".to_owned(), "failure".to_owned()));
    pull.reviewed(&desk.bob, "APPROVED");
    assert_eq!(ends(), "success");
    pull.change(|_, pull| pull.reviews.clear());
    assert_eq!(ends(), "failure", "the check that failed before is not the one that counts");
    assert_eq!(desk.forge.state().repositories["acme/infrastructure"].written.checks.len(), 3, "and none is doubled");
}

#[test]
fn a_commit_that_is_proposed_to_two_branches_has_a_check_for_each() {
    let desk = Desk::new(POLICY);
    desk.place.git(&["checkout", "--quiet", "-b", "loose"]);
    desk.place.write("countersign.yml", "version: 1\nrules: [{ name: all, when: { gains: {} }, allow: true }]\n");
    desk.place.commit(&desk.alice, "a branch of my own");
    desk.place.git(&["checkout", "--quiet", "main"]);
    let pull = desk.proposes(42, "api.json", &["*"]);
    for number in [41, 43] {
        desk.at().pull_request(number, &desk.alice, "change-42").change(|_, pull| pull.base = "loose".to_owned());
    }
    let head = pull.head();
    let ends = || {
        let state = desk.forge.state();
        let checks = state.repositories["acme/infrastructure"].written.checks.iter().rev();
        let of = |branch: &str| {
            let name = format!("countersign report for {branch}");
            checks.clone().find(|check| check.head == head && check.name == name).map(|check| check.conclusion.clone())
        };
        [of("main"), of("loose")]
    };
    let expected = [Some("failure".to_owned()), Some("success".to_owned())];
    desk.scheduled(MORNING, &PARTS);
    assert_eq!(ends(), expected);
    desk.pull_request(&pull, MORNING, &PARTS);
    assert_eq!(ends(), expected, "the job of the pull request means the same check");
}
