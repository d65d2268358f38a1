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
    if !changed.iter().any(|path| Source::may_be_touched(path)) {
        return Ok(parts);
    }
    let both = [Files::of(sides.base())?, Files::of(sides.head())?];
    let sources: BTreeSet<Source> = both.iter().flat_map(|files| Source::touched(changed, &files.paths)).collect();
    for source in sources.iter().filter(|source| !watch.is_rendered(&source.file())) {
        let Some(setting) = (watch.settings)(&source.file()) else { continue };
        let [before, after] = [&both[0], &both[1]].map(|files| files.decides(source, changed, watch));
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

    fn decides(&self, source: &Source, changed: &BTreeSet<Arc<str>>, watch: &Watch<'_>) -> Result<BTreeSet<String>, Error> {
        let failed = RefCell::new(None);
        let read = |path: &str| match self.side.read(path) {
            Ok(Reading::Content(content)) => Some(content.bytes),
            Ok(_) => None,
            Err(error) => {
                failed.replace(Some(error));
                None
            }
        };
        let tree = Tree { paths: &self.paths, read: &read, changed, bounds: watch.bounds };
        let said = source.decides(&tree);
        failed.take().map_or(Ok(said), |error| Err(error.into()))
    }
}
