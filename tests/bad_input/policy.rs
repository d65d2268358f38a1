//! A bad policy or people file. It is no policy, and without one nothing is decided.

use super::catalogue::{Catalogue, holds};
use super::judged::{bomb, nested, pointer, utf16};
use super::place::{POLICY, Place};

/// A sentence, and the policy.
fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let people = "version: 1\npeople: {users: {bob: 2}, groups: {security: [bob]}}\n";
    let with = |text: &str| format!("{people}{text}\n").into_bytes();
    let rule = |text: &str| with(&format!("rules:\n  - name: a\n    {text}"));
    let window = |text: &str| with(&format!("windows:\n  hours: {text}"));
    let changed = |from: &str, to: &str| POLICY.replace(from, to).into_bytes();
    vec![
        ("an empty file", Vec::new()),
        ("only a comment", b"# later\n".to_vec()),
        ("a truncated list", b"version: 1\nrules: [\n".to_vec()),
        ("a truncated quote", b"version: 1\nmode: \"obs".to_vec()),
        ("a string instead of everything", b"hello\n".to_vec()),
        ("JSON that is cut off", b"{\"version\": 1, ".to_vec()),
        ("invalid UTF-8", b"version: 1\nmode: \xff\n".to_vec()),
        ("UTF-16", utf16(POLICY)),
        ("a bomb", bomb().into_bytes()),
        ("a deep nest", format!("version: 1\nrules: {}\n", nested(10_000)).into_bytes()),
        ("17 MiB", format!("{POLICY}#{}\n", " ".repeat(17 << 20)).into_bytes()),
        ("a key twice", changed("rules:", "version: 1\nrules:")),
        ("two documents", format!("{POLICY}---\n{POLICY}").into_bytes()),
        ("a pointer of Git LFS", pointer().into_bytes()),
        ("a merge conflict", format!("<<<<<<< HEAD\n{POLICY}=======\n>>>>>>> topic\n").into_bytes()),
        ("a tab", changed("  - name", "\t- name")),
        ("no version", changed("version: 1\n", "")),
        ("version 2", changed("version: 1", "version: 2")),
        ("a version in quotes", changed("version: 1", "version: \"1\"")),
        ("a version below zero", changed("version: 1", "version: -1")),
        ("an unknown key", changed("rules:", "rule:")),
        ("an unknown key further in", changed("approvals", "aprovals")),
        ("an unknown mode", with("mode: observ")),
        ("rules that are a mapping", with("rules: {}")),
        ("a rule that is a string", with("rules: [everything]")),
        ("a rule that names no group", rule("when: {gains: {}}\n    require: {approvals: [{count: 1}]}")),
        ("a rule without approvals in its list", rule("when: {gains: {}}\n    require: {approvals: []}")),
        ("a rule that asks for nobody", rule("when: {gains: {}}\n    require: {approvals: [{from: security, count: 0}]}")),
        ("an unknown group", changed("from: security", "from: securty")),
        ("a member who is no user", changed("[bob]", "[bop]")),
        ("a user whose id is a name", changed("bob: 2", "bob: two")),
        ("an unknown zone", window("{zone: Europe/Londn, open: [{days: [mon], from: \"09:00\", to: \"17:00\"}]}")),
        ("a zone that is an offset", window("{zone: \"+01:00\", open: [{days: [mon], from: \"09:00\", to: \"17:00\"}]}")),
        ("an unknown day and hour", window("{zone: UTC, open: [{days: [mno], from: \"09:00\", to: \"25:00\"}]}")),
        ("an unknown window", rule("when: {gains: {}}\n    require: {window: hours}")),
        ("a glob that is open", with("where: [{paths: [\"iam/[a\"], realm: x}]")),
        ("a glob that is absolute", with("where: [{paths: [/iam/**], realm: x}]")),
        ("an unknown format", with("where: [{paths: [\"iam/**\"], format: aws}]")),
        ("an if that says nothing", rule("when: {gains: {}}\n    if: {}\n    allow: true")),
        ("an unknown stage", rule("when: {gains: {}}\n    if: {stage: release}\n    allow: true")),
        ("a length without a unit", rule("when: {gains: {}}\n    require: {max-duration: 30}")),
        ("a length in months", rule("when: {gains: {longer-than: 3m}}\n    deny: too long")),
        ("a ticket without a number", rule("when: {gains: {}}\n    require: {ticket: OPS}")),
        ("one role that is kept apart", rule("when: {holds-both: [deployer]}\n    deny: apart")),
        (
            "break-glass without an end",
            with("break-glass: {requested-by: [security], approvals: [{from: security}], scope: {}, review: {from: security, within: 3d}}"),
        ),
        (
            "break-glass that nobody reviews",
            with(
                "break-glass: {requested-by: [security], approvals: [{from: security}], scope: {}, longest: 4h, review: {from: nobody, within: 3d}}",
            ),
        ),
        ("a people file that is not there", with("people-file: people.yml")),
        ("a people file that leads out", with("people-file: ../people.yml")),
    ]
}

#[test]
fn a_bad_policy_decides_nothing_and_says_where_and_what_to_do() {
    let mut catalogue = Catalogue::default();
    for (what, policy) in inputs() {
        let place = Place::new();
        place.write("policy.yml", &policy);
        let said = place.check(&["--facts", "facts.yml", "--policy", "policy.yml"]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{what}: {said:?}");
        place.write("base/countersign.yml", &policy);
        assert_eq!(place.check(&["--facts", "facts.yml"]).code, 1, "on the base side: {what}");
        catalogue.add(what, &said);
    }
    holds!("policy", catalogue);
}

#[test]
fn a_rule_that_nobody_can_fulfil_is_told_and_lets_nothing_through() {
    let mut catalogue = Catalogue::default();
    for (what, policy, code) in [
        ("a group without members", POLICY.replace("[bob]", "[]"), 13),
        ("more approvals than there are members", POLICY.replace("from: security", "from: security, count: 9"), 11),
    ] {
        let place = Place::new();
        place.write("base/countersign.yml", &policy);
        place.write("head/countersign.yml", &policy);
        let said = place.check(&["--facts", "facts.yml"]);
        assert_eq!(said.code, code, "{said:?}");
        catalogue.add(what, &said);
    }
    holds!("policy-that-nobody-can-fulfil", catalogue);
}

#[test]
fn a_policy_that_is_not_there_or_not_a_file_of_the_base_side_is_told() {
    let mut catalogue = Catalogue::default();
    let mut add = |what: &str, make: &dyn Fn(&Place)| {
        let place = Place::new();
        make(&place);
        let said = place.check(&["--facts", "facts.yml"]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{what}: {said:?}");
        catalogue.add(what, &said);
    };
    add("no policy", &|place| place.remove("base/countersign.yml"));
    add("two policies", &|place| place.write("base/.github/countersign.yml", POLICY));
    add("another ending", &|place| {
        place.remove("base/countersign.yml");
        place.write("base/countersign.yaml", POLICY);
    });
    add("another ending under .github", &|place| {
        place.remove("base/countersign.yml");
        place.write("base/.github/countersign.yaml", POLICY);
    });
    add("a link to the policy of the change", &|place| place.link("../head/countersign.yml", "base/countersign.yml"));
    add("a link to itself", &|place| place.link("countersign.yml", "base/countersign.yml"));
    add("a link to nothing", &|place| place.link("nothing", "base/countersign.yml"));
    add("a directory", &|place| {
        place.remove("base/countersign.yml");
        place.write("base/countersign.yml/x", "");
    });
    add("a pipe", &|place| place.pipe("base/countersign.yml"));
    add("a pointer of Git LFS", &|place| place.write("base/countersign.yml", pointer()));
    holds!("policy-of-the-base", catalogue);
}

#[test]
fn a_bad_people_file_is_told_at_its_own_places() {
    let mut catalogue = Catalogue::default();
    let policy =
        "version: 1\npeople-file: people.yml\nrules:\n  - name: a\n    when: {gains: {}}\n    require: {approvals: [{from: security}]}\n";
    let good = "users: {bob: 2}\ngroups: {security: [bob]}\n";
    let inputs: Vec<(&str, Vec<u8>)> = vec![
        ("an empty file", Vec::new()),
        ("a truncated list", b"users: {bob: 2\n".to_vec()),
        ("a list instead of a mapping", b"- bob\n".to_vec()),
        ("an unknown key", good.replace("groups", "group").into_bytes()),
        ("a member who is no user", good.replace("[bob]", "[bop]").into_bytes()),
        ("an id in quotes", good.replace("bob: 2", "bob: \"2\"").into_bytes()),
        ("an id twice", good.replace("bob: 2", "bob: 2, eve: 2").into_bytes()),
        ("a key twice", format!("{good}users: {{eve: 3}}\n").into_bytes()),
        ("invalid UTF-8", b"users: {b\xff: 2}\n".to_vec()),
        ("a bomb", bomb().into_bytes()),
        ("a pointer of Git LFS", pointer().into_bytes()),
    ];
    for (what, people) in inputs {
        let place = Place::new();
        place.write("base/countersign.yml", policy);
        place.write("base/people.yml", people);
        let said = place.check(&["--facts", "facts.yml"]);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{what}: {said:?}");
        catalogue.add(what, &said);
    }
    let place = Place::new();
    place.write("base/countersign.yml", policy);
    place.link("../head/people.yml", "base/people.yml");
    let said = place.check(&["--facts", "facts.yml"]);
    assert_eq!(said.code, 1);
    catalogue.add("a link into the change", &said);
    holds!("people", catalogue);
}
