//! Whether a repository of GitHub has to pass the gate, and what is at odds with it.

use crate::document::{Bounds, Node, Syntax, parse};
use crate::gate::{Error, own};
use crate::report::doctor::{Finding, Standing};
use crate::world::forge::BranchSettings;
use crate::world::repository::{Reading, Side};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A workflow that runs the gate.
pub(super) struct Pipeline {
    path: Arc<str>,
    events: BTreeSet<String>,
    /// Those of them about pull requests that do not start it once one is aimed at another branch.
    unaware: BTreeSet<String>,
    /// What its checks are called, as far as that stands in it.
    checks: BTreeSet<String>,
}

impl Pipeline {
    /// Whether a change can edit what judges it.
    fn is_of_the_change(&self) -> bool {
        !self.events.contains("pull_request_target")
    }

    fn reports(&self, required: &str) -> bool {
        self.checks
            .iter()
            .any(|check| required == check || required.strip_prefix(check.as_str()).is_some_and(|rest| rest.starts_with(" / ")))
    }
}

/// The workflows that run the gate.
pub(super) fn pipelines(side: &Side) -> Result<Vec<Pipeline>, Error> {
    let mut pipelines = Vec::new();
    for entry in side.list()?.into_iter().filter(|entry| entry.path.starts_with(".github/workflows/")) {
        let Reading::Content(content) = side.read_entry(&entry)? else { continue };
        if own::runs_the_gate(&content) {
            // One that is no YAML runs nothing.
            let file = parse(Arc::clone(&entry.path), &content.bytes, Syntax::Yaml, &Bounds::default());
            pipelines.extend(file.ok().and_then(|file| file.documents.first().map(|document| pipeline(entry.path, document))));
        }
    }
    Ok(pipelines)
}

fn pipeline(path: Arc<str>, document: &Node) -> Pipeline {
    let text = |node: &Node| node.scalar().map(|scalar| scalar.text.to_string());
    let on = document.get("on");
    let keys = on.and_then(Node::entries).unwrap_or_default().iter().filter_map(|(key, _)| text(key));
    let items = on.and_then(Node::items).unwrap_or_default().iter().filter_map(text);
    let events: BTreeSet<String> = keys.chain(items).chain(on.and_then(text)).collect();
    let jobs = document.get("jobs").and_then(Node::entries).unwrap_or_default();
    let name = |(key, job): &(Node, Node)| job.get("name").and_then(text).or_else(|| text(key));
    let types = |event: &str| on.and_then(|on| on.get(event)).and_then(|event| event.get("types"));
    let is_edited = |types: &Node| types.items().unwrap_or(std::slice::from_ref(types)).iter().filter_map(text).any(|one| one == "edited");
    // Without `types` an event has its own, and `edited` is not among them.
    let is_unaware = |event: &&str| events.contains(*event) && !types(event).is_some_and(is_edited);
    let unaware = ["pull_request", "pull_request_target"].into_iter().filter(is_unaware).map(str::to_owned).collect();
    Pipeline { path, events, unaware, checks: jobs.iter().filter_map(name).collect() }
}

pub(super) fn settled(settings: &BranchSettings, pipelines: &[Pipeline]) -> Vec<Finding> {
    let mut findings = vec![required(settings, pipelines), dismissed(settings)];
    findings.extend(aimed_elsewhere(settings, pipelines));
    let waits = pipelines.iter().any(|pipeline| pipeline.events.contains("merge_group"));
    if settings.has_merge_queue && settings.workflows.is_empty() && !waits {
        findings.push(Finding::of(
            "merge-queue",
            Standing::Problem,
            format!("changes of `{}` land by a queue, and no workflow that runs the gate is for `merge_group`", settings.branch),
            "add `merge_group` to its `on:`; without it the queue waits for a check that never comes",
        ));
    }
    findings
}

/// Whether a change has to pass the gate, and cannot bring its own.
fn required(settings: &BranchSettings, pipelines: &[Pipeline]) -> Finding {
    const ID: &str = "required-from-outside";
    let branch = &settings.branch;
    if let Some(workflow) = settings.workflows.iter().find(|workflow| workflow.path.contains("countersign")) {
        let reference = workflow.reference.as_deref().unwrap_or("its default branch");
        return Finding::good(
            ID,
            format!("`{branch}` requires the workflow `{}` at `{reference}`, whatever a change brings along", workflow.path),
        );
    }
    if !settings.workflows.is_empty() {
        let paths: Vec<String> = settings.workflows.iter().map(|workflow| format!("`{}`", workflow.path)).collect();
        let message = format!("`{branch}` requires {}, and nothing in the name says that it runs the gate", paths.join(", "));
        return Finding::of(ID, Standing::Unknown, message, "call the required workflow `countersign.yml`");
    }
    let reporting = pipelines.iter().find(|pipeline| settings.checks.iter().any(|check| pipeline.reports(check)));
    match reporting {
        Some(pipeline) if pipeline.is_of_the_change() => Finding::of(
            ID,
            Standing::Problem,
            format!("`{branch}` requires a check of `{}`, which a change can edit before it judges that change", pipeline.path),
            "run it on `pull_request_target`, or require the workflow by a ruleset of the organisation: docs/github.md",
        ),
        Some(pipeline) => Finding::good(ID, format!("`{branch}` requires a check of `{}`, which runs as the branch has it", pipeline.path)),
        None => {
            let runs =
                if pipelines.is_empty() { "and no workflow of it runs the gate" } else { "so a change may be merged before it was judged" };
            let fix = "require the job of the gate by a ruleset of the branch, or the workflow by one of the organisation: docs/github.md";
            Finding::of(ID, Standing::Problem, format!("`{branch}` requires no check of the gate, {runs}"), fix)
        }
    }
}

/// Whether a change that is aimed at another branch is judged again. Nothing where a required workflow judges it, which is not seen here, or
/// where none does.
fn aimed_elsewhere(settings: &BranchSettings, pipelines: &[Pipeline]) -> Option<Finding> {
    const ID: &str = "aimed-elsewhere";
    if !settings.workflows.is_empty() || pipelines.is_empty() {
        return None;
    }
    let unaware = pipelines.iter().find_map(|pipeline| pipeline.unaware.first().map(|event| (&pipeline.path, event)));
    Some(match unaware {
        Some((path, event)) => Finding::of(
            ID,
            Standing::Problem,
            format!(
                "`{path}` is not started when a pull request is aimed at another branch, and what was decided for the old one stays at its commit"
            ),
            format!("write `{event}: {{ types: [opened, synchronize, reopened, edited] }}` in its `on:`"),
        ),
        None => Finding::good(ID, "a pull request that is aimed at another branch is judged again"),
    })
}

/// What the forge makes of approvals besides.
fn dismissed(settings: &BranchSettings) -> Finding {
    const ID: &str = "stale-approvals";
    match settings.dismisses_stale_reviews {
        Some(true) => Finding::of(
            ID,
            Standing::Note,
            "approvals are dismissed with every push, also with one that gives no more access than was approved",
            "turn `Dismiss stale pull request approvals` off: the gate drops an approval once the change gives more",
        ),
        Some(false) => Finding::good(ID, "an approval lasts until the gate drops it"),
        None => Finding::of(
            ID,
            Standing::Unknown,
            "the token does not see whether approvals are dismissed with every push",
            "look at the protection of the branch, or run it with a token that may administer the repository",
        ),
    }
}
