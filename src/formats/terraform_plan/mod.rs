//! Plans of Terraform and `OpenTofu`: <https://developer.hashicorp.com/terraform/internals/json-format>.
//!
//! A plan holds both sides: every resource as it is and as it will be. Alone it is compared with itself; beside another file it is one
//! side, what will be. Policies and manifests in it are read by the formats that read them anywhere else; what joins them to holders
//! is read here.

mod absent;
mod attached;
mod aws;
mod configuration;
mod context;
mod gateway;
mod guard;
mod hcl;
mod kind;
mod kinds;
mod kubernetes;
mod listed;
mod listed_elsewhere;
mod names;
mod plan;
mod references;
mod side;
mod source;
mod source_json;
mod statement;
mod tags;
mod twins;
mod unlisted;
mod view;
mod words;

pub use kinds::table;
pub use source::{is_source, speaks_of_access};

use super::{Format, Reading, Setting, may_be_escaped};
use crate::diagnostic::Diagnostic;
use crate::document::{Bounds, File, Node, Place, Problem};
use crate::systems::{Opaque, content_digest, sha256};
use context::{Context, Which};
use kind::Means;
use memchr::memmem;
use plan::Plan;
use std::sync::Arc;

/// What `terraform show -json` prints of a plan.
pub const FORMAT: Format =
    Format { id: "terraform-plan", at: |_| false, syntax: None, claims: |_, document| claims(document), may_hold, read };

/// How large a plan may be that is named by itself. It is walked, never held as a tree.
pub const LARGEST: usize = 256 << 20;

fn claims(document: &Node) -> bool {
    document.get("format_version").is_some() && (document.get("resource_changes").is_some() || document.get("planned_values").is_some())
}

fn may_hold(bytes: &[u8]) -> bool {
    looks_like_one(bytes) || may_be_escaped(bytes)
}

/// Whether these bytes have a word that only plans have.
pub fn looks_like_one(bytes: &[u8]) -> bool {
    ["planned_values", "resource_changes"].iter().any(|word| memmem::find(bytes, word.as_bytes()).is_some())
}

/// A plan as one side: what it makes. Nothing of its other side is known to whoever compares, so a part that is known only after
/// the apply, or secret, is equal to no other.
fn read(file: &File, setting: &Setting) -> Reading {
    let text = file.text();
    // The document was refused already if it is nested too deep for the user.
    let plan = match plan::read(text, &Bounds { bytes: text.len(), ..Bounds::default() }, true) {
        Ok(plan) => plan,
        Err(problem) => return refused(&file.path, setting, text, &unreadable(problem, &file.path)),
    };
    if let Some(diagnostic) = not_a_plan(&plan, &file.path) {
        return refused(&file.path, setting, text, &diagnostic);
    }
    let salt = sha256(text.as_bytes());
    let context = Context::new(&plan, text, &file.path, setting, Some(&salt));
    let mut reading = side::read(&context, Which::After);
    cannot_rely_on(&plan, &file.path, setting, text, &mut reading);
    reading
}

/// What a plan changes: as it is, and as it will be.
#[derive(Clone, Debug, Default)]
pub struct Both {
    /// Before the apply.
    pub before: Reading,
    /// After it, and everything there is to say.
    pub after: Reading,
}

/// Reads both sides of a plan that is named by itself. An error is about a file that is no plan at all.
pub fn both(path: &Arc<str>, bytes: &[u8], setting: &Setting, bounds: &Bounds) -> Result<Both, Diagnostic> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("the plan is not UTF-8 at byte {}", error.valid_up_to());
        Diagnostic::error("not-utf8", Place::file(Arc::clone(path)), message).help("write it by `terraform show -json PLAN > plan.json`")
    })?;
    let plan = plan::read(text, bounds, false).map_err(|problem| unreadable(problem, path))?;
    if let Some(diagnostic) = not_a_plan(&plan, path) {
        return Err(diagnostic);
    }
    let context = Context::new(&plan, text, path, setting, None);
    let mut both = Both { before: side::read(&context, Which::Before), after: side::read(&context, Which::After) };
    remarks(&plan, path, setting, text, &mut both.after);
    Ok(both)
}

/// A parser's complaint. What stands at its place may be secret, and is not quoted.
fn unreadable(problem: Problem, path: &Arc<str>) -> Diagnostic {
    Diagnostic::from_problem(problem, Place::file(Arc::clone(path)))
}

/// Versions below 1 say the same, only less of it.
fn not_a_plan(plan: &Plan, path: &Arc<str>) -> Option<Diagnostic> {
    let place = Place::file(Arc::clone(path));
    let show = "write it by `terraform show -json PLAN > plan.json`, where PLAN is what `terraform plan -out PLAN` wrote";
    match plan.version.split_once('.').map(|(major, _)| major) {
        _ if plan.has_state_only => Some(Diagnostic::error("not-a-plan", place, "this is a state, and no plan").help(show)),
        Some("0" | "1") => None,
        Some(_) => {
            let message = format!("`{}` is not a version of plans that is known here", plan.version);
            Some(Diagnostic::error("unknown-version", place, message).help("known are 0 and 1; update Countersign"))
        }
        None => Some(Diagnostic::error("not-a-plan", place, "this is no plan: it has no `format_version`").help(show)),
    }
}

fn refused(path: &Arc<str>, setting: &Setting, text: &str, diagnostic: &Diagnostic) -> Reading {
    let mut reading = Reading::default();
    reading.unread.insert(whole(path, setting, text, &diagnostic.message));
    reading.diagnostics.push(diagnostic.clone());
    reading
}

/// The plan as a whole cannot be relied on.
fn whole(path: &Arc<str>, setting: &Setting, text: &str, why: &str) -> Opaque {
    Opaque {
        holder: Arc::clone(path),
        realm: setting.realm_of(path),
        digest: content_digest(&["plan", &sha256(text.as_bytes())]),
        why: why.to_owned(),
        place: Place::file(Arc::clone(path)),
    }
}

/// Of a plan that is not whole, nobody can tell what it leaves out.
fn cannot_rely_on(plan: &Plan, path: &Arc<str>, setting: &Setting, text: &str, reading: &mut Reading) {
    let (code, why, help) = if plan.errored {
        ("errored-plan", "Terraform stopped with an error before this plan was whole", "plan again")
    } else if plan.has_values && !plan.has_changes {
        let help = "keep all that `terraform show -json PLAN` prints: it is `resource_changes` that is compared";
        ("cut-plan", "this plan has `planned_values`, and its `resource_changes` are not there", help)
    } else {
        return;
    };
    reading.unread.insert(whole(path, setting, text, why));
    reading.diagnostics.push(Diagnostic::error(code, Place::file(Arc::clone(path)), why).help(help));
}

/// What there is to say about the plan itself.
fn remarks(plan: &Plan, path: &Arc<str>, setting: &Setting, text: &str, reading: &mut Reading) {
    cannot_rely_on(plan, path, setting, text, reading);
    if plan.incomplete && !plan.errored {
        let message = "this plan leaves something for another one, such as what `-target` does not name";
        let help = "what it leaves is compared with the plan that does it";
        reading.diagnostics.push(Diagnostic::warning("incomplete-plan", Place::file(Arc::clone(path)), message).help(help));
    }
    for address in &plan.drifted {
        let message = "somebody changed this since the last apply, and not by Terraform; it is compared as it is now";
        let place = Place::part(Arc::clone(path), address.as_str());
        reading.diagnostics.push(Diagnostic::warning("drift", place, message).help("find out who did, and whether it was authorized"));
    }
    for resource in plan.resources.iter().filter(|resource| resource.is_forgotten() && !matches!(resource.kind.means, Means::Named)) {
        let place = Place::part(Arc::clone(path), Arc::clone(&resource.address));
        let message = "this leaves the state and stays in the world: its access is still there";
        let help = "take the access away before, if it is no longer wanted";
        reading.diagnostics.push(Diagnostic::warning("forgotten", place, message).help(help));
    }
    for address in &plan.deferred {
        let place = Place::part(Arc::clone(path), address.as_str());
        reading.diagnostics.push(Diagnostic::warning("deferred", place, "this is put off until another plan, and not compared here"));
    }
}
