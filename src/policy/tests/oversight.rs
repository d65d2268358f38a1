//! What is allowed to stand in a policy and locks somebody out all the same.

use super::*;

/// The people above, these lines, and a rule about the policy itself.
fn told(lines: &str) -> Vec<String> {
    let text = format!("{PEOPLE}{lines}");
    let file = yaml("countersign.yml", &text);
    let draft = Draft::read(&file).unwrap();
    let checked = draft.check(None, &KNOWN);
    let policy = checked.policy.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics));
    let said = draft.oversights(&policy, &["countersign.yml"], utc("2026-11-24T12:00:00Z"));
    said.into_iter().filter(|said| said.code != "unused-name" && said.code != "edits-denied").map(|said| said.message).collect()
}

fn rules(rules: &[&str]) -> Vec<String> {
    told(&format!("rules:\n  - {}\n", rules.join("\n  - ")))
}

#[test]
fn rules_about_every_gain_that_need_one_person_twice_are_told() {
    const ONE: &str = "{ name: one, when: { gains: {} }, require: { approvals: [{ from: security, count: 2 }] } }";
    const OTHER: &str = "{ name: other, when: { gains: {} }, require: { approvals: [{ from: platform, count: 2 }] } }";
    let deadlock = "every gain needs the people of `one` and `other`, who are too few together, for nobody is counted twice";
    assert!(rules(&[ONE, OTHER]).contains(&deadlock.to_owned()), "{:#?}", rules(&[ONE, OTHER]));
    let narrow = OTHER.replace("gains: {}", "gains: { severity: high }");
    let rare = OTHER.replace("gains: {} }", "gains: {} }, if: { author-kind: [bot] }");
    assert!(!rules(&[ONE, &narrow]).iter().any(|said| said.contains("every gain")));
    for other in [rare.as_str(), &OTHER.replace("count: 2", "count: 1")] {
        assert!(!rules(&[ONE, other]).iter().any(|said| said.contains("too few together")), "{other}");
    }
}

#[test]
fn rules_that_surely_meet_and_need_one_person_twice_are_told() {
    let rule = |name: &str, gains: &str, from: &str| {
        format!("{{ name: {name}, when: {{ gains: {gains} }}, require: {{ approvals: [{{ from: {from}, count: 2 }}] }} }}")
    };
    let every = rule("every", "{}", "security");
    let together = "needs the people of `every` and `narrow`, who are too few together, for nobody is counted twice";
    for gains in
        ["{ environment: production }", "{ severity: high }", "{ system: aws, actions: ['s3:*'] }", "{ holders: [role/app], realm: prod }"]
    {
        let said = rules(&[&every, &rule("narrow", gains, "platform")]);
        assert!(said.contains(&format!("a gain that `narrow` is about {together}")), "{gains} {said:#?}");
    }
    let meets = |one: &str, other: &str| {
        let said = rules(&[&rule("every", one, "security"), &rule("narrow", other, "platform")]);
        said.iter().any(|said| said.contains("who are too few together"))
    };
    assert!(meets("{ severity: high }", "{ severity: critical, realm: prod }"));
    assert!(meets("{ realm: prod }", "{ realm: prod }"));
    assert!(meets("{ severity: low }", "{ realm: prod }"), "every gain is low at least");
    // That one gain is both is not known.
    for (one, other) in
        [("{ realm: prod }", "{ realm: dev }"), ("{ realm: prod }", "{ severity: medium }"), ("{ paths: [a] }", "{ paths: [a, b] }")]
    {
        assert!(!meets(one, other), "{one} {other}");
    }
}

#[test]
fn an_author_without_whom_two_rules_have_too_few_people_is_told() {
    let one = "{ name: one, when: { gains: {} }, require: { approvals: [{ from: security }] } }";
    let other = "{ name: other, when: { gains: { realm: prod } }, require: { approvals: [{ from: security }] } }";
    let said = "a gain that `other` is about needs the people of `one` and `other` together: one by bob or carol can never be approved";
    assert_eq!(rules(&[one, other]), [said]);
    assert_eq!(rules(&[one, &other.replace("security", "platform")]), Vec::<String>::new());
    assert_eq!(rules(&[one]), Vec::<String>::new());
}

#[test]
fn somebody_who_asks_and_would_have_to_agree_is_told() {
    let glass = |approvals: &str| {
        told(&format!(
            "rules: [{FREE}]\nbreak-glass: {{ requested-by: [platform], approvals: {approvals}, scope: {{ realm: prod }}, longest: 4h, review: {{ from: security, within: 3d }} }}\n"
        ))
    };
    assert_eq!(glass("[{ from: security }]"), Vec::<String>::new());
    assert_eq!(glass("[{ from: security, count: 2 }]"), ["nobody can agree when carol asks, for whoever asks does not count"]);
}

#[test]
fn a_label_that_opens_the_gate_is_told() {
    let opens = "{ name: r, when: { gains: {} }, if: { labelled: [fine] }, allow: true }";
    assert_eq!(rules(&[opens]), ["whoever may label lets such a change through, its author too"]);
    let asks = opens.replace("allow: true", "require: { approvals: [{ from: platform }] }");
    assert!(!rules(&[&asks]).iter().any(|said| said.contains("whoever may label")));
}

#[test]
fn a_group_that_only_break_glass_names_is_used() {
    let text = format!(
        "{PEOPLE}rules: [{FREE}]\nbreak-glass: {{ requested-by: [platform], approvals: [{{ from: security, not-written-by: [empty] }}], scope: {{}}, longest: 4h, review: {{ from: security, within: 3d }} }}\n"
    );
    let file = yaml("countersign.yml", &text);
    let draft = Draft::read(&file).unwrap();
    let policy = draft.check(None, &KNOWN).policy.unwrap();
    let unused: Vec<String> = draft
        .oversights(&policy, &["countersign.yml"], utc("2026-11-24T12:00:00Z"))
        .into_iter()
        .filter(|said| said.code == "unused-name" && said.message.contains("group"))
        .map(|said| said.message)
        .collect();
    assert_eq!(unused, Vec::<String>::new());
}
