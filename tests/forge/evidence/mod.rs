//! What is decided by what the forge says, signed, attached to a release, found there and verified, by the real program.

mod auditor;
mod crashes;
mod facts;
mod gh;
mod population;
mod release;
mod round_about;
#[path = "../../attestation/said.rs"]
mod said;
mod scene;
