use countersign::access::{Glob, Word, matches};
use countersign::change::{Effort, Entry, compare, delta_digest, judge, not_contained, witnesses};
use countersign::document::Place;
use countersign::systems::aws::{
    Action, Atom, Attachment, Aws, Clause, Condition, Effect, Grant, Notation, Patterns, Principal, Request, Resource, Rules, Slot,
    Statement,
};
use countersign::systems::{Access, Kind, System};
use proptest::prelude::*;
use std::collections::BTreeMap;

const ACTIONS: &[&str] = &["*", "s3:*", "s3:get*", "s3:get", "s3:put", "s3:*x", "iam:pass"];
const RESOURCES: &[&str] =
    &["*", "arn:aws:s3:::a", "arn:aws:s3:::a*", "arn:aws:s3:::ab", "arn:aws:s3:::*b", "arn:aws:s3:::a?", "arn:aws:s3:::v"];
/// One of these is what another is for whoever has the value.
const OPEN: &[&str] = &["arn:aws:s3:::v", "arn:aws:s3:::${aws:k}", "arn:aws:s3:::*", "arn:aws:s3:::w"];
/// What these are about hangs on who asks, for two of them together too.
const VARIABLES: &[&str] = &[
    "*",
    "a",
    "ab",
    "a*",
    "*b",
    "?",
    "??*",
    "a?b",
    "${aws:k}",
    "${aws:j}",
    "a${aws:k}",
    "${aws:k}b",
    "${aws:j}b",
    "${aws:k}*",
    "*${aws:k}",
    "b${aws:j}",
    "${aws:k}${aws:j}",
    "${aws:k}a${aws:k}",
    "${aws:k, 'a'}",
    "${aws:k, 'ab'}b",
];
const ACCOUNTS: &[&str] = &["*", "111122223333", "arn:aws:iam::111122223333:role/r"];

fn condition() -> impl Strategy<Value = Condition> {
    let clause = |operator: &'static str, values: &'static [&'static str]| {
        Condition::new(vec![Clause::new(operator, "aws:k", values.iter().map(ToString::to_string))])
    };
    prop_oneof![
        5 => Just(Condition::default()),
        1 => Just(clause("StringEquals", &["v"])),
        1 => Just(clause("StringNotEquals", &["v"])),
        1 => Just(clause("StringLike", &["v*"])),
        1 => Just(clause("StringEqualsIfExists", &["v", "w"])),
        1 => Just(clause("Null", &["true"])),
        1 => Just(clause("ForAllValues:StringEquals", &["v"])),
    ]
}

fn some<P: Notation + std::fmt::Debug + 'static>(
    texts: &'static [&'static str],
    parse: fn(&str) -> P,
) -> impl Strategy<Value = Patterns<P>> {
    let list = prop::collection::vec(prop::sample::select(texts), 1..3);
    (prop::bool::weighted(0.15), list).prop_map(move |(negated, list)| Patterns::new(negated, list.into_iter().map(parse).collect()))
}

fn statement(slot: Slot) -> impl Strategy<Value = Statement> {
    statement_on(RESOURCES, slot)
}

fn statement_on(resources: &'static [&'static str], slot: Slot) -> impl Strategy<Value = Statement> {
    let principals = if slot == Slot::Resource {
        some(ACCOUNTS, |text| Principal::parse("AWS", text).unwrap()).boxed()
    } else {
        Just(Patterns::any()).boxed()
    };
    let actions = some(ACTIONS, |text| Action::parse(text).unwrap());
    let resources = some(resources, |text| Resource::parse(text, true).unwrap());
    (prop::bool::weighted(0.3), principals, actions, resources, condition()).prop_map(
        |(deny, principals, actions, resources, condition)| {
            let effect = if deny { Effect::Deny } else { Effect::Allow };
            Statement { effect, principals, actions, resources, condition }
        },
    )
}

/// A side about objects that are called what somebody has for a tag.
fn open_side() -> impl Strategy<Value = Rules> {
    let resource = prop::sample::select(VARIABLES).prop_map(|text| Resource::parse(&format!("arn:aws:s3:::{text}"), true).unwrap());
    let resources = (prop::bool::weighted(0.25), prop::collection::vec(resource, 1..3));
    let statement = (prop::bool::weighted(0.3), resources, of_values()).prop_map(|(deny, (negated, list), condition)| Statement {
        effect: if deny { Effect::Deny } else { Effect::Allow },
        principals: Patterns::any(),
        actions: Patterns::any(),
        resources: Patterns::new(negated, list),
        condition,
    });
    prop::collection::vec(statement, 1..4).prop_map(|statements| rules_of(Slot::Identity, statements))
}

/// As a reader of policies makes them.
fn without_defaults(rules: &Rules) -> Rules {
    let statements = |grant: &Grant| Statement::clone(&grant.statement).without_defaults().unwrap();
    let of_grant = |grant: &Grant| {
        statements(grant).into_iter().map(|statement| Grant { statement: statement.into(), ..grant.clone() }).collect::<Vec<_>>()
    };
    Rules { grants: rules.grants.iter().flat_map(of_grant).collect(), ..rules.clone() }
}

fn of_values() -> impl Strategy<Value = Condition> {
    let clause = |(operator, key, value): &(&str, &str, &str)| Condition::new(vec![Clause::new(operator, key, [(*value).to_owned()])]);
    let some = prop::sample::select(CLAUSES).prop_map(move |written| clause(&written));
    prop_oneof![1 => Just(Condition::default()), 1 => some]
}

const CLAUSES: &[(&str, &str, &str)] = &[
    ("Null", "aws:k", "true"),
    ("Null", "aws:k", "false"),
    ("Null", "aws:j", "false"),
    ("StringEquals", "aws:k", "a"),
    ("StringLike", "aws:k", "a*"),
    ("StringNotLike", "aws:k", "*b"),
];

/// Every text of at most so many letters.
fn texts(most: usize) -> Vec<String> {
    let longer = |text: &String| ["a", "b"].map(|letter| format!("{text}{letter}"));
    let lengths = std::iter::successors(Some(vec![String::new()]), |texts| Some(texts.iter().flat_map(longer).collect()));
    lengths.take(most + 1).flatten().collect()
}

/// Every request for an object with a short name by somebody with short tags, or none.
fn requests_with_values() -> Vec<Request> {
    let tags = || std::iter::once(None).chain(texts(2).into_iter().map(Some));
    let facts_of = |key: &str, tag: Option<&String>| {
        let is = |operator: &str, value: &str| Atom::Is(operator.into(), key.into(), value.into());
        let like = |text: &str, glob: &str| Glob::parse(glob).matches_text(text);
        let mut facts = BTreeMap::from([(Atom::Missing(key.into()), tag.is_none())]);
        if let Some(text) = tag {
            facts.extend([
                (is("StringLike", "a*"), like(text, "a*")),
                (is("StringLike", "*b"), like(text, "*b")),
                (is("StringEquals", text), true),
            ]);
        }
        facts
    };
    let mut requests = Vec::new();
    for (k, j) in tags().flat_map(|k| tags().map(move |j| (k.clone(), j))) {
        let facts: BTreeMap<Atom, bool> = facts_of("aws:k", k.as_ref()).into_iter().chain(facts_of("aws:j", j.as_ref())).collect();
        requests.extend(texts(4).into_iter().map(|name| Request {
            realm: "r".into(),
            holder: "h".into(),
            slot: Slot::Identity,
            principal: words("aws:1:x", 3),
            action: words("s3:get", 2),
            resource: words(&format!("arn:aws:s3:::{name}"), 6),
            facts: facts.clone(),
        }));
    }
    requests
}

fn attachment(holder: &str, slot: Slot) -> Attachment {
    Attachment { realm: "r".into(), holder: Some(holder.into()), slot }
}

pub fn rules_of(slot: Slot, statements: Vec<Statement>) -> Rules {
    let attachment = attachment("h", slot);
    let grants = statements.into_iter().map(|statement| Grant {
        attachment: attachment.clone(),
        statement: statement.into(),
        origin: Place::file("f"),
    });
    Rules { grants: grants.collect(), documents: [attachment].into(), ..Rules::default() }
}

fn side(resources: &'static [&'static str], slot: Slot) -> impl Strategy<Value = Rules> {
    let statements = prop::collection::vec(statement_on(resources, slot), 0..4);
    (statements, prop::bool::weighted(0.9))
        .prop_map(move |(statements, is_there)| if is_there { rules_of(slot, statements) } else { Rules::default() })
}

fn sides() -> impl Strategy<Value = (Slot, Rules, Rules)> {
    sides_on(RESOURCES)
}

fn sides_on(resources: &'static [&'static str]) -> impl Strategy<Value = (Slot, Rules, Rules)> {
    let slots = vec![Slot::Identity, Slot::Identity, Slot::Resource, Slot::Boundary, Slot::ServiceControl];
    prop::sample::select(slots).prop_flat_map(move |slot| {
        let bounded =
            if slot == Slot::Identity { prop::option::weighted(0.3, side(resources, Slot::Boundary)).boxed() } else { Just(None).boxed() };
        (Just(slot), side(resources, slot), side(resources, slot), bounded.clone(), bounded).prop_map(
            |(slot, mut base, mut head, before, after)| {
                base.join(before.unwrap_or_default());
                head.join(after.unwrap_or_default());
                (slot, base, head)
            },
        )
    })
}

fn diff(base: &Rules, head: &Rules) -> Vec<Entry> {
    compare::<Aws>(base, head, &[], Effort::default())
}

pub fn words(text: &str, segments: usize) -> Vec<Word> {
    text.splitn(segments, ':').map(Word::plain).collect()
}

/// Every request that a small world has.
fn world(slot: Slot) -> Vec<Request> {
    let is = |operator: &str, value: &str| Atom::Is(operator.into(), "aws:k".into(), value.into());
    let keys = [is("StringEquals", "v"), is("StringEquals", "w"), is("StringLike", "v*")];
    let all = Atom::All("StringEquals".into(), "aws:k".into(), vec!["v".into()]);
    let atoms: Vec<Atom> = keys.into_iter().chain([Atom::Missing("aws:k".into()), all, Atom::OtherAllow, Atom::OtherCap]).collect();
    let principals: &[[&str; 3]] = if slot == Slot::Resource {
        &[["aws", "111122223333", "iam:role/r"], ["aws", "111122223333", "iam:role/s"], ["aws", "9", "iam:role/r"]]
    } else {
        &[["aws", "1", "x"]]
    };
    let mut requests = Vec::new();
    for principal in principals {
        for action in ["s3:get", "s3:getx", "s3:put", "s3:zzx", "iam:pass", "ec2:run"] {
            for resource in ["arn:aws:s3:::a", "arn:aws:s3:::ab", "arn:aws:s3:::b", "arn:aws:s3:::abb", "arn:aws:s3:::v", "*:::::"] {
                for truth in 0..1u32 << atoms.len() {
                    let is_true = |at: usize| truth >> at & 1 == 1;
                    // A key that is missing has no value.
                    let is_something = is_true(0) || is_true(1) || is_true(2);
                    let is_missing_and_something = is_true(3) && (is_something || !is_true(4));
                    // What is `v` is like `v*`, what is `w` is neither.
                    let is_two_values = (is_true(0) && !is_true(2)) || (is_true(1) && (is_true(0) || is_true(2)));
                    if is_missing_and_something || is_two_values {
                        continue;
                    }
                    let facts = atoms.iter().enumerate().map(|(at, atom)| (atom.clone(), is_true(at))).collect();
                    requests.push(Request {
                        realm: "r".into(),
                        holder: "h".into(),
                        slot,
                        principal: principal.iter().map(|text| Word::plain(*text)).collect(),
                        action: words(action, 2),
                        resource: words(resource, 6),
                        facts,
                    });
                }
            }
        }
    }
    requests
}

/// Whether a region's patterns mean the request, its condition aside.
pub fn means(entry: &Entry, request: &Request) -> bool {
    let region = &entry.region;
    let actions = |list: &[String]| {
        list.iter().any(|text| text.split(" & ").all(|text| matches(Action::parse(text).unwrap().globs(), &request.action)))
    };
    // A policy variable is the value of its key.
    let has = |value: &str| request.facts.get(&Atom::Is("StringEquals".into(), "aws:k".into(), value.into())) == Some(&true);
    let value = ["v", "w"].into_iter().find(|value| has(value)).unwrap_or("${aws:k}");
    let resource = |text: &str| Resource::parse(&text.replace("${aws:k}", value), true).unwrap();
    let resources =
        |list: &[String]| list.iter().any(|text| text.split(" & ").all(|text| matches(resource(text).globs(), &request.resource)));
    let named = |list: &[String]| {
        let bare = |text: &str| text.strip_prefix("AWS:").unwrap_or(text).to_owned();
        list.iter()
            .any(|text| text.split(" & ").all(|text| matches(Principal::parse("AWS", &bare(text)).unwrap().globs(), &request.principal)))
    };
    let principals = request.slot != Slot::Resource || (named(&region.principals) && !named(&region.except_principals));
    actions(&region.actions)
        && !actions(&region.except_actions)
        && resources(&region.resources)
        && !resources(&region.except_resources)
        && principals
}

fn of_kind(entries: &[Entry], kind: Kind) -> Vec<&Entry> {
    entries.iter().filter(|entry| entry.kind == kind).collect()
}

/// What two lists of entries say, apart from places.
fn said(entries: &[Entry], kind: Kind) -> Vec<String> {
    let mut said: Vec<String> = of_kind(entries, kind)
        .iter()
        .map(|entry| {
            let r = &entry.region;
            format!(
                "{:?}",
                (
                    &r.except_principals,
                    &r.actions,
                    &r.except_actions,
                    &r.resources,
                    &r.except_resources,
                    &r.principals,
                    &r.condition,
                    &r.provided
                )
            )
        })
        .collect();
    said.sort();
    said
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_side_against_itself_says_nothing((_, base, _) in sides()) {
        prop_assert_eq!(diff(&base, &base), Vec::new());
    }

    #[test]
    fn the_judge_confirms_the_words_of_every_witness((_, base, head) in sides()) {
        for entry in diff(&base, &head) {
            let [before, after] = [&base, &head].map(|rules| Access { aws: rules.clone(), ..Access::default() });
            let judged = judge(&entry, [&before, &after]);
            prop_assert!(judged.is_some_and(|judged| judged.confirms(entry.kind)), "{:?}", entry);
        }
    }

    #[test]
    fn lost_is_the_inverse_of_gained((_, base, head) in sides()) {
        let (there, back) = (diff(&base, &head), diff(&head, &base));
        prop_assert_eq!(said(&there, Kind::Gained), said(&back, Kind::Lost));
        prop_assert_eq!(said(&there, Kind::Lost), said(&back, Kind::Gained));
    }

    #[test]
    fn every_witness_is_in_one_side_and_not_in_the_other((_, base, head) in sides()) {
        for (kind, request) in witnesses::<Aws>(&base, &head, Aws::request).unwrap() {
            let (before, after) = (Aws::naive(&base, &request), Aws::naive(&head, &request));
            prop_assert_eq!((before, after), (kind == Kind::Lost, kind == Kind::Gained), "{:?}", request);
        }
    }

    #[test]
    fn whatever_the_naive_model_finds_is_reported_and_nothing_else((slot, base, head) in sides()) {
        let entries = diff(&base, &head);
        for request in world(slot) {
            let (before, after) = (Aws::naive(&base, &request), Aws::naive(&head, &request));
            for (kind, is_so) in [(Kind::Gained, after && !before), (Kind::Lost, before && !after)] {
                let meant: Vec<_> = of_kind(&entries, kind).into_iter().filter(|entry| means(entry, &request)).collect();
                prop_assert!(!is_so || !meant.is_empty(), "{:?} not reported: {:?}; reported: {:#?}", kind, request, said(&entries, kind));
                let certain = meant.iter().any(|entry| entry.region.condition.is_none() && entry.region.provided.is_none());
                // What only an Allow elsewhere or another cap makes possible is told as possible.
                let free = slot == Slot::Identity || slot == Slot::Resource;
                let bare = !request.facts[&Atom::OtherAllow];
                prop_assert!(!(certain && free && bare) || is_so, "{:?} reported and not so: {:?}", kind, request);
            }
        }
    }

    #[test]
    fn whoever_has_the_value_of_a_policy_variable_is_told((slot, base, head) in sides_on(OPEN)) {
        let entries = diff(&base, &head);
        for request in world(slot) {
            let (before, after) = (Aws::naive(&base, &request), Aws::naive(&head, &request));
            for (kind, is_so) in [(Kind::Gained, after && !before), (Kind::Lost, before && !after)] {
                let is_told = || of_kind(&entries, kind).into_iter().any(|entry| means(entry, &request));
                prop_assert!(!is_so || is_told(), "{:?} not reported: {:?}; reported: {:#?}", kind, request, said(&entries, kind));
            }
        }
    }

    #[test]
    fn nobody_gains_or_loses_by_a_policy_variable_in_silence((base, head) in (open_side(), open_side())) {
        let entries = diff(&without_defaults(&base), &without_defaults(&head));
        let is_told = |kind| entries.iter().any(|entry| entry.kind == kind || entry.kind == Kind::Undecided);
        for request in requests_with_values() {
            let (before, after) = (Aws::naive(&base, &request), Aws::naive(&head, &request));
            for (kind, is_so) in [(Kind::Gained, after && !before), (Kind::Lost, before && !after)] {
                prop_assert!(!is_so || is_told(kind), "{:?} not reported: {:?}; reported: {:#?}", kind, request, said(&entries, kind));
            }
        }
    }

    #[test]
    fn the_order_of_statements_changes_nothing((_, base, head) in sides()) {
        let mut turned = head.clone();
        turned.grants.reverse();
        prop_assert_eq!(diff(&head, &turned), Vec::new());
        prop_assert_eq!(diff(&base, &head), diff(&base, &turned));
    }

    #[test]
    fn splitting_a_statement_changes_nothing((_, base, head) in sides()) {
        let mut split = head.clone();
        split.grants = head.grants.iter().flat_map(|grant| {
            let Patterns { negated, list } = &grant.statement.actions;
            let parts = if *negated { vec![list.clone()] } else { list.iter().map(|one| vec![one.clone()]).collect() };
            parts.into_iter().map(|list| Grant { statement: Statement { actions: Patterns::new(*negated, list), ..Statement::clone(&grant.statement) }.into(), ..grant.clone() })
        }).collect();
        prop_assert_eq!(diff(&head, &split), Vec::new());
        prop_assert_eq!(delta_digest(&diff(&base, &head)), delta_digest(&diff(&base, &split)));
    }

    #[test]
    fn an_allow_never_narrows_and_a_deny_never_widens((slot, base, _) in sides(), more in statement(Slot::Identity)) {
        prop_assume!(slot == Slot::Identity);
        let mut head = base.clone();
        head.join(rules_of(slot, vec![more.clone()]));
        prop_assume!(base.documents == head.documents);
        let forbidden = if more.effect == Effect::Allow { Kind::Lost } else { Kind::Gained };
        prop_assert_eq!(said(&diff(&base, &head), forbidden), Vec::<String>::new());
    }

    #[test]
    fn a_change_is_contained_in_itself_and_a_part_of_it_as_well((_, base, head) in sides(), (_, other, _) in sides()) {
        prop_assert_eq!(not_contained::<Aws>([&base, &head], [&base, &head], Effort::default()), Vec::new());
        prop_assert_eq!(not_contained::<Aws>([&base, &base], [&base, &other], Effort::default()), Vec::new());
    }

    #[test]
    fn a_move_to_another_holder_is_lost_there_and_gained_here((_, base, _) in sides()) {
        let mut moved = base.clone();
        for grant in &mut moved.grants {
            grant.attachment.holder = Some("other".into());
        }
        moved.documents = base.documents.iter().map(|d| Attachment { holder: Some("other".into()), ..d.clone() }).collect();
        let (from, to) = (diff(&base, &Rules::default()), diff(&Rules::default(), &moved));
        let entries = diff(&base, &moved);
        prop_assert_eq!(entries.len(), from.len() + to.len());
    }
}

#[test]
fn more_values_than_can_be_asked_about_one_by_one_are_undecided() {
    let named = |count: usize| {
        let texts = (0..count).map(|number| format!("arn:aws:s3:::b/{number}"));
        let list = texts.chain(["arn:aws:s3:::b/${aws:k}".to_owned()]).map(|text| Resource::parse(&text, true).unwrap()).collect();
        let on = |resources| Statement {
            effect: Effect::Allow,
            principals: Patterns::any(),
            actions: Patterns::new(false, vec![Action::parse("s3:get").unwrap()]),
            resources,
            condition: Condition::default(),
        };
        let [narrow, wide] = [on(Patterns::new(false, list)), on(Patterns::any())];
        diff(&rules_of(Slot::Identity, vec![narrow.clone()]), &rules_of(Slot::Identity, vec![narrow, wide]))
    };
    let kinds = |entries: Vec<Entry>| entries.iter().map(|entry| entry.kind).collect::<Vec<_>>();
    assert_eq!(kinds(named(3)), [Kind::Gained]);
    assert_eq!(kinds(named(100)), [Kind::Undecided]);
}

#[test]
fn facts_of_the_small_world_are_all_that_its_conditions_ask() {
    let facts: BTreeMap<Atom, bool> = world(Slot::Identity).into_iter().next().unwrap().facts;
    assert_eq!(facts.len(), 7);
}
