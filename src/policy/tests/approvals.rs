//! Who counts, and one assignment for all rules.

use super::*;

#[test]
fn a_member_of_the_group_who_had_no_part_in_the_change_counts() {
    let decision = Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]).is(AUTHORIZED);
    assert_eq!(decision.requirements[0].satisfied_by, [person(BOB)]);
    assert_eq!(decision.requirements[0].reason, "approved by bob");
}

#[test]
fn what_is_missing_names_who_gave_and_who_could_give() {
    let decision = Case::by(&[TWO_OF_SECURITY], vec![gain()]).approved_by(&[BOB]).is(FOR_APPROVAL);
    let verdict = &decision.requirements[0];
    assert_eq!((verdict.missing, &verdict.satisfied_by[..], &verdict.could[..]), (1, &[person(BOB)][..], &[person(CAROL)][..]));
    assert_eq!(verdict.reason, "2 approvals from `security` needed, of which bob gave one; 1 missing: carol could approve");
    assert_eq!(decision.next_step, "Ask carol to approve.");
}

#[test]
fn people_move_between_rules_so_that_all_are_satisfied() {
    let decision = Case::by(&[SECURITY, PLATFORM], vec![gain()]).approved_by(&[CAROL, BOB]).is(AUTHORIZED);
    let by: Vec<_> =
        decision.requirements.iter().map(|verdict| (&**verdict.rule.as_ref().unwrap(), verdict.satisfied_by.clone())).collect();
    assert_eq!(by, [("gains need platform", vec![person(CAROL)]), ("gains need security", vec![person(BOB)])]);
}

#[test]
fn who_could_help_is_found_through_those_who_would_move() {
    // Carol sits for platform; if Dave approves, she can sit for security, where Bob, the author, cannot.
    let case = Case::by(&[SECURITY, PLATFORM], vec![gain()]).facts(|facts| facts.author = person(BOB)).approved_by(&[CAROL]);
    let decision = case.is(FOR_APPROVAL);
    assert_eq!(decision.next_step, "Ask dave to approve.");
    case.approved_by(&[DAVE]).is(AUTHORIZED);
}

#[test]
fn too_few_people_are_named_as_a_deadlock() {
    let case = Case::by(&[TWO_OF_SECURITY, PLATFORM], vec![gain()]).facts(|facts| facts.author = person(DAVE)).approved_by(&[BOB, CAROL]);
    case.says(
        FOR_APPROVAL,
        "a deadlock, for 3 approvals have to come from `platform` and `security` and only 2 people in there may approve",
    );
    case.says(FOR_APPROVAL, "Add somebody who may approve to `platform` or `security`");
}

#[test]
fn a_group_that_is_asked_twice_needs_the_people_of_both() {
    let rule = "{ name: twice, when: { gains: {} }, require: { approvals: [{ from: security }, { from: security }] } }";
    Case::by(&[rule], vec![gain()]).approved_by(&[BOB]).is(FOR_APPROVAL);
    Case::by(&[rule], vec![gain()]).approved_by(&[BOB, CAROL]).is(AUTHORIZED);
}

#[test]
fn what_is_not_known_leaves_it_undecidable() {
    let approved = || Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]);
    approved().with(|case| case.proposal = None).says(UNDECIDABLE, "it is not known who proposed and who approved the change");
    approved().facts(|facts| facts.reviews = None).says(UNDECIDABLE, "it is not known who reviewed the change");
    approved().facts(|facts| facts.contributors = None).says(UNDECIDABLE, "it is not known who contributed to the change");
    let empty = "{ name: nobody, when: { gains: {} }, require: { approvals: [{ from: empty }] } }";
    Case::by(&[empty], vec![gain()]).says(UNDECIDABLE, "it is not known who is in `empty`");
}

#[test]
fn a_bots_change_needs_the_human_who_asked_or_one_approver_more() {
    let bot = |case: Case| case.facts(|facts| facts.author_kind = AccountKind::Bot);
    let case = bot(Case::by(&[SECURITY], vec![gain()]));
    case.clone().approved_by(&[BOB]).says(FOR_APPROVAL, "because nobody knows who asked the bot");
    case.clone().approved_by(&[BOB, CAROL]).is(AUTHORIZED);
    case.clone().facts(|facts| facts.asked_by = Some(person(ERIN))).approved_by(&[BOB]).is(AUTHORIZED);
    let asked_by_bob = case.clone().facts(|facts| facts.asked_by = Some(person(BOB))).approved_by(&[BOB]);
    asked_by_bob.is(FOR_APPROVAL);
    asked_by_bob.excludes(BOB, "asked for the change");
    let by_itself = case.facts(|facts| facts.asked_by = Some(person(ALICE))).approved_by(&[BOB]);
    by_itself.is(FOR_APPROVAL);
}

#[test]
fn an_approval_of_less_than_today_is_dropped_and_the_new_part_named() {
    let more = gain_by(|entry| entry.region.actions = vec!["iam:PassRole".to_owned()]);
    let case = Case::by(&[SECURITY], vec![gain()]).review_of(BOB, ReviewState::Approved, Content::NotContained(vec![more]));
    case.is(FOR_APPROVAL);
    case.excludes(BOB, "approved `2222222222`, since when the change does more: `role/app`: `iam:PassRole`");
}

#[test]
fn an_approval_of_at_least_today_survives() {
    Case::by(&[SECURITY], vec![gain()]).review_of(BOB, ReviewState::Approved, Content::Contained).is(AUTHORIZED);
}

#[test]
fn an_older_approval_that_holds_everything_is_not_lost_by_a_newer_one_that_does_not() {
    let case = Case::by(&[SECURITY], vec![gain()]).review(BOB, ReviewState::Approved);
    case.review_of(BOB, ReviewState::Approved, Content::NotContained(vec![gain()])).is(AUTHORIZED);
}

#[test]
fn an_approval_of_a_commit_that_is_gone_does_not_count() {
    let gone = Content::Unknown("the commit is gone from the forge".to_owned());
    let case = Case::by(&[SECURITY], vec![gain()]).review_of(BOB, ReviewState::Approved, gone);
    case.is(FOR_APPROVAL);
    case.excludes(BOB, "which cannot be compared with today's change: the commit is gone from the forge");
}
