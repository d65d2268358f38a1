//! The size of the binary that is released.

use crate::command::{self, ask, cargo};
use crate::house::House;
use std::path::Path;
use std::process::Command;

/// Sections that are told by name.
const LARGEST: usize = 6;

/// Builds the release binary and prints its size, and what of it is what.
pub fn run(house: &House) -> Result<(), String> {
    command::run(&mut cargo(house, &["build", "--locked", "--release", "--bin", "countersign"]))?;
    let binary = house.target.join("release").join("countersign").with_extension(std::env::consts::EXE_EXTENSION);
    let bytes = std::fs::metadata(&binary).map_err(|error| format!("`{}`: {error}", binary.display()))?.len();
    println!("{bytes:>10} bytes: {}", binary.display());
    for (bytes, section) in sections(&binary).into_iter().take(LARGEST) {
        println!("{bytes:>10} {section}");
    }
    Ok(())
}

/// The sections by size, where `size` of the binutils is there.
fn sections(binary: &Path) -> Vec<(u64, String)> {
    let listed = ask(Command::new("size").arg("-A").arg(binary)).unwrap_or_default();
    largest_first(&listed)
}

/// Lines of a name, a size and an address.
fn largest_first(listed: &str) -> Vec<(u64, String)> {
    let section = |line: &str| {
        let mut words = line.split_whitespace();
        let name = words.next().filter(|name| name.starts_with('.'))?;
        Some((words.next()?.parse().ok()?, name.to_owned()))
    };
    let mut sections: Vec<(u64, String)> = listed.lines().filter_map(section).collect();
    sections.sort_unstable_by(|a, b| b.cmp(a));
    sections
}

#[cfg(test)]
mod tests {
    use super::largest_first;

    #[test]
    fn the_largest_section_comes_first() {
        let listed = "countersign  :\nsection size addr\n.rodata 20 99\n.text 300 7\nTotal 320\n";
        assert_eq!(largest_first(listed), [(300, ".text".to_owned()), (20, ".rodata".to_owned())]);
    }
}
