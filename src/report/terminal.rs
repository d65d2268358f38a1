//! What people read on a terminal. Styles are always written; whoever prints strips them where there is no terminal.

use super::shown::shown;
use crate::change::Entry;
use crate::diagnostic::{Diagnostic, Severity as Weight};
use crate::document::Place;
use crate::systems::{Kind, Region, Severity};
use anstyle::{AnsiColor, Style};
use std::fmt::Write;

pub(super) const GAINED: Style = AnsiColor::Green.on_default().bold();
pub(super) const LOST: Style = AnsiColor::Red.on_default();
pub(super) const UNDECIDED: Style = AnsiColor::Yellow.on_default().bold();
pub(super) const HOLDER: Style = Style::new().bold();
pub(super) const FAINT: Style = Style::new().dimmed();

/// The change: whose access, what of it, where, and one request as an example.
pub fn diff(entries: &[Entry], diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    remarks(diagnostics, &mut text);
    if entries.is_empty() {
        text.push_str("No access changed.\n");
        return text;
    }
    changes(entries, &mut text);
    line(&mut text, format_args!("{}", summary(entries)));
    text
}

/// The parts of a change, by holder.
pub fn changes(entries: &[Entry], text: &mut String) {
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by_key(|entry| (&entry.region.holder, &entry.region.realm, entry.kind, std::cmp::Reverse(entry.region.severity)));
    let mut current = None;
    for entry in sorted {
        let holder = (&entry.region.holder, &entry.region.realm);
        if current != Some(holder) {
            current = Some(holder);
            heading(&entry.region, text);
        }
        part(entry, text);
    }
    text.push('\n');
}

/// How many parts of which kind, in one line.
pub fn summary(entries: &[Entry]) -> String {
    let count = |kind| entries.iter().filter(|entry| entry.kind == kind).count();
    let worst = entries.iter().filter(|entry| entry.kind != Kind::Lost).map(|entry| entry.region.severity).max();
    let worst = worst.map_or(String::new(), |severity| format!("; the most severe is {}", severity_text(severity)));
    format!("{} gained, {} lost, {} undecided{worst}.", count(Kind::Gained), count(Kind::Lost), count(Kind::Undecided))
}

/// The remarks, each with its place and what to do.
pub fn remarks(diagnostics: &[Diagnostic], text: &mut String) {
    for diagnostic in diagnostics {
        let (word, style) = match diagnostic.severity {
            Weight::Error => ("error", LOST.bold()),
            Weight::Warning => ("warning", UNDECIDED),
            Weight::Note => ("note", FAINT),
        };
        let Diagnostic { code, message, place, .. } = diagnostic;
        line(text, format_args!("{style}{word}{style:#}[{code}]: {}", shown(message)));
        line(text, format_args!("  {FAINT}at{FAINT:#} {}", place_text(place)));
        if let Some(help) = &diagnostic.help {
            line(text, format_args!("  {FAINT}help:{FAINT:#} {}", shown(help)));
        }
    }
    if !diagnostics.is_empty() {
        text.push('\n');
    }
}

/// An empty line stands between two holders, never before the first.
fn heading(region: &Region, text: &mut String) {
    if !text.is_empty() && !text.ends_with("\n\n") {
        text.push('\n');
    }
    let realm = if region.realm.is_empty() { String::new() } else { format!("  {FAINT}in {}{FAINT:#}", shown(&region.realm)) };
    line(text, format_args!("{HOLDER}{}{HOLDER:#}{realm}", shown(&region.holder)));
}

fn part(entry: &Entry, text: &mut String) {
    let region = &entry.region;
    let (sign, verb, style) = match entry.kind {
        Kind::Gained => ("+", "can now", GAINED),
        Kind::Lost => ("-", "can no longer", LOST),
        Kind::Undecided => ("?", "may now", UNDECIDED),
    };
    line(
        text,
        format_args!(
            "  {style}{sign} {}{style:#} {} on {}",
            subject(entry, verb),
            what(region),
            list(&region.resources, &region.except_resources)
        ),
    );
    if let Some(condition) = &region.condition {
        detail(text, "when", &shown(condition));
    }
    if let Some(until) = &region.expires {
        detail(text, "until", &shown(until));
    }
    if let Some(provided) = &region.provided {
        detail(text, if entry.kind == Kind::Undecided { "because" } else { "provided that" }, &shown(provided));
    }
    if entry.kind != Kind::Lost {
        let reasons = region.reasons.iter().copied().collect::<Vec<_>>().join(", ");
        let because = if reasons.is_empty() { String::new() } else { format!(" ({reasons})") };
        detail(text, "severity", &format!("{}{because}", severity_text(region.severity)));
    }
    if let Some(witness) = &region.witness {
        detail(text, "for example", &format!("{} {} {}", shown(&witness.principal), shown(&witness.action), shown(&witness.resource)));
    }
    let (base, head) = (&region.origins.base, &region.origins.head);
    let places: Vec<String> =
        head.iter().map(place_text).chain(base.iter().map(|place| format!("{} (before)", place_text(place)))).take(6).collect();
    if !places.is_empty() {
        detail(text, "at", &places.join(", "));
    }
}

/// Who is meant is said only where it is not the holder itself.
fn subject(entry: &Entry, verb: &str) -> String {
    let region = &entry.region;
    match region.principals.as_slice() {
        [one] if *one == *region.holder && region.except_principals.is_empty() => verb.to_owned(),
        principals => format!("{} {verb}", list(principals, &region.except_principals)),
    }
}

fn what(region: &Region) -> String {
    list(&region.actions, &region.except_actions)
}

/// Past this many a list is counted and not read.
const MOST_LISTED: usize = 12;

fn list(items: &[String], except: &[String]) -> String {
    let some = |items: &[String]| {
        let mut listed = items.iter().take(MOST_LISTED).map(|item| shown(item)).collect::<Vec<_>>().join(", ");
        if items.len() > MOST_LISTED {
            // Writing to a string cannot fail.
            let _ = write!(listed, " and {} more", items.len() - MOST_LISTED);
        }
        listed
    };
    if except.is_empty() { some(items) } else { format!("{} (except {})", some(items), some(except)) }
}

fn detail(text: &mut String, label: &str, value: &str) {
    line(text, format_args!("      {FAINT}{label}:{FAINT:#} {value}"));
}

/// Lines of our own text, in which everything that a user wrote is made visible; what they wrote begins no line.
pub fn visible(lines: &[String]) -> String {
    lines.iter().map(|line| shown(line)).collect::<Vec<_>>().join("\n")
}

/// The severity as a word.
pub fn severity_text(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

fn place_text(place: &Place) -> String {
    let path = shown(&place.path);
    if place.line == 0 { path } else { format!("{path}:{}:{}", place.line, place.column) }
}

pub(super) fn line(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{arguments}");
}
