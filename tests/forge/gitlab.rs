//! What is known of a merge request of GitLab, by the real client.

use crate::fake::http::{Manner, Response};
use crate::fake::server::Server;
use crate::fake::state::User;
use crate::gitlab_fake::{At, GitLab, Opened, TOKEN};
use crate::place::Place;
use countersign::policy::Needs;
use countersign::proposal::{AccountKind, Proposal, ReviewState};
use countersign::world::forge::{Asked, Connection, Error, Forge, Provider, Token};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const PROJECT: &str = "acme/infrastructure";

/// A forge with a merge request of Alice's that adds one commit of hers.
pub struct Scene {
    pub forge: GitLab,
    pub place: Place,
    pub project: At,
    pub request: Opened,
    pub alice: User,
    pub bob: User,
    connection: Connection,
    needs: Needs,
}

impl Scene {
    pub fn new() -> Self {
        Self::at(GitLab::start())
    }

    fn at(forge: GitLab) -> Self {
        let place = Place::new();
        let (alice, bob) = (forge.user("alice", 1001), forge.user("bob", 1002));
        forge.bot("gate", 1900);
        place.commit(&alice, "begin");
        place.git(&["checkout", "--quiet", "-b", "feature"]);
        place.commit(&alice, "widen");
        let project = forge.project(PROJECT, &place.path());
        let request = project.merge_request(42, &alice, "feature");
        let connection = Connection {
            provider: Provider::GitLab,
            api: forge.api(),
            token: Token::new(TOKEN),
            deadline: Duration::from_mins(1),
            pause: Duration::from_millis(1),
        };
        let needs = Needs { reviews: true, ..Needs::default() };
        Self { forge, place, project, request, alice, bob, connection, needs }
    }

    /// Lists of several pages everywhere, and a group.
    pub fn large() -> Self {
        Self::large_at(GitLab::start())
    }

    fn large_at(forge: GitLab) -> Self {
        let mut scene = Self::at(forge);
        for number in 0..120 {
            scene.place.commit(&scene.alice, &format!("widen {number}"));
        }
        scene.request.pushed(&scene.alice);
        for number in 0..110 {
            scene.request.noted(&scene.bob, &format!("remark {number}"), false);
            scene.project.pushed_event(&scene.bob, "elsewhere", "pushed");
        }
        let people: Vec<User> = (0..110).map(|number| scene.forge.user(&format!("member-{number}"), 5000 + number)).collect();
        scene.forge.group("acme/security", &people.iter().collect::<Vec<_>>());
        scene.needs.teams.insert(Arc::from("acme/security"));
        scene.request.approved(&scene.bob);
        scene
    }

    fn with_group(mut self, path: &str) -> Self {
        self.needs.teams.insert(Arc::from(path));
        self
    }

    pub fn facts(&self) -> Result<Proposal, Error> {
        self.facts_of(PROJECT)
    }

    fn facts_of(&self, repository: &str) -> Result<Proposal, Error> {
        let asked = Asked { repository: repository.to_owned(), change_request: Some(42), environment: None, is_frozen: false };
        Forge::connect(&self.connection)?.proposal(&asked, &self.needs)
    }

    pub fn contributors(&self) -> Vec<u64> {
        let facts = self.facts().unwrap();
        facts.contributors.unwrap_or_else(|| panic!("{:?}", facts.unknown)).iter().map(|person| person.id).collect()
    }

    pub fn unknown(&self) -> String {
        let facts = self.facts().unwrap();
        assert_eq!(facts.contributors, None);
        facts.unknown.contributors.unwrap()
    }
}

impl crate::trouble::Asks for Scene {
    type State = crate::gitlab_fake::State;

    fn facts(&self) -> Result<Proposal, Error> {
        Self::facts(self)
    }

    fn server(&self) -> &Server<Self::State> {
        &self.forge
    }

    fn sends(&mut self, token: &str) {
        self.connection.token = Token::new(token);
    }
}

#[test]
fn a_merge_request_is_known_by_its_commits_and_approvals() {
    let scene = Scene::new();
    scene.request.approved(&scene.bob);
    scene.request.labelled(&["access"]);
    let facts = scene.facts().unwrap();
    assert!(facts.source.is_verified());
    assert_eq!(facts.base.unwrap().as_str(), scene.place.git(&["rev-parse", "main"]));
    assert_eq!(facts.head.unwrap().as_str(), scene.request.head());
    assert_eq!((facts.author.id, facts.author.login.as_str(), facts.author_kind), (1001, "alice", AccountKind::User));
    assert_eq!(facts.labels.unwrap(), ["access"]);
    assert_eq!(facts.contributors.unwrap().iter().map(|person| person.id).collect::<Vec<_>>(), [1001]);
    let reviews = facts.reviews.unwrap();
    assert_eq!(reviews.len(), 1);
    assert_eq!((reviews[0].author.id, reviews[0].state, reviews[0].commit.as_str()), (1002, ReviewState::Approved, &*scene.request.head()));
}

#[test]
fn a_project_is_found_by_its_number_as_well() {
    let scene = Scene::new();
    let id = scene.project.change(|_, project| project.id.to_string());
    assert_eq!(scene.facts_of(&id).unwrap().contributors, scene.facts().unwrap().contributors);
}

#[test]
fn an_approval_stays_that_of_what_was_seen() {
    let scene = Scene::new();
    let seen = scene.request.head();
    scene.request.approved(&scene.bob);
    scene.place.commit(&scene.alice, "widen more");
    scene.request.pushed(&scene.alice);
    for dates in [true, false] {
        scene.forge.state().dates_approvals = dates;
        let reviews = scene.facts().unwrap().reviews.unwrap();
        assert_eq!(reviews[0].commit.as_str(), seen, "GitLab before and after 18.5");
    }
    scene.request.approved(&scene.bob);
    assert_eq!(scene.facts().unwrap().reviews.unwrap()[0].commit.as_str(), scene.request.head());
    scene.request.unapproved(&scene.bob);
    assert_eq!(scene.facts().unwrap().reviews, Some(Vec::new()));
}

#[test]
fn it_is_known_when_a_merge_request_was_aimed_at_another_branch() {
    let scene = Scene::new();
    scene.request.approved(&scene.bob);
    assert_eq!(scene.facts().unwrap().retargeted_at, None);
    scene.request.noted(&scene.alice, "changed target branch from `stack` to `main`", true);
    let facts = scene.facts().unwrap();
    assert!(facts.retargeted_at.unwrap() > facts.reviews.unwrap()[0].submitted_at);
}

#[test]
fn who_asks_for_changes_is_known() {
    let scene = Scene::new();
    scene.request.objected(&scene.bob);
    let reviews = scene.facts().unwrap().reviews.unwrap();
    assert_eq!((reviews[0].author.id, reviews[0].state), (1002, ReviewState::ChangesRequested));
}

#[test]
fn a_machine_and_somebody_who_is_gone_are_known_for_what_they_are() {
    let scene = Scene::new();
    let robot = scene.forge.bot("project_7_bot", 1901);
    scene.request.approved(&robot);
    scene.request.approved(&scene.bob);
    scene.forge.state().blocked.insert("bob".to_owned());
    scene.request.change(|_, request| request.author = "gate".to_owned());
    let facts = scene.facts().unwrap();
    assert_eq!(facts.author_kind, AccountKind::Bot);
    assert_eq!(facts.departed.unwrap().iter().map(|person| person.id).collect::<Vec<_>>(), [1002]);
    assert!(facts.reviews.unwrap().iter().any(|review| (review.author.id, review.kind) == (1901, AccountKind::Bot)));
}

#[test]
fn a_group_is_those_who_are_in_it_and_still_there() {
    let scene = Scene::new().with_group("acme/security").with_group("acme/secret");
    scene.forge.group("acme/security", &[&scene.alice, &scene.bob]);
    scene.forge.state().blocked.insert("alice".to_owned());
    let facts = scene.facts().unwrap();
    assert_eq!(facts.teams["acme/security"].iter().map(|person| person.id).collect::<Vec<_>>(), [1002]);
    assert!(!facts.teams.contains_key("acme/secret"));
    assert!(facts.unknown.teams["acme/secret"].starts_with("GitLab answers 404: there is no such group"));
}

#[test]
fn without_a_token_it_is_said_which_one_is_needed() {
    let mut scene = Scene::new();
    scene.connection.token = None;
    let said = scene.facts().unwrap_err().to_string();
    assert!(said.contains("no job token") && said.contains("`read_api`") && said.contains("GITLAB_TOKEN"), "{said}");
    assert_eq!(scene.forge.log().len(), 0);
    scene.connection.token = Token::new("glpat-wrong");
    assert!(matches!(scene.facts(), Err(Error::Refused { status: 401, .. })));
}

#[test]
fn what_is_pushed_while_it_is_read_is_read_again() {
    let scene = Scene::new();
    scene.request.approved(&scene.bob);
    let head = scene.place.commit(&scene.alice, "widen more");
    let (start, git, mut reads) = (scene.place.git(&["rev-parse", "main"]), head.clone(), 0);
    scene.forge.troubled_by(move |state, asked, response| {
        reads += usize::from(asked.path.ends_with("/merge_requests/42"));
        // Just after it was read for the first time.
        if reads == 1 && asked.path.ends_with("/merge_requests/42") {
            let (id, created_at) = (state.id(), state.tick());
            let version = crate::gitlab_fake::Version { id, head: git.clone(), base: start.clone(), start: start.clone(), created_at };
            state.projects.get_mut(PROJECT).unwrap().requests.get_mut(&42).unwrap().versions.push(version);
        }
        response
    });
    let facts = scene.facts().unwrap();
    assert_eq!(facts.head.unwrap().as_str(), head);
}

#[test]
fn a_page_that_is_missing_closes() {
    let scene = Scene::large();
    scene.facts().unwrap();
    let mut paths: Vec<String> =
        scene.forge.log().iter().filter(|known| known.request.query.contains_key("page")).map(|known| known.request.path.clone()).collect();
    paths.sort();
    paths.dedup();
    let mut several = 0;
    for path in paths {
        scene.forge.forget();
        let (wanted, spoiled) = (path.clone(), Arc::new(AtomicUsize::new(0)));
        let seen = Arc::clone(&spoiled);
        scene.forge.troubled_by(move |_, request, response| {
            if request.path == wanted && request.query.get("page").is_some_and(|page| page == "2") {
                seen.fetch_add(1, Ordering::SeqCst);
                return Response { body: b"[]".to_vec(), ..response };
            }
            response
        });
        let said = scene.facts();
        if spoiled.load(Ordering::SeqCst) > 0 {
            several += 1;
            assert!(matches!(said, Err(Error::Unusable { .. })), "{path}: {said:?}");
        }
    }
    assert_eq!(several, 4, "commits, events, members, notes");
}

#[test]
fn no_answer_at_all_is_an_error_within_the_limit() {
    let mut scene = Scene::new();
    scene.connection.deadline = Duration::from_millis(400);
    scene.forge.troubled_by(|_, _, response| Response { manner: Manner::Slow(Duration::from_secs(2)), ..response });
    let error = scene.facts().unwrap_err();
    assert!(matches!(error, Error::Deadline { .. } | Error::Unavailable { .. }), "{error:?}");
}

#[test]
fn a_large_merge_request_is_known_within_twelve_round_trips() {
    let mut scene = Scene::large_at(GitLab::start_with(Duration::from_millis(100)));
    for number in 0..50 {
        scene.request.approved(&scene.forge.user(&format!("reviewer-{number}"), 3000 + number));
    }
    for group in 0..4 {
        let people: Vec<User> = (0..150).map(|number| scene.forge.user(&format!("member-{number}"), 5000 + number)).collect();
        scene = scene.with_group(&format!("acme/team-{group}"));
        scene.forge.group(&format!("acme/team-{group}"), &people.iter().collect::<Vec<_>>());
    }
    scene.forge.forget();
    scene.facts().unwrap();
    let log = scene.forge.log();
    let depth = log.iter().map(|exchange| exchange.depth).max().unwrap();
    assert!(depth <= 12, "{depth} of {} requests waited for each other", log.len());
}
