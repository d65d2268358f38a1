//! A region in plain words, where people have words for it: `pass any role to Lambda`.

use super::blocks::Block;
use super::severity::{Reach, is_pinned};
use super::subject::Subject;
use super::{Atom, Notation, Resource, Slot};
use crate::access::{Exhausted, Formulas, Glob};
use std::collections::BTreeSet;

/// One of these actions, or some of them together, and what they are called. In the words, `{}` stands for what the actions reach.
struct Saying {
    actions: &'static [&'static str],
    words: &'static str,
    /// The last part of an ARN that is all of it.
    all: &'static str,
    /// One and many of it.
    things: [&'static str; 2],
}

const fn saying(actions: &'static [&'static str], words: &'static str, all: &'static str, one: &'static str, many: &'static str) -> Saying {
    Saying { actions, words, all, things: [one, many] }
}

const SAYINGS: &[Saying] = &[
    saying(&["iam:passrole"], "pass {}", "role/*", "role", "roles"),
    saying(&["sts:assumerole"], "become {}", "role/*", "role", "roles"),
    saying(&["iam:putrolepolicy", "iam:attachrolepolicy"], "write the policies of {}", "role/*", "role", "roles"),
    saying(&["iam:putuserpolicy", "iam:attachuserpolicy"], "write the policies of {}", "user/*", "user", "users"),
    saying(&["iam:updateassumerolepolicy"], "say who may become {}", "role/*", "role", "roles"),
    saying(&["iam:createpolicyversion", "iam:setdefaultpolicyversion"], "rewrite {}", "policy/*", "policy", "policies"),
    saying(&["iam:createaccesskey"], "make access keys of {}", "user/*", "user", "users"),
    saying(&["iam:createloginprofile", "iam:updateloginprofile"], "set the password of {}", "user/*", "user", "users"),
    saying(&["secretsmanager:getsecretvalue"], "read {}", "secret:*", "secret", "secrets"),
    saying(&["ssm:getparameter", "ssm:getparameters", "ssm:getparametersbypath"], "read {}", "parameter/*", "parameter", "parameters"),
    saying(&["s3:getobject", "s3:getobjectversion"], "read {}", "*/*", "object", "objects"),
    saying(&["s3:putobject"], "write {}", "*/*", "object", "objects"),
    saying(&["s3:deleteobject", "s3:deleteobjectversion"], "delete {}", "*/*", "object", "objects"),
    saying(&["kms:decrypt"], "decrypt with {}", "key/*", "key", "keys"),
    saying(&["lambda:updatefunctioncode"], "change the code of {}", "function:*", "function", "functions"),
    saying(&["lambda:invokefunction"], "run {}", "function:*", "function", "functions"),
    saying(&["ssm:startsession", "ssm:sendcommand"], "run commands on {}", "instance/*", "instance", "instances"),
];

/// Services by what `iam:PassedToService` calls them.
const SERVICES: &[(&str, &str)] = &[
    ("cloudformation.amazonaws.com", "CloudFormation"),
    ("codebuild.amazonaws.com", "CodeBuild"),
    ("ec2.amazonaws.com", "EC2"),
    ("ecs-tasks.amazonaws.com", "ECS tasks"),
    ("glue.amazonaws.com", "Glue"),
    ("lambda.amazonaws.com", "Lambda"),
    ("sagemaker.amazonaws.com", "SageMaker"),
    ("scheduler.amazonaws.com", "EventBridge Scheduler"),
    ("states.amazonaws.com", "Step Functions"),
];

/// What the block is about in plain words, to be read after *can*; none where there are no words for it.
pub(super) fn plain(subject: &Subject<'_>, block: &Block<'_>, formulas: &mut Formulas) -> Result<Option<String>, Exhausted> {
    let actions = block.actions.patterns();
    if !block.actions.except.is_empty() || block.actions.patterns.iter().any(|all| all.len() > 1) {
        return Ok(None);
    }
    let names: Vec<String> = actions.iter().map(|action| action.text().to_ascii_lowercase()).collect();
    if subject.slot == Slot::Trust {
        let becomes = names.iter().any(|name| name.starts_with("sts:assumerole"));
        return Ok(becomes.then(|| "become this role".to_owned()));
    }
    let resources = block.resources.patterns();
    let is_any = |globs: &[Glob]| globs.iter().all(Glob::is_any);
    if actions.iter().any(|action| is_any(action.globs())) {
        let everything = block.resources.except.is_empty() && resources.iter().any(|resource| is_any(resource.globs()));
        return Ok(everything.then(|| "do everything".to_owned()));
    }
    let Some(saying) = SAYINGS.iter().find(|saying| names.iter().all(|name| saying.actions.contains(&name.as_str()))) else {
        return Ok(None);
    };
    if is_own(&subject.holder, saying, &resources) {
        return Ok(Some("write its own policies".to_owned()));
    }
    let words = saying.words.replace("{}", &reached(saying, &resources, block.resources.except.is_empty()));
    if saying.words != "pass {}" {
        return Ok(Some(words));
    }
    Ok(Some(format!("{words} to {}", services(subject, block, formulas)?)))
}

/// Whether the holder writes its own policies, and no others.
fn is_own(holder: &str, saying: &Saying, resources: &[&Resource]) -> bool {
    let kind = saying.all.trim_end_matches('*');
    let is_holder = |resource: &&Resource| resource.globs().last().and_then(Glob::as_exact) == Some(holder);
    saying.words.starts_with("write the policies") && holder.starts_with(kind) && resources.iter().all(is_holder)
}

fn reached(saying: &Saying, resources: &[&Resource], is_whole: bool) -> String {
    let Ok(kind) = Resource::parse(&format!("arn:*:*:*:*:{}", saying.all), false) else { return String::new() };
    let reach = resources.iter().map(|resource| Reach::of(resource, &kind)).max().unwrap_or_default();
    let [one, many] = saying.things;
    match (reach, resources) {
        (Reach::All, _) if is_whole => format!("any {one}"),
        (Reach::Named, [_]) if one.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {one}"),
        (Reach::Named, [_]) => format!("a {one}"),
        _ => many.to_owned(),
    }
}

/// The services that a role may be passed to, where the region needs it to be one of some.
fn services(subject: &Subject<'_>, block: &Block<'_>, formulas: &mut Formulas) -> Result<String, Exhausted> {
    fn service(atom: &Atom) -> Option<&str> {
        match atom {
            Atom::Is(operator, key, value) if &**operator == "StringEquals" && &**key == "iam:passedtoservice" => Some(value),
            _ => None,
        }
    }
    if !is_pinned(block.formula, subject, formulas, &|atom| service(atom).is_some())? {
        return Ok("a service".to_owned());
    }
    let mut named = BTreeSet::new();
    for variable in formulas.support(block.formula)? {
        let possible = !formulas.given(block.formula, (variable, true))?.is_false();
        named.extend(subject.variables.atom(variable).and_then(service).filter(|_| possible));
    }
    let title = |service: &&str| {
        SERVICES.iter().find(|(name, _)| name == service).map_or_else(|| format!("`{service}`"), |(_, title)| (*title).to_owned())
    };
    let titles: Vec<String> = named.iter().map(title).collect();
    Ok(if titles.is_empty() { "a service".to_owned() } else { titles.join(" or ") })
}
