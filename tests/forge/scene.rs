//! A forge with one pull request, and what our client knows of it.

use crate::fake::state::User;
use crate::fake::{Forge, PullRequest};
use crate::place::Place;
use countersign::policy::Needs;
use countersign::proposal::Proposal;
use countersign::world::forge::{Asked, Connection, Error, Forge as Client, Provider, Token};
use std::sync::Arc;
use std::time::Duration;

/// Pull request 42 of `acme/infrastructure`: one commit of Alice's.
pub struct Scene {
    pub forge: Forge,
    pub place: Place,
    pub pull: PullRequest,
    pub alice: User,
    pub bob: User,
    pub connection: Connection,
    pub needs: Needs,
}

impl Scene {
    /// One commit, and nobody has said anything.
    pub fn small() -> Self {
        Self::of(1, Duration::ZERO)
    }

    /// Lists of several pages everywhere.
    pub fn large() -> Self {
        let scene = Self::of(120, Duration::ZERO);
        scene.review_often(120);
        scene.pull.change(|state, pull| {
            pull.forced = (0..120).map(|_| (state.id(), "alice".to_owned(), state.tick())).collect();
        });
        scene.with_teams(2, 120)
    }

    /// So many commits, in a forge that takes so long to answer.
    pub fn of(commits: usize, latency: Duration) -> Self {
        let (forge, place) = (Forge::start_with(latency), Place::new());
        let (alice, bob) = (forge.user("alice", 1001), forge.user("bob", 1002));
        place.commit(&alice, "begin");
        place.git(&["checkout", "--quiet", "-b", "feature"]);
        for number in 0..commits {
            place.commit(&alice, &format!("widen {number}"));
        }
        let pull = forge.repository("acme/infrastructure", &place.path()).pull_request(42, &alice, "feature");
        let connection = Connection {
            provider: Provider::GitHub,
            api: forge.api(),
            token: Token::new("ghs_marked"),
            deadline: Duration::from_mins(1),
            pause: Duration::from_millis(1),
        };
        let needs = Needs { reviews: true, ..Needs::default() };
        Self { forge, place, pull, alice, bob, connection, needs }
    }

    /// All requests together may take so long.
    pub fn within(mut self, deadline: Duration) -> Self {
        self.connection.deadline = deadline;
        self
    }

    /// Somebody else says something, again and again.
    pub fn review_often(&self, times: usize) {
        for number in 0..times {
            let reviewer = self.forge.user(&format!("reviewer-{number}"), 3000 + number as u64);
            self.pull.reviewed(&reviewer, "COMMENTED");
        }
    }

    /// Teams of so many people are asked for.
    pub fn with_teams(mut self, teams: usize, size: usize) -> Self {
        for team in 0..teams {
            let people: Vec<User> = (0..size).map(|number| self.forge.user(&format!("member-{number}"), 5000 + number as u64)).collect();
            let name = format!("acme/team-{team}");
            self.forge.team(&name, &people.iter().collect::<Vec<_>>());
            self.needs.teams.insert(Arc::from(name));
        }
        self
    }

    /// What our client knows.
    pub fn facts(&self) -> Result<Proposal, Error> {
        self.client()?.proposal(&Self::asked(), &self.needs)
    }

    /// Our client.
    pub fn client(&self) -> Result<Client, Error> {
        Client::connect(&self.connection)
    }

    pub fn asked() -> Asked {
        Asked { repository: "acme/infrastructure".to_owned(), change_request: Some(42), environment: None, is_frozen: false }
    }
}
