//! Values that a request could have for a key: one of each kind that its tests tell apart.

use super::line::{Line, points};
use super::network::Network;
use super::test::Test;
use crate::access::{Budget, Exhausted, Glob, Tuple, classes, partition};

/// A value of every kind that the tests tell apart, each kind of test on its own.
pub(super) fn samples(tests: &[Test], budget: &mut Budget) -> Result<Vec<String>, Exhausted> {
    let mut samples = texts(tests, budget)?;
    samples.extend(arns(tests, budget)?);
    samples.extend(folded(tests));
    samples.extend(on_lines(tests));
    samples.extend(addresses(tests));
    if tests.iter().any(|test| matches!(test, Test::Bool(_))) {
        samples.extend(["true".to_owned(), "false".to_owned()]);
    }
    samples.push("x".to_owned());
    Ok(samples)
}

fn texts(tests: &[Test], budget: &mut Budget) -> Result<Vec<String>, Exhausted> {
    let globs: Vec<&Glob> = tests.iter().filter_map(|test| if let Test::Text(glob) = test { Some(glob) } else { None }).collect();
    if globs.is_empty() {
        return Ok(Vec::new());
    }
    Ok(classes(&Glob::any(), &globs, budget)?.iter().map(|class| class.word.to_string()).collect())
}

fn arns(tests: &[Test], budget: &mut Budget) -> Result<Vec<String>, Exhausted> {
    let arns: Vec<&Tuple> =
        tests.iter().filter_map(|test| if let Test::Arn(globs) = test { Some(globs.as_slice()) } else { None }).collect();
    if arns.is_empty() {
        return Ok(Vec::new());
    }
    let any: [Glob; 6] = std::array::from_fn(|_| Glob::any());
    let found = partition(&any, &arns, budget)?;
    Ok(found.iter().map(|class| class.words.iter().map(ToString::to_string).collect::<Vec<_>>().join(":")).collect())
}

fn folded(tests: &[Test]) -> Vec<String> {
    let both_cases = |test: &Test| if let Test::Folded(text) = test { vec![text.to_string(), text.to_uppercase()] } else { Vec::new() };
    tests.iter().flat_map(both_cases).collect()
}

fn on_lines(tests: &[Test]) -> Vec<String> {
    let on = |line: Line| {
        let bounds =
            tests.iter().filter_map(move |test| if let Test::Line(own, _, at) = test { (*own == line).then_some(*at) } else { None });
        points(bounds).into_iter().map(move |at| line.text(at))
    };
    on(Line::Number).chain(on(Line::Instant)).collect()
}

fn addresses(tests: &[Test]) -> Vec<String> {
    let networks: Vec<&Network> =
        tests.iter().filter_map(|test| if let Test::Network(network) = test { Some(network) } else { None }).collect();
    if networks.is_empty() {
        return Vec::new();
    }
    let all = [Network::all(true), Network::all(false)];
    let own = |network: &Network| {
        let inside: Vec<&Network> = networks.iter().filter(|other| **other != network && network.contains(other)).copied().collect();
        network.outside(&inside)
    };
    networks.iter().copied().chain(&all).filter_map(own).map(|address| address.to_string()).collect()
}
