//! Prints what differs between two sides, like `git diff --name-status`: `changed BASE HEAD REPOSITORY [PATHS…]`.
//!
//! `benches/changed.py` measures it beside git.

use countersign::world::repository::{Error, Limits, Pair, Sides};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [base, head, repository, paths @ ..] = arguments.as_slice() else {
        eprintln!("usage: changed BASE HEAD REPOSITORY [PATHS…]");
        return ExitCode::from(2);
    };
    match print(base, head, Path::new(repository), paths) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn print(base: &str, head: &str, repository: &Path, paths: &[String]) -> Result<(), Error> {
    let changed = Sides::open(base, head, repository, Limits::default())?.changed(paths)?;
    for pair in &changed.files {
        println!("{}\t{:?}", letter(pair), pair.path());
    }
    for unreadable in &changed.unreadable {
        println!("!\t{:?} at the {}: {}", unreadable.path, unreadable.side, unreadable.why);
    }
    Ok(())
}

fn letter(pair: &Pair) -> char {
    match (&pair.base, &pair.head) {
        (None, _) => 'A',
        (_, None) => 'D',
        _ if pair.renamed() => 'R',
        _ => 'M',
    }
}
