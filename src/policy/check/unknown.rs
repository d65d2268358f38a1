//! Names that no system has, as far as is known here: a rule about them is about nothing. It may be that the system is newer, so that it
//! is only told.

use super::super::file::{Select, SystemName};
use super::{Draft, families};
use crate::diagnostic::{Remarks, Way};
use crate::systems::{Unknown, aws, kubernetes};

/// The reasons that each system gives.
const GIVEN: [(SystemName, &[&str]); 4] = [
    (
        SystemName::Aws,
        &[
            "any-principal",
            "borrows-access",
            "cap-loosened",
            "confused-deputy",
            "cross-account",
            "deny-narrowed",
            "exfiltration",
            "federated-open",
            "organisation",
            "permissions-management",
            "privilege-escalation",
            "public",
            "trust",
            "wildcard-action",
            "wildcard-on-wildcard",
            "wildcard-resource",
        ],
    ),
    (SystemName::Codeowners, &["no-owner", "owns-everything", "owns-the-gate"]),
    (
        SystemName::Github,
        &[
            "any-principal",
            "becomes-cloud-role",
            "changes-code",
            "controls-runs",
            "passes-checks",
            "public",
            "publishes",
            "runs-elsewhere",
            "write-all",
            "writes",
        ],
    ),
    (
        SystemName::Kubernetes,
        &[
            "approves-certificates",
            "bind",
            "changes-access",
            "changes-admission",
            "changes-namespaces",
            "cluster-admin",
            "creates-volumes",
            "default-account",
            "enters-pods",
            "escalate",
            "every-account",
            "everybody",
            "impersonate",
            "issues-tokens",
            "public",
            "reaches-nodes",
            "reads-secrets",
            "runs-pods",
            "wildcard-on-wildcard",
            "wildcard-resource",
            "wildcard-verb",
            "writes",
        ],
    ),
];

impl Draft<'_> {
    /// What rules, and the scope of break-glass, name that is not there.
    pub(super) fn about_unknown(&self, remarks: &mut Remarks<'_>) {
        for (index, rule) in self.written.rules.iter().enumerate() {
            let way = Way::root().key("rules").item(index).key("when");
            for (key, select) in [("gains", &rule.when.gains), ("loses", &rule.when.loses), ("undecided", &rule.when.undecided)] {
                if let Some(select) = select {
                    about(select, &way.key(key), remarks);
                }
            }
        }
        if let Some(glass) = &self.written.break_glass {
            about(&glass.scope, &Way::root().key("break-glass").key("scope"), remarks);
        }
    }
}

fn about(select: &Select, way: &Way, remarks: &mut Remarks<'_>) {
    let Some(system) = select.system else { return };
    let look = |of_actions: fn(&str) -> Option<Unknown>, of_resources: fn(&str) -> Option<Unknown>| {
        [("actions", &select.actions, of_actions), ("resources", &select.resources, of_resources)]
    };
    let looks = match system {
        SystemName::Aws => look(aws::knowledge::unknown_action, |_| None),
        SystemName::Kubernetes => look(kubernetes::unknown_verb, kubernetes::unknown_resource),
        // What these do not know is refused already.
        SystemName::Github | SystemName::Codeowners => look(|_| None, |_| None),
    };
    for (key, texts, unknown) in looks {
        for (at, text) in texts.iter().flatten().enumerate().filter(|(_, text)| *text != "*") {
            if let Some(Unknown { said, meant }) = unknown(text) {
                let newer = "leave it if it is newer than this version";
                let help = meant.map_or_else(|| newer.to_owned(), |meant| format!("did you mean `{meant}`? {newer}"));
                remarks.warning(&way.key(key).item(at), "unknown-to-system", format!("{said}, so this is about nothing"), help);
            }
        }
    }
    let given = GIVEN.iter().find(|(of, _)| *of == system).map_or(&[][..], |(_, reasons)| reasons);
    for (at, reason) in select.reasons.iter().flatten().enumerate() {
        if !families::meant(reason).iter().any(|meant| meant == "undecided" || given.contains(&meant.as_str())) {
            let message = format!("access in `{}` is never severe for `{reason}`, so this is about nothing", system.id());
            let help = format!("those that it has are {}; or leave `system` out", given.join(", "));
            remarks.warning(&way.key("reasons").item(at), "unknown-to-system", message, help);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::REASONS;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_reason_is_that_of_the_systems_that_give_it() {
        let sources = [
            (SystemName::Aws, include_str!("../../systems/aws/severity/mod.rs")),
            (SystemName::Codeowners, include_str!("../../systems/codeowners/severity.rs")),
            (SystemName::Github, include_str!("../../systems/github/severity.rs")),
            (SystemName::Kubernetes, include_str!("../../systems/kubernetes/severity.rs")),
        ];
        for (system, source) in sources {
            let (_, given) = GIVEN.iter().find(|(of, _)| *of == system).unwrap_or_else(|| panic!("{} is missing", system.id()));
            let said: BTreeSet<&str> = source.split('"').filter(|text| REASONS.contains(text)).collect();
            assert_eq!(said, given.iter().copied().collect(), "{}", system.id());
        }
        let all: BTreeSet<&str> = GIVEN.iter().flat_map(|(_, reasons)| reasons.iter().copied()).chain(["undecided"]).collect();
        assert_eq!(all, REASONS.iter().copied().collect());
    }
}
