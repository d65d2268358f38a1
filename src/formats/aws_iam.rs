//! AWS IAM policy documents: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>.

use super::{Format, Reading, Setting};
use crate::document::{File, Node};

/// Policies of every slot, and the wrappers that the AWS CLI prints.
pub const FORMAT: Format = Format { id: "aws-iam", claims, may_hold, read };

fn claims(_document: &Node) -> bool {
    false
}

fn may_hold(_bytes: &[u8]) -> bool {
    false
}

fn read(_file: &File, _setting: &Setting) -> Reading {
    Reading::default()
}
