//! Releases with their links, and the generic packages that those lead to.

use super::At;
use super::answers::{one, page};
use super::state::{Project, State};
use crate::fake::http::{Request, Response};
use countersign::systems::sha256;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What one project has of them.
#[derive(Clone, Debug, Default)]
pub struct Released {
    /// The links of releases, by tag.
    pub releases: BTreeMap<String, Vec<Link>>,
    /// All files of all versions, oldest first; several may have one name.
    pub files: Vec<File>,
    /// Of the next file only half arrives.
    pub cuts_next: bool,
}

#[derive(Clone, Debug)]
pub struct Link {
    pub id: u64,
    pub name: String,
    pub url: String,
}

#[derive(Clone, Debug)]
pub struct File {
    pub id: u64,
    pub version: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

impl At {
    /// A release without links.
    pub fn released(&self, tag: &str) {
        self.rereleased(|released| released.releases.insert(tag.to_owned(), Vec::new()));
    }

    /// Changes what the forge has of releases.
    pub fn rereleased<T>(&self, change: impl FnOnce(&mut Released) -> T) -> T {
        self.change(|_, project| change(&mut project.released))
    }
}

/// What is asked of the releases and packages of a project.
pub fn answer(state: &mut State, project: &mut Project, rest: &[&str], request: &Request) -> Option<Response> {
    let now = super::answers::time(state.clock);
    let plain = |text: &str| text.replace("%2F", "/");
    let released = &mut project.released;
    match (request.method.as_str(), rest) {
        ("GET", ["releases", tag]) => {
            let links = released.releases.get(&plain(tag))?;
            let shown: Vec<Value> = links.iter().map(Link::shown).collect();
            Some(one(&json!({
                "tag_name": plain(tag), "name": plain(tag), "description": "", "created_at": now, "released_at": now,
                "assets": {"count": shown.len(), "sources": [], "links": shown},
            })))
        }
        ("GET", ["releases", tag, "assets", "links"]) => {
            let links = released.releases.get(&plain(tag))?;
            Some(page(request, links.iter().map(Link::shown).collect(), true))
        }
        ("POST", ["releases", tag, "assets", "links"]) => {
            let id = state.id();
            let links = released.releases.get_mut(&plain(tag))?;
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            let word = |name: &str| body[name].as_str().unwrap().to_owned();
            let link = Link { id, name: word("name"), url: word("url") };
            for (field, is_taken) in
                [("name", links.iter().any(|known| known.name == link.name)), ("url", links.iter().any(|known| known.url == link.url))]
            {
                if is_taken {
                    let why = json!({"message": {field: ["has already been taken"]}});
                    return Some(Response::new(400, why.to_string()));
                }
            }
            let answer = link.shown();
            links.push(link);
            Some(Response::new(201, answer.to_string()))
        }
        ("GET", ["packages"]) => {
            let mut versions: Vec<&String> = released.files.iter().map(|file| &file.version).collect();
            versions.sort();
            versions.dedup();
            let package = |(at, version): (usize, &&String)| json!({"id": at + 1, "name": "countersign", "version": version, "package_type": "generic", "status": "default", "created_at": now});
            let other = json!({"id": 999, "name": "countersign-other", "version": "v1", "package_type": "generic", "status": "default", "created_at": now});
            Some(page(request, versions.iter().enumerate().map(package).chain([other]).collect(), true))
        }
        ("GET", ["packages", id, "package_files"]) => {
            let mut versions: Vec<String> = released.files.iter().map(|file| file.version.clone()).collect();
            versions.sort();
            versions.dedup();
            let version = versions.get(id.parse::<usize>().ok()?.checked_sub(1)?)?;
            let shown = |file: &File| {
                json!({
                    "id": file.id, "package_id": 1, "created_at": now, "file_name": file.name, "size": file.bytes.len(), "file_md5": null,
                    "file_sha1": null, "file_sha256": sha256(&file.bytes),
                })
            };
            Some(page(request, released.files.iter().filter(|file| file.version == *version).map(shown).collect(), true))
        }
        ("PUT", ["packages", "generic", "countersign", version, name]) => {
            let is_cut = std::mem::take(&mut released.cuts_next);
            if is_cut {
                // What does not arrive whole GitLab does not keep.
                return Some(Response::new(502, ""));
            }
            let file = File { id: state.id(), version: (*version).to_owned(), name: (*name).to_owned(), bytes: request.body.clone() };
            released.files.push(file);
            Some(Response::new(201, json!({"message": "201 Created"}).to_string()))
        }
        ("GET", ["packages", "generic", "countersign", version, name]) => {
            let file = released.files.iter().rev().find(|file| file.version == *version && file.name == *name)?;
            // The files are on another host, as far as a client can tell.
            let port = request.header("host")?.rsplit_once(':')?.1.to_owned();
            Some(Response::new(302, "").with("Location", format!("http://localhost:{port}/files/{}?signature=once", file.id)))
        }
        _ => None,
    }
}

/// A file, for whoever was told where it is; a token has no business there.
pub fn file(state: &mut State, request: &Request) -> Option<Response> {
    let id = request.path.strip_prefix("/files/")?;
    if request.header("authorization").is_some() {
        state.mistakes.push(format!("{}: a token was sent to the host of the files", request.path));
    }
    let mut files = state.projects.values().flat_map(|project| &project.released.files);
    Some(Response::new(200, files.find(|file| file.id.to_string() == id)?.bytes.clone()))
}

impl Link {
    fn shown(&self) -> Value {
        json!({"id": self.id, "name": self.name, "url": self.url, "direct_asset_url": self.url, "link_type": "other"})
    }
}
