//! What a permission means, system by system, and the one shape in which every system answers.
//!
//! A system joins the rules of each side by *subject* (one holder in one realm), cuts the requests that those rules can tell
//! apart into disjoint *cells*, and says, for each side, under which *formula* a cell is allowed. What is gained, lost or undecided
//! is decided on formulas alone, in [`crate::change`].

pub mod aws;
pub mod codeowners;
mod digest;
pub mod github;
pub mod kubernetes;

pub use digest::{content_digest, sha256};

use crate::access::{Budget, Exhausted, Formula, Formulas, Variable};
use crate::document::Place;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// What is known of texts that somebody outside may have chosen.
pub type Texts<V> = HashMap<Box<str>, V, foldhash::quality::RandomState>;

/// A system of permissions.
pub trait System {
    /// The system's name: `aws`, `codeowners`, `github`, `kubernetes`.
    const ID: &'static str;
    /// One side, all its files joined.
    type Rules: 'static;
    /// One holder in one realm, with all that decides its access on each side.
    type Subject<'a>;
    /// Requests of one subject that no rule of any side tells apart.
    type Cell<'a>: Clone;
    /// Concrete: one request, and the facts under which it is judged.
    type Request;

    /// The system's part of one side.
    fn of(access: &Access) -> &Self::Rules;
    /// The subjects for which the first two sides may differ, in a fixed order. Sides after these are asked about the same cells;
    /// they may hold for any holder, as a ceiling does.
    fn subjects<'a>(sides: &[&'a Self::Rules]) -> Vec<Self::Subject<'a>>;
    /// Holder and realm, for messages about the subject as a whole.
    fn name(subject: &Self::Subject<'_>) -> (Arc<str>, Arc<str>);
    /// A digest of everything that decides the subject's access on the first two sides.
    fn fingerprint(subject: &Self::Subject<'_>) -> String;
    /// Every cell in which the first two sides may differ.
    fn cells<'a>(subject: &Self::Subject<'a>, budget: &mut Budget) -> Result<Vec<Self::Cell<'a>>, Exhausted>;
    /// When the cell is allowed on that side.
    fn allows(subject: &Self::Subject<'_>, side: usize, cell: &Self::Cell<'_>, formulas: &mut Formulas) -> Result<Formula, Exhausted>;
    /// Whether it is known that no request can be in the cell, so that a difference in it is none.
    fn is_vacuous(_cell: &Self::Cell<'_>) -> bool {
        false
    }
    /// The part of a formula that can be. Of two that differ only in what cannot be it is the same.
    fn possible(_subject: &Self::Subject<'_>, formula: Formula, _formulas: &mut Formulas) -> Result<Formula, Exhausted> {
        Ok(formula)
    }
    /// Variables that stand for facts about the world that nobody here knows; a gain that needs one is undecided.
    fn unknowns(subject: &Self::Subject<'_>) -> Vec<Variable>;
    /// Few and general regions that say together what these cells, each with its formula, say.
    fn regions(subject: &Self::Subject<'_>, found: &Found<'_, Self::Cell<'_>>, formulas: &mut Formulas) -> Result<Vec<Region>, Exhausted>;
    /// Requests of which something particular is true, which the cells of the subject do not tell from others: the sides as they are for
    /// these. What is found there counts besides.
    fn worlds(_subject: &Self::Subject<'_>, _sides: &[&Self::Rules], _budget: &mut Budget) -> Result<Vec<World<Self::Rules>>, Exhausted> {
        Ok(Vec::new())
    }
    /// What could not be read, on one side.
    fn opaque(rules: &Self::Rules) -> &BTreeSet<Opaque>;
    /// Whether the request is allowed, by the shortest reading of the system's documentation. The judge in property tests.
    fn naive(rules: &Self::Rules, request: &Self::Request) -> bool;
    /// The requests that the words of a region's witness may mean, to be held against [`System::naive`]: what is printed is what is
    /// judged. None where they mean nothing on these sides.
    fn asked(sides: [&Self::Rules; 2], region: &Region) -> Vec<Self::Request>;
    /// The statements of one side that are about the request, or, where none is, those that come nearest. None where the system cannot
    /// tell one by one; the places of the region tell it then.
    fn bearing(_rules: &Self::Rules, _request: &Self::Request) -> Vec<Bearing> {
        Vec::new()
    }
}

/// The sides as they are for some requests only, and what of it is known without them.
pub struct World<Rules> {
    /// The sides.
    pub rules: Vec<Rules>,
    /// The sides as they are for all requests, as far as they are about what is asked about.
    pub plain: Vec<Rules>,
    /// The sides as they are for these requests as far as the cells tell.
    pub told: Vec<Rules>,
    /// What is asked about there: nothing else is.
    pub here: Rules,
    /// What of it the cells have told; of everything else the plain sides have.
    pub about: Rules,
}

/// What one statement has to do with one request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bearing {
    /// Where it stands.
    pub place: Place,
    /// What it is: `an Allow`, `a Deny of a cap`, `the line that decides`.
    pub what: &'static str,
    /// Whether it allows, and does not refuse, what it is about.
    pub allows: bool,
    /// Whether it limits what others allow.
    pub is_cap: bool,
    /// Why it is not about the request, each as a sentence without its end: `its condition is not met`. Empty if it is about it.
    pub misses: Vec<&'static str>,
}

/// One side of a repository: the rules of every system, all files joined.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// AWS IAM.
    pub aws: aws::Rules,
    /// The tokens of GitHub Actions.
    pub github: github::Rules,
    /// Kubernetes RBAC.
    pub kubernetes: kubernetes::Rules,
    /// Who has to approve a change of which path.
    pub codeowners: codeowners::Rules,
}

impl Access {
    /// Adds another file's rules.
    pub fn join(&mut self, other: Self) {
        self.aws.join(other.aws);
        self.github.join(other.github);
        self.kubernetes.join(other.kubernetes);
        self.codeowners.join(other.codeowners);
    }
}

impl Access {
    /// Whether both have the same rules, wherever they stand.
    pub fn says_the_same(&self, other: &Self) -> bool {
        self.aws.says_the_same(&other.aws)
            && self.github.says_the_same(&other.github)
            && self.kubernetes.says_the_same(&other.kubernetes)
            && self.codeowners.says_the_same(&other.codeowners)
    }
}

/// Cells that the question found, each with the formula of the difference.
pub struct Found<'f, Cell> {
    /// Which side allows what the other does not.
    pub kind: Kind,
    /// The cells.
    pub cells: &'f [(Cell, Formula)],
}

/// What is known of a system besides the user's files, and built in: an answer may depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Knowledge {
    /// The system.
    pub name: &'static str,
    /// When its source was as it says, or of which release: `2026-10-27`.
    pub edition: &'static str,
    /// `sha256:…` over it as it is in `data/`.
    pub digest: &'static str,
}

/// All knowledge that is built in.
pub fn knowledge() -> [Knowledge; 1] {
    [aws::knowledge::edition()]
}

/// Whether two actions of the system that differ in case only are one.
pub fn actions_fold_case(system: &str) -> bool {
    system == aws::Aws::ID
}

/// Which way access changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Allowed after and not before.
    Gained,
    /// Cannot be told; treated as the largest gain that it might be.
    Undecided,
    /// Allowed before and not after.
    Lost,
}

/// How much a gain matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Narrow; nothing in it is known to be dangerous. Every loss is low.
    Low,
    /// Wide in one way.
    Medium,
    /// Lets its holder change or borrow access, or is wide in several ways.
    High,
    /// As good as everything, or open to everybody.
    Critical,
}

impl Severity {
    /// As a policy and a report write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// A name in a pattern that a system does not know, as far as is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// A sentence without its end.
    pub said: String,
    /// The pattern as it was probably meant.
    pub meant: Option<String>,
}

/// A set of requests in words: the system's own notation, most general pattern first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region {
    /// Who the grant gives access to.
    pub holder: Arc<str>,
    /// The world in which it holds.
    pub realm: Arc<str>,
    /// Who may act.
    pub principals: Vec<String>,
    /// Patterns that are not meant, although `principals` match them.
    pub except_principals: Vec<String>,
    /// What may be done: patterns.
    pub actions: Vec<String>,
    /// Patterns that are not meant, although `actions` match them.
    pub except_actions: Vec<String>,
    /// On what: patterns.
    pub resources: Vec<String>,
    /// Patterns that are not meant, although `resources` match them.
    pub except_resources: Vec<String>,
    /// What may be done and on what in plain words, to be read after *can*, where people have words for it: `pass any role to Lambda`.
    pub summary: Option<String>,
    /// When; always if `None`.
    pub condition: Option<String>,
    /// Until when, if something enforces it (RFC 3339 as the file spells it).
    pub expires: Option<String>,
    /// What else has to be true, in a sentence: the holder needs another Allow, the content of a role is not known, …
    pub provided: Option<String>,
    /// How much it matters.
    pub severity: Severity,
    /// Why, as stable kebab-case names.
    pub reasons: BTreeSet<&'static str>,
    /// The known ways to more access that it completes, those that win most first.
    pub completes: Vec<Completes>,
    /// Where the rules that make the difference stand, first side and second side.
    pub origins: Origins,
    /// One concrete request in the region; none where nothing concrete can be told.
    pub witness: Option<Witness>,
}

/// A known way to turn permissions into more than they say, to which a gain adds what was missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Completes {
    /// Its stable name.
    pub method: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// An address where it is described.
    pub source: &'static str,
    /// Where the rules stand on the second side that give the rest of it; none where the gain gives all of it.
    pub with: BTreeSet<Place>,
}

/// Places on both sides.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origins {
    /// In the base.
    pub base: BTreeSet<Place>,
    /// In the head.
    pub head: BTreeSet<Place>,
}

/// One concrete request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
pub struct Witness {
    /// Who acts.
    pub principal: String,
    /// What is done.
    pub action: String,
    /// On what.
    pub resource: String,
    /// What has to be sent with it: values by condition key, in the spelling of the file. A key that is not here is not in the request.
    pub context: BTreeMap<String, Vec<String>>,
    /// What has to be true besides and cannot be said by values, such as an Allow in another policy, and whether it is.
    pub facts: BTreeMap<String, bool>,
}

/// A part of a file that is about access and cannot be read or told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Opaque {
    /// Whose access it is about, as far as that is known.
    pub holder: Arc<str>,
    /// Where that access would hold.
    pub realm: Arc<str>,
    /// SHA-256 of the part, in hexadecimal; an approval of something undecided binds to it.
    pub digest: String,
    /// Why it cannot be told, in one sentence.
    pub why: String,
    /// Where it stands. Two sides compare without it.
    pub place: Place,
}
