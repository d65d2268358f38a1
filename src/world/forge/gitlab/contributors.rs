//! Everybody who had a hand in a change: who wrote its commits, and who put them there.
//!
//! What a commit says of its author is written by whoever wrote the commit. So it bars people from approving and never lets one, and
//! whoever pushed to the branch is barred beside them.

use super::accounts::Authors;
use super::wire::{Commit, DiffRefs, Event, MergeRequest, Note, Signature, User};
use super::{About, Error, Told};
use crate::proposal::Person;
use crate::world::forge::trailers::co_authors;
use chrono::TimeDelta;
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
        let is_whole = different.len() == commits.len() && different.contains(refs.head.as_str());
        let partial = || Error::Unusable { request: format!("GET {path}"), why: "it does not have every commit, each once".to_owned() };
        if is_whole { Ok(commits) } else { Err(partial()) }
    }

    /// Who pushed to the branch since it was there, back to the push that began it. Where that is not seen whole, anybody may have.
    pub(super) async fn pushed(&self, request: &MergeRequest) -> Result<Told<Vec<Person>>, Error> {
        let branch = &request.source_branch;
        let Some(project) = request.source_project_id else {
            return Ok(Err(format!("the fork that has `{branch}` is gone, and with it who pushed to it")));
        };
        let path = format!("/v4/projects/{project}/events?action=pushed&sort=desc");
        let mut pushes = Pushes::to(request);
        for number in 1..=MOST_PAGES {
            let (events, has_next) = match self.client.page_and_next::<Event>(&path, number).await {
                Err(Error::Refused { status: status @ (403 | 404), .. }) if project != request.target_project_id => {
                    return Ok(Err(format!(
                        "GitLab answers {status} to who pushed to `{branch}`: the token does not see the fork; let its account read the fork, or \
                         push the branch to the project itself"
                    )));
                }
                answer => answer?,
            };
            if number > 1 && events.is_empty() {
                return Err(Error::Unusable { request: format!("GET {path}"), why: format!("its page {number} is empty") });
            }
            if events.into_iter().any(|event| pushes.began_before(event)) {
                return Ok(pushes.people());
            }
            if !has_next && pushes.may_have_begun {
                return Ok(pushes.people());
            }
            if !has_next {
                return Ok(Err(format!(
                    "GitLab shows no push that began `{branch}`; push it under a name that was never there, by itself, and propose that"
                )));
            }
        }
        Ok(Err(format!("the project was pushed to more often than we read since `{branch}` is there")))
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
            let unknown: Vec<&Commit> = commits.iter().filter(|commit| committer(commit, &known, authors).is_none()).collect();
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

/// GitLab writes down a push some time after it took it, and a merge request may be opened by the push itself.
const LATE: TimeDelta = TimeDelta::minutes(10);

/// What is seen of the pushes to the branch of a merge request, newest first.
struct Pushes<'r> {
    request: &'r MergeRequest,
    people: Vec<Person>,
    /// Whether one of them may have put there what is proposed.
    has_head: bool,
    /// Whether the last that was seen began the branch, if nothing happened to it between that and the opening of the merge request.
    may_have_begun: bool,
}

impl<'r> Pushes<'r> {
    fn to(request: &'r MergeRequest) -> Self {
        Self { request, people: Vec::new(), has_head: false, may_have_begun: false }
    }

    /// Takes one more, and whether nothing more is wanted: the branch that was proposed began with it or after it. One that began a branch
    /// of that name later made it again, be it at once: then it was taken away after the merge request was opened, and that is written
    /// down no earlier than it happened.
    fn began_before(&mut self, event: Event) -> bool {
        let Event { author, created_at, push_data } = event;
        if self.may_have_begun && created_at < self.request.created_at {
            return true;
        }
        let Some(push) = push_data else { return false };
        // A push of many branches at once does not say which, and may be to any.
        let is_named = push.branch.is_some();
        if is_named && (push.ref_type != "branch" || push.branch.as_ref() != Some(&self.request.source_branch)) {
            return false;
        }
        self.may_have_begun = false;
        // Whoever takes a branch away, as whoever merges it may, puts nothing there.
        if is_named && push.action == "removed" {
            return false;
        }
        self.people.push(author.person());
        self.has_head |= !is_named || (push.commit_to.is_some() && push.commit_to == self.request.sha);
        self.may_have_begun = is_named && push.action == "created" && created_at <= self.request.created_at + LATE;
        self.may_have_begun && created_at <= self.request.created_at
    }

    fn people(self) -> Told<Vec<Person>> {
        let Self { request, people, has_head, .. } = self;
        if has_head {
            Ok(people)
        } else {
            Err(format!("GitLab does not show yet who pushed to `{}` last; run the job again", request.source_branch))
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

/// Whose the address of a committer is: an author's, or one that GitLab itself gave to an account that it names among the committers.
fn committer(commit: &Commit, known: &BTreeMap<String, Person>, authors: &Authors) -> Option<Person> {
    let address = commit.committer_email.to_lowercase();
    let hidden = || private(&address).filter(|person| authors.committers.iter().any(|named| named.id == person.id));
    known.get(&address).cloned().or_else(hidden)
}

/// A commit whose committer may be of no account. GitLab lists the accounts of all committers and not whose address is whose; but no address
/// is of two accounts, so where there are as many accounts as addresses that are of nobody we know, each is of one.
fn strangers<'c>(commits: &'c [Commit], known: &BTreeMap<String, Person>, authors: &Authors) -> Option<&'c Commit> {
    let (found, unknown): (Vec<_>, Vec<_>) =
        commits.iter().map(|commit| (commit, committer(commit, known, authors))).partition(|(_, person)| person.is_some());
    let addresses: BTreeSet<String> = unknown.iter().map(|(commit, _)| commit.committer_email.to_lowercase()).collect();
    let familiar: BTreeSet<u64> =
        known.values().chain(found.iter().filter_map(|(_, person)| person.as_ref())).map(|person| person.id).collect();
    let others: BTreeSet<u64> = authors.committers.iter().map(|person| person.id).filter(|id| !familiar.contains(id)).collect();
    if others.len() >= addresses.len() { None } else { unknown.first().map(|(commit, _)| *commit) }
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
    fn a_committer_who_hides_an_address_stands_for_nobody_else() {
        let commits = [commit("1", "alice@x", "1002-bob@users.noreply.x"), commit("2", "alice@x", "stranger@x")];
        let of = commits.iter().map(|commit| (commit.id.clone(), Some(person(1)))).collect();
        let mut authors = Authors { of, committers: vec![person(1002)] };
        let known = known(&commits, &authors).unwrap();
        assert_eq!(strangers(&commits, &known, &authors).unwrap().id, "2", "the only committer that GitLab names is Bob");
        authors.committers.push(person(3));
        assert!(strangers(&commits, &known, &authors).is_none());
        authors.committers.remove(0);
        assert_eq!(strangers(&commits, &known, &authors).unwrap().id, "1", "an address that GitLab gave to nobody is of somebody unknown");
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
