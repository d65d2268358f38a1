//! What verification found, for people and for machines.

use super::json::schema_of;
use super::shown::shown;
use super::terminal::{GAINED, LOST, line};
use crate::attestation::authorization::v1::{Authorization, Record};
use crate::attestation::{Moment, Refusal, Statement};
use crate::audit::authors;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

/// What was found about one bundle.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// The file, and the line if it has several.
    pub bundle: String,
    /// The predicate's type, if that much could be read.
    pub predicate_type: Option<String>,
    /// Who signed; empty if that is not known.
    pub signed_by: String,
    /// When it was signed, as others vouch for.
    pub at: Vec<DateTime<Utc>>,
    /// Whether a transparency log has it.
    pub logged: bool,
    /// What it says, if it says something that is known.
    pub authorization: Option<Authorization>,
    /// Why it is not taken; empty if it is.
    pub refusals: Vec<Refusal>,
    /// What whoever relies on it should know.
    pub notes: Vec<String>,
}

impl Verification {
    /// Of a statement whose signature holds.
    pub fn of(bundle: String, statement: &Statement) -> Self {
        Self { bundle, predicate_type: Some(statement.predicate_type.clone()), ..Self::default() }
    }

    /// Of what broke before anything could be read.
    pub fn refused(bundle: String, refusal: Refusal) -> Self {
        Self { bundle, refusals: vec![refusal], ..Self::default() }
    }

    fn is_sound(&self) -> bool {
        self.refusals.is_empty()
    }
}

/// Whether there is an authorization, and nothing that was refused.
pub fn is_verified(verifications: &[Verification]) -> bool {
    verifications.iter().all(Verification::is_sound) && verifications.iter().any(|verification| verification.authorization.is_some())
}

/// What `countersign verify --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub struct VerifyReport {
    /// Always `countersign/verify/v1`.
    #[schemars(extend("const" = "countersign/verify/v1"))]
    pub schema: &'static str,
    /// Whether there is an authorization, and nothing was refused. The only field to rely on.
    pub verified: bool,
    /// Each bundle.
    pub bundles: Vec<VerifiedBundle>,
}

/// One bundle.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifiedBundle {
    /// The file, and the line if it has several.
    pub bundle: String,
    /// Whether nothing was refused.
    pub sound: bool,
    /// The type of what it says; null if it could not be read.
    pub predicate_type: Option<String>,
    /// Who signed; null if that is not known.
    pub signed_by: Option<String>,
    /// When it was signed, as a log or a timestamp authority vouches for; empty if none does.
    pub signed_at: Vec<String>,
    /// Whether a transparency log has it.
    pub logged: bool,
    /// What it says; null if it says nothing that is known.
    pub authorization: Option<Authorization>,
    /// Why it is not taken, link by link.
    pub refusals: Vec<BrokenLink>,
    /// What whoever relies on it should know.
    pub notes: Vec<String>,
}

/// A link that broke.
#[derive(Debug, Serialize, JsonSchema)]
pub struct BrokenLink {
    /// `bundle`, `signature`, `identity`, `statement`, `subject`, `repository`, `record`, `consistency`, `recomputed`, `forge` or `chain`.
    pub link: &'static str,
    /// Why, in a half-sentence.
    pub why: String,
}

/// The JSON Schema of the report.
pub fn schema() -> schemars::Schema {
    schema_of::<VerifyReport>()
}

/// For machines.
pub fn json(verifications: &[Verification]) -> VerifyReport {
    let bundle = |verification: &Verification| VerifiedBundle {
        bundle: verification.bundle.clone(),
        sound: verification.is_sound(),
        predicate_type: verification.predicate_type.clone(),
        signed_by: Some(verification.signed_by.clone()).filter(|signer| !signer.is_empty()),
        signed_at: verification.at.iter().map(|at| Moment(*at).to_string()).collect(),
        logged: verification.logged,
        authorization: verification.authorization.clone(),
        refusals: verification.refusals.iter().map(|refusal| BrokenLink { link: refusal.link.word(), why: refusal.why.clone() }).collect(),
        notes: verification.notes.clone(),
    };
    VerifyReport {
        schema: "countersign/verify/v1",
        verified: is_verified(verifications),
        bundles: verifications.iter().map(bundle).collect(),
    }
}

/// For people.
pub fn text(verifications: &[Verification]) -> String {
    let mut text = String::new();
    for verification in verifications {
        tell(verification, &mut text);
    }
    if verifications.iter().all(Verification::is_sound) && !is_verified(verifications) {
        line(&mut text, format_args!("{LOST}No authorization among them.{LOST:#}"));
    }
    text
}

fn tell(verification: &Verification, text: &mut String) {
    let name = shown(&verification.bundle);
    if verification.is_sound() {
        line(text, format_args!("{GAINED}{name} is verified:{GAINED:#} {}", said(verification)));
    } else {
        line(text, format_args!("{LOST}{name} is refused.{LOST:#}"));
    }
    for refusal in &verification.refusals {
        line(text, format_args!("  {}: {}", refusal.link.word(), shown(&refusal.why)));
    }
    if !verification.signed_by.is_empty() {
        let at: Vec<String> = verification.at.iter().map(|at| Moment(*at).to_string()).collect();
        let at = if at.is_empty() { String::new() } else { format!(" at {}", at.join(", ")) };
        let log = if verification.logged { ", in a transparency log" } else { "" };
        line(text, format_args!("  signed by {}{at}{log}", shown(&verification.signed_by)));
    }
    for approval in verification.authorization.iter().flat_map(|authorization| &authorization.approvals) {
        let roles = approval.roles.join(", ");
        line(
            text,
            format_args!(
                "  approved by {} ({}) for {} at {}",
                shown(&approval.login),
                approval.actor_id,
                shown(&roles),
                approval.approved_at
            ),
        );
    }
    if let Some(authorization) = &verification.authorization {
        circumstances(authorization, text);
    }
    for note in &verification.notes {
        line(text, format_args!("  note: {}", shown(note)));
    }
}

/// Who wrote it, whose approval did not count, and whether the windows were open.
fn circumstances(authorization: &Authorization, text: &mut String) {
    let authors: Vec<String> = authors(authorization).iter().map(|(login, id)| format!("{login} ({id})")).collect();
    if !authors.is_empty() {
        line(text, format_args!("  written by {}", shown(&authors.join(", "))));
    }
    for exclusion in &authorization.exclusions {
        line(text, format_args!("  not counted: {} ({}): {}", shown(&exclusion.login), exclusion.actor_id, shown(&exclusion.reason)));
    }
    for window in &authorization.windows {
        let state = if window.open { "open" } else { "closed" };
        let until = window.closes_at.map(|at| format!(", until {at}")).unwrap_or_default();
        line(text, format_args!("  window {} ({}) was {state} at {}{until}", shown(&window.id), shown(&window.zone), window.evaluated_at));
    }
}

fn said(verification: &Verification) -> String {
    let Some(authorization) = &verification.authorization else { return "a summary of an authorization.".to_owned() };
    let what = match authorization.record {
        Record::Authorization => "an authorization",
        Record::Retroactive => "a retroactive record, which is no prior approval,",
        Record::Observed => "an observation, which is no authorization,",
    };
    let repository = authorization.repository.name.as_deref().map(|name| format!(" of {}", shown(name))).unwrap_or_default();
    format!("{what} of commit {}{repository}, decided for {}.", authorization.head.commit.short(), authorization.decision.decided_at)
}
