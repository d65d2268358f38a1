//! The peers that npm has: installed from the lock file in `tests/peers/node`, which names every package by its digest.

use crate::command::{again, ask, run};
use crate::house::House;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The directory whose `node_modules` has them, for the tests.
pub const VARIABLE: &str = "COUNTERSIGN_NODE_PEERS";

const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

const MISSING: &str = "no `node` with `npm`: install them (Debian: `nodejs` and `npm`); `cargo xtask test --quick` does without";

/// Where they are, or will be.
pub fn place(house: &House) -> PathBuf {
    house.peers().join("node")
}

/// Installs them unless they are there, and of this lock file.
pub fn provision(house: &House) -> Result<(), String> {
    let version = |program| ask(Command::new(program).arg("--version"));
    let node = version("node").filter(|_| version(NPM).is_some()).ok_or(MISSING)?;
    let (from, to) = (house.root.join("tests/peers/node"), place(house));
    let lock_file = read(&from.join("package-lock.json"))?;
    // Written last, so that what was interrupted is not taken.
    let (stamp, wanted) = (to.join("installed-from.txt"), format!("{node}\n{lock_file}"));
    if to.join("node_modules").is_dir() && fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    fs::create_dir_all(&to).map_err(|error| format!("`{}`: {error}", to.display()))?;
    write(&to.join("package.json"), &read(&from.join("package.json"))?)?;
    write(&to.join("package-lock.json"), &lock_file)?;
    // No code of a package runs at installation.
    let mut npm = Command::new(NPM);
    npm.current_dir(&to).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    again(|| run(&mut npm))?;
    write(&stamp, &wanted)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("`{}`: {error}", path.display()))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|error| format!("`{}`: {error}", path.display()))
}
