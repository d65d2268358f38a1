//! The types of resources that are about access, and what each of them means. The attributes are those of the providers' documentation:
//! <https://registry.terraform.io/providers/hashicorp/aws/latest/docs>,
//! <https://registry.terraform.io/providers/hashicorp/kubernetes/latest/docs>.

use super::kind::{BODY, Document, Kind, Means};
use super::{listed, listed_elsewhere};
use crate::systems::aws::Slot;
use std::collections::HashMap;
use std::sync::LazyLock;

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
        Means::InlineNames(holder) => format!("which policies a {} keeps", holder.word()),
        Means::Holders => "who has a managed policy".to_owned(),
        Means::GroupsOfUser | Means::UsersOfGroup => "who is in a group".to_owned(),
        Means::Document(document) => document_row(kind, document),
        Means::Organisation => {
            "`content`: a service or resource control policy; nothing for those of tags, backups and AI services; **undecided** for others"
                .to_owned()
        }
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
    let body = if kind.has_body() { format!(", else the one in `{BODY}`") } else { String::new() };
    format!("`{}`: {slot}{computed}{body}{watched}", document.attribute)
}
