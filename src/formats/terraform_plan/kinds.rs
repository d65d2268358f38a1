//! The types of resources that are about access, and what each of them means. The attributes are those of the providers' documentation:
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs>,
//! <https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs>.

use super::{gateway, guard, listed, listed_elsewhere};
use crate::systems::aws::Slot;
use std::collections::HashMap;
use std::sync::LazyLock;

/// A type of resources.
#[derive(Debug)]
pub(super) struct Kind {
    /// `type` in the plan.
    pub(super) name: &'static str,
    pub(super) means: Means,
}

/// What a resource of a type is to us.
#[derive(Debug)]
pub(super) enum Means {
    /// A role, user or group of IAM.
    Identity(Holder),
    /// A managed policy.
    Policy,
    /// A policy of one identity alone.
    Inline(Holder),
    /// A managed policy is attached to one identity.
    Attachment(Holder),
    /// All managed policies of one identity.
    Attachments(Holder),
    /// All identities of one managed policy.
    Holders,
    /// The groups of a user.
    GroupsOfUser,
    /// The users of a group.
    UsersOfGroup,
    /// A document that stands by itself.
    Document(Document),
    /// A policy of an organisation, whose type says which.
    Organisation,
    /// A statement in fields: of a function's or a layer's policy.
    Permission(Permission),
    /// An object of Kubernetes in blocks.
    Object(&'static str),
    /// A manifest of Kubernetes, under one of these attributes.
    Manifest(&'static [&'static str]),
    /// A document of which a policy may be made.
    Data,
    /// Only the names of something that a policy is for.
    Named,
    /// It holds access back as long as these attributes have this value.
    Guard(&'static [&'static str], &'static str),
    /// About access in a way that is not read.
    Undecided(&'static str),
    /// Its name looks like access, and it gives none.
    Nothing(&'static str),
}

/// Who has a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holder {
    Role,
    User,
    Group,
    PermissionSet,
}

impl Holder {
    /// How the holder is called, as `aws-iam` calls it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::User => "user",
            Self::Group => "group",
            Self::PermissionSet => "permission set",
        }
    }

    /// The attributes that may name the holder.
    pub(super) fn attributes(self) -> &'static [&'static str] {
        match self {
            Self::Role => &["role", "role_name"],
            Self::User => &["user", "user_name"],
            Self::Group => &["group", "group_name"],
            Self::PermissionSet => &["permission_set_arn"],
        }
    }
}

/// A document that an attribute holds.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) attribute: &'static str,
    pub(super) slot: Slot,
    /// The attributes that may name what it is the policy of.
    pub(super) of: &'static [&'static str],
    /// The type of what it is the policy of.
    pub(super) parent: &'static str,
    /// The provider fills the attribute in where the configuration does not, so that another resource may have made it.
    pub(super) is_computed: bool,
}

/// A statement whose fields are attributes.
#[derive(Debug)]
pub(super) struct Permission {
    /// The attribute that names what it is for.
    pub(super) of: &'static str,
    /// What that is, as ARNs call it.
    pub(super) kind: &'static str,
    /// The attribute that says which version of it.
    pub(super) version: &'static str,
    /// Attributes that narrow it, each with operator and key.
    pub(super) conditions: &'static [(&'static str, &'static str, &'static str)],
}

impl Kind {
    /// The attributes that matter; `None` for all.
    pub(super) fn keeps(&self) -> Option<Vec<&'static str>> {
        let own: &[&str] = match &self.means {
            Means::Identity(_) => &["name", "assume_role_policy", "inline_policy", "managed_policy_arns", "permissions_boundary"],
            Means::Policy => &["name", "policy", "attachment_count"],
            Means::Inline(holder) => return Some([holder.attributes(), &["policy"]].concat()),
            Means::Attachment(holder) => return Some([holder.attributes(), &["policy_arn", "managed_policy_arn"]].concat()),
            Means::Attachments(holder) => return Some([holder.attributes(), &["policy_arns"]].concat()),
            Means::Holders => &["roles", "users", "groups", "policy_arn"],
            Means::GroupsOfUser => &["user", "groups"],
            Means::UsersOfGroup => &["group", "users"],
            Means::Document(document) => {
                return Some([document.of, &[document.attribute, "arn", "id", "acl", "grant", gateway::BODY], self.watched()].concat());
            }
            Means::Organisation => &["name", "content", "type", "id"],
            Means::Permission(permission) => {
                let conditions: Vec<&str> = permission.conditions.iter().map(|(attribute, ..)| *attribute).collect();
                return Some([&[permission.of, permission.version, "action", "principal"][..], &conditions].concat());
            }
            Means::Object(_) => &["metadata", "rule", "aggregation_rule", "role_ref", "subject"],
            Means::Manifest(attributes) => return Some(attributes.to_vec()),
            Means::Named => return Some(vec!["arn", "id"]),
            Means::Guard(flags, _) => {
                let outer = flags.iter().map(|flag| flag.split_once('.').map_or(*flag, |(outer, _)| outer));
                return Some(outer.chain(guard::OF.iter().copied()).collect());
            }
            Means::Data | Means::Undecided(_) | Means::Nothing(_) => return None,
        };
        Some([own, &["arn", "id"]].concat())
    }
}

impl Kind {
    /// Attributes of it that let somebody in besides what its policy says, or hold back what that says.
    pub(super) fn watched(&self) -> &'static [&'static str] {
        match self.name {
            "aws_elasticsearch_domain" | "aws_opensearch_domain" => &["advanced_security_options", "cognito_options"],
            "aws_s3_access_point" => &["public_access_block_configuration"],
            _ => &[],
        }
    }

    /// Whether it matters that the attribute is known only after the apply. What a new guard is for mostly is.
    pub(super) fn looks_for(&self, attribute: &str) -> bool {
        !(matches!(self.means, Means::Guard(..)) && guard::OF.contains(&attribute))
    }
}

static BY_NAME: LazyLock<HashMap<&'static str, &'static Kind>> = LazyLock::new(|| all().map(|kind| (kind.name, kind)).collect());

/// Every type that is known.
fn all() -> impl Iterator<Item = &'static Kind> {
    listed::KINDS.iter().chain(listed_elsewhere::KINDS)
}

/// The type of that name, if it is in the table.
pub(super) fn of(name: &str, mode: &str) -> Option<&'static Kind> {
    let kind = BY_NAME.get(name).copied()?;
    (matches!(kind.means, Means::Data) == (mode == "data")).then_some(kind)
}

/// Every type and what it is read as, as a table in Markdown.
pub fn table() -> String {
    let mut rows: Vec<String> = all().filter(|kind| !matches!(kind.means, Means::Named)).map(row).collect();
    rows.sort();
    rows.dedup();
    format!("| type | read as |\n|---|---|\n{}\n", rows.join("\n"))
}

fn row(kind: &Kind) -> String {
    let read_as = match &kind.means {
        Means::Identity(holder) => format!("a {}, with what stands in it", holder.word()),
        Means::Policy => "a managed policy".to_owned(),
        Means::Inline(holder) => format!("a policy of a {}", holder.word()),
        Means::Attachment(holder) => format!("a managed policy that a {} has", holder.word()),
        Means::Attachments(holder) => format!("the managed policies that a {} has", holder.word()),
        Means::Holders => "who has a managed policy".to_owned(),
        Means::GroupsOfUser | Means::UsersOfGroup => "who is in a group".to_owned(),
        Means::Document(document) => document_row(kind, document),
        Means::Organisation => "`content`: a service or resource control policy; nothing for the other types".to_owned(),
        Means::Permission(_) => "one statement of a resource's policy".to_owned(),
        Means::Object(kind) => format!("a {kind}"),
        Means::Manifest(attributes) => format!("manifests of roles and bindings in `{}`", attributes.join("`, `")),
        Means::Data => "the document of which a policy is made that is known only after the apply".to_owned(),
        Means::Named => String::new(),
        Means::Guard(flags, value) => {
            let flags = flags.join("`, `");
            format!("**undecided** when it holds back less: it is for something else, or one of `{flags}` is `{value}` no longer")
        }
        Means::Undecided(why) => format!("**undecided** when it changes: {why}"),
        Means::Nothing(why) => format!("no access: {why}"),
    };
    format!("| `{}` | {read_as} |", kind.name)
}

fn document_row(kind: &Kind, document: &Document) -> String {
    let slot = match document.slot {
        Slot::Resource => "the policy of a resource",
        Slot::Identity => "a policy of its holder",
        Slot::Session => "the most that a session can have",
        _ => "the most that can be done through it",
    };
    let computed = if document.is_computed { ", where the configuration sets it" } else { "" };
    let watched = if kind.watched().is_empty() {
        String::new()
    } else {
        format!("; **undecided** when `{}` is not what it was", kind.watched().join("` or `"))
    };
    let body = if gateway::has_body(kind) { format!(", else the one in `{}`", gateway::BODY) } else { String::new() };
    format!("`{}`: {slot}{computed}{body}{watched}", document.attribute)
}
