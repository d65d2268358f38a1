//! What an argument names, and what is said when it names nothing or too much.

use crate::fixture::{Place, summary};
use countersign::world::repository::{Error, Limits, Sides};

fn two_commits() -> Place {
    let place = Place::repository();
    place.write("repo/a.json", "1");
    place.commit();
    place.write("repo/a.json", "2");
    place.commit();
    place
}

#[test]
fn a_revision_that_does_not_exist_is_an_error_with_the_name_that_does() {
    let place = two_commits();
    assert_eq!(
        place.error("develop", "HEAD"),
        "`develop` is neither a revision of the repository nor a path; fetch it, or correct the name"
    );
    place.git(&["update-ref", "refs/remotes/origin/develop", "HEAD~1"]);
    assert_eq!(
        place.error("develop~1", "HEAD"),
        "`develop~1` is neither a revision of the repository nor a path; did you mean `origin/develop~1`?"
    );
    assert_eq!(summary(&place.changed("origin/develop", "HEAD")), ["M a.json"]);
}

#[test]
fn a_full_id_that_is_not_here_is_an_error() {
    let place = two_commits();
    let id = "1234567890".repeat(4);
    assert!(matches!(place.sides(&id, "HEAD"), Err(Error::NoSuchRevision { revision, .. }) if revision == id));
}

#[test]
fn a_shallow_clone_without_the_base_says_how_to_fetch_it() {
    let place = two_commits();
    let base = place.git(&["rev-parse", "HEAD~1"]);
    place.git_in(".", &["clone", "--quiet", "--depth=1", &format!("file://{}", place.text("repo")), "shallow"]);
    for base in ["HEAD~1", &base] {
        let error = Sides::open(base, "HEAD", &place.path("shallow"), Limits::default()).unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "revision `{base}` is not in this shallow clone; fetch the whole history: `fetch-depth: 0` for actions/checkout, \
                 `GIT_DEPTH: 0` in GitLab CI, or `git fetch --unshallow`"
            )
        );
    }
}

#[test]
fn a_branch_without_commits_says_so() {
    let place = Place::repository();
    assert_eq!(
        place.error("HEAD", "/dev/null"),
        "`HEAD` names no commit: branch `main` has none yet; make the first commit, or name another revision"
    );
}

#[test]
fn a_directory_that_is_no_repository_is_an_error() {
    let place = Place::new();
    let sides = Sides::open("HEAD", "HEAD", &place.path("."), Limits::default());
    assert!(matches!(sides, Err(Error::NotARepository { .. })));
    let sides = Sides::open("HEAD", "HEAD", &place.path("nowhere"), Limits::default());
    assert!(matches!(sides, Err(Error::NotARepository { .. })));
}

#[test]
fn a_broken_repository_is_an_error_and_not_the_one_around_it() {
    let place = two_commits();
    place.write("repo/inner/.git/config", "");
    let sides = Sides::open("HEAD", "HEAD", &place.path("repo/inner"), Limits::default());
    assert!(matches!(sides, Err(Error::Incomplete { .. })));
}

#[test]
fn a_directory_of_the_checkout_that_looks_like_a_bare_repository_is_not_found_from_below() {
    let place = two_commits();
    place.git_in(".", &["clone", "--quiet", "--bare", "repo", "repo/planted"]);
    place.write("repo/planted/work/x", "");
    place.commit();
    let sides = Sides::open("HEAD", "HEAD", &place.path("repo/planted/work"), Limits::default()).unwrap();
    assert_eq!(sides.head().commit(), Some(place.git(&["rev-parse", "HEAD"])));
}

#[test]
fn a_single_file_in_a_revision_a_range_and_a_search_are_not_a_state() {
    let place = two_commits();
    for (revision, what) in
        [("HEAD:a.json", "a single file"), ("HEAD~1..HEAD", "a range"), (":/change", "a search"), ("HEAD^{/change}", "a search")]
    {
        let expected = format!("`{revision}` names {what}, not one state of the files; name a commit, a tag or a branch");
        assert_eq!(place.error(revision, "HEAD"), expected);
    }
}

#[test]
fn a_tag_and_a_branch_of_one_name_are_refused_while_they_differ() {
    let place = two_commits();
    place.git(&["branch", "release", "HEAD~1"]);
    place.git(&["tag", "release", "HEAD"]);
    for name in ["release", "release~0"] {
        assert_eq!(
            place.error(name, "HEAD"),
            format!("`{name}` can be `refs/tags/release` or `refs/heads/release`; write one of them in full")
        );
    }
    assert_eq!(summary(&place.changed("refs/heads/release", "HEAD")), ["M a.json"]);
    place.git(&["tag", "--force", "release", "HEAD~1"]);
    assert_eq!(summary(&place.changed("release", "HEAD")), ["M a.json"]);
}

#[test]
fn a_branch_named_like_a_full_id_does_not_shadow_the_commit() {
    let place = two_commits();
    let base = place.git(&["rev-parse", "HEAD~1"]);
    place.git(&["update-ref", &format!("refs/heads/{base}"), "HEAD"]);
    assert_eq!(place.sides(&base, "HEAD").unwrap().base().commit(), Some(base));
}

/// Plain names are relative to the current directory, which is a property of the process: these run in one of their own.
#[test]
fn plain_names_are_looked_up_where_the_command_runs() {
    let place = two_commits();
    place.write("repo/release/a.json", "planted");
    place.write("repo/main/a.json", "planted");
    place.commit();
    place.write("repo/rendered/a.json", "made here");
    place.write("repo/before.json", "1");
    place.write("repo/after.json", "2");
    // nextest gives every test a process; without it this test must not be run beside others.
    if std::env::var_os("NEXTEST").is_none() {
        return;
    }
    std::env::set_current_dir(place.repo()).unwrap();
    assert_eq!(place.error("main", "HEAD~1"), "`main` can be `./main` or `main^{}`; write one of them in full");
    assert_eq!(
        place.error("release", "HEAD"),
        "`release` is not a revision, but the checkout has a path of that name; write `./release` if the path is meant"
    );
    assert_eq!(summary(&place.changed("./release", "./rendered")), ["M a.json"]);
    assert_eq!(summary(&place.changed("release", "rendered/")), ["M a.json"]);
    assert_eq!(summary(&place.changed("HEAD:main", "rendered")), ["M a.json"]);
    assert_eq!(summary(&place.changed("before.json", "./after.json")), ["M after.json"]);
    let planted = place.git(&["rev-parse", "HEAD~1"]).replace('0', "1");
    std::fs::create_dir(&planted).unwrap();
    assert!(matches!(place.sides(&planted, "HEAD"), Err(Error::NoSuchRevision { .. })));
}

#[test]
fn between_takes_revisions_and_nothing_else() {
    let place = two_commits();
    let sides = Sides::between("HEAD~1", "HEAD", &place.repo(), Limits::default()).unwrap();
    assert_eq!(summary(&sides.changed(&[]).unwrap()), ["M a.json"]);
    assert!(Sides::between("HEAD", &place.text("repo"), &place.repo(), Limits::default()).is_err());
}

#[test]
fn odd_names_are_errors_or_states_and_never_a_crash() {
    let place = two_commits();
    let odd = [
        "",
        " ",
        "~",
        "^",
        ":",
        "@",
        "@{",
        "@{0}",
        "@{-1}",
        "@{u}",
        "@{upstream}",
        "@{yesterday}",
        "@{99}",
        "HEAD@{0}",
        "HEAD@{9}",
        "HEAD@{2020-01-01}",
        "HEAD^!",
        "HEAD^@",
        "HEAD^-",
        "HEAD^0",
        "HEAD^9",
        "HEAD~99999999999999999999",
        "HEAD^{}",
        "HEAD^{tree}",
        "HEAD^{blob}",
        "HEAD^{nonsense}",
        "HEAD^{",
        "^HEAD",
        "HEAD:",
        "HEAD:nothing",
        ":a.json",
        ":0:a.json",
        ":9:a.json",
        "a..b",
        "...",
        "v1-0-gffffff",
        "-1",
        "--help",
        "refs/",
        "refs/heads/",
        "refs/heads/..",
        "heads/main",
        "main\0",
        "main\n",
        "é",
        "\u{1f512}",
        "0",
        "00000000",
        "0000000000000000000000000000000000000000",
        "\\",
        "a b",
        "HEAD HEAD",
        "@@{}",
        "HEAD@{-1}",
        "HEAD^^^^^^",
        "@~1^2~3",
    ];
    for name in odd {
        match place.sides(name, "HEAD") {
            Ok(sides) => assert!(sides.changed(&[]).is_ok(), "{name:?}"),
            Err(error) => assert!(!error.to_string().is_empty(), "{name:?}"),
        }
    }
}

#[test]
fn references_in_a_form_that_cannot_be_read_are_an_error() {
    let place = Place::repository_with(&["--ref-format=reftable"]);
    place.write("repo/a.json", "1");
    place.commit();
    assert!(matches!(place.sides("HEAD", "/dev/null"), Err(Error::Reftable { .. })));
}
