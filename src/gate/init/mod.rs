//! `countersign init`: look at a repository → propose → write what is not there → say what is next.

mod look;
mod pipeline;

use super::Error;
use super::ours::POLICY_PATHS;
use crate::formats::FORMATS;
use crate::policy::starter;
use crate::report::starter::{Fate, Outcome, Purpose, Told, Withheld, text};
use crate::world::files;
use crate::world::repository::{self, Limits, Repository, Sides};
use look::{Seen, look};
use std::path::{Path, PathBuf};

pub use crate::policy::starter::Forge;

/// What to begin with.
pub struct Start {
    /// A work tree, a directory in one, a bare repository, or a plain directory.
    pub repo: PathBuf,
    /// Where change requests are made, if the user says so.
    pub forge: Option<Forge>,
    /// Only show what would be written.
    pub dry_run: bool,
    /// Write although there is nothing to watch.
    pub anyway: bool,
}

/// What came of it.
pub struct Started {
    /// For people, with styles that whoever prints may strip.
    pub text: String,
    /// Whether everything is there now, or was only to be shown.
    pub complete: bool,
}

/// Looks at a repository, and writes a policy that observes and the pipeline that runs it. Nothing that is there is written to.
pub fn init(start: &Start) -> Result<Started, Error> {
    let place = Place::open(&start.repo)?;
    let mut seen = look(place.sides.head())?;
    seen.survey.forge = start.forge.or_else(|| pipeline::forge(&seen.paths, place.host.as_deref()));
    let mut outcomes = plan(&mut seen, place.root.as_deref());
    let is_missing = outcomes.iter().any(|outcome| outcome.fate == Fate::Shown);
    let withheld = if is_missing { withheld(start, &seen, place.root.is_none()) } else { None };
    match (&withheld, &place.root) {
        (None, Some(root)) => write(root, &mut outcomes)?,
        (Some(Withheld::Nothing), _) => outcomes.clear(),
        _ => {}
    }
    let formats: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
    let told = Told {
        repo: (start.repo != Path::new(".")).then(|| start.repo.to_string_lossy()),
        committed: place.committed,
        has_history: place.has_history,
        files: seen.paths.len(),
        survey: &seen.survey,
        undecided: &seen.undecided,
        not_read: &seen.not_read,
        formats: &formats,
        outcomes: &outcomes,
        withheld,
        to_include: pipeline::has_to_be_included(&seen, &outcomes),
    };
    Ok(Started { text: text(&told), complete: matches!(withheld, None | Some(Withheld::DryRun)) })
}

/// Why what is missing is not written.
fn withheld(start: &Start, seen: &Seen, is_bare: bool) -> Option<Withheld> {
    if seen.survey.files.is_empty() && seen.undecided.is_empty() && !start.anyway {
        return Some(Withheld::Nothing);
    }
    if start.dry_run { Some(Withheld::DryRun) } else { is_bare.then_some(Withheld::Bare) }
}

/// Where to look, and where to write.
struct Place {
    /// Its head is what is looked at.
    sides: Sides,
    /// Whether that is a commit.
    committed: bool,
    /// Whether it has a commit before it.
    has_history: bool,
    /// Where files are written; `None` in a bare repository.
    root: Option<PathBuf>,
    /// The host of the remote.
    host: Option<String>,
}

impl Place {
    fn open(repo: &Path) -> Result<Self, Error> {
        let limits = Limits::default();
        let repository = match Repository::open(repo) {
            Err(repository::Error::NotARepository { .. }) if files::is_directory(repo) => return Self::directory(repo, None),
            other => other?,
        };
        match (Sides::between("HEAD", "HEAD", repo, limits), repository.root()) {
            (Err(repository::Error::Unborn { .. }), Some(root)) => Self::directory(root, repository.host()),
            (sides, root) => {
                let has_history = repository.commit("HEAD~1").is_ok();
                Ok(Self { sides: sides?, committed: true, has_history, root: root.map(Path::to_owned), host: repository.host() })
            }
        }
    }

    /// What is not committed yet is looked at as it lies there.
    fn directory(root: &Path, host: Option<String>) -> Result<Self, Error> {
        let sides = Sides::open("/dev/null", &format!("{}/", root.display()), root, Limits::default())?;
        Ok(Self { sides, committed: false, has_history: false, root: Some(root.to_owned()), host })
    }
}

/// The files that belong there, and which of them are there already.
fn plan(seen: &mut Seen, root: Option<&Path>) -> Vec<Outcome> {
    let is_there = |seen: &Seen, path: &str| seen.paths.contains(path) || root.is_some_and(|root| files::is_there(&root.join(path)));
    let mut outcomes = pipeline::plan(seen, &is_there);
    let present = POLICY_PATHS.into_iter().find(|path| is_there(seen, path));
    let policy = Outcome {
        path: present.unwrap_or(POLICY_PATHS[0]).into(),
        purpose: Purpose::Policy,
        text: starter::policy(&seen.survey),
        fate: if present.is_some() { Fate::Kept } else { Fate::Shown },
    };
    outcomes.insert(0, policy);
    outcomes
}

fn write(root: &Path, outcomes: &mut [Outcome]) -> Result<(), Error> {
    let missing = || outcomes.iter().filter(|outcome| outcome.fate == Fate::Shown);
    let new: Vec<(&str, &str)> = missing().map(|outcome| (&*outcome.path, outcome.text.as_str())).collect();
    files::create(root, &new).map_err(Error::NotCreated)?;
    for outcome in outcomes.iter_mut().filter(|outcome| outcome.fate == Fate::Shown) {
        outcome.fate = Fate::Written;
    }
    Ok(())
}
