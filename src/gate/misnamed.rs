//! Files that somebody took for a policy, and whose names nobody reads. Beside one that is read, or above a file that changed, whoever
//! wrote it believes that it holds.

use super::Error;
use super::own::POLICY_PATHS;
use super::policies::{Loaded, directories};
use crate::diagnostic::Diagnostic;
use crate::document::Place;
use crate::policy::Policy;
use crate::policy::delegation::{MISNAMED_POLICY, NESTED_POLICY, is_misnamed, is_policy};
use crate::policy::include::POLICY_REPOSITORY;
use crate::world::repository::{Reading, Side};
use std::sync::Arc;

/// Where somebody may have put the policy of the repository instead.
pub(super) const MISNAMED_PATHS: [&str; 2] = ["countersign.yaml", ".github/countersign.yaml"];

/// Refuses what somebody took for the policy of a directory above these files. A change of nothing but policies is left to the rules
/// about them: no other could give such a file its name.
pub(super) fn refuse(side: &Side, policy: &Loaded, paths: &[&str]) -> Result<(), Error> {
    let others = || paths.iter().copied().filter(|path| !is_policy(path) && !is_misnamed(path));
    let nested = directories(&policy.policy, others()).into_iter().map(|directory| format!("{directory}/{MISNAMED_POLICY}").into());
    // Whoever named a file as the policy does not have the one at the root read.
    let stands_there = POLICY_PATHS.contains(&&*policy.path) || policy.path.starts_with(POLICY_REPOSITORY);
    let at_root = MISNAMED_PATHS.map(Arc::from).into_iter().filter(|_| stands_there && others().next().is_some());
    let mut wrong = Vec::new();
    for path in at_root.chain(nested) {
        if !policy.policy.site_of(&path).ignore && !matches!(side.read(&path)?, Reading::Absent) {
            wrong.push(refused(path));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(Error::Policy(wrong)) }
}

/// Refuses what somebody took for a policy among these files, which are all that there are.
pub(super) fn refuse_any(policy: &Loaded, paths: &[Arc<str>]) -> Result<(), Error> {
    let wrong: Vec<Diagnostic> = told(&policy.policy, paths).into_iter().filter(Diagnostic::is_error).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Error::Policy(wrong)) }
}

/// What there is to say of the names of these files, which are all that there are.
pub(super) fn told(policy: &Policy, paths: &[Arc<str>]) -> Vec<Diagnostic> {
    paths.iter().filter(|path| !policy.site_of(path).ignore).filter_map(about).collect()
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
