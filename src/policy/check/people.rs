//! Who there is, and in which groups.

use super::super::file::PeopleFile;
use super::names;
use crate::diagnostic::{Remarks, Way};
use crate::proposal::Person;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who is in which group.
type Groups = BTreeMap<Arc<str>, BTreeSet<Person>>;

/// The teams of the forge that groups are.
type Teams = BTreeMap<Arc<str>, Arc<str>>;

/// The people of the policy file and the people file. Members are looked up where they are written: a file's groups may name users
/// of the files before it.
#[derive(Debug, Default)]
pub(super) struct People {
    users: BTreeMap<String, u64>,
    logins: BTreeMap<u64, String>,
    groups: Groups,
    teams: Teams,
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
        for (name, team) in &written.teams {
            self.add_team(name, team, &way.key("teams").key(name), remarks);
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
        self.define(name, people, way, remarks);
    }

    /// A team is a group in which nobody is until the forge says who.
    fn add_team(&mut self, name: &str, team: &str, way: &Way, remarks: &mut Remarks<'_>) {
        names::check(name, way, remarks);
        if !is_team(team) {
            let message = format!("`{team}` is no team: a team has its organisation before it");
            remarks.error(way, "wrong-team", message, "write `organisation/team`, as in the address of its page");
        }
        self.define(name, BTreeSet::new(), way, remarks);
        self.teams.insert(Arc::from(name), Arc::from(team));
    }

    fn define(&mut self, name: &str, people: BTreeSet<Person>, way: &Way, remarks: &mut Remarks<'_>) {
        if self.groups.insert(Arc::from(name), people).is_some() {
            let message = format!("the group `{name}` is written more than once");
            remarks.error(way, "duplicate-name", message, "keep one of them: under `groups` or `teams`, in this file or in another");
        }
    }

    /// Everybody, in a group or not.
    pub(super) fn everybody(&self) -> BTreeSet<Person> {
        self.users.iter().map(|(login, id)| Person { id: *id, login: login.clone() }).collect()
    }

    /// The groups, and which of them are teams of the forge.
    pub(super) fn groups(self) -> (Groups, Teams) {
        (self.groups, self.teams)
    }
}

/// Whether this may stand in the address of a request: names with one `/` or more between them.
fn is_team(text: &str) -> bool {
    let is_plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let is_name = |name: &str| !matches!(name, "" | "." | "..") && is_plain(name);
    text.contains('/') && text.split('/').all(is_name)
}
