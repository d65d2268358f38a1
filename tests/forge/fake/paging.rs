//! Lists, a page at a time.

use super::http::{Request, Response};
use serde_json::Value;

/// The page of a list that was asked for, with the links to the others.
pub fn page(request: &Request, items: Vec<Value>) -> Response {
    paged(request, items, Value::Array)
}

/// The same of a list that stands at a key of something.
pub fn page_in(request: &Request, mut whole: Value, key: &str, items: Vec<Value>) -> Response {
    paged(request, items, |shown| {
        whole[key] = Value::Array(shown);
        whole
    })
}

/// The part of a list that was asked for, where parts have no numbers and each says where the next one is.
pub fn after(request: &Request, items: Vec<Value>) -> Response {
    let number = |name: &str, otherwise: usize| request.query.get(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (size, from) = (number("per_page", 30).clamp(1, 100), number("after", 0));
    let (count, shown) = (items.len(), items.into_iter().skip(from).take(size).collect());
    let response = Response::new(200, Value::Array(shown).to_string());
    let next = from + size;
    if next < count { response.with("Link", link(request, &format!("after={next}&per_page={size}"), "next")) } else { response }
}

/// Where another page is, of what was asked otherwise.
fn link(request: &Request, page: &str, rel: &str) -> String {
    let others = request.query.iter().filter(|(name, _)| !matches!(name.as_str(), "page" | "per_page" | "after"));
    let others = others.map(|(name, value)| format!("{name}={value}&")).collect::<Vec<_>>().concat();
    let host = request.header("host").unwrap_or_default();
    format!(r#"<http://{host}{}{}?{others}{page}>; rel="{rel}""#, request.below, request.path)
}

fn paged(request: &Request, items: Vec<Value>, whole: impl FnOnce(Vec<Value>) -> Value) -> Response {
    let number = |name: &str, otherwise: usize| request.query.get(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (size, at) = (number("per_page", 30).clamp(1, 100), number("page", 1).max(1));
    let last = items.len().div_ceil(size).max(1);
    let shown: Vec<Value> = items.into_iter().skip((at - 1) * size).take(size).collect();
    let link = |page: usize, rel: &str| link(request, &format!("per_page={size}&page={page}"), rel);
    let response = Response::new(200, whole(shown).to_string());
    if at < last { response.with("Link", format!("{}, {}", link(at + 1, "next"), link(last, "last"))) } else { response }
}
