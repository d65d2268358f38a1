//! Facts files and policies, broken in one place at a time. Nothing that is missing, misspelt or no value of its kind authorizes anything
//! that was not authorized before.

use super::*;
use serde_json::{Value, json};

/// Every kind of rule whose answer hangs on a fact.
const RULES: &[&str] = &[
    "{ name: security, when: { gains: {} }, require: { approvals: [{ from: security, max-age: 7d, not-written-by: [platform] }] } }",
    "{ name: labelled, when: { gains: {} }, require: { labels: [seen], ticket: 'OPS-#', reason: true } }",
    "{ name: bots, when: { gains: {} }, if: { author-kind: [bot, app] }, deny: 'no' }",
    "{ name: urgent, when: { gains: {} }, if: { labelled: [urgent] }, deny: 'no' }",
    "{ name: late, when: { gains: {} }, if: { deployed-to: [elsewhere] }, deny: 'no' }",
    "{ name: renewed, when: { gains: {} }, if: { renewed: 3 }, deny: 'no' }",
    "{ name: short, when: { gains: {} }, require: { max-duration: 90d, window: office-hours } }",
    "{ name: never, when: { gains: { severity: critical } }, deny: 'no' }",
];

const GLASS: &str = "
break-glass:
  requested-by: [platform]
  approvals: [{ from: security }]
  scope: { environment: production, severity: low }
  longest: 4h
  review: { from: security, within: 3d }
";

fn text() -> String {
    format!("{PEOPLE}{GLASS}rules:\n  - {}\n", RULES.join("\n  - "))
}

fn person_of(id: u64) -> Value {
    json!({"id": id, "login": person(id).login})
}

/// Everything that there is to know, from which the change is authorized.
fn known() -> Value {
    let head = "2".repeat(40);
    json!({
        "repository": "acme/infrastructure",
        "change-request": 42,
        "base": "1".repeat(40),
        "head": head,
        "author": person_of(ALICE),
        "author-kind": "user",
        "contributors": [person_of(ERIN)],
        "reviews": [{"id": 100, "author": person_of(BOB), "kind": "user", "state": "approved", "commit": head, "submitted-at": "2026-11-23T00:00:00Z"}],
        "labels": ["seen"],
        "environment": "production",
        "title": "OPS-7: read",
        "description": "The job compares them.",
        "renewals": 0,
        "departed": [person_of(99)],
        "overrides": [{
            "change": 41, "kind": "break-glass", "passed-at": "2026-11-01T00:00:00Z", "people": [person_of(DAVE)],
            "review": {"author": person_of(BOB), "kind": "user", "submitted-at": "2026-11-02T00:00:00Z"},
        }],
    })
}

/// What a rule denies.
fn urgent() -> Value {
    let mut facts = known();
    facts["labels"] = json!(["seen", "urgent"]);
    facts
}

/// The same, authorized by break-glass.
fn broken() -> Value {
    let mut facts = urgent();
    facts["break-glass"] = json!({
        "requested-by": person_of(DAVE), "kind": "user", "requested-at": "2026-11-24T11:00:00Z", "until": "2026-11-24T14:00:00Z",
        "commit": "2".repeat(40), "reason": "stuck", "ticket": "INC-7",
    });
    facts["reviews"][0]["submitted-at"] = json!("2026-11-24T11:30:00Z");
    facts
}

/// The exit code of a change; `None` where there is no decision at all.
fn decided(policy: &Policy, facts: &Value) -> Option<u8> {
    let end = Some("2026-12-01T00:00:00Z".to_owned());
    let case = Case::of(policy.clone(), vec![gain_by(|entry| entry.region.expires = end)]);
    let file = parse("facts.json", facts.to_string().as_bytes(), Syntax::Json, &Bounds::default()).unwrap();
    let proposal = Proposal::read(&file, case.now).ok()?;
    let reviews = proposal.reviews.iter().flatten();
    let reviewed = reviews.map(|review| ReviewedContent { review: review.id, content: Content::SameCommit }).collect();
    Some(case.with(|case| (case.proposal, case.reviewed) = (Some(proposal), reviewed)).decide().exit_code())
}

/// The ways to every value below one.
fn ways(value: &Value, way: &str) -> Vec<String> {
    let below: Vec<(String, &Value)> = match value {
        Value::Object(entries) => entries.iter().map(|(key, value)| (format!("{way}/{key}"), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (format!("{way}/{index}"), value)).collect(),
        _ => Vec::new(),
    };
    below.into_iter().flat_map(|(way, value)| [vec![way.clone()], ways(value, &way)].concat()).collect()
}

fn split(way: &str) -> (&str, &str) {
    way.rsplit_once('/').unwrap()
}

/// Without the key at the end of a way; `None` where there is a list.
fn without(value: &Value, way: &str) -> Option<Value> {
    let (mapping, key) = split(way);
    let mut value = value.clone();
    value.pointer_mut(mapping)?.as_object_mut()?.remove(key)?;
    Some(value)
}

/// With another letter in the key at the end of a way.
fn misspelt(value: &Value, way: &str) -> Option<Value> {
    let (mapping, key) = split(way);
    let mut value = value.clone();
    let mapping = value.pointer_mut(mapping)?.as_object_mut()?;
    let moved = mapping.remove(key)?;
    mapping.insert(format!("{key}x"), moved);
    Some(value)
}

fn corrupted(value: &Value, way: &str) -> Vec<Value> {
    let others = [Value::Null, json!(""), json!([]), json!({}), json!(-1), json!(0.5), json!(true), json!("\u{0}\u{202e}"), json!("x")];
    let with = |other| {
        let mut value = value.clone();
        *value.pointer_mut(way).unwrap() = other;
        value
    };
    others.into_iter().map(with).collect()
}

#[test]
fn everything_that_is_known_authorizes() {
    let policy = whole_policy(&text());
    assert_eq!(decided(&policy, &known()), Some(AUTHORIZED));
    assert_eq!(decided(&policy, &urgent()), Some(DENIED));
    assert_eq!(decided(&policy, &broken()), Some(AUTHORIZED), "the glass is broken");
}

/// Nothing hangs on these here.
const IDLE: &[&str] = &["/repository", "/change-request", "/base", "/head", "/departed"];

#[test]
fn a_fact_that_is_left_out_authorizes_nothing() {
    let policy = whole_policy(&text());
    for facts in [known(), broken()] {
        // The request to break the glass is for a commit.
        let needs_head = facts.get("break-glass").is_some();
        for way in ways(&facts, "") {
            let Some(less) = without(&facts, &way) else { continue };
            let is_idle = IDLE.contains(&way.as_str()) && !(needs_head && way == "/head");
            assert!(is_idle || decided(&policy, &less) != Some(AUTHORIZED), "without {way}");
        }
    }
}

/// Facts by which the change is not authorized, each for another reason.
fn closed() -> Vec<(&'static str, Value)> {
    let with = |way: &str, value: Value| {
        let mut facts = known();
        *facts.pointer_mut(way).unwrap() = value;
        facts
    };
    vec![
        ("the author approves", with("/author", person_of(BOB))),
        ("somebody contributed and approves", with("/contributors", json!([person_of(BOB)]))),
        ("a bot's change", with("/author-kind", json!("bot"))),
        ("an urgent one", urgent()),
        ("a debt", without(&known(), "/overrides/0/review").unwrap()),
        ("an access renewed too often", with("/renewals", json!(3))),
        ("somewhere else", with("/environment", json!("elsewhere"))),
    ]
}

#[test]
fn a_fact_less_opens_nothing_that_was_closed() {
    let policy = whole_policy(&text());
    for (what, facts) in closed() {
        assert_ne!(decided(&policy, &facts), Some(AUTHORIZED), "{what}");
        for way in ways(&facts, "") {
            let less = [without(&facts, &way), misspelt(&facts, &way)].into_iter().flatten();
            for broken in less.chain(corrupted(&facts, &way).into_iter().filter(|_| !is_judged(&way))) {
                assert_ne!(decided(&policy, &broken), Some(AUTHORIZED), "{what}, {way} broken: {broken:#}");
            }
        }
    }
}

/// Where another value of the same kind is another fact, and not a broken one: an empty list of labels, an empty list of debts.
fn is_judged(way: &str) -> bool {
    ["/labels", "/overrides", "/contributors", "/environment", "/renewals"].iter().any(|list| way == *list || way.starts_with("/labels/"))
}

#[test]
fn a_key_that_nobody_knows_decides_nothing() {
    let policy = whole_policy(&text());
    for facts in [known(), broken()] {
        for way in ways(&facts, "") {
            if let Some(misspelt) = misspelt(&facts, &way) {
                assert_eq!(decided(&policy, &misspelt), None, "{way}");
            }
        }
    }
}

#[test]
fn a_policy_with_a_key_that_nobody_knows_is_none() {
    let file = yaml("countersign.yml", &text());
    let policy: Value = crate::document::from_node(&file.documents[0]).unwrap();
    assert!(checked(&policy.to_string()).policy.is_some());
    // Names of people, groups and windows are the user's own; one that is no longer there is told where it is used.
    let is_name = |way: &str| ["/people/users", "/people/groups", "/windows"].contains(&split(way).0);
    for way in ways(&policy, "").into_iter().filter(|way| !is_name(way)) {
        if let Some(misspelt) = misspelt(&policy, &way) {
            assert!(checked(&misspelt.to_string()).policy.is_none(), "{way}");
        }
    }
}
