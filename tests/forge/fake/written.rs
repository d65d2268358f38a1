//! What is written to the forge: comments, notes at lines, checks, analyses; and whose the token is that writes.

use super::graphql::{self, Types};
use super::http::Request;
use super::http::Response;
use super::paging::page;
use super::routes::one;
use super::state::State;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What one repository has.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// By id, of any pull request.
    pub comments: BTreeMap<u64, Comment>,
    pub notes: BTreeMap<u64, Note>,
    pub checks: Vec<Check>,
    pub analyses: Vec<Value>,
    /// Of the default branch.
    pub rules: Vec<Value>,
    pub protection: Protection,
}

/// The older way to protect a branch.
#[derive(Clone, Debug, Default)]
pub struct Protection {
    /// Checks that have to pass.
    pub checks: Vec<String>,
    /// What whoever may administer sees; nobody else does.
    pub administered: Option<Value>,
}

#[derive(Clone, Debug)]
pub struct Comment {
    pub number: u64,
    /// A login.
    pub author: String,
    pub body: String,
    pub edits: usize,
}

#[derive(Clone, Debug)]
pub struct Note {
    pub number: u64,
    pub author: String,
    pub body: String,
    pub path: String,
    /// None once the line is not shown any more.
    pub line: Option<u64>,
    pub commit: String,
    pub answers: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct Check {
    pub id: u64,
    pub name: String,
    pub head: String,
    pub external_id: String,
    pub conclusion: String,
    pub output: Value,
    pub annotations: Vec<Value>,
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What is asked of a repository besides what was there before.
pub fn answer(state: &mut State, name: &str, rest: &[&str], request: &Request) -> Option<Response> {
    let writer = state.writer.clone();
    let id = state.id();
    let (repositories, users) = state.parts();
    let repository = repositories.get_mut(name)?;
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let written = &mut repository.written;
    let account = |login: &str| users.get(login).map_or(Value::Null, super::pulls::user);
    match (request.method.as_str(), rest) {
        ("GET", ["issues", number, "comments"]) => {
            let number: u64 = number.parse().ok()?;
            let of = written.comments.iter().filter(|(_, comment)| comment.number == number);
            Some(page(request, of.map(|(id, comment)| comment_json(*id, comment, &account(&comment.author))).collect()))
        }
        ("POST", ["issues", number, "comments"]) => {
            let comment = Comment { number: number.parse().ok()?, author: writer, body: text(&body["body"]), edits: 0 };
            let answer = comment_json(id, &comment, &account(&comment.author));
            written.comments.insert(id, comment);
            Some(Response { status: 201, ..one(&answer) })
        }
        ("PATCH", ["issues", "comments", id]) => {
            let comment = written.comments.get_mut(&id.parse().ok()?)?;
            comment.body = text(&body["body"]);
            comment.edits += 1;
            Some(one(&comment_json(id.parse().ok()?, comment, &account(&comment.author))))
        }
        ("DELETE", ["issues", "comments", id]) => written.comments.remove(&id.parse().ok()?).map(|_| Response::new(204, "")),
        ("GET", ["pulls", number, "files"]) => {
            let pull = repository.pulls.get(&number.parse().ok()?)?;
            let files = super::git::differences(&repository.git, &pull.base_sha, &pull.head_sha);
            let file = |(name, diff): (String, String)| json!({ "filename": name, "patch": diff, "status": "modified" });
            Some(page(request, files.into_iter().map(file).collect()))
        }
        ("GET", ["pulls", number, "comments"]) => {
            let number: u64 = number.parse().ok()?;
            let of = written.notes.iter().filter(|(_, note)| note.number == number);
            Some(page(request, of.map(|(id, note)| note_json(*id, note, &account(&note.author))).collect()))
        }
        ("POST", ["pulls", number, "comments"]) => {
            let note = Note {
                number: number.parse().ok()?,
                author: writer,
                body: text(&body["body"]),
                path: text(&body["path"]),
                line: body["line"].as_u64(),
                commit: text(&body["commit_id"]),
                answers: None,
            };
            let answer = note_json(id, &note, &account(&note.author));
            written.notes.insert(id, note);
            Some(Response { status: 201, ..one(&answer) })
        }
        ("PATCH", ["pulls", "comments", id]) => {
            let note = written.notes.get_mut(&id.parse().ok()?)?;
            note.body = text(&body["body"]);
            Some(one(&note_json(id.parse().ok()?, note, &account(&note.author))))
        }
        ("DELETE", ["pulls", "comments", id]) => written.notes.remove(&id.parse().ok()?).map(|_| Response::new(204, "")),
        _ => checked(written, id, rest, request, &body).or_else(|| protected(written, rest, request, body)),
    }
}

/// What is asked of checks.
fn checked(written: &mut Written, id: u64, rest: &[&str], request: &Request, body: &Value) -> Option<Response> {
    match (request.method.as_str(), rest) {
        ("GET", ["commits", commit, "check-runs"]) => {
            let name = request.query.get("check_name").cloned();
            let mut of: Vec<&Check> = written
                .checks
                .iter()
                .filter(|check| check.head == *commit && name.as_ref().is_none_or(|name| *name == check.name))
                .collect();
            of.reverse();
            let runs: Vec<Value> = of.into_iter().map(check_json).collect();
            Some(one(&json!({ "total_count": runs.len(), "check_runs": runs })))
        }
        ("POST", ["check-runs"]) => {
            let mut check = Check {
                id,
                name: text(&body["name"]),
                head: text(&body["head_sha"]),
                external_id: text(&body["external_id"]),
                conclusion: text(&body["conclusion"]),
                output: Value::Null,
                annotations: Vec::new(),
            };
            check.take(&body["output"]);
            let answer = check_json(&check);
            written.checks.push(check);
            Some(Response { status: 201, ..one(&answer) })
        }
        ("GET", ["check-runs", id]) => written.checks.iter().find(|check| check.id.to_string() == *id).map(|check| one(&check_json(check))),
        ("PATCH", ["check-runs", id]) => {
            let check = written.checks.iter_mut().find(|check| check.id.to_string() == *id)?;
            check.take(&body["output"]);
            Some(one(&check_json(check)))
        }
        _ => None,
    }
}

/// What is asked of branches and of code scanning.
fn protected(written: &mut Written, rest: &[&str], request: &Request, body: Value) -> Option<Response> {
    match (request.method.as_str(), rest) {
        ("GET", ["rules", "branches", "main"]) => Some(page(request, written.rules.clone())),
        ("GET", ["branches", "main"]) => {
            let contexts = &written.protection.checks;
            let is_on = !contexts.is_empty();
            let protection = json!({ "enabled": is_on, "required_status_checks": { "contexts": contexts, "checks": [] } });
            Some(one(&json!({ "name": "main", "protected": is_on, "protection": protection })))
        }
        ("GET", ["branches", "main", "protection"]) => written.protection.administered.as_ref().map(one),
        ("POST", ["code-scanning", "sarifs"]) => {
            written.analyses.push(body);
            Some(Response { status: 202, ..one(&json!({ "id": "47177e22-5596-11eb-80a1-c1e54ef945c6", "url": "http://127.0.0.1/x" })) })
        }
        _ => None,
    }
}

/// What GitHub's reference has of what is asked in GraphQL.
const TYPES: &Types = &[
    ("Query", &[("viewer", "User", &[]), ("repository", "Repository", &["owner", "name"])]),
    ("User", &[("databaseId", "", &[]), ("login", "", &[])]),
    ("Repository", &[("object", "GitObject", &["oid", "expression"])]),
    ("GitObject", &[]),
    ("Commit", &[("authors", "GitActorConnection", &["first", "last", "before", "after"])]),
    ("GitActorConnection", &[("nodes", "GitActor", &[]), ("pageInfo", "PageInfo", &[])]),
    ("PageInfo", &[("hasNextPage", "", &[])]),
    ("GitActor", &[("email", "", &[]), ("user", "User", &[])]),
];

/// Whose the token is, and whose the addresses of a commit are.
pub fn asked(state: &mut State, request: &Request) -> Response {
    let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let query = body["query"].as_str().unwrap();
    if let Some(why) = graphql::refusal(TYPES, query) {
        state.mistakes.push(format!("a question that GitHub's reference does not have: {why}"));
    }
    if query.contains("viewer") {
        return one(&json!({ "data": { "viewer": { "databaseId": state.users.get(&state.writer).map(|user| user.id) } } }));
    }
    let variables = &body["variables"];
    let name = format!("{}/{}", variables["owner"].as_str().unwrap(), variables["name"].as_str().unwrap());
    let authors = state.repositories.get(&name).map(|repository| {
        let commit = super::git::commit(&repository.git, variables["commit"].as_str().unwrap());
        let named = commit.message.lines().filter_map(|line| line.strip_prefix("Co-authored-by: ")?.split_once('<')?.1.strip_suffix('>'));
        let account = |address: &str| state.users.values().find(|user| user.email == address || user.hides.as_deref() == Some(address));
        let node = |address: &str| {
            let user = account(address).map(|user| json!({ "databaseId": user.id, "login": user.login }));
            json!({ "email": address, "user": user })
        };
        let nodes: Vec<Value> = [commit.author.email.as_str()].into_iter().chain(named).map(node).collect();
        json!({ "object": { "authors": { "pageInfo": { "hasNextPage": false }, "nodes": nodes } } })
    });
    one(&json!({ "data": { "repository": authors } }))
}

impl Check {
    /// Annotations are added to those that are there.
    fn take(&mut self, output: &Value) {
        let annotations = output["annotations"].as_array().cloned().unwrap_or_default();
        assert!(annotations.len() <= 50, "GitHub takes 50 annotations in a request");
        self.annotations.extend(annotations);
        self.output = output.clone();
    }
}

fn comment_json(id: u64, comment: &Comment, author: &Value) -> Value {
    json!({ "id": id, "user": author, "body": comment.body })
}

fn note_json(id: u64, note: &Note, author: &Value) -> Value {
    let mut whole = json!({
        "id": id, "user": author, "body": note.body, "path": note.path, "commit_id": note.commit, "original_commit_id": note.commit,
    });
    if let Some(line) = note.line {
        whole["line"] = line.into();
    }
    if let Some(answered) = note.answers {
        whole["in_reply_to_id"] = answered.into();
    }
    whole
}

fn check_json(check: &Check) -> Value {
    json!({
        "id": check.id, "name": check.name, "head_sha": check.head, "external_id": check.external_id, "conclusion": check.conclusion,
        "status": "completed",
        "output": {
            "title": check.output["title"], "summary": check.output["summary"], "text": null,
            "annotations_count": check.annotations.len(), "annotations_url": "https://example.com/",
        },
    })
}
