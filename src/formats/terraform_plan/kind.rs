//! What a type of resources is to us.

use crate::systems::aws::Slot;

/// The attribute that describes an interface, and its policy with it.
pub(super) const BODY: &str = "body";

/// Where something is, since version 6 of the provider.
pub(super) const REGION: &str = "region";

/// What a guard is for, in the attribute that says so.
pub(super) const GUARDED: &[&str] = &["bucket", "account_id"];

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
    /// The names of all policies of one identity alone.
    InlineNames(Holder),
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
            Means::Identity(_) => {
                &["name", "assume_role_policy", "inline_policy", "managed_policy_arns", "permissions_boundary", "tags", "tags_all"]
            }
            Means::Policy => &["name", "policy", "attachment_count"],
            Means::Inline(holder) => return Some([holder.attributes(), &["policy", "name"]].concat()),
            Means::InlineNames(holder) => return Some([holder.attributes(), &["policy_names"]].concat()),
            Means::Attachment(holder) => return Some([holder.attributes(), &["policy_arn", "managed_policy_arn"]].concat()),
            Means::Attachments(holder) => return Some([holder.attributes(), &["policy_arns"]].concat()),
            Means::Holders => &["roles", "users", "groups", "policy_arn"],
            Means::GroupsOfUser => &["user", "groups"],
            Means::UsersOfGroup => &["group", "users"],
            Means::Document(document) => {
                return Some([document.of, &[document.attribute, "arn", "id", REGION, "acl", "grant", BODY], self.watched()].concat());
            }
            Means::Organisation => &["name", "content", "type", "id"],
            Means::Permission(permission) => {
                let conditions: Vec<&str> = permission.conditions.iter().map(|(attribute, ..)| *attribute).collect();
                return Some([&[permission.of, permission.version, "action", "principal", REGION][..], &conditions].concat());
            }
            Means::Object(_) => &["metadata", "rule", "aggregation_rule", "role_ref", "subject"],
            Means::Manifest(attributes) => return Some(attributes.to_vec()),
            Means::Named => return Some(vec!["arn", "id"]),
            Means::Guard(flags, _) => {
                let outer = flags.iter().map(|flag| flag.split_once('.').map_or(*flag, |(outer, _)| outer));
                return Some(outer.chain(GUARDED.iter().copied()).collect());
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

    /// Whether the text that describes it may have its policy.
    pub(super) fn has_body(&self) -> bool {
        self.name == "aws_api_gateway_rest_api"
    }

    /// Whether it matters that the attribute is known only after the apply. What a new guard is for mostly is.
    pub(super) fn looks_for(&self, attribute: &str) -> bool {
        !(matches!(self.means, Means::Guard(..)) && GUARDED.contains(&attribute))
    }
}

pub(super) const fn document(
    attribute: &'static str,
    slot: Slot,
    of: &'static [&'static str],
    parent: &'static str,
    is_computed: bool,
) -> Means {
    Means::Document(Document { attribute, slot, of, parent, is_computed })
}

pub(super) const fn kind(name: &'static str, means: Means) -> Kind {
    Kind { name, means }
}
