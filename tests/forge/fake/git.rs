//! What the forge knows of commits: the repository on the disk says it.

use std::path::Path;
use std::process::Command;

const FORMAT: &str = "--format=%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%aI%x1f%cn%x1f%ce%x1f%cI%x1f%B%x1e";

/// One commit.
pub struct Commit {
    pub id: String,
    pub tree: String,
    pub parents: Vec<String>,
    pub author: Signature,
    pub committer: Signature,
    pub message: String,
}

pub struct Signature {
    pub name: String,
    pub email: String,
    pub date: String,
}

/// The commit that a branch or another name stands for.
pub fn tip(repository: &Path, name: &str) -> String {
    found(repository, name).unwrap_or_else(|| panic!("no `{name}`"))
}

/// The same, of what may not be there.
pub fn found(repository: &Path, name: &str) -> Option<String> {
    run(repository, &["rev-parse", "--verify", "--quiet", &format!("{name}^{{commit}}")])
}

pub fn is_ancestor(repository: &Path, ancestor: &str, of: &str) -> bool {
    run(repository, &["merge-base", "--is-ancestor", ancestor, of]).is_some()
}

/// `None` if one of them is not there.
pub fn merge_base(repository: &Path, one: &str, other: &str) -> Option<String> {
    run(repository, &["merge-base", one, other])
}

/// Each file that differs, and how in the unified form.
pub fn differences(repository: &Path, base: &str, head: &str) -> Vec<(String, String)> {
    let range = format!("{base}...{head}");
    let names = run(repository, &["diff", "--no-renames", "--name-only", &range]).unwrap();
    let diff = |name: &str| run(repository, &["diff", "--no-renames", &range, "--", name]).unwrap();
    let of_hunks = |diff: String| diff.find("@@ ").map_or_else(String::new, |at| diff[at..].to_owned());
    names.lines().map(|name| (name.to_owned(), of_hunks(diff(name)))).collect()
}

/// What the head has and the base has not, oldest first.
pub fn commits(repository: &Path, base: &str, head: &str) -> Vec<Commit> {
    let range = format!("{base}..{head}");
    let log = run(repository, &["log", "--reverse", "--topo-order", FORMAT, &range]).unwrap();
    log.split('\u{1e}').map(str::trim).filter(|record| !record.is_empty()).map(parsed).collect()
}

/// One commit.
pub fn commit(repository: &Path, id: &str) -> Commit {
    parsed(&run(repository, &["log", "--max-count=1", FORMAT, id]).unwrap())
}

fn parsed(record: &str) -> Commit {
    let fields: Vec<&str> = record.trim_end_matches('\u{1e}').split('\u{1f}').collect();
    let signature = |at: usize| Signature { name: fields[at].into(), email: fields[at + 1].into(), date: fields[at + 2].into() };
    Commit {
        id: fields[0].to_owned(),
        tree: fields[1].to_owned(),
        parents: fields[2].split_whitespace().map(str::to_owned).collect(),
        author: signature(3),
        committer: signature(6),
        message: fields[9].to_owned(),
    }
}

fn run(repository: &Path, arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").arg("-C").arg(repository).args(arguments).output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap().trim().to_owned())
}
