//! Tags of whoever has access: a policy may ask for them, <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html>.

use super::attached::own_name;
use super::aws::Reader;
use super::context::{Context, Which};
use super::kind::{Holder, Means};
use super::plan::{Resource, Tagged};
use super::view::View;
use crate::document::Node;
use crate::formats::Reading;
use crate::systems::content_digest;
use memchr::{memchr2_iter, memmem};
use std::collections::{BTreeMap, BTreeSet};

/// Attributes that are a mapping of tags.
const TAGS: [&str; 3] = ["tags_all", "tags", "volume_tags"];

/// Every attribute in which tags stand, and what a resource that is one tag of something else says.
pub(super) const KEPT: [&str; 7] = ["tags_all", "tags", "volume_tags", "tag", "tag_specifications", "key", "value"];

/// Whether the type is a tag of something that is made elsewhere: `aws_ec2_tag`, `aws_autoscaling_group_tag`.
pub(super) fn is_one(kind: &str) -> bool {
    kind.ends_with("_tag")
}

/// How a policy asks for the tags of what it is about.
const OF_RESOURCES: [&str; 5] = ["resourcetag/", "existingobjecttag/", "buckettag/", "accesspointtag/", "-tag/"];

/// What somebody may do by tags that are not what they were, for which a policy of the plan asks. Beside another plan what they are counts.
pub(super) fn changed<'p>(reader: &mut Reader<'_, 'p>, resource: &'p Resource, view: View<'p>) {
    let (Which::After, Means::Identity(holder)) = (reader.which, &resource.kind.means) else { return };
    let before = resource.before().or_else(|| predecessor(reader.context, *holder, resource, view));
    let before = before.filter(|_| reader.context.salt.is_none());
    if before.is_none() && reader.context.salt.is_none() {
        return;
    }
    for tag in other(before, view, false).into_iter().filter(|tag| is_asked_for(reader.context.text, &["aws:principaltag/"], &tag.key)) {
        let name = own_name(reader.context, *holder, resource, view);
        let (part, why) = told(&tag, reader.context.salt);
        reader.opaque(&name, resource, &part.each_ref().map(String::as_str), why);
    }
}

/// What had the name before, at another address: to whoever asks for a tag it is the same.
fn predecessor<'p>(context: &Context<'p>, holder: Holder, resource: &Resource, view: View<'p>) -> Option<View<'p>> {
    let name = own_name(context, holder, resource, view);
    let gone = context.plan.resources.iter().filter(|other| other.after().is_none() && other.kind.name == resource.kind.name);
    gone.filter_map(|other| Some((other, other.before()?)))
        .find(|(other, before)| own_name(context, holder, other, *before) == name)
        .map(|(_, before)| before)
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

/// The tags that are not what they were; all where nothing is known of what they were. `is_one`: the resource itself is one tag.
pub(super) fn other(before: Option<View<'_>>, after: View<'_>, is_one: bool) -> Vec<Tag> {
    let (old, new) = (before.map(|before| said(before, is_one)), said(after, is_one));
    let keys: BTreeSet<&str> = old.iter().chain([&new]).flat_map(BTreeMap::keys).copied().collect();
    let bare = |said: &[(String, View<'_>)]| -> Vec<(String, Option<String>)> {
        said.iter().map(|(place, view)| (place.clone(), view.bare().map(Node::canonical))).collect()
    };
    let tag = |key: &str| {
        let now = new.get(key).map_or(&[][..], Vec::as_slice);
        let is_unknown = now.iter().any(|(_, view)| view.has_unknown());
        let is_other = old.as_ref().is_none_or(|old| is_unknown || bare(old.get(key).map_or(&[][..], Vec::as_slice)) != bare(now));
        let known = now.iter().flat_map(|(place, view)| [place.clone(), view.known()]).collect::<Vec<_>>().join("\u{1f}");
        is_other.then(|| Tag { key: key.to_owned(), known, is_hidden: is_unknown || now.iter().any(|(_, view)| view.has_sensitive()) })
    };
    keys.into_iter().filter_map(tag).collect()
}

/// What is said of each tag, and where. Those of which not even the names are known stand under the empty name, and may be any.
fn said(view: View<'_>, is_one: bool) -> BTreeMap<&str, Vec<(String, View<'_>)>> {
    let own = TAGS.iter().map(|tags| ((*tags).to_owned(), view.get(tags)));
    let of_parts = view.get("tag_specifications").every().into_iter().map(|part| {
        let place = format!("tag_specifications {}", part.get("resource_type").text().unwrap_or_default());
        (place, part.get("tags"))
    });
    let mut said: BTreeMap<&str, Vec<(String, View<'_>)>> = BTreeMap::new();
    for (place, tags) in own.chain(of_parts) {
        for key in tags.keys().into_iter().chain(tags.is_unknown().then_some("")) {
            said.entry(key).or_default().push((place.clone(), tags.get(key)));
        }
    }
    let listed = view.get("tag").every().into_iter().chain(is_one.then_some(view).filter(|tag| tag.get("key").is_there()));
    for tag in listed {
        said.entry(tag.get("key").text().unwrap_or_default()).or_default().push(("tag".to_owned(), tag));
    }
    said
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
