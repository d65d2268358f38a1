//! What `init` found, wrote and advises, on a terminal.

use super::shown::shown;
use super::terminal::{FAINT, GAINED, HOLDER, UNDECIDED, line};
use crate::policy::starter::Survey;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What there is to tell.
pub struct Told<'t> {
    /// The repository, if it is not the one that the command runs in.
    pub repo: Option<Cow<'t, str>>,
    /// Whether the last commit was looked at, and not the files as they lie there.
    pub committed: bool,
    /// Whether that commit has one before it.
    pub has_history: bool,
    /// How many files there are.
    pub files: usize,
    /// The files that hold permissions.
    pub survey: &'t Survey,
    /// What cannot be told, by what is wrong with it.
    pub undecided: &'t [Remarked],
    /// What may be permissions and is not read.
    pub not_read: &'t [Remarked],
    /// The ids of the formats that are read.
    pub formats: &'t [&'t str],
    /// What became of each file that was to be written.
    pub outcomes: &'t [Outcome],
    /// Why nothing was written although that was asked for.
    pub withheld: Option<Withheld>,
    /// The pipeline that GitLab runs was there before, and does not include ours.
    pub to_include: bool,
}

/// Files of which the same is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remarked {
    /// What is to be said, of the first of them if not of all.
    pub message: String,
    /// Whether it is said of all of them in the same words.
    pub is_general: bool,
    /// What to do about it.
    pub help: Option<String>,
    /// Which files.
    pub paths: Vec<Arc<str>>,
}

/// A file, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// From the root of the repository.
    pub path: Arc<str>,
    /// What it is for.
    pub purpose: Purpose,
    /// What was or would be written.
    pub text: String,
    /// What became of it.
    pub fate: Fate,
}

/// What a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It is the policy.
    Policy,
    /// It runs the gate.
    Pipeline,
    /// It is what GitLab looks for, and includes what runs the gate.
    Root,
}

impl Purpose {
    fn text(self, is_ours: bool) -> &'static str {
        match (self, is_ours) {
            (Self::Policy, true) => "the policy, which observes and stops nobody",
            (Self::Policy, false) => "the policy",
            (Self::Pipeline, _) => "the pipeline that runs the gate",
            (Self::Root, _) => "what GitLab runs",
        }
    }
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It was not there, and is now.
    Written,
    /// It was there already, and was left alone.
    Kept,
    /// It is not there, and would be written.
    Shown,
}

/// Why nothing was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// It was only to be shown.
    DryRun,
    /// There is no work tree.
    Bare,
    /// There is nothing to watch.
    Nothing,
}

/// The text, in the order in which somebody new asks: what is here, what was done, what is next.
pub fn text(told: &Told<'_>) -> String {
    let mut text = String::new();
    let whose = told.repo.as_ref().map(|repo| format!(" of {}", shown(repo))).unwrap_or_default();
    let place =
        if told.committed { format!("in the last commit{whose}") } else { format!("as they lie there{whose}: nothing is committed") };
    line(&mut text, format_args!("Looked at {} {place}.", files(told.files)));
    found(told, &mut text);
    remarked("Cannot be told", "so every change of it needs an approval", told.undecided, &mut text);
    remarked("Not read", "so a change of it is not seen", told.not_read, &mut text);
    outcomes(told, &mut text);
    next(told, &mut text);
    text
}

fn found(told: &Told<'_>, text: &mut String) {
    let formats = told.survey.formats();
    if formats.is_empty() {
        line(
            text,
            format_args!("\n{HOLDER}Found{HOLDER:#} no file that holds permissions. What is read today: {}.", told.formats.join(", ")),
        );
        return;
    }
    line(text, format_args!("\n{HOLDER}Found{HOLDER:#} permissions"));
    for (format, count) in formats {
        let paths = told.survey.files.iter().filter(|(_, held)| held.formats.contains(format)).map(|(path, _)| &**path);
        line(text, format_args!("  {format}: {} in {}", files(count), directories(paths)));
    }
}

/// The directories with the most files first.
fn directories<'p>(paths: impl Iterator<Item = &'p str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for path in paths {
        *counts.entry(path.rsplit_once('/').map_or(".", |(directory, _)| directory)).or_default() += 1;
    }
    let mut sorted: Vec<(&str, usize)> = counts.into_iter().collect();
    sorted.sort_by_key(|(directory, count)| (std::cmp::Reverse(*count), *directory));
    let names: Vec<String> = sorted.iter().map(|(directory, count)| format!("{} ({count})", shown(directory))).collect();
    few(&names, "directories")
}

const MOST_LISTED: usize = 4;

fn few(names: &[String], what: &str) -> String {
    let listed = names.iter().take(MOST_LISTED).cloned().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(MOST_LISTED) {
        0 => listed,
        more => format!("{listed} and {more} more {what}"),
    }
}

fn remarked(title: &str, consequence: &str, all: &[Remarked], text: &mut String) {
    if all.is_empty() {
        return;
    }
    line(text, format_args!("\n{HOLDER}{title}{HOLDER:#}, {consequence}"));
    for Remarked { message, is_general, help, paths } in all {
        let names: Vec<String> = paths.iter().map(|path| shown(path)).collect();
        let such_as = if *is_general { "" } else { "for example, " };
        line(text, format_args!("  {UNDECIDED}{}{UNDECIDED:#}: {such_as}{}", files(paths.len()), shown(message)));
        line(text, format_args!("      {FAINT}at:{FAINT:#} {}", few(&names, "files")));
        if let Some(help) = help {
            line(text, format_args!("      {FAINT}help:{FAINT:#} {}", shown(help)));
        }
    }
}

fn outcomes(told: &Told<'_>, text: &mut String) {
    let of = |fate: Fate| told.outcomes.iter().filter(move |outcome| outcome.fate == fate);
    for outcome in of(Fate::Shown) {
        line(text, format_args!("\n{HOLDER}{}{HOLDER:#}, {}:\n", shown(&outcome.path), outcome.purpose.text(true)));
        outcome.text.lines().for_each(|written| line(text, format_args!("    {written}")));
    }
    for (fate, title, style) in [(Fate::Written, "Wrote", GAINED), (Fate::Kept, "Left alone, because it was there already:", HOLDER)] {
        if of(fate).next().is_some() {
            line(text, format_args!("\n{style}{title}{style:#}"));
        }
        of(fate)
            .for_each(|outcome| line(text, format_args!("  {}, {}", shown(&outcome.path), outcome.purpose.text(fate == Fate::Written))));
    }
    match told.withheld {
        Some(Withheld::DryRun) => line(text, format_args!("\nNothing was written: this is what would be.")),
        Some(Withheld::Bare) => {
            line(text, format_args!("\nNothing was written: this repository is bare. Commit these files in a clone of it."));
        }
        Some(Withheld::Nothing) | None => {}
    }
}

fn next(told: &Told<'_>, text: &mut String) {
    let place = told.repo.as_ref().map(|repo| format!(", in {}", shown(repo))).unwrap_or_default();
    line(text, format_args!("\n{HOLDER}Next{HOLDER:#}{place}"));
    for (step, number) in steps(told).iter().zip(1..) {
        line(text, format_args!("  {number}. {step}"));
    }
}

fn steps(told: &Told<'_>) -> Vec<String> {
    if told.withheld == Some(Withheld::Nothing) {
        let read = if told.not_read.is_empty() {
            "Keep permissions in files that are read"
        } else {
            "See above what would make the files readable"
        };
        return vec![
            format!("{read}, and run this again."),
            "Or run it with `--anyway`: the gate then waits for the first file that it can read.".to_owned(),
        ];
    }
    let fresh = |purpose: Purpose| told.outcomes.iter().find(move |outcome| outcome.purpose == purpose && outcome.fate != Fate::Kept);
    let (policy, pipeline) = (fresh(Purpose::Policy).is_some(), fresh(Purpose::Pipeline));
    let mut steps = Vec::new();
    if let Some(policy) = fresh(Purpose::Policy) {
        let places = if policy.text.contains("\nwhere:") { ", and correct what it says of directories under `where:`" } else { "" };
        steps.push(format!("Read countersign.yml{places}."));
    }
    if policy && told.has_history {
        let command = "countersign check --base HEAD~1 --head HEAD --policy countersign.yml";
        steps.push(format!("See what it would have said of the last change: {command}"));
        steps.push("And of those of the last quarter: countersign policy replay --since 90d".to_owned());
    }
    if let Some(pipeline) = pipeline {
        steps.push(format!("Name in {} from which repository and commit Countersign comes.", pipeline.path));
    } else if told.survey.pipelines.is_empty() {
        steps.push("Name your forge, to get a pipeline as well: countersign init --forge github, or gitlab.".to_owned());
    }
    if told.to_include {
        steps.push("Add to `include:` in .gitlab-ci.yml: - local: .gitlab/countersign.yml".to_owned());
    }
    if policy || pipeline.is_some() {
        steps.push("Commit and merge: what holds is the policy on the branch that a change goes to.".to_owned());
    }
    if policy {
        let id = told.survey.forge.map(|forge| format!(" An id: {}.", forge.id_of_a_login())).unwrap_or_default();
        steps.push("Watch the reports of a few changes. Nobody is stopped.".to_owned());
        steps.push(format!("Name people under `people:` in countersign.yml, and only then write `mode: enforce`.{id}"));
    }
    if steps.is_empty() {
        steps.push("Nothing: all that this would write is there.".to_owned());
    }
    steps
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}
