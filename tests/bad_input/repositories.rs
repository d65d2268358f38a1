//! Repositories that are empty, shallow, partial, damaged, somebody else's, or none.

use super::catalogue::{Catalogue, holds};
use super::place::{EVERYTHING, FACTS, NOW, POLICY, Place, READ, Said, copy, is_root};
use std::fs;
use std::process::Command;

/// A repository `repo` with two commits on `main`.
fn two_commits() -> Place {
    with_options(&[])
}

fn with_options(options: &[&str]) -> Place {
    let place = Place::empty();
    place.git(".", &[&["init", "--quiet", "--initial-branch=main"], options, &["repo"]].concat());
    for content in [READ, EVERYTHING] {
        place.write("repo/countersign.yml", POLICY);
        commit(&place, content);
    }
    place
}

fn commit(place: &Place, content: &str) {
    place.write("repo/a.json", content);
    place.git("repo", &["add", "--all"]);
    place.git("repo", &["commit", "--quiet", "--allow-empty", "--message=change"]);
}

fn diff(place: &Place, repo: &str, base: &str, head: &str) -> Said {
    place.run(&["diff", "--exit-code", "--repo", repo, &format!("--base={base}"), "--head", head])
}

#[test]
fn a_revision_that_does_not_exist_is_told_with_the_nearest_and_how_to_fetch_it() {
    let place = two_commits();
    let mut catalogue = Catalogue::default();
    let names = [
        "mian",
        "main~9",
        "HEAD~9",
        "HEAD^3",
        "1234567",
        "1234567890123456789012345678901234567890",
        "HEAD:a.json",
        "HEAD~1..HEAD",
        ":/change",
        "${{ github.base_ref }}",
        "@{u}",
        "refs/heads/nothing",
        "origin/main",
        "",
        " ",
        "main ",
        "\u{1f512}",
    ];
    for name in names {
        let said = diff(&place, "repo", name, "HEAD");
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{name}: {said:?}");
        catalogue.add(&format!("--base={name}"), &said);
    }
    place.git("repo", &["remote", "add", "origin", "https://example.com/repo.git"]);
    for name in ["origin/main", "release/1.0", "1234567890123456789012345678901234567890", "$(id)", "a;b"] {
        catalogue.add(&format!("--base={name}, with a remote"), &diff(&place, "repo", name, "HEAD"));
    }
    place.git("repo", &["update-ref", "refs/remotes/origin/develop", "HEAD~1"]);
    catalogue.add("--base=develop~1, where only origin/develop is", &diff(&place, "repo", "develop~1", "HEAD"));
    for name in ["", "mian", "HEAD:a.json"] {
        let from = format!("--policy-from={name}");
        let said = place.run(&["check", "--repo", "repo", "--base", "HEAD~1", "--head", "HEAD", &from]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{name}: {said:?}");
        catalogue.add(&from, &said);
    }
    holds!("revisions", catalogue);
}

/// Of so many commits two begin alike; their dates make their ids the same everywhere.
fn short_id_of_two(place: &Place) -> String {
    let commit =
        |number: i32| format!("commit refs/heads/many\ncommitter Ada <ada@example.com> {} +0000\ndata 0\n", 1_700_000_000 + number);
    place.write("commits", (0..600).map(commit).collect::<String>());
    assert_eq!(place.shell("git -C repo fast-import --quiet < commits").code, 0);
    let ids = place.git("repo", &["rev-list", "many"]);
    let mut starts: Vec<&str> = ids.lines().map(|id| &id[..4]).collect();
    starts.sort_unstable();
    starts.windows(2).find(|pair| pair[0] == pair[1]).unwrap()[0].to_owned()
}

#[test]
fn a_short_id_or_a_name_for_two_things_is_told_with_both() {
    let place = two_commits();
    place.git("repo", &["branch", "release", "HEAD~1"]);
    place.git("repo", &["tag", "release", "HEAD"]);
    let mut catalogue = Catalogue::default();
    catalogue.add("a tag and a branch", &diff(&place, "repo", "release", "HEAD"));
    let short = short_id_of_two(&place);
    let said = diff(&place, "repo", &short, "HEAD");
    assert_eq!(said.code, 1);
    catalogue.add("a short id", &said);
    holds!("ambiguous", catalogue);
}

#[test]
fn a_shallow_clone_without_the_base_says_which_depth_to_set() {
    let place = two_commits();
    let base = place.git("repo", &["rev-parse", "HEAD~1"]);
    let from = format!("file://{}", place.path("repo").display());
    place.git(".", &["clone", "--quiet", "--depth=1", &from, "shallow"]);
    let mut catalogue = Catalogue::default();
    for name in ["HEAD~1", &base, "origin/release", "mian"] {
        let said = diff(&place, "shallow", name, "HEAD");
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        catalogue.add(&format!("--base={name}"), &said);
    }
    holds!("shallow", catalogue);
}

#[test]
fn an_approval_that_a_shallow_clone_cannot_compare_does_not_count_and_says_why() {
    let place = two_commits();
    place.git("repo", &["checkout", "--quiet", "-b", "topic", "HEAD~1"]);
    commit(&place, &EVERYTHING.replace("\"*\",", "\"s3:*\","));
    commit(&place, EVERYTHING);
    place.git("repo", &["checkout", "--quiet", "main"]);
    commit(&place, READ);
    let from = format!("file://{}", place.path("repo").display());
    place.git(".", &["clone", "--quiet", "--depth=2", "--no-single-branch", &from, "shallow"]);
    let approved = place.git("repo", &["rev-parse", "topic~1"]);
    let review = format!(
        "[{{id: 1, author: {{id: 2, login: bob}}, kind: user, state: approved, commit: {approved}, submitted-at: 2025-01-01T00:00:00Z}}]"
    );
    place.write("facts.yml", FACTS.replace("reviews: []", &format!("reviews: {review}")));
    let said =
        place.run(&["check", "--repo", "shallow", "--base", "origin/main", "--head", "origin/topic", "--facts", "facts.yml", "--at", NOW]);
    assert_eq!(said.code, 11, "{said:?}");
    let mut catalogue = Catalogue::default();
    catalogue.add("a review whose merge base is cut off", &said);
    holds!("shallow-approval", catalogue);
}

#[test]
fn a_partial_clone_says_what_it_left_out() {
    let place = two_commits();
    place.git("repo", &["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", place.path("repo").display());
    let mut catalogue = Catalogue::default();
    for filter in ["blob:none", "tree:0"] {
        let into = filter.replace(':', "-");
        place.git(".", &["clone", "--quiet", "--no-checkout", &format!("--filter={filter}"), &from, &into]);
        catalogue.add(&format!("diff with --filter={filter}"), &diff(&place, &into, "HEAD~1", "HEAD"));
        let said = place.run(&["check", "--repo", &into, "--base", "HEAD~1", "--head", "HEAD", "--at", NOW]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        catalogue.add(&format!("check with --filter={filter}"), &said);
    }
    holds!("partial", catalogue);
}

#[test]
fn where_there_is_no_repository_or_no_commit_it_is_told() {
    let place = two_commits();
    place.git(".", &["init", "--quiet", "--initial-branch=main", "unborn"]);
    place.git(".", &["init", "--quiet", "--ref-format=reftable", "reftable"]);
    place.write("nothing/a.json", READ);
    let mut catalogue = Catalogue::default();
    for (repo, base) in [
        ("unborn", "HEAD"),
        ("unborn", "HEAD~1"),
        ("unborn", "main"),
        ("unborn", "other"),
        ("nothing", "HEAD"),
        ("nothing", "main"),
        ("nowhere", "HEAD"),
        ("nothing/a.json", "HEAD"),
        ("reftable", "HEAD"),
    ] {
        let said = diff(&place, repo, base, "main");
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        catalogue.add(&format!("--repo {repo} --base={base}"), &said);
    }
    holds!("no-repository", catalogue);
}

#[test]
fn a_damaged_repository_is_told_and_never_taken_for_one_without_a_change() {
    let whole = two_commits();
    let object = |place: &Place, revision: &str| {
        let id = whole.git("repo", &["rev-parse", revision]);
        place.path(&format!("repo/.git/objects/{}/{}", &id[..2], &id[2..]))
    };
    let cut = |place: &Place, revision: &str, length: u64| {
        let path = object(place, revision);
        assert!(Command::new("chmod").arg("u+w").arg(&path).status().unwrap().success());
        fs::File::options().write(true).open(path).unwrap().set_len(length).unwrap();
    };
    let mut catalogue = Catalogue::default();
    let mut add = |what: &str, damage: &dyn Fn(&Place)| {
        let place = Place::empty();
        copy(&whole.path("repo"), &place.path("repo"));
        damage(&place);
        let said = diff(&place, "repo", "HEAD~1", "HEAD");
        assert!(matches!(said.code, 1 | 13), "{what}: {said:?}");
        catalogue.add(what, &said);
    };
    add("HEAD is garbage", &|place| place.write("repo/.git/HEAD", "garbage\n"));
    add("HEAD is empty", &|place| place.write("repo/.git/HEAD", ""));
    add("HEAD is gone", &|place| place.remove("repo/.git/HEAD"));
    add("the branch is garbage", &|place| place.write("repo/.git/refs/heads/main", "garbage\n"));
    add("the objects are gone", &|place| place.remove("repo/.git/objects"));
    add("the references are gone", &|place| place.remove("repo/.git/refs"));
    add("the commit is cut off", &|place| cut(place, "HEAD", 20));
    add("the tree is cut off", &|place| cut(place, "HEAD^{tree}", 10));
    add("the tree is empty", &|place| cut(place, "HEAD^{tree}", 0));
    add("the tree is gone", &|place| fs::remove_file(object(place, "HEAD^{tree}")).unwrap());
    add("the file is cut off", &|place| cut(place, "HEAD:a.json", 20));
    add("the file is empty", &|place| cut(place, "HEAD:a.json", 0));
    add("the file is gone", &|place| fs::remove_file(object(place, "HEAD:a.json")).unwrap());
    add("the file is another", &|place| {
        fs::remove_file(object(place, "HEAD:a.json")).unwrap();
        fs::copy(object(place, "HEAD:countersign.yml"), object(place, "HEAD:a.json")).unwrap();
    });
    add("the configuration is garbage", &|place| place.write("repo/.git/config", "[core\n"));
    add("the configuration is of another version", &|place| place.write("repo/.git/config", "[core]\n\trepositoryformatversion = 9\n"));
    add("the work tree leads elsewhere", &|place| {
        place.remove("repo/.git");
        place.write("repo/.git", "gitdir: /nowhere\n");
    });
    holds!("damaged", catalogue);
}

#[test]
fn a_lock_another_hash_a_bare_clone_and_another_owner_do_not_matter() {
    let place = two_commits();
    place.write("repo/.git/index.lock", "");
    place.write("repo/.git/HEAD.lock", "");
    assert_eq!(diff(&place, "repo", "HEAD~1", "HEAD").code, 10);
    assert_eq!(diff(&place, "repo/.git", "HEAD~1", "HEAD").code, 10);
    place.git(".", &["clone", "--quiet", "--bare", "repo", "bare.git"]);
    assert_eq!(diff(&place, "bare.git", "HEAD~1", "HEAD").code, 10);
    let sha256 = with_options(&["--object-format=sha256"]);
    assert_eq!(diff(&sha256, "repo", "HEAD~1", "HEAD").code, 10);
    if !is_root() {
        eprintln!("skipped: only root can give a repository to somebody else");
        return;
    }
    // Nothing in its configuration is followed, so nobody has to declare it safe.
    assert!(Command::new("chown").args(["-R", "1234:1234"]).arg(place.path("repo")).status().unwrap().success());
    assert_eq!(diff(&place, "repo", "HEAD~1", "HEAD").code, 10);
}

#[test]
fn a_submodule_a_link_and_a_pointer_in_a_revision_are_undecided() {
    let place = two_commits();
    let commit = place.git("repo", &["rev-parse", "HEAD"]);
    place.git("repo", &["update-index", "--add", "--cacheinfo", &format!("160000,{commit},vendor/roles")]);
    place.link("../../outside.json", "repo/out.json");
    place.link("countersign.yml", "repo/loop.json");
    place.write("repo/large.json", super::judged::pointer());
    place.git("repo", &["add", "out.json", "loop.json", "large.json"]);
    place.git("repo", &["commit", "--quiet", "--message=change"]);
    let said = diff(&place, "repo", "HEAD~1", "HEAD");
    assert_eq!(said.code, 13);
    let mut catalogue = Catalogue::default();
    catalogue.add("a submodule, links and a pointer", &said);
    place.git("repo", &["update-index", "--add", "--cacheinfo", &format!("160000,{commit},countersign.yml")]);
    place.git("repo", &["commit", "--quiet", "--message=change"]);
    catalogue.add("a submodule as the policy", &place.run(&["check", "--repo", "repo", "--base", "HEAD", "--head", "HEAD~1", "--at", NOW]));
    holds!("special-in-a-revision", catalogue);
}

#[test]
fn trees_in_trees_without_end_are_an_error() {
    let place = two_commits();
    let path = "d/".repeat(3000);
    let commit = "commit refs/heads/deep\ncommitter Ada <ada@example.com> 1700000000 +0000\ndata 0\n";
    place.write("commit", format!("{commit}M 100644 inline {path}a.json\ndata 2\n{{}}\n"));
    assert_eq!(place.shell("git -C repo fast-import --quiet < commit").code, 0);
    let mut catalogue = Catalogue::default();
    let said = diff(&place, "repo", "HEAD", "deep");
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
    catalogue.add("3,000 levels of trees", &said);
    holds!("deep-trees", catalogue);
}
