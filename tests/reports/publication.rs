//! What is to stand at a change request: harmless, within the forge's limits, and never doubled.

use super::hostile::PIECES;
use super::markdown;
use super::sample::Sample;
use countersign::document::Place;
use countersign::policy::{Mode, Outcome, Stage};
use countersign::report::publication::check::{ANNOTATIONS_AT_ONCE, Conclusion, MOST_ANNOTATIONS};
use countersign::report::publication::hunks::Hunks;
use countersign::report::publication::note::{self, Note, Suggestion, notes};
use countersign::report::publication::standing::{self, Standing, Step, Thread};
use countersign::report::publication::{Comment, Gate, Publication};
use countersign::systems::{Kind, Severity};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn gate(environment: Option<&str>, at: &str) -> Gate {
    Gate::new("countersign.yml", Stage::Merge, environment, &[], at.parse().unwrap())
}

fn own() -> Gate {
    gate(None, "2026-11-25T12:00:00Z")
}

fn publication(sample: &Sample) -> Publication {
    sample.decided(|decided| Publication::of(decided, own(), None))
}

fn plain() -> Sample {
    Sample::of(&["text".to_owned()])
}

/// The diff shows every line that the sample names.
fn every_line(publication: &Publication) -> Hunks {
    let mut hunks = Hunks::default();
    let places = publication.notes.iter().flat_map(|draft| &draft.entry.region.origins.head);
    places.for_each(|place| hunks.add(&place.path, "@@ -1,9 +1,9 @@"));
    hunks
}

#[test]
fn nothing_that_somebody_wrote_is_more_than_text_at_a_change_request() {
    for piece in PIECES {
        let publication = publication(&Sample::of(&[format!("a {piece} b")]));
        let Comment::Open(comment) = &publication.comment else { panic!("access changed") };
        let summary = format!("<!-- countersign v1 -->\n{}", publication.check.summary);
        let notes = notes(&publication.notes, &every_line(&publication), &publication.gate);
        assert!(!notes.is_empty(), "{piece:?}");
        for text in notes.iter().map(|note| &note.body).chain([comment, &summary]) {
            assert_eq!(markdown::wrong(text), Vec::<String>::new(), "{piece:?}:\n{text}");
        }
        for annotation in &publication.check.annotations {
            for text in [&annotation.message, &annotation.title] {
                assert!(!text.chars().any(char::is_control) && !text.trim_start().starts_with("::"), "{piece:?}: {text}");
            }
        }
    }
}

/// What is to be taken over as it stands has to be seen as it stands.
#[test]
fn a_suggestion_shows_every_letter_of_it_and_ends_where_it_ends() {
    for (text, is_shown) in [
        ("  { \"Action\": \"s3:GetObject\" },", true),
        ("\t- verbs: [get]\n\t  resources: [pods]", true),
        ("```", true),
        ("# ````` ```", true),
        ("a\u{202e}b", false),
        ("a\u{200b}b", false),
        ("a\rb", false),
        ("a\u{1b}[2J", false),
    ] {
        let mut publication = publication(&plain());
        let draft = &mut publication.notes[0];
        let path = "iam/a.json".into();
        draft.suggestion = Some(Suggestion { path, line: 4, text: text.to_owned(), what: "it ends".to_owned() });
        let mut hunks = Hunks::default();
        hunks.add("iam/a.json", "@@ -1 +4 @@");
        let body = notes(&publication.notes, &hunks, &publication.gate).remove(0).body;
        assert_eq!(body.contains("suggestion\n"), is_shown, "{body}");
        let fences: Vec<&str> = body.lines().filter(|line| line.starts_with("```") && !text.contains(line)).collect();
        if let [open, close] = fences[..] {
            assert_eq!(open, format!("{close}suggestion"));
            assert!(body.contains(&format!("{open}\n{text}\n{close}\n")), "{body}");
            let without = body.replace(&format!("{open}\n{text}\n{close}\n"), "");
            assert_eq!(markdown::wrong(&without), Vec::<String>::new(), "{without}");
        } else {
            assert!(!is_shown, "{body}");
        }
    }
}

#[test]
fn where_no_access_changed_there_is_nothing_to_say_and_what_stood_there_is_closed() {
    let mut sample = plain();
    sample.entries.clear();
    sample.decision.requirements.clear();
    let publication = publication(&sample);
    assert!(matches!(&publication.comment, Comment::Closed(text) if text.contains("No access changes any more")));
    assert!(publication.notes.is_empty());
    assert_eq!(standing::comment(&publication.comment, &own(), &[]), []);
    sample.decision.requirements = plain().decision.requirements;
    let edited = sample.decided(|decided| Publication::of(decided, own(), None));
    assert!(matches!(edited.comment, Comment::Open(_)), "an edited policy is something to say");
}

#[test]
fn only_what_is_authorized_is_a_success_and_what_is_observed_never_fails() {
    let outcomes = [
        Outcome::Authorized,
        Outcome::Waiting { for_approval: true, until: None },
        Outcome::Waiting { for_approval: false, until: None },
        Outcome::Denied,
        Outcome::Undecidable,
    ];
    for outcome in outcomes {
        let mut sample = plain();
        sample.decision.outcome = outcome;
        let is_authorized = outcome == Outcome::Authorized;
        assert_eq!(publication(&sample).check.conclusion, if is_authorized { Conclusion::Success } else { Conclusion::Failure });
        sample.decision.mode = Mode::Observe;
        assert_eq!(publication(&sample).check.conclusion, Conclusion::Neutral);
    }
    let error = Publication::of_error("cannot read `<b>@acme</b>`", own(), None);
    assert_eq!(error.check.conclusion, Conclusion::Failure);
    assert_eq!(markdown::wrong(error.comment.text()), Vec::<String>::new(), "{}", error.comment.text());
}

#[test]
fn everything_stays_within_what_the_forge_takes() {
    for (number, length) in [(600, 3), (100, 300), (1, 30_000)] {
        let mut sample = Sample::of(&["x".repeat(length)]);
        let more = std::iter::repeat_n(sample.entries.clone(), number).flatten().enumerate();
        sample.entries = more
            .map(|(index, mut entry)| {
                entry.region.severity = if index == number { Severity::Critical } else { Severity::Low };
                entry.kind = if index == number { Kind::Gained } else { entry.kind };
                entry.region.origins.head = BTreeSet::from([Place { line: u32::try_from(index % 40 + 1).unwrap(), ..Place::file("a") }]);
                entry
            })
            .collect();
        let publication = sample.decided(|decided| Publication::of(decided, own(), Some("https://github.example/acme/x/actions/runs/1")));
        let mut hunks = Hunks::default();
        hunks.add("a", "@@ -1,99 +1,99 @@");
        let notes = notes(&publication.notes, &hunks, &publication.gate);
        assert!(notes.len() <= note::MOST);
        assert!(number < 40 || notes[0].line == u32::try_from(number % 40 + 1).unwrap(), "the most severe is first");
        for text in notes.iter().map(|note| note.body.as_str()).chain([publication.comment.text(), &publication.check.summary]) {
            assert!(text.len() < 65_536, "{} bytes", text.len());
        }
        let check = publication.check;
        assert!(check.annotations.len() <= MOST_ANNOTATIONS && check.title.len() < 255, "{}", check.title);
        assert!(check.annotations.iter().all(|annotation| annotation.message.len() < 64 << 10 && annotation.title.len() < 255));
        assert!(number < 600 || check.summary.contains(" which are not shown at their lines"));
        assert!(MOST_ANNOTATIONS.is_multiple_of(ANNOTATIONS_AT_ONCE));
    }
}

/// What stands there after the steps.
fn after(there: &[Standing], steps: &[Step<String>]) -> Vec<Standing> {
    let mut there = there.to_vec();
    for step in steps {
        match step {
            Step::Post(text) => there.push(Standing { id: 1_000, is_ours: true, body: text.clone() }),
            Step::Edit(id, text) => there.iter_mut().find(|one| one.id == *id).unwrap().body.clone_from(text),
            Step::Delete(id) => there.retain(|one| one.id != *id),
        }
    }
    there
}

fn comments() -> impl Strategy<Value = Vec<Standing>> {
    let gates = prop_oneof![Just(None), Just(Some("prod"))];
    let body = prop_oneof![
        4 => (gates, 0..4_u32, any::<bool>()).prop_map(|(environment, hour, is_closed)| {
            let gate = gate(environment, &format!("2026-11-25T1{hour}:00:00Z"));
            let mut sample = plain();
            if is_closed {
                sample.entries.clear();
                sample.decision.requirements.clear();
            }
            sample.decided(|decided| Publication::of(decided, gate, None)).comment.text().to_owned()
        }),
        1 => Just("<!-- countersign v1 -->\nwhatever".to_owned()),
        1 => Just("LGTM".to_owned()),
    ];
    prop::collection::vec((body, prop::bool::weighted(0.7)), 0..5).prop_map(|all| {
        let number = |(index, (body, is_ours)): (usize, (String, bool))| Standing { id: 1 + index as u64, is_ours, body };
        all.into_iter().enumerate().map(number).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn one_comment_stands_in_the_end_whatever_stood_there(there in comments(), is_open in any::<bool>()) {
        let text = publication(&plain()).comment.text().to_owned();
        let wanted = if is_open { Comment::Open(text) } else { Publication::of_error("no", own(), None).comment };
        let steps = standing::comment(&wanted, &own(), &there);
        let end = after(&there, &steps);
        prop_assert_eq!(standing::comment(&wanted, &own(), &end), vec![], "once more changes nothing");
        let start = own_start(wanted.text());
        let is_own = |one: &&Standing| one.is_ours && own_start(&one.body) == start;
        let (before, left) = (there.iter().filter(is_own).count(), end.iter().filter(is_own).count());
        prop_assert_eq!(left, usize::from(is_open || before > 0));
        let others = |all: &[Standing]| all.iter().filter(|one| !is_own(one)).cloned().collect::<Vec<_>>();
        prop_assert_eq!(others(&there), others(&end), "what others wrote is as it was");
        let is_younger = |one: &Standing| one.is_ours && own_start(&one.body) == start && one.body.contains("T13:00:00Z -->");
        if there.iter().any(is_younger) {
            prop_assert!(end.iter().any(is_younger), "a younger run has the last word");
        } else if left == 1 {
            prop_assert!(end.iter().any(|one| one.body == wanted.text()));
        }
    }
}

/// What a comment begins with, without the instant.
fn own_start(body: &str) -> Option<&str> {
    body.starts_with("<!-- countersign v1 -->\n<!-- countersign gate ").then(|| body.split(" at ").next().unwrap_or_default())
}

fn thread(id: u64, note: &Note) -> Thread {
    Thread { note: Standing { id, is_ours: true, body: note.body.clone() }, is_shown: true, is_answered: false }
}

#[test]
fn a_note_is_written_once_and_goes_with_what_it_says() {
    let texts: Vec<String> = ["a", "b", "c", "d", "e", "f", "g"].map(str::to_owned).to_vec();
    let publication = publication(&Sample::of(&texts));
    let wanted = notes(&publication.notes, &every_line(&publication), &publication.gate);
    assert!(wanted.len() > 1, "there are several lines");
    let gate = own();
    let post: Vec<Step<Note>> = wanted.iter().cloned().map(Step::Post).collect();
    assert_eq!(standing::notes(&wanted, &gate, &[]), post);
    let there: Vec<Thread> = (1..).zip(&wanted).map(|(id, note)| thread(id, note)).collect();
    assert_eq!(standing::notes(&wanted, &gate, &there), []);
    let later = Gate::new("countersign.yml", Stage::Merge, None, &[], "2026-11-26T12:00:00Z".parse().unwrap());
    assert_eq!(standing::notes(&wanted, &later, &there), [], "the next run finds them again");

    let doubled: Vec<Thread> = there.iter().cloned().chain([thread(9, &wanted[0])]).collect();
    assert_eq!(standing::notes(&wanted, &gate, &doubled), [Step::Delete(9)]);
    let mut old = there.clone();
    old[0].is_shown = false;
    assert_eq!(standing::notes(&wanted[..1], &gate, &old[..1]), [Step::Post(wanted[0].clone()), Step::Delete(1)]);
    let mut foreign = there.clone();
    for one in &mut foreign {
        one.note.is_ours = false;
    }
    assert_eq!(standing::notes(&[], &gate, &foreign), [], "what others wrote stays");
    let other = super::publication::gate(Some("prod"), "2026-11-25T12:00:00Z");
    assert_eq!(standing::notes(&[], &other, &there), [], "and what another gate wrote");

    assert_eq!(standing::notes(&[], &gate, &there[..1]), [Step::Delete(1)]);
    let mut answered = there[0].clone();
    answered.is_answered = true;
    let steps = standing::notes(&[], &gate, std::slice::from_ref(&answered));
    let [Step::Edit(1, text)] = &steps[..] else { panic!("{steps:?}") };
    assert!(text.contains("gives nothing more"), "{text}");
    answered.note.body.clone_from(text);
    assert_eq!(standing::notes(&[], &gate, &[answered.clone()]), []);
    assert_eq!(standing::notes(&wanted[..1], &gate, &[answered]), [Step::Post(wanted[0].clone())]);
}
