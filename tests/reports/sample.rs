//! A change and a decision made of any texts.

use countersign::change::{Entry, OpaquePart};
use countersign::diagnostic::Diagnostic;
use countersign::document::Place;
use countersign::gate::Form;
use countersign::policy::{
    Decision, Exception, Exclusion, Lifted, Mode, Needs, Outcome, Parts, RuleVerdict, Seated, Silent, Stage, Wanted,
};
use countersign::proposal::{Person, Source};
use countersign::report::decided::Decided;
use countersign::report::{code_quality, decision_json, decision_text, json, markdown, sarif, terminal};
use countersign::systems::{Completes, Kind, Origins, Region, Severity, Witness};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Texts, taken one after the other and again from the start.
pub struct Texts<'t> {
    texts: &'t [String],
    next: usize,
}

impl<'t> Texts<'t> {
    pub fn new(texts: &'t [String]) -> Self {
        Self { texts, next: 0 }
    }

    fn text(&mut self) -> String {
        self.next += 1;
        self.texts[self.next % self.texts.len()].clone()
    }

    fn list(&mut self, number: usize) -> Vec<String> {
        (0..number).map(|_| self.text()).collect()
    }

    fn place(&mut self) -> Place {
        let path = self.text();
        Place { line: 3, column: 4, ..Place::file(if path.is_empty() { "x".to_owned() } else { path }) }
    }

    fn witness(&mut self) -> Witness {
        let context = BTreeMap::from([(self.text(), self.list(2))]);
        let facts = BTreeMap::from([(self.text(), true)]);
        Witness { principal: self.text(), action: self.text(), resource: self.text(), context, facts }
    }

    pub fn entry(&mut self, kind: Kind, severity: Severity) -> Entry {
        let holder = self.text();
        let region = Region {
            principals: self.list(2),
            except_principals: self.list(1),
            holder: holder.into(),
            realm: self.text().into(),
            actions: self.list(2),
            except_actions: self.list(1),
            resources: self.list(2),
            except_resources: self.list(1),
            condition: Some(self.text()),
            expires: Some(self.text()),
            provided: Some(self.text()),
            severity,
            reasons: BTreeSet::from(["reads-secrets", "writes"]),
            summary: Some(self.text()),
            completes: vec![Completes { method: "x", name: "X + Y", source: "https://x.example", with: BTreeSet::from([self.place()]) }],
            origins: Origins { base: BTreeSet::from([self.place()]), head: BTreeSet::from([self.place(), self.place()]) },
            witness: Some(self.witness()),
        };
        let opaque = (kind == Kind::Undecided).then(|| OpaquePart { digest: "0".repeat(64), why: self.text() });
        Entry { kind, system: Some("aws"), format: Some("aws-iam"), region, opaque, within: BTreeSet::new() }
    }

    fn diagnostic(&mut self) -> Diagnostic {
        let place = self.place();
        Diagnostic::error("unknown-key", place, format!("`{}` is not {}", self.text(), self.text())).help(self.text())
    }

    fn person(&mut self, id: u64) -> Person {
        Person { id, login: self.text() }
    }

    fn verdict(&mut self, outcome: Outcome) -> RuleVerdict {
        let group: Arc<str> = self.text().into();
        RuleVerdict {
            rule: Some(self.text().into()),
            place: Some(self.place()),
            applies: Parts { entries: BTreeSet::from([0, 1]), ..Parts::default() }.into(),
            outcome,
            needed: vec![(group, 2)],
            satisfied_by: vec![self.person(1)],
            could: vec![self.person(2)],
            missing: 1,
            deadlock: Vec::new(),
            seats: vec![Seated {
                group: self.text().into(),
                max_age: None,
                not_written_by: vec![self.text().into()],
                person: Some(self.person(4)),
            }],
            objections: vec![self.person(5)],
            to_do: self.list(1),
            ends_by: None,
            lifted: outcome == Outcome::Denied,
            missing_labels: self.list(1),
            windows: Vec::new(),
            reason: format!("{}: ask {} of `{}`", self.text(), self.text(), self.text()),
        }
    }
}

/// A whole report's material.
pub struct Sample {
    pub entries: Vec<Entry>,
    pub vacuous: Vec<Entry>,
    pub diagnostics: Vec<Diagnostic>,
    pub edited: Vec<Arc<str>>,
    pub decision: Decision,
    pub paths: Vec<String>,
    pub policy_path: String,
}

impl Sample {
    pub fn of(texts: &[String]) -> Self {
        let mut texts = Texts::new(texts);
        let kinds = [(Kind::Gained, Severity::High), (Kind::Undecided, Severity::Critical), (Kind::Lost, Severity::Low)];
        let verdicts = [Outcome::Denied, Outcome::Undecidable, Outcome::Waiting { for_approval: true, until: None }, Outcome::Authorized];
        Self {
            entries: kinds.into_iter().map(|(kind, severity)| texts.entry(kind, severity)).collect(),
            vacuous: vec![texts.entry(Kind::Gained, Severity::Low)],
            diagnostics: vec![texts.diagnostic()],
            edited: vec![texts.text().into()],
            decision: Decision {
                outcome: Outcome::Undecidable,
                mode: Mode::Enforce,
                requirements: verdicts.into_iter().map(|outcome| texts.verdict(outcome)).collect(),
                stage: Stage::Merge,
                exclusions: vec![Exclusion { person: texts.person(3), reason: texts.text() }],
                silent: vec![Silent { rule: texts.text().into(), reason: texts.text() }],
                wanted: vec![Wanted { person: texts.person(6), instead: vec![texts.person(7)] }],
                exception: Some(Exception::BreakGlass(Lifted {
                    requested_by: texts.person(8),
                    reason: texts.text(),
                    ticket: texts.text(),
                    until: "2026-11-25T13:00:00Z".parse().unwrap(),
                    approved_by: vec![texts.person(9)],
                    review_from: texts.text().into(),
                    review_due: "2026-11-28T12:00:00Z".parse().unwrap(),
                })),
                next_step: format!("Ask {} or `{}`.", texts.text(), texts.text()),
            },
            paths: texts.list(2),
            policy_path: texts.text(),
        }
    }

    pub fn decided<T>(&self, show: impl FnOnce(&Decided<'_>) -> T) -> T {
        show(&Decided {
            entries: &self.entries,
            vacuous: &self.vacuous,
            digest: "sha256:0",
            diagnostics: &self.diagnostics,
            over: &[],
            both: &[],
            edited: &self.edited,
            needs: &Needs::default(),
            decision: &self.decision,
            policy_path: if self.policy_path.is_empty() { "countersign.yml" } else { &self.policy_path },
            policy_digest: "0123456789abcdef",
            policy_files: &[],
            policy_revision: None,
            source: Some(Source::FactsFile),
            commits: (Some("2222222222222222222222222222222222222222"), Some("1111111111111111111111111111111111111111")),
            paths: &self.paths,
            now: "2026-11-25T12:00:00Z".parse().unwrap(),
        })
    }

    /// What `diff` says.
    pub fn diff(&self, form: Form) -> String {
        let (entries, vacuous, diagnostics) = (&self.entries, &self.vacuous, &self.diagnostics);
        match form {
            Form::Text => terminal::diff(entries, vacuous, diagnostics, true),
            Form::Json => json::written(&json::diff(entries, vacuous, "sha256:0", diagnostics)).unwrap(),
            Form::Markdown => markdown::diff(entries, vacuous, diagnostics),
            Form::Sarif => sarif::diff(entries, vacuous, diagnostics).unwrap(),
            Form::CodeQuality => code_quality::diff(entries, diagnostics).unwrap(),
        }
    }

    /// What `check` says in the summary of a step.
    pub fn summary(&self) -> String {
        self.decided(markdown::summary)
    }

    /// What `check` says.
    pub fn check(&self, form: Form) -> String {
        self.decided(|decided| match form {
            Form::Text => decision_text::check(decided, true),
            Form::Json => json::written(&decision_json::check(decided)).unwrap(),
            Form::Markdown => markdown::check(decided),
            Form::Sarif => sarif::check(decided).unwrap(),
            Form::CodeQuality => code_quality::check(decided).unwrap(),
        })
    }
}
