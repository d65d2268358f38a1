//! Where the judge and we are known to differ, because it is wrong, knows more than a policy says, or reads otherwise what the guide
//! leaves open: each class with its reason, matched as narrowly as it can be told, counted, and bounded.

use super::condition::{Family, family, parts};
use super::pair::{Pair, clauses, texts};
use super::request::Request;
use super::text::{action_matches, resource_matches, split};
use countersign::systems::aws::Slot;
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
    slot: Slot,
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
        name: "a wildcard or a policy variable in the type of a resource",
        why: "the judge takes a wildcard, and a variable with its colon, before the first `/` or `:` of an ARN's last part for a letter, because reference-arns calls one there \
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
        name: "a value that is not what its operator compares, negated",
        why: "the judge lets every operator for ARNs, numbers, dates and addresses fail for what is none, negated or not; the guide says nothing of \
              such values, and nobody sends one (reference_policies_elements_condition_operators)",
        most: 20,
        applies: |statement, request| {
            clauses(statement.element).iter().any(|(operator, key, _)| {
                let asked = request.context.get(&key.to_ascii_lowercase()).map(texts).unwrap_or_default();
                is_negated(operator) && asked.into_iter().any(|value| !is_of(family(operator), value))
            })
        },
    },
    Class {
        name: "`\"AWS\": \"*\"`, and a service or a federated identity",
        why: "the judge takes it for everybody; the guide calls it equal to `\"*\"` where it speaks of anonymous users, and lists services and \
              federated identities under other keys (reference_policies_elements_principal). We count services to neither an Allow nor a Deny",
        most: 20,
        applies: |statement, request| {
            let everybody = |element: &str| texts(&statement.element[element]["AWS"]).contains(&"*");
            let is_federated = [":oidc-provider/", ":saml-provider/"].iter().any(|kind| request.principal.contains(kind));
            (is_federated || !request.principal.starts_with("arn:")) && (everybody("Principal") || everybody("NotPrincipal"))
        },
    },
    Class {
        name: "an account in `NotPrincipal`",
        why: "the judge takes it for everybody in the account; the guide asks that the account is named beside the user who is not denied, \
              which would deny nobody of it then (reference_policies_elements_notprincipal). We count it as the root user alone",
        most: 20,
        applies: |statement, _| {
            let is_account = |text: &&str| text.ends_with(":root") || text.bytes().all(|byte| byte.is_ascii_digit());
            texts(&statement.element["NotPrincipal"]["AWS"]).iter().any(is_account)
        },
    },
    Class {
        name: "a policy variable whose value is empty",
        why: "the judge takes an empty value for none, and lets the statement not apply. A tag may have an empty value, and the guide says only \
              what becomes of a variable that is not in the request (reference_policies_variables)",
        most: 20,
        applies: |statement, request| {
            let is_empty =
                |key: &str| request.context.get(&key.trim().to_ascii_lowercase()).is_some_and(|value| value.as_str() == Some(""));
            let text = statement.element.to_string();
            statement.variables && text.split("${").skip(1).filter_map(|rest| rest.split_once('}')).any(|(name, _)| is_empty(name))
        },
    },
    Class {
        name: "a key that is sent without a value, under `Null`",
        why: "the judge takes it for a key that is there; the guide: `false` means that the key exists and its value is not null, and no value \
              is what `ForAllValues` calls a null data set (reference_policies_elements_condition_operators, *Null*)",
        most: 20,
        applies: |statement, request| {
            let is_empty =
                |key: &str| request.context.get(&key.to_ascii_lowercase()).is_some_and(|sent| sent.as_array().is_some_and(Vec::is_empty));
            clauses(statement.element).iter().any(|(operator, key, _)| operator == "Null" && is_empty(key))
        },
    },
    Class {
        name: "a network of all addresses",
        why: "the judge shifts by 32 bits, which does nothing in JavaScript, and reads `/0` as `/32`. RFC 4632: no bit of the prefix counts",
        most: 20,
        applies: |statement, _| {
            clauses(statement.element)
                .iter()
                .any(|(operator, _, values)| family(operator) == Family::Address && values.iter().any(|value| value.ends_with("/0")))
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
        name: "an ARN of too few parts",
        why: "the judge fills such an ARN up, but lets the statement not apply where it is in `NotResource` and does not match, which it \
              calls conservative, and in a resource control policy. We fill it up everywhere (reference_policies_elements_resource)",
        most: 20,
        applies: |statement, request| {
            let is_short = |pattern: &&str| *pattern != "*" && split(pattern).len() < 6;
            let others = texts(&statement.element["NotResource"]);
            others.into_iter().any(|pattern| is_short(&pattern) && !resource_matches(pattern, &request.resource, &request.context))
                || (statement.slot == Slot::ResourceControl && statement.resources().iter().any(is_short))
        },
    },
];

/// The class that explains why the judge says something else about the request.
pub fn class(pair: &Pair, request: &Request) -> Option<&'static Class> {
    CLASSES.iter().find(|class| {
        pair.statements().any(|(element, variables)| {
            let statement = Statement { element, slot: pair.slot, variables };
            statement.is_about(&request.action) && (class.applies)(&statement, request)
        })
    })
}

fn is_negated(operator: &str) -> bool {
    parts(operator).1.contains("Not")
}

/// Whether the value is one that operators of the family compare.
fn is_of(family: Family, value: &str) -> bool {
    match family {
        Family::Arn => value.splitn(6, ':').count() == 6,
        Family::Number => value.parse::<f64>().is_ok(),
        Family::Address => value.parse::<std::net::IpAddr>().is_ok(),
        Family::Date => value.contains('-') || value.parse::<f64>().is_ok(),
        Family::Text | Family::Bool | Family::Null => true,
    }
}

/// Whether the pattern matches, and the beginning of its last part is not that of the resource, letter by letter.
fn is_type_wildcard(pattern: &str, request: &Request) -> bool {
    let parts = split(pattern);
    let Some(last) = parts.get(5) else { return false };
    let kind = last.find(['/', ':']).map_or("", |end| &last[..=end]);
    (kind.contains(['*', '?']) || kind.contains("${"))
        && resource_matches(pattern, &request.resource, &request.context)
        && !request.resource.splitn(6, ':').last().is_some_and(|resource| resource.starts_with(kind))
}
