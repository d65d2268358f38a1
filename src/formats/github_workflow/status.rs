//! How an `if` asks for the end of the jobs that are needed, by the functions of
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#status-check-functions>. Where it calls none of them, GitHub
//! puts `success() &&` before it.

/// The names of these functions.
const FUNCTIONS: [&str; 4] = ["always", "cancelled", "failure", "success"];

/// Deeper than GitHub takes an expression.
const DEEPEST: usize = 64;

/// What has become of the needed jobs where a condition is true.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Others {
    /// Anything: they may have been skipped.
    #[default]
    Any,
    /// All have succeeded, or one of them ran and failed.
    Ended,
    /// All have succeeded.
    Succeed,
}

/// What an expression says of the needed jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asks {
    /// What it demands.
    pub(super) others: Others,
    /// Whether it calls one of the functions.
    pub(super) calls: bool,
    /// Whether it may be true because of how they ended.
    pub(super) when: bool,
    /// Whether it may be false because of that.
    unless: bool,
}

impl Asks {
    pub(super) fn of(expression: &str) -> Self {
        let tokens = tokens(expression);
        let calls = tokens.windows(2).any(|pair| matches!(pair, [Token::Name(name), Token::Sign("(")] if is_function(name)));
        let mut parser = Parser { tokens: &tokens, depth: 0 };
        // What GitHub does not take apart either may ask for anything.
        let unknown = Self { others: Others::Any, calls, when: calls, unless: calls };
        parser.either().filter(|_| parser.tokens.is_empty()).unwrap_or(unknown)
    }

    fn function(name: &str) -> Self {
        let others = match name.to_ascii_lowercase().as_str() {
            "success" => Others::Succeed,
            "failure" => Others::Ended,
            _ => Others::Any,
        };
        Self { others, calls: true, when: others != Others::Any, unless: false }
    }

    fn both(self, other: Self) -> Self {
        let others = self.others.max(other.others);
        Self { others, calls: self.calls || other.calls, when: self.when || other.when, unless: self.unless || other.unless }
    }

    fn either(self, other: Self) -> Self {
        Self { others: self.others.min(other.others), ..self.both(other) }
    }

    fn negated(self) -> Self {
        Self { others: Others::Any, when: self.unless, unless: self.when, ..self }
    }

    /// As a part of something of which only a run tells how it hangs on its parts.
    fn within(self) -> Self {
        let hangs = self.when || self.unless;
        Self { others: Others::Any, when: hangs, unless: hangs, ..self }
    }
}

fn is_function(name: &str) -> bool {
    FUNCTIONS.iter().any(|function| name.eq_ignore_ascii_case(function))
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    Name(&'t str),
    /// A text or a number.
    Literal,
    Sign(&'t str),
}

const SIGNS: [&str; 16] = ["&&", "||", "==", "!=", "<=", ">=", "<", ">", "!", "(", ")", "[", "]", ",", ".", "*"];

fn tokens(expression: &str) -> Vec<Token<'_>> {
    let (mut found, mut rest) = (Vec::new(), expression.trim_start());
    while let Some(first) = rest.chars().next() {
        let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '+');
        let (length, token) = if first == '\'' {
            (text_length(rest), Token::Literal)
        } else if is_word(first) {
            let length = rest.find(|letter| !is_word(letter)).unwrap_or(rest.len());
            let is_name = first.is_alphabetic() || first == '_';
            (length, if is_name { Token::Name(rest.get(..length).unwrap_or_default()) } else { Token::Literal })
        } else {
            let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
            (sign.map_or(first.len_utf8(), str::len), Token::Sign(sign.unwrap_or("?")))
        };
        found.push(token);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    found
}

/// How long the text is that begins here. A quote inside of one is written twice.
fn text_length(rest: &str) -> usize {
    let mut quotes = rest.match_indices('\'').skip(1).map(|(at, _)| at).peekable();
    while let Some(at) = quotes.next() {
        if quotes.next_if_eq(&(at + 1)).is_none() {
            return at + 1;
        }
    }
    rest.len()
}

struct Parser<'p> {
    tokens: &'p [Token<'p>],
    depth: usize,
}

impl<'p> Parser<'p> {
    fn take(&mut self) -> Option<Token<'p>> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(*first)
    }

    fn takes(&mut self, signs: &[&str]) -> bool {
        let is_next = matches!(self.tokens.first(), Some(Token::Sign(sign)) if signs.contains(sign));
        is_next && self.take().is_some()
    }

    fn either(&mut self) -> Option<Asks> {
        let mut asks = self.both()?;
        while self.takes(&["||"]) {
            asks = asks.either(self.both()?);
        }
        Some(asks)
    }

    fn both(&mut self) -> Option<Asks> {
        let mut asks = self.comparison()?;
        while self.takes(&["&&"]) {
            asks = asks.both(self.comparison()?);
        }
        Some(asks)
    }

    fn comparison(&mut self) -> Option<Asks> {
        let mut asks = self.negation()?;
        while self.takes(&["==", "!=", "<", "<=", ">", ">="]) {
            asks = asks.both(self.negation()?).within();
        }
        Some(asks)
    }

    fn negation(&mut self) -> Option<Asks> {
        let mut is_negated = false;
        let mut asks = loop {
            if !self.takes(&["!"]) {
                break self.value()?;
            }
            is_negated = !is_negated;
        };
        if is_negated {
            asks = asks.negated();
        }
        Some(asks)
    }

    fn value(&mut self) -> Option<Asks> {
        let mut asks = match self.take()? {
            Token::Sign("(") => self.bracketed(")")?,
            Token::Name(name) if self.takes(&["("]) => self.call(name)?,
            Token::Name(_) | Token::Literal => Asks::default(),
            Token::Sign(_) => return None,
        };
        loop {
            if self.takes(&["."]) {
                matches!(self.take()?, Token::Name(_) | Token::Sign("*")).then_some(())?;
                asks = asks.within();
            } else if self.takes(&["["]) {
                let is_any = self.takes(&["*"]);
                let index = if is_any { self.takes(&["]"]).then(Asks::default)? } else { self.bracketed("]")? };
                asks = asks.both(index).within();
            } else {
                return Some(asks);
            }
        }
    }

    fn call(&mut self, name: &str) -> Option<Asks> {
        let mut asks = Asks::default();
        if !self.takes(&[")"]) {
            self.depth += 1;
            loop {
                asks = asks.both(self.nested()?);
                if !self.takes(&[","]) {
                    break;
                }
            }
            self.depth -= 1;
            self.takes(&[")"]).then_some(())?;
        }
        Some(if is_function(name) { Asks::function(name) } else { asks.within() })
    }

    fn bracketed(&mut self, end: &str) -> Option<Asks> {
        self.depth += 1;
        let asks = self.nested()?;
        self.depth -= 1;
        self.takes(&[end]).then_some(asks)
    }

    fn nested(&mut self) -> Option<Asks> {
        if self.depth > DEEPEST { None } else { self.either() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn others(expression: &str) -> Others {
        Asks::of(expression).others
    }

    #[test]
    fn what_all_ways_to_be_true_demand_is_demanded() {
        for expression in [
            "success()",
            "(SUCCESS ( ) && a.b)",
            "(success() && a) || (b && success())",
            "failure() && success()",
            "a == 'b' && ((success()))",
        ] {
            assert_eq!(others(expression), Others::Succeed, "{expression}");
        }
        for expression in ["failure()", "success() || failure()", "(failure() || success() && x) && y", "contains(a.*.b, 'x') && failure()"]
        {
            assert_eq!(others(expression), Others::Ended, "{expression}");
        }
        for expression in
            ["", "always()", "failure() || cancelled()", "!failure()", "success() == true", "f(success())", "success() || a[0]"]
        {
            assert_eq!(others(expression), Others::Any, "{expression}");
        }
    }

    #[test]
    fn a_function_is_called_where_it_is_neither_a_text_nor_a_name() {
        for expression in ["a != 'always()'", "a != 'it''s always()'", "a.always == b['failure()']", "needs.success.result", "x-always()"] {
            assert!(!Asks::of(expression).calls, "{expression}");
        }
        for expression in ["always()", "a[failure()]", "a == '' && (x || Cancelled())", "contains('''', always())", "((( always()"] {
            assert!(Asks::of(expression).calls, "{expression}");
        }
    }

    #[test]
    fn a_condition_hangs_on_how_the_others_ended_unless_it_asks_only_that_they_did_not() {
        for expression in ["failure() || cancelled()", "!!success()", "!(a || !failure())", "success() == true", "a ? success() : b"] {
            assert!(Asks::of(expression).when, "{expression}");
        }
        for expression in ["always()", "!cancelled() && !failure()", "!(failure() || cancelled())", "a == 'failure()'"] {
            assert!(!Asks::of(expression).when, "{expression}");
        }
    }

    #[test]
    fn what_is_nested_too_deep_may_ask_for_anything() {
        let deep = format!("{}success(){}", "(".repeat(20_000), ")".repeat(20_000));
        assert_eq!(Asks::of(&deep), Asks { others: Others::Any, calls: true, when: true, unless: true });
    }
}
