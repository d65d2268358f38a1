//! What the policy file asks of a change, and what that means for one change at one instant. Pure: no IO and no clock.
//!
//! ```text
//! countersign.yml ─► file (as written) ─► check ─► Policy ─┐
//! change, over ceilings, edited gate files ────────────────┴► Question ─► select ─► needs ─► the forge is asked
//! proposal, reviewed contents, now ─────────────────────────► Evidence ─► approval ─► quorum ─► decide ─► Decision
//! ```
//!
//! | file | what it knows |
//! |---|---|
//! | `file` | the keys of the policy file, and their reference |
//! | `check` | what the names in it mean; everything that is wrong with them |
//! | `include`, `packs` | a policy that is made of several files, and those that come with us |
//! | `delegation` | who decides about which directory |
//! | `filters` | patterns of rules as sides of the comparison |
//! | `select` | which parts of a change a rule is about |
//! | `circumstances` | how a change is proposed, as far as a rule asks |
//! | `overview` | what is worked out once of a change, for all rules |
//! | `approval` | whose approval counts, and why somebody's does not |
//! | `quorum` | one assignment of distinct people to all that is asked, and the fewest who are missing |
//! | `decide`, `requirement`, `content` | the verdict of each rule, and the decision |
//! | `glass` | what passes by break-glass, and the reviews that are owed |
//! | `decision` | what is decided, for whoever shows or attests it |
//! | `cases` | what a policy is expected to say of changes, in a file beside it |
//! | `outline` | the rules by name, and which of them decide |
//! | `suppose` | facts that somebody supposes, to ask what would be |
//! | `next_step`, `words` | sentences |
//! | `starter` | a policy to begin with, made from what a repository holds |
//! | `window` | when a deployment may start |
//!
//! The gate goes this way: [`Draft::read`], the people file if [`Draft::people_file`] names one, the [`Draft::calendar_files`], each
//! given by [`Draft::with_calendar`], the policies of directories by [`Draft::with_nested`], [`Draft::check`]; `change::compare`
//! with [`Policy::filters`]; `change::beyond` for every [`Policy::ceilings`], reduced by [`Ceiling::over`]; [`needs`]; [`evaluate`].

mod approval;
pub mod cases;
mod check;
mod circumstances;
mod content;
mod decide;
mod decision;
pub mod delegation;
pub mod file;
mod filters;
mod fit;
mod found;
mod glass;
pub mod include;
mod needs;
mod next_step;
mod outline;
mod overview;
pub mod packs;
mod quorum;
mod requirement;
mod select;
pub mod starter;
pub mod suppose;
#[cfg(test)]
mod tests;
mod ticket;
pub mod window;
mod words;

pub use check::{Checked, Draft, FAMILIES, Family, Known, Nested, REASONS, Repository};
pub use decide::evaluate;
pub use decision::{Decision, Exception, Exclusion, Lifted, Outcome, RuleVerdict, Seated, Silent, Wanted};
pub use file::{Mode, Stage};
pub use needs::{Needs, needs};
pub use outline::RuleOutline;
pub use select::Parts;

use crate::access::Glob;
use crate::change::{Entry, Filter};
use crate::document::{Node, Place, schema_of};
use crate::proposal::{Content, Person, Proposal, ReviewedContent};
use crate::systems::{aws, github};
use chrono::{DateTime, Utc};
use circumstances::Circumstances;
use delegation::{Delegation, is_misnamed, is_policy};
use fit::Fit;
use glass::BreakGlass;
use globset::GlobSet;
use requirement::Requirement;
use schemars::JsonSchema;
use select::Trigger;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use window::Window;

/// A policy in which every name means something. Made by [`Draft::check`].
#[derive(Clone, Debug)]
pub struct Policy {
    mode: Mode,
    sites: Vec<SiteRule>,
    everybody: BTreeSet<Person>,
    /// Members of each group, by id.
    groups: BTreeMap<Arc<str>, BTreeSet<Person>>,
    /// Which team of the forge a group is, by the group.
    teams: BTreeMap<Arc<str>, Arc<str>>,
    ceilings: Vec<Ceiling>,
    /// By name.
    rules: Vec<Rule>,
    windows: BTreeMap<Arc<str>, Window>,
    filters: Vec<Filter>,
    break_glass: Option<BreakGlass>,
    delegations: Vec<Delegation>,
    /// The directories that have a policy of their own.
    nested: BTreeSet<Arc<str>>,
    /// The files that this policy and those of directories are made of besides: what they include, the people file and calendars.
    included: BTreeSet<Arc<str>>,
}

/// One entry of `where:`.
#[derive(Clone, Debug)]
struct SiteRule {
    globs: GlobSet,
    says: Site,
    /// `None` says nothing, and leaves what an entry before it said.
    ignore: Option<bool>,
}

#[derive(Clone, Debug)]
struct Rule {
    name: Arc<str>,
    place: Place,
    /// The directory whose policy it stands in; none for the root's.
    directory: Option<Arc<str>>,
    when: Vec<Trigger>,
    circumstances: Circumstances,
    asks: Asks,
}

impl Rule {
    /// Whether it applies however the change is proposed.
    fn is_unconditional(&self) -> bool {
        self.circumstances == Circumstances::default()
    }
}

#[derive(Clone, Debug)]
enum Asks {
    Require(Requirement),
    Deny(String),
    Nothing,
}

/// What the policy knows of a file besides its content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Site {
    /// The realm of what holds there.
    pub realm: Option<Arc<str>>,
    /// Who has what is there, where the file does not tell.
    pub holder: Option<Arc<str>>,
    /// How an AWS policy is attached, where the file does not tell.
    pub slot: Option<aws::Slot>,
    /// What the token of a workflow may do where no file says it.
    pub default_token: Option<github::Level>,
    /// The id of the format that the file has to be of.
    pub format: Option<Arc<str>>,
    /// The environment that the file is about.
    pub environment: Option<Arc<str>>,
    /// The file is no permission file.
    pub ignore: bool,
}

/// The most that the holders of a role may have.
#[derive(Clone, Debug)]
pub struct Ceiling {
    /// The name of the role.
    pub role: Arc<str>,
    /// Where the role is written.
    pub place: Place,
    /// A mapping from systems to what is written in their notation; nothing in a system that is not in it.
    pub written: Node,
    holders: Vec<Glob>,
    realm: Option<Glob>,
}

impl Ceiling {
    /// Whether that holder in that realm has the role, or is a group in which whoever has it may be.
    pub fn holds(&self, holder: &str, realm: &str) -> bool {
        select::fit_holders(&self.holders, holder) > Fit::No && self.realm.as_ref().is_none_or(|glob| glob.matches_text(realm))
    }

    /// What is over the ceiling, of what `change::beyond` found for it.
    pub fn over(&self, beyond: Vec<Entry>) -> Over {
        let entries = beyond.into_iter().filter(|entry| self.holds(&entry.region.holder, &entry.region.realm)).collect();
        Over { role: Arc::clone(&self.role), entries }
    }
}

/// What the holders of a role gain over its ceiling. Empty says that it was worked out, and is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Over {
    /// The name of the role.
    pub role: Arc<str>,
    /// What is over.
    pub entries: Vec<Entry>,
}

/// Two roles that one holder may not have together, by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair(pub [Arc<str>; 2]);

impl std::fmt::Display for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self([one, other]) = self;
        write!(f, "`{one}` and `{other}`")
    }
}

/// What is gained by holders who have something of both roles after the change. Empty says that it was worked out, and is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Both {
    /// The roles.
    pub pair: Pair,
    /// What is gained.
    pub entries: Vec<Entry>,
}

/// What the policy is asked about: known without any forge.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The policy, from the base side.
    pub policy: &'a Policy,
    /// The change, compared with the policy's filters.
    pub change: &'a [Entry],
    /// What is over the ceilings: one for each role whose holders gain anything.
    pub over: &'a [Over],
    /// What gives holders something of two roles: one for each of [`Policy::pairs`].
    pub both: &'a [Both],
    /// The gate's own files that the change edits, creates or deletes.
    pub edited: &'a [Arc<str>],
}

/// Everything that a decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// What is asked.
    pub question: Question<'a>,
    /// The facts of the change request, as far as anybody knows them.
    pub proposal: Option<&'a Proposal>,
    /// How the content of each review compares with today's. A review that is not here is of an unknown content.
    pub reviewed: &'a [ReviewedContent],
    /// The instant of the decision.
    pub now: DateTime<Utc>,
    /// Where the change stands.
    pub stage: Stage,
    /// Before a deployment, how what landed compares with what was authorized; `None` says that nobody compared them.
    pub landed: Option<&'a Content>,
    /// What landed before and has no authorization, in a half-sentence each.
    pub missing: &'a [String],
}

/// How much a policy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Contents {
    /// Rules.
    pub rules: usize,
    /// Windows.
    pub windows: usize,
    /// Roles.
    pub roles: usize,
    /// People who are in some group.
    pub people: usize,
    /// Groups.
    pub groups: usize,
}

impl Policy {
    /// The policy with the members that the forge has for each team. A team of which it does not say who is in it stays one that nobody
    /// is in, and what asks for it is undecidable.
    #[must_use]
    pub fn with_teams(mut self, members: &BTreeMap<String, Vec<Person>>) -> Self {
        for (group, team) in &self.teams {
            let people = members.get(&**team).into_iter().flatten().cloned();
            self.groups.entry(Arc::clone(group)).or_default().extend(people);
        }
        self
    }

    /// The policy with the freezes that the forge has for the project, around an instant. A window that heeds them, and of which they are
    /// not known, is open to nobody.
    #[must_use]
    pub fn with_freezes(mut self, facts: &Proposal, now: DateTime<Utc>) -> Self {
        let unknown = || facts.unknown.freezes.as_deref().unwrap_or("the facts do not say it");
        for window in self.windows.values_mut() {
            window.with_freezes(facts.freezes.as_ref().ok_or_else(unknown), now);
        }
        self
    }

    /// How much it holds.
    pub fn contents(&self) -> Contents {
        let people: BTreeSet<u64> = self.groups.values().flatten().map(|person| person.id).collect();
        let Self { rules, windows, ceilings, groups, .. } = self;
        Contents { rules: rules.len(), windows: windows.len(), roles: ceilings.len(), people: people.len(), groups: groups.len() }
    }

    /// The teams of the forge that groups are.
    pub fn teams(&self) -> impl Iterator<Item = &Arc<str>> {
        self.teams.values()
    }

    /// The environments that it names: of files, and of deployments.
    pub fn environments(&self) -> BTreeSet<&str> {
        let of_files = self.sites.iter().filter_map(|site| site.says.environment.as_deref());
        let of_rules = self.rules.iter().flat_map(|rule| rule.circumstances.environments.iter().flatten());
        of_files.chain(of_rules.map(String::as_str)).collect()
    }

    /// Whether decisions close the gate.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// What is known of a file. Every entry of `where:` that matches its path adds to what the ones before it say, or replaces it, key
    /// by key: general entries first, exceptions after them.
    pub fn site_of(&self, path: &str) -> Site {
        self.sites.iter().filter(|rule| rule.globs.is_match(path)).fold(Site::default(), |site, rule| Site {
            realm: rule.says.realm.clone().or(site.realm),
            holder: rule.says.holder.clone().or(site.holder),
            slot: rule.says.slot.or(site.slot),
            default_token: rule.says.default_token.or(site.default_token),
            format: rule.says.format.clone().or(site.format),
            environment: rule.says.environment.clone().or(site.environment),
            ignore: rule.ignore.unwrap_or(site.ignore),
        })
    }

    /// The environment of [`Policy::site_of`].
    fn environment_of(&self, path: &str) -> Option<&str> {
        let says = |rule: &SiteRule| rule.says.environment.is_some() && rule.globs.is_match(path);
        self.sites.iter().rev().find(|rule| says(rule)).and_then(|rule| rule.says.environment.as_deref())
    }

    /// The sides that cut a change, by number.
    pub fn filters(&self) -> &[Filter] {
        &self.filters
    }

    /// The ceilings of all roles, by name.
    pub fn ceilings(&self) -> &[Ceiling] {
        &self.ceilings
    }

    /// The pairs of roles that some rule asks about.
    pub fn pairs(&self) -> BTreeSet<&Pair> {
        let triggers = self.rules.iter().flat_map(|rule| &rule.when);
        triggers.filter_map(|trigger| if let Trigger::Both(pair) = trigger { Some(pair) } else { None }).collect()
    }

    /// The windows, by name.
    pub fn windows(&self) -> impl Iterator<Item = (&str, &Window)> {
        self.windows.iter().map(|(name, window)| (&**name, window))
    }

    /// Whether a file is one of the gate's own because the policy says so: the people file, what is included, calendars, the policy of
    /// any directory that `where:` does not ignore, and what a rule's `edits` matches. The policy file itself, CODEOWNERS and the
    /// workflow that runs the gate are its own in any case; the gate knows where they are.
    pub fn watches_edits_of(&self, path: &str) -> bool {
        self.names_edits_of(path) || ((is_policy(path) || is_misnamed(path)) && !self.site_of(path).ignore)
    }

    /// Whether it is included, or a rule is about edits of it, whatever it is called.
    pub fn names_edits_of(&self, path: &str) -> bool {
        let is_matched = |trigger: &Trigger| matches!(trigger, Trigger::Edits(globs) if globs.is_match(path));
        let may_match = |rule: &&Rule| self.most_of_edit(rule, path) > Fit::No;
        self.included.contains(path) || self.rules.iter().filter(may_match).any(|rule| rule.when.iter().any(is_matched))
    }
}

/// The JSON Schema of the policy file.
pub fn schema() -> schemars::Schema {
    schema_of::<file::PolicyFile>()
}

/// The JSON Schema of a file of cases.
pub fn cases_schema() -> schemars::Schema {
    schema_of::<cases::CasesFile>()
}

/// The JSON Schema of a people file.
pub fn people_schema() -> schemars::Schema {
    schema_of::<file::PeopleFile>()
}
