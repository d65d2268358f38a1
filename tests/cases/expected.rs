//! What is said, held against a file that somebody has read.

use super::layout::Case;
use std::fs;

const UPDATE: &str = "UPDATE_EXPECT=1 cargo test --test cases";

/// A long text is not read in a terminal.
const MOST_SHOWN: usize = 20;

/// Compares with `expected/<name>`, or writes it if `UPDATE_EXPECT` is set.
pub fn matches(case: &Case, name: &str, said: &str) -> Result<(), String> {
    let path = case.directory.join("expected").join(name);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, said).unwrap();
        return Ok(());
    }
    let Ok(expected) = fs::read_to_string(&path) else {
        let beginning: Vec<&str> = said.lines().take(MOST_SHOWN).collect();
        return Err(format!(
            "there is no `expected/{name}`: write it with `{UPDATE}`, and read it before you commit it; it would begin\n{}",
            beginning.join("\n")
        ));
    };
    if expected == said {
        return Ok(());
    }
    Err(format!("`expected/{name}` is not what is said; if this is right, write it with `{UPDATE}`\n{}", difference(&expected, said)))
}

/// The lines that are not the same, without what both begin and end with.
fn difference(expected: &str, said: &str) -> String {
    let (expected, said): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), said.lines().collect());
    let same = expected.iter().zip(&said).take_while(|(a, b)| a == b).count();
    let rest = |lines: &[&str]| lines.len() - same;
    let at_end = expected.iter().rev().zip(said.iter().rev()).take_while(|(a, b)| a == b).count().min(rest(&expected)).min(rest(&said));
    let shown = |sign: &'static str, lines: &[&str]| {
        let differing = lines.iter().take(lines.len() - at_end).skip(same);
        differing.flat_map(|line| [sign, " ", line, "\n"]).collect::<String>()
    };
    format!("from line {}:\n{}{}", same + 1, shown("-", &expected), shown("+", &said))
}
