//! From the policy file to a [`Policy`], or to everything that is wrong with it. A policy that is wrong anywhere is no policy.

mod deadlocks;
mod delegation;
mod families;
mod glass;
mod misreadings;
mod names;
mod needs;
mod nested;
mod opens;
mod oversight;
mod people;
mod repository;
mod roles;
mod rules;
mod unknown;

pub use families::{FAMILIES, Family};

use super::file::{PeopleFile, PolicyFile, Where};
use super::filters::Numbering;
use super::window::{Calendar, FieldProblem, Step, Window};
use super::{Policy, Rule, Site, SiteRule};
use crate::diagnostic::{Diagnostic, Remarks, Way, only_document};
use crate::document::{File, Node, Problem, Value, from_node, from_node_fully};
use crate::proposal::Person;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
pub use nested::Nested;
pub use repository::Repository;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A policy file that could be read, and whose names nobody has looked at yet.
#[derive(Debug)]
pub struct Draft<'f> {
    file: &'f File,
    /// Without the rules that could not be read.
    document: Cow<'f, Node>,
    written: PolicyFile,
    /// What is wrong with those rules.
    unread: Vec<Diagnostic>,
    /// By path; `None` for one that is wrong.
    calendars: BTreeMap<String, Option<Calendar>>,
    /// What is wrong with them.
    in_calendars: Vec<Diagnostic>,
    /// The policies of directories below the root.
    nested: Vec<Nested<'f>>,
}

/// Names that other rooms define and the policy file may use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'k> {
    /// The ids of the formats.
    pub formats: &'k [&'k str],
    /// The reasons that systems give for a severity.
    pub reasons: &'k [&'k str],
}

/// The reasons for a severity that are known in this version, of all systems together.
pub const REASONS: &[&str] = &[
    "any-principal",
    "approves-certificates",
    "becomes-cloud-role",
    "bind",
    "borrows-access",
    "cap-loosened",
    "changes-access",
    "changes-admission",
    "changes-code",
    "changes-namespaces",
    "cluster-admin",
    "confused-deputy",
    "controls-runs",
    "creates-volumes",
    "cross-account",
    "default-account",
    "deny-narrowed",
    "enters-pods",
    "escalate",
    "every-account",
    "everybody",
    "exfiltration",
    "federated-open",
    "impersonate",
    "issues-tokens",
    "no-owner",
    "organisation",
    "owns-everything",
    "owns-the-gate",
    "passes-checks",
    "permissions-management",
    "privilege-escalation",
    "public",
    "publishes",
    "reaches-nodes",
    "reads-secrets",
    "runs-elsewhere",
    "runs-pods",
    "trust",
    "undecided",
    "wildcard-action",
    "wildcard-on-wildcard",
    "wildcard-resource",
    "wildcard-verb",
    "write-all",
    "writes",
];

/// What came of a check.
#[derive(Debug)]
pub struct Checked {
    /// The policy; `None` if any of the diagnostics is an error.
    pub policy: Option<Policy>,
    /// Everything there is to say, by place.
    pub diagnostics: Vec<Diagnostic>,
}

impl<'f> Draft<'f> {
    /// Reads the policy file. Unknown keys and values of a wrong kind are errors, all of which are told: those of rules by
    /// [`Draft::check`], together with whatever else is wrong, since nothing in the file depends on a rule.
    pub fn read(file: &'f File) -> Result<Self, Vec<Diagnostic>> {
        let document = only_document(file, "policy file", "version: 1").map_err(|diagnostic| vec![diagnostic])?;
        if let Some(diagnostic) = version(file, document) {
            return Err(vec![diagnostic]);
        }
        let problems = match from_node_fully(document) {
            Ok(written) => return Ok(Self::new(file, Cow::Borrowed(document), written, Vec::new())),
            Err(problems) => problems,
        };
        let rest = without_rules(document, &problems);
        let unread: Vec<Diagnostic> = problems.into_iter().map(|problem| Diagnostic::in_file(problem, file)).collect();
        match from_node(&rest) {
            Ok(written) => Ok(Self::new(file, Cow::Owned(rest), written, unread)),
            Err(_) => Err(unread),
        }
    }

    fn new(file: &'f File, document: Cow<'f, Node>, written: PolicyFile, unread: Vec<Diagnostic>) -> Self {
        Self { file, document, written, unread, calendars: BTreeMap::new(), in_calendars: Vec::new(), nested: Vec::new() }
    }

    /// The paths of the calendars that windows name, from the root of the repository.
    pub fn calendar_files(&self) -> BTreeSet<&str> {
        let windows = self.written.windows.values();
        windows.flat_map(|window| &window.calendars).map(|calendar| calendar.file.as_str()).collect()
    }

    /// Gives the draft a calendar that it names, as a text of lines. One that nobody gives is not there.
    #[must_use]
    pub fn with_calendar(mut self, path: &str, file: Result<&File, Diagnostic>) -> Self {
        let read = file.map_err(|diagnostic| vec![diagnostic]).and_then(Calendar::read);
        let calendar = read.map_err(|diagnostics| self.in_calendars.extend(diagnostics)).ok();
        self.calendars.insert(path.to_owned(), calendar);
        self
    }

    /// The path of the file with more people, from the root of the repository.
    pub fn people_file(&self) -> Option<&str> {
        self.written.people_file.as_deref()
    }

    /// What every name means. `people` is the file that [`Draft::people_file`] names, if it could be read.
    pub fn check(&self, people: Option<&File>, known: &Known<'_>) -> Checked {
        let mut remarks = Remarks::new(self.file, &self.document);
        let mut from_file = Vec::new();
        // Without its people every group would be unknown, and what is really wrong would be lost among them.
        let included = self.included(people);
        let people = self.people(people, &mut remarks, &mut from_file);
        let context = Context { written: &self.written, document: &self.document, known, calendars: &self.calendars };
        let policy = people.map(|people| context.policy(self, people, included, &mut remarks, &mut from_file));
        let is_unread = !self.unread.is_empty() || !self.in_calendars.is_empty();
        let is_wrong = is_unread || remarks.has_error() || from_file.iter().any(Diagnostic::is_error);
        let mut diagnostics = [self.unread.clone(), self.in_calendars.clone(), remarks.into_sorted(), from_file].concat();
        diagnostics.sort();
        Checked { policy: policy.filter(|_| !is_wrong), diagnostics }
    }

    /// The people of both files, if both could be read. What is wrong in the people file is told at its places.
    fn people(&self, file: Option<&File>, remarks: &mut Remarks<'_>, from_file: &mut Vec<Diagnostic>) -> Option<people::People> {
        let mut all = people::People::default();
        all.add(&self.written.people, &Way::root().key("people"), remarks);
        match (&self.written.people_file, file) {
            (Some(path), None) => {
                let message = format!("there is no people file `{path}`");
                let help = "it is read from the base side of a change: add it there first, or write its people here";
                remarks.error(&Way::root().key("people-file"), "people-file", message, help);
                return None;
            }
            (Some(_), Some(file)) => match read_people(file) {
                Ok((document, written)) => {
                    let mut own = Remarks::new(file, document);
                    all.add(&written, &Way::root(), &mut own);
                    from_file.extend(own.into_sorted());
                }
                Err(diagnostics) => {
                    from_file.extend(diagnostics);
                    return None;
                }
            },
            (None, _) => {}
        }
        Some(all)
    }
}

/// A file in another version of the language may mean anything, so that nothing else in it is worth a word.
pub(super) fn version(file: &File, document: &Node) -> Option<Diagnostic> {
    let (_, value) = document.entry("version")?;
    let other = value.scalar()?.text.parse::<u64>().ok().filter(|version| *version != 1)?;
    let message = format!("version {other} of the policy language is not known here");
    let help = if other == 0 { "write `version: 1`" } else { "take a newer Countersign, or write `version: 1` and what that knows" };
    Some(Diagnostic::error("policy-version", file.place(value.span), message).help(help))
}

fn read_people(file: &File) -> Result<(&Node, PeopleFile), Vec<Diagnostic>> {
    let document = only_document(file, "people file", "users:").map_err(|diagnostic| vec![diagnostic])?;
    let told = |problem| Diagnostic::in_file(problem, file);
    let written = from_node_fully(document).map_err(|problems| problems.into_iter().map(told).collect::<Vec<_>>())?;
    Ok((document, written))
}

/// The document without the rules in which these problems are.
fn without_rules(document: &Node, problems: &[Problem]) -> Node {
    let mut rest = document.clone();
    let Value::Mapping(entries) = &mut rest.value else { return rest };
    let is_sound = |rule: &Node| !problems.iter().any(|problem| rule.span.start <= problem.span.start && problem.span.end <= rule.span.end);
    for (key, value) in entries {
        if let (Some("rules"), Value::Sequence(rules)) = (key.text(), &mut value.value) {
            rules.retain(is_sound);
        }
    }
    rest
}

/// What the parts of the check have in common.
struct Context<'c> {
    written: &'c PolicyFile,
    document: &'c Node,
    known: &'c Known<'c>,
    calendars: &'c BTreeMap<String, Option<Calendar>>,
}

/// The names that the policy defines.
#[derive(Clone, Debug, Default)]
struct Defined {
    groups: BTreeMap<Arc<str>, BTreeSet<Person>>,
    windows: BTreeSet<Arc<str>>,
    environments: BTreeSet<Arc<str>>,
}

impl Defined {
    /// Whether it was not there.
    fn add_group(&mut self, name: &str) -> bool {
        let is_new = !self.groups.contains_key(name);
        self.groups.entry(name.into()).or_default();
        is_new
    }
}

impl Context<'_> {
    fn policy(
        &self,
        draft: &Draft<'_>,
        people: people::People,
        included: BTreeSet<Arc<str>>,
        remarks: &mut Remarks<'_>,
        elsewhere: &mut Vec<Diagnostic>,
    ) -> Policy {
        let everybody = people.everybody();
        let (groups, teams) = people.groups();
        let windows = self.windows(remarks);
        let ceilings = self.ceilings(remarks);
        let sites = self.sites(remarks);
        let mut defined = Defined {
            groups,
            // A window that is there and wrong has been told already.
            windows: self.written.windows.keys().map(|name| name.as_str().into()).collect(),
            environments: sites.iter().filter_map(|site| site.says.environment.clone()).collect(),
        };
        needs::check(&self.written.needs, &mut defined, remarks);
        let mut numbering = Numbering::default();
        let names = rules::Names::of(&defined, &ceilings);
        let mut rules = self.rules(&names, &mut numbering, remarks);
        let break_glass = rules::Reader { context: self, names: &names, numbering: &mut numbering, remarks }.break_glass();
        let (delegations, about_them) = self.delegations(&names, remarks);
        rules.extend(about_them);
        for nested in &draft.nested {
            rules.extend(nested.rules(self.known, &defined, &mut numbering, elsewhere));
        }
        rules.sort_by(|a: &Rule, b: &Rule| (&a.name, &a.place).cmp(&(&b.name, &b.place)));
        Policy {
            mode: self.written.mode,
            sites,
            everybody,
            groups: defined.groups,
            teams,
            ceilings,
            rules,
            windows,
            filters: numbering.finish(),
            break_glass,
            delegations,
            nested: draft.nested.iter().map(|nested| Arc::clone(&nested.directory)).collect(),
            included,
        }
    }

    fn windows(&self, remarks: &mut Remarks<'_>) -> BTreeMap<Arc<str>, Window> {
        let mut windows = BTreeMap::new();
        for (name, definition) in &self.written.windows {
            let way = Way::root().key("windows").key(name);
            names::check(name, &way, remarks);
            match Window::checked(definition, self.calendars) {
                Ok(window) => {
                    windows.insert(Arc::from(name.as_str()), window);
                }
                Err(problems) => problems.into_iter().for_each(|problem| tell(problem, &way, remarks)),
            }
        }
        windows
    }

    fn sites(&self, remarks: &mut Remarks<'_>) -> Vec<SiteRule> {
        let entries = self.written.places.iter().enumerate();
        entries.filter_map(|(index, entry)| self.site(entry, &Way::root().key("where").item(index), remarks)).collect()
    }

    fn site(&self, entry: &Where, way: &Way, remarks: &mut Remarks<'_>) -> Option<SiteRule> {
        if let Some(format) = &entry.format
            && !self.known.formats.contains(&format.as_str())
        {
            names::unknown("format", format, self.known.formats.iter().copied(), &way.key("format"), remarks);
        }
        let texts = [("realm", &entry.realm), ("holder", &entry.holder), ("environment", &entry.environment)];
        for (key, text) in texts.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?))) {
            names::check(text, &way.key(key), remarks);
        }
        let globs = path_globs(&entry.paths, &way.key("paths"), remarks)?;
        let shared = |text: &Option<String>| text.as_deref().map(Arc::from);
        let says = Site {
            realm: shared(&entry.realm),
            holder: shared(&entry.holder),
            slot: entry.slot,
            default_token: entry.default_workflow_permissions,
            format: shared(&entry.format),
            environment: shared(&entry.environment),
            ignore: false,
        };
        Some(SiteRule { globs, says, ignore: entry.ignore })
    }
}

/// A window's problem, at its place in this file.
fn tell(problem: FieldProblem, way: &Way, remarks: &mut Remarks<'_>) {
    let way = problem.field.iter().fold(way.clone(), |way, step| match step {
        Step::Key(key) => way.key(key),
        Step::Item(index) => way.item(*index),
    });
    remarks.error(&way, problem.code, problem.message, problem.help);
}

/// Globs over paths; `*` stays within a directory.
fn path_globs(texts: &[String], way: &Way, remarks: &mut Remarks<'_>) -> Option<GlobSet> {
    if texts.is_empty() {
        remarks.error(way, "empty-list", "an empty list matches nothing", "name at least one glob, or remove the key");
    }
    let mut set = GlobSetBuilder::new();
    let mut is_wrong = texts.is_empty();
    for (index, text) in texts.iter().enumerate() {
        match path_glob(text) {
            Ok(glob) => {
                set.add(glob);
            }
            Err((message, help)) => {
                is_wrong = true;
                remarks.error(&way.item(index), "path-glob", message, help);
            }
        }
    }
    set.build().ok().filter(|_| !is_wrong)
}

/// A glob that could never match a path of a repository is a mistake, and would be a rule that is never about anything.
fn path_glob(text: &str) -> Result<globset::Glob, (String, &'static str)> {
    let help = "write a path from the root of the repository, such as `clusters/prod/**`";
    if text.is_empty() || text.starts_with('/') || text.starts_with("./") || text.ends_with('/') || text.contains('\\') {
        return Err((format!("`{text}` never matches a path"), help));
    }
    let glob = GlobBuilder::new(text).literal_separator(true).backslash_escape(true).empty_alternates(true).build();
    glob.map_err(|error| (format!("`{text}` is not a glob: {}", error.kind()), help))
}
