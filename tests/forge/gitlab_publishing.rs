//! What the gate writes at a merge request of GitLab, by the real program in a job: once, whatever happens, and never in somebody else's
//! place.

use crate::fake::http::{Manner, Response};
use crate::gitlab_fake::MergeRequest;
use crate::gitlab_job::{KEY, LOGS, ROLES, Scene};

impl Scene {
    /// Id, author, text of each note that somebody wrote.
    fn notes(&self) -> Vec<(u64, String, String)> {
        let written = |request: &MergeRequest| {
            let notes = request.notes.iter().filter(|note| !note.is_system);
            notes.map(|note| (note.id, note.author.clone(), note.body.clone())).collect()
        };
        self.request.change(|_, request| written(request))
    }

    /// The text of each discussion, and whether it is resolved.
    fn discussions(&self) -> Vec<(String, bool)> {
        let said = |request: &MergeRequest| request.discussions.iter().map(|one| (one.notes[0].body.clone(), one.is_resolved)).collect();
        self.request.change(|_, request| said(request))
    }

    fn writes(&self) -> usize {
        self.forge.writes().len()
    }
}

#[test]
fn a_change_of_access_gets_one_note_and_later_runs_edit_it() {
    let scene = Scene::new(&[LOGS, KEY]);
    let ran = scene.check(&["--publish", "comment"]);
    let [(id, author, body)] = &scene.notes()[..] else { panic!("{}", ran.said) };
    assert_eq!(author, "gate");
    assert!(body.contains("kms:Decrypt") && body.contains("https://gitlab.example/acme/infrastructure/-/jobs/77"), "{body}");
    scene.push(&[LOGS, KEY, ROLES]);
    scene.check(&["--publish", "comment"]);
    let [(same, _, edited)] = &scene.notes()[..] else { panic!("it is doubled") };
    assert!(same == id && edited.contains("iam:PassRole"), "{edited}");
    scene.push(&[LOGS]);
    scene.check(&["--publish", "comment"]);
    assert!(scene.notes()[0].2.contains("No access changes any more"));
}

#[test]
fn silent_where_no_access_changes() {
    let scene = Scene::new(&[LOGS]);
    scene.check(&["--publish", "comment,lines"]);
    assert_eq!((scene.notes(), scene.writes()), (Vec::new(), 0));
}

#[test]
fn what_somebody_else_wrote_is_left_alone_whatever_marker_it_has() {
    let scene = Scene::new(&[LOGS, KEY]);
    scene.check(&["--publish", "comment"]);
    let ours = scene.notes()[0].2.clone();
    scene.request.change(|_, request| request.notes.clear());
    scene.request.noted(&scene.bob, &ours, false);
    scene.check(&["--publish", "comment"]);
    let notes = scene.notes();
    assert_eq!((notes.len(), &*notes[0].1, &*notes[0].2, &*notes[1].1), (2, "bob", &*ours, "gate"));
}

#[test]
fn a_lost_answer_doubles_nothing() {
    let spoiled: [fn(Response) -> Response; 3] = [
        |_| Response::new(502, ""),
        |response| Response { manner: Manner::Silent, ..response },
        |response| Response { manner: Manner::Cut, ..response },
    ];
    for spoil in spoiled {
        let scene = Scene::new(&[LOGS, KEY]);
        let mut is_first = true;
        scene.forge.troubled_by(move |_, request, response| {
            let is_write = request.method == "POST" && !request.path.ends_with("/graphql");
            if is_write && std::mem::take(&mut is_first) { spoil(response) } else { response }
        });
        let ran = scene.check(&["--publish", "comment,lines"]);
        assert_eq!((scene.notes().len(), scene.discussions().len()), (1, 1), "{}", ran.said);
    }
}

#[test]
fn a_line_that_gives_access_is_discussed_until_it_is_gone() {
    let scene = Scene::new(&[LOGS, KEY]);
    let ran = scene.check(&["--publish", "lines"]);
    let discussions = scene.discussions();
    assert!(discussions.len() == 1 && discussions[0].0.contains("kms:Decrypt") && !discussions[0].1, "{discussions:?} {}", ran.said);
    let written = scene.writes();
    scene.check(&["--publish", "lines"]);
    assert_eq!(scene.writes(), written, "it stands there");
    scene.push(&[LOGS]);
    scene.check(&["--publish", "lines"]);
    assert!(scene.discussions().iter().all(|(_, is_resolved)| *is_resolved), "{:?}", scene.discussions());
    scene.push(&[LOGS, KEY]);
    scene.check(&["--publish", "lines"]);
    let open = scene.discussions().iter().filter(|(_, is_resolved)| !is_resolved).count();
    assert_eq!((scene.discussions().len(), open), (2, 1), "what holds again is said anew");
}

#[test]
fn a_token_that_may_not_write_is_a_warning_and_changes_no_decision() {
    let scene = Scene::new(&[LOGS, KEY]);
    scene.forge.troubled_by(|_, request, response| {
        let is_write = request.method == "POST" && !request.path.ends_with("/graphql");
        let why = r#"{"error": "insufficient_scope", "error_description": "The request requires higher privileges than provided by the access token.", "scope": "api"}"#;
        if is_write { Response::new(403, why) } else { response }
    });
    let ran = scene.check(&["--publish", "comment"]);
    assert_eq!(ran.code, 11);
    assert!(ran.said.contains("warning: not published, comment") && ran.said.contains("scope `api`"), "{}", ran.said);
}

#[test]
fn what_gitlab_has_no_place_for_is_said() {
    let scene = Scene::new(&[LOGS, KEY]);
    let ran = scene.check(&["--publish", "check,code-scanning"]);
    assert!(ran.said.contains("the job itself is the check") && ran.said.contains("gitlab-codequality"), "{}", ran.said);
    assert_eq!(scene.writes(), 0);
}

#[test]
fn an_external_status_check_by_the_name_of_the_gate_is_answered_once_for_each_commit() {
    let scene = Scene::new(&[LOGS, KEY]);
    let ran = scene.check(&["--publish", "check"]);
    assert!(ran.said.contains("no external status check `countersign report`"), "{}", ran.said);
    scene.request.change(|_, request| request.checks = ["another", "countersign report"].map(|name| (name.to_owned(), None)).to_vec());
    let answered = || scene.request.change(|_, request| request.checks.clone());
    scene.check(&["--publish", "check"]);
    let failed = Some((scene.request.head(), "failed".to_owned()));
    assert_eq!(answered(), [("another".to_owned(), None), ("countersign report".to_owned(), failed)]);
    scene.request.approved(&scene.bob);
    scene.check(&["--publish", "check"]);
    assert_eq!(answered()[1].1.as_ref().map(|(_, status)| status.as_str()), Some("passed"));
    scene.forge.forget();
    scene.check(&["--publish", "check"]);
    assert_eq!(scene.writes(), 0, "it says that already");
    scene.push(&[LOGS, KEY, ROLES]);
    scene.check(&["--publish", "check"]);
    assert_eq!(answered()[1].1, Some((scene.request.head(), "failed".to_owned())));
}
