//! From cells to a few regions in words.

use super::evaluate::{Cell, Subject};
use super::severity::{Looks, judge};
use super::{Fact, Level, Scope, Starter};
use crate::access::{Exhausted, Formula, Formulas, Literal};
use crate::document::Place;
use crate::systems::{Found, Kind, Origins, Region, Severity, Witness};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What somebody may do with a token.
type Given = BTreeSet<(Scope, Level)>;

/// Levels and the scopes in which they are given.
struct Part {
    levels: Vec<Level>,
    scopes: BTreeSet<Scope>,
    /// The scopes are all that there are, but for these.
    except: Option<BTreeSet<Scope>>,
}

pub(super) fn regions(subject: &Subject<'_>, found: &Found<'_, Cell>, formulas: &mut Formulas) -> Result<Vec<Region>, Exhausted> {
    let mut by_formula: BTreeMap<Formula, BTreeMap<Starter, Given>> = BTreeMap::new();
    for (cell, formula) in found.cells {
        by_formula.entry(*formula).or_default().entry(cell.starter).or_default().insert((cell.scope, cell.level));
    }
    let mut regions = Vec::new();
    for (formula, by_starter) in by_formula {
        let mut starters: BTreeMap<Given, Vec<Starter>> = BTreeMap::new();
        for (starter, given) in by_starter {
            starters.entry(given).or_default().push(starter);
        }
        for term in formulas.cover_given(formula, found.axioms)? {
            for (given, starters) in &starters {
                regions.extend(parts(given).into_iter().map(|part| region(subject, found.kind, &term, starters, &part)));
            }
        }
    }
    Ok(regions)
}

/// Levels that are given in most scopes by the scopes in which they are not, then the scopes that are given the same.
fn parts(given: &Given) -> Vec<Part> {
    let mut by_except: BTreeMap<BTreeSet<Scope>, Vec<Level>> = BTreeMap::new();
    let mut by_scope: BTreeMap<Scope, Vec<Level>> = BTreeMap::new();
    for level in Level::ALL {
        let (own, except): (Vec<Scope>, Vec<Scope>) =
            Scope::all().filter(|scope| scope.has(level)).partition(|scope| given.contains(&(*scope, level)));
        if own.len() > except.len() {
            by_except.entry(except.into_iter().collect()).or_default().push(level);
        } else {
            own.into_iter().for_each(|scope| by_scope.entry(scope).or_default().push(level));
        }
    }
    let mut by_levels: BTreeMap<Vec<Level>, BTreeSet<Scope>> = BTreeMap::new();
    for (scope, levels) in by_scope {
        by_levels.entry(levels).or_default().insert(scope);
    }
    let wide = by_except.into_iter().map(|(except, levels)| {
        let scopes = Scope::all().filter(|scope| !except.contains(scope)).collect();
        Part { levels, scopes, except: Some(except) }
    });
    wide.chain(by_levels.into_iter().map(|(levels, scopes)| Part { levels, scopes, except: None })).collect()
}

fn region(subject: &Subject<'_>, kind: Kind, term: &[Literal], starters: &[Starter], part: &Part) -> Region {
    let told = Told::of(subject, term);
    let looks = Looks {
        levels: &part.levels,
        scopes: &part.scopes,
        is_every: part.except.as_ref().is_some_and(BTreeSet::is_empty),
        by_anybody: starters.contains(&Starter::Anybody),
        through_fork: starters.contains(&Starter::ThroughFork),
        is_guarded: !told.guards.is_empty(),
        calls_elsewhere: subject.name.calls_elsewhere(),
    };
    let (severity, reasons) = if kind == Kind::Lost { (Severity::Low, BTreeSet::new()) } else { judge(&looks) };
    let names = |scopes: &BTreeSet<Scope>| -> Vec<String> { scopes.iter().map(|scope| scope.name().to_owned()).collect() };
    Region {
        holder: subject.name.to_string().into(),
        realm: Arc::clone(&subject.realm),
        principals: starters.iter().map(|starter| starter.name().to_owned()).collect(),
        except_principals: Vec::new(),
        actions: part.levels.iter().map(|level| level.name().to_owned()).collect(),
        except_actions: Vec::new(),
        resources: if part.except.is_some() { vec!["*".to_owned()] } else { names(&part.scopes) },
        except_resources: part.except.as_ref().map(names).unwrap_or_default(),
        condition: (!told.guards.is_empty()).then(|| told.guards.join(" and ")),
        expires: None,
        provided: (!told.provided.is_empty()).then(|| told.provided.join(" and ")),
        severity,
        reasons,
        origins: origins(subject, starters, part),
        witness: witness(starters, part, told.context),
    }
}

/// What has to be true besides, in words.
#[derive(Default)]
struct Told {
    guards: Vec<String>,
    provided: Vec<&'static str>,
    context: BTreeMap<String, bool>,
}

impl Told {
    fn of(subject: &Subject<'_>, term: &[Literal]) -> Self {
        let mut told = Self::default();
        for (variable, value) in term {
            match subject.fact(*variable) {
                Some(Fact::Guard(text)) => {
                    told.guards.push(if *value { text.to_string() } else { format!("not ({text})") });
                    told.context.insert(text.to_string(), *value);
                }
                Some(Fact::PermissiveDefault) if *value => told.provided.push("the repository's default token may write"),
                Some(Fact::PermissiveDefault) => told.provided.push("the repository's default token may not write"),
                Some(Fact::CallerHas) if *value => told.provided.push("the job that calls this workflow has it"),
                Some(Fact::CallerHas) => told.provided.push("the job that calls this workflow does not have it"),
                None => {}
            }
        }
        told
    }
}

fn cells<'p>(starters: &'p [Starter], part: &'p Part) -> impl Iterator<Item = Cell> + 'p {
    let scopes = part.scopes.iter().flat_map(|scope| part.levels.iter().map(move |level| (*scope, *level)));
    let real = scopes.filter(|(scope, level)| scope.has(*level));
    real.flat_map(|(scope, level)| starters.iter().map(move |starter| Cell { starter: *starter, scope, level }))
}

fn origins(subject: &Subject<'_>, starters: &[Starter], part: &Part) -> Origins {
    let of = |side: usize| -> BTreeSet<Place> { cells(starters, part).flat_map(|cell| subject.origins(side, &cell)).collect() };
    Origins { base: of(0), head: of(1) }
}

fn witness(starters: &[Starter], part: &Part, context: BTreeMap<String, bool>) -> Option<Witness> {
    let Cell { starter, scope, level } = cells(starters, part).min_by_key(|cell| (Reverse(cell.level), *cell))?;
    let (principal, action, resource) = (starter.name().to_owned(), level.name().to_owned(), scope.name().to_owned());
    Some(Witness { principal, action, resource, context })
}
