//! Whether a project of GitLab has to pass the gate, and what is at odds with it.

use super::Asked;
use crate::policy::Policy;
use crate::report::doctor::{Finding, Standing};
use crate::world::forge::{Approvals, ProjectSettings, ProtectedEnvironment};
use chrono::{DateTime, TimeDelta, Utc};

/// So long before a token expires it is told.
const SOON: TimeDelta = TimeDelta::days(30);

/// The scopes by which everything is read.
const READING: [&str; 2] = ["read_api", "api"];

pub(super) fn settled(settings: &ProjectSettings, asked: &Asked) -> Vec<Finding> {
    let mut findings = vec![required(settings), pipeline(settings)];
    findings.extend(approvals(settings));
    findings.extend(token(settings, asked.now));
    // A policy that is not valid has been told.
    if let Ok((_, loaded)) = asked.load("--policy") {
        findings.extend(freezes(settings, &loaded.policy));
        findings.extend(environments(settings, &loaded.policy));
    }
    findings
}

/// Whether the windows of the policy and the freezes of the project know of each other.
fn freezes(settings: &ProjectSettings, policy: &Policy) -> Option<Finding> {
    const ID: &str = "freezes";
    let heeding: Vec<String> = policy.windows().filter(|(_, window)| window.heeds_freezes()).map(|(name, _)| format!("`{name}`")).collect();
    match (&settings.freezes, heeding.is_empty()) {
        (Ok(_), false) => Some(Finding::good(ID, format!("the token sees the deploy freezes, which {} heeds", heeding.join(", ")))),
        (Err(why), false) => {
            let message = format!("nobody knows whether {} is open: {why}", heeding.join(", "));
            Some(Finding::of(ID, Standing::Problem, message, "give the token the role Reporter in the project"))
        }
        (Ok(freezes), true) if !freezes.periods.is_empty() => Some(Finding::of(
            ID,
            Standing::Note,
            "the project has deploy freezes, and no window of the policy heeds them",
            "write `forge-freezes: true` into the windows that they are to close",
        )),
        _ => None,
    }
}

/// Who may deploy to where the policy has something to say of.
fn environments(settings: &ProjectSettings, policy: &Policy) -> Vec<Finding> {
    const ID: &str = "protected-environments";
    let named = policy.environments();
    let protected = match &settings.environments {
        Ok(protected) => protected,
        Err(_) if named.is_empty() => return Vec::new(),
        Err(why) => {
            let fix = "look under Settings → CI/CD → Protected environments, which GitLab has with Premium";
            return vec![Finding::of(ID, Standing::Unknown, why.clone(), fix)];
        }
    };
    let of = |name: &&str| match protected.iter().find(|environment| environment.name == **name) {
        Some(ProtectedEnvironment { deployers, approvals, .. }) => {
            let approvals = if *approvals == 0 { "no approval".to_owned() } else { format!("{approvals} approvals") };
            Finding::good(ID, format!("`{name}` may be deployed to by {}, with {approvals} of GitLab's own", deployers.join(", ")))
        }
        None => Finding::of(
            ID,
            Standing::Note,
            format!("whoever may push can deploy to `{name}`, by a job of their own that asks no gate"),
            "protect it under Settings → CI/CD → Protected environments, and let only the branch deploy that the gate protects",
        ),
    };
    named.iter().map(of).collect()
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
