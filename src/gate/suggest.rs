//! Lines to take instead of those that give access: each is written, and the change compared again with it, before anybody sees it.

use super::decide::Verdict;
use super::diff::{Joined, change, not_contained};
use super::judged::{Judged, joined};
use super::{Change, Error};
use crate::change::Entry;
use crate::document::{File, Place, Syntax, parse};
use crate::formats::aws_iam::narrower::{self, Edit};
use crate::policy::Over;
use crate::report::publication::note::{self, Draft, Suggestion};
use crate::systems::{Kind, System, aws::Aws};
use crate::world::repository::{Content, Reading, Sides};
use chrono::{DateTime, DurationRound, SecondsFormat, TimeDelta, Utc};
use std::sync::Arc;

/// So many are tried: each compares the whole change again.
const MOST_TRIES: usize = 24;

/// Adds a line to take instead to each of the drafts for which one is known.
pub(super) fn suggest(judged: &Judged, verdict: &Verdict, drafts: &mut [Draft]) -> Result<(), Error> {
    let mut tries = MOST_TRIES;
    let today = together(judged, verdict, &judged.request.open()?)?;
    for draft in drafts.iter_mut().filter(|draft| draft.entry.kind == Kind::Gained).take(note::MOST) {
        let Some((content, file, place)) = origin(judged, &draft.entry)? else { continue };
        let line = Line { judged, verdict, today: &today, content: &content, file: &file, place: &place };
        for idea in ideas(verdict, &draft.entry, &file, &place) {
            if draft.suggestion.is_none() && tries > 0 {
                tries -= 1;
                draft.suggestion = line.tried(idea)?;
            }
        }
    }
    Ok(())
}

fn together(judged: &Judged, verdict: &Verdict, sides: &Sides) -> Result<Joined, Error> {
    joined(&judged.request, sides, &verdict.policy, &judged.request.rendered, &judged.request.plans)
}

/// The file that gives the access, and where in it. Only one that is kept in the notation of a policy can be edited a line at a time.
fn origin(judged: &Judged, entry: &Entry) -> Result<Option<(Content, File, Place)>, Error> {
    let place = entry.region.origins.head.iter().find(|place| place.line > 0 && place.address.is_none());
    let Some(place) = place.filter(|_| entry.system == Some(Aws::ID)) else { return Ok(None) };
    let Reading::Content(content) = judged.request.open()?.head().read(&place.path)? else { return Ok(None) };
    let syntax = if place.path.ends_with(".json") { Syntax::Json } else { Syntax::Yaml };
    let file = parse(Arc::clone(&place.path), &content.bytes, syntax, &judged.request.bounds).ok();
    Ok(file.map(|file| (content, file, place.clone())))
}

/// What might be written, and why.
struct Idea {
    edit: Edit,
    what: String,
    /// The role whose ceiling it is to keep to.
    role: Option<Arc<str>>,
}

fn ideas(verdict: &Verdict, entry: &Entry, file: &File, place: &Place) -> Vec<Idea> {
    let until = end(verdict, entry);
    let ending = until.and_then(|until| {
        let what = format!("with this, the access ends at `{}`", until.to_rfc3339_opts(SecondsFormat::Secs, true));
        Some(Idea { edit: narrower::ending(file, place, until)?, what, role: None })
    });
    let is_over = |over: &&Over| over.entries.iter().any(|over| over.region.origins.head.contains(place));
    let within = verdict.over.iter().filter(is_over).flat_map(|Over { role, .. }| {
        let ceilings = verdict.policy.ceilings.iter().filter(move |(ceiling, _)| ceiling.role == *role);
        let edits = ceilings.flat_map(|(_, access)| narrower::within(file, place, &access.aws));
        let what = format!("with this, it is no more than the role `{role}` may have");
        edits.map(move |edit| Idea { edit, what: what.clone(), role: Some(Arc::clone(role)) })
    });
    within.chain(ending).collect()
}

/// By when a rule asks it to end, to the hour: later runs of the same day then say the same.
fn end(verdict: &Verdict, entry: &Entry) -> Option<DateTime<Utc>> {
    let index = verdict.change.entries.iter().position(|other| other == entry)?;
    let asking = verdict.decision.requirements.iter().filter(|rule| rule.applies.entries.contains(&index) && !rule.lifted);
    asking.filter_map(|rule| rule.ends_by).min()?.duration_trunc(TimeDelta::hours(1)).ok()
}

/// Where something else may be written.
struct Line<'l> {
    judged: &'l Judged,
    verdict: &'l Verdict,
    today: &'l Joined,
    content: &'l Content,
    file: &'l File,
    place: &'l Place,
}

impl Line<'_> {
    /// The idea as a suggestion, if it stays in one line, gives nothing that the line does not give, and less than it, but something:
    /// nothing over the ceiling, if it is about one.
    fn tried(&self, idea: Idea) -> Result<Option<Suggestion>, Error> {
        let Some((line, text, bytes)) = applied(idea.edit, self.file) else { return Ok(None) };
        let sides = self.judged.request.open()?.supposing(&self.content.path, bytes);
        let edited = together(self.judged, self.verdict, &sides)?;
        let is_gained = |entry: &Entry| entry.kind != Kind::Lost;
        let (more, less) = (not_contained(&edited, self.today), not_contained(self.today, &edited));
        let gives_less = !more.iter().any(is_gained) && less.iter().any(is_gained);
        let is_good = gives_less && self.gives_something(&edited) && idea.role.is_none_or(|role| self.keeps_to(&role, &edited));
        Ok(is_good.then(|| Suggestion { path: Arc::clone(&self.content.path), line, text, what: idea.what }))
    }

    /// Whether it reads as well, and is still about something: no request can be about a role in a bucket.
    fn gives_something(&self, edited: &Joined) -> bool {
        let (before, after) = (&self.verdict.change, change(edited, &[]));
        let unknown = |change: &Change| change.entries.iter().filter(|entry| entry.kind == Kind::Undecided).count();
        let reads = after.diagnostics.len() <= before.diagnostics.len() && unknown(&after) <= unknown(before);
        let mut gained = after.entries.iter().filter(|entry| entry.kind == Kind::Gained);
        reads && gained.any(|entry| entry.region.origins.head.contains(self.place))
    }

    fn keeps_to(&self, role: &str, edited: &Joined) -> bool {
        let over = self.verdict.policy.over(edited);
        let mut entries = over.iter().filter(|over| *over.role == *role).flat_map(|over| &over.entries);
        !entries.any(|entry| entry.region.origins.head.contains(self.place))
    }
}

/// The line that changes, what it becomes, and the whole file with it. Nothing if it is more than a line.
fn applied(edit: Edit, file: &File) -> Option<(u32, String, Vec<u8>)> {
    let mut text = file.text().to_owned();
    let first = edit.iter().map(|(span, _)| span.start as usize).min()?;
    let lines = text.matches('\n').count();
    for (span, written) in edit {
        let meant = span.start as usize..span.end as usize;
        text.get(meant.clone())?;
        text.replace_range(meant, &written);
    }
    let (before, after) = text.split_at_checked(first)?;
    let number = before.matches('\n').count();
    let line = text.split('\n').nth(number)?.to_owned();
    let others =
        |text: &str| text.split('\n').enumerate().filter(|(at, _)| *at != number).map(|(_, line)| line.to_owned()).collect::<Vec<_>>();
    let is_one_line = after.matches('\n').count() + number == lines && others(&text) == others(file.text()) && !line.contains('\r');
    is_one_line.then_some((u32::try_from(number).ok()? + 1, line, text.into_bytes()))
}
