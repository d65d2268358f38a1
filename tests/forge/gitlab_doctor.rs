//! Whether the gate is one: what `doctor` says of a project of GitLab, by the real program.

use crate::doctor::of;
use crate::gitlab_fake::{GitLab, Settings, State, TOKEN};
use crate::place::Place;
use assert_cmd::Command;
use serde_json::Value;

const POLICY: &str = "version: 1
people: { teams: { security: acme/security } }
rules:
  - { name: security sees every gain, when: { gains: {} }, require: { approvals: [{ from: security }] } }
";

struct Scene {
    forge: GitLab,
    place: Place,
}

impl Scene {
    fn new(settings: Settings) -> Self {
        Self::by(POLICY, settings)
    }

    fn by(policy: &str, settings: Settings) -> Self {
        let (forge, place) = (GitLab::start(), Place::new());
        let (alice, bob) = (forge.user("alice", 1001), forge.user("bob", 1002));
        forge.bot("gate", 1900);
        forge.group("acme/security", &[&bob]);
        place.write("countersign.yml", policy);
        place.commit(&alice, "begin");
        forge.project("acme/infrastructure", &place.path()).change(|_, project| project.settings = settings);
        Self { forge, place }
    }

    fn with(self, change: impl FnOnce(&mut State)) -> Self {
        change(&mut self.forge.state());
        self
    }

    /// The exit code, and how each thing stands, by its name.
    fn doctor(&self) -> (i32, Value) {
        let mut command = Command::cargo_bin("countersign").unwrap();
        command.current_dir(self.place.path()).env_clear().env("GITLAB_CI", "true").env("GITLAB_TOKEN", TOKEN);
        command.env("CI_PROJECT_PATH", "acme/infrastructure").env("CI_API_V4_URL", self.forge.api());
        let output = command.args(["doctor", "--format", "json", "--at", "2026-11-24T12:00:00Z"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains(TOKEN), "{text}");
        assert_eq!(self.forge.state().mistakes, Vec::<String>::new());
        let report: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
        (output.status.code().unwrap(), report)
    }
}

const GATE: &str = "content:\n  include:\n    - component: gitlab.example.com/acme/countersign/countersign@1\n";

fn sound() -> Settings {
    Settings {
        needs_pipeline: true,
        takes_skipped: None,
        policies: Some(vec![("the gate", true, GATE)]),
        approvals: Some((false, false, false)),
    }
}

#[test]
fn a_project_whose_policy_runs_the_gate_has_nothing_to_mend() {
    let (code, report) = Scene::new(sound()).doctor();
    assert_eq!(code, 0, "{report}");
    for id in ["required-from-outside", "pipeline-must-succeed", "stale-approvals", "token", "teams"] {
        assert_eq!(of(&report, id).0, "good", "{report}");
    }
}

#[test]
fn a_pipeline_that_a_change_can_edit_is_no_gate() {
    for policies in [vec![], vec![("the gate", false, GATE)], vec![("scans", true, "content: {}")]] {
        let (code, report) = Scene::new(Settings { policies: Some(policies), ..sound() }).doctor();
        assert_eq!((code, of(&report, "required-from-outside").0), (10, "problem"), "{report}");
    }
    let (code, report) = Scene::new(Settings { policies: None, ..sound() }).doctor();
    assert_eq!((code, of(&report, "required-from-outside").0), (13, "unknown"), "below Ultimate: {report}");
}

#[test]
fn a_pipeline_that_failed_or_was_skipped_lets_nothing_pass() {
    for (needs_pipeline, takes_skipped) in [(false, None), (true, Some(true))] {
        let (code, report) = Scene::new(Settings { needs_pipeline, takes_skipped, ..sound() }).doctor();
        assert_eq!((code, of(&report, "pipeline-must-succeed").0), (10, "problem"), "{report}");
    }
}

#[test]
fn approval_settings_at_odds_with_the_policy_are_told() {
    let (code, report) = Scene::new(Settings { approvals: Some((true, true, true)), ..sound() }).doctor();
    assert_eq!((code, of(&report, "stale-approvals").0, of(&report, "own-approvals").0), (0, "note", "note"), "{report}");
    let (code, report) = Scene::new(Settings { approvals: None, ..sound() }).doctor();
    assert_eq!((code, of(&report, "stale-approvals").0), (13, "unknown"), "{report}");
}

#[test]
fn a_token_that_sees_too_little_or_ends_soon_is_told() {
    let blind = Scene::new(sound()).with(|state| state.scopes = vec!["read_repository"]);
    assert_eq!(of(&blind.doctor().1, "token").0, "problem");
    let ending = Scene::new(sound()).with(|state| state.expires = Some("2026-12-01"));
    assert_eq!(of(&ending.doctor().1, "token").0, "problem");
    let private = Scene::new(sound()).with(|state| state.groups.clear());
    let (code, report) = private.doctor();
    assert_eq!((code, of(&report, "teams").0), (10, "problem"), "{report}");
}

const WINDOWS: &str = "where: [{ paths: ['prod/**'], environment: production }]
windows:
  office: { zone: UTC, open: [{ days: [mon-fri], from: '09:00', to: '17:00' }], forge-freezes: true }
";

/// A project with these freezes and protected environments, by a policy with this behind its rule.
fn frozen(more: &str, freezes: Option<Vec<[&'static str; 3]>>, protected: Option<Vec<(&'static str, &'static str, u64)>>) -> (i32, Value) {
    let policy =
        format!("{}{more}", if more.contains("office") { POLICY.replace("}] } }", "}], window: office } }") } else { POLICY.to_owned() });
    let scene = Scene::by(&policy, sound());
    scene.forge.at("acme/infrastructure").change(|_, project| (project.freezes, project.protected) = (freezes, protected));
    scene.doctor()
}

#[test]
fn freezes_that_no_window_heeds_or_that_are_hidden_from_one_that_does_are_told() {
    let weekend = || Some(vec![["0 18 * * 5", "0 8 * * 1", "UTC"]]);
    let (code, report) = frozen("", weekend(), None);
    assert_eq!((code, of(&report, "freezes").0), (0, "note"), "{report}");
    let (code, report) = frozen(WINDOWS, weekend(), Some(vec![("production", "Maintainers", 0)]));
    assert_eq!((code, of(&report, "freezes").0), (0, "good"), "{report}");
    let (code, report) = frozen(WINDOWS, None, Some(vec![("production", "Maintainers", 0)]));
    assert_eq!((code, of(&report, "freezes").0), (10, "problem"), "{report}");
}

#[test]
fn it_is_told_who_may_deploy_to_where_the_policy_has_something_to_say_of() {
    let (code, report) =
        frozen(WINDOWS, Some(Vec::new()), Some(vec![("production", "Maintainers", 2), ("staging", "Developers + Maintainers", 0)]));
    let told = of(&report, "protected-environments");
    assert!(code == 0 && told.0 == "good" && report.to_string().contains("by Maintainers, with 2 approvals of GitLab's own"), "{report}");
    assert!(!report.to_string().contains("staging"), "the policy says nothing of it: {report}");
    let (code, report) = frozen(WINDOWS, Some(Vec::new()), Some(Vec::new()));
    assert_eq!((code, of(&report, "protected-environments").0), (0, "note"), "{report}");
    let (code, report) = frozen(WINDOWS, Some(Vec::new()), None);
    assert_eq!((code, of(&report, "protected-environments").0), (13, "unknown"), "below Premium: {report}");
}
