//! Policies of directories: what they add, and what the root hands to them.

use super::*;
use proptest::prelude::*;

/// The people of the tests with these rules, and a policy in `prod/pay` and in `prod`.
fn nested(root: &str, directories: &[(&str, &str)]) -> Checked {
    let root = yaml("countersign.yml", &format!("{PEOPLE}{root}"));
    let files: Vec<(&str, File)> =
        directories.iter().map(|(at, text)| (*at, yaml(&format!("{at}/countersign.yml"), &format!("version: 1\n{text}")))).collect();
    let nested = files.iter().map(|(at, file)| Nested::new((*at).into(), Draft::read(file).unwrap())).collect();
    Draft::read(&root).unwrap().with_nested(nested).check(None, &KNOWN)
}

#[track_caller]
fn sound(root: &str, directories: &[(&str, &str)]) -> Policy {
    let checked = nested(root, directories);
    checked.policy.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

fn rules(rules: &[&str]) -> String {
    format!("rules:\n  - {}\n", rules.join("\n  - "))
}

/// What `role/app` gains in that file.
fn gain_in(path: &str) -> Entry {
    gain_by(|entry| entry.region.origins.head = BTreeSet::from([at(path)]))
}

/// The same, and within the ceiling of the delegation, which is the only filter there is.
fn small_gain_in(path: &str) -> Entry {
    Entry { within: BTreeSet::from([0]), ..gain_in(path) }
}

const DAVE_ASKS: &str = "{ name: pay asks platform, when: { gains: {} }, require: { approvals: [{ from: platform }] } }";
const DELEGATED: &str =
    "delegate: [{ path: prod/pay, to: platform, ceiling: { aws: [{ Effect: Allow, Action: 's3:Get*', Resource: '*' }] } }]\n";

/// With what the ceiling means: here only that there is one.
fn delegated(root: &[&str], pay: &[&str]) -> Policy {
    let pay = rules(pay);
    sound(&format!("{DELEGATED}{}", rules(root)), &[("prod/pay", &pay)]).with_delegated(vec![crate::systems::Access::default()])
}

/// What a team may decide, no other directory decides in its place.
#[test]
fn the_directory_around_a_delegated_one_allows_nothing_in_it() {
    const LOSSES: &str = "{ name: losses, when: { loses: {} }, allow: true }";
    let files = |pay: &str, prod: &str| {
        let root = format!("{DELEGATED}{}", rules(&[SECURITY]));
        let policy = sound(&root, &[("prod/pay", &rules(&[pay])), ("prod", &rules(&[prod]))]);
        Case::of(policy.with_delegated(vec![crate::systems::Access::default()]), vec![small_gain_in("prod/pay/a.json")])
    };
    files(LOSSES, FREE).says(DENIED, "no rule is about this gain");
    files(FREE, LOSSES).is(AUTHORIZED);
    files(FREE, DAVE_ASKS).is(FOR_APPROVAL);
}

#[test]
fn a_directory_adds_its_requirements_to_those_of_the_root() {
    let policy = sound(&rules(&[SECURITY]), &[("prod/pay", &rules(&[DAVE_ASKS]))]);
    let case = |path: &str| Case::of(policy.clone(), vec![gain_in(path)]);
    case("prod/pay/a.json").approved_by(&[BOB]).is(FOR_APPROVAL);
    case("prod/pay/a.json").approved_by(&[BOB, DAVE]).is(AUTHORIZED);
    case("prod/payments/a.json").approved_by(&[BOB]).is(AUTHORIZED);
    case("prod/a.json").approved_by(&[BOB]).is(AUTHORIZED);
}

/// THREATS 12: one person stands in two groups, of two files, and counts once.
#[test]
fn one_person_does_not_serve_two_files() {
    let policy = sound(&rules(&[SECURITY]), &[("prod/pay", &rules(&[DAVE_ASKS]))]);
    let decision = Case::of(policy, vec![gain_in("prod/pay/a.json")]).approved_by(&[CAROL]).is(FOR_APPROVAL);
    assert_eq!(decision.requirements.iter().map(|verdict| verdict.satisfied_by.len()).sum::<usize>(), 1);
}

#[test]
fn what_a_directory_allows_lifts_nothing_and_covers_nothing() {
    let free = rules(&[FREE]);
    Case::of(sound(&rules(&[SECURITY]), &[("prod/pay", &free)]), vec![gain_in("prod/pay/a.json")]).is(FOR_APPROVAL);
    let elsewhere = "{ name: elsewhere, when: { gains: { realm: dev } }, allow: true }";
    for own in [free, rules(&[DAVE_ASKS])] {
        let case = Case::of(sound(&rules(&[elsewhere]), &[("prod/pay", &own)]), vec![gain_in("prod/pay/a.json")]);
        case.approved_by(&[DAVE]).says(DENIED, "no rule is about this gain");
    }
}

#[test]
fn what_stands_in_two_directories_is_asked_about_by_both() {
    let both = gain_by(|entry| entry.region.origins.head = BTreeSet::from([at("prod/pay/a.json"), at("dev/a.json")]));
    let policy = sound(&rules(&[FREE]), &[("prod/pay", &rules(&[DAVE_ASKS])), ("dev", &rules(&[TWO_OF_SECURITY]))]);
    Case::of(policy.clone(), vec![both.clone()]).approved_by(&[BOB, CAROL]).is(FOR_APPROVAL);
    Case::of(policy, vec![both]).approved_by(&[BOB, CAROL, DAVE]).is(AUTHORIZED);
}

#[test]
fn a_directory_says_rules_and_nothing_by_which_less_would_be_asked() {
    for (key, value) in [("mode", "observe"), ("where", "[]"), ("people", "{}"), ("roles", "[]"), ("delegate", "[]"), ("windows", "{}")] {
        let checked = nested(&rules(&[FREE]), &[("prod/pay", &format!("{key}: {value}\n"))]);
        assert!(checked.policy.is_none());
        assert_eq!(
            checked.diagnostics.iter().filter(|d| d.is_error()).map(|d| (d.code, d.place.to_string())).collect::<Vec<_>>(),
            [("misplaced-key", "prod/pay/countersign.yml:2:".to_owned() + &(key.len() + 3).to_string())]
        );
    }
    let ceilings = rules(&["{ name: r, when: { over-ceiling: deployer }, allow: true }"]);
    let checked = nested(&rules(&[FREE]), &[("prod/pay", &ceilings)]);
    assert_eq!(checked.diagnostics.iter().find(|d| d.is_error()).unwrap().message, "`deployer` is no role here");
}

#[test]
fn over_a_ceiling_the_root_alone_decides() {
    let any = rules(&["{ name: r, when: { over-ceiling: true }, allow: true }"]);
    let policy = sound(&rules(&[FREE]), &[("prod/pay", &any)]);
    let over = |case: &mut Case| case.over = vec![Over { role: "deployer".into(), entries: vec![gain_in("prod/pay/a.json")] }];
    Case::of(policy, vec![gain_in("prod/pay/a.json")]).with(over).says(DENIED, "no rule is about access over a role's ceiling");
    let asks = rules(&["{ name: asks, when: { over-ceiling: true }, require: { approvals: [{ from: platform }] } }"]);
    let free = "{ name: r, when: { over-ceiling: true }, allow: true }";
    let policy = sound(&rules(&[FREE, free]), &[("prod/pay", &asks)]);
    Case::of(policy.clone(), vec![gain_in("prod/pay/a.json")]).with(over).is(FOR_APPROVAL);
    let elsewhere = |case: &mut Case| case.over = vec![Over { role: "deployer".into(), entries: vec![gain_in("prod/a.json")] }];
    Case::of(policy, vec![gain_in("prod/a.json")]).with(elsewhere).is(AUTHORIZED);
}

#[test]
fn within_a_delegation_the_team_decides() {
    let policy = delegated(&[TWO_OF_SECURITY], &[DAVE_ASKS]);
    let case = Case::of(policy, vec![small_gain_in("prod/pay/k8s/a.json")]);
    case.clone().is(FOR_APPROVAL);
    case.approved_by(&[DAVE]).is(AUTHORIZED);
    let free = delegated(&[TWO_OF_SECURITY], &[FREE]);
    Case::of(free, vec![small_gain_in("prod/pay/a.json")]).is(AUTHORIZED);
}

#[test]
fn a_team_allows_nothing_of_what_comes_from_elsewhere_as_well() {
    const ELSEWHERE: &str = "{ name: elsewhere, when: { gains: { paths: ['prod/net/**'] } }, allow: true }";
    let both = gain_by(|entry| entry.region.origins.head = BTreeSet::from([at("prod/pay/role.json"), at("prod/net/binding.json")]));
    let both = Entry { within: BTreeSet::from([0]), ..both };
    let decided = |pay: &str, root: &[&str]| Case::of(delegated(root, &[pay]), vec![both.clone()]);
    decided(FREE, &[ELSEWHERE]).says(DENIED, "no rule is about this gain");
    decided(FREE, &[ELSEWHERE, SECURITY]).is(FOR_APPROVAL);
    decided(FREE, &[FREE]).is(AUTHORIZED);
}

#[test]
fn what_the_team_says_nothing_about_is_denied() {
    let policy = delegated(&[FREE], &["{ name: in dev, when: { gains: { realm: dev } }, allow: true }"]);
    Case::of(policy, vec![small_gain_in("prod/pay/a.json")]).says(DENIED, "no rule is about this gain");
}

#[test]
fn the_root_decides_over_the_ceiling_outside_the_path_and_on_what_cannot_be_told() {
    let policy =
        delegated(&[TWO_OF_SECURITY, "{ name: u, when: { undecided: {} }, require: { approvals: [{ from: security }] } }"], &[FREE]);
    let two_places = Entry {
        region: Region {
            origins: Origins { head: BTreeSet::from([at("prod/pay/a.json"), at("prod/b.json")]), ..Origins::default() },
            ..gain().region
        },
        ..small_gain_in("")
    };
    let nowhere = Entry { region: Region { origins: Origins::default(), ..gain().region }, ..small_gain_in("") };
    let elsewhere = ["prod/a.json", "prod/pay.json", "prod/payments/a.json", "pay/a.json"].map(small_gain_in);
    for entry in elsewhere.into_iter().chain([gain_in("prod/pay/a.json"), two_places, nowhere, unreadable("prod/pay/a.json")]) {
        Case::of(policy.clone(), vec![entry]).is(FOR_APPROVAL);
    }
}

/// THREATS 27, for who decides: what is gained in another system than the ceiling's is not within it.
#[test]
fn a_ceiling_is_for_the_systems_that_it_names_and_the_realm_that_is_named() {
    let other = Entry { system: Some("kubernetes"), ..small_gain_in("prod/pay/a.yml") };
    Case::of(delegated(&[TWO_OF_SECURITY], &[FREE]), vec![other]).is(FOR_APPROVAL);
    let root = format!("{}{}", DELEGATED.replace("to: platform", "to: platform, realm: 'pay-*'"), rules(&[TWO_OF_SECURITY]));
    let policy = sound(&root, &[("prod/pay", &rules(&[FREE]))]).with_delegated(vec![crate::systems::Access::default()]);
    Case::of(policy.clone(), vec![small_gain_in("prod/pay/a.json")]).is(FOR_APPROVAL);
    let there = gain_by(|entry| entry.region.realm = "pay-staging".into());
    let there = Entry { region: Region { origins: gain_in("prod/pay/a.json").region.origins, ..there.region }, ..small_gain_in("") };
    Case::of(policy, vec![there]).is(AUTHORIZED);
}

#[test]
fn until_somebody_has_said_what_a_ceiling_means_nothing_is_within_it() {
    let policy = sound(&format!("{DELEGATED}{}", rules(&[TWO_OF_SECURITY])), &[("prod/pay", &rules(&[FREE]))]);
    Case::of(policy, vec![small_gain_in("prod/pay/a.json")]).is(FOR_APPROVAL);
}

#[test]
fn where_the_team_has_written_no_policy_the_root_decides() {
    let root = format!("{DELEGATED}{}", rules(&[TWO_OF_SECURITY]));
    let policy = sound(&root, &[]).with_delegated(vec![crate::systems::Access::default()]);
    Case::of(policy, vec![small_gain_in("prod/pay/a.json")]).is(FOR_APPROVAL);
}

#[test]
fn what_the_root_denies_is_denied_in_a_delegation_too() {
    let never = "{ name: never, when: { gains: {} }, deny: not here }";
    let case = Case::of(delegated(&[never], &[FREE]), vec![small_gain_in("prod/pay/a.json")]);
    case.says(DENIED, "not here");
}

#[test]
fn directories_above_and_below_a_delegation_still_add() {
    let root = format!("{DELEGATED}{}", rules(&[TWO_OF_SECURITY]));
    let (above, below) = (rules(&[DAVE_ASKS]), rules(&[SECURITY]));
    let policy = sound(&root, &[("prod", &above), ("prod/pay", &rules(&[FREE])), ("prod/pay/eu", &below)]);
    let policy = policy.with_delegated(vec![crate::systems::Access::default()]);
    let case = |path: &str| Case::of(policy.clone(), vec![small_gain_in(path)]);
    case("prod/pay/a.json").is(FOR_APPROVAL);
    case("prod/pay/a.json").approved_by(&[DAVE]).is(AUTHORIZED);
    case("prod/pay/eu/a.json").approved_by(&[DAVE]).is(FOR_APPROVAL);
    case("prod/pay/eu/a.json").approved_by(&[DAVE, BOB]).is(AUTHORIZED);
}

/// THREATS 4: the policy of a directory is the gate's own, and who may edit it is for the root to say, or for the team that it names.
#[test]
fn an_edit_of_a_directorys_policy_is_an_edit_of_the_gate() {
    let edits = |policy: &Policy, path: &str| {
        assert!(policy.watches_edits_of(path), "{path}");
        Case::of(policy.clone(), vec![]).with(|case| case.edited = vec![path.into()])
    };
    let own = "{ name: own, when: { edits: ['**'] }, allow: true }";
    let policy = sound(&rules(&[SECURITY]), &[("prod/pay", &rules(&[own]))]);
    edits(&policy, "prod/pay/countersign.yml").says(DENIED, "no rule is about edits");
    assert!(!policy.watches_edits_of("prod/a.json"), "a directory says nothing about files elsewhere");

    let gate = "{ name: gate, when: { edits: ['**/countersign.yml'] }, require: { approvals: [{ from: security, count: 2 }] } }";
    let policy = delegated(&[SECURITY, gate], &[FREE]);
    for path in ["prod/pay/countersign.yml", "prod/pay/eu/countersign.yml"] {
        edits(&policy, path).is(FOR_APPROVAL);
        edits(&policy, path).approved_by(&[DAVE]).is(AUTHORIZED);
    }
    for path in ["prod/countersign.yml", "countersign.yml", "prod/payments/countersign.yml"] {
        edits(&policy, path).approved_by(&[DAVE, BOB]).is(FOR_APPROVAL);
    }
}

#[test]
fn a_delegation_that_means_nothing_is_refused() {
    let said = |entry: &str| {
        let checked = nested(&format!("delegate: [{entry}]\n{}", rules(&[FREE])), &[]);
        assert!(checked.policy.is_none(), "{entry}");
        checked.diagnostics.iter().find(|d| d.is_error()).unwrap().message.clone()
    };
    let ceiling = "ceiling: { aws: [] }";
    assert_eq!(said(&format!("{{ path: a, to: platfrom, {ceiling} }}")), "`platfrom` is no group here");
    for path in ["a/", "/a", "../a", "a/*", "a//b", ""] {
        assert_eq!(said(&format!("{{ path: '{path}', to: platform, {ceiling} }}")), format!("`{path}` is no directory of the repository"));
    }
    assert_eq!(said("{ path: a, to: platform, ceiling: {} }"), "this ceiling names no system, so nothing is within it");
    let twice = format!("{{ path: a, to: platform, {ceiling} }}, {{ path: a/b, to: security, {ceiling} }}");
    assert_eq!(said(&twice), "`a/b` and `a` overlap, and one directory has one team");
    let again = format!("{{ path: a, to: platform, {ceiling} }}, {{ path: a, to: security, {ceiling} }}");
    assert_eq!(said(&again), "`a` and `a` overlap, and one directory has one team");
    let beside = format!("delegate: [{{ path: a, to: platform, {ceiling} }}, {{ path: ab, to: security, {ceiling} }}]\n{}", rules(&[FREE]));
    assert!(nested(&beside, &[]).policy.is_some(), "what lies side by side may be of two teams");
}

fn any_rules() -> impl Strategy<Value = Vec<&'static str>> {
    let deny = "{ name: no, when: { gains: { severity: high } }, deny: no }";
    let edits = "{ name: edits, when: { edits: ['**/countersign.yml'] }, allow: true }";
    prop::sample::subsequence(vec![SECURITY, PLATFORM, FREE, OFFICE, deny, edits], 1..=6)
}

fn any_entries() -> impl Strategy<Value = Vec<Entry>> {
    let places = prop::sample::subsequence(vec!["prod/pay/a.json", "prod/a.json", "dev/a.json"], 0..=3);
    let entry = (places, any::<bool>(), any::<bool>()).prop_map(|(places, is_severe, is_small)| {
        let origins = Origins { head: places.into_iter().map(at).collect(), ..Origins::default() };
        let severity = if is_severe { Severity::High } else { Severity::Low };
        let within = if is_small { BTreeSet::from([0]) } else { BTreeSet::new() };
        Entry { region: Region { severity, origins, ..gain().region }, within, ..gain() }
    });
    prop::collection::vec(entry, 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_directory_never_makes_a_decision_milder(
        root in any_rules(), pay in any_rules(), prod in any_rules(), entries in any_entries(),
        edits in any::<bool>(), approved in prop::sample::subsequence(vec![BOB, CAROL, DAVE], 0..=3),
    ) {
        let rank = |policy: Policy| {
            let case = Case::of(policy, entries.clone()).approved_by(&approved);
            case.with(|case| case.edited = edits.then(|| "prod/pay/countersign.yml".into()).into_iter().collect()).decide().outcome.rank()
        };
        let alone = rank(sound(&rules(&root), &[]));
        let added = rank(sound(&rules(&root), &[("prod/pay", &rules(&pay)), ("prod", &rules(&prod))]));
        prop_assert!(alone <= added);
    }

    /// Held against the decision without any delegation, where no part of the change is handed on.
    #[test]
    fn a_delegation_changes_nothing_about_what_is_not_wholly_in_it(root in any_rules(), pay in any_rules(), entries in any_entries()) {
        let is_in = |entry: &Entry| {
            let mut places = entry.region.origins.head.iter().peekable();
            places.peek().is_some() && places.all(|place| place.path.starts_with("prod/pay/")) && !entry.within.is_empty()
        };
        let outside: Vec<Entry> = entries.into_iter().filter(|entry| !is_in(entry)).collect();
        let handed = Case::of(delegated(&root, &pay), outside.clone()).decide();
        // The ceiling means nothing yet, so nothing is handed on.
        let root = format!("{DELEGATED}{}", rules(&root));
        let kept = Case::of(sound(&root, &[("prod/pay", &rules(&pay))]), outside).decide();
        prop_assert_eq!(handed, kept);
    }
}

#[test]
fn what_a_directory_asks_if_the_change_is_so_proposed_is_asked_only_then() {
    const RISKY: &str = "{ name: risky, if: { labelled: [risky] }, when: { gains: {} }, deny: not so }";
    let case = |labels: Option<&[&str]>| {
        let policy = sound(&rules(&[SECURITY]), &[("prod/pay", &rules(&[RISKY]))]);
        let labels = labels.map(|labels| labels.iter().map(ToString::to_string).collect());
        Case::of(policy, vec![gain_in("prod/pay/a.json")]).approved_by(&[BOB]).facts(|facts| facts.labels = labels)
    };
    case(Some(&[])).is(AUTHORIZED);
    case(Some(&["risky"])).is(DENIED);
    case(None).is(UNDECIDABLE);
}

#[test]
fn break_glass_of_the_root_lifts_what_a_directory_asks_too() {
    let glass = "break-glass:\n  requested-by: [platform]\n  approvals: [{ from: security }]\n  scope: {}\n  longest: 4h\n  review: { from: security, within: 3d }\n";
    let never = "{ name: never, when: { gains: {} }, deny: not here }";
    let policy = sound(&format!("{glass}{}", rules(&[SECURITY])), &[("prod/pay", &rules(&[never]))]);
    let case = || Case::of(policy.clone(), vec![gain_in("prod/pay/a.json")]).facts(|facts| facts.overrides = Some(Vec::new()));
    case().approved_by(&[BOB]).is(DENIED);
    let asked = case().facts(|facts| {
        facts.head = Some(commit());
        facts.break_glass = Some(super::glass::request());
    });
    let decision = asked.approved_by(&[BOB]).is(AUTHORIZED);
    assert!(decision.exception.is_some());
    assert!(decision.requirements.iter().any(|verdict| verdict.rule.as_deref() == Some("never") && verdict.lifted));
}

#[test]
fn the_roles_that_are_kept_apart_are_the_roots() {
    let both = "{ name: apart, when: { holds-both: [a, b] }, deny: no }";
    let checked = nested("", &[("prod/pay", &rules(&[both]))]);
    assert!(checked.policy.is_none());
    assert!(checked.diagnostics.iter().any(|diagnostic| diagnostic.code == "unknown-name"), "{:#?}", checked.diagnostics);
}
