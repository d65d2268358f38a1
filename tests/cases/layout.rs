//! Which cases there are, and what is wrong with where something stands.

use countersign::formats::FORMATS;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Areas besides the formats: rooms whose behaviour shows in any format.
const OTHER_AREAS: &[&str] = &["documents", "sources", "policy"];

/// What may stand in a case besides `base` and `head`.
const FILES: &[&str] = &["facts.yml", "at.txt", PLAN];

/// A plan that has both of its sides, and is compared beside `base` and `head`.
const PLAN: &str = "plan.json";

/// What may stand under `expected`.
pub const EXPECTED: &[&str] = &["diff.txt", "diff.json", "check.txt", "check.json", "exit.txt"];

/// What stands under `expected` of the cases that are telling for it, and the form of output that says it; an empty file asks for it.
pub const TELLING: &[(&str, &str)] = &[
    ("diff.md", "markdown"),
    ("explain.txt", "text"),
    ("check.md", "markdown"),
    ("diff.sarif", "sarif"),
    ("check.sarif", "sarif"),
    ("diff.codequality.json", "gitlab-codequality"),
    ("check.codequality.json", "gitlab-codequality"),
];

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// A format's id, or another room of [`OTHER_AREAS`].
    pub area: String,
    /// The sentence, with dashes.
    pub name: String,
    pub directory: PathBuf,
}

impl Case {
    /// A case with a policy on its base side is decided as well.
    pub fn has_policy(&self) -> bool {
        self.directory.join("base/countersign.yml").exists()
    }

    pub fn has_plan(&self) -> bool {
        self.directory.join(PLAN).exists()
    }

    /// What names the plan, if there is one.
    pub fn plan(&self) -> &'static [&'static str] {
        if self.has_plan() { &["--plan", PLAN, "--planned", "."] } else { &[] }
    }

    pub fn expects(&self, name: &str) -> bool {
        self.directory.join("expected").join(name).exists()
    }

    pub fn has_facts(&self) -> bool {
        self.directory.join("facts.yml").exists()
    }
}

/// Something that stands where it does not belong, or does not stand where it does.
#[derive(Debug)]
pub struct Problem {
    /// A path below `tests/cases`.
    pub at: String,
    /// What is wrong and what to do, in one sentence.
    pub what: String,
}

/// Every case, and everything that is wrong with the layout.
pub fn find(root: &Path) -> (Vec<Case>, Vec<Problem>) {
    let (mut cases, mut problems) = (Vec::new(), Vec::new());
    for area in names(root) {
        let directory = root.join(&area);
        if !directory.is_dir() {
            if directory.extension().is_none_or(|extension| extension != "rs") && area != ".gitattributes" {
                problems.push(Problem { what: format!("`{area}` is no area: move it into a case"), at: area });
            }
            continue;
        }
        if !areas().contains(area.as_str()) {
            let known = areas().into_iter().collect::<Vec<_>>().join(", ");
            let what = format!("`{area}` is no area: the areas are the ids in `FORMATS`, and rooms in `OTHER_AREAS`: {known}");
            problems.push(Problem { what, at: area });
            continue;
        }
        for name in names(&directory) {
            let case = Case { directory: directory.join(&name), area: area.clone(), name };
            let wrong = wrong_with(&case);
            let at = format!("{}/{}", case.area, case.name);
            if wrong.is_empty() {
                cases.push(case);
            }
            problems.extend(wrong.into_iter().map(|what| Problem { at: at.clone(), what }));
        }
    }
    (cases, problems)
}

fn areas() -> BTreeSet<&'static str> {
    FORMATS.iter().map(|format| format.id).chain(OTHER_AREAS.iter().copied()).collect()
}

fn names(directory: &Path) -> BTreeSet<String> {
    fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn wrong_with(case: &Case) -> Vec<String> {
    if !case.directory.is_dir() {
        return vec![format!("`{}` is a file: a case is a directory with `base` and `head`", case.name)];
    }
    let mut wrong = Vec::new();
    if !is_sentence(&case.name) {
        wrong.push(format!(
            "`{}` is no sentence: name the case by lower-case words with dashes, such as `a-deny-that-shrinks-widens`",
            case.name
        ));
    }
    for side in ["base", "head"] {
        if names_of(&case.directory.join(side)).is_empty() {
            wrong.push(format!("there is nothing in `{side}`: put the files of that side there, or an empty `.gitkeep` if there are none"));
        }
    }
    for name in names(&case.directory) {
        if !matches!(name.as_str(), "base" | "head" | "expected") && !FILES.contains(&name.as_str()) {
            wrong.push(format!("`{name}` means nothing here: a case has `base`, `head`, `expected`, and at most {}", FILES.join(" and ")));
        }
        if FILES.contains(&name.as_str()) && name != PLAN && !case.has_policy() {
            wrong.push(format!("`{name}` is for a decision: put a `countersign.yml` into `base`, or delete `{name}`"));
        }
    }
    for name in names_of(&case.directory.join("expected")) {
        let known: Vec<&str> = EXPECTED.iter().copied().chain(TELLING.iter().map(|(name, _)| *name)).collect();
        if !known.contains(&name.as_str()) {
            wrong.push(format!("nothing is said into `expected/{name}`: delete it; there are {}", known.join(", ")));
        } else if !case.has_policy() && !name.starts_with("diff.") && name != "explain.txt" {
            wrong.push(format!("`expected/{name}` is about a decision: put a `countersign.yml` into `base`, or delete it"));
        }
    }
    wrong
}

fn names_of(directory: &Path) -> BTreeSet<String> {
    if directory.is_dir() { names(directory) } else { BTreeSet::new() }
}

fn is_sentence(name: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.split('-').all(is_word) && name.split('-').count() >= 3
}
