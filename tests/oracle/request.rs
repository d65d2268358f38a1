//! A request, as the judge takes it, and the accounts that each slot is judged in.

use super::pair::{Pair, texts};
use super::text::Context;
use countersign::systems::aws::Slot;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The account of identities and of what they own.
pub const ACCOUNT: &str = "111122223333";

/// The account of a resource that has a policy: nobody's who asks, so that its policy has to allow what is allowed.
const ANOTHER_ACCOUNT: &str = "999900001111";

/// One request, as the judge takes it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    pub principal: String,
    pub action: String,
    pub resource: String,
    pub account: String,
    pub context: Context,
}

impl Request {
    /// A request in the account that its slot is judged in.
    pub fn new(slot: Slot, principal: String, action: String, resource: String, context: Context) -> Self {
        let is_resources = matches!(slot, Slot::Resource | Slot::Trust);
        let account = if is_resources { ANOTHER_ACCOUNT } else { ACCOUNT }.to_owned();
        let resource = if slot == Slot::Trust { format!("arn:aws:iam::{ANOTHER_ACCOUNT}:role/r") } else { resource };
        Self { principal, action, resource, account, context }
    }
}

/// Who an identity's policies are asked about.
pub fn holder() -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/app")
}

/// Whether a statement of the pair has a policy variable in a resource.
pub fn has_variables(pair: &Pair) -> bool {
    let resources =
        |statement: &Value| ["Resource", "NotResource"].iter().flat_map(|key| texts(&statement[*key])).any(|text| text.contains("${"));
    pair.statements().any(|(statement, _)| resources(statement))
}
