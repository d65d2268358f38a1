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
    let decision = case.clone().approved_by(&[BOB, CAROL]).is(AUTHORIZED);
    let one_more = decision.requirements.iter().find(|verdict| verdict.rule.is_none()).unwrap();
    assert_eq!(one_more.applies.entries, BTreeSet::from([0]), "it is about what approvals are asked for");
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

const YOUNG: &str = "{ name: young, when: { gains: {} }, require: { approvals: [{ from: security, max-age: 7d }] } }";

#[test]
fn an_approval_may_be_too_old() {
    // The first review is of midnight on the 23rd.
    let at = |now: &str| Case::by(&[YOUNG], vec![gain()]).approved_by(&[BOB]).with(|case| case.now = utc(now));
    at("2026-11-30T00:00:00Z").is(AUTHORIZED);
    let old = at("2026-11-30T00:00:01Z");
    old.says(FOR_APPROVAL, "1 missing: bob or carol could approve; bob approved more than 7 days ago");
    old.excludes(BOB, "approved more than 7 days ago");
    assert_eq!(old.decide().next_step, "Ask bob or carol to approve.");
    old.clone().facts(|facts| facts.reviews.as_mut().unwrap()[0].submitted_at = utc("2026-11-29T00:00:00Z")).is(AUTHORIZED);
}

#[test]
fn an_approval_that_is_too_old_for_one_rule_counts_for_another() {
    let case = Case::by(&[YOUNG, PLATFORM], vec![gain()]).approved_by(&[CAROL]).with(|case| case.now = utc("2026-12-24T12:00:00Z"));
    let decision = case.is(FOR_APPROVAL);
    assert_eq!(decision.next_step, "Ask bob to approve.", "if carol approved again, somebody else would be missing for platform");
    assert!(decision.exclusions.is_empty(), "{:#?}", decision.exclusions);
    let verdict = decision.requirements.iter().find(|verdict| verdict.rule.as_deref() == Some("young")).unwrap();
    assert_eq!(verdict.could, [person(BOB)]);
    assert_eq!(verdict.seats.iter().map(|seat| seat.max_age.map(|age| age.to_string())).collect::<Vec<_>>(), [Some("7 days".to_owned())]);
}

#[test]
fn where_one_approval_brings_nothing_forward_those_are_named_who_do_together() {
    // Bob's old approval counts for security alone; for the other rule only he may approve, and then Carol has to for security.
    let apart = YOUNG.replace("max-age: 7d", "max-age: 7d, not-written-by: [platform]");
    let case = Case::by(&[SECURITY, &apart], vec![gain()]).facts(|facts| facts.author = person(DAVE));
    let case = case.approved_by(&[BOB]).with(|case| case.now = utc("2026-12-24T12:00:00Z"));
    case.says(FOR_APPROVAL, "1 missing: bob and carol would have to approve; bob approved more than 7 days ago");
    assert_eq!(case.decide().next_step, "Ask bob and carol to approve.");
}

const APART: &str = "{ name: apart, when: { gains: {} }, require: { approvals: [{ from: security, not-written-by: [platform] }] } }";

#[test]
fn who_writes_and_who_approves_may_be_kept_apart() {
    // Carol is in both groups, Dave in platform alone.
    let by = |author: u64| Case::by(&[APART], vec![gain()]).facts(|facts| facts.author = person(author));
    by(ALICE).approved_by(&[CAROL]).is(AUTHORIZED);
    let own = by(DAVE).approved_by(&[CAROL]);
    own.is(FOR_APPROVAL);
    own.excludes(CAROL, "is in a group of which somebody had a part in the change");
    assert_eq!(own.decide().next_step, "Ask bob to approve.");
    own.approved_by(&[BOB]).is(AUTHORIZED);
    let contributed = by(ALICE).facts(|facts| facts.contributors = Some(vec![person(DAVE)])).approved_by(&[CAROL]);
    contributed.is(FOR_APPROVAL);
    let asked = by(99).facts(|facts| (facts.author_kind, facts.asked_by) = (AccountKind::Bot, Some(person(DAVE)))).approved_by(&[CAROL]);
    asked.is(FOR_APPROVAL);
    // Whoever asked the bot may be of platform.
    by(99).facts(|facts| facts.author_kind = AccountKind::Bot).approved_by(&[CAROL]).excludes(CAROL, "is in a group of which");
}

#[test]
fn who_is_kept_apart_from_whom_nobody_knows_leaves_it_undecidable() {
    let apart = APART.replace("[platform]", "[platform, empty]");
    Case::by(&[&apart], vec![gain()]).approved_by(&[BOB]).says(UNDECIDABLE, "it is not known who is in `empty`");
    let case = Case::by(&[APART], vec![gain()]);
    assert_eq!(needs(&case.question()).groups, ["platform", "security"].map(Into::into).into());
}

#[test]
fn an_approval_of_the_same_commit_for_another_branch_does_not_count() {
    let case = Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]);
    let at = |when: &str| case.clone().facts(|facts| facts.retargeted_at = Some(utc(when)));
    at("2026-11-22T23:59:59Z").is(AUTHORIZED);
    at("2026-11-23T00:00:00Z").is(FOR_APPROVAL);
    let retargeted = at("2026-11-23T12:00:00Z");
    retargeted.excludes(BOB, "approved before the change request was aimed at another branch");
    retargeted.facts(|facts| facts.reviews.as_mut().unwrap()[0].submitted_at = utc("2026-11-23T12:00:01Z")).is(AUTHORIZED);
}

#[test]
fn whoever_asks_for_changes_is_not_silenced_by_a_part_in_the_change() {
    // Anybody can name them in a commit.
    let case = Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]).review(CAROL, ReviewState::ChangesRequested);
    case.facts(|facts| facts.contributors = Some(vec![person(CAROL)])).says(FOR_APPROVAL, "approved by bob; carol asks for changes");
    let apart = Case::by(&[APART], vec![gain()]).approved_by(&[BOB]).review(CAROL, ReviewState::ChangesRequested);
    apart.facts(|facts| facts.contributors = Some(vec![person(DAVE)])).says(FOR_APPROVAL, "carol asks for changes");
}

#[test]
fn somebody_who_might_approve_and_asks_for_changes_is_not_outvoted() {
    let case = Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]).review(CAROL, ReviewState::ChangesRequested);
    case.says(FOR_APPROVAL, "approved by bob; carol asks for changes");
    case.says(FOR_APPROVAL, "Do what carol asked for, or have it taken back.");
    case.clone().review(CAROL, ReviewState::Commented).is(FOR_APPROVAL);
    case.clone().review(CAROL, ReviewState::Dismissed).is(AUTHORIZED);
    case.review(CAROL, ReviewState::Approved).is(AUTHORIZED);
}

#[test]
fn somebody_who_may_not_approve_stops_nothing_by_asking_for_changes() {
    let stopped_by = |id: u64| Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]).review(id, ReviewState::ChangesRequested);
    for outsider in [DAVE, ERIN] {
        stopped_by(outsider).is(AUTHORIZED);
    }
    stopped_by(CAROL).facts(|facts| facts.author = person(CAROL)).is(AUTHORIZED);
    stopped_by(CAROL).facts(|facts| facts.departed = Some(vec![person(CAROL)])).is(AUTHORIZED);
    stopped_by(CAROL).facts(|facts| facts.reviews.as_mut().unwrap()[1].kind = AccountKind::Bot).is(AUTHORIZED);
}

#[test]
fn who_is_gone_approves_nothing_and_is_not_asked() {
    let case = Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]).facts(|facts| facts.departed = Some(vec![person(BOB)]));
    case.excludes(BOB, "is gone");
    assert_eq!(case.is(FOR_APPROVAL).next_step, "Ask carol to approve.");
}

#[test]
fn the_fewest_who_are_missing_are_named_with_those_who_could_do_it_instead() {
    let wanted = |case: &Case| -> Vec<String> {
        let one =
            |wanted: Wanted| format!("{}: {:?}", wanted.person, wanted.instead.iter().map(|person| &*person.login).collect::<Vec<_>>());
        case.decide().wanted.into_iter().map(one).collect()
    };
    let case = Case::by(&[SECURITY, PLATFORM], vec![gain()]);
    assert_eq!(case.is(FOR_APPROVAL).next_step, "Ask bob or dave and carol or dave to approve.");
    assert_eq!(wanted(&case.clone().approved_by(&[CAROL])), ["bob: [\"dave\"]"]);
    assert_eq!(wanted(&case.clone().approved_by(&[CAROL, DAVE])), Vec::<String>::new());
    assert_eq!(wanted(&case.facts(|facts| facts.reviews = None)), Vec::<String>::new(), "nobody knows whom to ask");
}

#[test]
fn the_assignment_is_shown_seat_by_seat() {
    let decision = Case::by(&[TWO_OF_SECURITY], vec![gain()]).approved_by(&[CAROL]).is(FOR_APPROVAL);
    let seats: Vec<_> = decision.requirements[0].seats.iter().map(|seat| (&*seat.group, seat.person.clone())).collect();
    assert_eq!(seats, [("security", Some(person(CAROL))), ("security", None)]);
}
