//! A length of time as people write it.

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;
use std::fmt;

/// A length of time: a whole number of hours, days or weeks, such as `12h`, `7d`, `2w`. A day is 24 hours, whatever the clocks do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Length {
    hours: u32,
}

const HOURS_OF_A_DAY: u32 = 24;
const HOURS_OF_A_WEEK: u32 = 7 * HOURS_OF_A_DAY;
const MOST_DIGITS: usize = 4;

impl Length {
    /// So many days.
    pub(in super::super) const fn days(count: u32) -> Self {
        Self { hours: count * HOURS_OF_A_DAY }
    }

    /// `None` if the text is no length.
    fn parse(text: &str) -> Option<Self> {
        let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
        let hours = match unit {
            "h" => 1,
            "d" => HOURS_OF_A_DAY,
            "w" => HOURS_OF_A_WEEK,
            _ => return None,
        };
        let is_number = !digits.starts_with('0') && digits.len() <= MOST_DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        let count: u32 = digits.parse().ok().filter(|_| is_number)?;
        Some(Self { hours: count * hours })
    }

    /// The instant that lies so much later. After the end of the calendar nothing is: that instant stands for never.
    pub fn after(self, instant: DateTime<Utc>) -> DateTime<Utc> {
        instant.checked_add_signed(self.delta()).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The instant that lies so much earlier.
    pub fn before(self, instant: DateTime<Utc>) -> DateTime<Utc> {
        instant.checked_sub_signed(self.delta()).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    fn delta(self) -> TimeDelta {
        TimeDelta::hours(i64::from(self.hours))
    }
}

/// `1 hour`, `36 hours`, `7 days`
impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_days = self.hours.is_multiple_of(HOURS_OF_A_DAY);
        let (count, unit) = if is_days { (self.hours / HOURS_OF_A_DAY, "day") } else { (self.hours, "hour") };
        write!(f, "{count} {unit}{}", if count == 1 { "" } else { "s" })
    }
}

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            D::Error::custom(format!("`{text}` is no length of time: write hours, days or weeks, such as `12h`, `7d` or `2w`"))
        })
    }
}

impl JsonSchema for Length {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Length".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^[1-9][0-9]{0,3}[hdw]$"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_a_whole_number_and_a_unit() {
        let shown = |text: &str| Length::parse(text).map(|length| length.to_string());
        for (text, expected) in
            [("1h", "1 hour"), ("36h", "36 hours"), ("24h", "1 day"), ("7d", "7 days"), ("2w", "14 days"), ("9999w", "69993 days")]
        {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "d", "7", "0d", "07d", "-7d", "+7d", "7 d", "7D", "7m", "7dd", "1.5d", "99999d", "7é", "é"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn what_lies_past_the_calendar_is_its_end() {
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        let day = Length::parse("1d").unwrap();
        assert_eq!((day.after(last), day.before(first)), (last, first));
        assert_eq!(day.after(first) - first, TimeDelta::hours(24));
        assert_eq!(last - day.before(last), TimeDelta::hours(24));
    }
}
