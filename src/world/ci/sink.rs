//! Where a job takes what there is to say: files that its runner names, from which others read one value, a page or a report.

use super::{Runner, Variables};
use crate::world::files;
use std::fs::{self, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The places of a job.
#[derive(Clone, Debug)]
pub struct Sink {
    runner: Runner,
    /// Where values go.
    outputs: Option<PathBuf>,
    /// Where the page goes that is shown beside the job.
    summary: Option<PathBuf>,
    /// Where files go that are not kept, unless somebody uploads them.
    directory: Option<PathBuf>,
}

/// A page that is larger is refused whole by GitHub, with what stood in it before:
/// <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#adding-a-job-summary>.
const MOST_SUMMARY: u64 = 1 << 20;

/// The report in full, for whoever uploads it.
const REPORT: &str = "countersign.json";

/// What GitLab is told to read by `artifacts:reports:dotenv`.
const DOTENV: &str = "countersign.env";

impl Sink {
    pub(super) fn of(runner: Runner, variables: &Variables) -> Self {
        let path = |name| variables.get(name).map(PathBuf::from);
        match runner {
            Runner::GitHub => {
                Self { runner, outputs: path("GITHUB_OUTPUT"), summary: path("GITHUB_STEP_SUMMARY"), directory: path("RUNNER_TEMP") }
            }
            Runner::GitLab => {
                let directory = path("CI_PROJECT_DIR");
                Self { runner, outputs: directory.as_ref().map(|directory| directory.join(DOTENV)), summary: None, directory }
            }
        }
    }

    /// Whether whoever reads the log takes lines of it for annotations.
    pub fn annotates(&self) -> bool {
        self.runner == Runner::GitHub
    }

    /// Writes the report in full, whole or not at all; says where it is. `None` where there is no place for it.
    pub fn report(&self, text: &str) -> io::Result<Option<PathBuf>> {
        let Some(path) = self.directory.as_ref().map(|directory| directory.join(REPORT)) else { return Ok(None) };
        files::replace(&path, text.as_bytes())?;
        Ok(Some(path))
    }

    /// Adds the page to what stands beside the job; `false` where it does not fit any more.
    pub fn summary(&self, page: &str) -> io::Result<bool> {
        let Some(path) = &self.summary else { return Ok(true) };
        let before = fs::metadata(path).map_or(0, |metadata| metadata.len());
        if before.saturating_add(page.len() as u64) > MOST_SUMMARY {
            return Ok(false);
        }
        append(path, page).map(|()| true)
    }

    /// Hands values on to later steps and jobs. What is in them stays in them.
    pub fn outputs(&self, values: &[(&str, String)]) -> io::Result<()> {
        let Some(path) = &self.outputs else { return Ok(()) };
        match self.runner {
            Runner::GitHub => append(path, &values.iter().map(|(name, value)| multiline(name, value)).collect::<String>()),
            Runner::GitLab => files::replace(path, values.iter().map(|(name, value)| dotenv(name, value)).collect::<String>().as_bytes()),
        }
    }
}

fn append(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().append(true).create(true).open(path)?.write_all(text.as_bytes())
}

/// The notation in which a value may have line ends. Nobody can guess the line that ends it.
fn multiline(name: &str, value: &str) -> String {
    let random = || RandomState::new().hash_one(value);
    let end = format!("countersign-{:016x}{:016x}", random(), random());
    format!("{name}<<{end}\n{value}\n{end}\n")
}

/// A line for a value. GitLab knows no notation for line ends, so there are none.
fn dotenv(name: &str, value: &str) -> String {
    let name = name.to_uppercase().replace('-', "_");
    let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    format!("COUNTERSIGN_{name}={}\n", value.trim())
}
