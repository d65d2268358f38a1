//! Pull requests, and everything that hangs on them.

use super::git;
use super::http::{Request, Response};
use super::paging::{after, page, page_in};
use super::routes::one;
use super::state::{Deployment, Done, Pull, Push, Repository, Review, State, User};
use serde_json::{Value, json};

/// What is asked of one repository.
pub fn answer(state: &State, name: &str, rest: &[&str], request: &Request) -> Option<Response> {
    let repository = state.repositories.get(name)?;
    let seen = Seen { state, name, repository };
    match rest {
        [] => Some(one(&seen.repository())),
        ["pulls"] => {
            let state = request.query.get("state").map_or("open", String::as_str);
            let wanted = repository.pulls.iter().filter(|(_, pull)| state == "all" || pull.is_open == (state == "open"));
            Some(page(request, wanted.map(|(number, pull)| seen.pull(&number.to_string(), pull)).collect()))
        }
        ["pulls", number] => Some(one(&seen.pull(number, repository.pulls.get(&number.parse().ok()?)?))),
        ["pulls", number, "reviews"] => {
            let pull = repository.pulls.get(&number.parse().ok()?)?;
            Some(page(request, pull.reviews.iter().map(|review| seen.review(review)).collect()))
        }
        ["pulls", number, "commits"] => {
            let pull = repository.pulls.get(&number.parse().ok()?)?;
            Some(page(request, seen.commits(pull).iter().map(|commit| seen.commit(commit)).collect()))
        }
        ["issues", number, "timeline"] => {
            let pull = repository.pulls.get(&number.parse().ok()?)?;
            Some(page(request, seen.timeline(pull)))
        }
        ["compare", range] => {
            let (base, head) = range.split_once("...")?;
            seen.comparison(request, base, head)
        }
        ["commits", commit, "pulls"] => {
            let landed = repository
                .pulls
                .iter()
                .filter(|(_, pull)| pull.merged.as_deref() == Some(*commit) || pull.brought.iter().any(|id| id == commit));
            Some(page(request, landed.map(|(number, pull)| seen.pull(&number.to_string(), pull)).collect()))
        }
        ["deployments"] => {
            let wanted = request.query.get("environment");
            let found = repository.deployments.iter().rev().filter(|one| wanted.is_none_or(|wanted| *wanted == one.environment));
            Some(page(request, found.map(deployment).collect()))
        }
        ["deployments", id, "statuses"] => {
            let found = repository.deployments.iter().find(|one| one.id.to_string() == *id)?;
            let statuses = found.states.iter().enumerate().rev();
            Some(page(request, statuses.map(|(at, state)| json!({"id": found.id + at as u64, "state": state})).collect()))
        }
        ["activity"] => {
            let branch = request.query.get("ref").map(|name| name.trim_start_matches("refs/heads/").to_owned());
            let pushes = repository.pushes.iter().rev().filter(|push| branch.as_ref().is_none_or(|branch| *branch == push.branch));
            Some(after(request, pushes.map(|push| seen.push(push)).collect()))
        }
        _ => None,
    }
}

/// An account, as it stands in other things.
pub fn user(user: &User) -> Value {
    json!({"id": user.id, "login": user.login, "type": user.kind})
}

fn deployment(deployment: &Deployment) -> Value {
    json!({"id": deployment.id, "sha": deployment.commit, "environment": deployment.environment})
}

struct Seen<'s> {
    state: &'s State,
    name: &'s str,
    repository: &'s Repository,
}

impl Seen<'_> {
    fn repository(&self) -> Value {
        let (owner, name) = self.name.split_once('/').unwrap();
        let owner = json!({"id": 900, "login": owner, "type": "Organization"});
        json!({"id": self.repository.id, "name": name, "full_name": self.name, "owner": owner, "default_branch": "main"})
    }

    /// Nobody, if the account is gone or the address is of none.
    fn login(&self, login: Option<&str>) -> Value {
        login.and_then(|login| self.state.users.get(login)).map_or(Value::Null, user)
    }

    fn commits(&self, pull: &Pull) -> Vec<git::Commit> {
        git::commits(&self.repository.git, &pull.base_sha, &pull.head_sha)
    }

    fn pull(&self, number: &str, pull: &Pull) -> Value {
        let side = |branch: &str, sha: &str| json!({"ref": branch, "sha": sha, "label": branch, "user": self.login(Some(&pull.author)), "repo": self.repository()});
        let head = side(&pull.head, &pull.head_sha);
        let fork = pull.fork.as_ref().map(|name| with(self.repository(), &[("full_name", json!(name))]));
        let head = fork.map_or(head.clone(), |fork| with(head, &[("repo", fork)]));
        let labels: Vec<Value> = pull.labels.iter().map(|label| json!({"name": label})).collect();
        json!({
            "id": pull.id, "number": number.parse::<u64>().unwrap(), "state": if pull.is_open { "open" } else { "closed" },
            "title": pull.title, "body": pull.body, "labels": labels, "user": self.login(Some(&pull.author)),
            "base": side(&pull.base, &pull.base_sha), "head": head,
            "commits": self.commits(pull).len(), "updated_at": pull.updated_at, "merged": pull.merged.is_some(), "merge_commit_sha": pull.merged, "merged_at": pull.merged.as_ref().map(|_| pull.updated_at),
        })
    }

    fn review(&self, review: &Review) -> Value {
        json!({
            "id": review.id, "user": self.login(review.author.as_deref()), "state": review.state, "commit_id": review.commit,
            "submitted_at": review.submitted_at, "body": "",
        })
    }

    fn commit(&self, commit: &git::Commit) -> Value {
        let account = |email: &str| self.state.users.values().find(|known| known.email == email).map_or(Value::Null, user);
        let signature = |by: &git::Signature| json!({"name": by.name, "email": by.email, "date": by.date});
        let parents: Vec<Value> = commit.parents.iter().map(|parent| json!({"sha": parent})).collect();
        json!({
            "sha": commit.id, "parents": parents, "author": account(&commit.author.email), "committer": account(&commit.committer.email),
            "commit": {
                "message": commit.message, "tree": {"sha": commit.tree},
                "author": signature(&commit.author), "committer": signature(&commit.committer),
            },
        })
    }

    fn timeline(&self, pull: &Pull) -> Vec<Value> {
        let told =
            |event: &str, (id, actor, at): &Done| json!({"id": id, "event": event, "actor": self.login(Some(actor)), "created_at": at});
        let forced = pull.forced.iter().map(|forced| told("head_ref_force_pushed", forced));
        forced.chain(pull.aimed.iter().map(|(event, aimed)| told(event, aimed))).collect()
    }

    fn comparison(&self, request: &Request, base: &str, head: &str) -> Option<Response> {
        let merge_base = git::merge_base(&self.repository.git, base, head)?;
        let found = git::commit(&self.repository.git, &merge_base);
        let commits: Vec<Value> = git::commits(&self.repository.git, base, head).iter().map(|commit| self.commit(commit)).collect();
        let whole = json!({"merge_base_commit": self.commit(&found), "total_commits": commits.len()});
        Some(page_in(request, whole, "commits", commits))
    }

    fn push(&self, push: &Push) -> Value {
        json!({
            "id": push.id, "before": push.before, "after": push.after, "ref": format!("refs/heads/{}", push.branch),
            "timestamp": push.at, "activity_type": push.kind, "actor": self.login(Some(&push.actor)),
        })
    }
}

/// The same, with other values.
fn with(mut object: Value, values: &[(&str, Value)]) -> Value {
    for (key, value) in values {
        object[*key] = value.clone();
    }
    object
}
