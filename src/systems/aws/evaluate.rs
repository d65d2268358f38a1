//! Which requests two sides can tell apart, and when each side allows them.
//!
//! Statements that stand on both sides cannot make a difference on their own, so only what is inside a *changed unit* is cut into
//! cells: a unit is one statement narrowed to one principal, one action and one resource pattern.

use super::condition::Variables;
use super::pattern::{Action, Notation, Patterns, Principal, Resource};
use super::{Atom, Attachment, Condition, Effect, Grant, Request, Rules, Slot, Statement, naive, regions};
use crate::access::{Budget, Exhausted, Formula, Formulas, Literal, Tuple, Variable, Word, partition};
use crate::systems::{Access, Found, Opaque, Region, System, content_digest};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

/// The system `aws`.
pub struct Aws;

/// One holder in one realm, and what decides its access on each side.
pub struct Subject<'a> {
    pub(super) realm: Arc<str>,
    pub(super) holder: Arc<str>,
    pub(super) slot: Slot,
    /// Only with what concerns the change.
    pub(super) sides: Vec<Side<'a>>,
    /// The first two sides with all that they say.
    whole: [Side<'a>; 2],
    /// What only one of the first two sides says.
    changed: [Stated<'a>; 2],
    pub(super) variables: Variables,
}

/// The statements of one side that concern the subject.
#[derive(Clone, Default)]
pub(super) struct Side<'a> {
    /// Statements that give, and the Denies beside them.
    grants: Vec<&'a Grant>,
    /// Statements that limit; `None` where no document does.
    cap: Option<Vec<&'a Grant>>,
    /// The number of the first grant among all grants of the subject; the cap's follow.
    first: usize,
    /// Whether the side is a ceiling or a filter: what it does not name it does not allow.
    for_anybody: bool,
}

impl<'a> Side<'a> {
    /// Every grant of the side.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a Grant> + '_ {
        self.grants.iter().chain(self.cap.iter().flatten()).copied()
    }

    /// Every grant with its number among all grants of the subject.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (usize, &'a Grant)> + '_ {
        (self.first..).zip(self.all())
    }
}

/// One element of a unit: a pattern by its number, or everything but some.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a, P> {
    One(usize),
    Not(&'a Patterns<P>),
}

impl<P> Clone for Part<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Part<'_, P> {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Unit<'a> {
    is_cap: bool,
    effect: Effect,
    principal: Part<'a, Principal>,
    action: Part<'a, Action>,
    resource: Part<'a, Resource>,
    condition: &'a Condition,
}

/// A pattern cut into classes by all patterns that meet it; `members` of a class are numbers in `patterns`.
#[derive(Debug)]
pub(super) struct Cut<'a, P> {
    pub(super) within: &'a P,
    pub(super) patterns: Rc<[&'a P]>,
    pub(super) classes: Vec<crate::access::TupleClass>,
    extents: OnceCell<Vec<Extent<'a, P>>>,
}

/// A pattern, and the classes that it covers.
pub(super) type Extent<'a, P> = (&'a P, BTreeSet<usize>);

impl<'a, P> Cut<'a, P> {
    /// The classes that each pattern covers, the widest pattern first.
    pub(super) fn extents(&self) -> &[Extent<'a, P>] {
        self.extents.get_or_init(|| {
            let mut extents: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
            for (number, class) in self.classes.iter().enumerate() {
                for &member in &class.members {
                    extents.entry(member).or_default().insert(number);
                }
            }
            let with_pattern = |(member, extent): (usize, BTreeSet<usize>)| Some((*self.patterns.get(member)?, extent));
            let mut extents: Vec<_> = extents.into_iter().filter_map(with_pattern).collect();
            extents.sort_by_key(|(_, extent)| std::cmp::Reverse(extent.len()));
            extents
        })
    }
}

/// One class of a cut.
#[derive(Debug)]
pub(super) struct Slice<'a, P> {
    pub(super) cut: Rc<Cut<'a, P>>,
    pub(super) class: usize,
}

impl<P> Clone for Slice<'_, P> {
    fn clone(&self) -> Self {
        Self { cut: Rc::clone(&self.cut), class: self.class }
    }
}

impl<P> Slice<'_, P> {
    pub(super) fn words(&self) -> &[Word] {
        self.cut.classes.get(self.class).map_or(&[], |class| &class.words)
    }
}

/// Requests inside one changed unit that no statement tells apart.
#[derive(Clone)]
pub struct Cell<'a> {
    pub(super) unit: usize,
    /// The unit is part of a cap.
    pub(super) of_cap: bool,
    about: Rc<About<'a>>,
    pub(super) principal: Slice<'a, Principal>,
    pub(super) action: Slice<'a, Action>,
    pub(super) resource: Slice<'a, Resource>,
}

impl Cell<'_> {
    /// Whether the subject's grant with that number is about the cell, its condition aside.
    pub(super) fn is_in(&self, number: usize, statement: &Statement) -> bool {
        self.about.statements.binary_search(&number).is_ok() && self.is_met_by(statement)
    }

    /// Whether a statement about its actions is about the cell.
    fn is_met_by(&self, statement: &Statement) -> bool {
        statement.resources.matches(self.resource.words()) && statement.principals.matches(self.principal.words())
    }
}

impl System for Aws {
    const ID: &'static str = "aws";
    type Rules = Rules;
    type Subject<'a> = Subject<'a>;
    type Cell<'a> = Cell<'a>;
    type Request = Request;

    fn of(access: &Access) -> &Rules {
        &access.aws
    }

    fn subjects<'a>(sides: &[&'a Rules]) -> Vec<Subject<'a>> {
        let joined: Vec<Joined<'a>> = sides.iter().map(|rules| Joined::new(rules)).collect();
        let keys: BTreeSet<&Key> =
            joined.iter().take(2).flat_map(|side| side.documents.keys().copied().filter(|key| key.holder.is_some())).collect();
        let mut subjects = Vec::new();
        for key in keys.iter().filter(|key| key.slot != Slot::Boundary || !keys.contains(&key.with_slot(Slot::Identity))) {
            subjects.extend(Subject::new(key, joined.iter().map(|side| side.of(key)).collect()));
        }
        subjects
    }

    fn name(subject: &Subject<'_>) -> (Arc<str>, Arc<str>) {
        (Arc::clone(&subject.holder), Arc::clone(&subject.realm))
    }

    fn fingerprint(subject: &Subject<'_>) -> String {
        let said = |side: &Side<'_>| {
            let statements: BTreeSet<&Statement> = side.all().map(|grant| &grant.statement).collect();
            format!("{:?} {statements:?}", side.cap.is_some())
        };
        let texts = subject.whole.each_ref().map(said);
        content_digest(&texts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn cells<'a>(subject: &Self::Subject<'a>, budget: &mut Budget) -> Result<Vec<Cell<'a>>, Exhausted> {
        let mut cutter = Cutter::new(subject.sides.iter().flat_map(Side::all).map(|grant| &grant.statement).collect());
        let units = changed_units(subject, &cutter, budget)?;
        let mut cells = Vec::new();
        for (number, unit) in units.iter().enumerate() {
            cutter.cut_unit(number, unit, &mut cells, budget)?;
        }
        Ok(cells)
    }

    fn allows(subject: &Subject<'_>, side: usize, cell: &Cell<'_>, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let Some(side) = subject.sides.get(side) else { return Ok(Formula::FALSE) };
        let (allow, deny) = subject.says(&side.grants, side.first, cell, formulas)?;
        if side.for_anybody {
            return formulas.without(allow, deny);
        }
        let given = if subject.slot == Slot::Trust {
            allow
        } else {
            let other = subject.variables.formula(&Atom::OtherAllow, formulas)?;
            formulas.or(allow, other)?
        };
        let left = formulas.without(given, deny)?;
        let cap = subject.cap(side, cell, formulas)?;
        formulas.and(left, cap)
    }

    fn axioms(subject: &Subject<'_>, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        subject.variables.axioms(formulas)
    }

    fn unknowns(_subject: &Subject<'_>) -> Vec<Variable> {
        Vec::new()
    }

    fn regions(subject: &Subject<'_>, found: &Found<'_, Cell<'_>>, formulas: &mut Formulas) -> Result<Vec<Region>, Exhausted> {
        regions::regions(subject, found, formulas)
    }

    fn opaque(rules: &Rules) -> &BTreeSet<Opaque> {
        &rules.opaque
    }

    fn naive(rules: &Rules, request: &Request) -> bool {
        naive::allowed(rules, request)
    }
}

impl Aws {
    /// One request of the cell under the facts of a model; facts that the model leaves open are false.
    pub fn request(subject: &Subject<'_>, cell: &Cell<'_>, model: &[Literal]) -> Request {
        let fact = |(variable, value): &Literal| Some((subject.variables.atom(*variable)?.clone(), *value));
        Request {
            realm: Arc::clone(&subject.realm),
            holder: Arc::clone(&subject.holder),
            slot: subject.slot,
            principal: cell.principal.words().to_vec(),
            action: cell.action.words().to_vec(),
            resource: cell.resource.words().to_vec(),
            facts: model.iter().filter_map(fact).collect(),
        }
    }
}

impl<'a> Subject<'a> {
    /// None where the first two sides say the same: nine of ten edits end here.
    fn new(key: &Key, mut sides: Vec<Side<'a>>) -> Option<Self> {
        let [base, head, ..] = sides.as_slice() else { return None };
        let whole = [base.clone(), head.clone()];
        let changed = differences(&whole);
        let same_cap = base.cap.is_some() == head.cap.is_some();
        if same_cap && changed.iter().all(BTreeSet::is_empty) {
            return None;
        }
        if same_cap {
            keep_concerned(&mut sides, &changed);
        }
        let mut first = 0;
        for side in &mut sides {
            side.first = first;
            first += side.all().count();
        }
        let conditions = sides.iter().flat_map(Side::all).map(|grant| &grant.statement.condition);
        let variables = Variables::new(conditions);
        let holder = key.holder.clone().unwrap_or_default();
        Some(Self { realm: Arc::clone(&key.realm), holder, slot: key.slot, sides, whole, changed, variables })
    }

    /// When some Allow, and when some Deny, of these statements, numbered from `first` on, is about the cell.
    fn says(&self, grants: &[&Grant], first: usize, cell: &Cell<'_>, formulas: &mut Formulas) -> Result<(Formula, Formula), Exhausted> {
        let (mut allow, mut deny) = (Formula::FALSE, Formula::FALSE);
        let from = cell.about.statements.partition_point(|number| *number < first);
        let numbers = cell.about.statements.iter().skip(from).copied();
        let about = numbers.map_while(|number| Some((number, *grants.get(number.checked_sub(first)?)?)));
        for (number, grant) in about.filter(|(_, grant)| cell.is_met_by(&grant.statement)) {
            let when = formulas.once(number, |formulas| grant.statement.condition.formula(&self.variables, formulas))?;
            let sum = if grant.statement.effect == Effect::Allow { &mut allow } else { &mut deny };
            *sum = formulas.or(*sum, when)?;
        }
        Ok((allow, deny))
    }

    /// An organisation's policies stand beside others of their kind, any of which may allow; a boundary stands alone.
    fn cap(&self, side: &Side<'_>, cell: &Cell<'_>, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let Some(cap) = &side.cap else { return Ok(Formula::TRUE) };
        let (mut allow, deny) = self.says(cap, side.first + side.grants.len(), cell, formulas)?;
        if matches!(self.slot, Slot::ServiceControl | Slot::ResourceControl) {
            let other = self.variables.formula(&Atom::OtherCap, formulas)?;
            allow = formulas.or(allow, other)?;
        }
        formulas.without(allow, deny)
    }
}

type Key = Attachment;

impl Attachment {
    fn with_slot(&self, slot: Slot) -> Self {
        Self { slot, ..self.clone() }
    }
}

/// Statements by whose document they are part of.
#[derive(Default)]
struct Joined<'a> {
    /// A document without statements has an empty list.
    documents: BTreeMap<&'a Attachment, Vec<&'a Grant>>,
    /// The first document that is anybody's.
    anybody: Option<Vec<&'a Grant>>,
}

impl<'a> Joined<'a> {
    fn new(rules: &'a Rules) -> Self {
        let mut documents: BTreeMap<_, Vec<_>> = rules.documents.iter().map(|document| (document, Vec::new())).collect();
        for grants in rules.grants.chunk_by(|one, next| one.attachment == next.attachment) {
            if let [first, ..] = grants {
                documents.entry(&first.attachment).or_default().extend(grants);
            }
        }
        let anybody = documents.iter().find(|(attachment, _)| attachment.holder.is_none()).map(|(_, grants)| grants.clone());
        Self { documents, anybody }
    }

    /// A boundary joins the identity policies of its holder; on its own, and like every other cap, it limits what is not seen here.
    fn of(&self, key: &Key) -> Side<'a> {
        if let Some(grants) = &self.anybody {
            return Side { grants: grants.clone(), for_anybody: true, ..Side::default() };
        }
        let of = |key: &Key| self.documents.get(key).cloned();
        match key.slot {
            Slot::Identity => Side { grants: of(key).unwrap_or_default(), cap: of(&key.with_slot(Slot::Boundary)), ..Side::default() },
            slot if slot.is_cap() => Side { cap: of(key), ..Side::default() },
            _ => Side { grants: of(key).unwrap_or_default(), ..Side::default() },
        }
    }
}

/// Statements, those of a cap apart.
type Stated<'a> = BTreeSet<(bool, &'a Statement)>;

/// Equal statements in equal places allow equal requests. What stands twice may be said to differ.
fn differences<'a>([base, head]: &[Side<'a>; 2]) -> [Stated<'a>; 2] {
    let stated = |side: &Side<'a>| -> VecDeque<(bool, &'a Statement)> {
        let grants = side.grants.iter().map(|grant| (false, &grant.statement));
        grants.chain(side.cap.iter().flatten().map(|grant| (true, &grant.statement))).collect()
    };
    let (mut base, mut head) = (stated(base), stated(head));
    // Most documents begin and end as before, and need not be sorted for that.
    while !base.is_empty() && base.front() == head.front() {
        base.pop_front();
        head.pop_front();
    }
    while !base.is_empty() && base.back() == head.back() {
        base.pop_back();
        head.pop_back();
    }
    let (base, head) = (Stated::from_iter(base), Stated::from_iter(head));
    [&base - &head, &head - &base]
}

/// Past this many changed patterns, looking for statements that meet none of them costs more than it saves.
const FEW: usize = 256;

/// Leaves out statements that are about no action that a changed one is about.
fn keep_concerned<'a>(sides: &mut [Side<'a>], changed: &[Stated<'a>; 2]) {
    let changed: Vec<&Statement> = changed.iter().flatten().map(|(_, statement)| *statement).collect();
    if changed.iter().map(|statement| statement.actions.list.len()).sum::<usize>() > FEW {
        return;
    }
    let is_concerned = |grant: &&Grant| changed.iter().any(|statement| grant.statement.actions.may_meet(&statement.actions));
    for side in sides {
        side.grants.retain(is_concerned);
        side.cap.iter_mut().for_each(|cap| cap.retain(is_concerned));
    }
}

/// Units that stand on one side only.
fn changed_units<'a>(subject: &Subject<'a>, cutter: &Cutter<'a>, budget: &mut Budget) -> Result<Vec<Unit<'a>>, Exhausted> {
    let mut units: [BTreeSet<Unit<'a>>; 2] = Default::default();
    for ((side, changed), units) in subject.sides.iter().zip(&subject.changed).zip(&mut units) {
        let stated = |(at, (number, grant)): (usize, (usize, &'a Grant))| (number, (at >= side.grants.len(), &grant.statement));
        for (number, (is_cap, statement)) in side.numbered().enumerate().map(stated).filter(|(_, stated)| changed.contains(stated)) {
            cutter.units_of(is_cap, statement, number, units, budget)?;
        }
    }
    let mut changed: Vec<Unit<'a>> = units[0].symmetric_difference(&units[1]).copied().collect();
    if let [base, head] = &subject.whole
        && base.cap.is_some() != head.cap.is_some()
    {
        changed.push(EVERYTHING);
    }
    changed.sort();
    Ok(changed)
}

static ANY_PRINCIPAL: LazyLock<Principal> = LazyLock::new(Principal::any);
static ANY_ACTION: LazyLock<Action> = LazyLock::new(Action::any);
static ANY_RESOURCE: LazyLock<Resource> = LazyLock::new(Resource::any);

/// What a cap changes by being there: it takes away everything but nothing.
const EVERYTHING: Unit<'static> = Unit {
    is_cap: true,
    effect: Effect::Allow,
    principal: Part::Not(&Patterns { negated: true, list: Vec::new() }),
    action: Part::Not(&Patterns { negated: true, list: Vec::new() }),
    resource: Part::Not(&Patterns { negated: true, list: Vec::new() }),
    condition: &Condition { clauses: Vec::new() },
};

/// Every pattern of the statements once, in order, and the numbers of those that each statement names. Numbers are quickly compared.
struct Numbered<'a, P> {
    patterns: Rc<[&'a P]>,
    of_statement: Vec<Vec<usize>>,
}

impl<'a, P: Notation> Numbered<'a, P> {
    /// Of several spellings the first by text stays.
    fn new(statements: &[&'a Statement], element: impl Fn(&'a Statement) -> &'a Patterns<P>) -> Self {
        let of = |(number, statement): (usize, &&'a Statement)| element(statement).list.iter().map(move |pattern| (pattern, number));
        let mut all: Vec<(&'a P, usize)> = statements.iter().enumerate().flat_map(of).collect();
        all.sort_by(|(a, _), (b, _)| a.cmp(b).then_with(|| a.text().cmp(b.text())));
        let (mut patterns, mut of_statement) = (Vec::new(), vec![Vec::new(); statements.len()]);
        for (pattern, statement) in all {
            if patterns.last() != Some(&pattern) {
                patterns.push(pattern);
            }
            if let Some(numbers) = of_statement.get_mut(statement) {
                numbers.push(patterns.len() - 1);
            }
        }
        Self { patterns: patterns.into(), of_statement }
    }

    fn of_statement(&self, statement: usize) -> &[usize] {
        self.of_statement.get(statement).map_or(&[], Vec::as_slice)
    }

    fn parts(&self, statement: usize, patterns: &'a Patterns<P>) -> Vec<Part<'a, P>> {
        if patterns.negated { vec![Part::Not(patterns)] } else { self.of_statement(statement).iter().copied().map(Part::One).collect() }
    }

    /// What these statements name.
    fn of_statements(&self, statements: &[usize]) -> Rc<[&'a P]> {
        let numbers: BTreeSet<usize> = statements.iter().flat_map(|statement| self.of_statement(*statement)).copied().collect();
        numbers.iter().filter_map(|number| self.patterns.get(*number).copied()).collect()
    }

    /// Cuts one part of a unit by some of the patterns, and keeps the classes that are in it.
    fn cut(&self, part: Part<'a, P>, any: &'a P, patterns: &Rc<[&'a P]>, budget: &mut Budget) -> Result<Slices<'a, P>, Exhausted> {
        let within = match part {
            Part::One(number) => self.patterns.get(number).copied().unwrap_or(any),
            Part::Not(_) => any,
        };
        let tuples: Vec<&Tuple> = patterns.iter().map(|pattern| pattern.globs()).collect();
        let classes = partition(within.globs(), &tuples, budget)?;
        let cut = Rc::new(Cut { within, patterns: Rc::clone(patterns), classes, extents: OnceCell::new() });
        let is_in = |words: &[Word]| match part {
            Part::One(_) => true,
            Part::Not(patterns) => patterns.matches(words),
        };
        let numbers = cut.classes.iter().enumerate().filter(|(_, class)| is_in(&class.words)).map(|(number, _)| number);
        Ok(numbers.map(|class| Slice { cut: Rc::clone(&cut), class }).collect())
    }
}

type Slices<'a, P> = Rc<[Slice<'a, P>]>;

/// The statements that are about one class of actions, and how they cut principals and resources: each part is cut once.
struct About<'a> {
    /// Numbers of the subject's grants, ascending.
    statements: Vec<usize>,
    principals: Rc<[&'a Principal]>,
    resources: Rc<[&'a Resource]>,
    cut_principals: RefCell<BTreeMap<Part<'a, Principal>, Slices<'a, Principal>>>,
    cut_resources: RefCell<BTreeMap<Part<'a, Resource>, Slices<'a, Resource>>>,
}

fn once<K: Ord, V: Clone>(known: &RefCell<BTreeMap<K, V>>, key: K, make: impl FnOnce() -> Result<V, Exhausted>) -> Result<V, Exhausted> {
    if let Some(value) = known.borrow().get(&key) {
        return Ok(value.clone());
    }
    let value = make()?;
    known.borrow_mut().insert(key, value.clone());
    Ok(value)
}

/// What a unit or a cell costs, in time and in memory, beside a pattern that advances by a letter.
const KEPT: usize = 32;

type ActionClasses<'a> = Rc<[(Slice<'a, Action>, Rc<About<'a>>)]>;

/// Cuts units by the statements of all sides. Actions first; resources and principals only by what is about the action.
struct Cutter<'a> {
    statements: Vec<&'a Statement>,
    principals: Numbered<'a, Principal>,
    actions: Numbered<'a, Action>,
    resources: Numbered<'a, Resource>,
    /// Which statements name an action pattern, by the pattern's number.
    naming: Vec<Vec<usize>>,
    by_action: BTreeMap<Part<'a, Action>, ActionClasses<'a>>,
    abouts: BTreeMap<Vec<usize>, Rc<About<'a>>>,
}

impl<'a> Cutter<'a> {
    fn new(statements: Vec<&'a Statement>) -> Self {
        let actions = Numbered::new(&statements, |statement| &statement.actions);
        let mut naming = vec![Vec::new(); actions.patterns.len()];
        for (statement, numbers) in actions.of_statement.iter().enumerate() {
            for number in numbers {
                if let Some(naming) = naming.get_mut(*number) {
                    naming.push(statement);
                }
            }
        }
        Self {
            principals: Numbered::new(&statements, |statement| &statement.principals),
            resources: Numbered::new(&statements, |statement| &statement.resources),
            actions,
            statements,
            naming,
            by_action: BTreeMap::new(),
            abouts: BTreeMap::new(),
        }
    }

    fn units_of(
        &self,
        is_cap: bool,
        statement: &'a Statement,
        number: usize,
        units: &mut BTreeSet<Unit<'a>>,
        budget: &mut Budget,
    ) -> Result<(), Exhausted> {
        let resources = self.resources.parts(number, &statement.resources);
        let actions = self.actions.parts(number, &statement.actions);
        let (effect, condition) = (statement.effect, &statement.condition);
        for principal in self.principals.parts(number, &statement.principals) {
            for &action in &actions {
                budget.spend(KEPT * resources.len())?;
                units.extend(resources.iter().map(|&resource| Unit { is_cap, effect, principal, action, resource, condition }));
            }
        }
        Ok(())
    }

    fn cut_unit(&mut self, number: usize, unit: &Unit<'a>, cells: &mut Vec<Cell<'a>>, budget: &mut Budget) -> Result<(), Exhausted> {
        for (action, about) in self.action_classes(unit.action, budget)?.iter() {
            let principals = once(&about.cut_principals, unit.principal, || {
                self.principals.cut(unit.principal, &ANY_PRINCIPAL, &about.principals, budget)
            })?;
            let resources =
                once(&about.cut_resources, unit.resource, || self.resources.cut(unit.resource, &ANY_RESOURCE, &about.resources, budget))?;
            budget.spend(principals.len() * resources.len() * (KEPT + about.statements.len()))?;
            for principal in principals.iter() {
                cells.extend(resources.iter().map(|resource| Cell {
                    unit: number,
                    of_cap: unit.is_cap,
                    about: Rc::clone(about),
                    principal: principal.clone(),
                    action: action.clone(),
                    resource: resource.clone(),
                }));
            }
        }
        Ok(())
    }

    fn action_classes(&mut self, part: Part<'a, Action>, budget: &mut Budget) -> Result<ActionClasses<'a>, Exhausted> {
        if let Some(known) = self.by_action.get(&part) {
            return Ok(Rc::clone(known));
        }
        let slices = self.actions.cut(part, &ANY_ACTION, &self.actions.patterns, budget)?;
        budget.spend(slices.len() * self.statements.len())?;
        let classes: ActionClasses<'a> = slices.iter().map(|slice| (slice.clone(), self.about(slice))).collect();
        self.by_action.insert(part, Rc::clone(&classes));
        Ok(classes)
    }

    /// The statements that name one of the patterns the class is in, and those that name what they are not about, and not it.
    fn about(&mut self, action: &Slice<'a, Action>) -> Rc<About<'a>> {
        let members = action.cut.classes.get(action.class).map_or(&[][..], |class| &class.members);
        let named: BTreeSet<usize> = members.iter().filter_map(|member| self.naming.get(*member)).flatten().copied().collect();
        let is_about = |(number, statement): &(usize, &&Statement)| named.contains(number) != statement.actions.negated;
        let numbers: Vec<usize> = self.statements.iter().enumerate().filter(is_about).map(|(number, _)| number).collect();
        if let Some(known) = self.abouts.get(&numbers) {
            return Rc::clone(known);
        }
        let made = Rc::new(About {
            principals: self.principals.of_statements(&numbers),
            resources: self.resources.of_statements(&numbers),
            statements: numbers.clone(),
            cut_principals: RefCell::default(),
            cut_resources: RefCell::default(),
        });
        self.abouts.insert(numbers, Rc::clone(&made));
        made
    }
}
