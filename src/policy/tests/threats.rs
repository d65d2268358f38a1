//! Ways round a gate, each tried. The numbers are those of the list of threats.

use super::*;

#[test]
fn threat_1_the_author_approves_their_own_change() {
    let case = Case::by(&[SECURITY], vec![gain()]).facts(|facts| facts.author = person(BOB)).approved_by(&[BOB]);
    case.is(FOR_APPROVAL);
    case.excludes(BOB, "opened the change");
}

#[test]
fn threat_1_whoever_contributed_approves() {
    let case = Case::by(&[SECURITY], vec![gain()]).facts(|facts| facts.contributors = Some(vec![person(CAROL)])).approved_by(&[CAROL]);
    case.is(FOR_APPROVAL);
    case.excludes(CAROL, "wrote commits that alter what is gained or lost");
    case.approved_by(&[BOB]).is(AUTHORIZED);
}

#[test]
fn threat_1_a_new_login_makes_no_new_person() {
    let renamed = Person { id: BOB, login: "robert".to_owned() };
    let case = Case::by(&[SECURITY], vec![gain()]).facts(|facts| facts.author = renamed).approved_by(&[BOB]);
    case.is(FOR_APPROVAL);
}

#[test]
fn threat_2_approve_then_push() {
    let case = Case::by(&[SECURITY], vec![gain()]).review_of(BOB, ReviewState::Approved, Content::NotContained(vec![gain()]));
    case.is(FOR_APPROVAL);
    let uncompared = Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]).with(|case| case.reviewed.clear());
    uncompared.is(FOR_APPROVAL);
    uncompared.excludes(BOB, "nobody compared that");
}

#[test]
fn threat_2_a_review_is_bound_by_all_that_is_known_of_its_content() {
    let case = Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]);
    let also = ReviewedContent { review: 100, content: Content::NotContained(vec![gain()]) };
    case.with(|case| case.reviewed.push(also)).is(FOR_APPROVAL);
}

#[test]
fn threat_3_the_approver_was_never_in_the_team() {
    let case = Case::by(&[SECURITY], vec![gain()]).approved_by(&[DAVE, ERIN]);
    case.is(FOR_APPROVAL);
    case.excludes(DAVE, "is not in `security`");
    case.excludes(ERIN, "is not in `security`");
}

#[test]
fn threat_3_a_members_login_is_no_membership() {
    let case = Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]).facts(|facts| {
        facts.reviews.as_mut().unwrap()[0].author = Person { id: 99, login: "bob".to_owned() };
    });
    case.is(FOR_APPROVAL);
}

#[test]
fn threat_5_a_bot_approves() {
    for kind in [AccountKind::Bot, AccountKind::App] {
        let case = Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]).facts(|facts| facts.reviews.as_mut().unwrap()[0].kind = kind);
        case.is(FOR_APPROVAL);
        case.excludes(BOB, "is no human");
    }
}

#[test]
fn threat_5_a_name_that_looks_like_a_bots_exempts_from_nothing() {
    let author = Person { id: 77, login: "deploy[bot]".to_owned() };
    Case::by(&[SECURITY], vec![gain()]).facts(|facts| facts.author = author).is(FOR_APPROVAL);
}

#[test]
fn threat_1_whoever_asked_a_bot_for_the_change_approves() {
    let case = Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]);
    let asked = case.facts(|facts| (facts.author, facts.author_kind, facts.asked_by) = (person(77), AccountKind::App, Some(person(BOB))));
    asked.is(FOR_APPROVAL);
    asked.excludes(BOB, "asked for the change");
}

#[test]
fn threat_4_the_change_edits_the_gate_and_everything_else_is_allowed() {
    for path in ["countersign.yml", "CODEOWNERS", ".github/workflows/gate.yml"] {
        let case = Case::by(&[FREE], vec![gain()]).with(|case| case.edited = vec![path.into()]);
        case.says(DENIED, "no rule is about edits of the gate's own files");
    }
}

#[test]
fn threat_5_a_bot_that_reviewed_once_as_one_is_one_for_ever() {
    let case = Case::by(&[SECURITY], vec![gain()]).review(BOB, ReviewState::Commented).approved_by(&[BOB]);
    case.clone().is(AUTHORIZED);
    case.facts(|facts| facts.reviews.as_mut().unwrap()[0].kind = AccountKind::Bot).is(FOR_APPROVAL);
}

#[test]
fn threat_10_a_dismissed_review_does_not_come_back_to_life() {
    let dismissed = Case::by(&[SECURITY], vec![gain()]).review(BOB, ReviewState::Approved).review(BOB, ReviewState::Dismissed);
    dismissed.is(FOR_APPROVAL);
    dismissed.excludes(BOB, "the approval was dismissed");
    dismissed.review(BOB, ReviewState::Approved).is(AUTHORIZED);
}

#[test]
fn threat_10_a_later_request_for_changes_is_not_ignored() {
    let case = Case::by(&[SECURITY], vec![gain()]).review(BOB, ReviewState::Approved).review(BOB, ReviewState::ChangesRequested);
    case.is(FOR_APPROVAL);
    case.excludes(BOB, "asks for changes");
    case.review(BOB, ReviewState::Commented).is(FOR_APPROVAL);
}

#[test]
fn threat_10_of_two_reviews_at_one_instant_the_approval_does_not_win() {
    for states in [[ReviewState::Approved, ReviewState::ChangesRequested], [ReviewState::ChangesRequested, ReviewState::Approved]] {
        let case = Case::by(&[SECURITY], vec![gain()]).review(BOB, states[0]).review(BOB, states[1]);
        let case = case.facts(|facts| {
            let reviews = facts.reviews.as_mut().unwrap();
            reviews[1].submitted_at = reviews[0].submitted_at;
        });
        case.is(FOR_APPROVAL);
    }
}

#[test]
fn threat_10_a_comment_after_an_approval_takes_nothing_back() {
    Case::by(&[SECURITY], vec![gain()]).review(BOB, ReviewState::Approved).review(BOB, ReviewState::Commented).is(AUTHORIZED);
}

#[test]
fn threat_11_an_approval_from_the_future_does_not_count() {
    let case = Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]).with(|case| case.now = utc("2026-11-22T12:00:00Z"));
    case.is(FOR_APPROVAL);
    case.excludes(BOB, "a time that has not come yet");
}

#[test]
fn threat_12_one_person_in_two_groups_counts_once() {
    let case = Case::by(&[SECURITY, PLATFORM], vec![gain()]).approved_by(&[CAROL]);
    case.is(FOR_APPROVAL);
    case.clone().approved_by(&[CAROL]).is(FOR_APPROVAL);
    case.approved_by(&[BOB]).is(AUTHORIZED);
}

#[test]
fn threat_17_a_comment_never_approves() {
    for state in [ReviewState::Commented, ReviewState::Pending] {
        let case = Case::by(&[SECURITY], vec![gain()]).review(BOB, state);
        case.is(FOR_APPROVAL);
    }
    Case::by(&[SECURITY], vec![gain()]).review(BOB, ReviewState::Commented).excludes(BOB, "a comment approves nothing");
}

#[test]
fn threat_18_facts_that_did_not_arrive_are_not_taken_for_none() {
    let case = Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB]);
    for forget in [(|facts| facts.reviews = None) as fn(&mut Proposal), |facts| facts.contributors = None] {
        case.clone().facts(forget).is(UNDECIDABLE);
    }
}
