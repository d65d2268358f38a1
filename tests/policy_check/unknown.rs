//! Names that no system has: a denial about them denies nothing.

use super::*;

const REST: &str = r"
  - { name: rest, when: { gains: {} }, require: { approvals: [{ from: security }] } }
  - { name: edits, when: { edits: [countersign.yml] }, require: { approvals: [{ from: security }] } }
";

/// What is said of a denial of what is selected.
fn denying(select: &str) -> String {
    let people = "people: { users: { alice: 1001, bob: 1002, carol: 1003 }, groups: { security: [alice, bob, carol] } }";
    of(&format!("version: 1\n{people}\nrules:\n  - {{ name: no, when: {{ gains: {{ {select} }} }}, deny: no }}{REST}"))
}

#[test]
fn what_no_system_has_is_told_with_what_is_meant() {
    let told = [
        ("system: kubernetes, resources: [secret]", "the core group of Kubernetes has no resource `secret`", "did you mean `secrets`?"),
        ("system: kubernetes, resources: [deployments]", "has no resource `deployments`", "did you mean `deployments.apps`?"),
        ("system: kubernetes, actions: [get, lst]", "Kubernetes has no verb `lst`", "did you mean `list`?"),
        ("system: kubernetes, actions: [reed]", "Kubernetes has no verb `reed`", "leave it if it is newer than this version"),
        ("system: aws, actions: ['iam:PassRol']", "AWS has no action `iam:PassRol`, as of ", "did you mean `iam:PassRole`?"),
        ("system: aws, actions: ['s4:GetObject']", "AWS has no service `s4`, as of ", "did you mean `"),
        ("system: aws, reasons: [reads-secrets]", "access in `aws` is never severe for `reads-secrets`", "or leave `system` out"),
        ("system: github, reasons: [everybody]", "access in `github` is never severe for `everybody`", "becomes-cloud-role"),
    ];
    for (select, said, help) in told {
        let told = denying(select);
        assert!(told.contains("warning[unknown-to-system]") && told.contains(said) && told.contains(help), "{select}\n{told}");
        assert!(told.ends_with("exit code 0"), "{told}");
    }
}

#[test]
fn what_a_system_has_is_not_told() {
    for select in [
        "system: kubernetes, resources: [secrets, pods/exec, deployments.apps, '*.apps', '*.core', widgets.example.com, 'url:/Metrics']",
        "system: kubernetes, actions: [get, list, watch, impersonate, '*'], namespaces: [web]",
        "system: kubernetes, resources: ['ns/web:secrets[name=Token]']",
        "system: aws, actions: ['iam:PassRole', 'S3:getobject', 's3:*', '*:Get*', '*']",
        "system: aws, reasons: [public, escalation]",
        "system: codeowners, reasons: [owns-the-gate, undecided]",
        "reasons: [reads-secrets, privilege-escalation]",
    ] {
        assert!(denying(select).starts_with("countersign.yml is a valid policy"), "{select}\n{}", denying(select));
    }
}

#[test]
fn what_kubernetes_is_never_asked_for_is_refused() {
    for (select, written) in
        [("actions: [GET, list]", "GET"), ("resources: [Secrets]", "Secrets"), ("resources: [secrets], namespaces: [Web]", "Web")]
    {
        let told = denying(&format!("system: kubernetes, {select}"));
        let said = format!("error[rule-pattern]: `{written}` is never asked for: what Kubernetes is asked for is in lower case");
        assert!(told.contains(&said) && told.ends_with("exit code 1"), "{told}");
    }
}
