//! Roles and their ceilings. What a ceiling says in the notation of a system is read where files of the system are read.

use super::super::Ceiling;
use super::super::file::Role;
use super::{Context, names};
use crate::access::Glob;
use crate::diagnostic::{Remarks, Way};
use crate::document::Node;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Context<'_> {
    pub(super) fn ceilings(&self, remarks: &mut Remarks<'_>) -> Vec<Ceiling> {
        let mut seen = BTreeSet::new();
        let mut ceilings = Vec::new();
        for (index, role) in self.written.roles.iter().enumerate() {
            let way = Way::root().key("roles").item(index);
            names::check(&role.name, &way.key("name"), remarks);
            if !seen.insert(&role.name) {
                let message = format!("two roles are called `{}`", role.name);
                remarks.error(&way.key("name"), "duplicate-name", message, "give each its own name");
            }
            ceilings.push(self.ceiling(role, &way, remarks));
        }
        ceilings.sort_by(|a, b| a.role.cmp(&b.role));
        ceilings
    }

    fn ceiling(&self, role: &Role, way: &Way, remarks: &mut Remarks<'_>) -> Ceiling {
        if let Some(realm) = &role.realm {
            names::check(realm, &way.key("realm"), remarks);
        }
        Ceiling {
            role: Arc::from(role.name.as_str()),
            place: remarks.place(way),
            written: way.key("ceiling").find(self.document).cloned().unwrap_or_else(Node::empty_list),
            holders: names::globs(&role.holders, &way.key("holders"), remarks),
            realm: role.realm.as_deref().map(Glob::parse),
        }
    }
}
