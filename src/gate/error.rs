//! Why there is no decision. None of these is ever an approval.

use crate::attestation::baseline::TooFew;
use crate::diagnostic::Diagnostic;
use crate::ledger;
use crate::world::ci;
use crate::world::files::NotCreated;
use crate::world::forge;
use crate::world::repository::{self, Why};
use crate::world::{signer, store};
use std::path::{Path, PathBuf};

/// What went wrong, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The two sides cannot be compared.
    #[error(transparent)]
    Repository(#[from] repository::Error),
    /// The forge does not say what has to be known.
    #[error(transparent)]
    Forge(#[from] forge::Error),
    /// There is no policy.
    #[error(
        "the base side has no policy: put a `countersign.yml` there (a policy takes effect once it is merged), or name a file with `--policy`"
    )]
    NoPolicy,
    /// There is a file that somebody took for the policy.
    #[error("the base side has no policy: `{0}` is not read; rename it to `countersign.yml`")]
    MisnamedPolicy(&'static str),
    /// There is more than one policy.
    #[error("the base side has both `countersign.yml` and `.github/countersign.yml`: keep one of them")]
    TwoPolicies,
    /// There is no policy in a directory.
    #[error("there is no policy in `{}`: put a `countersign.yml` there, or name a file", path.display())]
    NoPolicyIn {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There is no policy repository.
    #[error("`{}` is no git repository of its own; clone the policy repository there, or name a clone with `--policy-repository`", path.display())]
    NoPolicyRepository {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// There is no policy in a policy repository.
    #[error("the policy repository has no `{path}` at that revision: commit it there, or name its path with `--policy`")]
    NoPolicyInRepository {
        /// Where it was looked for.
        path: String,
    },
    /// There is more than one policy in a directory.
    #[error("`{}` has both `countersign.yml` and `.github/countersign.yml`: keep one of them", path.display())]
    TwoPoliciesIn {
        /// Where they are.
        path: PathBuf,
    },
    /// One of our own files is there and cannot be read.
    #[error("the {what} `{path}` cannot be read: it is {why}; {help}")]
    Unreadable {
        /// What it is for.
        what: &'static str,
        /// Where it stands.
        path: String,
        /// Why not.
        why: Why,
        /// What to do.
        help: &'static str,
    },
    /// The policy says something that means nothing.
    #[error("the policy is not valid")]
    Policy(Vec<Diagnostic>),
    /// The change leaves a policy that says something that means nothing.
    #[error(
        "the change leaves no policy that is valid, and after it the gate would be closed to every change, also to one that mends that: mend it in \
         this one"
    )]
    LeavesNoPolicy(#[source] Box<Error>),
    /// For long there was no valid policy.
    #[error(
        "none of the {most} states before has a valid policy that what is deployed can be held against: hand in another state with `--base`"
    )]
    NoValidPolicy {
        /// How many were looked at.
        most: usize,
    },
    /// The facts say something that means nothing.
    #[error("the facts are not valid")]
    Facts(Vec<Diagnostic>),
    /// A file of cases says something that means nothing.
    #[error("the tests are not valid")]
    Cases(Vec<Diagnostic>),
    /// There is nothing to try in a directory.
    #[error(
        "there are no tests in `{}`: write a `countersign.tests.yml` beside the policy, as docs/testing-policies.md shows, or name a file",
        path.display()
    )]
    NoTests {
        /// Where they were looked for.
        path: PathBuf,
    },
    /// A file of cases whose name says no policy.
    #[error("`{}` does not say which policy it is about: call it `NAME.tests.yml` for `NAME.yml`, or write `policy: …` in it", path.display())]
    TestsOfNothing {
        /// Where it is.
        path: PathBuf,
    },
    /// A person of whom the policy knows nothing; the sentence names the nearest.
    #[error("{0}")]
    UnknownPerson(String),
    /// A filter that lets nothing through would try nothing.
    #[error("no case has `{0}` in its name: correct it, or leave out `--filter` to try all")]
    NoSuchCase(String),
    /// A plan is none, or cannot be read.
    #[error("the plan cannot be read")]
    Plan(Vec<Diagnostic>),
    /// The facts are about another change.
    #[error("the facts are about commit `{facts}`, but the {side} is `{commit}`: collect them again")]
    OtherCommit {
        /// `base` or `head`.
        side: &'static str,
        /// What the facts say.
        facts: String,
        /// What is judged.
        commit: String,
    },
    /// A path that names nothing is probably a typing error, and would judge nothing.
    #[error("`{}` is on neither side: correct the path, or leave it out to judge everything", .0.join("`, `"))]
    NoSuchPath(Vec<String>),
    /// A part of a change that is not there.
    #[error("`{name}` is no part of this change; {}", there_are(known))]
    NoSuchPart {
        /// As it was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A beginning of more than one id.
    #[error("`{name}` is the beginning of several ids, write more of it; {}", there_are(known))]
    SeveralParts {
        /// As it was asked for.
        name: String,
        /// What begins like this.
        known: Vec<String>,
    },
    /// A window that is not there.
    #[error("`{name}` is no window of this policy; {}", windows(known))]
    NoSuchWindow {
        /// As it was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// It cannot be told from the job what is judged.
    #[error(transparent)]
    Job(#[from] ci::Error),
    /// A commit of which the job tells is not in the clone.
    #[error(
        "{what} is commit `{commit}`, which is not in this clone; fetch the whole history (`fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` \
         in GitLab CI), or that commit alone: `git fetch origin {commit}`"
    )]
    NotFetched {
        /// What it is.
        what: &'static str,
        /// Its id.
        commit: String,
    },
    /// The branch that has the policy is not in the clone.
    #[error(
        "branch `{branch}` is not in this clone as `refs/remotes/origin/{branch}`, and its policy is the one that holds; fetch all branches \
         (`fetch-depth: 0` for actions/checkout), or that one: `git fetch origin +refs/heads/{branch}:refs/remotes/origin/{branch}`"
    )]
    NoBranch {
        /// Its name.
        branch: String,
    },
    /// Nothing says which branch has the policy.
    #[error("the event does not say which branch is the default one, and its policy is the one that holds: name it with `--policy-from`")]
    NoDefaultBranch,
    /// Nothing says what was there before.
    #[error(
        "nothing says which environment this is for, nor what was there before: name the environment with `--environment`, or the state before \
         with `--base`; to judge every change request that is open, say `--open`"
    )]
    NoEnvironment,
    /// What is deployed to is no name of an environment.
    #[error("`{name}` names no environment: write its name, without blanks around it, so that it is the one that rules and windows name")]
    NoEnvironmentOfThatName {
        /// As it was said.
        name: String,
    },
    /// Nobody can say which change requests are open.
    #[error(
        "nobody can be asked which change requests are open: hand the token in as `GITHUB_TOKEN` or `GITLAB_TOKEN`, or name with \
         `--environment` where it is deployed to"
    )]
    NobodyToAsk,
    /// What is handed in is about one change.
    #[error(
        "facts, plans and what was rendered are of one change, and every change request that is open is judged here: leave them out, or name \
         one with `--change-request`"
    )]
    InputsOfOne,
    /// A change request that proposes nothing any more.
    #[error("change request {number} is not open: what it changed has landed or was given up, and there is nothing to judge before that")]
    NotOpen {
        /// Which.
        number: u64,
    },
    /// A change request that goes to another branch than its job was told.
    #[error(
        "change request {number} goes to `{now}` now, and this job was told `{then}`, whose policy may be another; a job that is repeated is told \
         what it was told before, so start a new one: push to the branch, on GitHub close and open it again, or on GitLab run a new pipeline"
    )]
    AimedElsewhere {
        /// Which.
        number: u64,
        /// The branch that the job was told.
        then: String,
        /// The branch that it goes to.
        now: String,
    },
    /// A change request without a branch.
    #[error("change request {number} has no commit any more: its branch is gone, so close it or push the branch again")]
    NoCommits {
        /// Which.
        number: u64,
    },
    /// What a change request proposes does not arrive.
    #[error("change request {number} proposes commit `{commit}`, which is not in this clone, and {why}")]
    NotBrought {
        /// Which.
        number: u64,
        /// Its newest commit.
        commit: String,
        /// Why not.
        why: String,
    },
    /// A form that is about one change.
    #[error(
        "this form of output is about one change, and there are several: choose `--format text`, `markdown` or `json`; `--publish code-scanning` \
         writes to each change request its own alerts"
    )]
    FormOfOne,
    /// More landed than is judged one by one.
    #[error(
        "{commits} commits landed since the last deployment, and {most} at most are judged one by one: deploy more often, or hand in the facts \
         with `--facts`"
    )]
    TooManyLanded {
        /// How many.
        commits: usize,
        /// No more than that.
        most: usize,
    },
    /// What was deployed before is not known.
    #[error("{}", last_deployed(environment, *asked))]
    LastDeployed {
        /// Where it is deployed to.
        environment: String,
        /// Whether the forge was asked.
        asked: bool,
    },
    /// What was deployed was never the state of the branch.
    #[error(
        "commit `{commit}` was deployed to `{environment}`, and as far as this clone has it `{branch}` was never at that or at any other that \
         was: anybody who may write can say so of any commit; fetch the whole history, or name the state before with `--base`"
    )]
    DeployedElsewhere {
        /// Where it was deployed to.
        environment: String,
        /// What was.
        commit: String,
        /// The default branch.
        branch: String,
    },
    /// What may be deployed as well does not arrive.
    #[error(
        "{0}, so nobody can compare with it: push a branch that leads to it, deploy again what the branch was at by hand, or name the state before \
         with `--base`"
    )]
    BesideIsGone(String),
    /// A file that the runner of the job names cannot be written.
    #[error("cannot write the {what} of this job")]
    Tell {
        /// What it is for.
        what: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// A result cannot be written as text.
    #[error("the result cannot be written as text")]
    Render(#[from] serde_json::Error),
    /// A time that is none.
    #[error("`{text}` is not a time")]
    Time {
        /// What was written.
        text: String,
        /// Why not.
        source: chrono::ParseError,
    },
    /// Something that evidence cannot say yet.
    #[error("{0}; leave it out, or use `check`, which judges it")]
    NotAttestable(&'static str),
    /// Evidence is about commits.
    #[error("evidence is about two commits of a repository: name them with `--base` and `--head`")]
    NotCommits,
    /// What somebody says of the repository does not agree.
    #[error("this is said to be of the repository `{one}` and of `{other}`: collect the facts again, or correct `--repository`")]
    TwoRepositories {
        /// One.
        one: String,
        /// The other.
        other: String,
    },
    /// Nobody vouches for the facts.
    #[error(
        "the facts are from a file, for which nobody vouches, so no authorization of them is signed; ask for one by `--unverified-facts`,          which `verify` takes only by the same name"
    )]
    UnverifiedFacts,
    /// Signing would tell everybody.
    #[error(
        "signing would write to a log that everybody can read, and nobody says that `{repository}` is public: the certificate names the          repository, its workflow, ref and commit, and the log keeps the digest of the statement; sign with a private instance by          `--signing-config`, with a key by `--key`, or allow it by `--public-log`"
    )]
    WouldPublish {
        /// Which.
        repository: String,
    },
    /// Nothing can be signed or verified.
    #[error(transparent)]
    Signer(#[from] signer::Error),
    /// What was signed does not hold.
    #[error("what was signed does not hold, so it was not written")]
    OwnBundle(#[source] signer::Refused),
    /// Nobody says where the population begins.
    #[error("it is not said where it begins: name a signed baseline with `--baseline`, or the state before it by its revision")]
    NoBaseline,
    /// A baseline does not hold.
    #[error("`{}` is no baseline to begin at: {why}", path.display())]
    BaselineRefused {
        /// The file.
        path: PathBuf,
        /// Every link that broke.
        why: String,
    },
    /// A baseline cannot be made.
    #[error(transparent)]
    TooFew(#[from] TooFew),
    /// Nobody says who approved.
    #[error("nobody says who approved it: name a file with `--facts`, or run in a job of the change request that has a token")]
    NoFacts,
    /// A state is no earlier one of a branch.
    #[error("commit {from} is not on the line of first parents that leads to {to}{}", if *is_shallow { ": the clone is shallow, fetch all of it" } else { ": name a state that the branch was in" })]
    NotOnTheLine {
        /// Where it was to begin.
        from: String,
        /// Where it was to end.
        to: String,
        /// Whether the clone has not all of it.
        is_shallow: bool,
    },
    /// The ledger cannot be read, or added to.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The end of the ledger is none, so nothing can be added to it.
    #[error("the last entry of the ledger does not hold")]
    LastEntry(#[from] ledger::NotAnEntry),
    /// The ledger is no chain.
    #[error("the ledger does not hold")]
    Broken(#[from] ledger::Broken),
    /// Others were always faster.
    #[error("others add to the ledger all the time: try again; if nobody does, a writer was stopped, and its lock counts for a minute")]
    Contended,
    /// Something else was signed.
    #[error("something else was signed than was asked for, so it was not written")]
    OtherStatement,
    /// Files were to be created, and none was, or not all.
    #[error("cannot write `{}`: {}{}", .0.path.display(), .0.source, left(&.0.left))]
    NotCreated(NotCreated),
    /// A file that the user named cannot be read.
    #[error("cannot read the {what} `{}`; {}", path.display(), name_another(path, option))]
    Read {
        /// What it is for.
        what: &'static str,
        /// By which option it was named.
        option: &'static str,
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write `{}`", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

fn name_another(path: &Path, option: &str) -> String {
    if path == Path::new("-") { "for standard input write `/dev/stdin`".to_owned() } else { format!("name another with `{option}`") }
}

fn last_deployed(environment: &str, asked: bool) -> String {
    let why = if asked { "no deployment to it ever succeeded" } else { "nobody can be asked: GitHub is, with a token in `GITHUB_TOKEN`" };
    format!("it is not known which commit was last deployed to `{environment}`: {why}; name the state before with `--base`")
}

/// Past this many parts the rest is counted.
const MOST_LISTED: usize = 20;

fn there_are(known: &[String]) -> String {
    let listed = known.iter().take(MOST_LISTED).cloned().collect::<Vec<_>>().join(", ");
    match known.len() {
        0 => "no access changed, so there is nothing to explain".to_owned(),
        1..=MOST_LISTED => format!("there is {listed}"),
        many => format!("there is {listed} and {} more, which the output of `diff --verbose` names", many - MOST_LISTED),
    }
}

fn windows(known: &[String]) -> String {
    if known.is_empty() { "it has none".to_owned() } else { format!("there is {}", known.join(", ")) }
}

impl Error {
    /// A directory of tests cannot be read.
    pub(super) fn read_tests(path: &Path, source: std::io::Error) -> Self {
        Self::Read { what: "directory of tests", option: "policy test", path: path.to_owned(), source }
    }

    /// Remarks that say it in detail, each at its place.
    pub fn diagnostics(&self) -> &[Diagnostic] {
        match self {
            Self::LeavesNoPolicy(error) => error.diagnostics(),
            Self::Policy(diagnostics) | Self::Facts(diagnostics) | Self::Plan(diagnostics) | Self::Cases(diagnostics) => diagnostics,
            _ => &[],
        }
    }
}

/// What is there although the rest is not.
fn left(files: &[PathBuf]) -> String {
    let names: Vec<String> = files.iter().map(|path| format!("`{}`", path.display())).collect();
    if names.is_empty() { "; nothing was written".to_owned() } else { format!("; written and still there: {}", names.join(", ")) }
}
