//! Every byte of a bundle, changed: it is refused, or says and proves the same.

use crate::place::Place;
use countersign::world::signer::{Verified, Verifier};
use std::fs;

/// What is verified of a bundle, or nothing.
fn verified(verifier: &Verifier, bundle: &[u8]) -> Option<Verified> {
    verifier.verify(bundle).ok()
}

/// Every byte with each of several changes. Gives how many were taken all the same.
pub fn flip(verifier: &Verifier, bundle: &[u8], changes: &[u8]) -> usize {
    let sound = verified(verifier, bundle).unwrap();
    let mut taken = 0;
    for at in 0..bundle.len() {
        for change in changes {
            let mut flipped = bundle.to_vec();
            flipped[at] ^= change;
            if let Some(found) = verified(verifier, &flipped) {
                assert_eq!((&found.bytes, &found.by), (&sound.bytes, &sound.by), "byte {at} by {change:#x}");
                taken += 1;
            }
        }
    }
    taken
}

#[test]
fn every_byte_that_is_flipped_is_refused_or_leaves_statement_and_signer_as_they_are() {
    let place = Place::new();
    place.attested();
    let bundle = fs::read(place.path("authorization.sigstore.json")).unwrap();
    let verifier = Verifier::new(None, Some(&place.path("key.pub"))).unwrap();
    let taken = flip(&verifier, bundle.trim_ascii_end(), &[1, 0x20]);
    // The hint of the key is not signed, nor is how the JSON is spaced.
    assert!(taken < bundle.len() / 8, "{taken} of {} were taken", bundle.len() * 2);
}

#[test]
fn a_bundle_that_is_cut_off_anywhere_is_refused() {
    let place = Place::new();
    place.attested();
    let bundle = fs::read(place.path("authorization.sigstore.json")).unwrap();
    let bundle = bundle.trim_ascii_end();
    let verifier = Verifier::new(None, Some(&place.path("key.pub"))).unwrap();
    for end in 0..bundle.len() {
        assert_eq!(verified(&verifier, &bundle[..end]), None, "cut off at {end}");
    }
}
