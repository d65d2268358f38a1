//! An instant as people write it: with an offset, or by the clock on the wall of a named zone.

use super::local::Edge;
use super::zone::Zone;
use crate::document::nearest;
use chrono::{DateTime, NaiveDateTime, Utc};

const WALL: [&str; 2] = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"];

/// `2026-11-27T17:05:00Z`, or `2026-11-27T17:05[Europe/London]` as in RFC 9557; if it is neither, what to write instead.
///
/// A time that the clock of the zone shows twice, or never, is none: nobody guesses which one is meant.
pub fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Ok(instant.to_utc());
    }
    let form =
        || "write date, time and offset such as `2026-11-27T17:05:00Z`, or date, time and zone such as `2026-11-27T17:05[Europe/London]`";
    let (wall, zone) = text.strip_suffix(']').and_then(|text| text.split_once('[')).ok_or_else(form)?;
    let wall = WALL.iter().find_map(|format| NaiveDateTime::parse_from_str(wall, format).ok()).ok_or_else(form)?;
    let known = Zone::named(zone).ok_or_else(|| unknown(zone))?;
    let edge = Edge::at(&known, wall).ok_or_else(form)?;
    if edge.is_unambiguous() {
        return Ok(edge.reached);
    }
    Err(format!("on that day the clocks of {zone} are changed and this time comes twice or never; write it with an offset"))
}

fn unknown(zone: &str) -> String {
    let names: Vec<&str> = Zone::names().collect();
    let meant = nearest(zone, &names).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    format!("no time zone is called `{zone}`{meant}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_with_an_offset_or_with_a_zone() {
        let utc = |text: &str| instant(text).map(|instant| instant.to_rfc3339());
        assert_eq!(utc("2026-11-27T17:05:00+01:00").unwrap(), "2026-11-27T16:05:00+00:00");
        assert_eq!(utc("2026-11-27T17:05[Europe/London]").unwrap(), "2026-11-27T17:05:00+00:00");
        assert_eq!(utc("2026-06-26T17:05:30[Asia/Kathmandu]").unwrap(), "2026-06-26T11:20:30+00:00");
    }

    #[test]
    fn a_time_that_comes_twice_or_never_is_not_guessed() {
        for text in ["2026-10-25T01:30[Europe/London]", "2026-03-29T01:30[Europe/London]", "2011-12-30T12:00[Pacific/Apia]"] {
            assert!(instant(text).unwrap_err().contains("twice or never"), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_told_how_to_write_one() {
        for text in ["", "friday", "2026-11-27", "2026-11-27T17:05", "2026-11-27T17:05[Europe/London", "2026-02-30T17:05[UTC]"] {
            assert!(instant(text).unwrap_err().starts_with("write date, time and offset"), "{text}");
        }
        assert_eq!(
            instant("2026-11-27T17:05[Europe/Londn]").unwrap_err(),
            "no time zone is called `Europe/Londn`; did you mean `Europe/London`?"
        );
    }
}
