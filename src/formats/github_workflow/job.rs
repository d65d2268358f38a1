//! One job: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobs>.

use super::condition::Condition;
use super::notes::Notes;
use crate::document::{Node, Scalar};
use crate::systems::content_digest;
use std::collections::BTreeSet;
use std::sync::Arc;

/// `uses:` without the version: who gets the token, and not in which edition. `$/` and `./` are the repository itself.
pub(super) fn calls(job: &Node, notes: &mut Notes<'_>) -> Option<Arc<str>> {
    let node = job.get("uses")?;
    let uses = notes.text(node, "`uses` of a job")?;
    let own = uses.strip_prefix("$/").or(uses.strip_prefix("./"));
    let called = match (own, uses.split_once('@')) {
        (Some(path), None) => Some(format!("./{}", path.trim_start_matches("./"))),
        (None, Some((called, version))) if !version.is_empty() => Some(called.to_owned()),
        _ => None,
    };
    let is_workflow =
        |called: &String| called.contains("/.github/workflows/") && called.split('/').all(|part| !part.is_empty() && part != "..");
    let called = called.filter(is_workflow);
    if called.is_none() {
        let help = "write `OWNER/REPOSITORY/.github/workflows/FILE@VERSION`, or `./.github/workflows/FILE`";
        notes.error(node, "unknown-workflow", format!("`{uses}` names no workflow"), help);
    }
    called.map(Arc::from)
}

/// Whether GitHub takes it for the name of a job.
pub(super) fn is_id(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
}

/// What has to be true before the job runs: its own `if` and environment, and those of the jobs that it needs, which keep it from
/// running when they do not. A job that looks at how the others ended runs whatever became of them.
pub(super) fn guards(id: &str, jobs: &[(Node, Node)]) -> BTreeSet<Arc<str>> {
    let mut guards = BTreeSet::new();
    let (mut open, mut seen) = (vec![id], BTreeSet::new());
    while let Some(id) = open.pop() {
        let Some(job) = of(id, jobs).filter(|_| seen.insert(id)) else { continue };
        let condition = Condition::of(job);
        if !condition.ignores_others {
            guards.extend(needs(job).into_iter().filter(|id| of(id, jobs).is_none_or(may_fail)).map(succeeds));
            open.extend(needs(job));
        }
        guards.extend(condition.all.into_iter().map(|text| Arc::from(with_what_it_asks(text, job, jobs))));
        guards.extend(environment(job).map(|name| Arc::from(format!("the environment {name} lets it run"))));
    }
    guards
}

pub(super) fn warn_of_a_condition_that_is_a_string(job: &Node, notes: &mut Notes<'_>) {
    if let Some(node) = job.get("if").filter(|_| Condition::of(job).is_string) {
        let message = "this `if` is always true: what stands around `${{ }}`, if only a line break, makes a string of it";
        notes.warning(node, "condition-is-a-string", message, "write all of it inside of `${{ }}`, or without them");
    }
}

/// What its steps look at may be what keeps the job from running that needs it.
fn succeeds(id: &str) -> Arc<str> {
    format!("the job {id} succeeds").into()
}

fn may_fail(job: &Node) -> bool {
    job.get("continue-on-error").is_none_or(|node| node.scalar().is_some_and(|scalar| *scalar.text == *"false"))
}

fn of<'n>(id: &str, jobs: &'n [(Node, Node)]) -> Option<&'n Node> {
    jobs.iter().find(|(key, _)| key.scalar().is_some_and(|key| *key.text == *id)).map(|(_, job)| job)
}

/// A condition that asks how needed jobs ended, or what they found out, means something else when those change.
fn with_what_it_asks(text: String, job: &Node, jobs: &[(Node, Node)]) -> String {
    if !text.to_ascii_lowercase().contains("needs") {
        return text;
    }
    let (mut open, mut seen, mut asked) = (needs(job), BTreeSet::new(), Vec::new());
    while let Some(id) = open.pop() {
        let Some(needed) = of(id, jobs).filter(|_| seen.insert(id)) else { continue };
        open.extend(needs(needed));
        let parts = ["if", "needs", "environment", "outputs"].map(|key| needed.get(key).map_or_else(String::new, Node::canonical));
        asked.push(format!("{id} {}", parts.join(" ")));
    }
    asked.sort_unstable();
    let digest = content_digest(&asked.iter().map(String::as_str).collect::<Vec<_>>());
    let short: String = digest.chars().take(8).collect();
    format!("{text} (as of {short})")
}

fn needs(job: &Node) -> Vec<&str> {
    let Some(needs) = job.get("needs") else { return Vec::new() };
    let items = needs.items().unwrap_or(std::slice::from_ref(needs));
    items.iter().filter_map(|item| item.scalar().map(|scalar| &*scalar.text)).collect()
}

fn environment(job: &Node) -> Option<&str> {
    let environment = job.get("environment")?;
    let name = environment.get("name").unwrap_or(environment).scalar().filter(|name| !Scalar::is_null(name) && !name.text.is_empty())?;
    Some(&name.text)
}
