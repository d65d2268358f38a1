//! What is published about our files and our output is what the types say: the schemas under `docs/schemas`, and the tables of
//! `docs/policy.md` and `docs/facts.md`. `UPDATE_SCHEMAS=1 cargo test --test schemas` writes them again.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod agreement;
mod documentation;
mod mutations;
mod outputs;
mod published;
mod reference;

use jsonschema::Validator;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the repository.
fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(here(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The file says what the types say, or is made to.
#[track_caller]
fn hold(path: &str, wanted: &str) {
    if std::env::var_os("UPDATE_SCHEMAS").is_some_and(|value| value == "1") {
        fs::create_dir_all(here(path).parent().unwrap()).unwrap();
        fs::write(here(path), wanted).unwrap();
        return;
    }
    let found = fs::read_to_string(here(path)).unwrap_or_default();
    assert!(
        found == wanted,
        "{path} is not what the types say: run `UPDATE_SCHEMAS=1 cargo test --test schemas`, read the difference as a reviewer would, \
         and commit it with the change of the types"
    );
}

fn validator(schema: &Value) -> Validator {
    jsonschema::validator_for(schema).unwrap()
}

/// What is wrong with a value, a line each.
fn wrong(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}
