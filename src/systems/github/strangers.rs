//! Which conditions of a job keep somebody off who has no role in the repository. What is not known to is not taken to: neither the name of
//! an environment, which protects nothing by itself, nor `github.repository == 'octo/x'`, which is always true.

use super::Way;

/// Whoever has one of these has a role.
const TRUSTED: [&str; 3] = ["owner", "member", "collaborator"];

/// What nobody can choose for themselves, by how its name ends: somebody's name.
const PEOPLE: [&str; 7] = ["github.actor", "github.actor_id", "github.triggering_actor", ".login", ".user.id", ".sender.id", ".label.name"];

/// Where the code comes from.
const REPOSITORIES: [&str; 2] = [".head.repo.full_name", ".head_repository.full_name"];

/// Whether a condition is false for them.
pub(super) fn are_kept_off_by(condition: &str) -> bool {
    let text: String = condition.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_ascii_lowercase();
    keeps_off(&text)
}

fn keeps_off(text: &str) -> bool {
    match (split(text, "||"), split(text, "&&")) {
        (Some((one, other)), _) => keeps_off(one) && keeps_off(other),
        (_, Some((one, other))) => keeps_off(one) || keeps_off(other),
        _ => match in_brackets(text) {
            Some(inner) => keeps_off(inner),
            None => is_comparison(text) || is_membership(text) || is_no_fork(text),
        },
    }
}

/// What stands in brackets that close at the very end.
fn in_brackets(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let (mut depth, mut is_quoted) = (0_i32, false);
    let closes = |letter: char| {
        is_quoted ^= letter == '\'';
        depth += if is_quoted { 0 } else { i32::from(letter == '(') - i32::from(letter == ')') };
        depth < 0
    };
    (!inner.chars().any(closes)).then_some(inner)
}

/// At the first such operator that stands in no brackets and no quotes.
fn split<'t>(text: &'t str, operator: &str) -> Option<(&'t str, &'t str)> {
    let (mut depth, mut is_quoted) = (0_i32, false);
    for (at, letter) in text.char_indices() {
        is_quoted ^= letter == '\'';
        match letter {
            _ if is_quoted => {}
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            _ if depth == 0 && text.get(at..).is_some_and(|rest| rest.starts_with(operator)) => {
                return Some((text.get(..at)?, text.get(at + operator.len()..)?));
            }
            _ => {}
        }
    }
    None
}

fn is_comparison(text: &str) -> bool {
    split(text, "==").is_some_and(|(one, other)| is_only(one, other) || is_only(other, one))
}

/// Whether what is named is that only where no stranger has started the job.
fn is_only(name: &str, value: &str) -> bool {
    if !is_name(name) {
        return false;
    }
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    match literal(value) {
        None if value == "github.repository" => ends(&REPOSITORIES),
        None => value == "false" && ends(&[".repo.fork"]),
        Some(event) if name == "github.event_name" || name == "github.event.workflow_run.event" => {
            Way::of(event, None) == Some(Way::Restricted)
        }
        Some(role) if ends(&[".author_association"]) => TRUSTED.contains(&role),
        Some(_) => ends(&PEOPLE) || ends(&REPOSITORIES),
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with("github.") && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "._-".contains(letter))
}

/// What stands in quotes. It has to have a letter: an empty one and a zero equal what is not there.
fn literal(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    (!inner.contains('\'') && inner.contains(|letter: char| letter.is_ascii_alphabetic())).then_some(inner)
}

/// `contains(fromJSON('["OWNER"]'), github.event.comment.author_association)`, `contains(….pull_request.labels.*.name, 'safe')`.
fn is_membership(text: &str) -> bool {
    let Some((list, item)) = text.strip_prefix("contains(").and_then(|rest| rest.strip_suffix(')')?.rsplit_once(',')) else { return false };
    if list == "github.event.pull_request.labels.*.name" {
        return literal(item).is_some();
    }
    let names = list.strip_prefix("fromjson('[").and_then(|rest| rest.strip_suffix("]')"));
    names.is_some_and(|names| names.split(',').all(|name| is_only(item, &name.replace('"', "'"))))
}

fn is_no_fork(text: &str) -> bool {
    text.strip_prefix('!').is_some_and(|name| is_name(name) && name.ends_with(".repo.fork"))
}

#[cfg(test)]
mod tests {
    use super::are_kept_off_by;

    #[test]
    fn a_condition_about_who_it_is_keeps_them_off() {
        for condition in [
            "github.actor == 'octocat'",
            "'octocat' == github.event.comment.user.login",
            "github.event.comment.author_association == 'OWNER'",
            "(github.event.comment.author_association == 'OWNER' || github.event.comment.author_association == 'MEMBER')",
            "contains(fromJSON('[\"OWNER\", \"MEMBER\"]'), github.event.comment.author_association)",
            "github.event.pull_request.head.repo.full_name == github.repository",
            "!github.event.pull_request.head.repo.fork",
            "contains(github.event.pull_request.labels.*.name, 'safe to test')",
            "(github.event_name == 'push' || github.event.pull_request.head.repo.fork == false)",
            "x && (y || z) && github.actor == 'a'",
        ] {
            assert!(are_kept_off_by(condition), "{condition}");
        }
    }

    #[test]
    fn any_other_condition_does_not() {
        for condition in [
            "1",
            "'x'",
            "(true)",
            "!false",
            "true == true",
            "github.repository == 'octo/x'",
            "github.event_name == 'issue_comment'",
            "github.actor != 'nobody'",
            "github.actor == github.actor",
            "github.actor == ''",
            "github.actor == '0'",
            "(github.actor == 'a' || true)",
            "github.event.comment.author_association == 'NONE'",
            "contains(fromJSON('[\"OWNER\", \"NONE\"]'), github.event.comment.author_association)",
            "contains('', github.actor)",
            "contains(fromJSON('[]'), github.actor)",
            "github.event.comment.body == '/deploy'",
            "github.event.workflow_run.head_branch == 'main'",
            "not (github.actor == 'a')",
            "!(github.actor == 'a')",
            "github.actor == 'a' == false",
            "(github.actor == 'a' && x) != (y)",
            "the environment production lets it run",
        ] {
            assert!(!are_kept_off_by(condition), "{condition}");
        }
    }
}
