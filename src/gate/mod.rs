//! The pipelines: each verb on one screen, over meaning and world.

mod abreast;
mod again;
mod against;
mod attest;
mod baseline;
mod both;
mod check;
mod decide;
mod demo;
mod deployment;
mod diff;
mod doctor;
mod effort;
mod error;
mod evidence;
mod explain;
mod gaps;
mod gather;
mod indexed;
mod init;
mod inventory;
mod itself;
mod join;
mod judged;
mod ledger;
mod locate;
mod lookup;
mod misnamed;
mod ours;
mod own;
mod plan;
mod policies;
mod policy_check;
mod policy_files;
mod policy_test;
mod publish;
mod read;
mod release;
mod render;
mod rendered;
mod replay;
mod round;
mod schemas;
mod signing;
mod simulate;
mod sources;
mod suggest;
mod tell;
mod today;
mod unrendered;
mod verify;
mod window;

pub use crate::attestation::authorization::v1::{Record, Repository as AttestedRepository};
pub use crate::attestation::{Expected, Identity, IdentityPolicy};
pub use crate::audit::Question;
pub use crate::document::Bounds;
pub use crate::formats::Format;
pub use crate::policy::Stage;
pub use crate::policy::window::instant;
pub use again::{again, is_round, requested};
pub use attest::{Attest, Attested, Bundle, attest};
pub use baseline::{Note, NotedDown, note};
pub use check::{brings_policy, check};
pub use decide::Verdict;
pub use demo::demo;
pub use deployment::deployment;
pub use diff::{Change, Joined, Request, change, diff, read};
pub use doctor::{Examination, Examined, doctor};
pub use effort::Read;
pub use error::Error;
pub use explain::{Explain, Which, explain as explain_change};
pub use gaps::{Gaps, Settled, gaps};
pub use init::{Forge, Start, Started, init};
pub use judged::{Judged, OnForge};
pub use ledger::{LedgerVerified, LedgerVerify, Repaired, repair_ledger, verify_ledger};
pub use locate::{Located, Wanted, locate};
pub use lookup::{Found, Lookup, lookup};
pub use policies::{Loaded, PolicyRepository, Revision};
pub use policy_check::{Asked, PolicyCheck, check_policy};
pub use policy_test::{Tested, Tests, test_policy};
pub use publish::{Publish, Written};
pub use read::Watch;
pub use release::Release;
pub use render::{Form, annotation, details, explain, one_line, visible};
pub use rendered::Rendered;
pub use replay::{Progress, Replay, ReplayOutcome, replay, since};
pub use round::{Part, Round, single};
pub use schemas::{Published, SCHEMAS};
pub use simulate::{Simulate, Simulation, simulate};
pub use sources::Sources;
pub use tell::Told;
pub use verify::{Recompute, Subject, Verify, verify};
pub use window::{Windows, windows};

/// The format with that name, or a sentence with the names that there are.
pub fn format(id: &str) -> Result<&'static Format, String> {
    crate::formats::by_id(id).ok_or_else(|| {
        let known: Vec<&str> = crate::formats::FORMATS.iter().map(|format| format.id).collect();
        format!("known formats are {}", known.join(", "))
    })
}
