//! Who is in a team, now.

use super::wire::User;
use super::{Client, Error, Told};
use crate::proposal::Person;
use futures_util::future::try_join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who is in which team.
#[derive(Debug, Default)]
pub(super) struct Teams {
    /// By `organisation/team`.
    pub(super) members: BTreeMap<String, Vec<Person>>,
    /// Why it is not known, by `organisation/team`.
    pub(super) hidden: BTreeMap<String, String>,
}

/// The members of all these teams. A team that the token may not see is not known, and no error.
pub(super) async fn members(client: &Client, teams: &BTreeSet<Arc<str>>) -> Result<Teams, Error> {
    let asked = try_join_all(teams.iter().map(|team| of(client, team))).await?;
    let mut found = Teams::default();
    for (team, told) in teams.iter().zip(asked) {
        match told {
            Ok(people) => drop(found.members.insert(team.to_string(), people)),
            Err(why) => drop(found.hidden.insert(team.to_string(), why)),
        }
    }
    Ok(found)
}

async fn of(client: &Client, team: &str) -> Result<Told<Vec<Person>>, Error> {
    let Some((organisation, slug)) = team.split_once('/') else { return Ok(Err("a team is written `organisation/team`".to_owned())) };
    match client.list::<User>(&format!("/orgs/{organisation}/teams/{slug}/members")).await {
        Ok(users) => Ok(Ok(users.iter().map(User::person).collect())),
        Err(error @ Error::Refused { status: 401, .. }) => Err(error),
        Err(Error::Refused { status, .. }) => Ok(Err(hidden(status))),
        Err(error) => Err(error),
    }
}

fn hidden(status: u16) -> String {
    format!(
        "GitHub answers {status}: there is no such team, or this token may not see it. The token of a workflow sees no team; that of a \
         GitHub App with `members: read` does, and a group that lists its logins in the policy needs none"
    )
}
