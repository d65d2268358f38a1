//! Numbers and instants: points on a line, exactly.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// What the points of a line are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::systems::aws) enum Line {
    /// Decimal numbers, in units of [`UNIT`]ths.
    Number,
    /// Instants, in units of [`UNIT`]ths of a second since 1970.
    Instant,
    /// The same, which a request has as seconds.
    Seconds,
}

/// How many units one is.
pub(super) const UNIT: i128 = 1_000_000_000;

const FARTHEST: i128 = 1_000_000_000_000_000_000 * UNIT;

/// Which side of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::systems::aws) enum Order {
    /// `…Equals`
    Equal,
    /// `…LessThan`
    Less,
    /// `…LessThanEquals`
    LessOrEqual,
    /// `…GreaterThan`
    Greater,
    /// `…GreaterThanEquals`
    GreaterOrEqual,
}

impl Line {
    /// Of an operator, and what it says about it.
    pub(super) fn of(operator: &str) -> Option<(Self, &str)> {
        let number = operator.strip_prefix("Numeric").map(|relation| (Self::Number, relation));
        number.or_else(|| operator.strip_prefix("Date").map(|relation| (Self::Instant, relation)))
    }

    /// A bound as a policy has it. Finer and farther ones are not compared, so that there is always a point beside it.
    pub(super) fn bound(self, value: &str) -> Option<i128> {
        self.parse(value).filter(|at| at % 10 == 0 && at.abs() < FARTHEST)
    }

    /// Parsers differ in what else they take: a sign, a blank in place of the `T`, small letters, a leap second. Who knows what AWS does
    /// with these; and with a date where the operator is one of numbers.
    pub(super) fn is_as_documented(self, value: &str) -> bool {
        let is_of = |allowed: &str| value.bytes().all(|byte| byte.is_ascii_digit() || allowed.as_bytes().contains(&byte));
        match self {
            Self::Number | Self::Seconds => is_of("-.") && !value.get(1..).is_some_and(|rest| rest.contains('-')),
            Self::Instant => is_of("-+:.TZ") && value.get(17..19) != Some("60"),
        }
    }

    /// A value as a request has it.
    pub(super) fn parse(self, value: &str) -> Option<i128> {
        match self {
            Self::Number => number(value),
            Self::Instant | Self::Seconds => instant(value),
        }
    }

    /// A point as a request has it.
    pub(super) fn text(self, at: i128) -> String {
        let (whole, part) = (at.div_euclid(UNIT), at.rem_euclid(UNIT));
        let nanoseconds = u32::try_from(part).unwrap_or_default();
        let instant = i64::try_from(whole).ok().and_then(|seconds| DateTime::<Utc>::from_timestamp(seconds, nanoseconds));
        match instant.filter(|instant| self == Self::Instant && (0..=9999).contains(&instant.year())) {
            Some(instant) => instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
            None => decimal(at),
        }
    }
}

impl Order {
    pub(super) fn parse(relation: &str) -> Option<Self> {
        match relation {
            "Equals" => Some(Self::Equal),
            "LessThan" => Some(Self::Less),
            "LessThanEquals" => Some(Self::LessOrEqual),
            "GreaterThan" => Some(Self::Greater),
            "GreaterThanEquals" => Some(Self::GreaterOrEqual),
            _ => None,
        }
    }

    /// Whether a value that stands like this to the point passes.
    pub(super) fn holds(self, value_to_point: Ordering) -> bool {
        match self {
            Self::Equal => value_to_point.is_eq(),
            Self::Less => value_to_point.is_lt(),
            Self::LessOrEqual => value_to_point.is_le(),
            Self::Greater => value_to_point.is_gt(),
            Self::GreaterOrEqual => value_to_point.is_ge(),
        }
    }
}

fn decimal(at: i128) -> String {
    let (sign, size) = if at < 0 { ("-", at.unsigned_abs()) } else { ("", at.unsigned_abs()) };
    let unit = UNIT.unsigned_abs();
    let text = format!("{sign}{}.{:09}", size / unit, size % unit);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A decimal number, with at most nine digits after its point.
fn number(text: &str) -> Option<i128> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text.strip_prefix('+').unwrap_or(text)), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(part) || whole.len() > 20 || part.len() > 9 {
        return None;
    }
    let part: i128 = format!("{part:0<9}").parse().ok()?;
    Some(sign * (whole.parse::<i128>().ok()? * UNIT + part))
}

/// A date and time of <https://www.w3.org/TR/NOTE-datetime>, a profile of ISO 8601, or seconds since 1970. Four digits alone could be a
/// year or seconds and are neither here.
fn instant(text: &str) -> Option<i128> {
    if text.len() > 4 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return number(text);
    }
    let day = |text: &str| {
        let whole = if text.len() == 7 { format!("{text}-01") } else { text.to_owned() };
        NaiveDate::parse_from_str(&whole, "%Y-%m-%d").ok().filter(|_| whole.len() == 10)
    };
    if let Some(day) = day(text) {
        return Some(i128::from(day.and_hms_opt(0, 0, 0)?.and_utc().timestamp()) * UNIT);
    }
    let exact = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z"));
    let zulu = || Some(chrono::NaiveDateTime::parse_from_str(text.strip_suffix('Z')?, "%Y-%m-%dT%H:%M").ok()?.and_utc().fixed_offset());
    let at = exact.ok().or_else(zulu)?;
    Some(i128::from(at.timestamp()) * UNIT + i128::from(at.timestamp_subsec_nanos()))
}

/// A point of every piece into which the bounds cut the line, ends included; whole ones where there are some.
pub(super) fn points(bounds: impl IntoIterator<Item = i128>) -> Vec<i128> {
    let bounds: BTreeSet<i128> = bounds.into_iter().collect();
    let (Some(first), Some(last)) = (bounds.first().copied(), bounds.last().copied()) else { return Vec::new() };
    let between = bounds.iter().zip(bounds.iter().skip(1)).map(|(low, high)| between(*low, *high));
    bounds.iter().copied().chain([first - UNIT, last + UNIT]).chain(between).collect()
}

/// A point strictly between two bounds, which are never neighbours.
fn between(low: i128, high: i128) -> i128 {
    let whole = (low.div_euclid(UNIT) + 1) * UNIT;
    if whole < high { whole } else { low + (high - low) / 2 }
}
