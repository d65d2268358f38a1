//! Which request is about what. What GitHub's description does not have is refused, and what it would not say is never said.

use super::description::{Operation, operation};
use super::http::{Request, Response};
use super::state::State;
use super::{pulls, teams};
use serde_json::{Value, json};

/// What the forge says to a request.
pub fn answer(state: &mut State, request: &Request) -> Response {
    let date = state.clock.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    described(state, request).with("Content-Type", "application/json; charset=utf-8").with("Date", date)
}

fn described(state: &mut State, request: &Request) -> Response {
    let Some(operation) = operation(request) else { return refused(state, request, "there is no such endpoint in endpoints.txt") };
    if let Some(why) = operation.refuses(request) {
        return refused(state, request, &why);
    }
    let said = answered(state, request).unwrap_or_else(not_found);
    let response = completed(operation, said);
    if let Some(why) = forbidden(operation, &response) {
        state.mistakes.push(format!("the answer {} to {} {}: {why}", response.status, request.method, request.path));
    }
    response
}

fn answered(state: &mut State, request: &Request) -> Option<Response> {
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), &*parts) {
        ("GET", ["repos", owner, name, rest @ ..]) => pulls::answer(state, &format!("{owner}/{name}"), rest, request),
        ("GET", ["orgs", organisation, "teams", slug, rest @ ..]) => teams::answer(state, &format!("{organisation}/{slug}"), rest, request),
        ("GET", ["users", login]) => state.users.get(*login).map(|user| one(&pulls::user(user))),
        _ => None,
    }
}

/// One thing.
pub fn one(value: &Value) -> Response {
    Response::new(200, value.to_string())
}

fn completed(operation: Operation, response: Response) -> Response {
    match serde_json::from_slice(&response.body) {
        Ok(body) => Response { body: operation.completed(response.status, body).to_string().into_bytes(), ..response },
        Err(_) => response,
    }
}

fn forbidden(operation: Operation, response: &Response) -> Option<String> {
    let body = if response.body.is_empty() { Value::Null } else { serde_json::from_slice(&response.body).unwrap() };
    operation.forbids(response.status, &body)
}

fn refused(state: &mut State, request: &Request, why: &str) -> Response {
    let mistake = format!("{} {}: GitHub's description does not have this: {why}", request.method, request.path);
    state.mistakes.push(mistake.clone());
    Response::new(400, json!({"message": mistake, "documentation_url": "https://docs.github.com/rest"}).to_string())
}

fn not_found() -> Response {
    Response::new(404, json!({"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}).to_string())
}
