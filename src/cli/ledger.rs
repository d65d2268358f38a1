//! `countersign ledger`.

use super::common::{Error, print};
use super::verify::{Form, Signers, Taken};
use crate::gate::{self, LedgerVerify, Lookup, Question, Repaired, Sources, Verify};
use crate::world::store::{LEDGER_REF, Store};
use crate::world::{self, clock};
use std::path::PathBuf;
use std::process::ExitCode;

/// The ledger: every record in order, each bound to the one before it
#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Verify(Box<VerifyArguments>),
    Show(ShowArguments),
    Repair(RepairArguments),
}

/// Where a ledger is kept.
#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// The ledger: a directory, or a ref of `--repo`
    #[arg(long, value_name = "LEDGER", default_value = LEDGER_REF)]
    ledger: String,
    /// The repository that has the ref
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
}

impl Place {
    fn store(&self) -> Store {
        Store::named(&self.ledger, &self.repo)
    }
}

/// Verify that nothing in the ledger was altered, entry by entry
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign ledger verify --ledger ledger --key key.pub --unverified-facts

Followed from the first entry on: each is whole, names the one before it, was signed for its place,
and by whoever may. What was left off the end shows only against a digest that somebody noted
elsewhere: `--anchor` wants one of the entries to have it.
Exit codes: 0 verified; 10 refused, with the entry and the link; 1 an error; 2 wrong usage.")]
struct VerifyArguments {
    #[command(flatten)]
    place: Place,
    #[command(flatten)]
    signers: Signers,
    #[command(flatten)]
    taken: Taken,
    /// The digest of an entry that was noted elsewhere
    #[arg(long, value_name = "DIGEST")]
    anchor: Option<String>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// List every record of the ledger
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign ledger show --ledger ledger

`countersign lookup` finds some of them. No signature is looked at.")]
struct ShowArguments {
    #[command(flatten)]
    place: Place,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// Set aside what is behind the last entry that holds, with a record of it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign ledger repair --ledger ledger

Where an entry is cut off, altered or missing, nothing can be added to a ledger. What stands from
there on is moved, whole and as it is, to `.quarantine` in the directory, or to a ref below
refs/countersign/quarantine, with a record of why and of every digest. No entry is altered, and
none is made up: what is missing stays missing, and `countersign gaps` names it. The index by which
`countersign lookup` is faster is thrown away, and made again.
Exit codes: 0 it is a chain now; 1 an error; 2 wrong usage.")]
struct RepairArguments {
    #[command(flatten)]
    place: Place,
}

fn repair(arguments: &RepairArguments) -> Result<ExitCode, Error> {
    let cache = world::cache_directory();
    let Repaired { kept, aside } = gate::repair_ledger(&arguments.place.store(), clock::now(), cache.as_deref())?;
    let many = |count: u64| if count == 1 { "1 entry".to_owned() } else { format!("{count} entries") };
    print(&match aside {
        None => format!("Nothing is to be repaired: {}.\n", many(kept)),
        Some((why, moved, place)) => {
            let moved = many(u64::try_from(moved)?);
            format!("Set aside {moved} to {}: {}.\nThe ledger has {}.\n", gate::visible(&place), gate::visible(&why), many(kept))
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    match &arguments.verb {
        Verb::Verify(arguments) => verify(arguments),
        Verb::Show(arguments) => show(arguments),
        Verb::Repair(arguments) => repair(arguments),
    }
}

fn verify(arguments: &VerifyArguments) -> Result<ExitCode, Error> {
    let verify = Verify {
        sources: Sources::default(),
        verifier: arguments.signers.verifier()?,
        identity: arguments.signers.identity(),
        expected: arguments.taken.expected(),
        recompute: None,
        forge: None,
    };
    let verified = gate::verify_ledger(&LedgerVerify { store: arguments.place.store(), verify, anchor: arguments.anchor.clone() })?;
    print(&match arguments.format {
        Form::Text => verified.text(),
        Form::Json => verified.json()?,
    })?;
    Ok(ExitCode::from(if verified.holds() { 0 } else { 10 }))
}

fn show(arguments: &ShowArguments) -> Result<ExitCode, Error> {
    let found = gate::lookup(&Lookup {
        sources: Sources { store: Some(arguments.place.store()), ..Sources::default() },
        question: Question::default(),
        cache: None,
    })?;
    print(&match arguments.format {
        Form::Text => found.text(),
        Form::Json => found.json()?,
    })?;
    Ok(ExitCode::SUCCESS)
}
