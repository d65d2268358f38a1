//! A value of a plan, with what the plan says about it: whether it is known before the apply, and whether it is secret.

use crate::document::Node;
use std::collections::BTreeSet;

/// A value, and the marks on it. The marks have the shape of the value: `true` stands for all that is below it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct View<'p> {
    value: Option<&'p Node>,
    unknown: Option<&'p Node>,
    sensitive: Option<&'p Node>,
}

/// What a value of a plan can be for us.
pub(super) enum Told<'p> {
    /// It is not there, or null, or empty text.
    Nothing,
    /// Known, and fit to be shown.
    Known(&'p Node),
    /// Some of it is known only after the apply.
    Unknown,
    /// Some of it is secret, so none of it is shown.
    Sensitive,
}

impl<'p> View<'p> {
    pub(super) fn new(value: Option<&'p Node>, unknown: Option<&'p Node>, sensitive: Option<&'p Node>) -> Self {
        Self { value, unknown, sensitive }
    }

    /// The value under a key.
    pub(super) fn get(self, key: &str) -> Self {
        let below = |marks: Option<&'p Node>| marks.and_then(|marks| if is_true(marks) { Some(marks) } else { marks.get(key) });
        Self { value: self.value.and_then(|value| value.get(key)), unknown: below(self.unknown), sensitive: below(self.sensitive) }
    }

    /// Every key of it, known or not.
    pub(super) fn keys(self) -> BTreeSet<&'p str> {
        let of = |node: Option<&'p Node>| {
            node.and_then(Node::entries).unwrap_or_default().iter().filter_map(|(key, _)| Some(&*key.scalar()?.text))
        };
        of(self.value).chain(of(self.unknown)).collect()
    }

    pub(super) fn is_there(self) -> bool {
        self.value.is_some() || self.has_unknown()
    }

    /// What is known of it only after the apply.
    pub(super) fn unknown(self) -> Option<&'p Node> {
        self.unknown.filter(|unknown| any_true(unknown))
    }

    /// The values of a list; one that is no list is a list of it.
    pub(super) fn items(self) -> Vec<Self> {
        let Some(value) = self.value.filter(|value| !is_null(value)) else { return Vec::new() };
        let Some(items) = value.items() else { return vec![self] };
        let item = |(at, value): (usize, &'p Node)| {
            let below = |marks: Option<&'p Node>| marks.and_then(|marks| if is_true(marks) { Some(marks) } else { marks.items()?.get(at) });
            Self { value: Some(value), unknown: below(self.unknown), sensitive: below(self.sensitive) }
        };
        items.iter().enumerate().map(item).collect()
    }

    /// The same, with one that nobody knows for a list that is known only after the apply.
    pub(super) fn every(self) -> Vec<Self> {
        let whole = Some(self).filter(|list| list.is_unknown());
        self.items().into_iter().chain(whole).collect()
    }

    /// The first of a list: a block that is there at most once.
    pub(super) fn block(self, key: &str) -> Self {
        self.get(key).items().into_iter().next().unwrap_or_default()
    }

    pub(super) fn told(self) -> Told<'p> {
        if self.unknown.is_some_and(any_true) {
            return Told::Unknown;
        }
        match self.value {
            Some(value) if !is_null(value) && value.text() != Some("") => {
                if self.sensitive.is_some_and(any_true) {
                    Told::Sensitive
                } else {
                    Told::Known(value)
                }
            }
            _ => Told::Nothing,
        }
    }

    /// The text, where it is known and may be shown.
    pub(super) fn text(self) -> Option<&'p str> {
        match self.told() {
            Told::Known(value) => value.text(),
            _ => None,
        }
    }

    /// The value itself, marked or not: to be compared, never to be shown.
    pub(super) fn bare(self) -> Option<&'p Node> {
        self.value.filter(|value| !is_null(value))
    }

    /// Whether all of it is known only after the apply.
    pub(super) fn is_unknown(self) -> bool {
        self.unknown.is_some_and(is_true)
    }

    pub(super) fn has_unknown(self) -> bool {
        self.unknown.is_some_and(any_true)
    }

    pub(super) fn has_sensitive(self) -> bool {
        self.sensitive.is_some_and(any_true)
    }

    /// What is known of it and no secret, and where the rest is: equal texts for equal knowledge.
    pub(super) fn known(self) -> String {
        let marks = |marks: Option<&Node>| marks.filter(|marks| any_true(marks)).map(Node::canonical).unwrap_or_default();
        let value = self.value.map(|value| masked(value, self.sensitive)).unwrap_or_default();
        format!("{value}\u{1f}{}\u{1f}{}", marks(self.unknown), marks(self.sensitive))
    }
}

fn is_null(node: &Node) -> bool {
    node.scalar().is_some_and(crate::document::Scalar::is_null)
}

fn is_true(node: &Node) -> bool {
    node.scalar().is_some_and(|scalar| &*scalar.text == "true" && !scalar.is_text())
}

/// Whether something in the marks is marked.
fn any_true(node: &Node) -> bool {
    is_true(node)
        || node.items().unwrap_or_default().iter().any(any_true)
        || node.entries().unwrap_or_default().iter().any(|(_, value)| any_true(value))
}

/// The canonical text of what is no secret.
fn masked(value: &Node, sensitive: Option<&Node>) -> String {
    let Some(marks) = sensitive.filter(|marks| any_true(marks)) else { return value.canonical() };
    if is_true(marks) {
        return "(sensitive)".to_owned();
    }
    let items = value.items().unwrap_or_default().iter().enumerate();
    let items = items.map(|(at, item)| masked(item, marks.items().and_then(|marks| marks.get(at))));
    let entries = value.entries().unwrap_or_default().iter();
    let entries = entries.map(|(key, value)| {
        let key_text = key.scalar().map_or("", |scalar| &*scalar.text);
        format!("{}:{}", key.canonical(), masked(value, marks.get(key_text)))
    });
    let mut parts: Vec<String> = entries.collect();
    parts.sort();
    items.chain(parts).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Bounds, Span, parse_embedded};

    fn node(text: &str) -> Node {
        parse_embedded(text, Span::default(), &Bounds::default()).unwrap()
    }

    #[test]
    fn a_mark_holds_for_all_below_it() {
        let value = node(r#"{"a": {"b": ["x", "secret"]}, "c": "y", "d": null, "e": ""}"#);
        let marks = node(r#"{"a": {"b": [false, true]}}"#);
        let all = node("true");
        let view = View::new(Some(&value), None, Some(&marks));
        assert!(matches!(view.get("a").told(), Told::Sensitive));
        let items = view.get("a").get("b").items();
        assert_eq!((items[0].text(), items[1].text()), (Some("x"), None));
        assert_eq!(view.get("c").text(), Some("y"));
        assert!(matches!(view.get("d").told(), Told::Nothing));
        assert!(matches!(view.get("e").told(), Told::Nothing));
        assert!(matches!(View::new(None, Some(&all), None).get("x").told(), Told::Unknown));
        assert_eq!(View::new(Some(&value), None, Some(&all)).get("a").get("b").items()[0].text(), None);
    }

    #[test]
    fn no_secret_is_part_of_what_is_known() {
        let marks = node(r#"{"a": true, "b": [false, true]}"#);
        let known = |text| View::new(Some(&node(text)), None, Some(&marks)).known();
        assert_eq!(known(r#"{"a": "s3cret", "b": ["x", "s3cret"]}"#), known(r#"{"a": "other", "b": ["x", "another"]}"#));
        assert_ne!(known(r#"{"a": "s3cret", "b": ["x", "s3cret"]}"#), known(r#"{"a": "s3cret", "b": ["y", "s3cret"]}"#));
        assert!(!known(r#"{"a": "s3cret", "b": ["x", "s3cret"]}"#).contains("s3cret"));
    }
}
