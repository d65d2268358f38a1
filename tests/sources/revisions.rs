//! Revisions of a repository.

use crate::fixture::{Place, summary};
use countersign::world::repository::{Error, Kind, Limits, Reading, Sides};

const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

fn two_commits(options: &[&str]) -> Place {
    let place = Place::repository_with(options);
    place.write("repo/iam/a.json", "{\"a\": 1}");
    place.write("repo/iam/gone.json", "nothing like any other line");
    place.write("repo/same/x/y.json", "unchanged");
    place.commit();
    place.write("repo/iam/a.json", "{\"a\": 2}");
    place.remove("repo/iam/gone.json");
    place.write("repo/k8s/deep/new.yaml", "kind: Role\n");
    place.commit();
    place
}

const TWO_COMMITS: [&str; 3] = ["M iam/a.json", "D iam/gone.json", "A k8s/deep/new.yaml"];

#[test]
fn only_what_differs_between_two_revisions_is_there_with_its_bytes_and_ids() {
    let place = two_commits(&[]);
    let changed = place.changed("HEAD~1", "HEAD");
    assert_eq!(summary(&changed), TWO_COMMITS);
    let pair = &changed.files[0];
    assert_eq!(pair.base.as_ref().unwrap().bytes, b"{\"a\": 1}");
    assert_eq!(pair.head.as_ref().unwrap().bytes, b"{\"a\": 2}");
    assert_eq!(pair.head.as_ref().unwrap().id.to_string(), place.git(&["rev-parse", "HEAD:iam/a.json"]));
}

#[test]
fn the_same_revision_on_both_sides_says_nothing() {
    let place = two_commits(&[]);
    let changed = place.changed("HEAD", "main");
    assert!(changed.files.is_empty() && changed.unreadable.is_empty());
}

#[test]
fn a_sha256_repository_is_read_like_any_other() {
    let place = two_commits(&["--object-format=sha256"]);
    let changed = place.changed("HEAD~1", "HEAD");
    assert_eq!(summary(&changed), TWO_COMMITS);
    assert_eq!(changed.files[0].head.as_ref().unwrap().id.to_string(), place.git(&["rev-parse", "HEAD:iam/a.json"]));
    assert_eq!(place.changed(EMPTY_TREE, "HEAD").files.len(), 3);
}

#[test]
fn a_bare_repository_is_read_by_its_path() {
    let place = two_commits(&[]);
    place.git_in(".", &["clone", "--quiet", "--bare", "repo", "bare.git"]);
    let sides = Sides::open("HEAD~1", "HEAD", &place.path("bare.git"), Limits::default()).unwrap();
    assert_eq!(summary(&sides.changed(&[]).unwrap()), TWO_COMMITS);
}

#[test]
fn a_packed_repository_is_read_like_one_with_loose_objects() {
    let place = two_commits(&[]);
    place.git(&["gc", "--quiet", "--aggressive", "--prune=now"]);
    assert_eq!(summary(&place.changed("HEAD~1", "HEAD")), TWO_COMMITS);
}

#[test]
fn a_directory_inside_the_work_tree_finds_its_repository() {
    let place = two_commits(&[]);
    let sides = Sides::open("HEAD~1", "HEAD", &place.path("repo/k8s/deep"), Limits::default()).unwrap();
    assert_eq!(summary(&sides.changed(&[]).unwrap()), TWO_COMMITS);
}

#[test]
fn a_linked_work_tree_is_read_like_the_first() {
    let place = two_commits(&[]);
    place.git(&["worktree", "add", "--quiet", "../linked", "HEAD~1"]);
    let sides = Sides::open("HEAD", "main", &place.path("linked"), Limits::default()).unwrap();
    assert_eq!(summary(&sides.changed(&[]).unwrap()), TWO_COMMITS);
}

#[test]
fn an_annotated_tag_a_branch_a_short_id_and_a_tree_name_their_state() {
    let place = two_commits(&[]);
    place.git(&["tag", "--annotate", "--message=one", "v1", "HEAD~1"]);
    place.git(&["tag", "--annotate", "--message=of a tag", "v1-again", "v1"]);
    let first = place.git(&["rev-parse", "HEAD~1"]);
    let tree = place.git(&["rev-parse", "HEAD~1^{tree}"]);
    for base in ["v1", "v1-again", "refs/tags/v1", "v1^{commit}", &first, &first[..10], &tree, "HEAD^", "main~1", "@~1"] {
        assert_eq!(summary(&place.changed(base, "main")), TWO_COMMITS, "{base}");
    }
    let sides = place.sides("v1-again", &tree).unwrap();
    assert_eq!(sides.base().commit(), Some(first));
    assert_eq!(sides.base().tree_id(), Some(tree));
    assert_eq!(sides.head().commit(), None);
}

#[test]
fn the_empty_tree_is_a_side_although_its_object_is_not_there() {
    let place = two_commits(&[]);
    assert_eq!(summary(&place.changed(EMPTY_TREE, "HEAD")), ["A iam/a.json", "A k8s/deep/new.yaml", "A same/x/y.json"]);
    assert_eq!(summary(&place.changed("HEAD", EMPTY_TREE)), ["D iam/a.json", "D k8s/deep/new.yaml", "D same/x/y.json"]);
    assert_eq!(summary(&place.changed("HEAD", "/dev/null")), ["D iam/a.json", "D k8s/deep/new.yaml", "D same/x/y.json"]);
}

#[test]
fn paths_limit_what_is_compared() {
    let place = two_commits(&[]);
    let in_paths = |paths: &[&str]| summary(&place.changed_in("HEAD~1", "HEAD", paths));
    assert_eq!(in_paths(&["iam"]), ["M iam/a.json", "D iam/gone.json"]);
    assert_eq!(in_paths(&["iam/gone.json", "*.yaml"]), ["D iam/gone.json", "A k8s/deep/new.yaml"]);
    assert_eq!(in_paths(&["same"]), [""; 0]);
}

#[test]
fn a_literal_path_that_names_nothing_on_either_side_is_mentioned() {
    let place = two_commits(&[]);
    let changed = place.changed_in("HEAD~1", "HEAD", &["iam/typo.json", "same", "iam/gone.json", "k8s/deep", "*.nothing"]);
    assert_eq!(changed.unmatched, ["iam/typo.json"]);
}

#[test]
fn a_file_that_turned_into_a_directory_went_and_the_new_files_came() {
    let place = Place::repository();
    place.write("repo/access", "one file of its own kind");
    place.commit();
    place.remove("repo/access");
    place.write("repo/access/admin.json", "{}");
    place.commit();
    assert_eq!(summary(&place.changed("HEAD~1", "HEAD")), ["D access", "A access/admin.json"]);
    assert_eq!(summary(&place.changed("HEAD", "HEAD~1")), ["A access", "D access/admin.json"]);
}

#[test]
fn an_executable_bit_is_no_change_of_content() {
    let place = Place::repository();
    place.write("repo/a.json", "{}");
    place.commit();
    place.git(&["update-index", "--chmod=+x", "a.json"]);
    place.git(&["commit", "--quiet", "--message=mode"]);
    assert_eq!(summary(&place.changed("HEAD~1", "HEAD")), [""; 0]);
    let modes = |base, head| place.sides(base, head).unwrap().changed_modes().unwrap();
    assert_eq!(modes("HEAD~1", "HEAD"), ["a.json".into()], "and is told by itself");
    assert_eq!(modes("HEAD", "HEAD~1"), ["a.json".into()]);
    assert_eq!(modes("HEAD", "HEAD"), []);
}

#[test]
fn a_name_with_a_newline_is_a_name() {
    let place = Place::repository();
    place.commit();
    place.write("repo/two\nlines.json", "{}");
    place.commit();
    assert_eq!(summary(&place.changed("HEAD~1", "HEAD")), ["A two\nlines.json"]);
}

#[test]
fn a_side_lists_all_its_files_and_reads_them_by_path() {
    let place = two_commits(&[]);
    let sides = place.sides("HEAD~1", "HEAD").unwrap();
    let entries = sides.head().list().unwrap();
    let paths: Vec<_> = entries.iter().map(|entry| &*entry.path).collect();
    assert_eq!(paths, ["iam/a.json", "k8s/deep/new.yaml", "same/x/y.json"]);
    assert!(entries.iter().all(|entry| entry.kind == Kind::File));
    let Reading::Content(content) = sides.head().read("same/x/y.json").unwrap() else { panic!("not read") };
    assert_eq!((content.bytes.as_slice(), Some(content.id)), (&b"unchanged"[..], entries[2].id));
    for absent in ["same/x", "same/x/y.json/z", "nothing", "", "../repo/iam/a.json", "/etc/passwd", "iam//a.json"] {
        assert!(matches!(sides.head().read(absent).unwrap(), Reading::Absent), "{absent}");
    }
}

#[test]
fn a_hostile_tree_is_refused() {
    let place = Place::repository();
    let blob = place.git(&["hash-object", "-w", "-t", "blob", "/dev/null"]);
    let id: Vec<u8> = (0..blob.len()).step_by(2).map(|at| u8::from_str_radix(&blob[at..at + 2], 16).unwrap()).collect();
    let entry = |name: &[u8]| [b"100644 ", name, b"\0", &id].concat();
    for names in [&[&b"a/../../x"[..]][..], &[b".."], &[b"."], &[b""], &[b"b", b"a"], &[b"a", b"a"]] {
        let tree = place.object("tree", &names.iter().flat_map(|name| entry(name)).collect::<Vec<_>>());
        let error = place.sides(EMPTY_TREE, &tree).unwrap().changed(&[]).unwrap_err();
        assert!(matches!(error, Error::Malformed { .. }), "{names:?}: {error}");
    }
}

#[test]
fn a_few_trees_that_unfold_into_billions_of_files_reach_the_bound() {
    let place = Place::repository();
    place.write("repo/x", "");
    place.commit();
    let mut tree = place.git(&["rev-parse", "HEAD^{tree}"]);
    for _ in 0..12 {
        let id: Vec<u8> = (0..tree.len()).step_by(2).map(|at| u8::from_str_radix(&tree[at..at + 2], 16).unwrap()).collect();
        let level: Vec<u8> = (b'a'..=b'j').flat_map(|name| [b"40000 ", &[name][..], b"\0", &id].concat()).collect();
        tree = place.object("tree", &level);
    }
    let limits = Limits { entries: 20_000, ..Limits::default() };
    let sides = Sides::open(EMPTY_TREE, &tree, &place.repo(), limits).unwrap();
    assert!(matches!(sides.changed(&[]), Err(Error::TooMuch { bound: 20_000, .. })));
    assert!(matches!(sides.head().list(), Err(Error::TooMuch { .. })));
}

#[test]
fn more_bytes_than_the_bound_in_all_files_together_is_an_error() {
    let place = two_commits(&[]);
    let limits = Limits { total: 20, ..Limits::default() };
    let sides = Sides::open("HEAD~1", "HEAD", &place.repo(), limits).unwrap();
    let error = sides.changed(&[]).unwrap_err().to_string();
    assert_eq!(error, "the comparison holds more than 20 bytes; limit it with paths, or raise the bound");
}

#[test]
fn a_replacement_ref_does_not_change_what_a_commit_holds() {
    let place = two_commits(&[]);
    let harmless = place.commit_tree(EMPTY_TREE);
    place.git(&["replace", "HEAD", &harmless]);
    assert_eq!(summary(&place.changed("main~1", "main")), TWO_COMMITS);
}

#[test]
fn a_hostile_configuration_runs_nothing_and_changes_nothing() {
    let place = two_commits(&[]);
    let trap = place.text("trap");
    let run = format!("touch {trap}; cat");
    place.write("repo/.git/info/attributes", "* filter=evil diff=evil\n");
    for key in ["filter.evil.smudge", "filter.evil.clean", "filter.evil.process", "diff.evil.textconv", "diff.evil.command"] {
        place.git(&["config", key, &run]);
    }
    for key in ["core.fsmonitor", "core.sshCommand", "diff.external", "core.pager"] {
        place.git(&["config", key, &run]);
    }
    place.git(&["config", "core.worktree", "/"]);
    place.git(&["config", "diff.renames", "nonsense"]);
    let sides = Sides::open("HEAD~1", "HEAD", &place.repo(), Limits::default()).unwrap();
    assert_eq!(summary(&sides.changed(&[]).unwrap()), TWO_COMMITS);
    assert!(!place.path("trap").exists());
}
