//! Real files with bytes flipped, cut, doubled and spliced, through the whole gate in this process.
//!
//! Whatever becomes of them: no panic, an answer of the contract, and no gain that is authorized without anybody's approval.

use super::place::{EVERYTHING, FACTS, NOW, POLICY, Place, READ};
use countersign::document::Bounds;
use countersign::gate::{Error, Form, Judged, Request, Verdict, check};
use countersign::systems::Kind;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use std::fs;
use std::path::{Path, PathBuf};

/// One change to the bytes of a file.
#[derive(Clone, Debug)]
enum Edit {
    Flip(Index, u8),
    Cut(Index),
    Remove(Index, usize),
    Repeat(Index, usize),
    Insert(Index, &'static [u8]),
    Splice(Index, Index),
}

/// What parsers stumble over.
const PIECES: [&[u8]; 20] = [
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\t",
    b"\"",
    b"'",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b"- ",
    b"---\n",
    b"&a ",
    b"*a",
    b"!!binary ",
    b"<<: *a\n",
    b"{{",
    b"\xe2\x80\xae",
];

fn edit() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    prop_oneof![
        (at(), 0..8_u8).prop_map(|(at, bit)| Edit::Flip(at, bit)),
        at().prop_map(Edit::Cut),
        (at(), 1..40_usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        (at(), 1..80_usize).prop_map(|(at, length)| Edit::Repeat(at, length)),
        (at(), select(PIECES.to_vec())).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (at(), at()).prop_map(|(at, from)| Edit::Splice(at, from)),
    ]
}

fn apply(bytes: &mut Vec<u8>, edit: &Edit) {
    if bytes.is_empty() {
        return;
    }
    let range = |at: &Index, length: usize| at.index(bytes.len())..(at.index(bytes.len()) + length).min(bytes.len());
    match edit {
        Edit::Flip(at, bit) => {
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
        }
        Edit::Cut(at) => bytes.truncate(at.index(bytes.len())),
        Edit::Remove(at, length) => drop(bytes.drain(range(at, *length))),
        Edit::Repeat(at, length) => {
            let range = range(at, *length);
            bytes.extend_from_within(range);
        }
        Edit::Insert(at, piece) => {
            let at = at.index(bytes.len());
            drop(bytes.splice(at..at, piece.iter().copied()));
        }
        Edit::Splice(at, from) => {
            let rest = bytes[from.index(bytes.len())..].to_vec();
            bytes.truncate(at.index(bytes.len()));
            bytes.extend(rest);
        }
    }
}

fn damaged(mut bytes: Vec<u8>, edits: &[Edit]) -> Vec<u8> {
    for edit in edits {
        apply(&mut bytes, edit);
    }
    bytes
}

/// The files of all cases that a gate reads, small enough to be changed often.
fn files(of: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut pending =
        vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases"), Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")];
    while let Some(directory) = pending.pop() {
        for path in fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_small = || fs::metadata(&path).is_ok_and(|metadata| metadata.is_file() && metadata.len() < 8192);
            if path.is_dir() && name != "expected" {
                pending.push(path);
            } else if of.iter().any(|end| name.ends_with(end)) && is_small() {
                found.push(path);
            }
        }
    }
    found.sort();
    assert!(found.len() > 3, "{of:?}");
    found
}

fn judged(place: &Place, facts: bool) -> Judged {
    let bounds = Bounds { bytes: 1 << 20, depth: 64, nodes: 20_000 };
    let request = Request { bounds, repo: place.path("."), ..Request::of_sides_in(&place.path(".")) };
    Judged { facts: facts.then(|| place.path("facts.yml")), ..Judged::new(request, NOW.parse().unwrap()) }
}

/// Nothing that widens is let through, and everything that is said can be said in every form.
fn holds(answer: &Result<Verdict, Error>) {
    match answer {
        Err(error) => assert!(!countersign::gate::explain(error).contains("Error")),
        Ok(verdict) => {
            let code = verdict.decision.exit_code();
            assert!(matches!(code, 0 | 10..=13), "{code}");
            let widens = verdict.change.has(Kind::Gained) || verdict.change.has(Kind::Undecided);
            assert!(!(widens && code == 0), "it is let through: {:?}", verdict.change.entries);
            assert!(verdict.render(Form::Text, true).is_ok() && verdict.render(Form::Json, true).is_ok());
        }
    }
}

fn is_json(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice::<serde_json::Value>(text).is_ok()
}

fn was_a_policy(bytes: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(bytes).is_ok_and(|value| value.get("Statement").is_some())
}

fn cases() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) }
}

proptest! {
    #![proptest_config(cases())]

    /// A file that held permissions and is damaged lets nothing through, neither as the head nor as the base.
    #[test]
    fn a_damaged_permission_file_lets_nothing_through(
        file in select(files(&[".json", ".yaml"])), edits in vec(edit(), 1..4), is_head in any::<bool>()
    ) {
        let place = Place::empty();
        let whole = fs::read(&file).unwrap();
        let damaged = damaged(whole.clone(), &edits);
        let name = file.file_name().unwrap().to_str().unwrap();
        let (base, head) = if is_head { (whole, damaged) } else { (damaged, whole) };
        place.write("base/countersign.yml", POLICY);
        place.write("head/countersign.yml", POLICY);
        // Whoever reads it next, by a lenient reader or once it is whole again, may see something else in it.
        let is_cut_off = is_head && file.extension().is_some_and(|end| end == "json") && was_a_policy(&base) && !is_json(&head);
        place.write(&format!("base/x/{name}"), base);
        place.write(&format!("head/x/{name}"), head);
        place.write("facts.yml", FACTS);
        let answer = check(&judged(&place, true));
        holds(&answer);
        prop_assert!(!is_cut_off || !answer.is_ok_and(|verdict| verdict.decision.exit_code() == 0), "it is taken for gone");
    }

    /// What was denied is not authorized because the policy that denied it is damaged, unless it still says who has to approve.
    #[test]
    fn a_damaged_policy_lets_nothing_through(file in select(files(&["countersign.yml", "observe.yml"])), edits in vec(edit(), 1..4)) {
        let place = Place::new();
        let damaged = damaged(fs::read(&file).unwrap(), &edits);
        place.write("base/countersign.yml", &damaged);
        let answer = check(&judged(&place, true));
        // A policy may observe or allow: then it says so in words that are still there.
        let lets_through = [&b"observe"[..], b"allow", b"ignore"].iter().any(|word| damaged.windows(word.len()).any(|found| found == *word));
        if lets_through {
            drop(answer);
        } else {
            holds(&answer);
        }
    }

    /// Facts that nobody approves in approve nothing however they are damaged, since an approval needs a dozen words at once.
    #[test]
    fn damaged_facts_approve_nothing(file in select(files(&["facts.yml"])), edits in vec(edit(), 1..4)) {
        let place = Place::new();
        let damaged = damaged(fs::read(&file).unwrap(), &edits);
        place.write("facts.yml", &damaged);
        // The group has one member, of an id that no case has.
        place.write("base/countersign.yml", POLICY.replace("bob: 2", "bob: 918273645"));
        holds(&check(&judged(&place, true)));
    }
}

#[test]
fn the_undamaged_change_is_not_let_through_either() {
    let place = Place::new();
    assert_eq!(check(&judged(&place, true)).unwrap().decision.exit_code(), 11);
    place.write("head/a.json", READ);
    assert_eq!(check(&judged(&place, true)).unwrap().decision.exit_code(), 0);
    place.write("base/a.json", EVERYTHING);
    assert_eq!(check(&judged(&place, false)).unwrap().decision.exit_code(), 0);
}
