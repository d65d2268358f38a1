//! What Countersign says about a pair, and whether it says it about a request.

use super::pair::{Document, Pair};
use super::request::Request;
use super::text::{action_matches, resource_matches};
use countersign::change::{Effort, Entry, compare};
use countersign::document::{Bounds, Syntax, parse};
use countersign::formats::{Setting, aws_iam};
use countersign::systems::aws::{Aws, Rules, Slot};
use countersign::systems::{Kind, Region};

/// The comparison of a pair.
pub struct Said {
    pub entries: Vec<Entry>,
    /// Something could not be read, on either side.
    pub is_opaque: bool,
}

/// Reads both sides and compares them.
pub fn said(pair: &Pair) -> Said {
    let [base, head] = pair.sides().map(|side| rules(side));
    let is_opaque = [&base, &head].iter().any(|side| !side.opaque.is_empty());
    Said { entries: compare::<Aws>(&base, &head, &[], Effort::default()), is_opaque }
}

fn rules(documents: &[Document]) -> Rules {
    let mut rules = Rules::default();
    for document in documents {
        let setting =
            Setting { realm: Some("r".into()), holder: Some("h".into()), slot: Some(document.slot), forced: true, ..Setting::default() };
        let file = parse("policy.json", document.policy.to_string().as_bytes(), Syntax::Json, &Bounds::default()).unwrap();
        rules.join((aws_iam::FORMAT.read)(&file, &setting).access.aws);
    }
    rules
}

impl Said {
    /// Whether something was said of the kind, or that it cannot be told, whose patterns mean the request.
    pub fn covers(&self, kind: Kind, slot: Slot, request: &Request, is_certain: bool) -> bool {
        self.entries.iter().any(|entry| {
            let is_undecided = entry.kind == Kind::Undecided;
            let fits = entry.kind == kind && (!is_certain || entry.region.provided.is_none());
            (is_undecided || fits) && means(&entry.region, slot, request)
        })
    }
}

/// Whether the region's patterns mean the request, its condition aside.
pub fn means(region: &Region, slot: Slot, request: &Request) -> bool {
    let action = |text: &str| action_matches(text, &request.action);
    let resource = |text: &str| slot == Slot::Trust || resource_matches(text, &request.resource, &request.context);
    let principal = |text: &str| !matches!(slot, Slot::Resource | Slot::Trust) || principal_matches(text, &request.principal);
    within(&region.actions, &region.except_actions, action)
        && within(&region.resources, &region.except_resources, resource)
        && within(&region.principals, &region.except_principals, principal)
}

/// One of the patterns, all of its parts, and none of the exceptions.
fn within(patterns: &[String], except: &[String], matches: impl Fn(&str) -> bool) -> bool {
    let all = |text: &String| text.split(" & ").all(&matches);
    patterns.iter().any(all) && !except.iter().any(all)
}

/// Everybody, an account, or one principal.
fn principal_matches(pattern: &str, principal: &str) -> bool {
    let account = |arn: &str| arn.split(':').nth(4).map(str::to_owned);
    let bare = ["Service:", "Federated:", "CanonicalUser:"].iter().find_map(|kind| pattern.strip_prefix(kind)).unwrap_or(pattern);
    let is_account = pattern.len() == 12 && pattern.bytes().all(|byte| byte.is_ascii_digit());
    let of_account = match pattern.strip_suffix(":root") {
        Some(arn) => account(arn),
        None => is_account.then(|| pattern.to_owned()),
    };
    match of_account {
        Some(number) => account(principal) == Some(number),
        None => pattern == "*" || bare == "*" || bare == principal || (pattern == "AWS:*" && principal.starts_with("arn:")),
    }
}
