//! Releases with the files that are attached to them, and the store of attestations.

use super::At;
use super::http::{Request, Response};
use super::paging::page;
use super::routes::one;
use super::state::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::systems::sha256;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What one repository has of them.
#[derive(Debug, Default)]
pub struct Released {
    /// By tag.
    pub releases: BTreeMap<String, Release>,
    /// The bundles that were handed over.
    pub attestations: Vec<Value>,
    /// Whether the plan has a store of attestations.
    pub keeps_none: bool,
    /// Of the next file only half arrives.
    pub cuts_next: bool,
    /// Where files are to be sent, if that is not here.
    pub upload_host: Option<String>,
}

#[derive(Debug, Default)]
pub struct Release {
    pub id: u64,
    pub assets: Vec<Asset>,
}

#[derive(Clone, Debug)]
pub struct Asset {
    pub id: u64,
    pub name: String,
    pub bytes: Vec<u8>,
    /// What an upload that was cut off leaves is `open`.
    pub is_whole: bool,
}

impl At {
    /// A release without files.
    pub fn released(&self, tag: &str) {
        self.change(|state, repository| {
            repository.released.releases.insert(tag.to_owned(), Release { id: state.id(), assets: Vec::new() })
        });
    }

    /// The files of a release, by name.
    pub fn assets(&self, tag: &str) -> BTreeMap<String, Asset> {
        self.change(|_, repository| {
            let assets = repository.released.releases[tag].assets.iter();
            assets.map(|asset| (asset.name.clone(), asset.clone())).collect()
        })
    }

    /// Changes what the forge has of releases.
    pub fn rereleased<T>(&self, change: impl FnOnce(&mut Released) -> T) -> T {
        self.change(|_, repository| change(&mut repository.released))
    }
}

/// What is asked of the releases of a repository.
pub fn answer(state: &mut State, name: &str, rest: &[&str], request: &Request) -> Option<Response> {
    let id = state.id();
    let released = &mut state.repositories.get_mut(name)?.released;
    let host = request.header("host").unwrap_or_default();
    match (request.method.as_str(), rest) {
        ("GET", ["releases", "tags", tag @ ..]) => {
            let release = released.releases.get(&tag.join("/"))?;
            let to = released.upload_host.as_deref().unwrap_or(host);
            let upload = format!("http://{to}/repos/{name}/releases/{}/assets{{?name,label}}", release.id);
            let assets: Vec<Value> = release.assets.iter().map(|asset| asset_json(asset, host, name)).collect();
            Some(one(
                &json!({"id": release.id, "tag_name": tag.join("/"), "upload_url": upload, "assets": assets, "draft": false, "published_at": "2026-01-05T09:00:00Z"}),
            ))
        }
        ("GET", ["releases", "assets", id]) => {
            let id: u64 = id.parse().ok()?;
            released.assets().find(|asset| asset.id == id && asset.is_whole)?;
            // The files are on another host, as far as a client can tell.
            let port = host.rsplit_once(':')?.1;
            Some(Response::new(302, "").with("Location", format!("http://localhost:{port}/files/{name}/{id}?signature=once")))
        }
        ("DELETE", ["releases", "assets", id]) => {
            let id: u64 = id.parse().ok()?;
            released.assets().find(|asset| asset.id == id)?;
            for release in released.releases.values_mut() {
                release.assets.retain(|asset| asset.id != id);
            }
            Some(Response::new(204, ""))
        }
        ("GET", ["releases", release, "assets"]) => {
            let release = released.releases.values().find(|known| known.id.to_string() == *release)?;
            Some(page(request, release.assets.iter().map(|asset| asset_json(asset, host, name)).collect()))
        }
        ("POST", ["releases", release, "assets"]) => {
            let (is_cut, wanted) = (std::mem::take(&mut released.cuts_next), request.query.get("name")?.clone());
            let release = released.releases.values_mut().find(|known| known.id.to_string() == *release)?;
            if release.assets.iter().any(|asset| asset.name == wanted) {
                return Some(Response::new(422, json!({"message": "Validation Failed", "documentation_url": "https://docs.github.com/rest", "errors": [{"resource": "ReleaseAsset", "code": "already_exists", "field": "name"}]}).to_string()));
            }
            let whole = request.body.len();
            let bytes = request.body[..if is_cut { whole / 2 } else { whole }].to_vec();
            let asset = Asset { id, name: wanted, bytes, is_whole: !is_cut };
            let answer = asset_json(&asset, host, name);
            release.assets.push(asset);
            Some(if is_cut { Response::new(502, "") } else { Response { status: 201, ..one(&answer) } })
        }
        ("POST", ["attestations"]) if released.keeps_none => {
            let message = "Feature not available for user owned private repositories.";
            Some(Response::new(403, json!({"message": message, "documentation_url": "https://docs.github.com/rest"}).to_string()))
        }
        ("POST", ["attestations"]) => {
            let body: Value = serde_json::from_slice(&request.body).ok()?;
            released.attestations.push(body["bundle"].clone());
            Some(Response { status: 201, ..one(&json!({"id": id})) })
        }
        ("GET", ["attestations", digest]) => {
            let about = released.attestations.iter().filter(|bundle| is_about(bundle, digest));
            let found: Vec<Value> = about.map(|bundle| json!({"bundle": bundle, "initiator": "user"})).collect();
            if found.is_empty() { None } else { Some(one(&json!({"attestations": found}))) }
        }
        _ => None,
    }
}

/// A file, for whoever was told where it is; a token has no business there.
pub fn file(state: &mut State, request: &Request) -> Option<Response> {
    let (repository, id) = request.path.strip_prefix("/files/")?.rsplit_once('/')?;
    if request.header("authorization").is_some() {
        state.mistakes.push(format!("{}: a token was sent to the host of the files", request.path));
    }
    let asset = state.repositories.get(repository)?.released.assets().find(|asset| asset.id.to_string() == id)?;
    Some(Response::new(200, asset.bytes.clone()))
}

impl Released {
    fn assets(&self) -> impl Iterator<Item = &Asset> {
        self.releases.values().flat_map(|release| &release.assets)
    }
}

fn asset_json(asset: &Asset, host: &str, repository: &str) -> Value {
    let digest = if asset.is_whole { json!(format!("sha256:{}", sha256(&asset.bytes))) } else { Value::Null };
    let state = if asset.is_whole { "uploaded" } else { "open" };
    let url = format!("http://{host}/repos/{repository}/releases/assets/{}", asset.id);
    json!({"id": asset.id, "url": url, "name": asset.name, "state": state, "size": asset.bytes.len(), "digest": digest})
}

fn is_about(bundle: &Value, digest: &str) -> bool {
    let payload = bundle["dsseEnvelope"]["payload"].as_str().and_then(|payload| STANDARD.decode(payload).ok()).unwrap_or_default();
    let statement: Value = serde_json::from_slice(&payload).unwrap_or_default();
    let hex = digest.trim_start_matches("sha256:");
    statement["subject"].as_array().is_some_and(|subjects| subjects.iter().any(|subject| subject["digest"]["sha256"] == hex))
}
