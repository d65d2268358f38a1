//! A `permissions:` block: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions>.

use super::notes::{Notes, help};
use crate::document::{Node, Place, Scalar};
use crate::systems::github::{Block, Level, Scope, Stated, Token};
use std::collections::BTreeMap;

/// What a block says, if all of it means something.
pub(super) fn read(node: &Node, notes: &mut Notes<'_>) -> Option<Stated> {
    let (block, scopes) = match node.entries() {
        Some(entries) => mapping(entries, notes),
        None => (shorthand(node, notes)?, BTreeMap::new()),
    };
    notes.is_sound().then(|| Stated { token: Token::Block(block), place: notes.place(node), scopes })
}

fn mapping(entries: &[(Node, Node)], notes: &mut Notes<'_>) -> (Block, BTreeMap<Scope, Place>) {
    let (mut block, mut places) = (Block::new(), BTreeMap::new());
    for (key, value) in entries {
        let (scope, level) = (scope(key, notes), level(value, notes));
        let (Some(scope), Some(level)) = (scope, level) else { continue };
        if scope.has(level) {
            block.insert(scope, level);
            places.insert(scope, notes.place(key));
        } else {
            let message = format!("`{}` has no level `{}`", scope.name(), level.name());
            notes.error(value, "unknown-level", message, "GitHub refuses it: write a level that the scope has, or `none`");
        }
    }
    (block, places)
}

/// `read-all` and `write-all` give in each scope as much of it as there is.
fn shorthand(node: &Node, notes: &mut Notes<'_>) -> Option<Block> {
    if node.scalar().is_none_or(Scalar::is_null) {
        notes.wrong_type(node, "`permissions`", "a mapping from scopes to levels, `{}` for none, `read-all` or `write-all`");
        return None;
    }
    let most = match notes.text(node, "`permissions`")? {
        "read-all" => Level::Read,
        "write-all" => Level::Write,
        other => {
            let message = format!("`{other}` is not what `permissions` can be");
            notes.error(node, "unknown-level", message, "write `read-all`, `write-all`, or a mapping from scopes to levels");
            return None;
        }
    };
    Some(Scope::all().filter_map(|scope| Some((scope, scope.up_to(most)?))).collect())
}

fn scope(key: &Node, notes: &mut Notes<'_>) -> Option<Scope> {
    let name = notes.text(key, "a scope of `permissions`")?;
    let scope = Scope::by_name(name);
    if scope.is_none() {
        let known: Vec<&str> = Scope::all().map(Scope::name).collect();
        notes.error(key, "unknown-scope", format!("`{name}` is no scope of `permissions`"), &help(name, &known));
    }
    scope
}

/// `None` where nothing is given, or where it is told why that is not known.
fn level(value: &Node, notes: &mut Notes<'_>) -> Option<Level> {
    let name = notes.text(value, "a level of `permissions`")?;
    let known = Level::ALL.into_iter().find(|level| level.name() == name);
    if known.is_none() && name != "none" {
        notes.error(value, "unknown-level", format!("`{name}` is no level of a scope"), &help(name, &["read", "write", "none"]));
    }
    known
}
