//! From a file's bytes to what it says: which format it is, and what it means when none can read it.

use crate::diagnostic::Diagnostic;
use crate::document::{Bounds, File, Place, Syntax, parse};
use crate::formats::{FORMATS, Format, Reading, Setting};
use crate::systems::{Access, Opaque, content_digest};
use crate::world::repository::{Content, ContentId, Why};
use memchr::memmem;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of the files besides their content.
pub struct Watch<'w> {
    /// What `where:` in the policy file says about a path.
    pub settings: &'w dyn Fn(&str) -> Option<Setting>,
    /// The format that the user or `where:` says a path has.
    pub format: &'w dyn Fn(&str) -> Option<&'static Format>,
    /// How large a file may be.
    pub bounds: Bounds,
}

/// What one side says, as far as its files were read.
#[derive(Clone, Debug, Default)]
pub(super) struct Side {
    pub(super) access: Access,
    /// Files of which not even the system can be told.
    pub(super) unread: BTreeSet<Opaque>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Which format a path has.
    pub(super) formats: BTreeMap<Arc<str>, &'static str>,
}

impl Side {
    pub(super) fn join(&mut self, file: Seen) {
        if let Some(format) = file.format {
            self.formats.insert(file.path, format);
        }
        self.access.join(file.reading.access);
        self.diagnostics.extend(file.reading.diagnostics);
        self.unread.extend(file.unread);
    }
}

/// What one file says.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) path: Arc<str>,
    pub(super) format: Option<&'static str>,
    pub(super) reading: Reading,
    pub(super) unread: Option<Opaque>,
}

impl Watch<'_> {
    /// Reads a file by the formats that claim it. A file that none claims says nothing.
    pub(super) fn read(&self, content: &Content) -> Seen {
        let mut seen = Seen { path: Arc::clone(&content.path), ..Seen::default() };
        // A path that `where:` ignores has no setting.
        let Some(mut setting) = (self.settings)(&content.path) else { return seen };
        let forced = (self.format)(&content.path);
        setting.forced = forced.is_some();
        let may_hold: Vec<&Format> = match forced {
            Some(format) => vec![format],
            None => FORMATS.iter().filter(|format| (format.may_hold)(&content.bytes)).collect(),
        };
        let Some(syntax) = syntax(&content.path, &content.bytes, setting.forced) else {
            seen.reading.diagnostics.extend(looks_like_permissions(content));
            return seen;
        };
        if may_hold.is_empty() {
            return seen;
        }
        match parse(Arc::clone(&content.path), &content.bytes, syntax, &self.bounds) {
            Ok(file) => read_by(&may_hold, &file, &setting, &mut seen),
            Err((problem, place)) if matters(problem.code, content, setting.forced) => {
                let diagnostic = Diagnostic::from_problem(problem, place);
                let diagnostic = if is_template(&content.bytes) { unrendered(diagnostic) } else { diagnostic };
                seen.unread = Some(unread(&content.path, &setting, content.id, &diagnostic));
                seen.reading.diagnostics.push(diagnostic);
            }
            Err(_) => {}
        }
        seen
    }

    /// What stands for something that cannot be read at all.
    pub(super) fn unreadable(&self, path: &Arc<str>, why: &Why, id: Option<ContentId>) -> Option<Seen> {
        let setting = (self.settings)(path)?;
        let name_tells = (self.format)(path).is_some() || may_be_permissions(path);
        if !name_tells && !matches!(why, Why::Submodule { .. } | Why::SymbolicLink { .. } | Why::NameNotUtf8) {
            return None;
        }
        let (message, help, digest) = explain(why);
        let diagnostic = Diagnostic::error("unreadable", Place::file(Arc::clone(path)), message).help(help);
        let digest = id.map_or(digest, |id| id.to_string());
        let part = opaque(path, &setting, &digest, &diagnostic.message, &diagnostic.place);
        let reading = Reading { diagnostics: vec![diagnostic], ..Reading::default() };
        Some(Seen { path: Arc::clone(path), reading, unread: Some(part), ..Seen::default() })
    }
}

fn read_by(formats: &[&Format], file: &File, setting: &Setting, seen: &mut Seen) {
    let claimed = |format: &&&Format| setting.forced || file.documents.iter().any(format.claims);
    for format in formats.iter().filter(claimed) {
        let reading = (format.read)(file, setting);
        seen.format = Some(format.id);
        seen.reading.access.join(reading.access);
        seen.reading.diagnostics.extend(reading.diagnostics);
        seen.reading.joins.provides.extend(reading.joins.provides);
        seen.reading.joins.affects.extend(reading.joins.affects);
        seen.reading.joins.needs.extend(reading.joins.needs);
        seen.reading.joins.context.extend(reading.joins.context);
    }
    if seen.format.is_none() && file.documents.iter().any(is_cloudformation) {
        seen.reading.diagnostics.push(not_read_yet(&file.path, "a CloudFormation template"));
    }
}

fn is_cloudformation(document: &crate::document::Node) -> bool {
    document.get("Resources").is_some() && (document.get("AWSTemplateFormatVersion").is_some() || document.get("Transform").is_some())
}

/// By its name, else by its first byte: policies are often kept in files without an extension.
fn syntax(path: &str, bytes: &[u8], forced: bool) -> Option<Syntax> {
    match extension(path) {
        Some("json") => Some(Syntax::Json),
        Some("yaml" | "yml") => Some(Syntax::Yaml),
        _ => {
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
            match text.first() {
                Some(b'{' | b'[') => Some(Syntax::Json),
                _ if forced => Some(Syntax::Yaml),
                _ => None,
            }
        }
    }
}

fn extension(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    name.rsplit_once('.').map(|(_, extension)| extension)
}

/// Whether a path is one at which permissions are kept, as far as its name tells.
pub(super) fn may_be_permissions(path: &str) -> bool {
    matches!(extension(path), None | Some("json" | "yaml" | "yml"))
}

/// Whether a file that does not parse may still be permissions for somebody else's parser. A template is no manifest yet, so for
/// one the plain words decide; anything else may hide them behind an escape.
fn matters(code: &str, content: &Content, forced: bool) -> bool {
    let is_template = is_template(&content.bytes) && matches!(code, "yaml-syntax" | "json-syntax");
    forced || !is_template || speaks_of_permissions(&content.bytes)
}

fn is_template(bytes: &[u8]) -> bool {
    contains(bytes, b"{{")
}

fn speaks_of_permissions(bytes: &[u8]) -> bool {
    contains(bytes, b"rbac.authorization.k8s.io") || contains(bytes, b"\"Statement\"")
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    memmem::find(bytes, word).is_some()
}

fn unrendered(diagnostic: Diagnostic) -> Diagnostic {
    let place = diagnostic.place;
    Diagnostic::error("unrendered-template", place, "this is a template that is not rendered, so what it allows cannot be told")
        .help("render it for both sides, for instance with `helm template`, and compare the results")
}

/// Manifests in a file that is not read: told, so that a renamed file does not leave the gate in silence.
fn looks_like_permissions(content: &Content) -> Option<Diagnostic> {
    let is_manifest = content.bytes.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"apiVersion: rbac.authorization.k8s.io"));
    (is_manifest && !matches!(extension(&content.path), Some("md" | "rst" | "adoc" | "txt")))
        .then(|| not_read_yet(&content.path, "a manifest in a file of this kind"))
}

fn not_read_yet(path: &Arc<str>, what: &str) -> Diagnostic {
    Diagnostic::warning(
        "permissions-not-read",
        Place::file(Arc::clone(path)),
        format!("this looks like permissions, but {what} is not read"),
    )
    .help("review it by hand, or name its format in `where:` or with `--as`")
}

fn unread(path: &Arc<str>, setting: &Setting, id: ContentId, diagnostic: &Diagnostic) -> Opaque {
    opaque(path, setting, &id.to_string(), &diagnostic.message, &diagnostic.place)
}

fn opaque(path: &Arc<str>, setting: &Setting, digest: &str, why: &str, place: &Place) -> Opaque {
    Opaque {
        holder: setting.holder.clone().unwrap_or_else(|| Arc::clone(path)),
        realm: setting.realm_of(path),
        digest: content_digest(&["unread", digest]),
        why: why.to_owned(),
        place: place.clone(),
    }
}

/// Message, what to do, and what identifies the thing.
fn explain(why: &Why) -> (String, &'static str, String) {
    match why {
        Why::Submodule { commit } => {
            ("this is a submodule, whose files are in another repository".to_owned(), "run the gate there as well", commit.clone())
        }
        Why::SymbolicLink { target } => {
            (format!("this is a symbolic link to `{target}`; links are not followed"), "put the file itself here", target.clone())
        }
        Why::LfsPointer { oid } => {
            ("this file is kept in Git LFS; here is only its pointer".to_owned(), "keep permission files in git itself", oid.clone())
        }
        Why::TooLarge { bytes } => {
            (format!("this file has {bytes} bytes, more than are read"), "raise the bound with `--max-file-size`", bytes.to_string())
        }
        Why::Missing => {
            ("the content of this file is not in this clone".to_owned(), "fetch it: a partial clone leaves contents out", String::new())
        }
        Why::NameNotUtf8 => ("the name of this file is not UTF-8".to_owned(), "rename it", String::new()),
        Why::NotAFile => ("this is a pipe, a socket or a device".to_owned(), "put a file here", String::new()),
        Why::Refused { message } => (format!("this file cannot be read: {message}"), "make it readable", message.clone()),
    }
}
