//! The policy, from the base side or from a file that the user names, and what of it the engine needs.

use super::own::{MISNAMED_PATHS, Named, POLICY_PATHS, unreadable};
use super::{Error, Joined};
use crate::change::Entry;
use crate::change::{self, Effort};
use crate::diagnostic::{self, Diagnostic};
use crate::document::{Bounds, File, Node, Syntax, parse};
use crate::formats::{FORMATS, Setting, aws_iam, by_id, codeowners, github_workflow, kubernetes_rbac};
use crate::policy::{Both, Ceiling, Checked, Draft, Known, Over, Pair, Policy, REASONS};
use crate::systems::{Access, Kind, sha256};
use crate::world::repository::{Reading, Side};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// A policy that holds, and where it comes from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What it asks.
    pub policy: Policy,
    /// Where it stands.
    pub path: Arc<str>,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// Remarks about it that are no errors.
    pub diagnostics: Vec<Diagnostic>,
    ceilings: Vec<(Ceiling, Access)>,
}

/// No option raises them: whoever may write the policy may write it shorter.
const WITHIN_BOUNDS: &str = "a policy has at most 1 MiB, 32 levels and 50000 values; write it shorter, without aliases of aliases";

/// The policy file is small; a larger one is refused.
pub(super) const BOUNDS: Bounds = Bounds { bytes: 1 << 20, depth: 32, nodes: 50_000 };

/// So is a calendar: some thousand events.
const CALENDAR_BOUNDS: Bounds = Bounds { bytes: 2 << 20, depth: 2, nodes: 200_000 };

/// What came of reading a policy.
pub(super) struct Examined {
    /// With what its ceilings mean; nothing if there is an error among the diagnostics.
    pub(super) sound: Option<(Policy, Vec<(Ceiling, Access)>)>,
    /// Everything that there is to say, each with what stands at its place.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Reads the policy. `named` is a file outside the change that the user vouches for.
pub(super) fn load(base: &Side, named: Option<&Path>) -> Result<Loaded, Error> {
    let (path, bytes) = match named {
        Some(path) => named_file(path, "--policy")?,
        None => on_base(base)?,
    };
    sound(base, path, &bytes)
}

/// A policy file that the user named by this option, and its bytes.
pub(super) fn named_file(path: &Path, option: &'static str) -> Result<(Arc<str>, Vec<u8>), Error> {
    Ok((path.to_string_lossy().into(), Named { what: "policy", option, path }.read(BOUNDS.bytes)?))
}

/// A policy of which these are the bytes, with its people from that side.
pub(super) fn sound(base: &Side, path: Arc<str>, bytes: &[u8]) -> Result<Loaded, Error> {
    let Examined { sound, diagnostics } = examine(base, &path, bytes, None)?;
    let Some((policy, ceilings)) = sound else { return Err(Error::Policy(diagnostics)) };
    Ok(Loaded { policy, path, digest: sha256(bytes), diagnostics, ceilings })
}

/// Reads a policy, and its people from the same side. With an instant, what its writer may have overlooked is told as well.
pub(super) fn examine(side: &Side, path: &Arc<str>, bytes: &[u8], overlooked: Option<DateTime<Utc>>) -> Result<Examined, Error> {
    let file = match read(Arc::clone(path), bytes) {
        Ok(file) => file,
        Err(diagnostic) => return Ok(Examined { sound: None, diagnostics: vec![diagnostic] }),
    };
    let mut examined = match Draft::read(&file) {
        Ok(draft) => {
            let mut calendars = Vec::new();
            let draft = with_calendars(side, draft, &mut calendars)?;
            let mut examined = check(side, &file, &draft, overlooked)?;
            for calendar in &calendars {
                diagnostic::quote(&mut examined.diagnostics, calendar);
            }
            examined
        }
        Err(diagnostics) => Examined { sound: None, diagnostics },
    };
    diagnostic::quote(&mut examined.diagnostics, &file);
    Ok(examined)
}

fn check(side: &Side, file: &File, draft: &Draft<'_>, overlooked: Option<DateTime<Utc>>) -> Result<Examined, Error> {
    let people = match draft.people_file().map(|path| people_file(side, path)).transpose()?.flatten() {
        Some(Err(diagnostic)) => return Ok(Examined { sound: None, diagnostics: vec![diagnostic] }),
        Some(Ok(people)) => Some(people),
        None => None,
    };
    let formats: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
    let Checked { policy, mut diagnostics } = draft.check(people.as_ref(), &Known { formats: &formats, reasons: REASONS });
    if let Some(people) = &people {
        diagnostic::quote(&mut diagnostics, people);
    }
    let Some(policy) = policy else { return Ok(Examined { sound: None, diagnostics }) };
    let ceilings = compiled(file, &policy, &mut diagnostics);
    if let Some(now) = overlooked.filter(|_| ceilings.is_some()) {
        diagnostics.extend(draft.oversights(&policy, &own_paths(&file.path), now));
        diagnostics.sort();
    }
    Ok(Examined { sound: ceilings.map(|ceilings| (policy, ceilings)), diagnostics })
}

/// Under which paths a policy may stand: its own if that is one of them, else any.
fn own_paths(path: &str) -> Vec<&'static str> {
    let is_there = |known: &&str| path == *known || path.strip_suffix(*known).is_some_and(|before| before.ends_with('/'));
    // The longer path ends with the shorter one.
    let own = POLICY_PATHS.into_iter().rev().find(is_there);
    own.map_or_else(|| POLICY_PATHS.to_vec(), |own| vec![own])
}

pub(super) fn on_base(base: &Side) -> Result<(Arc<str>, Vec<u8>), Error> {
    let mut found = Vec::new();
    for path in POLICY_PATHS {
        match base.read(path)? {
            Reading::Content(content) => found.push((content.path, content.bytes)),
            Reading::Unreadable(why) => return Err(unreadable("policy", path, why)),
            Reading::Absent => {}
        }
    }
    match found.len() {
        0 => Err(none_on_base(base)?),
        1 => found.pop().ok_or(Error::NoPolicy),
        _ => Err(Error::TwoPolicies),
    }
}

/// The error for a base side without a policy.
fn none_on_base(base: &Side) -> Result<Error, Error> {
    for path in MISNAMED_PATHS {
        if !matches!(base.read(path)?, Reading::Absent) {
            return Ok(Error::MisnamedPolicy(path));
        }
    }
    Ok(Error::NoPolicy)
}

/// Nothing if there is no such file.
fn people_file(side: &Side, path: &str) -> Result<Option<Result<File, Diagnostic>>, Error> {
    match side.read(path)? {
        Reading::Content(content) => Ok(Some(read(content.path, &content.bytes))),
        Reading::Unreadable(why) => Err(unreadable("people file", path, why)),
        Reading::Absent => Ok(None),
    }
}

/// The draft with the calendars that are there, which are kept for whoever quotes them.
fn with_calendars<'f>(side: &Side, mut draft: Draft<'f>, calendars: &mut Vec<File>) -> Result<Draft<'f>, Error> {
    let paths: Vec<String> = draft.calendar_files().into_iter().map(ToOwned::to_owned).collect();
    for path in paths {
        match side.read(&path)? {
            Reading::Content(content) => {
                let digest = sha256(&content.bytes);
                match parse(content.path, &content.bytes, Syntax::Lines, &CALENDAR_BOUNDS) {
                    Ok(file) => {
                        draft = draft.with_calendar(&path, digest, Ok(&file));
                        calendars.push(file);
                    }
                    Err((problem, place)) => {
                        draft = draft.with_calendar(&path, digest, Err(Diagnostic::unreadable(problem, place, &content.bytes)));
                    }
                }
            }
            Reading::Unreadable(why) => return Err(unreadable("calendar", path, why)),
            Reading::Absent => {}
        }
    }
    Ok(draft)
}

fn read(path: Arc<str>, bytes: &[u8]) -> Result<File, Diagnostic> {
    parse(path, bytes, Syntax::Yaml, &BOUNDS).map_err(|(problem, place)| {
        let is_bound = matches!(problem.code, "too-large" | "too-deep" | "too-many-nodes");
        let diagnostic = Diagnostic::unreadable(problem, place, bytes);
        if is_bound { diagnostic.help(WITHIN_BOUNDS) } else { diagnostic }
    })
}

/// What the ceilings mean, unless one of them means nothing.
fn compiled(file: &File, policy: &Policy, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<(Ceiling, Access)>> {
    let compiled: Vec<_> = policy.ceilings().iter().map(|ceiling| compile(file, ceiling).map(|access| (ceiling.clone(), access))).collect();
    diagnostics.extend(compiled.iter().filter_map(|ceiling| ceiling.as_ref().err()).flatten().cloned());
    diagnostics.sort();
    compiled.into_iter().collect::<Result<_, _>>().ok()
}

/// A system that a ceiling does not name is one in which the role may have nothing.
fn compile(file: &File, ceiling: &Ceiling) -> Result<Access, Vec<Diagnostic>> {
    let nothing = Node::empty_list();
    let written = |system: &str| ceiling.written.get(system).unwrap_or(&nothing);
    Ok(Access {
        aws: aws_iam::ceiling(file, written("aws"))?,
        github: github_workflow::ceiling(file, ceiling.written.get("github"))?,
        kubernetes: kubernetes_rbac::ceiling(file, written("kubernetes"))?,
        codeowners: codeowners::ceiling(file, written("codeowners"))?,
    })
}

impl Loaded {
    /// What `where:` says of a path; `None` for what it ignores.
    pub(super) fn setting(&self, path: &str) -> Option<Setting> {
        let site = self.policy.site_of(path);
        (!site.ignore).then_some(Setting {
            realm: site.realm,
            holder: site.holder,
            slot: site.slot,
            default_token: site.default_token,
            forced: false,
        })
    }

    /// The format that `where:` gives a path.
    pub(super) fn format(&self, path: &str) -> Option<&'static crate::formats::Format> {
        self.policy.site_of(path).format.as_deref().and_then(by_id)
    }

    /// What the holders of each role gain over its ceiling.
    pub(super) fn over(&self, joined: &Joined) -> Vec<Over> {
        let (base, head) = joined.access();
        let over = |(ceiling, most): &(Ceiling, Access)| ceiling.over(change::beyond_every(base, head, most, Effort::default()));
        self.ceilings.iter().map(over).collect()
    }

    /// What is gained by holders who have something of both roles afterwards, for every pair that a rule asks about.
    pub(super) fn both(&self, joined: &Joined, change: &[Entry]) -> Vec<Both> {
        let gained: Vec<&Entry> = change.iter().filter(|entry| entry.kind != Kind::Lost).collect();
        let both = |pair: &Pair| {
            // Without a gain nobody comes to have anything.
            let entries = if gained.is_empty() { Vec::new() } else { self.of_both(pair, joined, &gained).unwrap_or_default() };
            Both { pair: pair.clone(), entries }
        };
        self.policy.pairs().into_iter().map(both).collect()
    }

    /// What a ceiling has and the other has not is what tells a role. Whoever may have gained anything may have gained that.
    fn of_both(&self, Pair([one, other]): &Pair, joined: &Joined, gained: &[&Entry]) -> Option<Vec<Entry>> {
        let ceiling = |role: &Arc<str>| self.ceilings.iter().find(|(ceiling, _)| ceiling.role == *role);
        let (one, other) = (ceiling(one)?, ceiling(other)?);
        let ((base, head), nothing) = (joined.access(), Access::default());
        let within =
            |from: &Access, inside: &Access, outside: &Access| change::between_every([from, head], inside, outside, Effort::default());
        let of_one = holders(&within(&nothing, &one.1, &other.1));
        let of_other = holders(&within(&nothing, &other.1, &one.1));
        let is_undecided = |entry: &&&Entry| entry.kind == Kind::Undecided;
        let anything = holders(gained.iter().filter(is_undecided).copied());
        let is_told = |entry: &Entry| {
            let holder = holder(entry);
            let (has_one, has_other) = (of_one.contains(&holder), of_other.contains(&holder));
            (has_one && has_other) || ((has_one || has_other) && anything.contains(&holder))
        };
        let is_named = |entry: &Entry| [&one.0, &other.0].iter().all(|role| role.holds(&entry.region.holder, &entry.region.realm));
        let told = [within(base, &one.1, &other.1), within(base, &other.1, &one.1)].concat().into_iter().filter(is_told);
        let rest = gained.iter().copied().filter(|entry| is_named(entry) || (entry.kind == Kind::Undecided && is_told(entry))).cloned();
        Some(told.chain(rest).collect::<BTreeSet<Entry>>().into_iter().collect())
    }
}

type Holder = (Arc<str>, Arc<str>);

/// Somebody in a realm.
fn holder(entry: &Entry) -> Holder {
    (Arc::clone(&entry.region.holder), Arc::clone(&entry.region.realm))
}

fn holders<'e>(entries: impl IntoIterator<Item = &'e Entry>) -> BTreeSet<Holder> {
    entries.into_iter().map(holder).collect()
}
