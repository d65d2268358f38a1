//! What the API of GitLab answers, out of what the forge remembers.

use super::state::{Asked, MergeRequest, Note, Project, State};
use super::{discussions, releases};
use crate::fake::git;
use crate::fake::http::{Request, Response};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

const HOST: &str = "https://gitlab.example.com";

/// What is asked below `/api/v4`.
pub fn answer(state: &mut State, parts: &[&str], request: &Request) -> Option<Response> {
    match (request.method.as_str(), parts) {
        ("GET", ["personal_access_tokens", "self"]) => {
            let id = state.users[&state.whose].id;
            Some(one(&json!({
                "id": 9, "name": "gate", "revoked": false, "created_at": time(state.clock), "scopes": state.scopes, "user_id": id,
                "active": true, "expires_at": state.expires,
            })))
        }
        ("GET", ["user"]) => Some(one(&user(state, &state.whose.clone()))),
        ("GET", ["users", id]) => {
            let known = state.users.values().find(|user| user.id.to_string() == *id)?;
            Some(one(&with(user(state, &known.login), &[("bot", json!(known.kind == "Bot"))])))
        }
        ("GET", ["groups", path, "members"]) => {
            let members = state.groups.get(&path.replace("%2F", "/"))?;
            let more = [("access_level", json!(30)), ("created_at", json!(time(state.clock))), ("expires_at", Value::Null)];
            Some(page(request, members.iter().map(|login| with(user(state, login), &more)).collect(), true))
        }
        (_, ["projects", name, rest @ ..]) => {
            let name = name.replace("%2F", "/");
            let path = state.projects.iter().find(|(path, project)| **path == name || project.id.to_string() == name)?.0.clone();
            let mut project = state.projects.remove(&path)?;
            let answer = Seen { state, path: &path, project: &mut project }.answer(rest, request);
            state.projects.insert(path, project);
            answer
        }
        _ => None,
    }
}

struct Seen<'s> {
    state: &'s mut State,
    path: &'s str,
    project: &'s mut Project,
}

impl Seen<'_> {
    fn answer(&mut self, parts: &[&str], request: &Request) -> Option<Response> {
        match (request.method.as_str(), parts) {
            ("GET", []) => Some(one(&json!({
                "id": self.project.id, "path_with_namespace": self.path, "default_branch": "main",
                "only_allow_merge_if_pipeline_succeeds": self.project.settings.needs_pipeline,
                "allow_merge_on_skipped_pipeline": self.project.settings.takes_skipped,
            }))),
            ("GET", ["approvals"]) => self.project.settings.approvals.map(|(resets, by_author, by_committers)| {
                one(&json!({
                    "reset_approvals_on_push": resets, "merge_requests_author_approval": by_author,
                    "merge_requests_disable_committers_approval": !by_committers,
                }))
            }),
            ("GET", ["events"]) => Some(self.events(request)),
            ("GET", ["repository", "commits"]) => self.commits(request),
            ("GET", ["repository", "commits", sha, "signature"]) => {
                let signature = json!({"signature_type": "SSH", "verification_status": "verified_system", "commit_source": "gitaly"});
                self.state.signed.contains(*sha).then(|| one(&signature))
            }
            ("GET", ["repository", "commits", sha, "merge_requests"]) => Some(page(request, self.landed(sha), true)),
            ("GET", ["merge_requests"]) => Some(page(request, self.open(request), true)),
            ("GET", ["freeze_periods"]) => Some(match &self.project.freezes {
                Some(freezes) => page(request, self.freezes(freezes), true),
                None => Response::new(403, json!({"message": "403 Forbidden"}).to_string()),
            }),
            ("GET", ["protected_environments"]) => {
                let shown = |(name, who, approvals): &(&str, &str, u64)| {
                    let levels = json!([{"id": 1, "access_level": 40, "access_level_description": who, "user_id": null, "group_id": null, "group_inheritance_type": 0}]);
                    json!({"name": name, "deploy_access_levels": levels, "required_approval_count": approvals, "approval_rules": []})
                };
                Some(page(request, self.project.protected.as_ref()?.iter().map(shown).collect(), true))
            }
            ("GET", ["deployments"]) => Some(page(request, self.deployments(request), true)),
            (method, ["merge_requests", number, "discussions", rest @ ..]) => {
                let number = number.parse().ok()?;
                let mut merge = self.project.requests.remove(&number)?;
                let answer =
                    discussions::Around { state: self.state, git: &self.project.git, merge: &mut merge, number, project: self.project.id };
                let answer = answer.answer(method, rest, request);
                self.project.requests.insert(number, merge);
                answer
            }
            (method, ["merge_requests", number, rest @ ..]) => {
                let number = number.parse().ok()?;
                let mut merge = self.project.requests.remove(&number)?;
                let answer = self.of_request(method, number, &mut merge, rest, request);
                self.project.requests.insert(number, merge);
                answer
            }
            (_, rest) => releases::answer(self.state, self.project, rest, request),
        }
    }

    fn of_request(&mut self, method: &str, number: u64, merge: &mut MergeRequest, rest: &[&str], request: &Request) -> Option<Response> {
        match (method, rest) {
            ("GET", []) => Some(one(&self.merge_request(number, merge))),
            ("GET", ["versions"]) => Some(page(request, Self::versions(merge), true)),
            ("GET", ["approvals"]) => Some(one(&self.approvals(number, merge))),
            ("GET", ["reviewers"]) => {
                let at = json!(time(merge.updated_at));
                let reviewer = |(login, says): &(String, &str)| json!({"user": user(self.state, login), "state": says, "created_at": at});
                Some(page(request, merge.reviewers.iter().map(reviewer).collect(), true))
            }
            ("GET", ["status_checks"]) => {
                let head = merge.versions.last()?.head.clone();
                let status = |answered: &Option<(String, String)>| {
                    answered.as_ref().filter(|(sha, _)| *sha == head).map_or("pending", |(_, status)| status).to_owned()
                };
                let check = |(at, (name, answered)): (usize, &Asked)| json!({"id": at + 1, "name": name, "external_url": HOST, "status": status(answered)});
                Some(page(request, merge.checks.iter().enumerate().map(check).collect(), true))
            }
            ("POST", ["status_check_responses"]) => {
                let body: Value = serde_json::from_slice(&request.body).unwrap();
                let at = usize::try_from(body["external_status_check_id"].as_u64()?).ok()? - 1;
                let word = |name: &str| body[name].as_str().unwrap_or("passed").to_owned();
                merge.checks.get_mut(at)?.1 = Some((word("sha"), word("status")));
                Some(Response::new(201, "{}"))
            }
            ("GET", ["diffs"]) => Some(page(request, discussions::diffs(&self.project.git, merge), true)),
            ("GET", ["notes"]) => {
                let newest_first = request.query.get("sort").is_none_or(|order| order == "desc");
                let mut notes: Vec<Value> = merge.notes.iter().map(|note| self.note(number, merge, note)).collect();
                if newest_first {
                    notes.reverse();
                }
                Some(page(request, notes, true))
            }
            ("POST", ["notes"]) => {
                let (id, at, author) = (self.state.id(), self.state.tick(), self.state.whose.clone());
                merge.notes.push(Note { id, author, body: body(request), is_system: false, at });
                Some(Response::new(201, self.note(number, merge, merge.notes.last()?).to_string()))
            }
            ("PUT", ["notes", id]) => {
                let (id, whose) = (id.parse::<u64>().ok()?, self.state.whose.clone());
                let note = merge.notes.iter_mut().find(|note| note.id == id)?;
                if note.author != whose {
                    return Some(Response::new(403, json!({"message": "403 Forbidden"}).to_string()));
                }
                note.body = body(request);
                let note = merge.notes.iter().find(|note| note.id == id)?;
                Some(one(&self.note(number, merge, note)))
            }
            ("DELETE", ["notes", id]) => {
                let before = merge.notes.len();
                merge.notes.retain(|note| note.id.to_string() != *id);
                (merge.notes.len() < before).then(|| Response::new(204, ""))
            }
            _ => None,
        }
    }

    /// The merge requests of a commit.
    fn landed(&self, sha: &str) -> Vec<Value> {
        let has = |merge: &MergeRequest| merge.merged.as_deref() == Some(sha) || merge.versions.iter().any(|version| version.head == sha);
        self.listed(has)
    }

    fn open(&self, request: &Request) -> Vec<Value> {
        let wanted = request.query.get("state").map_or("all", String::as_str);
        self.listed(|merge| wanted == "all" || (wanted == "opened") != merge.is_merged)
    }

    fn listed(&self, is_wanted: impl Fn(&MergeRequest) -> bool) -> Vec<Value> {
        let by = self.project.requests.iter().filter(|(_, merge)| is_wanted(merge));
        by.map(|(number, merge)| {
            json!({
                "id": merge.id, "iid": number, "project_id": self.project.id, "title": merge.title,
                "state": state_of(merge), "web_url": HOST, "source_branch": merge.source,
                "target_branch": merge.target, "sha": merge.versions.last().map(|version| &version.head), "merge_commit_sha": merge.merged,
                "squash_commit_sha": null,
            })
        })
        .collect()
    }

    fn freezes(&self, freezes: &[[&str; 3]]) -> Vec<Value> {
        let shown = |(at, [starts, ends, zone]): (usize, &[&str; 3])| {
            let now = time(self.state.clock);
            json!({"id": at + 1, "freeze_start": starts, "freeze_end": ends, "cron_timezone": zone, "created_at": now, "updated_at": now})
        };
        freezes.iter().enumerate().map(shown).collect()
    }

    fn deployments(&self, request: &Request) -> Vec<Value> {
        let fits = |asked: &str, value: &str| request.query.get(asked).is_none_or(|wanted| wanted == value);
        let all = self.project.deployments.iter().filter(|one| fits("environment", &one.environment) && fits("status", one.status));
        let shown = all.map(|one| {
            json!({
                "id": one.id, "iid": one.id, "ref": "main", "sha": one.sha, "created_at": time(one.at), "status": one.status,
                "environment": {"name": one.environment},
            })
        });
        if request.query.get("sort").is_some_and(|order| order == "desc") { shown.rev().collect() } else { shown.collect() }
    }

    fn merge_request(&self, number: u64, merge: &MergeRequest) -> Value {
        let version = merge.versions.last();
        let refs = version.map(|version| json!({"base_sha": version.base, "head_sha": version.head, "start_sha": version.start}));
        json!({
            "id": merge.id, "iid": number, "project_id": self.project.id, "title": merge.title, "description": null, "state": state_of(merge),
            "created_at": time(merge.created_at), "updated_at": time(merge.updated_at), "target_branch": merge.target,
            "source_branch": merge.source, "source_project_id": merge.source_project, "target_project_id": self.project.id, "author": user(self.state, &merge.author),
            "labels": merge.labels, "sha": version.map(|version| &version.head), "diff_refs": refs,
            "references": {"short": format!("!{number}"), "relative": format!("!{number}"), "full": format!("{}!{number}", self.path)},
        })
    }

    fn versions(merge: &MergeRequest) -> Vec<Value> {
        let versions = merge.versions.iter().rev().map(|version| {
            json!({
                "id": version.id, "head_commit_sha": version.head, "base_commit_sha": version.base, "start_commit_sha": version.start,
                "created_at": time(version.created_at), "merge_request_id": merge.id, "state": "collected", "real_size": "1",
                "patch_id_sha": null,
            })
        });
        versions.collect()
    }

    fn approvals(&self, number: u64, merge: &MergeRequest) -> Value {
        let approvals = merge.approvals.iter().map(|(login, at)| {
            let approval = json!({"user": user(self.state, login)});
            if self.state.dates_approvals { with(approval, &[("approved_at", json!(time(*at)))]) } else { approval }
        });
        let approved_by: Vec<Value> = approvals.collect();
        json!({"id": merge.id, "iid": number, "project_id": self.project.id, "approved": !approved_by.is_empty(), "approved_by": approved_by})
    }

    fn note(&self, number: u64, merge: &MergeRequest, note: &Note) -> Value {
        shown_note(self.state, note, (merge.id, number, self.project.id))
    }

    fn events(&self, request: &Request) -> Response {
        let newest_first = request.query.get("sort").is_none_or(|order| order == "desc");
        let mut events: Vec<Value> = self.project.events.iter().map(|event| {
            let author = user(self.state, &event.author);
            json!({
                "id": event.id, "project_id": self.project.id, "target_id": null, "target_iid": null, "target_type": null, "target_title": null,
                "action_name": match event.action { "created" => "pushed new", "removed" => "deleted", _ => "pushed to" },
                "author_id": author["id"], "author_username": event.author, "author": author, "created_at": time(event.at),
                "push_data": {
                    "commit_count": 1, "action": event.action, "ref_type": "branch", "commit_from": null, "commit_to": event.to,
                    "ref": event.branch, "commit_title": null, "ref_count": event.branch.is_none().then_some(5),
                },
            })
        }).collect();
        if newest_first {
            events.reverse();
        }
        page(request, events, true)
    }

    /// How many there are, nobody counts.
    fn commits(&self, request: &Request) -> Option<Response> {
        let (from, to) = request.query.get("ref_name")?.split_once("..")?;
        let mut commits = git::commits(&self.project.git, from, to);
        commits.reverse();
        let shown = commits.iter().map(|commit| {
            json!({
                "id": commit.id, "short_id": commit.id[..8], "created_at": commit.committer.date, "parent_ids": commit.parents,
                "title": commit.message.lines().next(), "message": commit.message,
                "author_name": commit.author.name, "author_email": commit.author.email, "authored_date": commit.author.date,
                "committer_name": commit.committer.name, "committer_email": commit.committer.email, "committed_date": commit.committer.date,
                "trailers": {}, "extended_trailers": {}, "web_url": format!("{HOST}/{}/-/commit/{}", self.path, commit.id),
            })
        });
        Some(page(request, shown.collect(), false))
    }
}

fn state_of(merge: &MergeRequest) -> &'static str {
    if merge.is_merged { "merged" } else { "opened" }
}

/// A note of a merge request, by its id, its number and its project's id.
pub fn shown_note(state: &State, note: &Note, (id, number, project): (u64, u64, u64)) -> Value {
    json!({
        "id": note.id, "type": null, "body": note.body, "author": user(state, &note.author), "created_at": time(note.at),
        "updated_at": time(note.at), "system": note.is_system, "noteable_id": id, "noteable_type": "MergeRequest", "project_id": project,
        "noteable_iid": number, "resolvable": false,
    })
}

/// An account, as it stands in other things.
fn user(state: &State, login: &str) -> Value {
    let known = &state.users[login];
    let says = if state.blocked.contains(login) { "blocked" } else { "active" };
    json!({
        "id": known.id, "username": login, "public_email": "", "name": login, "state": says, "locked": false, "avatar_url": null,
        "web_url": format!("{HOST}/{login}"),
    })
}

pub fn with(mut value: Value, more: &[(&str, Value)]) -> Value {
    for (name, more) in more {
        value[*name] = more.clone();
    }
    value
}

/// One thing.
pub fn one(value: &Value) -> Response {
    Response::new(200, value.to_string())
}

pub fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub fn body(request: &Request) -> String {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    body["body"].as_str().unwrap().to_owned()
}

/// The page of a list that was asked for, with the links to the others.
pub fn page(request: &Request, items: Vec<Value>, is_counted: bool) -> Response {
    let number = |name: &str, otherwise: usize| request.query.get(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
    let (size, at) = (number("per_page", 20).clamp(1, 100), number("page", 1).max(1));
    let last = items.len().div_ceil(size).max(1);
    let host = request.header("host").unwrap_or_default();
    let link = |page: usize, rel: &str| format!(r#"<http://{host}{}?page={page}&per_page={size}>; rel="{rel}""#, request.path);
    let next = (at < last).then(|| link(at + 1, "next"));
    let counted = is_counted.then(|| link(last, "last"));
    let links: Vec<String> = next.into_iter().chain([link(1, "first")]).chain(counted).collect();
    let next = if at < last { (at + 1).to_string() } else { String::new() };
    let shown: Vec<Value> = items.into_iter().skip((at - 1) * size).take(size).collect();
    let response = Response::new(200, Value::Array(shown).to_string()).with("Link", links.join(", ")).with("X-Next-Page", next);
    if is_counted { response.with("X-Total-Pages", last.to_string()) } else { response }
}
