//! The report of a replay for people.

use super::super::shown::shown;
use super::super::terminal::{FAINT, GAINED, HOLDER, LOST, UNDECIDED, line};
use super::super::words::count;
use super::{ReplayReport, Replayed};
use anstyle::Style;

/// Past this many changes a list is counted and not read.
const MOST_LISTED: usize = 10;

/// Past this many reasons the first ones tell enough.
const MOST_REASONS: usize = 3;

/// How many hexadecimal digits tell commits apart.
const SHORT: usize = 10;

/// The report.
pub fn text(report: &ReplayReport) -> String {
    let mut text = String::new();
    heading(report, &mut text);
    outcomes(report, &mut text);
    changes(&List { title: "Newly blocked", style: LOST.bold(), indices: &report.newly_blocked, why: by_rules }, report, &mut text);
    changes(&List { title: "Newly allowed", style: GAINED, indices: &report.newly_allowed, why: by_rules }, report, &mut text);
    let deadlocks = "Deadlocks: too few people may approve";
    changes(&List { title: deadlocks, style: LOST.bold(), indices: &report.deadlocks, why: by_rules }, report, &mut text);
    let undecided = "Undecided: some part cannot be told from the files";
    changes(&List { title: undecided, style: UNDECIDED, indices: &report.undecided, why: |change| &change.undecided }, report, &mut text);
    needs(report, &mut text);
    rules(report, &mut text);
    failed(report, &mut text);
    line(&mut text, format_args!("\n{HOLDER}What replay assumes{HOLDER:#}"));
    for sentence in &report.assumed {
        line(&mut text, format_args!("  {FAINT}{}{FAINT:#}", shown(sentence)));
    }
    text
}

fn heading(report: &ReplayReport, text: &mut String) {
    let history = &report.history;
    let day = |date: &Option<String>| date.as_deref().and_then(|date| date.get(..10)).unwrap_or("?").to_owned();
    let dates = if history.commits == 0 { String::new() } else { format!(", {} to {}", day(&history.oldest), day(&history.newest)) };
    let resumed = if history.resumed == 0 { String::new() } else { format!("; {} of them judged in an earlier run", history.resumed) };
    let end = match history.end {
        "limit" => "; there may be more within the dates",
        "shallow" => "; the clone is shallow, and what came before is not in it",
        "root" => "; history begins there",
        _ => "",
    };
    line(text, format_args!("{HOLDER}{}{HOLDER:#}{dates}{resumed}{end}.", count(history.commits, "commit")));
    let with = match history.with_policy {
        0 => "none of them under a policy of the time".to_owned(),
        some => format!("{some} of them under a policy of the time"),
    };
    line(text, format_args!("{} of access, {with}.", count(history.changes, "change")));
}

fn outcomes(report: &ReplayReport, text: &mut String) {
    let outcomes = &report.outcomes;
    line(text, format_args!("\n{HOLDER}Under {}{HOLDER:#}", shown(&report.policy)));
    let rows = [
        (outcomes.authorized, GAINED, "nobody is asked"),
        (outcomes.waiting_for_approval, UNDECIDED, "waiting for approval"),
        (outcomes.waiting_for_window, UNDECIDED, "waiting for a window alone"),
        (outcomes.denied, LOST.bold(), "denied"),
        (outcomes.undecidable, LOST.bold(), "undecidable"),
    ];
    for (number, style, what) in rows.into_iter().filter(|(number, ..)| *number > 0) {
        line(text, format_args!("  {style}{number:>5}{style:#} {what}"));
    }
    if report.history.with_policy > 0 {
        let (asked, no_longer) = (report.newly_asked.len(), report.no_longer_asked.len());
        line(text, format_args!("  Then and now: {asked} newly asked for something, {no_longer} no longer."));
    }
}

/// Some of the changes, and what there is to say about each.
struct List<'l> {
    title: &'l str,
    style: Style,
    indices: &'l [usize],
    why: fn(&Replayed) -> &[String],
}

fn by_rules(change: &Replayed) -> &[String] {
    &change.reasons
}

fn changes(list: &List<'_>, report: &ReplayReport, text: &mut String) {
    let List { title, style, indices, why } = list;
    if indices.is_empty() {
        return;
    }
    line(text, format_args!("\n{style}{title}:{style:#} {}", indices.len()));
    for change in indices.iter().filter_map(|index| report.changes.get(*index)).take(MOST_LISTED) {
        let (commit, day) = (change.commit.get(..SHORT).unwrap_or_default(), change.committed.get(..10).unwrap_or_default());
        line(text, format_args!("  {FAINT}{commit} {day}{FAINT:#} {}", shown(&change.subject)));
        let then = change.then.as_deref().map_or_else(String::new, |then| format!(" (then: {})", shown(then)));
        line(text, format_args!("      {}{then}", change.outcome));
        for reason in why(change).iter().take(MOST_REASONS) {
            line(text, format_args!("      {}", shown(reason)));
        }
    }
    let more = indices.len().saturating_sub(MOST_LISTED);
    if more > 0 {
        line(text, format_args!("  {FAINT}and {more} more, which `--format json` has{FAINT:#}"));
    }
}

fn needs(report: &ReplayReport, text: &mut String) {
    if report.groups.is_empty() {
        return;
    }
    line(text, format_args!("\n{HOLDER}Approvals that are needed{HOLDER:#}"));
    for need in &report.groups {
        let of = format!("{} of {}", count(need.approvals, "approval"), shown(&need.group));
        line(text, format_args!("  {of}, in {}", count(need.changes, "change")));
    }
    for person in &report.people {
        let needed = if person.needed == 0 { String::new() } else { format!(", and {} of them not without them", person.needed) };
        line(text, format_args!("  {} could approve {}{needed}", shown(&person.login), count(person.could, "change")));
    }
}

fn rules(report: &ReplayReport, text: &mut String) {
    if report.history.changes == 0 {
        return;
    }
    line(text, format_args!("\n{HOLDER}Rules, and how many changes they are about{HOLDER:#}"));
    for rule in &report.rules {
        let (style, number) = if rule.changes == 0 { (UNDECIDED, "never".to_owned()) } else { (HOLDER, rule.changes.to_string()) };
        line(text, format_args!("  {style}{number:>5}{style:#} {}  {FAINT}{}{FAINT:#}", shown(&rule.rule), shown(&rule.place)));
    }
}

fn failed(report: &ReplayReport, text: &mut String) {
    if report.failed.is_empty() {
        return;
    }
    line(text, format_args!("\n{}Could not be judged:{:#} {}", LOST.bold(), LOST.bold(), report.failed.len()));
    for failed in report.failed.iter().take(MOST_LISTED) {
        line(text, format_args!("  {FAINT}{}{FAINT:#} {}", failed.commit.get(..SHORT).unwrap_or_default(), shown(&failed.why)));
    }
}
