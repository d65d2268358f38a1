//! Files at a release of GitLab's: generic packages of the project, to which the release links.
//! <https://docs.gitlab.com/user/packages/generic_packages/>, <https://docs.gitlab.com/api/packages/> and
//! <https://docs.gitlab.com/api/releases/links/>.
//!
//! A version of the package is called by the tag, and its files are what is attached, also before a link leads to them: a run that was
//! stopped between the two has left its own. The links are for people. Nobody goes where one points, because whoever develops may have it
//! point anywhere.

use super::super::attachments::{Attached, Attachment};
use super::super::client::{Client, Keyed, encoded};
use super::super::{Connection, Error};
use crate::systems::sha256;
use http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What the packages are called.
const PACKAGE: &str = "countersign";

/// How often something is written whose answer is lost.
const TRIES: usize = 3;

/// A package: one version of what is called so.
#[derive(Debug, Deserialize)]
struct Package {
    id: u64,
    name: String,
    version: Option<String>,
}

/// A file of a package. GitLab keeps several of one name, and hands out the newest.
#[derive(Debug, Deserialize)]
struct PackageFile {
    id: u64,
    file_name: String,
    size: usize,
    file_sha256: Option<String>,
}

/// A link of a release.
#[derive(Debug, Deserialize)]
struct Link {
    id: u64,
    name: String,
    url: String,
}

impl Keyed for Package {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

impl Keyed for PackageFile {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

impl Keyed for Link {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

/// The files of a release whose names are wanted.
pub(in crate::world::forge) async fn attachments(
    client: &Client,
    connection: &Connection,
    repository: &str,
    tag: &str,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Attachment>, Error> {
    let at = At::new(client, connection, repository, tag);
    at.exists().await?;
    let kept = at.files().await?;
    let names: BTreeSet<&str> = kept.iter().map(|file| file.file_name.as_str()).filter(|name| is_wanted(name)).collect();
    let mut files = Vec::new();
    for file in names.into_iter().filter_map(|name| newest(&kept, name)) {
        files.push(Attachment { bytes: at.bytes(file).await?, name: file.file_name.clone(), is_derived: false });
    }
    Ok(files)
}

/// Attaches files, one after the other. The first that cannot be is an error; those before it stay.
pub(in crate::world::forge) async fn attach(
    client: &Client,
    connection: &Connection,
    repository: &str,
    tag: &str,
    files: &[Attachment],
) -> Result<Vec<Attached>, Error> {
    let at = At::new(client, connection, repository, tag);
    at.exists().await?;
    let mut outcomes = Vec::new();
    for file in files {
        let (kept, linked) = (at.keep(file).await?, at.link(&file.name).await?);
        outcomes.push(if kept == Attached::Written { kept } else { linked });
    }
    Ok(outcomes)
}

/// The newest file of a name, which is the one that is handed out.
fn newest<'f>(files: &'f [PackageFile], name: &str) -> Option<&'f PackageFile> {
    files.iter().filter(|file| file.file_name == name).max_by_key(|file| file.id)
}

struct At<'a> {
    client: &'a Client,
    api: &'a str,
    /// As it stands in an address.
    project: String,
    tag: &'a str,
}

impl<'a> At<'a> {
    fn new(client: &'a Client, connection: &'a Connection, repository: &str, tag: &'a str) -> Self {
        Self { client, api: connection.api.trim_end_matches('/'), project: encoded(repository), tag }
    }

    fn release(&self) -> String {
        format!("/v4/projects/{}/releases/{}", self.project, encoded(self.tag))
    }

    /// Which version of the package has the files. A version has no slash and no other letters than these, and a tag may.
    fn version(&self) -> String {
        let is_plain = self.tag.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte));
        let is_taken = !self.tag.contains("..") && !self.tag.starts_with("tag-");
        if is_plain && is_taken { self.tag.to_owned() } else { format!("tag-{}", sha256(self.tag.as_bytes())) }
    }

    /// Where a file is.
    fn path(&self, name: &str) -> String {
        format!("/v4/projects/{}/packages/generic/{PACKAGE}/{}/{}", self.project, encoded(&self.version()), encoded(name))
    }

    /// Where people are sent for it: the same, with the host.
    fn url(&self, name: &str) -> String {
        format!("{}{}", self.api.trim_end_matches("/v4"), self.path(name))
    }

    async fn exists(&self) -> Result<(), Error> {
        self.client.get::<IgnoredAny>(&self.release()).await.map(|_| ())
    }

    async fn links(&self) -> Result<Vec<Link>, Error> {
        self.client.list(&format!("{}/assets/links", self.release())).await
    }

    /// All files of the package; none where it is not there yet.
    async fn files(&self) -> Result<Vec<PackageFile>, Error> {
        let packages = format!("/v4/projects/{}/packages", self.project);
        let listed: Vec<Package> = self.client.list(&format!("{packages}?package_type=generic&package_name={PACKAGE}")).await?;
        let version = self.version();
        // The filter takes whatever has the name in it.
        let own = listed.into_iter().filter(|package| package.name == PACKAGE && package.version.as_ref() == Some(&version));
        let mut files = Vec::new();
        for package in own {
            files.extend(self.client.list::<PackageFile>(&format!("{packages}/{}/package_files", package.id)).await?);
        }
        Ok(files)
    }

    async fn bytes(&self, file: &PackageFile) -> Result<Vec<u8>, Error> {
        let path = self.path(&file.file_name);
        let bytes = self.client.download(&path).await?;
        let why = || "what arrived is not what the package says that it has".to_owned();
        if file.is(&bytes) { Ok(bytes) } else { Err(Error::Unusable { request: format!("GET {path}"), why: why() }) }
    }

    /// Sees to it that the package has a file.
    async fn keep(&self, file: &Attachment) -> Result<Attached, Error> {
        let (mut was_sent, mut refusal) = (false, None);
        for _ in 0..TRIES {
            match newest(&self.files().await?, &file.name) {
                Some(there) if self.holds(there, file).await? => {
                    return Ok(if was_sent { Attached::Written } else { Attached::AsItWas });
                }
                Some(_) if !file.is_derived => return Err(Error::Occupied { name: file.name.clone() }),
                _ => {}
            }
            match self.client.upload::<Value>(Method::PUT, &self.path(&file.name), &file.bytes).await {
                // What is there now says whether it arrived whole.
                Ok(_) => refusal = None,
                Err(error @ (Error::Unavailable { .. } | Error::Unusable { .. })) => refusal = Some(error),
                Err(error) => return Err(error),
            }
            was_sent = true;
        }
        match newest(&self.files().await?, &file.name) {
            Some(there) if self.holds(there, file).await? => Ok(Attached::Written),
            _ => Err(refusal.unwrap_or_else(|| Error::Half { name: file.name.clone() })),
        }
    }

    async fn holds(&self, there: &PackageFile, file: &Attachment) -> Result<bool, Error> {
        if there.size == file.bytes.len() && there.file_sha256.is_none() {
            return Ok(self.client.download(&self.path(&file.name)).await? == file.bytes);
        }
        Ok(there.is(&file.bytes))
    }

    /// Sees to it that the release links to a file.
    async fn link(&self, name: &str) -> Result<Attached, Error> {
        let (url, mut was_sent, mut refusal) = (self.url(name), false, None);
        for _ in 0..TRIES {
            match self.links().await?.into_iter().find(|link| link.name == name) {
                Some(link) if link.url == url => return Ok(if was_sent { Attached::Written } else { Attached::AsItWas }),
                Some(_) => return Err(Error::Occupied { name: name.to_owned() }),
                None => {}
            }
            let link = json!({ "name": name, "url": url, "link_type": "other" });
            match self.client.write::<Value>(Method::POST, &format!("{}/assets/links", self.release()), &link).await {
                Ok(_) => return Ok(Attached::Written),
                // Nobody knows whether it arrived, or somebody else was faster: what is there now says it.
                Err(error @ (Error::Unavailable { .. } | Error::Unusable { .. } | Error::Refused { status: 400 | 409 | 422, .. })) => {
                    refusal = Some(error);
                }
                Err(error) => return Err(error),
            }
            was_sent = true;
        }
        let is_there = self.links().await?.into_iter().any(|link| link.name == name && link.url == url);
        if is_there { Ok(Attached::Written) } else { Err(refusal.unwrap_or_else(|| Error::Half { name: name.to_owned() })) }
    }
}

impl PackageFile {
    fn is(&self, bytes: &[u8]) -> bool {
        self.size == bytes.len() && self.file_sha256.as_ref().is_none_or(|digest| *digest == sha256(bytes))
    }
}
