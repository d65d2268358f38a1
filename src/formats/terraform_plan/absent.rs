//! Policies of resources that a plan deletes, where nobody is kept out without one.

use super::attached::{Name, is_meant};
use super::context::{Context, Which};
use super::gateway;
use super::kind::{Document, Means};
use super::plan::Resource;
use super::view::{Told, View};
use std::collections::BTreeSet;

/// What holds for a resource of that type that has no policy of its own:
/// <https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html>,
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html>,
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>,
/// <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html>.
pub(super) fn without_one(parent: &str) -> Option<&'static str> {
    match parent {
        "aws_efs_file_system" => Some("without a policy, whoever reaches a file system may write to it"),
        "aws_kms_key" => {
            Some("without a policy of its own, a key has the one of AWS, by which the policies of the account say who may use it")
        }
        "aws_api_gateway_rest_api" => Some("without a policy, whoever reaches an interface may call what asks for no authorization"),
        "aws_sns_topic" => Some("without a policy of its own, a topic has the one of AWS, by which its account may use it"),
        _ => None,
    }
}

/// Whatever loses its policy and stays, by the resource that held the policy, with what holds then.
pub(super) fn all<'p>(
    context: &Context<'p>,
    name: impl Fn(&Document, &Resource, View<'_>) -> Name,
) -> Vec<(Name, &'p Resource, &'static str)> {
    let documents = |which| {
        context.views(which).filter_map(|(resource, view)| match &resource.kind.means {
            Means::Document(document) if has_policy(context, document, resource, view) => Some((document, resource, view)),
            _ => None,
        })
    };
    let stay: BTreeSet<Name> = documents(Which::After).map(|(document, resource, view)| name(document, resource, view)).collect();
    let was = documents(Which::Before).filter_map(|(document, resource, view)| {
        let why = without_one(document.parent)?;
        let name = name(document, resource, view);
        (!stay.contains(&name) && !keeps_name(document, resource) && !goes(context, document, view)).then_some((name, resource, why))
    });
    was.collect()
}

fn has_policy(context: &Context<'_>, document: &Document, resource: &Resource, view: View<'_>) -> bool {
    if !document.is_computed || is_meant(context, resource, view, document.attribute) {
        return !matches!(view.get(document.attribute).told(), Told::Nothing);
    }
    resource.kind.has_body() && !matches!(gateway::read(&context.path, view), gateway::Body::Nothing)
}

/// Whether the policy is for something else afterwards, of which the name is not known: what it was for is mostly replaced then.
fn keeps_name(document: &Document, resource: &Resource) -> bool {
    resource.after().is_some_and(|after| document.of.iter().any(|attribute| after.get(attribute).has_unknown()))
}

/// Whether the plan deletes what the policy is for.
fn goes(context: &Context<'_>, document: &Document, view: View<'_>) -> bool {
    let named: Vec<&str> = document.of.iter().filter_map(|attribute| view.get(attribute).text()).collect();
    let is_it = |before: View<'_>| ["arn", "id"].iter().filter_map(|key| before.get(key).text()).any(|own| named.contains(&own));
    let gone = |resource: &&Resource| {
        resource.kind.name == document.parent
            && resource.after().is_none()
            && !resource.is_forgotten()
            && resource.before().is_some_and(is_it)
    };
    context.plan.resources.iter().any(|resource| gone(&resource))
}
