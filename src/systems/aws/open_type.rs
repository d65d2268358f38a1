//! ARNs in which a wildcard, or a policy variable, stands where the reference of ARNs wants the type of a resource:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.

use super::knowledge;
use super::pattern::{Notation, Resource};
use crate::access::{Glob, may_meet};

/// Whether a wildcard of the ARN may stand for one of the types of resources that its service has. A `*` that is all of the last part is
/// everything.
pub fn leaves_type_open(text: &str) -> bool {
    let Some(resource) = Resource::parse(text, true).ok().filter(|resource| has_open_type(text, resource)) else { return false };
    let service = resource.globs().get(2).and_then(Glob::as_exact).and_then(knowledge::service);
    service.is_some_and(|service| service.resources().any(|arn| may_be_of_type(&resource, arn)))
}

fn has_open_type(text: &str, resource: &Resource) -> bool {
    let last = text.splitn(6, ':').nth(5).unwrap_or_default();
    let kind = last.split_inclusive(['/', ':']).next().unwrap_or_default();
    kind.contains(['*', '?', '$']) && !resource.globs().last().is_some_and(Glob::is_any)
}

/// Of an ARN of the reference, without its partition: whether its type is spelt out, and a resource of it may be meant.
fn may_be_of_type(resource: &Resource, arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(4, ':').collect();
    let ([_, _, _, region, account, own], [_, its_region, its_account, last]) = (resource.globs(), parts.as_slice()) else { return false };
    let is_left_out = |own: &Glob, its: &str| own.as_exact() == Some("") && !its.is_empty();
    let lead = last.split("${").next().unwrap_or_default();
    lead.ends_with(['/', ':'])
        && !is_left_out(region, its_region)
        && !is_left_out(account, its_account)
        && may_meet(std::slice::from_ref(own), &[Glob::parse(&format!("{lead}*"))])
}

#[cfg(test)]
mod tests {
    use super::leaves_type_open;

    #[test]
    fn a_wildcard_before_the_name_of_a_resource_leaves_its_type_open() {
        for text in [
            "arn:aws:iam::*:*/admin",
            "arn:aws:iam::111122223333:u*",
            "arn:aws:iam::*:${aws:PrincipalTag/kind}/x",
            "arn:aws:lambda:*:*:func*:web",
        ] {
            assert!(leaves_type_open(text), "{text}");
        }
    }

    #[test]
    fn a_type_that_is_named_or_everything_or_a_service_without_types_leaves_none_open() {
        let texts =
            ["*", "arn:aws:iam::*:*", "arn:aws:iam::*:user/*", "arn:aws:lambda:*:*:function:*", "arn:aws:s3:::*/x", "arn:aws:sqs:*:*:w?b"];
        for text in texts {
            assert!(!leaves_type_open(text), "{text}");
        }
    }
}
