//! Actions by which data leaves, from `data/aws/exfiltration.yml`, where each names its source.

use super::listed::{List, Spelt};
use super::{meant, table};
use crate::access::{Budget, Glob, may_meet};
use crate::systems::aws::{Action, Notation, Resource};
use serde::Deserialize;
use std::sync::LazyLock;

static LEAKS: LazyLock<List<Leak>> = LazyLock::new(|| leaks().into_iter().map(|leak| (leak.action.words.clone(), leak)).collect());

fn leaks() -> Vec<Leak> {
    table(include_bytes!("../../../../data/aws/exfiltration.yml"))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Leak {
    action: Spelt,
    /// The last part of an ARN: all that it can read.
    reads: Option<String>,
    /// The last part of an ARN: what it can share.
    shares: Option<String>,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the data, and held to by a test"))]
    source: String,
}

/// Whether data may leave by some of these actions: it is shared, or all of it of a kind can be read.
pub(super) fn leaves(actions: &[&Action], except: &[&Action], resources: &[&Resource]) -> bool {
    meant(&LEAKS, actions, except).any(|leak| resources.iter().any(|resource| leak.reaches(resource)))
}

/// Whether data may leave by the action, on some resource.
pub(super) fn is_known(action: &Action) -> bool {
    !LEAKS.meant_by(action).is_empty()
}

impl Leak {
    /// In some partition, region and account.
    fn reaches(&self, resource: &Resource) -> bool {
        let [service, _] = &self.action.words;
        let [_, _, of, _, _, last] = resource.globs() else { return false };
        let reads = |all: &String| last.covers(&Glob::parse(all), &mut Budget::new(10_000)).unwrap_or(false);
        let shares = |one: &String| match one.as_str() {
            "bucket" => !resource.text().contains('/'),
            one => may_meet(std::slice::from_ref(last), &[Glob::parse(one)]),
        };
        of.matches(service) && (self.reads.as_ref().is_some_and(reads) || self.shares.as_ref().is_some_and(shares))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn says(action: &str, resource: &str) -> bool {
        leaves(&[&Action::parse(action).unwrap()], &[], &[&Resource::parse(resource, true).unwrap()])
    }

    #[test]
    fn every_action_by_which_data_leaves_has_a_source() {
        let leaks = leaks();
        assert!(leaks.len() > 20, "{}", leaks.len());
        for leak in &leaks {
            let (service, name) = leak.action.text.split_once(':').unwrap();
            assert!(crate::systems::aws::knowledge::action(service, name).is_some(), "{} is no action of AWS", leak.action.text);
        }
        assert!(leaks.iter().all(|leak| leak.source.starts_with("https://") && leak.reads.is_some() != leak.shares.is_some()));
    }

    #[test]
    fn reading_counts_where_everything_of_a_kind_is_read() {
        assert!(says("s3:GetObject", "*") && says("s3:Get*", "arn:aws:s3:::*"));
        assert!(!says("s3:GetObject", "arn:aws:s3:::bucket/*") && !says("s3:ListBucket", "*"));
        assert!(says("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:*"));
        assert!(!says("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:web/*"));
        assert!(!says("s3:GetObject", "arn:aws:logs:*:*:*"));
    }

    #[test]
    fn sharing_counts_wherever_it_may_be_done() {
        assert!(says("s3:*", "arn:aws:s3:::bucket") && !says("s3:PutBucketPolicy", "arn:aws:s3:::bucket/*"));
        assert!(says("ec2:ModifySnapshotAttribute", "arn:aws:ec2:eu-west-1::snapshot/snap-1"));
        assert!(!says("ec2:DescribeSnapshots", "*"));
    }
}
