//! The part of a plan that says where its values come from: <https://developer.hashicorp.com/terraform/internals/json-format#configuration-representation>.

use super::kinds;
use crate::document::{Bounds, Node, Problem, Span, Stream, parse_embedded};
use std::collections::{BTreeMap, BTreeSet};

/// Attributes of providers that say where things are made.
const PLACE: &[&str] = &[
    "access_key",
    "account_id",
    "account_name",
    "address",
    "allowed_account_ids",
    "assume_role",
    "assume_role_with_web_identity",
    "base_url",
    "config_context",
    "config_context_cluster",
    "config_path",
    "config_paths",
    "endpoints",
    "host",
    "org_name",
    "organization",
    "owner",
    "profile",
    "project",
    "region",
    "secret_key",
    "shared_config_files",
    "shared_credentials_files",
    "subscription_id",
    "tenant_id",
];

/// What the configuration says: which attributes are set, and what they refer to. Not how: a function around a reference is not there.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    /// By address without keys, by attribute.
    pub(super) resources: BTreeMap<String, BTreeMap<String, BTreeSet<String>>>,
    /// By address without keys: which configuration of a provider makes it.
    pub(super) providers: BTreeMap<String, String>,
    /// What each configuration of a provider says of where things are made, and what it refers to.
    pub(super) places: BTreeMap<String, (String, BTreeSet<String>)>,
    /// Variables of the root module that are marked as sensitive.
    pub(super) secret_variables: BTreeSet<String>,
    /// How many providers of AWS are configured, used or not.
    pub(super) configured_for_aws: usize,
    /// The providers of Kubernetes that are configured, used or not.
    pub(super) configured_for_kubernetes: BTreeSet<String>,
    /// Providers that are configured once for each instance, as those of `OpenTofu` may be:
    /// <https://opentofu.org/docs/language/providers/configuration/#for_each-multiple-instances-of-a-provider-configuration>.
    pub(super) for_each: BTreeSet<String>,
}

impl Configuration {
    /// Whether the attribute is set in the configuration; true for what the configuration does not know, such as what it no longer has.
    pub(super) fn sets(&self, configured: &str, attribute: &str) -> bool {
        self.resources.get(configured).is_none_or(|attributes| attributes.contains_key(attribute))
    }

    /// Whether the attribute is set, or no attribute is, so that none tells anything by not being set.
    pub(super) fn may_set(&self, configured: &str, attribute: &str) -> bool {
        self.sets(configured, attribute) || self.resources.get(configured).is_some_and(BTreeMap::is_empty)
    }

    pub(super) fn references(&self, configured: &str, attribute: &str) -> Vec<&str> {
        let references = self.resources.get(configured).and_then(|attributes| attributes.get(attribute));
        references.into_iter().flatten().map(String::as_str).collect()
    }
}

/// `module.a["x"].module.b[0]` → `module.a.module.b`.
pub(super) fn without_keys(address: &str) -> String {
    plain_and_keys(address).0
}

/// `module.a["x"].module.b[0]` → `module.a.module.b` and `["x"][0]`.
pub(super) fn plain_and_keys(address: &str) -> (String, String) {
    let (mut plain, mut keys) = (String::new(), String::new());
    let (mut is_key, mut is_text, mut is_escaped) = (false, false, false);
    for letter in address.chars() {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_text => is_escaped = true,
            '"' if is_key => is_text = !is_text,
            '[' if !is_text => is_key = true,
            ']' if !is_text => {
                is_key = false;
                keys.push(letter);
                continue;
            }
            _ => {}
        }
        if is_key { &mut keys } else { &mut plain }.push(letter);
    }
    (plain, keys)
}

pub(super) fn configuration(stream: &mut Stream<'_>, bounds: &Bounds) -> Result<Configuration, Problem> {
    let mut configuration = Configuration::default();
    stream.object(&mut |key, stream| match key {
        "root_module" => configuration.module("", stream, bounds),
        "provider_config" => stream.object(&mut |key, stream| configuration.provider(key, stream, bounds)).map(drop),
        _ => stream.skip().map(drop),
    })?;
    Ok(configuration)
}

impl Configuration {
    fn module(&mut self, path: &str, stream: &mut Stream<'_>, bounds: &Bounds) -> Result<(), Problem> {
        stream.object(&mut |key, stream| {
            match key {
                "variables" if path.is_empty() => drop(stream.object(&mut |name, stream| {
                    let mut is_secret = false;
                    stream.object(&mut |key, stream| {
                        if key == "sensitive" {
                            is_secret = stream.is_true()?;
                        } else {
                            stream.skip()?;
                        }
                        Ok(())
                    })?;
                    self.secret_variables.extend(is_secret.then(|| name.to_owned()));
                    Ok(())
                })?),
                "resources" => drop(stream.array(&mut |_, stream| self.resource(path, stream, bounds))?),
                "module_calls" => drop(stream.object(&mut |name, stream| {
                    let path = if path.is_empty() { format!("module.{name}") } else { format!("{path}.module.{name}") };
                    stream.object(&mut |key, stream| {
                        if key == "module" { self.module(&path, stream, bounds) } else { stream.skip().map(drop) }
                    })?;
                    Ok(())
                })?),
                _ => drop(stream.skip()?),
            }
            Ok(())
        })?;
        Ok(())
    }

    /// A module that only asks for a provider is given one that is configured elsewhere.
    fn provider(&mut self, key: &str, stream: &mut Stream<'_>, bounds: &Bounds) -> Result<(), Problem> {
        let (mut name, mut full_name, mut module, mut expressions) = (None, None, None, "");
        stream.object(&mut |key, stream| {
            match key {
                "full_name" => full_name = stream.string()?,
                "name" => name = stream.string()?,
                "module_address" => module = stream.string()?,
                "expressions" => expressions = stream.skip()?,
                _ => drop(stream.skip()?),
            }
            Ok(())
        })?;
        let is_configured = module.is_none() || !expressions.is_empty();
        if !expressions.is_empty() {
            let node = parse_embedded(expressions, Span::default(), bounds)?;
            let is_place = |key: &Node| key.scalar().is_some_and(|key| PLACE.contains(&&*key.text));
            let mut references = BTreeSet::new();
            collect_references(&node, &mut references);
            if references.iter().any(|reference| reference.starts_with("each.")) {
                self.for_each.insert(key.to_owned());
            }
            references.clear();
            let mut says = Vec::new();
            for (key, value) in node.entries().unwrap_or_default().iter().filter(|(key, _)| is_place(key)) {
                collect_references(value, &mut references);
                says.push(format!("{}:{}", key.canonical(), value.canonical()));
            }
            says.sort();
            self.places.insert(key.to_owned(), (says.join(","), references));
        }
        // A configuration may call a provider as it likes.
        let kind = full_name.as_deref().and_then(|name| name.rsplit('/').next()).or(name.as_deref()).unwrap_or_default();
        self.configured_for_aws += usize::from(kind == "aws" && is_configured);
        if matches!(kind, "kubernetes" | "kubectl") && is_configured {
            self.configured_for_kubernetes.insert(key.to_owned());
        }
        Ok(())
    }

    fn resource(&mut self, path: &str, stream: &mut Stream<'_>, bounds: &Bounds) -> Result<(), Problem> {
        let (mut address, mut kind, mut mode, mut provider, mut expressions) = (String::new(), String::new(), String::new(), None, "");
        stream.object(&mut |key, stream| {
            match key {
                "address" => address = stream.string()?.unwrap_or_default(),
                "type" => kind = stream.string()?.unwrap_or_default(),
                "mode" => mode = stream.string()?.unwrap_or_default(),
                "provider_config_key" => provider = stream.string()?,
                "expressions" => expressions = stream.skip()?,
                _ => drop(stream.skip()?),
            }
            Ok(())
        })?;
        let configured = if path.is_empty() { address } else { format!("{path}.{address}") };
        if kinds::of(&kind, &mode).is_none() {
            if mode != "data" {
                self.providers.extend(provider.map(|provider| (configured.clone(), provider)));
                self.resources.insert(configured, attributes(expressions, bounds)?);
            }
            return Ok(());
        }
        self.providers.extend(provider.map(|provider| (configured.clone(), provider)));
        if expressions.is_empty() {
            self.resources.insert(configured, BTreeMap::new());
            return Ok(());
        }
        let node = parse_embedded(expressions, Span::default(), bounds)?;
        let attributes = node.entries().unwrap_or_default().iter().map(|(key, value)| {
            let mut references = BTreeSet::new();
            collect_references(value, &mut references);
            (key.scalar().map(|key| key.text.to_string()).unwrap_or_default(), references)
        });
        self.resources.insert(configured, attributes.collect());
        Ok(())
    }
}

/// The attributes alone, of what is not read.
fn attributes(expressions: &str, bounds: &Bounds) -> Result<BTreeMap<String, BTreeSet<String>>, Problem> {
    let mut attributes = BTreeMap::new();
    if !expressions.is_empty() {
        Stream::new(expressions, bounds).object(&mut |key, stream| {
            attributes.insert(key.to_owned(), BTreeSet::new());
            stream.skip().map(drop)
        })?;
    }
    Ok(attributes)
}

fn collect_references(node: &Node, references: &mut BTreeSet<String>) {
    node.items().unwrap_or_default().iter().for_each(|item| collect_references(item, references));
    for (key, value) in node.entries().unwrap_or_default() {
        if key.text() == Some("references") {
            references.extend(value.items().unwrap_or_default().iter().filter_map(Node::text).map(str::to_owned));
        } else if key.text() != Some("constant_value") {
            collect_references(value, references);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_no_part_of_what_the_configuration_calls_a_module() {
        assert_eq!(without_keys(r#"module.a["x]\"[.y"].module.b[0]"#), "module.a.module.b");
        assert_eq!(without_keys(""), "");
        assert_eq!(plain_and_keys(r#"m.a["x.]"][0].b"#), ("m.a.b".to_owned(), r#"["x.]"][0]"#.to_owned()));
    }
}
