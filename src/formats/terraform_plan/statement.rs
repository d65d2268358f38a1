//! Policies that a plan spells in fields: of `aws_iam_policy_document`, and of a permission that is one statement.

use super::kind::Permission;
use super::view::{Told, View};
use crate::document::{Node, Scalar, Span, Style, Value};

pub(super) fn text(text: &str) -> Node {
    Node { value: Value::Scalar(Scalar { text: text.into(), style: Style::DoubleQuoted, tag: None }), span: Span::default() }
}

pub(super) fn list(items: Vec<Node>) -> Node {
    Node { value: Value::Sequence(items), span: Span::default() }
}

pub(super) fn map<'k>(entries: impl IntoIterator<Item = (&'k str, Node)>) -> Node {
    let entries = entries.into_iter().map(|(key, value)| (text(key), value)).collect();
    Node { value: Value::Mapping(entries), span: Span::default() }
}

pub(super) fn policy(statements: Vec<Node>) -> Node {
    map([("Version", text("2012-10-17")), ("Statement", list(statements))])
}

/// The statements of an `aws_iam_policy_document` that are known; the others are left out.
pub(super) fn known_statements(document: View<'_>) -> Vec<Node> {
    document.get("statement").items().into_iter().filter(|one| !one.has_unknown() && !one.has_sensitive()).map(statement).collect()
}

/// `&{…}` stands for a policy variable, because `${…}` is Terraform's own.
fn spelt(view: View<'_>) -> Option<Node> {
    Some(text(&view.text()?.replace("&{", "${")))
}

fn statement(view: View<'_>) -> Node {
    let mut entries = vec![("Effect", spelt(view.get("effect")).unwrap_or_else(|| text("Allow")))];
    for (attribute, element) in
        [("actions", "Action"), ("not_actions", "NotAction"), ("resources", "Resource"), ("not_resources", "NotResource")]
    {
        let items: Vec<Node> = view.get(attribute).items().into_iter().filter_map(spelt).collect();
        if !items.is_empty() {
            entries.push((element, list(items)));
        }
    }
    for (attribute, element) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        let blocks = view.get(attribute).items();
        if !blocks.is_empty() {
            entries.push((element, principals(&blocks)));
        }
    }
    let conditions = view.get("condition").items();
    if !conditions.is_empty() {
        entries.push(("Condition", condition(&conditions)));
    }
    map(entries)
}

fn principals(blocks: &[View<'_>]) -> Node {
    if blocks.iter().any(|block| block.get("type").text() == Some("*")) {
        return text("*");
    }
    let mut kinds: Vec<(&str, Vec<Node>)> = Vec::new();
    for block in blocks {
        let kind = block.get("type").text().unwrap_or_default();
        let names = block.get("identifiers").items().into_iter().filter_map(spelt);
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, known)) => known.extend(names),
            None => kinds.push((kind, names.collect())),
        }
    }
    map(kinds.into_iter().map(|(kind, names)| (kind, list(names))))
}

/// Values by the key that they are for.
type Keys<'p> = Vec<(&'p str, Vec<Node>)>;

fn condition(blocks: &[View<'_>]) -> Node {
    let mut tests: Vec<(&str, Keys<'_>)> = Vec::new();
    for block in blocks {
        let (test, variable) = (block.get("test").text().unwrap_or_default(), block.get("variable").text().unwrap_or_default());
        let values = block.get("values").items().into_iter().filter_map(spelt);
        let at = tests.iter().position(|(known, _)| *known == test).unwrap_or_else(|| {
            tests.push((test, Vec::new()));
            tests.len() - 1
        });
        let Some((_, keys)) = tests.get_mut(at) else { continue };
        match keys.iter_mut().find(|(known, _)| *known == variable) {
            Some((_, known)) => known.extend(values),
            None => keys.push((variable, values.collect())),
        }
    }
    map(tests.into_iter().map(|(test, keys)| (test, map(keys.into_iter().map(|(key, values)| (key, list(values)))))))
}

/// The policy that a permission is a statement of. `None` where some of it is not known or may not be shown.
pub(super) fn permission(permission: &Permission, view: View<'_>, resource: &str) -> Option<Node> {
    let principal = view.get("principal").text()?;
    let principal = match principal {
        "*" => text("*"),
        service if service.ends_with(".amazonaws.com") || service.ends_with(".amazonaws.com.cn") => map([("Service", text(service))]),
        account => map([("AWS", text(account))]),
    };
    let mut tests: Vec<(&str, Vec<(&str, Node)>)> = Vec::new();
    for (attribute, test, key) in permission.conditions {
        let value = match view.get(attribute).told() {
            Told::Nothing => continue,
            Told::Known(value) => value.scalar().map(|scalar| text(&scalar.text))?,
            Told::Unknown | Told::Sensitive => return None,
        };
        match tests.iter_mut().find(|(known, _)| known == test) {
            Some((_, keys)) => keys.push((key, value)),
            None => tests.push((test, vec![(key, value)])),
        }
    }
    let mut entries = vec![
        ("Effect", text("Allow")),
        ("Principal", principal),
        ("Action", text(view.get("action").text()?)),
        ("Resource", text(resource)),
    ];
    if !tests.is_empty() {
        entries.push(("Condition", map(tests.into_iter().map(|(test, keys)| (test, map(keys))))));
    }
    Some(policy(vec![map(entries)]))
}
