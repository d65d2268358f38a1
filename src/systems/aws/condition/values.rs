//! The values that a key could have, as far as its conditions tell them apart.

use super::atom::Atom;
use super::line::points;
use super::network::Network;
use super::test::{Family, Known, Test};
use super::texts::kinds;
use crate::access::{Budget, Exhausted, Glob, Letter, Piece, Word};
use std::collections::{BTreeMap, BTreeSet};

/// What cutting the values of all keys may cost.
pub(super) const STEPS: u64 = 8_000_000;

/// Past this many values and atoms, what each value does to each atom would be too much to hold.
const MOST_TRUTHS: usize = 4_000_000;

/// One value of every kind, with what it does to every atom of the key.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// A value of a request.
    pub(super) texts: Vec<String>,
    /// For each value: whether each atom is true of it alone; none where that cannot be told.
    pub(super) truths: Vec<Vec<Option<bool>>>,
    /// Atoms that cut values together. Families are taken for independent of each other.
    pub(super) families: Vec<Members>,
}

/// Atoms of one family, and the values that stand for all kinds of values that they tell apart.
#[derive(Debug)]
pub(super) struct Members {
    pub(super) atoms: Vec<usize>,
    pub(super) values: Vec<usize>,
}

impl Values {
    /// Of a key whose atoms these are.
    pub(super) fn new(atoms: &[Atom], budget: &mut Budget) -> Self {
        let known: Vec<Vec<Known>> = atoms.iter().map(Atom::known).collect();
        let tests: Vec<&Test> = known.iter().flatten().filter_map(Known::test).collect();
        let by_family: BTreeSet<Family> = tests.iter().map(|test| test.family()).collect();
        let asks_arn = atoms.iter().any(|atom| matches!(atom.comparison(), Some(("ArnLike", _))));
        let (mut samples, mut families) = (Vec::new(), Vec::new());
        for family in by_family {
            let of_family: Vec<&Test> = tests.iter().filter(|test| test.family() == family).copied().collect();
            let found = one_of_each(family, &of_family, asks_arn, budget);
            let is_member = |known: &Vec<Known>| known.iter().all(|one| one.test().is_some_and(|test| test.family() == family));
            let members: Vec<usize> =
                (0..).zip(&known).filter(|(_, known)| !known.is_empty() && is_member(known)).map(|(at, _)| at).collect();
            // Where the kinds are too many the family is left out: that says more than there is, never less.
            if let Ok(found) = found {
                families.push(Members { atoms: members, values: (samples.len()..samples.len() + found.len()).collect() });
                samples.extend(found);
            } else {
                samples.extend(of_family.iter().filter_map(|test| test.example()));
            }
        }
        if samples.is_empty() {
            samples.push("x".to_owned());
        }
        if samples.len() * atoms.len() > MOST_TRUTHS {
            return Self::default();
        }
        let truth = |text: &String, atom: &Atom, known: &[Known]| match atom {
            Atom::Missing(_) => Some(false),
            Atom::Opaque(..) => None,
            _ => one_of(known.iter().map(|known| known.is_passed_by(text))),
        };
        let truths = samples.iter().map(|text| atoms.iter().zip(&known).map(|(atom, known)| truth(text, atom, known)).collect()).collect();
        Self { texts: samples, truths, families }
    }
}

/// Whether one of them is true, as far as that can be told.
pub(super) fn one_of(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut is_told = true;
    for truth in truths {
        match truth {
            Some(true) => return Some(true),
            Some(false) => {}
            None => is_told = false,
        }
    }
    is_told.then_some(false)
}

/// A value of every kind that the tests of a family tell apart.
fn one_of_each(family: Family, tests: &[&Test], asks_arn: bool, budget: &mut Budget) -> Result<Vec<String>, Exhausted> {
    match family {
        Family::Text => {
            let globs = tests.iter().filter_map(|test| if let Test::Text(glob) = test { Some(glob) } else { None });
            // What has ARNs is sent ARNs, as far as there are some: what is done with another text, nobody says.
            let arn = some_arn();
            let globs: BTreeSet<&Glob> = globs.chain(asks_arn.then_some(&arn)).collect();
            let mut found = kinds(&Vec::from_iter(globs), budget)?;
            if asks_arn {
                found.sort_by_key(|text| !arn.matches(&Word::plain(&**text)));
            }
            Ok(found)
        }
        Family::Line(line) => {
            let bounds = tests.iter().filter_map(|test| if let Test::Line(_, _, at) = test { Some(*at) } else { None });
            Ok(points(bounds).into_iter().map(|at| line.text(at)).chain(["x".to_owned()]).collect())
        }
        Family::Network => {
            let networks: BTreeSet<&Network> =
                tests.iter().filter_map(|test| if let Test::Network(network) = test { Some(network) } else { None }).collect();
            budget.spend(networks.len() * networks.len())?;
            Ok(addresses(&networks).into_iter().chain(["x".to_owned()]).collect())
        }
    }
}

/// Any ARN none of whose parts is empty.
fn some_arn() -> Glob {
    let exact = |text: &str| text.chars().map(|c| Piece::Letter(Letter::Char(c))).collect::<Vec<_>>();
    let part = [Piece::But(':'), Piece::Run(':')].into_iter().chain(exact(":")).collect();
    let parts = std::iter::once(exact("arn:")).chain(std::iter::repeat_n(part, 4)).flatten();
    Glob::new(parts.chain([Piece::One, Piece::Many]))
}

/// Of every network an address that is in none of those within it, and one outside of all.
fn addresses(networks: &BTreeSet<&Network>) -> Vec<String> {
    let all = [Network::all(true), Network::all(false)];
    let own = |network: &Network| {
        let inside: Vec<&Network> = networks.iter().filter(|other| **other != network && network.contains(other)).copied().collect();
        network.outside(&inside).map(|address| (address, address.to_string()))
    };
    let found: BTreeMap<Network, String> = networks.iter().copied().chain(&all).filter_map(own).collect();
    found.into_values().collect()
}
