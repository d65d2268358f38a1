//! What somebody does who may write to the repository, and would like to have something deployed that nobody approved.

use crate::desk::{Desk, Ran, role};
use serde_json::{Value, json};

const OWN: &str = "  - { name: own files, when: { edits: [countersign.yml] }, require: { approvals: [{ from: security }] } }\n";
const POLICY: &str = "version: 1
people: { teams: { security: acme/security } }
rules:
  - { name: security sees every gain, when: { gains: {} }, require: { approvals: [{ from: security }] } }
  - { name: own files, when: { edits: [countersign.yml] }, require: { approvals: [{ from: security }] } }
";
const LOOSE: &str = "version: 1
rules:
  - { name: all, when: { gains: {} }, allow: true }
  - { name: own, when: { edits: [countersign.yml] }, allow: true }
";
const NOW: &str = "2026-01-06T10:00:00Z";

/// A repository whose first state is deployed.
fn deployed() -> Desk {
    let desk = Desk::new(POLICY);
    desk.at().deployed("production", &desk.main(), &["success"]);
    desk
}

#[track_caller]
fn ends(ran: &Ran, code: i32, words: &str) {
    assert!(ran.code == code && (ran.out.contains(words) || ran.err.contains(words)), "{}: {}{}", ran.code, ran.out, ran.err);
}

fn plan() -> String {
    let case = "tests/cases/terraform-plan/a-permission-of-a-function-that-names-no-source-widens/plan.json";
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(case).to_string_lossy().into_owned()
}

#[test]
fn a_plan_that_gives_access_is_not_let_through_because_nothing_landed() {
    let desk = deployed();
    let plan = plan();
    ends(&desk.deploys(&desk.main(), NOW, &["--plan", &plan]), 13, "nothing landed since what is deployed now");
    let ran = desk.deploys(&desk.main(), NOW, &["--plan", &plan, "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["schema"], "countersign/check/v1", "{}", ran.out);
    ends(&desk.deploys(&desk.main(), NOW, &[]), 0, "authorized");
}

#[test]
fn a_run_that_somebody_starts_by_hand_is_no_way_past_a_push_that_was_stopped() {
    let desk = Desk::new(POLICY);
    let before = desk.main();
    desk.place.write("api.json", &role("api.json", &["*"]));
    let pushed = desk.place.commit(&desk.alice, "round the gate");
    ends(&desk.pushes(&before, &pushed, NOW), 13, "it landed by no change request");
    let by_hand = |more: &[&str]| desk.run("workflow_dispatch", &json!({ "ref": "refs/heads/main" }), &pushed, NOW, more);
    ends(&by_hand(&[]), 1, "nothing says which environment this is for");
    ends(&by_hand(&["--open"]), 0, "No change request is open.");
    ends(&desk.scheduled(NOW, &[]), 0, "No change request is open.");
}

#[test]
fn an_environment_with_a_blank_at_its_end_is_not_one_that_no_rule_is_about() {
    let desk = Desk::new(
        &POLICY
            .replace("when: { gains: {} },", "if: { deployed-to: [production] }, when: { gains: {} },")
            .replace("rules:\n", "rules:\n  - { name: elsewhere anything goes, when: { gains: {} }, allow: true }\n"),
    );
    for name in ["production", "production ", " production", "production\u{a0}"] {
        desk.at().deployed(name, &desk.main(), &["success"]);
    }
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    let landed = desk.merges(&pull);
    ends(&desk.deploys(&landed, NOW, &[]), 11, "approval from `security` needed");
    for name in ["production ", " production", "production\u{a0}", " "] {
        let deployment = json!({ "deployment": { "environment": name, "sha": landed } });
        ends(&desk.run("deployment", &deployment, &landed, NOW, &[]), 1, "names no environment");
        let release = json!({ "release": { "tag_name": "v1" } });
        ends(&desk.run("release", &release, &landed, NOW, &["--environment", name]), 1, "names no environment");
    }
}

/// Alice's change request with these files.
fn brings(desk: &Desk, number: u64, files: &[(&str, &str)]) -> crate::fake::PullRequest {
    let branch = format!("change-{number}");
    desk.place.git(&["checkout", "--quiet", "-b", &branch, "main"]);
    for (path, text) in files {
        desk.place.write(path, text);
    }
    desk.place.commit(&desk.alice, "change it");
    desk.place.git(&["checkout", "--quiet", "main"]);
    desk.at().pull_request(number, &desk.alice, &branch)
}

#[test]
fn a_policy_that_landed_does_not_decide_at_its_deployment_about_itself() {
    let everything = role("api.json", &["*"]);
    for files in [&[("countersign.yml", LOOSE), ("api.json", &everything)][..], &[("countersign.yml", LOOSE)][..]] {
        let desk = deployed();
        desk.forge.team("acme/security", &[&desk.bob, &desk.carol]);
        let pull = brings(&desk, 42, files);
        let landed = desk.merges(&pull);
        ends(&desk.deploys(&landed, NOW, &[]), 11, "approval from `security` needed");
        pull.reviewed(&desk.bob, "APPROVED");
        pull.reviewed(&desk.carol, "APPROVED");
        ends(&desk.deploys(&landed, NOW, &[]), 0, "authorized");
    }
}

#[test]
fn a_policy_that_is_not_deployed_does_not_decide_about_what_landed_before_it() {
    let looser = format!("mode: observe\n{POLICY}");
    for policy in [LOOSE, &looser] {
        let desk = deployed();
        let gain = desk.proposes(42, "api.json", &["kms:Decrypt"]);
        let landed = desk.merges(&gain);
        ends(&desk.deploys(&landed, NOW, &[]), 11, "approval from `security` needed");
        // Past the gate, onto the default branch.
        desk.place.write("countersign.yml", policy);
        let tip = desk.place.commit(&desk.alice, "anything goes");
        assert_ne!(desk.deploys(&tip, NOW, &[]).code, 0, "the edit itself is deployed by nobody");
        ends(&desk.deploys(&landed, NOW, &[]), 11, "approval from `security` needed");
        // From a branch that left before the edit.
        desk.place.git(&["checkout", "--quiet", "-b", "hotfix", &landed]);
        let beside = desk.place.commit(&desk.alice, "nothing more");
        assert_ne!(desk.deploys(&beside, NOW, &[]).code, 0, "{policy}");
        gain.reviewed(&desk.bob, "APPROVED");
        ends(&desk.deploys(&landed, NOW, &[]), 0, "authorized");
    }
}

#[test]
fn a_person_who_is_let_in_after_what_is_deployed_does_not_approve_it() {
    let people = |names: &str| format!("people: {{ users: {{ bob: 1002, carol: 1003 }}, groups: {{ security: [{names}] }} }}");
    let policy = |names: &str| POLICY.replace("people: { teams: { security: acme/security } }", &people(names));
    let desk = Desk::new(&policy("bob"));
    desk.at().deployed("production", &desk.main(), &["success"]);
    let gain = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    let landed = desk.merges(&gain);
    desk.place.write("countersign.yml", &policy("bob, carol"));
    desk.place.commit(&desk.alice, "let carol in");
    gain.reviewed(&desk.carol, "APPROVED");
    ends(&desk.deploys(&landed, NOW, &[]), 11, "approval from `security` needed");
    gain.reviewed(&desk.bob, "APPROVED");
    ends(&desk.deploys(&landed, NOW, &[]), 0, "authorized");
}

#[test]
fn a_policy_that_only_became_stricter_since_holds_for_what_landed_before_it() {
    let desk = deployed();
    let gain = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    gain.reviewed(&desk.bob, "APPROVED");
    let landed = desk.merges(&gain);
    desk.place.write(
        "countersign.yml",
        &POLICY.replace("[{ from: security }] } }\n  - { name: own", "[{ from: security, count: 2 }] } }\n  - { name: own"),
    );
    desk.place.commit(&desk.alice, "two people");
    ends(&desk.deploys(&landed, NOW, &[]), 11, "approval");
}

#[test]
fn a_policy_that_was_not_valid_for_a_while_neither_opens_the_gate_nor_closes_it_for_ever() {
    let both = |policy: &str| policy.replace("edits: [countersign.yml]", "edits: ['countersign.y*ml']");
    for (path, broken) in
        [("countersign.yml", POLICY.replace("rules:", "rulez:")), ("countersign.yaml", "version: 1\nrules: []\n".to_owned())]
    {
        let desk = Desk::new(&both(POLICY));
        desk.at().deployed("production", &desk.main(), &["success"]);
        desk.place.write(path, &broken);
        let broke = desk.place.commit(&desk.alice, "past the gate");
        assert_ne!(desk.deploys(&broke, NOW, &[]).code, 0);
        desk.at().deployed("production", &broke, &["success"]);
        desk.forge.team("acme/security", &[&desk.bob, &desk.carol]);
        // Loosened as it is mended: the last valid policy asks for somebody from security.
        let mended = brings(&desk, 42, &[("countersign.yml", &both(LOOSE)), ("web.json", &role("web.json", &["s3:GetObject"]))]);
        desk.place.git(&["checkout", "--quiet", "change-42"]);
        if path != "countersign.yml" {
            desk.place.git(&["rm", "--quiet", path]);
            desk.place.commit(&desk.alice, "and the other");
        }
        mended.pushed(&desk.alice);
        let landed = desk.merges(&mended);
        ends(&desk.deploys(&landed, NOW, &[]), 11, "approval from `security` needed");
        mended.reviewed(&desk.bob, "APPROVED");
        mended.reviewed(&desk.carol, "APPROVED");
        ends(&desk.deploys(&landed, NOW, &[]), 0, "authorized");
    }
}

#[test]
fn a_mode_that_landed_does_not_observe_its_own_deployment() {
    let desk = deployed();
    let pull = brings(&desk, 42, &[("countersign.yml", &format!("mode: observe\n{POLICY}"))]);
    let landed = desk.merges(&pull);
    ends(&desk.deploys(&landed, NOW, &[]), 11, "approval from `security` needed");
}

#[test]
fn whoever_came_into_the_people_file_unseen_does_not_approve_that_it_is_watched_no_more() {
    let with = |people: &str| {
        format!(
            "version: 1\n{people}\nrules:\n  - {{ name: all, when: {{ gains: {{}} }}, require: {{ approvals: [{{ from: security }}] }} }}\n{OWN}"
        )
    };
    let people = |ids: &str, names: &str| format!("users: {{ {ids} }}\ngroups: {{ security: [{names}] }}\n");
    let desk = Desk::new(&with("people-file: people.yml"));
    desk.place.write("people.yml", &people("bob: 1002", "bob"));
    let first = desk.place.commit(&desk.alice, "name people");
    desk.at().deployed("production", &first, &["success"]);
    // Carol lets herself in, and then the file is where nobody looks.
    let own = brings(&desk, 42, &[("people.yml", &people("bob: 1002, carol: 1003", "bob, carol"))]);
    desk.merges(&own);
    let inline = people("bob: 1002, carol: 1003", "bob, carol").replace('\n', ", ");
    let moved = brings(&desk, 43, &[("countersign.yml", &with(&format!("people: {{ {} }}", inline.trim_end_matches(", "))))]);
    moved.reviewed(&desk.carol, "APPROVED");
    let landed = desk.merges(&moved);
    let ran = desk.deploys(&landed, NOW, &[]);
    assert_ne!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("What landed by change request 42"), "{}", ran.out);
}

#[test]
fn what_was_deployed_from_a_branch_that_is_gone_is_fetched_or_said() {
    let desk = deployed();
    desk.place.git(&["checkout", "--quiet", "-b", "hotfix", "main"]);
    desk.place.write("web.json", &role("web.json", &["logs:PutLogEvents", "s3:GetObject"]));
    let hotfix = desk.place.commit(&desk.alice, "at once");
    desk.place.git(&["checkout", "--quiet", "main"]);
    desk.place.git(&["branch", "--quiet", "-D", "hotfix"]);
    desk.at().deployed("production", &hotfix, &["success"]);
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    pull.reviewed(&desk.bob, "APPROVED");
    let landed = desk.merges(&pull);
    let ran = desk.deploys(&landed, NOW, &[]);
    assert!(ran.code != 1 && ran.err.is_empty(), "it is fetched and compared with: {}{}", ran.out, ran.err);
    assert!(ran.out.contains("which is said to be deployed as well"), "{}", ran.out);
    desk.forge.instead(|request| request.path.contains(".git/").then(|| crate::fake::http::Response::new(404, "")));
    let ran = desk.deploys(&landed, NOW, &[]);
    ends(&ran, 1, "so nobody can compare with it: push a branch that leads to it");
    assert!(ran.out.contains("kms:Decrypt") && !ran.out.contains("==  =="), "what else there is to say is said: {}", ran.out);
    let ran = desk.deploys(&desk.place.git(&["rev-parse", "main~1"]), NOW, &[]);
    assert!(ran.out.contains(", which was deployed last ==") && !ran.out.contains("==  =="), "each part has its title: {}", ran.out);
    ends(&desk.deploys(&landed, NOW, &["--base", &desk.place.git(&["rev-parse", "main~1"])]), 0, "authorized");
}

#[test]
fn a_change_request_to_another_branch_landed_nothing_here() {
    let desk = deployed();
    let before = desk.main();
    desk.place.git(&["branch", "scratch"]);
    let pull = desk.proposes(42, "api.json", &["*"]);
    pull.change(|_, pull| pull.base = "scratch".to_owned());
    pull.reviewed(&desk.bob, "APPROVED");
    desk.place.git(&["merge", "--quiet", "--ff-only", "change-42"]);
    pull.merged(&desk.main());
    ends(&desk.deploys(&desk.main(), NOW, &[]), 13, "it landed by no change request");
    ends(&desk.pushes(&before, &desk.main(), NOW), 13, "it landed by no change request");
    pull.change(|_, pull| pull.base = "main".to_owned());
    ends(&desk.deploys(&desk.main(), NOW, &[]), 0, "authorized");
}

#[test]
fn a_change_request_of_another_repository_landed_nothing_here() {
    let desk = deployed();
    let pull = desk.proposes(42, "api.json", &["*"]);
    pull.reviewed(&desk.bob, "APPROVED");
    let landed = desk.merges(&pull);
    desk.forge.troubled_by(|_, request, answer| {
        if !request.path.ends_with("/pulls") {
            return answer;
        }
        let mut pulls: Value = serde_json::from_slice(&answer.body).unwrap();
        pulls[0]["base"]["repo"]["full_name"] = "mallory/infrastructure".into();
        crate::fake::http::Response { body: pulls.to_string().into(), ..answer }
    });
    ends(&desk.deploys(&landed, NOW, &[]), 13, "it landed by no change request");
}

#[test]
fn what_somebody_says_was_deployed_is_not_what_a_deployment_is_compared_with() {
    let desk = deployed();
    desk.place.git(&["checkout", "--quiet", "-b", "evil"]);
    desk.place.write("api.json", &role("api.json", &["*"]));
    let evil = desk.place.commit(&desk.carol, "what I would like");
    desk.place.git(&["checkout", "--quiet", "main"]);
    // Whoever may write may say so of any commit.
    desk.at().deployed("production", &evil, &["success"]);
    ends(&desk.deploys(&evil, NOW, &[]), 13, "it landed by no change request");
    let pull = desk.proposes(42, "web.json", &["kms:Decrypt"]);
    let landed = desk.merges(&pull);
    ends(&desk.deploys(&landed, NOW, &[]), 13, "which is said to be deployed as well");
}

#[test]
fn what_was_deployed_from_elsewhere_is_compared_as_well() {
    let desk = deployed();
    // In a hurry somebody took access away, on a branch, and that was deployed.
    desk.place.git(&["checkout", "--quiet", "-b", "hurry"]);
    desk.place.write("api.json", &role("api.json", &["logs:CreateLogStream"]));
    let narrowed = desk.place.commit(&desk.carol, "less");
    desk.place.git(&["checkout", "--quiet", "main"]);
    desk.at().deployed("production", &narrowed, &["success"]);
    let ran = desk.deploys(&desk.main(), NOW, &[]);
    ends(&ran, 13, "as with a rollback");
    assert!(ran.out.contains("which is said to be deployed as well") && ran.out.contains("logs:PutLogEvents"), "{}", ran.out);
}

#[test]
fn what_gives_access_again_is_not_let_through_because_somebody_says_that_it_is_deployed() {
    let desk = deployed();
    let before = desk.main();
    let first = desk.proposes(42, "api.json", &["logs:CreateLogStream"]);
    first.reviewed(&desk.bob, "APPROVED");
    let narrowed = desk.merges(&first);
    desk.at().deployed("production", &narrowed, &["success"]);
    ends(&desk.deploys(&before, NOW, &[]), 13, "as with a rollback");
    desk.at().deployed("production", &before, &["success"]);
    ends(&desk.deploys(&before, NOW, &[]), 13, "which is said to be deployed as well");
    // It goes on from there as if nobody had said it.
    let pull = desk.proposes(43, "web.json", &["kms:Decrypt"]);
    pull.reviewed(&desk.bob, "APPROVED");
    ends(&desk.deploys(&desk.merges(&pull), NOW, &[]), 0, "authorized");
}

#[test]
fn without_a_deployment_of_the_branch_there_is_nothing_to_compare_with() {
    let desk = Desk::new(POLICY);
    desk.place.git(&["checkout", "--quiet", "-b", "evil"]);
    desk.place.write("api.json", &role("api.json", &["*"]));
    let evil = desk.place.commit(&desk.carol, "what I would like");
    desk.place.git(&["checkout", "--quiet", "main"]);
    desk.at().deployed("production", &evil, &["success"]);
    ends(&desk.deploys(&evil, NOW, &[]), 1, "`main` was never at");
    ends(&desk.deploys(&desk.main(), NOW, &["--base", &evil]), 0, "authorized");
}

#[test]
fn a_rule_for_an_environment_knows_which_one_the_event_is_about() {
    let denied = "  - { name: nothing more here, when: { gains: {} }, if: { deployed-to: [production] }, deny: it is frozen }\n";
    let desk = Desk::new(&format!("{POLICY}{denied}"));
    desk.at().deployed("testing", &desk.main(), &["success"]);
    desk.at().deployed("production", &desk.main(), &["success"]);
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    pull.reviewed(&desk.bob, "APPROVED");
    let landed = desk.merges(&pull);
    let to = |environment: &str| {
        let deployment = json!({ "deployment": { "environment": environment, "sha": landed } });
        desk.run("deployment", &deployment, &landed, NOW, &[])
    };
    ends(&to("testing"), 0, "authorized");
    ends(&to("production"), 10, "it is frozen");
}

#[test]
fn what_is_planned_beside_what_was_approved_is_not_known_to_have_been() {
    let desk = deployed();
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    pull.reviewed(&desk.bob, "APPROVED");
    let landed = desk.merges(&pull);
    ends(&desk.deploys(&landed, NOW, &[]), 0, "authorized");
    let plan = plan();
    ends(&desk.deploys(&landed, NOW, &["--plan", &plan]), 13, "nobody has that of what was approved");
    desk.place.write("web.json", &role("web.json", &["iam:PassRole"]));
    let more = desk.place.commit(&desk.carol, "more (#42)");
    pull.change(|_, pull| pull.brought.push(more.clone()));
    ends(&desk.deploys(&more, NOW, &["--plan", &plan]), 10, "more landed than was authorized");
}
