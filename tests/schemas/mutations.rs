//! Files broken in every way that can be listed: each key left out, each key that nobody knows, each value of another type, each word
//! of another place. What the reader takes the schema takes, so what the schema refuses the reader refuses; and what the reader refuses
//! for its shape the schema refuses. What only the reader can tell is what names mean and how keys go together.

use super::agreement::{facts, people, policy};
use super::published::schema;
use super::{Value, here, validator};
use countersign::diagnostic::Diagnostic;
use countersign::document::{Bounds, Syntax, from_node, parse};
use jsonschema::Validator;
use serde_json::{Map, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a reader refuses for its shape alone.
const SHAPES: [&str; 4] = ["unknown-key", "missing-key", "unknown-value", "wrong-value"];

type Reader = fn(&str) -> Vec<Diagnostic>;

/// Every key of a policy, at least once.
const POLICY: &str = r#"
version: 1
mode: enforce
include: ["pack:sox-itgc"]
needs:
  - { group: security, for: severe access }
  - { window: office, for: quiet hours }
  - { environment: production, for: what matters }
where:
  - { paths: ["a/**"], realm: prod, holder: role/x, slot: boundary, format: aws-iam, environment: production, ignore: false }
people: { users: { alice: 1, bob: 2 }, groups: { security: [alice, bob] } }
people-file: people.yml
roles:
  - name: deployer
    holders: ["role/deploy"]
    realm: "prod-*"
    ceiling: { aws: [], kubernetes: [] }
  - { name: keeper, holders: ["role/keys"], ceiling: {} }
rules:
  - name: one
    when:
      gains: { system: aws, actions: ["s3:*"], resources: ["*"], principals: ["*"], holders: ["role/*"], realm: prod,
               environment: production, severity: high, reasons: [public], paths: ["a/**"], expires: false, longer-than: 90d }
      loses: {}
      undecided: {}
      over-ceiling: deployer
      holds-both: [deployer, keeper]
      edits: ["countersign.yml"]
    if: { author-kind: [bot], labelled: [seen], deployed-to: [production], stage: deploy, renewed: 2 }
    require:
      approvals: [{ from: security, count: 2, max-age: 7d, not-written-by: [security] }]
      window: [office, unless-closed]
      labels: [seen]
      max-duration: 30d
      ticket: "OPS-#"
      reason: true
  - { name: two, when: { over-ceiling: true }, deny: not here }
  - { name: three, when: { gains: { system: kubernetes, namespaces: [web] } }, allow: true }
delegate:
  - { path: teams/pay, to: security, realm: "prod-*", ceiling: { aws: [] } }
windows:
  office:
    zone: Europe/London
    open: [{ days: [mon-thu], from: "09:00", to: "17:00" }, { days: [fri], all-day: true }]
    freezes: [{ from: "2026-12-19", to: "2027-01-04", reason: holidays }]
    calendars: [{ file: a.ics, means: closed }]
    forge-freezes: true
  unless-closed:
    zone: UTC
    otherwise: open
    closed: [{ rrule: "FREQ=MONTHLY;BYDAY=1TU", starts: "2026-01-06", exdates: ["2026-02-03"], all-day: true, reason: x }]
break-glass:
  requested-by: [security]
  approvals: [{ from: security }]
  scope: {}
  longest: 4h
  review: { from: security, within: 3d }
"#;

const FACTS: &str = "
repository: acme/infrastructure
change-request: 42
base: '1111111111111111111111111111111111111111'
head: '2222222222222222222222222222222222222222'
author: { id: 1, login: deploy-bot }
author-kind: bot
asked-by: { id: 2, login: alice }
contributors: [{ id: 2, login: alice }]
reviews:
  - { id: 7, author: { id: 3, login: bob }, kind: user, state: approved, commit: '2222222222222222222222222222222222222222', submitted-at: '2025-01-01T10:00:00Z' }
labels: [seen]
environment: production
title: 'OPS-7: read'
description: because
freezes: { active: false, periods: [{ starts: '0 23 * * 5', ends: '0 8 * * 1', zone: UTC }] }
renewals: 1
departed: [{ id: 4, login: dave }]
teams: { acme/security: [{ id: 2, login: bob }] }
break-glass:
  requested-by: { id: 3, login: bob }
  kind: user
  requested-at: '2025-01-01T10:00:00Z'
  until: '2025-01-01T12:00:00Z'
  commit: '2222222222222222222222222222222222222222'
  reason: stuck
  ticket: INC-7
overrides:
  - change: 41
    kind: break-glass
    passed-at: '2025-01-01T10:00:00Z'
    people: [{ id: 3, login: bob }]
    review: { author: { id: 2, login: alice }, kind: user, submitted-at: '2025-01-01T10:00:00Z' }
  - { change: '2222222222222222222222222222222222222222', kind: went-round, passed-at: '2025-01-01T10:00:00Z', people: [{ id: 3, login: bob }] }
landed-at: '2025-01-01T10:00:00Z'
retargeted-at: '2025-01-01T10:00:00Z'
";

fn value(text: &str) -> Value {
    let file = parse("a.yml", text.as_bytes(), Syntax::Yaml, &Bounds::default()).unwrap();
    from_node(&file.documents[0]).unwrap()
}

/// One kind of file: how it is read, what its schema is, and files of it.
struct Kind {
    name: &'static str,
    reader: Reader,
    files: Vec<Value>,
}

fn kinds() -> [Kind; 3] {
    let written = |name: &str| found(&here(""), name).into_iter().map(|path| value(&fs::read_to_string(path).unwrap()));
    let policies: Vec<Value> = std::iter::once(value(POLICY)).chain(written("countersign.yml")).collect();
    let people_of = |policy: &Value| policy.get("people").cloned();
    let people_files = policies.iter().filter_map(people_of).collect();
    let facts_files = std::iter::once(value(FACTS)).chain(written("facts.yml")).collect();
    [
        Kind { name: "policy-v1", reader: policy, files: policies },
        Kind { name: "people-v1", reader: people, files: people_files },
        Kind { name: "facts-v1", reader: facts, files: facts_files },
    ]
}

/// The files of a name in this repository.
fn found(directory: &Path, name: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let (directories, files): (Vec<PathBuf>, Vec<PathBuf>) = entries.partition(|path| path.is_dir());
    let own = files.into_iter().filter(|path| path.file_name().unwrap() == name);
    let below = directories.iter().filter(|path| !path.ends_with("target") && !path.ends_with(".git"));
    own.chain(below.flat_map(|path| found(path, name))).collect()
}

#[test]
fn the_files_that_are_broken_hold_every_key_that_there_is() {
    for Kind { name, files, .. } in kinds() {
        let schema = schema(name);
        let parts = schema["$defs"].as_object().into_iter().flatten().map(|(_, part)| part).chain([&schema]);
        let known: BTreeSet<&String> = parts.filter_map(|part| part["properties"].as_object()).flat_map(Map::keys).collect();
        let mut used = BTreeSet::new();
        for file in &files {
            keys(file, &mut used);
        }
        let missing: Vec<&&String> = known.iter().filter(|key| !used.contains(key.as_str())).collect();
        assert!(missing.is_empty(), "no file of {name} holds {missing:?}: add them to the one in tests/schemas/mutations.rs");
    }
}

fn keys(value: &Value, used: &mut BTreeSet<String>) {
    match value {
        Value::Object(entries) => entries.iter().for_each(|(key, value)| {
            used.insert(key.clone());
            keys(value, used);
        }),
        Value::Array(items) => items.iter().for_each(|item| keys(item, used)),
        _ => {}
    }
}

#[test]
fn reader_and_schema_agree_about_every_broken_file() {
    for Kind { name, reader, files } in kinds() {
        let schema = schema(name);
        let validator = validator(&schema);
        let mut others = BTreeSet::new();
        words(&schema, &mut others);
        let mut tried = BTreeSet::new();
        let mut taken = 0;
        for (index, file) in files.iter().enumerate() {
            // The first holds every key; of the others only the shape is varied.
            let broken = broken(file, &|value| if index == 0 { instead(value, &others) } else { vec![Value::Null, json!({"nobody": 0})] });
            for broken in broken.into_iter().chain([file.clone()]) {
                let text = broken.to_string();
                if tried.insert(text.clone()) {
                    taken += usize::from(agree(name, reader, &validator, &broken, &text));
                }
            }
        }
        assert!(tried.len() > 300 && taken > 10 && taken < tried.len() / 2, "{name}: {taken} of {} were taken", tried.len());
    }
}

/// Whether the reader takes it.
fn agree(name: &str, reader: Reader, validator: &Validator, broken: &Value, text: &str) -> bool {
    let said = reader(text);
    let is_taken = !said.iter().any(Diagnostic::is_error);
    let is_valid = validator.is_valid(broken);
    let is_but_for_quotes = is_valid || is_taken && validator.is_valid(&with_text(broken.clone(), validator));
    assert!(is_but_for_quotes || !is_taken, "the reader of {name} takes what its schema refuses: {text}");
    let shape = said.iter().find(|diagnostic| SHAPES.contains(&diagnostic.code));
    assert!(!is_valid || shape.is_none(), "the schema of {name} takes what its reader refuses for its shape: {text}\n{shape:?}");
    is_taken
}

/// Where a text is asked for, the reader takes any plain scalar for one.
fn with_text(mut value: Value, validator: &Validator) -> Value {
    let places: Vec<String> = validator.iter_errors(&value).map(|error| error.instance_path().to_string()).collect();
    for place in places {
        if let Some(scalar) = value.pointer_mut(&place).filter(|scalar| scalar.is_number() || scalar.is_boolean()) {
            *scalar = scalar.to_string().into();
        }
    }
    value
}

/// Every word that the schema has for some value.
fn words(schema: &Value, words: &mut BTreeSet<String>) {
    match schema {
        Value::Object(entries) => {
            let listed = entries.get("enum").and_then(Value::as_array).into_iter().flatten().chain(entries.get("const"));
            words.extend(listed.filter_map(Value::as_str).map(str::to_owned));
            entries.values().for_each(|part| self::words(part, words));
        }
        Value::Array(items) => items.iter().for_each(|part| self::words(part, words)),
        _ => {}
    }
}

/// What may stand instead of a value; only a word is replaced by other words.
fn instead(value: &Value, words: &BTreeSet<String>) -> Vec<Value> {
    let mut all = vec![
        Value::Null,
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(-1),
        json!(1.5),
        json!(101),
        json!(u64::MAX),
        json!(""),
        json!("nobody"),
        json!([]),
        json!([null]),
        json!([1]),
        json!(["nobody"]),
        json!({}),
        json!({"nobody": 0}),
        json!([{}]),
        json!([[]]),
    ];
    if value.is_string() {
        all.extend(words.iter().map(|word| json!(word)));
    }
    all
}

/// The value with one thing in it changed, for every such thing.
fn broken(value: &Value, instead: &dyn Fn(&Value) -> Vec<Value>) -> Vec<Value> {
    let mut all = instead(value);
    match value {
        Value::Object(entries) => {
            let with = |key: &str, value: Value| {
                let mut entries = entries.clone();
                entries.insert(key.to_owned(), value);
                Value::Object(entries)
            };
            all.extend([json!(1), json!("x"), json!([]), json!({})].map(|value| with("nobody-knows", value)));
            for (key, inner) in entries {
                let mut without = entries.clone();
                without.remove(key);
                all.push(Value::Object(without.clone()));
                without.insert(format!("{key}s"), inner.clone());
                all.push(Value::Object(without));
                all.extend(broken(inner, instead).into_iter().map(|inner| with(key, inner)));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let with = |more: &[Value]| Value::Array([&items[..index], more, &items[index + 1..]].concat());
                all.push(with(&[]));
                all.extend(broken(item, instead).into_iter().map(|item| with(&[item])));
            }
        }
        _ => {}
    }
    all
}
