//! One run: pairs are made, judged and compared, and what does not hold is counted, made small, and written down.

use super::check::{Failure, Question, What};
use super::judge::{Judge, Verdict};
use super::known::{CLASSES, Class, class};
use super::mutate;
use super::options::Options;
use super::pair::Pool;
use super::random::Random;
use super::request::Request;
use super::shrink::{Finding, shrink};
use super::vocabulary::Vocabulary;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::io::{IsTerminal, stderr};

/// Pairs that the judge has while we compare the next one.
const AHEAD: usize = 8;

/// What was seen.
#[derive(Default)]
pub struct Tally {
    pub pairs: usize,
    pub requests: usize,
    /// Pairs of which nothing was said, and of which something could not be read.
    equal: usize,
    opaque: usize,
    /// Witnesses that were judged, and those that need something which no request can carry.
    proofs: usize,
    unproved: usize,
    /// Verdicts that differ between the sides, and those that the judge did not give.
    differing: usize,
    untold: usize,
    /// Pairs by the class that explains their disagreements.
    known: BTreeMap<&'static str, usize>,
    /// Pairs by the first law that they break.
    failed: BTreeMap<What, Vec<u64>>,
    first: Option<Finding>,
}

/// A pair that the judge has, by its number.
type Asked = (u64, Question);

/// All pairs of the run.
pub fn run(judge: &mut Judge, options: &Options) -> Tally {
    let pool = Pool::new(options.corpus.as_deref());
    let mut tally = Tally::default();
    let mut waiting = VecDeque::new();
    for number in options.numbers() {
        waiting.push_back(ask(judge, number, options, &pool));
        if waiting.len() > AHEAD {
            settle(judge, &mut waiting, &mut tally);
        }
        if number % 64 == 0 && stderr().is_terminal() {
            eprint!("\r{number} of {} pairs, {} failed ", options.pairs, tally.failures());
        }
    }
    while !waiting.is_empty() {
        settle(judge, &mut waiting, &mut tally);
    }
    tally
}

fn ask(judge: &mut Judge, number: u64, options: &Options, pool: &Pool) -> Asked {
    let mut random = Random::of(options.seed, number);
    let pair = mutate::pair(pool, &mut random);
    let vocabulary = Vocabulary::of(&pair);
    let requests: Vec<Request> = (0..options.requests).map(|_| vocabulary.request(&mut random)).collect();
    let question = Question::new(pair, requests);
    judge.ask(&question);
    (number, question)
}

fn settle(judge: &mut Judge, waiting: &mut VecDeque<Asked>, tally: &mut Tally) {
    let Some((number, question)) = waiting.pop_front() else { return };
    let verdicts = judge.answer();
    tally.count(&question, &verdicts);
    let (known, unknown): (Vec<Failure>, Vec<Failure>) =
        question.failures(&verdicts).into_iter().partition(|failure| class(&question.pair, &failure.request).is_some());
    let names: BTreeSet<&str> = known.iter().filter_map(|failure| Some(class(&question.pair, &failure.request)?.name)).collect();
    for name in names {
        *tally.known.entry(name).or_default() += 1;
    }
    let Some(failure) = unknown.first() else { return };
    tally.failed.entry(failure.what).or_default().push(number);
    if tally.first.is_none() {
        // The answers of those that wait come first.
        let others: Vec<_> = waiting.iter().map(|_| judge.answer()).collect();
        tally.first = Some(shrink(judge, number, &question.pair, failure));
        judge.put_back(others);
    }
}

impl Tally {
    fn count(&mut self, question: &Question, verdicts: &[Option<Verdict>]) {
        self.pairs += 1;
        self.requests += verdicts.len();
        self.proofs += question.proofs.len();
        self.unproved += question.unproved;
        self.equal += usize::from(question.said.entries.is_empty());
        self.opaque += usize::from(question.said.is_opaque);
        let differs = |verdict: &&Verdict| verdict.alone[0] != verdict.alone[1] || verdict.aided[0] != verdict.aided[1];
        self.differing += verdicts.iter().flatten().filter(differs).count();
        self.untold += verdicts.iter().filter(|verdict| verdict.is_none()).count();
    }

    fn failures(&self) -> usize {
        self.failed.values().map(Vec::len).sum()
    }

    /// What is wrong with the run as a whole.
    pub fn wrong(&self, options: &Options) -> Vec<String> {
        let mut wrong = Vec::new();
        if let Some(finding) = &self.first {
            wrong.push(format!(
                "{} pairs failed, the first as follows; to have it again: {}\n{finding}",
                self.failures(),
                options.again(finding.number)
            ));
        }
        let over = |class: &&Class| self.known.get(class.name).is_some_and(|count| count * 1000 > class.most * self.pairs.max(1000));
        wrong.extend(CLASSES.iter().filter(over).map(|class| format!("more than {} of 1000 pairs: {}", class.most, class.name)));
        if self.untold * 100 > self.requests {
            wrong.push(format!("the judge could not tell {} of {} verdicts", self.untold, self.requests));
        }
        if options.only.is_none() && self.differing == 0 {
            wrong.push("no request tells any pair apart: nothing was tried".to_owned());
        }
        wrong
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pairs, requests, equal, opaque, differing, untold, proofs, unproved, .. } = self;
        writeln!(f, "{pairs} pairs, {equal} of them equal, {opaque} with parts that cannot be read")?;
        writeln!(f, "{requests} requests, {differing} of them allowed on one side only, {untold} without a verdict")?;
        for class in CLASSES {
            let count = self.known.get(class.name).unwrap_or(&0);
            writeln!(f, "{count} pairs in which the judge is known to differ: {} ({})", class.name, class.why)?;
        }
        writeln!(f, "{proofs} witnesses, and {unproved} more that need what no request can carry")?;
        write!(f, "{} pairs failed", self.failures())?;
        self.failed.iter().try_for_each(|(what, pairs)| write!(f, "\n{what:?} in {pairs:?}"))
    }
}
