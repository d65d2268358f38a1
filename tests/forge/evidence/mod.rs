//! What is decided by what the forge says, signed and verified, by the real program.

mod facts;
mod scene;
