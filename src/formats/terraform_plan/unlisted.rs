//! Resources whose type is not in the table: whether one looks like access, and what stands for it then.
//!
//! The rules are those of docs/formats.md. Whoever is not sure is suspected.

use super::kinds::{Kind, Means};
use super::view::View;
use crate::document::Node;
use crate::systems::content_digest;
use memchr::{memchr_iter, memchr2_iter};

static SUSPECTED: Kind = Kind { name: "", means: Means::Undecided("its type is not known here, and it looks as if it were about access") };

/// Words of a type that is about access, between the underscores of its name.
const WORDS: &[&str] = &[
    "iam",
    "policy",
    "policies",
    "role",
    "roles",
    "permission",
    "permissions",
    "grant",
    "grants",
    "acl",
    "acls",
    "rbac",
    "entitlement",
    "entitlements",
    "collaborator",
    "collaborators",
    "membership",
    "memberships",
    "privilege",
    "privileges",
    "authorization",
];

/// Attributes that hold access, at whatever depth.
const ATTRIBUTES: &[&str] = &[
    "policy",
    "policies",
    "policy_document",
    "policy_documents",
    "policy_json",
    "policy_data",
    "policy_text",
    "access_policy",
    "access_policies",
    "resource_policy",
    "iam_policy",
    "inline_policy",
    "inline_policies",
    "assume_role_policy",
    "trust_policy",
    "permissions_boundary",
    "managed_policy_arns",
    "policy_arns",
    "permissions",
    "permission_set",
    "acl",
    "acls",
    "grant",
    "grants",
    "access_control",
    "principal",
    "principals",
    "role_binding",
    "role_bindings",
    "iam_bindings",
    "role_definition_id",
    "role_definition_name",
];

/// How a value begins that says nothing.
const NOTHING: &[&str] = &["null", "[]", "{}", "\"\"", "false", "\"private\""];

/// The kind of a resource that is not in the table, if it looks like access and may have changed. The texts are the resource as it was,
/// as it will be, and what of it is known only after the apply.
pub(super) fn suspected(mode: &str, name: &str, [before, after, unknown]: [&str; 3]) -> Option<&'static Kind> {
    let looks_like_access = || has_word(name) || [before, after, unknown].into_iter().any(speaks_of_access);
    (mode != "data" && before != after && looks_like_access()).then_some(&SUSPECTED)
}

/// Whether the name of a type says that it is about access.
pub(super) fn has_word(name: &str) -> bool {
    name.split('_').any(|word| WORDS.contains(&word))
}

/// Whether one of the attributes is there and says something, or a policy may stand in some text.
fn speaks_of_access(text: &str) -> bool {
    let bytes = text.as_bytes();
    let says_access = |colon: usize| {
        let (before, after) = (text.get(..colon).unwrap_or_default(), text.get(colon + 1..).unwrap_or_default());
        let key = before.trim_end().strip_suffix('"').and_then(|key| key.get(key.rfind('"')? + 1..));
        let value = after.trim_start();
        let is_empty = NOTHING.iter().any(|nothing| value.starts_with(nothing));
        // An escape may hide any name. Before the closing quote it is the quote that is escaped, and this a text inside of a text.
        key.is_some_and(|key| !key.ends_with('\\') && (key.contains('\\') || (!is_empty && ATTRIBUTES.contains(&key))))
    };
    let is_statement = |m: usize| {
        let word = m.checked_sub(4).and_then(|from| bytes.get(from..m + 4));
        word.is_some_and(|word| word.eq_ignore_ascii_case(b"tatement"))
    };
    memchr2_iter(b'm', b'M', bytes).any(is_statement) || memchr_iter(b':', bytes).any(says_access)
}

/// What stands for a resource that is not read.
#[derive(Debug)]
pub(super) struct Folded {
    /// Of what it was, if it was there.
    pub(super) before: Option<String>,
    /// Of what it will be, if it will be there. Equal where nothing changes.
    pub(super) after: Option<String>,
    /// Some of it is secret, or known only after the apply, and no part of the digests.
    pub(super) has_gaps: bool,
}

impl Folded {
    /// No secret goes into a digest, since a short one could be guessed from that. That one changes is told apart.
    pub(super) fn of(before: Option<View<'_>>, after: Option<View<'_>>) -> Self {
        let known = |view: View<'_>| content_digest(&[&view.known()]);
        let bare = |view: Option<View<'_>>| view.and_then(View::bare).map(Node::canonical);
        let (old, mut new) = (before.map(known), after.map(known));
        if old.is_some() && old == new && bare(before) != bare(after) {
            new = new.map(|digest| content_digest(&[&digest, "changed"]));
        }
        let has_gaps = [before, after].into_iter().flatten().any(|view| view.has_sensitive() || view.has_unknown());
        Self { before: old, after: new, has_gaps }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_suspected(name: &str, after: &str) -> bool {
        suspected("managed", name, ["null", after, "{}"]).is_some()
    }

    #[test]
    fn a_type_is_suspected_by_its_name_by_an_attribute_or_by_a_policy_in_it() {
        assert!(is_suspected("google_project_iam_member", "{}"));
        assert!(is_suspected("azurerm_role_assignment", "{}"));
        assert!(is_suspected("some_thing", r#"{"access_policy": "x"}"#));
        assert!(is_suspected("some_thing", r#"{"text":"{\"Statement\":[]}"}"#));
        assert!(is_suspected("some_thing", r#"{"\u0070olicy": 1}"#));
    }

    #[test]
    fn what_says_nothing_of_access_or_did_not_change_is_not_suspected() {
        assert!(!is_suspected("aws_instance", r#"{"ami":"x","iam_instance_profile":"y","role_arn":"z"}"#));
        assert!(!is_suspected(
            "google_controller",
            r#"{"policy": null, "acl":[], "b":{"grant": ""}, "acls":"private", "c":"{\"policy\":1}"}"#
        ));
        assert!(suspected("managed", "google_project_iam_member", ["{}"; 3]).is_none());
        assert!(suspected("data", "google_iam_policy", ["null", "{}", "{}"]).is_none());
    }
}
