//! Actions that are probably misspelt: AWS takes any name, and one that it does not know allows, or denies, nothing.

use crate::diagnostic::Diagnostic;
use crate::document::{File, Node};
use crate::systems::Texts;
use crate::systems::aws::knowledge::{self, edition};
use std::cell::RefCell;

/// More letters are rarely a slip: actions that AWS has retired are unlike those that it has.
const MOST_SLIPS: usize = 2;

/// A remark for each action that is spelt out, not known, and almost one that is.
pub(super) fn remarks<'a>(statement: &'a Node, file: &'a File) -> impl Iterator<Item = Diagnostic> + 'a {
    let lists = ["Action", "NotAction"].into_iter().filter_map(|key| statement.get(key));
    let items = lists.flat_map(|list| list.items().unwrap_or(std::slice::from_ref(list)));
    items.filter_map(|item| {
        let text = item.text()?;
        let meant = meant(text)?;
        let message = format!("`{text}` is no action that AWS has, as of {}", edition().edition);
        Some(Diagnostic::warning("unknown-action", file.place(item.span), message).help(format!("did you mean `{meant}`?")))
    })
}

/// More actions than AWS has in all.
const MOST_KEPT: usize = 30_000;

thread_local! {
    /// What was probably meant: most actions of a file stand on its other side as well, and in other files.
    static MEANT: RefCell<Texts<Option<String>>> = RefCell::default();
}

fn meant(text: &str) -> Option<String> {
    MEANT.with_borrow_mut(|known| {
        if let Some(meant) = known.get(text) {
            return meant.clone();
        }
        if known.len() >= MOST_KEPT {
            known.clear();
        }
        let meant = almost(text);
        known.insert(text.into(), meant.clone());
        meant
    })
}

/// The action that was probably meant by one that is not known.
fn almost(text: &str) -> Option<String> {
    let (service, name) = text.split_once(':').filter(|(_, name)| !name.contains(['*', '?', '$']))?;
    let (service, name) = (knowledge::service(&service.to_ascii_lowercase())?, name.to_ascii_lowercase());
    if knowledge::action(service.prefix, &name).is_some() {
        return None;
    }
    let own = letters(&name);
    // A slip changes the length by one at most, and puts one letter in another's place.
    let may_be_near =
        |other: &str| other.len().abs_diff(name.len()) <= MOST_SLIPS && (letters(other) ^ own).count_ones() as usize <= 2 * MOST_SLIPS;
    let mut nearest = None;
    for action in service.actions().filter(|action| may_be_near(action.name)) {
        let slips = strsim::osa_distance(&action.name.to_ascii_lowercase(), &name);
        if slips <= MOST_SLIPS && nearest.is_none_or(|(fewest, _)| slips < fewest) {
            nearest = Some((slips, action.name));
        }
    }
    nearest.map(|(_, name)| format!("{}:{name}", service.prefix))
}

/// Which letters stand in it, in any case, a bit each.
fn letters(name: &str) -> u32 {
    name.bytes().fold(0, |letters, byte| letters | 1 << (byte & 0x1f))
}

#[cfg(test)]
mod tests {
    use super::almost;

    #[test]
    fn an_action_that_is_almost_one_is_probably_that() {
        assert_eq!(almost("s3:GetObjct").as_deref(), Some("s3:GetObject"));
        assert_eq!(almost("S3:getobejct").as_deref(), Some("s3:GetObject"));
    }

    #[test]
    fn an_action_that_is_known_or_open_or_unlike_any_is_not_misspelt() {
        for text in ["s3:GetObject", "s3:getobject", "s3:GetObjct*", "s3:GetBicycle", "s4:GetObject", "GetObjct", "*"] {
            assert_eq!(almost(text), None, "{text}");
        }
    }
}
