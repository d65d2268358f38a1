//! What a change says does not depend on which unchanged files were read with it, nor on the index that found them.

use crate::judge::manifest;
use crate::model::{World, change, directory, world};
use countersign::change::{Effort, Entry, compare};
use countersign::document::{Bounds, Syntax, parse};
use countersign::formats::{Setting, kubernetes_rbac};
use countersign::gate::{Request, diff};
use countersign::systems::kubernetes::{Kubernetes, Realm, Rules};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The files of a side: by their paths, the objects in each.
type Files = BTreeMap<String, Vec<Value>>;

/// Each object in one of three files of its directory, those that may stand there a second time in one of their own.
fn files(world: &World, again: &World) -> Files {
    let mut files = Files::new();
    for (side, is_again) in [(world, false), (again, true)] {
        let of_roles = side.roles.iter().map(|role| (&role.realm, role.name.to_string(), manifest::role(role)));
        let of_bindings = side.bindings.iter().map(|one| (&one.realm, one.name.to_string(), manifest::binding(one)));
        for (realm, name, object) in of_roles.chain(of_bindings) {
            let number = name.bytes().map(usize::from).sum::<usize>() % 3;
            let file = if is_again { "again".to_owned() } else { number.to_string() };
            files.entry(format!("{}/{file}.json", realm.name)).or_default().push(object);
        }
    }
    files
}

fn text(objects: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": objects}).to_string()
}

/// All that the files say, each read.
fn read(files: &Files) -> Rules {
    let mut rules = Rules::default();
    for (path, objects) in files {
        let file = parse(path.as_str(), text(objects).as_bytes(), Syntax::Json, &Bounds::default()).unwrap();
        rules.join((kubernetes_rbac::FORMAT.read)(&file, &Setting::default()).access.kubernetes);
    }
    rules
}

/// Both sides as commits of a repository.
fn commit(sides: [(&str, &Files); 2], repository: &Path) {
    let git = |arguments: &[&str]| Command::new("git").arg("-C").arg(repository).args(arguments).stdin(Stdio::piped()).spawn().unwrap();
    assert!(git(&["init", "--quiet", "--bare"]).wait().unwrap().success());
    let mut import = git(&["fast-import", "--quiet"]);
    let mut stream = import.stdin.take().unwrap();
    for (side, files) in sides {
        write!(stream, "commit refs/heads/{side}\ncommitter Ada <ada@example.com> 0 +0000\ndata 0\n").unwrap();
        for (path, objects) in files {
            let text = text(objects);
            write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len()).unwrap();
        }
    }
    drop(stream);
    assert!(import.wait().unwrap().success());
}

/// What the gate says, which reads what differs and what belongs to it.
fn told(repository: &Path, cache: Option<&Path>) -> Vec<Entry> {
    let request = Request::between("base".to_owned(), "head".to_owned(), repository.to_owned());
    let change = diff(&Request { cache: cache.map(Path::to_owned), ..request }).unwrap();
    change.entries.into_iter().map(|entry| plain(Entry { format: None, ..entry })).collect()
}

/// An example tells of every role that could be meant where it stands, also of those that make no difference to it: those may not be read.
fn plain(mut entry: Entry) -> Entry {
    entry.region.witness.iter_mut().for_each(|witness| witness.facts.clear());
    entry
}

fn directories() -> impl Strategy<Value = Realm> + Clone {
    prop_oneof![4 => Just(directory("dev")), 1 => Just(directory("prod")), 1 => Just(directory("shared"))]
}

/// Objects that may be there a second time, on both sides.
fn again() -> impl Strategy<Value = World> {
    prop_oneof![2 => Just(World { roles: Vec::new(), bindings: Vec::new() }), 1 => world(directories())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn what_a_change_says_does_not_depend_on_what_else_was_read((base, head) in change(directories()), again in again()) {
        let (before, after) = (files(&base, &again), files(&head, &again));
        let directory = TempDir::new().unwrap();
        commit([("base", &before), ("head", &after)], directory.path());
        let expected = compare::<Kubernetes>(&read(&before), &read(&after), &[], Effort::default());
        let expected: Vec<Entry> = expected.into_iter().map(plain).collect();
        let cache = directory.path().join("cache");
        prop_assert_eq!(&told(directory.path(), Some(&cache)), &expected, "with an index that is made");
        prop_assert_eq!(&told(directory.path(), Some(&cache)), &expected, "with an index that is there");
        prop_assert_eq!(&told(directory.path(), None), &expected, "without an index");
    }
}
