//! What machines read of windows.

use super::json::schema_of;
use super::window_words::{said, time, years_later};
use crate::diagnostic::Severity;
use crate::policy::window::{Cell, Decides, State, Why, Window};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

/// What `countersign window next --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct NextReport {
    /// Always `countersign/window-next/v1`.
    #[schemars(extend("const" = "countersign/window-next/v1"))]
    pub schema: &'static str,
    /// The policy file.
    pub policy: String,
    /// From this instant on.
    pub at: String,
    /// The version of the tz database that decides.
    pub tzdb: &'static str,
    /// The windows, by name.
    pub windows: Vec<Next>,
}

/// When a window is open next.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Next {
    /// Its name.
    pub name: String,
    /// The zone on whose wall clock it is written.
    pub zone: String,
    /// Whether the deploy freezes that the forge has for the project close it as well. Nobody was asked for them here.
    pub forge_freezes: bool,
    /// Whether it is open at that instant.
    pub open: bool,
    /// As many openings as were asked for, in order; fewer if it does not open within five years of the one before.
    pub openings: Vec<Stretch>,
}

/// A stretch of time in which a window is open.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stretch {
    /// The first instant; the one that was asked about if it is open then.
    pub opens: String,
    /// The first instant at which it is closed again; null if that is more than five years later.
    pub closes: Option<String>,
    /// The first instant on the window's wall clock.
    pub opens_local: String,
    /// The end on the window's wall clock.
    pub closes_local: Option<String>,
}

/// What `countersign window lint --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LintReport {
    /// Always `countersign/window-lint/v1`.
    #[schemars(extend("const" = "countersign/window-lint/v1"))]
    pub schema: &'static str,
    /// The policy file.
    pub policy: String,
    /// From this instant on.
    pub from: String,
    /// As far as was looked.
    pub until: String,
    /// The version of the tz database that decides.
    pub tzdb: &'static str,
    /// The windows, by name.
    pub windows: Vec<Linted>,
}

/// What to know of a window.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Linted {
    /// Its name.
    pub name: String,
    /// The zone on whose wall clock it is written.
    pub zone: String,
    /// Whether the deploy freezes that the forge has for the project close it as well. Nobody was asked for them here.
    pub forge_freezes: bool,
    /// How many times it is open in that time.
    pub openings: usize,
    /// For how many minutes in all.
    pub open_minutes: i64,
    /// What there is to look at.
    pub findings: Vec<FindingReport>,
}

/// Something to look at.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FindingReport {
    /// A stable name: `window-never-opens`, `window-never-closes`, `window-hours-unused`, `window-overlap`, `window-calendar-ends`, `window-clocks-change`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// What to do next.
    pub help: &'static str,
    /// When it happens; null for what has no one instant.
    pub at: Option<String>,
}

/// What `countersign window explain --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ExplainReport {
    /// Always `countersign/window-explain/v1`.
    #[schemars(extend("const" = "countersign/window-explain/v1"))]
    pub schema: &'static str,
    /// The policy file.
    pub policy: String,
    /// The instant that was asked about.
    pub at: String,
    /// The version of the tz database that decides.
    pub tzdb: &'static str,
    /// The windows, by name.
    pub windows: Vec<Explained>,
}

/// Why a window is open or closed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explained {
    /// Its name.
    pub name: String,
    /// The zone on whose wall clock it is written.
    pub zone: String,
    /// Whether the deploy freezes that the forge has for the project close it as well. Nobody was asked for them here.
    pub forge_freezes: bool,
    /// The instant on that clock.
    pub local: String,
    /// Whether it is open.
    pub open: bool,
    /// What decides: every entry that opens it, or the one that closes it; none if it is only not open.
    pub decided_by: Vec<Entry>,
    /// Since when it is open; null if it is closed, or open for more than five years.
    pub since: Option<String>,
    /// When it closes, or closes after it opened; null if that is not within five years.
    pub closes: Option<String>,
    /// When it opens; null if it is open, or does not open within five years.
    pub opens: Option<String>,
    /// The week around the instant, Monday first.
    pub week: Vec<DayReport>,
}

/// An entry of a window.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Entry {
    /// Where it stands in the window, or the line of a calendar.
    pub written: String,
    /// For what, in the words of its writer.
    pub reason: Option<String>,
}

/// A day.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DayReport {
    /// Which.
    pub date: String,
    /// 48 half hours on the wall clock, a letter each: `o` open, `p` partly, `n` not open, `c` closed, `s` skipped by the clock.
    pub cells: String,
}

/// The JSON Schema of the report of what is next.
pub fn next_schema() -> schemars::Schema {
    schema_of::<NextReport>()
}

/// The JSON Schema of the report of what to know.
pub fn lint_schema() -> schemars::Schema {
    schema_of::<LintReport>()
}

/// The JSON Schema of the report of an explanation.
pub fn explain_schema() -> schemars::Schema {
    schema_of::<ExplainReport>()
}

/// The report of what is next.
pub fn next(path: &str, windows: &[(&str, &Window)], at: DateTime<Utc>, count: u32) -> NextReport {
    let one = |(name, window): &(&str, &Window)| {
        let stretches = window.stretches(at).take(count as usize);
        let openings = stretches.map(|(opens, closes)| Stretch {
            opens: time(opens),
            closes: closes.map(time),
            opens_local: window.wall_clock(opens),
            closes_local: closes.map(|closes| window.wall_clock(closes)),
        });
        Next {
            name: (*name).to_owned(),
            zone: window.zone().to_string(),
            forge_freezes: window.heeds_freezes(),
            open: window.is_open(at),
            openings: openings.collect(),
        }
    };
    NextReport {
        schema: "countersign/window-next/v1",
        policy: path.to_owned(),
        at: time(at),
        tzdb: Window::tzdb_version(),
        windows: windows.iter().map(one).collect(),
    }
}

/// The report of what to know.
pub fn lint(path: &str, windows: &[(&str, &Window)], at: DateTime<Utc>, years: u32) -> LintReport {
    let period = at..years_later(at, years);
    let one = |(name, window): &(&str, &Window)| {
        let open = window.open_during(&period);
        let findings = window.lint(&period);
        let findings = findings.iter().map(|finding| said(finding, window)).map(|said| FindingReport {
            code: said.code,
            severity: said.severity,
            message: said.message,
            help: said.help,
            at: said.at.map(time),
        });
        Linted {
            name: (*name).to_owned(),
            zone: window.zone().to_string(),
            forge_freezes: window.heeds_freezes(),
            openings: open.len(),
            open_minutes: open.iter().map(|open| open.end.signed_duration_since(open.start).num_minutes()).sum(),
            findings: findings.collect(),
        }
    };
    LintReport {
        schema: "countersign/window-lint/v1",
        policy: path.to_owned(),
        from: time(period.start),
        until: time(period.end),
        tzdb: Window::tzdb_version(),
        windows: windows.iter().map(one).collect(),
    }
}

/// The report of an explanation.
pub fn explain(path: &str, windows: &[(&str, &Window)], at: DateTime<Utc>) -> ExplainReport {
    ExplainReport {
        schema: "countersign/window-explain/v1",
        policy: path.to_owned(),
        at: time(at),
        tzdb: Window::tzdb_version(),
        windows: windows.iter().map(|(name, window)| explained(name, window, at)).collect(),
    }
}

fn explained(name: &str, window: &Window, at: DateTime<Utc>) -> Explained {
    let (since, closes, opens) = match window.at(at) {
        State::Open { since, closes } => (since, closes, None),
        State::Closed { opens, .. } => (None, opens.and_then(|opens| window.stretches(opens).next()?.1), opens),
    };
    let decided_by = match window.decides(at) {
        Decides::Closed(why, _) => vec![why],
        Decides::Open(entries) => entries,
        Decides::Nothing => Vec::new(),
    };
    let entry = |why: Why| Entry { written: why.written.to_string(), reason: why.reason.map(|reason| reason.to_string()) };
    let week = window.week(at).into_iter();
    Explained {
        name: name.to_owned(),
        zone: window.zone().to_string(),
        forge_freezes: window.heeds_freezes(),
        local: window.wall_clock(at),
        open: window.is_open(at),
        decided_by: decided_by.into_iter().map(entry).collect(),
        since: since.map(time),
        closes: closes.map(time),
        opens: opens.map(time),
        week: week.map(|day| DayReport { date: day.date.to_string(), cells: day.cells.into_iter().map(letter).collect() }).collect(),
    }
}

fn letter(cell: Cell) -> char {
    match cell {
        Cell::Open => 'o',
        Cell::Partly => 'p',
        Cell::Closed => 'n',
        Cell::Shut => 'c',
        Cell::Skipped => 's',
    }
}
