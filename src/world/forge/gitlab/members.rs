//! Who is in a group, now.

use super::wire::Member;
use super::{Client, Error, Told};
use crate::proposal::Person;
use crate::world::forge::client::encoded;
use futures_util::future::try_join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who is in which group.
#[derive(Debug, Default)]
pub(super) struct Groups {
    /// By `group/subgroup`.
    pub(super) members: BTreeMap<String, Vec<Person>>,
    /// Why it is not known, by `group/subgroup`.
    pub(super) hidden: BTreeMap<String, String>,
}

/// The members of all these groups. A group that the token may not see is not known, and no error.
pub(super) async fn members(client: &Client, groups: &BTreeSet<Arc<str>>) -> Result<Groups, Error> {
    let asked = try_join_all(groups.iter().map(|group| of(client, group))).await?;
    let mut found = Groups::default();
    for (group, told) in groups.iter().zip(asked) {
        match told {
            Ok(people) => drop(found.members.insert(group.to_string(), people)),
            Err(why) => drop(found.hidden.insert(group.to_string(), why)),
        }
    }
    Ok(found)
}

/// Those who were put into this group. A member of a group above it counts as one of it for GitLab, and then everybody in `acme` would
/// be in `acme/security`, whoever was chosen for that.
async fn of(client: &Client, group: &str) -> Result<Told<Vec<Person>>, Error> {
    match client.list::<Member>(&format!("/v4/groups/{}/members", encoded(group))).await {
        Ok(members) => Ok(Ok(members.iter().filter(|member| member.is_active()).map(|member| member.user.person()).collect())),
        Err(Error::Refused { status: status @ (403 | 404), .. }) => Ok(Err(hidden(status))),
        Err(error) => Err(error),
    }
}

fn hidden(status: u16) -> String {
    format!(
        "GitLab answers {status}: there is no such group, or this token may not see it. The token of a project sees no private group; that \
         of a group above it does, and a group that lists its logins in the policy needs none"
    )
}
