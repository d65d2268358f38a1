//! The audit of the dependencies by cargo-deny, which is installed once when it is not there.

use crate::command::{ask, cargo, run, run_within};
use crate::house::House;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The version whose configuration `deny.toml` is written in.
const VERSION: &str = "0.20.2";

/// How long the advisory database may take. It is a few megabytes.
const DATABASE_LIMIT: Duration = Duration::from_mins(2);

/// What is said, loudly, when the advisories could not be asked.
const SKIPPED: &str = "SKIPPED: advisories (no network to the database)";

/// Holds the dependencies to `deny.toml`: what is banned, which licences, from where.
pub fn dependencies(house: &House) -> Result<String, String> {
    let deny = cargo_deny(house)?;
    run(Command::new(deny).current_dir(&house.root).args(["--locked", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))?;
    Ok(String::new())
}

/// Asks the advisory database about the dependencies. A database that cannot be fetched is said and skipped; an advisory that is
/// found is a failure. The two are two commands, so that one can never pass for the other.
pub fn advisories(house: &House) -> Result<String, String> {
    let deny = cargo_deny(house)?;
    if let Err(failure) = run_within(&mut fetch(&deny, house), DATABASE_LIMIT) {
        eprintln!("{failure}\n{SKIPPED}");
        return Ok(SKIPPED.to_owned());
    }
    run(Command::new(deny).current_dir(&house.root).args(["--locked", "check", "--hide-inclusion-graph", "advisories"]))?;
    Ok(String::new())
}

fn fetch(deny: &Path, house: &House) -> Command {
    let mut fetch = Command::new(deny);
    fetch.current_dir(&house.root).args(["fetch", "db"]);
    // Nobody is there to type a password, and a connection that stands still is as good as none.
    fetch.env("GIT_TERMINAL_PROMPT", "0").env("GIT_HTTP_LOW_SPEED_LIMIT", "1000").env("GIT_HTTP_LOW_SPEED_TIME", "20");
    fetch
}

/// The program, in the one version: from the search path, from the cache, or built into the cache.
fn cargo_deny(house: &House) -> Result<PathBuf, String> {
    let root = house.tools.join(format!("cargo-deny-{VERSION}"));
    let cached = root.join("bin").join("cargo-deny").with_extension(std::env::consts::EXE_EXTENSION);
    let places = [PathBuf::from("cargo-deny"), cached.clone()];
    if let Some(found) = places.into_iter().find(|program| is_the_version(program)) {
        return Ok(found);
    }
    install(house, &root)?;
    Ok(cached)
}

fn is_the_version(program: &Path) -> bool {
    ask(Command::new(program).arg("--version")).is_some_and(|answer| answer.split_whitespace().nth(1) == Some(VERSION))
}

/// Unoptimised and without debug information: built in half the time, and the audit still takes seconds.
fn install(house: &House, root: &Path) -> Result<(), String> {
    eprintln!("installing cargo-deny {VERSION} into {}; once, a minute or two", root.display());
    let build = house.tools.join("build");
    let arguments = ["install", "cargo-deny", "--locked", "--version", VERSION, "--debug", "--quiet", "--force", "--root"];
    let mut install = cargo(house, &arguments);
    install.arg(root).env("CARGO_TARGET_DIR", &build).env("CARGO_PROFILE_DEV_DEBUG", "0");
    run(&mut install).or_else(|_| run(&mut install)).map_err(|failure| {
        format!("{failure}\n       cargo-deny {VERSION} on the search path would do as well: cargo install cargo-deny --locked --version {VERSION}")
    })?;
    // Hundreds of megabytes that nobody needs again; if they stay, no harm is done.
    let _ = std::fs::remove_dir_all(build);
    Ok(())
}
