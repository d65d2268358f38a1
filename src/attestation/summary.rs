//! The same in the words of SLSA's verification summaries, for whoever reads those and not ours.
//! <https://slsa.dev/spec/v1.1/verification_summary>

use super::Statement;
use super::authorization::v1;
use serde_json::json;

/// The type of the predicate.
pub const SUMMARY_TYPE: &str = "https://slsa.dev/verification_summary/v1";

/// What a summary says of a change that was authorized. No level of SLSA's, which are about how something was built.
const LEVEL: &str = "COUNTERSIGN_AUTHORIZED";

/// A summary over the subjects of a statement; `None` for what is no authorization of all of them. `sha256` is that of the statement's bytes.
pub fn summary(statement: &Statement, authorization: &v1::Authorization, sha256: &str) -> Option<Statement> {
    if authorization.record != v1::Record::Authorization || !authorization.paths.is_empty() {
        return None;
    }
    let v1::Authorization { repository, head, policy, decision, .. } = authorization;
    let resource = repository.name.as_deref().unwrap_or_default();
    let predicate = json!({
        "verifier": { "id": "https://countersign.dev/gate", "version": { "countersign": authorization.pins.engine } },
        "timeVerified": decision.decided_at,
        "resourceUri": format!("git+{resource}@{}", head.commit),
        "policy": { "uri": policy.uri, "digest": { "sha256": policy.digest.trim_start_matches("sha256:") } },
        "inputAttestations": [{ "uri": v1::TYPE, "digest": { "sha256": sha256 } }],
        "verificationResult": "PASSED",
        "verifiedLevels": [LEVEL],
        "slsaVersion": "1.1"
    });
    Some(Statement::new(statement.subject.clone(), SUMMARY_TYPE, predicate))
}
