//! Tags of whoever has access: a policy may ask for them, <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html>.

use super::attached::own_name;
use super::aws::Reader;
use super::context::Which;
use super::kind::Means;
use super::plan::Resource;
use super::view::View;
use crate::document::Node;
use std::collections::BTreeSet;

/// What somebody may do by tags that are not what they were, for which a policy of the plan asks. Beside another plan what they are counts.
pub(super) fn changed<'p>(reader: &mut Reader<'_, 'p>, resource: &'p Resource, view: View<'p>) {
    let (Which::After, Means::Identity(holder)) = (reader.which, &resource.kind.means) else { return };
    let before = resource.before().filter(|_| reader.context.salt.is_none());
    let is_new = before.is_none() && reader.context.salt.is_none();
    let sides = || before.into_iter().chain([view]);
    let keys: BTreeSet<&str> =
        sides().flat_map(|view| ["tags", "tags_all"].map(|tags| view.get(tags).keys())).flatten().filter(|_| !is_new).collect();
    for key in keys {
        let now = |view: View<'_>| ["tags_all", "tags"].map(|tags| view.get(tags).get(key).known());
        let is_other = before.is_none_or(|before| now(before) != now(view));
        if is_other && is_asked_for(reader, key) {
            let name = own_name(reader.context, *holder, resource, view);
            let salt = reader.context.salt.filter(|_| view.get("tags_all").has_unknown()).unwrap_or_default();
            let part = ["tag", key, &now(view).concat(), salt];
            reader.opaque(&name, resource, &part, format!("a policy asks for the tag `{key}`, which is not what it was"));
        }
    }
}

/// Whether some policy of the plan is about whoever has this tag.
fn is_asked_for(reader: &Reader<'_, '_>, key: &str) -> bool {
    let word = format!("aws:principaltag/{}", key.to_lowercase());
    let asks = |view: View<'_>| view.bare().map(Node::canonical).is_some_and(|text| text.to_lowercase().contains(&word));
    reader.context.plan.resources.iter().any(|resource| [resource.before(), resource.after()].into_iter().flatten().any(asks))
}
