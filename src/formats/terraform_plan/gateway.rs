//! The policy of an interface that stands in the text that describes the interface:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/openapi-extensions-policy.html>.

use super::kind::BODY;
use super::view::{Told, View};
use crate::document::{Bounds, Node, Syntax, parse};
use std::sync::Arc;

const POLICY: &str = "x-amazon-apigateway-policy";

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

/// Whether a text that is there speaks of a policy, or may do so behind an escape.
pub(super) fn may_have_policy(text: &str) -> bool {
    text.contains(POLICY) || text.contains("\\u") || text.contains("\\x")
}
