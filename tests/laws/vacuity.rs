//! What is left out because no request can be about it, beside every request that the reference's ARNs make possible.

use crate::aws::{means, rules_of, words};
use countersign::change::{Compared, Effort, differences};
use countersign::systems::aws::{
    Action, Atom, Aws, Condition, Effect, Patterns, Principal, Request, Resource, Rules, Slot, Statement, knowledge,
};
use countersign::systems::{Kind, System};
use proptest::prelude::*;

const ACTIONS: &[&str] = &[
    "*",
    "ec2:*",
    "ec2:Terminate*",
    "ec2:TerminateInstances",
    "ec2:DeleteLaunchTemplate",
    "ec2:RunInstances",
    "ec2:Frobnicate",
    "frob:Nicate",
    "iam:PassRole",
    "kms:Decrypt",
    "s3:GetObject",
    "s3:ListBucket",
    "ssmmessages:OpenDataChannel",
];

const RESOURCES: &[&str] = &[
    "*",
    "arn:aws:*:*:*:*",
    "arn:aws:*:*:*:*n*",
    "arn:*:ec2:*:*:instance/*",
    "arn:aws:ec2:*:*:*",
    "arn:aws:ec2:*:*:i*",
    "arn:aws:ec2:*:*:instance/i",
    "arn:aws:ec2:*:*:launch-template/*",
    "arn:aws:iam::1:role/*",
    "arn:aws:iam::1:user/*",
    "arn:aws:kms:*:1:key/?",
    "arn:aws:s3:::*",
    "arn:aws:s3:::i/*",
];

const WORLD: &[&str] = &[
    "*:::::",
    "arn:aws-cn:ec2:r:1:instance/i",
    "arn:aws:ec2:r:1:instance/i",
    "arn:aws:ec2:r:1:instance/n",
    "arn:aws:ec2:r:1:launch-template/i",
    "arn:aws:ec2:r::image/i",
    "arn:aws:ec2:r:1:subnet/i",
    "arn:aws:iam::1:role/i",
    "arn:aws:iam::1:user/i",
    "arn:aws:kms:r:1:key/i",
    "arn:aws:s3:::i",
    "arn:aws:s3:::i/n",
    "arn:aws:ssm:r:1:session/i",
];

fn side() -> impl Strategy<Value = Rules> {
    let list = |texts: &'static [&'static str]| prop::collection::vec(prop::sample::select(texts), 1..4);
    let statement = (prop::bool::weighted(0.3), list(ACTIONS), list(RESOURCES)).prop_map(|(deny, actions, resources)| Statement {
        effect: if deny { Effect::Deny } else { Effect::Allow },
        principals: Patterns::<Principal>::any(),
        actions: Patterns::new(false, actions.into_iter().map(|text| Action::parse(text).unwrap()).collect()),
        resources: Patterns::new(false, resources.into_iter().map(|text| Resource::parse(text, true).unwrap()).collect()),
        condition: Condition::default(),
    });
    prop::collection::vec(statement, 0..4).prop_map(|statements| rules_of(Slot::Identity, statements))
}

fn request(action: &str, resource: &str, other_allow: bool) -> Request {
    Request {
        realm: "r".into(),
        holder: "h".into(),
        slot: Slot::Identity,
        principal: words("aws:1:x", 3),
        action: words(&action.to_ascii_lowercase(), 2),
        resource: words(resource, 6),
        facts: [(Atom::OtherAllow, other_allow)].into(),
    }
}

/// Whether a text is one of an ARN in which each `${Name}` stands for anything.
fn is_one_of(arn: &str, text: &str) -> bool {
    match arn.split_once("${") {
        None => arn == text,
        Some((lead, rest)) => {
            let after = rest.split_once('}').unwrap().1;
            text.strip_prefix(lead).is_some_and(|text| (0..=text.len()).any(|taken| is_one_of(after, &text[taken..])))
        }
    }
}

/// Whether by the reference AWS may ever ask about the action on the resource, by every ARN of the reference.
fn is_possible(action: &str, resource: &str) -> bool {
    let (service, name) = action.split_once(':').unwrap();
    let Some(known) = knowledge::action(service, name) else { return true };
    let arns: Vec<String> = known.resources().map(|arn| format!("arn:${{Partition}}:{arn}")).collect();
    arns.is_empty() || !resource.starts_with("arn:") || arns.iter().any(|arn| is_one_of(arn, resource))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn only_what_no_request_can_be_about_is_left_out(base in side(), head in side()) {
        let Compared { entries, vacuous } = differences::<Aws>(&base, &head, &[], Effort::default());
        for action in ACTIONS.iter().filter(|text| !text.contains('*')).chain(&["ec2:TerminateSomething"]) {
            for (resource, other_allow) in WORLD.iter().flat_map(|resource| [(resource, true), (resource, false)]) {
                let request = request(action, resource, other_allow);
                let (before, after) = (Aws::naive(&base, &request), Aws::naive(&head, &request));
                let kind = if after { Kind::Gained } else { Kind::Lost };
                let is_told = entries.iter().any(|entry| entry.kind == kind && means(entry, &request));
                let is_left_out = vacuous.iter().any(|entry| entry.kind == kind && means(entry, &request));
                prop_assert!(before == after || is_told || is_left_out, "{action} on {resource} is neither told nor left out");
                prop_assert!(before == after || is_told || !is_possible(action, resource), "{action} on {resource} is left out");
            }
        }
    }

    #[test]
    fn what_is_left_out_is_what_is_left_out_backwards(base in side(), head in side()) {
        let there = differences::<Aws>(&base, &head, &[], Effort::default());
        let back = differences::<Aws>(&head, &base, &[], Effort::default());
        let said = |compared: &Compared, kind| {
            let of_kind = compared.vacuous.iter().filter(|entry| entry.kind == kind);
            of_kind.map(|entry| format!("{:?} {:?}", entry.region.actions, entry.region.resources)).collect::<Vec<_>>()
        };
        prop_assert_eq!(said(&there, Kind::Gained), said(&back, Kind::Lost));
        prop_assert!(differences::<Aws>(&base, &base, &[], Effort::default()).vacuous.is_empty());
    }
}

#[test]
fn the_reference_does_leave_something_out() {
    assert!(!is_possible("ec2:TerminateInstances", "arn:aws:ec2:r:1:launch-template/i"));
    assert!(is_possible("ec2:TerminateInstances", "arn:aws-cn:ec2:r:1:instance/i"));
    assert!(is_possible("ssmmessages:OpenDataChannel", "arn:aws:ssm:r:1:session/i"));
}
