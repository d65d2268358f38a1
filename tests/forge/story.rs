//! A change request from the first push to a rollback, as people live it: by the jobs of its pipelines, in the real program.

use crate::desk::{Office, Ran, role};
use crate::fake::Forge;
use crate::gitlab_fake::GitLab;
use crate::house::{House, Proposed};

const POLICY: &str = "version: 1
people: { teams: { security: acme/security, owners: acme/owners } }
windows:
  office: { zone: Europe/London, open: [{ days: [mon, tue, wed, thu, fri], from: '09:00', to: '17:00' }] }
rules:
  - { name: a gain needs security and an owner, when: { gains: {} }, require: { approvals: [{ from: security }, { from: owners }] } }
  - { name: gains are deployed when somebody is there, when: { gains: {} }, if: { stage: deploy }, require: { window: office } }
";
const TUESDAY: &str = "2026-01-06T10:00:00Z";
const FRIDAY_NIGHT: &str = "2026-01-09T22:00:00Z";
const MONDAY: &str = "2026-01-12T09:30:00Z";
const PARTS: [&str; 2] = ["--publish", "comment"];

#[track_caller]
fn ends(ran: &Ran, code: i32, words: &str) {
    assert_eq!(ran.code, code, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains(words), "`{words}` is not in {}", ran.out);
}

#[test]
fn from_the_first_push_to_a_rollback_on_github() {
    is_lived::<Forge>();
}

#[test]
fn from_the_first_push_to_a_rollback_on_gitlab() {
    is_lived::<GitLab>();
}

fn is_lived<H: House>() {
    let desk = Office::<H>::new(POLICY);
    desk.forge.group("acme/owners", &[&desk.carol, &desk.bob]);
    desk.forge.deployed(&desk.main());
    let pull = desk.proposes(42, "api.json", &["logs:PutLogEvents", "kms:Decrypt"]);
    let says = |code, words: &str| {
        ends(&desk.pull_request(&pull, TUESDAY, &PARTS), code, words);
        assert!(desk.comment(42).is_some(), "one comment, edited in place");
    };
    // Opened, and a first approval: Bob is in both groups, and one person.
    says(11, "kms:Decrypt");
    pull.approved(&desk.alice);
    says(11, "waiting for approval");
    pull.approved(&desk.bob);
    says(11, "waiting for approval");
    pull.approved(&desk.carol);
    says(0, "authorized");
    assert!(desk.comment(42).unwrap().contains("Authorized"));
    // A push that widens, and one that does not: a rebase onto a main that moved.
    desk.place.git(&["checkout", "--quiet", "change-42"]);
    desk.place.write("api.json", &role("api.json", &["logs:PutLogEvents", "kms:Decrypt", "kms:Encrypt"]));
    desk.place.commit(&desk.alice, "more");
    pull.pushed(&desk.alice);
    says(11, "kms:Encrypt");
    pull.approved(&desk.bob);
    pull.approved(&desk.carol);
    says(0, "authorized");
    desk.place.git(&["checkout", "--quiet", "main"]);
    desk.place.write("readme.md", "words");
    desk.place.commit(&desk.carol, "document");
    desk.place.git(&["checkout", "--quiet", "change-42"]);
    desk.place.git(&["-c", "user.name=alice", "-c", "user.email=alice@example.com", "rebase", "--quiet", "main"]);
    pull.retargeted();
    pull.pushed(&desk.alice);
    says(0, "authorized");
    // Bob leaves security and comes back.
    desk.forge.group("acme/security", &[&desk.alice]);
    says(11, "waiting for approval");
    desk.forge.group("acme/security", &[&desk.bob]);
    says(0, "authorized");
    // It lands on a Friday, and is deployed on Monday.
    let before = desk.place.git(&["rev-parse", "main~1"]);
    let landed = desk.merges(&pull);
    ends(&desk.deploys(&landed, FRIDAY_NIGHT, &[]), 12, "2026-01-12");
    ends(&desk.deploys(&landed, MONDAY, &[]), 0, "authorized");
    desk.forge.deployed(&landed);
    // Taking access away needs nobody, and to roll that back gives it again.
    let less = desk.proposes(43, "api.json", &["logs:PutLogEvents"]);
    ends(&desk.pull_request(&less, FRIDAY_NIGHT, &[]), 0, "lost");
    let narrowed = desk.merges(&less);
    ends(&desk.deploys(&narrowed, FRIDAY_NIGHT, &[]), 0, "lost");
    desk.forge.deployed(&narrowed);
    ends(&desk.deploys(&landed, MONDAY, &[]), 13, "as with a rollback");
    ends(&desk.deploys(&before, FRIDAY_NIGHT, &[]), 0, "authorized");
}
