//! The binary in a job, without its runner: which two states it compares, by which policy, and what it hands on.

use super::place::{Place, git, more};
use std::collections::BTreeMap;
use std::fs;

const AT: [&str; 2] = ["--at", "2026-11-24T10:30:00Z"];

/// The facts of the pull request, with an approval or without.
fn facts(place: &Place, reviews: &str) -> String {
    let path = place.root().join("facts.yml");
    let text = format!("author: {{ id: 1001, login: alice }}\nauthor-kind: user\ncontributors: []\nreviews: [{reviews}]\n");
    fs::write(&path, text).unwrap();
    path.to_string_lossy().into_owned()
}

fn approval(place: &Place) -> String {
    let commit = place.id("change");
    format!(
        "{{ id: 1, author: {{ id: 1002, login: bob }}, kind: user, state: approved, commit: {commit}, submitted-at: 2026-11-24T10:00:00Z }}"
    )
}

fn check(facts: &str) -> Vec<String> {
    ["check", AT[0], AT[1], "--facts", facts].map(str::to_owned).to_vec()
}

fn run(place: &Place, event: &str, payload: &str, arguments: &[String]) -> super::place::Said {
    place.run(&place.github(event, payload), &arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn a_pull_request_is_judged_from_where_it_left_its_branch_by_the_policy_of_that_branch_today() {
    let place = Place::new();
    // Since the change left, the branch went on: another policy holds, and somebody else has lost access, which is not this change.
    place.write("countersign.yml", &super::place::POLICY.replace("security sees every gain", "today's rule"));
    place.write("rbac/other.yaml", &more().replace("name: r ", "name: other ").replace("name: b ", "name: other "));
    place.commit();
    place.checkout("origin/change", &[]);
    for event in ["pull_request", "pull_request_target", "pull_request_review"] {
        let said = run(&place, event, &place.pull_request(), &check(&facts(&place, "")));
        assert_eq!(said.code, 11, "{event}: {}{}", said.out, said.err);
        assert!(said.out.contains("today's rule") && said.out.contains("1 gained"), "{event}: {}", said.out);
        let approved = run(&place, event, &place.pull_request(), &check(&facts(&place, &approval(&place))));
        assert_eq!(approved.code, 0, "{event}: {}", approved.out);
    }
}

#[test]
fn the_job_is_handed_its_outputs_a_summary_annotations_and_the_report_in_full() {
    let place = Place::new();
    place.checkout("origin/change", &[]);
    let said = run(&place, "pull_request", &place.pull_request(), &check(&facts(&place, "")));
    let outputs = place.outputs();
    assert_eq!(outputs["decision"], "waiting for approval");
    assert_eq!(outputs["widens"], "true");
    assert!(outputs["delta-digest"].starts_with("sha256:"), "{outputs:?}");
    assert_eq!(outputs["next-step"], "Ask bob to approve.");
    let report: serde_json::Value = serde_json::from_str(&fs::read_to_string(&outputs["report"]).unwrap()).unwrap();
    assert_eq!(report["outcome"], "waiting for approval");
    assert!(place.told("summary.md").contains("### ⏳ Waiting for approval."), "{}", place.told("summary.md"));
    let annotations: Vec<&str> = said.err.lines().collect();
    assert!(annotations[0].starts_with("::error file=rbac/role.yaml,line="), "{}", said.err);
    assert!(annotations[1].starts_with("::warning file=countersign.yml,line="), "{}", said.err);
    assert!(!said.out.contains("::error"), "standard output is the report alone");
}

#[test]
fn where_both_sides_are_named_the_job_is_told_only_if_somebody_asks_for_it() {
    let place = Place::new();
    place.checkout("origin/change", &[]);
    let variables = place.github("pull_request", &place.pull_request());
    let named = ["check", "--base", "origin/main", "--head", "origin/change", "--facts", &facts(&place, "")].map(str::to_owned);
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let said = place.run(&variables, &named);
    assert_eq!((said.code, said.err.as_str()), (11, ""));
    assert!(place.told("output").is_empty() && place.told("summary.md").is_empty());
    place.run(&variables, &[named.as_slice(), &["--outputs"]].concat());
    assert_eq!(place.outputs()["decision"], "waiting for approval");
}

#[test]
fn what_a_change_brings_along_is_neither_an_output_nor_a_command() {
    let place = Place::new();
    let evil = "x\\n::error::gotcha\\r::set-output name=decision::authorized%0A##[error]";
    place.git(&["checkout", "--quiet", "change"]);
    place.write("rbac/role.yaml", &more().replace("name: operators", &format!("name: \"{evil}\"")));
    place.commit();
    place.checkout("origin/change", &[]);
    let said = run(&place, "pull_request", &place.pull_request(), &check(&facts(&place, "")));
    assert_eq!(said.code, 11, "{}{}", said.out, said.err);
    let commands: Vec<&str> = said.err.lines().chain(said.out.lines()).filter(|line| line.trim_start().starts_with("::")).collect();
    assert!(commands.len() == 2 && commands.iter().all(|line| line.contains(",title=Countersign%3A ")), "{commands:?}");
    assert!(!said.err.contains("##[") && !said.out.contains("##["));
    assert_eq!(place.outputs()["decision"], "waiting for approval");
    assert_eq!(place.outputs().len(), 5);
}

#[test]
fn a_queue_judges_what_it_puts_onto_what_comes_before() {
    let place = Place::new();
    place.git(&["checkout", "--quiet", "-b", "queue", "main"]);
    place.git(&["merge", "--quiet", "--no-ff", "--message=merge", "change"]);
    place.checkout("origin/queue", &[]);
    let (base, head) = (place.id("main"), place.id("queue"));
    let payload = format!(
        r#""merge_group": {{ "base_ref": "refs/heads/main", "base_sha": "{base}", "head_ref": "refs/heads/gh-readonly-queue/main/pr-7-{base}", "head_sha": "{head}" }}"#
    );
    let said = run(&place, "merge_group", &payload, &check(&facts(&place, "")));
    assert_eq!(said.code, 11, "{}{}", said.out, said.err);
    assert!(said.out.contains("1 gained"), "{}", said.out);
}

#[test]
fn what_landed_is_compared_with_the_state_before_the_push() {
    let place = Place::new();
    let before = place.id("main");
    place.git(&["merge", "--quiet", "--ff-only", "change"]);
    place.checkout("origin/main", &[]);
    let push = |before: &str, after: &str| format!(r#""ref": "refs/heads/main", "before": "{before}", "after": "{after}""#);
    let said = run(&place, "push", &push(&before, &place.id("main")), &["check".to_owned()]);
    assert_eq!(said.code, 13, "nobody knows who approved: {}{}", said.out, said.err);
    let nothing = "0".repeat(40);
    let said = run(&place, "push", &push(&nothing, &place.id("main")), &["check".to_owned()]);
    assert!(said.code == 1 && said.err.contains("branch `main` is new"), "{}", said.err);
    assert!(said.err.contains("::error title=Countersign::branch `main` is new"), "{}", said.err);
    let said = run(&place, "push", &push(&nothing, &place.id("main")), &["check", "--base", "origin/main~1"].map(str::to_owned));
    assert_eq!(said.code, 13, "{}", said.err);
    let said = run(&place, "push", &push(&before, &nothing), &["check".to_owned()]);
    assert!(said.code == 1 && said.err.contains("`main` was deleted"), "{}", said.err);
    let gone = "1".repeat(40);
    let said = run(&place, "push", &push(&gone, &place.id("main")), &["check".to_owned()]);
    assert!(
        said.code == 1 && said.err.contains("`fetch-depth: 0`") && said.err.contains(&format!("git fetch origin {gone}")),
        "{}",
        said.err
    );
}

#[test]
fn a_shallow_clone_is_an_error_that_says_what_to_fetch() {
    let place = Place::new();
    place.checkout("origin/change", &["--depth=1", "--branch=change"]);
    let said = run(&place, "pull_request", &place.pull_request(), &["check".to_owned()]);
    assert!(
        said.code == 1 && said.err.contains("branch `main` is not in this clone") && said.err.contains("fetch-depth: 0"),
        "{}",
        said.err
    );
    git(&place.clone_of_job(), &["fetch", "--quiet", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main"]);
    let said = run(&place, "pull_request", &place.pull_request(), &["check".to_owned()]);
    assert!(said.code == 1 && said.err.contains("shallow clone") && said.err.contains("fetch-depth: 0"), "{}", said.err);
}

#[test]
fn a_head_that_only_the_forge_has_is_an_error_until_it_is_fetched_as_data() {
    let place = Place::new();
    place.checkout("origin/main", &["--single-branch", "--branch=main"]);
    let variables = place.github("pull_request_target", &place.pull_request());
    let said = place.run(&variables, &["check"]);
    let head = place.id("change");
    assert!(said.code == 1 && said.err.contains(&format!("git fetch origin {head}")), "{}", said.err);
    git(&place.clone_of_job(), &["fetch", "--quiet", "origin", &head]);
    let said = place.run(&variables, &["check"]);
    assert_eq!(said.code, 13, "{}", said.err);
}

#[test]
fn a_deployment_is_compared_with_what_is_named_and_judged_by_the_policy_of_the_default_branch() {
    let place = Place::new();
    place.checkout("origin/change", &[]);
    let payload = format!(r#""deployment": {{ "environment": "production", "sha": "{}" }}"#, place.id("change"));
    let said = run(&place, "deployment", &payload, &["check".to_owned()]);
    assert!(said.code == 1 && said.err.contains("last deployed to `production`"), "{}", said.err);
    let old = place.id("without-policy");
    let said = run(&place, "deployment", &payload, &["check", "--base", &old].map(str::to_owned));
    assert_eq!(said.code, 13, "{}{}", said.out, said.err);
    assert!(said.out.contains("security sees every gain"), "{}", said.out);
}

#[test]
fn the_change_that_brings_the_first_policy_is_shown_where_that_is_asked_for_and_an_error_elsewhere() {
    let place = Place::new();
    place.git(&["checkout", "--quiet", "-B", "main", "without-policy"]);
    place.checkout("origin/change", &[]);
    let variables = place.github("pull_request", &place.pull_request());
    let said = place.run(&variables, &["check"]);
    assert!(said.code == 1 && said.err.contains("the base side has no policy"), "{}", said.err);
    let said = place.run(&variables, &["check", "--adopting"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("1 gained") && !said.out.contains("Decision"), "{}", said.out);
    assert_eq!(place.outputs().keys().collect::<Vec<_>>(), ["delta-digest", "report", "widens"]);
    // Without a policy of its own there is nothing to adopt.
    place.git(&["checkout", "--quiet", "-B", "change", "without-policy"]);
    place.write("rbac/role.yaml", &more());
    place.commit();
    git(&place.clone_of_job(), &["fetch", "--quiet", "origin"]);
    let said = place.run(&place.github("pull_request", &place.pull_request()), &["check", "--adopting"]);
    assert!(said.code == 1 && said.err.contains("the base side has no policy"), "{}", said.err);
}

#[test]
fn outside_a_job_it_says_what_is_missing() {
    let place = Place::new();
    place.checkout("origin/main", &[]);
    for verb in ["check", "diff"] {
        let said = place.run(&BTreeMap::new(), &[verb]);
        assert!(said.code == 2 && said.err.contains("name `--base` and `--head`"), "{}", said.err);
    }
}

#[test]
fn diff_finds_the_two_sides_as_well() {
    let place = Place::new();
    place.checkout("origin/change", &[]);
    let said = run(&place, "pull_request", &place.pull_request(), &["diff", "--exit-code"].map(str::to_owned));
    assert!(said.code == 10 && said.out.contains("1 gained"), "{}{}", said.out, said.err);
    assert_eq!(place.outputs()["widens"], "true");
}

#[test]
fn a_merge_request_is_judged_from_where_it_left_its_branch_and_its_outputs_are_variables() {
    let place = Place::new();
    place.checkout("origin/change", &[]);
    let request = [("CI_MERGE_REQUEST_IID", "7"), ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")];
    let said = place.run(&place.gitlab("merge_request_event", &request), &["check", "--facts", &facts(&place, "")]);
    assert_eq!((said.code, said.err.as_str()), (11, ""), "{}", said.out);
    let variables = fs::read_to_string(place.clone_of_job().join("countersign.env")).unwrap();
    assert!(variables.starts_with("COUNTERSIGN_DECISION=waiting for approval\nCOUNTERSIGN_NEXT_STEP=Ask bob to approve.\n"), "{variables}");
    assert!(variables.lines().all(|line| line.starts_with("COUNTERSIGN_")), "{variables}");
}

#[test]
fn a_deployment_of_gitlab_is_compared_with_what_is_named() {
    let place = Place::new();
    place.checkout("origin/change", &[]);
    let deployment = [("CI_ENVIRONMENT_NAME", "production"), ("CI_COMMIT_BRANCH", "main")];
    let variables = place.gitlab("push", &deployment);
    let said = place.run(&variables, &["check"]);
    assert!(said.code == 1 && said.err.contains("last deployed to `production`"), "{}", said.err);
    let said = place.run(&variables, &["check", "--base", "origin/main"]);
    assert_eq!(said.code, 13, "{}", said.err);
}

#[test]
fn a_summary_without_room_is_left_as_it_is_and_the_decision_stands() {
    let place = Place::new();
    place.checkout("origin/change", &[]);
    fs::write(place.root().join("summary.md"), "x".repeat(1 << 20)).unwrap();
    let said = run(&place, "pull_request", &place.pull_request(), &check(&facts(&place, "")));
    assert_eq!(said.code, 11);
    assert!(said.err.contains("no room left"), "{}", said.err);
    assert_eq!(place.told("summary.md").len(), 1 << 20);
    assert_eq!(place.outputs()["decision"], "waiting for approval");
}

#[test]
fn outputs_that_cannot_be_written_close_the_gate() {
    let place = Place::new();
    place.checkout("origin/change", &[]);
    let mut variables = place.github("pull_request", &place.pull_request());
    variables.insert("GITHUB_OUTPUT".to_owned(), place.root().join("nowhere/output").to_string_lossy().into_owned());
    let said = place.run(&variables, &["check", AT[0], AT[1], "--facts", &facts(&place, &approval(&place))]);
    assert!(said.code == 1 && said.err.contains("cannot write the outputs of this job"), "{}", said.err);
}
