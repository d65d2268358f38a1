//! Reads and parses what differs between two sides, and does nothing with it: `parse_changed BASE HEAD REPOSITORY`.
//!
//! `benches/run.py` measures `countersign diff` beside it.

use countersign::document::{Bounds, File, Syntax, parse};
use countersign::world::repository::{Content, Error, Limits, Sides};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [base, head, repository] = arguments.as_slice() else {
        eprintln!("usage: parse_changed BASE HEAD REPOSITORY");
        return ExitCode::from(2);
    };
    match parse_all(base, head, Path::new(repository)) {
        Ok(documents) => {
            println!("{documents} documents");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse_all(base: &str, head: &str, repository: &Path) -> Result<usize, Error> {
    let changed = Sides::open(base, head, repository, Limits::default())?.changed(&[])?;
    let contents = changed.files.iter().flat_map(|pair| [&pair.base, &pair.head]).flatten();
    Ok(contents.filter_map(parsed).map(|file| file.documents.len()).sum())
}

fn parsed(content: &Content) -> Option<File> {
    let syntax = if content.path.ends_with(".json") { Syntax::Json } else { Syntax::Yaml };
    parse(Arc::clone(&content.path), &content.bytes, syntax, &Bounds::default()).ok()
}
