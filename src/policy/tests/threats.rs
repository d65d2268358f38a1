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

#[test]
fn threat_5_a_change_that_somebody_asked_a_bot_for_is_not_the_bots_alone() {
    const BOTS: &str = "{ name: bots pass, if: { author-kind: [bot, app] }, when: { gains: {} }, allow: true }";
    let by_bot = Case::by(&[BOTS], vec![gain()]).facts(|facts| (facts.author, facts.author_kind) = (person(77), AccountKind::App));
    by_bot.is(AUTHORIZED);
    by_bot.facts(|facts| facts.asked_by = Some(person(ALICE))).is(DENIED);
}

#[test]
fn threat_16_access_for_a_group_of_the_cluster_is_access_for_those_in_it() {
    const NEVER: &str = "{ name: never, when: { gains: { holders: ['serviceaccount/ci/*'] } }, deny: not for ci }";
    const ONLY_CI: &str = "{ name: ci is free, when: { gains: { holders: ['serviceaccount/ci/*'] } }, allow: true }";
    let to = |holder: &str| gain_by(|entry| (entry.region.holder, entry.system) = (holder.into(), Some("kubernetes")));
    for group in ["system:serviceaccounts:ci", "system:serviceaccounts", "system:authenticated"] {
        let change = vec![to(&format!("group/{group}"))];
        Case::by(&[NEVER, FREE], change.clone()).is(DENIED);
        Case::by(&[ONLY_CI], change).is(DENIED);
    }
    for other in ["group/system:serviceaccounts:web", "group/system:unauthenticated", "group/ci", "user/ci"] {
        Case::by(&[NEVER, FREE], vec![to(other)]).is(AUTHORIZED);
    }
}

#[test]
fn threat_16_a_ceiling_holds_for_a_group_that_its_holders_are_in() {
    let policy = whole_policy("version: 1\nroles:\n  - { name: ci, holders: ['serviceaccount/ci/*'], ceiling: { kubernetes: [] } }\n");
    let over = |holder: &str| policy.ceilings()[0].over(vec![gain_by(|entry| entry.region.holder = holder.into())]).entries.len();
    assert_eq!(["group/system:authenticated", "group/system:serviceaccounts:ci", "serviceaccount/ci/d"].map(over), [1; 3]);
    assert_eq!(["group/system:serviceaccounts:web", "serviceaccount/web/d", "user/ci"].map(over), [0; 3]);
}

#[test]
fn threat_18_an_environment_is_the_same_however_it_is_written() {
    const TO_PRODUCTION: &str = "{ name: never there, if: { deployed-to: [production] }, when: { gains: {} }, deny: not there }";
    let to = |name: &str| Case::by(&[TO_PRODUCTION, FREE], vec![gain()]).facts(|facts| facts.environment = Some(name.to_owned()));
    to("Production").is(DENIED);
    to("staging").is(AUTHORIZED);
}
