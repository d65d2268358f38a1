//! The policy is a pure function of what was found: whatever that is, it loads, and it never makes one world of two.

use countersign::document::{Bounds, Syntax, parse};
use countersign::formats::FORMATS;
use countersign::policy::starter::{Forge, Held, Survey, policy, speaks_of};
use countersign::policy::{Draft, Known, Mode, Policy, REASONS};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The policy that the text is, without an error.
fn load(text: &str) -> Policy {
    let bounds = Bounds { bytes: 1 << 20, depth: 32, nodes: 50_000 };
    let file = parse("countersign.yml", text.as_bytes(), Syntax::Yaml, &bounds).unwrap_or_else(|(problem, place)| {
        panic!("{place}: {problem:?}\n{text}");
    });
    let formats: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
    let checked = Draft::read(&file).unwrap().check(None, &Known { formats: &formats, reasons: REASONS });
    let codes: BTreeSet<&str> = checked.diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    assert_eq!(codes, BTreeSet::from(["empty-group"]), "{:?}\n{text}", checked.diagnostics);
    checked.policy.unwrap()
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(vec![
            "clusters", "accounts", "environments", "overlays", "prod", "staging", "pre-prod", "111122223333", "eu", "iam", "tests", "a", "b",
        ]).prop_map(str::to_owned),
        1 => "[^/\0]{1,6}",
    ]
}

fn survey() -> impl Strategy<Value = Survey> {
    let path = prop::collection::vec(name(), 1..5).prop_map(|names| names.join("/"));
    let held = (prop::sample::select(FORMATS.iter().map(|format| format.id).collect::<Vec<_>>()), prop::option::of("[0-9]{12}"));
    let held = held.prop_map(|(format, account)| Held { formats: [format].into(), accounts: account.into_iter().collect() });
    let files = prop::collection::btree_map(path.prop_map(Arc::from), held, 0..20);
    let pipelines = prop::collection::btree_set("[^\0]{1,12}".prop_map(Arc::from), 0..3);
    let forge = prop::sample::select(vec![None, Some(Forge::GitHub), Some(Forge::GitLab)]);
    (files, pipelines, forge).prop_map(|(files, pipelines, forge)| Survey { files, owners: Vec::new(), pipelines, forge })
}

/// The directory below `clusters/` or `accounts/`.
fn world(path: &str, parent: &str) -> Option<String> {
    let names: Vec<&str> = path.split('/').collect();
    let at = names.iter().position(|name| *name == parent)?;
    names.get(..at + 2).filter(|_| at + 2 < names.len()).map(|names| names.join("/"))
}

proptest! {
    #[test]
    fn whatever_was_found_the_policy_loads_and_observes(survey in survey()) {
        prop_assert_eq!(load(&policy(&survey)).mode(), Mode::Observe);
    }

    #[test]
    fn two_directories_that_are_named_like_clusters_are_never_one_world(survey in survey()) {
        let policy = load(&policy(&survey));
        let mut worlds: BTreeMap<Arc<str>, String> = BTreeMap::new();
        for (path, _) in survey.files.iter().filter(|(_, held)| held.formats.contains("kubernetes-rbac")) {
            if let (Some(world), Some(realm)) = (world(path, "clusters"), policy.site_of(path).realm) {
                let known = worlds.entry(Arc::clone(&realm)).or_insert_with(|| world.clone());
                prop_assert_eq!(&*known, &world, "both are {}", realm);
            }
        }
    }
}

#[test]
fn a_rule_is_about_every_file_of_the_gate() {
    let pipeline = ".github/workflows/countersign.yml";
    let survey = Survey { pipelines: [pipeline.into()].into(), ..Survey::default() };
    let policy = load(&policy(&survey));
    for path in ["countersign.yml", ".github/countersign.yml", "CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", pipeline] {
        assert!(policy.watches_edits_of(path), "{path}");
    }
    assert!(!policy.watches_edits_of(".github/workflows/build.yml"));
}

#[test]
fn every_format_can_say_what_is_severe_in_it() {
    for format in FORMATS {
        assert!(speaks_of(format.id), "say in `SEVERE` in src/policy/starter/mod.rs what is severe in `{}`", format.id);
    }
}
