//! `countersign lookup`.

use super::common::{Error, instant, print, release};
use crate::gate::{self, Lookup, Question, Sources};
use crate::world;
use crate::world::store::Store;
use chrono::{DateTime, Utc};
use std::path::PathBuf;
use std::process::ExitCode;

/// Find records: who was allowed what, by whom, and when
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  countersign lookup --ledger ledger --person bob
  countersign lookup authorization.sigstore.json --action list --realm prod --format csv
  countersign lookup --ledger ledger --since 2025-01-01T00:00:00Z --record authorization

Actions and resources are asked by meaning: `iam:PassRole` is found where `iam:*` was granted.
Everything that is asked has to be so, of one part of the change. No signature is looked at:
`verify` and `ledger verify` do that.")]
#[command(group = clap::ArgGroup::new("source").required(true).multiple(true).args(["paths", "ledger", "release"]))]
pub struct Arguments {
    /// Bundles, files with one on each line, and directories of them
    #[arg(value_name = "BUNDLES")]
    paths: Vec<PathBuf>,
    /// A ledger: a directory, or a ref of `--repo`, such as refs/countersign/ledger
    #[arg(long, value_name = "LEDGER")]
    ledger: Option<String>,
    /// A release: its tag, in a job of its repository, or its address
    #[arg(long, value_name = "RELEASE")]
    release: Option<String>,
    /// The repository that has the ref
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// The commit after the change, or the beginning of its id
    #[arg(long, value_name = "ID")]
    commit: Option<String>,
    /// The change request: its number or its address
    #[arg(long, value_name = "REQUEST")]
    change_request: Option<String>,
    /// Somebody who wrote or approved the change: a login or an id
    #[arg(long, value_name = "PERSON")]
    person: Option<String>,
    /// Somebody who approved the change
    #[arg(long, value_name = "PERSON")]
    approved_by: Option<String>,
    /// Who came to have the access; `*` stands for anything
    #[arg(long, value_name = "PATTERN")]
    holder: Option<String>,
    /// The world in which the access holds: an account, a cluster
    #[arg(long, value_name = "PATTERN")]
    realm: Option<String>,
    /// Something that may be done since, such as iam:PassRole
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// On what
    #[arg(long, value_name = "RESOURCE")]
    resource: Option<String>,
    /// What kind of record
    #[arg(long, value_enum, value_name = "RECORD")]
    record: Option<Record>,
    /// Only what passed by break-glass, or had landed before it was asked about
    #[arg(long)]
    overridden: bool,
    /// Decided for this instant or later
    #[arg(long, value_name = "TIME", value_parser = instant)]
    since: Option<DateTime<Utc>>,
    /// Decided for an earlier instant
    #[arg(long, value_name = "TIME", value_parser = instant)]
    until: Option<DateTime<Utc>>,
    /// Keep no index of the ledger between runs, and read all of it
    #[arg(long)]
    no_cache: bool,
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Record {
    /// It was authorized before it landed
    Authorization,
    /// It had landed
    Retroactive,
    /// The gate only looked on
    Observed,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Form {
    /// A table, for people
    Text,
    /// For machines; see docs/schemas
    Json,
    /// For spreadsheets
    Csv,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let question = Question {
        commit: arguments.commit.clone(),
        change_request: arguments.change_request.clone(),
        person: arguments.person.clone(),
        approved_by: arguments.approved_by.clone(),
        holder: arguments.holder.clone(),
        realm: arguments.realm.clone(),
        action: arguments.action.clone(),
        resource: arguments.resource.clone(),
        record: arguments.record.map(|record| match record {
            Record::Authorization => gate::Record::Authorization,
            Record::Retroactive => gate::Record::Retroactive,
            Record::Observed => gate::Record::Observed,
        }),
        overridden: arguments.overridden,
        since: arguments.since,
        until: arguments.until,
    };
    let store = arguments.ledger.as_deref().map(|name| Store::named(name, &arguments.repo));
    let release = arguments.release.as_deref().map(release).transpose()?;
    let sources = Sources { verb: "countersign lookup", paths: arguments.paths.clone(), store, release, ..Sources::default() };
    let cache = if arguments.no_cache { None } else { world::cache_directory() };
    let found = gate::lookup(&Lookup { sources, question, cache })?;
    print(&match arguments.format {
        Form::Text => found.text(),
        Form::Json => found.json()?,
        Form::Csv => found.csv(),
    })?;
    Ok(ExitCode::SUCCESS)
}
