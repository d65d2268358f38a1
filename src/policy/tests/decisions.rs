//! What comes of a change, rule by rule.

use super::*;

#[test]
fn no_change_is_authorized_without_any_fact() {
    let case = Case::by(&[SECURITY], vec![]).with(|case| case.proposal = None);
    let decision = case.is(AUTHORIZED);
    assert_eq!(decision.next_step, "Nothing has to be done.");
    assert!(decision.requirements.is_empty() && decision.exclusions.is_empty());
    assert_eq!(needs(&case.question()), Needs::default());
}

#[test]
fn a_loss_needs_nothing_also_in_a_closed_window() {
    let case = Case::by(&[SECURITY, OFFICE], vec![loss()]).with(|case| case.now = utc("2026-11-22T03:00:00Z"));
    case.clone().with(|case| case.proposal = None).is(AUTHORIZED);
    assert!(!needs(&case.question()).proposal());
}

#[test]
fn a_loss_needs_what_a_rule_about_losses_says() {
    let rule = "{ name: losses too, when: { loses: {} }, require: { approvals: [{ from: platform }] } }";
    Case::by(&[rule], vec![loss()]).is(FOR_APPROVAL);
    Case::by(&[rule], vec![loss()]).approved_by(&[DAVE]).is(AUTHORIZED);
}

#[test]
fn a_gain_that_no_rule_is_about_is_denied() {
    let elsewhere = "{ name: elsewhere, when: { gains: { realm: dev } }, allow: true }";
    Case::by(&[], vec![gain()]).says(DENIED, "no rule is about this gain: `role/app`: `s3:GetObject` on `arn:aws:s3:::logs/*`");
    Case::by(&[elsewhere], vec![gain()]).says(DENIED, "no rule is about this gain");
}

#[test]
fn a_gain_that_is_allowed_passes_without_facts() {
    Case::by(&[FREE], vec![gain()]).with(|case| case.proposal = None).is(AUTHORIZED);
}

#[test]
fn allow_lifts_nothing_that_another_rule_requires() {
    Case::by(&[FREE, SECURITY], vec![gain()]).is(FOR_APPROVAL);
}

#[test]
fn deny_wins_over_approvals_and_says_its_message() {
    let rule = "{ name: never critical, when: { gains: { severity: critical } }, deny: ask for a break-glass instead }";
    let critical = gain_by(|entry| entry.region.severity = Severity::Critical);
    let case = Case::by(&[SECURITY, FREE, rule], vec![critical]).approved_by(&[BOB]);
    case.says(DENIED, "ask for a break-glass instead: `role/app`");
    case.says(DENIED, "Take out of the change what `never critical` denies");
    Case::by(&[SECURITY, rule], vec![gain()]).approved_by(&[BOB]).is(AUTHORIZED);
}

#[test]
fn what_cannot_be_told_is_denied_unless_a_rule_is_about_it() {
    let rule = "{ name: opaque, when: { undecided: {} }, require: { approvals: [{ from: security }] } }";
    Case::by(&[SECURITY, FREE], vec![unreadable("prod/chart.yaml")]).says(DENIED, "no rule is about what cannot be told");
    Case::by(&[rule], vec![unreadable("prod/chart.yaml")]).is(FOR_APPROVAL);
    Case::by(&[rule], vec![unreadable("prod/chart.yaml")]).approved_by(&[CAROL]).is(AUTHORIZED);
}

#[test]
fn what_cannot_be_told_may_be_anything_that_a_rule_is_about() {
    let iam =
        "{ name: opaque iam, when: { undecided: { system: aws, actions: ['iam:*'] } }, require: { approvals: [{ from: security }] } }";
    let free = "{ name: opaque s3, when: { undecided: { system: aws, actions: ['s3:*'] } }, allow: true }";
    let any = "{ name: opaque, when: { undecided: {} }, allow: true }";
    let opaque = || unreadable("prod/policy.json");
    Case::by(&[iam, any], vec![opaque()]).is(FOR_APPROVAL);
    Case::by(&[iam], vec![opaque()]).approved_by(&[BOB]).says(DENIED, "no rule is about what cannot be told");
    Case::by(&[free], vec![opaque()]).is(DENIED);
}

#[test]
fn what_cannot_be_told_may_have_any_reason_and_surely_has_its_own() {
    let free = "{ name: public, when: { undecided: { reasons: [public] } }, allow: true }";
    let any = "{ name: opaque, when: { undecided: {} }, allow: true }";
    let seen = "{ name: seen, when: { undecided: { reasons: [public] } }, require: { approvals: [{ from: security }] } }";
    let mut public = unreadable("prod/policy.json");
    Case::by(&[free], vec![public.clone()]).says(DENIED, "no rule is about what cannot be told");
    Case::by(&[seen, any], vec![public.clone()]).is(FOR_APPROVAL);
    public.region.reasons.extend(["public"]);
    Case::by(&[free], vec![public]).is(AUTHORIZED);
}

#[test]
fn a_closed_window_makes_a_gain_wait_until_it_opens() {
    let case = Case::by(&[OFFICE], vec![gain()]).with(|case| case.now = utc("2026-11-22T03:00:00Z"));
    case.says(FOR_WINDOW, "`office-hours` is closed until Monday 2026-11-23 09:00 GMT (Europe/London)");
    case.says(FOR_WINDOW, "Wait for `office-hours`, until Monday 2026-11-23 09:00 GMT (Europe/London).");
    assert_eq!(case.decide().outcome, Outcome::Waiting { for_approval: false, until: Some(utc("2026-11-23T09:00:00Z")) });
    case.with(|case| case.now = utc("2026-11-24T09:00:00Z")).is(AUTHORIZED);
}

#[test]
fn several_windows_are_open_when_all_are() {
    let evening = "{ name: in the evening, when: { gains: {} }, require: { window: evenings } }";
    let case = Case::by(&[OFFICE, evening], vec![gain()]);
    assert_eq!(case.decide().outcome, Outcome::Waiting { for_approval: false, until: Some(utc("2026-11-24T16:00:00Z")) });
    case.clone().with(|case| case.now = utc("2026-11-24T16:59:00Z")).is(AUTHORIZED);
    let later = case.with(|case| case.now = utc("2026-11-24T18:00:00Z"));
    assert_eq!(later.decide().outcome, Outcome::Waiting { for_approval: false, until: Some(utc("2026-11-25T16:00:00Z")) });
}

#[test]
fn the_windows_of_one_rule_are_open_when_all_are() {
    let both = "{ name: both, when: { gains: {} }, require: { window: [office-hours, evenings] } }";
    let case = Case::by(&[both], vec![gain()]).with(|case| case.now = utc("2026-11-24T12:00:00Z"));
    case.says(FOR_WINDOW, "`evenings` is closed until Tuesday 2026-11-24 16:00 GMT (Europe/London); `office-hours` is open until");
    assert_eq!(case.decide().outcome, Outcome::Waiting { for_approval: false, until: Some(utc("2026-11-24T16:00:00Z")) });
    case.clone().with(|case| case.now = utc("2026-11-24T16:30:00Z")).is(AUTHORIZED);
    case.with(|case| case.now = utc("2026-11-24T17:00:00Z")).is(FOR_WINDOW);
}

#[test]
fn an_approval_that_is_missing_is_told_before_a_window_that_is_closed() {
    let case = Case::by(&[SECURITY, OFFICE], vec![gain()]).with(|case| case.now = utc("2026-11-22T03:00:00Z"));
    case.says(FOR_APPROVAL, "Ask bob or carol to approve.");
    let approved = case.approved_by(&[BOB]).facts(|facts| facts.reviews.as_mut().unwrap()[0].submitted_at = utc("2026-11-20T12:00:00Z"));
    approved.is(FOR_WINDOW);
}

#[test]
fn the_gates_own_files_need_a_rule_of_their_own() {
    let rule =
        "{ name: own files, when: { edits: [countersign.yml, '.github/**'] }, require: { approvals: [{ from: security, count: 2 }] } }";
    let edited = |case: Case, path: &str| case.with(|case| case.edited = vec![path.into()]);
    edited(Case::by(&[FREE], vec![]), "countersign.yml").says(DENIED, "a rule with `when: { edits: … }` would be");
    edited(Case::by(&[rule], vec![]), "CODEOWNERS").is(DENIED);
    edited(Case::by(&[rule], vec![]), ".github/workflows/gate.yml").approved_by(&[BOB]).is(FOR_APPROVAL);
    edited(Case::by(&[rule], vec![]), "countersign.yml").approved_by(&[BOB, CAROL]).is(AUTHORIZED);
    assert!(policy(&[rule]).watches_edits_of(".github/dependabot.yml") && !policy(&[rule]).watches_edits_of("prod/app.json"));
}

#[test]
fn access_over_a_ceiling_is_denied_and_named_exactly_unless_a_rule_is_about_it() {
    let deploy = || gain_by(|entry| entry.region.holder = "role/deploy".into());
    let secret = gain_by(|entry| {
        entry.region.holder = "role/deploy".into();
        entry.region.actions = vec!["secretsmanager:*".to_owned()];
    });
    let over = |case: Case| case.with(|case| case.over = vec![case.policy.ceilings()[0].over(vec![secret.clone(), gain()])]);
    over(Case::by(&[FREE], vec![deploy()]))
        .says(DENIED, "no rule is about access over a role's ceiling: over the ceiling of `deployer` is `role/deploy`: `secretsmanager:*`");
    let two = "{ name: over, when: { over-ceiling: true }, require: { approvals: [{ from: security, count: 2 }] } }";
    over(Case::by(&[FREE, two], vec![deploy()])).approved_by(&[BOB]).is(FOR_APPROVAL);
    over(Case::by(&[FREE, two], vec![deploy()])).approved_by(&[BOB, CAROL]).is(AUTHORIZED);
    let deny = "{ name: over, when: { over-ceiling: deployer }, deny: split the role }";
    over(Case::by(&[FREE, deny], vec![deploy()])).approved_by(&[BOB, CAROL]).says(DENIED, "split the role: over the ceiling of `deployer`");
}

#[test]
fn a_ceiling_that_nobody_worked_out_is_a_missing_fact() {
    let deploy = gain_by(|entry| entry.region.holder = "role/deploy".into());
    Case::by(&[FREE], vec![deploy.clone()]).is(AUTHORIZED);
    Case::by(&[FREE], vec![deploy]).with(|case| case.over.clear()).says(UNDECIDABLE, "over the ceiling of `deployer`");
    Case::by(&[FREE], vec![gain()]).with(|case| case.over.clear()).is(AUTHORIZED);
}

#[test]
fn labels_that_are_required_have_to_be_there() {
    let rule = "{ name: ticket, when: { gains: {} }, require: { labels: [access-reviewed] } }";
    Case::by(&[rule], vec![gain()]).says(FOR_APPROVAL, "Label the change request `access-reviewed`.");
    Case::by(&[rule], vec![gain()]).facts(|facts| facts.labels = Some(vec!["access-reviewed".to_owned()])).is(AUTHORIZED);
    Case::by(&[rule], vec![gain()]).facts(|facts| facts.labels = None).is(UNDECIDABLE);
}

#[test]
fn observe_mode_passes_and_says_what_would_have_happened() {
    let text = format!("{PEOPLE}mode: observe\n");
    let decision = Case::of(whole_policy(&text), vec![gain()]).is(0);
    assert_eq!(decision.outcome, Outcome::Denied);
    assert_eq!(decision.headline(), "observed: would be denied");
    assert!(decision.next_step.starts_with("Nothing is stopped in observe mode; enforced, this would be denied"), "{}", decision.next_step);
    assert!(!Case::of(whole_policy(&text), vec![]).decide().is_authorization(), "what is observed is never an authorization");
}

#[test]
fn needs_name_what_will_be_asked_and_nothing_else() {
    let rule = "{ name: prod, when: { gains: { environment: production } }, require: { approvals: [{ from: security }], window: office-hours, labels: [x] } }";
    let other = "{ name: dev, when: { gains: { environment: development } }, require: { approvals: [{ from: platform }] } }";
    let found = needs(&Case::by(&[rule, other], vec![gain()]).question());
    assert_eq!(found.groups, BTreeSet::from([Arc::from("security")]));
    assert_eq!(found.windows, BTreeSet::from([Arc::from("office-hours")]));
    assert_eq!(found.labels, BTreeSet::from(["x".to_owned()]));
    assert_eq!(found.environments, BTreeSet::from([Arc::from("production")]));
    assert!(found.reviews && found.proposal());
}

#[test]
fn a_selector_is_about_what_all_of_its_keys_say() {
    let about = |select: &str, entry: Entry| {
        let rule = format!("{{ name: r, when: {{ gains: {select} }}, deny: 'no' }}");
        let deny = Case::by(&[&rule, FREE], vec![entry.clone()]).decide().outcome == Outcome::Denied;
        let rule = format!("{{ name: r, when: {{ gains: {select} }}, allow: true }}");
        let allow = Case::by(&[&rule], vec![entry]).decide().outcome == Outcome::Authorized;
        (deny, allow)
    };
    let (both, neither, careful) = ((true, true), (false, false), (true, false));
    let in_two_places = || gain_by(|entry| entry.region.origins.head.extend([at("dev/app.json")]));
    let for_everybody = || gain_by(|entry| entry.region.principals = vec!["*".to_owned()]);
    let for_nobody = || gain_by(|entry| entry.region.principals.clear());
    let public = || gain_by(|entry| entry.region.reasons.extend(["public"]));
    let critical = || gain_by(|entry| entry.region.severity = Severity::Critical);
    for (select, entry, expected) in [
        ("{}", gain(), both),
        ("{ system: aws }", gain(), both),
        ("{ system: kubernetes }", gain(), neither),
        ("{ holders: ['role/*'] }", gain(), both),
        ("{ holders: [app] }", gain(), neither),
        ("{ principals: ['role/*'] }", gain(), both),
        ("{ principals: ['user/*'] }", gain(), neither),
        ("{ principals: ['user/*'] }", for_everybody(), careful),
        ("{ principals: ['*'] }", for_nobody(), careful),
        ("{ realm: 'p*' }", gain(), both),
        ("{ realm: dev }", gain(), neither),
        ("{ environment: production }", gain(), both),
        ("{ environment: production }", in_two_places(), careful),
        ("{ environment: development }", gain(), neither),
        ("{ paths: ['prod/*'] }", gain(), both),
        ("{ paths: ['prod/*'] }", in_two_places(), careful),
        ("{ paths: ['*.json'] }", gain(), neither),
        ("{ severity: critical }", critical(), both),
        ("{ severity: critical }", gain(), neither),
        ("{ reasons: [public] }", public(), both),
        ("{ reasons: [public] }", gain(), neither),
        ("{ expires: false }", gain(), both),
        ("{ expires: true }", gain(), neither),
        ("{ realm: prod, severity: critical }", gain(), neither),
    ] {
        assert_eq!(about(select, entry), expected, "{select}");
    }
}

#[test]
fn what_comes_from_nowhere_may_come_from_anywhere() {
    let nowhere = gain_by(|entry| entry.region.origins = Origins::default());
    let prod = "{ name: prod, when: { gains: { environment: production } }, require: { approvals: [{ from: security }] } }";
    let free = "{ name: dev is free, when: { gains: { environment: development } }, allow: true }";
    Case::by(&[prod, FREE], vec![nowhere.clone()]).is(FOR_APPROVAL);
    Case::by(&[free], vec![nowhere.clone()]).is(DENIED);
    Case::by(&[prod], vec![nowhere]).approved_by(&[BOB]).is(DENIED);
}

#[test]
fn a_rule_about_one_origin_or_one_principal_covers_no_other() {
    let prod = "{ name: prod, when: { gains: { paths: ['prod/**'] } }, require: { approvals: [{ from: security }] } }";
    let dev = "{ name: dev, when: { gains: { paths: ['dev/**'] } }, allow: true }";
    let app = "{ name: app, when: { gains: { principals: [role/app] } }, require: { approvals: [{ from: security }] } }";
    let in_two_places = || gain_by(|entry| entry.region.origins.head.extend([at("dev/app.json")]));
    let for_two = || gain_by(|entry| entry.region.principals.push("role/other".to_owned()));
    Case::by(&[prod], vec![in_two_places()]).approved_by(&[BOB]).says(DENIED, "no rule is about this gain");
    Case::by(&[app], vec![for_two()]).approved_by(&[BOB]).says(DENIED, "no rule is about this gain");
    Case::by(&[prod, dev], vec![in_two_places()]).is(FOR_APPROVAL);
    let other = "{ name: other, when: { gains: { principals: [role/other] } }, allow: true }";
    Case::by(&[app, other], vec![for_two()]).is(FOR_APPROVAL);
    Case::by(&[app, other], vec![for_two()]).approved_by(&[BOB]).is(AUTHORIZED);
    let decision = Case::by(&[prod, dev], vec![in_two_places()]).approved_by(&[BOB]).is(AUTHORIZED);
    assert_eq!(decision.requirements.len(), 1, "what is about a part only is not said to allow the whole");
}

#[test]
fn whatever_waits_for_both_waits_for_approval_first_and_until_the_window_opens() {
    let night = |rules: &[&str]| Case::by(rules, vec![gain()]).with(|case| case.now = utc("2026-11-24T03:00:00Z")).is(FOR_APPROVAL).outcome;
    let both = Outcome::Waiting { for_approval: true, until: Some(utc("2026-11-24T09:00:00Z")) };
    let named = |name: &str, require: &str| format!("{{ name: {name}, when: {{ gains: {{}} }}, require: {{ {require} }} }}");
    let (window, approval) = ("window: office-hours", "approvals: [{ from: security }]");
    assert_eq!(night(&[&named("a", window), &named("b", approval)]), both);
    assert_eq!(night(&[&named("a", approval), &named("b", window)]), both);
}

#[test]
fn windows_that_meet_only_after_years_are_not_waited_for() {
    let frozen =
        |until: &str| format!("{{ zone: UTC, otherwise: open, freezes: [{{ from: '2026-01-01', to: '{until}', reason: long }}] }}");
    let asked = |later: &str| {
        let windows = format!("\n  a-first: {}\n  b-later: {}\n", frozen("2031-06-01"), frozen(later));
        let rule = "rules: [{ name: both, when: { gains: {} }, require: { window: [a-first, b-later] } }]\n";
        Case::of(whole_policy(&format!("{}{windows}{rule}", PEOPLE.trim_end())), vec![gain()]).is(FOR_WINDOW)
    };
    assert_eq!(asked("2031-07-01").outcome, Outcome::Waiting { for_approval: false, until: Some(utc("2031-07-02T00:00:00Z")) });
    let never = asked("2033-01-01");
    assert_eq!(never.outcome, Outcome::Waiting { for_approval: false, until: None });
    assert!(never.next_step.contains("are not open together in the next five years"), "{}", never.next_step);
}

#[test]
fn in_observe_mode_what_is_authorized_is_told_as_such() {
    let decision = Case::by(&[FREE], vec![gain()]).with(|case| case.policy.mode = Mode::Observe).is(AUTHORIZED);
    assert_eq!(decision.next_step, "Go ahead: everything that is asked is there.");
}

#[test]
fn a_principal_that_stands_for_many_may_stand_for_the_one_that_is_meant() {
    let app = "{ name: app, when: { gains: { principals: [role/app] } }, require: { approvals: [{ from: security }] } }";
    let by = |principal: &str| Case::by(&[app, FREE], vec![gain_by(|entry| entry.region.principals = vec![principal.to_owned()])]);
    for many in ["*", "role/*", "role/ap?", "arn:aws:iam::111122223333:root", "111122223333"] {
        by(many).is(FOR_APPROVAL);
    }
    by("role/other").is(AUTHORIZED);
    Case::by(&[app, FREE], vec![gain_by(|entry| entry.region.principals.clear())]).is(FOR_APPROVAL);
}

#[test]
fn of_many_gains_some_are_named_and_the_rest_are_counted() {
    let gains = |number: u8| (0..number).map(|each| gain_by(|entry| entry.region.holder = format!("role/{each}").into())).collect();
    Case::by(&[], gains(4)).says(DENIED, "`role/3`: `s3:GetObject` on `arn:aws:s3:::logs/*` (a rule with");
    Case::by(&[], gains(6)).says(DENIED, "`role/3`: `s3:GetObject` on `arn:aws:s3:::logs/*`; and 2 more (a rule with");
}
