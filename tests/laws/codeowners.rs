use countersign::access::Budget;
use countersign::change::{Effort, Entry, beyond, compare, judge, not_contained, witnesses};
use countersign::document::Place;
use countersign::systems::codeowners::{ANYBODY, Codeowners, Line, Location, Owner, Pattern, Repository, Request, Rules};
use countersign::systems::{Access, Kind, Region, System};
use proptest::prelude::*;

const PATTERNS: &[&str] = &[
    "*", "/*", "a", "/a", "a/", "/a/", "a/*", "/a/b", "a/b/", "a/**", "**/b", "a/**/b", "a/**/", "*.c", "/*.c", "a*", "/a/*.c", "?", "*/",
    "**", "**/*", "/b/", "b", "a/?/", "\\*", "*/b", "x", "/a/x/", "*b*",
];
const OWNERS: &[&str] = &["@a", "@o/t", "m@x.org"];
const NAMES: &[&str] = &["a", "b", "x", "b.c", "ab", "*", "q"];

fn repository() -> Repository {
    Repository { realm: "r".into(), root: "".into() }
}

fn line() -> impl Strategy<Value = Line> {
    let owners = prop::collection::btree_set(prop::sample::select(OWNERS), 0..3);
    (prop::sample::select(PATTERNS), owners).prop_map(|(pattern, owners)| Line {
        pattern: Pattern::parse(pattern).unwrap(),
        owners: owners.into_iter().map(|owner| Owner::parse(owner).unwrap()).collect(),
        origin: Place::file("CODEOWNERS"),
    })
}

fn rules(lines: Vec<Line>) -> Rules {
    let mut rules = Rules::default();
    rules.add_file(repository(), Location::Root, Some(lines));
    rules
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec(line(), 0..6)
}

fn side() -> impl Strategy<Value = Rules> {
    lines().prop_map(rules)
}

fn list() -> impl Strategy<Value = Rules> {
    prop::collection::vec(prop::sample::select(PATTERNS), 0..3)
        .prop_map(|texts| Rules::list(texts.iter().map(|text| Pattern::parse(text).unwrap()).collect()))
}

fn diff(base: &Rules, head: &Rules) -> Vec<Entry> {
    compare::<Codeowners>(base, head, &[], Effort::default())
}

/// Every request that a small world has: paths of one and two segments, and some longer ones.
fn world() -> Vec<Request> {
    let mut paths: Vec<String> = NAMES.iter().map(ToString::to_string).collect();
    paths.extend(NAMES.iter().flat_map(|one| NAMES.iter().map(move |other| format!("{one}/{other}"))));
    let longer = [
        "a/a/b", "a/b/b", "a/b/x", "a/q/b", "a/x/b", "a/x/b.c", "a/*/b", "b/a/b", "b/a/b.c", "q/a/b", "q/q/b", "q/a/q", "q/b/q", "q/x/q",
        "x/a/x",
    ];
    paths.extend(longer.iter().chain(&["a/a/b/b", "a/q/b/c", "q/q/q/q", "a/b/x/b.c", "q/a/x/q"]).map(ToString::to_string));
    let holders = || OWNERS.iter().chain(&[ANYBODY]);
    paths
        .iter()
        .flat_map(|path| holders().map(move |who| Request { repository: repository(), who: (*who).into(), path: path.clone() }))
        .collect()
}

/// A pattern of a region: some joined by ` & `.
fn is_one_of(texts: &[String], path: &str) -> bool {
    let matches = |text: &str| {
        let list = Rules::list(vec![Pattern::parse(text).unwrap()]);
        Codeowners::naive(&list, &Request { repository: repository(), who: "@z".into(), path: path.to_owned() })
    };
    texts.iter().any(|text| text.split(" & ").all(matches))
}

fn means(region: &Region, request: &Request) -> bool {
    region.holder == request.who && is_one_of(&region.resources, &request.path) && !is_one_of(&region.except_resources, &request.path)
}

fn of_kind(entries: &[Entry], kind: Kind) -> Vec<&Entry> {
    entries.iter().filter(|entry| entry.kind == kind).collect()
}

/// Who gained or lost what, pattern by pattern: paths that matter more are told apart, and a loss matters no more than another.
fn said(entries: &[Entry], kind: Kind) -> Vec<String> {
    let of = |entry: &&Entry| {
        let Region { holder, resources, except_resources, condition, .. } = entry.region.clone();
        resources.into_iter().map(move |resource| format!("{holder} {resource:?} {except_resources:?} {condition:?}"))
    };
    let mut said: Vec<String> = of_kind(entries, kind).iter().flat_map(of).collect();
    said.sort();
    said
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_side_against_itself_says_nothing(base in side()) {
        prop_assert_eq!(diff(&base, &base), Vec::new());
    }

    #[test]
    fn the_judge_confirms_the_words_of_every_witness(base in side(), head in side()) {
        for entry in diff(&base, &head) {
            let [before, after] = [&base, &head].map(|rules| Access { codeowners: rules.clone(), ..Access::default() });
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
        for (kind, request) in witnesses::<Codeowners>(&base, &head, |subject, cell, _| Codeowners::request(subject, cell)).unwrap() {
            let (before, after) = (Codeowners::naive(&base, &request), Codeowners::naive(&head, &request));
            prop_assert_eq!((before, after), (kind == Kind::Lost, kind == Kind::Gained), "{:?}", request);
        }
    }

    #[test]
    fn whatever_the_naive_model_finds_is_reported_and_nothing_else(base in side(), head in side()) {
        let entries = diff(&base, &head);
        for request in world() {
            let (before, after) = (Codeowners::naive(&base, &request), Codeowners::naive(&head, &request));
            for (kind, is_so) in [(Kind::Gained, after && !before), (Kind::Lost, before && !after)] {
                let meant: Vec<_> = of_kind(&entries, kind).into_iter().filter(|entry| means(&entry.region, &request)).collect();
                prop_assert!(!is_so || !meant.is_empty(), "{:?} not reported: {:?}; reported: {:#?}", kind, request, said(&entries, kind));
                let is_certain = meant.iter().any(|entry| entry.region.condition.is_none());
                prop_assert!(!is_certain || is_so, "{:?} reported and not so: {:?}; reported {:#?}", kind, request, said(&entries, kind));
            }
        }
    }

    #[test]
    fn a_line_that_a_later_one_repeats_means_nothing(lines in lines(), more in line()) {
        let mut before = vec![more.clone()];
        before.extend(lines.clone());
        before.push(more.clone());
        let mut after = lines;
        after.push(more);
        prop_assert_eq!(diff(&rules(before), &rules(after)), Vec::new());
    }

    #[test]
    fn what_lies_within_a_filter_is_told_apart(base in side(), head in side(), filter in list()) {
        let entries = compare::<Codeowners>(&base, &head, &[&filter], Effort::default());
        for entry in &entries {
            let witness = entry.region.witness.as_ref().unwrap();
            let request = Request { repository: repository(), who: entry.region.holder.clone(), path: witness.resource.clone() };
            prop_assert_eq!(Codeowners::naive(&filter, &request), entry.within.contains(&0), "{:?}", entry.region);
            prop_assert!(means(&entry.region, &request), "{:?}", entry.region);
        }
    }

    #[test]
    fn what_is_gained_beyond_a_ceiling_is_beyond_it(base in side(), head in side(), ceiling in list()) {
        let entries = beyond::<Codeowners>(&base, &head, &ceiling, Effort::default());
        for request in world() {
            let is_so = Codeowners::naive(&head, &request) && !Codeowners::naive(&base, &request) && !Codeowners::naive(&ceiling, &request);
            let is_told = entries.iter().any(|entry| means(&entry.region, &request));
            prop_assert!(!is_so || is_told, "{:?} is not told", request);
        }
    }

    #[test]
    fn a_change_is_contained_in_itself_and_no_change_in_any(base in side(), head in side(), other in side()) {
        prop_assert_eq!(not_contained::<Codeowners>([&base, &head], [&base, &head], Effort::default()), Vec::new());
        prop_assert_eq!(not_contained::<Codeowners>([&base, &base], [&base, &other], Effort::default()), Vec::new());
    }
}

#[test]
fn an_approved_change_that_cannot_be_told_contains_nothing() {
    let head =
        rules(vec![Line { pattern: Pattern::parse("*").unwrap(), owners: [Owner::parse("@a").unwrap()].into(), origin: Place::file("f") }]);
    let mut unknown = Rules::default();
    unknown.add_file(repository(), Location::Root, None);
    let more = not_contained::<Codeowners>([&Rules::default(), &head], [&Rules::default(), &unknown], Effort::default());
    assert!(more.iter().any(|entry| entry.kind != Kind::Lost && &*entry.region.holder == "@a"), "{more:?}");
}

#[test]
fn too_much_is_undecided_once() {
    let head = rules(
        (0..50)
            .map(|n| Line {
                pattern: Pattern::parse(&format!("n{n}/*b*")).unwrap(),
                owners: [Owner::parse(&format!("@u{n}")).unwrap()].into(),
                origin: Place::file("f"),
            })
            .collect(),
    );
    let entries = compare::<Codeowners>(&Rules::default(), &head, &[], Effort(Budget::new(50)));
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].kind, &*entries[0].region.holder), (Kind::Undecided, ANYBODY));
}

#[test]
fn patterns_meet_where_some_path_matches_both() {
    let deeper =
        |paths: &[String]| paths.iter().flat_map(|path| NAMES.iter().map(move |name| format!("{path}/{name}"))).collect::<Vec<_>>();
    let one: Vec<String> = NAMES.iter().map(ToString::to_string).collect();
    let (two, three) = (deeper(&one), deeper(&deeper(&one)));
    let paths: Vec<String> = [one, two, deeper(&three), three].concat();
    let parsed: Vec<Pattern> = PATTERNS.iter().map(|text| Pattern::parse(text).unwrap()).collect();
    let matched: Vec<Vec<bool>> =
        PATTERNS.iter().map(|text| paths.iter().map(|path| is_one_of(&[(*text).to_owned()], path)).collect()).collect();
    for (a, one) in parsed.iter().enumerate() {
        for (b, other) in parsed.iter().enumerate() {
            let shared = matched[a].iter().zip(&matched[b]).any(|(one, other)| *one && *other);
            assert_eq!(one.meets(other, &mut Budget::default()).unwrap(), shared, "{} and {}", PATTERNS[a], PATTERNS[b]);
        }
    }
}

#[test]
fn a_long_file_is_compared_within_the_budget() {
    let line = |pattern: &str, owner: &str| Line {
        pattern: Pattern::parse(pattern).unwrap(),
        owners: [Owner::parse(owner).unwrap()].into(),
        origin: Place::file("f"),
    };
    let mut lines = vec![line("*", "@core")];
    lines.extend((0..300).map(|n| line(&format!("/src/d{}/d{n}/", n % 7), &format!("@t{}", n % 50))));
    lines.extend((0..20).map(|n| line(&format!("*.e{n}"), "@ends")));
    lines.extend((0..20).map(|n| line(&format!("n{n}/"), "@names")));
    lines.extend((300..600).map(|n| line(&format!("packages/d{}/d{n}/*", n % 7), &format!("@t{}", n % 50))));
    let (mut other, mut longer) = (lines.clone(), lines.clone());
    other[0] = line("*", "@other");
    longer.push(line("*.md", "@docs"));
    for head in [other, longer, Vec::new()] {
        let entries = diff(&rules(lines.clone()), &rules(head));
        assert!(entries.iter().any(|entry| entry.kind == Kind::Gained));
        assert!(entries.iter().all(|entry| entry.kind != Kind::Undecided));
    }
}
