//! The policy as a conversation: what the file says, what the change does, who said what, and what comes of it.

mod approvals;
mod decisions;
mod exactly;
mod facts;
mod files;
mod glass;
mod language;
mod nested;
mod oversight;
mod properties;
mod reuse;
mod stages;
mod threats;

use super::*;
use crate::change::OpaquePart;
use crate::diagnostic::Diagnostic;
use crate::document::{Bounds, File, Syntax, parse};
use crate::proposal::{AccountKind, CommitId, Content, Review, ReviewState};
use crate::systems::{Kind, Origins, Region, Severity};

const KNOWN: Known<'static> =
    Known { formats: &["aws-iam", "kubernetes-rbac"], reasons: &["public", "permissions-management", "wildcard-on-wildcard"] };

/// Bob and Carol are security, Carol and Dave are platform; Alice and Erin are in no group.
const PEOPLE: &str = "
version: 1
where:
  - { paths: ['prod/**'], realm: prod, environment: production }
  - { paths: ['dev/**'], realm: dev, environment: development }
people:
  users: { alice: 1, bob: 2, carol: 3, dave: 4, erin: 5 }
  groups: { security: [bob, carol], platform: [carol, dave], empty: [] }
roles:
  - { name: deployer, holders: [role/deploy], ceiling: { aws: [] } }
  - { name: keeper, holders: [role/keys], ceiling: { aws: [] } }
windows:
  office-hours: { zone: Europe/London, open: [{ days: [mon-fri], from: '09:00', to: '17:00' }] }
  evenings: { zone: Europe/London, open: [{ days: [mon-fri], from: '16:00', to: '20:00' }] }
";

fn yaml(path: &str, text: &str) -> File {
    parse(path, text.as_bytes(), Syntax::Yaml, &Bounds::default()).unwrap()
}

fn checked(text: &str) -> Checked {
    let file = yaml("countersign.yml", text);
    match Draft::read(&file) {
        Ok(draft) => draft.check(None, &KNOWN),
        Err(diagnostics) => Checked { policy: None, diagnostics },
    }
}

fn whole_policy(text: &str) -> Policy {
    let checked = checked(text);
    checked.policy.unwrap_or_else(|| panic!("{:#?}", checked.diagnostics))
}

/// The people above, and these rules, one a line: `{ name: …, when: …, … }`.
fn policy(rules: &[&str]) -> Policy {
    let rules = if rules.is_empty() { String::new() } else { format!("rules:\n  - {}\n", rules.join("\n  - ")) };
    whole_policy(&format!("{PEOPLE}{rules}"))
}

fn at(path: &str) -> Place {
    Place { line: 1, column: 1, ..Place::file(path) }
}

/// `role/app` gains `s3:GetObject` in the file `prod/app.json`.
fn gain() -> Entry {
    let region = Region {
        holder: "role/app".into(),
        realm: "prod".into(),
        except_principals: Vec::new(),
        principals: vec!["role/app".to_owned()],
        actions: vec!["s3:GetObject".to_owned()],
        except_actions: Vec::new(),
        resources: vec!["arn:aws:s3:::logs/*".to_owned()],
        except_resources: Vec::new(),
        condition: None,
        expires: None,
        provided: None,
        severity: Severity::Medium,
        reasons: BTreeSet::new(),
        summary: None,
        completes: Vec::new(),
        origins: Origins { base: BTreeSet::new(), head: BTreeSet::from([at("prod/app.json")]) },
        witness: None,
    };
    Entry { kind: Kind::Gained, system: Some("aws"), format: None, region, opaque: None, within: BTreeSet::new() }
}

fn gain_by(alter: impl FnOnce(&mut Entry)) -> Entry {
    let mut entry = gain();
    alter(&mut entry);
    entry
}

fn loss() -> Entry {
    gain_by(|entry| entry.kind = Kind::Lost)
}

fn unreadable(path: &str) -> Entry {
    let part = OpaquePart { digest: "d".repeat(64), why: "the template is not rendered".to_owned() };
    let origins = Origins { base: BTreeSet::new(), head: BTreeSet::from([at(path)]) };
    crate::change::undecided(None, path.into(), "prod".into(), part, origins)
}

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn person(id: u64) -> Person {
    let login = ["ghost", "alice", "bob", "carol", "dave", "erin"].get(usize::try_from(id).unwrap()).copied().unwrap_or("stranger");
    Person { id, login: login.to_owned() }
}

const ALICE: u64 = 1;
const BOB: u64 = 2;
const CAROL: u64 = 3;
const DAVE: u64 = 4;
const ERIN: u64 = 5;

fn commit() -> CommitId {
    CommitId::try_from("2".repeat(40)).unwrap()
}

/// A change request as it stands, with everything that is needed to decide it.
#[derive(Clone)]
struct Case {
    policy: Policy,
    change: Vec<Entry>,
    over: Vec<Over>,
    both: Vec<Both>,
    edited: Vec<Arc<str>>,
    proposal: Option<Proposal>,
    reviewed: Vec<ReviewedContent>,
    now: DateTime<Utc>,
    stage: Stage,
    landed: Option<Content>,
    missing: Vec<String>,
}

/// Without the policy, whose globs take pages.
impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:#?}", (&self.change, &self.over, &self.edited, &self.proposal, &self.reviewed, self.now))
    }
}

impl Case {
    /// Alice proposes a change; nobody has reviewed it; it is Tuesday noon in London.
    fn of(policy: Policy, change: Vec<Entry>) -> Self {
        let over = policy.ceilings().iter().map(|ceiling| ceiling.over(Vec::new())).collect();
        let proposal = Proposal {
            contributors: Some(Vec::new()),
            reviews: Some(Vec::new()),
            labels: Some(Vec::new()),
            ..Proposal::by(person(ALICE), AccountKind::User)
        };
        let both = policy.pairs().into_iter().map(|pair| Both { pair: pair.clone(), entries: Vec::new() }).collect();
        Self {
            policy,
            change,
            over,
            both,
            edited: Vec::new(),
            proposal: Some(proposal),
            reviewed: Vec::new(),
            now: utc("2026-11-24T12:00:00Z"),
            stage: Stage::Merge,
            landed: None,
            missing: Vec::new(),
        }
    }

    fn by(rules: &[&str], change: Vec<Entry>) -> Self {
        Self::of(policy(rules), change)
    }

    fn facts(mut self, alter: impl FnOnce(&mut Proposal)) -> Self {
        alter(self.proposal.as_mut().unwrap());
        self
    }

    fn with(mut self, alter: impl FnOnce(&mut Self)) -> Self {
        alter(&mut self);
        self
    }

    /// Another review, an hour later than the one before, of the content of today.
    fn review(self, id: u64, state: ReviewState) -> Self {
        self.review_of(id, state, Content::SameCommit)
    }

    fn review_of(mut self, id: u64, state: ReviewState, content: Content) -> Self {
        let proposal = self.proposal.as_mut().unwrap();
        // Whoever is asked to break the glass answers that.
        let begun = proposal.break_glass.as_ref().map_or(utc("2026-11-23T00:00:00Z"), |request| request.requested_at);
        let reviews = proposal.reviews.as_mut().unwrap();
        let number = reviews.len() as u64;
        reviews.push(Review {
            id: 100 + number,
            author: person(id),
            kind: AccountKind::User,
            state,
            commit: commit(),
            submitted_at: begun + chrono::TimeDelta::minutes(i64::try_from(number).unwrap()),
        });
        self.reviewed.push(ReviewedContent { review: 100 + number, content });
        self
    }

    fn approved_by(self, people: &[u64]) -> Self {
        people.iter().fold(self, |case, id| case.review(*id, ReviewState::Approved))
    }

    fn question(&self) -> Question<'_> {
        Question { policy: &self.policy, change: &self.change, over: &self.over, both: &self.both, edited: &self.edited }
    }

    fn decide(&self) -> Decision {
        evaluate(&Evidence {
            question: self.question(),
            proposal: self.proposal.as_ref(),
            reviewed: &self.reviewed,
            now: self.now,
            stage: self.stage,
            landed: self.landed.as_ref(),
            missing: &self.missing,
        })
    }

    #[track_caller]
    fn is(&self, code: u8) -> Decision {
        let decision = self.decide();
        assert_eq!(decision.exit_code(), code, "{decision:#?}");
        decision
    }

    /// The exit code is this and some verdict's reason or the next step says that.
    #[track_caller]
    fn says(&self, code: u8, text: &str) {
        let decision = self.is(code);
        let reasons = || decision.requirements.iter().map(|verdict| verdict.reason.as_str()).chain([decision.next_step.as_str()]);
        assert!(reasons().any(|reason| reason.contains(text)), "`{text}` is not in {decision:#?}");
    }

    #[track_caller]
    fn excludes(&self, id: u64, because: &str) {
        let decision = self.decide();
        let found = decision.exclusions.iter().find(|exclusion| exclusion.person.id == id);
        assert!(found.is_some_and(|exclusion| exclusion.reason.contains(because)), "`{because}` is not in {:#?}", decision.exclusions);
    }
}

const AUTHORIZED: u8 = 0;
const DENIED: u8 = 10;
const FOR_APPROVAL: u8 = 11;
const FOR_WINDOW: u8 = 12;
const UNDECIDABLE: u8 = 13;

const SECURITY: &str = "{ name: gains need security, when: { gains: {} }, require: { approvals: [{ from: security }] } }";
const TWO_OF_SECURITY: &str = "{ name: gains need two, when: { gains: {} }, require: { approvals: [{ from: security, count: 2 }] } }";
const PLATFORM: &str = "{ name: gains need platform, when: { gains: {} }, require: { approvals: [{ from: platform }] } }";
const FREE: &str = "{ name: gains are free, when: { gains: {} }, allow: true }";
const OFFICE: &str = "{ name: in office hours, when: { gains: {} }, require: { window: office-hours } }";
