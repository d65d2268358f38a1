//! What several verbs share: how files are named and bounded, where output goes, how an error is told.

use crate::gate::{self, Bounds, Format, Located, Wanted};
use crate::world::ci::Job;
use crate::world::files::words;
use crate::world::{self, ci, clock};
use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// An error about the world; the gate is closed.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// The arguments do not say what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Misused(pub(super) &'static str);

/// A side with no files at all.
const NOTHING: &str = "/dev/null";

/// What is compared, and how large it may be.
#[derive(Debug, Args)]
pub struct Compared {
    /// The state before: a git revision, a directory or a single file
    #[arg(long, value_name = "X", value_parser = state)]
    base: Option<String>,
    /// The state after: a git revision, a directory or a single file
    #[arg(long, value_name = "Y", value_parser = state, requires = "base")]
    head: Option<String>,
    /// A plan that `terraform show -json` printed, which has both states; once for each plan
    #[arg(long = "plan", value_name = "FILE")]
    plans: Vec<PathBuf>,

    /// Where the files are that the plans were made from, `.` for everywhere
    #[arg(long, value_name = "DIR", requires = "plans")]
    planned: Vec<String>,
    /// The repository that revisions are of: a work tree or a bare repository
    #[arg(long, value_name = "DIR", default_value = ".")]
    repo: PathBuf,
    /// Read every compared file in this format, whatever it looks like
    #[arg(long = "as", value_name = "FORMAT", value_parser = gate::format)]
    format_of_files: Option<&'static Format>,
    /// Refuse files larger than this many bytes
    #[arg(long, value_name = "BYTES", value_parser = number, default_value_t = Bounds::default().bytes)]
    max_file_size: usize,
    /// Refuse files nested deeper than this many levels
    #[arg(long, value_name = "LEVELS", value_parser = number, default_value_t = Bounds::default().depth)]
    max_depth: usize,
    /// Refuse files with more values than this, once YAML aliases are expanded
    #[arg(long, value_name = "NODES", value_parser = number, default_value_t = Bounds::default().nodes)]
    max_nodes: usize,
    /// Take what was rendered for both sides in place of the manifests in a directory
    #[arg(long, num_args = 3, value_names = ["DIR", "BASE", "HEAD"])]
    rendered: Vec<String>,
    /// Keep no index of unchanged files between runs
    #[arg(long)]
    no_cache: bool,
    /// Compare only these paths: files, directories or globs
    #[arg(last = true, value_name = "PATHS")]
    paths: Vec<String>,
}

fn number(text: &str) -> Result<usize, String> {
    text.parse().map_err(|_| "write a whole number that this machine can count to".to_owned())
}

/// An instant, for a value that names one.
pub fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    crate::gate::instant(text)
}

/// What begins with `-` was meant to be taken for an option.
pub(super) fn state(name: &str) -> Result<String, String> {
    if name.len() > 1 && name.starts_with('-') {
        return Err("it begins with `-`; write a path as `./-…`, a branch as `refs/heads/-…`".to_owned());
    }
    Ok(name.to_owned())
}

/// The release that is named by its tag, in a job of its repository, or by its address.
pub(super) fn release(named: &str) -> Result<gate::Release, Error> {
    let (ci::Home { connection, repository, .. }, tag) = ci::release(named)?;
    Ok(gate::Release { connection, repository, tag })
}

impl Compared {
    /// As the gate asks for it, where somebody has named both sides, or a plan that has them.
    pub fn request(&self) -> Result<gate::Request, Misused> {
        match (&self.base, &self.head) {
            (Some(base), Some(head)) => Ok(self.between(base, head)),
            (None, None) if !self.plans.is_empty() => Ok(self.between(NOTHING, NOTHING)),
            _ => Err(Misused("name both `--base` and `--head`, or a plan with `--plan`; `--help` has examples")),
        }
    }

    /// The same, where the job of a pipeline may say what is not named.
    pub fn request_in_job(&self, wanted: Wanted, is_enough: bool) -> Result<(gate::Request, Option<Located>), Error> {
        match self.job(is_enough)? {
            Some(job) => self.request_of(&job, wanted).map(|(request, located)| (request, Some(located))),
            None => Ok((self.request()?, None)),
        }
    }

    /// The job that says what is compared; `None` where that is named, or where something else `is_enough`.
    pub fn job(&self, is_enough: bool) -> Result<Option<Job>, Error> {
        if self.head.is_some() || (self.base.is_none() && is_enough) {
            return Ok(None);
        }
        let job = ci::job()?.ok_or(Misused(
            "name `--base` and `--head`: what is compared is found without them only in a job of GitHub Actions or of GitLab CI; `--help` has examples",
        ))?;
        Ok(Some(job))
    }

    /// What a job says that is compared.
    pub fn request_of(&self, job: &Job, wanted: Wanted) -> Result<(gate::Request, Located), Error> {
        let located = gate::locate(job, &self.repo, &self.wanted(wanted))?;
        Ok((self.between(&located.base, &located.head), located))
    }

    /// The same with the state before, if that is named.
    pub fn wanted(&self, wanted: Wanted) -> Wanted {
        Wanted { base: self.base.clone(), ..wanted }
    }

    /// How something is compared of which it is not known yet what.
    pub fn template(&self) -> gate::Request {
        self.between("", "")
    }

    /// The clone in which revisions are looked up.
    pub fn repo(&self) -> &Path {
        &self.repo
    }

    /// Whether the job of a pipeline has to say what is compared.
    pub fn is_open(&self) -> bool {
        self.head.is_none()
    }

    /// Whether there is a plan, which has both sides.
    pub fn has_plan(&self) -> bool {
        !self.plans.is_empty()
    }

    fn between(&self, base: &str, head: &str) -> gate::Request {
        gate::Request {
            base: base.to_owned(),
            head: head.to_owned(),
            plans: self.plans.clone(),
            planned: self.planned.clone(),
            repo: self.repo.clone(),
            paths: self.paths.clone(),
            format: self.format_of_files,
            bounds: Bounds { bytes: self.max_file_size, depth: self.max_depth, nodes: self.max_nodes },
            rendered: self
                .rendered
                .as_chunks::<3>()
                .0
                .iter()
                .map(|[directory, base, head]| gate::Rendered::new(directory, base, head))
                .collect(),
            cache: if self.no_cache { None } else { world::cache_directory() },
        }
    }
}

/// Where the policy is, if one repository has it for many.
#[derive(Debug, Args)]
pub struct PolicyElsewhere {
    /// Judge by the policy of another repository, a local clone
    #[arg(long, value_name = "DIR", requires = "policy_ref")]
    policy_repository: Option<PathBuf>,
    /// The revision of the policy repository: a commit, or a protected branch or tag
    #[arg(long, value_name = "REV", value_parser = state, requires = "policy_repository")]
    policy_ref: Option<String>,
}

impl PolicyElsewhere {
    /// As the gate asks for it.
    pub fn repository(&self) -> Option<gate::PolicyRepository> {
        let (clone, revision) = self.policy_repository.clone().zip(self.policy_ref.clone())?;
        Some(gate::PolicyRepository { clone, revision })
    }
}

/// Where the output goes, and in which form.
#[derive(Debug, Args)]
pub struct Output {
    /// The form of the output
    #[arg(long, value_enum, default_value_t = Form::Text)]
    pub format: Form,
    /// Write to this file instead of standard output
    #[arg(long = "output", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Print nothing but errors: the exit code says it
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Say on standard error what was read, and how long that took
    #[arg(short, long)]
    pub verbose: bool,
}

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people
    Text,
    /// For machines; see docs/schemas
    Json,
    /// A comment on a pull or merge request, or a step summary
    Markdown,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// GitLab's code quality report
    GitlabCodequality,
}

impl From<Form> for gate::Form {
    fn from(form: Form) -> Self {
        match form {
            Form::Text => Self::Text,
            Form::Json => Self::Json,
            Form::Markdown => Self::Markdown,
            Form::Sarif => Self::Sarif,
            Form::GitlabCodequality => Self::CodeQuality,
        }
    }
}

impl Output {
    /// Writes the whole output, with colour only on a terminal. A reader that went away is no error.
    pub fn write(&self, text: &str) -> Result<(), Error> {
        let Some(path) = &self.file else { return if self.quiet { Ok(()) } else { print(text) } };
        let plain = anstream::adapter::strip_str(text).to_string();
        world::files::replace(path, plain.as_bytes()).map_err(|error| cannot_write(path, &error).into())
    }
}

fn cannot_write(path: &Path, error: &io::Error) -> String {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "its directory does not exist; make it first".to_owned(),
        io::ErrorKind::IsADirectory | io::ErrorKind::NotADirectory => "this is not the name of a file; name one with `--output`".to_owned(),
        _ => words(&error.to_string()),
    };
    format!("cannot write `{}`: {why}", path.display())
}

impl Output {
    /// Says what was read, for those who ask. That it cannot be said is nobody's loss.
    pub fn tell(&self, read: &gate::Read, since: clock::Stopwatch) {
        if self.verbose {
            let _ = writeln!(anstream::stderr(), "{read} ({} ms)", since.milliseconds());
        }
    }
}

/// Prints text, with colour where that is wanted. A reader that went away is no error.
pub fn print(text: &str) -> Result<(), Error> {
    let mut stdout = anstream::AutoStream::auto(io::stdout().lock());
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| format!("cannot write to standard output: {}", words(&error.to_string())).into()),
    }
}

/// Tells what is wrong with the arguments, or prints the help that they ask for.
pub fn misused(mut error: clap::Error, arguments: &[OsString]) -> ExitCode {
    // It says to write `--` before what looks like an option, after which stand our paths.
    error.remove(clap::error::ContextKind::Suggested);
    let mut text = error.render().ansi().to_string();
    if !error.use_stderr() {
        return print(&text).map_or_else(|error| explain(&error), |()| ExitCode::SUCCESS);
    }
    for argument in arguments.iter().map(|argument| argument.to_string_lossy()) {
        let value = argument.split_once('=').map_or(&*argument, |(_, value)| value);
        text = text.replace(value, &gate::visible(value));
    }
    let _ = write!(anstream::stderr(), "{text}");
    ExitCode::from(2)
}

/// Tells an error with all its causes, and closes the gate.
pub fn explain(error: &Error) -> ExitCode {
    // When not even the error can be told, the exit code still closes the gate.
    let details = error.downcast_ref::<gate::Error>().map(gate::details).unwrap_or_default();
    let _ = writeln!(anstream::stderr(), "{details}{}", gate::explain(error.as_ref()));
    ExitCode::from(if error.is::<Misused>() { 2 } else { 1 })
}
