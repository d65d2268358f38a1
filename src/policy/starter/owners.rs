//! Whom CODEOWNERS names: <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>.
//! Only for a comment: nobody becomes an approver by being named here.

use super::is_plain;
use std::collections::BTreeSet;

/// More are not listed: a comment is to be read.
const MOST: usize = 20;

/// Logins and teams without their `@`, each once, in the order in which the file names them.
pub fn owners(text: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    // A pattern may begin with `@` too, but then it stands first.
    let words = lines.flat_map(|line| line.split([' ', '\t', '\r']).filter(|word| !word.is_empty()).skip(1));
    let names = words.filter_map(|word| word.strip_prefix('@')).filter(|name| is_plain(name) && name.is_ascii());
    names.filter(|name| seen.insert(name.to_ascii_lowercase())).take(MOST).map(ToOwned::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_are_named_once_and_in_order() {
        let text = "# @nobody\n* @alice @acme/platform # @nobody\n/iam/ @bob @Alice carol@example.com\n@odd\n[Section] @dave\n";
        assert_eq!(owners(text), ["alice", "acme/platform", "bob", "dave"]);
    }

    #[test]
    fn a_name_that_is_not_plain_is_no_name() {
        assert_eq!(owners("* @a\u{2028}b @\"x @y:z @ü @ok"), ["ok"]);
    }
}
