//! Conditions against the shortest reading of their documentation, which knows no atom, no class and no formula.

use super::witness::Sent;
use super::{Clause, Condition, Variables};
use crate::access::{Budget, Formula, Formulas, Literal, Variable};
use proptest::prelude::*;
use std::collections::BTreeMap;

type Context = BTreeMap<String, Vec<String>>;

/// One operator, one key, its values.
#[derive(Clone, Debug)]
struct Written {
    operator: String,
    key: &'static str,
    values: Vec<&'static str>,
}

mod naive {
    use super::{Context, Written};

    pub fn holds(written: &Written, context: &Context) -> bool {
        let sent = context.get(written.key).map(Vec::as_slice).unwrap_or_default();
        let (quantifier, operator) = written.operator.split_once(':').unwrap_or(("", &written.operator));
        let (operator, if_exists) = operator.strip_suffix("IfExists").map_or((operator, false), |operator| (operator, true));
        if operator == "Null" {
            return written.values.iter().any(|value| (*value == "true") == sent.is_empty());
        }
        let negated = operator.contains("Not");
        let positive = operator.replace("Not", "");
        let username = context.get("aws:username").and_then(|values| values.first());
        let one = |value: &String| written.values.iter().any(|policy| passes(&positive, policy, value, username)) != negated;
        let met = match quantifier {
            "ForAllValues" => sent.iter().all(one),
            "ForAnyValue" => sent.iter().any(one),
            _ => sent.first().map_or(negated, one),
        };
        // That `ForAnyValue` heeds it is a question of its own, here answered with no.
        met || (if_exists && sent.is_empty() && quantifier != "ForAnyValue")
    }

    fn passes(operator: &str, policy: &str, value: &str, username: Option<&String>) -> bool {
        let policy = match (policy.contains("${aws:username}"), username) {
            (false, _) => policy.to_owned(),
            (true, None) => return false,
            (true, Some(name)) => policy.replace("${aws:username}", name),
        };
        let compared = || -> Option<std::cmp::Ordering> {
            let number = |text: &str| text.parse::<f64>().ok();
            let date = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
            if operator.starts_with("Date") {
                Some(date(value)?.cmp(&date(&policy)?))
            } else {
                number(value)?.partial_cmp(&number(&policy)?)
            }
        };
        match operator {
            "StringEquals" => policy == value,
            "StringEqualsIgnoreCase" | "Bool" => policy.to_lowercase() == value.to_lowercase(),
            "StringLike" => like(&policy, value),
            "ArnEquals" | "ArnLike" => {
                let (policy, value): (Vec<&str>, Vec<&str>) = (policy.splitn(6, ':').collect(), value.splitn(6, ':').collect());
                value.len() == 6 && policy.iter().zip(&value).all(|(policy, value)| like(policy, value))
            }
            "IpAddress" => {
                let (network, bits) = policy.split_once('/').unwrap_or((&policy, "32"));
                let number = |text: &str| text.parse::<std::net::Ipv4Addr>().ok().map(u32::from).map(u64::from);
                let shift = 32 - bits.parse::<u32>().unwrap();
                number(value).is_some_and(|value| value >> shift == number(network).unwrap() >> shift)
            }
            _ if operator.ends_with("LessThan") => compared().is_some_and(std::cmp::Ordering::is_lt),
            _ if operator.ends_with("LessThanEquals") => compared().is_some_and(std::cmp::Ordering::is_le),
            _ if operator.ends_with("GreaterThan") => compared().is_some_and(std::cmp::Ordering::is_gt),
            _ if operator.ends_with("GreaterThanEquals") => compared().is_some_and(std::cmp::Ordering::is_ge),
            _ => compared().is_some_and(std::cmp::Ordering::is_eq),
        }
    }

    fn like(pattern: &str, text: &str) -> bool {
        match (pattern.chars().next(), text.chars().next()) {
            (None, first) => first.is_none(),
            (Some('*'), first) => like(&pattern[1..], text) || first.is_some_and(|c| like(pattern, &text[c.len_utf8()..])),
            (Some('?'), Some(c)) => like(&pattern[1..], &text[c.len_utf8()..]),
            (Some(p), Some(c)) => p == c && like(&pattern[p.len_utf8()..], &text[c.len_utf8()..]),
            (Some(_), None) => false,
        }
    }
}

/// Operators and policy values that meet each other, and values of requests near all of them.
#[derive(Debug)]
struct World {
    key: &'static str,
    operators: &'static [&'static str],
    policy: &'static [&'static str],
    sent: &'static [&'static str],
}

const TEXTS: World = World {
    key: "aws:PrincipalTag/a",
    operators: &[
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "Bool",
    ],
    policy: &["true", "True", "t*", "*e", "t?ue", "*", "ab", "a*", "a?", "?*", "a*b", "*T*"],
    sent: &["true", "True", "TRUE", "tRue", "tue", "false", "ab", "a", "aab", "b", "x", "axb", "te"],
};
const VARIABLES: World = World {
    key: "aws:PrincipalTag/a",
    operators: &["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"],
    policy: &["${aws:username}", "a${aws:username}", "a*", "ab", "b", "${aws:username}*", "?"],
    sent: &["a", "ab", "b", "abb", "x", "ax", "aab"],
};
const ARNS: World = World {
    key: "aws:SourceArn",
    operators: &["ArnLike", "ArnNotLike", "ArnEquals", "StringLike", "StringEquals", "StringNotEquals"],
    policy: &["arn:aws:s3:::a", "arn:aws:s3:::*", "arn:aws:*:::a", "arn:aws:s?:::a*", "arn:*:s3:*:*:b:*", "arn:aws:s3:*:*:*"],
    sent: &[
        "arn:aws:s3:::a",
        "arn:aws:s3:::b",
        "arn:aws:s4:::a",
        "arn:aws:s3:::b:c",
        "arn:aws:s3:x:1:b:c",
        "arn:aws:sns:::a",
        "arn:x",
        "y",
    ],
};
const NUMBERS: World = World {
    key: "s3:max-keys",
    operators: &[
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThan",
        "NumericLessThanEquals",
        "NumericGreaterThan",
        "NumericGreaterThanEquals",
    ],
    policy: &["5", "5.0", "6", "6.5", "-1", "100"],
    sent: &["5", "5.5", "6", "6.25", "6.5", "7", "-1", "-2", "0", "100", "101", "nan?"],
};
const DATES: World = World {
    key: "aws:CurrentTime",
    operators: &["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"],
    policy: &["2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:01Z", "2027-06-01T00:00:00Z"],
    sent: &[
        "2025-12-31T23:59:59Z",
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.5Z",
        "2026-01-01T00:00:01Z",
        "2026-06-01T00:00:00Z",
        "2027-06-01T00:00:00Z",
        "2028-06-01T00:00:00Z",
    ],
};
const NETWORKS: World = World {
    key: "aws:SourceIp",
    operators: &["IpAddress", "NotIpAddress"],
    policy: &["10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9", "10.1.2.3", "10.1.2.3/32", "0.0.0.0/0", "192.168.0.0/31", "192.168.0.1"],
    sent: &["10.0.0.1", "10.1.2.3", "10.200.0.1", "11.0.0.1", "192.168.0.0", "192.168.0.1", "x"],
};
const ALL: [&World; 6] = [&TEXTS, &VARIABLES, &ARNS, &NUMBERS, &DATES, &NETWORKS];

fn written(world: &'static World) -> impl Strategy<Value = Written> {
    let quantifier = prop::sample::select(vec!["", "", "ForAnyValue:", "ForAllValues:"]);
    let suffix = prop::sample::select(vec!["", "", "IfExists"]);
    let values = prop::collection::vec(prop::sample::select(world.policy), 1..4);
    let compared =
        (quantifier, prop::sample::select(world.operators), suffix, values).prop_map(move |(quantifier, operator, suffix, values)| {
            let is_boolean = |value: &&str| value.eq_ignore_ascii_case("true");
            let values: Vec<&str> =
                if operator == "Bool" { values.into_iter().filter(is_boolean).chain(["false"]).collect() } else { values };
            Written { operator: format!("{quantifier}{operator}{suffix}"), key: world.key, values }
        });
    let null = prop::sample::select(vec!["true", "false"]).prop_map(move |value| Written {
        operator: "Null".to_owned(),
        key: world.key,
        values: vec![value],
    });
    prop_oneof![8 => compared, 1 => null]
}

/// Some conditions about one key, and what is sent for it: one value, some, or none.
fn scene() -> impl Strategy<Value = (Vec<Written>, Context)> {
    prop::sample::select(ALL.to_vec()).prop_flat_map(|world| {
        let sent = prop::collection::vec(prop::sample::select(world.sent), 0..4);
        let username = prop::option::of(prop::sample::select(vec!["b", "a", "x"]));
        (prop::collection::vec(written(world), 1..5), sent, username).prop_map(|(written, mut sent, username)| {
            // A comparison of one value is about keys that have one.
            if written.iter().any(|written| !written.operator.contains(':') && written.operator != "Null") {
                sent.truncate(1);
            }
            let keys = [(written[0].key, sent), ("aws:username", username.into_iter().collect())];
            let context = keys.into_iter().map(|(key, values)| (key.to_owned(), values.into_iter().map(ToOwned::to_owned).collect()));
            (written, context.collect())
        })
    })
}

fn condition(written: &Written) -> Condition {
    Condition::new(vec![Clause::new(&written.operator, written.key, written.values.iter().map(ToString::to_string))])
}

fn variables(conditions: &[Condition]) -> Variables {
    Variables::new(conditions.iter())
}

/// The value of a formula where this is true.
fn holds(formulas: &mut Formulas, formula: Formula, literals: &[Literal]) -> bool {
    literals.iter().fold(formula, |formula, literal| formulas.given(formula, *literal).unwrap()) == Formula::TRUE
}

/// Every atom as the context makes it; an atom that the context does not decide is false.
fn literals(variables: &Variables, context: &Context) -> Vec<Literal> {
    let folded: Context = context.iter().map(|(key, values)| (key.to_ascii_lowercase(), values.clone())).collect();
    let sent = |key: &str| folded.get(key).and_then(|values| values.first().cloned());
    let truth = |number: u32| {
        let atom = variables.atom(Variable(number))?;
        let values = folded.get(atom.key().unwrap_or_default()).cloned().unwrap_or_default();
        Some((Variable(number), atom.is_true_of(&values, &sent).unwrap_or(false)))
    };
    (0..).map_while(truth).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    /// What the atoms are together is what the documentation says.
    #[test]
    fn a_condition_holds_where_its_documentation_says_so((written, context) in scene()) {
        let conditions: Vec<Condition> = written.iter().map(condition).collect();
        let variables = variables(&conditions);
        let literals = literals(&variables, &context);
        let mut formulas = Formulas::new(Budget::default());
        for (written, condition) in written.iter().zip(&conditions) {
            let formula = condition.formula(&variables, &mut formulas).unwrap();
            prop_assert_eq!(holds(&mut formulas, formula, &literals), naive::holds(written, &context), "{:?} {:?}", written, context);
        }
    }

    /// An axiom that some request breaks would hide what that request gains.
    #[test]
    fn no_request_breaks_an_axiom((written, context) in scene()) {
        let conditions: Vec<Condition> = written.iter().map(condition).collect();
        let variables = variables(&conditions);
        let mut formulas = Formulas::new(Budget::default());
        let axioms = variables.axioms(&mut formulas).unwrap();
        prop_assert!(holds(&mut formulas, axioms, &literals(&variables, &context)), "{:?} {:?}", written, context);
    }

    /// Whatever the axioms let be can be sent.
    #[test]
    fn what_is_possible_has_a_witness((mut written, _) in scene(), wanted in any::<u8>()) {
        // Of a key that is compared both ways one value is tried first, and that may not do.
        let is_of_set = |written: &Written| written.operator.contains(':') && written.operator != "Null";
        let first = is_of_set(&written[0]);
        written.retain(|written| is_of_set(written) == first || written.operator == "Null");
        let conditions: Vec<Condition> = written.iter().map(condition).collect();
        let variables = variables(&conditions);
        let mut formulas = Formulas::new(Budget::default());
        let mut possible = variables.axioms(&mut formulas).unwrap();
        for (at, condition) in conditions.iter().enumerate() {
            let formula = condition.formula(&variables, &mut formulas).unwrap();
            let formula = if wanted >> at & 1 == 1 { formula } else { formulas.not(formula).unwrap() };
            possible = formulas.and(possible, formula).unwrap();
        }
        prop_assume!(!possible.is_false());
        let Sent { context, facts } = Sent::new(&variables, &variables.model(possible, &mut formulas).unwrap(), "", std::iter::empty());
        // What a policy variable stands for may be what the value is compared with besides, which nobody sees before it is known.
        let has_variables = written.iter().any(|written| written.values.iter().any(|value| value.contains("${")));
        prop_assert!(facts.is_empty() || has_variables || facts.contains_key("ForAnyValue heeds IfExists"), "{:?} {:?} {:?}", written, context, facts);
        for (at, written) in written.iter().enumerate().filter(|_| facts.is_empty()) {
            prop_assert_eq!(naive::holds(written, &context), wanted >> at & 1 == 1, "{:?} {:?}", written, context);
        }
    }
}

fn clause(operator: &str, key: &str, values: &[&str]) -> Condition {
    Condition::new(vec![Clause::new(operator, key, values.iter().map(ToString::to_string))])
}

/// Whether the first implies the second in every request.
fn implies(one: &Condition, other: &Condition) -> bool {
    let variables = variables(&[one.clone(), other.clone()]);
    let mut formulas = Formulas::new(Budget::default());
    let axioms = variables.axioms(&mut formulas).unwrap();
    let (one, other) = (one.formula(&variables, &mut formulas).unwrap(), other.formula(&variables, &mut formulas).unwrap());
    let broken = formulas.without(one, other).unwrap();
    formulas.and(broken, axioms).unwrap().is_false()
}

/// Held together in one line: operator, value, operator, value.
fn within(one: (&str, &[&str]), other: (&str, &[&str])) -> bool {
    implies(&clause(one.0, "aws:x", one.1), &clause(other.0, "aws:x", other.1))
}

#[test]
fn every_operator_is_related_to_those_of_its_family() {
    assert!(within(("StringEquals", &["a"]), ("StringLike", &["a*", "b"])));
    assert!(within(("StringLike", &["a", "b"]), ("StringEquals", &["b", "a"])));
    assert!(within(("Null", &["false"]), ("StringLike", &["*"])));
    assert!(within(("StringEquals", &["a"]), ("StringNotEquals", &["b"])));
    assert!(within(("StringEquals", &["A"]), ("StringEqualsIgnoreCase", &["a"])));
    assert!(!within(("StringEqualsIgnoreCase", &["a"]), ("StringEquals", &["a"])));
    assert!(within(("StringEqualsIgnoreCase", &["a"]), ("StringEquals", &["a", "A"])));
    assert!(within(("Bool", &["TRUE"]), ("Bool", &["true"])));
    assert!(within(("ArnLike", &["arn:aws:s3:::a*"]), ("StringLike", &["arn:*"])));
    assert!(!within(("StringLike", &["arn:aws:*:::a"]), ("ArnLike", &["arn:aws:*:::a"])));
    assert!(within(("ArnEquals", &["arn:aws:s3:::a"]), ("StringEquals", &["arn:aws:s3:::a"])));
    assert!(within(("NumericLessThan", &["5"]), ("NumericLessThanEquals", &["5.0"])));
    assert!(within(("NumericEquals", &["7"]), ("NumericGreaterThan", &["6.5"])));
    assert!(within(("DateLessThan", &["1767225600"]), ("DateLessThan", &["2026-01-01"])));
    assert!(within(("IpAddress", &["10.0.0.0/8"]), ("IpAddress", &["10.0.0.0/9", "10.128.0.0/9"])));
    assert!(!within(("IpAddress", &["10.0.0.1"]), ("IpAddress", &["::/0"])));
}

#[test]
fn of_sets_of_values_it_is_known_what_they_may_hold() {
    assert!(within(("ForAllValues:StringEquals", &["a"]), ("ForAllValues:StringLike", &["a*"])));
    assert!(!within(("ForAllValues:StringEquals", &["a"]), ("ForAnyValue:StringEquals", &["a"])));
    assert!(within(("ForAnyValue:StringEquals", &["a"]), ("Null", &["false"])));
    assert!(within(("Null", &["true"]), ("ForAllValues:StringEquals", &["a"])));
    assert!(within(("ForAllValues:StringEquals", &["a"]), ("ForAllValues:StringNotEquals", &["b"])));
    assert!(within(("ForAnyValue:StringNotLike", &["a*"]), ("ForAnyValue:StringNotEquals", &["a"])));
}

#[test]
fn whether_for_any_value_heeds_if_exists_is_not_known() {
    let (plain, if_exists) = (("ForAnyValue:StringEquals", &["a"][..]), ("ForAnyValue:StringEqualsIfExists", &["a"][..]));
    assert!(within(plain, if_exists) && !within(if_exists, plain));
    assert!(!within(("Null", &["true"]), if_exists));
}

#[test]
fn a_key_with_arns_is_sent_an_arn() {
    let condition = clause("ForAnyValue:ArnNotLike", "aws:PrincipalArn", &["arn:aws:iam::*:role/ci-*"]);
    let variables = variables(std::slice::from_ref(&condition));
    let mut formulas = Formulas::new(Budget::default());
    let formula = condition.formula(&variables, &mut formulas).unwrap();
    let Sent { context, .. } = Sent::new(&variables, &variables.model(formula, &mut formulas).unwrap(), "", std::iter::empty());
    assert_eq!(context["aws:PrincipalArn"], ["arn:x:x:x:x:x"]);
}

#[test]
fn a_condition_without_a_value_is_equal_only_to_itself() {
    assert!(!within(("StringEquals", &[]), ("StringEquals", &["a"])));
    assert!(!within(("Null", &["true"]), ("StringNotEquals", &[])));
    assert_eq!(Clause::doubt("StringEquals", "aws:x", &[]), Some(super::Doubt::NoValue));
}

#[test]
fn a_key_that_is_compared_both_ways_is_shown_with_one_value() {
    let conditions = [clause("StringLike", "aws:x", &["a*"]), clause("ForAllValues:StringEquals", "aws:x", &["ab", "c"])];
    let variables = variables(&conditions);
    let mut formulas = Formulas::new(Budget::default());
    let axioms = variables.axioms(&mut formulas).unwrap();
    let all = conditions.iter().fold(axioms, |all, condition| {
        let one = condition.formula(&variables, &mut formulas).unwrap();
        formulas.and(all, one).unwrap()
    });
    let Sent { context, facts } = Sent::new(&variables, &variables.model(all, &mut formulas).unwrap(), "", std::iter::empty());
    assert_eq!((context["aws:x"].as_slice(), facts.len()), (&["ab".to_owned()][..], 0));
}

#[test]
fn a_policy_variable_may_be_anything() {
    assert!(within(("StringEquals", &["a${aws:username}"]), ("StringLike", &["a*"])));
    assert!(!within(("StringEquals", &["${aws:username}"]), ("StringNotEquals", &["bob"])));
    assert!(!within(("StringEquals", &["${aws:username}"]), ("StringEquals", &["${aws:userid}"])));
    assert!(within(("StringEquals", &["${*}"]), ("StringNotEquals", &["a"])));
}

#[test]
fn what_nobody_can_compare_is_equal_only_to_itself() {
    for (operator, value) in [
        ("StringResembles", "a"),
        ("NumericEquals", "abc"),
        ("DateLessThan", "tomorrow"),
        ("DateLessThan", "2026"),
        ("IpAddress", "10.0.0.0/33"),
        ("ArnLike", "*"),
        ("Bool", "perhaps"),
        ("NullIfExists", "true"),
    ] {
        assert!(within((operator, &[value]), (operator, &[value])), "{operator} {value}");
        assert!(!within((operator, &[value]), ("Null", &["false"])), "{operator} {value}");
        assert!(!within((operator, &[value, "1"]), (operator, &[value])), "{operator} {value}");
        assert!(!within((operator, &[value]), (operator, &[value, "1"])), "{operator} {value}");
        assert!(Clause::doubt(operator, "aws:x", &["true".to_owned(), value.to_owned()]).is_some(), "{operator} {value}");
    }
}

/// A list of accounts may be as long as a policy.
#[test]
fn a_thousand_values_of_one_key_are_related_within_the_budget() {
    let accounts: Vec<String> = (0..1_000).map(|account| format!("{account:012}")).collect();
    let list = |accounts: &[String]| Condition::new(vec![Clause::new("StringEquals", "aws:PrincipalAccount", accounts.iter().cloned())]);
    let (fewer, all) = (list(&accounts[1..]), list(&accounts));
    let variables = variables(&[fewer.clone(), all.clone()]);
    let mut formulas = Formulas::new(Budget::default());
    let axioms = variables.axioms(&mut formulas).unwrap();
    let (fewer, all) = (fewer.formula(&variables, &mut formulas).unwrap(), all.formula(&variables, &mut formulas).unwrap());
    let more = formulas.without(all, fewer).unwrap();
    let more = formulas.and(more, axioms).unwrap();
    assert_eq!(formulas.cover_given(more, axioms).unwrap().len(), 1);
    let Sent { context, facts } = Sent::new(&variables, &variables.model(more, &mut formulas).unwrap(), "", std::iter::empty());
    assert_eq!((context["aws:PrincipalAccount"].as_slice(), facts.len()), (&accounts[..1], 0));
    assert_eq!(formulas.cover_given(all, axioms).unwrap().len(), 1_000);
}
