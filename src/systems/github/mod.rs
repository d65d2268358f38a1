//! The tokens of GitHub Actions: which one a job of a workflow gets, and who can start the job.
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions>
//!
//! A request is a job, who starts it, a scope and a level. There is no Deny: a job may do what its own block says, else what that of its
//! workflow says, else what the repository gives by default, which is a variable ([`Fact::PermissiveDefault`]). Who starts it takes
//! away from that: from a fork a token can read at most, and a workflow that is called has no more than its caller
//! ([`Fact::CallerHas`]).
//!
//! What has to be true besides before a job runs, such as its `if`, is a variable as well ([`Fact::Guard`]). It only counts where
//! somebody else's start is judged by the workflow of the default branch. Whoever may write can change it, and a pull request from a fork
//! brings its own.

mod asked;
mod evaluate;
mod naive;
mod regions;
mod scopes;
mod severity;
mod starters;
mod strangers;
mod subject;

pub use evaluate::Github;
pub use naive::Request;
pub use scopes::{Level, Scope};
pub use starters::{Starter, Way, events};
pub use subject::{Cell, Subject};

use crate::document::{Place, nearest};
use crate::systems::Opaque;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// Which job of which workflow, and to whom it hands its token.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobName {
    /// The path of the workflow.
    pub workflow: Arc<str>,
    /// The key under `jobs:`.
    pub id: Arc<str>,
    /// The workflow that it calls, without its version; a path that begins with `./` is one of the same repository.
    pub calls: Option<Arc<str>>,
}

impl JobName {
    /// Whether the token is handed to a workflow of another repository.
    pub fn calls_elsewhere(&self) -> bool {
        self.calls.as_ref().is_some_and(|called| !called.starts_with("./"))
    }
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "job/{}/{}", self.workflow, self.id)?;
        self.calls.as_ref().map_or(Ok(()), |called| write!(f, " calls {called}"))
    }
}

/// Scopes with the most that a token may do; what is not in it is nothing.
pub type Block = BTreeMap<Scope, Level>;

/// What a job's token may do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Token {
    /// What the repository gives where no workflow says anything: the restricted default to read or the permissive one to write, if
    /// somebody says which.
    Default(Option<Level>),
    /// What a block says.
    Block(Block),
}

/// A token, and where that is said.
#[derive(Clone, Debug)]
pub struct Stated {
    /// What it may do.
    pub token: Token,
    /// The block, or the job where there is none.
    pub place: Place,
    /// The lines of the scopes that have one of their own.
    pub scopes: BTreeMap<Scope, Place>,
}

/// One job.
#[derive(Clone, Debug)]
pub struct Job {
    /// The world that the repository is in.
    pub realm: Arc<str>,
    /// Which job.
    pub name: JobName,
    /// What it may do.
    pub token: Stated,
    /// How it can be started, and where that is said.
    pub ways: BTreeMap<Way, Place>,
    /// What has to be true besides, as [`Fact::Guard`]s.
    pub guards: BTreeSet<Arc<str>>,
}

/// What a job says, wherever it stands.
type Said<'j> = (&'j Token, Vec<Way>, BTreeSet<&'j Arc<str>>);

impl Job {
    /// Guards say nothing about a job that they cannot keep anybody from starting.
    fn said(&self) -> Said<'_> {
        let ways: Vec<Way> = self.ways.keys().copied().collect();
        let is_guarded = ways.iter().any(|way| matches!(way, Way::Open | Way::Called));
        (&self.token.token, ways, self.guards.iter().filter(|_| is_guarded).collect())
    }
}

/// Something that decides access and that nobody can see in the files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fact {
    /// The repository gives a token that may write where no workflow says anything.
    PermissiveDefault,
    /// A workflow that calls this one has what is asked for.
    CallerHas,
    /// A condition of the job holds: what its `if` says, or that its environment lets it run.
    Guard(Arc<str>),
}

/// One side: all jobs of all its workflows.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// What any job may have, whoever starts it: a ceiling or a filter.
    pub anybody: BTreeSet<(Scope, Level)>,
    /// What could not be read.
    pub opaque: BTreeSet<Opaque>,
}

impl Rules {
    /// Adds another file's rules.
    pub fn join(&mut self, other: Self) {
        self.jobs.extend(other.jobs);
        self.anybody.extend(other.anybody);
        self.opaque.extend(other.opaque);
    }

    /// Whether both have the same jobs, wherever in their files they stand.
    pub fn says_the_same(&self, other: &Self) -> bool {
        fn said(rules: &Rules) -> BTreeSet<(&Arc<str>, &JobName, Said<'_>)> {
            rules.jobs.iter().map(|job| (&job.realm, &job.name, job.said())).collect()
        }
        fn opaque(rules: &Rules) -> BTreeSet<(&Arc<str>, &str)> {
            rules.opaque.iter().map(|part| (&part.holder, part.digest.as_str())).collect()
        }
        said(self) == said(other) && opaque(self) == opaque(other)
    }

    /// A ceiling: what a block says, for any job.
    pub fn up_to(block: &Block) -> Self {
        let levels = |(scope, most): (&Scope, &Level)| {
            Level::ALL.map(|level| (*scope, level)).into_iter().filter(|(_, level)| level <= most).collect::<Vec<_>>()
        };
        let pairs = block.iter().flat_map(levels).filter(|(scope, level)| scope.has(*level));
        Self { anybody: pairs.collect(), ..Self::default() }
    }

    /// What a rule of a policy is about: scopes at levels, any of them where none is named.
    pub fn for_anybody(levels: Option<&BTreeSet<String>>, scopes: Option<&BTreeSet<String>>) -> Result<Self, Unknown> {
        let level = |name: &String| {
            let known = Level::ALL.into_iter().find(|level| level.name() == name);
            known.ok_or_else(|| Unknown::Level(format!("`{name}` is no level of a token: it has `read` and `write`")))
        };
        let levels: Vec<Level> = levels.map_or_else(|| Ok(Level::ALL.to_vec()), |names| names.iter().map(level).collect())?;
        let scope = |name: &String| {
            let scope = Scope::by_name(name).ok_or_else(|| Unknown::Scope(no_scope(name)))?;
            let has_one = levels.iter().any(|level| scope.has(*level));
            if has_one { Ok(scope) } else { Err(Unknown::Scope(format!("`{name}` has none of these levels"))) }
        };
        let scopes: Vec<Scope> = scopes.map_or_else(|| Ok(Scope::all().collect()), |names| names.iter().map(scope).collect())?;
        let pairs = scopes.into_iter().flat_map(|scope| levels.iter().map(move |level| (scope, *level)));
        Ok(Self { anybody: pairs.filter(|(scope, level)| scope.has(*level)).collect(), ..Self::default() })
    }
}

fn no_scope(name: &str) -> String {
    let known: Vec<&str> = Scope::all().map(Scope::name).collect();
    let meant = nearest(name, &known).map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
    format!("`{name}` is no scope of a token{meant}")
}

/// A name in a policy that means nothing, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Of a level.
    Level(String),
    /// Of a scope.
    Scope(String),
}
