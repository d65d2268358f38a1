//! The knowledge that is built in, made again from the package that it comes from.

use crate::command;
use crate::house::House;
use crate::peers;
use std::process::Command;

/// What is done with what the package says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// The files say it from now on.
    Files,
    /// The files have to say it already.
    Nothing,
}

/// Makes `data/aws` again. A newer edition is a newer version, with its digest, in the peers' lock file.
pub fn run(house: &House, write: Write) -> Result<(), String> {
    let mut script = Command::new(peers::provision(house)?);
    script.arg(house.root.join("data/aws/refresh.py")).args((write == Write::Nothing).then_some("--check"));
    command::run(&mut script)
}
