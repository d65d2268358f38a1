//! What our readers take, the schemas take, and what a schema refuses, a reader refuses: an editor says what the gate will say.

use super::published::schema;
use super::{Value, validator};
use chrono::DateTime;
use countersign::diagnostic::Diagnostic;
use countersign::document::{Bounds, File, Syntax, from_node, parse};
use countersign::policy::{Draft, Known, REASONS};
use countersign::proposal::Proposal;

fn yaml(text: &str) -> File {
    parse("example.yml", text.as_bytes(), Syntax::Yaml, &Bounds::default()).unwrap_or_else(|(problem, _)| panic!("{problem:?}\n{text}"))
}

const CALENDAR: &str = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20261225\nEND:VEVENT\nEND:VCALENDAR\n";

/// What is said about a policy. A people file that it names is there, and empty.
pub fn policy(text: &str) -> Vec<Diagnostic> {
    let file = yaml(text);
    let formats: Vec<&str> = countersign::formats::FORMATS.iter().map(|format| format.id).collect();
    match Draft::read(&file) {
        Ok(mut draft) => {
            let calendar = parse("a.ics", CALENDAR.as_bytes(), Syntax::Lines, &Bounds::default()).unwrap();
            // Only one of that name is there.
            if draft.calendar_files().contains("a.ics") {
                draft = draft.with_calendar("a.ics", Ok(&calendar));
            }
            draft.check(draft.people_file().map(|_| yaml("{}")).as_ref(), &Known { formats: &formats, reasons: REASONS }).diagnostics
        }
        Err(diagnostics) => diagnostics,
    }
}

/// What is said about a people file.
pub fn people(text: &str) -> Vec<Diagnostic> {
    let (policy, people) = (yaml("{ version: 1, people-file: people.yml }"), yaml(text));
    Draft::read(&policy).unwrap().check(Some(&people), &Known::default()).diagnostics
}

/// What is said about facts.
pub fn facts(text: &str) -> Vec<Diagnostic> {
    let now = DateTime::parse_from_rfc3339("2026-11-25T00:00:00Z").unwrap().to_utc();
    Proposal::read(&yaml(text), now).err().unwrap_or_default()
}

fn is_policy(text: &str) -> bool {
    !policy(text).iter().any(Diagnostic::is_error)
}

fn is_people(text: &str) -> bool {
    !people(text).iter().any(Diagnostic::is_error)
}

fn are_facts(text: &str) -> bool {
    facts(text).is_empty()
}

/// What the reader and the schema say, in this order.
fn said(name: &str, reader: fn(&str) -> bool, text: &str) -> (bool, bool) {
    // Scalars are typed by the core schema of YAML 1.2, as an editor types them.
    let value: Value = from_node(&yaml(text).documents[0]).unwrap();
    (reader(text), validator(&schema(name)).is_valid(&value))
}

#[track_caller]
fn agree(name: &str, reader: fn(&str) -> bool, expected: bool, texts: &[&str]) {
    for text in texts {
        assert_eq!(said(name, reader, text), (expected, expected), "reader and schema of {name}: {text}");
    }
}

const RULE: &str = "{ version: 1, people: { users: { bob: 2 }, groups: { security: [bob] } }, windows: { office: { zone: UTC, open: [{ days: [mon], all-day: true }] } }, rules: [{ name: r, HERE }] }";

fn with_rule(rule: &str) -> String {
    RULE.replace("HERE", rule)
}

#[test]
fn of_policies() {
    agree(
        "policy-v1",
        is_policy,
        true,
        &[
            "version: 1",
            "{ version: 1, mode: observe }",
            "{ version: 1, where: [{ paths: ['a/**'], realm: prod, slot: service-control, format: aws-iam, ignore: false }] }",
            "{ version: 1, people: { users: { alice: 1 }, groups: { none: [] } } }",
            "{ version: 1, roles: [{ name: d, holders: ['role/*'], ceiling: {} }] }",
            "{ version: 1, windows: { w: { zone: UTC, open: [{ rrule: FREQ=DAILY, starts: '2026-01-01', exdates: ['2026-01-02'], all-day: true }] } } }",
            "{ version: 1, windows: { w: { zone: UTC, otherwise: open, closed: [{ days: [mon], all-day: true, reason: x }] } } }",
            "{ version: 1, windows: { w: { zone: UTC, calendars: [{ file: a.ics, means: open }] } } }",
            "{ version: 1, windows: { w: { zone: UTC, open: [{ days: [fri-mon], from: '22:00', to: '06:00' }] } } }",
            "{ version: 1, windows: { w: { zone: UTC, open: [{ days: [mon], all-day: true }], freezes: [{ from: '2026-12-19', to: '2027-01-04T09:00', reason: x }] } } }",
        ],
    );
    agree(
        "policy-v1",
        is_policy,
        false,
        &[
            "{}",
            "[]",
            "version: 2",
            "version: one",
            "{ version: 1, rule: [] }",
            "{ version: 1, mode: warn }",
            "{ version: 1, people-file: null }",
            "{ version: 1, where: [{ realm: prod }] }",
            "{ version: 1, where: [{ paths: [] }] }",
            "{ version: 1, where: [{ paths: 'a/**' }] }",
            "{ version: 1, where: [{ paths: ['a/**'], slot: sidecar }] }",
            "{ version: 1, where: [{ paths: ['a/**'], ignore: maybe }] }",
            "{ version: 1, people: { users: { alice: one } } }",
            "{ version: 1, people: { users: { alice: 0 } } }",
            "{ version: 1, roles: [{ name: d, holders: ['role/*'] }] }",
            "{ version: 1, roles: [{ name: d, holders: [], ceiling: {} }] }",
            "{ version: 1, roles: [{ name: d, holders: ['role/*'], ceiling: { azure: [] } }] }",
            "{ version: 1, windows: { w: { zone: UTC, otherwise: maybe } } }",
            "{ version: 1, windows: { w: { zone: UTC, otherwise: open, calendars: [{ file: a.ics }] } } }",
            "{ version: 1, windows: { w: { zone: UTC, open: [{ rrule: FREQ=DAILY, starts: today, all-day: true }] } } }",
            "{ version: 1, windows: { w: { zone: UTC, open: [{ rrule: FREQ=DAILY, starts: '2026-01-01', exdates: [], all-day: true }] } } }",
            "{ version: 1, windows: { w: { zone: UTC, open: [{ days: [monday], all-day: true }] } } }",
            "{ version: 1, windows: { w: { zone: UTC, open: [{ days: [mon], from: '9:00', to: '17:00' }] } } }",
            "{ version: 1, windows: { w: { zone: UTC, open: [{ days: [mon], from: '24:00', to: '17:00' }] } } }",
            "{ version: 1, windows: { w: { zone: UTC, open: [{ days: [mon], from: null, all-day: true }] } } }",
            "{ version: 1, windows: { w: { zone: UTC, open: [{ days: [mon], all-day: true }], freezes: [{ from: tomorrow, to: '2027-01-04', reason: x }] } } }",
        ],
    );
}

#[test]
fn of_rules() {
    for rule in [
        "when: { gains: {} }, allow: true",
        "when: { loses: {}, undecided: {} }, deny: not here",
        "when: { gains: { system: aws, actions: ['s3:*'], resources: ['*'], principals: ['*'], holders: ['role/*'], severity: critical } }, allow: true",
        "when: { gains: { system: kubernetes, resources: [secrets], namespaces: [web] } }, deny: not here",
        "when: { gains: { reasons: [public], realm: 'prod-*', paths: ['a/**'], expires: false } }, deny: not here",
        "when: { over-ceiling: true }, deny: not here",
        "when: { gains: {} }, require: { window: [office, office] }",
        "when: { edits: ['countersign.yml'] }, require: { approvals: [{ from: security }], window: office, labels: [x] }",
    ] {
        agree("policy-v1", is_policy, true, &[&with_rule(rule)]);
    }
    for rule in [
        "deny: not here",
        "when: { gains: null }, allow: true",
        "when: { gain: {} }, allow: true",
        "when: { gains: { system: azure } }, allow: true",
        "when: { gains: { severity: severe } }, allow: true",
        "when: { gains: { holders: 'role/*' } }, allow: true",
        "when: { gains: { expires: never } }, allow: true",
        "when: { over-ceiling: [] }, deny: not here",
        "when: { over-ceiling: false }, deny: not here",
        "when: { gains: {} }, allow: false",
        "when: { gains: {} }, require: { approvals: [{ count: 1 }] }",
        "when: { gains: {} }, require: { approvals: [{ from: security, count: 0 }] }",
        "when: { gains: {} }, require: { approvals: [{ from: security, count: 101 }] }",
        "when: { gains: {} }, require: { approval: [] }",
        "when: { gains: {} }, require: { window: [] }",
    ] {
        agree("policy-v1", is_policy, false, &[&with_rule(rule)]);
    }
}

#[test]
fn of_people() {
    agree("people-v1", is_people, true, &["{}", "{ users: { alice: 1 }, groups: { security: [alice] } }"]);
    agree(
        "people-v1",
        is_people,
        false,
        &[
            "[]",
            "{ people: {} }",
            "{ users: [alice] }",
            "{ users: { alice: -1 } }",
            "{ users: { alice: 0 } }",
            "{ groups: { security: alice } }",
        ],
    );
}

#[test]
fn of_facts() {
    const WHO: &str = "author: { id: 1, login: alice }, author-kind: user";
    const REVIEW: &str = "id: 7, author: { id: 2, login: bob }, kind: user";
    let commit = "2".repeat(40);
    for facts in [
        String::new(),
        ", contributors: [], reviews: [], labels: []".to_owned(),
        format!(", head: '{commit}', change-request: 'https://example.org/1', environment: production"),
        format!(", reviews: [{{ {REVIEW}, state: changes-requested, commit: '{commit}', submitted-at: '2026-11-24T10:12:00Z' }}]"),
    ] {
        agree("facts-v1", are_facts, true, &[&format!("{{ {WHO}{facts} }}")]);
    }
    for facts in [
        ", reviews: null".to_owned(),
        ", head: main".to_owned(),
        format!(", head: '{}'", "2".repeat(39)),
        ", reviewers: []".to_owned(),
        ", contributors: [{ id: 0, login: bob }]".to_owned(),
        ", contributors: [{ id: 2, login: '' }]".to_owned(),
        format!(", reviews: [{{ {REVIEW}, state: lgtm, commit: '{commit}', submitted-at: '2026-11-24T10:12:00Z' }}]"),
        format!(", reviews: [{{ {REVIEW}, state: approved, commit: '{commit}', submitted-at: '2026-11-24T10:12:00+01:00' }}]"),
        format!(", reviews: [{{ {REVIEW}, state: approved, commit: '{commit}' }}]"),
    ] {
        agree("facts-v1", are_facts, false, &[&format!("{{ {WHO}{facts} }}")]);
    }
    agree("facts-v1", are_facts, false, &["{}", "{ author: { id: 1, login: alice } }", "{ author: alice, author-kind: user }"]);
}

/// What only the reader can tell: what a name means, and how keys go together.
#[test]
fn of_some_policies_only_the_reader_knows_that_they_are_none() {
    for text in [
        with_rule("when: { gains: {} }"),
        with_rule("when: {}, allow: true"),
        with_rule("when: { gains: {} }, allow: true, deny: not here"),
        with_rule("when: { gains: {} }, require: { approvals: [{ from: nobody-knows }] }"),
        with_rule("when: { gains: { actions: ['s3:*'] } }, allow: true"),
        with_rule("when: { gains: { environment: nowhere } }, allow: true"),
        "{ version: 1, windows: { w: { zone: Europe/Londn, open: [{ days: [mon], all-day: true }] } } }".to_owned(),
        "{ version: 1, windows: { w: { zone: UTC, open: [{ days: [mon], from: '09:00' }] } } }".to_owned(),
        "{ version: 1, windows: { w: { zone: UTC } } }".to_owned(),
        "{ version: 1, windows: { w: { zone: UTC, open: [] } } }".to_owned(),
        "{ version: 1, windows: { w: { zone: UTC, open: [{ all-day: true }] } } }".to_owned(),
        "{ version: 1, windows: { w: { zone: UTC, otherwise: open, closed: [{ days: [mon], all-day: true }] } } }".to_owned(),
        "{ version: 1, windows: { w: { zone: UTC, otherwise: open, calendars: [{ file: b.ics, means: closed }] } } }".to_owned(),
        "{ version: 1, where: [{ paths: ['/absolute'] }] }".to_owned(),
    ] {
        assert_eq!(said("policy-v1", is_policy, &text), (false, true), "{text}");
    }
}

/// Where a text is asked for, the reader takes any plain scalar for one. An editor sees a number, and asks for quotes.
#[test]
fn unquoted_numbers_are_text_for_the_reader_alone() {
    assert_eq!(said("policy-v1", is_policy, "{ version: 1, where: [{ paths: ['a/**'], realm: 111122223333 }] }"), (true, false));
}

/// To JSON Schema a number is whole if its fraction is zero; in the core schema of YAML it is written without a point.
#[test]
fn a_whole_number_with_a_point_is_one_for_the_schema_alone() {
    assert_eq!(said("policy-v1", is_policy, "version: 1.0"), (false, true));
    assert_eq!(said("people-v1", is_people, "users: { alice: 1.0 }"), (false, true));
}
