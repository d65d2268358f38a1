//! What holds of every policy, change and set of facts.

use super::*;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::sync::LazyLock;

const RULES: &[&str] = &[
    SECURITY,
    TWO_OF_SECURITY,
    PLATFORM,
    FREE,
    OFFICE,
    "{ name: never critical, when: { gains: { severity: critical } }, deny: 'no' }",
    "{ name: prod, when: { gains: { environment: production } }, require: { approvals: [{ from: platform }] } }",
    "{ name: dev is free, when: { gains: { environment: development } }, allow: true }",
    "{ name: opaque, when: { undecided: {} }, require: { approvals: [{ from: security }] } }",
    "{ name: over, when: { over-ceiling: true }, require: { approvals: [{ from: security }] } }",
    "{ name: own, when: { edits: ['countersign.yml'] }, require: { approvals: [{ from: security, count: 2 }] } }",
    "{ name: labelled, when: { gains: { severity: high } }, require: { labels: [seen] } }",
    "{ name: losses, when: { loses: { realm: dev } }, require: { approvals: [{ from: platform }] } }",
    "{ name: young, when: { gains: { realm: prod } }, require: { approvals: [{ from: security, max-age: 2d, not-written-by: [platform] }] } }",
    "{ name: bots, when: { gains: {} }, if: { author-kind: [bot] }, deny: 'no' }",
    "{ name: seen, when: { gains: {} }, if: { labelled: [seen] }, allow: true }",
    "{ name: late, when: { gains: { realm: other } }, if: { stage: deploy }, require: { window: evenings } }",
    "{ name: apart, when: { holds-both: [deployer, keeper] }, require: { approvals: [{ from: platform, count: 2 }] } }",
];

fn any_entry() -> impl Strategy<Value = Entry> {
    let kinds = select(vec![Kind::Gained, Kind::Gained, Kind::Lost, Kind::Undecided]);
    let severities = select(vec![Severity::Low, Severity::Medium, Severity::High, Severity::Critical]);
    (kinds, severities, select(vec!["prod", "dev", "other"]), select(vec!["role/app", "role/deploy"])).prop_map(
        |(kind, severity, realm, holder)| {
            gain_by(|entry| {
                entry.kind = kind;
                entry.region.severity = severity;
                entry.region.realm = realm.into();
                entry.region.holder = holder.into();
                entry.region.origins.head = BTreeSet::from([at(&format!("{realm}/app.json"))]);
            })
        },
    )
}

type Stand = (u64, ReviewState, bool);

fn any_stand() -> impl Strategy<Value = Stand> {
    let states = vec![
        ReviewState::Approved,
        ReviewState::Approved,
        ReviewState::Approved,
        ReviewState::ChangesRequested,
        ReviewState::Dismissed,
        ReviewState::Commented,
    ];
    (1..6_u64, select(states), prop::bool::weighted(0.8))
}

fn stand(case: Case, (id, state, holds): Stand) -> Case {
    case.review_of(id, state, if holds { Content::Contained } else { Content::Unknown("gone".to_owned()) })
}

/// An approval of this minute, which is too old for nobody.
fn approved_now(case: Case, id: u64) -> Case {
    let now = case.now;
    stand(case, (id, ReviewState::Approved, true)).facts(|facts| facts.reviews.iter_mut().flatten().next_back().unwrap().submitted_at = now)
}

fn any_case() -> impl Strategy<Value = (Vec<&'static str>, Case)> {
    let rules = subsequence(RULES.to_vec(), 0..=6);
    let change = prop::collection::vec(any_entry(), 0..4);
    let stands = prop::collection::vec(any_stand(), 0..6);
    let people = (1..6_u64, prop::collection::vec(1..6_u64, 0..2), prop::bool::weighted(0.2), prop::option::of(1..6_u64));
    let rest = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.2), 0..48_i64);
    (rules, change, stands, people, rest).prop_map(
        |(rules, change, stands, (author, contributors, bot, asker), (seen, edits, over, hours))| {
            let case = Case::by(&rules, change).facts(|facts| {
                facts.author = person(author);
                facts.contributors = Some(contributors.into_iter().map(person).collect());
                facts.author_kind = if bot { AccountKind::Bot } else { AccountKind::User };
                facts.asked_by = asker.filter(|_| bot).map(person);
                facts.labels = Some(if seen { vec!["seen".to_owned()] } else { Vec::new() });
            });
            let case = case.with(|case| {
                case.edited = if edits { vec!["countersign.yml".into()] } else { Vec::new() };
                if over {
                    let gain = gain_by(|entry| entry.region.holder = "role/deploy".into());
                    case.change.push(gain.clone());
                    case.over = case.policy.ceilings().iter().map(|ceiling| ceiling.over(vec![gain.clone()])).collect();
                }
                case.both.iter_mut().filter(|_| edits).for_each(|both| both.entries = case.change.clone());
                case.stage = if hours % 2 == 0 { Stage::Merge } else { Stage::Deploy };
                case.landed = Some(Content::Contained);
                case.now += chrono::TimeDelta::hours(hours);
            });
            (rules, stands.into_iter().fold(case, stand))
        },
    )
}

fn rank(case: &Case) -> u8 {
    case.decide().outcome.rank()
}

/// The decision without indices of entries, which depend on their order.
fn essence(decision: &Decision) -> String {
    let verdict = |verdict: &RuleVerdict| {
        format!("{:?}", (&verdict.rule, verdict.outcome, &verdict.satisfied_by, &verdict.could, verdict.missing, &verdict.reason))
    };
    let verdicts: Vec<String> = decision.requirements.iter().map(verdict).collect();
    format!("{:?} {verdicts:#?} {:?} {}", decision.outcome, decision.exclusions, decision.next_step)
}

/// Every way to know less.
fn forgetting() -> Vec<fn(&mut Case)> {
    vec![
        |case| case.proposal = None,
        |case| case.proposal.as_mut().unwrap().reviews = None,
        |case| case.proposal.as_mut().unwrap().contributors = None,
        |case| case.proposal.as_mut().unwrap().labels = None,
        |case| case.proposal.as_mut().unwrap().asked_by = None,
        |case| case.reviewed.clear(),
        |case| drop(case.reviewed.pop()),
        |case| case.over.clear(),
        |case| case.both.clear(),
        |case| case.landed = None,
    ]
}

/// What a rule may ask of access.
const SELECTORS: &[&str] = &[
    "{}",
    "{ system: aws }",
    "{ system: aws, actions: ['s3:Get*'] }",
    "{ principals: [role/app] }",
    "{ holders: [role/app] }",
    "{ realm: prod }",
    "{ environment: production }",
    "{ severity: critical }",
    "{ reasons: [public] }",
    "{ paths: ['dev/**'] }",
    "{ expires: false }",
    "{ longer-than: 10d }",
    "{ holders: [role/app], realm: prod, expires: true }",
];

/// A part in which everything differs that a rule may ask, now and then.
fn any_part() -> impl Strategy<Value = Entry> {
    let what = (select(vec![Some("aws"), Some("kubernetes"), None]), any_entry(), any::<bool>(), any::<bool>());
    let who =
        (subsequence(vec!["role/app", "role/other", "*"], 0..3), subsequence(vec!["prod/app.json", "dev/app.json", "rest.json"], 0..3));
    let when = prop::option::of(select(vec!["2026-11-30", "2027-01-01", "some day"]));
    (what, who, when).prop_map(|((system, entry, is_within, is_public), (principals, paths), expires)| {
        let origins = Origins { base: BTreeSet::new(), head: paths.into_iter().map(at).collect() };
        let region = Region {
            principals: principals.into_iter().map(ToOwned::to_owned).collect(),
            expires: expires.map(ToOwned::to_owned),
            reasons: is_public.then_some("public").into_iter().collect(),
            origins,
            ..entry.region
        };
        Entry { system, region, within: is_within.then_some(0).into_iter().collect(), ..entry }
    })
}

/// A rule of each kind for each of them, that asks and that allows.
static ABOUT_ACCESS: LazyLock<Policy> = LazyLock::new(|| {
    let rules = |(number, selector): (usize, &&str)| {
        // A loss has neither.
        let of_a_loss = !["severity", "reasons"].iter().any(|key| selector.contains(key));
        let kinds = ["gains", "loses", "undecided"].into_iter().filter(|kind| *kind != "loses" || of_a_loss);
        let written = kinds.map(|kind| {
            let when = format!("when: {{ {kind}: {selector} }}");
            let asked = format!("{{ name: {kind} {number} asked, {when}, require: {{ approvals: [{{ from: security }}] }} }}");
            [asked, format!("{{ name: {kind} {number} free, {when}, allow: true }}")]
        });
        written.flatten().collect::<Vec<String>>()
    };
    let rules: Vec<String> = SELECTORS.iter().enumerate().flat_map(rules).collect();
    policy(&rules.iter().map(String::as_str).collect::<Vec<_>>())
});

/// By the name of each rule, the parts that it is about.
fn about(change: Vec<Entry>) -> BTreeMap<Arc<str>, BTreeSet<usize>> {
    let decision = Case::of(ABOUT_ACCESS.clone(), change).decide();
    decision.requirements.into_iter().filter_map(|verdict| Some((verdict.rule?, verdict.applies.entries.clone()))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// Parts that look alike are looked at together, and no rule is about one because it is about another.
    #[test]
    fn a_rule_is_about_a_part_as_if_that_were_alone(change in prop::collection::vec(any_part(), 0..6)) {
        let mut alone: BTreeMap<Arc<str>, BTreeSet<usize>> = BTreeMap::new();
        for (index, entry) in change.iter().enumerate() {
            for rule in about(vec![entry.clone()]).into_keys() {
                alone.entry(rule).or_default().insert(index);
            }
        }
        prop_assert_eq!(about(change), alone);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn another_approval_never_makes_it_worse((_, case) in any_case(), id in 1..6_u64, holds: bool) {
        let before = rank(&case);
        prop_assert!(rank(&stand(case, (id, ReviewState::Approved, holds))) <= before);
    }

    #[test]
    fn a_fact_less_never_authorizes((_, case) in any_case()) {
        if rank(&case) > 0 {
            for forget in forgetting() {
                prop_assert!(rank(&case.clone().with(forget)) > 0);
            }
        }
    }

    #[test]
    fn more_entries_never_make_it_better((_, case) in any_case(), more in any_entry(), path in select(vec!["countersign.yml", "CODEOWNERS"])) {
        let before = rank(&case);
        prop_assert!(rank(&case.clone().with(|case| case.change.push(more))) >= before);
        prop_assert!(rank(&case.with(|case| case.edited.push(path.into()))) >= before);
    }

    #[test]
    fn the_order_of_rules_entries_and_facts_decides_nothing((rules, case) in any_case(), turn in 0..6_usize) {
        let mut turned = rules.clone();
        turned.rotate_left(turn.min(rules.len()));
        turned.reverse();
        let other = case.clone().with(|case| {
            case.policy = policy(&turned);
            case.change.reverse();
            case.reviewed.reverse();
            case.over.reverse();
            case.edited.reverse();
            let facts = case.proposal.as_mut().unwrap();
            facts.reviews.as_mut().unwrap().reverse();
            facts.contributors.as_mut().unwrap().reverse();
        });
        prop_assert_eq!(essence(&case.decide()), essence(&other.decide()));
    }

    #[test]
    fn what_only_narrows_is_authorized_unless_a_rule_is_about_losses((_, case) in any_case()) {
        let narrowing = case.with(|case| {
            case.change.retain(|entry| entry.kind == Kind::Lost && &*entry.region.realm != "dev");
            case.edited.clear();
            case.over.clear();
            case.both.iter_mut().for_each(|both| both.entries.clear());
            case.proposal = None;
        });
        prop_assert_eq!(rank(&narrowing), 0);
    }

    #[test]
    fn nobody_is_counted_twice_and_nobody_counts_who_is_excluded((_, case) in any_case()) {
        let decision = case.decide();
        let counted: Vec<&Person> = decision.requirements.iter().flat_map(|verdict| &verdict.satisfied_by).collect();
        let distinct: BTreeSet<u64> = counted.iter().map(|person| person.id).collect();
        prop_assert_eq!(counted.len(), distinct.len());
        prop_assert!(decision.exclusions.iter().all(|exclusion| !distinct.contains(&exclusion.person.id)));
        let facts = case.proposal.as_ref().unwrap();
        prop_assert!(!distinct.contains(&facts.author.id));
    }

    #[test]
    fn what_is_not_authorized_waits_for_something_that_is_named((_, case) in any_case()) {
        let decision = case.decide();
        for verdict in decision.requirements.iter().filter(|verdict| verdict.missing > 0 && verdict.outcome.rank() == 1) {
            // One approval may bring nothing forward where two do.
            let is_named = !verdict.could.is_empty() || !verdict.deadlock.is_empty() || decision.wanted.len() > 1;
            prop_assert!(is_named && !verdict.reason.contains("missing: nobody"), "{verdict:#?}");
        }
    }

    /// Once all who are wanted have approved, nobody is missing but where there are too few people; one less does not do.
    #[test]
    fn those_who_are_wanted_are_enough_and_not_one_too_many((_, case) in any_case()) {
        let wanted: Vec<u64> = case.decide().wanted.iter().map(|wanted| wanted.person.id).collect();
        let missing = |case: &Case| case.decide().requirements.iter().map(|verdict| verdict.missing).sum::<usize>();
        let lacking = |case: &Case| case.decide().requirements.iter().any(|verdict| verdict.missing > 0 && verdict.deadlock.is_empty());
        let all = wanted.iter().fold(case.clone(), |case, id| approved_now(case, *id));
        prop_assert!(!lacking(&all), "{:#?}", all.decide());
        if let Some((_, fewer)) = wanted.split_first() {
            let fewer = fewer.iter().fold(case, |case, id| approved_now(case, *id));
            prop_assert!(missing(&fewer) > missing(&all));
        }
    }

    /// Whoever is named as able to help brings it forward by approving.
    #[test]
    fn who_could_help_helps((_, case) in any_case()) {
        let missing = |case: &Case| case.decide().requirements.iter().map(|verdict| verdict.missing).sum::<usize>();
        let before = missing(&case);
        let could: BTreeSet<u64> = case.decide().requirements.iter().flat_map(|verdict| &verdict.could).map(|person| person.id).collect();
        for id in could {
            prop_assert_eq!(missing(&approved_now(case.clone(), id)), before - 1);
        }
    }
}
