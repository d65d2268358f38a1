//! What changed, in the patterns that the files write: the paths of one line that differs, except those that a later line takes, and
//! those for which the other side says the same.

use super::comparison::{Cell, Comparison, Subject};
use super::walk::EVERYBODY;
use super::{APPROVE, Line, Pattern, severity};
use crate::access::{Budget, Exhausted};
use crate::systems::{Found, Kind, Origins, Region, Witness};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Past this many exceptions they are told in a word, and not listed.
const MOST_EXCEPTIONS: usize = 8;

/// The line by which paths are told: its side and its rank.
type Handle = (usize, u32);

/// Paths in words.
#[derive(Default)]
struct Told {
    resources: Vec<String>,
    except: BTreeSet<String>,
    /// What else holds for them.
    when: BTreeSet<String>,
}

pub(super) fn regions(subject: &Subject<'_>, found: &Found<'_, Cell>) -> Result<Vec<Region>, Exhausted> {
    let gaining = usize::from(found.kind != Kind::Lost);
    let changing = subject.comparison.changing(&subject.holder, gaining);
    let teller = Teller { comparison: &subject.comparison, holder: &subject.holder, gaining, changing };
    let mut by_handle: BTreeMap<Handle, Vec<usize>> = BTreeMap::new();
    for (cell, _) in found.cells {
        by_handle.entry(teller.handle(cell.answer)).or_default().push(cell.answer);
    }
    let mut budget = Budget::default();
    let mut regions: Vec<Region> = Vec::new();
    for (handle, answers) in by_handle {
        let region = teller.region(found.kind, handle, &answers, &mut budget)?;
        match regions.iter_mut().find(|other| may_be_told_together(other, &region)) {
            Some(other) => merge(other, region),
            None => regions.push(region),
        }
    }
    Ok(regions)
}

/// Paths without exceptions and for the same reasons are one list.
fn may_be_told_together(one: &Region, other: &Region) -> bool {
    let is_plain = |region: &Region| region.except_resources.is_empty() && region.condition.is_none();
    is_plain(one) && is_plain(other) && one.reasons == other.reasons
}

fn merge(region: &mut Region, other: Region) {
    region.resources.extend(other.resources);
    region.origins.base.extend(other.origins.base);
    region.origins.head.extend(other.origins.head);
}

struct Teller<'t, 'a> {
    comparison: &'t Comparison<'a>,
    holder: &'t Arc<str>,
    /// The side that gives; the other one does not.
    gaining: usize,
    changing: BTreeSet<usize>,
}

impl<'a> Teller<'_, 'a> {
    /// A line that differs: the one that gives, else the one that did not.
    fn handle(&self, answer: usize) -> Handle {
        let rank = |side: usize| self.rank(side, answer).filter(|rank| self.differs(side, *rank));
        let other = 1 - self.gaining;
        rank(self.gaining).map(|rank| (self.gaining, rank)).or_else(|| rank(other).map(|rank| (other, rank))).unwrap_or_default()
    }

    fn rank(&self, side: usize, answer: usize) -> Option<u32> {
        self.comparison.answers().get(answer)?.decides.get(side).copied().flatten()
    }

    fn differs(&self, side: usize, rank: u32) -> bool {
        let pattern = self.comparison.sides.get(side).and_then(|side| side.ranking.patterns.get(&rank));
        pattern.is_some_and(|pattern| self.comparison.differs.get(*pattern) == Some(&true))
    }

    fn line(&self, side: usize, rank: u32) -> Option<&'a Line> {
        self.comparison.sides.get(side)?.lines?.get(rank as usize)
    }

    /// Whether the answer changes for this holder in this way.
    fn changes(&self, answer: usize) -> bool {
        self.changing.contains(&answer)
    }

    fn region(&self, kind: Kind, handle: Handle, answers: &[usize], budget: &mut Budget) -> Result<Region, Exhausted> {
        let (side, rank) = handle;
        let line = self.line(side, rank).ok_or(Exhausted)?;
        let mut told = Told { resources: vec![line.pattern.text().to_owned()], ..Told::default() };
        self.except_later(handle, &line.pattern, &mut told, budget)?;
        self.except_unchanged(handle, &line.pattern, &mut told, budget)?;
        self.within_lists(handle, answers, &mut told);
        let owns_the_gate = answers.iter().any(|answer| self.rank(self.comparison.sides.len() - 1, *answer) == Some(EVERYBODY));
        let is_whole = told.except.is_empty() && told.when.is_empty() && told.resources == [line.pattern.text()];
        let owns_everything = is_whole && line.pattern.shape.is_everything();
        let (severity, reasons) = severity::judge(self.holder, owns_the_gate, owns_everything);
        let is_loss = kind == Kind::Lost;
        Ok(Region {
            holder: Arc::clone(self.holder),
            realm: Arc::clone(&self.comparison.repository.realm),
            principals: vec![self.holder.to_string()],
            except_principals: Vec::new(),
            actions: vec![APPROVE.to_owned()],
            except_actions: Vec::new(),
            resources: told.resources,
            except_resources: told.except.into_iter().collect(),
            condition: (!told.when.is_empty()).then(|| told.when.into_iter().collect::<Vec<_>>().join(" and ")),
            expires: None,
            provided: (kind == Kind::Undecided).then(|| "one of the files that it is compared with cannot be told".to_owned()),
            severity: if is_loss { crate::systems::Severity::Low } else { severity },
            reasons: if is_loss { BTreeSet::new() } else { reasons },
            summary: None,
            completes: Vec::new(),
            origins: self.origins(handle, answers),
            witness: self.witness(answers),
        })
    }

    /// What a later line on the same side takes, unless all of that changes in the same way.
    fn except_later(&self, (side, rank): Handle, pattern: &'a Pattern, told: &mut Told, budget: &mut Budget) -> Result<(), Exhausted> {
        let mut except = BTreeSet::new();
        for later in self.comparison.meeting(side, pattern, budget)?.iter().filter(|later| **later > rank) {
            if let Some(line) = self.line(side, *later).filter(|_| !self.changes_wholly(side, *later)) {
                except.insert(line.pattern.text().to_owned());
            }
        }
        if except.len() > MOST_EXCEPTIONS {
            told.when.insert("no later line matches".to_owned());
        } else {
            told.except.extend(except);
        }
        Ok(())
    }

    fn changes_wholly(&self, side: usize, rank: u32) -> bool {
        let by_it = self.comparison.answers_of((side, rank));
        self.differs(side, rank) && !by_it.is_empty() && by_it.iter().all(|answer| self.changes(*answer))
    }

    /// What the line decides and does not change for this holder, because the other side says the same.
    fn except_unchanged(&self, (side, rank): Handle, pattern: &Pattern, told: &mut Told, budget: &mut Budget) -> Result<(), Exhausted> {
        let other = 1 - side;
        let by_it = self.comparison.answers_of((side, rank));
        let ranks = |changes: bool| -> BTreeSet<Option<u32>> {
            by_it.iter().filter(|answer| self.changes(**answer) == changes).map(|answer| self.rank(other, *answer)).collect()
        };
        let (changed, unchanged) = (ranks(true), ranks(false));
        if unchanged.is_empty() {
            return Ok(());
        }
        let lines = |ranks: &BTreeSet<Option<u32>>| -> Option<Vec<(u32, &'a Line)>> {
            let few = (ranks.len() <= MOST_EXCEPTIONS).then_some(ranks)?;
            few.iter().map(|rank| Some(((*rank)?, self.line(other, (*rank)?)?))).collect()
        };
        if let Some(kept) = lines(&unchanged)
            && !self.overtaken(other, &kept, &changed, budget)?
        {
            told.except.extend(kept.iter().map(|(_, line)| line.pattern.text().to_owned()));
        } else if let Some(taken) = lines(&changed)
            && let kept = self.later(other, &taken, &unchanged, budget)?
            && kept.len() <= MOST_EXCEPTIONS
            && !self.overtaken(other, &kept, &changed, budget)?
        {
            told.resources = taken.iter().map(|(_, line)| both(pattern.text(), &line.pattern)).collect();
            told.except.extend(kept.iter().map(|(_, line)| line.pattern.text().to_owned()));
        } else {
            told.when.insert("only some of these paths change, the rest is decided as before".to_owned());
        }
        Ok(())
    }

    /// Whether one of the others decides, by standing later, some path that the pattern of one of the lines matches.
    fn overtaken(
        &self,
        side: usize,
        lines: &[(u32, &'a Line)],
        others: &BTreeSet<Option<u32>>,
        budget: &mut Budget,
    ) -> Result<bool, Exhausted> {
        Ok(!self.later(side, lines, others, budget)?.is_empty())
    }

    /// Those of the others that stand later than one of the lines and match some path that it matches.
    fn later(
        &self,
        side: usize,
        lines: &[(u32, &'a Line)],
        others: &BTreeSet<Option<u32>>,
        budget: &mut Budget,
    ) -> Result<Vec<(u32, &'a Line)>, Exhausted> {
        let mut later = BTreeSet::new();
        for (rank, line) in lines {
            let meeting = self.comparison.meeting(side, &line.pattern, budget)?;
            later.extend(meeting.iter().copied().filter(|other| other > rank && others.contains(&Some(*other))));
        }
        Ok(later.into_iter().filter_map(|rank| Some((rank, self.line(side, rank)?))).collect())
    }

    /// Where a ceiling or a filter tells the paths of one line apart, on which side of it these are.
    fn within_lists(&self, (side, rank): Handle, answers: &[usize], told: &mut Told) {
        let by_it = self.comparison.answers_of((side, rank)).iter().filter(|answer| self.changes(**answer));
        let lists = self.comparison.sides.iter().enumerate().skip(2).take(self.comparison.sides.len().saturating_sub(3));
        for (number, list) in lists.filter_map(|(number, side)| Some((number, side.list?))) {
            let is_in = |answer: usize| self.rank(number, answer) == Some(EVERYBODY);
            let here: BTreeSet<bool> = answers.iter().map(|answer| is_in(*answer)).collect();
            let everywhere: BTreeSet<bool> = by_it.clone().map(|answer| is_in(*answer)).collect();
            if here.len() != 1 || everywhere.len() == 1 {
                continue;
            }
            if here.contains(&true) {
                told.resources = told.resources.iter().flat_map(|text| list.iter().map(move |pattern| both(text, pattern))).collect();
            } else {
                told.except.extend(list.iter().map(|pattern| pattern.text().to_owned()));
            }
        }
    }

    /// The line by which the paths are told, and what decides on the other side as long as that is few.
    fn origins(&self, (side, rank): Handle, answers: &[usize]) -> Origins {
        const FEW: usize = 2;
        let other = 1 - side;
        let there: BTreeSet<u32> = answers.iter().filter_map(|answer| self.rank(other, *answer)).collect();
        let places = |side: usize, ranks: &mut dyn Iterator<Item = u32>| -> BTreeSet<_> {
            ranks.filter_map(|rank| self.line(side, rank)).map(|line| line.origin.clone()).collect()
        };
        let own = places(side, &mut std::iter::once(rank));
        let across = if there.len() > FEW { BTreeSet::new() } else { places(other, &mut there.into_iter()) };
        if side == 0 { Origins { base: own, head: across } } else { Origins { base: across, head: own } }
    }

    /// The shortest path.
    fn witness(&self, answers: &[usize]) -> Option<Witness> {
        let paths = answers.iter().filter_map(|answer| self.comparison.answers().get(*answer)).map(|answer| &answer.path);
        let path = paths.min_by_key(|path| (path.len(), path.as_str()))?;
        let principal = self.holder.to_string();
        Some(Witness { principal, action: APPROVE.to_owned(), resource: path.clone(), context: BTreeMap::new(), facts: BTreeMap::new() })
    }
}

/// The paths of both patterns.
fn both(text: &str, pattern: &Pattern) -> String {
    let is_everything = |text: &str| Pattern::parse(text).is_ok_and(|pattern| pattern.shape.is_everything());
    if pattern.shape.is_everything() || pattern.text() == text {
        text.to_owned()
    } else if is_everything(text) {
        pattern.text().to_owned()
    } else {
        format!("{text} & {}", pattern.text())
    }
}
