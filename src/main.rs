//! The `countersign` binary: parse the arguments, build the real world, run, exit.

fn main() {}
