//! Everything that goes wrong at every request: the same facts in the end, or none, and a message that says what to do. Never other
//! facts, and never fewer.

use crate::fake::http::{Manner, Request, Response};
use crate::fake::server::{Remembers, Server};
use crate::fake::state::State;
use crate::scene::Scene;
use countersign::proposal::Proposal;
use countersign::world::forge::{Error, Token};
use std::collections::BTreeSet;
use std::time::Duration;

/// One way in which an answer goes wrong.
struct Kind {
    name: &'static str,
    spoils: fn(&Request, Response) -> Response,
    /// What comes of it if it happens once, and if it happens whenever the same is asked.
    once: Outcome,
    always: Outcome,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The facts are the same as without trouble.
    SameFacts,
    /// There are none, and the message has these words.
    Closed(&'static str),
    /// Either.
    SameOrClosed(&'static str),
}

use Outcome::{Closed, SameFacts, SameOrClosed};

const KINDS: &[Kind] = &[
    Kind { name: "500", spoils: |_, _| said(500, "Server Error"), once: SameFacts, always: Closed("asked 4 times: it answered 500") },
    Kind {
        name: "502 without JSON",
        spoils: |_, _| Response::new(502, "<html>"),
        once: SameFacts,
        always: Closed("asked 4 times: it answered 502"),
    },
    Kind {
        name: "429",
        spoils: |_, _| said(429, "slow down").with("Retry-After", "0"),
        once: SameFacts,
        always: Closed("takes no more requests"),
    },
    Kind {
        name: "429 for an hour",
        spoils: |_, _| said(429, "slow down").with("Retry-After", "3600"),
        once: Closed("takes no more requests"),
        always: Closed("takes no more requests"),
    },
    Kind {
        name: "a secondary rate limit",
        spoils: |_, _| said(403, "You have exceeded a secondary rate limit.").with("Retry-After", "0"),
        once: SameFacts,
        always: Closed("takes no more requests"),
    },
    Kind {
        name: "a secondary rate limit for nobody knows how long",
        spoils: |_, _| said(403, "You have exceeded a secondary rate limit."),
        once: Closed("takes no more requests"),
        always: Closed("takes no more requests"),
    },
    Kind {
        name: "no requests left",
        spoils: |_, _| spent(),
        once: Closed("until 2026-01-05T10:30:00Z"),
        always: Closed("until 2026-01-05T10:30:00Z"),
    },
    Kind {
        name: "silence",
        spoils: |_, answer| Response { manner: Manner::Silent, ..answer },
        once: SameFacts,
        always: Closed("did not answer"),
    },
    Kind {
        name: "a body that ends early",
        spoils: |_, answer| Response { manner: Manner::Cut, ..answer },
        once: SameFacts,
        always: Closed("did not answer"),
    },
    Kind {
        name: "a clock that is wrong",
        spoils: |_, answer| answer.with("Date", "Mon, 05 Jan 2032 09:00:00 GMT"),
        once: SameFacts,
        always: SameFacts,
    },
    Kind { name: "no JSON", spoils: |_, _| Response::new(200, "<html>"), once: Closed("cannot be used"), always: Closed("cannot be used") },
    Kind { name: "nothing", spoils: |_, _| Response::new(200, ""), once: Closed("cannot be used"), always: Closed("cannot be used") },
    Kind {
        name: "no access",
        spoils: |_, _| said(401, "Bad credentials"),
        once: Closed("hand in another"),
        always: Closed("hand in another"),
    },
    Kind {
        name: "another host",
        spoils: |_, _| moved("https://forge.invalid/x"),
        once: Closed("`forge.invalid`, which is another host"),
        always: Closed("which is another host"),
    },
    Kind {
        name: "round and round",
        spoils: |request, _| moved(&itself(request)),
        once: SameOrClosed("cannot be used"),
        always: Closed("cannot be used"),
    },
    Kind {
        name: "an empty page",
        spoils: |request, answer| if later_page(request) { Response { body: b"[]".to_vec(), ..answer } } else { answer },
        once: SameOrClosed("cannot be used"),
        always: SameOrClosed("cannot be used"),
    },
];

fn said(status: u16, message: &str) -> Response {
    Response::new(status, serde_json::json!({"message": message}).to_string())
}

fn spent() -> Response {
    let date = "Mon, 05 Jan 2026 09:00:00 GMT";
    said(403, "API rate limit exceeded").with("x-ratelimit-remaining", "0").with("x-ratelimit-reset", "1767609000").with("Date", date)
}

fn moved(to: &str) -> Response {
    said(301, "Moved Permanently").with("Location", to)
}

/// Where the request went.
fn itself(request: &Request) -> String {
    let query: Vec<String> = request.query.iter().map(|(key, value)| format!("{key}={value}")).collect();
    format!("{}?{}", request.path, query.join("&"))
}

fn later_page(request: &Request) -> bool {
    request.query.get("page").is_some_and(|page| page != "1")
}

/// The same request, whatever it carries besides.
fn target(request: &Request) -> String {
    format!("{}{}", request.path, request.query.get("page").map(|page| format!("#{page}")).unwrap_or_default())
}

/// What is known of a change request of some forge.
pub trait Asks {
    type State: Remembers;

    fn facts(&self) -> Result<Proposal, Error>;

    fn server(&self) -> &Server<Self::State>;

    /// From now on another token is sent.
    fn sends(&mut self, token: &str);
}

impl Asks for Scene {
    type State = State;

    fn facts(&self) -> Result<Proposal, Error> {
        Self::facts(self)
    }

    fn server(&self) -> &Server<State> {
        &self.forge
    }

    fn sends(&mut self, token: &str) {
        self.connection.token = Token::new(token);
    }
}

#[test]
fn whatever_goes_wrong_the_facts_are_the_same_or_there_are_none() {
    assert!(is_tried(&mut Scene::large(), Asks::facts, "ghs_marked", &["/repos/acme/infrastructure/", "/orgs/acme/"]) > 10);
}

#[test]
fn whatever_goes_wrong_what_landed_is_open_or_was_deployed_is_the_same_or_not_known() {
    let mut scene = Scene::small();
    let at = scene.forge.at("acme/infrastructure");
    let main = scene.place.git(&["rev-parse", "main"]);
    for _ in 0..2 {
        at.deployed("production", &main, &["in_progress", "success", "inactive"]);
        at.deployed("production", &scene.pull.head(), &["in_progress", "success"]);
    }
    for number in 43..46 {
        at.pull_request(number, &scene.alice, "feature");
    }
    at.pull_request(46, &scene.alice, "feature").merged(&main);
    let asks = |scene: &Scene| {
        let (client, repository) = (scene.client()?, "acme/infrastructure");
        let deployed = client.deployed(repository, "production", &|commit| (commit == main).then_some(0))?;
        let landed = client.landed_by(repository, "main", std::slice::from_ref(&main))?;
        Ok((deployed, landed, client.open_requests(repository)?, client.request(repository, 42)?))
    };
    let (deployed, landed, open, _) = asks(&scene).unwrap();
    assert_eq!((deployed.others.len(), landed, open.len()), (1, vec![Some(46)], 4));
    assert!(is_tried(&mut scene, asks, "ghs_marked", &["/repos/acme/infrastructure/"]) > 5);
}

#[test]
fn whatever_goes_wrong_with_gitlab_the_facts_are_the_same_or_there_are_none() {
    let places = ["/v4/projects/", "/v4/users/", "/v4/groups/", "/graphql"];
    assert!(is_tried(&mut crate::gitlab::Scene::large(), Asks::facts, crate::gitlab_fake::TOKEN, &places) > 10);
}

/// Each way at each request of what is asked, once and always; says how many requests there are. A message says at what: it has one of
/// these places in it.
fn is_tried<S: Asks, T: PartialEq>(scene: &mut S, asks: impl Fn(&S) -> Result<T, Error>, token: &str, places: &[&str]) -> usize {
    scene.server().forget();
    let wanted = asks(scene).unwrap();
    let targets: BTreeSet<String> = scene.server().log().iter().map(|exchange| target(&exchange.request)).collect();
    let mut runs = 0;
    for kind in KINDS {
        for at in &targets {
            for (times, outcome) in [(1, kind.once), (usize::MAX, kind.always)] {
                // What is still under way from the run before is not meant.
                runs += 1;
                let run = format!("{token}_{runs}");
                scene.sends(&run);
                let (mut left, spoiled, spoils) = (times, at.clone(), kind.spoils);
                scene.server().troubled_by(move |_, request, answer| {
                    let is_meant = request.header("authorization").is_some_and(|header| header.ends_with(&format!(" {run}")));
                    if !is_meant || target(request) != spoiled || left == 0 {
                        return answer;
                    }
                    left -= 1;
                    spoils(request, answer)
                });
                let case = format!("{} at {at}, {}", kind.name, if times == 1 { "once" } else { "always" });
                match (outcome, asks(scene)) {
                    (SameFacts | SameOrClosed(_), Ok(facts)) => assert!(facts == wanted, "{case}: other facts"),
                    (Closed(words) | SameOrClosed(words), Err(error)) => helps(&error, words, (token, places), &case),
                    (_, Ok(facts)) => panic!("{case}: facts, the same: {}", facts == wanted),
                    (_, Err(error)) => panic!("{case}: {error}"),
                }
            }
        }
    }
    targets.len()
}

#[track_caller]
fn helps(error: &Error, words: &str, (token, places): (&str, &[&str]), case: &str) {
    let said = error.to_string();
    assert!(said.contains(words), "{case}: {said}");
    assert!(places.iter().any(|place| said.contains(place)), "{case}: {said}");
    assert!(!said.contains(token) && !format!("{error:?}").contains(token), "{case}: {said}");
}

#[test]
fn an_answer_that_stops_is_asked_for_again_and_in_the_end_there_is_none() {
    let scene = Scene::small().within(Duration::from_secs(8));
    let wanted = scene.facts().unwrap();
    let stops = |_: &mut State, _: &Request, answer: Response| Response { manner: Manner::Slow(Duration::from_secs(30)), ..answer };
    let mut left = 1;
    scene.forge.troubled_by(move |state, request, answer| {
        left = if left == 1 { 0 } else { return answer };
        stops(state, request, answer)
    });
    assert_eq!(scene.facts().unwrap(), wanted);
    scene.forge.troubled_by(stops);
    let said = scene.facts().unwrap_err().to_string();
    assert!(said.contains("took too long") || said.contains("did not answer"), "{said}");
}

/// The same list with its first entry once more at its end, as when something was put before it while it was read.
fn shifted(answer: Response) -> Response {
    let mut entries: Vec<serde_json::Value> = serde_json::from_slice(&answer.body).unwrap();
    entries.extend(entries.first().cloned());
    Response { body: serde_json::to_vec(&entries).unwrap(), ..answer }
}

#[test]
fn a_list_that_changes_while_it_is_read_is_read_again_and_in_the_end_there_is_none() {
    let scene = Scene::large();
    let wanted = scene.facts().unwrap();
    let is_reviews = |request: &Request| request.path.ends_with("/reviews") && later_page(request);
    let mut left = 1;
    scene.forge.troubled_by(move |_, request, answer| {
        if !is_reviews(request) || left == 0 {
            return answer;
        }
        left = 0;
        shifted(answer)
    });
    assert!(scene.facts().unwrap() == wanted);
    scene.forge.troubled_by(move |_, request, answer| if is_reviews(request) { shifted(answer) } else { answer });
    let said = scene.facts().unwrap_err().to_string();
    assert!(said.contains("changed while it was read, more than once"), "{said}");
}

#[test]
fn a_list_of_commits_that_is_cut_short_is_none() {
    let scene = Scene::large();
    scene.forge.troubled_by(|_, request, answer| {
        if !request.path.contains("/compare/") {
            return answer;
        }
        let mut whole: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        whole["commits"].as_array_mut().unwrap().pop();
        Response { body: whole.to_string().into_bytes(), ..answer }
    });
    let said = scene.facts().unwrap_err().to_string();
    assert!(said.contains("it has 118 of 120 commits"), "{said}");
}

#[test]
fn a_list_whose_links_are_lost_is_read_as_long_as_its_pages_are_full() {
    let scene = Scene::large();
    let wanted = scene.facts().unwrap();
    scene.forge.troubled_by(|_, _, mut answer| {
        answer.headers.retain(|(name, _)| name != "Link");
        answer
    });
    assert!(scene.facts().unwrap() == wanted);
}
