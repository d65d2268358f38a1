//! Which request is about what. What GitHub's description does not have is refused, and what it would not say is never said.

use super::description::operation;
use super::http::{Request, Response};
use super::state::State;
use super::{git_http, pulls, releases, teams, written};
use serde_json::{Value, json};

/// What the forge says to a request.
pub fn answer(state: &mut State, request: &Request) -> Response {
    let date = state.clock.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if git_http::is_git(request) {
        let repository = git_http::named(request).and_then(|name| state.repositories.get(name));
        return git_http::answer(repository.map(|repository| &*repository.git), request).unwrap_or_else(not_found);
    }
    if request.path.starts_with("/files/") {
        return releases::file(state, request).unwrap_or_else(not_found).with("Content-Type", "application/octet-stream");
    }
    // An Enterprise Server has its API below a path.
    let path = request.path.strip_prefix("/api/v3").unwrap_or(&request.path).to_owned();
    let request = &Request { path, ..request.clone() };
    described(state, request).with("Content-Type", "application/json; charset=utf-8").with("Date", date)
}

fn described(state: &mut State, request: &Request) -> Response {
    if request.path.ends_with("/graphql") {
        return written::asked(state, request);
    }
    let Some(operation) = operation(request) else { return refused(state, request, "there is no such endpoint in endpoints.txt") };
    if let Some(why) = operation.refuses(request) {
        return refused(state, request, &why);
    }
    let said = if request.method != "GET" && state.forbids_writes {
        forbidden_to_apps()
    } else {
        answered(state, request).unwrap_or_else(not_found)
    };
    let (body, mistake) = operation.completed(said.status, &said.body);
    if let Some(why) = mistake {
        state.mistakes.push(format!("the answer {} to {} {}: {why}", said.status, request.method, request.path));
    }
    Response { body, ..said }
}

fn answered(state: &mut State, request: &Request) -> Option<Response> {
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), &*parts) {
        (method, ["repos", owner, name, rest @ ..]) => {
            let name = format!("{owner}/{name}");
            let released = releases::answer(state, &name, rest, request);
            let written = released.or_else(|| written::answer(state, &name, rest, request));
            written.or_else(|| if method == "GET" { pulls::answer(state, &name, rest, request) } else { None })
        }
        ("GET", ["orgs", organisation, "teams", slug, rest @ ..]) => teams::answer(state, &format!("{organisation}/{slug}"), rest, request),
        ("GET", ["users", login]) => state.users.get(*login).map(|user| one(&pulls::user(user))),
        _ => None,
    }
}

/// One thing.
pub fn one(value: &Value) -> Response {
    Response::new(200, value.to_string())
}

pub fn refused(state: &mut State, request: &Request, why: &str) -> Response {
    let mistake = format!("{} {}: GitHub's description does not have this: {why}", request.method, request.path);
    state.mistakes.push(mistake.clone());
    Response::new(400, json!({"message": mistake, "documentation_url": "https://docs.github.com/rest"}).to_string())
}

/// What GitHub says to the token of a job without the permission.
fn forbidden_to_apps() -> Response {
    let message = "Resource not accessible by integration";
    Response::new(403, json!({"message": message, "documentation_url": "https://docs.github.com/rest"}).to_string())
}

fn not_found() -> Response {
    Response::new(404, json!({"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}).to_string())
}
