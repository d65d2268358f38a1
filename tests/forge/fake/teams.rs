//! Teams and who is in them.

use super::http::{Request, Response};
use super::paging::page;
use super::pulls::user;
use super::routes::one;
use super::state::State;
use serde_json::json;

/// What is asked of one team.
pub fn answer(state: &State, name: &str, rest: &[&str], request: &Request) -> Option<Response> {
    let team = state.teams.get(name)?;
    match rest {
        [] => Some(one(&json!({"id": team.id, "slug": name.split_once('/')?.1, "members_count": team.members.len()}))),
        ["members"] => Some(page(request, team.members.iter().filter_map(|login| state.users.get(login)).map(user).collect())),
        _ => None,
    }
}
