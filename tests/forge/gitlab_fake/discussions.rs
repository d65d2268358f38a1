//! Discussions at lines, and the lines that there are.

use super::answers::{body, one, page, shown_note, with};
use super::state::{Discussion, MergeRequest, Note, State};
use crate::fake::http::{Request, Response};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

/// What is asked of the discussions of one merge request.
pub struct Around<'a> {
    pub state: &'a mut State,
    pub git: &'a Path,
    pub merge: &'a mut MergeRequest,
    pub number: u64,
    pub project: u64,
}

impl Around<'_> {
    pub fn answer(self, method: &str, parts: &[&str], request: &Request) -> Option<Response> {
        let names = (self.merge.id, self.number, self.project);
        match (method, parts) {
            ("GET", []) => Some(page(request, self.merge.discussions.iter().map(|one| shown(self.state, one, names)).collect(), true)),
            ("POST", []) => {
                let position = serde_json::from_slice::<Value>(&request.body).unwrap()["position"].take();
                if !is_a_line(self.git, self.merge, &position) {
                    let why = "400 Bad request - Note {:line_code=>[\"can't be blank\", \"must be a valid line code\"]}";
                    return Some(Response::new(400, json!({ "message": why }).to_string()));
                }
                let (id, at, author) = (self.state.id(), self.state.tick(), self.state.whose.clone());
                let notes = vec![Note { id, author, body: body(request), is_system: false, at }];
                self.merge.discussions.push(Discussion { id: format!("{id:040x}"), notes, position, is_resolved: false });
                Some(Response::new(201, shown(self.state, self.merge.discussions.last()?, names).to_string()))
            }
            ("PUT", [id]) => {
                let discussion = self.merge.discussions.iter_mut().find(|one| one.id == *id)?;
                discussion.is_resolved = serde_json::from_slice::<Value>(&request.body).unwrap()["resolved"] == true;
                let discussion = discussion.clone();
                Some(one(&shown(self.state, &discussion, names)))
            }
            ("PUT", [id, "notes", note]) => {
                let discussion = self.merge.discussions.iter_mut().find(|one| one.id == *id)?;
                let note = discussion.notes.iter_mut().find(|one| one.id.to_string() == *note)?;
                note.body = body(request);
                let note = note.clone();
                Some(one(&shown_note(self.state, &note, names)))
            }
            _ => None,
        }
    }
}

fn shown(state: &State, discussion: &Discussion, names: (u64, u64, u64)) -> Value {
    let says = [("resolvable", json!(true)), ("resolved", json!(discussion.is_resolved)), ("position", discussion.position.clone())];
    let says = [&says[..], &[("type", json!("DiffNote"))]].concat();
    let notes: Vec<Value> = discussion.notes.iter().map(|note| with(shown_note(state, note, names), &says)).collect();
    json!({"id": discussion.id, "individual_note": false, "notes": notes})
}

/// The files that a merge request changes.
pub fn diffs(git: &Path, merge: &MergeRequest) -> Vec<Value> {
    let version = merge.versions.last().unwrap();
    let names = run(git, &["diff", "--no-renames", "--name-only", &version.base, &version.head]);
    let files = names.lines().map(|path| {
        let whole = run(git, &["diff", "--no-renames", "--no-color", &version.base, &version.head, "--", path]);
        let diff = whole.find("\n@@ ").map_or("", |at| &whole[at + 1..]);
        json!({
            "old_path": path, "new_path": path, "a_mode": "100644", "b_mode": "100644", "diff": diff, "new_file": false, "renamed_file": false,
            "deleted_file": false,
        })
    });
    files.collect()
}

/// A line that comes is named by its number, and one that stays by both; no other can be spoken of.
fn is_a_line(git: &Path, merge: &MergeRequest, position: &Value) -> bool {
    let version = merge.versions.last().unwrap();
    let is_current =
        position["head_sha"] == *version.head && position["start_sha"] == *version.start && position["base_sha"] == *version.base;
    let file = diffs(git, merge).into_iter().find(|file| file["new_path"] == position["new_path"]);
    let Some(diff) = file.filter(|_| is_current).map(|file| file["diff"].as_str().unwrap().to_owned()) else { return false };
    let (mut old, mut new) = (0, 0);
    for line in diff.lines() {
        if let Some(ranges) = line.strip_prefix("@@ -") {
            let start = |text: &str| text.split([',', ' ']).next().unwrap().parse::<u64>().unwrap();
            (old, new) = (start(ranges), start(ranges.split_once('+').unwrap().1));
            continue;
        }
        let named = match line.as_bytes().first() {
            Some(b'+') => position["new_line"] == new && position["old_line"].is_null(),
            Some(b'-' | b'\\') => false,
            _ => position["new_line"] == new && position["old_line"] == old,
        };
        if named {
            return true;
        }
        old += u64::from(!line.starts_with(['+', '\\']));
        new += u64::from(!line.starts_with(['-', '\\']));
    }
    false
}

fn run(git: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git").arg("-C").arg(git).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}
