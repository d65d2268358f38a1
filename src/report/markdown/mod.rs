//! The comment on a pull or merge request, in the Markdown that both GitHub and GitLab read. It begins with a marker, by which it is found
//! again to be edited in place; nothing that somebody else wrote begins a line, so that no line is a command to a bot.

mod fold;
mod text;

use super::decided::Decided;
use super::words::{self, Voice};
use crate::change::Entry;
use crate::diagnostic::{Diagnostic, Severity as Weight};
use crate::policy::{Exclusion, Outcome, RuleVerdict};
use crate::systems::{Kind, Severity};
use fold::{Item, Section};
use std::cmp::Reverse;
use text::code;
pub(super) use text::prose;
use text::suggested;

/// The first line. Its version changes with the meaning of what follows, so that an older comment can be told from a newer one.
pub const MARKER: &str = "<!-- countersign v1 -->";

/// GitHub refuses a comment of more than 65,536 characters. What the sections below may take, with their titles, stays under it in bytes.
pub const MOST_BYTES: usize = 65_536;

/// GitHub refuses the summary of a step of more than 1 MiB.
pub const MOST_SUMMARY: usize = 1 << 20;

const VOICE: Voice = Voice { name: code, title: code, sentence: prose };

const ASKED: Section = Section { what: "rule", in_sight: 8, most_bytes: 18_000 };
const GAINED: Section = Section { what: "part", in_sight: 8, most_bytes: 20_000 };
const LOST: Section = Section { what: "part", in_sight: 0, most_bytes: 8_000 };
const REMARKS: Section = Section { what: "remark", in_sight: 0, most_bytes: 6_000 };
const EXCLUDED: Section = Section { what: "person", in_sight: 0, most_bytes: 3_000 };
const AT_A_LINE: Section = Section { what: "part", in_sight: 4, most_bytes: 20_000 };
const EDITED: Section = Section { what: "file", in_sight: 20, most_bytes: 3_000 };

/// A change.
pub fn diff(entries: &[Entry], vacuous: &[Entry], diagnostics: &[Diagnostic]) -> String {
    let mut page = Page::new();
    if entries.is_empty() {
        page.paragraph(words::NOTHING);
    } else {
        page.paragraph(&format!("### {}", words::summary(entries)));
        page.change(entries);
    }
    page.left_out(vacuous);
    page.remarks(diagnostics);
    page.small(words::knowledge(entries, vacuous).as_slice());
    page.text
}

/// A decision.
pub fn check(decided: &Decided<'_>) -> String {
    page(decided, 1)
}

/// A decision as the summary of a step, which has room for [`MOST_SUMMARY`] bytes.
pub fn summary(decided: &Decided<'_>) -> String {
    page(decided, MOST_SUMMARY / MOST_BYTES)
}

/// That there is no decision, and why.
pub fn error(why: &str) -> String {
    format!("### ❓ The gate is closed. This change could not be judged.\n\n{}\n", prose(&words::sentence(why)))
}

fn page(decided: &Decided<'_>, room: usize) -> String {
    let decision = decided.decision;
    let mut page = Page { room, ..Page::new() };
    if decided.entries.is_empty() && decision.requirements.is_empty() {
        page.paragraph(&format!("{} {}", sign(decision.outcome), words::NOTHING));
        page.left_out(decided.vacuous);
    } else {
        page.paragraph(&format!("### {} {} {}", sign(decision.outcome), headline(decided), words::summary(decided.entries)));
        page.paragraph(&format!("**Next:** {}", prose(&decision.next_step)));
        page.asked(&decision.requirements);
        page.edited(decided.edited, decided.policy_path);
        page.change(decided.entries);
        page.left_out(decided.vacuous);
        page.excluded(&decision.exclusions);
    }
    page.remarks(decided.diagnostics);
    page.footing(decided);
    page.text
}

/// What a line gives.
pub(super) fn at_a_line(entries: &[&Entry]) -> String {
    let items = entries.iter().map(|entry| Item { above: holder(entry), text: part(entry) }).collect();
    AT_A_LINE.shown("**What this line gives**", items, 1)
}

/// A line to take instead of the one that a note stands at.
pub(super) fn suggestion(what: &str, line: &str) -> String {
    suggested(line).map_or_else(String::new, |block| format!("\n{}\n\n{block}\n", words::sentence(&prose(what))))
}

fn sign(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Authorized => "✅",
        Outcome::Waiting { .. } => "⏳",
        Outcome::Denied => "⛔",
        Outcome::Undecidable => "❓",
    }
}

/// With a capital letter and a full stop.
fn headline(decided: &Decided<'_>) -> String {
    words::sentence(&decided.decision.headline())
}

struct Page {
    text: String,
    /// For so many comments.
    room: usize,
}

impl Page {
    fn new() -> Self {
        Self { text: format!("{MARKER}\n"), room: 1 }
    }

    fn paragraph(&mut self, text: &str) {
        if !self.text.ends_with("-->\n") {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn asked(&mut self, requirements: &[RuleVerdict]) {
        self.section(&ASKED, "#### What the policy asks", requirements.iter().map(|verdict| rule(verdict).into()).collect());
    }

    /// The policy and the owners first: pipelines can be as many as somebody likes.
    fn edited(&mut self, edited: &[std::sync::Arc<str>], policy: &str) {
        let mut edited: Vec<&str> = edited.iter().map(|path| &**path).collect();
        edited.sort_by_key(|path| (*path != policy, !path.ends_with("CODEOWNERS"), !path.ends_with("countersign.yml")));
        let edited = edited.into_iter().map(|path| format!("- {}", code(path)).into()).collect();
        self.section(&EDITED, "#### Edited files of the gate itself", edited);
    }

    /// What is gained and what cannot be told, by holder; what is only lost is folded.
    fn change(&mut self, entries: &[Entry]) {
        let (lost, more): (Vec<&Entry>, Vec<&Entry>) = by_severity(entries).into_iter().partition(|entry| entry.kind == Kind::Lost);
        let items = |entries: Vec<&Entry>| entries.into_iter().map(|entry| Item { above: holder(entry), text: part(entry) }).collect();
        let title = format!("What can no longer be done: {}", words::count(lost.len(), "part"));
        if more.is_empty() {
            self.section(&GAINED, "#### What can no longer be done", items(lost));
        } else {
            self.section(&GAINED, "#### What can be done now", items(more));
            self.section(&LOST, &title, items(lost));
        }
    }

    fn excluded(&mut self, exclusions: &[Exclusion]) {
        let excluded = exclusions.iter().map(|one| format!("- {}: {}", code(&one.person.login), prose(&one.reason)).into()).collect();
        self.section(&EXCLUDED, &format!("Not counted: {}", people(exclusions.len())), excluded);
    }

    fn remarks(&mut self, diagnostics: &[Diagnostic]) {
        let mut worst: Vec<&Diagnostic> = diagnostics.iter().collect();
        worst.sort_by_key(|diagnostic| Reverse(diagnostic.severity));
        let title = format!("{} about the files", words::count(worst.len(), "remark"));
        self.section(&REMARKS, &title, worst.into_iter().map(|diagnostic| remark(diagnostic).into()).collect());
    }

    fn footing(&mut self, decided: &Decided<'_>) {
        let mut notes = Vec::from_iter(words::knowledge(decided.entries, decided.vacuous));
        if !decided.paths.is_empty() {
            notes.push(format!("{} {}.", words::ONLY_PATHS, code(&decided.paths.join(", "))));
        }
        // Where nothing is asked, nothing rests on the facts.
        if !decided.decision.requirements.is_empty() {
            notes.extend(decided.source.is_some_and(|source| !source.is_verified()).then(|| words::ADVISORY.to_owned()));
            notes.push(pins(decided));
        }
        self.small(&notes);
    }

    fn small(&mut self, notes: &[String]) {
        if !notes.is_empty() {
            self.paragraph(&format!("<sub>{}</sub>", notes.join(" ")));
        }
    }

    fn left_out(&mut self, vacuous: &[Entry]) {
        if let Some(left_out) = words::left_out(vacuous) {
            self.paragraph(&left_out);
        }
    }

    fn section(&mut self, section: &Section, title: &str, items: Vec<Item>) {
        let text = section.shown(title, items, self.room);
        if !text.is_empty() {
            self.paragraph(text.trim_end());
        }
    }
}

fn people(number: usize) -> String {
    if number == 1 { "1 person".to_owned() } else { format!("{number} people") }
}

fn pins(decided: &Decided<'_>) -> String {
    let commit = |commit: Option<&str>| commit.map(|commit| code(commit.get(..12).unwrap_or(commit)));
    let compared = match (commit(decided.commits.0), commit(decided.commits.1)) {
        (Some(base), Some(head)) => format!(" {base}…{head}"),
        _ => String::new(),
    };
    let at = decided.now.format("%Y-%m-%d %H:%M UTC");
    let digest = decided.policy_digest.get(..12).unwrap_or(decided.policy_digest);
    format!("Judged{compared} at {at} by {} ({}), countersign {}.", code(decided.policy_path), code(digest), env!("CARGO_PKG_VERSION"))
}

/// The most severe first, whatever it is.
fn by_severity(entries: &[Entry]) -> Vec<&Entry> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by_key(|entry| (Reverse(entry.region.severity), &entry.region.holder, &entry.region.realm, entry.kind));
    sorted
}

fn holder(entry: &Entry) -> String {
    let region = &entry.region;
    let realm = if region.realm.is_empty() { String::new() } else { format!(" in {}", code(&region.realm)) };
    format!("**{}**{realm}", code(&region.holder))
}

fn part(entry: &Entry) -> String {
    let region = &entry.region;
    let others = words::others(region, VOICE).map_or_else(String::new, |others| others + " ");
    let sign = match (entry.kind, region.severity) {
        (Kind::Lost, _) => "",
        (Kind::Undecided, _) => "❓ ",
        (Kind::Gained, Severity::Critical) => "🔴 ",
        (Kind::Gained, Severity::High) => "🟠 ",
        (Kind::Gained, Severity::Medium) => "🟡 ",
        (Kind::Gained, Severity::Low) => "⚪ ",
    };
    let mut text = format!("- {sign}{others}**{}** {}", words::verb(entry.kind), words::access(region, VOICE));
    for (label, value) in words::details(entry, VOICE) {
        text.extend(["\\\n  ", label, ": ", value.as_str()]);
    }
    text
}

fn rule(verdict: &RuleVerdict) -> String {
    let sign = if verdict.lifted { "🔓" } else { sign(verdict.outcome) };
    let name = verdict.rule.as_deref().map_or_else(|| words::NO_RULE.to_owned(), |name| prose(name.trim()));
    let place = verdict.place.as_ref().map(|place| format!(" ({})", code(&place.to_string()))).unwrap_or_default();
    format!("- {sign} **{name}**{place}\\\n  {}", words::sentence(&prose(&verdict.reason)))
}

fn remark(diagnostic: &Diagnostic) -> String {
    let word = match diagnostic.severity {
        Weight::Error => "error",
        Weight::Warning => "warning",
        Weight::Note => "note",
    };
    let Diagnostic { code: id, message, place, help, .. } = diagnostic;
    let help = help.as_ref().map_or_else(String::new, |help| format!("\\\n  help: {}", prose(help)));
    format!("- **{word}** ({id}) at {}: {}{help}", code(&place.to_string()), prose(message))
}
