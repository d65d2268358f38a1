//! What there is in a repository, for a policy to be held against: its files, those in which permissions stand, and who has access.

use super::Error;
use super::policies::{format, setting};
use super::read::{Watch, may_be_permissions};
use crate::change::holders;
use crate::document::Bounds;
use crate::formats::FORMATS;
use crate::policy::{Policy, Repository};
use crate::systems::Access;
use crate::world::repository::{Kind, Reading, Side};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Reads what may be permissions as the policy has it read. What cannot be read is told when it changes.
pub(super) fn inventory(side: &Side, policy: &Policy) -> Result<Repository, Error> {
    let format = |path: &str| format(policy, path);
    let setting = |path: &str| setting(policy, path);
    let watch = Watch { settings: &setting, format: &format, bounds: Bounds::default(), is_rendered: &|_| false, plans: &[], planned: &[] };
    let may_be = |path: &str| may_be_permissions(path) || format(path).is_some() || FORMATS.iter().any(|format| (format.at)(path));
    let (mut access, mut permissions) = (Access::default(), BTreeSet::<Arc<str>>::new());
    let entries = side.list()?;
    for entry in entries.iter().filter(|entry| entry.kind == Kind::File && may_be(&entry.path) && setting(&entry.path).is_some()) {
        if let Reading::Content(content) = side.read_entry(entry)? {
            let seen = watch.read(&content);
            permissions.extend(seen.format.is_some().then_some(seen.path));
            access.join(seen.reading.access);
        }
    }
    Ok(Repository { paths: entries.into_iter().map(|entry| entry.path).collect(), permissions, holders: holders(&access) })
}
