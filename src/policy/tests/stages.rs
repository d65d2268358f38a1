//! Before a deployment everything is judged again, and no more may have landed than was authorized.

use super::*;

fn deployed(rules: &[&str], landed: Option<Content>) -> Case {
    Case::by(rules, vec![gain()]).with(|case| {
        case.stage = Stage::Deploy;
        case.landed = landed;
    })
}

#[test]
fn threat_15_no_more_lands_than_was_authorized() {
    for content in [Content::SameCommit, Content::Contained] {
        deployed(&[FREE], Some(content)).says(AUTHORIZED, "no more landed than was authorized");
    }
    let more = gain_by(|entry| entry.region.actions = vec!["iam:PassRole".to_owned()]);
    let case = deployed(&[FREE], Some(Content::NotContained(vec![more])));
    case.says(DENIED, "more landed than was authorized: `role/app`: `iam:PassRole`");
    let gone = Content::Unknown("the commit is gone".to_owned());
    deployed(&[FREE], Some(gone)).says(UNDECIDABLE, "what landed cannot be compared with what was authorized: the commit is gone");
    deployed(&[FREE], None).says(UNDECIDABLE, "it is not known what was authorized");
}

#[test]
fn what_landed_before_without_an_authorization_holds_up_what_is_deployed_with_it() {
    let unsettled = |case: &mut Case| case.missing = vec!["commit 1a2b".to_owned(), "commit 3c4d".to_owned()];
    let case = deployed(&[FREE], Some(Content::Contained)).with(unsettled);
    case.says(DENIED, "what landed before is not settled: commit 1a2b; commit 3c4d; a retroactive record settles it");
    case.with(|case| case.change = vec![loss()]).is(AUTHORIZED);
}

#[test]
fn what_only_narrows_is_deployed_without_any_fact() {
    let case = deployed(&[FREE], None).with(|case| case.change = vec![loss()]);
    case.with(|case| case.proposal = None).is(AUTHORIZED);
}

#[test]
fn an_edit_of_the_gate_is_compared_as_well() {
    let own = "{ name: own, when: { edits: ['countersign.yml'] }, allow: true }";
    let edited = |landed| {
        deployed(&[own], landed).with(|case| {
            case.change.clear();
            case.edited = vec!["countersign.yml".into()];
        })
    };
    edited(None).is(UNDECIDABLE);
    edited(Some(Content::Contained)).is(AUTHORIZED);
}

#[test]
fn threat_3_who_left_between_merge_and_deployment_is_not_counted_any_more() {
    let case = deployed(&[SECURITY], Some(Content::Contained)).approved_by(&[BOB]);
    case.clone().is(AUTHORIZED);
    let gone = case.clone().facts(|facts| facts.departed = Some(vec![person(BOB)]));
    gone.is(FOR_APPROVAL);
    gone.excludes(BOB, "is gone");
    let without =
        |case: &mut Case| case.policy = whole_policy(&format!("{}rules:\n  - {SECURITY}\n", PEOPLE.replace("[bob, carol]", "[carol]")));
    let left = case.with(without);
    left.is(FOR_APPROVAL);
    left.excludes(BOB, "is not in `security`");
}

#[test]
fn a_rule_may_hold_at_one_stage_alone() {
    let late = "{ name: late, when: { gains: {} }, if: { stage: deploy }, require: { window: office-hours } }";
    let night = utc("2026-11-22T03:00:00Z");
    let case = Case::by(&[FREE, late], vec![gain()]).with(|case| case.now = night);
    case.is(AUTHORIZED);
    assert_eq!(case.decide().silent[0].reason, "the change is not proposed as its `if` says");
    assert_eq!(needs(&case.question()).windows, BTreeSet::from([Arc::from("office-hours")]), "nobody has said yet which stage it is");
    let deploy = |case: &mut Case| (case.stage, case.landed) = (Stage::Deploy, Some(Content::Contained));
    case.with(deploy).is(FOR_WINDOW);
    // Without it a window holds at both.
    Case::by(&[OFFICE], vec![gain()]).with(|case| case.now = night).is(FOR_WINDOW);
    deployed(&[OFFICE], Some(Content::Contained)).with(|case| case.now = night).is(FOR_WINDOW);
}

#[test]
fn a_rule_about_one_stage_is_about_nothing_at_the_other() {
    let late = "{ name: late, when: { gains: {} }, if: { stage: deploy }, allow: true }";
    Case::by(&[late], vec![gain()]).says(DENIED, "no rule is about this gain");
    deployed(&[late], Some(Content::SameCommit)).is(AUTHORIZED);
}

#[test]
fn access_that_has_come_to_last_too_long_is_judged_again() {
    let short = "{ name: short, when: { gains: {} }, require: { max-duration: 30d } }";
    let case =
        deployed(&[short], Some(Content::Contained)).with(|case| case.change[0].region.expires = Some("2026-12-24T12:00:00Z".to_owned()));
    case.is(AUTHORIZED);
    case.with(|case| case.now = utc("2026-11-23T12:00:00Z")).is(DENIED);
}
