//! What a sound policy says that is read as something else: each sentence of it is meant, and none does what its reader thinks.

use super::*;

const PEOPLE: &str = r"version: 1
people:
  users: { alice: 1001, bob: 1002, carol: 1003 }
  groups: { security: [alice, bob, carol] }
";

const EDITS: &str = "{ name: edits, when: { edits: [countersign.yml] }, require: { approvals: [{ from: security }] } }";

const GAINS: &str = "{ name: gains, when: { gains: {}, undecided: {} }, require: { approvals: [{ from: security }] } }";

/// What is said of these rules, and of these lines behind them.
fn of_rules(rules: &[&str], lines: &str) -> String {
    of(&format!("{PEOPLE}rules:\n  - {}\n{lines}", rules.join("\n  - ")))
}

/// Whether this is said of a rule, beside one about edits.
fn is_told(rule: &str, beside: &[&str], said: &str) {
    let told = of_rules(&[&[rule, EDITS], beside].concat(), "");
    assert!(told.contains(said), "{rule} {beside:?}\n{told}");
}

/// Whether nothing is said of it.
fn is_fine(rule: &str, beside: &[&str]) {
    let told = of_rules(&[&[rule, EDITS], beside].concat(), "");
    assert!(told.starts_with("countersign.yml is a valid policy") && told.ends_with("exit code 0"), "{rule} {beside:?}\n{told}");
}

#[test]
fn what_is_low_or_worse_is_not_allowed_in_one_word() {
    let allows = |kind: &str, severity: &str| format!("{{ name: r, when: {{ {kind}: {{ severity: {severity} }} }}, allow: true }}");
    assert_snapshot!(of_rules(&[&allows("gains", "low"), EDITS], ""), @r"
error[severity-allowed]: `severity: low` is low or worse, so this allows what is critical
 --> countersign.yml:6:43
  |
6 |   - { name: r, when: { gains: { severity: low } }, allow: true }
  |                                           ^^^
  |
  = help: leave `severity` out, and let another rule require approvals from `severity: medium` on: all that apply hold

countersign.yml is not a valid policy: 1 error.
exit code 1
");
    is_told(&allows("gains", "high"), &[], "from `severity: critical` on");
    is_told(&allows("undecided", "medium"), &[GAINS], "error[severity-allowed]: `severity: medium` is medium or worse");
    is_fine(&allows("gains", "critical"), &[GAINS]);
    is_fine(&allows("gains", "low").replace("allow: true", "deny: no"), &[GAINS]);
    // As the help has it.
    let low = "{ name: low, when: { gains: {} }, allow: true }";
    is_fine(low, &["{ name: more, when: { gains: { severity: medium } }, require: { approvals: [{ from: security }] } }"]);
}

#[test]
fn a_rule_about_severe_losses_is_about_none() {
    let loses = |what: &str| format!("{{ name: r, when: {{ loses: {{ {what} }} }}, require: {{ approvals: [{{ from: security }}] }} }}");
    is_told(&loses("severity: high"), &[GAINS], "error[severity-of-a-loss]: every loss is low, so no loss is ever of `severity: high`");
    is_told(&loses("reasons: [escalation]"), &[GAINS], "error[severity-of-a-loss]: reasons are those of a gain");
    is_fine(&loses("severity: low"), &[GAINS]);
}

#[test]
fn what_the_author_gives_alone_is_told() {
    let asks = |require: &str| format!("{{ name: r, when: {{ gains: {{}} }}, require: {{ {require} }} }}");
    let told = [
        ("labels: [x]", "whoever may label lets such a change through, its author too: no rule asks for an approval of it"),
        ("ticket: 'OPS-#'", "the author names the ticket, and nobody asks whether it is one"),
        ("reason: true", "the author gives the reason, whatever it says"),
    ];
    for (require, said) in told {
        is_told(&asks(require), &[], &format!("warning[author-opens]: {said}"));
        is_fine(&asks(require), &[GAINS]);
        is_fine(&asks(require), &["{ name: no, when: { gains: {} }, deny: no }", GAINS]);
        // That other rule asks for less than every such gain, or only sometimes.
        is_told(&asks(require), &[&GAINS.replace("gains: {}", "gains: { severity: high }")], "author-opens");
        is_told(&asks(require), &[&GAINS.replace("}, require", "}, if: { labelled: [a] }, require")], "author-opens");
    }
    is_fine("{ name: r, when: { loses: {} }, require: { labels: [x] } }", &[GAINS]);
}

#[test]
fn an_allowance_that_anybody_may_bring_about_is_told() {
    let opens = |condition: &str| format!("{{ name: r, when: {{ gains: {{}} }}, if: {{ {condition} }}, allow: true }}");
    is_told(&opens("labelled: [x]"), &[], "warning[label-opens]");
    is_told(&opens("author-kind: [user, bot]"), &[], "warning[bot-opens]: whoever may have a bot propose lets such a change through");
    is_told(&opens("stage: merge"), &[], "warning[merge-opens]: such a change is merged without anybody");
    for condition in ["author-kind: [bot]", "stage: merge"] {
        is_fine(&opens(condition), &[GAINS]);
    }
    for condition in ["author-kind: [user]", "stage: deploy", "deployed-to: [staging]"] {
        is_fine(
            &opens(condition),
            &["{ name: at the merge, when: { gains: {} }, if: { renewed: 1 }, require: { approvals: [{ from: security }] } }"],
        );
    }
}

#[test]
fn a_policy_that_anybody_may_edit_is_told() {
    for asks in ["allow: true", "require: { reason: true }", "require: { labels: [x] }"] {
        let open = format!("{{ name: open, when: {{ edits: ['**'] }}, {asks} }}");
        let told = of_rules(&[&open, GAINS], "");
        assert!(told.contains("warning[edits-open]: whoever likes edits `countersign.yml`, and with it every rule in it"), "{asks} {told}");
        is_fine(&open, &[GAINS]);
    }
}

#[test]
fn a_glass_that_breaks_for_everything_or_for_weeks_is_told() {
    let glass = |scope: &str, longest: &str| {
        let glass = format!(
            "break-glass: {{ requested-by: [security], approvals: [{{ from: security }}], scope: {{ {scope} }}, longest: {longest}, review: {{ from: security, within: 3d }} }}\n"
        );
        of_rules(&[EDITS, GAINS], &glass)
    };
    assert!(glass("", "4h").contains("warning[glass-wide]"), "{}", glass("", "4h"));
    assert!(glass("severity: low", "4h").contains("warning[glass-wide]"), "low is everything");
    assert!(
        glass("system: aws", "15d").contains("warning[glass-long]: what was lifted may be used for 15 days"),
        "{}",
        glass("system: aws", "15d")
    );
    assert!(glass("system: aws", "2w").starts_with("countersign.yml is a valid policy"));
}

#[test]
fn a_window_that_nothing_closes_is_told() {
    let window = |freeze: &str| {
        let rule = GAINS.replace("}] }", "}], window: free }");
        of_rules(&[EDITS, &rule], &format!("windows: {{ free: {{ zone: UTC, otherwise: open, freezes: [{freeze}] }} }}\n"))
    };
    let past = window("{ from: '2020-12-19', to: '2021-01-04', reason: the end of a year }");
    assert!(past.contains("warning[window-never-closes]: nothing closes `free` in the next five years"), "{past}");
}

#[test]
fn sixty_rules_that_meet_are_looked_at_in_no_time() {
    let users: Vec<String> = (0..200).map(|user| format!("u{user}: {}", 5000 + user)).collect();
    let members = |group: usize| (0..40).map(|member| format!("u{}", (group * 7 + member * 11) % 200)).collect::<Vec<_>>().join(", ");
    let groups: Vec<String> = (0..60).map(|group| format!("    g{group}: [{}]", members(group))).collect();
    let asks = |rule: usize| {
        format!(
            "  - {{ name: r{rule}, when: {{ gains: {{}} }}, require: {{ approvals: [{{ from: g{rule} }}, {{ from: g{}, count: 2 }}] }} }}",
            (rule + 1) % 60
        )
    };
    let rules: Vec<String> = (0..60).map(asks).collect();
    let policy = format!(
        "version: 1\npeople:\n  users: {{ {} }}\n  groups:\n{}\nrules:\n{}\n",
        users.join(", "),
        groups.join("\n"),
        rules.join("\n")
    );
    let directory = with(&[("countersign.yml", &policy)]);
    // It was looked at for minutes.
    let mut command = Command::cargo_bin("countersign").unwrap();
    command.current_dir(&directory).args(["policy", "check"]).timeout(std::time::Duration::from_mins(1)).assert().success();
}
