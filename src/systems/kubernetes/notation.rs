//! How requests are written, in regions and in the policy file.
//!
//! | text | means |
//! |---|---|
//! | `ns/default:pods` | pods of the core group in the namespace `default` |
//! | `ns/:pods` | the same in the namespace that the files are applied to, which they do not name |
//! | `cluster:deployments.apps` | deployments of the group `apps` everywhere: in all namespaces and across them |
//! | `cluster:pods/exec`, `cluster:deployments.apps/scale` | a subresource; `pods` alone does not mean it |
//! | `cluster:*.apps`, `cluster:*.core`, `cluster:*.*` | every resource with its subresources: of `apps`, of the core group, of every group |
//! | `cluster:*.*/scale` | that subresource of every resource |
//! | `cluster:secrets[name=foo]`, `cluster:secrets[name=]` | one object; requests without a name, as `list` makes them |
//! | `url:/metrics`, `url:/api/*`, `url:*` | paths that are no resources |
//!
//! What would be mistaken for one of these signs is written `%XX`, as in an address.

use super::terms::Term;
use super::{ForAnybody, Objects, Policy};
use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

/// The rule that allows these verbs on what a text names.
pub fn parse(verbs: impl IntoIterator<Item = Arc<str>>, text: &str) -> Result<ForAnybody, String> {
    let verbs: BTreeSet<Arc<str>> = verbs.into_iter().collect();
    let help = "it is `cluster:RESOURCE`, `ns/NAMESPACE:RESOURCE` or `url:PATH`";
    let (scope, rest) = text.split_once(':').ok_or_else(|| format!("`{text}` does not say where: {help}"))?;
    let namespaces = match scope.strip_prefix("ns/") {
        Some(namespace) => Some(BTreeSet::from([unescaped(namespace)])),
        None if scope == "cluster" => None,
        None if scope == "url" => {
            let objects = Objects::Urls(BTreeSet::from([unescaped(rest)]));
            return Ok(ForAnybody { namespaces: None, policy: Policy { verbs, objects } });
        }
        None => return Err(format!("`{text}` does not say where: {help}")),
    };
    Ok(ForAnybody { namespaces, policy: Policy { verbs, objects: objects(rest)? } })
}

fn objects(text: &str) -> Result<Objects, String> {
    let (text, names) = match text.strip_suffix(']').and_then(|text| text.split_once("[name=")) {
        Some((text, name)) => (text, BTreeSet::from([unescaped(name)])),
        None => (text, BTreeSet::new()),
    };
    let (resource, subresource) = text.split_once('/').map_or((text, None), |(resource, subresource)| (resource, Some(subresource)));
    let (resource, group) = match resource.split_once('.') {
        Some((resource, "core")) => (resource, "".into()),
        Some((resource, group)) => (resource, unescaped(group)),
        None if resource == "*" => return Err(format!("`{text}` names no group: `*.*` is every group, `*.core` the core group")),
        None => (resource, "".into()),
    };
    let resource =
        subresource.map_or_else(|| unescaped(resource), |subresource| format!("{}/{}", unescaped(resource), unescaped(subresource)).into());
    Ok(Objects::Resources { groups: BTreeSet::from([group]), resources: BTreeSet::from([resource]), names })
}

/// `SCOPE:RESOURCE[.GROUP][/SUBRESOURCE][[name=NAME]]`
pub(super) fn resource(namespace: &Term, group: &Term, resource: &Term, name: &Term) -> String {
    let scope = match namespace {
        Term::Is(namespace) => format!("ns/{}", escaped(namespace, "-._")),
        _ => "cluster".to_owned(),
    };
    let (resource, subresource) = match resource {
        Term::Under(subresource) => ("*".to_owned(), Some(&**subresource)),
        Term::Is(resource) => match resource.split_once('/') {
            Some((resource, subresource)) => (escaped(resource, "-"), Some(subresource)),
            None => (escaped(resource, "-"), None),
        },
        _ => ("*".to_owned(), None),
    };
    let group = match group {
        Term::Is(group) if group.is_empty() => if resource == "*" { ".core" } else { "" }.to_owned(),
        Term::Is(group) if &**group == "core" => ".%63ore".to_owned(),
        Term::Is(group) => format!(".{}", escaped(group, "-.")),
        _ => ".*".to_owned(),
    };
    let subresource = subresource.map(|subresource| format!("/{}", escaped(subresource, "-"))).unwrap_or_default();
    let name = match name {
        Term::Is(name) => format!("[name={}]", escaped(name, "-._:@/~+ ")),
        _ => String::new(),
    };
    format!("{scope}:{resource}{group}{subresource}{name}")
}

/// `url:PATH`
pub(super) fn path(path: &Term) -> String {
    match path {
        Term::Is(path) => format!("url:{}", escaped(path, "-._:@/~+ ?&=#*[]()!$',;")),
        Term::Prefix(path) => format!("url:{}*", escaped(path, "-._:@/~+ ?&=#*[]()!$',;")),
        _ => "url:*".to_owned(),
    }
}

/// A verb, or `*`.
pub(super) fn verb(verb: &Term) -> String {
    match verb {
        Term::Is(verb) => verb.to_string(),
        _ => "*".to_owned(),
    }
}

fn escaped(text: &str, plain: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_alphanumeric() || plain.contains(letter) {
            escaped.push(letter);
        } else {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
    }
    escaped
}

fn unescaped(text: &str) -> Arc<str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escape = after.get(..2).filter(|_| *first == b'%').and_then(|pair| std::str::from_utf8(pair).ok());
        let byte = escape.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).as_ref().into()
}
