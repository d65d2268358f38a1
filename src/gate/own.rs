//! The gate's own files: its policy, the people in it, who owns what, and the workflow that runs it. An edit of one of them is itself a
//! change of who can do what.

use super::misnamed;
use super::ours::{MISNAMED_PATHS, POLICY_PATHS};
use super::policy_files::made_of;
use crate::policy::Policy;
use crate::policy::delegation::is_policy;
use crate::world::repository::{Changed, Content, Error, Reading, Side, Sides, Unreadable};
use std::collections::BTreeSet;
use std::sync::Arc;

/// <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>
/// and <https://docs.gitlab.com/user/project/codeowners/>.
pub(super) const OWNERS_PATHS: [&str; 4] = ["CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"];

/// The gate's own files that differ, whatever paths the user asked about.
pub(super) fn edited(sides: &Sides, policy: &Policy) -> Result<Vec<Arc<str>>, Error> {
    let Changed { files, unreadable, .. } = sides.changed(&[])?;
    let mut edited = BTreeSet::new();
    for pair in &files {
        // A file that is moved away is edited where it was; what it becomes elsewhere need not be one of ours.
        let contents = [&pair.base, &pair.head].into_iter().flatten();
        let own = contents.filter(|content| is_own(content, policy));
        edited.extend(own.map(|content| Arc::clone(&content.path)));
    }
    edited.extend(sides.changed_modes()?.into_iter().filter(|path| is_own_path(path, policy)));
    edited.extend(unreadable.into_iter().filter(|Unreadable { path, .. }| is_own_path(path, policy)).map(|thing| thing.path));
    Ok(edited.into_iter().collect())
}

fn is_own(content: &Content, policy: &Policy) -> bool {
    // What only has the name is no policy; that a rule is about it counts all the same.
    let is_by_name = misnamed::is_something_else(content) && !policy.names_edits_of(&content.path);
    (is_own_path(&content.path, policy) && !is_by_name) || runs_the_gate(content)
}

fn is_own_path(path: &str, policy: &Policy) -> bool {
    POLICY_PATHS.contains(&path) || MISNAMED_PATHS.contains(&path) || OWNERS_PATHS.contains(&path) || policy.watches_edits_of(path)
}

/// Where pipelines and what they are made of stand, by how the path begins.
const PIPELINES: [&str; 16] = [
    ".github/workflows/",
    ".github/actions/",
    ".github/scripts/",
    ".gitlab-ci",
    ".gitlab/",
    ".gitea/workflows/",
    ".forgejo/workflows/",
    ".circleci/",
    ".buildkite/",
    ".woodpecker",
    ".tekton/",
    ".drone.yml",
    "action.y",
    "azure-pipelines",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
];

/// A pipeline that names us, before or after.
pub(super) fn runs_the_gate(content: &Content) -> bool {
    let is_pipeline = PIPELINES.iter().any(|start| content.path.starts_with(start));
    is_pipeline && content.bytes.windows(b"countersign".len()).any(|word| word.eq_ignore_ascii_case(b"countersign"))
}

/// Why edited files are not those that the reviewed change edited, if one is not: it was another file then, or the change left it alone.
/// What has today's bytes because nobody touched it has not been reviewed as an edit. A policy is what it is made of: a file that it
/// comes to include has to be the one that was reviewed, whoever changed it since.
pub(super) fn unlike(edited: &[Arc<str>], today: &Side, reviewed: &Sides, policy: &Policy) -> Result<Option<String>, Error> {
    if edited.is_empty() {
        return Ok(None);
    }
    let then = self::edited(reviewed, policy)?;
    for path in edited {
        let is_same = match (today.read(path)?, reviewed.head().read(path)?) {
            (Reading::Content(today), Reading::Content(reviewed)) => today.bytes == reviewed.bytes,
            (Reading::Absent, Reading::Absent) => true,
            _ => false,
        };
        if !is_same || today.is_executable(path)? != reviewed.head().is_executable(path)? {
            return Ok(Some(format!("`{path}` was another then")));
        }
        if !then.contains(path) {
            return Ok(Some(format!("`{path}` was not edited then")));
        }
    }
    let policies: Vec<_> = edited.iter().filter(|path| POLICY_PATHS.contains(&&***path) || is_policy(path)).cloned().collect();
    let (Ok(brought), Ok(reviewed)) = (made_of(today, &policies), made_of(reviewed.head(), &policies)) else {
        return Ok(Some("nobody can read what the policy that it brings is made of".to_owned()));
    };
    let other = brought.iter().chain(&reviewed).find(|(path, _)| brought.get(*path) != reviewed.get(*path));
    Ok(other.map(|(path, _)| format!("`{path}`, of which the policy is made that it brings, was another then")))
}
