//! Windows in words.

use crate::diagnostic::Severity;
use crate::policy::window::{Effect, Finding, Overlap, Touched, Why, Window};
use chrono::{DateTime, Months, SecondsFormat, TimeDelta, Utc};

/// An instant for machines.
pub(super) fn time(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// So many years later; at the limits of the calendar the last instant.
pub(super) fn years_later(instant: DateTime<Utc>, years: u32) -> DateTime<Utc> {
    instant.checked_add_months(Months::new(years.saturating_mul(12))).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// Days, hours and minutes, as many as are not nought.
pub(super) fn length(length: TimeDelta) -> String {
    let parts = [(length.num_days(), "d"), (length.num_hours() % 24, "h"), (length.num_minutes() % 60, "min")];
    let parts: Vec<String> = parts.into_iter().filter(|(number, _)| *number > 0).map(|(number, unit)| format!("{number} {unit}")).collect();
    if parts.is_empty() { "less than a minute".to_owned() } else { parts.join(" ") }
}

/// Where something is written, and for what.
pub(super) fn why(why: &Why) -> String {
    why.reason.as_ref().map_or_else(|| format!("`{}`", why.written), |reason| format!("`{}` for `{reason}`", why.written))
}

/// What there is to look at, for people and machines.
pub(super) struct Said {
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    /// A sentence without its end.
    pub(super) message: String,
    /// What to do next.
    pub(super) help: &'static str,
    /// When it happens.
    pub(super) at: Option<DateTime<Utc>>,
}

pub(super) fn said(finding: &Finding, window: &Window) -> Said {
    let (code, severity, message, help, at) = match finding {
        Finding::NeverOpens => {
            let message = "it does not open in all that time".to_owned();
            ("window-never-opens", Severity::Warning, message, "shorten what closes it, or add hours to `open`", None)
        }
        Finding::NeverCloses => {
            let message = "nothing closes it in all that time, so asking for it asks for nothing".to_owned();
            ("window-never-closes", Severity::Warning, message, "add what closes it, or take it out of the rules that ask for it", None)
        }
        Finding::NeverUsed(entry) => {
            let message = format!("{} never opens it in all that time", why(entry));
            ("window-hours-unused", Severity::Warning, message, "remove it, or look at what closes it", None)
        }
        Finding::Overlaps(Overlap { entries: [one, other], first }) => {
            let message = format!(
                "{} and {} overlap, for the first time on {} from {} to {}",
                why(one),
                why(other),
                first.start.format("%A %Y-%m-%d"),
                first.start.format("%H:%M"),
                first.end.format("%H:%M"),
            );
            (
                "window-overlap",
                Severity::Warning,
                message,
                "it is open if any of them is; for what both have to allow, require two windows",
                None,
            )
        }
        Finding::CalendarEnds(path, end) => {
            let message = if *end == DateTime::<Utc>::MIN_UTC {
                format!("the calendar `{path}` says nothing of this window")
            } else {
                format!("the last event of `{path}` ends on {}", window.wall_clock(*end))
            };
            (
                "window-calendar-ends",
                Severity::Warning,
                message,
                "add the events of the next year; after the last one the calendar says nothing",
                Some(*end),
            )
        }
        Finding::ClocksChange(touched) => {
            ("window-clocks-change", Severity::Note, clocks(touched), "look whether that is meant", Some(touched.at))
        }
    };
    Said { code, severity, message, help, at: at.filter(|at| *at != DateTime::<Utc>::MIN_UTC) }
}

fn clocks(touched: &Touched) -> String {
    let Touched { zone, before, after, openings, closings, .. } = touched;
    let (direction, happens) = if after > before { ("forward", "is skipped") } else { ("back", "comes twice") };
    let shown = if before.date() == after.date() { after.format("%H:%M") } else { after.format("%Y-%m-%d %H:%M") };
    let effects = [(openings, "an opening"), (closings, "what closes it")].into_iter().filter_map(|(effect, what)| {
        Some(match (*effect)? {
            Effect::Within => format!("{what} is {} that night", if after > before { "shorter" } else { "longer" }),
            Effect::Moves => format!("{what} begins or ends in the time that {happens}, and is read so that the window stays closed"),
        })
    });
    let effects: Vec<String> = effects.collect();
    format!("on {} clocks in {zone} go {direction} to {shown}: {}", before.format("%A %Y-%m-%d at %H:%M"), effects.join("; "))
}
