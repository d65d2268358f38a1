//! Whether a project of GitLab has to pass the gate, and what is at odds with it.

use crate::report::doctor::{Finding, Standing};
use crate::world::forge::{Approvals, ProjectSettings};
use chrono::{DateTime, TimeDelta, Utc};

/// So long before a token expires it is told.
const SOON: TimeDelta = TimeDelta::days(30);

/// The scopes by which everything is read.
const READING: [&str; 2] = ["read_api", "api"];

pub(super) fn settled(settings: &ProjectSettings, now: DateTime<Utc>) -> Vec<Finding> {
    let mut findings = vec![required(settings), pipeline(settings)];
    findings.extend(approvals(settings));
    findings.extend(token(settings, now));
    findings
}

/// Whether the job of the gate comes from outside of the change.
fn required(settings: &ProjectSettings) -> Finding {
    const ID: &str = "required-from-outside";
    let fix = "include the component from a pipeline execution policy of the project or of a group above it: docs/gitlab.md";
    let policies = match &settings.policies {
        Ok(policies) => policies,
        Err(why) => return Finding::of(ID, Standing::Unknown, why.clone(), "look under Secure → Policies, or run it with another token"),
    };
    let runs_the_gate = |policy: &&crate::world::forge::PipelinePolicy| policy.content.contains("countersign");
    match policies.iter().filter(runs_the_gate).max_by_key(|policy| policy.is_enabled) {
        Some(policy) if policy.is_enabled => {
            Finding::good(ID, format!("the pipeline execution policy `{}` names countersign, whatever a change brings along", policy.name))
        }
        Some(policy) => Finding::of(
            ID,
            Standing::Problem,
            format!("the pipeline execution policy `{}` names countersign, and is not enabled", policy.name),
            "enable it",
        ),
        None => Finding::of(
            ID,
            Standing::Problem,
            "no pipeline execution policy runs the gate, so a change can edit the pipeline that judges it",
            fix,
        ),
    }
}

/// Whether what the job says stops anything.
fn pipeline(settings: &ProjectSettings) -> Finding {
    const ID: &str = "pipeline-must-succeed";
    if !settings.needs_pipeline {
        let message = "a merge request may be merged although its pipeline failed";
        return Finding::of(ID, Standing::Problem, message, "turn on `Pipelines must succeed` under Settings → Merge requests");
    }
    if settings.takes_skipped_pipeline {
        let message = "a merge request may be merged by a pipeline that was skipped, as `[skip ci]` in a message does";
        return Finding::of(ID, Standing::Problem, message, "turn off `Skipped pipelines are considered successful`");
    }
    Finding::good(ID, "a merge request is merged only if its pipeline succeeded")
}

/// What GitLab makes of approvals besides.
fn approvals(settings: &ProjectSettings) -> Vec<Finding> {
    let Approvals { resets_on_push, by_author, by_committers } = match &settings.approvals {
        Ok(approvals) => *approvals,
        Err(why) => {
            let fix = "look under Settings → Merge requests → Approval settings";
            return vec![Finding::of("stale-approvals", Standing::Unknown, why.clone(), fix)];
        }
    };
    let mut findings = vec![if resets_on_push {
        Finding::of(
            "stale-approvals",
            Standing::Note,
            "approvals are removed with every push, also with one that gives no more access than was approved",
            "let approvals stay: the gate drops an approval once the change gives more",
        )
    } else {
        Finding::good("stale-approvals", "an approval lasts until the gate drops it")
    }];
    let who = match (by_author, by_committers) {
        (false, false) => return findings,
        (true, false) => "of whoever opened the merge request",
        (false, true) => "of whoever committed to it",
        (true, true) => "of whoever opened the merge request or committed to it",
    };
    findings.push(Finding::of(
        "own-approvals",
        Standing::Note,
        format!("GitLab counts an approval {who}, which the gate does not: it may say `Approved` while the gate waits"),
        "prevent both under Settings → Merge requests → Approval settings",
    ));
    findings
}

/// Whether the token sees what is asked, and for how long.
fn token(settings: &ProjectSettings, now: DateTime<Utc>) -> Vec<Finding> {
    const ID: &str = "token";
    let token = match &settings.token {
        Ok(token) => token,
        Err(why) => return vec![Finding::of(ID, Standing::Unknown, why.clone(), "look at the token where it was made")],
    };
    if !READING.iter().any(|scope| token.scopes.contains(*scope)) {
        let scopes: Vec<&str> = token.scopes.iter().map(String::as_str).collect();
        let message = format!("the token has the scopes `{}`, and by none of them who approved is seen", scopes.join("`, `"));
        return vec![Finding::of(ID, Standing::Problem, message, "make one with the role Reporter and the scope `read_api`")];
    }
    match token.expires {
        Some(day) if day <= (now + SOON).date_naive() => {
            let message = format!("the token expires on {day}, and without it the gate is closed");
            vec![Finding::of(ID, Standing::Problem, message, "rotate it, and put the new one into `GITLAB_TOKEN`")]
        }
        _ => vec![Finding::good(ID, "the token may read what is asked")],
    }
}
