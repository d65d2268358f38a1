//! What people read on a terminal. Styles are always written; whoever prints strips them where there is no terminal.

use super::remark::remark;
use super::shown::shown;
use super::words::{self, Voice};
use crate::change::{Entry, short_id};
use crate::diagnostic::Diagnostic;
use crate::policy::{Outcome, RuleVerdict};
use crate::systems::{Kind, Region};
use anstyle::{AnsiColor, Style};
use std::fmt::Write;

pub(super) const GAINED: Style = AnsiColor::Green.on_default().bold();
pub(super) const LOST: Style = AnsiColor::Red.on_default();
pub(super) const UNDECIDED: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const HOLDER: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();

pub(super) const VOICE: Voice = Voice { name: shown, title: quoted, sentence: shown };

fn quoted(title: &str) -> String {
    format!("\"{}\"", shown(title))
}

/// The change: whose access, what of it, where, and one request as an example; with the name of each part if `ids`.
pub fn diff(entries: &[Entry], vacuous: &[Entry], diagnostics: &[Diagnostic], ids: bool) -> String {
    let mut text = String::new();
    remarks(diagnostics, &mut text);
    if !entries.is_empty() {
        parts(entries, ids, &mut text);
    }
    line(&mut text, format_args!("{}", words::summary(entries)));
    left_out(vacuous, &mut text);
    known(entries, vacuous, &mut text);
    text
}

/// What is no difference although the rules differ.
pub(super) fn left_out(vacuous: &[Entry], text: &mut String) {
    if let Some(left_out) = words::left_out(vacuous) {
        line(text, format_args!("{left_out}"));
    }
}

/// By which knowledge.
pub(super) fn known(entries: &[Entry], vacuous: &[Entry], text: &mut String) {
    if let Some(known) = words::knowledge(entries, vacuous) {
        line(text, format_args!("{FAINT}{known}{FAINT:#}"));
    }
}

/// The parts of a change, by holder.
pub fn changes(entries: &[Entry], text: &mut String) {
    parts(entries, false, text);
}

fn parts(entries: &[Entry], ids: bool, text: &mut String) {
    let mut current = None;
    for entry in in_order(entries) {
        let holder = (&entry.region.holder, &entry.region.realm);
        if current != Some(holder) {
            current = Some(holder);
            heading(&entry.region, text);
        }
        part(entry, text);
        if ids {
            line(text, format_args!("      {FAINT}id:{FAINT:#} {}", short_id(entry)));
        }
    }
    text.push('\n');
}

/// The parts of a change in the order in which people see and count them.
pub fn in_order(entries: &[Entry]) -> Vec<&Entry> {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by_key(|entry| (&entry.region.holder, &entry.region.realm, entry.kind, std::cmp::Reverse(entry.region.severity)));
    sorted
}

/// The remarks, each with its place and what to do.
pub fn remarks(diagnostics: &[Diagnostic], text: &mut String) {
    text.extend(diagnostics.iter().map(remark));
}

/// An empty line stands between two holders, never before the first.
pub(super) fn heading(region: &Region, text: &mut String) {
    if !text.is_empty() && !text.ends_with("\n\n") {
        text.push('\n');
    }
    let realm = if region.realm.is_empty() { String::new() } else { format!("  {FAINT}in {}{FAINT:#}", shown(&region.realm)) };
    line(text, format_args!("{HOLDER}{}{HOLDER:#}{realm}", shown(&region.holder)));
}

pub(super) fn part(entry: &Entry, text: &mut String) {
    let region = &entry.region;
    let (sign, style) = match entry.kind {
        Kind::Gained => ("+", GAINED),
        Kind::Lost => ("-", LOST),
        Kind::Undecided => ("?", UNDECIDED),
    };
    let others = words::others(region, VOICE).map_or_else(String::new, |others| others + " ");
    let verb = words::verb(entry.kind);
    line(text, format_args!("  {style}{sign} {others}{verb}{style:#} {}", words::access(region, VOICE)));
    for (label, value) in words::details(entry, VOICE) {
        line(text, format_args!("      {FAINT}{label}:{FAINT:#} {value}"));
    }
}

/// Lines of our own text, in which everything that a user wrote is made visible; what they wrote begins no line.
pub fn visible(lines: &[String]) -> String {
    lines.iter().map(|line| shown(line)).collect::<Vec<_>>().join("\n")
}

pub(super) fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{arguments}");
}

/// In which colours an outcome is said.
pub(super) fn style(outcome: Outcome) -> Style {
    match outcome {
        Outcome::Authorized => GAINED,
        Outcome::Waiting { .. } => UNDECIDED,
        Outcome::Denied | Outcome::Undecidable => LOST.bold(),
    }
}

/// Whether the rule has what it asks; or that it is not asked, because somebody broke the glass.
pub(super) fn sign(verdict: &RuleVerdict) -> &'static str {
    match (verdict.lifted, verdict.is_satisfied()) {
        (true, _) => "!",
        (false, true) => "✓",
        (false, false) => "✗",
    }
}

/// One part of a change in a line.
pub(super) fn about(entry: &Entry) -> String {
    let region = &entry.region;
    let kind = match entry.kind {
        Kind::Gained => "gained",
        Kind::Lost => "lost",
        Kind::Undecided => "undecided",
    };
    let list = |items: &[String], except: &[String]| match except {
        [] => items.join(", "),
        except => format!("{} (except {})", items.join(", "), except.join(", ")),
    };
    let actions = list(&region.actions, &region.except_actions);
    shown(&format!("{kind} {}: {actions} on {}", region.holder, list(&region.resources, &region.except_resources)))
}
