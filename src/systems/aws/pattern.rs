//! Patterns for actions, resources and principals: each a tuple of globs, matched segment by segment.

use super::condition::{escaped, is_variable, key_and_default};
use crate::access::{Glob, Letter, Piece, Word, matches};
use crate::systems::Texts;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What a kind of pattern is made of.
pub trait Notation: Ord + Clone {
    /// The segment that is spelt out in most patterns and differs between them: two texts there never meet.
    const SPELT: usize;
    /// As somebody wrote it.
    fn text(&self) -> &str;
    /// A glob for each segment.
    fn globs(&self) -> &[Glob];
    /// Matches everything of its kind.
    fn any() -> Self;
}

/// A text, and what it means.
#[derive(Debug)]
struct Written<const SEGMENTS: usize> {
    text: Box<str>,
    globs: [Glob; SEGMENTS],
}

macro_rules! notation {
    ($(#[$doc:meta])* $name:ident, $segments:literal, $spelt:literal) => {
        $(#[$doc])*
        ///
        /// Equality and order are those of the globs: how the text was spelt is no part of what it means.
        #[derive(Clone, Debug)]
        pub struct $name(Arc<Written<$segments>>);

        impl $name {
            fn new(text: impl Into<Box<str>>, globs: [Glob; $segments]) -> Self {
                Self(Arc::new(Written { text: text.into(), globs }))
            }
        }

        impl Notation for $name {
            const SPELT: usize = $spelt;

            fn text(&self) -> &str {
                &self.0.text
            }

            fn globs(&self) -> &[Glob] {
                &self.0.globs
            }

            fn any() -> Self {
                Self::new("*", std::array::from_fn(|_| Glob::any()))
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                Arc::ptr_eq(&self.0, &other.0) || self.0.globs == other.0.globs
            }
        }

        impl Eq for $name {}

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.globs.cmp(&other.0.globs) }
            }
        }

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.globs.hash(state);
            }
        }
    };
}

notation! {
    /// `service:Name`, case-insensitive, `*` and `?` anywhere in each part; `*` alone is every action.
    Action, 2, 0
}
notation! {
    /// An ARN, partition, service, region and account each on their own, the sixth part taking the rest; `*` alone is everything,
    /// also the resource of actions that have none.
    Resource, 6, 2
}
notation! {
    /// Kind (`aws`, `service`, `federated`, `canonicaluser`), account, and who in it; an account is everybody in it.
    Principal, 3, 1
}

/// Why a text is not a pattern, in one sentence.
pub type Refusal = String;

fn only_stars(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

impl Action {
    /// From a policy's text.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if only_stars(text) {
            return Ok(Self::any());
        }
        let lower = text.to_ascii_lowercase();
        let (service, name) =
            lower.split_once(':').ok_or_else(|| format!("`{text}` is not an action: it has no `service:` before its name"))?;
        if service.is_empty() || name.is_empty() || name.contains(':') || lower.contains("${") {
            return Err(format!("`{text}` is not an action of the form `service:Name`"));
        }
        Ok(Self::new(text, [Glob::parse(service), Glob::parse(name)]))
    }

    /// The same. What was read before is not read again: most actions of a file stand on its other side as well, and in other files.
    pub fn read(text: &str) -> Result<Self, Refusal> {
        READ.with_borrow_mut(|read| {
            if let Some(known) = read.get(text) {
                return Ok(known.clone());
            }
            let action = Self::parse(text)?;
            if read.len() >= MOST_KEPT {
                read.clear();
            }
            read.insert(text.into(), action.clone());
            Ok(action)
        })
    }
}

/// More actions than AWS has in all.
const MOST_KEPT: usize = 30_000;

thread_local! {
    static READ: RefCell<Texts<Action>> = RefCell::default();
}

impl Resource {
    /// From a policy's text. `variables`: whether `${…}` is a policy variable, as it is from version 2012-10-17 on.
    pub fn parse(text: &str, variables: bool) -> Result<Self, Refusal> {
        if only_stars(text) {
            return Ok(Self::any());
        }
        let mut parts = if variables && text.contains("${") { segments(text)? } else { text.splitn(6, ':').map(Glob::parse).collect() };
        if parts.last().is_some_and(Glob::is_open) {
            parts.resize(6, Glob::any());
        }
        let globs: [Glob; 6] =
            parts.try_into().map_err(|_| format!("`{text}` is not an ARN: it has fewer than six parts between colons"))?;
        if globs.first().and_then(Glob::as_exact) != Some("arn") {
            return Err(format!("`{text}` is not an ARN: it does not begin with `arn:`"));
        }
        // Where it is no policy variable, `${` is written so that it cannot be taken for one.
        let text = if variables { text.to_owned() } else { text.replace("${", "${$}{") };
        Ok(Self::new(text, globs))
    }

    /// The same where keys that have a default are there, or missing: a variable without a default, or the default.
    pub(super) fn presuming(&self, is_missing: &dyn Fn(&str) -> Option<bool>) -> Self {
        self.filled(&|name| {
            let (key, default) = key_and_default(name);
            let letters = default?.chars().map(Letter::Char).collect();
            Some(if is_missing(key)? { letters } else { vec![Letter::Symbol(key.into())] })
        })
    }

    /// The same with letters in the places of some policy variables, by what they are called.
    pub(super) fn filled(&self, letters: &dyn Fn(&str) -> Option<Vec<Letter>>) -> Self {
        let of_symbol = |letter: &Letter| if let Letter::Symbol(name) = letter { letters(name) } else { None };
        let of_piece = |piece: Piece| match &piece {
            Piece::Letter(letter) => of_symbol(letter).map_or(vec![piece.clone()], |all| all.into_iter().map(Piece::Letter).collect()),
            _ => vec![piece],
        };
        let globs: Vec<Glob> = self.globs().iter().map(|glob| Glob::new(glob.pieces().into_iter().flat_map(of_piece))).collect();
        let text = self.text().split("${").enumerate().map(|(at, part)| match part.split_once('}') {
            Some((name, rest)) if at > 0 => {
                let written = |name: &str| format!("${{{name}}}");
                let text = match of_symbol(&variable(name)) {
                    // As somebody wrote it.
                    Some(letters) if matches!(letters.as_slice(), [Letter::Symbol(_)]) => written(key_and_default(name).0.trim()),
                    Some(letters) => letters.iter().map(letter_text).collect(),
                    None => written(name),
                };
                format!("{text}{rest}")
            }
            _ => part.to_owned(),
        });
        let text: String = text.collect();
        globs.try_into().map_or_else(|_| self.clone(), |globs| Self::new(text, globs))
    }
}

/// As it stands in a pattern.
fn letter_text(letter: &Letter) -> String {
    match letter {
        Letter::Char(c) => escaped(&c.to_string()),
        Letter::Symbol(_) => Word::new(vec![letter.clone()]).to_string(),
    }
}

/// The segments of an ARN with policy variables; a colon inside `${…}` divides nothing.
fn segments(text: &str) -> Result<Vec<Glob>, Refusal> {
    let (mut done, mut current) = (Vec::new(), Vec::new());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(inside) = rest.strip_prefix("${") {
            let (name, after) = inside.split_once('}').ok_or_else(|| format!("`{text}` has a `${{` without its `}}`"))?;
            if !is_variable(name) {
                return Err(format!("`{text}` has a policy variable with a default that is not in single quotes"));
            }
            current.push(Piece::Letter(variable(name)));
            rest = after;
            continue;
        }
        match c {
            ':' if done.len() < 5 => done.push(Glob::new(std::mem::take(&mut current))),
            '*' => current.push(Piece::Many),
            '?' => current.push(Piece::One),
            c => current.push(Piece::Letter(Letter::Char(c))),
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    done.push(Glob::new(current));
    Ok(done)
}

/// `${*}`, `${?}` and `${$}` are the characters; everything else is a text that only the request knows. Key names are
/// case-insensitive, a default value is not.
pub(super) fn variable(name: &str) -> Letter {
    match name {
        "*" => Letter::Char('*'),
        "?" => Letter::Char('?'),
        "$" => Letter::Char('$'),
        _ => {
            let (key, default) = name.split_once(',').map_or((name, ""), |(key, default)| (key, default));
            let separator = if default.is_empty() { "" } else { "," };
            Letter::Symbol(format!("{}{separator}{default}", key.trim().to_ascii_lowercase()).into())
        }
    }
}

impl Principal {
    /// From a kind (`AWS`, `Service`, `Federated`, `CanonicalUser`) and a value of a `Principal` element.
    pub fn parse(kind: &str, text: &str) -> Result<Self, Refusal> {
        let written = if kind == "AWS" && text != "*" { text.to_owned() } else { format!("{kind}:{text}") };
        let globs = match kind {
            "AWS" if text == "*" => [Glob::exact("aws"), Glob::any(), Glob::any()],
            "AWS" => aws_principal(text)?,
            "Service" | "Federated" | "CanonicalUser" if text == "*" => [Glob::exact(kind.to_ascii_lowercase()), Glob::any(), Glob::any()],
            "Service" | "Federated" | "CanonicalUser" => [Glob::exact(kind.to_ascii_lowercase()), Glob::exact(""), Glob::exact(text)],
            _ => return Err(format!("`{kind}` is not a kind of principal; known are AWS, Service, Federated and CanonicalUser")),
        };
        Ok(Self::new(written, globs))
    }

    /// As an exception: an account that `NotPrincipal` names is its root user, and whoever else is meant of it has to be named as well.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
    #[must_use]
    pub fn by_itself(self) -> Self {
        match self.globs() {
            [kind, account, who] if who.is_any() => match account.as_exact() {
                Some(number) => Self::new(format!("the root user of {number}"), [kind.clone(), account.clone(), Glob::exact("iam:root")]),
                None => self,
            },
            _ => self,
        }
    }
}

/// An account (its number, or its `:root` ARN) is everybody in it; any other ARN is itself; what else there is, is a unique id.
fn aws_principal(text: &str) -> Result<[Glob; 3], Refusal> {
    let kind = Glob::exact("aws");
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok([kind, Glob::exact(text), Glob::any()]);
    }
    if text.contains(['*', '?']) {
        return Err(format!("`{text}` is not a principal: AWS allows no wildcard inside one"));
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] => Ok([kind, Glob::exact(*account), Glob::any()]),
        ["arn", _, service, "", account, rest] => Ok([kind, Glob::exact(*account), Glob::exact(format!("{service}:{rest}"))]),
        [id] if !id.is_empty() => Ok([kind, Glob::exact(""), Glob::exact(*id)]),
        _ => Err(format!("`{text}` is not a principal: neither an account, an IAM ARN nor a unique id")),
    }
}

/// A list of patterns, or everything but it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Patterns<P> {
    /// `NotAction`, `NotResource`, `NotPrincipal`.
    pub negated: bool,
    /// Sorted, without repeats.
    pub list: Vec<P>,
}

impl<P: Notation> Patterns<P> {
    /// These patterns, brought into their order.
    pub fn new(negated: bool, mut list: Vec<P>) -> Self {
        list.sort();
        list.dedup();
        Self { negated, list }
    }

    /// Everything.
    pub fn any() -> Self {
        Self { negated: false, list: vec![P::any()] }
    }

    /// Whether it lists nothing and means that.
    pub fn is_nothing(&self) -> bool {
        !self.negated && self.list.is_empty()
    }

    /// Whether it matches.
    pub fn matches(&self, words: &[Word]) -> bool {
        self.list.iter().any(|pattern| matches(pattern.globs(), words)) != self.negated
    }
}

/// Cheap and one-sided: each pattern on the left is plainly wider than some pattern on the right.
pub(super) fn covers_all<P: Notation>(wider: &[&P], narrower: &[&P]) -> bool {
    let covers = |wide: &P, narrow: &P| wide.globs().iter().zip(narrow.globs()).all(|(wide, narrow)| wide.plainly_covers(narrow));
    wider.iter().all(|wide| narrower.iter().any(|narrow| covers(wide, narrow)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource(text: &str) -> Resource {
        Resource::parse(text, true).unwrap()
    }

    #[test]
    fn an_arn_is_matched_segment_by_segment_and_its_last_part_takes_the_rest() {
        assert_eq!(resource("arn:aws:s3:::b/*").globs()[5], Glob::parse("b/*"));
        assert_eq!(resource("arn:aws:logs:*:1:log-group:x:*").globs()[5], Glob::parse("log-group:x:*"));
        assert_eq!(resource("arn:aws:s3:*"), resource("arn:aws:s3:*:*:*"));
        assert!(Resource::parse("arn:aws:s3", true).is_err());
        assert!(Resource::parse("bucket/*", true).is_err());
    }

    #[test]
    fn a_colon_inside_a_policy_variable_divides_nothing() {
        let with = resource("arn:aws:s3:::b/${aws:username}/*");
        assert_eq!(with, resource("arn:aws:s3:::b/${AWS:UserName}/*"));
        assert_ne!(with, Resource::parse("arn:aws:s3:::b/${aws:username}/*", false).unwrap());
        assert_eq!(resource("arn:aws:s3:::b/${*}").globs()[5], Glob::exact("b/*"));
    }

    #[test]
    fn an_account_is_written_as_its_number_or_as_its_root() {
        let number = Principal::parse("AWS", "111122223333").unwrap();
        assert_eq!(number, Principal::parse("AWS", "arn:aws:iam::111122223333:root").unwrap());
        assert!(Principal::parse("AWS", "arn:aws:iam::111122223333:role/*").is_err());
    }

    #[test]
    fn actions_are_equal_whatever_their_case() {
        assert_eq!(Action::parse("IAM:passrole"), Action::parse("iam:PassRole"));
        assert!(Action::parse("PassRole").is_err());
        assert_eq!(Action::parse("**").unwrap(), Action::any());
    }
}
