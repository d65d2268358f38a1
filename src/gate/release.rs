//! A release on a forge: the bundles that are attached to it, and attaching them.
//!
//! A file for each bundle, by a name that the same decision has again, and all of them in one, which is made from those. What is attached
//! is never replaced; a run that was interrupted is finished by the next.

use super::{Bundle, Error, one_line};
use crate::attestation::authorization::v1::Authorization;
use crate::attestation::value_digest;
use crate::world::forge::{self, Attached, Attachment, Connection, Forge};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// All bundles of a release, one on each line.
pub const LINES: &str = "countersign.intoto.jsonl";

/// What the name of a file with one bundle ends with.
pub const BUNDLE: &str = ".sigstore.json";

/// A release.
#[derive(Clone, Debug)]
pub struct Release {
    /// How its forge is reached.
    pub connection: Connection,
    /// The repository.
    pub repository: String,
    /// The tag.
    pub tag: String,
}

/// A bundle of a release.
#[derive(Clone, Debug)]
pub struct Held {
    /// Where it stands there: a file, or a line of one.
    pub name: String,
    /// The bundle.
    pub json: String,
}

impl Release {
    /// Every bundle that is attached. One that stands in its own file and among the lines is one.
    pub fn bundles(&self) -> Result<Vec<Held>, Error> {
        let is_ours = |name: &str| name == LINES || name.ends_with(BUNDLE);
        let mut files = Forge::connect(&self.connection)?.attachments(&self.repository, &self.tag, &is_ours)?;
        files.sort_by(|one, other| ((one.name == LINES), &one.name).cmp(&((other.name == LINES), &other.name)));
        let mut held: Vec<Held> = Vec::new();
        for file in files {
            let text = String::from_utf8_lossy(&file.bytes);
            let is_lines = file.name == LINES;
            let lines = if is_lines { text.lines().collect() } else { vec![text.trim_end_matches('\n')] };
            for (index, line) in lines.into_iter().enumerate() {
                if !held.iter().any(|known| known.json == line) {
                    let name = if is_lines { format!("{LINES}:{}", index + 1) } else { file.name.clone() };
                    held.push(Held { name, json: line.to_owned() });
                }
            }
        }
        Ok(held)
    }

    /// Attaches bundles by name, and all that are attached then on the lines of one file; what became of each, in words.
    pub(super) fn attach(&self, bundles: &BTreeMap<String, String>) -> Result<Vec<(String, &'static str)>, Error> {
        let forge = Forge::connect(&self.connection)?;
        let file = |name: &str, text: String, is_derived| Attachment { name: name.to_owned(), bytes: text.into_bytes(), is_derived };
        let own: Vec<Attachment> = bundles.iter().map(|(name, json)| file(name, format!("{json}\n"), false)).collect();
        let outcomes = forge.attach(&self.repository, &self.tag, &own)?;
        let mut all = forge.attachments(&self.repository, &self.tag, &|name| name.ends_with(BUNDLE))?;
        all.sort_by(|one, other| one.name.cmp(&other.name));
        let lines = all.iter().map(|one| String::from_utf8_lossy(&one.bytes).trim_end_matches('\n').to_owned() + "\n").collect();
        let derived = forge.attach(&self.repository, &self.tag, &[file(LINES, lines, true)])?;
        let names = bundles.keys().cloned().chain([LINES.to_owned()]);
        Ok(names.zip(outcomes.into_iter().chain(derived).map(Attached::word)).collect())
    }
}

impl Release {
    /// Has the forge keep bundles about what has this SHA-256, as far as it does not have them; what became of that. A forge that takes
    /// none is no error: what is attached to the release is the evidence.
    pub(super) fn keep(&self, sha256: Option<&str>, bundles: &[Bundle]) -> Result<String, Error> {
        let forge = Forge::connect(&self.connection)?;
        let kept = || {
            let known = forge.attestations(&self.repository, sha256.unwrap_or_default())?;
            let mut word = Attached::AsItWas;
            for bundle in bundles {
                let bundle: Value = serde_json::from_str(&bundle.json).unwrap_or_default();
                if !known.contains(&bundle) {
                    forge.keep(&self.repository, &bundle)?;
                    word = Attached::Written;
                }
            }
            Ok(word.word().to_owned())
        };
        match kept() {
            Err(error @ forge::Error::Refused { .. }) => Ok(format!("not kept there: {}", one_line(&error))),
            other => Ok(other?),
        }
    }
}

/// The name of the file for a bundle about a decision, without its kind: the same decision about the same change has it again.
pub(super) fn file_name(kind: &str, authorization: &Authorization) -> String {
    let commit = authorization.head.commit.as_str();
    let digest = value_digest(&decided(authorization));
    let short = digest.trim_start_matches("sha256:");
    format!("{kind}-{}-{}{BUNDLE}", commit.get(..12).unwrap_or(commit), short.get(..12).unwrap_or(short))
}

/// What makes a decision the one that it is: everything but when and by which run it was made.
pub(super) fn decided(authorization: &Authorization) -> Value {
    let Authorization { record, repository, change_request, stage, base, head, paths, change, policy, decision, .. } = authorization;
    json!({
        "record": record,
        "repository": repository,
        "changeRequest": change_request,
        "stage": stage,
        "base": base,
        "head": head,
        "paths": paths,
        "change": change.digest,
        "policy": policy.digest,
        "outcome": decision.outcome,
        "mode": decision.mode,
    })
}
