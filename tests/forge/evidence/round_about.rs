//! Records that are about something else than what landed, or were decided by something else than the policy.

use super::population::{MORE, MOST, authorized};
use super::scene::{POLICY, Scene, role};

const OPEN: &str = "version: 1\nrules:\n  - { name: anything goes, when: { gains: {} }, allow: true }\n";

const POLICY_OF_PEOPLE: &str = "version: 1
people-file: people.yml
rules:
  - { name: security sees every gain, when: { gains: {} }, require: { approvals: [{ from: security }] } }
  - { name: own files, when: { edits: ['*.yml'] }, require: { approvals: [{ from: security }] } }
";

impl Scene {
    /// Merges a branch so that `main` has its files afterwards, whatever stood there.
    fn merge_over(&self, branch: &str, message: &str) {
        self.place.git(&["checkout", "--quiet", "main"]);
        let tree = format!("{branch}^{{tree}}");
        let merged = self.place.git(&[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "commit-tree",
            &tree,
            "-p",
            "main",
            "-p",
            branch,
            "-m",
            message,
        ]);
        self.place.git(&["reset", "--quiet", "--hard", &merged]);
    }

    /// A record of a change by facts of a file, put into the ledger.
    fn record(&self, [base, head]: [&str; 2], more: &[&str]) {
        self.facts([base, head], &[&self.bob], "");
        let attest = ["attest", "--base", base, "--head", head, "--key", "key.pem", "--unverified-facts", "--ledger", "ledger"];
        self.with_facts(&[&attest[..], more].concat()).says(0, &[]);
    }
}

#[test]
fn a_branch_that_is_merged_a_second_time_is_a_second_change() {
    let scene = authorized();
    scene.merge();
    scene.push(&["logs:PutLogEvents"], &scene.alice, "take it back");
    scene.merge_over("feature", "merge 42 once more");
    scene.gaps(&[]).says(10, &["authorized: merge 42 (", "missing: merge 42 once more", "Missing: 1 record"]);
}

#[test]
fn what_a_branchs_own_policy_allowed_is_not_authorized() {
    let scene = authorized();
    scene.place.git(&["checkout", "--quiet", "-b", "side", "main"]);
    scene.place.write("countersign.yml", OPEN);
    scene.place.commit(&scene.alice, "a policy of our own");
    scene.place.git(&["checkout", "--quiet", "-b", "grant"]);
    scene.place.write("api.json", &role(&MOST));
    scene.place.commit(&scene.alice, "grant");
    scene.record(["side", "grant"], &[]);
    // What comes to `main` has the files of the branch, and the policy that stood there.
    scene.place.git(&["checkout", "--quiet", "-B", "grant-and-policy", "grant"]);
    scene.place.write("countersign.yml", POLICY);
    scene.place.git(&["add", "--all"]);
    let tree = scene.place.git(&["write-tree"]);
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let merged = scene.place.git(&[&identity[..], &["commit-tree", &tree, "-p", "main", "-p", "grant", "-m", "merge grant"]].concat());
    scene.place.git(&["checkout", "--quiet", "--force", "main"]);
    scene.place.git(&["reset", "--quiet", "--hard", &merged]);
    scene.gaps(&["--unverified-facts"]).says(10, &["missing: merge grant (1 gained"]);
}

#[test]
fn what_a_policy_from_elsewhere_allowed_is_taken_where_somebody_names_that_policy() {
    let scene = authorized();
    scene.push(&MORE, &scene.alice, "quickly");
    let policy = scene.file("elsewhere.yml", OPEN);
    scene.record(["v1", "main"], &["--policy", policy.to_str().unwrap()]);
    scene.gaps(&["--unverified-facts"]).says(10, &["missing: quickly"]);
    scene.gaps(&["--unverified-facts", "--policy", policy.to_str().unwrap()]).says(0, &["authorized: quickly"]);
    let digest = scene.predicate("authorization.sigstore.json")["policy"]["digest"].as_str().unwrap().to_owned();
    scene.gaps(&["--unverified-facts", "--policy-digest", &digest]).says(0, &["authorized: quickly"]);
}

#[test]
fn the_digest_of_a_policy_names_no_record_that_other_people_decided() {
    let scene = authorized();
    let split = POLICY_OF_PEOPLE;
    scene.place.git(&["checkout", "--quiet", "main"]);
    scene.place.write("countersign.yml", split);
    scene.place.write("people.yml", "users: { bob: 1002 }\ngroups: { security: [bob] }\n");
    scene.place.commit(&scene.alice, "name people");
    scene.place.git(&["tag", "v2"]);
    // Carol is let in on a branch, and what that gives lands without her.
    scene.place.git(&["checkout", "--quiet", "-b", "side", "main"]);
    scene.place.write("people.yml", "users: { bob: 1002, carol: 1003 }\ngroups: { security: [bob, carol] }\n");
    scene.place.commit(&scene.alice, "people of our own");
    scene.place.git(&["checkout", "--quiet", "-b", "grant"]);
    scene.place.write("api.json", &role(&MOST));
    scene.place.commit(&scene.alice, "grant");
    scene.record(["side", "grant"], &[]);
    scene.place.git(&["checkout", "--quiet", "-B", "merged", "grant"]);
    scene.place.git(&["checkout", "--quiet", "main", "--", "people.yml"]);
    let tree = scene.place.git(&["write-tree"]);
    let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
    let merged = scene.place.git(&[&identity[..], &["commit-tree", &tree, "-p", "main", "-p", "grant", "-m", "merge grant"]].concat());
    scene.place.git(&["checkout", "--quiet", "--force", "main"]);
    scene.place.git(&["reset", "--quiet", "--hard", &merged]);
    let digest = scene.predicate("authorization.sigstore.json")["policy"]["digest"].as_str().unwrap().to_owned();
    let repo = scene.place.path();
    let gaps = |to: &str| {
        let asked = ["gaps", "--repo", repo.to_str().unwrap(), "--from", "v2", "--to", to, "--ledger", "ledger", "--key", "key.pub"];
        scene.run(&[&asked[..], &["--unverified-facts", "--policy-digest", &digest]].concat())
    };
    gaps("main").says(10, &["missing: merge grant (1 gained"]);
    // Of the people who had landed the same record would count.
    scene.place.git(&["checkout", "--quiet", "-b", "sound", "v2"]);
    scene.place.write("api.json", &role(&MOST));
    scene.place.commit(&scene.alice, "grant as agreed");
    scene.record(["v2", "sound"], &[]);
    gaps("sound").says(0, &["authorized: grant as agreed"]);
}

#[test]
fn a_record_that_states_no_gain_settles_none() {
    let scene = authorized();
    scene.push(&MORE, &scene.alice, "quickly");
    let blind = scene.file("blind.yml", "version: 1\nwhere: [{ paths: [\"*.json\"], ignore: true }]\nrules: []\n");
    scene.record(["v1", "main"], &["--policy", blind.to_str().unwrap()]);
    let digest = scene.predicate("authorization.sigstore.json")["policy"]["digest"].as_str().unwrap().to_owned();
    scene.gaps(&["--unverified-facts", "--policy-digest", &digest]).says(10, &["missing: quickly (1 gained"]);
}

#[test]
fn going_back_to_an_older_policy_is_no_part_of_a_branch_that_never_edited_it() {
    let scene = authorized();
    scene.place.git(&["checkout", "--quiet", "main"]);
    scene.place.write("countersign.yml", &POLICY.replace("approvals: [{ from: security }]", "approvals: [{ from: security, count: 2 }]"));
    scene.place.commit(&scene.alice, "two of them");
    scene.record(["v1", "main"], &[]);
    scene.merge_over("feature", "merge 42, and the policy of then");
    scene
        .gaps(&["--unverified-facts"])
        .says(10, &["authorized: two of them", "missing: merge 42, and the policy of then (1 gained, high, edits countersign.yml"]);
    // Neither do its approvals count for that at the gate.
    scene.facts(["main~1", "main"], &[&scene.bob, &scene.carol], "");
    let facts = std::fs::read_to_string(scene.path("facts.yml")).unwrap();
    let [head, feature] = ["main", "feature"].map(|revision| scene.id(revision));
    scene.file("facts.yml", &facts.replace(&format!("commit: {head}"), &format!("commit: {feature}")));
    scene
        .with_facts(&["check", "--base", "main~1", "--head", "main"])
        .says(11, &["not counted: bob", "`countersign.yml` was not edited then"]);
}

#[test]
fn where_no_policy_can_be_read_nobody_knows_what_is_the_gates_own() {
    let scene = authorized();
    let there = scene.place.path();
    scene.place.git(&["checkout", "--quiet", "main"]);
    scene.place.git(&["rm", "--quiet", "countersign.yml"]);
    scene.place.commit(&scene.alice, "the policy is elsewhere");
    scene.place.git(&["tag", "moved"]);
    scene.push(&MORE, &scene.alice, "quickly");
    let repo = there.to_str().unwrap();
    let gaps = ["gaps", "--repo", repo, "--from", "moved", "--to", "main", "--ledger", "ledger", "--key", "key.pub"];
    scene.run(&gaps).says(10, &["unknown: the base side has no policy"]);
    let elsewhere = ["--policy-repository", repo, "--policy-ref", "v1", "--unverified-facts"];
    let asked = || scene.run(&[&gaps[..], &elsewhere].concat());
    asked().says(10, &["missing: quickly (1 gained"]);
    // A record by the policy of that repository, as it stood on the line that is named.
    scene.record(["moved", "main"], &elsewhere[..4]);
    asked().says(0, &["authorized: quickly"]);
    let other = ["--policy-repository", repo, "--policy-ref", "main", "--unverified-facts", "--policy", "api.json"];
    scene.run(&[&gaps[..], &other].concat()).says(10, &["unknown: "]);
}
