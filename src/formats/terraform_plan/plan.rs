//! What `terraform show -json PLAN` and `tofu show -json PLAN` print: <https://developer.hashicorp.com/terraform/internals/json-format>.
//!
//! A plan may be very large, and most of it is about other things than access. It is walked once; only the attributes that the
//! table of types names are kept, and of a resource whose type is not in the table, if it looks like permissions, its digest.

use super::configuration::{Configuration, configuration, without_keys};
use super::kind::{Kind, Means};
use super::kinds;
use super::tags::{self, Tag};
use super::unlisted::{self, Folded};
use super::view::View;
use crate::document::{Bounds, Node, Problem, Span, Stream, parse_embedded};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A plan, as far as it is about access.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "what a plan says of itself, each independent of the others")]
pub(super) struct Plan {
    pub(super) version: String,
    /// Something stands among `resource_changes`, where whatever the plan is about does.
    pub(super) has_changes: bool,
    /// It says how things will be, and may not say what changes.
    pub(super) has_values: bool,
    /// It is compared with another plan, and not with itself: what does not change here counts as well.
    is_one_side: bool,
    pub(super) has_state_only: bool,
    /// Terraform stopped with an error, and planned only a part.
    pub(super) errored: bool,
    /// Something is left for another plan: a target was named, or a part was put off.
    pub(super) incomplete: bool,
    pub(super) resources: Vec<Resource>,
    /// Addresses of what was changed by somebody else since the last apply.
    pub(super) drifted: BTreeSet<String>,
    /// Addresses of what is about access and put off until another plan.
    pub(super) deferred: BTreeSet<String>,
    pub(super) configuration: Option<Configuration>,
    /// Values of the variables of the root module, where it is compared with another plan.
    pub(super) variables: Option<Node>,
    /// Tags of whatever is in the plan, as far as they are not what they were; of one side all of them.
    pub(super) tagged: Vec<Tagged>,
    /// Whether something in it may ask for the tags of what it is about.
    asks_for_tags: bool,
}

/// One instance of a resource, and what becomes of it.
#[derive(Debug)]
pub(super) struct Resource {
    pub(super) address: Arc<str>,
    /// The address without the keys of `count` and `for_each`, as the configuration has it.
    pub(super) configured: String,
    /// The instance of the module that it is in; empty for the root.
    pub(super) module: String,
    pub(super) kind: &'static Kind,
    pub(super) actions: BTreeSet<String>,
    /// What was there is deleted when what takes its place has been made.
    pub(super) deletes_last: bool,
    /// What is left over from an earlier apply, and goes now: by this key. Empty for what counts.
    pub(super) deposed: String,
    before: State,
    after: State,
    /// Stands for what is not read.
    pub(super) folded: Option<Folded>,
}

/// A tag of a resource.
#[derive(Debug)]
pub(super) struct Tagged {
    pub(super) address: Arc<str>,
    pub(super) tag: Tag,
}

#[derive(Debug, Default)]
struct State {
    value: Option<Node>,
    unknown: Option<Node>,
    sensitive: Option<Node>,
}

impl State {
    fn view(&self) -> Option<View<'_>> {
        let Self { value, unknown, sensitive } = self;
        let is_there = value.is_some() || unknown.as_ref().is_some_and(|unknown| View::new(None, Some(unknown), None).has_unknown());
        is_there.then(|| View::new(value.as_ref(), unknown.as_ref(), sensitive.as_ref()))
    }
}

impl Resource {
    pub(super) fn before(&self) -> Option<View<'_>> {
        self.before.view()
    }

    pub(super) fn after(&self) -> Option<View<'_>> {
        self.after.view()
    }

    pub(super) fn is_created(&self) -> bool {
        self.actions.contains("create")
    }

    /// It leaves the state, and stays in the world.
    pub(super) fn is_forgotten(&self) -> bool {
        self.actions.contains("forget")
    }
}

/// Reads a plan, or what looks like one.
pub(super) fn read(text: &str, bounds: &Bounds, is_one_side: bool) -> Result<Plan, Problem> {
    let mut plan = Plan { is_one_side, asks_for_tags: tags::may_ask(text), ..Plan::default() };
    let mut stream = Stream::new(text, bounds);
    stream.object(&mut |key, stream| plan.section(key, stream, bounds))?;
    stream.finish()?;
    Ok(plan)
}

impl Plan {
    fn section(&mut self, key: &str, stream: &mut Stream<'_>, bounds: &Bounds) -> Result<(), Problem> {
        match key {
            "format_version" => self.version = stream.string()?.unwrap_or_default(),
            "errored" => self.errored = stream.is_true()?,
            "complete" => self.incomplete |= !stream.is_true()?,
            "resource_changes" => {
                stream.array(&mut |_, stream| {
                    let change = Change::read(stream)?;
                    self.has_changes = true;
                    self.resources.extend(change.resource(bounds, self.is_one_side)?);
                    if self.asks_for_tags {
                        self.tagged.extend(change.tagged(bounds, self.is_one_side)?);
                    }
                    Ok(())
                })?;
            }
            "resource_drift" => {
                let drifted = &mut self.drifted;
                stream.array(&mut |_, stream| {
                    let change = Change::read(stream)?;
                    drifted.extend(change.resource(bounds, false)?.filter(|_| change.mode != "data").map(|_| change.address));
                    Ok(())
                })?;
            }
            "deferred_changes" => {
                self.incomplete = true;
                let deferred = &mut self.deferred;
                stream.array(&mut |_, stream| deferred_change(stream, deferred, bounds))?;
            }
            "variables" if self.is_one_side => self.variables = Some(parse_embedded(stream.skip()?, Span::default(), bounds)?),
            "configuration" => self.configuration = Some(configuration(stream, bounds)?),
            "planned_values" => self.has_values |= holds_resources(stream)?,
            "values" => {
                self.has_state_only = true;
                stream.skip()?;
            }
            _ => {
                stream.skip()?;
            }
        }
        Ok(())
    }
}

/// An entry of `resource_changes`, with the text of its parts.
#[derive(Default)]
struct Change<'t> {
    address: String,
    module: String,
    mode: String,
    kind: String,
    name: String,
    actions: BTreeSet<String>,
    deletes_last: bool,
    deposed: String,
    before: &'t str,
    after: &'t str,
    unknown: &'t str,
    before_sensitive: &'t str,
    after_sensitive: &'t str,
}

impl<'t> Change<'t> {
    fn read(stream: &mut Stream<'t>) -> Result<Self, Problem> {
        let mut change = Self::default();
        stream.object(&mut |key, stream| {
            match key {
                "address" => change.address = stream.string()?.unwrap_or_default(),
                "module_address" => change.module = stream.string()?.unwrap_or_default(),
                "mode" => change.mode = stream.string()?.unwrap_or_default(),
                "type" => change.kind = stream.string()?.unwrap_or_default(),
                "name" => change.name = stream.string()?.unwrap_or_default(),
                "deposed" => change.deposed = stream.string()?.unwrap_or_default(),
                "change" => drop(stream.object(&mut |key, stream| change.part(key, stream))?),
                _ => drop(stream.skip()?),
            }
            Ok(())
        })?;
        Ok(change)
    }

    fn part(&mut self, key: &str, stream: &mut Stream<'t>) -> Result<(), Problem> {
        match key {
            "actions" => {
                stream.array(&mut |_, stream| {
                    let action = stream.string()?;
                    self.deletes_last |= action.as_deref() == Some("delete") && self.actions.contains("create");
                    self.actions.extend(action);
                    Ok(())
                })?;
            }
            "before" => self.before = stream.skip()?,
            "after" => self.after = stream.skip()?,
            "after_unknown" => self.unknown = stream.skip()?,
            "before_sensitive" => self.before_sensitive = stream.skip()?,
            "after_sensitive" => self.after_sensitive = stream.skip()?,
            _ => drop(stream.skip()?),
        }
        Ok(())
    }

    /// Its tags that are not what they were. What is new has been asked for as it will be, unless it is a tag of something old.
    fn tagged(&self, bounds: &Bounds, is_one_side: bool) -> Result<Vec<Tagged>, Problem> {
        let is_one = tags::is_one(&self.kind);
        let may_be_other = self.before != self.after && (is_one_side || is_one || self.before != "null");
        let has_tags = || [self.before, self.after, self.unknown].iter().any(|text| text.contains("\"tag") || text.contains("_tags\""));
        if self.mode == "data" || !may_be_other || !(is_one || has_tags()) {
            return Ok(Vec::new());
        }
        let keep = |text: &str| only(text, |key| tags::KEPT.contains(&key), bounds);
        let before = State { value: keep(self.before)?, unknown: None, sensitive: keep(self.before_sensitive)? };
        let after = State { value: keep(self.after)?, unknown: keep(self.unknown)?, sensitive: keep(self.after_sensitive)? };
        let before = if is_one_side { None } else { Some(before.view().unwrap_or_default()) };
        // Whatever is deleted has no tags any more, unless it was only a tag.
        let after = after.view().or_else(|| is_one.then(View::default));
        let other = after.map(|after| tags::other(before, after, is_one)).unwrap_or_default();
        Ok(other.into_iter().map(|tag| Tagged { address: self.address.as_str().into(), tag }).collect())
    }

    /// What is kept of it.
    fn resource(&self, bounds: &Bounds, is_one_side: bool) -> Result<Option<Resource>, Problem> {
        let texts = [self.before, self.after, self.unknown];
        let suspected = || {
            if is_one_side {
                unlisted::held(&self.mode, &self.kind, texts)
            } else {
                unlisted::suspected(&self.mode, &self.kind, texts, bounds)
            }
        };
        let Some(kind) = kinds::of(&self.kind, &self.mode).or_else(suspected) else {
            return Ok(None);
        };
        let keep = |text: &str| tree(text, kind, bounds);
        let mut before = State { value: keep(self.before)?, unknown: None, sensitive: keep(self.before_sensitive)? };
        let mut after = State { value: keep(self.after)?, unknown: keep(self.unknown)?, sensitive: keep(self.after_sensitive)? };
        if let Some(crate::document::Value::Mapping(entries)) = after.unknown.as_mut().map(|unknown| &mut unknown.value) {
            entries.retain(|(key, _)| key.scalar().is_none_or(|key| kind.looks_for(&key.text)));
        }
        let folded = match kind.means {
            Means::Undecided(_) if is_one_side => {
                let is_forgotten = self.actions.contains("forget");
                Some(Folded::side(
                    &self.kind,
                    if is_forgotten { before.view() } else { after.view() },
                    unlisted::counts_whole(&self.kind, texts, kind),
                ))
            }
            Means::Undecided(_) => Some(Folded::of(before.view(), after.view())),
            _ => None,
        };
        if folded.is_some() {
            (before, after) = (State::default(), State::default());
        }
        let module = without_keys(&self.module);
        let own = format!("{}{}.{}", if self.mode == "data" { "data." } else { "" }, self.kind, self.name);
        Ok(Some(Resource {
            address: self.address.as_str().into(),
            configured: if module.is_empty() { own } else { format!("{module}.{own}") },
            module: self.module.clone(),
            kind,
            actions: self.actions.clone(),
            deletes_last: self.deletes_last,
            deposed: self.deposed.clone(),
            before,
            after,
            folded,
        }))
    }
}

/// Whether resources stand in it, or in a module of it.
fn holds_resources(stream: &mut Stream<'_>) -> Result<bool, Problem> {
    let mut found = false;
    stream.object(&mut |key, stream| {
        match key {
            "root_module" => found |= holds_resources(stream)?,
            "child_modules" => drop(stream.array(&mut |_, stream| {
                found |= holds_resources(stream)?;
                Ok(())
            })?),
            "resources" => drop(stream.array(&mut |_, stream| {
                found = true;
                stream.skip().map(drop)
            })?),
            _ => drop(stream.skip()?),
        }
        Ok(())
    })?;
    Ok(found)
}

/// The attributes that matter; nothing for `null`.
fn tree(text: &str, kind: &Kind, bounds: &Bounds) -> Result<Option<Node>, Problem> {
    let kept = kind.keeps();
    only(text, |key| kept.as_ref().is_none_or(|kept| kept.contains(&key)), bounds)
}

fn only(text: &str, is_kept: impl Fn(&str) -> bool, bounds: &Bounds) -> Result<Option<Node>, Problem> {
    if matches!(text, "" | "null") {
        return Ok(None);
    }
    let mut node = parse_embedded(text, Span::default(), bounds)?;
    if let crate::document::Value::Mapping(entries) = &mut node.value {
        entries.retain(|(key, _)| key.scalar().is_none_or(|key| is_kept(&key.text)));
        entries.shrink_to_fit();
    }
    Ok(Some(node))
}

fn deferred_change(stream: &mut Stream<'_>, deferred: &mut BTreeSet<String>, bounds: &Bounds) -> Result<(), Problem> {
    stream.object(&mut |key, stream| {
        if key == "resource_change" {
            let change = Change::read(stream)?;
            deferred.extend(change.resource(bounds, false)?.map(|_| change.address));
        } else {
            stream.skip()?;
        }
        Ok(())
    })?;
    Ok(())
}
