//! `countersign doctor`: whether the gate is one here. The policy, the calendars, the pipeline, and what the forge lets pass.

use super::policy_check::{Asked, check_policy};
use super::{Error, one_line, own};
use crate::diagnostic::Severity;
use crate::document::{Bounds, Node, Syntax, parse};
use crate::policy::Mode;
use crate::policy::window::Finding as Windows;
use crate::report::doctor::{Finding, Standing};
use crate::report::{doctor as told, json};
use crate::world::forge::{Connection, Forge, Settings};
use crate::world::repository::{Reading, Side};
use chrono::Months;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What to look at.
pub struct Examination {
    /// The policy.
    pub policy: Asked,
    /// The forge, and the repository there; without it nothing is said of either.
    pub forge: Option<(Connection, String)>,
}

/// What was found.
#[derive(Debug)]
pub struct Examined(Vec<Finding>);

impl Examined {
    /// As text.
    pub fn text(&self) -> String {
        told::text(&self.0)
    }

    /// The same for machines.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        json::written(&told::report(&self.0))
    }

    /// 10 where something has to be mended, 13 where something could not be looked at, else 0.
    pub fn exit_code(&self) -> u8 {
        told::exit_code(&self.0)
    }
}

/// Looks at everything.
pub fn doctor(examination: &Examination) -> Result<Examined, Error> {
    let mut findings = policy(&examination.policy)?;
    let pipelines = pipelines(examination.policy.sides()?.base())?;
    findings.extend(calendars(&examination.policy));
    match &examination.forge {
        Some((connection, repository)) => findings.extend(forge(connection, repository, &pipelines, &teams(&examination.policy))),
        None => findings.push(Finding::of(
            "required-from-outside",
            Standing::Unknown,
            "without a forge nobody can tell what a change has to pass",
            "run it in a job of GitHub Actions that hands its token in as `GITHUB_TOKEN`",
        )),
    }
    findings.push(Finding::of(
        "signing",
        Standing::Note,
        "whether this job can sign a decision was not tried: nothing is signed here",
        "run `countersign attest` in the pipeline once, and `countersign verify` on what it wrote",
    ));
    Ok(Examined(findings))
}

/// Whether there is a policy that holds.
fn policy(asked: &Asked) -> Result<Vec<Finding>, Error> {
    let checked = match check_policy(asked) {
        Err(
            error @ (Error::NoPolicy
            | Error::NoPolicyIn { .. }
            | Error::MisnamedPolicy(_)
            | Error::TwoPolicies
            | Error::TwoPoliciesIn { .. }),
        ) => {
            return Ok(vec![Finding::of("policy", Standing::Problem, one_line(&error), "write one with `countersign init`, and merge it")]);
        }
        checked => checked?,
    };
    let errors = checked.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let whole = match checked.sound {
        None => Finding::of(
            "policy",
            Standing::Problem,
            format!("`{}` is not valid: {errors} errors", checked.path),
            "run `countersign policy check`",
        ),
        Some((Mode::Observe, _)) => Finding::of(
            "policy",
            Standing::Note,
            format!("`{}` only observes: every change passes", checked.path),
            "set `mode: enforce` once you agree with what it says",
        ),
        Some((Mode::Enforce, _)) => Finding::good("policy", format!("`{}` is valid, and enforced", checked.path)),
    };
    let warnings = checked.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Warning);
    let remarks = warnings.map(|warning| {
        let fix = warning.help.clone().unwrap_or_else(|| "run `countersign policy check`".to_owned());
        Finding::of("policy-remark", Standing::Note, format!("{}: {}", warning.place, warning.message), fix)
    });
    Ok([whole].into_iter().chain(remarks).collect())
}

/// Whether the calendars of windows say something of the year to come.
fn calendars(asked: &Asked) -> Vec<Finding> {
    // A policy that is not valid has been told.
    let Ok((_, loaded)) = asked.load("--policy") else { return Vec::new() };
    let end = asked.now.checked_add_months(Months::new(12)).unwrap_or(asked.now);
    let mut findings = Vec::new();
    let mut has_calendars = false;
    for (name, window) in loaded.policy.windows() {
        has_calendars |= window.has_calendars();
        findings.extend(window.lint(&(asked.now..end)).into_iter().filter_map(|finding| match finding {
            Windows::NeverOpens => Some(Finding::of(
                "calendars",
                Standing::Problem,
                format!("the window `{name}` does not open within a year"),
                "run `countersign window lint`",
            )),
            Windows::CalendarEnds(path, end) => Some(Finding::of(
                "calendars",
                Standing::Problem,
                format!("the last event of `{path}` ends on {}, within a year", end.format("%Y-%m-%d")),
                "write the events of the next year into it",
            )),
            _ => None,
        }));
    }
    if findings.is_empty() && has_calendars {
        findings.push(Finding::good("calendars", "every calendar has events for the next year"));
    }
    findings
}

/// The teams of the forge that are groups of the policy.
fn teams(asked: &Asked) -> BTreeSet<Arc<str>> {
    asked.load("--policy").map(|(_, loaded)| loaded.policy.teams().cloned().collect()).unwrap_or_default()
}

/// A workflow that runs the gate.
struct Pipeline {
    path: Arc<str>,
    events: BTreeSet<String>,
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
fn pipelines(side: &Side) -> Result<Vec<Pipeline>, Error> {
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
    let events = keys.chain(items).chain(on.and_then(text)).collect();
    let jobs = document.get("jobs").and_then(Node::entries).unwrap_or_default();
    let name = |(key, job): &(Node, Node)| job.get("name").and_then(text).or_else(|| text(key));
    Pipeline { path, events, checks: jobs.iter().filter_map(name).collect() }
}

/// What the forge lets pass.
fn forge(connection: &Connection, repository: &str, pipelines: &[Pipeline], teams: &BTreeSet<Arc<str>>) -> Vec<Finding> {
    let unknown = |id: &'static str, error: &(dyn std::error::Error + 'static)| {
        Finding::of(id, Standing::Unknown, one_line(error), "run it again with a token that may read the repository")
    };
    let forge = match Forge::connect(connection) {
        Ok(forge) => forge,
        Err(error) => return vec![unknown("forge", &error)],
    };
    let mut findings = match forge.settings(repository) {
        Ok(settings) => settled(&settings, pipelines),
        Err(error) => vec![unknown("required-from-outside", &error)],
    };
    findings.extend(teams.iter().map(|team| match forge.sees_team(team) {
        Ok(()) => Finding::good("teams", format!("the token sees who is in `{team}`")),
        Err(error) => Finding::of(
            "teams",
            Standing::Problem,
            format!("the token does not see who is in `{team}`: {}", one_line(&error)),
            "hand in the token of a GitHub App with `members: read`, or name the people in a `people-file`",
        ),
    }));
    findings
}

fn settled(settings: &Settings, pipelines: &[Pipeline]) -> Vec<Finding> {
    let mut findings = vec![required(settings, pipelines), dismissed(settings)];
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
fn required(settings: &Settings, pipelines: &[Pipeline]) -> Finding {
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

/// What the forge makes of approvals besides.
fn dismissed(settings: &Settings) -> Finding {
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
