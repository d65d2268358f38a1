//! What a file says: one module a format, each of which claims documents and reads them into the rules of its system.
//!
//! A format is a `const FORMAT: Format`, listed once, in [`FORMATS`].

pub mod aws_iam;
pub mod codeowners;
pub mod github_workflow;
pub mod kubernetes_rbac;
pub mod terraform_plan;

use crate::diagnostic::Diagnostic;
use crate::document::{File, Node, Syntax};
use crate::systems::{Access, Opaque, aws, github};
use memchr::memchr_iter;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Every format there is, in the order in which they are asked.
pub const FORMATS: &[Format] =
    &[aws_iam::FORMAT, codeowners::FORMAT, github_workflow::FORMAT, kubernetes_rbac::FORMAT, terraform_plan::FORMAT];

/// A kind of permission file.
#[derive(Clone, Copy)]
pub struct Format {
    /// The name that `--as` and `where:` use.
    pub id: &'static str,
    /// Whether a file at this path is one of these, whatever is in it.
    pub at: fn(&str) -> bool,
    /// What such files are written in, where their names do not tell.
    pub syntax: Option<Syntax>,
    /// Whether a document in a file of this path is one of these, judged by its content.
    pub claims: fn(&str, &Node) -> bool,
    /// Cheap and one-sided: false only when no document in these bytes can be one of these, however it is escaped.
    pub may_hold: fn(&[u8]) -> bool,
    /// What the documents of a file say; those that the format does not claim are passed over unless
    /// `setting.forced`.
    pub read: fn(&File, &Setting) -> Reading,
}

impl std::fmt::Debug for Format {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

/// Whether such a document is read to its last part by its own format, so that no other looks for anything inside of it.
fn is_read_whole(document: &Node) -> bool {
    (terraform_plan::FORMAT.claims)("", document)
}

/// Whether some character may be spelt with an escape of JSON or YAML, or a word with a line break inside.
fn may_be_escaped(bytes: &[u8]) -> bool {
    memchr_iter(b'\\', bytes).any(|at| matches!(bytes.get(at + 1), Some(b'u' | b'U' | b'x' | b'\n' | b'\r')))
}

/// The format with that name.
pub fn by_id(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

/// What is known of a file besides its content: from `where:` in the policy file, or from the command line.
#[derive(Clone, Debug, Default)]
pub struct Setting {
    /// The realm that `where:` gives.
    pub realm: Option<Arc<str>>,
    /// The holder that `where:` gives.
    pub holder: Option<Arc<str>>,
    /// How an AWS policy is attached, where the document does not tell.
    pub slot: Option<aws::Slot>,
    /// What the token of a workflow may do where no file says it: the restricted default to read, or the permissive one to write.
    pub default_token: Option<github::Level>,
    /// The user says that the file is of this format: a document that is not is an error.
    pub forced: bool,
}

impl Setting {
    /// The realm of a file whose content does not tell: what `where:` says, else the directory the file stands in. So what moves
    /// between directories is never taken for a move within one world, unless somebody says that it is one.
    pub fn realm_of(&self, path: &str) -> Arc<str> {
        self.realm.clone().unwrap_or_else(|| path.rsplit_once('/').map_or("", |(directory, _)| directory).into())
    }
}

/// What a file says.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The rules, by system.
    pub access: Access,
    /// Parts that cannot be read, and of which not even the system can be told.
    pub unread: BTreeSet<Opaque>,
    /// Remarks. What could not be read is opaque in the rules as well.
    pub diagnostics: Vec<Diagnostic>,
    /// Which other files have to be read with this one.
    pub joins: Joins,
}

impl Reading {
    /// Adds what another reader says.
    pub fn join(&mut self, other: Self) {
        self.access.join(other.access);
        self.unread.extend(other.unread);
        self.diagnostics.extend(other.diagnostics);
        self.joins.join(other.joins);
    }
}

/// How files depend on each other: names that a file provides, and names that it looks for in others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joins {
    /// Names under which other files find this one. They depend on the content alone, never on path or setting.
    pub provides: BTreeSet<String>,
    /// If this file changes, whatever provides one of these is affected as well: a role's bindings.
    pub affects: BTreeSet<String>,
    /// The same in the realm that stands beside it, which is that of the path, as [`Setting::realm_of`] says: another definition of the
    /// same object. It has to be read as well if this file is only read for others, since only one of them counts.
    pub repeats: BTreeSet<(Arc<str>, String)>,
    /// If this file is affected, what provides one of these has to be read: a binding's role.
    pub needs: BTreeSet<String>,
    /// The same in the realm that stands beside it: the other bindings of a binding's subjects.
    pub shares: BTreeSet<(Arc<str>, String)>,
    /// What has to be read even if this file is only read for others: a binding's role, what a role aggregates.
    pub context: BTreeSet<String>,
    /// Formats whose files belong to this one because of where they stand, whatever is in them.
    pub beside: BTreeSet<&'static str>,
}

impl Joins {
    /// Whether no other file is looked for by name.
    pub fn is_alone(&self) -> bool {
        let names = [&self.affects, &self.needs, &self.context].into_iter().all(BTreeSet::is_empty);
        names && self.repeats.is_empty() && self.shares.is_empty()
    }

    /// Adds another file's.
    pub fn join(&mut self, other: Self) {
        self.provides.extend(other.provides);
        self.affects.extend(other.affects);
        self.repeats.extend(other.repeats);
        self.needs.extend(other.needs);
        self.shares.extend(other.shares);
        self.context.extend(other.context);
        self.beside.extend(other.beside);
    }
}
