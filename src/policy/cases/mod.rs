//! Cases for a policy: a change, the facts about it, and what the policy is expected to say.

mod file;

pub use file::{CasesFile, Expect, FromFile, TextOr};

use super::suppose::Supposed;
use super::window::instant;
use super::{Policy, words};
use crate::diagnostic::{Diagnostic, Remarks, Way, only_document};
use crate::document::{File, Node, Place, from_node_fully, nearest};
use crate::proposal::{Person, Proposal};
use chrono::{DateTime, Utc};
use file::WrittenCase;
use std::collections::{BTreeMap, BTreeSet};

/// Cases that could be read, and whose names nobody has looked at yet.
#[derive(Debug)]
pub struct Draft<'f> {
    file: &'f File,
    document: &'f Node,
    written: CasesFile,
}

/// The content of a file in a case.
pub type Content = TextOr<FromFile>;

/// One case in which every name means something.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its sentence.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// The files before and after the change.
    pub sides: [BTreeMap<String, Content>; 2],
    /// The facts that are written out.
    pub facts: Option<Proposal>,
    /// What is said besides.
    pub supposed: Supposed,
    /// The instant of the decision.
    pub at: Option<DateTime<Utc>>,
    /// What should be said.
    pub expected: Expected,
}

/// What a case expects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// What becomes of the change.
    pub outcome: Expect,
    /// Exactly the rules that decide it.
    pub because: Option<BTreeSet<String>>,
    /// Exactly the people who could give an approval that is missing.
    pub ask: Option<BTreeSet<String>>,
}

impl<'f> Draft<'f> {
    /// Reads a file of cases. Unknown keys and values of a wrong kind are errors, all of which are told.
    pub fn read(file: &'f File) -> Result<Self, Vec<Diagnostic>> {
        let document = only_document(file, "file of tests", "version: 1").map_err(|diagnostic| vec![diagnostic])?;
        let told = |problem| Diagnostic::in_file(problem, file);
        let written = from_node_fully(document).map_err(|problems| problems.into_iter().map(told).collect::<Vec<_>>())?;
        Ok(Self { file, document, written })
    }

    /// The path of the policy, if it does not stand beside under the same name.
    pub fn policy(&self) -> Option<&str> {
        self.written.policy.as_deref()
    }

    /// What every name means in this policy. `now`: no fact of a case without an instant of its own is from the future.
    pub fn check(&self, policy: &Policy, now: DateTime<Utc>) -> Result<Vec<Case>, Vec<Diagnostic>> {
        let mut reader = Reader { policy, remarks: Remarks::new(self.file, self.document) };
        let root = Way::root();
        if self.written.version != 1 {
            let message = format!("version {} of the language of tests is not known here", self.written.version);
            reader.remarks.error(&root.key("version"), "tests-version", message, "write `version: 1`");
        }
        if self.written.tests.is_empty() {
            reader.remarks.error(&root.key("tests"), "empty-list", "there is no case here", "write one, or delete the file");
        }
        let cases = self.written.tests.iter().enumerate();
        let cases: Vec<Case> = cases.map(|(index, case)| reader.case(case, &root.key("tests").item(index), now)).collect();
        let mut names = BTreeSet::new();
        for (index, case) in cases.iter().enumerate().filter(|(_, case)| !names.insert(case.name.as_str())) {
            let message = format!("two cases are called `{}`", case.name);
            reader.remarks.error(&root.key("tests").item(index).key("name"), "duplicate-name", message, "give each its own sentence");
        }
        if reader.remarks.has_error() { Err(reader.remarks.into_sorted()) } else { Ok(cases) }
    }
}

struct Reader<'r> {
    policy: &'r Policy,
    remarks: Remarks<'r>,
}

impl Reader<'_> {
    fn case(&mut self, case: &WrittenCase, way: &Way, now: DateTime<Utc>) -> Case {
        if case.name.trim().is_empty() {
            self.remarks.error(&way.key("name"), "unclear-name", "a case has a name", "write a sentence that says what holds");
        }
        if case.base.is_empty() && case.head.is_empty() {
            let help = "write the files after the change under `head`, those before it under `base`";
            self.remarks.error(way, "no-files", "there is no file on either side of this case", help);
        }
        for (side, files) in [("base", &case.base), ("head", &case.head)] {
            for path in files.keys().filter(|path| !is_path(path)) {
                let message = format!("`{path}` is no path of a file in a repository");
                self.remarks.error(&way.key(side).key(path), "wrong-path", message, "write it from the root, such as `iam/deploy.json`");
            }
        }
        let at = case.at.as_ref().and_then(|text| self.instant(text, &way.key("at")));
        if let Some(facts) = &case.facts {
            facts.check(&way.key("facts"), at.unwrap_or(now), &mut self.remarks);
        }
        let author = case.author.as_ref().and_then(|who| self.person(who, &way.key("author")));
        let approvals = case.approved_by.iter().enumerate();
        let approvals = approvals.filter_map(|(index, who)| self.person(who, &way.key("approved-by").item(index))).collect();
        let because = case.because.as_ref().map(|names| self.rules(names, &way.key("because")));
        let ask = case.ask.as_ref().map(|logins| self.logins(logins, &way.key("ask")));
        Case {
            name: case.name.clone(),
            place: self.remarks.place(way),
            sides: [case.base.clone(), case.head.clone()],
            facts: case.facts.clone(),
            supposed: Supposed { author, approvals, labels: case.labels.clone() },
            at,
            expected: Expected { outcome: case.expect, because, ask },
        }
    }

    fn instant(&mut self, text: &str, way: &Way) -> Option<DateTime<Utc>> {
        instant(text).map_err(|help| self.remarks.error(way, "wrong-time", format!("`{text}` is no instant"), help)).ok()
    }

    fn person(&mut self, who: &TextOr<Person>, way: &Way) -> Option<Person> {
        match who {
            TextOr::More(person) => Some(person.clone()),
            TextOr::Text(login) => {
                let help = "correct it, or write `{ id: …, login: … }` for somebody whom the policy does not know";
                self.policy.known_person(login).map_err(|message| self.remarks.error(way, "unknown-name", message, help)).ok()
            }
        }
    }

    fn rules(&mut self, names: &[String], way: &Way) -> BTreeSet<String> {
        let known: Vec<&str> = self.policy.rules.iter().map(|rule| &*rule.name).collect();
        for (index, name) in names.iter().enumerate().filter(|(_, name)| !known.contains(&name.as_str())) {
            let meant = nearest(name, &known).map_or_else(String::new, |near| format!("did you mean `{near}`? "));
            let help = format!("{meant}there is {}", words::quoted(&known, "and"));
            self.remarks.error(&way.item(index), "unknown-name", format!("`{name}` is no rule of the policy"), help);
        }
        names.iter().cloned().collect()
    }

    fn logins(&mut self, logins: &[String], way: &Way) -> BTreeSet<String> {
        for (index, login) in logins.iter().enumerate() {
            if let Err(message) = self.policy.known_person(login) {
                self.remarks.error(&way.item(index), "unknown-name", message, "name people of the policy's groups");
            }
        }
        logins.iter().cloned().collect()
    }
}

/// Whether a repository can have a file of this path.
fn is_path(path: &str) -> bool {
    !path.contains(['\\', '\0']) && path.split('/').all(|name| !matches!(name, "" | "." | ".."))
}
