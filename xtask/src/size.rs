//! The size of the binary that is released.

use crate::command::{self, cargo};
use crate::house::House;

/// Builds the release binary and prints its size.
pub fn run(house: &House) -> Result<(), String> {
    command::run(&mut cargo(house, &["build", "--locked", "--release", "--bin", "countersign"]))?;
    let binary = house.target.join("release").join("countersign").with_extension(std::env::consts::EXE_EXTENSION);
    let bytes = std::fs::metadata(&binary).map_err(|error| format!("`{}`: {error}", binary.display()))?.len();
    println!("{bytes} bytes: {}", binary.display());
    Ok(())
}
