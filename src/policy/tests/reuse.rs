//! A policy that is made of several files.

use super::include::{includes, join, problems};
use super::*;

/// The policy and what it includes, each a path and a text, in the order in which it is included.
fn joined(root: &str, included: &[(&str, &str)]) -> Checked {
    let files = included.iter().map(|(path, text)| yaml(path, text)).collect();
    match join(yaml("countersign.yml", root), files) {
        Ok(file) => Draft::read(&file).map_or_else(|diagnostics| Checked { policy: None, diagnostics }, |draft| draft.check(None, &KNOWN)),
        Err(diagnostics) => Checked { policy: None, diagnostics },
    }
}

#[track_caller]
fn refused(root: &str, included: &[(&str, &str)], expected: &[&str]) {
    let Checked { policy, diagnostics } = joined(root, included);
    assert!(policy.is_none());
    let said: Vec<String> = diagnostics.iter().filter(|d| d.is_error()).map(|d| format!("{}: {}", d.place, d.message)).collect();
    assert_eq!(said, expected);
}

const RULE: &str = "version: 1\nrules:\n  - { name: by all, when: { gains: {} }, require: { approvals: [{ from: security }] } }\n";

#[test]
fn what_is_included_holds_as_if_it_stood_here_and_is_placed_where_it_stands() {
    let policy = joined(PEOPLE, &[("rules.yml", RULE)]).policy.unwrap();
    assert!(policy.watches_edits_of("rules.yml"), "an edit of it is an edit of the gate");
    let decision = Case::of(policy, vec![gain()]).is(FOR_APPROVAL);
    assert_eq!(decision.requirements[0].place.as_ref().unwrap().to_string(), "rules.yml:3:5");
}

#[test]
fn exceptions_of_the_policy_come_after_the_entries_that_it_includes() {
    let places = |environment: &str| format!("version: 1\nwhere: [{{ paths: ['prod/**'], environment: {environment} }}]\n");
    let policy = joined(&places("own"), &[("a.yml", &places("first")), ("b.yml", &places("second"))]).policy.unwrap();
    assert_eq!(policy.site_of("prod/a.json").environment.as_deref(), Some("own"));
}

#[test]
fn no_name_is_written_twice_and_the_error_names_both_files() {
    let windows = "version: 1\nwindows:\n  evenings: { zone: Europe/London, open: [{ days: [mon], from: '17:00', to: '19:00' }] }\n";
    refused(PEOPLE, &[("w.yml", windows)], &["countersign.yml:14:3: `evenings` is written at w.yml:3:3 as well"]);
    let people = "version: 1\npeople:\n  users: { bob: 2, zoe: 9 }\n  groups: { security: [zoe] }\n";
    refused(PEOPLE, &[("p.yml", people)], &["countersign.yml:8:13: `security` is written at p.yml:4:13 as well"]);
    refused(
        PEOPLE,
        &[("p.yml", "version: 1\npeople: { users: { bob: 7 } }\n")],
        &["countersign.yml:7:22: `bob` is written at p.yml:2:20 as well"],
    );
    assert!(joined(PEOPLE, &[("p.yml", "version: 1\npeople: { users: { bob: 2 } }\n")]).policy.is_some(), "nor is it a contradiction");
    let both = format!("{PEOPLE}rules: [{{ name: by all, when: {{ gains: {{}} }}, allow: true }}]\n");
    refused(&both, &[("r.yml", RULE)], &["countersign.yml:15:17: two rules have this name"]);
}

#[test]
fn what_is_wrong_in_a_file_is_told_in_that_file() {
    let wrong = "version: 1\nrules:\n  - { name: r, when: { gains: {} }, require: { approvals: [{ from: secruity }] } }\n";
    refused(PEOPLE, &[("a.yml", RULE), ("b.yml", wrong)], &["b.yml:3:68: `secruity` is no group here"]);
}

#[test]
fn a_file_that_is_included_says_nothing_about_the_mode_and_is_of_this_version() {
    let said = |text: &str| problems(&yaml("a.yml", text)).into_iter().map(|d| format!("{}: {}", d.place, d.message)).collect::<Vec<_>>();
    assert_eq!(
        said("version: 1\nmode: observe\n"),
        ["a.yml:2:1: a file that is included says `mode`, which is for the policy itself to say"]
    );
    assert_eq!(said("version: 3\nrools: 1\n"), ["a.yml:1:10: version 3 of the policy language is not known here"]);
    assert_eq!(said("version: 1\nrools: 1\n"), ["a.yml:2:1: unknown key `rools`"]);
    assert_eq!(said("rules: []\n"), ["a.yml:1:1: key `version` is missing"]);
}

#[test]
fn an_entry_names_a_pack_or_a_path_from_the_root() {
    let said = |entry: &str| includes(&yaml("countersign.yml", &format!("version: 1\ninclude: ['{entry}']\n")));
    assert!(said("a/b.yml").is_ok() && said("pack:sox-itgc").unwrap()[0].pack().is_some());
    for entry in
        ["../a.yml", "/etc/passwd", "./a.yml", "a//b.yml", "a/../b.yml", "", " ", ".git/config", "https://example.com/a.yml", "a\\b"]
    {
        let wrong = said(entry).unwrap_err();
        assert_eq!((wrong[0].code, wrong[0].place.to_string().as_str()), ("include-path", "countersign.yml:2:11"), "{entry}");
    }
    let unknown = said("pack:sox-itcg").unwrap_err();
    assert!(unknown[0].help.as_ref().unwrap().starts_with("did you mean `pack:sox-itgc`?"), "{unknown:?}");
}

#[test]
fn what_a_file_needs_is_told_once_where_it_says_so() {
    let needy = "version: 1
needs:
  - { group: owners, for: whoever owns it }
  - { window: nights, for: quiet hours }
  - { environment: staging, for: what is tried out }
rules:
  - { name: r, when: { gains: { environment: staging } }, require: { approvals: [{ from: owners }], window: nights } }
";
    refused(
        PEOPLE,
        &[("a.yml", needy)],
        &[
            "a.yml:3:5: this needs the group `owners`, which nobody defines: whoever owns it",
            "a.yml:4:5: this needs the window `nights`, which nobody defines: quiet hours",
            "a.yml:5:5: this needs the environment `staging`, which nobody defines: what is tried out",
        ],
    );
    let met = needy.replace("owners", "security").replace("nights", "evenings").replace("staging", "production");
    assert!(joined(PEOPLE, &[("a.yml", &met)]).policy.is_some());
    let unclear = "version: 1\nneeds: [{ group: security, window: evenings, for: both }]\n";
    refused(PEOPLE, &[("a.yml", unclear)], &["a.yml:2:9: a need is one of `group`, `window` and `environment`"]);
}

#[test]
fn every_pack_names_all_that_it_needs_and_defines_none_of_it() {
    for pack in packs::PACKS {
        let file = yaml(pack.name, pack.text);
        assert!(problems(&file).is_empty(), "{}: {:#?}", pack.name, problems(&file));
        let Checked { diagnostics, .. } = Draft::read(&file).unwrap().check(None, &Known { reasons: REASONS, ..KNOWN });
        assert!(diagnostics.iter().all(|diagnostic| diagnostic.code == "unmet-need"), "{}: {diagnostics:#?}", pack.name);
        assert!(!diagnostics.is_empty(), "{} needs nothing, and could be shared as it is", pack.name);
    }
}
