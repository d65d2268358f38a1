//! Terraform's own files, which are not read: whether what they say of access may have changed.
//!
//! <https://developer.hashicorp.com/terraform/language/syntax/configuration>. Only a plan says what becomes of a file. What can be told
//! without one is that a block that speaks of access is not the same as before.

use super::kinds::{self, Means};
use super::unlisted;
use crate::systems::content_digest;
use memchr::memmem;
use std::collections::BTreeSet;

/// Whether a path is one of Terraform's or `OpenTofu`'s own.
pub fn is_source(path: &str) -> bool {
    [".tf", ".tofu", ".tf.json", ".tofu.json", ".tfvars", ".tfvars.json"].iter().any(|end| path.ends_with(end))
}

/// Stands for the blocks that speak of access, without comments and layout; `None` if there are none.
pub fn speaks_of_access(text: &str) -> Option<String> {
    let blocks: BTreeSet<String> = blocks(text).into_iter().filter(|block| is_about_access(block)).collect();
    let parts: Vec<&str> = blocks.iter().map(String::as_str).collect();
    (!parts.is_empty()).then(|| content_digest(&parts))
}

/// Attributes and blocks that hold access or give it, as they are written.
const WORDS: &[&str] = &[
    " policy =",
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

/// Whether the block makes something that is about access, has a word of access in it, or something in quotes that may be an action, as
/// in `"s3:*"`.
fn is_about_access(block: &str) -> bool {
    let lower = block.to_ascii_lowercase();
    let has_word = || WORDS.iter().any(|word| memmem::find(lower.as_bytes(), word.as_bytes()).is_some());
    let mut quoted = block.split('"').skip(1).step_by(2);
    let is_resource = block.starts_with("resource ") || block.starts_with("data ") || block.starts_with('{');
    quoted.clone().any(may_be_action) || has_word() || (is_resource && quoted.any(is_type_of_access))
}

/// What is only computed by the provider stands there for other reasons.
fn is_type_of_access(name: &str) -> bool {
    match kinds::of(name, "managed").or_else(|| kinds::of(name, "data")).map(|kind| &kind.means) {
        Some(Means::Nothing(_) | Means::Named) => false,
        Some(Means::Document(document)) => !document.is_computed,
        Some(_) => true,
        None => name.contains('_') && unlisted::has_word(name),
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

/// The blocks of a file, in one line each. A file whose brackets do not match is one block.
fn blocks(text: &str) -> Vec<String> {
    let mut lexer = Lexer::default();
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let taken = lexer.take(letter, rest);
        rest = rest.get(taken.max(1)..).unwrap_or_default();
    }
    lexer.end();
    if lexer.is_broken { vec![text.to_owned()] } else { lexer.blocks }
}

#[derive(Default)]
struct Lexer {
    blocks: Vec<String>,
    block: String,
    /// What is open: brackets, `"` for a string, `$` for an expression inside of one.
    open: Vec<char>,
    is_broken: bool,
}

impl Lexer {
    /// Takes what begins with this letter, and says how many bytes that is.
    fn take(&mut self, letter: char, rest: &str) -> usize {
        if self.open.last() == Some(&'"') {
            return self.in_string(letter, rest);
        }
        if letter == '#' || rest.starts_with("//") {
            return rest.find('\n').unwrap_or(rest.len());
        }
        if rest.starts_with("/*") {
            return rest.find("*/").map_or(rest.len(), |end| end + 2);
        }
        if let Some(length) = here_document(rest) {
            self.block.push_str(rest.get(..length).unwrap_or_default());
            return length;
        }
        match letter {
            '"' | '{' | '[' | '(' => self.open.push(letter),
            '}' | ']' | ')' => {
                let opened = self.open.pop();
                let matches = matches!((opened, letter), (Some('{' | '$'), '}') | (Some('['), ']') | (Some('('), ')'));
                self.is_broken |= !matches;
            }
            _ => {}
        }
        if letter == '\n' && self.open.is_empty() {
            self.end_block();
        } else if !letter.is_whitespace() {
            self.block.push(letter);
        } else if !self.block.ends_with(' ') && !self.block.is_empty() {
            self.block.push(' ');
        }
        letter.len_utf8()
    }

    fn in_string(&mut self, letter: char, rest: &str) -> usize {
        let length = match letter {
            '\\' => 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            _ if rest.starts_with("$${") || rest.starts_with("%%{") => 3,
            _ if rest.starts_with("${") || rest.starts_with("%{") => {
                self.open.push('$');
                2
            }
            '"' => {
                self.open.pop();
                1
            }
            _ => letter.len_utf8(),
        };
        self.block.push_str(rest.get(..length).unwrap_or_default());
        length
    }

    fn end_block(&mut self) {
        let block = std::mem::take(&mut self.block);
        if !block.trim().is_empty() {
            self.blocks.push(block.trim().to_owned());
        }
    }

    fn end(&mut self) {
        self.is_broken |= !self.open.is_empty();
        self.end_block();
    }
}

/// The length of `<<EOF` with all lines up to `EOF`, if it begins here.
fn here_document(rest: &str) -> Option<usize> {
    let word = rest.strip_prefix("<<")?;
    let word = word.strip_prefix('-').unwrap_or(word);
    let (first, _) = word.split_once('\n')?;
    let marker = first.trim();
    if marker.is_empty() || !marker.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') {
        return None;
    }
    let mut length = rest.find('\n')? + 1;
    for line in rest.get(length..)?.split_inclusive('\n') {
        if line.trim() == marker {
            return Some(length + line.trim_end().len());
        }
        length += line.len();
    }
    Some(rest.len())
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

    #[test]
    fn a_file_is_its_blocks() {
        let blocks = blocks(SOURCE);
        assert_eq!(blocks.len(), 4, "{blocks:#?}");
        assert!(blocks[2].starts_with("resource \"aws_iam_policy\" \"p\" {") && blocks[2].ends_with('}'));
    }

    #[test]
    fn only_what_is_said_of_access_counts() {
        let same = SOURCE.replace("\"x\"", "\"y\"").replace("# why", "").replace("  actions   =", "actions =").replace("# read", "");
        assert_eq!(speaks_of_access(SOURCE), speaks_of_access(&same));
        for (one, other) in [("GetObject", "*"), ("{\n}\n", "{ }\n"), ("[\"a\"]", "[\"iam:*\"]")] {
            assert_ne!(speaks_of_access(SOURCE), speaks_of_access(&SOURCE.replace(one, other)), "{one}");
        }
        assert_eq!(speaks_of_access("resource \"aws_instance\" \"web\" {\n  ami = \"x\"\n}\n"), None);
    }

    #[test]
    fn a_file_whose_brackets_do_not_match_is_one_block() {
        let broken = "resource \"aws_iam_policy\" \"p\" {\nactions = \"x\"\n";
        assert_eq!(blocks(broken), [broken]);
        assert_eq!(blocks("a = \"${b"), ["a = \"${b"]);
    }

    #[test]
    fn a_block_is_one_however_it_is_indented() {
        let flat = "data \"aws_iam_policy_document\" \"d\" {\nstatement {\nactions = [\"a\"]\n}\n}\n";
        assert_eq!(blocks(flat).len(), 1);
    }
}
