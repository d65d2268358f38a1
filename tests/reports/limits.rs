//! Forges refuse what is too long. What is told first is the most severe, and what is left out is counted.

use super::forms::wrong;
use super::sample::{Sample, Texts};
use countersign::change::Entry;
use countersign::gate::Form;
use countersign::policy::{Outcome, RuleVerdict};
use countersign::report::sarif;
use countersign::systems::{Kind, Severity};
use serde_json::Value;

/// Many parts, the most severe in the middle.
fn many(number: usize, length: usize) -> Vec<Entry> {
    (0..number)
        .map(|index| {
            let texts: Vec<String> = (0..7).map(|part| format!("{part}-{index}-{}", "ü@".repeat(length / 3))).collect();
            let severity = if index == number / 2 { Severity::Critical } else { Severity::Low };
            let kind = if index % 3 == 1 && index != number / 2 { Kind::Lost } else { Kind::Gained };
            Texts::new(&texts).entry(kind, severity)
        })
        .collect()
}

fn sample(number: usize, length: usize) -> Sample {
    let mut sample = Sample::of(&["x".repeat(length)]);
    sample.entries = many(number, length);
    sample.decision.requirements = std::iter::repeat_n(sample.decision.requirements.clone(), number / 4 + 1).flatten().collect();
    sample.decision.exclusions = std::iter::repeat_n(sample.decision.exclusions.clone(), number).flatten().collect();
    sample.diagnostics = std::iter::repeat_n(sample.diagnostics.clone(), number).flatten().collect();
    sample.edited = std::iter::repeat_n(sample.edited.clone(), number).flatten().collect();
    sample
}

#[test]
fn a_comment_stays_under_the_limit_and_begins_with_the_most_severe() {
    for (number, length) in [(2_000, 3), (400, 300), (8, 20_000), (1, 200_000)] {
        let sample = sample(number, length);
        for report in [sample.diff(Form::Markdown), sample.check(Form::Markdown)] {
            assert_eq!(wrong(Form::Markdown, &report), Vec::<String>::new(), "{number} parts of {length}");
            let first = report.lines().find(|line| line.starts_with("- ") && line.contains("**can ")).unwrap();
            assert!(first.contains('🔴'), "{number} parts of {length}: {first}");
            assert!(number < 1_000 || report.contains(" parts that are not shown here"), "{report}");
        }
    }
}

#[test]
fn the_summary_of_a_step_has_more_room_and_stays_under_its_limit() {
    for (number, length) in [(1_200, 3), (300, 300), (1, 60_000)] {
        let sample = sample(number, length);
        let report = sample.summary();
        assert!(report.len() < countersign::report::markdown::MOST_SUMMARY, "{} bytes of {number} parts of {length}", report.len());
        let first = report.lines().find(|line| line.starts_with("- ") && line.contains("**can ")).unwrap();
        assert!(first.contains('🔴'), "{number} parts of {length}: {first}");
        let comment = sample.check(Form::Markdown);
        assert!(number < 1_000 || report.len() > 3 * comment.len(), "{} bytes and {}", report.len(), comment.len());
    }
}

/// However much there is to say about one part, it is not left out for that.
#[test]
fn the_most_severe_part_is_shown_however_long_it_is() {
    for name in ["`".repeat(400), "ü".repeat(400), "a\u{202e}".repeat(400)] {
        let mut sample = Sample::of(std::slice::from_ref(&name));
        sample.entries = many(3, 3);
        for entry in &mut sample.entries {
            let region = &mut entry.region;
            for list in [&mut region.principals, &mut region.actions, &mut region.resources] {
                *list = vec![name.clone(); 40];
            }
            for list in [&mut region.except_principals, &mut region.except_actions, &mut region.except_resources] {
                *list = vec![name.clone(); 40];
            }
            region.provided = Some(format!("`{name}` ").repeat(20));
        }
        for report in [sample.diff(Form::Markdown), sample.check(Form::Markdown)] {
            assert_eq!(wrong(Form::Markdown, &report), Vec::<String>::new());
            assert!(report.contains("🔴"), "{report}");
            assert!(report.contains(" that are not shown here"), "what is left out is counted: {report}");
        }
        assert_eq!(wrong(Form::Sarif, &sample.check(Form::Sarif)), Vec::<String>::new());
    }
}

#[test]
fn sarif_stays_under_the_limits_and_says_what_is_left_out() {
    for (number, length) in [(6_000, 3), (900, 3_000)] {
        let sample = sample(number, length);
        let report = sample.check(Form::Sarif);
        assert!(report.len() < 10_000_000, "{} bytes", report.len());
        assert_eq!(wrong(Form::Sarif, &report), Vec::<String>::new());
        let report: Value = serde_json::from_str(&report).unwrap();
        let results = report["runs"][0]["results"].as_array().unwrap();
        assert!(results.len() <= sarif::MOST_RESULTS && results.len() > 100, "{} results", results.len());
        let levels: Vec<&str> = results.iter().map(|result| result["level"].as_str().unwrap()).collect();
        let rank = |level: &&str| ["error", "warning", "note"].iter().position(|known| known == level);
        assert!(levels.is_sorted_by_key(rank), "the most severe come first");
        let told = &report["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"];
        assert!(told.as_str().unwrap().contains(" results left out"), "{told}");
    }
}

#[test]
fn code_quality_stays_readable() {
    let report: Value = serde_json::from_str(&sample(6_000, 3).check(Form::CodeQuality)).unwrap();
    assert_eq!(report.as_array().unwrap().len(), countersign::report::code_quality::MOST);
}

/// An authorized gain would be an alert that nobody can close.
#[test]
fn what_is_authorized_is_no_finding_and_what_is_lost_never_is() {
    let mut sample = sample(5, 3);
    sample.diagnostics.clear();
    let findings = |sample: &Sample| serde_json::from_str::<Value>(&sample.check(Form::CodeQuality)).unwrap().as_array().unwrap().len();
    assert!(findings(&sample) > 3);
    sample.decision.outcome = Outcome::Authorized;
    sample.decision.requirements.retain(RuleVerdict::is_satisfied);
    assert_eq!(findings(&sample), 1, "what passes by an exception is told");
    sample.decision.exception = None;
    assert_eq!(findings(&sample), 0);
    sample.entries.retain(|entry| entry.kind == Kind::Lost);
    assert!(!sample.entries.is_empty());
    assert_eq!(sample.diff(Form::CodeQuality), "[]\n");
}

/// When lines move, a finding is the same.
#[test]
fn a_fingerprint_stays_when_lines_move() {
    let sample = sample(3, 3);
    let mut moved = Sample { entries: sample.entries.clone(), ..Sample::of(&["x".repeat(3)]) };
    for entry in &mut moved.entries {
        let places = std::mem::take(&mut entry.region.origins.head);
        entry.region.origins.head = places
            .into_iter()
            .map(|mut place| {
                place.line += 7;
                place
            })
            .collect();
    }
    moved.diagnostics = sample.diagnostics.clone();
    let fingerprints = |sample: &Sample| -> Vec<String> {
        let report: Value = serde_json::from_str(&sample.diff(Form::Sarif)).unwrap();
        let results = report["runs"][0]["results"].as_array().unwrap().clone();
        results.iter().map(|result| result["partialFingerprints"].to_string()).collect()
    };
    assert_ne!(sample.diff(Form::Sarif), moved.diff(Form::Sarif));
    assert_eq!(fingerprints(&sample), fingerprints(&moved));
}
