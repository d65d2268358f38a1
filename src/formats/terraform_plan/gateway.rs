//! The policy of an interface that stands in the text that describes the interface:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/openapi-extensions-policy.html>.

use super::kind::BODY;
use super::view::{Told, View};
use crate::document::{Bounds, Node, Syntax, parse};
use std::sync::Arc;

const POLICY: &str = "x-amazon-apigateway-policy";

/// Keys by which a call, or all of them, ask who calls:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html>.
const SECURITY: &[&str] =
    &["security", "securityDefinitions", "securitySchemes", "x-amazon-apigateway-auth", "x-amazon-apigateway-authorizer"];

/// What a text that describes an interface says of its policy.
pub(super) enum Body {
    /// It has none.
    Nothing,
    Policy(Node),
    /// It speaks of one, and cannot be read.
    Unreadable,
    /// It is known only after the apply, or secret.
    Hidden,
}

pub(super) fn read(path: &Arc<str>, view: View<'_>) -> Body {
    let text = match view.get(BODY).told() {
        Told::Nothing => return Body::Nothing,
        Told::Unknown | Told::Sensitive => return Body::Hidden,
        Told::Known(node) => node.text().unwrap_or_default(),
    };
    if !may_have_policy(text) {
        return Body::Nothing;
    }
    let syntax = if text.trim_start().starts_with('{') { Syntax::Json } else { Syntax::Yaml };
    match parse(Arc::clone(path), text.as_bytes(), syntax, &Bounds::default()) {
        Ok(file) => {
            file.documents.iter().find_map(|document| document.get(POLICY)).map_or(Body::Nothing, |policy| Body::Policy(policy.clone()))
        }
        Err(_) => Body::Unreadable,
    }
}

/// What a text that describes an interface says of who has to show who he is; nothing where it cannot be read.
pub(super) fn security(path: &Arc<str>, view: View<'_>) -> Option<String> {
    let text = view.get(BODY).bare()?.text()?;
    let syntax = if text.trim_start().starts_with('{') { Syntax::Json } else { Syntax::Yaml };
    let file = parse(Arc::clone(path), text.as_bytes(), syntax, &Bounds::default()).ok()?;
    let mut found = Vec::new();
    file.documents.iter().for_each(|document| collect_security("", document, &mut found));
    found.sort();
    Some(found.join("\n"))
}

/// Every part whose key says that it is about that, with the keys on the way.
fn collect_security(around: &str, node: &Node, found: &mut Vec<String>) {
    for (key, value) in node.entries().unwrap_or_default() {
        let key = key.scalar().map_or("", |key| &*key.text);
        let way = format!("{around}/{key}");
        if SECURITY.contains(&key) { found.push(format!("{way} {}", value.canonical())) } else { collect_security(&way, value, found) }
    }
    node.items().unwrap_or_default().iter().for_each(|item| collect_security(&format!("{around}[]"), item, found));
    // A call that is there, whether it says something of that or not.
    if node.get("responses").is_some() || node.get("x-amazon-apigateway-integration").is_some() {
        found.push(around.to_owned());
    }
}

/// Whether a text that is there speaks of a policy, or may do so behind an escape.
pub(super) fn may_have_policy(text: &str) -> bool {
    text.contains(POLICY) || text.contains("\\u") || text.contains("\\x")
}
