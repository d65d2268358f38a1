//! What has to be known before a decision: what the rules require of a change, and the facts that they will ask about.

use super::circumstances::Around;
use super::fit::Fit;
use super::glass::BreakGlass;
use super::overview::Overview;
use super::requirement::{self, Ask};
use super::select::parts;
use super::window::Window;
use super::{Asks, Question, Rule};
use crate::systems::Kind;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The facts that the rules will ask about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Who wrote the change, and who reviewed it.
    pub reviews: bool,
    /// Whose members are asked.
    pub groups: BTreeSet<Arc<str>>,
    /// Which teams of the forge these groups are.
    pub teams: BTreeSet<Arc<str>>,
    /// Which labels are asked for.
    pub labels: BTreeSet<String>,
    /// Which windows are looked at.
    pub windows: BTreeSet<Arc<str>>,
    /// Which of them heed the freezes that the forge has for the project.
    pub freezes: BTreeSet<Arc<str>>,
    /// The environments that the parts of the change come from, as far as a rule applies to them.
    pub environments: BTreeSet<Arc<str>>,
    /// How the change is proposed, and what its request says.
    pub request: bool,
    /// Which changes passed by break-glass or went round the gate.
    pub overrides: bool,
}

impl Needs {
    /// Whether the forge has to be asked.
    pub fn proposal(&self) -> bool {
        self.reviews || self.request || self.overrides || !self.freezes.is_empty() || !self.labels.is_empty()
    }
}

/// What has to be known before [`evaluate`](super::evaluate); of a change that no rule requires anything of, nothing.
pub fn needs(question: &Question<'_>) -> Needs {
    let overview = Overview::of(question);
    let around = Around::before(&overview);
    let asks = asks(question, &around);
    let groups = requirement::groups(&asks);
    let entries: BTreeSet<usize> = asks.iter().flat_map(|ask| ask.applies().entries.iter().copied()).collect();
    let regions = entries.into_iter().filter_map(|index| question.change.get(index)).map(|entry| &entry.region.origins);
    let places = regions.flat_map(|origins| origins.base.iter().chain(&origins.head));
    let hangs = |rule: &Rule| rule.circumstances.asks() && !parts(rule, question, &around, Fit::Perhaps).is_empty();
    let overrides = question.policy.break_glass.is_some() && widens(question);
    let glass = question.policy.break_glass.iter().filter(|_| overrides).flat_map(BreakGlass::groups);
    let teams = groups.iter().chain(glass).filter_map(|group| question.policy.teams.get(group)).cloned().collect();
    let windows = requirement::windows(&asks);
    let heeds = |name: &Arc<str>| question.policy.windows.get(name).is_some_and(Window::heeds_freezes);
    Needs {
        freezes: windows.iter().filter(|name| heeds(name)).cloned().collect(),
        windows,
        reviews: !groups.is_empty() || overrides,
        groups,
        teams,
        labels: requirement::labels(&asks),
        environments: places.filter_map(|place| overview.environment_of(&place.path, question.policy)).map(Into::into).collect(),
        request: requirement::ask_for_words(&asks) || question.policy.rules.iter().any(hangs),
        overrides,
    }
}

/// Whether there is more in it than losses.
pub(super) fn widens(question: &Question<'_>) -> bool {
    question.change.iter().any(|entry| entry.kind != Kind::Lost) || !question.edited.is_empty()
}

/// Everything that is required of this change, by the names of the rules.
pub(super) fn asks(question: &Question<'_>, around: &Around<'_>) -> Vec<Ask> {
    let asked = question.policy.rules.iter().filter_map(|rule| match &rule.asks {
        Asks::Require(requirement) => Some(Ask::new(rule, requirement, parts(rule, question, around, Fit::Perhaps))),
        _ => None,
    });
    asked.filter(|ask| !ask.applies().is_empty()).collect()
}
