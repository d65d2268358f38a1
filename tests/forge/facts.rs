//! What is known of a pull request, by the real client.

use crate::scene::Scene;
use countersign::proposal::{AccountKind, ReviewState};
use countersign::world::forge::{Deployed, PlaceOf};

#[test]
fn a_pull_request_is_known_by_its_commits_and_reviews() {
    let scene = Scene::small();
    scene.pull.reviewed(&scene.bob, "APPROVED");
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

#[test]
fn every_page_of_every_list_is_read() {
    let scene = Scene::large();
    let facts = scene.facts().unwrap();
    assert_eq!(facts.reviews.unwrap().len(), 120);
    assert_eq!(facts.teams.values().map(Vec::len).collect::<Vec<_>>(), [120, 120]);
    assert_eq!(facts.contributors.unwrap().len(), 1);
}

#[test]
fn labels_title_and_description_need_no_list_of_anything() {
    let mut scene = Scene::small();
    (scene.needs.reviews, scene.needs.request) = (false, true);
    scene.pull.labelled(&["access-reviewed"]);
    let facts = scene.facts().unwrap();
    assert_eq!(facts.labels.unwrap(), ["access-reviewed"]);
    assert_eq!((facts.title.unwrap(), facts.description.unwrap()), ("change 42".to_owned(), "why".to_owned()));
    assert_eq!((facts.reviews, facts.contributors), (None, None));
    assert_eq!(scene.forge.log().len(), 2);
}

#[test]
fn whoever_is_named_beside_the_author_contributed() {
    let scene = Scene::small();
    let carol = scene.forge.user("carol", 1003);
    scene.place.commit(&carol, "more");
    let named = "more\n\nCo-authored-by: Dave <1004+dave@users.noreply.github.com>\nCO-AUTHORED-BY: Carol <CAROL@example.com>";
    scene.place.commit(&scene.alice, named);
    scene.pull.pushed(&scene.bob);
    let people: Vec<u64> = scene.facts().unwrap().contributors.unwrap().iter().map(|person| person.id).collect();
    assert_eq!(people, [1001, 1002, 1003, 1004]);
}

#[test]
fn a_co_author_with_a_hidden_address_is_whoever_github_says() {
    let scene = Scene::small();
    let mut eve = scene.forge.user("eve", 1005);
    eve.hides = Some("eve@example.net".to_owned());
    scene.forge.state().users.insert("eve".to_owned(), eve);
    scene.place.commit(&scene.alice, "more\n\nCo-authored-by: Eve <Eve@example.net>\nCo-authored-by: Eve <eve@example.net>");
    scene.pull.pushed(&scene.alice);
    let people: Vec<u64> = scene.facts().unwrap().contributors.unwrap().iter().map(|person| person.id).collect();
    assert_eq!(people, [1001, 1005]);
    scene.forge.troubled_by(|_, request, answer| {
        let is_question = request.path.ends_with("/graphql");
        let partial = r#"{"data": {"repository": null}, "errors": [{"message": "timeout"}]}"#;
        if is_question { crate::fake::http::Response::new(200, partial) } else { answer }
    });
    let error = scene.facts().unwrap_err().to_string();
    assert!(error.contains("POST /graphql") && error.contains("timeout"), "a part of an answer is none: {error}");
}

#[test]
fn an_enterprise_server_is_asked_below_its_path_and_its_questions_beside_it() {
    let mut scene = Scene::large();
    scene.place.commit(&scene.alice, "more\n\nCo-authored-by: Bob <bob@example.com>");
    scene.pull.pushed(&scene.alice);
    // So many pushes that each page says where the next one is.
    for _ in 0..120 {
        scene.pull.pushed(&scene.alice);
    }
    let wanted = scene.facts().unwrap();
    scene.forge.state().is_enterprise = true;
    scene.connection.api = scene.forge.api();
    scene.forge.forget();
    assert_eq!(scene.facts().unwrap(), wanted);
    let paths: Vec<String> = scene.forge.log().iter().map(|exchange| exchange.request.path.clone()).collect();
    assert!(paths.iter().any(|path| path == "/api/graphql"), "{paths:?}");
    assert!(paths.iter().all(|path| path.starts_with("/api/v3/") || path == "/api/graphql"), "{paths:?}");
}

#[test]
fn a_co_author_of_whom_github_says_nothing_leaves_it_unknown_who_contributed() {
    let scene = Scene::small();
    scene.place.commit(&scene.alice, "more\n\nCo-authored-by: Eve <eve@example.net>");
    scene.pull.pushed(&scene.alice);
    let facts = scene.facts().unwrap();
    assert_eq!(facts.contributors, None);
    assert!(facts.unknown.contributors.unwrap().contains("the co-author of commit"));
}

#[test]
fn who_pushed_to_a_fork_that_nobody_shows_is_not_known() {
    let scene = Scene::small();
    scene.pull.change(|_, pull| pull.fork = Some("mallory/infrastructure".to_owned()));
    let facts = scene.facts().unwrap();
    assert_eq!(facts.contributors, None);
    assert!(facts.unknown.contributors.unwrap().contains("the fork `mallory/infrastructure`"));
}

#[test]
fn whoever_forced_a_push_contributed_even_where_nobody_sees_the_branch() {
    let scene = Scene::small();
    scene.place.git(&["reset", "--quiet", "--soft", "main"]);
    scene.place.commit(&scene.alice, "other");
    scene.pull.pushed(&scene.bob);
    let people: Vec<u64> = scene.facts().unwrap().contributors.unwrap().iter().map(|person| person.id).collect();
    assert_eq!(people, [1001, 1002]);
}

#[test]
fn a_machine_is_told_from_a_human_by_the_kind_of_its_account() {
    let scene = Scene::small();
    let renovate = scene.forge.bot("alice-the-human", 1009);
    scene.pull.change(|_, pull| pull.author.clone_from(&renovate.login));
    scene.pull.reviewed(&renovate, "APPROVED");
    let facts = scene.facts().unwrap();
    assert_eq!((facts.author_kind, facts.reviews.unwrap()[0].kind), (AccountKind::Bot, AccountKind::Bot));
}

#[test]
fn what_an_account_said_that_is_gone_is_the_ghosts_who_approves_nothing() {
    let scene = Scene::small();
    scene.pull.reviewed(&scene.bob, "APPROVED");
    assert_eq!(scene.facts().unwrap().departed, None);
    let ghosts = [None, Some(scene.forge.user("ghost", 10_137)), Some(scene.forge.user("ghost", 7))];
    for ghost in ghosts {
        if let Some(ghost) = &ghost {
            scene.forge.user(&ghost.login, ghost.id);
        }
        scene.pull.change(|_, pull| pull.reviews[0].author = ghost.map(|user| user.login));
        let facts = scene.facts().unwrap();
        let author = &facts.reviews.unwrap()[0].author;
        assert_eq!((author.login.as_str(), facts.departed), ("ghost", Some(vec![author.clone()])));
    }
}

/// That nobody knows who contributed, and these words why.
#[track_caller]
fn unknown(scene: &Scene, words: &str) {
    let facts = scene.facts().unwrap();
    assert_eq!(facts.contributors, None);
    let why = facts.unknown.contributors.unwrap();
    assert!(why.contains(words), "{why}");
}

#[test]
fn whoever_pushed_with_an_account_that_is_gone_is_somebody_unknown() {
    let scene = Scene::small();
    scene.pull.pushed(&scene.forge.user("carol", 1003));
    assert_eq!(scene.facts().unwrap().contributors.unwrap().len(), 2);
    scene.forge.state().users.remove("carol");
    unknown(&scene, "an account that is gone pushed to the branch");
    let ghost = scene.forge.user("ghost", 10_137);
    scene.forge.state().users.insert("carol".to_owned(), ghost);
    unknown(&scene, "an account that is gone pushed to the branch");
}

#[test]
fn whoever_replaced_commits_with_an_account_that_is_gone_is_somebody_unknown() {
    let scene = Scene::small();
    scene.pull.change(|state, pull| pull.forced.push((state.id(), "carol".to_owned(), state.tick())));
    unknown(&scene, "an account that is gone replaced commits");
}

#[test]
fn whoever_opened_it_with_an_account_that_is_gone_is_somebody_unknown() {
    let scene = Scene::small();
    scene.forge.user("ghost", 10_137);
    scene.pull.change(|_, pull| pull.author = "ghost".to_owned());
    unknown(&scene, "the account that opened the pull request is gone");
}

#[test]
fn what_was_read_is_asked_for_only_if_it_is_different_now() {
    let scene = Scene::small();
    let connected = scene.client().unwrap();
    let first = connected.proposal(&Scene::asked(), &scene.needs).unwrap();
    scene.forge.forget();
    assert_eq!(connected.proposal(&Scene::asked(), &scene.needs).unwrap(), first);
    let log = scene.forge.log();
    assert!(!log.is_empty() && log.iter().all(|exchange| exchange.status == 304), "{log:#?}");
}

#[test]
fn the_token_goes_to_the_forge_and_to_nobody_else() {
    let scene = Scene::small();
    let other = crate::fake::Forge::start();
    let elsewhere = format!("{}/repos/acme/infrastructure/pulls/42", other.api());
    scene.forge.troubled_by(move |_, _, _| crate::fake::http::Response::new(302, "").with("Location", elsewhere.clone()));
    let error = scene.facts().unwrap_err().to_string();
    assert!(error.contains("another host"), "{error}");
    assert!(scene.forge.log().iter().all(|exchange| exchange.request.header("authorization") == Some("Bearer ghs_marked")));
    assert_eq!(other.log().len(), 0);
}

#[test]
fn what_was_deployed_last_is_what_succeeded_last() {
    let scene = Scene::small();
    let at = scene.forge.at("acme/infrastructure");
    let (first, second) = (scene.place.git(&["rev-parse", "main"]), scene.pull.head());
    let deployed =
        |environment: &str, place: &PlaceOf<'_>| scene.client().unwrap().deployed("acme/infrastructure", environment, place).unwrap();
    let last = |environment: &str| deployed(environment, &|_| Some(0)).last;
    assert_eq!(last("production"), None);
    at.deployed("production", &first, &["in_progress", "success", "inactive"]);
    at.deployed("production", &second, &["in_progress", "failure"]);
    at.deployed("production", &second, &["in_progress"]);
    at.deployed("staging & more", &second, &["success"]);
    assert_eq!((last("production"), last("staging & more")), (Some(first.clone()), Some(second.clone())));
    // What the branch was never at is told beside it.
    at.deployed("production", &second, &["success"]);
    let found = deployed("production", &|commit| (commit == first).then_some(0));
    assert_eq!((found.last, found.others), (Some(first), vec![second.clone()]));
    assert_eq!(deployed("staging & more", &|_| None), Deployed { last: None, others: vec![second] });
}

#[test]
fn a_commit_landed_by_the_one_pull_request_that_it_merged() {
    let scene = Scene::small();
    let head = scene.pull.head();
    let landed = |commit: &str| scene.client().unwrap().landed_by("acme/infrastructure", "main", &[commit.to_owned()]).unwrap();
    assert_eq!(landed(&head), [None]);
    scene.pull.merged(&head);
    assert_eq!(landed(&head), [Some(42)]);
    scene.pull.change(|_, pull| pull.base = "scratch".to_owned());
    assert_eq!(landed(&head), [None], "it went elsewhere");
    scene.pull.change(|_, pull| pull.base = "main".to_owned());
    // One that is stacked on it has the commit as well, and was merged by another.
    let main = scene.place.git(&["rev-parse", "main"]);
    let other = scene.forge.at("acme/infrastructure").pull_request(43, &scene.alice, "feature");
    other.merged(&main);
    other.change(|_, pull| pull.brought.push(head.clone()));
    assert_eq!(landed(&head), [Some(42)]);
    scene.pull.change(|_, pull| (pull.merged, pull.brought) = (Some(main.clone()), vec![head.clone()]));
    assert_eq!((landed(&head), landed(&main)), (vec![None], vec![None]), "which of the two it was, nobody guesses");
}
