//! `countersign policy test`: the cases beside a policy, each through the gate's own decision.

use super::decide::decide;
use super::gather::BOUNDS;
use super::ours::Named;
use super::policies::Loaded;
use super::policy_check::{directory_of, open};
use super::{Asked, Error, Form, Judged, Request, Verdict};
use crate::diagnostic::{self, Diagnostic};
use crate::document::{File, Place, Syntax, parse};
use crate::policy::cases::{Case, Content, Draft, Expected, TextOr};
use crate::report::json::written;
use crate::report::policy_test::{Says, TestReport, TestedCase, TestedFile, Uncovered, text};
use crate::world::files;
use crate::world::repository::{Limits, Reading, Side, Sides, root_of};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How the name of a file of cases ends.
const ENDING: &str = ".tests.yml";

/// Where the cases of a directory stand.
const PLACES: [&str; 2] = ["", ".github"];

/// Which cases to try.
pub struct Tests {
    /// Files of cases, and directories with such files; none for those of the work tree that we are in.
    pub paths: Vec<PathBuf>,
    /// Only cases in whose name this stands.
    pub filter: Option<String>,
    /// Whether rules that no case decides are looked for.
    pub coverage: bool,
    /// The instant of cases that ask for no window.
    pub now: DateTime<Utc>,
}

/// What came of them.
#[derive(Debug)]
pub struct Tested(TestReport);

impl Tested {
    /// 0 if every case says what was expected, 10 if one does not, 14 if they do and a rule decides none of them.
    pub fn exit_code(&self) -> u8 {
        self.0.exit_code
    }

    /// A line a case.
    pub fn text(&self) -> String {
        text(&self.0)
    }

    /// The same for machines.
    pub fn json(&self) -> Result<String, Error> {
        Ok(written(&self.0)?)
    }
}

/// Tries the cases.
pub fn test_policy(tests: &Tests) -> Result<Tested, Error> {
    let mut files = Vec::new();
    for path in tests.files()? {
        files.push(tested_file(&path, tests)?);
    }
    if let Some(filter) = tests.filter.as_ref().filter(|_| files.iter().all(|file| file.cases.is_empty())) {
        return Err(Error::NoSuchCase(filter.clone()));
    }
    let passed = files.iter().flat_map(|file| &file.cases).all(|case| case.passed);
    let covered = files.iter().flat_map(|file| &file.uncovered).all(Vec::is_empty);
    let exit_code = match (passed, covered) {
        (false, _) => 10,
        (true, true) => 0,
        (true, false) => 14,
    };
    Ok(Tested(TestReport { schema: "countersign/policy-test/v1", passed, exit_code, files }))
}

impl Tests {
    fn files(&self) -> Result<Vec<PathBuf>, Error> {
        if self.paths.is_empty() {
            let here = PathBuf::from(".");
            return match (files_in(&here), root_of(&here)) {
                (Err(Error::NoTests { .. }), Some(root)) => files_in(&root),
                (found, _) => found,
            };
        }
        let found = self.paths.iter().map(|path| if files::is_directory(path) { files_in(path) } else { Ok(vec![path.clone()]) });
        Ok(found.collect::<Result<Vec<_>, _>>()?.concat())
    }

    fn wants(&self, case: &Case) -> bool {
        self.filter.as_ref().is_none_or(|filter| case.name.contains(filter.as_str()))
    }
}

/// The files of cases in a directory, of which there has to be one.
fn files_in(directory: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut found = Vec::new();
    for place in PLACES.iter().map(|place| directory.join(place)).filter(|place| files::is_directory(place)) {
        let names = files::names(&place).map_err(|source| Error::read_tests(&place, source))?;
        found.extend(names.iter().filter(|name| name.ends_with(ENDING)).map(|name| plain(&place).join(name)));
    }
    if found.is_empty() { Err(Error::NoTests { path: directory.to_owned() }) } else { Ok(found) }
}

/// Nobody writes `./` before a name.
fn plain(directory: &Path) -> &Path {
    directory.strip_prefix(".").unwrap_or(directory)
}

fn tested_file(path: &Path, tests: &Tests) -> Result<TestedFile, Error> {
    let bytes = Named { what: "file of tests", option: "policy test", path }.read(BOUNDS.bytes)?;
    let name: Arc<str> = path.to_string_lossy().into();
    let parsed = parse(Arc::clone(&name), &bytes, Syntax::Yaml, &BOUNDS);
    let file = parsed.map_err(|(problem, place)| Error::Cases(vec![Diagnostic::unreadable(problem, place, &bytes)]))?;
    let draft = Draft::read(&file).map_err(|diagnostics| quoted(diagnostics, &file))?;
    let (stands_in, policy) = policy_of(path, &draft, tests.now)?;
    let cases = draft.check(&policy.policy, tests.now).map_err(|diagnostics| quoted(diagnostics, &file))?;
    let beside = open(&directory_of(path))?;
    let mut tried = Vec::new();
    for case in cases.iter().filter(|case| tests.wants(case)) {
        let verdict = tried_case(case, (stands_in.base(), &policy), beside.base(), tests.now).map_err(|error| match error {
            Error::Cases(diagnostics) => quoted(diagnostics, &file),
            other => other,
        })?;
        tried.push((case, verdict));
    }
    let uncovered = tests.coverage.then(|| uncovered(&policy, tried.iter().map(|(_, verdict)| verdict)));
    let cases = tried.iter().map(|(case, verdict)| tested(case, verdict)).collect::<Result<_, _>>()?;
    let policy_digest = format!("sha256:{}", policy.digest);
    Ok(TestedFile { path: name.to_string(), policy: policy.path.to_string(), policy_digest, cases, uncovered })
}

fn quoted(mut diagnostics: Vec<Diagnostic>, file: &File) -> Error {
    diagnostic::quote(&mut diagnostics, file);
    Error::Cases(diagnostics)
}

/// The policy that the cases name; else the one that stands beside them under their name. With the policies of directories, and what
/// they stand in.
fn policy_of(path: &Path, draft: &Draft<'_>, now: DateTime<Utc>) -> Result<(Sides, Loaded), Error> {
    let beside = || path.file_name().and_then(|name| name.to_str()?.strip_suffix(ENDING)).map(|stem| format!("{stem}.yml"));
    let name = draft.policy().map(ToOwned::to_owned).or_else(beside).ok_or_else(|| Error::TestsOfNothing { path: path.to_owned() })?;
    Asked { file: Some(path.with_file_name(name)), repo: None, base: None, now }.load_whole("policy:")
}

/// What the policy says of a case.
fn tried_case(case: &Case, (own, policy): (&Side, &Loaded), beside: &Side, now: DateTime<Utc>) -> Result<Verdict, Error> {
    let [base, head] = &case.sides;
    let sides = Sides::told([files_of(case, base, beside)?, files_of(case, head, beside)?], Limits::default());
    let now = case.at.unwrap_or(now);
    let judged = Judged::new(Request::between(String::new(), String::new(), PathBuf::from(".")), now);
    let verdict = decide(&judged, &sides, own, policy.clone(), |_, _| Ok(Some(case.supposed.with(case.facts.clone(), None, now))))?;
    // What is right today and wrong tomorrow is no case.
    if case.at.is_none()
        && let Some(window) = verdict.needs.windows.first()
    {
        let message = format!("this case asks for the window `{window}`, and does not say when");
        let help = "add `at: …`, with an instant such as `2026-11-27T17:05[Europe/London]`";
        return Err(Error::Cases(vec![Diagnostic::error("no-instant", case.place.clone(), message).help(help)]));
    }
    Ok(verdict)
}

type Files = Vec<(Arc<str>, Vec<u8>)>;

fn files_of(case: &Case, files: &BTreeMap<String, Content>, beside: &Side) -> Result<Files, Error> {
    let bytes = |content: &Content| match content {
        TextOr::Text(text) => Ok(text.clone().into_bytes()),
        TextOr::More(from) => match beside.read(&from.file)? {
            Reading::Content(content) => Ok(content.bytes),
            Reading::Absent => Err(unreadable(case, &from.file, "there is no file `{}` beside these tests")),
            Reading::Unreadable(why) => Err(unreadable(case, &from.file, &format!("`{{}}` cannot be read: it is {why}"))),
        },
    };
    files.iter().map(|(path, content)| Ok((Arc::from(path.as_str()), bytes(content)?))).collect()
}

fn unreadable(case: &Case, file: &str, message: &str) -> Error {
    let help = "write a path from the directory of the tests, or the text itself";
    Error::Cases(vec![Diagnostic::error("no-file", case.place.clone(), message.replace("{}", file)).help(help)])
}

fn tested(case: &Case, verdict: &Verdict) -> Result<TestedCase, Error> {
    let Expected { outcome, because, ask } = &case.expected;
    let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>();
    let got = got(verdict);
    let passed = got.outcome == outcome.word()
        && because.as_ref().is_none_or(|because| *because == got.because)
        && ask.as_ref().is_none_or(|ask| *ask == got.ask);
    let shows_ask = ask.is_some() || !got.ask.is_empty();
    Ok(TestedCase {
        name: case.name.clone(),
        place: case.place.to_string(),
        passed,
        expected: Says { outcome: outcome.word(), because: because.as_ref().map(list), ask: ask.as_ref().map(list) },
        instead: if passed { Vec::new() } else { because.iter().flatten().filter_map(|rule| instead(rule, &got, verdict)).collect() },
        got: Says { outcome: got.outcome, because: Some(list(&got.because)), ask: shows_ask.then(|| list(&got.ask)) },
        derivation: if passed { String::new() } else { verdict.render(Form::Text, true)? },
    })
}

/// What a verdict is, in the terms of a case.
struct Got {
    outcome: &'static str,
    because: BTreeSet<String>,
    ask: BTreeSet<String>,
}

fn got(verdict: &Verdict) -> Got {
    let decision = &verdict.decision;
    Got {
        outcome: decision.outcome.word(),
        because: decision.deciding().filter_map(|verdict| verdict.rule.as_ref()).map(ToString::to_string).collect(),
        ask: decision.requirements.iter().flat_map(|verdict| &verdict.could).map(|person| person.login.clone()).collect(),
    }
}

/// What a rule that was expected to decide does instead.
fn instead(rule: &str, got: &Got, verdict: &Verdict) -> Option<String> {
    if got.because.contains(rule) {
        return None;
    }
    let own = verdict.decision.requirements.iter().find(|verdict| verdict.rule.as_deref() == Some(rule));
    Some(match own {
        None => format!("`{rule}` is about no part of this change"),
        Some(own) => format!("`{rule}` says: {} ({})", own.outcome.word(), own.reason),
    })
}

/// The rules, and their triggers, that decide none of these.
fn uncovered<'v>(policy: &Loaded, verdicts: impl Iterator<Item = &'v Verdict>) -> Vec<Uncovered> {
    // Rules of two directories may have one name.
    let mut decided: BTreeMap<Place, BTreeSet<&'static str>> = BTreeMap::new();
    for verdict in verdicts {
        for own in verdict.decision.deciding() {
            let triggers = own.triggers(&verdict.change.entries);
            own.place.iter().for_each(|place| decided.entry(place.clone()).or_default().extend(&triggers));
        }
    }
    let rules = policy.policy.outline().into_iter().filter_map(|rule| {
        let by = decided.get(&rule.place);
        let triggers: Vec<&'static str> = rule.triggers.into_iter().filter(|key| by.is_none_or(|by| !by.contains(key))).collect();
        let is_covered = triggers.is_empty();
        let uncovered = || Uncovered { rule: rule.name.to_string(), place: rule.place.to_string(), triggers, wholly: by.is_none() };
        (!is_covered).then(uncovered)
    });
    rules.collect()
}
