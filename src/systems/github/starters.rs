//! Who can start a job, by the events that its workflow waits for:
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows>.

/// Somebody who may start a job. Nobody is two of them at once; an event may be open to several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Starter {
    /// Whoever sees the repository and has no role in it.
    Anybody,
    /// The same by a pull request from a fork, whose own code then runs.
    ThroughFork,
    /// Whoever has a role in the repository that lets them triage, write or more, and what the repository does by itself.
    Collaborator,
    /// A workflow that calls this one, with the token that it has itself.
    Caller,
}

impl Starter {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Anybody, Self::ThroughFork, Self::Collaborator, Self::Caller];

    /// As it stands in a report and in a policy.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anybody => "anybody",
            Self::ThroughFork => "anybody through a fork",
            Self::Collaborator => "collaborators",
            Self::Caller => "a calling workflow",
        }
    }
}

/// How a workflow can be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Way {
    /// By whoever has a role in the repository.
    Restricted,
    /// By a pull request: from a fork with a token that can read at most, from a branch with all of it.
    PullRequest,
    /// By anybody, with all of the token.
    Open,
    /// By another workflow.
    Called,
}

/// An event, how it starts a workflow, and those of its activity types that only a role in the repository allows.
type Event = (&'static str, Way, &'static [&'static str]);

/// What only a role in the repository lets somebody do to a pull request. `dequeued` and `auto_merge_disabled` are not: a push by whoever
/// opened it makes them happen.
const OF_TRIAGE: &[&str] = &[
    "assigned",
    "unassigned",
    "labeled",
    "unlabeled",
    "milestoned",
    "demilestoned",
    "locked",
    "unlocked",
    "enqueued",
    "auto_merge_enabled",
];

/// What only a role lets somebody do to an issue. The template of an issue may give it labels, people and a type, whoever opens it.
const OF_ISSUES: &[&str] = &[
    "deleted",
    "transferred",
    "pinned",
    "unpinned",
    "locked",
    "unlocked",
    "unlabeled",
    "unassigned",
    "milestoned",
    "demilestoned",
    "untyped",
];

/// The same for a discussion, whose template may give it labels.
const OF_DISCUSSIONS: &[&str] = &["deleted", "transferred", "pinned", "unpinned", "locked", "unlocked", "unlabeled"];

const EVENTS: &[Event] = &[
    ("branch_protection_rule", Way::Restricted, &[]),
    // Whatever checks a pull request from a fork makes these three happen, as it does `workflow_run`.
    ("check_run", Way::Open, &["requested_action", "rerequested"]),
    ("check_suite", Way::Open, &[]),
    ("status", Way::Open, &[]),
    ("create", Way::Restricted, &[]),
    ("delete", Way::Restricted, &[]),
    ("deployment", Way::Restricted, &[]),
    ("deployment_status", Way::Restricted, &[]),
    ("discussion", Way::Open, OF_DISCUSSIONS),
    ("discussion_comment", Way::Open, &[]),
    ("fork", Way::Open, &[]),
    // Whether anybody may write in the wiki is a setting of the repository.
    ("gollum", Way::Open, &[]),
    ("image_version", Way::Restricted, &[]),
    ("issue_comment", Way::Open, &[]),
    ("issues", Way::Open, OF_ISSUES),
    ("label", Way::Restricted, &[]),
    ("merge_group", Way::Restricted, &[]),
    ("milestone", Way::Restricted, &[]),
    ("page_build", Way::Restricted, &[]),
    ("project", Way::Restricted, &[]),
    ("project_card", Way::Restricted, &[]),
    ("project_column", Way::Restricted, &[]),
    ("public", Way::Restricted, &[]),
    ("pull_request", Way::PullRequest, &[]),
    ("pull_request_review", Way::PullRequest, &[]),
    ("pull_request_review_comment", Way::PullRequest, &[]),
    ("pull_request_target", Way::Open, OF_TRIAGE),
    ("push", Way::Restricted, &[]),
    ("registry_package", Way::Restricted, &[]),
    ("release", Way::Restricted, &[]),
    ("repository_dispatch", Way::Restricted, &[]),
    ("schedule", Way::Restricted, &[]),
    ("watch", Way::Open, &[]),
    ("workflow_call", Way::Called, &[]),
    ("workflow_dispatch", Way::Restricted, &[]),
    // The run that it waits for may be one that a fork started, whatever the branch is called.
    ("workflow_run", Way::Open, &[]),
];

/// The names of all events that are known.
pub fn events() -> impl Iterator<Item = &'static str> {
    EVENTS.iter().map(|(name, ..)| *name)
}

impl Way {
    /// How an event starts a workflow that waits for these of its activity types, or for those that it waits for by itself. `None` for
    /// an event that is not known.
    pub fn of(event: &str, types: Option<&[&str]>) -> Option<Self> {
        let (_, way, restricted) = EVENTS.iter().find(|(name, ..)| *name == event)?;
        let needs_a_role = types.is_some_and(|types| !types.is_empty() && types.iter().all(|name| restricted.contains(name)));
        Some(if needs_a_role { Self::Restricted } else { *way })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_as_open_as_its_most_open_activity() {
        assert_eq!(Way::of("pull_request_target", None), Some(Way::Open));
        assert_eq!(Way::of("pull_request_target", Some(&["labeled"])), Some(Way::Restricted));
        assert_eq!(Way::of("pull_request_target", Some(&["labeled", "opened"])), Some(Way::Open));
        assert_eq!(Way::of("pull_request_target", Some(&["auto_merge_disabled"])), Some(Way::Open));
        assert_eq!(Way::of("pull_request_target", Some(&["what_is_not_known"])), Some(Way::Open));
        assert_eq!(Way::of("pull_request_target", Some(&[])), Some(Way::Open));
        assert_eq!(Way::of("no_event", None), None);
    }
}
