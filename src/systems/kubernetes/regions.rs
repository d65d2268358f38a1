//! From cells to few and general regions, in the notation of [`super::notation`].

use super::blocks::{Block, Chunk, blocks, merge, without_contained};
use super::severity::{Looks, judge};
use super::subject::{Cell, Subject};
use super::terms::{Dimension, Term, Terms};
use super::{Fact, RoleKind, RoleName, notation};
use crate::access::{Budget, Exhausted, Formula, Formulas, Variable};
use crate::systems::{Found, Kind, Origins, Region, Severity, Witness};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Patterns that all regions of one subject may be written with; more than anybody would read, and more is undecided.
const LONGEST: u64 = 2_000_000;

/// The regions that the cells make up, most severe first.
pub(super) fn regions(subject: &Subject<'_>, found: &Found<'_, Cell>, formulas: &mut Formulas) -> Result<Vec<Region>, Exhausted> {
    let mut budget = Budget::new(LONGEST);
    let mut all = Vec::new();
    for (number, (cell, formula)) in found.cells.iter().enumerate() {
        all.extend(blocks(number, *formula, cell.is_path, &cell.parts, &mut budget)?);
    }
    let blocks = without_contained(merge(all, &mut budget)?, formulas)?;
    let describe = |family: Family<'_>| describe(subject, found, &family, formulas, &mut budget);
    let mut regions = families(subject, found.kind, &blocks).into_iter().map(describe).collect::<Result<Vec<_>, _>>()?;
    regions.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.cmp(b)));
    Ok(regions)
}

/// Blocks that are told as one: the same verbs for the same reasons, on several things.
struct Family<'b> {
    severity: Severity,
    reasons: BTreeSet<&'static str>,
    first: &'b Block,
    others: Vec<&'b Block>,
}

fn families<'b>(subject: &Subject<'_>, kind: Kind, blocks: &'b [Block]) -> Vec<Family<'b>> {
    type Alike<'b> = (Formula, Option<&'b Chunk>, Option<(Severity, BTreeSet<&'static str>)>);
    let mut at: BTreeMap<Alike<'b>, usize> = BTreeMap::new();
    let mut families: Vec<Family<'b>> = Vec::new();
    for block in blocks {
        let looks = Seen { block, holder: &subject.holder };
        let (severity, reasons) = if kind == Kind::Lost { (Severity::Low, BTreeSet::new()) } else { judge(&looks) };
        // What cannot be told is told at once, however much of it matters.
        let because = (kind != Kind::Undecided).then(|| (severity, reasons.clone()));
        let alike = (block.formula, block.chunk(Dimension::Verb), because);
        // What is excepted from one block may be meant by another.
        let is_plain = block.chunks.iter().rev().skip(1).all(|chunk| chunk.except.is_empty());
        let alike_at = if is_plain { at.get(&alike).copied() } else { None };
        if let Some(family) = alike_at.and_then(|at| families.get_mut(at)) {
            family.severity = family.severity.max(severity);
            family.reasons.extend(reasons);
            family.others.push(block);
            continue;
        }
        if is_plain {
            at.insert(alike, families.len());
        }
        families.push(Family { severity, reasons, first: block, others: Vec::new() });
    }
    families
}

fn describe(
    subject: &Subject<'_>,
    found: &Found<'_, Cell>,
    family: &Family<'_>,
    formulas: &mut Formulas,
    budget: &mut Budget,
) -> Result<Region, Exhausted> {
    let (block, mut origins) = (family.first, Origins::default());
    let (mut included, mut excepted) = (BTreeSet::new(), BTreeSet::new());
    for block in std::iter::once(block).chain(family.others.iter().copied()) {
        let (resources, except) = resources(block, budget)?;
        included.extend(resources);
        excepted.extend(except);
        extend_origins(&mut origins, subject, found, block);
    }
    let verbs = block.chunk(Dimension::Verb);
    let texts = |terms: Option<&Terms>| terms.into_iter().flatten().map(notation::verb).collect();
    Ok(Region {
        holder: Arc::clone(&subject.holder),
        realm: Arc::clone(&subject.realm),
        principals: vec![subject.holder.to_string()],
        except_principals: Vec::new(),
        actions: texts(verbs.map(|chunk| &chunk.include)),
        except_actions: texts(verbs.map(|chunk| &chunk.except)),
        resources: included.into_iter().collect(),
        except_resources: excepted.into_iter().collect(),
        condition: None,
        expires: None,
        provided: provided(subject, block.formula, formulas)?,
        severity: family.severity,
        reasons: family.reasons.clone(),
        summary: None,
        completes: Vec::new(),
        origins,
        witness: Some(witness(subject, block, formulas)),
    })
}

/// What the block is about, and what of it is not meant: a product with an exception in one dimension is that product without
/// the product with the excepted values in their place.
fn resources(block: &Block, budget: &mut Budget) -> Result<(Vec<String>, Vec<String>), Exhausted> {
    if block.is_path {
        let paths = |terms: Option<&Terms>| terms.into_iter().flatten().map(notation::path).collect();
        let chunk = block.chunk(Dimension::Path);
        return Ok((paths(chunk.map(|chunk| &chunk.include)), paths(chunk.map(|chunk| &chunk.except))));
    }
    let chunks: Vec<&Chunk> = block.chunks.iter().take(4).collect();
    let include: Vec<&Terms> = chunks.iter().map(|chunk| &chunk.include).collect();
    let mut except = BTreeSet::new();
    for (at, chunk) in chunks.iter().enumerate().filter(|(_, chunk)| !chunk.except.is_empty()) {
        let terms: Vec<&Terms> =
            include.iter().enumerate().map(|(other, terms)| if other == at { &chunk.except } else { *terms }).collect();
        except.extend(product(&terms, budget)?);
    }
    Ok((product(&include, budget)?.into_iter().collect(), except.into_iter().collect()))
}

fn product(terms: &[&Terms], budget: &mut Budget) -> Result<BTreeSet<String>, Exhausted> {
    let [namespaces, groups, resources, names] = terms else { return Ok(BTreeSet::new()) };
    let mut texts = BTreeSet::new();
    for namespace in *namespaces {
        for group in *groups {
            for resource in *resources {
                budget.spend(1 + names.len())?;
                texts.extend(names.iter().map(|name| notation::resource(namespace, group, resource, name)));
            }
        }
    }
    Ok(texts)
}

/// What has to be true besides, in words: each unknown that the formula depends on, and where roles have to stand.
fn provided(subject: &Subject<'_>, formula: Formula, formulas: &mut Formulas) -> Result<Option<String>, Exhausted> {
    let axioms = subject.axioms(formulas)?;
    let needed = needed_places(subject, formula, formulas)?;
    let mut sentences = BTreeSet::new();
    for term in formulas.cover_given(formula, axioms)? {
        let literals = term.iter().filter_map(|(variable, value)| Some((fact(subject, *variable)?, *value)));
        // Where a role has to be says more than where it must not be.
        let is_said = |fact: &Fact| needed.is_empty() || !matches!(fact, Fact::Stands { .. });
        let parts = literals.filter(|(fact, _)| is_said(fact)).map(|(fact, value)| condition(fact, value));
        let parts: BTreeSet<String> = parts.chain(needed.iter().map(|fact| condition(fact, true))).collect();
        sentences.insert(parts.into_iter().collect::<Vec<_>>().join(" and "));
    }
    let is_certain = sentences.contains("");
    Ok((!is_certain && !sentences.is_empty()).then(|| sentences.into_iter().collect::<Vec<_>>().join(", or ")))
}

/// The places where a role has to stand for the formula to hold.
fn needed_places<'s>(subject: &'s Subject<'_>, formula: Formula, formulas: &mut Formulas) -> Result<Vec<&'s Fact>, Exhausted> {
    let mut needed = Vec::new();
    for variable in formulas.support(formula)? {
        let Some(fact @ Fact::Stands { .. }) = fact(subject, variable) else { continue };
        if formulas.given(formula, (variable, false))?.is_false() {
            needed.push(fact);
        }
    }
    Ok(needed)
}

fn fact<'s>(subject: &'s Subject<'_>, variable: Variable) -> Option<&'s Fact> {
    subject.facts.get(variable.0 as usize)
}

fn condition(fact: &Fact, value: bool) -> String {
    match fact {
        Fact::Stands { role, at, .. } => {
            let (role, verb) = (role_text(role), if value { "is" } else { "is not" });
            format!("{role} {verb} the one in `{}`", at.name)
        }
        Fact::Unknown(role) => format!("what {} allows is not in these files", role_text(role)),
        Fact::Counts { object, .. } => format!("{object} is defined more than once, and only one definition counts"),
        Fact::Kept { role, .. } => format!("{} takes in other roles, and may keep the rules of its own", role_text(role)),
    }
}

fn role_text(role: &RoleName) -> String {
    match role.kind {
        RoleKind::ClusterRole => format!("the ClusterRole `{}`", role.name),
        RoleKind::Role if role.namespace.is_empty() => format!("the Role `{}`", role.name),
        RoleKind::Role => format!("the Role `{}` in the namespace `{}`", role.name, role.namespace),
    }
}

fn extend_origins(origins: &mut Origins, subject: &Subject<'_>, found: &Found<'_, Cell>, block: &Block) {
    for (cell, _) in block.cells.iter().filter_map(|number| found.cells.get(*number)) {
        origins.base.extend(subject.origins(0, cell));
        origins.head.extend(subject.origins(1, cell));
    }
}

/// A block, as the judge of severity looks at it.
struct Seen<'b> {
    block: &'b Block,
    holder: &'b str,
}

impl Seen<'_> {
    fn is_open(&self, dimension: Dimension) -> bool {
        self.block.chunk(dimension).is_some_and(Chunk::is_open)
    }

    fn has(&self, dimension: Dimension, values: &[&str]) -> bool {
        let chunk = self.block.chunk(dimension);
        chunk.is_some_and(|chunk| values.iter().any(|value| chunk.has(&Term::Is((*value).into())) || names_below(chunk, value)))
    }
}

impl Looks for Seen<'_> {
    fn means(&self, verbs: &[&str], group: &str, resources: &[&str]) -> bool {
        (verbs.is_empty() || self.has(Dimension::Verb, verbs))
            && self.has(Dimension::Group, &[group])
            && self.has(Dimension::Resource, resources)
    }

    fn any_verb(&self) -> bool {
        self.is_open(Dimension::Verb)
    }

    fn any_group(&self) -> bool {
        self.is_open(Dimension::Group)
    }

    fn any_resource(&self) -> bool {
        self.is_open(Dimension::Resource) || self.is_open(Dimension::Path)
    }

    fn any_namespace(&self) -> bool {
        self.is_open(Dimension::Namespace)
    }

    fn writes(&self) -> bool {
        let reads = |term: &Term| matches!(term, Term::Is(verb) if matches!(&**verb, "get" | "list" | "watch" | "head"));
        self.block.chunk(Dimension::Verb).is_some_and(|chunk| !chunk.include.iter().all(reads))
    }

    fn holder(&self) -> &str {
        self.holder
    }
}

/// Whether a subresource is named of a resource whose subresources are what is dangerous: `userextras/scopes`.
fn names_below(chunk: &Chunk, value: &str) -> bool {
    value == "userextras" && chunk.include.iter().any(|term| matches!(term, Term::Is(name) if name.starts_with("userextras/")))
}

/// One request of the block, as plausible as can be.
fn witness(subject: &Subject<'_>, block: &Block, formulas: &Formulas) -> Witness {
    let model = formulas.model(block.formula).unwrap_or_default();
    let facts = model.iter().filter_map(|(variable, value)| Some((fact_text(fact(subject, *variable)?), *value)));
    let value = |dimension, likely: &[&str]| block.chunk(dimension).map_or_else(|| Arc::from(""), |chunk| one_of(chunk, likely));
    let verb = value(Dimension::Verb, &["patch", "create", "get", "list", "watch", "update", "delete", "deletecollection"]);
    let resource = if block.is_path {
        notation::path(&Term::Is(value(Dimension::Path, &["/metrics"])))
    } else {
        let group = value(Dimension::Group, &["", "apps", "example.com"]);
        let resource = value(Dimension::Resource, likely_resources(&group));
        let is_named = matches!(&*verb, "get" | "update" | "patch" | "delete");
        let name = value(Dimension::Name, if is_named { &["any"] } else { &[""] });
        let name = if name.is_empty() { Term::Any } else { Term::Is(name) };
        let open = block.chunk(Dimension::Namespace).is_none_or(Chunk::is_open);
        let namespace = if open { Term::Any } else { Term::Is(value(Dimension::Namespace, &[])) };
        notation::resource(&namespace, &Term::Is(group), &Term::Is(resource), &name)
    };
    Witness { principal: subject.holder.to_string(), action: verb.to_string(), resource, context: BTreeMap::new(), facts: facts.collect() }
}

fn likely_resources(group: &str) -> &'static [&'static str] {
    match group {
        "" => &["pods", "configmaps", "services"],
        "apps" => &["deployments", "daemonsets"],
        "batch" => &["jobs"],
        "networking.k8s.io" => &["ingresses"],
        "rbac.authorization.k8s.io" => &["roles", "rolebindings"],
        _ => &["things"],
    }
}

/// A value of the chunk: one that is written, else a likely one, else one that nobody has thought of.
fn one_of(chunk: &Chunk, likely: &[&str]) -> Arc<str> {
    let is = |text: &str| Term::Is(text.into());
    if let Some(value) = likely.iter().find(|value| chunk.has(&is(value))) {
        return (*value).into();
    }
    let written = chunk.include.iter().find_map(|term| match term {
        Term::Is(value) => Some(Arc::clone(value)),
        _ => None,
    });
    let fresh = |number: usize| match chunk.include.first() {
        Some(Term::Under(subresource)) => format!("things-{number}/{subresource}"),
        Some(Term::Prefix(prefix)) => format!("{prefix}any-{number}"),
        _ => format!("any-{number}"),
    };
    // Every exception has a narrowest one inside, so that as many tries as there are exceptions find what is in none of them.
    let tries = (0..=chunk.except.len()).map(fresh);
    written.or_else(|| tries.map(Arc::from).find(|text: &Arc<str>| chunk.has(&Term::Is(Arc::clone(text))))).unwrap_or_else(|| "any".into())
}

/// A fact, as a witness tells it.
pub(super) fn fact_text(fact: &Fact) -> String {
    match fact {
        Fact::Unknown(role) => format!("{} allows it", role_text(role)),
        Fact::Stands { role, at, .. } => format!("{} is the one in `{}`", role_text(role), at.name),
        Fact::Kept { role, .. } => format!("{} keeps the rules of its own", role_text(role)),
        Fact::Counts { object, digest, .. } => {
            format!("of the definitions of {object} the one with the digest {} counts", digest.get(..12).unwrap_or_default())
        }
    }
}
