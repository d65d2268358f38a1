//! What was decided, and why.

use super::file::{Length, Mode, Stage};
use super::select::Parts;
use super::window::State;
use crate::document::Place;
use crate::proposal::Person;
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// What becomes of the change. Of several the worst holds: authorized, waiting, denied, undecidable, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everything that is asked is there.
    Authorized,
    /// Something is not there yet.
    Waiting {
        /// Somebody has to approve or to label. If not, a window is closed.
        for_approval: bool,
        /// When all windows that are asked for are open; `None` if they are, or if they never are as far as anybody can see.
        until: Option<DateTime<Utc>>,
    },
    /// A rule denies it, or no rule is about it.
    Denied,
    /// Facts are missing.
    Undecidable,
}

impl Outcome {
    /// How bad it is; 0 is authorized.
    pub fn rank(self) -> u8 {
        match self {
            Self::Authorized => 0,
            Self::Waiting { .. } => 1,
            Self::Denied => 2,
            Self::Undecidable => 3,
        }
    }

    /// The worse of two; what two wait for is what both wait for.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Waiting { for_approval: a, until: first }, Self::Waiting { for_approval: b, until: second }) => {
                Self::Waiting { for_approval: a || b, until: first.max(second) }
            }
            _ if other.rank() > self.rank() => other,
            _ => self,
        }
    }

    fn exit_code(self) -> u8 {
        match self {
            Self::Authorized => 0,
            Self::Denied => 10,
            Self::Waiting { for_approval: true, .. } => 11,
            Self::Waiting { for_approval: false, .. } => 12,
            Self::Undecidable => 13,
        }
    }

    /// One or two words.
    pub fn word(self) -> &'static str {
        match self {
            Self::Authorized => "authorized",
            Self::Denied => "denied",
            Self::Waiting { for_approval: true, .. } => "waiting for approval",
            Self::Waiting { for_approval: false, .. } => "waiting for the window",
            Self::Undecidable => "undecidable",
        }
    }
}

/// A decision on one change at one instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What becomes of the change; what would become of it, in observe mode.
    pub outcome: Outcome,
    /// Whether the decision closes the gate.
    pub mode: Mode,
    /// A verdict for each rule that applies, the worst first, then by name.
    pub requirements: Vec<RuleVerdict>,
    /// Where the change stood.
    pub stage: Stage,
    /// Whose approval does not count, and who cannot approve, by id.
    pub exclusions: Vec<Exclusion>,
    /// The rules that are not about the change, by name.
    pub silent: Vec<Silent>,
    /// The fewest people who still have to approve; of a deadlock, those who could as far as anybody can.
    pub wanted: Vec<Wanted>,
    /// That the change passes otherwise than by everything that was asked before it landed, and how.
    pub exception: Option<Exception>,
    /// What to do next, in one sentence.
    pub next_step: String,
}

impl Decision {
    /// 0 authorized, 10 denied, 11 waiting for approval, 12 window closed, 13 undecidable; 0 in observe mode.
    pub fn exit_code(&self) -> u8 {
        match self.mode {
            Mode::Enforce => self.outcome.exit_code(),
            Mode::Observe => 0,
        }
    }

    /// How firmly it closes the gate: 0 where it stops nothing, as in observe mode, else how bad the outcome is.
    pub fn weight(&self) -> u8 {
        if self.exit_code() == 0 { 0 } else { self.outcome.rank() }
    }

    /// The outcome in a few words: `denied`, `observed: would be denied`, `authorized by break-glass`.
    pub fn headline(&self) -> String {
        match self.mode {
            Mode::Enforce => self.words(),
            Mode::Observe => format!("observed: would be {}", self.words()),
        }
    }

    fn words(&self) -> String {
        match &self.exception {
            None => self.outcome.word().to_owned(),
            Some(exception) => format!("{} {}", self.outcome.word(), exception.words()),
        }
    }

    /// Whether the change may pass. Never true of what is only observed, nor of what had landed before it was asked about.
    pub fn is_authorization(&self) -> bool {
        let is_prior = !matches!(self.exception, Some(Exception::Retroactive { .. }));
        self.mode == Mode::Enforce && self.outcome == Outcome::Authorized && is_prior
    }
}

/// How a change passes otherwise than by everything that was asked before it landed. It stays an exception for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exception {
    /// It could not wait.
    BreakGlass(Lifted),
    /// It had landed, round the gate, before anybody asked. What is said of it now is no prior approval.
    Retroactive {
        /// When it landed.
        landed_at: DateTime<Utc>,
    },
}

impl Exception {
    /// After `authorized`.
    fn words(&self) -> &'static str {
        match self {
            Self::BreakGlass(_) => "by break-glass",
            Self::Retroactive { .. } => "after the fact",
        }
    }
}

/// Who broke the glass, and what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifted {
    /// Who asked.
    pub requested_by: Person,
    /// Why it could not wait.
    pub reason: String,
    /// The ticket of the incident.
    pub ticket: String,
    /// Until when it holds.
    pub until: DateTime<Utc>,
    /// Who agreed.
    pub approved_by: Vec<Person>,
    /// The group that owes the review.
    pub review_from: Arc<str>,
    /// When the review is due.
    pub review_due: DateTime<Utc>,
}

/// Somebody who has to approve, and whoever can do it instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// Who, for example.
    pub person: Person,
    /// Who would do as well, while the others stay.
    pub instead: Vec<Person>,
}

/// An approval that a rule asks for, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seated {
    /// Whose people are asked.
    pub group: Arc<str>,
    /// How old it may be.
    pub max_age: Option<Length>,
    /// The groups that do not both write and approve.
    pub not_written_by: Vec<Arc<str>>,
    /// Who gave it.
    pub person: Option<Person>,
}

/// What one rule says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleVerdict {
    /// The name of the rule; `None` for what holds whatever the policy says.
    pub rule: Option<Arc<str>>,
    /// Where the rule is written.
    pub place: Option<Place>,
    /// The parts of the change that it applies to.
    pub applies: Arc<Parts>,
    /// What the rule alone makes of the change.
    pub outcome: Outcome,
    /// How many approvals of which group it needs.
    pub needed: Vec<(Arc<str>, usize)>,
    /// Whose approvals it has. Nobody is in two verdicts.
    pub satisfied_by: Vec<Person>,
    /// Who could give an approval that is missing, alone; none where it takes several.
    pub could: Vec<Person>,
    /// How many approvals are missing.
    pub missing: usize,
    /// Groups that together have too few people who may approve, whatever happens.
    pub deadlock: Vec<Arc<str>>,
    /// Every approval that it asks for, and whose it has.
    pub seats: Vec<Seated>,
    /// Who asks for changes, might approve here, and has not taken it back.
    pub objections: Vec<Person>,
    /// Labels that are missing.
    pub missing_labels: Vec<String>,
    /// What else whoever proposes the change can do about it, each as an order: `name a ticket …`.
    pub to_do: Vec<String>,
    /// By when all that is gained would have to end, if it does not.
    pub ends_by: Option<DateTime<Utc>>,
    /// That it is not asked because somebody broke the glass.
    pub lifted: bool,
    /// Its windows, all of which have to be open, and what each says now; by name.
    pub windows: Vec<(Arc<str>, State)>,
    /// Why, on one line.
    pub reason: String,
}

impl RuleVerdict {
    /// A verdict to which nothing has been said yet.
    pub(super) fn new(rule: Option<Arc<str>>, place: Option<Place>, applies: impl Into<Arc<Parts>>) -> Self {
        Self {
            rule,
            place,
            applies: applies.into(),
            outcome: Outcome::Authorized,
            needed: Vec::new(),
            satisfied_by: Vec::new(),
            could: Vec::new(),
            missing: 0,
            deadlock: Vec::new(),
            seats: Vec::new(),
            objections: Vec::new(),
            missing_labels: Vec::new(),
            to_do: Vec::new(),
            ends_by: None,
            lifted: false,
            windows: Vec::new(),
            reason: String::new(),
        }
    }

    /// Whether the rule has everything that it asks.
    pub fn is_satisfied(&self) -> bool {
        self.outcome == Outcome::Authorized
    }
}

/// A rule that is not about the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silent {
    /// Its name.
    pub rule: Arc<str>,
    /// Why, on one line.
    pub reason: String,
}

/// Somebody who is not counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exclusion {
    /// Who.
    pub person: Person,
    /// Why, on one line.
    pub reason: String,
}
