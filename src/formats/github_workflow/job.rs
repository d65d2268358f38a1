//! One job: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobs>.

use super::condition::{Condition, Part};
use super::notes::Notes;
use super::status::Others;
use crate::document::{Node, Scalar};
use crate::systems::content_digest;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// `uses:` without the version: who gets the token, and not in which edition. `$/` and `./` are the repository itself.
pub(super) fn calls(job: &Node, notes: &mut Notes<'_>) -> Option<Arc<str>> {
    let node = job.get("uses")?;
    let uses = notes.text(node, "`uses` of a job")?;
    let own = uses.strip_prefix("$/").or(uses.strip_prefix("./"));
    let called = match (own, uses.split_once('@')) {
        (Some(path), None) => Some(format!("./{}", path.trim_start_matches("./"))),
        (None, Some((called, version))) if !version.is_empty() => Some(called.to_owned()),
        _ => None,
    };
    let is_workflow =
        |called: &String| called.contains("/.github/workflows/") && called.split('/').all(|part| !part.is_empty() && part != "..");
    let called = called.filter(is_workflow);
    if called.is_none() {
        let help = "write `OWNER/REPOSITORY/.github/workflows/FILE@VERSION`, or `./.github/workflows/FILE`";
        notes.error(node, "unknown-workflow", format!("`{uses}` names no workflow"), help);
    }
    called.map(Arc::from)
}

/// Whether GitHub takes it for the name of a job.
pub(super) fn is_id(text: &str) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
}

/// The jobs of a workflow by their names, of which GitHub does not tell the case, and what each asks for.
pub(super) struct Jobs<'n> {
    by_id: HashMap<String, &'n Node>,
    asks: HashMap<String, Asked<'n>>,
}

/// What one job asks for before it runs.
struct Asked<'n> {
    guards: Vec<Arc<str>>,
    /// The jobs that have to succeed, so that what they ask for is asked for as well.
    through: Vec<&'n str>,
}

impl<'n> Jobs<'n> {
    pub(super) fn new(jobs: &'n [(Node, Node)]) -> Self {
        let named = |(key, job): &'n (Node, Node)| Some((key.scalar()?.text.to_ascii_lowercase(), job));
        // Of several the first, as a mapping that is refused may have.
        let by_id = jobs.iter().rev().filter_map(named).collect();
        let mut all = Self { by_id, asks: HashMap::new() };
        all.asks = all.by_id.iter().map(|(id, job)| (id.clone(), all.asked(job))).collect();
        all
    }

    fn of(&self, id: &str) -> Option<&'n Node> {
        self.by_id.get(&id.to_ascii_lowercase()).copied()
    }

    /// What has to be true before the job runs: its own `if` and environment, and those of the jobs that it needs, which keep it from
    /// running when they do not. A job that looks at how the others ended runs whatever became of them.
    pub(super) fn guards(&self, id: &str) -> BTreeSet<Arc<str>> {
        let mut guards = BTreeSet::new();
        let (mut open, mut seen) = (vec![id], HashSet::new());
        while let Some(id) = open.pop() {
            let id = id.to_ascii_lowercase();
            let Some(asked) = self.asks.get(&id).filter(|_| seen.insert(id)) else { continue };
            guards.extend(asked.guards.iter().cloned());
            open.extend(&asked.through);
        }
        guards
    }

    fn asked(&self, job: &'n Node) -> Asked<'n> {
        let condition = Condition::of(job);
        let through = if condition.others == Others::Succeed { needs(job) } else { Vec::new() };
        let mut guards: Vec<Arc<str>> = through.iter().filter(|id| self.of(id).is_none_or(may_fail)).map(|id| succeeds(id)).collect();
        // Where one job alone is needed, only its end can be meant; what it asks for of itself has come true.
        let only = self.only_needed(job).filter(|_| condition.others == Others::Ended);
        guards.extend(only.map(own).into_iter().flatten());
        guards.extend(condition.all.into_iter().filter_map(|part| self.with_what_it_asks(part, job, only.is_some())));
        guards.extend(environment(job).map(lets_it_run));
        Asked { guards, through }
    }

    /// The needed job, if there is no other and it needs none.
    fn only_needed(&self, job: &Node) -> Option<&'n Node> {
        let [id] = *needs(job) else { return None };
        self.of(id).filter(|needed| needs(needed).is_empty())
    }

    /// The jobs that have to end before, each once.
    fn all_needed(&self, job: &'n Node) -> Vec<(&'n str, &'n Node)> {
        let (mut open, mut seen, mut found) = (needs(job), BTreeSet::new(), Vec::new());
        while let Some(id) = open.pop() {
            let Some(needed) = self.of(id).filter(|_| seen.insert(id)) else { continue };
            open.extend(needs(needed));
            found.push((id, needed));
        }
        found
    }

    /// A condition that asks how needed jobs ended, or what they found out, means something else when those change. `None` where it says
    /// no more than what is demanded of them anyway.
    fn with_what_it_asks(&self, part: Part, job: &'n Node, is_told: bool) -> Option<Arc<str>> {
        let reads = part.text.to_ascii_lowercase().contains("needs");
        let keys: &[&str] = if reads { &["if", "needs", "environment", "outputs"] } else { &["if", "needs", "environment"] };
        let needed = self.all_needed(job);
        let are_guarded = || needed.iter().any(|(_, job)| !own(job).is_empty());
        if !(reads || (part.hangs && !is_told && are_guarded())) {
            return (!part.is_of_others()).then(|| part.text.into());
        }
        let says = |(id, job): &(&str, &Node)| {
            let parts: Vec<String> = keys.iter().map(|key| job.get(key).map_or_else(String::new, Node::canonical)).collect();
            format!("{id} {}", parts.join(" "))
        };
        let mut asked: Vec<String> = needed.iter().map(says).collect();
        asked.sort_unstable();
        let digest = content_digest(&asked.iter().map(String::as_str).collect::<Vec<_>>());
        let short: String = digest.chars().take(8).collect();
        Some(format!("{} (as of {short})", part.text).into())
    }
}

/// What a job that needs no other asks for.
fn own(job: &Node) -> Vec<Arc<str>> {
    let condition = Condition::of(job).all.into_iter().map(|part| Arc::from(part.text));
    condition.chain(environment(job).map(lets_it_run)).collect()
}

fn lets_it_run(environment: &str) -> Arc<str> {
    format!("the environment {environment} lets it run").into()
}

/// GitHub refuses a job that needs one which is not there.
pub(super) fn refuse_needs_of_nothing(job: &Node, jobs: &Jobs<'_>, notes: &mut Notes<'_>) {
    let Some(node) = job.get("needs") else { return };
    if let Some(missing) = needs(job).into_iter().find(|id| jobs.of(id).is_none()) {
        let message = format!("there is no job `{missing}` to be needed, and GitHub refuses the file");
        notes.error(node, "unknown-job", message, "name a job of this workflow");
    }
}

pub(super) fn warn_of_a_condition_that_is_a_string(job: &Node, notes: &mut Notes<'_>) {
    if let Some(node) = job.get("if").filter(|_| Condition::of(job).is_string) {
        let message = "this `if` is always true: what stands around `${{ }}`, if only a line break, makes a string of it";
        notes.warning(node, "condition-is-a-string", message, "write all of it inside of `${{ }}`, or without them");
    }
}

/// What its steps look at may be what keeps the job from running that needs it.
fn succeeds(id: &str) -> Arc<str> {
    format!("the job {id} succeeds").into()
}

fn may_fail(job: &Node) -> bool {
    job.get("continue-on-error").is_none_or(|node| node.scalar().is_some_and(|scalar| *scalar.text == *"false"))
}

fn needs(job: &Node) -> Vec<&str> {
    let Some(needs) = job.get("needs") else { return Vec::new() };
    let items = needs.items().unwrap_or(std::slice::from_ref(needs));
    items.iter().filter_map(|item| item.scalar().map(|scalar| &*scalar.text)).collect()
}

fn environment(job: &Node) -> Option<&str> {
    let environment = job.get("environment")?;
    let name = environment.get("name").unwrap_or(environment).scalar().filter(|name| !Scalar::is_null(name) && !name.text.is_empty())?;
    Some(&name.text)
}
