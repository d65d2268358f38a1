//! From cells to a few regions in words.

use super::severity::{Looks, judge};
use super::strangers::are_kept_off_by;
use super::subject::{Cell, Subject};
use super::{Fact, Level, Scope, Starter};
use crate::access::{Exhausted, Formula, Formulas, Literal};
use crate::document::Place;
use crate::systems::{Found, Kind, Origins, Region, Severity, Witness};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What somebody may do with a token.
type Given = BTreeSet<(Scope, Level)>;

/// Starters, levels and scopes of which each with each is given.
struct Part {
    starters: Vec<Starter>,
    levels: Vec<Level>,
    scopes: Scopes,
}

/// Scopes by name, or all but some.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Scopes {
    But(BTreeSet<Scope>),
    Only(BTreeSet<Scope>),
}

impl Scopes {
    /// Where a level is given in most scopes that have it, it is shorter to say in which it is not.
    fn of(given: &Given, level: Level) -> Self {
        let (own, rest): (BTreeSet<Scope>, BTreeSet<Scope>) =
            Scope::all().filter(|scope| scope.has(level)).partition(|scope| given.contains(&(*scope, level)));
        if own.len() > rest.len() { Self::But(rest) } else { Self::Only(own) }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::Only(scopes) if scopes.is_empty())
    }

    fn has(&self, scope: Scope) -> bool {
        match self {
            Self::But(scopes) => !scopes.contains(&scope),
            Self::Only(scopes) => scopes.contains(&scope),
        }
    }
}

pub(super) fn regions(subject: &Subject<'_>, found: &Found<'_, Cell>, formulas: &mut Formulas) -> Result<Vec<Region>, Exhausted> {
    let mut by_formula: BTreeMap<Formula, BTreeMap<Starter, Given>> = BTreeMap::new();
    for (cell, formula) in found.cells {
        by_formula.entry(*formula).or_default().entry(cell.starter).or_default().insert((cell.scope, cell.level));
    }
    let mut regions = Vec::new();
    for (formula, given) in by_formula {
        let terms = formulas.cover(formula)?;
        let parts = parts(&given);
        regions.extend(terms.iter().flat_map(|term| parts.iter().map(|part| region(subject, found.kind, term, part))));
    }
    Ok(regions)
}

/// Starters that may do the same at a level are told together, then levels that the same starters have in the same scopes.
fn parts(given: &BTreeMap<Starter, Given>) -> Vec<Part> {
    let mut starters: BTreeMap<(Level, Scopes), Vec<Starter>> = BTreeMap::new();
    for (starter, given) in given {
        for level in Level::ALL {
            starters.entry((level, Scopes::of(given, level))).or_default().push(*starter);
        }
    }
    let mut levels: BTreeMap<(Vec<Starter>, Scopes), Vec<Level>> = BTreeMap::new();
    for ((level, scopes), starters) in starters {
        levels.entry((starters, scopes)).or_default().push(level);
    }
    let parts = levels.into_iter().filter(|((_, scopes), _)| !scopes.is_empty());
    parts.map(|((starters, scopes), levels)| Part { starters, levels, scopes }).collect()
}

fn region(subject: &Subject<'_>, kind: Kind, term: &[Literal], part: &Part) -> Region {
    let told = Told::of(subject, term);
    let looks = Looks {
        writes: part.levels.contains(&Level::Write),
        scopes: Scope::all().filter(|scope| part.scopes.has(*scope)).map(Scope::name).collect(),
        by_anybody: part.starters.contains(&Starter::Anybody),
        through_fork: part.starters.contains(&Starter::ThroughFork),
        are_kept_off: told.are_kept_off,
        calls_elsewhere: subject.name.calls_elsewhere(),
    };
    let (severity, reasons) = if kind == Kind::Lost { (Severity::Low, BTreeSet::new()) } else { judge(&looks) };
    let names = |scopes: &BTreeSet<Scope>| -> Vec<String> { scopes.iter().map(|scope| scope.name().to_owned()).collect() };
    let (resources, except_resources) = match &part.scopes {
        Scopes::But(scopes) => (vec!["*".to_owned()], names(scopes)),
        Scopes::Only(scopes) => (names(scopes), Vec::new()),
    };
    Region {
        holder: subject.name.to_string().into(),
        realm: Arc::clone(&subject.realm),
        principals: part.starters.iter().map(|starter| starter.name().to_owned()).collect(),
        except_principals: Vec::new(),
        actions: part.levels.iter().map(|level| level.name().to_owned()).collect(),
        except_actions: Vec::new(),
        resources,
        except_resources,
        condition: (!told.guards.is_empty()).then(|| told.guards.join(" and ")),
        expires: None,
        provided: (!told.provided.is_empty()).then(|| told.provided.join(" and ")),
        severity,
        reasons,
        summary: None,
        completes: Vec::new(),
        origins: Origins { base: origins(subject, 0, part), head: origins(subject, 1, part) },
        witness: witness(part, told.facts),
    }
}

/// What has to be true besides, in words.
#[derive(Default)]
struct Told {
    guards: Vec<String>,
    /// One of them keeps strangers off. That another one does not hold keeps nobody off.
    are_kept_off: bool,
    provided: Vec<&'static str>,
    facts: BTreeMap<String, bool>,
}

impl Told {
    fn of(subject: &Subject<'_>, term: &[Literal]) -> Self {
        let mut told = Self::default();
        for (variable, value) in term {
            match subject.fact(*variable) {
                Some(Fact::Guard(text)) => {
                    told.are_kept_off |= *value && are_kept_off_by(text);
                    told.guards.push(if *value { text.to_string() } else { format!("not ({text})") });
                    told.facts.insert(text.to_string(), *value);
                }
                Some(fact) => told.provided.extend(provided(fact, *value)),
                None => {}
            }
        }
        told
    }
}

/// What is said of a fact that is no guard.
pub(super) fn provided(fact: &Fact, value: bool) -> Option<&'static str> {
    match (fact, value) {
        (Fact::PermissiveDefault, true) => Some("the repository's default token may write"),
        (Fact::PermissiveDefault, false) => Some("the repository's default token may not write"),
        (Fact::CallerHas, true) => Some("the job that calls this workflow has it"),
        (Fact::CallerHas, false) => Some("the job that calls this workflow does not have it"),
        (Fact::Guard(_), _) => None,
    }
}

fn cells(part: &Part) -> impl Iterator<Item = Cell> + '_ {
    let scopes = Scope::all().filter(|scope| part.scopes.has(*scope));
    let pairs = scopes.flat_map(|scope| part.levels.iter().filter(move |level| scope.has(**level)).map(move |level| (scope, *level)));
    pairs.flat_map(|(scope, level)| part.starters.iter().map(move |starter| Cell { starter: *starter, scope, level }))
}

fn origins(subject: &Subject<'_>, side: usize, part: &Part) -> BTreeSet<Place> {
    cells(part).flat_map(|cell| subject.origins(side, &cell)).collect()
}

/// The most that is given, by the first who may start it.
fn witness(part: &Part, facts: BTreeMap<String, bool>) -> Option<Witness> {
    let Cell { starter, scope, level } = cells(part).min_by_key(|cell| (Reverse(cell.level), *cell))?;
    let (principal, action, resource) = (starter.name().to_owned(), level.name().to_owned(), scope.name().to_owned());
    Some(Witness { principal, action, resource, context: BTreeMap::new(), facts })
}
