//! What machines read of a policy that was checked.

use super::json::{Remark, remark, schema_of};
use crate::diagnostic::Diagnostic;
use crate::policy::{Contents, Mode};
use schemars::JsonSchema;
use serde::Serialize;

/// What `countersign policy check --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PolicyReport {
    /// Always `countersign/policy-check/v1`.
    #[schemars(extend("const" = "countersign/policy-check/v1"))]
    pub schema: &'static str,
    /// Whether `check` would judge by it: no remark is an error.
    pub valid: bool,
    /// The policy file.
    pub path: String,
    /// SHA-256 of its bytes, as `sha256:…`.
    pub digest: String,
    /// Whether decisions close the gate; null for a policy that is not valid.
    pub mode: Option<Mode>,
    /// How much it holds; null for a policy that is not valid.
    pub contains: Option<Contents>,
    /// Everything that there is to say, by place.
    pub diagnostics: Vec<Remark>,
}

/// The JSON Schema of the report of a policy.
pub fn schema() -> schemars::Schema {
    schema_of::<PolicyReport>()
}

/// The report of a policy.
pub fn policy(path: &str, digest: &str, sound: Option<(Mode, Contents)>, diagnostics: &[Diagnostic]) -> PolicyReport {
    PolicyReport {
        schema: "countersign/policy-check/v1",
        valid: sound.is_some(),
        path: path.to_owned(),
        digest: format!("sha256:{digest}"),
        mode: sound.map(|(mode, _)| mode),
        contains: sound.map(|(_, contents)| contents),
        diagnostics: diagnostics.iter().map(remark).collect(),
    }
}
