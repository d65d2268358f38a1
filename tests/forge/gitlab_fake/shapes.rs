//! What GitLab's documentation says of a request and of an answer, as `shapes.json` has it. What it does not have is refused, and what it
//! would not say is never said.

use super::{BELOW, State, TOKEN, answers, graphql, releases};
use crate::fake::git_http;
use crate::fake::http::{Request, Response};
use jsonschema::{Draft, Validator};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

static SHAPES: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(include_str!("shapes.json")).unwrap());

static VALIDATORS: LazyLock<Mutex<BTreeMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// What the forge says to a request.
pub fn answer(state: &mut State, request: &Request) -> Response {
    let date = state.clock.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if git_http::is_git(request) {
        let named = git_http::named(request).and_then(|name| name.strip_prefix("gitlab/"));
        let project = named.and_then(|name| state.projects.get(name));
        return git_http::answer(project.map(|project| &*project.git), request).unwrap_or_else(not_found);
    }
    if request.path.starts_with("/files/") {
        return releases::file(state, request).unwrap_or_else(not_found).with("Content-Type", "application/octet-stream");
    }
    described(state, request).with("Content-Type", "application/json").with("Date", date)
}

fn described(state: &mut State, request: &Request) -> Response {
    let Some(path) = request.path.strip_prefix(BELOW) else { return refused(state, request, "this is not where the API is") };
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let Some((name, shape)) = shape(&request.method, &parts) else { return refused(state, request, "there is no such endpoint") };
    if let Some(why) = refusal(request, shape) {
        return refused(state, request, &why);
    }
    // Whoever may be seen by everybody is shown to whoever has no name, and nothing is written so.
    let is_public = state.is_public && request.method == "GET" && request.header("authorization").is_none();
    let is_known = request.header("authorization").is_some_and(|header| header.starts_with(&format!("Bearer {TOKEN}")));
    if !is_public && !is_known {
        return Response::new(401, json!({"message": "401 Unauthorized"}).to_string());
    }
    let response = match &*parts {
        ["graphql"] => graphql::answer(state, request),
        ["v4", rest @ ..] => answers::answer(state, rest, request).unwrap_or_else(not_found),
        _ => not_found(),
    };
    if let Some(why) = forbidden(shape, &response) {
        state.mistakes.push(format!("the answer {} to {name}: {why}", response.status));
    }
    response
}

/// The endpoint of a request, by its method and the parts of its path.
fn shape(method: &str, parts: &[&str]) -> Option<(&'static str, &'static Value)> {
    let fits = |name: &str| {
        let (known, template) = name.split_once(' ').unwrap();
        let template: Vec<&str> = template.trim_matches('/').split('/').collect();
        known == method
            && template.len() == parts.len()
            && template.iter().zip(parts).all(|(wanted, found)| wanted == found || (wanted.starts_with('{') && is_value(wanted, found)))
    };
    let endpoints = SHAPES["endpoints"].as_object().unwrap();
    endpoints.iter().find(|(name, _)| fits(name)).map(|(name, shape)| (name.as_str(), shape))
}

/// A project or a group is a number or a path in one part; everything else is a number, and a commit its name.
fn is_value(template: &str, found: &str) -> bool {
    let is_number = !found.is_empty() && found.bytes().all(|byte| byte.is_ascii_digit());
    match template {
        "{project}" | "{group}" => is_number || (!found.is_empty() && !found.contains('/')),
        "{tag}" => !found.is_empty(),
        // Generic packages take no other letters.
        "{version}" | "{file}" => {
            !found.is_empty() && !found.contains("..") && found.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
        }
        "{sha}" | "{discussion}" => found.len() == 40 && found.bytes().all(|byte| byte.is_ascii_hexdigit()),
        _ => is_number,
    }
}

fn refusal(request: &Request, shape: &Value) -> Option<String> {
    let accepts = if shape["file"] == "read" { "application/octet-stream" } else { "application/json" };
    if request.header("accept") != Some(accepts) || request.header("user-agent").is_none_or(str::is_empty) {
        return Some("it does not say what it takes, or who it is".to_owned());
    }
    let wrong = request.query.iter().find_map(|(name, value)| {
        let schema = &shape["query"][name.as_str()];
        let number = value.parse::<i64>().map(Value::from).ok();
        let is_taken =
            !schema.is_null() && [Some(Value::from(value.as_str())), number].iter().flatten().any(|value| invalid(schema, value).is_none());
        (!is_taken).then(|| format!("no parameter `{name}` may be `{value}`"))
    });
    if shape["file"] == "written" {
        let is_file = request.header("content-type") == Some("application/octet-stream") && !request.body.is_empty();
        return wrong.or_else(|| (!is_file).then(|| "this is no file".to_owned()));
    }
    wrong.or_else(|| match (&shape["body"], serde_json::from_slice::<Value>(&request.body)) {
        (Value::Null, _) => (!request.body.is_empty()).then(|| "a body that nobody reads".to_owned()),
        (schema, Ok(body)) => invalid(schema, &body),
        (_, Err(_)) => Some("the body is no JSON".to_owned()),
    })
}

fn forbidden(shape: &Value, response: &Response) -> Option<String> {
    if response.status >= 400 {
        return None;
    }
    let schema = &shape["answers"][response.status.to_string()];
    if schema.is_null() {
        return Some("it never answers that".to_owned());
    }
    let body = if response.body.is_empty() { Value::Null } else { serde_json::from_slice(&response.body).unwrap() };
    invalid(schema, &body)
}

fn invalid(schema: &Value, value: &Value) -> Option<String> {
    let mut validators = VALIDATORS.lock().unwrap();
    let validator = validators.entry(schema.to_string()).or_insert_with(|| {
        let whole = json!({"allOf": [schema], "definitions": SHAPES["definitions"]});
        Arc::new(jsonschema::options().with_draft(Draft::Draft7).build(&whole).unwrap())
    });
    validator.iter_errors(value).next().map(|error| format!("`{}`: {error}", error.instance_path()))
}

/// GitLab takes parameters that it does not know without a word; we want none.
fn refused(state: &mut State, request: &Request, why: &str) -> Response {
    let mistake = format!("{} {}: GitLab's documentation does not have this: {why}", request.method, request.path);
    state.mistakes.push(mistake.clone());
    Response::new(400, json!({"error": mistake}).to_string())
}

fn not_found() -> Response {
    Response::new(404, json!({"message": "404 Not Found"}).to_string())
}
