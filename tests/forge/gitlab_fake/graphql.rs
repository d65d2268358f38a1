//! The little of GraphQL that is asked, by the types that GitLab's reference has.

use super::answers::one;
use super::state::State;
use crate::fake::git;
use crate::fake::graphql::{Types, refusal};
use crate::fake::http::{Request, Response};
use serde_json::{Value, json};

/// The fields of each type.
const TYPES: &Types = &[
    ("Query", &[("project", "Project", &["fullPath"])]),
    (
        "Project",
        &[
            ("mergeRequest", "MergeRequest", &["iid"]),
            ("pipelineExecutionPolicies", "PolicyConnection", &["relationship", "first", "after", "includeUnscoped"]),
        ],
    ),
    ("PolicyConnection", &[("nodes", "PipelineExecutionPolicy", &[]), ("pageInfo", "PageInfo", &[])]),
    ("PipelineExecutionPolicy", &[("name", "", &[]), ("enabled", "", &[]), ("yaml", "", &[]), ("description", "", &[])]),
    ("MergeRequest", &[("committers", "UserConnection", PAGES), ("commits", "CommitConnection", PAGES), ("iid", "", &[])]),
    ("UserConnection", &[("nodes", "User", &[]), ("pageInfo", "PageInfo", &[])]),
    ("CommitConnection", &[("nodes", "Commit", &[]), ("pageInfo", "PageInfo", &[])]),
    ("PageInfo", &[("hasNextPage", "", &[]), ("endCursor", "", &[])]),
    ("Commit", &[("sha", "", &[]), ("author", "User", &[]), ("authorEmail", "", &[])]),
    ("User", &[("id", "", &[]), ("username", "", &[])]),
];

const PAGES: &[&str] = &["first", "last", "before", "after"];

/// As many as are on a page, whatever is asked.
const SIZE: usize = 100;

/// What it says to a question.
pub fn answer(state: &mut State, request: &Request) -> Response {
    let asked: Value = serde_json::from_slice(&request.body).unwrap();
    let query = asked["query"].as_str().unwrap();
    if let Some(why) = refusal(TYPES, query) {
        state.mistakes.push(format!("a question that GitLab's reference does not have: {why}"));
        return one(&json!({"errors": [{"message": why}]}));
    }
    let variables = &asked["variables"];
    if query.contains("pipelineExecutionPolicies") {
        return one(&json!({"data": {"project": policies(state, variables)}}));
    }
    let seen = commits(state, variables).unwrap_or(Value::Null);
    one(&json!({"data": {"project": {"mergeRequest": seen}}}))
}

fn policies(state: &State, variables: &Value) -> Option<Value> {
    let known = state.projects.get(variables["project"].as_str()?)?.settings.policies.as_ref();
    let node = |(name, enabled, yaml): &(&str, bool, &str)| json!({"name": name, "enabled": enabled, "yaml": yaml});
    let shown = known.map(|known| json!({"pageInfo": {"hasNextPage": false}, "nodes": known.iter().map(node).collect::<Vec<_>>()}));
    Some(json!({ "pipelineExecutionPolicies": shown }))
}

fn commits(state: &State, variables: &Value) -> Option<Value> {
    let project = state.projects.get(variables["project"].as_str()?)?;
    let version = project.requests.get(&variables["number"].as_str()?.parse().ok()?)?.versions.last()?;
    let account = |email: &str| {
        let user = state.users.values().find(|user| user.email == email || user.hides.as_deref() == Some(email))?;
        Some(json!({"id": format!("gid://gitlab/User/{}", user.id), "username": user.login}))
    };
    let mut all = git::commits(&project.git, &version.start, &version.head);
    all.reverse();
    let mut committers: Vec<Value> = all.iter().filter_map(|commit| account(&commit.committer.email)).collect();
    committers.sort_by_key(|node| node["username"].to_string());
    committers.dedup();
    let from = variables["after"].as_str().map_or(0, |cursor| cursor.parse().unwrap());
    let nodes = all.iter().skip(from).take(SIZE).map(|commit| json!({"sha": commit.id, "author": account(&commit.author.email)}));
    let (nodes, end) = (nodes.collect::<Vec<Value>>(), from + SIZE);
    Some(json!({
        "committers": {"pageInfo": {"hasNextPage": false}, "nodes": committers},
        "commits": {"pageInfo": {"hasNextPage": end < all.len(), "endCursor": end.to_string()}, "nodes": nodes},
    }))
}
