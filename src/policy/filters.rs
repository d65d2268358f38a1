//! Patterns of rules as sides of the comparison: whether access lies within them is for the engine to say, exactly.

use super::file::SystemName;
use crate::change::Filter;
use crate::document::Place;
use crate::systems::codeowners::{APPROVE, Pattern, Refusal as PatternRefusal};
use crate::systems::{Access, aws, codeowners, github, kubernetes};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What a rule's filter is made from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Patterns {
    /// `None`: any.
    pub(super) actions: Option<BTreeSet<String>>,
    pub(super) resources: Option<BTreeSet<String>>,
    pub(super) namespaces: Option<BTreeSet<String>>,
}

/// Gives out numbers, as in [`Entry::within`](crate::change::Entry::within); the same patterns get the same.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    filters: Vec<Filter>,
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
        let number = self.filters.len();
        self.filters.push(Filter { system: system.id(), access: filter(system, &key.1)? });
        self.known.insert(key, number);
        Ok(number)
    }

    pub(super) fn finish(self) -> Vec<Filter> {
        self.filters
    }
}

fn filter(system: SystemName, patterns: &Patterns) -> Result<Access, Refusal> {
    Ok(match system {
        SystemName::Aws => Access { aws: aws_filter(patterns)?, ..Access::default() },
        SystemName::Github => Access { github: github_filter(patterns)?, ..Access::default() },
        SystemName::Kubernetes => Access { kubernetes: kubernetes_filter(patterns)?, ..Access::default() },
        SystemName::Codeowners => Access { codeowners: codeowners_filter(patterns)?, ..Access::default() },
    })
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
    let too_many = || ("resources", "these have defaults for more than four policy variables".to_owned());
    let statements = statement.without_defaults().ok_or_else(too_many)?.into_iter();
    let grant =
        |statement: aws::Statement| aws::Grant { attachment: attachment.clone(), statement: statement.into(), origin: Place::file("") };
    Ok(aws::Rules { grants: statements.map(grant).collect(), documents: [attachment.clone()].into(), ..aws::Rules::default() })
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

/// Scopes of a token at levels, whoever starts the job.
fn github_filter(patterns: &Patterns) -> Result<github::Rules, Refusal> {
    if patterns.namespaces.is_some() {
        return Err(("namespaces", "GitHub has no namespaces".to_owned()));
    }
    github::Rules::for_anybody(patterns.actions.as_ref(), patterns.resources.as_ref()).map_err(|unknown| match unknown {
        github::Unknown::Level(why) => ("actions", why),
        github::Unknown::Scope(why) => ("resources", why),
    })
}

/// Rules for anybody: actions are verbs, resources like `secrets`, `pods/exec`, `deployments.apps` or `*.apps`, in the namespaces that
/// are named. With a scope before it a resource stands for itself: `ns/web:secrets`, `cluster:secrets`, `url:/metrics`.
fn kubernetes_filter(patterns: &Patterns) -> Result<kubernetes::Rules, Refusal> {
    let any = BTreeSet::from(["*".to_owned()]);
    if let Some(refusal) = in_upper_case(patterns) {
        return Err(refusal);
    }
    let verbs: BTreeSet<Arc<str>> = patterns.actions.as_ref().unwrap_or(&any).iter().map(|verb| verb.as_str().into()).collect();
    let mut rules = kubernetes::Rules::default();
    let every = if patterns.namespaces.is_none() { ["cluster:*.*", "url:*"].as_slice() } else { &["*.*"] };
    let every: BTreeSet<String> = every.iter().map(|&text| text.to_owned()).collect();
    for text in patterns.resources.as_ref().unwrap_or(&every) {
        let rule = kubernetes_rule(&verbs, text, patterns.namespaces.as_ref()).map_err(|why| ("resources", why))?;
        rules.add_for_anybody(rule);
    }
    Ok(rules)
}

/// Verbs, resources and namespaces are in lower case in every request. Names of objects and paths are as somebody made them.
fn in_upper_case(patterns: &Patterns) -> Option<Refusal> {
    let is_upper = |text: &str| text.bytes().any(|byte| byte.is_ascii_uppercase());
    let before_name = |text: &str| text.split('[').next().filter(|_| !text.starts_with("url:")).is_some_and(is_upper);
    let of = |key, texts: &Option<BTreeSet<String>>, is_wrong: &dyn Fn(&str) -> bool| {
        let text = texts.iter().flatten().find(|text| is_wrong(text))?;
        Some((key, format!("`{text}` is never asked for: what Kubernetes is asked for is in lower case, `{}`", text.to_ascii_lowercase())))
    };
    of("actions", &patterns.actions, &is_upper)
        .or_else(|| of("resources", &patterns.resources, &before_name))
        .or_else(|| of("namespaces", &patterns.namespaces, &is_upper))
}

fn kubernetes_rule(
    verbs: &BTreeSet<Arc<str>>,
    text: &str,
    namespaces: Option<&BTreeSet<String>>,
) -> Result<kubernetes::ForAnybody, String> {
    let is_scoped = text.contains(':');
    if is_scoped && namespaces.is_some() {
        return Err(format!("`{text}` says where it is, and `namespaces` says it again"));
    }
    let scoped = if is_scoped { text.to_owned() } else { format!("cluster:{text}") };
    let mut rule = kubernetes::notation::parse(verbs.iter().cloned(), &scoped)?;
    if let Some(namespaces) = namespaces {
        rule.namespaces = Some(namespaces.iter().map(|name| name.as_str().into()).collect());
    }
    Ok(rule)
}

/// Paths that anybody can approve. There is one action only.
fn codeowners_filter(patterns: &Patterns) -> Result<codeowners::Rules, Refusal> {
    if patterns.namespaces.is_some() {
        return Err(("namespaces", "`CODEOWNERS` has no namespaces".to_owned()));
    }
    if let Some(action) = patterns.actions.iter().flatten().find(|action| *action != APPROVE) {
        return Err(("actions", format!("`{action}` is no action of `codeowners`: the only one is `{APPROVE}`")));
    }
    let every = BTreeSet::from(["*".to_owned()]);
    let texts = patterns.resources.as_ref().unwrap_or(&every).iter();
    let parsed =
        texts.map(|text| Pattern::parse(text).map_err(|(PatternRefusal::Skipped(why) | PatternRefusal::Unclear(why))| ("resources", why)));
    Ok(codeowners::Rules::list(parsed.collect::<Result<_, _>>()?))
}
