//! Cases: `<area>/<a-sentence-with-dashes>/{base,head}/` with what the built binary says about them under `expected/`.
//!
//! A case needs no code. `UPDATE_EXPECT=1 cargo test --test cases` writes what is expected from what is said; whoever commits it has
//! read it as a reviewer would. Beside that, every case is held to laws that need no expectation.

#![expect(clippy::unwrap_used, reason = "a test that meets something else than it expects has failed")]

mod binary;
mod case;
mod expected;
mod laws;
mod layout;
mod schema;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let (cases, problems) = layout::find(&root);
    let mut trials: Vec<Trial> =
        problems.into_iter().map(|problem| Trial::test(format!("layout::{}", problem.at), move || Err(problem.what.into()))).collect();
    for case in cases {
        let name = format!("{}::{}", case.area, case.name);
        trials.push(Trial::test(name, move || case::holds(&case).map_err(Failed::from)));
    }
    libtest_mimic::run(&arguments, trials).exit();
}
