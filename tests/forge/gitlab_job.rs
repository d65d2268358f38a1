//! What the gate decides in a job of GitLab by what GitLab says, by the real program.

use crate::desk::Office;
use crate::fake::state::User;
use crate::gitlab_fake::{At, GitLab, Opened, TOKEN};
use crate::house::{House, Job};
use crate::place::Place;
use assert_cmd::Command;
use tempfile::TempDir;

const POLICY: &str = "version: 1
people: { teams: { security: acme/security } }
rules:
  - name: somebody from security sees every gain
    when: { gains: {} }
    require: { approvals: [{ from: security }] }
";

pub const LOGS: &str = r#"{ "Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*" }"#;
pub const KEY: &str = r#"{ "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" }"#;
pub const ROLES: &str = r#"{ "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*" }"#;

/// A merge request of Alice's, and the job that judges it.
pub struct Scene {
    pub forge: GitLab,
    place: Place,
    project: At,
    pub request: Opened,
    alice: User,
    pub bob: User,
    job: TempDir,
}

/// What a run of the gate said.
pub struct Ran {
    pub code: i32,
    pub said: String,
}

fn role(statements: &[&str]) -> String {
    let statements = statements.join(",\n    ");
    format!(
        "{{\n  \"RoleName\": \"api\",\n  \"PolicyName\": \"work\",\n  \"PolicyDocument\": {{ \"Version\": \"2012-10-17\", \"Statement\": [\n    {statements}\n  ] }}\n}}\n"
    )
}

impl Scene {
    pub fn new(statements: &[&str]) -> Self {
        let (forge, place) = (GitLab::start(), Place::new());
        let (alice, bob) = (forge.user("alice", 1001), forge.user("bob", 1002));
        forge.bot("gate", 1900);
        forge.group("acme/security", &[&bob]);
        place.write("countersign.yml", POLICY);
        place.write("api.json", &role(&[LOGS]));
        place.commit(&alice, "begin");
        place.git(&["update-ref", "refs/remotes/origin/main", "main"]);
        place.git(&["checkout", "--quiet", "-b", "feature"]);
        place.write("api.json", &role(statements));
        place.commit(&alice, "change");
        let project = forge.project("acme/infrastructure", &place.path());
        let request = project.merge_request(42, &alice, "feature");
        Self { forge, place, project, request, alice, bob, job: TempDir::new().unwrap() }
    }

    pub fn push(&self, statements: &[&str]) {
        self.place.write("api.json", &role(statements));
        self.place.commit(&self.alice, "change more");
        self.request.pushed(&self.alice);
    }

    pub fn check(&self, more: &[&str]) -> Ran {
        let head = self.request.head();
        let merge_request = [
            ("CI_PIPELINE_SOURCE", "merge_request_event"),
            ("CI_MERGE_REQUEST_IID", "42"),
            ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main"),
        ];
        self.run(&head, &[&merge_request[..], &[("GITLAB_TOKEN", TOKEN)]].concat(), more)
    }

    fn run(&self, head: &str, variables: &[(&str, &str)], more: &[&str]) -> Ran {
        let mut command = Command::cargo_bin("countersign").unwrap();
        command.current_dir(self.place.path()).env_clear().env("HOME", self.job.path()).env("PATH", std::env::var_os("PATH").unwrap());
        command.env("GITLAB_CI", "true").env("CI_COMMIT_SHA", head).env("CI_PROJECT_ID", "7").env("CI_PROJECT_PATH", "acme/infrastructure");
        command.env("CI_PROJECT_DIR", self.job.path()).env("CI_DEFAULT_BRANCH", "main").env("CI_API_V4_URL", self.forge.api());
        command.env("CI_JOB_URL", "https://gitlab.example/acme/infrastructure/-/jobs/77").env("CI_JOB_TOKEN", "job-token");
        command.envs(variables.iter().copied());
        let output = command.args(["check", "--no-cache"]).args(more).output().unwrap();
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(!said.contains(TOKEN) && !said.contains("job-token"), "a token is told: {said}");
        assert_eq!(self.forge.state().mistakes, Vec::<String>::new());
        let log = self.forge.log();
        assert!(log.iter().all(|known| !format!("{:?}", known.request).contains("job-token")), "the token of the job is sent");
        Ran { code: output.status.code().unwrap(), said }
    }
}

#[test]
fn a_merge_request_from_the_first_push_to_the_last() {
    let scene = Scene::new(&[LOGS, KEY]);
    assert_eq!(scene.check(&[]).code, 11, "nobody has approved");
    scene.request.approved(&scene.alice);
    let ran = scene.check(&[]);
    assert_eq!((ran.code, ran.said.contains("opened the change")), (11, true), "{}", ran.said);
    scene.request.approved(&scene.bob);
    assert_eq!(scene.check(&[]).code, 0);
    scene.push(&[LOGS, KEY, ROLES]);
    let ran = scene.check(&[]);
    assert_eq!((ran.code, ran.said.contains("since when the change does more")), (11, true), "{}", ran.said);
    scene.push(&[KEY, LOGS]);
    let ran = scene.check(&[]);
    assert_eq!(ran.code, 0, "it does no more than what was approved: {}", ran.said);
    scene.request.objected(&scene.bob);
    assert_eq!(scene.check(&[]).code, 11);
    scene.request.change(|_, request| request.reviewers.clear());
    scene.request.approved(&scene.bob);
    assert_eq!(scene.check(&[]).code, 0);
    scene.forge.group("acme/security", &[]);
    assert!(scene.check(&[]).code >= 10, "Bob was taken out of the group");
}

#[test]
fn a_change_that_no_rule_asks_about_asks_which_branch_it_goes_to_and_nothing_more() {
    let scene = Scene::new(&[LOGS]);
    assert_eq!((scene.check(&[]).code, scene.forge.log().len()), (0, 1));
    scene.forge.forget();
    std::fs::write(scene.place.path().join("facts.yml"), "author: { id: 1001, login: alice }\nauthor-kind: user\n").unwrap();
    assert_eq!((scene.check(&["--facts", "facts.yml"]).code, scene.forge.log().len()), (0, 0));
}

#[test]
fn without_a_token_it_is_said_which_one_is_needed_and_the_token_of_the_job_is_not_sent() {
    let scene = Scene::new(&[LOGS, KEY]);
    let merge_request =
        [("CI_PIPELINE_SOURCE", "merge_request_event"), ("CI_MERGE_REQUEST_IID", "42"), ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "main")];
    let ran = scene.run(&scene.request.head(), &merge_request, &[]);
    assert_eq!((ran.code, scene.forge.log().len()), (1, 0), "{}", ran.said);
    assert!(ran.said.contains("GITLAB_TOKEN") && ran.said.contains("read_api"), "{}", ran.said);
}

#[test]
fn a_deployment_is_compared_with_what_was_deployed_last_and_judged_by_what_was_approved() {
    let scene = Scene::new(&[LOGS, KEY]);
    scene.request.approved(&scene.bob);
    let (before, head) = (scene.place.git(&["rev-parse", "main"]), scene.request.head());
    scene.place.git(&["update-ref", "refs/remotes/origin/main", &head]);
    scene.request.change(|_, request| request.is_merged = true);
    let variables =
        [("CI_PIPELINE_SOURCE", "push"), ("CI_COMMIT_BRANCH", "main"), ("CI_ENVIRONMENT_NAME", "production"), ("GITLAB_TOKEN", TOKEN)];
    let ran = scene.run(&head, &variables, &[]);
    assert!(ran.code == 1 && ran.said.contains("no deployment to it ever succeeded"), "{}", ran.said);
    scene.project.deployed("production", &before, "success");
    scene.project.deployed("production", &head, "failed");
    scene.project.deployed("staging", &head, "success");
    let ran = scene.run(&head, &variables, &[]);
    assert!(ran.said.contains("kms:Decrypt"), "{}", ran.said);
}

#[test]
fn only_a_schedule_judges_what_is_open_and_nobody_starts_that_in_the_place_of_a_push() {
    let scene = Scene::new(&[LOGS, KEY]);
    let started = |source: &str, more: &[&str]| {
        scene.run(&scene.place.git(&["rev-parse", "main"]), &[("CI_PIPELINE_SOURCE", source), ("GITLAB_TOKEN", TOKEN)], more)
    };
    for source in ["web", "api", "trigger", "pipeline"] {
        let ran = started(source, &[]);
        assert!(ran.code == 1 && ran.said.contains("nothing says which environment this is for"), "{source}: {}", ran.said);
    }
    for (source, more) in [("schedule", &[][..]), ("web", &["--open"][..])] {
        let ran = started(source, more);
        assert!(ran.code == 11 && ran.said.contains("Change request 42"), "{source}: {}", ran.said);
    }
}

#[test]
fn a_schedule_judges_every_merge_request_that_is_open_and_each_gets_its_own_note() {
    let desk = Office::<GitLab>::new(POLICY);
    let (approved, waiting) = (desk.proposes(42, "api.json", &["kms:Decrypt"]), desk.proposes(43, "web.json", &["iam:PassRole"]));
    let merged = desk.proposes(44, "other.json", &["s3:GetObject"]);
    merged.change(|_, request| request.is_merged = true);
    approved.approved(&desk.bob);
    let says = |code| {
        let ran = GitLab::run(&desk, &Job::Schedule, "2026-01-06T10:00:00Z", &["--publish", "comment"]);
        assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
        assert!(!ran.out.contains("44"), "it has landed: {}", ran.out);
    };
    says(11);
    let (first, second) = (desk.comment(42).unwrap(), desk.comment(43).unwrap());
    assert!(first.contains("kms:Decrypt") && first.contains("Authorized"), "{first}");
    assert!(second.contains("iam:PassRole") && second.contains("Waiting for approval"), "{second}");
    waiting.approved(&desk.bob);
    says(0);
    desk.forge.group("acme/security", &[&desk.carol]);
    says(11);
    assert!(desk.comment(42).unwrap().contains("Waiting for approval"), "Bob is in security no more");
}
