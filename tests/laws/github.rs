use countersign::change::{Effort, Entry, beyond, compare, delta_digest, judge, not_contained, witnesses};
use countersign::document::Place;
use countersign::systems::github::{Block, Fact, Github, Job, JobName, Level, Request, Rules, Scope, Starter, Stated, Token, Way};
use countersign::systems::{Access, Kind, Origins, System};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const SCOPES: &[&str] = &["contents", "id-token", "issues", "models", "packages"];
const GUARDS: &[&str] = &["if: a", "environment: b"];

fn scope(name: &str) -> Scope {
    Scope::by_name(name).unwrap()
}

fn block() -> impl Strategy<Value = Block> {
    let some = prop::collection::btree_map(select(SCOPES).prop_map(scope), select(&Level::ALL[..]), 0..4)
        .prop_map(|block| block.into_iter().filter(|(scope, level)| scope.has(*level)).collect());
    let all = select(&Level::ALL[..]).prop_map(|most| Scope::all().filter_map(|scope| Some((scope, scope.up_to(most)?))).collect());
    prop_oneof![4 => some, 1 => all]
}

fn job() -> impl Strategy<Value = Job> {
    let token = prop_oneof![1 => Just(Token::Default(None)), 1 => prop::sample::select(&Level::ALL).prop_map(|known| Token::Default(Some(known))), 3 => block().prop_map(Token::Block)];
    let ways = subsequence(vec![Way::Restricted, Way::PullRequest, Way::Open, Way::Called], 0..=3);
    let calls = prop_oneof![4 => Just(None), 1 => Just(Some("o/r/.github/workflows/w.yml"))];
    (select(vec!["one", "two"]), calls, token, ways, subsequence(GUARDS, 0..=2)).prop_map(|(id, calls, token, ways, guards)| Job {
        realm: "".into(),
        name: JobName { workflow: "w.yml".into(), id: id.into(), calls: calls.map(Arc::from) },
        token: Stated { token, place: Place::file("w.yml"), scopes: BTreeMap::new() },
        ways: ways.into_iter().map(|way| (way, Place::file("w.yml"))).collect(),
        guards: guards.into_iter().map(Arc::from).collect(),
    })
}

fn side() -> impl Strategy<Value = Rules> {
    prop::collection::vec(job(), 0..4).prop_map(|jobs| Rules { jobs, ..Rules::default() })
}

fn filter() -> impl Strategy<Value = Rules> {
    (subsequence(SCOPES, 1..=3), subsequence(vec!["read", "write"], 1..=2)).prop_filter_map(
        "a scope has one of the levels",
        |(scopes, levels)| {
            let texts = |list: Vec<&str>| list.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
            Rules::for_anybody(Some(&texts(levels)), Some(&texts(scopes))).ok()
        },
    )
}

fn diff(base: &Rules, head: &Rules) -> Vec<Entry> {
    compare::<Github>(base, head, &[], Effort::default())
}

/// Every truth of every fact.
fn worlds() -> Vec<BTreeMap<Fact, bool>> {
    let facts = [Fact::PermissiveDefault, Fact::CallerHas].into_iter().chain(GUARDS.iter().map(|guard| Fact::Guard((*guard).into())));
    let facts: Vec<Fact> = facts.collect();
    let world = |truth: u32| facts.iter().enumerate().map(|(at, fact)| (fact.clone(), truth >> at & 1 == 1)).collect();
    (0..1 << facts.len()).map(world).collect()
}

/// Every request that can be made of the jobs of two sides, in every world.
fn requests(base: &Rules, head: &Rules) -> Vec<Request> {
    let names: BTreeSet<&JobName> = base.jobs.iter().chain(&head.jobs).map(|job| &job.name).collect();
    let mut requests = Vec::new();
    for job in names {
        for (starter, name) in
            Starter::ALL.into_iter().flat_map(|starter| SCOPES.iter().chain(&["pages"]).map(move |name| (starter, *name)))
        {
            for (level, facts) in Level::ALL.into_iter().flat_map(|level| worlds().into_iter().map(move |facts| (level, facts))) {
                requests.push(Request { realm: "".into(), job: job.clone(), starter, scope: scope(name), level, facts });
            }
        }
    }
    requests
}

/// Whether a region's words mean the request in its world.
fn means(entry: &Entry, request: &Request) -> bool {
    let region = &entry.region;
    let is_so = |fact: &Fact| request.facts.get(fact).copied().unwrap();
    let guards = region.condition.iter().flat_map(|text| text.split(" and ")).all(|text| match text.strip_prefix("not (") {
        Some(inner) => !is_so(&Fact::Guard(inner.trim_end_matches(')').into())),
        None => is_so(&Fact::Guard(text.into())),
    });
    let provided = region.provided.iter().flat_map(|text| text.split(" and ")).all(|text| match text {
        "the repository's default token may write" => is_so(&Fact::PermissiveDefault),
        "the repository's default token may not write" => !is_so(&Fact::PermissiveDefault),
        "the job that calls this workflow has it" => is_so(&Fact::CallerHas),
        "the job that calls this workflow does not have it" => !is_so(&Fact::CallerHas),
        _ => false,
    });
    *region.holder == request.job.to_string()
        && region.principals.iter().any(|name| name == request.starter.name())
        && region.actions.iter().any(|name| name == request.level.name())
        && region.resources.iter().any(|name| name == "*" || name == request.scope.name())
        && !region.except_resources.iter().any(|name| name == request.scope.name())
        && request.scope.has(request.level)
        && guards
        && provided
}

fn said(entries: &[Entry], kind: Kind) -> BTreeSet<String> {
    let of_kind = entries.iter().filter(|entry| entry.kind == kind).map(|entry| &entry.region);
    of_kind
        .map(|r| format!("{:?}", (&r.holder, &r.principals, &r.actions, &r.resources, &r.except_resources, &r.condition, &r.provided)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_side_against_itself_says_nothing(base in side()) {
        prop_assert_eq!(diff(&base, &base), Vec::new());
    }

    #[test]
    fn the_judge_confirms_the_words_of_every_witness(base in side(), head in side()) {
        for entry in diff(&base, &head) {
            let [before, after] = [&base, &head].map(|rules| Access { github: rules.clone(), ..Access::default() });
            let judged = judge(&entry, [&before, &after]);
            prop_assert!(judged.is_some_and(|judged| judged.confirms(entry.kind)), "{:?}", entry);
        }
    }

    #[test]
    fn lost_is_the_inverse_of_gained(base in side(), head in side()) {
        let (there, back) = (diff(&base, &head), diff(&head, &base));
        prop_assert_eq!(said(&there, Kind::Gained), said(&back, Kind::Lost));
        prop_assert_eq!(said(&there, Kind::Lost), said(&back, Kind::Gained));
    }

    #[test]
    fn every_witness_is_in_one_side_and_not_in_the_other(base in side(), head in side()) {
        for (kind, request) in witnesses::<Github>(&base, &head, Github::request).unwrap() {
            let (before, after) = (Github::naive(&base, &request), Github::naive(&head, &request));
            prop_assert_eq!((before, after), (kind == Kind::Lost, kind == Kind::Gained), "{:?}", request);
        }
    }

    #[test]
    fn what_the_naive_model_finds_is_told_and_nothing_else(base in side(), head in side()) {
        let entries = diff(&base, &head);
        for request in requests(&base, &head) {
            let (before, after) = (Github::naive(&base, &request), Github::naive(&head, &request));
            for (kind, is_so) in [(Kind::Gained, after && !before), (Kind::Lost, before && !after)] {
                let is_told = entries.iter().any(|entry| entry.kind == kind && means(entry, &request));
                prop_assert_eq!(is_told, is_so, "{:?} {:?}; told: {:#?}", kind, request, said(&entries, kind));
            }
        }
    }

    #[test]
    fn every_example_is_in_its_region(base in side(), head in side()) {
        for entry in diff(&base, &head) {
            let witness = entry.region.witness.as_ref().unwrap();
            prop_assert!(entry.region.principals.contains(&witness.principal));
            prop_assert!(entry.region.actions.contains(&witness.action));
            prop_assert!(entry.region.resources.iter().any(|name| name == "*" || *name == witness.resource));
            let Origins { base, head } = &entry.region.origins;
            let of_kind = if entry.kind == Kind::Lost { base } else { head };
            prop_assert!(!of_kind.is_empty());
        }
    }

    #[test]
    fn the_order_of_jobs_changes_nothing(base in side(), head in side()) {
        let turned = Rules { jobs: head.jobs.iter().rev().cloned().collect(), ..Rules::default() };
        prop_assert_eq!(diff(&head, &turned), Vec::new());
        prop_assert_eq!(delta_digest(&diff(&base, &head)), delta_digest(&diff(&base, &turned)));
    }

    #[test]
    fn what_says_the_same_is_no_change(base in side(), head in side()) {
        prop_assert!(!base.says_the_same(&head) || diff(&base, &head).is_empty());
    }

    #[test]
    fn a_region_lies_wholly_inside_or_outside_of_a_filter(base in side(), head in side(), filter in filter()) {
        for entry in compare::<Github>(&base, &head, &[&filter], Effort::default()) {
            for request in requests(&base, &head).iter().filter(|request| means(&entry, request)) {
                prop_assert_eq!(entry.within.contains(&0), Github::naive(&filter, request), "{:?}", entry);
            }
        }
    }

    #[test]
    fn what_is_over_a_ceiling_is_gained_and_not_in_it(base in side(), head in side(), most in block()) {
        let ceiling = Rules::up_to(&most);
        let over = beyond::<Github>(&base, &head, &ceiling, Effort::default());
        for request in requests(&base, &head) {
            let is_over = Github::naive(&head, &request) && !Github::naive(&base, &request) && !Github::naive(&ceiling, &request);
            prop_assert_eq!(over.iter().any(|entry| means(entry, &request)), is_over, "{:?}", request);
        }
    }

    #[test]
    fn a_change_is_contained_in_itself_and_a_part_of_it_as_well(base in side(), head in side()) {
        prop_assert_eq!(not_contained::<Github>([&base, &head], [&base, &head], Effort::default()), Vec::new());
        let fewer = Rules { jobs: head.jobs.iter().skip(1).cloned().collect(), ..Rules::default() };
        let nothing = Rules::default();
        let more = not_contained::<Github>([&nothing, &fewer], [&nothing, &head], Effort::default());
        prop_assert_eq!(more, Vec::new());
    }
}
