//! What the reasons of a severity mean, and what to do about access that has them. The most telling comes first: it names the finding.

use std::collections::BTreeSet;

/// One reason.
pub(super) struct Reason {
    /// The stable name, as in the policy's `reasons:`.
    pub(super) id: &'static str,
    /// What is so, as a sentence.
    pub(super) meaning: &'static str,
    /// What to do instead, or to look at.
    pub(super) advice: &'static str,
}

/// All of them, the most telling first.
const REASONS: &[Reason] = &[
    reason(
        "cluster-admin",
        "The holder can do everything in the whole cluster.",
        "Bind a role with the verbs and resources that are needed, in one namespace.",
    ),
    reason("wildcard-on-wildcard", "The holder can do everything on everything.", "Name the actions and the resources that are needed."),
    reason(
        "public",
        "Everybody can have this access: nothing says who is meant.",
        "Name who needs it, or put something before it that knows who asks.",
    ),
    reason(
        "privilege-escalation",
        "With what else the holder may do, this completes a known way to get more access than any statement says.",
        "Name the roles, users or functions that are meant, and the service that a role may be passed to; or take away one of the actions.",
    ),
    reason(
        "federated-open",
        "Whoever has an identity from a provider can become this role: nothing says whose identity is meant.",
        "Name the subject in a condition, such as the repository and branch, by the key of the provider that ends in `:sub`.",
    ),
    reason(
        "exfiltration",
        "The holder can read all data of a kind, or give data to others.",
        "Name the buckets, tables, keys or secrets that are meant, and leave sharing to who has to share.",
    ),
    reason("everybody", "Whoever is signed in has this access.", "Name the group that needs it."),
    reason("every-account", "Every service account of the cluster, and so every pod, has this access.", "Name the account that needs it."),
    reason(
        "any-principal",
        "Everybody may have this access who meets a condition.",
        "Name the principals; a condition alone is easy to meet or to lose.",
    ),
    reason(
        "organisation",
        "Everybody in an organisation may have this access, whatever account they are in.",
        "Name the accounts or roles that need it.",
    ),
    reason(
        "cross-account",
        "Somebody in another account can have this access.",
        "See whose account it is, and name the role in it that needs it.",
    ),
    reason(
        "escalate",
        "The holder can write roles that allow more than it may do itself.",
        "Leave out the verb `escalate`: without it a holder can only pass on what it has.",
    ),
    reason(
        "bind",
        "The holder can bind roles that allow more than it may do itself.",
        "Leave out the verb `bind`, or name the roles that may be bound.",
    ),
    reason("impersonate", "The holder can act as somebody else.", "Name the users, groups or service accounts that it has to act as."),
    reason(
        "borrows-access",
        "The holder can take over access of somebody else, such as by passing a role to a service or by making keys for a user.",
        "Name the roles or users that are meant, and the service that a role may be passed to.",
    ),
    reason("write-all", "The job can write in every scope.", "Name the scopes that are needed, with `permissions:` on the job."),
    reason(
        "becomes-cloud-role",
        "The job can have an identity signed for it, and become whatever trusts that, such as a role in a cloud.",
        "Give `id-token: write` to the one job that needs it, and see what trusts its repository and branch.",
    ),
    reason(
        "changes-code",
        "The job can change the code, its branches and releases.",
        "Leave `contents: write` to the job that makes releases.",
    ),
    reason(
        "controls-runs",
        "The job can start, approve and cancel runs, and change what they find in their caches.",
        "Leave `actions: write` out, or give it to a job that runs nothing of a pull request.",
    ),
    reason(
        "publishes",
        "The job can publish packages, pages, deployments or attestations.",
        "Give it to the job that publishes, after an environment that has to be approved.",
    ),
    reason(
        "owns-the-gate",
        "The holder can approve changes of the files that decide who has to approve, and of workflows.",
        "Let the people own them who own the gate.",
    ),
    reason(
        "no-owner",
        "Nobody in particular has to approve what changes here.",
        "Name an owner, or a last line for all that is left over.",
    ),
    reason("owns-everything", "The holder can approve changes of every file.", "Name the paths that are theirs."),
    reason(
        "passes-checks",
        "The job can say that a required check has passed.",
        "Leave `checks: write` and `statuses: write` out where checks are required.",
    ),
    reason(
        "runs-elsewhere",
        "The token goes to a workflow of another repository.",
        "Call it by the full id of a commit, and give it the scopes that it needs.",
    ),
    reason(
        "permissions-management",
        "The holder can change who has which access.",
        "Give this to the role of a pipeline that is itself gated, and name the resources.",
    ),
    reason(
        "changes-access",
        "The holder can change roles or bindings.",
        "Give this to the account of a pipeline that is itself gated, in one namespace.",
    ),
    reason(
        "changes-admission",
        "The holder can change what the cluster checks before it takes an object.",
        "Give this to the component that owns the webhook, by name.",
    ),
    reason(
        "approves-certificates",
        "The holder can have certificates signed, and sign in as whom they name.",
        "Name the signers, and leave those of the cluster itself out.",
    ),
    reason("issues-tokens", "The holder can make tokens of service accounts, and act as them.", "Name the service accounts."),
    reason(
        "reaches-nodes",
        "The holder can reach the kubelet of nodes, and past what the cluster checks and logs.",
        "Use the verbs on pods that are needed, such as `get` on `pods/log`.",
    ),
    reason(
        "reads-secrets",
        "The holder can read secrets, and use every access that they stand for. Listing them shows their content.",
        "Name the secrets, with the verb `get` alone.",
    ),
    reason(
        "enters-pods",
        "The holder can run commands in running pods, with the access of these.",
        "Give it for an incident, with an end, and not for good.",
    ),
    reason(
        "runs-pods",
        "The holder can run containers, with every service account and secret of the namespace.",
        "Give it in a namespace that holds nothing else.",
    ),
    reason(
        "changes-namespaces",
        "The holder can change labels of namespaces, by which pod security and network policies are chosen.",
        "Leave labels of namespaces to whoever decides about those.",
    ),
    reason(
        "default-account",
        "Every pod of the namespace that names no service account has this access.",
        "Give it to an account of its own, and name that in the pod.",
    ),
    reason("creates-volumes", "The holder can make volumes, also of directories of the nodes.", "Let a storage class make them."),
    reason(
        "trust",
        "Somebody else can take over this role.",
        "Name the principal, and the condition under which it may: the repository and branch of a token, an external id.",
    ),
    reason(
        "confused-deputy",
        "A service can do this for whomever it works: nothing says for which account or resource.",
        "Say for whom, by a condition on `aws:SourceAccount` or `aws:SourceArn`.",
    ),
    reason(
        "deny-narrowed",
        "A Deny became smaller. Whoever is allowed the same elsewhere can do it now.",
        "Look at who else is allowed this, also outside of this repository.",
    ),
    reason(
        "cap-loosened",
        "A cap, such as a boundary, became wider or is gone. Whoever is allowed the same elsewhere can do it now.",
        "Look at who is under the cap, also outside of this repository.",
    ),
    reason(
        "wildcard-action",
        "All actions of a service, or all actions, also those that do not exist yet.",
        "Name the actions that are needed.",
    ),
    reason("wildcard-verb", "All verbs, also those that do not exist yet.", "Name the verbs that are needed."),
    reason("wildcard-resource", "All resources, also those that do not exist yet.", "Name the resources that are needed."),
    reason("writes", "The holder can change something.", "See whether reading is enough."),
    reason(
        "undecided",
        "What this file allows cannot be told. It may allow anything.",
        "Make the file readable for the gate, or have a rule `when: { undecided: … }` say who may approve it as it is.",
    ),
];

/// Access that has none of the reasons.
const NONE: Reason = reason("gained", "The holder can do something that it could not do before.", "See whether it is needed, and by whom.");

const fn reason(id: &'static str, meaning: &'static str, advice: &'static str) -> Reason {
    Reason { id, meaning, advice }
}

/// The most telling of some reasons.
pub(super) fn most_telling(reasons: &BTreeSet<&'static str>) -> &'static Reason {
    REASONS.iter().find(|known| reasons.contains(known.id)).unwrap_or(&NONE)
}

/// The reason with that name.
pub(super) fn known(id: &str) -> Option<&'static Reason> {
    REASONS.iter().find(|known| known.id == id)
}

/// What cannot be told.
pub(super) fn undecided() -> &'static Reason {
    most_telling(&BTreeSet::from(["undecided"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_that_a_policy_may_name_is_explained_and_no_other() {
        let explained: BTreeSet<&str> = REASONS.iter().map(|reason| reason.id).collect();
        let known: BTreeSet<&str> = crate::policy::REASONS.iter().copied().collect();
        assert_eq!(
            explained, known,
            "left: `REASONS` in src/report/reasons.rs, where it says what a reason means; right: `policy::REASONS`"
        );
    }
}
