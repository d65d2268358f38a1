//! What cannot be read is named, and when nothing about it changed nothing is said.

use crate::fixture::{Place, summary};
use countersign::world::repository::{ContentId, Limits, Reading, Sides, Why};

fn pointer(oid: char, size: usize) -> String {
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize {size}\n", oid.to_string().repeat(64))
}

#[cfg(unix)]
fn link(place: &Place, target: &str, path: &str) {
    let path = place.path(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let _ = std::fs::remove_file(&path);
    std::os::unix::fs::symlink(target, path).unwrap();
}

#[test]
fn a_submodule_is_named_with_its_commit_when_it_moves() {
    let place = Place::repository();
    let (one, two) = ("1".repeat(40), "2".repeat(40));
    for commit in [&one, &two] {
        place.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},vendor/roles")]);
        place.git(&["commit", "--quiet", "--message=submodule"]);
    }
    place.git(&["commit", "--quiet", "--allow-empty", "--message=nothing"]);
    let remark = |side, commit| format!("! {side} vendor/roles: a submodule at `{commit}`, whose files are in another repository");
    assert_eq!(summary(&place.changed("HEAD~2", "HEAD")), [remark("base", &one), remark("head", &two)]);
    assert_eq!(summary(&place.changed("HEAD~1", "HEAD")), [""; 0]);
    assert!(place.sides("HEAD", "HEAD").unwrap().head().list().unwrap()[0].id.is_none());
}

#[cfg(unix)]
#[test]
fn a_link_in_git_is_named_with_its_target_when_it_changes_and_is_never_followed() {
    let place = Place::repository();
    link(&place, "/etc/passwd", "repo/policy.json");
    place.commit();
    place.commit();
    link(&place, "../../outside", "repo/policy.json");
    place.commit();
    let remark = |side, target| format!("! {side} policy.json: a symbolic link to `{target}`, and links are not followed");
    assert_eq!(summary(&place.changed("HEAD~1", "HEAD")), [remark("base", "/etc/passwd"), remark("head", "../../outside")]);
    assert_eq!(summary(&place.changed("HEAD~2", "HEAD~1")), [""; 0]);
    let reading = place.sides("HEAD", "HEAD").unwrap().head().read("policy.json").unwrap();
    assert!(matches!(reading, Reading::Unreadable(Why::SymbolicLink { target }) if target == "../../outside"));
}

#[cfg(unix)]
#[test]
fn a_file_that_turned_into_a_link_was_there_and_is_no_longer_readable() {
    let place = Place::repository();
    place.write("repo/policy.json", "/etc/passwd");
    place.commit();
    link(&place, "/etc/passwd", "repo/policy.json");
    place.commit();
    let remark = |side| format!("! {side} policy.json: a symbolic link to `/etc/passwd`, and links are not followed");
    assert_eq!(summary(&place.changed("HEAD~1", "HEAD")), ["D policy.json".to_owned(), remark("head")]);
    assert_eq!(summary(&place.changed("HEAD", "HEAD~1")), ["A policy.json".to_owned(), remark("base")]);
}

#[cfg(unix)]
#[test]
fn a_link_in_a_directory_is_named_when_it_changes_and_never_followed_out_of_it() {
    let place = Place::new();
    place.write("secret/key.json", "secret");
    link(&place, "../secret", "before/same");
    link(&place, "../secret", "after/same");
    link(&place, "../secret/key.json", "before/key.json");
    link(&place, "/dev/zero", "after/key.json");
    link(&place, ".", "after/loop");
    let remark = |side, path, target| format!("! {side} {path}: a symbolic link to `{target}`, and links are not followed");
    let expected = [remark("base", "key.json", "../secret/key.json"), remark("head", "key.json", "/dev/zero"), remark("head", "loop", ".")];
    assert_eq!(summary(&place.changed(&place.text("before"), &place.text("after"))), expected);
}

#[cfg(unix)]
#[test]
fn the_same_link_in_a_directory_and_a_revision_says_nothing() {
    let place = Place::repository();
    link(&place, "elsewhere", "repo/link");
    place.commit();
    assert_eq!(summary(&place.changed("HEAD", &place.text("repo"))), [""; 0]);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_directory_is_named_and_not_waited_for() {
    let place = Place::new();
    place.write("before/a", "1");
    place.write("after/b", "1");
    assert!(std::process::Command::new("mkfifo").arg(place.path("after/a")).status().unwrap().success());
    let changed = place.changed(&place.text("before"), &place.text("after"));
    assert_eq!(summary(&changed), ["D a", "A b", "! head a: a pipe, a socket or a device"]);
}

#[test]
fn a_pointer_of_git_lfs_is_not_taken_for_the_file() {
    let place = Place::repository();
    place.write("repo/plan.json", pointer('a', 10));
    place.commit();
    place.commit();
    place.write("repo/plan.json", pointer('b', 10));
    place.commit();
    place.write("repo/plan.json", "{}");
    place.commit();
    let remark = |side, oid: &str| {
        let oid = oid.repeat(64);
        format!("! {side} plan.json: a Git LFS pointer to `sha256:{oid}`, whose content is not in the repository")
    };
    assert_eq!(summary(&place.changed("HEAD~2", "HEAD~1")), [remark("base", "a"), remark("head", "b")]);
    assert_eq!(summary(&place.changed("HEAD~1", "HEAD")), ["A plan.json".to_owned(), remark("base", "b")]);
    assert_eq!(summary(&place.changed("HEAD~3", "HEAD~2")), [""; 0]);
    place.write("pointer.json", pointer('c', 1));
    let changed = place.changed("/dev/null", &place.text("pointer.json"));
    assert!(matches!(&changed.unreadable[..], [one] if matches!(one.why, Why::LfsPointer { .. })));
}

#[test]
fn a_file_that_only_looks_like_a_pointer_at_first_is_read() {
    let place = Place::repository();
    place.commit();
    place.write("repo/long", pointer('a', 1) + &"x".repeat(1024));
    place.write("repo/later", "# comment\n".to_owned() + &pointer('a', 1));
    place.commit();
    assert_eq!(summary(&place.changed("HEAD~1", "HEAD")), ["A later", "A long"]);
}

#[test]
fn a_file_beyond_the_bound_is_named_with_its_size_and_id() {
    let place = Place::repository();
    place.write("repo/a.json", "0123456789");
    place.write("repo/same.json", "far beyond the bound, and the same");
    let base = place.commit();
    place.write("repo/a.json", "0123456789x");
    place.commit();
    place.write("before/a.json", "0123456789");
    place.write("before/same.json", "far beyond the bound, and the same");
    let limits = Limits { file: 10, ..Limits::default() };
    for before in [&base, &place.text("before")] {
        let sides = Sides::open(before, &place.text("repo"), &place.repo(), limits).unwrap();
        let changed = sides.changed(&[]).unwrap();
        assert_eq!(summary(&changed), ["D a.json", "! head a.json: 11 bytes long, more than is read of one file"]);
        assert!(changed.unreadable[0].id.is_some());
    }
    let changed = Sides::open(&base, "HEAD", &place.repo(), limits).unwrap().changed(&[]).unwrap();
    assert_eq!(summary(&changed), ["D a.json", "! head a.json: 11 bytes long, more than is read of one file"]);
    assert_eq!(changed.unreadable[0].id.map(|id| id.to_string()), Some(place.git(&["rev-parse", "HEAD:a.json"])));
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8_is_named_as_far_as_it_goes() {
    use std::os::unix::ffi::OsStrExt;
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.json");
    let place = Place::repository();
    std::fs::write(place.repo().join(name), "{}").unwrap();
    place.commit();
    std::fs::write(place.repo().join(name), "{\"a\": 1}").unwrap();
    place.commit();
    let remark = |side| format!("! {side} caf\u{fffd}.json: named with bytes that are not UTF-8");
    assert_eq!(summary(&place.changed("HEAD~1", "HEAD")), [remark("base"), remark("head")]);
    assert_eq!(summary(&place.changed("HEAD", "main")), [""; 0]);
    assert_eq!(summary(&place.changed("HEAD", &place.text("repo"))), [""; 0]);
    let empty = place.text("empty");
    std::fs::create_dir(&empty).unwrap();
    let changed = place.changed(&empty, &place.text("repo"));
    assert_eq!(summary(&changed), [remark("head")]);
    assert_eq!(changed.unreadable[0].id, Some(ContentId::of(b"{\"a\": 1}")));
    let head = place.sides("HEAD", "HEAD").unwrap();
    let listed = &head.head().list().unwrap()[0].path;
    assert!(matches!(head.head().read(listed).unwrap(), Reading::Unreadable(Why::NameNotUtf8)));
}

#[test]
fn a_blob_that_a_partial_clone_left_out_is_named_and_the_rest_is_read() {
    let place = Place::repository();
    place.write("repo/a.json", "1");
    place.write("repo/big.json", "0123456789");
    place.commit();
    place.write("repo/a.json", "2");
    place.write("repo/big.json", "9876543210");
    place.commit();
    place.git(&["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", place.text("repo"));
    place.git_in(".", &["clone", "--quiet", "--bare", "--filter=blob:limit=5", &from, "partial.git"]);
    let sides = Sides::open("HEAD~1", "HEAD", &place.path("partial.git"), Limits::default()).unwrap();
    let missing = |side| format!("! {side} big.json: not in this clone, which is partial");
    assert_eq!(summary(&sides.changed(&[]).unwrap()), ["M a.json".to_owned(), missing("base"), missing("head")]);
}

#[test]
fn a_tree_that_a_partial_clone_left_out_is_an_error() {
    let place = Place::repository();
    place.write("repo/sub/a.json", "1");
    place.commit();
    place.git(&["config", "uploadpack.allowFilter", "true"]);
    let from = format!("file://{}", place.text("repo"));
    place.git_in(".", &["clone", "--quiet", "--bare", "--filter=tree:1", &from, "partial.git"]);
    let sides = Sides::open("/dev/null", "HEAD", &place.path("partial.git"), Limits::default()).unwrap();
    let tree = place.git(&["rev-parse", "HEAD:sub"]);
    assert_eq!(
        sides.changed(&[]).unwrap_err().to_string(),
        format!(
            "object {tree} is not in this clone; clone without a filter: no `filter:` for actions/checkout, no `--filter` of `git clone`; \
             if there was none, `git fsck` says what is missing"
        )
    );
}

#[test]
fn bytes_that_do_not_belong_to_their_id_are_an_error() {
    let place = Place::repository();
    place.write("repo/a.json", "{}");
    place.commit();
    let id = place.git(&["rev-parse", "HEAD:a.json"]);
    place.write("repo/a.json", "{\"a\": 1}");
    let other = place.git(&["hash-object", "-w", "a.json"]);
    let loose = |id: &str| place.path(&format!("repo/.git/objects/{}/{}", &id[..2], &id[2..]));
    std::fs::remove_file(loose(&id)).unwrap();
    std::fs::copy(loose(&other), loose(&id)).unwrap();
    assert_eq!(place.error("/dev/null", "HEAD"), format!("object {id} is malformed: its content has another id; run `git fsck`"));
}
