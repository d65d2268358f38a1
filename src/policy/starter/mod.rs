//! A policy to begin with, made from what a repository holds: it observes, names nobody who is not known, and loads without an error.
//!
//! It says only what the files support. What stands in them is data: a name that is not plain is left out, so nothing of theirs
//! reaches the text but letters, digits and a few signs.

mod owners;
mod places;

pub use owners::owners;

use places::Proposed;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

/// What was found in a repository, as far as the policy depends on it.
#[derive(Clone, Debug, Default)]
pub struct Survey {
    /// The files that hold permissions, by path.
    pub files: BTreeMap<Arc<str>, Held>,
    /// The owners that CODEOWNERS names, in the order in which it does.
    pub owners: Vec<String>,
    /// The pipelines that run the gate, or will.
    pub pipelines: BTreeSet<Arc<str>>,
    /// Where change requests are made, if that is known.
    pub forge: Option<Forge>,
}

/// A file that holds permissions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// The ids of the formats that read it.
    pub formats: BTreeSet<&'static str>,
    /// The AWS accounts that its ARNs name.
    pub accounts: BTreeSet<String>,
}

/// Where change requests are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forge {
    /// GitHub.
    GitHub,
    /// GitLab.
    GitLab,
}

impl Forge {
    /// How somebody's immutable id is found.
    pub fn id_of_a_login(self) -> &'static str {
        match self {
            Self::GitHub => "`gh api users/LOGIN --jq .id`, or `id` at https://api.github.com/users/LOGIN",
            Self::GitLab => "`glab api 'users?username=LOGIN'`, or `id` at https://gitlab.com/api/v4/users?username=LOGIN",
        }
    }
}

impl Survey {
    /// How many files there are of each format.
    pub fn formats(&self) -> BTreeMap<&'static str, usize> {
        let mut formats = BTreeMap::new();
        for format in self.files.values().flat_map(|held| &held.formats) {
            *formats.entry(*format).or_default() += 1;
        }
        formats
    }
}

/// What is severe, for the comment beside the rule, by the format that can say it.
const SEVERE: &[(&str, &str)] = &[
    ("aws-iam", "In AWS: to change permissions, to become another role, `*`, to be open to everybody."),
    ("codeowners", "In CODEOWNERS: to own the files by which access is decided."),
    ("github-workflow", "In workflows: a token that may write, `id-token: write`, and whatever anybody can start."),
    ("kubernetes-rbac", "In Kubernetes: to read secrets, to run or enter pods, `escalate`, `bind`, `impersonate`, `*`."),
    ("terraform-plan", "In plans of Terraform: what is severe in AWS and Kubernetes; what is known only after the apply is undecided."),
];

/// Whether the comments can say what is severe in a format.
pub fn speaks_of(format: &str) -> bool {
    SEVERE.iter().any(|(known, _)| *known == format)
}

/// The policy.
pub fn policy(survey: &Survey) -> String {
    let formats = survey.formats();
    let has_worlds = formats.is_empty() || formats.keys().any(|format| places::has_worlds(format));
    let places = has_worlds.then(|| places(survey));
    let token = formats.contains_key("github-workflow").then(|| TOKEN.to_owned());
    [Some(HEAD.to_owned()), places, token, Some(people(survey)), Some(rules(survey))].into_iter().flatten().collect::<Vec<_>>().join("\n")
}

const HEAD: &str = "\
# Written by `countersign init`, to be read and changed. It stops nobody: in observe mode every change passes, and the report says
# what would have happened. It is read from the branch that a change goes to, so an edit takes effect once it is merged.
version: 1
mode: observe # `enforce`, once people are named below and the reports say what you expect
";

const TOKEN: &str = "\
# What the token of a workflow may do where no file says it is a setting of the repository, `read` or `write`:
# `gh api repos/OWNER/NAME/actions/permissions/workflow`. Once you know, say it under `where:`, and reports are shorter:
#   - { paths: [\".github/workflows/**\"], default-workflow-permissions: read }
";

fn places(survey: &Survey) -> String {
    let Proposed { places, unsettled, perhaps_ignored, left_out } = places::propose(&survey.files);
    let mut text = String::from(
        "# In which account or cluster the permissions of a directory hold. Without an entry every directory is a world of its own, and\n\
         # what moves from one to another is lost here and gained there.\n",
    );
    text.push_str(if places.is_empty() { "where: []\n" } else { "where:\n" });
    for place in &places {
        put(&mut text, format_args!("  # {}", place.why));
        let globs = place.globs.iter().map(|glob| format!("\"{glob}\"")).collect::<Vec<_>>().join(", ");
        let environment = place.environment.map(|name| format!(", environment: {name}")).unwrap_or_default();
        put(&mut text, format_args!("  - {{ paths: [{globs}], realm: \"{}\"{environment} }}", place.realm));
    }
    if left_out > 0 {
        put(&mut text, format_args!("  # {left_out} more directories look like these: give each an entry, or write a broader glob."));
    }
    if !unsettled.is_empty() {
        put(&mut text, format_args!("# Worlds of their own, because nothing says which cluster or account they are about:"));
        for line in &unsettled {
            put(&mut text, format_args!("#   {line}"));
        }
    }
    if !perhaps_ignored.is_empty() {
        put(&mut text, format_args!("# These look like examples and tests. If nothing ever deploys them, list them above:"));
        for (directory, count) in &perhaps_ignored {
            put(&mut text, format_args!("#   - {{ paths: [\"{directory}/**\"], ignore: true }} # {}", files(*count)));
        }
    }
    text
}

fn people(survey: &Survey) -> String {
    let mut text = String::from(
        "# Who may approve. Only the forge's immutable ids count, and they stand in no file. As long as nobody is in a group, what needs\n\
         # its approval cannot be decided: name people before you write `mode: enforce`.\n",
    );
    if let Some(forge) = survey.forge {
        put(&mut text, format_args!("# The id of a login: {}.", forge.id_of_a_login()));
    }
    let (teams, logins): (Vec<&String>, Vec<&String>) = survey.owners.iter().partition(|owner| owner.contains('/'));
    text.push_str("people:\n  # LOGIN: ID, a line each, in place of `{}`\n  users: {}\n");
    let names = |names: &[&String]| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    if !logins.is_empty() {
        put(&mut text, format_args!("  # CODEOWNERS names {}.", names(&logins)));
    }
    if !teams.is_empty() {
        put(&mut text, format_args!("  # CODEOWNERS names the teams {}: their members are for you to list.", names(&teams)));
    }
    text.push_str("  groups:\n    reviewers: []\n    security: []\n");
    text
}

fn rules(survey: &Survey) -> String {
    let formats = survey.formats();
    let severe = SEVERE.iter().filter(|(format, _)| formats.contains_key(format));
    let severe = severe.map(|(_, says)| ["  # ", says, "\n"].concat()).collect::<Vec<_>>().concat();
    let pipelines = survey.pipelines.iter().filter(|path| is_plain(path));
    let pipelines = pipelines.map(|path| [", \"", path, "\""].concat()).collect::<Vec<_>>().concat();
    let packs = super::packs::PACKS.iter().map(|pack| pack.name).collect::<Vec<_>>().join(", ");
    format!(
        "\
# What is asked of a change. All rules that apply hold together, and two approvals are two people, none of whom wrote the change.
# What no rule is about is denied. Losing access needs nobody: no rule here speaks of it.
# What an auditor or a benchmark asks comes in packs, which add to these rules, such as `include: [\"pack:sox-itgc\"]`. There is
# {packs}.
rules:
  # Whatever somebody can do after the change and could not do before.
  - name: whoever gains access needs a reviewer
    when: {{ gains: {{}} }}
    require: {{ approvals: [{{ from: reviewers }}] }}

  # A severe gain is one that leads to more, or is wide in several ways.
{severe}  - name: a severe gain needs somebody from security as well
    when: {{ gains: {{ severity: high }} }}
    require: {{ approvals: [{{ from: security }}] }}

  # Critical is what is as good as everything, or open to everybody.
  - name: a critical gain needs a second one from security
    when: {{ gains: {{ severity: critical }} }}
    require: {{ approvals: [{{ from: security }}] }}

  # A template that is not rendered, or a file that cannot be read, may allow anything.
  - name: what cannot be told needs a reviewer and security
    when: {{ undecided: {{}} }}
    require: {{ approvals: [{{ from: reviewers }}, {{ from: security }}] }}

  # Whoever edits these decides about the gate.
  - name: the gate's own files need a reviewer and security
    when: {{ edits: [countersign.yml, .github/countersign.yml, \"**/CODEOWNERS\"{pipelines}] }}
    require: {{ approvals: [{{ from: reviewers }}, {{ from: security }}] }}
"
    )
}

fn files(count: usize) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{line}");
}

/// Whether a path can stand in the text as it is: in quotes, in a comment and as a glob it means only itself.
fn is_plain(path: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '@' | '/');
    let names = || path.split('/');
    path.len() <= 200 && path.chars().all(plain) && names().all(|name| !matches!(name, "" | "." | ".."))
}
