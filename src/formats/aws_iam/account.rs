//! What `aws iam get-account-authorization-details`, `list-roles` and `get-role` print: identities with all their policies.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html>.

use super::{Name, Reader, boundary_of, identity_of};
use crate::document::Node;
use crate::systems::aws::Slot;
use std::collections::{BTreeMap, BTreeSet};

const LISTS: &[&str] = &["UserDetailList", "GroupDetailList", "RoleDetailList", "Roles"];

pub(super) fn claims(document: &Node) -> bool {
    let is_identity = |item: &Node| ["RoleName", "UserName", "GroupName"].iter().any(|key| item.get(key).is_some());
    LISTS.iter().any(|key| key.ends_with("DetailList") && document.get(key).is_some())
        || items(document.get("Roles")).into_iter().any(is_identity)
        || document.get("Role").is_some_and(|role| role.get("RoleName").is_some())
        || document
            .get("Policies")
            .and_then(Node::items)
            .is_some_and(|items| items.iter().any(|item| item.get("PolicyVersionList").is_some()))
}

/// Roles to which policies are only attached have no statement in their file.
pub(super) fn may_hold(bytes: &[u8]) -> bool {
    ["DetailList", "RoleName", "PolicyVersionList"].iter().any(|word| bytes.windows(word.len()).any(|window| window == word.as_bytes()))
}

/// Reads it, and says what has been read.
pub(super) fn read<'n>(reader: &mut Reader<'_>, document: &'n Node) -> Vec<&'n Node> {
    let own = reader.named(None, None);
    for key in LISTS.iter().chain(&["Policies"]) {
        list(reader, &own, document, key);
    }
    for policy in items(document.get("Policies")).into_iter().filter(|policy| policy.get("Arn").and_then(Node::text).is_none()) {
        reader.cannot_tell(&own, policy, "missing-arn", "this policy has no `Arn`, so nobody can tell who has it");
    }
    let managed = managed_policies(document);
    repeated(reader, &own, document);
    let asked = tags_asked(document);
    let mut attached = BTreeSet::new();
    let groups = items(document.get("GroupDetailList"));
    let members: BTreeSet<&str> = items(document.get("UserDetailList")).into_iter().flat_map(group_names).collect();
    let listed = LISTS.iter().flat_map(|list| items(document.get(list)).into_iter().map(|one| (*list, one)));
    for (list, identity) in listed.chain(document.get("Role").map(|role| ("Role", role))) {
        // A group that has members is told as what its members hold.
        let is_told_by_members = identity.get("GroupName").and_then(Node::text).is_some_and(|group| members.contains(group));
        attached.extend(attachments(identity).into_iter().map(|(arn, _)| arn));
        if !is_told_by_members {
            let name = read_identity(reader, identity, &groups, &managed);
            tags(reader, identity, &name, &asked);
            soles(reader, list, identity, &name, &groups, &managed);
        }
    }
    // What is detached from its last holder is lost there, and gained by nobody.
    for (arn, policy) in managed.iter().filter(|(arn, policy)| !attached.contains(*arn) && !policy.is_unused) {
        let holder = policy.name.map(|name| format!("policy/{name}"));
        let name = reader.named(holder, Some(arn));
        if let Some(document) = policy.document {
            reader.value(document, &name, Some(Slot::Identity));
            continue;
        }
        unknown_policy(reader, &name, policy, &format!("policy {arn}"), "the default version of this policy is not in the file");
    }
    let identities = LISTS.iter().flat_map(|list| items(document.get(list))).chain(document.get("Role"));
    identities.flat_map(parts_read).chain(items(document.get("Policies")).into_iter().filter_map(|p| p.get("PolicyVersionList"))).collect()
}

/// Of a user, a group or a role everything that has been read, or been told not to be readable; what stands under any other key has not.
fn parts_read(identity: &Node) -> Vec<&Node> {
    // A policy that lacks what is read of it is told as a whole, and so is what is no list.
    let each = |key: &str, part: &'static str| {
        let list = identity.get(key);
        let broken = list.filter(|list| list.items().is_none());
        broken.into_iter().chain(items(list).into_iter().map(move |item| item.get(part).unwrap_or(item))).collect::<Vec<_>>()
    };
    let policies = INLINE.iter().flat_map(|key| each(key, "PolicyDocument")).chain(each("AttachedManagedPolicies", "PolicyArn"));
    let boundary = identity.get("PermissionsBoundary").and_then(|boundary| boundary.get("PermissionsBoundaryArn"));
    let trust = identity.get("AssumeRolePolicyDocument");
    // An instance profile repeats its role.
    let repeated = items(identity.get("InstanceProfileList")).into_iter().flat_map(|profile| items(profile.get("Roles")));
    let repeated = repeated.filter_map(|role| role.get("AssumeRolePolicyDocument"));
    let repeated = repeated.filter(|copy| trust.is_some_and(|trust| trust.canonical() == copy.canonical()));
    policies.chain(boundary).chain(trust).chain(repeated).collect()
}

/// Where the policies stand that are one identity's own.
const INLINE: [&str; 3] = ["UserPolicyList", "GroupPolicyList", "RolePolicyList"];

/// A managed policy and its default version.
struct Managed<'n> {
    node: &'n Node,
    name: Option<&'n str>,
    document: Option<&'n Node>,
    /// The file says that nobody has it. Without that word, somebody may who is in another file.
    is_unused: bool,
}

fn managed_policies(document: &Node) -> BTreeMap<&str, Managed<'_>> {
    items(document.get("Policies"))
        .into_iter()
        .filter_map(|node| {
            let document = default_version(node).and_then(|version| version.get("Document"));
            let name = node.get("PolicyName").and_then(Node::text);
            Some((node.get("Arn")?.text()?, Managed { node, name, document, is_unused: is_unused(node) }))
        })
        .collect()
}

/// The version that holds: the one that says so, and that the policy names, where it names one.
fn default_version(policy: &Node) -> Option<&Node> {
    let versions = items(policy.get("PolicyVersionList"));
    let is_default = |version: &&Node| version.get("IsDefaultVersion").and_then(Node::scalar).is_some_and(|s| &*s.text == "true");
    let flagged: Vec<&Node> = versions.iter().copied().filter(is_default).collect();
    let named = policy.get("DefaultVersionId").and_then(Node::text);
    let is_named = |version: &Node| version.get("VersionId").and_then(Node::text) == named;
    match (flagged.as_slice(), named) {
        ([one], _) if named.is_none() || one.get("VersionId").is_none() || is_named(one) => Some(one),
        ([], Some(_)) => versions.into_iter().find(|version| is_named(version)),
        _ => None,
    }
}

/// Policies and groups of one name that say different things: nobody can tell which of them holds.
fn repeated(reader: &mut Reader<'_>, own: &Name, document: &Node) {
    for (list, key) in [("Policies", "Arn"), ("GroupDetailList", "GroupName")] {
        let mut known: BTreeMap<&str, String> = BTreeMap::new();
        for (node, name) in items(document.get(list)).into_iter().filter_map(|node| Some((node, node.get(key)?.text()?))) {
            let text = node.canonical();
            if known.get(name).is_some_and(|first| *first != text) {
                reader.cannot_tell(own, node, "repeated-name", &format!("`{name}` is here more than once, and says something else"));
            }
            known.entry(name).or_insert(text);
        }
    }
}

fn is_unused(policy: &Node) -> bool {
    let count = |key| policy.get(key).and_then(Node::scalar).map(|count| &*count.text);
    count("AttachmentCount") == Some("0") && matches!(count("PermissionsBoundaryUsageCount"), None | Some("0"))
}

fn items(node: Option<&Node>) -> Vec<&Node> {
    node.and_then(Node::items).unwrap_or_default().iter().collect()
}

/// The items under a key that has to be a list where it is there.
fn list<'n>(reader: &mut Reader<'_>, name: &Name, node: &'n Node, key: &str) -> Vec<&'n Node> {
    let Some(value) = node.get(key).filter(|value| value.scalar().is_none_or(|scalar| !scalar.is_null())) else { return Vec::new() };
    if value.items().is_none() {
        reader.cannot_tell(name, value, "wrong-type", &format!("`{key}` is {}, but has to be a list", value.kind()));
    }
    items(Some(value))
}

fn group_names(user: &Node) -> Vec<&str> {
    items(user.get("GroupList")).into_iter().filter_map(Node::text).collect()
}

fn attachments(identity: &Node) -> Vec<(&str, &Node)> {
    let boundary = identity.get("PermissionsBoundary").and_then(|b| Some((b.get("PermissionsBoundaryArn")?.text()?, b)));
    let policies = items(identity.get("AttachedManagedPolicies"));
    policies.into_iter().filter_map(|policy| Some((policy.get("PolicyArn")?.text()?, policy))).chain(boundary).collect()
}

/// What another file must not say otherwise: which boundary it has, and in a list of everything all its policies.
fn soles(reader: &mut Reader<'_>, list: &str, identity: &Node, name: &Name, groups: &[&Node], managed: &BTreeMap<&str, Managed<'_>>) {
    let boundary = identity.get("PermissionsBoundary");
    // A list of roles leaves it out.
    if list != "Roles" || boundary.is_some() {
        let text = boundary.map(boundary_of).unwrap_or_default();
        reader.sole(name, "which permissions boundary it has", identity.span, &[&text]);
    }
    if list.ends_with("DetailList") {
        let own_groups = group_names(identity);
        let of_groups = || groups.iter().copied().filter(|group| group_of(group).is_some_and(|group| own_groups.contains(&group)));
        let keys = ["UserPolicyList", "GroupPolicyList", "RolePolicyList", "AttachedManagedPolicies", "GroupList"];
        let says = |node: &Node| keys.iter().filter_map(|key| Some(node.get(key)?.canonical())).collect::<Vec<_>>();
        let arns = [identity].into_iter().chain(of_groups()).flat_map(attachments).filter_map(|(arn, _)| managed.get(arn)?.document);
        let texts: Vec<String> = says(identity).into_iter().chain(of_groups().flat_map(says)).chain(arns.map(Node::canonical)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        reader.sole(name, "what its policies are", identity.span, &texts);
    }
}

fn group_of(node: &Node) -> Option<&str> {
    node.get("GroupName").and_then(Node::text)
}

/// What all policies of the file say, in small letters; a policy that is a text may spell every name with escapes.
fn tags_asked(document: &Node) -> String {
    document.canonical().to_lowercase()
}

/// The tags for which some policy of the file asks: whoever has others may do something else.
fn tags(reader: &mut Reader<'_>, identity: &Node, name: &Name, asked: &str) {
    let is_asked = |key: &str| asked.contains(&format!("tag/{}", key.to_lowercase()));
    for tag in list(reader, name, identity, "Tags") {
        let key = tag.get("Key").and_then(Node::text);
        if key.is_none_or(is_asked) {
            let what = format!("Tag {}", tag.canonical());
            let why = format!("a policy asks for the tag `{}`, which is not what it was", key.unwrap_or_default());
            let place = reader.place(tag.span);
            reader.opaque_text(name, &what, place, &why);
        }
    }
}

/// Reads it, and says whose it is.
fn read_identity(reader: &mut Reader<'_>, identity: &Node, groups: &[&Node], managed: &BTreeMap<&str, Managed<'_>>) -> Name {
    let arn = identity.get("Arn").and_then(Node::text);
    let name = reader.named(identity_of(identity).or_else(|| arn.map(ToOwned::to_owned)), arn);
    if let Some(trust) = identity.get("AssumeRolePolicyDocument") {
        reader.value(trust, &name, Some(Slot::Trust));
    }
    read_policies(reader, identity, &name, managed);
    list(reader, &name, identity, "GroupList");
    for group in group_names(identity) {
        let detail = groups.iter().find(|node| group_of(node) == Some(group));
        match detail {
            Some(detail) => read_policies(reader, detail, &name, managed),
            None => unknown(reader, &name, identity, &format!("group/{group}"), "what this group allows is not in the file"),
        }
    }
    if let Some(arn) = identity.get("PermissionsBoundary").and_then(|boundary| boundary.get("PermissionsBoundaryArn")).and_then(Node::text)
    {
        read_managed(reader, identity, &name, arn, Slot::Boundary, managed);
    }
    name
}

/// Inline and attached policies of a user, a group or a role.
fn read_policies(reader: &mut Reader<'_>, identity: &Node, name: &Name, managed: &BTreeMap<&str, Managed<'_>>) {
    for key in INLINE {
        for inline in list(reader, name, identity, key) {
            match inline.get("PolicyDocument") {
                Some(document) => {
                    let policy = inline.get("PolicyName").and_then(Node::text).map(|policy| format!("its policy `{policy}`"));
                    reader.value(document, &Name { policy, ..name.clone() }, Some(Slot::Identity));
                }
                None => reader.cannot_tell(name, inline, "invalid-inline-policy", "this inline policy has no `PolicyDocument`"),
            }
        }
    }
    for policy in list(reader, name, identity, "AttachedManagedPolicies") {
        match policy.get("PolicyArn").and_then(Node::text) {
            Some(arn) => read_managed(reader, policy, name, arn, Slot::Identity, managed),
            None => reader.cannot_tell(name, policy, "invalid-attachment", "this attachment has no `PolicyArn`"),
        }
    }
}

fn read_managed(reader: &mut Reader<'_>, node: &Node, name: &Name, arn: &str, slot: Slot, managed: &BTreeMap<&str, Managed<'_>>) {
    let (what, why) = (format!("{slot:?} {arn}"), "what this policy says is not in the file");
    match managed.get(arn) {
        Some(policy) => match policy.document {
            Some(document) => reader.value(document, name, Some(slot)),
            None => unknown_policy(reader, name, policy, &what, why),
        },
        None => unknown(reader, name, node, &what, why),
    }
}

/// A policy whose version that holds is not here. Whatever is here of its versions may be that one.
fn unknown_policy(reader: &mut Reader<'_>, name: &Name, policy: &Managed<'_>, what: &str, why: &str) {
    let part = |key| policy.node.get(key).map(Node::canonical).unwrap_or_default();
    let content = format!("{what}\u{1f}{}\u{1f}{}", part("DefaultVersionId"), part("PolicyVersionList"));
    let place = reader.place(policy.node.span);
    reader.opaque_text(name, &content, place, &format!("{why}: `{what}`"));
}

/// Something that is attached and not here: only an attachment that changes is undecided.
fn unknown(reader: &mut Reader<'_>, name: &Name, node: &Node, what: &str, why: &str) {
    let place = reader.place(node.span);
    reader.opaque_text(name, what, place, &format!("{why}: `{what}`"));
}
