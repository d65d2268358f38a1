//! Everything that goes wrong at every write: what was decided stands, what could not be written is told with what to do, and nothing is
//! ever doubled, whether the write arrived or not.

use crate::desk::{Office, TOKEN};
use crate::fake::Forge;
use crate::fake::http::{Manner, Request, Response};
use crate::gitlab_fake::{self, GitLab};
use crate::house::{House, Proposed};
use countersign::gate::{Bounds, Judged, OnForge, Publish, Request as Compared, Verdict, Written, check};
use countersign::world::forge::{Asked, Target};
use std::collections::BTreeSet;

const POLICY: &str = "version: 1
people: { teams: { security: acme/security } }
rules:
  - { name: security sees every gain, when: { gains: {} }, require: { approvals: [{ from: security }] } }
";

/// How an answer goes wrong, and whether what was asked was done before that.
struct Kind {
    name: &'static str,
    was_done: bool,
    spoils: fn(&Request, Response) -> Response,
}

const KINDS: &[Kind] = &[
    Kind { name: "500, nothing done", was_done: false, spoils: |_, _| said(500, "Server Error") },
    Kind { name: "500, and it was done", was_done: true, spoils: |_, _| said(500, "Server Error") },
    Kind { name: "502 without JSON, nothing done", was_done: false, spoils: |_, _| Response::new(502, "<html>") },
    Kind { name: "502 without JSON, and it was done", was_done: true, spoils: |_, _| Response::new(502, "<html>") },
    Kind { name: "silence, nothing done", was_done: false, spoils: |_, answer| Response { manner: Manner::Silent, ..answer } },
    Kind { name: "silence, and it was done", was_done: true, spoils: |_, answer| Response { manner: Manner::Silent, ..answer } },
    Kind { name: "half an answer", was_done: true, spoils: |_, answer| Response { manner: Manner::Cut, ..answer } },
    Kind { name: "no JSON", was_done: true, spoils: |_, _| Response::new(201, "<html>") },
    Kind { name: "nothing", was_done: true, spoils: |_, _| Response::new(201, "") },
    Kind { name: "429", was_done: false, spoils: |_, _| said(429, "slow down").with("Retry-After", "0") },
    Kind { name: "a secondary rate limit", was_done: false, spoils: |_, _| said(403, "You have exceeded a secondary rate limit.") },
    Kind { name: "bad credentials", was_done: false, spoils: |_, _| said(401, "Bad credentials") },
    Kind { name: "forbidden", was_done: false, spoils: |_, _| said(403, "Resource not accessible by integration") },
    Kind { name: "not found", was_done: false, spoils: |_, _| said(404, "Not Found") },
    Kind { name: "not valid", was_done: false, spoils: |_, _| said(422, "Validation Failed") },
    Kind { name: "another host", was_done: false, spoils: |_, _| said(307, "Moved").with("Location", "https://forge.invalid/x") },
    Kind { name: "a clock that is wrong", was_done: true, spoils: |_, answer| answer.with("Date", "Mon, 05 Jan 2032 09:00:00 GMT") },
];

/// What is tried where nothing is written but looked at: whatever is not seen there must not be written for a second time.
const AT_READS: [&str; 5] = ["500, nothing done", "half an answer", "no JSON", "not found", "another host"];

fn said(status: u16, message: &str) -> Response {
    Response::new(status, serde_json::json!({ "message": message }).to_string())
}

struct Scene<H: House> {
    desk: Office<H>,
    pull: H::Request,
    judged: Judged,
    verdict: Verdict,
    publish: Publish,
}

impl<H: House> Scene<H> {
    /// What there is to say of what a pull request proposes now.
    fn of(desk: Office<H>, pull: H::Request) -> Self {
        let connection = desk.forge.connection();
        let request = Compared {
            base: desk.main(),
            head: pull.head(),
            repo: desk.place.path(),
            paths: Vec::new(),
            format: None,
            plans: Vec::new(),
            planned: Vec::new(),
            bounds: Bounds::default(),
            cache: None,
            rendered: Vec::new(),
        };
        let asked = Asked { repository: "acme/infrastructure".to_owned(), change_request: Some(42), environment: None, is_frozen: false };
        let target = Target {
            repository: asked.repository.clone(),
            change_request: Some(42),
            branch: Some("main".to_owned()),
            head: pull.head(),
            reference: Some("refs/pull/42/head".to_owned()),
        };
        let forge = Some(OnForge { connection: connection.clone(), asked, branch: None, is_exact: true, nobody: None });
        let judged = Judged { forge, ..Judged::new(request, "2026-02-01T12:00:00Z".parse().unwrap()) };
        let verdict = check(&judged).unwrap();
        let publish = Publish { connection, target, channels: desk.forge.channels(), environment: None, details: None };
        Self { desk, pull, judged, verdict, publish }
    }

    fn publishes(&self) -> Vec<Written> {
        self.publish.publish(&self.judged, Ok(&self.verdict))
    }

    fn begin(&self, from: &H::There) {
        self.desk.forge.forget();
        self.desk.forge.restore(from);
    }

    /// Each way at each write, once and always.
    fn tried(&self, from: &H::There) {
        self.begin(from);
        assert!(self.publishes().iter().all(|written| written.outcome.is_ok()), "without trouble");
        let (wanted, writes) = (self.desk.forge.seen(), self.desk.forge.writes());
        assert_eq!(wanted.0.len(), 1);
        let targets: BTreeSet<String> = writes.into_iter().collect();
        let asked = self.desk.forge.log().into_iter().map(|exchange| format!("{} {}", exchange.request.method, exchange.request.path));
        let reads: BTreeSet<String> = asked.filter(|asked| !targets.contains(asked)).collect();
        assert!(reads.len() > 2, "{reads:?}");
        for kind in KINDS.iter().filter(|kind| AT_READS.contains(&kind.name)) {
            for target in &reads {
                self.spoiled(from, kind, target, usize::MAX, &wanted);
            }
        }
        for kind in KINDS {
            for target in &targets {
                for times in [1, usize::MAX] {
                    self.spoiled(from, kind, target, times, &wanted);
                }
            }
        }
    }

    fn spoiled(&self, from: &H::There, kind: &Kind, target: &str, times: usize, wanted: &(Vec<String>, Vec<String>, usize)) {
        let case = format!("{} at {target}, {}", kind.name, if times == 1 { "once" } else { "always" });
        self.begin(from);
        let (mut left, meant, spoils) = (times, target.to_owned(), kind.spoils);
        let mut is_meant = move |request: &Request| {
            let is_it = format!("{} {}", request.method, request.path) == meant && left > 0;
            left -= usize::from(is_it);
            is_it
        };
        if kind.was_done {
            self.desk.forge.troubled_by(move |_, request, answer| if is_meant(request) { spoils(request, answer) } else { answer });
        } else {
            self.desk.forge.instead(move |request| is_meant(request).then(|| spoils(request, Response::new(502, ""))));
        }
        for Written { what, outcome } in self.publishes() {
            let Err(why) = outcome else { continue };
            assert!(why.len() > 40 && !why.contains(TOKEN) && !why.contains(gitlab_fake::TOKEN), "{case}: {what}: {why}");
            let is_told = [H::AT, "/v4/user`", "/graphql`"].iter().any(|at| why.contains(at));
            assert!(is_told, "{case}: {what} does not say at what: {why}");
        }
        assert!(self.desk.forge.seen().0.len() <= 1, "{case}: the comment is doubled");
        self.desk.forge.forget();
        assert!(self.publishes().iter().all(|written| written.outcome.is_ok()), "{case}: the next run");
        assert_eq!(&self.desk.forge.seen(), wanted, "{case}: after the next run");
    }
}

/// A report of what is proposed first.
fn first<H: House>(prepare: fn(&H)) -> (Scene<H>, H::There) {
    let desk = Office::<H>::new(POLICY);
    let pull = desk.proposes(42, "api.json", &["kms:Decrypt"]);
    prepare(&desk.forge);
    let from = desk.forge.there();
    (Scene::of(desk, pull), from)
}

/// A later one, which edits, resolves and adds.
fn later<H: House>(prepare: fn(&H)) -> (Scene<H>, H::There) {
    let (scene, _) = first(prepare);
    scene.publishes();
    let Scene { desk, pull, .. } = scene;
    desk.place.git(&["checkout", "--quiet", "change-42"]);
    desk.place.write("api.json", &crate::desk::role("api.json", &["logs:PutLogEvents"]));
    desk.place.write("web.json", &crate::desk::role("web.json", &["iam:PassRole"]));
    desk.place.commit(&desk.alice, "elsewhere");
    pull.pushed(&desk.alice);
    let scene = Scene::of(desk, pull);
    assert_eq!(scene.desk.forge.comments(42).len(), 1);
    assert_eq!(scene.desk.forge.seen().1.len(), 1);
    let from = scene.desk.forge.there();
    (scene, from)
}

fn with_a_status_check(forge: &GitLab) {
    let ask = |request: &mut gitlab_fake::MergeRequest| request.checks = vec![("countersign report".to_owned(), None)];
    forge.at(crate::house::REPOSITORY).change(|_, project| ask(project.requests.get_mut(&42).unwrap()));
}

#[test]
fn whatever_goes_wrong_at_a_first_report_on_github_nothing_is_doubled_and_the_next_run_completes_it() {
    let (scene, from) = first::<Forge>(|_| {});
    scene.tried(&from);
}

#[test]
fn whatever_goes_wrong_at_a_later_report_on_github_nothing_is_doubled_and_the_next_run_completes_it() {
    let (scene, from) = later::<Forge>(|_| {});
    scene.tried(&from);
}

#[test]
fn whatever_goes_wrong_at_a_first_report_on_gitlab_nothing_is_doubled_and_the_next_run_completes_it() {
    let (scene, from) = first(with_a_status_check);
    scene.tried(&from);
}

#[test]
fn whatever_goes_wrong_at_a_later_report_on_gitlab_nothing_is_doubled_and_the_next_run_completes_it() {
    let (scene, from) = later(with_a_status_check);
    scene.tried(&from);
}
