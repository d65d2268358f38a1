//! The policy, from the base side or from a file that the user names, and what of it the engine needs.

use super::own::{MISNAMED_PATHS, Named, POLICY_PATHS, unreadable};
use super::{Error, Joined};
use crate::change::{self, Effort};
use crate::diagnostic::Diagnostic;
use crate::document::{Bounds, File, Node, Syntax, parse};
use crate::formats::{FORMATS, Setting, aws_iam, by_id, codeowners, github_workflow, kubernetes_rbac};
use crate::policy::{Ceiling, Draft, Known, Over, Policy, REASONS};
use crate::systems::{Access, sha256};
use crate::world::repository::{Reading, Side};
use std::path::Path;
use std::sync::Arc;

/// A policy that holds, and where it comes from.
#[derive(Debug)]
pub struct Loaded {
    /// What it asks.
    pub policy: Policy,
    /// Where it stands.
    pub path: Arc<str>,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// Remarks about it that are no errors.
    pub diagnostics: Vec<Diagnostic>,
    ceilings: Vec<(Ceiling, Access)>,
}

/// No option raises them: whoever may write the policy may write it shorter.
const WITHIN_BOUNDS: &str = "a policy has at most 1 MiB, 32 levels and 50000 values; write it shorter, without aliases of aliases";

/// The policy file is small; a larger one is refused.
const BOUNDS: Bounds = Bounds { bytes: 1 << 20, depth: 32, nodes: 50_000 };

/// Reads the policy. `named` is a file outside the change that the user vouches for.
pub(super) fn load(base: &Side, named: Option<&Path>) -> Result<Loaded, Error> {
    let (path, bytes) = match named {
        Some(path) => (path.to_string_lossy().into(), Named { what: "policy", option: "--policy", path }.read(BOUNDS.bytes)?),
        None => on_base(base)?,
    };
    let digest = sha256(&bytes);
    let file = read(Arc::clone(&path), &bytes)?;
    let draft = Draft::read(&file).map_err(|diagnostic| Error::Policy(vec![diagnostic]))?;
    let people = match draft.people_file() {
        Some(people) => people_file(base, people)?,
        None => None,
    };
    let formats: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
    let checked = draft.check(people.as_ref(), &Known { formats: &formats, reasons: REASONS });
    let Some(policy) = checked.policy else { return Err(Error::Policy(checked.diagnostics)) };
    let ceilings = policy.ceilings().iter().map(|ceiling| Ok((ceiling.clone(), compile(&file, ceiling)?))).collect::<Result<_, Error>>()?;
    Ok(Loaded { policy, path, digest, diagnostics: checked.diagnostics, ceilings })
}

fn on_base(base: &Side) -> Result<(Arc<str>, Vec<u8>), Error> {
    let mut found = Vec::new();
    for path in POLICY_PATHS {
        match base.read(path)? {
            Reading::Content(content) => found.push((content.path, content.bytes)),
            Reading::Unreadable(why) => return Err(unreadable("policy", path, why)),
            Reading::Absent => {}
        }
    }
    match found.len() {
        0 => Err(none_on_base(base)?),
        1 => found.pop().ok_or(Error::NoPolicy),
        _ => Err(Error::TwoPolicies),
    }
}

/// The error for a base side without a policy.
fn none_on_base(base: &Side) -> Result<Error, Error> {
    for path in MISNAMED_PATHS {
        if !matches!(base.read(path)?, Reading::Absent) {
            return Ok(Error::MisnamedPolicy(path));
        }
    }
    Ok(Error::NoPolicy)
}

fn people_file(base: &Side, path: &str) -> Result<Option<File>, Error> {
    match base.read(path)? {
        Reading::Content(content) => read(content.path, &content.bytes).map(Some),
        Reading::Unreadable(why) => Err(unreadable("people file", path, why)),
        Reading::Absent => Ok(None),
    }
}

fn read(path: Arc<str>, bytes: &[u8]) -> Result<File, Error> {
    parse(path, bytes, Syntax::Yaml, &BOUNDS).map_err(|(problem, place)| {
        let is_bound = matches!(problem.code, "too-large" | "too-deep" | "too-many-nodes");
        let diagnostic = Diagnostic::from_problem(problem, place);
        Error::Policy(vec![if is_bound { diagnostic.help(WITHIN_BOUNDS) } else { diagnostic }])
    })
}

/// A system that a ceiling does not name is one in which the role may have nothing.
fn compile(file: &File, ceiling: &Ceiling) -> Result<Access, Error> {
    let nothing = Node::empty_list();
    let written = |system: &str| ceiling.written.get(system).unwrap_or(&nothing);
    Ok(Access {
        aws: aws_iam::ceiling(file, written("aws")).map_err(Error::Policy)?,
        github: github_workflow::ceiling(file, ceiling.written.get("github")).map_err(Error::Policy)?,
        kubernetes: kubernetes_rbac::ceiling(file, written("kubernetes")).map_err(Error::Policy)?,
        codeowners: codeowners::ceiling(file, written("codeowners")).map_err(Error::Policy)?,
    })
}

impl Loaded {
    /// What `where:` says of a path; `None` for what it ignores.
    pub(super) fn setting(&self, path: &str) -> Option<Setting> {
        let site = self.policy.site_of(path);
        (!site.ignore).then_some(Setting {
            realm: site.realm,
            holder: site.holder,
            slot: site.slot,
            default_token: site.default_token,
            forced: false,
        })
    }

    /// The format that `where:` gives a path.
    pub(super) fn format(&self, path: &str) -> Option<&'static crate::formats::Format> {
        self.policy.site_of(path).format.as_deref().and_then(by_id)
    }

    /// What the holders of each role gain over its ceiling.
    pub(super) fn over(&self, joined: &Joined) -> Vec<Over> {
        let (base, head) = joined.access();
        let over = |(ceiling, most): &(Ceiling, Access)| ceiling.over(change::beyond_every(base, head, most, Effort::default()));
        self.ceilings.iter().map(over).collect()
    }
}
