//! What the gate writes at a pull request, by the real program: once, whatever happens, and never in somebody else's place.

use crate::fake::server::Lost;
use crate::fake::state::User;
use crate::fake::{Forge, PullRequest};
use crate::place::Place;
use assert_cmd::Command;
use serde_json::json;
use std::io::Read;
use std::path::PathBuf;
use tempfile::TempDir;

const TOKEN: &str = "ghs_marked_0123456789";
const POLICY: &str = "version: 1
people:
  users: { alice: 1001, bob: 1002 }
  groups: { security: [bob] }
rules:
  - name: somebody from security sees every gain
    when: { gains: {} }
    require: { approvals: [{ from: security }], max-duration: 30d }
";

/// A pull request of Alice's, and the job that judges it.
struct Scene {
    forge: Forge,
    place: Place,
    pull: PullRequest,
    alice: User,
    job: TempDir,
}

/// What a run of the gate said.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn role(statements: &[&str]) -> String {
    let statements: Vec<String> = statements.iter().map(|statement| format!("    {statement}")).collect();
    let statements = statements.join(",\n");
    format!(
        "{{\n  \"RoleName\": \"api\",\n  \"PolicyName\": \"work\",\n  \"PolicyDocument\": {{ \"Version\": \"2012-10-17\", \"Statement\": [\n{statements}\n  ] }}\n}}\n"
    )
}

const LOGS: &str = r#"{ "Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*" }"#;
const KEY: &str = r#"{ "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" }"#;
const ROLES: &str = r#"{ "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*" }"#;

impl Scene {
    fn new(statements: &[&str]) -> Self {
        let (forge, place) = (Forge::start(), Place::new());
        let alice = forge.user("alice", 1001);
        forge.user("bob", 1002);
        forge.bot("github-actions[bot]", 41_898_282);
        place.write("countersign.yml", POLICY);
        place.write("api.json", &role(&[LOGS]));
        place.commit(&alice, "begin");
        place.git(&["update-ref", "refs/remotes/origin/main", "main"]);
        place.git(&["checkout", "--quiet", "-b", "feature"]);
        place.write("api.json", &role(statements));
        place.commit(&alice, "change");
        let pull = forge.repository("acme/infrastructure", &place.path()).pull_request(42, &alice, "feature");
        Self { forge, place, pull, alice, job: TempDir::new().unwrap() }
    }

    fn push(&self, statements: &[&str]) {
        self.place.write("api.json", &role(statements));
        self.place.commit(&self.alice, "change more");
        self.pull.pushed(&self.alice);
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.job.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn publish(&self, what: &str) -> Ran {
        self.publish_with(what, &[])
    }

    fn publish_with(&self, what: &str, more: &[&str]) -> Ran {
        self.publish_at(what, &self.pull.head(), more)
    }

    fn publish_at(&self, what: &str, head: &str, more: &[&str]) -> Ran {
        let event = json!({ "pull_request": { "number": 42, "head": { "ref": "feature", "sha": head }, "base": { "ref": "main", "sha": head } }, "repository": { "default_branch": "main" } });
        let mut command = Command::cargo_bin("countersign").unwrap();
        command.current_dir(self.place.path()).env_clear().env("HOME", self.job.path());
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_NAME", "pull_request").env("GITHUB_REF", "refs/pull/42/merge");
        command.env("GITHUB_EVENT_PATH", self.file("event.json", &event.to_string()));
        command.env("GITHUB_REPOSITORY", "acme/infrastructure").env("GITHUB_API_URL", self.forge.api()).env("GITHUB_TOKEN", TOKEN);
        command.env("GITHUB_SERVER_URL", "https://github.example").env("GITHUB_RUN_ID", "77").env("GITHUB_SHA", head);
        let output = command.args(["check", "--no-cache", "--publish", what]).args(more).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let ran = Ran { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) };
        assert!(!ran.out.contains(TOKEN) && !ran.err.contains(TOKEN), "the token is told: {}{}", ran.out, ran.err);
        assert_eq!(self.forge.state().mistakes, Vec::<String>::new());
        ran
    }

    /// Id, author, text of each comment.
    fn comments(&self) -> Vec<(u64, String, String)> {
        let state = self.forge.state();
        let written = &state.repositories["acme/infrastructure"].written;
        written.comments.iter().map(|(id, comment)| (*id, comment.author.clone(), comment.body.clone())).collect()
    }

    /// Somebody writes a comment.
    fn comment(&self, id: u64, author: &str, body: &str) {
        let mut state = self.forge.state();
        let written = &mut state.repositories.get_mut("acme/infrastructure").unwrap().written;
        let comment = crate::fake::written::Comment { number: 42, author: author.to_owned(), body: body.to_owned(), edits: 0 };
        written.comments.insert(id, comment);
    }
}

#[test]
fn a_change_of_access_gets_one_comment_and_later_runs_edit_it() {
    let scene = Scene::new(&[LOGS, KEY]);
    let ran = scene.publish("comment");
    assert!(ran.code >= 10, "{}", ran.err);
    let [(id, author, body)] = &scene.comments()[..] else { panic!("{}", ran.err) };
    assert_eq!(author, "github-actions[bot]");
    assert!(body.contains("kms:Decrypt") && body.contains("https://github.example/acme/infrastructure/actions/runs/77"), "{body}");
    scene.push(&[LOGS, KEY, ROLES]);
    scene.publish("comment");
    let [(same, _, edited)] = &scene.comments()[..] else { panic!("it is doubled") };
    assert_eq!(same, id);
    assert!(edited.contains("iam:PassRole"), "{edited}");
}

#[test]
fn a_change_of_no_access_gets_no_comment() {
    let scene = Scene::new(&[LOGS]);
    scene.place.write("readme.md", "x");
    scene.place.commit(&scene.alice, "say something");
    scene.pull.pushed(&scene.alice);
    let ran = scene.publish("comment,lines");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(scene.forge.writes(), Vec::<String>::new());
}

#[test]
fn the_comment_and_the_notes_are_closed_when_no_access_changes_any_more() {
    let scene = Scene::new(&[LOGS, KEY]);
    scene.publish("comment,lines");
    assert_eq!(scene.forge.state().repositories["acme/infrastructure"].written.notes.len(), 1);
    scene.push(&[LOGS]);
    assert_eq!(scene.publish("comment,lines").code, 0);
    let [(_, _, body)] = &scene.comments()[..] else { panic!("one comment") };
    assert!(body.contains("No access changes any more"), "{body}");
    assert!(scene.forge.state().repositories["acme/infrastructure"].written.notes.is_empty());
    scene.forge.forget();
    scene.push(&[LOGS]);
    scene.publish("comment,lines");
    assert!(scene.forge.writes().iter().all(|write| write.starts_with("PATCH ")), "{:?}", scene.forge.writes());
}

#[test]
fn what_somebody_else_wrote_is_left_alone_whatever_it_begins_with() {
    let scene = Scene::new(&[LOGS, KEY]);
    scene.publish("comment");
    let (id, _, body) = scene.comments().remove(0);
    scene.comment(1, "bob", &body);
    scene.push(&[LOGS, ROLES]);
    scene.publish("comment");
    let [(1, author, foreign), (same, _, own)] = &scene.comments()[..] else { panic!("{:?}", scene.comments()) };
    assert_eq!((author.as_str(), foreign, *same), ("bob", &body, id));
    assert!(own.contains("iam:PassRole"));
}

#[test]
fn of_two_comments_that_two_runs_wrote_the_younger_goes() {
    let scene = Scene::new(&[LOGS, KEY]);
    scene.publish("comment");
    let (id, author, body) = scene.comments().remove(0);
    scene.comment(id + 1_000_000, &author, &body);
    scene.publish("comment");
    let ids: Vec<u64> = scene.comments().iter().map(|(id, _, _)| *id).collect();
    assert_eq!(ids, [id]);
}

#[test]
fn when_the_answer_to_a_comment_is_lost_it_is_not_written_again() {
    for was_done in [true, false] {
        let scene = Scene::new(&[LOGS, KEY]);
        scene.forge.state().lost = Some(Lost { method: "POST", path: "/comments", was_done });
        let ran = scene.publish("comment,lines");
        assert_eq!(scene.comments().len(), 1, "{}", ran.err);
        assert_eq!(scene.forge.state().repositories["acme/infrastructure"].written.notes.len(), 1, "{}", ran.err);
    }
}

#[test]
fn whichever_answer_is_lost_nothing_is_doubled() {
    for path in ["/issues/42/comments", "/pulls/42/comments", "/check-runs"] {
        for was_done in [true, false] {
            let scene = Scene::new(&[LOGS, KEY]);
            scene.forge.state().lost = Some(Lost { method: "POST", path, was_done });
            let ran = scene.publish_with("comment,lines,check", &["--at", "2026-11-24T12:00:00Z"]);
            assert!(scene.forge.state().lost.is_none(), "nothing was lost: {}", ran.err);
            scene.publish_with("comment,lines,check", &["--at", "2026-11-24T12:00:00Z"]);
            let state = scene.forge.state();
            let written = &state.repositories["acme/infrastructure"].written;
            assert_eq!((written.comments.len(), written.notes.len(), written.checks.len()), (1, 1, 1), "{path}, {was_done}: {}", ran.err);
        }
    }
}

#[test]
fn a_forge_that_refuses_is_a_warning_and_changes_no_decision() {
    let scene = Scene::new(&[LOGS, KEY]);
    let code = scene.publish("comment").code;
    scene.forge.state().forbids_writes = true;
    let ran = scene.publish("comment,lines,check,code-scanning");
    assert_eq!(ran.code, code);
    for permission in ["pull-requests: write", "checks: write", "security-events: write"] {
        assert!(ran.err.contains(permission), "{permission}: {}", ran.err);
    }
    assert!(ran.out.contains("Decision: "), "{}", ran.out);
}

#[test]
fn a_note_stands_at_the_line_with_a_narrower_one_to_take() {
    let scene = Scene::new(&[LOGS, KEY]);
    scene.publish_with("lines", &["--at", "2026-11-24T12:00:00Z"]);
    let notes = scene.forge.state().repositories["acme/infrastructure"].written.notes.clone();
    let note = notes.values().next().unwrap();
    assert_eq!((note.path.as_str(), note.line, note.commit.as_str()), ("api.json", Some(6), &*scene.pull.head()));
    let ends = r#"    { "Condition": { "DateLessThan": { "aws:CurrentTime": "2026-12-24T12:00:00Z" } }, "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*" }"#;
    assert!(note.body.contains(&format!("```suggestion\n{ends}\n```")), "{}", note.body);
    scene.forge.forget();
    scene.publish_with("lines", &["--at", "2026-11-24T12:00:00Z"]);
    assert_eq!(scene.forge.writes(), Vec::<String>::new(), "nothing is doubled");
}

#[test]
fn a_note_that_somebody_answered_stays_and_says_that_it_is_gone() {
    let scene = Scene::new(&[LOGS, KEY]);
    scene.publish("lines");
    let id = *scene.forge.state().repositories["acme/infrastructure"].written.notes.keys().next().unwrap();
    let mut answer = scene.forge.state().repositories["acme/infrastructure"].written.notes[&id].clone();
    (answer.author, answer.body, answer.answers) = ("bob".to_owned(), "why?".to_owned(), Some(id));
    scene.forge.state().repositories.get_mut("acme/infrastructure").unwrap().written.notes.insert(id + 1_000_000, answer);
    scene.push(&[LOGS]);
    scene.publish("lines");
    let notes = scene.forge.state().repositories["acme/infrastructure"].written.notes.clone();
    assert_eq!(notes.len(), 2);
    assert!(notes[&id].body.contains("gives nothing more"), "{}", notes[&id].body);
}

#[test]
fn a_check_says_it_line_by_line_in_batches_and_once() {
    let scene = Scene::new(&[LOGS]);
    for number in 0..120 {
        scene.place.write(&format!("roles/{number}.json"), &role(&[KEY]).replace("\"api\"", &format!("\"role-{number}\"")));
    }
    scene.place.commit(&scene.alice, "add roles");
    scene.pull.pushed(&scene.alice);
    scene.forge.state().lost = Some(Lost { method: "PATCH", path: "/check-runs", was_done: true });
    let ran = scene.publish_with("check", &["--at", "2026-11-24T12:00:00Z"]);
    let checks = scene.forge.state().repositories["acme/infrastructure"].written.checks.clone();
    let [check] = &checks[..] else { panic!("{}", ran.err) };
    assert_eq!((check.conclusion.as_str(), check.head.as_str()), ("failure", &*scene.pull.head()));
    assert!(check.annotations.len() > 100, "{} annotations", check.annotations.len());
    let mut told: Vec<String> = check.annotations.iter().map(ToString::to_string).collect();
    told.sort();
    told.dedup();
    assert_eq!(told.len(), check.annotations.len(), "none is doubled");
    scene.forge.forget();
    scene.publish_with("check", &["--at", "2026-11-24T12:00:00Z"]);
    assert_eq!(scene.forge.writes(), Vec::<String>::new(), "it says the same already");
}

#[test]
fn code_scanning_gets_the_report_packed() {
    let scene = Scene::new(&[LOGS, KEY]);
    scene.publish("code-scanning");
    let analyses = scene.forge.state().repositories["acme/infrastructure"].written.analyses.clone();
    let [only] = &analyses[..] else { panic!("one analysis") };
    assert_eq!((only["ref"].as_str(), only["commit_sha"].as_str()), (Some("refs/pull/42/head"), Some(&*scene.pull.head())));
    let packed = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, only["sarif"].as_str().unwrap()).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    assert!(text.contains("\"version\": \"2.1.0\"") && text.contains("kms:Decrypt"), "{text}");
}

#[test]
fn a_run_that_was_overtaken_writes_nothing() {
    let scene = Scene::new(&[LOGS, KEY]);
    let judged = scene.pull.head();
    scene.push(&[LOGS, ROLES]);
    let ran = scene.publish_at("comment,lines", &judged, &[]);
    assert_eq!(scene.forge.writes(), Vec::<String>::new());
    assert!(ran.err.contains("is proposed now"), "{}", ran.err);
}

#[test]
fn a_change_that_cannot_be_judged_does_not_leave_an_old_report_standing() {
    let scene = Scene::new(&[LOGS, KEY]);
    scene.publish("comment");
    let facts = scene.file("facts.yml", "no: facts\n");
    let ran = scene.publish_with("comment,check", &["--facts", facts.to_str().unwrap()]);
    assert_eq!(ran.code, 1);
    let [(_, _, body)] = &scene.comments()[..] else { panic!("one comment") };
    assert!(body.contains("could not be judged") && !body.contains("kms:Decrypt"), "{body}");
}
