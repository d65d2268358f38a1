//! Who may sign: what is wanted of a certificate, and every way in which one is not it.

use super::authorization::v1::Repository;
use super::expected::{Link, Refusal};
use crate::access::{Glob, Word};

/// What a certificate says of whoever signed; claims, which are worth something once the certificate is verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Who vouched for the identity: `https://token.actions.githubusercontent.com`.
    pub issuer: Option<String>,
    /// The identity itself, the subject's alternative name: the address of a workflow at a ref.
    pub subject: Option<String>,
    /// The address of the repository that the run was for.
    pub repository: Option<String>,
    /// The forge's immutable id of it.
    pub repository_id: Option<String>,
    /// The ref that the run was for.
    pub reference: Option<String>,
    /// The workflow that ran, which a reusable one is called by.
    pub workflow: Option<String>,
    /// Where the run can be looked at.
    pub run: Option<String>,
}

/// What is wanted of an identity: the issuer and the ids exactly; in every other text `*` stands for anything. What is not said is not
/// asked, and nobody asks for a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentityPolicy(pub Identity);

impl IdentityPolicy {
    /// Whether it names a signer: an issuer, and a subject that is not just anybody. Without both, whoever can sign anything could sign
    /// this.
    pub fn names_somebody(&self) -> bool {
        self.0.issuer.is_some() && self.0.subject.as_deref().is_some_and(|subject| !Glob::parse(subject).is_any())
    }

    /// Every way in which an identity is not the one that is wanted.
    pub fn refusals(&self, identity: &Identity) -> Vec<Refusal> {
        let Self(policy) = self;
        let wanted = [
            ("issuer", &policy.issuer, &identity.issuer, true),
            ("subject", &policy.subject, &identity.subject, false),
            ("repository", &policy.repository, &identity.repository, false),
            ("repository id", &policy.repository_id, &identity.repository_id, true),
            ("ref", &policy.reference, &identity.reference, false),
            ("workflow", &policy.workflow, &identity.workflow, false),
        ];
        wanted
            .into_iter()
            .filter_map(|(what, wanted, found, exactly)| refusal(what, wanted.as_deref()?, found.as_deref(), exactly))
            .collect()
    }
}

impl Identity {
    /// Whether the run was for the repository that a statement is about. A reusable workflow has one name wherever it is called from, so
    /// the name alone would let any repository's run sign for any other.
    pub fn refusals(&self, repository: &Repository) -> Vec<Refusal> {
        let pairs = [
            ("repository", self.repository.as_deref().map(short), repository.name.as_deref()),
            ("repository id", self.repository_id.as_deref(), repository.id.as_deref()),
        ];
        let differs = |(what, run, stated): (&str, Option<&str>, Option<&str>)| {
            let (run, stated) = run.zip(stated).filter(|(run, stated)| run != stated)?;
            Some(Refusal::new(Link::Repository, format!("it is about the {what} `{stated}`, and a run for `{run}` has signed it")))
        };
        pairs.into_iter().filter_map(differs).collect()
    }
}

fn refusal(what: &str, wanted: &str, found: Option<&str>, exactly: bool) -> Option<Refusal> {
    let Some(found) = found else {
        return Some(Refusal::new(Link::Identity, format!("the certificate names no {what}; `{wanted}` is wanted")));
    };
    let is_short = what == "repository" && !wanted.contains("://");
    let compared = if is_short { short(found) } else { found };
    let fits = if exactly { compared == wanted } else { Glob::parse(wanted).matches(&Word::plain(compared)) };
    (!fits).then(|| Refusal::new(Link::Identity, format!("the {what} of whoever signed is `{found}`; `{wanted}` is wanted")))
}

/// `owner/name` of an address.
fn short(address: &str) -> &str {
    let path = address.split_once("://").map_or(address, |(_, rest)| rest.split_once('/').map_or("", |(_, path)| path));
    path.trim_end_matches('/')
}
