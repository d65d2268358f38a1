//! Who had a hand in a merge request of GitLab, by the real client. Whatever is not seen whole may be anybody's.

use crate::fake::http::Response;
use crate::fake::state::User;
use crate::gitlab::Scene;
use crate::gitlab_fake::Event;
use chrono::TimeDelta;
use countersign::world::forge::Error;

#[test]
fn whoever_pushed_had_a_hand_in_it_whatever_the_commits_say() {
    let scene = Scene::new();
    scene.place.commit(&scene.alice, "as if it were Alice's");
    scene.request.pushed(&scene.bob);
    assert_eq!(scene.contributors(), [1001, 1002]);
}

#[test]
fn whoever_pushed_before_it_was_opened_had_a_hand_in_it() {
    let scene = Scene::new();
    scene.forge.user("mallory", 1666);
    scene.project.change(|_, project| project.events.insert(1, event(Some("feature"), "pushed")));
    assert_eq!(scene.contributors(), [1001, 1666]);
    scene.project.change(|_, project| project.events[1] = event(None, "pushed"));
    assert_eq!(scene.contributors(), [1001, 1666], "a push of many branches may be of this one");
    scene.project.change(|_, project| {
        project.events.remove(1);
        project.events.insert(0, event(Some("feature"), "pushed"));
    });
    assert_eq!(scene.contributors(), [1001], "a branch of that name that was another");
}

#[test]
fn a_branch_that_is_made_again_hides_nobody_who_pushed_to_it_before() {
    let scene = Scene::new();
    scene.forge.user("mallory", 1666);
    scene.project.change(|_, project| project.events[0].author = "mallory".to_owned());
    for _ in 0..10 {
        scene.request.noted(&scene.bob, "a while later", false);
    }
    scene.project.pushed_event(&scene.alice, "feature", "created");
    assert_eq!(scene.contributors(), [1001, 1666]);
}

#[test]
fn a_branch_that_is_made_again_at_once_hides_nobody_who_pushed_to_it_before() {
    let scene = Scene::new();
    scene.forge.user("mallory", 1666);
    let opened = scene.request.change(|_, request| request.created_at);
    let head = Some(scene.request.head());
    let at = |id: u64, who: &str, action: &'static str, minutes: i64| Event {
        id,
        author: who.to_owned(),
        branch: Some("feature".to_owned()),
        action,
        to: head.clone().filter(|_| action != "removed"),
        at: opened + TimeDelta::minutes(minutes),
    };
    let seen = |events: Vec<Event>| {
        scene.project.change(|_, project| project.events = events);
        scene.contributors()
    };
    let remade = || [at(8, "alice", "removed", 3), at(9, "alice", "created", 4)];
    for minutes in [-10, 0, 1] {
        let [removed, created] = remade();
        assert_eq!(seen(vec![at(7, "mallory", "created", minutes), removed, created]), [1001, 1666], "{minutes}");
    }
    // Opened by the push itself, which is written down later, as what others do meanwhile.
    let other = |minutes| Event { branch: Some("other".to_owned()), ..at(6, "mallory", "pushed", minutes) };
    assert_eq!(seen(vec![other(-3), other(0), at(9, "alice", "created", 1)]), [1001]);
    assert_eq!(seen(vec![at(9, "alice", "created", 1)]), [1001], "nothing else is known");
    let before = [at(4, "mallory", "created", -60), at(5, "mallory", "removed", -50)];
    assert_eq!(seen([&before[..], &[at(9, "alice", "created", 1)]].concat()), [1001], "a branch of that name that was another");
}

#[test]
fn whoever_takes_the_branch_away_after_the_merge_put_nothing_there() {
    let scene = Scene::new();
    let removed = |branch| Event { author: "bob".to_owned(), ..event(branch, "removed") };
    scene.project.change(|_, project| project.events.push(removed(Some("feature"))));
    assert_eq!(scene.contributors(), [1001]);
    scene.project.change(|_, project| project.events.push(removed(None)));
    assert_eq!(scene.contributors(), [1001, 1002], "many at once may be more than taken away");
}

#[test]
fn a_branch_whose_beginning_nobody_shows_may_be_anybodys() {
    let scene = Scene::new();
    for action in ["pushed", "removed"] {
        scene.project.change(|_, project| project.events[0].action = action);
        let why = scene.unknown();
        assert!(why.contains("no push that began `feature`") && why.contains("push it under a name that was never there"), "{why}");
    }
    scene.project.change(|_, project| project.events.clear());
    assert!(scene.unknown().contains("no push that began `feature`"));
}

#[test]
fn what_gitlab_has_not_written_down_yet_may_be_anybodys_push() {
    let scene = Scene::new();
    scene.place.commit(&scene.alice, "as if it were Alice's");
    scene.request.pushed(&scene.bob);
    let event = scene.project.change(|_, project| project.events.pop()).unwrap();
    let why = scene.unknown();
    assert!(why.contains("does not show yet who pushed to `feature` last") && why.contains("run the job again"), "{why}");
    scene.project.change(|_, project| project.events.push(event));
    assert_eq!(scene.contributors(), [1001, 1002]);
}

#[test]
fn a_fork_that_is_gone_or_hidden_may_have_had_anybodys_push() {
    let scene = Scene::new();
    scene.request.change(|_, request| request.source_project = None);
    assert!(scene.unknown().contains("the fork that has `feature` is gone"));
    scene.request.change(|_, request| request.source_project = Some(4711));
    let why = scene.unknown();
    assert!(
        why.starts_with("GitLab answers 404") && why.contains("does not see the fork") && why.contains("push the branch to the project"),
        "{why}"
    );
}

#[test]
fn a_merge_request_without_commits_is_not_read() {
    let scene = Scene::new();
    scene.forge.troubled_by(|_, request, response| {
        let is_list = request.path.ends_with("/repository/commits");
        if is_list { Response { body: b"[]".to_vec(), ..response } } else { response }
    });
    assert!(matches!(scene.facts(), Err(Error::Unusable { .. })));
}

fn event(branch: Option<&str>, action: &'static str) -> Event {
    let at = "2026-01-05T08:00:00Z".parse().unwrap();
    Event { id: 9, author: "mallory".to_owned(), branch: branch.map(str::to_owned), action, to: None, at }
}

#[test]
fn a_committer_who_hides_an_address_vouches_for_no_other() {
    let scene = Scene::new();
    let commit = |email: &str| {
        let committer = format!("user.email={email}");
        let arguments = ["-c", "user.name=x", "-c", &committer, "commit", "--quiet", "--allow-empty", "--message=more"];
        scene.place.git(&[&arguments[..], &["--author=Alice <alice@example.com>"]].concat());
        scene.request.pushed(&scene.alice);
    };
    scene.forge.state().users.get_mut("bob").unwrap().hides = Some("1002-bob@users.noreply.gitlab.com".to_owned());
    commit("1002-bob@users.noreply.gitlab.com");
    assert_eq!(scene.contributors(), [1001, 1002]);
    commit("stranger@example.net");
    assert!(scene.unknown().starts_with("the committer of commit"));
}

#[test]
fn an_address_that_only_looks_like_one_that_gitlab_gave_is_of_somebody_unknown() {
    let scene = Scene::new();
    let committer = "user.email=1003-carol@users.noreply.example.org";
    scene.place.git(&["-c", "user.name=x", "-c", committer, "commit", "--quiet", "--allow-empty", "--author=A <alice@example.com>", "-mx"]);
    scene.request.pushed(&scene.alice);
    assert!(scene.unknown().starts_with("the committer of commit"));
}

#[test]
fn an_address_of_nobody_closes() {
    let scene = Scene::new();
    let stranger = User { id: 1, login: "stranger".to_owned(), kind: "User", email: "stranger@example.com".to_owned(), hides: None };
    let id = scene.place.commit(&stranger, "who am I");
    scene.request.pushed(&scene.alice);
    assert_eq!(scene.unknown(), format!("the author of commit {} has an address that belongs to no account that GitLab shows", &id[..10]));
}

#[test]
fn a_co_author_is_known_by_an_address_or_closes() {
    let scene = Scene::new();
    scene.place.commit(&scene.bob, "by Bob");
    scene.place.commit(
        &scene.alice,
        "together\n\nCo-authored-by: Carol <1003-carol@users.noreply.gitlab.com>\nCo-authored-by: B <bob@example.com>",
    );
    scene.request.pushed(&scene.alice);
    assert_eq!(scene.contributors(), [1001, 1002, 1003]);
    scene.place.commit(&scene.alice, "together\n\nCo-authored-by: Dave <dave@example.com>");
    scene.request.pushed(&scene.alice);
    assert!(scene.unknown().starts_with("the co-author of commit"));
}

#[test]
fn what_gitlab_committed_for_somebody_is_theirs_if_it_signed_it() {
    let scene = Scene::new();
    scene.place.git(&[
        "-c",
        "user.name=GitLab",
        "-c",
        "user.email=noreply@gitlab.example.com",
        "commit",
        "--quiet",
        "--allow-empty",
        "--author=Alice <alice@example.com>",
        "--message=suggestion",
    ]);
    scene.request.pushed(&scene.alice);
    assert!(scene.unknown().starts_with("the committer of commit"), "anybody can write that GitLab did it");
    let head = scene.request.head();
    scene.forge.state().signed.insert(head);
    assert_eq!(scene.contributors(), [1001]);
}

#[test]
fn a_rebase_by_somebody_else_is_theirs_too() {
    let scene = Scene::new();
    let bob = ["-c", "user.name=Bob", "-c", "user.email=bob@example.com"];
    scene
        .place
        .git(&[&bob[..], &["commit", "--quiet", "--amend", "--no-edit", "--allow-empty", "--author=Alice <alice@example.com>"]].concat());
    scene.request.pushed(&scene.alice);
    assert_eq!(scene.contributors(), [1001, 1002]);
}
