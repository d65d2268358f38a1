//! One statement: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html>.

use crate::diagnostic::{Diagnostic, known_names};
use crate::document::{File, Node, Span, nearest};
use crate::systems::aws::{Action, Clause, Condition, Doubt, Effect, Notation, Patterns, Principal, Resource, Slot, Statement, operators};

const KEYS: &[&str] = &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

/// What the policy around a statement decides about its reading.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Dialect {
    pub(super) slot: Slot,
    /// Whether `${…}` is a policy variable.
    pub(super) variables: bool,
}

impl Dialect {
    /// A condition's value as the current version spells it: where `${…}` is no variable, its `$` is a letter.
    fn spelt(self, value: String) -> String {
        if self.variables { value } else { value.replace("${", "${$}{") }
    }
}

/// Why a statement cannot be read.
pub(super) struct Refused {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) help: Option<String>,
    pub(super) span: Span,
}

impl Refused {
    fn new(span: Span, message: impl Into<String>) -> Self {
        Self { code: "invalid-statement", message: message.into(), help: None, span }
    }

    /// What to tell the user.
    pub(super) fn diagnostic(self, file: &File) -> Diagnostic {
        let diagnostic = Diagnostic::error(self.code, file.place(self.span), self.message);
        match self.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

/// A statement with principals is part of a resource's policy; if all that it allows is to assume a role, of a trust policy.
pub(super) fn slot_of(statements: &[Node]) -> Slot {
    let has_principal = |node: &Node| node.get("Principal").is_some() || node.get("NotPrincipal").is_some();
    if !statements.iter().any(has_principal) {
        return Slot::Identity;
    }
    let assumes =
        |node: &Node| node.get("Resource").is_none() && node.get("NotResource").is_none() && node.get("Action").is_some_and(only_assumes);
    if statements.iter().all(assumes) { Slot::Trust } else { Slot::Resource }
}

fn only_assumes(actions: &Node) -> bool {
    let actions = items(actions);
    let is_assume = |action: &str| {
        let action = action.to_ascii_lowercase();
        action.starts_with("sts:assumerole")
            || matches!(action.as_str(), "sts:tagsession" | "sts:setsourceidentity" | "sts:setcontext" | "sts:*")
    };
    !actions.is_empty() && actions.iter().all(|action| action.text().is_some_and(is_assume))
}

/// Everything in it, or why not. Several where it names policy variables with a default.
pub(super) fn read(node: &Node, dialect: Dialect) -> Result<Vec<Statement>, Refused> {
    let entries = node.entries().ok_or_else(|| Refused::new(node.span, format!("a statement is a mapping, this is {}", node.kind())))?;
    for (key, _) in entries {
        let text = key.scalar().map_or("", |scalar| &*scalar.text);
        if !KEYS.contains(&text) {
            let message = format!("`{text}` is not an element of a statement");
            return Err(Refused { code: "unknown-key", help: Some(known_names(text, KEYS)), ..Refused::new(key.span, message) });
        }
    }
    let (effect, principals, actions, resources) = (effect(node)?, principals(node, dialect)?, actions(node)?, resources(node, dialect)?);
    let condition = node.get("Condition").map_or_else(|| Ok(Condition::default()), |node| condition(node, dialect))?;
    let others = resources.list.iter().filter(|_| resources.negated).map(Notation::text);
    let statement = Statement { condition: condition.filling(others), effect, principals, actions, resources };
    statement.without_defaults().ok_or_else(|| Refused::new(node.span, "this statement has defaults for more than four policy variables"))
}

fn effect(node: &Node) -> Result<Effect, Refused> {
    let effect = node.get("Effect").ok_or_else(|| Refused::new(node.span, "this statement has no `Effect`"))?;
    match effect.text() {
        Some("Allow") => Ok(Effect::Allow),
        Some("Deny") => Ok(Effect::Deny),
        _ => Err(Refused::new(effect.span, "`Effect` is `Allow` or `Deny`, spelt exactly so")),
    }
}

/// An element and its opposite: exactly one of the two, or none where that is allowed.
fn either<'n>(node: &'n Node, key: &str, negated: &str) -> Result<Option<(bool, &'n Node)>, Refused> {
    match (node.get(key), node.get(negated)) {
        (Some(_), Some(other)) => Err(Refused::new(other.span, format!("a statement has `{key}` or `{negated}`, not both"))),
        (Some(value), None) => Ok(Some((false, value))),
        // Everything but nothing, or nothing at all: IAM's validation says the latter, its grammar neither.
        (None, Some(value)) if value.items().is_some_and(<[Node]>::is_empty) => {
            Err(Refused::new(value.span, format!("an empty `{negated}` may mean everything or nothing")))
        }
        (None, Some(value)) => Ok(Some((true, value))),
        (None, None) => Ok(None),
    }
}

/// The items of a list; one value stands for a list of it.
pub(super) fn items(node: &Node) -> &[Node] {
    node.items().unwrap_or(std::slice::from_ref(node))
}

fn patterns<P: Notation>(
    negated: bool,
    node: &Node,
    what: &str,
    parse: impl Fn(&str) -> Result<P, String>,
) -> Result<Patterns<P>, Refused> {
    // Allocated in its size: most lists are short, and there are many.
    let mut list = Vec::with_capacity(items(node).len());
    for item in items(node) {
        let text = item.text().ok_or_else(|| Refused::new(item.span, format!("{what} is a string, this is {}", item.kind())))?;
        list.push(parse(text).map_err(|why| Refused::new(item.span, why))?);
    }
    Ok(Patterns::new(negated, list))
}

fn actions(node: &Node) -> Result<Patterns<Action>, Refused> {
    let Some((negated, value)) = either(node, "Action", "NotAction")? else {
        return Err(Refused::new(node.span, "this statement has neither `Action` nor `NotAction`"));
    };
    patterns(negated, value, "an action", Action::read)
}

fn resources(node: &Node, dialect: Dialect) -> Result<Patterns<Resource>, Refused> {
    match (either(node, "Resource", "NotResource")?, dialect.slot) {
        (Some((_, value)), Slot::Trust) => Err(Refused::new(value.span, "a trust policy has no `Resource`: it is about its role")),
        (None, Slot::Trust | Slot::Resource) => Ok(Patterns::any()),
        (None, _) => Err(Refused::new(node.span, "this statement has neither `Resource` nor `NotResource`")),
        (Some((negated, value)), _) => patterns(negated, value, "a resource", |text| Resource::parse(text, dialect.variables)),
    }
}

fn principals(node: &Node, dialect: Dialect) -> Result<Patterns<Principal>, Refused> {
    let names_principals = matches!(dialect.slot, Slot::Resource | Slot::Trust | Slot::ResourceControl);
    match either(node, "Principal", "NotPrincipal")? {
        None if matches!(dialect.slot, Slot::Resource | Slot::Trust) => {
            Err(Refused::new(node.span, "this statement has neither `Principal` nor `NotPrincipal`"))
        }
        None => Ok(Patterns::any()),
        Some((_, value)) if !names_principals => {
            Err(Refused::new(value.span, "a policy of this kind has no `Principal`: it is about its holder"))
        }
        Some((negated, value)) => match principal_list(value)? {
            list if negated && list.is_empty() => Err(Refused::new(value.span, "an empty `NotPrincipal` may mean everybody or nobody")),
            list if negated => Ok(Patterns::new(true, list.into_iter().map(Principal::by_itself).collect())),
            list => Ok(Patterns::new(false, list)),
        },
    }
}

fn principal_list(value: &Node) -> Result<Vec<Principal>, Refused> {
    if value.text() == Some("*") {
        return Ok(vec![Principal::any()]);
    }
    let kinds = value
        .entries()
        .ok_or_else(|| Refused::new(value.span, format!("`Principal` is `*` or a mapping of kinds, this is {}", value.kind())))?;
    let mut principals = Vec::new();
    for (kind, names) in kinds {
        let kind = kind.text().ok_or_else(|| Refused::new(kind.span, "a kind of principal is a string"))?;
        for (text, span) in principal_texts(names)? {
            principals.push(Principal::parse(kind, text).map_err(|why| Refused::new(span, why))?);
        }
    }
    Ok(principals)
}

/// An account's number is often written without quotes.
fn principal_texts(names: &Node) -> Result<Vec<(&str, Span)>, Refused> {
    items(names)
        .iter()
        .map(|item| {
            let scalar =
                item.scalar().ok_or_else(|| Refused::new(item.span, format!("a principal is a string, this is {}", item.kind())))?;
            Ok((&*scalar.text, item.span))
        })
        .collect()
}

fn condition(node: &Node, dialect: Dialect) -> Result<Condition, Refused> {
    let mut clauses = Vec::new();
    for (operator, keys) in mapping(node, "`Condition`")? {
        let operator = operator.text().ok_or_else(|| Refused::new(operator.span, "a condition operator is a string"))?;
        for (key, values) in mapping(keys, &format!("`{operator}`"))? {
            let key = key.text().ok_or_else(|| Refused::new(key.span, "a condition key is a string"))?;
            clauses.push(Clause::new(operator, key, condition_values(values)?.into_iter().map(|value| dialect.spelt(value))));
        }
    }
    Ok(Condition::new(clauses))
}

/// Conditions whose meaning nobody knows, with their places: each is equal only to its own text.
pub(super) fn doubts(node: &Node, dialect: Dialect, file: &File) -> Vec<Diagnostic> {
    let mut doubts = Vec::new();
    for (operator, keys) in node.get("Condition").and_then(Node::entries).unwrap_or_default() {
        for (key, values) in keys.entries().unwrap_or_default() {
            let (Some(name), Some(key), Ok(texts)) = (operator.text(), key.text(), condition_values(values)) else { continue };
            let texts: Vec<String> = texts.into_iter().map(|value| dialect.spelt(value)).collect();
            match Clause::doubt(name, key, &texts) {
                None => {}
                Some(Doubt::Operator) => doubts.push(unknown_operator(operator, name, file)),
                Some(Doubt::NoValue) => doubts.push(no_value(values, file)),
                Some(Doubt::Value(at)) => doubts.extend(items(values).get(at).map(|value| unknown_value(value, name, file))),
            }
        }
    }
    doubts
}

fn unknown_operator(node: &Node, name: &str, file: &File) -> Diagnostic {
    let message = format!("`{name}` is not a condition operator that is known here: what it says is equal only to its own text");
    let known = operators();
    let bare = name.rsplit(':').next().unwrap_or(name);
    let help =
        nearest(bare, &known).map_or_else(|| "see the condition operators of IAM".to_owned(), |near| format!("did you mean `{near}`?"));
    Diagnostic::warning("unknown-operator", file.place(node.span), message).help(help)
}

fn no_value(node: &Node, file: &File) -> Diagnostic {
    let message = "this condition has no value to compare with: what it says is equal only to its own text";
    Diagnostic::warning("unknown-condition-value", file.place(node.span), message).help("name a value, or leave the key out")
}

fn unknown_value(node: &Node, operator: &str, file: &File) -> Diagnostic {
    let text = node.scalar().map_or("", |scalar| &*scalar.text);
    let message = format!("`{text}` is not a value that `{operator}` is known to take: what it says is equal only to its own text");
    Diagnostic::warning("unknown-condition-value", file.place(node.span), message).help(form_of(operator))
}

/// What a value of the operator looks like.
fn form_of(operator: &str) -> &'static str {
    let is = |word: &str| operator.to_ascii_lowercase().contains(word);
    match () {
        () if is("date") => "write a date such as `2026-01-31T00:00:00Z`, or seconds since 1970",
        () if is("numeric") => "write a number such as `10` or `0.5`",
        () if is("ipaddress") => "write a network such as `203.0.113.0/24`, or an address",
        () if is("arn") => "write all six parts of the ARN, such as `arn:aws:s3:*:*:*`",
        () if is("bool") || is("null") => "write `true` or `false`",
        () => "write the text without a `${` that is not closed, and with letters of ASCII only where case does not matter",
    }
}

fn mapping<'n>(node: &'n Node, what: &str) -> Result<&'n [(Node, Node)], Refused> {
    node.entries().ok_or_else(|| Refused::new(node.span, format!("{what} is a mapping, this is {}", node.kind())))
}

/// Numbers and booleans are compared by their text, as IAM does.
fn condition_values(node: &Node) -> Result<Vec<String>, Refused> {
    let value = |item: &Node| match item.scalar() {
        Some(scalar) if !scalar.is_null() => Ok(scalar.text.to_string()),
        _ => Err(Refused::new(item.span, format!("a condition value is a string, a number or a boolean, this is {}", item.kind()))),
    };
    items(node).iter().map(value).collect()
}
