//! Tags of whoever has access: a policy may ask for them, <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html>.

use super::attached::own_name;
use super::aws::Reader;
use super::context::{Context, Which};
use super::kind::Means;
use super::plan::{Resource, Tagged};
use super::view::View;
use crate::document::Node;
use crate::formats::Reading;
use crate::systems::content_digest;
use memchr::{memchr2_iter, memmem};
use std::collections::BTreeSet;

const TAGS: [&str; 2] = ["tags_all", "tags"];

/// How a policy asks for the tags of what it is about.
const OF_RESOURCES: [&str; 5] = ["resourcetag/", "existingobjecttag/", "buckettag/", "accesspointtag/", "-tag/"];

/// What somebody may do by tags that are not what they were, for which a policy of the plan asks. Beside another plan what they are counts.
pub(super) fn changed<'p>(reader: &mut Reader<'_, 'p>, resource: &'p Resource, view: View<'p>) {
    let (Which::After, Means::Identity(holder)) = (reader.which, &resource.kind.means) else { return };
    let before = resource.before().filter(|_| reader.context.salt.is_none());
    if before.is_none() && reader.context.salt.is_none() {
        return;
    }
    for tag in other(before, view).into_iter().filter(|tag| is_asked_for(reader.context.text, &["aws:principaltag/"], &tag.key)) {
        let name = own_name(reader.context, *holder, resource, view);
        let (part, why) = told(&tag, reader.context.salt);
        reader.opaque(&name, resource, &part.each_ref().map(String::as_str), why);
    }
}

/// What may be done to something whose tags are not what they were, where a policy of the plan asks for these.
pub(super) fn of_resources(context: &Context<'_>, which: Which, reading: &mut Reading) {
    if which == Which::Before {
        return;
    }
    for Tagged { address, tag } in context.plan.tagged.iter().filter(|tagged| is_asked_for(context.text, &OF_RESOURCES, &tagged.tag.key)) {
        let (part, why) = told(tag, context.salt);
        let part = [&part[..], &[address.to_string()]].concat();
        let digest = content_digest(&part.iter().map(String::as_str).collect::<Vec<_>>());
        reading.unread.insert(context.part(address, &digest, &why));
    }
}

/// A tag that is not what it was, or may not be.
#[derive(Debug)]
pub(super) struct Tag {
    /// Nothing where not even the names of the tags are known.
    key: String,
    /// What is known of it, and no secret.
    known: String,
    /// Some of it is not known, or secret.
    is_hidden: bool,
}

/// The tags that are not what they were; all where nothing is known of what they were.
pub(super) fn other(before: Option<View<'_>>, after: View<'_>) -> Vec<Tag> {
    let sides = || before.into_iter().chain([after]);
    let mut keys: BTreeSet<&str> = sides().flat_map(|view| TAGS.map(|tags| view.get(tags).keys())).flatten().collect();
    // Tags of which not even the names are known may be any.
    keys.extend(TAGS.iter().any(|tags| after.get(tags).is_unknown()).then_some(""));
    let tag = |key: &str| {
        let each = || TAGS.iter().map(|tags| after.get(tags).get(key));
        let bare = |view: View<'_>| TAGS.map(|tags| view.get(tags).get(key).bare().map(Node::canonical));
        let is_unknown = each().any(View::has_unknown);
        let is_other = before.is_none_or(|before| is_unknown || bare(before) != bare(after));
        let known = TAGS.map(|tags| after.get(tags).get(key).known()).concat();
        is_other.then(|| Tag { key: key.to_owned(), known, is_hidden: is_unknown || each().any(View::has_sensitive) })
    };
    keys.into_iter().filter_map(tag).collect()
}

/// What stands for a tag, and why it is told. Beside another plan what is hidden is equal to nothing.
fn told(tag: &Tag, salt: Option<&str>) -> ([String; 4], String) {
    let why = match tag.key.as_str() {
        "" => "a policy asks for a tag, and what tags these are will be known only after the apply".to_owned(),
        key => format!("a policy asks for the tag `{key}`, which is not what it was"),
    };
    let salt = salt.filter(|_| tag.is_hidden).unwrap_or_default();
    (["tag".to_owned(), tag.key.clone(), tag.known.clone(), salt.to_owned()], why)
}

/// Whether something in the plan may ask for the tags of what it is about.
pub(super) fn may_ask(text: &str) -> bool {
    is_asked_for(text, &OF_RESOURCES, "")
}

/// Whether something in the plan, of whatever type it is, may ask for whoever has this tag, or any where none is named. A policy that is a
/// text may spell it with escapes, and then nobody looks for more.
fn is_asked_for(text: &str, words: &[&str], key: &str) -> bool {
    let is_plain = key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _.:=+-@".contains(&byte));
    let words: Vec<String> = words.iter().map(|word| format!("{word}{}", if is_plain { key } else { "" })).collect();
    let bytes = text.as_bytes();
    let asks = |word: &String| {
        let is_it = |at: usize| bytes.get(at..at + word.len()).is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()));
        let first = word.as_bytes().first().copied().unwrap_or_default();
        memchr2_iter(first, first.to_ascii_uppercase(), bytes).any(is_it)
    };
    words.iter().any(asks) || memmem::find(bytes, br"\\u").is_some() || memmem::find(bytes, br"\\/").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_asked_for_in_any_letters_and_behind_escapes() {
        let asked_for = |text: &str, key| is_asked_for(text, &["aws:principaltag/"], key);
        let asks = |text: &str| asked_for(text, "Team");
        assert!(asks(r#"{"policy": "{\"StringEquals\":{\"AWS:principalTag/team\":\"x\"}}"}"#));
        assert!(asks(r#"{"policy": "{\"StringEquals\":{\"aws:PrincipalTag\\u002fteam\":\"x\"}}"}"#));
        assert!(asks(r#"{"policy": "{\"StringEquals\":{\"aws:PrincipalTag\\/team\":\"x\"}}"}"#));
        assert!(!asks(r#"{"policy": "{\"StringEquals\":{\"aws:PrincipalTag/cost\":\"x\"}}"}"#));
        assert!(asked_for(r#"{"policy": "{\"StringEquals\":{\"aws:PrincipalTag/ä\":\"x\"}}"}"#, "ä"));
        assert!(asked_for(r#"{"policy": "aws:PrincipalTag/cost"}"#, ""));
    }
}
