//! `countersign doctor`: whether the gate is one here. The policy, the calendars, the pipeline, and what the forge lets pass.

mod github;
mod gitlab;

use super::policy_check::{Asked, check_policy};
use super::{Error, one_line};
use crate::diagnostic::Severity;
use crate::policy::Mode;
use crate::policy::window::Finding as Windows;
use crate::report::doctor::{Finding, Standing};
use crate::report::{doctor as told, json};
use crate::world::forge::{Connection, Forge, Provider, Settings};
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
    findings.extend(calendars(&examination.policy));
    match &examination.forge {
        Some((connection, repository)) => findings.extend(forge(examination, connection, repository)?),
        None => findings.push(Finding::of(
            "required-from-outside",
            Standing::Unknown,
            "without a forge nobody can tell what a change has to pass",
            "run it in a job of GitHub Actions that hands its token in as `GITHUB_TOKEN`, or in one of GitLab CI that has `GITLAB_TOKEN`",
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

/// What the forge lets pass.
fn forge(examination: &Examination, connection: &Connection, repository: &str) -> Result<Vec<Finding>, Error> {
    let forge = match Forge::connect(connection) {
        Ok(forge) => forge,
        Err(error) => return Ok(vec![unseen("forge", &error)]),
    };
    let mut findings = match forge.settings(repository) {
        Ok(Settings::GitHub(settings)) => github::settled(&settings, &github::pipelines(examination.policy.sides()?.base())?),
        Ok(Settings::GitLab(settings)) => gitlab::settled(&settings, &examination.policy),
        Err(error) => vec![unseen("required-from-outside", &error)],
    };
    let (seeing, hidden) = match connection.provider {
        Provider::GitHub => ("team", "hand in the token of a GitHub App with `members: read`, or name the people in a `people-file`"),
        Provider::GitLab => ("group", "hand in a token of that group or of one above it, or name the people in a `people-file`"),
    };
    findings.extend(teams(&examination.policy).iter().map(|team| match forge.sees_team(team) {
        Ok(()) => Finding::good("teams", format!("the token sees who is in the {seeing} `{team}`")),
        Err(error) => Finding::of(
            "teams",
            Standing::Problem,
            format!("the token does not see who is in the {seeing} `{team}`: {}", one_line(&error)),
            hidden,
        ),
    }));
    Ok(findings)
}

/// What could not be looked at.
fn unseen(id: &'static str, error: &(dyn std::error::Error + 'static)) -> Finding {
    Finding::of(id, Standing::Unknown, one_line(error), "run it again with a token that may read the repository")
}
