//! GitHub's description of its API, cut to what we ask of it: the forge of the tests is held to it.

use crate::command::run;
use crate::house::House;
use std::fs;
use std::process::Command;

/// Cuts it again, from the package that the lock file beside it pins. Needs `npm`, `python3` and 400 MB for a moment.
pub fn refresh(house: &House) -> Result<(), String> {
    let (from, to) = (house.root.join("tests/forge/openapi"), house.target.join("openapi"));
    fs::create_dir_all(&to).map_err(|error| format!("`{}`: {error}", to.display()))?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(from.join(file), to.join(file)).map_err(|error| format!("`{file}`: {error}"))?;
    }
    run(Command::new("npm").current_dir(&to).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    let whole = to.join("node_modules/@octokit/openapi/generated/api.github.com.json");
    let cut = run(Command::new("python3").arg(from.join("cut.py")).arg(whole));
    // Hundreds of megabytes that nobody needs again; if they stay, no harm is done.
    let _ = fs::remove_dir_all(to);
    cut
}
