//! An `if`: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idif>. In expressions the case of a
//! function's name makes no difference, nor do spaces outside of quotes.

use super::status::{Asks, Others};
use crate::document::{Node, Scalar};

/// What an `if` demands.
pub(super) struct Condition {
    /// What has to be true all together.
    pub(super) all: Vec<Part>,
    /// What has to have become of the jobs that it needs.
    pub(super) others: Others,
    /// The text around an expression makes a string of it, which is true whatever it says.
    pub(super) is_string: bool,
}

/// One of several conditions that have to be true.
pub(super) struct Part {
    pub(super) text: String,
    /// Whether it may be true because of how the needed jobs ended, beyond what is demanded of them.
    pub(super) hangs: bool,
}

impl Condition {
    pub(super) fn of(job: &Node) -> Self {
        let text = job.get("if").and_then(Node::scalar).filter(|text| !Scalar::is_null(text)).map_or("", |text| &text.text);
        let Some(expression) = expression(text).map(on_one_line) else {
            let calls = expressions(text).any(|expression| Asks::of(expression).calls);
            return Self { all: Vec::new(), others: if calls { Others::Any } else { Others::Succeed }, is_string: true };
        };
        let asks = Asks::of(&expression);
        let others = if asks.calls { asks.others } else { Others::Succeed };
        let parts = conjuncts(&expression).into_iter().filter(|part| !is_always(part));
        let hangs = |part: &str| others != Others::Succeed && Asks::of(part).when;
        Self { all: parts.map(|text| Part { hangs: hangs(&text), text }).collect(), others, is_string: false }
    }
}

impl Part {
    /// Whether it only demands of the needed jobs what is demanded of them anyway.
    pub(super) fn is_of_others(&self) -> bool {
        matches!(squeezed(&self.text).as_str(), "(success()||failure())" | "(failure()||success())")
    }
}

/// Each expression in a string.
fn expressions(text: &str) -> impl Iterator<Item = &str> {
    text.split("${{").skip(1)
}

/// The expression; `None` where it is a string with an expression inside. `${{` and `}}` have to be at the very ends: a line break of a
/// block scalar is text as well.
fn expression(text: &str) -> Option<&str> {
    if !text.contains("${{") {
        return Some(text.trim());
    }
    let inner = text.strip_prefix("${{")?;
    let mut is_quoted = false;
    let end = inner.char_indices().find(|(at, letter)| {
        is_quoted ^= *letter == '\'';
        !is_quoted && inner.get(*at..).is_some_and(|rest| rest.starts_with("}}"))
    });
    let (expression, rest) = inner.split_at_checked(end?.0)?;
    (rest == "}}").then(|| expression.trim())
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
fn conjuncts(expression: impl AsRef<str>) -> Vec<String> {
    let expression = expression.as_ref();
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

fn squeezed(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_ascii_lowercase()
}

fn is_always(condition: &str) -> bool {
    matches!(squeezed(condition).as_str(), "" | "true" | "always()" | "success()" | "!cancelled()")
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

    #[test]
    fn text_around_an_expression_makes_a_string_of_it() {
        assert_eq!(expression(" a "), Some("a"));
        assert_eq!(expression("${{ a == '}}' }}"), Some("a == '}}'"));
        for string in ["${{ a }}\n", " ${{ a }}", "a && ${{ b }}", "${{ a }} && ${{ b }}", "${{ a }} && b }}"] {
            assert_eq!(expression(string), None, "{string}");
        }
    }
}
