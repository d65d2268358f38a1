//! A chain, and every way to break it.

use super::*;
use crate::attestation::authorization::v1::GateRun;
use crate::attestation::digest_of;

fn chain(length: u64) -> Vec<Vec<u8>> {
    let mut tip = Tip::default();
    let mut all = Vec::new();
    for number in 0..length {
        let bytes = tip.next(format!("{{\"bundle\":{number}}}")).bytes().unwrap();
        tip = Tip::of(&bytes).unwrap();
        all.push(bytes);
    }
    all
}

fn follow(entries: &[Vec<u8>]) -> Result<Tip, Broken> {
    let mut chain = Chain::default();
    for bytes in entries {
        chain.follow(bytes)?;
    }
    Ok(chain.tip().clone())
}

#[test]
fn entries_in_their_order_are_a_chain() {
    let entries = chain(5);
    let tip = follow(&entries).unwrap();
    assert_eq!((tip.sequence, tip.digest), (5, Some(digest_of(&entries[4]))));
    assert_eq!(Entry::read(&entries[0]).unwrap().previous, None);
    assert_eq!(follow(&[]).unwrap(), Tip::default());
}

#[test]
fn every_byte_of_an_entry_matters() {
    let entries = chain(3);
    for number in 0..entries.len() {
        for at in 0..entries[number].len() {
            for change in [1_u8, 2, 0x20, 0x80] {
                let mut flipped = entries.clone();
                flipped[number][at] ^= change;
                assert!(follow(&flipped).is_err(), "entry {number}, byte {at}, by {change:#x}");
            }
        }
        for end in 0..entries[number].len() {
            let mut cut = entries.clone();
            cut[number].truncate(end);
            assert!(follow(&cut).is_err(), "entry {number}, cut off at {end}");
        }
    }
}

#[test]
fn entries_that_are_dropped_moved_or_doubled_are_noticed() {
    let entries = chain(4);
    let said = |entries: &[Vec<u8>]| follow(entries).unwrap_err();
    let dropped = [entries[0].clone(), entries[2].clone(), entries[3].clone()];
    assert_eq!(said(&dropped), Broken::Order { expected: 2, found: 3 });
    assert_eq!(said(&entries[1..]), Broken::Order { expected: 1, found: 2 });
    let moved = [entries[0].clone(), entries[2].clone(), entries[1].clone()];
    assert_eq!(said(&moved), Broken::Order { expected: 2, found: 3 });
    let doubled = [entries[0].clone(), entries[0].clone()];
    assert_eq!(said(&doubled), Broken::Order { expected: 2, found: 1 });
    let other = Tip { sequence: 1, digest: Some("sha256:00".to_owned()) }.next("{}".to_owned()).bytes().unwrap();
    assert_eq!(said(&[entries[0].clone(), other]), Broken::Link { sequence: 2 });
}

#[test]
fn an_end_that_is_left_off_is_a_shorter_chain_which_only_somebody_who_knows_the_end_notices() {
    let entries = chain(4);
    let (whole, short) = (follow(&entries).unwrap(), follow(&entries[..3]).unwrap());
    assert_ne!(whole, short);
}

#[test]
fn what_was_signed_for_another_place_is_noticed() {
    let entry = Entry::read(&chain(2)[1]).unwrap();
    let run = |sequence, previous: &Option<String>| GateRun { sequence, previous: previous.clone(), ..GateRun::default() };
    assert_eq!(entry.is_signed_for(&run(Some(2), &entry.previous)), Ok(()));
    assert_eq!(entry.is_signed_for(&run(Some(3), &entry.previous)), Err(Broken::Signed { sequence: 2 }));
    assert_eq!(entry.is_signed_for(&run(Some(2), &None)), Err(Broken::Signed { sequence: 2 }));
    assert_eq!(entry.is_signed_for(&GateRun::default()), Err(Broken::Signed { sequence: 2 }));
}
