//! From a located tree to our own types: how scalars are typed, and what is said, where, when a file does not fit.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use countersign::document::{Bounds, Problem, Spanned, Syntax, from_node, parse};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

fn read<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let file = parse("countersign.yml", text.as_bytes(), Syntax::Yaml, &Bounds::default()).map_err(|(problem, _)| problem)?;
    from_node(file.documents.first().unwrap())
}

/// The text the problem points at, the message and the help.
fn refused<T: DeserializeOwned + std::fmt::Debug>(text: &str) -> (&str, String, String) {
    let problem = read::<T>(text).unwrap_err();
    (&text[problem.span.start as usize..problem.span.end as usize], problem.message, problem.help.unwrap_or_default())
}

fn said(at: &'static str, message: &str, help: &str) -> (&'static str, String, String) {
    (at, message.to_owned(), help.to_owned())
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Rule {
    name: String,
    #[serde(default)]
    approvals: u8,
    window: Option<Window>,
    #[serde(default)]
    public: bool,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(default)]
    limits: BTreeMap<String, i32>,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Window {
    Always,
    Named(String),
    Between(String, String),
    OnDays {
        days: Vec<String>,
        #[serde(default)]
        hours: Option<u32>,
    },
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
    Counted { count: u32 },
}

#[test]
fn a_struct_is_read_with_its_defaults() {
    let rule: Rule = read("name: prod\nwindow: always\n").unwrap();
    assert_eq!(rule.window, Some(Window::Always));
    assert_eq!((rule.name.as_str(), rule.approvals, rule.public), ("prod", 0, false));
    let rule: Rule = read("name: prod\napprovals: 2\nwindow:\npublic: true\nlabels: [a, 1]\nlimits: {a: -1, b: 0x10, c: 0o17}\n").unwrap();
    assert_eq!((rule.approvals, rule.public, rule.window), (2, true, None));
    assert_eq!(rule.labels, ["a", "1"]);
    assert_eq!(rule.limits.values().copied().collect::<Vec<_>>(), [-1, 16, 15]);
}

#[test]
fn a_string_takes_the_text_of_any_plain_scalar() {
    let texts: Vec<String> = read("[22:00, 2026-12-24, on, no, 123, 1.50, true, 0x1F, 'null', !!str null, !!int 7]").unwrap();
    assert_eq!(texts, ["22:00", "2026-12-24", "on", "no", "123", "1.50", "true", "0x1F", "null", "null", "7"]);
    assert_eq!(refused::<Vec<String>>("[null]"), said("null", "expected a string, found null", ""));
    assert_eq!(refused::<Rule>("name:\n"), said("", "expected a string, found null", ""));
}

#[test]
fn only_true_and_false_are_booleans() {
    for word in ["yes", "on", "True", "1", "'true'", "y"] {
        let text = format!("name: a\npublic: {word}\n");
        let problem = read::<Rule>(&text).unwrap_err();
        assert_eq!(problem.message, format!("expected `true` or `false`, found `{}`", word.trim_matches('\'')));
    }
}

#[test]
fn whole_numbers_have_their_range() {
    assert_eq!(refused::<Rule>("name: a\napprovals: 300\n"), said("300", "expected a whole number from 0 to 255, found `300`", ""));
    assert_eq!(refused::<Rule>("name: a\napprovals: -1\n"), said("-1", "expected a whole number from 0 to 255, found `-1`", ""));
    assert_eq!(refused::<Rule>("name: a\napprovals: 1.5\n"), said("1.5", "expected a whole number, found `1.5`", ""));
    assert_eq!(refused::<Rule>("name: a\napprovals: two\n"), said("two", "expected a whole number, found a string", ""));
    assert_eq!(refused::<Rule>("name: a\napprovals: '2'\n"), said("'2'", "expected a whole number, found a string", "remove the quotes"));
    let big = "name: a\nlimits: {a: 99999999999999999999999999999999999999999999}\n";
    assert_eq!(read::<Rule>(big).unwrap_err().message, "expected a whole number, found `99999999999999999999999999999999999999999999`");
}

#[test]
fn fractions_and_their_special_words_are_numbers() {
    let numbers: Vec<f64> = read("[1, -2.5, 1e3, .5, .inf, -.inf, !!float 3]").unwrap();
    assert_eq!(numbers, [1.0, -2.5, 1000.0, 0.5, f64::INFINITY, f64::NEG_INFINITY, 3.0]);
    assert_eq!(refused::<Vec<f64>>("[inf]"), said("inf", "expected a number, found a string", ""));
}

#[test]
fn an_unknown_key_names_the_nearest_known_one() {
    let known = "known here: `name`, `approvals`, `window`, `public`, `labels`, `limits`";
    assert_eq!(
        refused::<Rule>("name: a\naprovals: 1\n"),
        said("aprovals", "unknown key `aprovals`", &format!("did you mean `approvals`? {known}"))
    );
    assert_eq!(refused::<Rule>("name: a\n\"zzzz\": 1\n"), said("\"zzzz\"", "unknown key `zzzz`", known));
    assert_eq!(read::<Rule>("name: a\nx: 1\n").unwrap_err().code, "unknown-key");
}

#[test]
fn a_missing_key_points_at_its_mapping() {
    assert_eq!(refused::<Vec<Rule>>("- name: a\n- approvals: 1\n"), said("approvals: 1", "key `name` is missing", "add `name: …`"));
}

const LIST: &str = "write it as lines that begin with `- `, or in `[ ]`";
const MAPPING: &str = "write it as lines of `key: value`, or in `{ }`";

#[test]
fn a_wrong_kind_is_said_in_plain_words() {
    assert_eq!(refused::<Rule>("name: a\nlabels: prod\n"), said("prod", "expected a list, found a string", LIST));
    assert_eq!(refused::<Rule>("name: a\nlabels: {}\n"), said("{}", "expected a list, found a mapping", LIST));
    assert_eq!(refused::<Rule>("name: a\nlimits: [1]\n"), said("[1]", "expected a mapping, found a list", MAPPING));
    assert_eq!(refused::<Rule>("name: [a]\n"), said("[a]", "expected a string, found a list", ""));
    assert_eq!(refused::<Rule>("just text\n"), said("just text", "expected a mapping, found a string", MAPPING));
    assert_eq!(refused::<Rule>("[a]: b\n"), said("[a]", "expected a string, found a list", ""));
    assert_eq!(refused::<Rule>("name: !Ref a\n"), said("a", "the tag `!Ref` means nothing here", "remove the tag"));
    assert_eq!(
        refused::<Rule>("name: a\nlabels: !If [a]\n"),
        said("[a]", "expected a list, found a tagged list or mapping", "remove the tag")
    );
}

#[test]
fn variants_are_words_or_mappings_of_one_key() {
    let window = |text: &str| read::<Window>(text).unwrap();
    assert_eq!(window("always"), Window::Always);
    assert_eq!(window("always:"), Window::Always);
    assert_eq!(window("named: nights"), Window::Named("nights".to_owned()));
    assert_eq!(window("between: [22:00, 06:00]"), Window::Between("22:00".to_owned(), "06:00".to_owned()));
    assert_eq!(window("on-days: {days: [mon], hours: 3}"), Window::OnDays { days: vec!["mon".to_owned()], hours: Some(3) });
}

#[test]
fn a_wrong_variant_is_said_in_plain_words() {
    let known = "known here: `always`, `named`, `between`, `on-days`";
    assert_eq!(refused::<Window>("alwys"), said("alwys", "unknown value `alwys`", &format!("did you mean `always`? {known}")));
    assert_eq!(refused::<Window>("weekly: x"), said("weekly", "unknown value `weekly`", known));
    assert_eq!(refused::<Window>("named"), said("named", "`named` needs a value", "write `named: …`"));
    assert_eq!(refused::<Window>("always: now"), said("now", "`always` takes no value", "write `always` alone"));
    assert_eq!(refused::<Window>("between: [a]"), said("[a]", "expected a list of 2, found a list of 1", ""));
    assert_eq!(refused::<Window>("on-days: {}"), said("{}", "key `days` is missing", "add `days: …`"));
    assert_eq!(
        refused::<Window>("{always: , named: x}").1,
        "expected one of `always`, `named`, `between`, `on-days`, found a mapping with 2 keys"
    );
    assert_eq!(refused::<Window>("[always]").1, "expected one of `always`, `named`, `between`, `on-days`, found a list");
}

#[test]
fn forms_without_a_name_are_told_apart_by_their_shape() {
    assert_eq!(read::<OneOrMany>("a").unwrap(), OneOrMany::One("a".to_owned()));
    assert_eq!(read::<OneOrMany>("22:00").unwrap(), OneOrMany::One("22:00".to_owned()));
    assert_eq!(read::<OneOrMany>("[a, b]").unwrap(), OneOrMany::Many(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(read::<OneOrMany>("count: 3").unwrap(), OneOrMany::Counted { count: 3 });
    let problem = refused::<Vec<OneOrMany>>("- a\n- {cuont: 3}\n");
    assert_eq!(problem, said("{cuont: 3}", "this has none of the forms that are known here", ""));
}

#[test]
fn variants_named_by_a_key_and_flattened_structs_work() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Who {
        User { login: String },
        Team { slug: String, members: u32 },
    }
    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        #[serde(flatten)]
        who: Who,
        note: Option<String>,
    }
    let outer: Outer = read("kind: team\nslug: platform\nmembers: 4\n").unwrap();
    assert_eq!(outer, Outer { who: Who::Team { slug: "platform".to_owned(), members: 4 }, note: None });
    assert_eq!(refused::<Who>("{kind: usr}").1, "unknown value `usr`");
}

#[test]
fn a_complaint_of_our_own_type_stands_at_its_value() {
    #[derive(Debug, Deserialize)]
    #[serde(try_from = "String")]
    struct Hour;
    impl TryFrom<String> for Hour {
        type Error = String;
        fn try_from(text: String) -> Result<Self, String> {
            Err(format!("`{text}` is not a time of day"))
        }
    }
    assert_eq!(refused::<Vec<Hour>>("[25:00]\n"), said("25:00", "`25:00` is not a time of day", ""));
}

#[test]
fn a_key_written_under_two_names_is_refused() {
    #[derive(Debug, Deserialize)]
    struct Both {
        #[serde(alias = "colour", rename = "color")]
        _color: String,
    }
    assert_eq!(refused::<Both>("color: a\ncolour: b\n").1, "key `color` is written twice, once under another name");
}

#[test]
fn a_value_can_remember_where_it_stands() {
    #[derive(Debug, Deserialize)]
    struct Policy {
        roles: Vec<Spanned<String>>,
        rule: Option<Spanned<Rule>>,
    }
    let text = "roles: [admin, 'on call']\nrule: {name: a}\n";
    let policy: Policy = read(text).unwrap();
    let at: Vec<_> =
        policy.roles.iter().map(|role| (role.value.as_str(), &text[role.span.start as usize..role.span.end as usize])).collect();
    assert_eq!(at, [("admin", "admin"), ("on call", "'on call'")]);
    assert_eq!(policy.rule.unwrap().span.start, 32);
    assert_eq!(refused::<Policy>("roles: [[a]]\n"), said("[a]", "expected a string, found a list", ""));
    assert_eq!(Spanned { value: 1, span: policy.roles[0].span }, Spanned { value: 1, ..Spanned::default() });
}

#[test]
fn no_message_names_a_type_of_ours() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "read only to fail")]
    struct Odd {
        unit: Option<()>,
        pair: Option<(u8, String)>,
        letter: Option<char>,
        rule: Option<OneOrMany>,
        nested: Option<Rule>,
    }
    let cases =
        ["unit: 1", "pair: 1", "pair: [1]", "pair: [a, b]", "letter: ab", "rule: {a: b}", "nested: []", "nested: {name: {}}", "- 1"];
    for text in cases {
        let problem = read::<Odd>(text).unwrap_err();
        for name in ["Odd", "Rule", "OneOrMany", "struct", "enum", "variant", "tuple", "u8", "::", "sequence", "Option"] {
            assert!(!problem.message.contains(name), "{text}: {problem:?}");
        }
    }
}

#[test]
fn a_facts_file_in_json_is_read_the_same_way() {
    let text = br#"{"name": "prod", "approvals": 2, "window": {"between": ["22:00", "06:00"]}, "labels": ["a"]}"#;
    let file = parse("facts.json", text, Syntax::Json, &Bounds::default()).unwrap();
    let rule: Rule = from_node(&file.documents[0]).unwrap();
    assert_eq!((rule.approvals, rule.window), (2, Some(Window::Between("22:00".to_owned(), "06:00".to_owned()))));
}
