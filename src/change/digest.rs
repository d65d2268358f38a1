//! Digests that stand for a change: equal digests mean equal changes.

use super::Entry;
use crate::systems::{Region, actions_fold_case, content_digest};

/// `sha256:…` over the parts of a change in their canonical form and order. Places and witnesses are no part of it.
pub fn delta_digest(entries: &[Entry]) -> String {
    let mut lines: Vec<String> = entries
        .iter()
        .map(|entry| {
            let opaque = entry.opaque.as_ref().map_or("", |part| &part.digest);
            format!(
                "{:?}\u{1f}{}\u{1f}{opaque}\u{1f}{}",
                entry.kind,
                entry.system.unwrap_or(""),
                canonical(entry.system.unwrap_or(""), &entry.region)
            )
        })
        .collect();
    lines.sort();
    lines.dedup();
    format!("sha256:{}", content_digest(&lines.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// How many hexadecimal digits name a part.
const SHORT: usize = 12;

/// A short name of one part of a change, which stays as long as the access is the same: the first 12 hexadecimal digits of the SHA-256 of
/// its canonical form. Two parts that say the same in two places have one name.
pub fn short_id(entry: &Entry) -> String {
    delta_digest(std::slice::from_ref(entry)).trim_start_matches("sha256:").chars().take(SHORT).collect()
}

/// What a region means, without where it stands.
pub(super) fn canonical(system: &str, region: &Region) -> String {
    let fold = |text: &String| if actions_fold_case(system) { text.to_lowercase() } else { text.clone() };
    let actions: [Vec<String>; 2] = [&region.actions, &region.except_actions].map(|list| list.iter().map(fold).collect());
    let rest = (
        &region.principals,
        &region.except_principals,
        &region.resources,
        &region.except_resources,
        &region.condition,
        &region.expires,
        &region.provided,
    );
    format!("{:?}", (&region.holder, &region.realm, actions, rest))
}
