//! `on:`, in each of its shapes: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#on>.

use super::notes::{Notes, help};
use crate::document::{Node, Place, Scalar};
use crate::systems::github::{Way, events};
use std::collections::BTreeMap;

/// How the workflow can be started, and where that is said.
pub(super) type Ways = BTreeMap<Way, Place>;

/// An event, or a list of them, or a mapping from events to what is waited for.
pub(super) fn ways(on: &Node, notes: &mut Notes<'_>) -> Ways {
    let mut ways = Ways::new();
    match (on.entries(), on.items()) {
        (Some(entries), _) => {
            for (event, settings) in entries {
                add(event, Some(settings), &mut ways, notes);
            }
        }
        (None, items) => {
            for event in items.unwrap_or(std::slice::from_ref(on)) {
                add(event, None, &mut ways, notes);
            }
        }
    }
    if ways.is_empty() && notes.is_sound() {
        notes.error(on, "no-event", "`on` names no event", "name one, or remove the file");
    }
    ways
}

/// The first event that starts the workflow in a way stands for it.
fn add(event: &Node, settings: Option<&Node>, ways: &mut Ways, notes: &mut Notes<'_>) {
    let Some(name) = notes.text(event, "an event of `on`") else { return };
    let types = types(name, settings, notes);
    let way = Way::of(name, types.as_deref()).unwrap_or_else(|| {
        let known: Vec<&str> = events().collect();
        let message = format!("`{name}` is no event that is known here, and is taken for one that anybody can cause");
        notes.warning(event, "unknown-event", message, &help(name, &known));
        Way::Open
    });
    ways.entry(way).or_insert_with(|| notes.place(event));
}

/// The activity types that are waited for; `None` where nothing is said of them.
fn types<'n>(event: &str, settings: Option<&'n Node>, notes: &mut Notes<'_>) -> Option<Vec<&'n str>> {
    let settings = settings.filter(|node| !node.scalar().is_some_and(Scalar::is_null))?;
    if event == "schedule" {
        return None;
    }
    if settings.entries().is_none() {
        notes.wrong_type(settings, &format!("what `{event}` waits for"), "a mapping");
    }
    let types = settings.get("types")?;
    let items = types.items().unwrap_or(std::slice::from_ref(types));
    Some(items.iter().filter_map(|item| notes.text(item, "an item of `types`")).collect())
}
