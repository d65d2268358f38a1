//! `CODEOWNERS` files of GitHub:
//! <https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners>.
//!
//! A line that GitHub skips has no effect here either, and is told. What only GitLab has, and what the documentation leaves open, makes
//! the whole file undecided: a line that is read wrongly may decide for any path.

mod line;

use super::{Format, Reading, Setting};
use crate::diagnostic::Diagnostic;
use crate::document::{File, Node, Place, Syntax};
use crate::systems::codeowners::{Line, Lines, Location, Pattern, Refusal, Repository, Rules};
use crate::systems::{Opaque, content_digest};
use line::Said;
use std::sync::Arc;

/// Who has to approve what.
pub const FORMAT: Format = Format { id: "codeowners", at, syntax: Some(Syntax::Lines), claims: |_, _| false, may_hold: |_| false, read };

/// Where GitHub looks, in that order.
const LOCATIONS: [(&str, Location); 3] =
    [(".github/CODEOWNERS", Location::Github), ("CODEOWNERS", Location::Root), ("docs/CODEOWNERS", Location::Docs)];

/// Where only GitLab looks: <https://docs.gitlab.com/user/project/codeowners/>.
const GITLAB: &str = ".gitlab/CODEOWNERS";

/// GitHub does not load a file of this size, in bytes.
const NOT_LOADED: usize = 3 << 20;

/// "Under 3 MB" may as well mean this many bytes.
const PERHAPS_LOADED: usize = 3_000_000;

fn at(path: &str) -> bool {
    path == GITLAB || LOCATIONS.iter().any(|(location, _)| path == *location)
}

/// Which of the files counts depends on which there are.
pub(super) fn read(file: &File, setting: &Setting) -> Reading {
    let mut reader = Reader { file, setting, reading: Reading::default() };
    reader.reading.joins.beside.insert(FORMAT.id);
    if under(&file.path, GITLAB).is_some() {
        let why = "this file is GitLab's, whose rules are not read yet".to_owned();
        reader.opaque(Diagnostic::error("gitlab-codeowners", Place::file(Arc::clone(&file.path)), why));
        return reader.reading;
    }
    let lines = reader.lines();
    let (repository, location) = reader.standing();
    reader.reading.access.codeowners.add_file(repository, location, lines);
    reader.reading
}

/// The directory in which the location lies, if the path is that location in some directory.
fn under<'p>(path: &'p str, location: &str) -> Option<&'p str> {
    let directory = path.strip_suffix(location)?;
    if directory.is_empty() { Some(directory) } else { directory.strip_suffix('/') }
}

struct Reader<'r> {
    file: &'r File,
    setting: &'r Setting,
    reading: Reading,
}

impl Reader<'_> {
    /// A file that is called otherwise is a repository of its own.
    fn standing(&self) -> (Repository, Location) {
        let path = &self.file.path;
        // The longest location first: `.github/CODEOWNERS` is no `CODEOWNERS` of the directory `.github`.
        let mut locations = LOCATIONS;
        locations.sort_by_key(|(location, _)| std::cmp::Reverse(location.len()));
        let found = locations.iter().find_map(|(name, location)| Some((under(path, name)?, *location)));
        let realm = |root: &str| self.setting.realm.clone().unwrap_or_else(|| root.into());
        match found {
            Some((root, location)) => (Repository { realm: realm(root), root: root.into() }, location),
            None => (Repository { realm: self.setting.realm_of(path), root: Arc::clone(path) }, Location::Root),
        }
    }

    /// Whether only the user says that the file is of this format: then what GitHub would skip may be what somebody else reads.
    fn is_elsewhere(&self) -> bool {
        !LOCATIONS.iter().any(|(location, _)| under(&self.file.path, location).is_some())
    }

    /// The lines that decide; `None` if they cannot be told.
    fn lines(&mut self) -> Lines {
        let place = Place::file(Arc::clone(&self.file.path));
        match self.file.text().len() {
            NOT_LOADED.. => {
                let message = "GitHub does not load a file of 3 MB or more, so that nothing in it counts";
                let help = "join lines into fewer and wider patterns";
                self.reading.diagnostics.push(Diagnostic::warning("codeowners-not-loaded", place, message).help(help));
                return Some(Vec::new());
            }
            PERHAPS_LOADED.. => {
                let message = "whether GitHub loads a file of nearly 3 MB is not documented".to_owned();
                self.opaque(Diagnostic::error("codeowners-unclear", place, message).help("join lines into fewer and wider patterns"));
                return None;
            }
            _ => {}
        }
        let mut lines = Vec::new();
        for node in self.file.documents.iter().filter_map(Node::items).flatten() {
            match line::read(node.scalar().map_or("", |scalar| &scalar.text)) {
                Said::Nothing => {}
                Said::Line(pattern, owners) => lines.push(Line { pattern, owners, origin: self.file.place(node.span) }),
                Said::Skipped(why) if self.is_elsewhere() => {
                    let message = format!("this is no line of `CODEOWNERS`: {why}");
                    let help = "is the file one at all? correct the line, or what says that the file is of this format";
                    self.opaque(Diagnostic::error("codeowners-line", self.file.place(node.span), message).help(help));
                    return None;
                }
                Said::Skipped(why) => self.skipped(node, &why),
                Said::Unclear(code, why) => {
                    self.opaque(Diagnostic::error(code, self.file.place(node.span), why).help(help_for(code)));
                    return None;
                }
            }
        }
        if self.file.text().starts_with('\u{feff}') && lines.first().is_some_and(|line| line.origin.line == 1) {
            let why = "what a byte order mark before the first pattern means is not documented".to_owned();
            self.opaque(Diagnostic::error("codeowners-unclear", place, why).help("save the file without one"));
            return None;
        }
        Some(lines)
    }

    fn skipped(&mut self, node: &Node, why: &str) {
        let message = format!("GitHub skips this line: {why}");
        let diagnostic = Diagnostic::warning("codeowners-line-skipped", self.file.place(node.span), message);
        self.reading.diagnostics.push(diagnostic.help("correct it, or take it out: as it is, other lines decide"));
    }

    /// The whole file may say anything.
    fn opaque(&mut self, diagnostic: Diagnostic) {
        let (repository, _) = self.standing();
        self.reading.access.codeowners.add_opaque(Opaque {
            holder: self.setting.holder.clone().unwrap_or_else(|| Arc::clone(&self.file.path)),
            realm: repository.realm,
            digest: content_digest(&["codeowners", self.file.text()]),
            why: diagnostic.message.clone(),
            place: diagnostic.place.clone(),
        });
        self.reading.diagnostics.push(diagnostic);
    }
}

fn help_for(code: &str) -> &'static str {
    if code == "gitlab-codeowners" { "review it by hand: only what GitHub reads is read yet" } else { "write it so that it can be told" }
}

/// A role's ceiling in the policy file: a list of patterns.
pub fn ceiling(file: &File, list: &Node) -> Result<Rules, Vec<Diagnostic>> {
    let mut patterns = Vec::new();
    let mut refused = Vec::new();
    for node in list.items().unwrap_or_default() {
        match node.text().map(Pattern::parse) {
            Some(Ok(pattern)) => patterns.push(pattern),
            Some(Err(Refusal::Skipped(why) | Refusal::Unclear(why))) => {
                refused.push(Diagnostic::error("ceiling-pattern", file.place(node.span), why).help("write it as in `CODEOWNERS`"));
            }
            None => {
                let message = format!("a pattern is text, and this is {}", node.kind());
                refused.push(Diagnostic::error("ceiling-pattern", file.place(node.span), message).help("write it in quotes"));
            }
        }
    }
    if refused.is_empty() { Ok(Rules::list(patterns)) } else { Err(refused) }
}
