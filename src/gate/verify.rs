//! `countersign verify`: bundle → signature → identity → statement → what was asked for → worked out again.

use super::abreast::abreast;
use super::decide::decide;
use super::evidence::evidence;
use super::ours::Named;
use super::sources::{Held, Sources};
use super::{Error, Judged, PolicyRepository, Request, against};
use crate::attestation::authorization::v1::{self, Authorization};
use crate::attestation::baseline::v1::TYPE as BASELINE_TYPE;
use crate::attestation::{Difference, Expected, IdentityPolicy, Link, Refusal, SUMMARY_TYPE, Statement, differences};
use crate::document::{Bounds, Syntax, parse};
use crate::policy::Stage;
use crate::policy::include::POLICY_REPOSITORY;
use crate::proposal::{CommitId, Proposal, Source};
use crate::report::json;
use crate::report::verification::{self, Verification, is_verified};
use crate::systems::sha256;
use crate::world::forge::Connection;
use crate::world::repository::{Repository, Sides};
use crate::world::signer::{self, Refused, SignedBy, Verifier};
use std::path::{Path, PathBuf};

/// What to verify, and against what.
pub struct Verify {
    /// Where the bundles are. Of a place that has others as well only those about what is asked for count, and one has to.
    pub sources: Sources,
    /// What signatures are held against.
    pub verifier: Verifier,
    /// Who may have signed, where a certificate says who did.
    pub identity: IdentityPolicy,
    /// What it has to be about and to say.
    pub expected: Expected,
    /// Where the decision is worked out again, if it is.
    pub recompute: Option<Recompute>,
    /// The forge that is asked again for the approvals, if it is.
    pub forge: Option<Connection>,
}

/// What a decision is worked out from again, besides the evidence.
pub struct Recompute {
    /// The repository.
    pub repo: PathBuf,
    /// A clone of the repository that has the policy, where it is another.
    pub policy_repository: Option<PathBuf>,
    /// The policy file, where the gate was given one by name.
    pub policy: Option<PathBuf>,
}

/// What a statement has to be about.
pub enum Subject<'s> {
    /// A commit: its full id, or a revision of a repository.
    Commit(&'s str),
    /// A file.
    Artifact(&'s Path),
}

impl Subject<'_> {
    /// Its digest, and the name of the algorithm. A full id needs no repository.
    pub fn digest(&self, repo: &Path) -> Result<(&'static str, String), Error> {
        match self {
            Self::Commit(name) => match CommitId::try_from((*name).to_owned()) {
                Ok(id) => Ok(("gitCommit", id.to_string())),
                Err(_) => Ok(("gitCommit", Repository::open(repo)?.commit(name)?)),
            },
            Self::Artifact(path) => {
                let bytes = Named { what: "artifact", option: "--artifact", path }.read(usize::MAX - 1)?;
                Ok(("sha256", sha256(&bytes)))
            }
        }
    }
}

impl Subject<'_> {
    /// The SHA-256 by which stores that know no git know it: of a commit as `git cat-file` prints it, of a file.
    pub fn content(&self, repo: &Path) -> Result<String, Error> {
        let (_, digest) = self.digest(repo)?;
        Ok(match self {
            Self::Commit(_) => sha256(&Repository::open(repo)?.object(&digest)?),
            Self::Artifact(_) => digest,
        })
    }
}

/// What was found about every bundle.
pub struct Verified(Vec<Verification>);

impl Verified {
    /// Whether there is an authorization, and nothing was refused.
    pub fn holds(&self) -> bool {
        is_verified(&self.0)
    }

    /// For people.
    pub fn text(&self) -> String {
        verification::text(&self.0)
    }

    /// For machines.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        json::written(&verification::json(&self.0))
    }
}

/// Verifies every bundle.
pub fn verify(verify: &Verify) -> Result<Verified, Error> {
    let of_one = |held: Held| {
        let number = held.sequence.map(|number| format!(" {number}")).unwrap_or_default();
        one(verify, format!("{}{number}", held.found_in), &held.bundle)
    };
    let each = |send: &mut dyn FnMut(Held)| {
        verify.sources.each(&mut |held| {
            let counts = !held.is_shared || !(is_baseline(&held.bundle) || is_about_others(verify, &held.bundle));
            if counts {
                send(held);
            }
            Ok(counts)
        })
    };
    let (looked, verified) = abreast(each, of_one);
    let mut verifications = verified.into_iter().collect::<Result<Vec<_>, _>>()?;
    for (place, _) in looked?.into_iter().filter(|(_, known)| *known == 0) {
        verifications.push(Verification::refused(place, Refusal::new(Link::Subject, "nothing that is kept there is about it")));
    }
    Ok(Verified(verifications))
}

/// Whether a bundle says that it is about something else, whoever has signed that.
fn is_about_others(verify: &Verify, bundle: &[u8]) -> bool {
    let statement = signer::payload(bundle).and_then(|payload| Statement::read(&payload).ok());
    statement.is_some_and(|statement| !verify.expected.about_only(&statement).is_empty())
}

/// Whether a bundle says that it is a baseline, whoever has signed that.
pub(super) fn is_baseline(bundle: &[u8]) -> bool {
    let statement = signer::payload(bundle).and_then(|payload| Statement::read(&payload).ok());
    statement.is_some_and(|statement| statement.predicate_type == BASELINE_TYPE)
}

/// Verifies one bundle.
pub(super) fn one(verify: &Verify, name: String, bundle: &[u8]) -> Result<Verification, Error> {
    let verified = match verify.verifier.verify(bundle) {
        Ok(verified) => verified,
        Err(refused) => return Ok(Verification::refused(name, refusal(&refused))),
    };
    let statement = &verified.statement;
    let mut verification = Verification { at: verified.at.clone(), logged: verified.logged, ..Verification::of(name, statement) };
    verification.refusals = identity(verify, &verified, &mut verification);
    if statement.predicate_type == SUMMARY_TYPE {
        verification.refusals.extend(verify.expected.about_only(statement));
        return Ok(verification);
    }
    let (authorization, refusals) = verify.expected.refusals(statement);
    verification.refusals.extend(refusals);
    if let (SignedBy::Certificate(identity), Some(stated)) = (&verified.by, &authorization) {
        verification.refusals.extend(identity.refusals(&stated.repository));
    }
    if let (Some(recompute), Some(stated)) = (&verify.recompute, &authorization) {
        let (refusals, notes) = recomputed(recompute, stated)?;
        verification.refusals.extend(refusals);
        verification.notes.extend(notes);
    }
    if let (Some(connection), Some(stated)) = (&verify.forge, &authorization) {
        verification.refusals.extend(against::refusals(connection, stated)?);
    }
    verification.authorization = authorization;
    Ok(verification)
}

pub(super) fn refusal(refused: &Refused) -> Refusal {
    let link = match refused {
        Refused::Bundle(_) | Refused::Material(_) => Link::Bundle,
        Refused::Signature(_) => Link::Signature,
        Refused::Statement(_) => Link::Statement,
    };
    Refusal::new(link, refused.to_string())
}

/// Who signed, and everything that is wrong with that.
fn identity(verify: &Verify, verified: &signer::Verified, verification: &mut Verification) -> Vec<Refusal> {
    match &verified.by {
        SignedBy::Key => {
            "the key that was given".clone_into(&mut verification.signed_by);
            if verified.at.is_empty() {
                verification.notes.push("nobody but the signer says when it was signed".to_owned());
            }
            Vec::new()
        }
        SignedBy::Certificate(identity) => {
            verification.signed_by = identity.subject.clone().unwrap_or_default();
            signer_refusals(verify, verified)
        }
    }
}

/// Why whoever signed may not.
pub(super) fn signer_refusals(verify: &Verify, verified: &signer::Verified) -> Vec<Refusal> {
    match &verified.by {
        SignedBy::Key => Vec::new(),
        SignedBy::Certificate(_) if !verify.identity.names_somebody() => {
            let why = "a certificate has signed, and nobody said whose is wanted: name the workflow with `--identity` and who vouches for it with `--issuer`";
            vec![Refusal::new(Link::Identity, why)]
        }
        SignedBy::Certificate(identity) => verify.identity.refusals(identity),
    }
}

/// Works the decision out again, and names what is not the same. Only the pins may differ, as long as the decision does not.
fn recomputed(recompute: &Recompute, stated: &Authorization) -> Result<(Vec<Refusal>, Vec<String>), Error> {
    let refused = |why: String| Ok((vec![Refusal::new(Link::Recomputed, why)], Vec::new()));
    let proposal = match proposal(stated) {
        Ok(proposal) => proposal,
        Err(why) => return refused(why),
    };
    let judged = judged(recompute, stated);
    let sides = Sides::between(&judged.request.base, &judged.request.head, &recompute.repo, judged.request.limits())?;
    let target = judged.target()?;
    let own = target.as_ref().unwrap_or(&sides).base();
    let policy = judged.policy(own)?;
    let mut verdict = decide(&judged, &sides, own, policy, |_, _| Ok(proposal))?;
    if let Some(revision) = &mut verdict.policy.revision
        && let Some(name) = &stated.policy.revision
    {
        // It was asked for by its commit now; that it is this one is what counts.
        revision.name.clone_from(name);
    }
    let told = verdict.proposal.as_ref().and_then(|proposal| proposal.repository.clone());
    let repository = v1::Repository { name: told.or_else(|| stated.repository.name.clone()), ..stated.repository.clone() };
    let run = stated.gate_run.clone();
    let Some(found) = evidence(&judged, &verdict, repository, stated.decision.time_source, run)? else {
        return refused(format!("the change is {}: {}", verdict.decision.headline(), verdict.decision.next_step));
    };
    let all = differences(&serde_json::to_value(stated)?, &serde_json::to_value(found)?);
    let (pins, others): (Vec<Difference>, Vec<Difference>) = all.into_iter().partition(|difference| is_pin(&difference.field));
    let refusals = others.iter().map(|difference| Refusal::new(Link::Recomputed, difference.to_string())).collect();
    Ok((refusals, pins.iter().map(ToString::to_string).collect()))
}

fn is_pin(field: &str) -> bool {
    field.starts_with("pins.") || (field.starts_with("windows[") && field.rsplit('.').next() == Some("tzdb"))
}

fn judged(recompute: &Recompute, stated: &Authorization) -> Judged {
    let v1::Policy { uri, commit, .. } = &stated.policy;
    let request = Request::between(stated.base.commit.to_string(), stated.head.commit.to_string(), recompute.repo.clone());
    let in_repository = uri.strip_prefix(POLICY_REPOSITORY);
    let named = recompute.policy_repository.clone().zip(commit.clone());
    let named = named.map(|(clone, revision)| PolicyRepository { clone, revision });
    Judged {
        policy: recompute.policy.clone().or_else(|| in_repository.map(PathBuf::from)),
        policy_from: commit.clone().filter(|_| in_repository.is_none()),
        policy_repository: named.filter(|_| in_repository.is_some()),
        stage: if stated.stage == v1::Stage::Deploy { Stage::Deploy } else { Stage::Merge },
        ..Judged::new(Request { paths: stated.paths.clone(), ..request }, stated.decision.decided_at.0)
    }
}

/// The facts that are stated, read as those of a file are.
fn proposal(stated: &Authorization) -> Result<Option<Proposal>, String> {
    let Some(facts) = &stated.facts else { return Ok(None) };
    let file = parse("facts", facts.content.to_string().as_bytes(), Syntax::Json, &Bounds::default());
    let file = file.map_err(|(problem, _)| format!("the facts cannot be read: {}", problem.message))?;
    let mut proposal = Proposal::read(&file, stated.decision.decided_at.0).map_err(|diagnostics| {
        let first = diagnostics.first().map(|diagnostic| diagnostic.message.clone()).unwrap_or_default();
        format!("the facts are not valid: {first}")
    })?;
    proposal.source = if facts.verified { Source::Forge } else { Source::FactsFile };
    Ok(Some(proposal))
}
