//! From a file's bytes to what it says: which format it is, and what it means when none can read it.

use crate::diagnostic::{self, Diagnostic};
use crate::document::{Bounds, File, Place, Syntax, parse, wide_encoding};
use crate::formats::aws_iam::looks_like_template;
use crate::formats::kubernetes_rbac::is_template_of_ours;
use crate::formats::terraform_plan::{is_source, speaks_of_access};
use crate::formats::{FORMATS, Format, Reading, Setting};
use crate::systems::kubernetes::Rules;
use crate::systems::{Access, Opaque, content_digest};
use crate::world::repository::{Content, ContentId, Why};
use memchr::memmem;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// What is known of the files besides their content.
pub struct Watch<'w> {
    /// What `where:` in the policy file says about a path.
    pub settings: &'w dyn Fn(&str) -> Option<Setting>,
    /// The format that the user or `where:` says a path has.
    pub format: &'w dyn Fn(&str) -> Option<&'static Format>,
    /// How large a file may be.
    pub bounds: Bounds,
    /// Whether it is handed in what a tool makes of a path: what that holds of roles and bindings does not count.
    pub is_rendered: &'w dyn Fn(&str) -> bool,
    /// Plans that are named by themselves.
    pub plans: &'w [PathBuf],
    /// Directories whose files of Terraform the plans are made from: a plan does not say where it was made.
    pub planned: &'w [String],
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
        self.unread.extend(file.reading.unread);
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
    /// Whether the plans are made from this file, as far as their giver says.
    fn is_planned(&self, path: &str) -> bool {
        self.planned.iter().any(|directory| {
            let directory = directory.trim_end_matches('/');
            let directory = directory.strip_prefix("./").unwrap_or(directory);
            directory == "." || path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
        })
    }

    /// Reads a file by the formats that claim it. A file that none claims says nothing.
    pub(super) fn read(&self, content: &Content) -> Seen {
        let seen = self.read_itself(content);
        if (self.is_rendered)(&content.path) { without_manifests(seen) } else { seen }
    }

    /// Whether `where:` ignores what would be read without it.
    pub(super) fn ignores(&self, content: &Content) -> bool {
        (self.settings)(&content.path).is_none() && {
            let seen = Watch { settings: &|_| Some(Setting::default()), ..*self }.read(content);
            seen.format.is_some() || seen.unread.is_some()
        }
    }

    fn read_itself(&self, content: &Content) -> Seen {
        let mut seen = Seen { path: Arc::clone(&content.path), ..Seen::default() };
        // A path that `where:` ignores has no setting.
        let Some(mut setting) = (self.settings)(&content.path) else { return seen };
        let forced = (self.format)(&content.path);
        setting.forced = forced.is_some();
        let own = forced.or_else(|| FORMATS.iter().find(|format| (format.at)(&content.path)));
        if let Some((format, syntax)) = own.and_then(|format| Some((format, format.syntax?))) {
            self.parse(content, syntax, &[format], &setting, &mut seen);
            if setting.forced {
                return seen;
            }
        }
        if is_attributes(&content.path) && !setting.forced {
            seen.unread = rewritten(content, &setting);
            return seen;
        }
        if is_source(&content.path) && !setting.forced {
            // A plan says what becomes of them.
            seen.unread = if self.is_planned(&content.path) { None } else { unplanned(content, &setting) };
            return seen;
        }
        let may_hold: Vec<&Format> = if let Some(format) = forced {
            vec![format]
        } else {
            let bytes = searched(&content.bytes);
            let by_name = FORMATS.iter().filter(|format| format.syntax.is_none());
            by_name.filter(|format| (format.at)(&content.path) || (format.may_hold)(&bytes)).collect()
        };
        let Some(syntax) = syntax(&content.path, &content.bytes, setting.forced) else {
            let is_data = || is_data_behind_remarks(&content.bytes) && has_statement(&content.bytes);
            let told = || is_data().then(|| not_read_yet(&content.path, "a policy in a file of this kind"));
            if let Some(diagnostic) = looks_like_permissions(content).or_else(told) {
                // In a file of another language it is one of many texts; where it is all of the file, somebody may well apply that.
                let is_whole = || is_data() || self.would_claim(content);
                seen.unread = is_whole().then(|| unread(&content.path, &setting, &content.id.to_string(), &diagnostic));
                seen.reading.diagnostics.push(diagnostic);
            }
            return seen;
        };
        if !may_hold.is_empty() {
            self.parse(content, syntax, &may_hold, &setting, &mut seen);
        }
        seen
    }

    /// Whether a format would read the file if it had the name of one.
    fn would_claim(&self, content: &Content) -> bool {
        let file = parse(Arc::clone(&content.path), &content.bytes, Syntax::Yaml, &self.bounds);
        let claims = |file: File| file.documents.iter().any(|document| FORMATS.iter().any(|format| (format.claims)(&file.path, document)));
        file.is_ok_and(claims)
    }

    /// Reads a file that may be of these formats.
    fn parse(&self, content: &Content, syntax: Syntax, formats: &[&Format], setting: &Setting, seen: &mut Seen) {
        let is_own = setting.forced || formats.iter().any(|format| (format.at)(&content.path));
        match parse(Arc::clone(&content.path), &content.bytes, syntax, &self.bounds) {
            Ok(file) => {
                read_by(formats, &file, setting, seen);
                diagnostic::quote(&mut seen.reading.diagnostics, &file);
            }
            // Many things begin with a brace; what is not named like JSON and is no JSON is something else.
            Err(_) if !is_own && !may_be_permissions(&content.path) => {
                seen.reading
                    .diagnostics
                    .extend(speaks_of_permissions(&content.bytes).then(|| not_read_yet(&content.path, "a file of this kind")));
            }
            Err((problem, place)) if is_own || matters(problem.code, content) => {
                let diagnostic = Diagnostic::unreadable(problem, place, &content.bytes);
                let is_template = is_template(&content.bytes) && (setting.forced || !is_own);
                let diagnostic = if is_template { unrendered(diagnostic) } else { diagnostic };
                seen.unread = Some(unread(&content.path, setting, &content.id.to_string(), &diagnostic));
                seen.reading.diagnostics.push(diagnostic);
            }
            Err(_) => {}
        }
    }

    /// A file that no format claims, whatever it is called, beside the other side's, which one does. If it does not even parse it is no file without
    /// permissions: it is cut off or damaged, and whoever reads it next may see something else in it.
    pub(super) fn read_beside(&self, other: &Content, seen: Seen, content: &Content) -> Seen {
        let setting = (self.settings)(&content.path).filter(|_| seen.unread.is_none());
        let (Some(setting), Some(syntax)) = (setting, syntax(&content.path, &other.bytes, false)) else { return seen };
        let Err((problem, place)) = parse(Arc::clone(&content.path), &content.bytes, syntax, &self.bounds) else { return seen };
        let diagnostic = Diagnostic::unreadable(problem, place, &content.bytes);
        let unread = Some(unread(&content.path, &setting, &content.id.to_string(), &diagnostic));
        Seen { unread, reading: Reading { diagnostics: vec![diagnostic], ..Reading::default() }, ..seen }
    }

    /// What stands for something that cannot be read at all.
    pub(super) fn unreadable(&self, path: &Arc<str>, why: &Why, id: Option<ContentId>) -> Option<Seen> {
        let setting = (self.settings)(path)?;
        let name_tells =
            (self.format)(path).is_some() || may_be_permissions(path) || is_source(path) || FORMATS.iter().any(|format| (format.at)(path));
        if !name_tells && !matches!(why, Why::Submodule { .. } | Why::SymbolicLink { .. } | Why::NameNotUtf8) {
            return None;
        }
        let (message, digest) = explain(why);
        let diagnostic = Diagnostic::error("unreadable", Place::file(Arc::clone(path)), message).help(help_for(why));
        let digest = id.map_or(digest, |id| id.to_string());
        let part = opaque(path, &setting, &digest, &diagnostic.message, &diagnostic.place);
        let reading = Reading { diagnostics: vec![diagnostic], ..Reading::default() };
        Some(Seen { path: Arc::clone(path), reading, unread: Some(part), ..Seen::default() })
    }
}

/// What a file says of anything but roles and bindings.
fn without_manifests(mut seen: Seen) -> Seen {
    let is_template = |diagnostic: &Diagnostic| diagnostic.code == TEMPLATE;
    if seen.format == Some(crate::formats::kubernetes_rbac::FORMAT.id) {
        seen.reading = Reading { access: Access { kubernetes: Rules::default(), ..seen.reading.access }, ..Reading::default() };
    } else if seen.reading.diagnostics.iter().any(is_template) {
        seen.unread = None;
        seen.reading.diagnostics.retain(|diagnostic| !is_template(diagnostic));
    }
    seen
}

/// What stands for a file of Terraform's that speaks of access, without a plan that says what becomes of it.
fn unplanned(content: &Content, setting: &Setting) -> Option<Opaque> {
    let digest = speaks_of_access(&content.path, &content.bytes)?;
    let why = "what Terraform makes of this is in no plan here: hand one in with `--plan`, as `terraform show -json` prints it, and name the directory with `--planned`";
    Some(opaque(&content.path, setting, &digest, why, &Place::file(Arc::clone(&content.path))))
}

/// Where git is told what to make of files: <https://git-scm.com/docs/gitattributes>.
fn is_attributes(path: &str) -> bool {
    path.rsplit('/').next() == Some(".gitattributes")
}

/// What stands for lines by which git puts other bytes into a work tree than those that are read here. Git LFS is known by its pointers.
fn rewritten(content: &Content, setting: &Setting) -> Option<Opaque> {
    let text = String::from_utf8_lossy(&content.bytes);
    let rewrites = |attribute: &str| match attribute.split_once('=') {
        Some(("working-tree-encoding", _)) => true,
        Some(("filter", name)) => name != "lfs",
        _ => false,
    };
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.starts_with('#')).collect();
    let lines: Vec<&str> = lines.into_iter().filter(|line| line.split_ascii_whitespace().skip(1).any(rewrites)).collect();
    let why = "by this git makes other bytes of files than those that are compared here, and what they say cannot be told";
    let place = Place::file(Arc::clone(&content.path));
    (!lines.is_empty()).then(|| opaque(&content.path, setting, &content_digest(&lines), why, &place))
}

/// Of a template that is not rendered.
const TEMPLATE: &str = "unrendered-template";

fn read_by(formats: &[&Format], file: &File, setting: &Setting, seen: &mut Seen) {
    let claims = |format: &Format| file.documents.iter().any(|document| (format.claims)(&file.path, document));
    let claimed = |format: &&&Format| setting.forced || (format.at)(&file.path) || claims(format);
    for format in formats.iter().filter(claimed) {
        seen.format = Some(format.id);
        seen.reading.join((format.read)(file, setting));
    }
}

/// The bytes in which words are looked for: `kubectl` and others also read UTF-16 and UTF-32, in which none would be found.
fn searched(bytes: &[u8]) -> Cow<'_, [u8]> {
    match wide_encoding(bytes) {
        Some(_) => Cow::Owned(bytes.iter().copied().filter(|byte| *byte != 0).collect()),
        None => Cow::Borrowed(bytes),
    }
}

/// By its name, else by its first byte or a line of a manifest: permissions are often kept in files without an extension.
pub(super) fn syntax(path: &str, bytes: &[u8], forced: bool) -> Option<Syntax> {
    match extension(path).as_deref() {
        Some("json" | "json5" | "jsonc") => Some(Syntax::Json),
        Some("yaml" | "yml") => Some(Syntax::Yaml),
        _ => {
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
            match text.first() {
                Some(b'{' | b'[') => Some(Syntax::Json),
                _ if forced => Some(Syntax::Yaml),
                _ if extension(path).is_none() && (is_manifest(bytes) || looks_like_template(bytes)) => Some(Syntax::Yaml),
                _ => None,
            }
        }
    }
}

/// What a template engine appends to the name of what it makes.
const TEMPLATES: [&str; 10] = ["erb", "gotmpl", "in", "j2", "jinja", "jinja2", "template", "tftpl", "tmpl", "tpl"];

/// The end of a file's name in lower case, that of what it becomes if it is a template.
fn extension(path: &str) -> Option<String> {
    let mut name = path.rsplit('/').next()?;
    while let Some((stem, extension)) = name.rsplit_once('.') {
        let extension = extension.to_ascii_lowercase();
        if !TEMPLATES.contains(&extension.as_str()) {
            return Some(extension);
        }
        name = stem;
    }
    None
}

/// Whether a path is one at which permissions are kept, as far as its name tells.
pub(super) fn may_be_permissions(path: &str) -> bool {
    matches!(extension(path).as_deref(), None | Some("json" | "json5" | "jsonc" | "yaml" | "yml"))
}

/// Whether a file that does not parse may still be permissions for somebody else's parser. A template is no manifest yet, so for
/// one the plain words decide, unless an escape hides them; anything else may hide them in many ways.
fn matters(code: &str, content: &Content) -> bool {
    let is_template = is_template(&content.bytes) && matches!(code, "yaml-syntax" | "json-syntax");
    !is_template || speaks_of_permissions(&content.bytes) || has_escape(&content.bytes)
}

/// Whether a word may be spelt with an escape: of a character, or of a line break within double quotes, as no line of a shell has it.
fn has_escape(bytes: &[u8]) -> bool {
    let is_open = |line: &[u8]| memchr::memchr_iter(b'"', line).count() % 2 == 1;
    memmem::find_iter(bytes, b"\\").any(|at| matches!(bytes.get(at + 1), Some(b'u' | b'U' | b'x')))
        || bytes.split(|byte| *byte == b'\n').any(|line| line.trim_ascii_end().ends_with(b"\\") && is_open(line))
}

fn is_template(bytes: &[u8]) -> bool {
    contains(bytes, b"{{")
}

fn speaks_of_permissions(bytes: &[u8]) -> bool {
    contains(bytes, b"rbac.authorization.k8s.io") || has_statement(bytes) || is_template_of_ours(bytes)
}

/// Whether some key may be `Statement`, quoted or not.
fn has_statement(bytes: &[u8]) -> bool {
    let is_key = |at: usize| {
        let rest = bytes.get(at + b"tatement".len()..).unwrap_or_default();
        let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest);
        at > 0 && matches!(bytes.get(at - 1), Some(b'S' | b's')) && rest.trim_ascii_start().starts_with(b":")
    };
    memmem::find_iter(bytes, b"tatement").any(is_key)
}

/// Whether all there is before a brace or a bracket are comments and what a template engine takes out.
fn is_data_behind_remarks(bytes: &[u8]) -> bool {
    const REMARKS: [(&[u8], &[u8]); 6] = [(b"//", b"\n"), (b"#", b"\n"), (b"/*", b"*/"), (b"%{", b"}"), (b"<%", b"%>"), (b"{%", b"%}")];
    let mut rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    while let Some((behind, end)) = REMARKS.iter().find_map(|(start, end)| Some((rest.strip_prefix(*start)?, end))) {
        let after = memmem::find(behind, end).and_then(|at| behind.get(at + end.len()..));
        let Some(after) = after else { return false };
        rest = after.trim_ascii_start();
    }
    rest.starts_with(b"{") || rest.starts_with(b"[")
}

fn contains(bytes: &[u8], word: &[u8]) -> bool {
    memmem::find(bytes, word).is_some()
}

fn unrendered(diagnostic: Diagnostic) -> Diagnostic {
    let place = diagnostic.place;
    Diagnostic::error(TEMPLATE, place, "this is a template that is not rendered, so what it allows cannot be told")
        .help("hand in what `helm template` or its like prints for both sides, with `--rendered`")
}

/// Permissions in a file that is not read: told, so that a renamed file does not leave the gate in silence.
fn looks_like_permissions(content: &Content) -> Option<Diagnostic> {
    let is_prose = matches!(extension(&content.path).as_deref(), Some("md" | "rst" | "adoc"));
    let starts = |words: &[&[u8]]| {
        let mut lines = content.bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_start);
        lines.any(|line| words.iter().any(|word| line.starts_with(word)))
    };
    let is_policy =
        || starts(&[b"Statement:", b"\"Statement\":"]) && starts(&[b"Effect:", b"- Effect:", b"\"Effect\":", b"{ Effect:", b"- { Effect:"]);
    if is_prose {
        None
    } else if is_manifest(&content.bytes) {
        Some(not_read_yet(&content.path, "a manifest in a file of this kind"))
    } else {
        is_policy().then(|| not_read_yet(&content.path, "a policy in a file of this kind"))
    }
}

/// Whether a line says that this is one of ours, or an item of a list at the root is. All of a file may be indented.
fn is_manifest(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_marked = |text: &&str| text.starts_with(['!', '&']);
    let is_ours = |line: &str| {
        let version = line.split_once("apiVersion").and_then(|(_, rest)| rest.trim_start().strip_prefix(':'));
        let version = version.and_then(|version| version.split_whitespace().find(|text| !is_marked(text)));
        version.is_some_and(|version| version.starts_with("rbac.authorization.k8s.io"))
    };
    let begins = |line: &str, key: &str| line.get(..key.len()).is_some_and(|start| start.eq_ignore_ascii_case(key));
    let says_something = |line: &&[u8]| !matches!(line.trim_ascii().first(), None | Some(b'#')) && !line.starts_with(b"---");
    let first = bytes.split(|byte| *byte == b'\n').find(says_something).unwrap_or_default();
    let indent = first.iter().take_while(|byte| **byte == b' ').count();
    let mut is_in_list = false;
    bytes.split(|byte| *byte == b'\n').any(|line| {
        let line = line.get(indent..).unwrap_or_default();
        // Only lines at the root, and in a list the others.
        if !(is_in_list || line.iter().take(2).any(|byte| matches!(byte, b'a' | b'i' | b'I'))) {
            return false;
        }
        let text = String::from_utf8_lossy(line).replace(['"', '\''], "");
        is_in_list |= begins(&text, "items") && text.contains(':');
        (is_in_list || text.starts_with("apiVersion")) && is_ours(&text)
    })
}

fn not_read_yet(path: &Arc<str>, what: &str) -> Diagnostic {
    Diagnostic::warning(
        "permissions-not-read",
        Place::file(Arc::clone(path)),
        format!("this looks like permissions, but {what} is not read"),
    )
    .help("review it by hand, or name its format in `where:` or with `--as`")
}

pub(super) fn unread(path: &Arc<str>, setting: &Setting, id: &str, diagnostic: &Diagnostic) -> Opaque {
    opaque(path, setting, id, &diagnostic.message, &diagnostic.place)
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

/// What was found, and what identifies it.
fn explain(why: &Why) -> (String, String) {
    match why {
        Why::Submodule { commit } => ("this is a submodule, whose files are in another repository".to_owned(), commit.clone()),
        Why::SymbolicLink { target } => (format!("this is a symbolic link to `{target}`; links are not followed"), target.clone()),
        Why::LfsPointer { oid } => ("this file is kept in Git LFS; here is only its pointer".to_owned(), oid.clone()),
        Why::TooLarge { bytes } => (format!("this file has {bytes} bytes, more than are read"), bytes.to_string()),
        Why::Missing => ("the content of this file is not in this clone".to_owned(), String::new()),
        Why::NameNotUtf8 => ("the name of this file is not UTF-8".to_owned(), String::new()),
        Why::NotAFile => ("this is a pipe, a socket or a device".to_owned(), String::new()),
        Why::Refused { message } => (format!("this file cannot be read: {message}"), message.clone()),
    }
}

/// What to do about something that cannot be read.
pub(super) fn help_for(why: &Why) -> &'static str {
    match why {
        Why::Submodule { .. } => "run the gate there as well",
        Why::SymbolicLink { .. } => "put the file itself here",
        Why::LfsPointer { .. } => "keep it in git itself: take its path out of `.gitattributes`, and add it again",
        Why::TooLarge { .. } => "raise the bound with `--max-file-size`",
        Why::Missing => "clone without a filter: no `filter:` for actions/checkout, no `--filter` of `git clone`",
        Why::NameNotUtf8 => "rename it",
        Why::NotAFile => "put a file here",
        Why::Refused { .. } => "make it readable",
    }
}
