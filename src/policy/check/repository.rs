//! What a policy says of files and of people who are not there: only whoever sees the repository can tell. A glob that matches nothing
//! says nothing, and a role that nobody holds has no ceiling.

use super::super::Policy;
use super::super::delegation::is_below;
use super::super::file::When;
use super::{Draft, path_glob};
use crate::diagnostic::{Diagnostic, Remarks, Way};
use crate::document::nearest;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What there is in a repository.
#[derive(Debug, Default)]
pub struct Repository {
    /// The path of every file.
    pub paths: Vec<Arc<str>>,
    /// The paths of those in which permissions stand.
    pub permissions: BTreeSet<Arc<str>>,
    /// Who has access, and in which realm.
    pub holders: BTreeSet<(Arc<str>, Arc<str>)>,
}

/// How many names are shown of all that there are.
const SHOWN: usize = 5;

impl Draft<'_> {
    /// What the policy says of what is not there. In a repository without permissions there is nothing that it could be held against.
    pub fn unmatched(&self, policy: &Policy, there: &Repository) -> Vec<Diagnostic> {
        let mut remarks = Remarks::new(self.file, &self.document);
        if !there.permissions.is_empty() {
            self.about_globs(there, &mut remarks);
            self.about_holders(policy, there, &mut remarks);
            self.about_environments(policy, there, &mut remarks);
        }
        if there.paths.len() > 1 {
            self.about_delegated(there, &mut remarks);
        }
        remarks.into_sorted()
    }

    /// What is ignored and not there needs no word.
    fn about_globs(&self, there: &Repository, remarks: &mut Remarks<'_>) {
        let entries = self.written.places.iter().enumerate().filter(|(_, entry)| entry.ignore != Some(true));
        for (index, entry) in entries {
            for (at, text) in entry.paths.iter().enumerate().filter(|(_, text)| !matches_some(text, there)) {
                let way = Way::root().key("where").item(index).key("paths").item(at);
                let anywhere = format!("**/{text}");
                let meant = if matches_some(&anywhere, there) { Some(anywhere) } else { nearest_directory(text, there) };
                let help = "a glob is about paths from the root of the repository";
                let help = meant.map_or_else(|| help.to_owned(), |meant| format!("did you mean `{meant}`? {help}"));
                remarks.warning(&way, "no-such-file", format!("`{text}` matches no file of this repository"), help);
            }
        }
    }

    fn about_holders(&self, policy: &Policy, there: &Repository, remarks: &mut Remarks<'_>) {
        let names: BTreeSet<&str> = there.holders.iter().map(|(holder, _)| &**holder).collect();
        for (index, role) in self.written.roles.iter().enumerate() {
            let ceiling = policy.ceilings.iter().find(|ceiling| *ceiling.role == *role.name);
            if ceiling.is_none_or(|ceiling| there.holders.iter().any(|(holder, realm)| ceiling.holds(holder, realm))) {
                continue;
            }
            let known: Vec<&str> = names.iter().copied().collect();
            let near = role.holders.iter().find_map(|holder| nearest(holder, &known)).map(|near| format!("did you mean `{near}`? "));
            let rest = if known.len() > SHOWN { ", …" } else { "" };
            let shown: Vec<String> = known.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
            let help = format!(
                "{}there are {}{rest}; of an AWS policy that stands alone `where:` says whose it is, by `holder`",
                near.unwrap_or_default(),
                shown.join(", ")
            );
            let message = format!("nobody in this repository holds `{}`, so nothing is over its ceiling", role.name);
            remarks.warning(&Way::root().key("roles").item(index).key("holders"), "no-such-holder", message, help);
        }
    }

    /// What moves within a realm is no change of access, and no rule is asked about it: neither one of the environment that it leaves nor
    /// one of the environment that it comes to.
    fn about_environments(&self, policy: &Policy, there: &Repository, remarks: &mut Remarks<'_>) {
        let mut realms: BTreeMap<Arc<str>, BTreeMap<Option<Arc<str>>, &str>> = BTreeMap::new();
        for path in &there.permissions {
            let site = policy.site_of(path);
            if let Some(realm) = site.realm {
                realms.entry(realm).or_default().entry(site.environment).or_insert(path);
            }
        }
        let asked: BTreeSet<&str> = self.written.rules.iter().flat_map(|rule| environments(&rule.when)).collect();
        for (realm, environments) in realms.iter().filter(|(_, environments)| environments.len() > 1) {
            let named = environments.iter().find_map(|(name, _)| name.as_ref().filter(|name| asked.contains(&***name)));
            let entry = |name| self.written.places.iter().position(|entry| entry.environment.as_deref() == Some(name));
            let Some(index) = named.and_then(|name| entry(name)) else { continue };
            let shown = environments.iter().map(|(name, path)| match name {
                Some(name) => format!("`{path}` in `{name}`"),
                None => format!("`{path}` in no environment"),
            });
            let shown: Vec<String> = shown.collect();
            let message = format!("the realm `{realm}` has {}: what moves from one to the other is no change of access", shown.join(", "));
            let way = Way::root().key("where").item(index).key("environment");
            let help = "give each environment a realm of its own if a move has to be approved";
            remarks.warning(&way, "realm-shared", message, help);
        }
    }

    fn about_delegated(&self, there: &Repository, remarks: &mut Remarks<'_>) {
        for (index, delegation) in self.written.delegate.iter().enumerate() {
            if delegation.path == "." || there.paths.iter().any(|path| is_below(path, &delegation.path)) {
                continue;
            }
            let help = "write the path of a directory from the root";
            let near = nearest_directory(&delegation.path, there);
            let help = near.map_or_else(|| help.to_owned(), |near| format!("did you mean `{near}`?"));
            let message = format!("there is no directory `{}`, so nothing is delegated", delegation.path);
            remarks.warning(&Way::root().key("delegate").item(index).key("path"), "no-such-file", message, help);
        }
    }
}

fn matches_some(text: &str, there: &Repository) -> bool {
    path_glob(text).is_ok_and(|glob| {
        let matcher = glob.compile_matcher();
        there.paths.iter().any(|path| matcher.is_match(&**path))
    })
}

/// The directory that the part of a glob without wildcards is closest to.
fn nearest_directory(text: &str, there: &Repository) -> Option<String> {
    let written: Vec<&str> = text.split('/').take_while(|part| !part.contains(['*', '?', '[', '{'])).collect();
    let directories: BTreeSet<&str> =
        there.paths.iter().flat_map(|path| path.match_indices('/').filter_map(|(at, _)| path.get(..at))).collect();
    let directories: Vec<&str> = directories.into_iter().collect();
    nearest(&written.join("/"), &directories).filter(|_| !written.is_empty()).map(ToOwned::to_owned)
}

/// The environments that a rule is about.
fn environments(when: &When) -> impl Iterator<Item = &str> {
    [&when.gains, &when.loses, &when.undecided].into_iter().flatten().filter_map(|select| select.environment.as_deref())
}
