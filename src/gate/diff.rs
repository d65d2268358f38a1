//! `countersign diff`: two sides → the change.

use super::Error;
use super::effort::Read;
use super::join;
use super::plan;
use super::read::{Seen, Side, Watch};
use super::rendered::Rendered;
use super::unrendered;
use crate::change::{self, Compared, Effort, Entry, Filter, OpaquePart, delta_digest};
use crate::diagnostic::Diagnostic;
use crate::document::{Bounds, Place};
use crate::formats::terraform_plan::looks_like_one;
use crate::formats::{FORMATS, Format, Joins, Setting};
use crate::systems::{Access, Kind, Opaque, Origins};
use crate::world::repository::{self, Changed, Content, Limits, Pair, Sides, Which};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What to compare.
#[derive(Clone)]
pub struct Request {
    /// A git revision, a directory, or a single file.
    pub base: String,
    /// A git revision, a directory, or a single file.
    pub head: String,
    /// The repository that revisions are of.
    pub repo: PathBuf,
    /// Only these paths; none means all.
    pub paths: Vec<String>,
    /// The format that all of them have, if the user says so.
    pub format: Option<&'static Format>,
    /// Plans beside them, each of which has both sides.
    pub plans: Vec<PathBuf>,
    /// Directories whose files of Terraform the plans are made from; `.` for all.
    pub planned: Vec<String>,
    /// How large a file may be.
    pub bounds: Bounds,
    /// Where the index is kept between runs.
    pub cache: Option<PathBuf>,
    /// What was rendered, and stands for directories.
    pub rendered: Vec<Rendered>,
}

/// What changed, and what there is to say about the files.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Gained, lost, undecided; sorted.
    pub entries: Vec<Entry>,
    /// What only the rules differ in: it is known that no request can be about it.
    pub vacuous: Vec<Entry>,
    /// Stands for the entries.
    pub digest: String,
    /// Remarks about the files, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// What was read for it.
    pub read: Read,
}

impl Change {
    /// Whether some part of the change is of this kind.
    pub fn has(&self, kind: Kind) -> bool {
        self.entries.iter().any(|entry| entry.kind == kind)
    }
}

/// Both sides, joined with what belongs to them.
#[derive(Clone, Debug, Default)]
pub struct Joined {
    pub(super) base: Side,
    pub(super) head: Side,
    /// Paths that differ.
    pub changed: BTreeSet<Arc<str>>,
    /// Of those, what `where:` has ignored, and would have been read.
    pub(super) ignored: BTreeSet<Arc<str>>,
}

impl Joined {
    fn join_both(&mut self, [base, head]: [Vec<Seen>; 2]) {
        for (side, files) in [(&mut self.base, base), (&mut self.head, head)] {
            for seen in files {
                side.join(seen);
            }
        }
    }

    /// Whether some file was recognised, or something was said of it.
    fn says_something(&self) -> bool {
        let says = |side: &Side| !(side.formats.is_empty() && side.unread.is_empty() && side.diagnostics.is_empty());
        says(&self.base) || says(&self.head)
    }

    /// The paths of every file that was looked at.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        let formats = self.base.formats.keys().chain(self.head.formats.keys());
        self.changed.iter().chain(formats).map(|path| &**path)
    }

    /// The rules of the base and of the head.
    pub fn access(&self) -> (&Access, &Access) {
        (&self.base.access, &self.head.access)
    }
}

/// Compares two sides without a policy.
pub fn diff(request: &Request) -> Result<Change, Error> {
    Ok(change(&request.joined(&request.open()?)?, &[]))
}

impl Request {
    /// Everything in the directories `base` and `head` of a directory, within the usual bounds, with no index kept.
    pub fn of_sides_in(directory: &Path) -> Self {
        let side = |name: &str| directory.join(name).to_string_lossy().into_owned();
        Self::between(side("base"), side("head"), PathBuf::from("."))
    }

    /// Everything in two states, within the usual bounds, with no index kept.
    pub fn between(base: String, head: String, repo: PathBuf) -> Self {
        Self {
            base,
            head,
            repo,
            paths: Vec::new(),
            format: None,
            plans: Vec::new(),
            planned: Vec::new(),
            bounds: Bounds::default(),
            cache: None,
            rendered: Vec::new(),
        }
    }

    /// Opens both sides.
    pub fn open(&self) -> Result<Sides, repository::Error> {
        Sides::open(&self.base, &self.head, &self.repo, self.limits())
    }

    /// Reads both sides without a policy.
    pub(super) fn joined(&self, sides: &Sides) -> Result<Joined, Error> {
        let format = |_: &str| self.format;
        let watch = Watch {
            settings: &|_| Some(Setting::default()),
            format: &format,
            bounds: self.bounds,
            is_rendered: &|path| self.is_rendered(path),
            plans: &self.plans,
            planned: &self.planned,
        };
        read(sides, &self.paths, &watch, &self.rendered, self.cache.as_deref())
    }

    /// Whether it is handed in what a tool makes of a path.
    pub(super) fn is_rendered(&self, path: &str) -> bool {
        self.rendered.iter().any(|rendered| rendered.holds(path))
    }

    /// How much is read.
    pub fn limits(&self) -> Limits {
        Limits { file: self.bounds.bytes as u64, ..Limits::default() }
    }
}

/// Reads what differs, what was rendered, and, unless every file says the same as before, what belongs to it.
pub fn read(sides: &Sides, paths: &[String], watch: &Watch<'_>, rendered: &[Rendered], cache: Option<&Path>) -> Result<Joined, Error> {
    let Changed { files, unreadable, unmatched } = sides.changed(paths)?;
    if !unmatched.is_empty() {
        return Err(Error::NoSuchPath(unmatched));
    }
    let mut joined = Joined::default();
    let mut joins = Joins::default();
    // One after the other, so that the bytes of a file are gone before the next one is parsed.
    for pair in files {
        let (base, head) = both(&pair, watch);
        for content in [&pair.base, &pair.head].into_iter().flatten() {
            joined.changed.insert(Arc::clone(&content.path));
            joined.ignored.extend(watch.ignores(content).then(|| Arc::clone(&content.path)));
        }
        // Most files stand alone, and need not be compared here.
        let joining = || [&base, &head].into_iter().flatten().filter(|seen| seen.reading.joins != Joins::default());
        if joining().next().is_some() && !says_the_same(base.as_ref(), head.as_ref()) {
            joining().for_each(|seen| joins.join(seen.reading.joins.clone()));
        }
        joined.base.join(base.unwrap_or_default());
        joined.head.join(head.unwrap_or_default());
    }
    for path in watch.plans {
        let [before, after] = plan::read(path, watch)?;
        joined.changed.insert(Arc::clone(&after.path));
        if !says_the_same(Some(&before), Some(&after)) {
            for seen in [&before, &after] {
                joins.join(seen.reading.joins.clone());
            }
        }
        joined.base.join(before);
        joined.head.join(after);
    }
    if sides.are_files() && !joined.says_something() {
        joined.head.diagnostics.extend(joined.changed.iter().map(not_recognised));
    }
    for thing in &unreadable {
        joined.changed.insert(Arc::clone(&thing.path));
        let side = if thing.side == Which::Base { &mut joined.base } else { &mut joined.head };
        side.join(watch.unreadable(&thing.path, &thing.why, thing.id).unwrap_or_default());
    }
    for rendered in rendered {
        let (seen, more) = rendered.read(sides, watch)?;
        joins.join(more);
        joined.join_both(seen);
    }
    let unrendered = unrendered::parts(sides, &joined.changed, watch)?;
    joined.join_both(unrendered);
    for seen in join::context(sides.head(), &joined.changed, &joins, watch, cache)? {
        // What did not change has been told before.
        let seen = Seen { reading: crate::formats::Reading { diagnostics: Vec::new(), joins: Joins::default(), ..seen.reading }, ..seen };
        joined.base.join(seen.clone());
        joined.head.join(seen);
    }
    for side in [&mut joined.base, &mut joined.head] {
        let contradictions = side.access.aws.contradictions();
        side.access.aws.opaque.extend(contradictions);
    }
    Ok(joined)
}

/// Files that the user named one by one are meant to be compared.
fn not_recognised(path: &Arc<str>) -> Diagnostic {
    let known: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
    Diagnostic::warning("not-recognised", Place::file(Arc::clone(path)), "no format recognises this file, so nothing in it was compared")
        .help(format!("name its format with `--as`; known are {}", known.join(", ")))
}

/// Both files of a pair. What stands in a plan may be secret, and nothing of it is quoted, nor of what was one.
fn both(pair: &Pair, watch: &Watch<'_>) -> (Option<Seen>, Option<Seen>) {
    let (mut base, mut head) = read_both(pair, watch);
    let contents = [&pair.base, &pair.head].into_iter().flatten();
    if contents.into_iter().any(|content| looks_like_one(&content.bytes)) {
        let diagnostics = [&mut base, &mut head].into_iter().flatten().flat_map(|seen| &mut seen.reading.diagnostics);
        diagnostics.for_each(|diagnostic| diagnostic.quote = None);
    }
    (base, head)
}

fn read_both(pair: &Pair, watch: &Watch<'_>) -> (Option<Seen>, Option<Seen>) {
    let (Some(before), Some(after)) = (&pair.base, &pair.head) else {
        let read = |content: &Option<Content>| content.as_ref().map(|content| watch.read(content));
        return (read(&pair.base), read(&pair.head));
    };
    let (base, head) = (watch.read(before), watch.read(after));
    match (base.format, head.format) {
        (Some(_), None) => (Some(base), Some(watch.read_beside(before, head, after))),
        (None, Some(_)) => (Some(watch.read_beside(after, base, before)), Some(head)),
        _ => (Some(base), Some(head)),
    }
}

/// Whether two readings have the same rules: nine of ten edits to permission files do.
fn says_the_same(base: Option<&Seen>, head: Option<&Seen>) -> bool {
    match (base, head) {
        (Some(base), Some(head)) => {
            let is_unread_alike = base.unread == head.unread && base.reading.unread == head.reading.unread;
            base.path == head.path && is_unread_alike && base.reading.access.says_the_same(&head.reading.access)
        }
        (one, other) => one.or(other).is_none_or(|seen| seen.format.is_none() && seen.unread.is_none()),
    }
}

/// Two joined sides → the change, cut by the filters.
pub fn change(joined: &Joined, filters: &[Filter]) -> Change {
    let (base, head) = joined.access();
    let Compared { mut entries, mut vacuous } = change::compare_every(base, head, filters, Effort::default());
    entries.extend(unread_differences(&joined.base.unread, &joined.head.unread));
    for entry in entries.iter_mut().chain(&mut vacuous) {
        entry.format = format_of(entry, joined);
    }
    entries.sort();
    entries.dedup();
    Change { digest: delta_digest(&entries), entries, vacuous, diagnostics: diagnostics(joined), read: Read::of(joined) }
}

/// What today's change does that the approved one did not.
pub fn not_contained(today: &Joined, approved: &Joined) -> Vec<Entry> {
    let ((base, head), (approved_base, approved_head)) = (today.access(), approved.access());
    let mut more = change::not_contained_every([base, head], [approved_base, approved_head], Effort::default());
    let approved_parts = unread_differences(&approved.base.unread, &approved.head.unread);
    more.extend(change::parts_not_contained(unread_differences(&today.base.unread, &today.head.unread), &approved_parts));
    more
}

fn format_of(entry: &Entry, joined: &Joined) -> Option<&'static str> {
    let Origins { base, head } = &entry.region.origins;
    let format =
        |side: &Side, places: &BTreeSet<crate::document::Place>| places.iter().find_map(|place| side.formats.get(&place.path).copied());
    format(&joined.head, head)
        .or_else(|| format(&joined.base, base))
        .or_else(|| joined.head.formats.values().chain(joined.base.formats.values()).next().copied())
}

/// A file that cannot be read, and is not the same on both sides, may hold any change.
fn unread_differences(base: &BTreeSet<Opaque>, head: &BTreeSet<Opaque>) -> Vec<Entry> {
    let key = |part: &Opaque| (Arc::clone(&part.holder), Arc::clone(&part.realm), part.digest.clone());
    let by_key = |parts: &BTreeSet<Opaque>| parts.iter().map(|part| (key(part), part.clone())).collect::<BTreeMap<_, _>>();
    let (before, after) = (by_key(base), by_key(head));
    let only = |own: &BTreeMap<_, Opaque>, other: &BTreeMap<_, Opaque>, is_head: bool| -> Vec<Entry> {
        own.iter().filter(|(key, _)| !other.contains_key(*key)).map(|(_, part)| unread_entry(part, is_head)).collect()
    };
    [only(&before, &after, false), only(&after, &before, true)].concat()
}

fn unread_entry(part: &Opaque, is_head: bool) -> Entry {
    let places = BTreeSet::from([part.place.clone()]);
    let origins = if is_head { Origins { head: places, ..Origins::default() } } else { Origins { base: places, ..Origins::default() } };
    let opaque = OpaquePart { digest: part.digest.clone(), why: part.why.clone() };
    change::undecided(None, Arc::clone(&part.holder), Arc::clone(&part.realm), opaque, origins)
}

/// Of more files than this it is said how many there are.
const MOST_IGNORED: usize = 20;

/// What is ignored is not silently so: nobody else looks at it.
fn ignored(paths: &BTreeSet<Arc<str>>) -> impl Iterator<Item = Diagnostic> {
    let of = if paths.len() > 1 { format!(" (one of {} such files)", paths.len()) } else { String::new() };
    let message = format!("this file differs, and `where:` ignores it, so nothing in it was compared{of}");
    paths.iter().take(MOST_IGNORED).map(move |path| Diagnostic::note("ignored-by-where", Place::file(Arc::clone(path)), message.as_str()))
}

/// What there is to say about the head, and what the base has besides. Of what is no error, one remark of its kind about a file is enough.
fn diagnostics(joined: &Joined) -> Vec<Diagnostic> {
    let mut all = joined.head.diagnostics.clone();
    let key = |d: &Diagnostic| (d.place.path.clone(), d.code, d.is_error().then(|| d.message.clone()));
    let told: BTreeSet<_> = all.iter().map(key).collect();
    let only_base = joined.base.diagnostics.iter().filter(|d| !told.contains(&key(d)));
    all.extend(only_base.map(|d| Diagnostic { message: format!("{} (in the base)", d.message), ..d.clone() }));
    all.extend(ignored(&joined.ignored));
    all.sort();
    all.dedup();
    all
}
