//! Charts and kustomizations that a change touches, where nobody handed in what they make.

use super::Error;
use super::read::{Seen, Watch, unread};
use crate::diagnostic::Diagnostic;
use crate::document::Place;
use crate::formats::Reading as Says;
use crate::formats::kubernetes_rbac::unrendered::{Source, Tree};
use crate::systems::content_digest;
use crate::world::repository::{Kind, Reading, Side, Sides};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What each side's charts and kustomizations decide about roles and bindings, where the sides differ in it.
pub(super) fn parts(sides: &Sides, changed: &BTreeSet<Arc<str>>, watch: &Watch<'_>) -> Result<[Vec<Seen>; 2], Error> {
    let mut parts = [Vec::new(), Vec::new()];
    if changed.is_empty() {
        return Ok(parts);
    }
    let both = [Files::of(sides.base())?, Files::of(sides.head())?];
    let on_both = |path: &&Arc<str>| both.iter().all(|files| files.paths.contains(*path));
    let alone: BTreeSet<Arc<str>> = changed.iter().filter(|path| !on_both(path)).cloned().collect();
    let differs = Differs { changed, alone: &alone };
    let mut sources = BTreeSet::new();
    for files in &both {
        sources.extend(files.seen(differs, watch, Source::touched)?);
    }
    for source in sources.iter().filter(|source| !(watch.is_rendered)(&source.file())) {
        let Some(setting) = (watch.settings)(&source.file()) else { continue };
        let [before, after] = [&both[0], &both[1]].map(|files| files.seen(differs, watch, |tree| source.decides(tree)));
        let (before, after) = (before?, after?);
        for (said, parts) in [before.clone(), after.clone()].into_iter().zip(&mut parts).filter(|_| before != after) {
            if said.is_empty() {
                continue;
            }
            let what = source.what();
            let message = format!("this {what} changes in what decides about roles or bindings, and what it makes cannot be told");
            let help = format!("hand in what `{}` prints for both sides, with `--rendered`", source.command());
            let diagnostic = Diagnostic::error(CODE, Place::file(source.file()), message).help(help);
            let said: Vec<&str> = said.iter().map(String::as_str).collect();
            let part = unread(&source.file(), &setting, &content_digest(&said), &diagnostic);
            let reading = Says { diagnostics: vec![diagnostic], ..Says::default() };
            parts.push(Seen { path: source.file(), reading, unread: Some(part), ..Seen::default() });
        }
    }
    Ok(parts)
}

/// Of a source that is not rendered.
pub(super) const CODE: &str = "unrendered";

/// All files of a side.
struct Files<'s> {
    side: &'s Side,
    paths: BTreeSet<Arc<str>>,
}

impl<'s> Files<'s> {
    fn of(side: &'s Side) -> Result<Self, Error> {
        let files = side.list()?.into_iter().filter(|entry| entry.kind == Kind::File);
        Ok(Self { side, paths: files.map(|entry| entry.path).collect() })
    }

    /// What is seen in the files of this side, unless one cannot be asked for.
    fn seen<T>(&self, differs: Differs<'_>, watch: &Watch<'_>, see: impl Fn(&Tree<'_>) -> T) -> Result<T, Error> {
        let failed = RefCell::new(None);
        let reading = |path: &str| {
            self.side.read(path).unwrap_or_else(|error| {
                failed.replace(Some(error));
                Reading::Absent
            })
        };
        let read = |path: &str| match reading(path) {
            Reading::Content(content) => Some(content.bytes),
            Reading::Unreadable(_) | Reading::Absent => None,
        };
        let id = |path: &str| match reading(path) {
            Reading::Content(content) => content.id.to_string(),
            Reading::Unreadable(why) => format!("{why:?}"),
            Reading::Absent => String::new(),
        };
        let tree = Tree { paths: &self.paths, read: &read, id: &id, changed: differs.changed, alone: differs.alone, bounds: watch.bounds };
        let seen = see(&tree);
        failed.take().map_or(Ok(seen), |error| Err(error.into()))
    }
}

/// The paths that differ between the sides, and those of them that only one side has.
#[derive(Clone, Copy)]
struct Differs<'d> {
    changed: &'d BTreeSet<Arc<str>>,
    alone: &'d BTreeSet<Arc<str>>,
}
