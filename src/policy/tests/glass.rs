//! Break-glass: what passes, what does not, and what is owed for it. Also changes that went round the gate.

use super::*;
use crate::proposal::{ChangeId, ChangeRequest, GlassRequest, Override, OverrideKind, Settlement};

const BREAK_GLASS: &str = "
break-glass:
  requested-by: [platform]
  approvals: [{ from: security }]
  scope: { environment: production }
  longest: 4h
  review: { from: security, within: 3d }
";

const STRICT: &str = "{ name: never, when: { gains: {} }, deny: not here }";

pub(super) fn request() -> GlassRequest {
    GlassRequest {
        requested_by: person(DAVE),
        kind: AccountKind::User,
        requested_at: utc("2026-11-24T11:00:00Z"),
        until: utc("2026-11-24T15:00:00Z"),
        commit: commit(),
        reason: "the queue is stuck".to_owned(),
        ticket: "INC-7".to_owned(),
    }
}

/// Dave, of platform, asks to break the glass; nobody has agreed yet.
fn asked(rules: &[&str], change: Vec<Entry>) -> Case {
    let policy = whole_policy(&format!("{PEOPLE}{BREAK_GLASS}rules:\n  - {}\n", rules.join("\n  - ")));
    Case::of(policy, change).facts(|facts| {
        facts.head = Some(commit());
        facts.overrides = Some(Vec::new());
        facts.break_glass = Some(request());
    })
}

fn agreed(rules: &[&str], change: Vec<Entry>) -> Case {
    asked(rules, change).approved_by(&[BOB])
}

fn altered(alter: impl FnOnce(&mut GlassRequest)) -> Case {
    agreed(&[STRICT], vec![gain()]).facts(|facts| alter(facts.break_glass.as_mut().unwrap()))
}

#[test]
fn what_cannot_wait_passes_and_says_so_and_what_is_owed() {
    let decision = agreed(&[STRICT], vec![gain()]).is(AUTHORIZED);
    assert_eq!(decision.headline(), "authorized by break-glass");
    assert!(decision.is_authorization());
    let Some(Exception::BreakGlass(lifted)) = &decision.exception else { panic!("{decision:#?}") };
    assert_eq!((&lifted.requested_by, &lifted.approved_by[..]), (&person(DAVE), &[person(BOB)][..]));
    assert_eq!((lifted.review_due, &*lifted.review_from), (utc("2026-11-27T12:00:00Z"), "security"));
    let lifted: Vec<_> =
        decision.requirements.iter().filter(|verdict| verdict.lifted).map(|verdict| (verdict.rule.as_deref(), verdict.outcome)).collect();
    assert_eq!(lifted, [(Some("never"), Outcome::Denied)]);
    assert!(decision.requirements[0].reason.ends_with("approved by bob; `security` owes a review by 2026-11-27 12:00 UTC"));
    assert!(
        decision.next_step.contains("until 2026-11-24 15:00 UTC, and have somebody from `security` review it by 2026-11-27 12:00 UTC"),
        "{}",
        decision.next_step
    );
    let reason = &decision.requirements[0].reason;
    assert!(
        reason
            .starts_with("asked for by dave because of `the queue is stuck`, ticket `INC-7`, until 2026-11-24 15:00 UTC; approved by bob"),
        "{reason}"
    );
}

#[test]
fn it_stands_above_a_closed_window_and_what_waits() {
    let night = |case: Case| {
        case.with(|case| case.now = utc("2026-11-22T03:00:00Z")).facts(|facts| {
            let request = facts.break_glass.as_mut().unwrap();
            (request.requested_at, request.until) = (utc("2026-11-22T02:00:00Z"), utc("2026-11-22T05:00:00Z"));
            facts.reviews.iter_mut().flatten().for_each(|review| review.submitted_at = utc("2026-11-22T02:30:00Z"));
        })
    };
    night(agreed(&[OFFICE, TWO_OF_SECURITY], vec![gain()])).is(AUTHORIZED);
    let decision = night(asked(&[OFFICE], vec![gain()])).is(FOR_APPROVAL);
    assert_eq!(decision.next_step, "Ask bob or carol to approve.");
    assert!(decision.exception.is_none());
}

#[test]
fn what_passes_anyway_is_no_exception() {
    let decision = agreed(&[FREE], vec![gain()]).is(AUTHORIZED);
    assert_eq!((decision.exception, decision.requirements.len()), (None, 1));
}

#[test]
fn of_a_rule_that_is_lifted_nothing_counts_and_its_reason_stays() {
    let decision = agreed(&[TWO_OF_SECURITY], vec![gain()]).is(AUTHORIZED);
    let lifted = decision.requirements.iter().find(|verdict| verdict.lifted).unwrap();
    assert!(lifted.reason.starts_with("not asked because of break-glass: 2 approvals from `security` needed"), "{}", lifted.reason);
    assert_eq!((&lifted.satisfied_by, lifted.seats.len()), (&Vec::new(), 0));
}

#[test]
fn it_makes_nothing_worse() {
    // Nobody is in the group that would have to agree.
    let policy = format!("{PEOPLE}{}rules:\n  - {SECURITY}\n", BREAK_GLASS.replace("from: security }]", "from: empty }]"));
    let case = asked(&[SECURITY], vec![gain()]).with(|case| case.policy = whole_policy(&policy));
    assert!(case.is(FOR_APPROVAL).exception.is_none());
    case.approved_by(&[BOB]).is(AUTHORIZED);
}

#[test]
fn whoever_asked_in_vain_is_told_why_and_nothing_else() {
    let case = altered(|request| request.kind = AccountKind::Bot).approved_by(&[DAVE]);
    let decision = case.with(|case| case.policy = whole_policy(&format!("{PEOPLE}{BREAK_GLASS}rules:\n  - {SECURITY}\n"))).is(AUTHORIZED);
    assert!(decision.exclusions.iter().any(|exclusion| exclusion.person.id == DAVE), "{:#?}", decision.exclusions);
    let case = altered(|request| request.kind = AccountKind::Bot).approved_by(&[DAVE]);
    let strict = format!("{PEOPLE}{BREAK_GLASS}rules:\n  - {STRICT}\n  - {SECURITY}\n");
    let decision = case.with(|case| case.policy = whole_policy(&strict)).is(DENIED);
    let reasons: Vec<&str> =
        decision.exclusions.iter().filter(|exclusion| exclusion.person.id == DAVE).map(|exclusion| exclusion.reason.as_str()).collect();
    assert_eq!(reasons, ["asked to break the glass, and that does not count: only people ask to break the glass"]);
}

#[test]
fn a_request_or_a_review_of_this_very_moment_counts() {
    let now = utc("2026-11-24T12:00:00Z");
    let this_moment = altered(|request| request.requested_at = now);
    this_moment.facts(|facts| facts.reviews.as_mut().unwrap()[0].submitted_at = now).is(AUTHORIZED);
    for at in ["2026-11-20T12:00:00Z", "2026-11-24T12:00:00Z"] {
        after(Some(vec![reviewed_by(BOB, at)])).is(AUTHORIZED);
    }
}

#[test]
fn nobody_breaks_the_glass_alone() {
    // Carol is in both groups.
    let by_carol = |approvers: &[u64]| {
        asked(&[STRICT], vec![gain()])
            .facts(|facts| facts.break_glass.as_mut().unwrap().requested_by = person(CAROL))
            .approved_by(approvers)
    };
    by_carol(&[CAROL]).is(FOR_APPROVAL);
    by_carol(&[CAROL]).excludes(CAROL, "asked to break the glass");
    by_carol(&[BOB]).is(AUTHORIZED);
    let by_author = agreed(&[STRICT], vec![gain()]).facts(|facts| facts.author = person(BOB));
    by_author.is(FOR_APPROVAL);
    // Whoever asks may have written it.
    agreed(&[STRICT], vec![gain()]).facts(|facts| facts.author = person(DAVE)).is(AUTHORIZED);
}

#[test]
fn an_approval_from_before_is_no_agreement_to_break_the_glass() {
    let at = |when: &str| agreed(&[STRICT], vec![gain()]).facts(|facts| facts.reviews.as_mut().unwrap()[0].submitted_at = utc(when));
    at("2026-11-24T11:00:00Z").is(AUTHORIZED);
    let before = at("2026-11-24T10:59:59Z");
    before.is(FOR_APPROVAL);
    before.excludes(BOB, "approved before somebody asked to break the glass");
}

#[test]
fn a_request_that_does_not_hold_changes_nothing_and_says_why() {
    altered(|_| ()).is(AUTHORIZED);
    for (alter, why) in [
        ((|request| request.requested_by = person(ERIN)) as fn(&mut GlassRequest), "whoever asked is not in `platform`"),
        (|request| request.requested_by = Person { id: 99, login: "dave".to_owned() }, "whoever asked is not in `platform`"),
        (|request| request.kind = AccountKind::Bot, "only people ask"),
        (|request| request.kind = AccountKind::App, "only people ask"),
        (|request| request.commit = CommitId::try_from("3".repeat(40)).unwrap(), "it was asked for another commit"),
        (|request| request.until = utc("2026-11-24T15:00:01Z"), "it is to hold for longer than 4 hours"),
        (|request| request.until = utc("2026-11-24T12:00:00Z"), "it held until 2026-11-24 12:00 UTC"),
        (|request| request.requested_at = utc("2026-11-24T12:00:01Z"), "at a time that has not come yet"),
    ] {
        let case = altered(alter);
        case.says(DENIED, why);
        assert!(case.decide().exception.is_none() && case.decide().requirements.iter().all(|verdict| !verdict.lifted));
        let id = case.proposal.as_ref().unwrap().break_glass.as_ref().unwrap().requested_by.id;
        case.excludes(id, why);
    }
    altered(|_| ()).facts(|facts| facts.head = None).says(DENIED, "it was asked for another commit");
    altered(|_| ()).facts(|facts| facts.departed = Some(vec![person(DAVE)])).says(DENIED, "whoever asked is gone");
    let nowhere = Case::by(&[STRICT], vec![gain()]).approved_by(&[BOB]).facts(|facts| facts.break_glass = Some(request()));
    nowhere.says(DENIED, "the policy has no `break-glass`");
}

#[test]
fn it_reaches_no_further_than_its_scope() {
    let dev = gain_by(|entry| entry.region.origins.head = BTreeSet::from([at("dev/app.json")]));
    let refused = "nothing that is in the way is in its scope";
    agreed(&[STRICT], vec![dev.clone()]).says(DENIED, refused);
    // One verdict about both is about something that is not in the scope.
    agreed(&[STRICT], vec![gain(), dev]).says(DENIED, refused);
    let opaque = "{ name: opaque, when: { undecided: {} }, require: { approvals: [{ from: security, count: 2 }] } }";
    agreed(&[opaque], vec![unreadable("prod/chart.yaml")]).is(FOR_APPROVAL);
    let losses = "{ name: losses, when: { loses: {} }, require: { approvals: [{ from: security, count: 2 }] } }";
    agreed(&[losses], vec![loss()]).is(FOR_APPROVAL);
    let edit = agreed(&[STRICT], vec![gain()]).with(|case| case.edited = vec!["countersign.yml".into()]);
    edit.says(DENIED, "no rule is about edits of the gate's own files");
}

#[test]
fn what_it_does_not_lift_needs_other_people() {
    let own = "{ name: own, when: { edits: ['countersign.yml'] }, require: { approvals: [{ from: security }] } }";
    let case = agreed(&[STRICT, own], vec![gain()]).with(|case| case.edited = vec!["countersign.yml".into()]);
    // Bob sits for one of them.
    case.is(FOR_APPROVAL);
    case.approved_by(&[CAROL]).is(AUTHORIZED);
}

#[test]
fn it_lifts_what_is_over_a_ceiling_within_its_scope() {
    let secret = gain_by(|entry| entry.region.holder = "role/deploy".into());
    let over = |entry: Entry| agreed(&[FREE], vec![gain()]).with(|case| case.over = vec![case.policy.ceilings()[0].over(vec![entry])]);
    over(secret.clone()).is(AUTHORIZED);
    over(Entry { region: Region { origins: Origins::default(), ..secret.region.clone() }, ..secret }).is(DENIED);
}

#[test]
fn it_stands_above_no_missing_fact() {
    let labelled = "{ name: labelled, when: { gains: {} }, require: { labels: [seen] } }";
    agreed(&[labelled], vec![gain()]).is(AUTHORIZED);
    agreed(&[labelled], vec![gain()]).facts(|facts| facts.labels = None).is(UNDECIDABLE);
    agreed(&[STRICT], vec![gain()]).facts(|facts| facts.contributors = None).with(|case| assert_ne!(case.decide().exit_code(), AUTHORIZED));
    agreed(&[STRICT], vec![gain()]).facts(|facts| facts.reviews = None).with(|case| assert_ne!(case.decide().exit_code(), AUTHORIZED));
    let ceiling = gain_by(|entry| entry.region.holder = "role/deploy".into());
    agreed(&[STRICT], vec![ceiling]).with(|case| case.over.clear()).is(UNDECIDABLE);
    let more = Content::NotContained(vec![gain()]);
    let landed = |landed: Option<Content>| agreed(&[STRICT], vec![gain()]).with(|case| (case.stage, case.landed) = (Stage::Deploy, landed));
    landed(Some(Content::Contained)).is(AUTHORIZED);
    landed(Some(more)).is(DENIED);
    landed(None).is(UNDECIDABLE);
}

#[test]
fn somebody_who_might_agree_and_asks_for_changes_is_heard() {
    agreed(&[STRICT], vec![gain()]).review(CAROL, ReviewState::ChangesRequested).is(FOR_APPROVAL);
}

fn passed(kind: OverrideKind) -> Override {
    let passed_at = utc("2026-11-20T12:00:00Z");
    Override {
        change: ChangeId::Request(ChangeRequest::Number(41)),
        kind,
        passed_at,
        people: vec![person(DAVE), person(CAROL)],
        review: None,
    }
}

fn reviewed_by(id: u64, at: &str) -> Override {
    let review = Settlement { author: person(id), kind: AccountKind::User, submitted_at: utc(at) };
    Override { review: Some(review), ..passed(OverrideKind::BreakGlass) }
}

/// Everything is allowed, and this passed before.
fn after(overrides: Option<Vec<Override>>) -> Case {
    asked(&[FREE], vec![gain()]).facts(|facts| {
        facts.break_glass = None;
        facts.overrides = overrides;
    })
}

#[test]
fn a_review_that_is_overdue_closes_the_gate_and_says_how_to_settle_it() {
    for (kind, words) in [(OverrideKind::BreakGlass, "passed by break-glass"), (OverrideKind::WentRound, "went round the gate")] {
        let case = after(Some(vec![passed(kind)]));
        case.says(DENIED, &format!("change request 41 {words}; its review was due by 2026-11-23 12:00 UTC"));
        case.says(DENIED, "Have bob review change request 41, and say so in the facts.");
    }
}

#[test]
fn a_review_that_is_owed_and_not_due_yet_is_told() {
    let case = after(Some(vec![passed(OverrideKind::BreakGlass)]));
    let at = |now: &str| case.clone().with(|case| case.now = utc(now));
    at("2026-11-23T12:00:00Z").says(AUTHORIZED, "its review is due by 2026-11-23 12:00 UTC");
    at("2026-11-23T12:00:01Z").is(DENIED);
}

#[test]
fn a_review_by_somebody_else_settles_it() {
    after(Some(vec![reviewed_by(BOB, "2026-11-24T09:00:00Z")])).is(AUTHORIZED);
    let settlement = |alter: fn(&mut Settlement)| {
        let mut passed = reviewed_by(BOB, "2026-11-24T09:00:00Z");
        alter(passed.review.as_mut().unwrap());
        after(Some(vec![passed]))
    };
    for (alter, why) in [
        ((|review| review.author = person(CAROL)) as fn(&mut Settlement), "the review by carol does not count: they had a part in it"),
        (|review| review.author = person(ERIN), "they are not in `security`"),
        (|review| review.kind = AccountKind::App, "only people review"),
        (|review| review.submitted_at = utc("2026-11-20T11:59:59Z"), "it was submitted before the change passed"),
        (|review| review.submitted_at = utc("2026-11-24T12:00:01Z"), "at a time that has not come yet"),
    ] {
        settlement(alter).says(DENIED, why);
    }
    settlement(|_| ()).facts(|facts| facts.departed = Some(vec![person(BOB)])).is(DENIED);
}

#[test]
fn every_debt_has_to_be_settled() {
    let two = vec![reviewed_by(BOB, "2026-11-24T09:00:00Z"), passed(OverrideKind::WentRound)];
    after(Some(two)).is(DENIED);
}

#[test]
fn a_debt_that_nobody_knows_of_closes_the_gate() {
    after(None).says(UNDECIDABLE, "it is not known which changes passed by break-glass or went round the gate");
    assert!(needs(&after(None).question()).overrides && needs(&after(None).question()).proposal());
    assert!(!needs(&Case::by(&[FREE], vec![gain()]).question()).overrides);
}

#[test]
fn another_break_glass_settles_no_debt() {
    let case = agreed(&[STRICT], vec![gain()]).facts(|facts| facts.overrides = Some(vec![passed(OverrideKind::BreakGlass)]));
    case.says(DENIED, "its review was due by");
}

#[test]
fn revoking_works_whatever_is_owed() {
    let case = after(Some(vec![passed(OverrideKind::BreakGlass)])).with(|case| case.change = vec![loss()]);
    case.clone().is(AUTHORIZED);
    case.with(|case| case.proposal = None).is(AUTHORIZED);
}

#[test]
fn what_landed_before_it_was_authorized_is_an_exception_and_no_prior_approval() {
    let landed = |case: Case| case.facts(|facts| facts.landed_at = Some(utc("2026-11-24T10:00:00Z")));
    let decision = landed(Case::by(&[SECURITY], vec![gain()]).approved_by(&[BOB])).is(AUTHORIZED);
    assert_eq!(decision.headline(), "authorized after the fact");
    assert!(!decision.is_authorization());
    assert_eq!(decision.exception, Some(Exception::Retroactive { landed_at: utc("2026-11-24T10:00:00Z") }));
    assert!(landed(Case::by(&[SECURITY], vec![gain()])).is(FOR_APPROVAL).exception.is_none());
    landed(agreed(&[STRICT], vec![gain()])).says(DENIED, "the change had landed already");
    assert!(landed(Case::by(&[SECURITY], vec![loss()])).is(AUTHORIZED).exception.is_none(), "nothing was asked");
}

#[test]
fn what_break_glass_cannot_mean_is_an_error_at_its_place() {
    for (from, to, expected) in [
        ("[platform]", "[platfrom]", "`platfrom` is no group here"),
        ("[platform]", "[]", "an empty list matches nothing"),
        ("[{ from: security }]", "[]", "an empty list requires nothing"),
        ("{ from: security, within: 3d }", "{ from: securty, within: 3d }", "`securty` is no group here"),
        ("4h", "4", "`4` is no length of time"),
        ("environment: production", "environment: prod", "`prod` is no environment"),
        ("  longest: 4h\n", "", "key `longest` is missing"),
        ("break-glass", "brake-glass", "unknown key `brake-glass`"),
    ] {
        assert!(BREAK_GLASS.contains(from), "{from}");
        let checked = checked(&format!("{PEOPLE}{}", BREAK_GLASS.replacen(from, to, 1)));
        assert!(checked.policy.is_none(), "{to}");
        assert!(checked.diagnostics.iter().any(|said| said.message.contains(expected)), "{to}: {:#?}", checked.diagnostics);
    }
    let twin = checked(&format!("{PEOPLE}{BREAK_GLASS}rules: [{}]", FREE.replace("gains are free", "break-glass")));
    assert!(twin.policy.is_none());
}
