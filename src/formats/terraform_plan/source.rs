//! Terraform's own files, which are not read: whether what they say of access may have changed.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/configuration>. Only a plan says what becomes of a file. What can be told
//! without one is that a block that speaks of access is not the same as before.

use super::hcl::{self, Token};
use super::kind::Means;
use super::kinds;
use super::{source_json, words};
use crate::systems::{content_digest, sha256};
use memchr::memmem;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// Whether a path is one of Terraform's, `OpenTofu`'s or Terragrunt's own. What is written in HCL for another tool is taken for one: it is
/// undecided by the same words.
pub fn is_source(path: &str) -> bool {
    let is_lock = path.ends_with(".terraform.lock.hcl");
    let ends = [".tf", ".tofu", ".hcl", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json"];
    !is_lock && ends.iter().any(|end| path.ends_with(end))
}

/// Stands for what a file says of access, without comments and layout; `None` if it says nothing of it. A file that cannot be taken apart is
/// about access, whatever it is: the tool that reads it may be able to.
pub fn speaks_of_access(path: &str, bytes: &[u8]) -> Option<String> {
    let is_json = path.rsplit_once('.').is_some_and(|(_, extension)| extension == "json");
    let items = if is_json { source_json::items(bytes) } else { std::str::from_utf8(bytes).ok().and_then(hcl::items) };
    let Some(items) = items else { return Some(content_digest(&[&sha256(bytes)])) };
    let parts: BTreeSet<String> = items.iter().flat_map(|item| about_access(item)).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    (!parts.is_empty()).then(|| content_digest(&parts))
}

/// What of a block or an attribute is about access: all of it, or single attributes of it.
fn about_access(item: &[Token]) -> Vec<String> {
    let item = &*without_description(item);
    if is_about_access(item) {
        return vec![hcl::canonical(item)];
    }
    let head = head(item);
    // `capabilities` are what a policy of Vault gives.
    let opening = entries(item).filter(|(name, value)| words::opens(name) || *name == "capabilities" || holds_less(name, value));
    let counting = opening.chain(entries(modules(item)).filter(|(name, _)| matches!(*name, "source" | "version")));
    counting.map(|(_, value)| format!("{}{}", hcl::canonical(head), hcl::canonical(value))).collect()
}

/// Whether an attribute that may hold access back does not.
fn holds_less(name: &str, value: &[Token]) -> bool {
    let says = || hcl::canonical(value.get(2..).unwrap_or_default());
    words::holds_back(name)
        .is_some_and(|held| says().trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '"' | ',')) != held)
}

/// Words in names and texts that hold access or give it.
const WORDS: &[&str] = &[
    "policy_arn",
    "assume_role_policy",
    "inline_polic",
    "permissions_boundary",
    "policy_document",
    "access_polic",
    "statement",
    "principals",
    "not_actions",
];

/// Whether the block makes something that is about access, has a word of access in it, or something in a text that may be an action, as
/// in `"s3:*"`. An escape may hide any of that.
fn is_about_access(item: &[Token]) -> bool {
    let makes_access = || match head(item) {
        [] => item.iter().filter_map(Token::name).any(is_type_of_access),
        [first, labels @ ..] => {
            let is_resource = matches!(first.name(), Some("resource" | "data" | "ephemeral"));
            is_resource && labels.first().and_then(Token::name).is_some_and(is_type_of_access)
        }
    };
    item.iter().any(says_access) || entries(item).any(|(name, _)| words::holds_access(name)) || makes_access()
}

fn says_access(token: &Token) -> bool {
    let (text, is_text) = match token {
        Token::Word(text) => (text, false),
        Token::Quoted(text) | Token::Lines(text) => (text, true),
        Token::Sign(_) | Token::End => return false,
    };
    let lower = text.to_ascii_lowercase();
    let has_word = || WORDS.iter().any(|word| memmem::find(lower.as_bytes(), word.as_bytes()).is_some());
    let is_hidden = || matches!(token, Token::Quoted(text) if text.contains("\\u") || text.contains("\\U"));
    has_word() || is_text && (text.split(['"', '\\']).any(may_be_action) || words::is_in_words_of_a_system(text)) || is_hidden()
}

/// The words before the braces or the `=`: nothing in JSON, which begins with a brace.
fn head(item: &[Token]) -> &[Token] {
    let length = item.iter().position(|token| token.name().is_none()).unwrap_or(item.len());
    item.get(..length).unwrap_or_default()
}

/// Where modules are called: what they make hangs on where and which they are. In JSON that is an entry of the file.
fn modules(item: &[Token]) -> &[Token] {
    match head(item) {
        [] => entries(item).find(|(name, _)| *name == "module").map(|(_, value)| value).unwrap_or_default(),
        [first, ..] if first.name() == Some("module") => item,
        _ => &[],
    }
}

/// A variable or an output without the text that describes it, from which nothing is made.
fn without_description(item: &[Token]) -> Cow<'_, [Token]> {
    if !matches!(head(item).first().and_then(Token::name), Some("variable" | "output")) {
        return Cow::Borrowed(item);
    }
    let mut depth = 0_usize;
    for (at, token) in item.iter().enumerate() {
        if depth == 1 && matches!(token, Token::Word(name) if name == "description") {
            let (before, rest) = item.split_at(at);
            let (own, behind) = rest.split_at(length_of(rest));
            if let [_, sign, Token::Quoted(_)] | [_, sign, Token::Word(_), Token::Lines(_)] = own
                && sign.is('=')
            {
                let parts = match behind.strip_prefix(&[Token::End]) {
                    Some(behind) => [before, behind],
                    None => [before.strip_suffix(&[Token::End]).unwrap_or(before), behind],
                };
                return Cow::Owned(parts.concat());
            }
        }
        depth = (depth + usize::from(token.opens())).saturating_sub(usize::from(token.closes()));
    }
    Cow::Borrowed(item)
}

/// The attributes and blocks at every depth: the name, and the tokens from it to the end of the value.
fn entries(item: &[Token]) -> impl Iterator<Item = (&str, &[Token])> {
    item.iter().enumerate().filter_map(|(at, token)| {
        let name = token.name()?;
        let rest = item.get(at..)?;
        let next = rest.get(1)?;
        let is_comparison = next.is('=') && rest.get(2).is_some_and(|second| second.is('=') || second.is('>'));
        let is_key = next.is(':') || next.is('{') || (next.is('=') && !is_comparison);
        is_key.then(|| (name, rest.get(..length_of(rest)).unwrap_or_default()))
    })
}

/// How many tokens the first entry has.
fn length_of(tokens: &[Token]) -> usize {
    let mut depth = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        if depth == 0 && (token.closes() || token.is(',') || *token == Token::End) {
            return at;
        }
        if token.opens() {
            depth += 1;
        } else if token.closes() {
            depth -= 1;
        }
    }
    tokens.len()
}

/// What is only computed by the provider stands there for other reasons.
pub(super) fn is_type_of_access(name: &str) -> bool {
    match kinds::of(name, "managed").or_else(|| kinds::of(name, "data")).map(|kind| &kind.means) {
        Some(Means::Nothing(_) | Means::Named) => false,
        Some(Means::Document(document)) => !document.is_computed,
        // What it holds back is told by that attribute.
        Some(Means::Guard(_, value)) => *value == "true",
        Some(_) => true,
        None => name.contains('\\') || (name.contains('_') && words::is_type(name)),
    }
}

/// Services are written in lower case, and actions with a capital.
fn may_be_action(text: &str) -> bool {
    let is_service =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let is_action = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_uppercase() || first == '*')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'?'))
    };
    text.split_once(':').is_some_and(|(service, name)| is_service(service) && is_action(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = r#"
# why
resource "aws_instance" "web" {
  ami = "x"
}

data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["s3:GetObject"] # read
    resources = ["arn:aws:s3:::${var.bucket["a}"]}/*"]
  }
}

resource "aws_iam_policy" "p" {
  policy = <<-EOF
  {
}
  EOF
}
locals { words = ["a"] }
"#;

    fn is_same(one: &str, other: &str) -> bool {
        let path = if one.starts_with('{') { "main.tf.json" } else { "main.tf" };
        speaks_of_access(path, one.as_bytes()) == speaks_of_access(path, other.as_bytes())
    }

    #[test]
    fn only_what_is_said_of_access_counts() {
        let same = SOURCE.replace("\"x\"", "\"y\"").replace("# why", "").replace("  actions   =", "actions =").replace("# read", "");
        assert!(is_same(SOURCE, &same));
        for (one, other) in [("GetObject", "*"), ("{\n}\n", "{ }\n"), ("[\"a\"]", "[\"iam:*\"]")] {
            assert!(!is_same(SOURCE, &SOURCE.replace(one, other)), "{one}");
        }
        assert_eq!(speaks_of_access("main.tf", b"resource \"aws_instance\" \"web\" {\n  ami = \"x\"\n}\n"), None);
    }

    #[test]
    fn a_type_is_found_however_its_block_begins() {
        for head in [
            "resource \"aws_iam_group_membership\" \"a\"",
            "resource aws_iam_group_membership a",
            "resource\"aws_iam_group_membership\"\"a\"",
            "resource/**/\"aws_iam_group_membership\" \"a\"",
            "\u{feff}resource\t\"aws_iam_group_membership\" \"a\"",
            "/* x */ resource \"aws\\u005fiam_group_membership\" \"a\"",
        ] {
            assert!(
                !is_same(&format!("{head} {{\n  users = [\"bob\"]\n}}\n"), &format!("{head} {{\n  users = [\"mallory\"]\n}}\n")),
                "{head}"
            );
        }
    }

    #[test]
    fn an_attribute_is_found_however_it_is_written() {
        for (one, other) in [
            ("resource \"aws_s3_bucket\" \"b\" {\n  policy=file(\"a.txt\")\n}", "a.txt"),
            ("resource \"github_repository\" \"r\" {\n  visibility = \"a.txt\"\n}", "a.txt"),
            ("module \"m\" {\n  source = \"./m\"\n  attach_admin_policy = false\n}", "false"),
            ("module \"m\" {\n  source = \"git::https://example.com/m\"\n}", "example.com"),
            ("{\"resource\":{\"aws_s3_bucket\":{\"b\":{\"policy\":\"${file(\\\"a.txt\\\")}\"}}}}", "a.txt"),
            ("module \"m\" {\n  source = \"./a\"\n}", "./a"),
            ("{\"module\":{\"m\":{\"source\":\"./a\"}}}", "./a"),
            ("variable \"v\" {\n  description = \"a\"\n  default = \"s3:*\"\n}", "s3:*"),
            ("variable \"v\" {\n  default = {\n    description = \"s3:*\"\n  }\n}", "s3:*"),
            ("p = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]", "ReadOnlyAccess"),
            ("p = \"iam\\u003a*\"\nq = 1\n", "003a"),
        ] {
            assert!(!is_same(one, &one.replace(other, "other")), "{one}");
        }
        for (one, from, to) in [
            ("module \"m\" {\n  source = \"./a\"\n  size = 1\n}", "1", "2"),
            ("variable \"v\" {\n  description = \"Say s3:*\"\n  default = \"s3:*\"\n}", "Say s3:*", "Say it"),
            ("variable \"v\" {\n  default = \"s3:*\"\n  description = <<-E\n    Say\n  E\n}", "  description = <<-E\n    Say\n  E\n", ""),
            ("output \"v\" { description = \"Say policy_arn\" }", "Say policy_arn", "Say it"),
            ("resource \"github_repository\" \"r\" {\n  visibility = \"public\"\n  description = \"a\"\n}", "\"a\"", "\"b\""),
            ("locals {\n  a = b == c ? { x : 1 } : 2\n}", "1", "3"),
        ] {
            assert!(is_same(one, &one.replace(from, to)), "{one}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_taken_apart_is_about_access() {
        assert!(!is_same("a = {\n", "a = { # x\n"));
        assert_ne!(speaks_of_access("main.tf", b"a = \"\xe9\""), speaks_of_access("main.tf", b"a = \"\xe8\""));
        let deep = |value: &str, levels: usize| format!("{}b = {value}\n{}", "a {\n".repeat(levels), "}\n".repeat(levels));
        assert!(!is_same(&deep("1", 200_000), &deep("2", 200_000)));
        assert!(is_same(&deep("1", 100), &deep("2", 100)));
        assert!(is_same("a = 1\n", "a = 2\n"));
    }
}
