//! What `git fetch` asks of the forge: git's own server answers, as it does behind the forges.

use super::http::{Request, Response};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Whether this is about commits and not about the API.
pub fn is_git(request: &Request) -> bool {
    request.path.contains(".git/")
}

/// Whose commits are asked for: what stands before `.git/`.
pub fn named(request: &Request) -> Option<&str> {
    Some(request.path.trim_start_matches('/').split_once(".git/")?.0)
}

/// The answer of `git http-backend` about a repository. Nobody without a token gets anything.
pub fn answer(repository: Option<&Path>, request: &Request) -> Option<Response> {
    let (_, rest) = request.path.split_once(".git/")?;
    if !request.header("authorization").is_some_and(|header| header.to_ascii_lowercase().starts_with("basic ")) {
        return Some(Response::new(401, "").with("WWW-Authenticate", "Basic"));
    }
    let repository = repository?;
    let query: Vec<String> = request.query.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mut backend = Command::new("git");
    // A forge hands out every commit that it still has, whether or not a branch leads to it.
    backend.args(["-c", "uploadpack.allowAnySHA1InWant=true", "http-backend"]);
    backend.env("GIT_PROJECT_ROOT", repository).env("GIT_HTTP_EXPORT_ALL", "1").env("PATH_INFO", format!("/.git/{rest}"));
    backend.env("REQUEST_METHOD", &request.method).env("QUERY_STRING", query.join("&"));
    for (header, variable) in
        [("content-type", "CONTENT_TYPE"), ("git-protocol", "GIT_PROTOCOL"), ("content-encoding", "HTTP_CONTENT_ENCODING")]
    {
        backend.env(variable, request.header(header).unwrap_or_default());
    }
    let mut backend = backend.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    backend.stdin.take().unwrap().write_all(&request.body).unwrap();
    Some(response(&backend.wait_with_output().unwrap().stdout))
}

/// Headers and a body, as CGI writes them.
fn response(output: &[u8]) -> Response {
    let end = output.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = String::from_utf8_lossy(&output[..end]);
    let mut response = Response::new(200, &output[end + 4..]);
    for (name, value) in head.lines().filter_map(|line| line.split_once(": ")) {
        match name {
            "Status" => response.status = value.split(' ').next().unwrap().parse().unwrap(),
            _ => response = response.with(name, value),
        }
    }
    response
}
