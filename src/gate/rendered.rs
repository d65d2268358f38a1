//! What a tool made of a directory of the repository, handed in for both sides in place of what the directory holds.

use super::Error;
use super::read::{Seen, Watch};
use crate::formats::Joins;
use crate::world::repository::{self, Content, Limits, Reading, Side, Sides};
use std::path::Path;
use std::sync::Arc;

/// One directory that was rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rendered {
    /// The directory of the repository; empty for its root.
    pub directory: Arc<str>,
    /// What was made of the base: a directory or a file on disk.
    pub base: String,
    /// What was made of the head.
    pub head: String,
}

impl Rendered {
    /// What `--rendered` takes: the directory as the repository names it, and the two results.
    pub fn new(directory: &str, base: &str, head: &str) -> Self {
        let parts = directory.split('/').filter(|part| !matches!(*part, "" | "."));
        Self { directory: parts.collect::<Vec<_>>().join("/").into(), base: base.to_owned(), head: head.to_owned() }
    }

    /// Whether a path of the repository lies in the directory.
    pub(super) fn holds(&self, path: &str) -> bool {
        self.directory.is_empty() || path.strip_prefix(&*self.directory).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Whether the directory is there on one of the sides: one that is misspelt stands for nothing.
    fn is_in(&self, sides: &Sides) -> Result<bool, repository::Error> {
        let has = |side: &Side| Ok::<_, repository::Error>(side.list()?.iter().any(|entry| self.holds(&entry.path)));
        Ok(has(sides.base())? || has(sides.head())?)
    }

    /// What both results say, and what has to be read because of what differs between them.
    pub(super) fn read(&self, repository: &Sides, watch: &Watch<'_>) -> Result<([Vec<Seen>; 2], Joins), Error> {
        if !self.is_in(repository)? {
            return Err(Error::NoSuchPath(vec![self.directory.to_string()]));
        }
        let limits = Limits { file: watch.bounds.bytes as u64, ..Limits::default() };
        let sides = Sides::open(&on_disk(&self.base), &on_disk(&self.head), Path::new("."), limits)?;
        let watch = Watch { is_rendered: &|_| false, ..*watch };
        let base = self.side(sides.base(), &watch)?;
        let head = self.side(sides.head(), &watch)?;
        let mut joins = Joins::default();
        let same =
            |one: &(String, Seen), others: &[(String, Seen)]| others.iter().any(|other| other.0 == one.0 && other.1.path == one.1.path);
        let only = |own: &[(String, Seen)], others: &[(String, Seen)]| -> Vec<Joins> {
            own.iter().filter(|one| !same(one, others)).map(|one| one.1.reading.joins.clone()).collect()
        };
        for more in only(&base, &head).into_iter().chain(only(&head, &base)) {
            joins.join(more);
        }
        let seen = |side: Vec<(String, Seen)>| side.into_iter().map(|(_, seen)| seen).collect();
        Ok(([seen(base), seen(head)], joins))
    }

    /// Every file of a result, with what identifies its content, under the path of the directory that it stands for.
    fn side(&self, side: &Side, watch: &Watch<'_>) -> Result<Vec<(String, Seen)>, Error> {
        let mut files = Vec::new();
        for entry in side.list()? {
            let path: Arc<str> =
                if self.directory.is_empty() { entry.path.clone() } else { format!("{}/{}", self.directory, entry.path).into() };
            match side.read_entry(&entry)? {
                Reading::Content(content) => files.push((content.id.to_string(), watch.read(&Content { path, ..content }))),
                Reading::Unreadable(why) => files.extend(watch.unreadable(&path, &why, None).map(|seen| (format!("{why:?}"), seen))),
                Reading::Absent => {}
            }
        }
        Ok(files)
    }
}

/// Never a revision, whatever it is called.
fn on_disk(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("./{path}") }
}
