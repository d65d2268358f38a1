//! Two sides of a system → what is gained, lost, or cannot be told.
//!
//! `Gained = satisfiable(axioms ∧ head ∧ ¬base)`, lost is the same with the sides exchanged, and what needs a fact that nobody here
//! knows is undecided. A ceiling, a rule's filter, an approved delta are more sides of the same comparison.

mod digest;
mod every;
mod judged;

pub use digest::{delta_digest, short_id};
pub use every::{Filter, between_every, beyond_every, compare_every, holders, judge, not_contained_every};
pub use judged::Judged;

use crate::access::{Budget, Exhausted, Formula, Formulas, Literal, Variable};
use crate::systems::{Found, Kind, Opaque, Origins, Region, Severity, System, World, content_digest};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// One part of a change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Which way.
    pub kind: Kind,
    /// In which system; `None` for a file that could not be read at all.
    pub system: Option<&'static str>,
    /// In which format the rules stand that make the difference, once somebody who knows the files has said so.
    pub format: Option<&'static str>,
    /// Which requests.
    pub region: Region,
    /// What cannot be told, for an undecided part.
    pub opaque: Option<OpaquePart>,
    /// Which of the filters the region lies within, by number.
    pub within: BTreeSet<usize>,
}

/// The part of a change that cannot be told. An approval of it binds to the digest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OpaquePart {
    /// SHA-256, in hexadecimal.
    pub digest: String,
    /// Why, in one sentence.
    pub why: String,
}

/// Steps that one subject's comparison may take; the default is [`Budget::default`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Effort(pub Budget);

/// What two sides differ in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// What is gained, lost or cannot be told.
    pub entries: Vec<Entry>,
    /// What only the rules differ in: it is known that no request can be about it.
    pub vacuous: Vec<Entry>,
}

impl Compared {
    /// Adds the differences of other rules.
    pub fn extend(&mut self, more: Self) {
        self.entries.extend(more.entries);
        self.vacuous.extend(more.vacuous);
    }
}

/// What head allows that base did not, the reverse, and what cannot be told. Each region lies wholly inside or outside of each
/// filter.
pub fn compare<S: System>(base: &S::Rules, head: &S::Rules, filters: &[&S::Rules], effort: Effort) -> Vec<Entry> {
    differences::<S>(base, head, filters, effort).entries
}

/// The same, and what the rules differ in besides.
pub fn differences<S: System>(base: &S::Rules, head: &S::Rules, filters: &[&S::Rules], effort: Effort) -> Compared {
    let sides: Vec<&S::Rules> = [base, head].into_iter().chain(filters.iter().copied()).collect();
    let mut compared = ask::<S>(&sides, &gained_or_lost, effort);
    compared.entries.extend(opaque_differences::<S>(base, head));
    compared.entries.sort();
    compared.vacuous.sort();
    compared
}

/// What head allows that neither base nor the ceiling does.
pub fn beyond<S: System>(base: &S::Rules, head: &S::Rules, ceiling: &S::Rules, effort: Effort) -> Vec<Entry> {
    let question = |formulas: &mut Formulas, sides: &[Formula]| match sides {
        [base, head, ceiling] => {
            let gained = formulas.without(*head, *base)?;
            Ok(vec![(Kind::Gained, formulas.without(gained, *ceiling)?)])
        }
        _ => Ok(Vec::new()),
    };
    ask::<S>(&[base, head, ceiling], &question, effort).entries
}

/// What head allows that base does not, inside of one more side and outside of another. Of nothing and a side it is what that side allows
/// there.
pub fn between<S: System>(sides: [&S::Rules; 2], inside: &S::Rules, outside: &S::Rules, effort: Effort) -> Vec<Entry> {
    let question = |formulas: &mut Formulas, sides: &[Formula]| match sides {
        [base, head, inside, outside] => {
            let gained = formulas.without(*head, *base)?;
            let gained = formulas.and(gained, *inside)?;
            Ok(vec![(Kind::Gained, formulas.without(gained, *outside)?)])
        }
        _ => Ok(Vec::new()),
    };
    ask::<S>(&[sides[0], sides[1], inside, outside], &question, effort).entries
}

/// What today's change does that the approved one did not: empty when today's is contained in it.
pub fn not_contained<S: System>(today: [&S::Rules; 2], approved: [&S::Rules; 2], effort: Effort) -> Vec<Entry> {
    let question = |formulas: &mut Formulas, sides: &[Formula]| match sides {
        [base, head, approved_base, approved_head] => {
            let gained = formulas.without(*head, *base)?;
            let approved_gain = formulas.without(*approved_head, *approved_base)?;
            let lost = formulas.without(*base, *head)?;
            let approved_loss = formulas.without(*approved_base, *approved_head)?;
            Ok(vec![(Kind::Gained, formulas.without(gained, approved_gain)?), (Kind::Lost, formulas.without(lost, approved_loss)?)])
        }
        _ => Ok(Vec::new()),
    };
    let mut entries = ask::<S>(&[today[0], today[1], approved[0], approved[1]], &question, effort).entries;
    let approved_parts = opaque_differences::<S>(approved[0], approved[1]);
    entries.extend(parts_not_contained(opaque_differences::<S>(today[0], today[1]), &approved_parts));
    entries
}

/// Parts that cannot be told and that were not approved. An approval is of one part, at one holder in one realm, and of its coming or
/// its going: the same bytes elsewhere may give the same access to somebody else.
pub fn parts_not_contained(today: Vec<Entry>, approved: &[Entry]) -> Vec<Entry> {
    fn key(entry: &Entry) -> Option<(&Arc<str>, &Arc<str>, &str, bool)> {
        let Region { holder, realm, origins, .. } = &entry.region;
        entry.opaque.as_ref().map(|part| (holder, realm, part.digest.as_str(), origins.head.is_empty()))
    }
    let approved: BTreeSet<_> = approved.iter().filter_map(key).collect();
    today.into_iter().filter(|entry| key(entry).is_none_or(|key| !approved.contains(&key))).collect()
}

type Answer = Vec<(Kind, Formula)>;
type Question<'q> = &'q dyn Fn(&mut Formulas, &[Formula]) -> Result<Answer, Exhausted>;

fn ask<S: System>(sides: &[&S::Rules], question: Question<'_>, effort: Effort) -> Compared {
    let mut compared = Compared::default();
    for subject in &S::subjects(sides) {
        let undecided = |Exhausted| Compared { entries: vec![too_large::<S>(subject)], ..Compared::default() };
        compared.extend(of_subject::<S>(subject, sides, question, effort).unwrap_or_else(undecided));
    }
    compared
}

/// What is found of a subject, and what besides where something particular is true of a request.
fn of_subject<S: System>(
    subject: &S::Subject<'_>,
    sides: &[&S::Rules],
    question: Question<'_>,
    effort: Effort,
) -> Result<Compared, Exhausted> {
    let mut budget = effort.0;
    // First, for where they are too many nothing else counts.
    let worlds = S::worlds(subject, sides, &mut budget)?;
    let mut own = examine::<S>(subject, (sides.len(), sides.len()), question, effort)?;
    let effort = Effort(budget.share(worlds.len()));
    for World { rules, plain, told, here, about } in worlds {
        let count = sides.len();
        let unsaid = |formulas: &mut Formulas, of_sides: &[Formula]| {
            let of = |from: usize| of_sides.get(from..from + count).unwrap_or_default();
            let [.., here, about] = of_sides else { return Ok(Vec::new()) };
            let (plain, told) = (question(formulas, of(count))?, question(formulas, of(2 * count))?);
            let mut answer = question(formulas, of(0))?;
            for ((_, formula), ((_, plain), (_, told))) in answer.iter_mut().zip(plain.into_iter().zip(told)) {
                let (asked, told) = (formulas.and(*formula, *here)?, formulas.and(told, *about)?);
                let left = formulas.without(asked, plain)?;
                *formula = formulas.without(left, told)?;
            }
            Ok(answer)
        };
        let all: Vec<&S::Rules> = rules.iter().chain(&plain).chain(&told).chain([&here, &about]).collect();
        for subject in &S::subjects(&all) {
            own.extend(examine::<S>(subject, (all.len(), count), &unsaid, effort)?);
        }
    }
    own.entries.sort();
    own.entries.dedup();
    Ok(own)
}

/// Cells by which way they changed, which filters they lie within, and whether no request can be in them.
type Sorted<'a, S> = BTreeMap<(Kind, BTreeSet<usize>, bool), Vec<(<S as System>::Cell<'a>, Formula)>>;

/// How many sides there are, and how many of them are those that somebody asked about.
type Sides = (usize, usize);

fn examine<S: System>(subject: &S::Subject<'_>, sides: Sides, question: Question<'_>, effort: Effort) -> Result<Compared, Exhausted> {
    let mut formulas = Formulas::new(effort.0);
    let sorted = sort_cells::<S>(subject, sides, question, effort, &mut formulas)?;
    let mut compared = Compared::default();
    for ((kind, within, is_vacuous), cells) in sorted {
        let regions = S::regions(subject, &Found { kind, cells: &cells }, &mut formulas)?;
        let entries = regions.into_iter().map(|region| entry::<S>(kind, region, within.clone()));
        if is_vacuous {
            compared.vacuous.extend(entries.map(without_witness));
        } else {
            compared.entries.extend(entries);
        }
    }
    Ok(compared)
}

fn sort_cells<'a, S: System>(
    subject: &S::Subject<'a>,
    (sides, asked): Sides,
    question: Question<'_>,
    effort: Effort,
    formulas: &mut Formulas,
) -> Result<Sorted<'a, S>, Exhausted> {
    let mut budget = effort.0;
    let unknowns = S::unknowns(subject);
    let mut sorted: Sorted<'a, S> = BTreeMap::new();
    for cell in S::cells(subject, &mut budget)? {
        let of_sides = (0..sides).map(|side| S::allows(subject, side, &cell, formulas)).collect::<Result<Vec<_>, _>>()?;
        for (kind, formula) in question(formulas, &of_sides)? {
            let formula = S::possible(subject, formula, formulas)?;
            for (kind, formula) in settle(kind, formula, &unknowns, formulas)? {
                let within = filters_around::<S>(subject, formula, of_sides.get(2..asked).unwrap_or_default(), formulas)?;
                sorted.entry((kind, within, S::is_vacuous(&cell))).or_default().push((cell.clone(), formula));
            }
        }
    }
    Ok(sorted)
}

/// One request for each cell that changed, made from a model of what makes the difference, to be held against a judge.
pub fn witnesses<S: System>(
    base: &S::Rules,
    head: &S::Rules,
    request: impl Fn(&S::Subject<'_>, &S::Cell<'_>, &[Literal]) -> S::Request,
) -> Result<Vec<(Kind, S::Request)>, Exhausted> {
    let effort = Effort::default();
    let mut witnesses = Vec::new();
    for subject in &S::subjects(&[base, head]) {
        let mut formulas = Formulas::new(effort.0);
        for ((kind, _, _), cells) in sort_cells::<S>(subject, (2, 2), &gained_or_lost, effort, &mut formulas)? {
            for (cell, formula) in &cells {
                let model = formulas.model(*formula).unwrap_or_default();
                witnesses.push((kind, request(subject, cell, &model)));
            }
        }
    }
    Ok(witnesses)
}

fn gained_or_lost(formulas: &mut Formulas, sides: &[Formula]) -> Result<Answer, Exhausted> {
    match sides {
        [base, head, ..] => Ok(vec![(Kind::Gained, formulas.without(*head, *base)?), (Kind::Lost, formulas.without(*base, *head)?)]),
        _ => Ok(Vec::new()),
    }
}

/// The part of a gain that holds whatever the unknowns are is gained, the rest of it undecided. A loss that needs an unknown is
/// still said to be a loss: it never asks for anything.
fn settle(kind: Kind, formula: Formula, unknowns: &[Variable], formulas: &mut Formulas) -> Result<Answer, Exhausted> {
    if kind == Kind::Lost {
        return Ok(if formula.is_false() { Vec::new() } else { vec![(kind, formula)] });
    }
    let mut certain = formula;
    for unknown in unknowns {
        certain = formulas.for_all(certain, *unknown)?;
    }
    let rest = formulas.without(formula, certain)?;
    Ok([(kind, certain), (Kind::Undecided, rest)].into_iter().filter(|(_, formula)| !formula.is_false()).collect())
}

/// The filters, which are the sides after the first two, that allow all of it.
fn filters_around<S: System>(
    subject: &S::Subject<'_>,
    formula: Formula,
    filters: &[Formula],
    formulas: &mut Formulas,
) -> Result<BTreeSet<usize>, Exhausted> {
    let mut around = BTreeSet::new();
    for (number, filter) in filters.iter().enumerate() {
        let outside = formulas.without(formula, *filter)?;
        if S::possible(subject, outside, formulas)?.is_false() {
            around.insert(number);
        }
    }
    Ok(around)
}

fn entry<S: System>(kind: Kind, region: Region, within: BTreeSet<usize>) -> Entry {
    let opaque = (kind == Kind::Undecided).then(|| OpaquePart {
        digest: content_digest(&[&digest::canonical(S::ID, &region)]),
        why: region.provided.clone().unwrap_or_else(|| "it depends on something that is not in these files".to_owned()),
    });
    Entry { kind, system: Some(S::ID), format: None, region, opaque, within }
}

/// No request is in it.
fn without_witness(entry: Entry) -> Entry {
    Entry { region: Region { witness: None, ..entry.region }, ..entry }
}

/// A comparison that costs more than its budget may hide any gain.
fn too_large<S: System>(subject: &S::Subject<'_>) -> Entry {
    let (holder, realm) = S::name(subject);
    let why = "these rules are too many or too tangled to be compared exactly within the budget".to_owned();
    let part = OpaquePart { digest: S::fingerprint(subject), why };
    undecided(Some(S::ID), holder, realm, part, Origins::default())
}

/// Anything at all may have changed for this holder.
pub fn undecided(system: Option<&'static str>, holder: Arc<str>, realm: Arc<str>, part: OpaquePart, origins: Origins) -> Entry {
    let region = Region {
        principals: vec![holder.to_string()],
        except_principals: Vec::new(),
        holder,
        realm,
        actions: vec!["*".to_owned()],
        except_actions: Vec::new(),
        resources: vec!["*".to_owned()],
        except_resources: Vec::new(),
        condition: None,
        expires: None,
        provided: Some(part.why.clone()),
        severity: Severity::Critical,
        reasons: BTreeSet::from(["undecided"]),
        summary: None,
        completes: Vec::new(),
        origins,
        witness: None,
    };
    Entry { kind: Kind::Undecided, system, format: None, region, opaque: Some(part), within: BTreeSet::new() }
}

/// What could not be read and is not the same on both sides. Where it stands is no part of what it is.
fn opaque_differences<S: System>(base: &S::Rules, head: &S::Rules) -> Vec<Entry> {
    type Key<'o> = (&'o Arc<str>, &'o Arc<str>, &'o str);
    fn by_content(parts: &BTreeSet<Opaque>) -> BTreeMap<Key<'_>, &Opaque> {
        parts.iter().map(|part| ((&part.holder, &part.realm, part.digest.as_str()), part)).collect()
    }
    let (before, after) = (by_content(S::opaque(base)), by_content(S::opaque(head)));
    let only = |own: &BTreeMap<Key<'_>, &Opaque>, other: &BTreeMap<Key<'_>, &Opaque>, is_head: bool| -> Vec<Entry> {
        let missing = own.iter().filter(|(key, _)| !other.contains_key(*key));
        missing.map(|(_, part)| opaque_entry::<S>(part, is_head)).collect()
    };
    [only(&before, &after, false), only(&after, &before, true)].concat()
}

fn opaque_entry<S: System>(part: &Opaque, is_head: bool) -> Entry {
    let mut origins = Origins::default();
    let side = if is_head { &mut origins.head } else { &mut origins.base };
    side.insert(part.place.clone());
    let opaque = OpaquePart { digest: part.digest.clone(), why: part.why.clone() };
    undecided(Some(S::ID), Arc::clone(&part.holder), Arc::clone(&part.realm), opaque, origins)
}
