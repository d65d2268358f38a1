//! Dates, times and durations as a calendar writes them.

use super::super::local::{self, Edge};
use super::super::recurrence::{Wrong, compact_date, compact_time};
use super::super::zone::Zone;
use super::lines::Line;
use chrono::{NaiveDateTime, NaiveTime, TimeDelta};

/// On which clock a time is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// Whole days of whoever reads it.
    Days,
    /// The clock of whoever reads it.
    Floating,
    /// That of a zone.
    In(Zone),
}

impl Clock {
    pub(super) fn zone(&self) -> Option<&Zone> {
        match self {
            Self::In(zone) => Some(zone),
            Self::Days | Self::Floating => None,
        }
    }
}

/// A time on a clock; of a whole day its midnight.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) clock: Clock,
    pub(super) wall: NaiveDateTime,
}

impl Moment {
    /// The value of a line that has one.
    pub(super) fn read(line: &Line, default_zone: Option<&str>) -> Result<Self, Wrong> {
        Self::parse(line, &line.value, default_zone)
    }

    /// The values of a line that may have several.
    pub(super) fn list(line: &Line, default_zone: Option<&str>) -> Result<Vec<Self>, Wrong> {
        line.value.split(',').map(|text| Self::parse(line, text, default_zone)).collect()
    }

    fn parse(line: &Line, text: &str, default_zone: Option<&str>) -> Result<Self, Wrong> {
        let wrong = || Wrong::new(format!("`{text}` is not a date or time"), "write `20261219`, `20261219T180000` or `20261219T180000Z`");
        let of_day = |text| compact_date(text).map(|date| date.and_time(NaiveTime::MIN)).ok_or_else(wrong);
        let kind = line.parameter("VALUE").map(str::to_ascii_uppercase);
        match (kind.as_deref(), line.parameter("TZID"), text.strip_suffix('Z')) {
            (Some("DATE"), None, None) => Ok(Self { clock: Clock::Days, wall: of_day(text)? }),
            (None | Some("DATE-TIME"), None, Some(text)) => {
                Ok(Self { clock: Clock::In(Zone::utc()), wall: compact_time(text).ok_or_else(wrong)? })
            }
            (None | Some("DATE-TIME"), Some(name), None) => {
                Ok(Self { clock: Clock::In(zone(name)?), wall: compact_time(text).ok_or_else(wrong)? })
            }
            (None | Some("DATE-TIME"), None, None) => match (compact_time(text), default_zone) {
                (Some(_), Some(zone)) => {
                    let message = format!("`{text}` has no zone, and X-WR-TIMEZONE says `{zone}`");
                    Err(Wrong::new(message, format!("write `;TZID={zone}:{text}`")))
                }
                (Some(wall), None) => Ok(Self { clock: Clock::Floating, wall }),
                (None, _) if compact_date(text).is_some() => {
                    Err(Wrong::new(format!("`{text}` is a date, and is not called one"), format!("write `;VALUE=DATE:{text}`")))
                }
                (None, _) => Err(wrong()),
            },
            (Some(other), ..) if !matches!(other, "DATE" | "DATE-TIME") => {
                Err(Wrong::new(format!("`VALUE={other}` is not known here"), "write dates or times"))
            }
            _ => Err(Wrong::new(format!("`{text}` is of two zones, or is a day with a zone"), "remove TZID, or the `Z`")),
        }
    }

    /// The same on another clock; `None` if one of them is of whoever reads it and the other is not.
    pub(super) fn on(&self, clock: &Clock) -> Option<NaiveDateTime> {
        match (&self.clock, clock) {
            (own, other) if own == other => Some(self.wall),
            (Clock::In(own), Clock::In(other)) => local::wall(other, Edge::at(own, self.wall)?.reached),
            _ => None,
        }
    }
}

fn zone(name: &str) -> Result<Zone, Wrong> {
    Zone::named(name).ok_or_else(|| {
        let help = "write the IANA name of the zone as TZID, such as `Europe/London`; what VTIMEZONE says is not read";
        Wrong::new(format!("`{name}` is not an IANA time zone"), help)
    })
}

/// How long, and whether that is said in hours, which are so long in truth.
pub(super) fn duration(text: &str) -> Result<(TimeDelta, bool), Wrong> {
    let wrong = || Wrong::new(format!("`{text}` is not a duration"), "write one such as `PT8H`, `P1D` or `P2W`");
    let rest = text.strip_prefix('+').unwrap_or(text).strip_prefix('P').ok_or_else(wrong)?;
    let (days, hours) = rest.split_once('T').map_or((rest, None), |(days, hours)| (days, Some(hours)));
    let days = sum(days, &[('W', 7 * 86_400), ('D', 86_400)]).ok_or_else(wrong)?;
    let seconds = hours.map_or(Some(0), |hours| sum(hours, &[('H', 3600), ('M', 60), ('S', 1)]).filter(|_| !hours.is_empty()));
    let length = days.checked_add(seconds.ok_or_else(wrong)?).and_then(TimeDelta::try_seconds);
    length.filter(|length| *length > TimeDelta::zero()).map(|length| (length, hours.is_some())).ok_or_else(wrong)
}

/// Numbers, each with its unit, in seconds.
fn sum(text: &str, units: &[(char, i64)]) -> Option<i64> {
    let (mut total, mut rest, mut units) = (0_i64, text, units.iter());
    while !rest.is_empty() {
        let (number, after) = rest.split_at_checked(rest.find(|c: char| !c.is_ascii_digit())?)?;
        let unit = after.chars().next()?;
        let (_, seconds) = units.find(|(known, _)| *known == unit)?;
        total = total.checked_add(number.parse::<i64>().ok()?.checked_mul(*seconds)?)?;
        rest = after.get(1..)?;
    }
    Some(total)
}
