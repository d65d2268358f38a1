//! Which paths are asked for.

use super::Error;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// A set of paths. Empty means everything.
#[derive(Debug)]
pub(super) struct Paths {
    everything: bool,
    literals: Vec<String>,
    patterns: Vec<String>,
    globs: GlobSet,
}

impl Paths {
    pub(super) fn parse(specs: &[String]) -> Result<Self, Error> {
        let mut paths = Self { everything: specs.is_empty(), literals: Vec::new(), patterns: Vec::new(), globs: GlobSet::empty() };
        let mut globs = GlobSetBuilder::new();
        for spec in specs {
            match tidy(spec)? {
                "" => paths.everything = true,
                pattern if pattern.contains(['*', '?', '[', '{']) => {
                    globs.add(GlobBuilder::new(pattern).build().map_err(|error| refuse(spec, &error.kind()))?);
                    // A file may really be called `a[1].json`.
                    paths.patterns.push(pattern.to_owned());
                }
                literal => paths.literals.push(literal.to_owned()),
            }
        }
        paths.globs = globs.build().map_err(|error| refuse(&specs.join(" "), &error.kind()))?;
        Ok(paths)
    }

    /// Whether a path is asked for. Bytes that are not UTF-8 count as replaced.
    pub(super) fn cover(&self, path: &[u8]) -> bool {
        self.everything
            || self.literals.iter().chain(&self.patterns).any(|literal| within(path, literal))
            || self.globs.is_match(&*String::from_utf8_lossy(path))
    }

    /// What was asked for by name, not by pattern.
    pub(super) fn literals(&self) -> impl Iterator<Item = &str> {
        self.literals.iter().map(String::as_str)
    }
}

/// Whether a path is this one, or below it.
pub(super) fn within(path: &[u8], literal: &str) -> bool {
    path.strip_prefix(literal.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

fn tidy(spec: &str) -> Result<&str, Error> {
    if spec.is_empty() {
        return Err(refuse(spec, &"it is empty"));
    }
    if spec.starts_with(':') {
        return Err(refuse(spec, &"git's `:` notation is not supported"));
    }
    if spec.starts_with('/') {
        return Err(refuse(spec, &"write it relative to the root of the repository or directory"));
    }
    if spec.split('/').any(|name| name == "..") {
        return Err(refuse(spec, &"`..` leads out"));
    }
    let mut rest = spec;
    while let Some(shorter) = rest.strip_prefix("./") {
        rest = shorter.trim_start_matches('/');
    }
    let rest = rest.trim_end_matches('/');
    Ok(if rest == "." { "" } else { rest })
}

fn refuse(spec: &str, why: &dyn std::fmt::Display) -> Error {
    Error::Pathspec { spec: spec.to_owned(), why: why.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(spec: &str, path: &str) -> bool {
        Paths::parse(&[spec.to_owned()]).unwrap().cover(path.as_bytes())
    }

    #[test]
    fn no_path_at_all_means_everything() {
        assert!(Paths::parse(&[]).unwrap().cover(b"a"));
        assert!(covers(".", "a/b"));
        assert!(covers("./", "a/b"));
    }

    #[test]
    fn a_literal_path_is_itself_and_what_is_below_it_and_nothing_beside_it() {
        for spec in ["iam", "iam/", "./iam", ".//iam"] {
            assert!(covers(spec, "iam"), "{spec}");
            assert!(covers(spec, "iam/a/b.json"), "{spec}");
            assert!(!covers(spec, "iam.json"), "{spec}");
            assert!(!covers(spec, "x/iam"), "{spec}");
        }
    }

    #[test]
    fn a_star_matches_across_directories_as_in_git() {
        assert!(covers("*.json", "a/b.json"));
        assert!(covers("**/b.json", "b.json"));
        assert!(covers("iam/*.{json,yaml}", "iam/a/b.yaml"));
        assert!(!covers("iam/*.json", "k8s/b.json"));
    }

    #[test]
    fn a_name_with_brackets_can_be_asked_for() {
        assert!(covers("a[1].json", "a[1].json"));
        assert!(covers("a[1].json", "a1.json"));
    }

    #[test]
    fn what_leads_out_or_is_not_understood_is_refused() {
        for spec in ["", "/etc", "../x", "a/../../x", ":!x", ":(glob)x", "a[", "{a"] {
            assert!(matches!(Paths::parse(&[spec.to_owned()]), Err(Error::Pathspec { .. })), "{spec}");
        }
    }
}
