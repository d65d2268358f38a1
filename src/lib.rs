//! Countersign: a gate that works out exactly who gains which access, and says whether the change is authorized.
//!
//! ```text
//!             world (all IO)                      meaning (pure, no IO, no clock)                     world
//!  git / directory ─► documents ─► formats ─► rules of each system ─► change ─► needs ─┐
//!  policy, from the BASE side ──────────────────────────────────────────┬──────────────┤
//!  facts of the change request ─────────────────────────► proposal ─────┼──────────────┴─► decision ─► report ─► terminal, comment, SARIF
//!  now ─────────────────────────────────────────────────────────────────┘
//! ```
//!
//! | room | what it knows |
//! |---|---|
//! | [`document`] | one located tree for JSON, YAML and lines |
//! | [`diagnostic`] | what we say about the user's files |
//! | [`access`] | the algebra: formulas, globs, the cells they cut; no provider |
//! | [`systems`] | what a permission means: in AWS IAM, CODEOWNERS, GitHub Actions, Kubernetes RBAC |
//! | [`formats`] | what a file says |
//! | [`change`] | two sides: gained, lost, undecided |
//! | [`proposal`] | the change request as facts |
//! | [`policy`] | what is asked of a change, and the decision |
//! | [`report`] | changes and decisions as text |
//! | [`attestation`] | decisions as evidence: what is signed, and what a verifier holds it against |
//! | [`ledger`] | records in order, each bound to the one before it |
//! | [`audit`] | questions about what was authorized |
//! | [`world`] | git, files, the clock: the only room with IO |
//! | [`gate`] | each pipeline on one screen |
//! | [`cli`] | arguments |
//!
//! Who may import whom stands in `tests/architecture/main.rs`, and is held to.

pub mod access;
pub mod attestation;
pub mod audit;
pub mod change;
pub mod cli;
pub mod diagnostic;
pub mod document;
pub mod formats;
pub mod gate;
pub mod ledger;
pub mod policy;
pub mod proposal;
pub mod report;
pub mod systems;
pub mod world;
