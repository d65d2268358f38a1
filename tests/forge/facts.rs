//! What is known of a pull request, by the real client.

use crate::fake::{Forge, PullRequest};
use crate::place::Place;
use countersign::policy::Needs;
use countersign::proposal::{Proposal, ReviewState};
use countersign::world::forge::{Asked, Connection, Error, Forge as Client, Provider, Token};
use std::time::Duration;

/// A forge with a pull request of Alice's that adds one commit of hers.
struct Scene {
    forge: Forge,
    place: Place,
    pull: PullRequest,
}

impl Scene {
    fn new() -> Self {
        let (forge, place) = (Forge::start(), Place::new());
        let alice = forge.user("alice", 1001);
        forge.user("bob", 1002);
        place.commit(&alice, "begin");
        place.git(&["checkout", "--quiet", "-b", "feature"]);
        place.commit(&alice, "widen");
        let pull = forge.repository("acme/infrastructure", &place.path()).pull_request(42, &alice, "feature");
        Self { forge, place, pull }
    }

    fn facts(&self) -> Result<Proposal, Error> {
        let connection = Connection {
            provider: Provider::GitHub,
            api: self.forge.api(),
            token: Token::new("ghs_marked"),
            deadline: Duration::from_secs(20),
            pause: Duration::from_millis(1),
        };
        let asked = Asked { repository: "acme/infrastructure".to_owned(), change_request: Some(42), environment: None };
        Client::connect(&connection)?.proposal(&asked, &Needs { reviews: true, ..Needs::default() })
    }
}

#[test]
fn a_pull_request_is_known_by_its_commits_and_reviews() {
    let scene = Scene::new();
    let bob = scene.forge.user("bob", 1002);
    scene.pull.reviewed(&bob, "APPROVED");
    let facts = scene.facts().unwrap();
    assert!(facts.source.is_verified());
    assert_eq!(facts.base.unwrap().as_str(), scene.place.git(&["rev-parse", "main"]));
    assert_eq!(facts.head.unwrap().as_str(), scene.pull.head());
    assert_eq!((facts.author.id, facts.author.login.as_str()), (1001, "alice"));
    let contributors: Vec<u64> = facts.contributors.unwrap().iter().map(|person| person.id).collect();
    assert_eq!(contributors, [1001]);
    let reviews = facts.reviews.unwrap();
    assert_eq!(reviews.len(), 1);
    assert_eq!((reviews[0].author.id, reviews[0].state, reviews[0].commit.as_str()), (1002, ReviewState::Approved, &*scene.pull.head()));
}
