//! Where the judge and we are known to differ, because it is wrong, knows more than a policy says, or reads otherwise what the guide
//! leaves open: each class with its reason, matched as narrowly as it can be told, counted, and bounded.

use super::pair::{Pair, clauses, texts};
use super::request::Request;
use super::text::{action_matches, resource_matches, split};
use serde_json::Value;

/// A class of disagreements.
pub struct Class {
    pub name: &'static str,
    /// What the documentation says, and where.
    pub why: &'static str,
    /// At most so many of a thousand pairs may fall into it.
    pub most: usize,
    /// Whether a statement, about whose action the request is, is read so for it.
    applies: fn(&Statement<'_>, &Request) -> bool,
}

struct Statement<'s> {
    element: &'s Value,
    /// Whether its policy is of the version that has policy variables.
    variables: bool,
}

impl Statement<'_> {
    fn resources(&self) -> Vec<&str> {
        ["Resource", "NotResource"].into_iter().flat_map(|key| texts(&self.element[key])).collect()
    }

    fn is_about(&self, action: &str) -> bool {
        let names = |key: &str| texts(&self.element[key]).into_iter().any(|pattern| action_matches(pattern, action));
        if self.element.get("NotAction").is_some() { !names("NotAction") } else { names("Action") }
    }
}

pub const CLASSES: &[Class] = &[
    Class {
        name: "a wildcard in the type of a resource",
        why: "the judge takes a wildcard before the first `/` or `:` of an ARN's last part for a letter, because reference-arns calls one there \
              incorrect. The guide lets wildcards stand within the individual segments (reference_policies_elements_resource)",
        most: 40,
        applies: |statement, request| statement.resources().into_iter().any(|pattern| is_type_wildcard(pattern, request)),
    },
    Class {
        name: "a variable in a policy of the old version",
        why: "the judge fills in variables in every version; the guide: only with `\"Version\": \"2012-10-17\"`, otherwise they are text \
              (reference_policies_variables)",
        most: 20,
        applies: |statement, _| !statement.variables && statement.element.to_string().contains("${"),
    },
    Class {
        name: "an address without its mask, and an address of the other kind",
        why: "the judge lets `NotIpAddress` of one bare IPv4 address fail for an IPv6 address, and the reverse; with `/32` it holds. The \
              guide: an address without a mask stands for `/32` (reference_policies_elements_condition_operators)",
        most: 20,
        applies: |statement, request| {
            clauses(statement.element).iter().any(|(operator, key, values)| {
                let asked: Vec<&str> = request.context.get(&key.to_ascii_lowercase()).map(texts).unwrap_or_default();
                let is_other =
                    |value: &String| !value.contains('/') && asked.iter().any(|asked| asked.contains(':') != value.contains(':'));
                operator.contains("NotIpAddress") && values.iter().any(is_other)
            })
        },
    },
    Class {
        name: "`ForAnyValue:…IfExists` without the key",
        why: "the judge, whose authors say that AWS does so, takes no notice of `IfExists` behind `ForAnyValue`. The guide: if the key is \
              not present, evaluate the condition element as true; it excepts no operator but `Null` \
              (reference_policies_elements_condition_operators, *…IfExists*)",
        most: 20,
        applies: |statement, request| {
            clauses(statement.element).iter().any(|(operator, key, _)| {
                operator.starts_with("ForAnyValue:")
                    && operator.ends_with("IfExists")
                    && !request.context.contains_key(&key.to_ascii_lowercase())
            })
        },
    },
    Class {
        name: "a value that is no ARN, asked by `ArnNot…`",
        why: "the judge lets an ARN operator fail for what is no ARN, negated or not; the guide says nothing of such values, and no key \
              that is an ARN has one (reference_policies_elements_condition_operators, *ARN condition operators*)",
        most: 20,
        applies: |statement, request| {
            clauses(statement.element).iter().any(|(operator, key, _)| {
                let is_no_arn = |value: &&str| value.splitn(6, ':').count() < 6;
                let asked = request.context.get(&key.to_ascii_lowercase());
                operator.contains("ArnNot") && asked.is_some_and(|value| texts(value).iter().any(is_no_arn))
            })
        },
    },
    Class {
        name: "`sts:GetCallerIdentity`",
        why: "the judge knows that it needs no permission, which no policy says (API_GetCallerIdentity)",
        most: 20,
        applies: |_, request| request.action.eq_ignore_ascii_case("sts:GetCallerIdentity"),
    },
    Class {
        name: "what AWS manages",
        why: "the judge knows that nobody changes AWS's own policies, roles and key aliases, which no policy says \
              (access_policies_managed-vs-inline)",
        most: 20,
        applies: |_, request| {
            let of_aws = [":iam::aws:policy/", ":role/aws-reserved/", ":alias/aws/"];
            of_aws.iter().any(|part| request.resource.to_ascii_lowercase().contains(part))
        },
    },
    Class {
        name: "`NotResource` with an ARN of too few parts",
        why: "the judge fills such an ARN up and, where it does not match, lets the statement not apply, which it calls conservative. We \
              fill it up as well, and read `NotResource` as everything else (reference_policies_elements_notresource)",
        most: 20,
        applies: |statement, request| {
            let is_short = |pattern: &&str| *pattern != "*" && split(pattern).len() < 6;
            let others = texts(&statement.element["NotResource"]);
            others.into_iter().any(|pattern| is_short(&pattern) && !resource_matches(pattern, &request.resource, &request.context))
        },
    },
    Class {
        name: "`NotResource` with a variable that the request has no value for",
        why: "the judge lets the statement not apply; we take the pattern for one that matches nothing. The guide: a variable that cannot be \
              resolved *might cause the entire statement to be invalid* (reference_policies_variables), so we may take a Deny for more \
              than it is",
        most: 20,
        applies: |statement, request| {
            let has_no_value = |pattern: &str| keys_of_variables(pattern).any(|key| !request.context.contains_key(&key));
            texts(&statement.element["NotResource"]).into_iter().any(has_no_value)
        },
    },
];

/// The keys of the policy variables in a text that have no default.
fn keys_of_variables(text: &str) -> impl Iterator<Item = String> {
    let names = text.split("${").skip(1).filter_map(|piece| piece.split_once('}'));
    names.map(|(name, _)| name.trim().to_ascii_lowercase()).filter(|name| name.len() > 1 && !name.contains(','))
}

/// The class that explains why the judge says something else about the request.
pub fn class(pair: &Pair, request: &Request) -> Option<&'static Class> {
    CLASSES.iter().find(|class| {
        pair.statements().any(|(element, variables)| {
            let statement = Statement { element, variables };
            statement.is_about(&request.action) && (class.applies)(&statement, request)
        })
    })
}

/// Whether the pattern matches, and the beginning of its last part is not that of the resource, letter by letter.
fn is_type_wildcard(pattern: &str, request: &Request) -> bool {
    let parts = split(pattern);
    let Some(last) = parts.get(5) else { return false };
    let kind = last.find(['/', ':']).map_or("", |end| &last[..=end]);
    kind.contains(['*', '?'])
        && resource_matches(pattern, &request.resource, &request.context)
        && !request.resource.splitn(6, ':').last().is_some_and(|resource| resource.starts_with(kind))
}
