//! A block of cells in words: one region, its origins and a witness.

use super::blocks::Block;
use super::cell::{Cell, Slice};
use super::condition::Sent;
use super::example::example;
use super::pattern::Notation;
use super::plain::plain;
use super::severity::{Escalation, Looks, exposed, is_why, judge};
use super::subject::Subject;
use super::{Atom, Effect, Principal, Slot};
use crate::access::{Exhausted, Formula, Formulas, Glob, Tuple, Variable, Word, matches};
use crate::systems::{Found, Kind, Origins, Region, Severity, Witness};
use std::collections::{BTreeMap, BTreeSet};

/// What the blocks of one subject have in common when they are described.
pub(super) struct Describer<'s, 'a> {
    subject: &'s Subject<'s>,
    found: &'s Found<'s, Cell<'a>>,
    escalation: Escalation<'s, 'a>,
    /// By formula, of which many blocks have the same.
    whens: BTreeMap<Formula, When>,
}

/// A formula in words.
#[derive(Clone)]
struct When {
    /// None where it is so always.
    condition: Option<String>,
    expires: Option<String>,
}

impl<'s, 'a> Describer<'s, 'a> {
    pub(super) fn new(subject: &'s Subject<'s>, found: &'s Found<'s, Cell<'a>>) -> Self {
        Self { subject, found, escalation: Escalation::new(subject), whens: BTreeMap::new() }
    }

    pub(super) fn describe(&mut self, block: &Block<'a>, formulas: &mut Formulas) -> Result<Region, Exhausted> {
        let (subject, found) = (self.subject, self.found);
        let When { condition, expires } = self.when(block.formula, formulas)?;
        let of_cap = |number: &usize| found.cells.get(*number).is_some_and(|(cell, _)| cell.of_cap);
        let by_cap = subject.slot.is_cap() || block.cells.iter().any(of_cap);
        let completed = if found.kind == Kind::Lost { Vec::new() } else { self.escalation.completed(block, formulas)? };
        let looks = Looks {
            slot: subject.slot,
            actions: block.actions.patterns(),
            except_actions: block.actions.except.iter().copied().collect(),
            any_resource: subject.slot != Slot::Trust && block.resources.patterns().iter().any(|r| r.globs().iter().all(Glob::is_any)),
            wide_resource: subject.slot != Slot::Trust && block.resources.patterns().iter().any(|r| is_wide(r.globs())),
            resources: block.resources.patterns(),
            exposed: if found.kind == Kind::Lost { BTreeSet::new() } else { exposed(subject, block, formulas)? },
            by_deny: block.through_other && !by_cap,
            by_cap,
            completed: &completed,
        };
        let (severity, reasons) = if found.kind == Kind::Lost { (Severity::Low, BTreeSet::new()) } else { judge(&looks) };
        let origins = origins(subject, found, block);
        let is_why = |action: &str| is_why(&reasons, &completed, action);
        let witness = witness(subject, found, block, is_why, formulas)?;
        let has_principal = matches!(subject.slot, Slot::Resource | Slot::Trust);
        Ok(Region {
            holder: subject.holder.clone(),
            realm: subject.realm.clone(),
            principals: if has_principal { block.principals.texts() } else { vec![subject.holder.to_string()] },
            except_principals: block.principals.except_texts(),
            actions: block.actions.texts(),
            except_actions: block.actions.except_texts(),
            resources: block.resources.texts(),
            except_resources: block.resources.except_texts(),
            summary: plain(subject, block, formulas)?,
            condition,
            expires,
            provided: block.through_other.then(|| provided(subject.slot).to_owned()),
            severity,
            reasons,
            completes: completed.into_iter().map(|one| one.beside(&origins)).collect(),
            origins,
            witness: Some(witness),
        })
    }

    fn when(&mut self, formula: Formula, formulas: &mut Formulas) -> Result<When, Exhausted> {
        if let Some(known) = self.whens.get(&formula) {
            return Ok(known.clone());
        }
        let axioms = self.subject.axioms(formula, formulas)?;
        let nowhere = compared_with_nothing(self.subject, formula, formulas)?;
        let axioms = formulas.without(axioms, nowhere)?;
        let terms = formulas.cover_given(formula, axioms)?;
        let is_always = terms.iter().any(Vec::is_empty);
        let condition = (!is_always).then(|| condition_text(self.subject, &terms));
        let when = When { condition, expires: expires(self.subject, formula, formulas)? };
        self.whens.insert(formula, when.clone());
        Ok(when)
    }
}

/// Whether the last part of an ARN is open from its beginning, as in `arn:aws:s3:::*`.
fn is_wide(globs: &Tuple) -> bool {
    globs.last().is_some_and(Glob::is_any)
}

fn provided(slot: Slot) -> &'static str {
    if slot.is_cap() { "the holder's own policies allow it" } else { "another policy of the holder allows it" }
}

/// Where something is what a policy variable is that has no value: nowhere, which conditions say already and people need not be told.
fn compared_with_nothing(subject: &Subject<'_>, formula: Formula, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
    let mut nowhere = Formula::FALSE;
    for variable in formulas.support(formula)? {
        let atom = subject.variables.atom(variable).filter(|atom| matches!(atom, Atom::Is(..) | Atom::Any(..)));
        for key in atom.map(Atom::variables).unwrap_or_default() {
            if let Some(missing) = subject.variables.number(&Atom::Missing(key.to_ascii_lowercase().into())) {
                let (one, missing) = (formulas.variable(variable)?, formulas.variable(missing)?);
                let both = formulas.and(one, missing)?;
                nowhere = formulas.or(nowhere, both)?;
            }
        }
    }
    Ok(nowhere)
}

fn condition_text(subject: &Subject<'_>, terms: &[Vec<(Variable, bool)>]) -> String {
    let literal = |(variable, value): &(Variable, bool)| {
        let atom = subject.variables.text(*variable);
        if *value { atom } else { format!("not {atom}") }
    };
    let term = |term: &Vec<(Variable, bool)>| term.iter().map(literal).collect::<Vec<_>>().join(" and ");
    let mut texts: Vec<String> = terms.iter().map(term).collect();
    texts.sort();
    texts.join(", or ")
}

/// The access ends when the earliest end ends it that the whole region needs.
fn expires(subject: &Subject<'_>, formula: Formula, formulas: &mut Formulas) -> Result<Option<String>, Exhausted> {
    let mut ends = Vec::new();
    for variable in formulas.support(formula)? {
        let Some(end) = subject.variables.atom(variable).and_then(Atom::end) else { continue };
        if formulas.given(formula, (variable, false))?.is_false() {
            ends.push(end);
        }
    }
    Ok(ends.into_iter().min().map(|(_, text)| text))
}

/// The statements that make the difference: those that now allow, and those that no longer deny or never allowed so much.
fn origins(subject: &Subject<'_>, found: &Found<'_, Cell<'_>>, block: &Block<'_>) -> Origins {
    let of = |side: usize, effects: &[Effect]| {
        let mut origins = BTreeSet::new();
        let Some(side) = subject.sides.get(side) else { return origins };
        for (cell, _) in block.cells.iter().filter_map(|number| found.cells.get(*number)).take(64) {
            let makes_it = side.about(cell).filter(|grant| effects.contains(&grant.statement.effect));
            origins.extend(makes_it.map(|grant| grant.origin.clone()));
        }
        origins
    };
    let (allows, both) = (&[Effect::Allow], &[Effect::Allow, Effect::Deny]);
    match found.kind {
        Kind::Lost => Origins { base: of(0, allows), head: of(1, both) },
        Kind::Gained | Kind::Undecided => Origins { base: of(0, both), head: of(1, allows) },
    }
}

/// How many cells of a block are tried for an example of why it is severe.
const MOST_TRIED: usize = 64;

fn witness(
    subject: &Subject<'_>,
    found: &Found<'_, Cell<'_>>,
    block: &Block<'_>,
    is_why: impl Fn(&str) -> bool,
    formulas: &mut Formulas,
) -> Result<Witness, Exhausted> {
    let cells = block.cells.iter().filter_map(|number| found.cells.get(*number));
    let mut examples =
        cells.take(MOST_TRIED).map(|(cell, formula)| (Some(cell), *formula, example(cell, block, subject.slot != Slot::Trust, &is_why)));
    let first = examples.next().unwrap_or((None, Formula::TRUE, <(String, String)>::default()));
    let is_telling = |(.., (action, _)): &(_, _, (String, String))| is_why(action);
    let telling = if is_telling(&first) { None } else { examples.find(is_telling) };
    let (cell, of_cell, (action, resource)) = telling.unwrap_or(first);
    // What the block says without the holder's other policies, the cell says with them.
    let both = formulas.and(block.formula, of_cell)?;
    let shown = if both.is_false() { block.formula } else { both };
    let model = subject.variables.model(shown, formulas)?;
    let Sent { context, facts } = Sent::new(&subject.variables, &model, &resource, subject.samples(&resource));
    Ok(Witness {
        principal: match cell {
            Some(cell) if matches!(subject.slot, Slot::Resource | Slot::Trust) => principal_text(&with_real_account(&cell.principal)),
            _ => subject.holder.to_string(),
        },
        action,
        resource,
        context,
        facts,
    })
}

/// Accounts of examples, of which one is shown where any account would do.
const ACCOUNTS: [&str; 3] = ["111122223333", "444455556666", "123456789012"];

/// The principal with an account that could be one, where no pattern tells it from the one that stands there.
fn with_real_account(slice: &Slice<'_, Principal>) -> Vec<Word> {
    let words = slice.words().to_vec();
    let is_sample = |words: &[Word]| matches!(words, [kind, account, _] if kind.to_string() == "aws" && !is_account(&account.to_string()));
    if !is_sample(&words) || words.get(1).is_some_and(|account| account.to_string().is_empty()) {
        return words;
    }
    let with =
        |account: &&str| words.iter().enumerate().map(|(at, word)| if at == 1 { Word::plain(*account) } else { word.clone() }).collect();
    let is_same =
        |other: &Vec<Word>| slice.cut.patterns().all(|pattern| matches(pattern.globs(), other) == matches(pattern.globs(), &words));
    ACCOUNTS.iter().map(with).find(is_same).unwrap_or(words)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn principal_text(words: &[Word]) -> String {
    let texts: Vec<String> = words.iter().map(ToString::to_string).collect();
    match texts.as_slice() {
        [kind, account, who] if kind == "aws" && !account.is_empty() => match who.split_once(':') {
            Some((service, rest)) => format!("arn:aws:{service}::{account}:{rest}"),
            None => format!("arn:aws:iam::{account}:user/{who}"),
        },
        [_, _, who] => who.clone(),
        _ => String::new(),
    }
}
