//! Everybody who had a hand in a change: who wrote its commits, and who put them there.
//!
//! What a commit says of its author is written by whoever wrote the commit. So it bars people from approving and never lets one, and
//! whoever pushed to the branch is barred beside them.

use super::accounts::Authors;
use super::wire::{Commit, DiffRefs, Event, MergeRequest, Note, Push, Signature, User};
use super::{About, Error, Told};
use crate::proposal::Person;
use crate::world::forge::trailers::co_authors;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet};

/// So many pages of pushes to a project are read, one after the other, until one of them began the branch.
const MOST_PAGES: u64 = 30;

/// How many signatures are asked for at once.
const AT_ONCE: usize = 8;

impl About<'_> {
    /// All commits of a merge request, by the two that it named: no push that comes between two pages changes them.
    pub(super) async fn commits(&self, refs: &DiffRefs) -> Result<Vec<Commit>, Error> {
        let path = format!("/v4/projects/{}/repository/commits?ref_name={}..{}", self.project, refs.start, refs.head);
        let commits: Vec<Commit> = self.client.list(&path).await?;
        let different: BTreeSet<&str> = commits.iter().map(|commit| commit.id.as_str()).collect();
        let is_whole = different.len() == commits.len() && (commits.is_empty() || different.contains(refs.head.as_str()));
        let partial = || Error::Unusable { request: format!("GET {path}"), why: "it does not have every commit, each once".to_owned() };
        if is_whole { Ok(commits) } else { Err(partial()) }
    }

    /// Who pushed to the branch since it was there. That of a fork is seen where the token may see the fork, and what was pushed to it
    /// after the merge request was opened also stands in the notes.
    pub(super) async fn pushed(&self, request: &MergeRequest) -> Result<Told<Vec<Person>>, Error> {
        let Some(project) = request.source_project_id else { return Ok(Ok(Vec::new())) };
        let path = format!("/v4/projects/{project}/events?action=pushed&sort=desc");
        let mut people = Vec::new();
        for number in 1..=MOST_PAGES {
            let (events, has_next) = match self.client.page_and_next::<Event>(&path, number).await {
                Err(Error::Refused { status: 403 | 404, .. }) if project != request.target_project_id => return Ok(Ok(Vec::new())),
                answer => answer?,
            };
            if number > 1 && events.is_empty() {
                return Err(Error::Unusable { request: format!("GET {path}"), why: format!("its page {number} is empty") });
            }
            for Event { author, push_data } in events {
                match push_data.as_ref().map(|push| push.is_to(&request.source_branch)) {
                    Some(To::Began) => return Ok(Ok([people, vec![author.person()]].concat())),
                    Some(To::Pushed) => people.push(author.person()),
                    Some(To::Elsewhere) | None => {}
                }
            }
            if !has_next {
                return Ok(Ok(people));
            }
        }
        Ok(Err(format!("the project was pushed to more often than we read since `{}` is there", request.source_branch)))
    }

    /// Which of these commits GitLab itself committed, for whoever wrote them: those carry its own signature.
    async fn signed_by_gitlab(&self, commits: &[&Commit]) -> Result<BTreeSet<String>, Error> {
        let asked = stream::iter(commits.iter().map(|commit| commit.id.clone())).map(|id| async move {
            let path = format!("/v4/projects/{}/repository/commits/{id}/signature", self.project);
            match self.client.get::<Signature>(&path).await {
                Ok(signature) => Ok((signature.verification_status == "verified_system").then_some(id)),
                // There is none.
                Err(Error::Refused { status: 404, .. }) => Ok(None),
                Err(error) => Err(error),
            }
        });
        Ok(asked.buffered(AT_ONCE).try_collect::<Vec<Option<String>>>().await?.into_iter().flatten().collect())
    }

    /// Who wrote these commits: authors, committers and co-authors, as far as GitLab knows whose the addresses are. One of whom it does
    /// not is somebody unknown, who may be anybody.
    pub(super) async fn wrote(&self, commits: &[Commit], authors: &Authors) -> Result<Told<Vec<Person>>, Error> {
        let known = match known(commits, authors) {
            Ok(known) => known,
            Err(why) => return Ok(Err(why)),
        };
        if strangers(commits, &known, authors).is_some() {
            let unknown: Vec<&Commit> = commits.iter().filter(|commit| account(&commit.committer_email, &known).is_none()).collect();
            let signed = self.signed_by_gitlab(&unknown).await?;
            let others: Vec<Commit> = commits.iter().filter(|commit| !signed.contains(&commit.id)).cloned().collect();
            if let Some(commit) = strangers(&others, &known, authors) {
                return Ok(Err(unknown_one(&commit.id, "committer")));
            }
        }
        let mut people: Vec<Person> = known.values().cloned().chain(authors.committers.iter().cloned()).collect();
        for commit in commits {
            for address in co_authors(&commit.message) {
                match account(&address, &known) {
                    Some(person) => people.push(person),
                    None => return Ok(Err(unknown_one(&commit.id, "co-author"))),
                }
            }
        }
        Ok(Ok(people))
    }
}

/// Who put commits there after the merge request was opened: GitLab notes it of whoever did.
pub(super) fn noted(notes: &[Note]) -> impl Iterator<Item = Person> {
    let adds = |note: &&Note| note.system && note.body.starts_with("added ") && note.body.contains(" commit");
    notes.iter().filter(adds).map(|note| note.author.person())
}

/// What a push has to do with a branch.
enum To {
    Began,
    Pushed,
    Elsewhere,
}

impl Push {
    /// A push of many branches at once does not say which, and may be to any.
    fn is_to(&self, branch: &str) -> To {
        match &self.branch {
            Some(name) if self.ref_type != "branch" || name != branch => To::Elsewhere,
            Some(_) if self.action == "created" => To::Began,
            _ => To::Pushed,
        }
    }
}

/// Whose the addresses are that authors have.
fn known(commits: &[Commit], authors: &Authors) -> Told<BTreeMap<String, Person>> {
    let of = |commit: &Commit| {
        let person = authors.of.get(&commit.id).cloned().flatten();
        let person = person.ok_or_else(|| unknown_one(&commit.id, "author"))?;
        Ok((commit.author_email.to_lowercase(), person))
    };
    commits.iter().map(of).collect()
}

fn account(address: &str, known: &BTreeMap<String, Person>) -> Option<Person> {
    let address = address.to_lowercase();
    known.get(&address).cloned().or_else(|| private(&address))
}

/// A commit whose committer may be of no account. GitLab lists the accounts of all committers and not whose address is whose; but no address
/// is of two accounts, so where there are as many accounts as addresses that are of nobody we know, each is of one.
fn strangers<'c>(commits: &'c [Commit], known: &BTreeMap<String, Person>, authors: &Authors) -> Option<&'c Commit> {
    let unknown: Vec<&Commit> = commits.iter().filter(|commit| account(&commit.committer_email, known).is_none()).collect();
    let addresses: BTreeSet<String> = unknown.iter().map(|commit| commit.committer_email.to_lowercase()).collect();
    let familiar: BTreeSet<u64> = known.values().map(|person| person.id).collect();
    let others: BTreeSet<u64> = authors.committers.iter().map(|person| person.id).filter(|id| !familiar.contains(id)).collect();
    if others.len() >= addresses.len() { None } else { unknown.first().copied() }
}

fn unknown_one(id: &str, role: &str) -> String {
    let short = id.get(..10).unwrap_or(id);
    format!("the {role} of commit {short} has an address that belongs to no account that GitLab shows")
}

/// The account of an address that GitLab gives to whoever hides theirs: `1001-alice@users.noreply.gitlab.com`.
fn private(address: &str) -> Option<Person> {
    let (name, host) = address.split_once('@')?;
    let (id, login) = name.split_once('-')?;
    let user = User { id: id.parse().ok().filter(|id| *id > 0)?, username: login.to_owned() };
    host.starts_with("users.noreply.").then(|| user.person())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: u64) -> Person {
        Person { id, login: format!("p{id}") }
    }

    fn commit(id: &str, author: &str, committer: &str) -> Commit {
        Commit { id: id.to_owned(), author_email: author.to_owned(), committer_email: committer.to_owned(), message: String::new() }
    }

    #[test]
    fn a_committer_is_known_by_counting_accounts_and_addresses() {
        let commits = [commit("1", "alice@x", "bob@x"), commit("2", "alice@x", "ALICE@x"), commit("3", "alice@x", "carol@x")];
        let of = commits.iter().map(|commit| (commit.id.clone(), Some(person(1)))).collect();
        let mut authors = Authors { of, committers: vec![person(1), person(2), person(3)] };
        let known = known(&commits, &authors).unwrap();
        assert!(strangers(&commits, &known, &authors).is_none());
        authors.committers.pop();
        assert_eq!(strangers(&commits, &known, &authors).unwrap().id, "1", "one of two is of nobody");
    }

    #[test]
    fn a_commit_of_no_account_has_an_unknown_author() {
        let authors = Authors { of: [("1".to_owned(), None)].into(), committers: Vec::new() };
        assert!(known(&[commit("1", "a@x", "a@x")], &authors).unwrap_err().starts_with("the author of commit 1 has"));
        assert!(known(&[commit("2", "a@x", "a@x")], &authors).is_err(), "neither has one that was not told of");
    }

    #[test]
    fn a_hidden_address_is_of_its_account() {
        assert_eq!(private("1001-alice@users.noreply.gitlab.com").unwrap().id, 1001);
        for address in ["alice@users.noreply.gitlab.com", "0-x@users.noreply.gitlab.com", "1-x@example.com", ""] {
            assert_eq!(private(address), None, "{address}");
        }
    }
}
