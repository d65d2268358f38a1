//! How a change is proposed, as far as a rule asks. While nobody knows, it is perhaps as the rule says.

use super::Evidence;
use super::file::Stage;
use super::fit::Fit;
use super::overview::Overview;
use crate::proposal::{AccountKind, Proposal};
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;

/// What is known besides the change itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Around<'a> {
    pub(super) proposal: Option<&'a Proposal>,
    pub(super) now: Option<DateTime<Utc>>,
    pub(super) stage: Option<Stage>,
    /// What nobody knows is taken to be as the rule says: to see what hangs on it.
    pub(super) hopes: bool,
    /// What is worked out once.
    pub(super) overview: &'a Overview<'a>,
}

impl<'a> Around<'a> {
    /// Before the forge is asked, nothing is known.
    pub(super) fn before(overview: &'a Overview<'a>) -> Self {
        Self { proposal: None, now: None, stage: None, hopes: false, overview }
    }

    pub(super) fn of(evidence: &Evidence<'a>, overview: &'a Overview<'a>) -> Self {
        let Evidence { proposal, now, stage, .. } = *evidence;
        Self { proposal, now: Some(now), stage: Some(stage), ..Self::before(overview) }
    }
}

/// What the change request has to be like; a checked [`Circumstances`](super::file::Circumstances).
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Circumstances {
    pub(super) author_kinds: Option<Vec<AccountKind>>,
    pub(super) labels: Option<BTreeSet<String>>,
    pub(super) environments: Option<BTreeSet<String>>,
    pub(super) stage: Option<Stage>,
    pub(super) renewed: Option<u64>,
}

impl Circumstances {
    /// Whether a forge has to be asked.
    pub(super) fn asks(&self) -> bool {
        self.author_kinds.is_some() || self.labels.is_some() || self.environments.is_some() || self.renewed.is_some()
    }

    /// How far they hold.
    pub(super) fn fit(&self, around: &Around<'_>) -> Fit {
        let doubt = if around.hopes { Fit::Wholly } else { Fit::Perhaps };
        self.answers(around).map(|(answer, _)| answer.unwrap_or(doubt)).min().unwrap_or(Fit::Wholly)
    }

    /// What nobody knows of what they ask, each a part of a sentence.
    pub(super) fn unknown(&self, around: &Around<'_>) -> Vec<&'static str> {
        self.answers(around).filter(|(answer, _)| answer.is_none()).map(|(_, what)| what).collect()
    }

    /// What is asked: how far it holds, if anybody knows, and what it is.
    fn answers(&self, around: &Around<'_>) -> impl Iterator<Item = (Option<Fit>, &'static str)> {
        let proposal = around.proposal;
        let labels = || proposal?.labels.as_ref();
        let answers = [
            self.author_kinds.as_ref().map(|kinds| {
                (proposal.and_then(|proposal| fit_author(kinds, proposal)), "what kind of account proposed the change, and who wrote it")
            }),
            self.labels.as_ref().map(|wanted| {
                let has_one = labels().map(|labels| labels.iter().any(|label| wanted.contains(label)));
                (has_one.map(Fit::whether), "which labels the change request carries")
            }),
            self.environments.as_ref().map(|wanted| {
                // To GitHub `Production` is the same environment, and whoever starts a deployment writes its name.
                let is_one = |to: &String| wanted.iter().any(|one| one.eq_ignore_ascii_case(to));
                let goes_there = proposal.and_then(|proposal| proposal.environment.as_ref()).map(is_one);
                (goes_there.map(Fit::whether), "to which environment it is deployed")
            }),
            self.stage.map(|wanted| (around.stage.map(|stage| Fit::whether(stage == wanted)), "at which stage the change is")),
            self.renewed.map(|least| {
                let is_enough = proposal.and_then(|proposal| proposal.renewals).map(|times| times >= least);
                (is_enough.map(Fit::whether), "how often the access was prolonged before")
            }),
        ];
        answers.into_iter().flatten()
    }
}

/// A change that a machine opened is a machine's alone as long as nobody else wrote commits of it: whoever may push to the branch of a bot
/// is no bot for that, nor is whoever asked it for the change.
fn fit_author(kinds: &[AccountKind], proposal: &Proposal) -> Option<Fit> {
    let (is_meant, are_people) = (kinds.contains(&proposal.author_kind), kinds.contains(&AccountKind::User));
    if proposal.author_kind == AccountKind::User || is_meant == are_people {
        return Some(Fit::whether(is_meant));
    }
    let mut others = proposal.contributors.as_ref()?.iter().chain(&proposal.asked_by);
    let has_others = others.any(|person| person.id != proposal.author.id);
    Some(if has_others { Fit::Perhaps } else { Fit::whether(is_meant) })
}
