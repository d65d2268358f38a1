//! What rules can say besides whom they ask: how a change is proposed, how long access lasts, who has what together.

use super::*;

fn ends(end: &str) -> Entry {
    gain_by(|entry| entry.region.expires = Some(end.to_owned()))
}

fn rule(text: &str) -> String {
    format!("{{ name: r, {text} }}")
}

/// A gain by a rule with this `if`, and what comes of it for a rule that requires, denies and allows.
#[track_caller]
fn circumstances(condition: &str, facts: impl Fn(&mut Proposal), [require, deny, allow]: [u8; 3]) {
    for (effect, code) in [("require: { approvals: [{ from: security }] }", require), ("deny: 'no'", deny)] {
        let asking = rule(&format!("when: {{ gains: {{}} }}, if: {condition}, {effect}"));
        let case = Case::by(&[&asking, FREE], vec![gain()]).facts(&facts);
        assert_eq!(case.decide().exit_code(), code, "{condition} {effect} {:#?}", case.decide());
    }
    let allowing = rule(&format!("when: {{ gains: {{}} }}, if: {condition}, allow: true"));
    let case = Case::by(&[&allowing], vec![gain()]).facts(&facts);
    assert_eq!(case.decide().exit_code(), allow, "{condition} allow {:#?}", case.decide());
}

const HOLDS: [u8; 3] = [FOR_APPROVAL, DENIED, AUTHORIZED];
const HOLDS_NOT: [u8; 3] = [AUTHORIZED, AUTHORIZED, DENIED];
/// What asks applies, what allows does not.
const IS_DOUBTFUL: [u8; 3] = [FOR_APPROVAL, DENIED, DENIED];
const IS_UNKNOWN: [u8; 3] = [FOR_APPROVAL, UNDECIDABLE, UNDECIDABLE];

#[test]
fn a_rule_may_ask_what_kind_of_account_proposed_the_change() {
    let by = |kind| move |facts: &mut Proposal| facts.author_kind = kind;
    circumstances("{ author-kind: [bot, app] }", by(AccountKind::App), HOLDS);
    circumstances("{ author-kind: [bot, app] }", by(AccountKind::User), HOLDS_NOT);
    circumstances("{ author-kind: [user] }", by(AccountKind::User), HOLDS);
    circumstances("{ author-kind: [user] }", by(AccountKind::Bot), HOLDS_NOT);
}

/// Whoever may push to the branch of a bot is no bot for that.
#[test]
fn a_change_that_a_bot_opened_and_somebody_else_wrote_is_not_a_bots() {
    let pushed = |facts: &mut Proposal| {
        facts.author_kind = AccountKind::Bot;
        facts.contributors = Some(vec![facts.author.clone(), person(DAVE)]);
    };
    circumstances("{ author-kind: [bot, app] }", pushed, IS_DOUBTFUL);
    circumstances("{ author-kind: [user] }", pushed, IS_DOUBTFUL);
    circumstances("{ author-kind: [user, bot] }", pushed, HOLDS);
    let alone = |facts: &mut Proposal| (facts.author_kind, facts.contributors) = (AccountKind::Bot, Some(vec![facts.author.clone()]));
    circumstances("{ author-kind: [bot] }", alone, HOLDS);
    let unknown = |facts: &mut Proposal| (facts.author_kind, facts.contributors) = (AccountKind::Bot, None);
    let allowing = rule("when: { gains: {} }, if: { author-kind: [bot] }, allow: true");
    let case = Case::by(&[&allowing], vec![gain()]).facts(unknown);
    case.says(UNDECIDABLE, "it is not known what kind of account proposed the change, and who wrote it");
}

#[test]
fn a_rule_may_ask_for_a_label() {
    let labels = |labels: Option<&[&str]>| {
        let labels: Option<Vec<String>> = labels.map(|labels| labels.iter().map(|label| (*label).to_owned()).collect());
        move |facts: &mut Proposal| facts.labels.clone_from(&labels)
    };
    circumstances("{ labelled: [a, b] }", labels(Some(&["b", "c"])), HOLDS);
    circumstances("{ labelled: [a, b] }", labels(Some(&["c"])), HOLDS_NOT);
    circumstances("{ labelled: [a, b] }", labels(None), IS_UNKNOWN);
}

#[test]
fn a_rule_may_ask_where_a_deployment_goes() {
    let to = |name: Option<&'static str>| move |facts: &mut Proposal| facts.environment = name.map(ToOwned::to_owned);
    circumstances("{ deployed-to: [production] }", to(Some("production")), HOLDS);
    circumstances("{ deployed-to: [production] }", to(Some("Production")), HOLDS);
    circumstances("{ deployed-to: [production] }", to(Some("staging")), HOLDS_NOT);
    circumstances("{ deployed-to: [production] }", to(None), IS_UNKNOWN);
}

#[test]
fn a_rule_may_ask_how_often_access_was_prolonged() {
    let times = |times| move |facts: &mut Proposal| facts.renewals = times;
    circumstances("{ renewed: 2 }", times(Some(2)), HOLDS);
    circumstances("{ renewed: 2 }", times(Some(1)), HOLDS_NOT);
    circumstances("{ renewed: 2 }", times(None), IS_UNKNOWN);
}

#[test]
fn all_that_an_if_says_has_to_hold() {
    let both = "{ author-kind: [user], labelled: [a] }";
    circumstances(both, |facts| facts.labels = Some(vec!["a".to_owned()]), HOLDS);
    circumstances(both, |facts| facts.labels = Some(Vec::new()), HOLDS_NOT);
    // What surely does not hold needs no other fact.
    let other = "{ author-kind: [bot], labelled: [a] }";
    circumstances(other, |facts| facts.labels = None, HOLDS_NOT);
}

#[test]
fn what_nobody_knows_is_named_and_not_taken_for_a_gap_in_the_policy() {
    let allowing = rule("when: { gains: {} }, if: { labelled: [a] }, allow: true");
    let case = Case::by(&[&allowing], vec![gain()]).facts(|facts| facts.labels = None);
    case.says(UNDECIDABLE, "it is not known which labels the change request carries, and without that no rule is about this gain");
    assert_eq!(case.decide().silent[0].reason, "it is not known which labels the change request carries");
    let denying = rule("when: { gains: {} }, if: { labelled: [a] }, deny: 'no'");
    let case = Case::by(&[&denying, FREE], vec![gain()]).with(|case| case.proposal = None);
    case.says(UNDECIDABLE, "it is not known which labels the change request carries, and by that this may be denied: `role/app`");
}

/// Why there is no verdict of the first rule.
fn silence(first: &str, change: Entry, facts: impl FnOnce(&mut Proposal)) -> String {
    let case = Case::by(&[first, FREE], vec![change]).facts(facts);
    case.decide().silent.into_iter().find(|silent| silent.rule.starts_with("it may")).unwrap().reason
}

#[test]
fn a_rule_that_says_nothing_is_listed_with_the_reason() {
    let told = |what: &str, change: Entry, facts: fn(&mut Proposal)| silence(&format!("{{ name: it may matter, {what} }}"), change, facts);
    let no_labels = |facts: &mut Proposal| facts.labels = None;
    let pushed = |facts: &mut Proposal| (facts.author_kind, facts.contributors) = (AccountKind::Bot, Some(vec![person(DAVE)]));
    let nothing = |_: &mut Proposal| ();
    let about = "no part of the change is what it is about";
    assert_eq!(told("when: { loses: {} }, deny: 'no'", gain(), nothing), about);
    assert_eq!(told("when: { loses: {} }, if: { labelled: [a] }, deny: 'no'", gain(), no_labels), about);
    let in_two_places = gain_by(|entry| entry.region.origins.head.extend([at("dev/app.json")]));
    let wholly = "no part of the change is wholly what it is about";
    assert_eq!(told("when: { gains: { paths: ['dev/**'] } }, allow: true", in_two_places, nothing), wholly);
    let proposed = "the change is not proposed as its `if` says";
    assert_eq!(told("when: { gains: {} }, if: { author-kind: [bot] }, deny: 'no'", gain(), nothing), proposed);
    let labels = "it is not known which labels the change request carries";
    assert_eq!(told("when: { gains: {} }, if: { labelled: [a] }, allow: true", gain(), no_labels), labels);
    let perhaps = "the change is only perhaps proposed as its `if` says";
    assert_eq!(told("when: { gains: {} }, if: { author-kind: [bot] }, allow: true", gain(), pushed), perhaps);
}

#[test]
fn needs_ask_for_the_change_request_where_a_rule_hangs_on_it() {
    let rule = rule("when: { gains: { realm: prod } }, if: { author-kind: [bot] }, deny: 'no'");
    assert!(needs(&Case::by(&[&rule, FREE], vec![gain()]).question()).proposal());
    let elsewhere = gain_by(|entry| entry.region.realm = "dev".into());
    for asks in ["author-kind: [bot]", "labelled: [a]", "deployed-to: [production]", "renewed: 1"] {
        let alone = format!("{{ name: alone, when: {{ gains: {{}} }}, if: {{ {asks} }}, deny: 'no' }}");
        assert!(needs(&Case::by(&[&alone, FREE], vec![gain()]).question()).proposal(), "{asks}");
    }
    for asks in ["ticket: 'OPS-#'", "reason: true", "labels: [a]", "approvals: [{ from: security }]"] {
        let alone = format!("{{ name: alone, when: {{ gains: {{}} }}, require: {{ {asks} }} }}");
        assert!(needs(&Case::by(&[&alone, FREE], vec![gain()]).question()).proposal(), "{asks}");
    }
    assert!(!needs(&Case::by(&[OFFICE, FREE], vec![gain()]).question()).proposal(), "a window is no fact of a forge");
    assert!(!needs(&Case::by(&[&rule, FREE], vec![elsewhere]).question()).proposal());
}

#[test]
fn a_rule_may_be_about_access_that_lasts_longer() {
    let long = rule("when: { gains: { longer-than: 30d } }, deny: too long");
    let lasts = |entry: Entry| Case::by(&[&long, FREE], vec![entry]).decide().exit_code();
    // It is noon on the 24th.
    for (end, code) in [
        ("2026-12-24T12:00:00Z", AUTHORIZED),
        ("2026-12-24T12:00:01Z", DENIED),
        ("2026-12-24T13:00:00+01:00", AUTHORIZED),
        ("2026-12-24", AUTHORIZED),
        ("2026-12-25", DENIED),
        ("soon", DENIED),
    ] {
        assert_eq!(lasts(ends(end)), code, "{end}");
    }
    assert_eq!(lasts(gain()), DENIED, "it never ends");
    let free = rule("when: { gains: { longer-than: 30d } }, allow: true");
    assert_eq!(Case::by(&[&free], vec![ends("soon")]).decide().exit_code(), DENIED, "nobody can read when it ends");
    assert_eq!(Case::by(&[&free], vec![gain()]).decide().exit_code(), AUTHORIZED);
    let opaque = rule("when: { undecided: { longer-than: 30d } }, deny: 'no'");
    Case::by(&[&opaque], vec![unreadable("prod/a.json")]).says(DENIED, "no: ");
}

#[test]
fn access_may_be_required_to_end() {
    let rule = rule("when: { gains: {}, undecided: {}, loses: {}, over-ceiling: true }, require: { max-duration: 30d }");
    let case = |entries: Vec<Entry>| Case::by(&[&rule], entries);
    case(vec![ends("2026-12-24T12:00:00Z"), loss()]).says(AUTHORIZED, "all of it ends within 30 days");
    case(vec![ends("2026-12-24T12:00:01Z")]).says(DENIED, "nothing ends this within 30 days: `role/app`: `s3:GetObject`");
    case(vec![gain()]).says(DENIED, "Let what is gained end by 2026-12-24T12:00:00Z, by a condition that ends it.");
    case(vec![ends("soon")]).is(DENIED);
    case(vec![unreadable("prod/a.json")]).is(DENIED);
    let over = |entry: Entry| case(vec![ends("2026-12-01")]).with(|case| case.over = vec![case.policy.ceilings()[0].over(vec![entry])]);
    let of = |end: Option<&str>| {
        gain_by(|entry| {
            entry.region.holder = "role/deploy".into();
            entry.region.expires = end.map(ToOwned::to_owned);
        })
    };
    over(of(None)).is(DENIED);
    over(of(Some("2026-12-01"))).is(AUTHORIZED);
}

#[test]
fn a_ticket_may_be_required() {
    let rule = rule("when: { gains: {} }, require: { ticket: 'OPS-#' }");
    let case = |title: Option<&str>, description: Option<&str>| {
        Case::by(&[&rule], vec![gain()]).facts(|facts| {
            facts.title = title.map(ToOwned::to_owned);
            facts.description = description.map(ToOwned::to_owned);
        })
    };
    case(Some("OPS-7: read"), None).says(AUTHORIZED, "ticket `OPS-7`");
    case(None, Some("for OPS-12.")).is(AUTHORIZED);
    case(Some("read"), Some("")).says(FOR_APPROVAL, "neither title nor description name a ticket `OPS-#`");
    case(Some("read"), Some("")).says(FOR_APPROVAL, "Name a ticket `OPS-#` in the title or in the description of the change request.");
    case(Some("read"), None).says(UNDECIDABLE, "it is not known what the change request says");
    case(None, Some("")).is(UNDECIDABLE);
    assert!(needs(&case(None, None).question()).proposal());
}

#[test]
fn a_reason_may_be_required() {
    let rule = rule("when: { gains: {} }, require: { reason: true }");
    let case = |text: Option<&str>| Case::by(&[&rule], vec![gain()]).facts(|facts| facts.description = text.map(ToOwned::to_owned));
    case(Some("It reads them.")).says(AUTHORIZED, "the description says why");
    for nothing in ["", " \n", "---", "…"] {
        case(Some(nothing)).says(FOR_APPROVAL, "Say why in the description of the change request.");
    }
    case(None).is(UNDECIDABLE);
    assert!(needs(&case(None).question()).proposal());
}

fn apart() -> Case {
    Case::by(&[FREE, "{ name: apart, when: { holds-both: [keeper, deployer] }, deny: one of them is for somebody else }"], vec![gain()])
}

#[test]
fn two_roles_may_be_kept_apart() {
    apart().is(AUTHORIZED);
    let both = |case: Case| case.with(|case| case.both[0].entries = vec![gain()]);
    let text = "one of them is for somebody else: to somebody who then has something of both `deployer` and `keeper` goes `role/app`";
    both(apart()).says(DENIED, text);
    apart().with(|case| case.both.clear()).says(UNDECIDABLE, "whether somebody comes to have something of both `deployer` and `keeper`");
    apart().with(|case| case.both.clear()).with(|case| case.change = vec![loss()]).is(AUTHORIZED);
}

#[test]
fn a_family_of_reasons_stands_for_each_of_them() {
    let known = Known { reasons: REASONS, ..KNOWN };
    let text = format!("{PEOPLE}rules: [{{ name: r, when: {{ gains: {{ reasons: [escalation] }} }}, deny: 'no' }}, {FREE}]");
    let file = yaml("countersign.yml", &text);
    let policy = Draft::read(&file).unwrap().check(None, &known).policy.unwrap();
    for (reason, code) in [("bind", DENIED), ("privilege-escalation", DENIED), ("public", AUTHORIZED)] {
        let entry = gain_by(|entry| entry.region.reasons = BTreeSet::from([reason]));
        assert_eq!(Case::of(policy.clone(), vec![entry]).decide().exit_code(), code, "{reason}");
    }
    let said = checked(&text.replace("escalation", "escalaton")).diagnostics;
    assert!(said.iter().any(|said| said.help.as_deref().is_some_and(|help| help.contains("did you mean `escalation`"))), "{said:#?}");
}

#[test]
fn what_a_rule_cannot_mean_is_an_error_at_its_place() {
    for (text, expected) in [
        ("when: { gains: {} }, if: {}, allow: true", "this asks for nothing"),
        ("when: { gains: {} }, if: { author-kind: [] }, allow: true", "an empty list matches nothing"),
        ("when: { gains: {} }, if: { author-kind: [human] }, allow: true", "unknown value `human`"),
        ("when: { gains: {} }, if: { labelled: [] }, allow: true", "an empty list matches nothing"),
        ("when: { gains: {} }, if: { renewed: 0 }, allow: true", "everything was prolonged at least 0 times"),
        ("when: { gains: {} }, if: { stage: deplyo }, allow: true", "unknown value `deplyo`"),
        ("when: { gains: {} }, iff: { stage: deploy }, allow: true", "unknown key `iff`"),
        ("when: { gains: { longer-than: 90 } }, allow: true", "`90` is no length of time"),
        ("when: { gains: {} }, require: { max-duration: 1y }", "`1y` is no length of time"),
        ("when: { gains: {} }, require: { ticket: OPS }", "`OPS` is no pattern of a ticket"),
        ("when: { gains: {} }, require: { reason: false }", "`false` asks for nothing"),
        ("when: { holds-both: [deployer] }, deny: 'no'", "two roles are kept apart, and here stand 1"),
        ("when: { holds-both: [deployer, deployer] }, deny: 'no'", "`deployer` is named twice"),
        ("when: { holds-both: [deployer, keper] }, deny: 'no'", "`keper` is no role here"),
        ("when: { gains: {} }, require: { approvals: [{ from: security, not-written-by: [] }] }", "an empty list matches nothing"),
        ("when: { gains: {} }, require: { approvals: [{ from: security, not-written-by: [x] }] }", "`x` is no group here"),
    ] {
        let checked = checked(&format!("{PEOPLE}rules:\n  - {}\n", rule(text)));
        assert!(checked.policy.is_none(), "{text}");
        assert!(checked.diagnostics.iter().any(|said| said.message.contains(expected)), "{text}: {:#?}", checked.diagnostics);
    }
}
