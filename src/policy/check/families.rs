//! Names that stand for several reasons, so that a rule can say in one word what each system calls otherwise.

/// One name, and the reasons that it stands for.
pub struct Family {
    /// As in a rule's `reasons`.
    pub name: &'static str,
    /// What such access is.
    pub meaning: &'static str,
    /// Of [`REASONS`](super::REASONS); a reason of the same name is among them.
    pub reasons: &'static [&'static str],
}

/// All of them.
pub const FAMILIES: &[Family] = &[
    Family {
        name: "escalation",
        meaning: "Whoever has it can get more access than it says.",
        reasons: &[
            "approves-certificates",
            "becomes-cloud-role",
            "bind",
            "borrows-access",
            "changes-access",
            "changes-admission",
            "cluster-admin",
            "controls-runs",
            "escalate",
            "impersonate",
            "issues-tokens",
            "owns-the-gate",
            "passes-checks",
            "permissions-management",
            "privilege-escalation",
            "wildcard-on-wildcard",
        ],
    },
    Family {
        name: "public",
        meaning: "Whoever likes can have it, or whoever is signed in somewhere.",
        reasons: &["everybody", "federated-open", "public"],
    },
];

/// What a name in a rule stands for: the reasons of a family, or itself.
pub(super) fn meant(name: &str) -> Vec<String> {
    let family = FAMILIES.iter().find(|family| family.name == name);
    family.map_or_else(|| vec![name.to_owned()], |family| family.reasons.iter().map(|&reason| reason.to_owned()).collect())
}

#[cfg(test)]
mod tests {
    use super::super::REASONS;
    use super::*;

    #[test]
    fn a_family_is_made_of_reasons_and_takes_no_name_from_another_reason() {
        for Family { name, reasons, .. } in FAMILIES {
            assert!(reasons.iter().all(|reason| REASONS.contains(reason)), "{name}");
            assert!(!REASONS.contains(name) || reasons.contains(name), "{name} would no longer mean itself");
            assert!(reasons.is_sorted(), "{name}");
        }
    }
}
