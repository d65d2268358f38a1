//! Edits of one line of a policy that may give less. Whether one really does is for whoever compares again to say.

use crate::document::{File, Node, Place, Span};
use crate::systems::aws::{Action, Effect, Notation, Resource, Rules};
use chrono::{DateTime, SecondsFormat, Utc};
use std::collections::BTreeSet;

/// Something else to write: what, in place of which bytes, the last ones first.
pub type Edit = Vec<(Span, String)>;

/// The statement that stands there ends by then: by the date that it has, or by a condition where it has none.
pub fn ending(file: &File, place: &Place, until: DateTime<Utc>) -> Option<Edit> {
    let statement = statement(file, place)?;
    let until = until.to_rfc3339_opts(SecondsFormat::Secs, true);
    let Some(condition) = statement.get("Condition") else {
        // Behind the brace: what follows is another key, or it would be no statement.
        let at = statement.span.start + 1;
        let text = format!(r#" "Condition": {{ "DateLessThan": {{ "aws:CurrentTime": "{until}" }} }},"#);
        return Some(vec![(Span { start: at, end: at }, text)]);
    };
    let date = condition.get("DateLessThan")?.get("aws:CurrentTime")?;
    date.text().map(|_| vec![(date.span, format!("\"{until}\""))])
}

/// The statement that stands there has no more actions, is about no more resources, or both, than the ceiling names below what it names.
pub fn within(file: &File, place: &Place, ceiling: &Rules) -> Vec<Edit> {
    let Some(statement) = statement(file, place) else { return Vec::new() };
    let allowed = || ceiling.grants.iter().map(|grant| &grant.statement).filter(|statement| statement.effect == Effect::Allow);
    let actions: Vec<&Action> = allowed().filter(|allowed| !allowed.actions.negated).flat_map(|allowed| &allowed.actions.list).collect();
    let resources: Vec<&Resource> =
        allowed().filter(|allowed| !allowed.resources.negated).flat_map(|allowed| &allowed.resources.list).collect();
    let actions = statement.get("Action").and_then(|node| narrowed(node, &actions, Action::parse));
    let resources = statement.get("Resource").and_then(|node| narrowed(node, &resources, |text| Resource::parse(text, false)));
    let mut both: Edit = actions.iter().chain(&resources).cloned().collect();
    both.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    [actions.map(|one| vec![one]), resources.map(|one| vec![one]), (both.len() == 2).then_some(both)].into_iter().flatten().collect()
}

/// The mapping in braces that begins at a place: JSON, or YAML that is written like it.
fn statement<'f>(file: &'f File, place: &Place) -> Option<&'f Node> {
    let is_it = |node: &Node| node.get("Effect").is_some() && file.place(node.span) == *place;
    file.documents
        .iter()
        .find_map(|document| find(document, &is_it))
        .filter(|node| file.text().as_bytes().get(node.span.start as usize) == Some(&b'{'))
}

fn find<'n>(node: &'n Node, is_it: &dyn Fn(&Node) -> bool) -> Option<&'n Node> {
    if is_it(node) {
        return Some(node);
    }
    let items = node.items().unwrap_or_default().iter();
    let values = node.entries().unwrap_or_default().iter().map(|(_, value)| value);
    items.chain(values).find_map(|child| find(child, is_it))
}

/// The patterns with those in their place that are narrower, if there are any; what has none below it stays.
fn narrowed<P: Notation>(node: &Node, narrow: &[&P], parse: impl Fn(&str) -> Result<P, String>) -> Option<(Span, String)> {
    let mut all: Vec<String> = Vec::new();
    let mut is_narrower = false;
    for item in node.items().unwrap_or(std::slice::from_ref(node)) {
        let wide = parse(item.text()?).ok()?;
        let below: Vec<&str> = narrow.iter().filter(|narrow| covers(&wide, **narrow)).map(|narrow| narrow.text()).collect();
        is_narrower |= !below.is_empty() && !below.contains(&wide.text());
        let kept = if below.is_empty() || below.contains(&wide.text()) { vec![wide.text()] } else { below };
        all.extend(kept.into_iter().map(|text| serde_json::Value::from(text).to_string()));
    }
    let mut seen = BTreeSet::new();
    all.retain(|text| seen.insert(text.clone()));
    let text = if all.len() == 1 && node.items().is_none() { all.concat() } else { format!("[{}]", all.join(", ")) };
    is_narrower.then_some((node.span, text))
}

fn covers<P: Notation>(wide: &P, narrow: &P) -> bool {
    let (wide, narrow) = (wide.globs(), narrow.globs());
    wide.len() == narrow.len() && wide.iter().zip(narrow).all(|(wide, narrow)| wide.plainly_covers(narrow))
}
