//! One job: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobs>.

use super::notes::Notes;
use crate::document::{Node, Scalar};
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
        let Some((_, job)) = jobs.iter().find(|(key, _)| key.scalar().is_some_and(|key| *key.text == *id)) else { continue };
        if !seen.insert(id) {
            continue;
        }
        let condition = condition(job);
        if !condition.as_deref().is_some_and(looks_at_others) {
            open.extend(needs(job));
        }
        guards.extend(condition.iter().flat_map(|text| conjuncts(text)).filter(|text| !is_always(text)).map(Arc::from));
        guards.extend(environment(job).map(|name| Arc::from(format!("the environment {name} lets it run"))));
    }
    guards
}

/// The text of an `if`, without what says that it is an expression.
fn condition(job: &Node) -> Option<String> {
    let text = job.get("if")?.scalar()?.text.trim();
    let inner = text.strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")).filter(|inner| !inner.contains("${{"));
    Some(on_one_line(inner.unwrap_or(text).trim()))
}

/// Spaces and line breaks mean the same, but in a quoted string. A quote inside of one is written twice.
fn on_one_line(expression: &str) -> String {
    let mut line = String::with_capacity(expression.len());
    let mut is_quoted = false;
    for letter in expression.chars() {
        is_quoted ^= letter == '\'';
        if is_quoted || !letter.is_whitespace() {
            line.push(letter);
        } else if !line.ends_with(' ') {
            line.push(' ');
        }
    }
    line
}

/// What has to be true all together, so that one condition more is known to be less: split at `&&` where nothing binds less.
fn conjuncts(expression: &str) -> Vec<String> {
    let (mut parts, mut start, mut depth, mut is_quoted) = (Vec::new(), 0, 0_i32, false);
    for (at, letter) in expression.char_indices() {
        is_quoted ^= letter == '\'';
        match letter {
            _ if is_quoted => {}
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            '|' if depth == 0 => return vec![format!("({expression})")],
            '&' if depth == 0 && at >= start && expression.get(at..at + 2) == Some("&&") => {
                parts.extend(expression.get(start..at));
                start = at + 2;
            }
            _ => {}
        }
    }
    parts.extend(expression.get(start..));
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_taken_apart_only_where_all_of_it_has_to_be_true() {
        assert_eq!(conjuncts("a && (b || c) && d == '&& ||'"), ["a", "(b || c)", "d == '&& ||'"]);
        assert_eq!(conjuncts("a && b || c"), ["(a && b || c)"]);
        assert_eq!(conjuncts("a & b && c"), ["a & b", "c"]);
        assert_eq!(conjuncts("it == 'it''s && so' && b"), ["it == 'it''s && so'", "b"]);
    }

    #[test]
    fn only_spaces_in_quotes_are_part_of_a_condition() {
        assert_eq!(on_one_line("a\n  == 'b  c'  &&\td"), "a == 'b  c' && d");
    }
}
