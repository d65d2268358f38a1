//! What an expression of the configuration refers to: <https://developer.hashicorp.com/terraform/internals/json-format#expression-representation>.
//!
//! A plan says which resources an expression is made from, and not how. So what is found here tells more about something that is
//! undecided, and never decides it.

use super::configuration::without_keys;
use super::context::Context;
use super::kind::Means;
use super::plan::Resource;
use super::view::View;
use std::collections::{BTreeMap, BTreeSet};

/// A managed policy of the plan, or a document of which one is made.
#[derive(Clone, Copy)]
pub(super) struct Managed<'p> {
    pub(super) resource: &'p Resource,
    pub(super) view: View<'p>,
}

/// Resources that may be referred to, by the instance of their module and their address in the configuration.
#[derive(Default)]
pub(super) struct References<'p>(BTreeMap<(&'p str, &'p str), Vec<Managed<'p>>>);

impl<'p> References<'p> {
    pub(super) fn add(&mut self, found: Managed<'p>) {
        self.0.entry((found.resource.module.as_str(), found.resource.configured.as_str())).or_default().push(found);
    }

    /// The only thing of that kind in the same module that an attribute is made from.
    pub(super) fn only(
        &self,
        context: &Context<'p>,
        from: &Resource,
        attribute: &str,
        is_meant: fn(&Means) -> bool,
    ) -> Option<Managed<'p>> {
        let references = context.plan.configuration.as_ref().map(|all| all.references(&from.configured, attribute)).unwrap_or_default();
        let module = without_keys(&from.module);
        let mut targets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (own, key) in references.iter().filter_map(|reference| target(reference)) {
            targets.entry(own).or_default().extend(key);
        }
        let mut found = Vec::new();
        for (own, keys) in targets {
            let configured = if module.is_empty() { own.to_owned() } else { format!("{module}.{own}") };
            let instances = self.0.get(&(from.module.as_str(), configured.as_str())).into_iter().flatten();
            let is_instance =
                |one: &&Managed<'p>| keys.is_empty() || keys.iter().any(|key| one.resource.address.ends_with(&format!("{own}{key}")));
            found.extend(instances.filter(|one| is_meant(&one.resource.kind.means)).filter(is_instance).copied());
        }
        match found.as_slice() {
            [one] => Some(*one),
            _ => None,
        }
    }
}

/// `aws_iam_policy.p["x"].arn` → `aws_iam_policy.p` and `["x"]`.
fn target(reference: &str) -> Option<(&str, Option<&str>)> {
    let names = if reference.starts_with("data.") { 3 } else { 2 };
    let mut left = names;
    let end = reference.find(|letter| {
        left -= usize::from(letter == '.');
        left == 0 || letter == '['
    });
    let (own, rest) = reference.split_at_checked(end.unwrap_or(reference.len()))?;
    let key = rest.starts_with('[').then(|| rest.find(']').and_then(|end| rest.get(..=end))).flatten();
    (own.matches('.').count() + 1 == names).then_some((own, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_to_a_resource_and_perhaps_to_one_instance() {
        assert_eq!(target("aws_iam_policy.p.arn"), Some(("aws_iam_policy.p", None)));
        assert_eq!(target("aws_iam_policy.p"), Some(("aws_iam_policy.p", None)));
        assert_eq!(target("aws_iam_policy.p[0].arn"), Some(("aws_iam_policy.p", Some("[0]"))));
        assert_eq!(target("aws_iam_policy.p[\"a.b\"]"), Some(("aws_iam_policy.p", Some("[\"a.b\"]"))));
        assert_eq!(target("data.aws_iam_policy_document.d.json"), Some(("data.aws_iam_policy_document.d", None)));
        assert_eq!(target("data.x"), None);
        assert_eq!(target("each"), None);
    }
}
