//! What two atoms about one key have to do with each other: a value within a pattern, a network within a network, an earlier end
//! before a later one. Sound and not complete: what is not known here is simply not used.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>.

use super::Atom;
use crate::access::{Budget, Glob};
use chrono::DateTime;
use core::net::IpAddr;

/// True only when every request for which the first is true makes the second true.
pub(super) fn implies(one: &Atom, other: &Atom) -> bool {
    match (one, other) {
        (Atom::Is(a, key, x), Atom::Is(b, other_key, y)) | (Atom::Any(a, key, x), Atom::Any(b, other_key, y)) => {
            key == other_key && (a, x) != (b, y) && relation_implies(a, x, b, y)
        }
        _ => false,
    }
}

/// A policy variable could be anything, so nothing is known of a value with one.
fn relation_implies(a: &str, x: &str, b: &str, y: &str) -> bool {
    if x.contains("${") || y.contains("${") {
        return false;
    }
    match (a, b) {
        ("StringEquals", "StringEqualsIgnoreCase") => x.to_lowercase() == y.to_lowercase(),
        ("StringEquals", "StringLike") => covers(&Glob::parse(y), &Glob::exact(x)),
        ("StringLike", "StringLike") => covers(&Glob::parse(y), &Glob::parse(x)),
        ("IpAddress", "IpAddress") => network(x).zip(network(y)).is_some_and(|(x, y)| lies_within(x, y)),
        _ => bound(a, x).zip(bound(b, y)).is_some_and(|(x, y)| x.implies(&y)),
    }
}

fn covers(wide: &Glob, narrow: &Glob) -> bool {
    wide.covers(narrow, &mut Budget::new(20_000)).unwrap_or(false)
}

/// An address and how many of its first bits count.
type Network = (IpAddr, u32);

fn network(text: &str) -> Option<Network> {
    let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
    (bits <= most).then_some((address, bits))
}

fn lies_within((one, bits): Network, (other, other_bits): Network) -> bool {
    let number = |address| match address {
        IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        IpAddr::V6(address) => u128::from(address),
    };
    let significant = |address| if other_bits == 0 { 0 } else { number(address) >> (128 - other_bits) };
    one.is_ipv4() == other.is_ipv4() && other_bits <= bits && significant(one) == significant(other)
}

/// One end of a range of numbers or instants.
struct Bound {
    kind: &'static str,
    is_upper: bool,
    is_inclusive: bool,
    /// Whole numbers, or seconds: others are not compared.
    at: i128,
}

fn bound(operator: &str, text: &str) -> Option<Bound> {
    let (kind, relation) = ["Date", "Numeric"].into_iter().find_map(|kind| Some((kind, operator.strip_prefix(kind)?)))?;
    let (is_upper, is_inclusive) = match relation {
        "LessThan" => (true, false),
        "LessThanEquals" => (true, true),
        "GreaterThan" => (false, false),
        "GreaterThanEquals" => (false, true),
        _ => return None,
    };
    let whole = || text.parse::<i64>().ok().map(i128::from);
    let at = if kind == "Date" { instant(text).or_else(whole)? } else { whole()? };
    Some(Bound { kind, is_upper, is_inclusive, at })
}

/// Seconds; a text with fractions of them is not compared.
fn instant(text: &str) -> Option<i128> {
    let instant = DateTime::parse_from_rfc3339(text).ok()?;
    (instant.timestamp_subsec_nanos() == 0).then(|| i128::from(instant.timestamp()))
}

impl Bound {
    fn implies(&self, other: &Self) -> bool {
        let (inner, outer) = if self.is_upper { (self.at, other.at) } else { (other.at, self.at) };
        let is_tighter = inner < outer || (inner == outer && (other.is_inclusive || !self.is_inclusive));
        self.kind == other.kind && self.is_upper == other.is_upper && is_tighter
    }
}

#[cfg(test)]
mod tests {
    use super::relation_implies as implies;

    #[test]
    fn a_value_lies_within_a_pattern_and_a_pattern_within_a_wider_one() {
        assert!(implies("StringEquals", "team-a", "StringLike", "team-*"));
        assert!(implies("StringLike", "team-a*", "StringLike", "team-*"));
        assert!(!implies("StringLike", "team-*", "StringLike", "team-a*"));
        assert!(!implies("StringEquals", "${aws:username}", "StringLike", "*"));
        assert!(!implies("StringEqualsIgnoreCase", "A", "StringEquals", "A"));
    }

    #[test]
    fn a_network_lies_within_a_wider_one_of_its_kind() {
        assert!(implies("IpAddress", "10.1.0.0/16", "IpAddress", "10.0.0.0/8"));
        assert!(implies("IpAddress", "10.1.2.3", "IpAddress", "10.1.2.0/24"));
        assert!(implies("IpAddress", "10.1.2.3", "IpAddress", "0.0.0.0/0"));
        assert!(!implies("IpAddress", "10.0.0.0/8", "IpAddress", "10.1.0.0/16"));
        assert!(!implies("IpAddress", "10.0.0.1", "IpAddress", "::/0"));
        assert!(!implies("IpAddress", "10.0.0.0/33", "IpAddress", "0.0.0.0/0"));
    }

    #[test]
    fn an_earlier_end_comes_before_a_later_one() {
        assert!(implies("DateLessThan", "2026-01-01T00:00:00Z", "DateLessThan", "2027-01-01T00:00:00Z"));
        assert!(implies("DateLessThan", "2026-01-01T01:00:00+01:00", "DateLessThanEquals", "2026-01-01T00:00:00Z"));
        assert!(!implies("DateLessThanEquals", "2026-01-01T00:00:00Z", "DateLessThan", "2026-01-01T00:00:00Z"));
        assert!(implies("NumericGreaterThan", "5", "NumericGreaterThanEquals", "5"));
        assert!(!implies("NumericLessThan", "5", "DateLessThan", "6"));
        assert!(!implies("NumericLessThan", "5", "NumericGreaterThan", "4"));
    }
}
