//! Who from outside may use what a policy gives to principals.
//!
//! Everybody is meant by `*` unless something fixed pins them: what AWS takes for that is listed in *The meaning of "public"*,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>, and in what Access Analyzer looks at,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-filter-keys.html>. A value is fixed that has no wildcard that
//! reaches across accounts, and no policy variable.

use crate::access::{Exhausted, Formula, Formulas};
use crate::systems::aws::blocks::Block;
use crate::systems::aws::subject::Subject;
use crate::systems::aws::{Atom, Notation, Principal, Resource, Slot};
use std::collections::BTreeSet;

/// Who is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::systems::aws) enum Exposed {
    /// Everybody.
    Public,
    /// Everybody in an organisation.
    Organisation,
    /// Everybody whom a condition with a fixed value lets through.
    Pinned,
    /// Another account, or somebody in it.
    CrossAccount,
    /// Everybody who has an identity from a provider that anybody can get one from.
    FederatedAnybody,
    /// Everybody who has an identity from a provider.
    Federated,
    /// A service, for whomever it works.
    Deputy,
}

/// Providers that give an identity to anybody who asks. GitHub's and GitLab's give one to every repository.
const OPEN_PROVIDERS: &[&str] = &[
    "accounts.google.com",
    "app.terraform.io",
    "cognito-identity.amazonaws.com",
    "gitlab.com",
    "graph.facebook.com",
    "token.actions.githubusercontent.com",
    "www.amazon.com",
];

/// Who is let in by a block. A Deny that shrinks lets nobody in by itself.
pub(in crate::systems::aws) fn exposed(
    subject: &Subject<'_>,
    block: &Block<'_>,
    formulas: &mut Formulas,
) -> Result<BTreeSet<Exposed>, Exhausted> {
    let mut exposed = BTreeSet::new();
    if !matches!(subject.slot, Slot::Resource | Slot::Trust) || block.through_other {
        return Ok(exposed);
    }
    let own = own_account(subject, &block.resources.patterns());
    let mut pinned = |is_pin: &dyn Fn(&Atom) -> bool| is_pinned(block.formula, subject, formulas, is_pin);
    for principal in block.principals.patterns.iter().filter_map(|all| all.iter().copied().min_by_key(|one| is_anybody(one))) {
        let [kind, account, who] = principal.globs() else { continue };
        match (kind.as_exact(), account.as_exact(), who.as_exact()) {
            _ if is_anybody(principal) => {
                exposed.insert(if pinned(&pins_organisation)? {
                    Exposed::Organisation
                } else if pinned(&|atom| pins_organisation(atom) || pins_somebody(atom))? {
                    Exposed::Pinned
                } else {
                    Exposed::Public
                });
            }
            (Some("aws"), Some(account), _) if own.as_deref().is_some_and(|own| own != account) && is_account(account) => {
                exposed.insert(Exposed::CrossAccount);
            }
            (Some("federated"), _, who) => {
                let host = who.map_or("", provider);
                if !host.contains(":saml-provider/") && !pinned(&|atom| pins_subject(atom, host))? {
                    let is_open = who.is_none() || OPEN_PROVIDERS.contains(&host);
                    exposed.insert(if is_open { Exposed::FederatedAnybody } else { Exposed::Federated });
                }
            }
            (Some("service"), ..) if subject.slot == Slot::Resource && !pinned(&|atom| pins_organisation(atom) || pins_source(atom))? => {
                exposed.insert(Exposed::Deputy);
            }
            _ => {}
        }
    }
    Ok(exposed)
}

/// `*`, or every AWS principal, which is everybody with an account and who has none.
fn is_anybody(principal: &Principal) -> bool {
    let [kind, account, who] = principal.globs() else { return false };
    (kind.is_any() || kind.as_exact() == Some("aws")) && account.is_any() && who.is_any()
}

/// Whether the formula needs one of the pins.
pub(in crate::systems::aws) fn is_pinned(
    formula: Formula,
    subject: &Subject<'_>,
    formulas: &mut Formulas,
    is_pin: &dyn Fn(&Atom) -> bool,
) -> Result<bool, Exhausted> {
    let mut left = subject.possible(formula, formulas)?;
    for variable in formulas.support(formula)? {
        if subject.variables.atom(variable).is_some_and(is_pin) {
            left = formulas.given(left, (variable, false))?;
        }
    }
    Ok(left.is_false())
}

/// The account whose resource it is: of the realm, the holder, or the resources that are named.
fn own_account(subject: &Subject<'_>, resources: &[&Resource]) -> Option<String> {
    let of_holder = || subject.holder.split(':').nth(4).filter(|account| is_account(account)).map(str::to_owned);
    let of_resources = || {
        let accounts: BTreeSet<Option<&str>> = resources.iter().map(|one| one.globs().get(4)?.as_exact()).collect();
        let account = accounts.first().copied().flatten().filter(|account| accounts.len() == 1 && is_account(account));
        account.map(str::to_owned)
    };
    let of_realm = is_account(&subject.realm).then(|| subject.realm.to_string());
    of_holder().or(of_realm).or_else(of_resources)
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What an atom asks of a key that has a value: operator, key in lower case, value.
fn asks(atom: &Atom) -> Option<(&str, &str, &str)> {
    match atom {
        Atom::Is(operator, key, value) | Atom::Any(operator, key, value) if !value.contains("${") => Some((operator, key, value)),
        _ => None,
    }
}

fn is_text(operator: &str) -> bool {
    matches!(operator, "StringEquals" | "StringEqualsIgnoreCase" | "StringLike" | "ArnLike")
}

fn is_exact(value: &str) -> bool {
    !value.is_empty() && !value.contains(['*', '?'])
}

fn pins_organisation(atom: &Atom) -> bool {
    asks(atom).is_some_and(|(operator, key, value)| match key {
        "aws:principalorgid" | "aws:sourceorgid" | "aws:vpceorgid" => is_text(operator) && is_exact(value),
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => {
            is_text(operator) && value.split_once('/').is_some_and(|(organisation, _)| is_exact(organisation))
        }
        _ => false,
    })
}

fn pins_somebody(atom: &Atom) -> bool {
    pins_source(atom)
        || asks(atom).is_some_and(|(operator, key, value)| match key {
            "aws:principalaccount"
            | "aws:userid"
            | "aws:sourcevpc"
            | "aws:sourcevpce"
            | "aws:vpceaccount"
            | "kms:calleraccount"
            | "s3:dataaccesspointaccount"
            | "s3:x-amz-server-side-encryption-aws-kms-key-id" => is_text(operator) && is_exact(value),
            "aws:principalarn" | "s3:dataaccesspointarn" => is_text(operator) && names_account(value),
            "aws:sourceip" | "aws:vpcsourceip" => operator == "IpAddress" && is_narrow(value),
            "elasticfilesystem:accessedviamounttarget" => operator == "Bool" && value.eq_ignore_ascii_case("true"),
            _ => false,
        })
}

/// What a service works for, so that it is nobody's deputy by mistake.
fn pins_source(atom: &Atom) -> bool {
    asks(atom).is_some_and(|(operator, key, value)| match key {
        "aws:sourceaccount" | "aws:sourceowner" => is_text(operator) && is_exact(value),
        "aws:sourcearn" => is_text(operator) && names_account(value),
        _ => false,
    })
}

/// An ARN of one resource, or of some in one account. A wildcard before the account could reach across it.
fn names_account(value: &str) -> bool {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let [before @ .., account, _] = parts.as_slice() else { return false };
    is_exact(value) || (before.len() == 4 && is_account(account) && !before.iter().any(|part| part.contains(['*', '?'])))
}

/// Not broader than what S3 still takes for a network of somebody.
fn is_narrow(value: &str) -> bool {
    let Some((address, bits)) = value.split_once('/') else { return !value.is_empty() };
    bits.parse::<u8>().is_ok_and(|bits| bits >= if address.contains(':') { 32 } else { 8 })
}

/// What stands before the claims of a provider in condition keys.
fn provider(who: &str) -> &str {
    who.split_once(":oidc-provider/").map_or(who, |(_, host)| host)
}

/// A claim that says who somebody is, or for which application: not the audience that everybody asks for.
fn pins_subject(atom: &Atom, host: &str) -> bool {
    let Some((operator, key, value)) = asks(atom) else { return false };
    let Some(claim) = key.strip_prefix(&host.to_ascii_lowercase()).and_then(|rest| rest.strip_prefix(':')) else { return false };
    is_text(operator)
        && match claim {
            "aud" | "oaud" | "azp" | "app_id" => is_exact(value) && value != "sts.amazonaws.com",
            "sub" => names_subject(value),
            "amr" | "iss" | "actor" | "ref" | "runner_environment" => false,
            _ => is_exact(value),
        }
}

/// A subject, or a pattern that at least names an owner: `repo:octo/*`, and not `repo:*`.
fn names_subject(value: &str) -> bool {
    const KINDS: &[&str] = &["repo:", "project_path:", "organization:", "org/", "system:serviceaccount:"];
    let lead = value.split(['*', '?']).next().unwrap_or_default();
    let named = KINDS.iter().find_map(|kind| lead.strip_prefix(kind)).unwrap_or(lead);
    is_exact(value) || named.find(['/', ':']).is_some_and(|end| end > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn atom(operator: &str, key: &str, value: &str) -> Atom {
        Atom::Is(operator.into(), key.into(), value.into())
    }

    #[test]
    fn a_value_is_fixed_that_reaches_into_one_account() {
        let pins = |operator, key, value| pins_somebody(&atom(operator, key, value));
        assert!(pins("StringEquals", "aws:sourcevpc", "vpc-91237329") && !pins("StringLike", "aws:sourcevpc", "vpc-*"));
        assert!(pins("ArnLike", "aws:principalarn", "arn:aws:iam::111122223333:role/*"));
        assert!(!pins("ArnLike", "aws:principalarn", "arn:aws:iam::*:role/deploy"));
        assert!(!pins("StringLike", "aws:principalarn", "arn:aws:*:111122223333:role/*:x"));
        assert!(pins("ArnLike", "aws:sourcearn", "arn:aws:s3:::bucket") && !pins("ArnLike", "aws:sourcearn", "arn:aws:s3:::*"));
        assert!(!pins("StringEquals", "aws:principalaccount", "${aws:ResourceAccount}"));
        assert!(!pins("Bool", "aws:securetransport", "true") && !pins("StringEquals", "aws:principaltag/team", "x"));
    }

    #[test]
    fn a_network_is_somebodys_if_it_is_not_too_broad() {
        let pins = |value| pins_somebody(&atom("IpAddress", "aws:sourceip", value));
        assert!(pins("203.0.113.0/24") && pins("10.0.0.0/8") && pins("203.0.113.7") && pins("2001:db8::/32"));
        assert!(!pins("0.0.0.0/0") && !pins("128.0.0.0/1") && !pins("::/0"));
    }

    #[test]
    fn an_organisation_is_named_by_its_id_or_by_a_path_in_it() {
        assert!(pins_organisation(&atom("StringEquals", "aws:principalorgid", "o-a1b2c3d4e5")));
        assert!(pins_organisation(&atom("StringLike", "aws:principalorgpaths", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*")));
        assert!(!pins_organisation(&atom("StringLike", "aws:principalorgid", "o-*")));
    }

    #[test]
    fn a_subject_names_at_least_an_owner() {
        let github = "token.actions.githubusercontent.com";
        let pins = |claim: &str, value| pins_subject(&atom("StringLike", &format!("{github}:{claim}"), value), github);
        assert!(pins("sub", "repo:octo/app:ref:refs/heads/main") && pins("sub", "repo:octo/*") && pins("repository_owner", "octo"));
        assert!(!pins("sub", "repo:*") && !pins("sub", "*") && !pins("sub", "repo:octo*") && !pins("aud", "sts.amazonaws.com"));
        assert!(!pins_subject(&atom("StringLike", "oidc.eks.example/id/1:sub", "system:serviceaccount:*"), "oidc.eks.example/id/1"));
        assert!(pins_subject(&atom("StringLike", "oidc.eks.example/id/1:sub", "system:serviceaccount:web:*"), "oidc.eks.example/id/1"));
    }
}
