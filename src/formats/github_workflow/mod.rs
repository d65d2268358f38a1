//! Workflows of GitHub Actions: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax>.
//!
//! What GitHub refuses is an error, and the job or the workflow cannot be told. So is an expression where a permission, an event or a
//! called workflow stands.

mod condition;
mod events;
mod job;
mod notes;
mod permissions;
mod status;

use super::{Format, Reading, Setting, may_be_escaped};
use crate::diagnostic::{Diagnostic, Severity};
use crate::document::{File, Node};
use crate::systems::github::{Job, JobName, Level, Rules, Stated, Token};
use crate::systems::{Opaque, content_digest};
use events::Ways;
use job::Jobs;
use memchr::memmem;
use notes::Notes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Workflows where GitHub looks for them, and whatever looks like one.
pub const FORMAT: Format = Format { id: "github-workflow", at, syntax: None, claims: |_, document| claims(document), may_hold, read };

const WORKFLOW: &[&str] = &["name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs"];

const JOB: &[&str] = &[
    "name",
    "permissions",
    "needs",
    "if",
    "runs-on",
    "snapshot",
    "environment",
    "concurrency",
    "outputs",
    "env",
    "defaults",
    "steps",
    "timeout-minutes",
    "strategy",
    "continue-on-error",
    "container",
    "services",
    "uses",
    "with",
    "secrets",
];

/// What each job waits for is looked up for each of them.
const MOST_JOBS: usize = 256;

/// Where a job runs, what it does, what it calls: it has one of them.
const OF_A_JOB: [&str; 3] = ["runs-on", "steps", "uses"];

fn at(path: &str) -> bool {
    let is_workflow = |name: &str| !name.contains('/') && matches!(name.rsplit_once('.'), Some((_, "yml" | "yaml")));
    path.strip_prefix(".github/workflows/").is_some_and(is_workflow)
}

/// `on`, and a job that says where it runs, what it does or what it calls.
fn claims(document: &Node) -> bool {
    let is_job = |(_, job): &(Node, Node)| OF_A_JOB.iter().any(|key| job.get(key).is_some());
    document.get("on").is_some() && document.get("jobs").and_then(Node::entries).is_some_and(|jobs| jobs.iter().any(is_job))
}

fn may_hold(bytes: &[u8]) -> bool {
    let holds = |word: &str| memmem::find(bytes, word.as_bytes()).is_some();
    (holds("jobs") && OF_A_JOB.iter().any(|key| holds(key))) || may_be_escaped(bytes)
}

fn read(file: &File, setting: &Setting) -> Reading {
    let is_own = setting.forced || at(&file.path);
    // A repository is one world, wherever in it its workflows stand: the path of a job is part of its name.
    let realm = setting.realm.clone().unwrap_or_default();
    let mut reader = Reader { file, realm, default: setting.default_token, reading: Reading::default() };
    match file.documents.as_slice() {
        [_, second, ..] if is_own => {
            let mut notes = Notes::new(file);
            notes.error(
                second,
                "several-documents",
                "a workflow is one document, and here a second begins",
                "remove the `---` between them",
            );
            reader.refuse(None, &whole(&file.documents), second, notes);
        }
        documents => documents.iter().filter(|document| is_own || claims(document)).for_each(|document| reader.workflow(document)),
    }
    reader.reading
}

fn whole(documents: &[Node]) -> String {
    documents.iter().map(Node::canonical).collect::<Vec<_>>().join("\n")
}

struct Reader<'r> {
    file: &'r File,
    realm: Arc<str>,
    /// What a token may do where nothing is said, if that is known.
    default: Option<Level>,
    reading: Reading,
}

/// What the jobs of a workflow have in common.
struct Workflow<'w> {
    node: &'w Node,
    jobs: &'w [(Node, Node)],
    by_id: Jobs<'w>,
    ways: Ways,
    token: Option<Stated>,
}

impl Reader<'_> {
    fn workflow(&mut self, node: &Node) {
        let mut notes = Notes::new(self.file);
        match Workflow::read(node, &mut notes) {
            Some(workflow) => {
                self.reading.diagnostics.append(&mut notes.diagnostics);
                workflow.jobs.iter().for_each(|(id, job)| self.job(&workflow, id, job));
            }
            // A document that somebody else may read says more than a workflow would.
            None if !at(&self.file.path) && !claims(node) => self.refuse(None, &node.canonical(), node, notes),
            None => self.refuse(None, &relevant(node), node, notes),
        }
    }

    fn job(&mut self, workflow: &Workflow<'_>, key: &Node, node: &Node) {
        let mut notes = Notes::new(self.file);
        let id: Arc<str> = key.scalar().map_or("", |scalar| &*scalar.text).into();
        if !job::is_id(&id) {
            let help = "use letters, digits, `-` and `_`, beginning with a letter or `_`";
            notes.error(key, "job-id", format!("`{id}` is no name of a job, and GitHub refuses the file"), help);
        }
        if node.entries().is_none() {
            notes.wrong_type(node, "a job", "a mapping");
        }
        notes.warn_of_unknown(node, "a job", JOB);
        job::warn_of_a_condition_that_is_a_string(node, &mut notes);
        job::refuse_needs_of_nothing(node, &workflow.by_id, &mut notes);
        let calls = job::calls(node, &mut notes);
        let own = node.get("permissions").and_then(|own| permissions::read(own, &mut notes));
        let name = JobName { workflow: Arc::clone(&self.file.path), id: Arc::clone(&id), calls };
        if !notes.is_sound() {
            // Those of the jobs that it needs as well: they may be all that keeps it from running.
            let guards = workflow.by_id.guards(&id).into_iter().collect::<Vec<_>>().join("\n");
            let content = values(workflow.node, &["on", "permissions"]) + &relevant_of_job(key, node) + &guards;
            return self.refuse(Some(&name), &content, node, notes);
        }
        self.reading.diagnostics.append(&mut notes.diagnostics);
        let default = || Stated { token: Token::Default(self.default), place: self.file.place(key.span), scopes: BTreeMap::new() };
        let token = own.or_else(|| workflow.token.clone()).unwrap_or_else(default);
        let guards = workflow.by_id.guards(&id);
        self.reading.access.github.jobs.push(Job { realm: Arc::clone(&self.realm), name, token, ways: workflow.ways.clone(), guards });
    }

    /// What GitHub would not take, or of which nobody can tell what it gives.
    fn refuse(&mut self, job: Option<&JobName>, content: &str, node: &Node, notes: Notes<'_>) {
        let first = notes.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
        self.reading.access.github.opaque.insert(Opaque {
            holder: job.map_or_else(|| Arc::clone(&self.file.path), |name| name.to_string().into()),
            realm: Arc::clone(&self.realm),
            digest: content_digest(&[content]),
            why: first.map_or_else(|| "it cannot be read".to_owned(), |diagnostic| diagnostic.message.clone()),
            place: first.map_or_else(|| self.file.place(node.span), |diagnostic| diagnostic.place.clone()),
        });
        self.reading.diagnostics.extend(notes.diagnostics);
    }
}

impl<'w> Workflow<'w> {
    fn read(node: &'w Node, notes: &mut Notes<'_>) -> Option<Self> {
        if node.entries().is_none() {
            notes.wrong_type(node, "a workflow", "a mapping");
            return None;
        }
        if node.get("on").or_else(|| node.get("jobs")).is_none() {
            // Which of its keys GitHub does not know is no news then.
            notes.error(
                node,
                "missing-field",
                "this is no workflow, since it has neither `on` nor `jobs`",
                "move the file out of this directory",
            );
            return None;
        }
        notes.warn_of_unknown(node, "a workflow", WORKFLOW);
        let ways = required(node, "on", notes).map(|on| events::ways(on, notes));
        let jobs = required(node, "jobs", notes).and_then(|jobs| {
            let entries = jobs.entries();
            if entries.is_none() {
                notes.wrong_type(jobs, "`jobs`", "a mapping");
            }
            if entries.is_some_and(|entries| entries.len() > MOST_JOBS) {
                let message = format!("what each of more than {MOST_JOBS} jobs waits for is not compared");
                notes.error(jobs, "too-many-jobs", message, "write them as several workflows");
            }
            entries
        });
        let token = node.get("permissions").and_then(|own| permissions::read(own, notes));
        let (ways, jobs) = (ways?, jobs?);
        notes.is_sound().then(|| Self { node, jobs, by_id: Jobs::new(jobs), ways, token })
    }
}

fn required<'n>(node: &'n Node, key: &str, notes: &mut Notes<'_>) -> Option<&'n Node> {
    let value = node.get(key);
    if value.is_none() {
        notes.error(
            node,
            "missing-field",
            format!("a workflow has to have `{key}`, and GitHub refuses the file"),
            "write it, or remove the file",
        );
    }
    value
}

/// The text to which an approval of something undecided binds: not its steps.
fn relevant(workflow: &Node) -> String {
    let of = |(id, job): &(Node, Node)| relevant_of_job(id, job);
    let jobs = workflow.get("jobs").map(|jobs| jobs.entries().map_or_else(|| jobs.canonical(), |jobs| jobs.iter().map(of).collect()));
    values(workflow, &["on", "permissions"]) + &jobs.unwrap_or_default()
}

fn relevant_of_job(id: &Node, job: &Node) -> String {
    format!("{} {}\n", id.canonical(), values(job, &["permissions", "uses", "if", "environment", "needs"]))
}

fn values(node: &Node, keys: &[&str]) -> String {
    if node.entries().is_none() {
        return node.canonical();
    }
    keys.iter().map(|key| node.get(key).map_or_else(|| "-".to_owned(), Node::canonical)).collect::<Vec<_>>().join(" ")
}

/// A role's ceiling in the policy file, in the notation of a `permissions:` block. Any job may have it, whoever starts it.
pub fn ceiling(file: &File, block: Option<&Node>) -> Result<Rules, Vec<Diagnostic>> {
    let Some(node) = block else { return Ok(Rules::default()) };
    let mut notes = Notes::new(file);
    match permissions::read(node, &mut notes).map(|stated| stated.token) {
        Some(Token::Block(block)) => Ok(Rules::up_to(&block)),
        _ => Err(notes.diagnostics),
    }
}
