//! Files that somebody took for a policy, and whose names nobody reads. Beside one that is read, or above a file that changed, whoever
//! wrote it believes that it holds.

use super::Error;
use super::ours::{MISNAMED_PATHS, POLICY_PATHS};
use super::policy_files::directories;
use crate::diagnostic::Diagnostic;
use crate::document::{Bounds, Node, Place, Syntax, parse};
use crate::policy::Policy;
use crate::policy::delegation::{MISNAMED_POLICY, NESTED_POLICY, is_misnamed, is_policy};
use crate::policy::include::POLICY_REPOSITORY;
use crate::world::repository::{Content, Reading, Side};
use std::sync::Arc;

/// Refuses what somebody took for the policy of a directory above these files. A change of nothing but policies is left to the rules
/// about them: no other could give such a file its name. The policy that holds stands at a path.
pub(super) fn refuse(side: &Side, policy: &Policy, stands_at: &str, paths: &[&str]) -> Result<(), Error> {
    let others = || paths.iter().copied().filter(|path| !is_policy(path) && !is_misnamed(path));
    let nested = directories(policy, others()).into_iter().map(|directory| format!("{directory}/{MISNAMED_POLICY}").into());
    // Whoever named a file as the policy does not have the one at the root read.
    let stands_there = POLICY_PATHS.contains(&stands_at) || stands_at.starts_with(POLICY_REPOSITORY);
    let at_root = MISNAMED_PATHS.map(Arc::from).into_iter().filter(|_| stands_there && others().next().is_some());
    let mut wrong = Vec::new();
    for path in at_root.chain(nested) {
        if !policy.site_of(&path).ignore && stands(side, &path)? {
            wrong.push(refused(path));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Policy(wrong)) }
}

/// Refuses what somebody took for a policy among these files, which are all that there are.
pub(super) fn refuse_any(side: &Side, policy: &Policy, paths: &[Arc<str>]) -> Result<(), Error> {
    let wrong: Vec<Diagnostic> = told(side, policy, paths)?.into_iter().filter(Diagnostic::is_error).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::Policy(wrong)) }
}

/// What there is to say of the names of these files, which are all that there are.
pub(super) fn told(side: &Side, policy: &Policy, paths: &[Arc<str>]) -> Result<Vec<Diagnostic>, Error> {
    let mut told = Vec::new();
    for (path, remark) in paths.iter().filter(|path| !policy.site_of(path).ignore).filter_map(|path| Some((path, about(path)?))) {
        if !remark.is_error() || stands(side, path)? {
            told.push(remark);
        }
    }
    Ok(told)
}

/// Whether something stands there that somebody may have taken for a policy.
fn stands(side: &Side, path: &str) -> Result<bool, Error> {
    Ok(match side.read(path)? {
        Reading::Content(content) => !is_manifest(&content),
        Reading::Unreadable(_) => true,
        Reading::Absent => false,
    })
}

/// Whether it is called as a policy is that somebody misnamed, and is something else: the manifest of an app that is called so.
pub(super) fn is_something_else(content: &Content) -> bool {
    (is_misnamed(&content.path) || MISNAMED_PATHS.contains(&&*content.path)) && is_manifest(content)
}

/// Whether every document says what kind of object it is, and of which API; no policy does.
fn is_manifest(content: &Content) -> bool {
    let file = parse(Arc::clone(&content.path), &content.bytes, Syntax::Yaml, &Bounds::default());
    let says = |document: &Node| ["apiVersion", "kind"].iter().all(|key| document.get(key).and_then(Node::scalar).is_some());
    file.is_ok_and(|file| !file.documents.is_empty() && file.documents.iter().all(says))
}

fn about(path: &Arc<str>) -> Option<Diagnostic> {
    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
    let lower = name.to_ascii_lowercase();
    let is_meant = [NESTED_POLICY, MISNAMED_POLICY].contains(&lower.trim_start_matches('.'));
    if is_misnamed(path) || MISNAMED_PATHS.contains(&&**path) {
        Some(refused(Arc::clone(path)))
    } else if is_meant && name != NESTED_POLICY {
        let message = format!("`{path}` is no policy under this name, so nothing in it counts");
        let help = "rename it to `countersign.yml`";
        Some(Diagnostic::warning(CODE, Place::file(Arc::clone(path)), message).help(help))
    } else if let Some(above) = directory.strip_suffix("/.github").filter(|_| is_policy(path)) {
        let message = format!("this is the policy of `{directory}`, and of nothing else in `{above}`");
        let help = format!("move it to `{above}/{NESTED_POLICY}`: only the policy of the repository may stand in `.github`");
        Some(Diagnostic::warning(CODE, Place::file(Arc::clone(path)), message).help(help))
    } else {
        None
    }
}

const CODE: &str = "misnamed-policy";

fn refused(path: Arc<str>) -> Diagnostic {
    let message = format!("`{path}` is no policy under this name, so nothing in it counts");
    let help = format!("rename it to `{NESTED_POLICY}` in a change of its own, or, if it is something else, ignore it in `where:`");
    Diagnostic::error(CODE, Place::file(path), message).help(help)
}
