//! The judge of Kubernetes RBAC: its own authorizer, built once from its source by `tests/peers/kubernetes/build.sh`.

use crate::command::run;
use crate::house::House;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What the judge is built from, beside the script: a change of one of them builds it again.
const PARTS: [&str; 6] = ["build.sh", "source.sha256", "requirements.txt", "judge.go", "settle.go", "key.go"];

/// Builds the judge unless it is there and of these parts.
pub fn provision(house: &House, python: &Path) -> Result<(), String> {
    let from = house.root.join("tests/peers/kubernetes");
    let there = house.peers().join("kubernetes");
    let (judge, stamp) = (there.join("judge"), there.join("built-from.txt"));
    let parts = PARTS.iter().map(|part| fs::read_to_string(from.join(part)).map_err(|error| format!("`{part}` of the judge: {error}")));
    let parts = parts.collect::<Result<String, _>>()?;
    if judge.is_file() && fs::read_to_string(&stamp).is_ok_and(|found| found == parts) {
        return Ok(());
    }
    fs::create_dir_all(&there).map_err(|error| format!("`{}`: {error}", there.display()))?;
    run(Command::new(from.join("build.sh")).arg(python).arg(&judge))?;
    fs::write(&stamp, parts).map_err(|error| format!("`{}`: {error}", stamp.display()))
}
