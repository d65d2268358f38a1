//! Resources whose type is left open, such as `arn:aws:iam::*:*/admin`. AWS's guide lets wildcards stand within each part of an ARN
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html>), and its reference of ARNs calls one in
//! the type incorrect (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>). It is taken for a wildcard here, which
//! gives least where it grants; where it withholds, the reader is told.

use super::statement::items;
use crate::diagnostic::Diagnostic;
use crate::document::{File, Node};
use crate::systems::aws::{Effect, Statement, leaves_type_open};

/// A remark for each such resource that a Deny is about, or that an Allow is not.
pub(super) fn remarks<'a>(node: &'a Node, statement: &Statement, file: &'a File) -> impl Iterator<Item = Diagnostic> + 'a {
    let withholds = match (statement.effect, statement.resources.negated) {
        (Effect::Deny, false) => Some(("Resource", "the Deny")),
        (Effect::Allow, true) => Some(("NotResource", "the exception")),
        _ => None,
    };
    let listed = withholds.and_then(|(key, what)| Some((items(node.get(key)?), what)));
    listed.into_iter().flat_map(|(list, what)| list.iter().map(move |item| (item, what))).filter_map(|(item, what)| {
        let text = item.text().filter(|text| leaves_type_open(text))?;
        let message = format!("`{text}` leaves the type of the resource open: {what} is taken to be about any, which not everybody does");
        Some(Diagnostic::warning("open-resource-type", file.place(item.span), message).help("name each type in an ARN of its own"))
    })
}
