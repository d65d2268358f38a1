//! Which requests two sides can tell apart, and when each side allows them.
//!
//! Statements that stand on both sides cannot make a difference on their own, so only what is inside a *changed unit* is cut into
//! cells: a unit is one statement narrowed to one principal, one action and one resource pattern.

use super::condition::Variables;
use super::pattern::{Action, Notation, Patterns, Principal, Resource};
use super::{Atom, Attachment, Condition, Effect, Grant, Request, Rules, Slot, Statement, naive, regions};
use crate::access::{Budget, Exhausted, Formula, Formulas, Literal, Tuple, Variable, Word, partition};
use crate::systems::{Found, Opaque, Region, System, content_digest};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

/// The system `aws`.
pub struct Aws;

/// One holder in one realm, and what decides its access on each side.
pub struct Subject<'a> {
    pub(super) realm: Arc<str>,
    pub(super) holder: Arc<str>,
    pub(super) slot: Slot,
    pub(super) sides: Vec<Side<'a>>,
    pub(super) variables: Variables,
}

/// The statements of one side that concern the subject.
#[derive(Default)]
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

    fn numbered_grants(&self) -> impl Iterator<Item = (usize, &'a Grant)> + '_ {
        self.numbered().take(self.grants.len())
    }

    fn numbered_cap(&self) -> impl Iterator<Item = (usize, &'a Grant)> + '_ {
        self.numbered().skip(self.grants.len())
    }
}

/// One element of a unit: a pattern, or everything but some.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part<'a, P> {
    One(&'a P),
    Not(&'a Patterns<P>),
}

impl<P> Clone for Part<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Part<'_, P> {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
        self.about.statements.binary_search(&number).is_ok()
            && statement.resources.matches(self.resource.words())
            && statement.principals.matches(self.principal.words())
    }
}

impl System for Aws {
    const ID: &'static str = "aws";
    type Rules = Rules;
    type Subject<'a> = Subject<'a>;
    type Cell<'a> = Cell<'a>;
    type Request = Request;

    fn subjects<'a>(sides: &[&'a Rules]) -> Vec<Subject<'a>> {
        let joined: Vec<Joined<'a>> = sides.iter().map(|rules| join(rules)).collect();
        let keys: BTreeSet<Key> =
            joined.iter().take(2).flat_map(|side| side.keys().filter(|key| key.holder.is_some()).map(|key| (*key).clone())).collect();
        let mut subjects = Vec::new();
        for key in keys.iter().filter(|key| key.slot != Slot::Boundary || !keys.contains(&key.with_slot(Slot::Identity))) {
            let sides: Vec<Side<'a>> = joined.iter().map(|side| side_of(key, side)).collect();
            if may_differ(&sides) {
                subjects.push(Subject::new(key, sides));
            }
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
        let texts: Vec<String> = subject.sides.iter().take(2).map(said).collect();
        content_digest(&texts.iter().map(String::as_str).collect::<Vec<_>>())
    }

    fn cells<'a>(subject: &Self::Subject<'a>, budget: &mut Budget) -> Result<Vec<Cell<'a>>, Exhausted> {
        let units = changed_units(subject, budget)?;
        let mut cutter = Cutter::new(subject.sides.iter().flat_map(Side::all).map(|grant| &grant.statement).collect());
        let mut cells = Vec::new();
        for (number, unit) in units.iter().enumerate() {
            cutter.cut_unit(number, unit, &mut cells, budget)?;
        }
        Ok(cells)
    }

    fn allows(subject: &Subject<'_>, side: usize, cell: &Cell<'_>, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        let Some(side) = subject.sides.get(side) else { return Ok(Formula::FALSE) };
        let (allow, deny) = subject.says(side.numbered_grants(), cell, formulas)?;
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
    fn new(key: &Key, mut sides: Vec<Side<'a>>) -> Self {
        let mut first = 0;
        for side in &mut sides {
            side.first = first;
            first += side.all().count();
        }
        let conditions = sides.iter().flat_map(Side::all).map(|grant| &grant.statement.condition);
        let variables = Variables::new(conditions);
        let holder = key.holder.clone().unwrap_or_default();
        Self { realm: Arc::clone(&key.realm), holder, slot: key.slot, sides, variables }
    }

    /// When some Allow, and when some Deny, of these statements is about the cell.
    fn says<'g>(
        &self,
        grants: impl Iterator<Item = (usize, &'g Grant)>,
        cell: &Cell<'_>,
        formulas: &mut Formulas,
    ) -> Result<(Formula, Formula), Exhausted> {
        let (mut allow, mut deny) = (Formula::FALSE, Formula::FALSE);
        for (number, grant) in grants.filter(|(number, grant)| cell.is_in(*number, &grant.statement)) {
            let when = formulas.once(number, |formulas| grant.statement.condition.formula(&self.variables, formulas))?;
            let sum = if grant.statement.effect == Effect::Allow { &mut allow } else { &mut deny };
            *sum = formulas.or(*sum, when)?;
        }
        Ok((allow, deny))
    }

    /// An organisation's policies stand beside others of their kind, any of which may allow; a boundary stands alone.
    fn cap(&self, side: &Side<'_>, cell: &Cell<'_>, formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        if side.cap.is_none() {
            return Ok(Formula::TRUE);
        }
        let (mut allow, deny) = self.says(side.numbered_cap(), cell, formulas)?;
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

/// Statements by whose document they are part of; a document without statements has an empty list.
type Joined<'a> = BTreeMap<&'a Attachment, Vec<&'a Grant>>;

fn join(rules: &Rules) -> Joined<'_> {
    let mut joined: Joined<'_> = rules.documents.iter().map(|document| (document, Vec::new())).collect();
    for grant in &rules.grants {
        joined.entry(&grant.attachment).or_default().push(grant);
    }
    joined
}

/// A boundary joins the identity policies of its holder; on its own, and like every other cap, it limits what is not seen here.
fn side_of<'a>(key: &Key, side: &Joined<'a>) -> Side<'a> {
    let anybody = side.iter().find(|(attachment, _)| attachment.holder.is_none());
    if let Some((_, grants)) = anybody {
        return Side { grants: grants.clone(), for_anybody: true, ..Side::default() };
    }
    let of = |key: &Key| side.get(key).cloned();
    match key.slot {
        Slot::Identity => Side { grants: of(key).unwrap_or_default(), cap: of(&key.with_slot(Slot::Boundary)), ..Side::default() },
        slot if slot.is_cap() => Side { cap: of(key), ..Side::default() },
        _ => Side { grants: of(key).unwrap_or_default(), ..Side::default() },
    }
}

/// Equal statements in equal places allow equal requests: nine of ten edits end here.
fn may_differ(sides: &[Side<'_>]) -> bool {
    match sides {
        [base, head, ..] => said(base) != said(head),
        _ => true,
    }
}

type Said<'a> = HashSet<&'a Statement>;

fn said<'a>(side: &Side<'a>) -> (Said<'a>, Option<Said<'a>>) {
    let set = |grants: &Vec<&'a Grant>| grants.iter().map(|grant| &grant.statement).collect();
    (set(&side.grants), side.cap.as_ref().map(set))
}

fn parts<P>(patterns: &Patterns<P>) -> Vec<Part<'_, P>> {
    if patterns.negated { vec![Part::Not(patterns)] } else { patterns.list.iter().map(Part::One).collect() }
}

fn units_of<'a>(is_cap: bool, statement: &'a Statement, units: &mut HashSet<Unit<'a>>, budget: &mut Budget) -> Result<(), Exhausted> {
    let resources = parts(&statement.resources);
    for principal in parts(&statement.principals) {
        for action in parts(&statement.actions) {
            budget.spend(resources.len())?;
            units.extend(resources.iter().map(|&resource| Unit {
                is_cap,
                effect: statement.effect,
                principal,
                action,
                resource,
                condition: &statement.condition,
            }));
        }
    }
    Ok(())
}

/// Whole statements that stand on both sides are left out first, then units that do.
fn changed_units<'a>(subject: &Subject<'a>, budget: &mut Budget) -> Result<Vec<Unit<'a>>, Exhausted> {
    let statements = |side: &Side<'a>| -> HashSet<(bool, &'a Statement)> {
        let own = side.grants.iter().map(|grant| (false, &grant.statement));
        own.chain(side.cap.iter().flatten().map(|grant| (true, &grant.statement))).collect()
    };
    let [base, head, ..] = subject.sides.as_slice() else { return Ok(Vec::new()) };
    let (before, after) = (statements(base), statements(head));
    let mut units: [HashSet<Unit<'a>>; 2] = Default::default();
    for (units, (own, other)) in units.iter_mut().zip([(&before, &after), (&after, &before)]) {
        for (is_cap, statement) in own.difference(other) {
            units_of(*is_cap, statement, units, budget)?;
        }
    }
    let mut changed: Vec<Unit<'a>> = units[0].symmetric_difference(&units[1]).copied().collect();
    if base.cap.is_some() != head.cap.is_some() {
        changed.push(everything());
    }
    changed.sort();
    Ok(changed)
}

static ANY_PRINCIPAL: LazyLock<Principal> = LazyLock::new(Principal::any);
static ANY_ACTION: LazyLock<Action> = LazyLock::new(Action::any);
static ANY_RESOURCE: LazyLock<Resource> = LazyLock::new(Resource::any);
static ALWAYS: Condition = Condition { clauses: Vec::new() };

/// What a cap changes by being there.
fn everything<'a>() -> Unit<'a> {
    Unit {
        is_cap: true,
        effect: Effect::Allow,
        principal: Part::One(&ANY_PRINCIPAL),
        action: Part::One(&ANY_ACTION),
        resource: Part::One(&ANY_RESOURCE),
        condition: &ALWAYS,
    }
}

/// Every pattern once, in its order; of several spellings the first by text.
fn distinct<'a, P: Notation + 'a>(lists: impl Iterator<Item = &'a Patterns<P>>) -> Rc<[&'a P]> {
    let mut patterns: Vec<&P> = lists.flat_map(|patterns| &patterns.list).collect();
    patterns.sort_by(|a, b| a.cmp(b).then_with(|| a.text().cmp(b.text())));
    patterns.dedup_by(|a, b| a == b);
    patterns.into()
}

/// Cuts one part of a unit by all patterns, and keeps the classes that are in it.
fn cut<'a, P: Notation>(
    part: Part<'a, P>,
    any: &'a P,
    patterns: &Rc<[&'a P]>,
    budget: &mut Budget,
) -> Result<Rc<[Slice<'a, P>]>, Exhausted> {
    let within = match part {
        Part::One(pattern) => pattern,
        Part::Not(_) => any,
    };
    let tuples: Vec<&Tuple> = patterns.iter().map(|pattern| pattern.globs()).collect();
    let classes = partition(within.globs(), &tuples, budget)?;
    let cut = Rc::new(Cut { within, patterns: Rc::clone(patterns), classes });
    let is_in = |words: &[Word]| match part {
        Part::One(_) => true,
        Part::Not(patterns) => patterns.matches(words),
    };
    let numbers = cut.classes.iter().enumerate().filter(|(_, class)| is_in(&class.words)).map(|(number, _)| number);
    Ok(numbers.map(|class| Slice { cut: Rc::clone(&cut), class }).collect())
}

type Slices<'a, P> = Rc<[Slice<'a, P>]>;

/// The statements that are about one class of actions, and how they cut principals and resources: each part is cut once.
struct About<'a> {
    /// Numbers of the subject's grants, ascending.
    statements: Vec<usize>,
    principals: Rc<[&'a Principal]>,
    resources: Rc<[&'a Resource]>,
    cut_principals: RefCell<HashMap<Part<'a, Principal>, Slices<'a, Principal>>>,
    cut_resources: RefCell<HashMap<Part<'a, Resource>, Slices<'a, Resource>>>,
}

impl<'a> About<'a> {
    fn principals(&self, part: Part<'a, Principal>, budget: &mut Budget) -> Result<Slices<'a, Principal>, Exhausted> {
        once(&self.cut_principals, part, || cut(part, &ANY_PRINCIPAL, &self.principals, budget))
    }

    fn resources(&self, part: Part<'a, Resource>, budget: &mut Budget) -> Result<Slices<'a, Resource>, Exhausted> {
        once(&self.cut_resources, part, || cut(part, &ANY_RESOURCE, &self.resources, budget))
    }
}

fn once<K: Eq + Hash, V: Clone>(
    known: &RefCell<HashMap<K, V>>,
    key: K,
    make: impl FnOnce() -> Result<V, Exhausted>,
) -> Result<V, Exhausted> {
    if let Some(value) = known.borrow().get(&key) {
        return Ok(value.clone());
    }
    let value = make()?;
    known.borrow_mut().insert(key, value.clone());
    Ok(value)
}

type ActionClasses<'a> = Rc<[(Slice<'a, Action>, Rc<About<'a>>)]>;

/// Cuts units by the statements of all sides. Actions first; resources and principals only by what is about the action.
struct Cutter<'a> {
    statements: Vec<&'a Statement>,
    actions: Rc<[&'a Action]>,
    /// Which statements name an action pattern, by the pattern's number.
    naming: Vec<Vec<usize>>,
    by_action: HashMap<Part<'a, Action>, ActionClasses<'a>>,
    abouts: HashMap<Vec<usize>, Rc<About<'a>>>,
}

impl<'a> Cutter<'a> {
    fn new(statements: Vec<&'a Statement>) -> Self {
        let actions = distinct(statements.iter().map(|statement| &statement.actions));
        let mut naming = vec![Vec::new(); actions.len()];
        for (number, statement) in statements.iter().enumerate() {
            for pattern in statement.actions.list.iter().filter_map(|action| actions.binary_search(&action).ok()) {
                if let Some(naming) = naming.get_mut(pattern) {
                    naming.push(number);
                }
            }
        }
        Self { statements, actions, naming, by_action: HashMap::new(), abouts: HashMap::new() }
    }

    fn cut_unit(&mut self, number: usize, unit: &Unit<'a>, cells: &mut Vec<Cell<'a>>, budget: &mut Budget) -> Result<(), Exhausted> {
        for (action, about) in self.action_classes(unit.action, budget)?.iter() {
            let principals = about.principals(unit.principal, budget)?;
            let resources = about.resources(unit.resource, budget)?;
            budget.spend(principals.len() * resources.len() * about.statements.len())?;
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
        let slices = cut(part, &ANY_ACTION, &self.actions, budget)?;
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
        let about = |numbers: &[usize]| {
            let statements = || numbers.iter().filter_map(|number| self.statements.get(*number));
            Rc::new(About {
                statements: numbers.to_vec(),
                principals: distinct(statements().map(|statement| &statement.principals)),
                resources: distinct(statements().map(|statement| &statement.resources)),
                cut_principals: RefCell::default(),
                cut_resources: RefCell::default(),
            })
        };
        if let Some(known) = self.abouts.get(&numbers) {
            return Rc::clone(known);
        }
        let made = about(&numbers);
        self.abouts.insert(numbers, Rc::clone(&made));
        made
    }
}
