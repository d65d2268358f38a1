//! Everybody who had a hand in a change: who wrote its commits, and who put them there.
//!
//! What a commit says of its author is written by whoever wrote the commit. So it bars people from approving and never lets one, and
//! whoever pushed to the branch is barred beside them.

use super::wire::{Activity, Commit, Comparison, Event, Pull, User};
use super::{About, Error, Told, authors};
use crate::proposal::Person;
use crate::world::forge::client::encoded;
use crate::world::forge::graphql::Said;
use crate::world::forge::trailers::co_authors;
use chrono::{DateTime, Utc};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;
use std::collections::BTreeMap;

/// As many commits as GitHub puts on a page of a comparison.
const PER_PAGE: usize = 100;

/// A change of more commits is not read.
const MOST_COMMITS: usize = 10_000;

/// How many pages are asked for at once.
const AT_ONCE: usize = 8;

/// As many pages of what happened to a branch are read, one after the other.
const MOST_PAGES: usize = 10;

/// What a pull request adds to the branch that it goes to.
pub(super) struct Range {
    pub(super) merge_base: String,
    pub(super) commits: Vec<Commit>,
}

/// What happened to a pull request.
pub(super) struct Timeline {
    /// Who replaced commits of the branch by others.
    pub(super) forced: Told<Vec<Person>>,
    /// When it was last aimed at another branch.
    pub(super) retargeted_at: Option<DateTime<Utc>>,
}

impl About<'_> {
    /// All commits between the two that the pull request names. Their list has no limit of 250, as that of a pull request has, and no
    /// push that comes between two pages changes it.
    pub(super) async fn range(&self, pull: &Pull) -> Result<Range, Error> {
        let path = format!("/repos/{}/compare/{}...{}", self.repository, pull.base.sha, pull.head.sha);
        let first: Comparison = self.client.get(&page(&path, 1)).await?;
        let total = first.total_commits;
        let partial = |found: usize| Error::Unusable { request: format!("GET {path}"), why: format!("it has {found} of {total} commits") };
        if total > MOST_COMMITS {
            return Err(partial(MOST_COMMITS));
        }
        let others = stream::iter(2..=total.div_ceil(PER_PAGE)).map(|number| self.commits(page(&path, number))).buffered(AT_ONCE);
        let mut commits = first.commits;
        commits.extend(others.try_collect::<Vec<_>>().await?.into_iter().flatten());
        let different: BTreeMap<&str, &Commit> = commits.iter().map(|commit| (commit.sha.as_str(), commit)).collect();
        if different.len() != total || commits.len() != total {
            return Err(partial(different.len()));
        }
        Ok(Range { merge_base: first.merge_base_commit.sha, commits })
    }

    async fn commits(&self, path: String) -> Result<Vec<Commit>, Error> {
        Ok(self.client.get::<Comparison>(&path).await?.commits)
    }

    /// What happened to the pull request besides its reviews.
    pub(super) async fn timeline(&self) -> Result<Timeline, Error> {
        let path = format!("/repos/{}/issues/{}/timeline", self.repository, self.number);
        let events: Vec<Event> = self.client.list(&path).await?;
        let (mut forced, mut retargeted_at) = (Vec::new(), None);
        for event in events {
            match event.kind.as_deref() {
                Some("head_ref_force_pushed") => forced.push(event.actor),
                // Somebody did, or GitHub itself, because the branch was deleted.
                Some("base_ref_changed" | "automatic_base_change_succeeded") => {
                    let why = || "it does not say when the pull request was aimed at another branch".to_owned();
                    let at = event.created_at.ok_or_else(|| Error::Unusable { request: format!("GET {path}"), why: why() })?;
                    retargeted_at = retargeted_at.max(Some(at));
                }
                _ => {}
            }
        }
        Ok(Timeline { forced: everybody(forced.into_iter(), "replaced commits of the branch by others"), retargeted_at })
    }

    /// Who pushed to the branch. That of a fork is seen where there still is one and the token may see it.
    pub(super) async fn pushed(&self, pull: &Pull) -> Result<Told<Vec<Person>>, Error> {
        let Some(fork) = &pull.head.repo else {
            return Ok(Err("the fork is gone, and with it who pushed to its branch".to_owned()));
        };
        let is_fork = pull.base.repo.as_ref().is_none_or(|base| base.full_name != fork.full_name);
        let path = format!("/repos/{}/activity?ref={}", fork.full_name, encoded(&format!("refs/heads/{}", pull.head.branch)));
        match self.client.follow::<Activity>(&path, MOST_PAGES).await {
            Ok(Some(pushes)) => Ok(everybody(pushes.into_iter().map(|push| push.actor), "pushed to the branch")),
            Ok(None) => Ok(Err(format!("`{}` was pushed to more often than we read", pull.head.branch))),
            Err(Error::Refused { status: 403 | 404, .. }) if is_fork => {
                Ok(Err(format!("the token does not see who pushed to the fork `{}`; hand in one that may read it", fork.full_name)))
            }
            Err(error) => Err(error),
        }
    }
}

impl About<'_> {
    /// Who wrote these commits: authors, committers and co-authors, as far as GitHub knows whose the addresses are. One of whom it does not
    /// is somebody unknown, who may be anybody.
    pub(super) async fn wrote(&self, commits: &[Commit]) -> Result<Told<Vec<Person>>, Error> {
        let mut people = Vec::new();
        for commit in commits {
            for (user, role) in [(&commit.author, "author"), (&commit.committer, "committer")] {
                match user {
                    Some(user) => people.push(user.person()),
                    None => return Ok(Err(unknown(commit, role))),
                }
            }
        }
        let (known, hidden) = co_authored(commits);
        people.extend(known);
        // Whose a hidden address is, only GraphQL says.
        let asked = stream::iter(hidden).map(|(commit, addresses)| self.co_authors(commit, addresses)).buffered(AT_ONCE);
        for told in asked.try_collect::<Vec<_>>().await? {
            match told {
                Ok(others) => people.extend(others),
                Err(why) => return Ok(Err(why)),
            }
        }
        Ok(Ok(people))
    }

    /// The accounts of the co-authors of a commit with these addresses.
    async fn co_authors(&self, commit: &Commit, addresses: Vec<String>) -> Result<Told<Vec<Person>>, Error> {
        let (owner, name) = self.repository.split_once('/').unwrap_or((self.repository, ""));
        let variables = json!({ "owner": owner, "name": name, "commit": commit.sha });
        let said: Said<authors::Data> = match self.client.ask(&json!({ "query": authors::QUESTION, "variables": variables })).await {
            Err(Error::Refused { status: 403 | 404, .. }) => return Ok(Err(unknown(commit, "co-author"))),
            said => said?,
        };
        let unusable = |why: String| Error::Unusable { request: "POST /graphql".to_owned(), why };
        let accounts = authors::accounts(said.data().map_err(unusable)?).map_err(unusable)?;
        let person = |address: &String| accounts.get(address).cloned().ok_or_else(|| unknown(commit, "co-author"));
        Ok(addresses.iter().map(person).collect())
    }
}

/// The co-authors whose addresses are those of authors or of GitHub's own, and by commit the addresses of the others.
fn co_authored(commits: &[Commit]) -> (Vec<Person>, Vec<(&Commit, Vec<String>)>) {
    let accounts = accounts(commits);
    let (mut people, mut hidden) = (Vec::new(), Vec::new());
    for commit in commits {
        let mut unknown = Vec::new();
        for address in co_authors(&commit.written.message) {
            match accounts.get(&address).cloned().or_else(|| private(&address)) {
                Some(person) => people.push(person),
                None => unknown.push(address),
            }
        }
        if !unknown.is_empty() {
            hidden.push((commit, unknown));
        }
    }
    (people, hidden)
}

/// Everybody who did something; if one of them is an account that is gone, nobody knows who that was.
fn everybody(users: impl Iterator<Item = Option<User>>, did: &str) -> Told<Vec<Person>> {
    let person = |user: Option<User>| user.map(|user| user.person()).ok_or_else(|| format!("an account that is gone {did}"));
    users.map(person).collect()
}

fn unknown(commit: &Commit, role: &str) -> String {
    let short = commit.sha.get(..10).unwrap_or(&commit.sha);
    format!("the {role} of commit {short} has an address that belongs to no account that GitHub shows")
}

/// Whose the addresses are that authors and committers have.
fn accounts(commits: &[Commit]) -> BTreeMap<String, Person> {
    let signed =
        commits.iter().flat_map(|commit| [(&commit.written.author, &commit.author), (&commit.written.committer, &commit.committer)]);
    signed.filter_map(|(signature, user)| Some((signature.as_ref()?.email.as_ref()?.to_lowercase(), user.as_ref()?.person()))).collect()
}

/// The account of an address that GitHub gives to whoever hides theirs: `1001+alice@users.noreply.github.com`.
fn private(address: &str) -> Option<Person> {
    let (name, host) = address.split_once('@')?;
    let (id, login) = name.split_once('+')?;
    let id = id.parse().ok().filter(|id| *id > 0)?;
    host.starts_with("users.noreply.").then(|| Person { id, login: login.to_owned() })
}

fn page(path: &str, number: usize) -> String {
    format!("{path}?per_page={PER_PAGE}&page={number}")
}
