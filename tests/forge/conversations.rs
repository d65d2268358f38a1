//! A pull request from the first push to the last approval, as people would tell it.

use crate::fake::state::User;
use crate::fake::{Forge, PullRequest};
use crate::place::Place;
use countersign::gate::{Bounds, Error, Judged, OnForge, Request, Stage, Verdict, check};
use countersign::policy::Outcome;
use countersign::world::forge::{Asked, Connection, Provider, Token};
use std::time::Duration;

const POLICY: &str = "
version: 1
people: { teams: { security: acme/security, owners: acme/owners } }
rules:
  - name: a gain needs security and an owner
    when: { gains: {} }
    require: { approvals: [{ from: security }, { from: owners }] }
";

/// A repository with a policy, whose teams only the forge knows.
struct Conversation {
    forge: Forge,
    place: Place,
    people: [User; 4],
}

impl Conversation {
    fn new() -> Self {
        let (forge, place) = (Forge::start(), Place::new());
        let person = |login: &str, id: u64| forge.user(login, id);
        let people = [person("alice", 1001), person("bob", 1002), person("carol", 1003), person("dave", 1004)];
        forge.team("acme/security", &[&people[1], &people[3]]);
        forge.team("acme/owners", &[&people[2], &people[1]]);
        place.write("countersign.yml", POLICY);
        place.write("iam/app.json", &iam(&["s3:GetObject"]));
        place.commit(&people[2], "begin");
        forge.repository("acme/infrastructure", &place.path());
        Self { forge, place, people }
    }

    /// Alice proposes that the application may do this, on a branch of her own.
    fn proposes(&self, actions: &[&str]) -> PullRequest {
        let alice = &self.people[0];
        self.place.git(&["checkout", "--quiet", "-b", "feature"]);
        self.place.write("iam/app.json", &iam(actions));
        self.place.commit(alice, "let the application do more");
        self.forge.at("acme/infrastructure").pull_request(42, alice, "feature")
    }

    fn pushes(&self, pull: &PullRequest, actions: &[&str]) {
        self.place.write("iam/app.json", &iam(actions));
        self.place.commit(&self.people[0], "more");
        pull.pushed(&self.people[0]);
    }

    fn verdict(&self) -> Result<Verdict, Error> {
        self.verdict_in(&self.place)
    }

    /// What the gate says in a clone.
    fn verdict_in(&self, clone: &Place) -> Result<Verdict, Error> {
        let base = clone.git(&["merge-base", "main", "feature"]);
        self.verdict_of(clone, base, clone.git(&["rev-parse", "feature"]), Stage::Merge)
    }

    fn verdict_of(&self, clone: &Place, base: String, head: String, stage: Stage) -> Result<Verdict, Error> {
        let connection = Connection {
            provider: Provider::GitHub,
            api: self.forge.api(),
            token: Token::new("ghs_marked"),
            deadline: Duration::from_mins(1),
            pause: Duration::from_millis(1),
        };
        let asked = Asked { repository: "acme/infrastructure".to_owned(), change_request: Some(42), environment: None, is_frozen: false };
        let request = Request {
            base,
            head,
            repo: clone.path(),
            paths: Vec::new(),
            format: None,
            plans: Vec::new(),
            planned: Vec::new(),
            bounds: Bounds::default(),
            cache: None,
            rendered: Vec::new(),
        };
        let now = "2026-02-01T12:00:00Z".parse().unwrap();
        let forge = Some(OnForge { connection, asked, branch: None, is_exact: true, nobody: None });
        check(&Judged { forge, stage, ..Judged::new(request, now) })
    }

    /// What is decided, and what the rule says about it.
    fn says(&self) -> (String, String) {
        told(&self.verdict().unwrap())
    }
}

fn told(verdict: &Verdict) -> (String, String) {
    let outcome = match &verdict.decision.outcome {
        Outcome::Authorized => "authorized",
        Outcome::Waiting { .. } => "waiting",
        Outcome::Denied => "denied",
        Outcome::Undecidable => "undecidable",
    };
    let reasons: Vec<&str> = verdict.decision.requirements.iter().map(|requirement| requirement.reason.as_str()).collect();
    (outcome.to_owned(), reasons.join("; "))
}

fn iam(actions: &[&str]) -> String {
    let actions = actions.join("\", \"");
    format!(r#"{{ "Version": "2012-10-17", "Statement": [{{ "Effect": "Allow", "Action": ["{actions}"], "Resource": "*" }}] }}"#)
}

#[test]
fn a_change_that_gives_nothing_asks_the_forge_nothing() {
    let talk = Conversation::new();
    talk.place.git(&["checkout", "--quiet", "-b", "feature"]);
    talk.place.write("README.md", "words");
    talk.place.commit(&talk.people[0], "document");
    assert_eq!(talk.says().0, "authorized");
    assert_eq!(talk.forge.log().len(), 0);
}

#[test]
fn from_the_first_push_to_a_revoked_membership() {
    let talk = Conversation::new();
    let [alice, bob, carol, dave] = &talk.people;
    let pull = talk.proposes(&["s3:GetObject", "s3:PutObject"]);
    assert_eq!(talk.says().0, "waiting");
    pull.reviewed(alice, "APPROVED");
    assert_eq!(talk.says().0, "waiting", "the author counts for nothing");
    // Bob is in both teams, and one person.
    pull.reviewed(bob, "APPROVED");
    assert_eq!(talk.says().0, "waiting");
    pull.reviewed(carol, "APPROVED");
    assert_eq!(talk.says().0, "authorized");
    // A push that widens.
    talk.pushes(&pull, &["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
    assert_eq!(talk.says().0, "waiting");
    let widened = pull.head();
    for person in [carol, dave] {
        pull.reviewed(person, "APPROVED");
    }
    assert_eq!(talk.says().0, "authorized");
    // A rebase onto a main that moved, which widens nothing. The old commits are gone from the branch.
    talk.place.git(&["checkout", "--quiet", "main"]);
    talk.place.write("README.md", "words");
    talk.place.commit(carol, "document");
    talk.place.git(&["checkout", "--quiet", "feature"]);
    talk.place.git(&["-c", "user.name=alice", "-c", "user.email=alice@example.com", "rebase", "--quiet", "main"]);
    pull.retargeted();
    pull.pushed(alice);
    assert_ne!(pull.head(), widened);
    assert_eq!(talk.says().0, "authorized");
    // Dave leaves, and with him goes his approval; Bob's was for less.
    talk.forge.team("acme/security", &[bob]);
    assert_eq!(talk.says().0, "waiting");
}

#[test]
fn what_was_approved_for_another_branch_is_approved_again() {
    let talk = Conversation::new();
    let [alice, _, carol, dave] = &talk.people;
    let pull = talk.proposes(&["s3:GetObject", "s3:PutObject"]);
    for person in [carol, dave] {
        pull.reviewed(person, "APPROVED");
    }
    assert_eq!(talk.says().0, "authorized");
    for event in ["base_ref_changed", "automatic_base_change_succeeded"] {
        pull.aimed(alice, event);
        assert_eq!(talk.says().0, "waiting", "{event}: the same commit is another change on another branch");
        for person in [carol, dave] {
            pull.reviewed(person, "APPROVED");
        }
        assert_eq!(talk.says().0, "authorized");
    }
}

#[test]
fn a_request_for_changes_and_a_dismissal_take_an_approval_back() {
    let talk = Conversation::new();
    let [_, _, carol, dave] = &talk.people;
    let pull = talk.proposes(&["s3:GetObject", "s3:PutObject"]);
    let review = pull.reviewed(dave, "APPROVED");
    pull.reviewed(carol, "APPROVED");
    assert_eq!(talk.says().0, "authorized");
    pull.dismissed(review);
    assert_eq!(talk.says().0, "waiting");
    pull.reviewed(dave, "APPROVED");
    pull.reviewed(carol, "CHANGES_REQUESTED");
    assert_eq!(talk.says().0, "waiting");
    pull.reviewed(carol, "COMMENTED");
    assert_eq!(talk.says().0, "waiting", "a comment approves nothing");
}

#[test]
fn whoever_pushed_a_commit_under_another_name_does_not_approve_it() {
    let talk = Conversation::new();
    let [_, _, carol, dave] = &talk.people;
    let pull = talk.proposes(&["s3:GetObject"]);
    // Dave writes what Alice seems to have written, and pushes it.
    talk.place.write("iam/app.json", &iam(&["s3:GetObject", "iam:*"]));
    talk.place.commit(&talk.people[0], "more");
    pull.pushed(dave);
    pull.reviewed(dave, "APPROVED");
    pull.reviewed(carol, "APPROVED");
    assert_eq!(talk.says().0, "waiting");
}

#[test]
fn a_machine_that_approves_is_nobody() {
    let talk = Conversation::new();
    let [_, bob, carol, _] = &talk.people;
    let pull = talk.proposes(&["s3:GetObject", "s3:PutObject"]);
    let machine = talk.forge.bot("dave[bot]", 1005);
    talk.forge.team("acme/security", &[bob, &machine]);
    pull.reviewed(&machine, "APPROVED");
    pull.reviewed(carol, "APPROVED");
    assert_eq!(talk.says().0, "waiting");
}

#[test]
fn a_commit_of_nobodys_closes_the_gate_and_is_named() {
    let talk = Conversation::new();
    let pull = talk.proposes(&["s3:GetObject", "s3:PutObject"]);
    let stranger = User { email: "stranger@example.net".to_owned(), ..talk.people[0].clone() };
    talk.place.write("iam/app.json", &iam(&["s3:*"]));
    let commit = talk.place.commit(&stranger, "more");
    pull.pushed(&talk.people[0]);
    let (outcome, reason) = talk.says();
    assert_eq!(outcome, "undecidable");
    assert!(reason.contains(&commit[..10]) && reason.contains("belongs to no account"), "{reason}");
}

#[test]
fn a_team_that_the_token_may_not_see_closes_the_gate_and_says_what_would_see_it() {
    let talk = Conversation::new();
    talk.proposes(&["s3:GetObject", "s3:PutObject"]);
    talk.forge.state().teams.remove("acme/owners");
    let (outcome, reason) = talk.says();
    assert_eq!(outcome, "undecidable");
    assert!(reason.contains("who is in `owners`") && reason.contains("GitHub App"), "{reason}");
}

#[test]
fn facts_of_another_commit_than_is_judged_are_an_error() {
    let talk = Conversation::new();
    let pull = talk.proposes(&["s3:GetObject", "s3:PutObject"]);
    talk.place.write("iam/app.json", &iam(&["s3:*"]));
    talk.place.commit(&talk.people[0], "not pushed yet");
    let error = talk.verdict().unwrap_err().to_string();
    assert!(error.contains(&pull.head()), "{error}");
}

#[test]
fn a_reviewed_commit_that_the_clone_lacks_is_fetched_and_one_that_is_gone_does_not_count() {
    let talk = Conversation::new();
    let [alice, _, carol, dave] = &talk.people;
    let pull = talk.proposes(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
    pull.reviewed(carol, "APPROVED");
    pull.reviewed(dave, "APPROVED");
    let reviewed = pull.head();
    // What was reviewed is replaced by something narrower, and a fresh clone has only that.
    talk.place.git(&["reset", "--quiet", "--hard", "main"]);
    talk.place.write("iam/app.json", &iam(&["s3:GetObject", "s3:PutObject"]));
    talk.place.commit(alice, "less");
    pull.pushed(alice);
    let clone = talk.place.cloned(&["main", "feature"]);
    assert!(!clone.has(&reviewed));
    let verdict = talk.verdict_in(&clone).unwrap();
    assert_eq!(told(&verdict).0, "authorized", "{:?}", verdict.decision.exclusions);
    assert!(clone.has(&reviewed));
    // It is gone from the forge.
    let clone = talk.place.cloned(&["main", "feature"]);
    talk.place.git(&["reflog", "expire", "--expire=now", "--all"]);
    talk.place.git(&["gc", "--quiet", "--prune=now"]);
    let verdict = talk.verdict_in(&clone).unwrap();
    assert_eq!(told(&verdict).0, "waiting");
    let why: Vec<&str> = verdict.decision.exclusions.iter().map(|exclusion| exclusion.reason.as_str()).collect();
    assert!(why.iter().any(|why| why.contains("the forge does not hand it out")), "{why:?}");
}

#[test]
fn what_was_squashed_is_held_to_the_commits_that_were_approved_although_no_branch_has_them() {
    let talk = Conversation::new();
    let [_, _, carol, dave] = &talk.people;
    let pull = talk.proposes(&["s3:GetObject", "s3:PutObject"]);
    let before = talk.place.git(&["rev-parse", "main"]);
    pull.reviewed(carol, "APPROVED");
    pull.reviewed(dave, "APPROVED");
    let landed = |actions: &[&str]| {
        talk.place.git(&["checkout", "--quiet", "-B", "main", &before]);
        talk.place.write("iam/app.json", &iam(actions));
        let landed = talk.place.commit(carol, "let the application do more (#42)");
        talk.place.git(&["branch", "--quiet", "-f", "-D", "feature"]);
        talk.verdict_of(&talk.place.cloned(&["main"]), before.clone(), landed, Stage::Deploy).unwrap()
    };
    assert_eq!(told(&landed(&["s3:GetObject", "s3:PutObject"])).0, "authorized");
    talk.place.git(&["branch", "feature", &pull.head()]);
    assert_ne!(told(&landed(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject"])).0, "authorized");
}
