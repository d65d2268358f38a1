//! in-toto Statement v1: what is said about which artifacts. <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>

use crate::document::{Bounds, Syntax, parse};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The type of every statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";

/// What the envelope says that it holds.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A statement is larger than this only by somebody's intent.
const BOUNDS: Bounds = Bounds { bytes: 16 << 20, depth: 64, nodes: 2_000_000 };

/// A statement about artifacts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Statement {
    /// Always [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub type_: String,
    /// What it is about.
    pub subject: Vec<Subject>,
    /// What kind of thing it says, as an address with a version.
    pub predicate_type: String,
    /// What it says.
    pub predicate: Value,
}

/// An artifact, by digests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// A name for people; the digest says what it is.
    pub name: String,
    /// Hexadecimal digests by algorithm: `sha256`.
    pub digest: BTreeMap<String, String>,
    /// Git's own ids, `gitCommit` or `gitTree`. They stand here because verifiers that know no git refuse them among the digests.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// Why bytes are no statement.
#[derive(Debug, thiserror::Error)]
pub enum Malformed {
    /// No JSON, or one in which a key stands twice, or which is too large or too deep.
    #[error("it is not sound JSON: {0}")]
    Json(String),
    /// JSON of another shape.
    #[error("it has not the shape of its type: {0}")]
    Shape(#[from] serde_json::Error),
    /// Another type of statement.
    #[error("it is of type `{0}`, and only `{STATEMENT_TYPE}` is known")]
    Type(String),
    /// It says nothing about anything.
    #[error("it is about nothing: it has no subject with a digest")]
    NoSubject,
}

impl Statement {
    /// A statement of that type.
    pub fn new(subject: Vec<Subject>, predicate_type: &str, predicate: Value) -> Self {
        Self { type_: STATEMENT_TYPE.to_owned(), subject, predicate_type: predicate_type.to_owned(), predicate }
    }

    /// The bytes that are signed.
    pub fn bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(self)
    }

    /// What bytes say. A key that stands twice, or that nobody knows, is refused: two readers might take it for two things.
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        // Our own reader refuses what serde would pass over in a value of any shape.
        parse("statement", bytes, Syntax::Json, &BOUNDS)
            .map_err(|(problem, place)| Malformed::Json(format!("{} at {place}", problem.message)))?;
        let statement: Self = serde_json::from_slice(bytes)?;
        if statement.type_ != STATEMENT_TYPE {
            return Err(Malformed::Type(statement.type_));
        }
        if statement.subject.is_empty() || statement.subject.iter().any(|subject| subject.digest.is_empty()) {
            return Err(Malformed::NoSubject);
        }
        Ok(statement)
    }

    /// Whether one of the subjects has that digest, or that id of git's.
    pub fn is_about(&self, algorithm: &str, hex: &str) -> bool {
        let has = |digests: &BTreeMap<String, String>| digests.get(algorithm).is_some_and(|digest| digest == hex);
        self.subject.iter().any(|subject| has(&subject.digest) || has(&subject.annotations))
    }

    /// The first SHA-256 among the subjects: what a verifier that knows no git is given.
    pub fn sha256(&self) -> Option<&str> {
        self.subject.iter().find_map(|subject| subject.digest.get("sha256")).map(String::as_str)
    }
}

/// A commit and its tree as subjects, each by the SHA-256 of what `git cat-file` prints of it, so that a verifier that knows no git can be
/// given that as a file.
pub fn commit_subjects(repository: &str, [commit, commit_sha256]: [&str; 2], [tree, tree_sha256]: [&str; 2]) -> Vec<Subject> {
    let one = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
    let subject =
        |name: String, id: (&str, &str), sha256: &str| Subject { name, digest: one("sha256", sha256), annotations: one(id.0, id.1) };
    vec![
        subject(format!("{repository}@{commit}"), ("gitCommit", commit), commit_sha256),
        subject(format!("{repository}@{commit}^{{tree}}"), ("gitTree", tree), tree_sha256),
    ]
}

/// What of a payload is signed: DSSE's pre-authentication encoding.
/// <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut bytes = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    bytes.extend_from_slice(payload);
    bytes
}
