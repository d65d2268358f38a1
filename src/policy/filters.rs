//! Patterns of rules as sides of the comparison: whether access lies within them is for the engine to say, exactly.

use super::file::SystemName;
use crate::document::Place;
use crate::systems::{aws, kubernetes};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The filters of all rules. A filter's number is its index in the list of its system, as in
/// [`Entry::within`](crate::change::Entry::within): numbers of different systems have nothing to do with each other.
#[derive(Clone, Debug, Default)]
pub struct Filters {
    /// Each one Allow, for anybody, made from the patterns of a rule.
    pub aws: Vec<aws::Rules>,
    /// The same for Kubernetes.
    pub kubernetes: Vec<kubernetes::Rules>,
}

/// What a rule's filter is made from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Patterns {
    /// `None`: any.
    pub(super) actions: Option<BTreeSet<String>>,
    pub(super) resources: Option<BTreeSet<String>>,
    pub(super) namespaces: Option<BTreeSet<String>>,
}

/// Gives out numbers; the same patterns get the same.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    filters: Filters,
    known: BTreeMap<(&'static str, Patterns), usize>,
}

/// Which key holds a text that is no pattern, and why it is none.
pub(super) type Refusal = (&'static str, String);

impl Numbering {
    pub(super) fn number(&mut self, system: SystemName, patterns: Patterns) -> Result<usize, Refusal> {
        let key = (system.id(), patterns);
        if let Some(number) = self.known.get(&key) {
            return Ok(*number);
        }
        let number = match system {
            SystemName::Aws => push(&mut self.filters.aws, aws_filter(&key.1)?),
            SystemName::Kubernetes => push(&mut self.filters.kubernetes, kubernetes_filter(&key.1)?),
        };
        self.known.insert(key, number);
        Ok(number)
    }

    pub(super) fn finish(self) -> Filters {
        self.filters
    }
}

fn push<T>(list: &mut Vec<T>, item: T) -> usize {
    list.push(item);
    list.len() - 1
}

/// One Allow for anybody. `${…}` is a policy variable, as in a policy of the current version.
fn aws_filter(patterns: &Patterns) -> Result<aws::Rules, Refusal> {
    if patterns.namespaces.is_some() {
        return Err(("namespaces", "AWS has no namespaces".to_owned()));
    }
    let statement = aws::Statement {
        effect: aws::Effect::Allow,
        principals: aws::Patterns::any(),
        actions: read("actions", patterns.actions.as_ref(), aws::Action::parse)?,
        resources: read("resources", patterns.resources.as_ref(), |text| aws::Resource::parse(text, true))?,
        condition: aws::Condition::default(),
    };
    let attachment = aws::Attachment { realm: Arc::from(""), holder: None, slot: aws::Slot::Identity };
    let grant = aws::Grant { attachment: attachment.clone(), statement, origin: Place::file("") };
    Ok(aws::Rules { grants: vec![grant], documents: [attachment].into(), ..aws::Rules::default() })
}

fn read<P: aws::Notation>(
    key: &'static str,
    texts: Option<&BTreeSet<String>>,
    parse: impl Fn(&str) -> Result<P, String>,
) -> Result<aws::Patterns<P>, Refusal> {
    let Some(texts) = texts else { return Ok(aws::Patterns::any()) };
    let list = texts.iter().map(|text| parse(text)).collect::<Result<Vec<_>, _>>();
    list.map(|list| aws::Patterns::new(false, list)).map_err(|why| (key, why))
}

/// One rule for anybody: actions are verbs, resources like `secrets`, `deployments.apps` or `*`, namespaces by name.
///
/// A filter that holds nothing would make rules silent, so as long as there is no way to make one there is no rule with one.
fn kubernetes_filter(patterns: &Patterns) -> Result<kubernetes::Rules, Refusal> {
    let key = if patterns.actions.is_some() {
        "actions"
    } else if patterns.resources.is_some() {
        "resources"
    } else {
        "namespaces"
    };
    Err((key, format!("`{key}` of Kubernetes cannot be selected yet")))
}
