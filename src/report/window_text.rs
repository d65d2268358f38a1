//! What people read of windows.

use super::shown::shown;
use super::terminal::{FAINT, GAINED, HOLDER, LOST, UNDECIDED, line};
use super::window_words::{length, said, time, why, years_later};
use crate::diagnostic::Severity;
use crate::policy::window::{CELLS_A_DAY, Cell, Decides, State, Window};
use chrono::{DateTime, Utc};
use std::fmt::Write;

/// When windows are open next.
pub fn next(path: &str, windows: &[(&str, &Window)], at: DateTime<Utc>, count: u32) -> String {
    each(path, windows, |name, window, text| {
        heading(name, window, text);
        let mut openings = window.stretches(at).take(count as usize).peekable();
        if openings.peek().is_none() {
            line(text, format_args!("  {LOST}it does not open in the next five years{LOST:#}"));
        }
        for (opens, closes) in openings {
            let from = if opens == at { "now".to_owned() } else { format!("from {}", window.wall_clock(opens)) };
            let until = closes.map_or_else(
                || "and for more than five years".to_owned(),
                |closes| format!("until {} ({})", window.wall_clock(closes), length(closes.signed_duration_since(opens))),
            );
            line(text, format_args!("  {GAINED}{from}{GAINED:#} {until}"));
        }
    })
}

/// What to know before it happens.
pub fn lint(path: &str, windows: &[(&str, &Window)], at: DateTime<Utc>, years: u32) -> String {
    let period = at..years_later(at, years);
    each(path, windows, |name, window, text| {
        heading(name, window, text);
        let open = window.open_during(&period);
        let total = open.iter().map(|open| open.end.signed_duration_since(open.start)).sum();
        let times = if open.len() == 1 { "once".to_owned() } else { format!("{} times", open.len()) };
        line(text, format_args!("  open {times} until {}, {} in all", window.wall_clock(period.end), length(total)));
        week(window, at, text);
        let findings = window.lint(&period);
        text.push_str(if findings.is_empty() { "" } else { "\n" });
        for finding in findings {
            let said = said(&finding, window);
            let (style, severity) = match said.severity {
                Severity::Error => (LOST, "error"),
                Severity::Warning => (UNDECIDED, "warning"),
                Severity::Note => (FAINT, "note"),
            };
            line(text, format_args!("  {style}{severity}[{}]:{style:#} {}", said.code, shown(&said.message)));
            if said.severity > Severity::Note {
                line(text, format_args!("      {FAINT}{}{FAINT:#}", said.help));
            }
        }
    })
}

/// Why windows are open or closed at an instant.
pub fn explain(path: &str, windows: &[(&str, &Window)], at: DateTime<Utc>) -> String {
    each(path, windows, |name, window, text| {
        let state = window.at(at);
        let (style, word) = if matches!(state, State::Open { .. }) { (GAINED, "open") } else { (LOST, "closed") };
        line(text, format_args!("{HOLDER}{}{HOLDER:#} is {style}{word}{style:#} on {} ({})", shown(name), window.render(at), time(at)));
        line(text, format_args!("  {FAINT}because:{FAINT:#} {}", shown(&because(window, at))));
        let change = |instant| format!("{} ({})", window.wall_clock(instant), time(instant));
        let lines = match state {
            State::Open { since, closes } => [("since", since), ("closes", closes)],
            State::Closed { opens, .. } => [("opens", opens), ("closes", opens.and_then(|opens| window.stretches(opens).next()?.1))],
        };
        for (label, instant) in lines {
            let told = instant.map_or_else(|| "not within five years".to_owned(), change);
            line(text, format_args!("  {FAINT}{label}:{FAINT:#} {told}"));
        }
        week(window, at, text);
    })
}

fn because(window: &Window, at: DateTime<Utc>) -> String {
    match window.decides(at) {
        Decides::Closed(closed, span) => {
            format!("{} closes it from {} until {}", why(&closed), window.wall_clock(span.start), window.wall_clock(span.end))
        }
        Decides::Open(entries) => {
            let entries: Vec<String> = entries.iter().map(why).collect();
            format!("{} opens it, and nothing closes it", entries.join(" and "))
        }
        Decides::Nothing => "nothing opens it, and otherwise it is closed".to_owned(),
    }
}

fn each(path: &str, windows: &[(&str, &Window)], show: impl Fn(&str, &Window, &mut String)) -> String {
    let mut text = String::new();
    for (index, (name, window)) in windows.iter().enumerate() {
        if index > 0 {
            text.push('\n');
        }
        show(name, window, &mut text);
        if window.heeds_freezes() {
            line(
                &mut text,
                format_args!(
                    "  {UNDECIDED}the deploy freezes that the forge has for the project close it as well; nobody was asked for them{UNDECIDED:#}"
                ),
            );
        }
    }
    if windows.is_empty() {
        line(&mut text, format_args!("{} has no windows.", shown(path)));
    } else {
        line(&mut text, format_args!("\n{FAINT}{}, tz database {}{FAINT:#}", shown(path), Window::tzdb_version()));
    }
    text
}

fn heading(name: &str, window: &Window, text: &mut String) {
    line(text, format_args!("{HOLDER}{}{HOLDER:#} {FAINT}({}){FAINT:#}", shown(name), window.zone()));
}

/// A row a day, a character for half an hour.
fn week(window: &Window, at: DateTime<Utc>, text: &mut String) {
    let days = window.week(at);
    let now = if window.is_open(at) { '◆' } else { '◇' };
    let hours = (0..CELLS_A_DAY / 2).step_by(3).fold(String::new(), |mut hours, hour| {
        // Writing to a string cannot fail.
        let _ = write!(hours, "{hour:<6}");
        hours
    });
    line(text, format_args!("\n  {FAINT}{:16}{}{FAINT:#}", "", hours.trim_end()));
    for day in &days {
        let drawn = day.cells.iter().enumerate().map(|(index, cell)| if day.asked == Some(index) { now } else { drawn(*cell) });
        let cells: String = drawn.collect();
        line(text, format_args!("  {FAINT}{}{FAINT:#}  {cells}", day.date.format("%a %Y-%m-%d")));
    }
    let skipped = if days.iter().flat_map(|day| &day.cells).any(|cell| *cell == Cell::Skipped) { "   blank: skipped" } else { "" };
    line(text, format_args!("  {FAINT}{:16}█ open   ▒ partly   · not open   × closed   {now} the instant{skipped}{FAINT:#}", ""));
}

fn drawn(cell: Cell) -> char {
    match cell {
        Cell::Open => '█',
        Cell::Partly => '▒',
        Cell::Closed => '·',
        Cell::Shut => '×',
        Cell::Skipped => ' ',
    }
}
