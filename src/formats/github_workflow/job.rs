//! One job: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobs>.

use super::notes::Notes;
use crate::document::{Node, Scalar};
use std::collections::BTreeSet;
use std::sync::Arc;

/// `uses:` without the version: who gets the token, and not in which edition.
pub(super) fn calls(job: &Node, notes: &mut Notes<'_>) -> Option<Arc<str>> {
    let node = job.get("uses")?;
    let uses = notes.text(node, "`uses` of a job")?;
    let called = match uses.split_once('@') {
        Some((called, version)) if !version.is_empty() && !uses.starts_with("./") => Some(called),
        None if uses.starts_with("./") => Some(uses),
        _ => None,
    };
    let is_workflow =
        |called: &&str| called.contains("/.github/workflows/") && called.split('/').all(|part| !part.is_empty() && part != "..");
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
        let Some((_, job)) = jobs.iter().find(|(key, _)| key.scalar().is_some_and(|key| *key.text == *id)) else { continue };
        if !seen.insert(id) {
            continue;
        }
        let condition = condition(job);
        if !condition.as_deref().is_some_and(looks_at_others) {
            open.extend(needs(job));
        }
        guards.extend(condition.filter(|text| !is_always(text)).map(Arc::from));
        guards.extend(environment(job).map(|name| Arc::from(format!("the environment {name} lets it run"))));
    }
    guards
}

/// The text of an `if`, without what says that it is an expression. Spaces mean nothing, but in a quoted string.
fn condition(job: &Node) -> Option<String> {
    let text = job.get("if")?.scalar()?.text.trim();
    let inner = text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).filter(|inner| !inner.contains("${{"));
    let text = inner.unwrap_or(text).trim();
    let is_plain = !text.contains('\'');
    Some(if is_plain { text.split_whitespace().collect::<Vec<_>>().join(" ") } else { text.to_owned() })
}

fn is_always(condition: &str) -> bool {
    matches!(condition, "" | "true" | "always()" | "success()" | "!cancelled()")
}

fn looks_at_others(condition: &str) -> bool {
    ["always()", "cancelled()", "failure()"].iter().any(|word| condition.contains(word))
}

fn needs(job: &Node) -> Vec<&str> {
    let Some(needs) = job.get("needs") else { return Vec::new() };
    let items = needs.items().unwrap_or(std::slice::from_ref(needs));
    items.iter().filter_map(|item| item.scalar().map(|scalar| &*scalar.text)).collect()
}

fn environment(job: &Node) -> Option<&str> {
    let environment = job.get("environment")?;
    let name = environment.get("name").unwrap_or(environment).scalar().filter(|name| !Scalar::is_null(name))?;
    Some(&name.text)
}
