//! Whose the commits are, as GitLab knows it: it compares their addresses with those that an account has proven to have.
//!
//! Only GraphQL says it: <https://docs.gitlab.com/api/graphql/reference/#commit>.

use super::wire::{Account, MergeRequest, User};
use super::{About, Error};
use crate::proposal::Person;
use crate::world::forge::graphql::Said;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

const PATH: &str = "/graphql";

/// Whose each commit is, and who committed any of them.
const QUESTION: &str = "query($project: ID!, $number: String!, $after: String) { project(fullPath: $project) { mergeRequest(iid: $number) { \
     committers(first: 100) { pageInfo { hasNextPage } nodes { id username } } \
     commits(first: 100, after: $after) { pageInfo { hasNextPage endCursor } nodes { sha author { id username } } } } } }";

/// No merge request of more commits is read.
const MOST_PAGES: usize = 100;

/// How many accounts are asked for at once.
const AT_ONCE: usize = 8;

/// The accounts behind commits.
#[derive(Clone, Debug, Default)]
pub(super) struct Authors {
    /// By commit; nobody where the address is of no account that GitLab shows.
    pub(super) of: BTreeMap<String, Option<Person>>,
    /// The accounts of all committers that have one.
    pub(super) committers: Vec<Person>,
}

#[derive(Deserialize)]
struct Data {
    project: Option<Project>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Project {
    merge_request: Option<Seen>,
}

#[derive(Deserialize)]
struct Seen {
    committers: Page<Node>,
    commits: Page<Authored>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<T> {
    page_info: PageInfo,
    nodes: Vec<T>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Authored {
    sha: String,
    author: Option<Node>,
}

#[derive(Deserialize)]
struct Node {
    /// `gid://gitlab/User/1001`.
    id: String,
    username: String,
}

impl Node {
    fn person(self) -> Result<Person, Error> {
        let id = self.id.strip_prefix("gid://gitlab/User/").and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| unusable(&format!("`{}` is the id of no account", self.id)))?;
        Ok(Person { id, login: self.username })
    }
}

impl About<'_> {
    /// Whose the commits of a merge request are.
    pub(super) async fn authors(&self, request: &MergeRequest) -> Result<Authors, Error> {
        let mut authors = Authors::default();
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let variables = json!({"project": request.references.project(), "number": self.number.to_string(), "after": after});
            let answer: Said<Data> = self.client.ask(&json!({"query": QUESTION, "variables": variables})).await?;
            let Seen { committers, commits } = seen(answer)?;
            if committers.page_info.has_next_page {
                return Err(unusable("more than 100 people committed to it"));
            }
            authors.committers = committers.nodes.into_iter().map(Node::person).collect::<Result<_, _>>()?;
            for Authored { sha, author } in commits.nodes {
                authors.of.insert(sha, author.map(Node::person).transpose()?);
            }
            match commits.page_info {
                PageInfo { has_next_page: false, .. } => return Ok(authors),
                PageInfo { end_cursor, .. } => after = Some(end_cursor.ok_or_else(|| unusable("its next page has no name"))?),
            }
        }
        Err(unusable("the merge request has more commits than we read"))
    }

    /// What kind of accounts these are.
    pub(super) async fn accounts(&self, users: impl Iterator<Item = &User>) -> Result<BTreeMap<u64, Account>, Error> {
        let ids: std::collections::BTreeSet<u64> = users.map(|user| user.id).collect();
        let paths: Vec<String> = ids.into_iter().map(|id| format!("/v4/users/{id}")).collect();
        let accounts = stream::iter(paths).map(|path| async move { self.client.get::<Account>(&path).await }).buffered(AT_ONCE);
        Ok(accounts.try_collect::<Vec<_>>().await?.into_iter().map(|account| (account.user.id, account)).collect())
    }
}

/// What it shows of the merge request.
fn seen(answer: Said<Data>) -> Result<Seen, Error> {
    let data = answer.data().map_err(|why| unusable(&why))?;
    let request = data.project.and_then(|project| project.merge_request);
    request.ok_or_else(|| unusable("it does not show the merge request; the token needs the scope `read_api`"))
}

fn unusable(why: &str) -> Error {
    Error::Unusable { request: format!("POST {PATH}"), why: why.to_owned() }
}
