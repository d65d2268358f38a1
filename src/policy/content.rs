//! What a rule requires of the change and its request, besides people and time of day: that access ends, and that words are said.

use super::decision::{Outcome, RuleVerdict};
use super::file::Length;
use super::ticket::Ticket;
use super::{Evidence, select, words};
use crate::change::Entry;
use crate::systems::Kind;
use chrono::{DateTime, Utc};

const FOR_WORDS: Outcome = Outcome::Waiting { for_approval: true, until: None };

/// A ticket that the title or the description names.
pub(super) fn judge_ticket(ticket: Option<&Ticket>, evidence: &Evidence<'_>, verdict: &mut RuleVerdict) -> Option<String> {
    let ticket = ticket?;
    let proposal = evidence.proposal;
    let texts = [proposal.and_then(|proposal| proposal.title.as_deref()), proposal.and_then(|proposal| proposal.description.as_deref())];
    if let Some(found) = texts.iter().flatten().find_map(|text| ticket.find(text)) {
        return Some(format!("ticket `{found}`"));
    }
    if texts.contains(&None) {
        verdict.outcome = verdict.outcome.and(Outcome::Undecidable);
        return Some("it is not known what the change request says in its title and description".to_owned());
    }
    verdict.outcome = verdict.outcome.and(FOR_WORDS);
    verdict.to_do.push(format!("name a ticket `{ticket}` in the title or in the description of the change request"));
    Some(format!("neither title nor description name a ticket `{ticket}`"))
}

/// A description that says something.
pub(super) fn judge_reason(is_asked: bool, evidence: &Evidence<'_>, verdict: &mut RuleVerdict) -> Option<String> {
    if !is_asked {
        return None;
    }
    let Some(description) = evidence.proposal.and_then(|proposal| proposal.description.as_deref()) else {
        verdict.outcome = verdict.outcome.and(Outcome::Undecidable);
        return Some("it is not known what the change request says in its description".to_owned());
    };
    if description.chars().any(char::is_alphanumeric) {
        return Some("the description says why".to_owned());
    }
    verdict.outcome = verdict.outcome.and(FOR_WORDS);
    verdict.to_do.push("say why in the description of the change request".to_owned());
    Some("the description does not say why".to_owned())
}

/// An end to all that is gained. What cannot be told may have none.
pub(super) fn judge_duration(longest: Option<Length>, evidence: &Evidence<'_>, verdict: &mut RuleVerdict) -> Option<String> {
    let longest = longest?;
    let last = longest.after(evidence.now);
    let question = &evidence.question;
    let own = verdict.applies.entries.iter().filter_map(|index| question.change.get(*index)).filter(|entry| entry.kind != Kind::Lost);
    let over = question.over.iter().filter(|over| verdict.applies.over_ceiling.contains(&over.role)).flat_map(|over| &over.entries);
    let both = question.both.iter().filter(|both| verdict.applies.both.contains(&both.pair)).flat_map(|both| &both.entries);
    let lasting: Vec<&Entry> = own.chain(over).chain(both).filter(|entry| !ends(entry, last)).collect();
    if lasting.is_empty() {
        return Some(format!("all of it ends within {longest}"));
    }
    verdict.outcome = verdict.outcome.and(Outcome::Denied);
    verdict.ends_by = Some(last);
    verdict.to_do.push(format!("let what is gained end by {}, by a condition that ends it", last.format("%Y-%m-%dT%H:%M:%SZ")));
    Some(format!("nothing ends this within {longest}: {}", words::entries(lasting)))
}

/// Whether something ends the access by then.
fn ends(entry: &Entry, last: DateTime<Utc>) -> bool {
    let end = entry.region.expires.as_deref().and_then(select::instant);
    entry.kind != Kind::Undecided && end.is_some_and(|end| end <= last)
}
