//! Whose the address of a co-author is, also one that its account hides: <https://docs.github.com/en/graphql/reference/objects#commit>.

use crate::proposal::Person;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Everybody who is named as an author of a commit.
pub(super) const QUESTION: &str = "query($owner: String!, $name: String!, $commit: GitObjectID!) { repository(owner: $owner, name: $name) { \
     object(oid: $commit) { ... on Commit { authors(first: 100) { pageInfo { hasNextPage } nodes { email user { databaseId login } } } } } } }";

#[derive(Deserialize)]
pub(super) struct Data {
    repository: Option<Repository>,
}

#[derive(Deserialize)]
struct Repository {
    object: Option<Commit>,
}

#[derive(Deserialize)]
struct Commit {
    authors: Authors,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Authors {
    page_info: PageInfo,
    nodes: Vec<Author>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
}

#[derive(Deserialize)]
struct Author {
    email: Option<String>,
    user: Option<Account>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    database_id: u64,
    login: String,
}

/// The accounts by address, in lower case.
pub(super) fn accounts(data: Data) -> Result<BTreeMap<String, Person>, String> {
    let commit = data.repository.and_then(|repository| repository.object).ok_or("it does not show the commit")?;
    if commit.authors.page_info.has_next_page {
        return Err("the commit has more than 100 authors".to_owned());
    }
    let account = |author: Author| {
        let Account { database_id: id, login } = author.user?;
        Some((author.email?.to_lowercase(), Person { id, login }))
    };
    Ok(commit.authors.nodes.into_iter().filter_map(account).collect())
}
