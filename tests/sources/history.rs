//! Commits, and where two lines of history met.

use crate::fixture::Place;
use countersign::world::repository::{Error, Repository};

/// A line of commits `main`, and a branch `topic` that left it at the second commit.
fn forked() -> (Place, String) {
    let place = Place::repository();
    place.commit();
    let fork = place.commit_file("b");
    place.git(&["checkout", "--quiet", "-b", "topic"]);
    place.commit_file("topic");
    place.git(&["checkout", "--quiet", "main"]);
    place.commit_file("c");
    (place, fork)
}

impl Place {
    fn commit_file(&self, name: &str) -> String {
        self.write(&format!("repo/{name}"), name);
        self.commit()
    }

    fn shallow(&self, depth: usize) -> Repository {
        let (from, depth) = (format!("file://{}", self.text("repo")), format!("--depth={depth}"));
        self.git_in(".", &["clone", "--quiet", "--no-single-branch", &depth, &from, "shallow"]);
        Repository::open(&self.path("shallow")).unwrap()
    }
}

#[test]
fn the_merge_base_is_where_a_branch_left_the_other() {
    let (place, fork) = forked();
    let repository = Repository::open(&place.repo()).unwrap();
    assert_eq!(repository.merge_base("main", "topic").unwrap(), fork);
    assert_eq!(repository.merge_base("topic", "topic~1").unwrap(), fork);
    assert_eq!(repository.merge_base("main", "main").unwrap(), repository.commit("main").unwrap());
}

#[test]
fn after_a_criss_cross_all_merge_bases_are_there() {
    let (place, _) = forked();
    let (main, topic) = (place.git(&["rev-parse", "main"]), place.git(&["rev-parse", "topic"]));
    place.git(&["merge", "--quiet", "--no-edit", "topic"]);
    place.git(&["checkout", "--quiet", "topic"]);
    place.git(&["merge", "--quiet", "--no-edit", &main]);
    let mut bases = Repository::open(&place.repo()).unwrap().merge_bases("main", "topic").unwrap();
    bases.sort();
    let mut expected = vec![main, topic];
    expected.sort();
    assert_eq!(bases, expected);
}

#[test]
fn without_a_common_ancestor_there_is_no_merge_base() {
    let (place, _) = forked();
    place.git(&["checkout", "--quiet", "--orphan", "other"]);
    place.commit();
    let error = Repository::open(&place.repo()).unwrap().merge_base("main", "other").unwrap_err();
    assert_eq!(error.to_string(), "`main` and `other` have no common ancestor; name the base yourself");
}

#[test]
fn in_a_shallow_clone_without_the_merge_base_the_answer_is_refused() {
    let (place, _) = forked();
    let error = place.shallow(1).merge_base("main", "origin/topic").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the merge base of `main` and `origin/topic` cannot be told in this shallow clone; fetch the whole history: `fetch-depth: 0` \
         for actions/checkout, `GIT_DEPTH: 0` in GitLab CI, or `git fetch --unshallow`"
    );
}

#[test]
fn a_shallow_clone_that_is_deep_enough_knows_the_merge_base() {
    let (place, fork) = forked();
    assert_eq!(place.shallow(2).merge_base("main", "origin/topic").unwrap(), fork);
}

#[test]
fn in_a_shallow_clone_an_older_ancestor_is_not_taken_for_the_best() {
    // `topic` merged an old commit beside the one it left at: with the long way cut off only the old one is seen.
    let place = Place::repository();
    let old = place.commit();
    place.git(&["checkout", "--quiet", "-b", "side"]);
    place.commit_file("side");
    place.git(&["checkout", "--quiet", "main"]);
    let best = place.commit_file("best");
    place.git(&["checkout", "--quiet", "-b", "topic"]);
    for name in ["t1", "t2", "t3"] {
        place.commit_file(name);
    }
    place.git(&["merge", "--quiet", "--no-edit", "side"]);
    let full = Repository::open(&place.repo()).unwrap();
    assert_eq!(full.merge_base("main", "topic").unwrap(), best);
    let shallow = place.shallow(3);
    assert!(shallow.contains(&old), "the clone reaches the old commit by the short way");
    assert!(matches!(shallow.merge_base("origin/main", "origin/topic"), Err(Error::ShallowMergeBase { .. })));
}

#[test]
fn a_commit_is_here_or_not() {
    let (place, fork) = forked();
    let repository = Repository::open(&place.repo()).unwrap();
    assert!(repository.contains(&fork));
    let tree = place.git(&["rev-parse", "HEAD^{tree}"]);
    for other in ["main", "", "zz", &fork[..12], &tree, &"1".repeat(40), &"1".repeat(64)] {
        assert!(!repository.contains(other), "{other}");
    }
    assert!(!place.shallow(1).contains(&fork));
}

#[test]
fn a_tag_names_its_commit_and_a_tree_none() {
    let (place, fork) = forked();
    place.git(&["tag", "--annotate", "--message=v1", "v1", &fork]);
    let repository = Repository::open(&place.repo()).unwrap();
    assert_eq!(repository.commit("v1").unwrap(), fork);
    assert!(matches!(repository.commit("v1^{tree}"), Err(Error::NotAState { what: "a tree", .. })));
}
