//! Who there is, and in which groups.

use super::super::file::PeopleFile;
use super::names;
use crate::diagnostic::{Remarks, Way};
use crate::proposal::Person;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The people of the policy file and the people file. Members are looked up where they are written: a file's groups may name users
/// of the files before it.
#[derive(Debug, Default)]
pub(super) struct People {
    users: BTreeMap<String, u64>,
    logins: BTreeMap<u64, String>,
    groups: BTreeMap<Arc<str>, BTreeSet<Person>>,
}

impl People {
    /// Adds what a file says, with remarks at its places.
    pub(super) fn add(&mut self, written: &PeopleFile, way: &Way, remarks: &mut Remarks<'_>) {
        for (login, id) in &written.users {
            self.add_user(login, *id, &way.key("users").key(login), remarks);
        }
        for (name, members) in &written.groups {
            self.add_group(name, members, &way.key("groups").key(name), remarks);
        }
    }

    fn add_user(&mut self, login: &str, id: u64, way: &Way, remarks: &mut Remarks<'_>) {
        names::check(login, way, remarks);
        if id == 0 {
            remarks.error(way, "person-id", "nobody has the id 0", "write the forge's immutable user id");
        }
        let other_id = self.users.insert(login.to_owned(), id).filter(|other| *other != id);
        let other_login = self.logins.insert(id, login.to_owned()).filter(|other| other != login);
        if let Some(other) = other_id {
            let message = format!("`{login}` has the id {id} here and {other} elsewhere");
            remarks.error(way, "duplicate-person", message, "keep the one that the forge shows");
        }
        if let Some(other) = other_login {
            let message = format!("`{login}` and `{other}` have the same id {id}");
            remarks.error(way, "duplicate-person", message, "one person has one login: keep the one that the forge shows");
        }
    }

    fn add_group(&mut self, name: &str, members: &[String], way: &Way, remarks: &mut Remarks<'_>) {
        names::check(name, way, remarks);
        let mut people = BTreeSet::new();
        for (index, login) in members.iter().enumerate() {
            match self.users.get(login) {
                Some(id) => {
                    people.insert(Person { id: *id, login: login.clone() });
                }
                None => names::unknown("user", login, self.users.keys().map(String::as_str), &way.item(index), remarks),
            }
        }
        if members.is_empty() {
            let message = format!("nobody is in `{name}`, so no rule that needs it can be decided");
            remarks.warning(way, "empty-group", message, "name its members");
        }
        if self.groups.insert(Arc::from(name), people).is_some() {
            let message = format!("the group `{name}` is written in the policy file and in the people file");
            remarks.error(way, "duplicate-name", message, "keep one of them");
        }
    }

    /// Everybody, in a group or not.
    pub(super) fn everybody(&self) -> BTreeSet<Person> {
        self.users.iter().map(|(login, id)| Person { id: *id, login: login.clone() }).collect()
    }

    pub(super) fn groups(self) -> BTreeMap<Arc<str>, BTreeSet<Person>> {
        self.groups
    }
}
