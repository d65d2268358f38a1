//! Files at a release of GitHub's, called assets there. One that is there whole is never touched, unless it is made from others; what an
//! interrupted upload has left is taken away and sent again.

use super::super::attachments::{Attached, Attachment};
use super::super::client::{Client, Keyed, encoded, takes_uploads};
use super::super::{Connection, Error};
use crate::systems::sha256;
use http::Method;
use serde::Deserialize;

/// How often a file is sent whose place somebody else takes meanwhile.
const TRIES: usize = 3;

/// A release.
#[derive(Debug, Deserialize)]
struct Release {
    id: u64,
    /// Where it takes files: an address with `{?name,label}` behind it.
    upload_url: String,
}

/// A file of a release.
#[derive(Debug, Deserialize)]
struct Asset {
    id: u64,
    name: String,
    state: String,
    size: usize,
    digest: Option<String>,
}

impl Keyed for Asset {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

impl Asset {
    /// What an upload that was cut off leaves is in another state.
    fn is_whole(&self) -> bool {
        self.state == "uploaded"
    }
}

/// The files of a release whose names are wanted.
pub(in crate::world::forge) async fn attachments(
    client: &Client,
    repository: &str,
    tag: &str,
    is_wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<Attachment>, Error> {
    let at = At { client, repository };
    let release = at.release(tag).await?;
    let mut files = Vec::new();
    for asset in at.assets(&release).await?.into_iter().filter(|asset| asset.is_whole() && is_wanted(&asset.name)) {
        let bytes = at.bytes(&asset).await?;
        files.push(Attachment { name: asset.name, bytes, is_derived: false });
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
    let at = At { client, repository };
    let release = at.release(tag).await?;
    let uploads = Uploads::of(client, connection, &release)?;
    let mut outcomes = Vec::new();
    for file in files {
        outcomes.push(at.attach(&release, &uploads, file).await?);
    }
    Ok(outcomes)
}

struct At<'a> {
    client: &'a Client,
    repository: &'a str,
}

impl At<'_> {
    async fn release(&self, tag: &str) -> Result<Release, Error> {
        self.client.get(&format!("/repos/{}/releases/tags/{}", self.repository, encoded(tag))).await
    }

    async fn assets(&self, release: &Release) -> Result<Vec<Asset>, Error> {
        self.client.list(&format!("/repos/{}/releases/{}/assets", self.repository, release.id)).await
    }

    async fn bytes(&self, asset: &Asset) -> Result<Vec<u8>, Error> {
        let path = self.path(asset);
        let bytes = self.client.download(&path).await?;
        let is_it = bytes.len() == asset.size && asset.digest.as_ref().is_none_or(|digest| *digest == digest_of(&bytes));
        let why = || "what arrived is not what the release says that it has".to_owned();
        if is_it { Ok(bytes) } else { Err(Error::Unusable { request: format!("GET {path}"), why: why() }) }
    }

    fn path(&self, asset: &Asset) -> String {
        format!("/repos/{}/releases/assets/{}", self.repository, asset.id)
    }

    async fn attach(&self, release: &Release, uploads: &Uploads, file: &Attachment) -> Result<Attached, Error> {
        let (mut was_sent, mut refusal) = (false, None);
        for _ in 0..TRIES {
            let assets = self.assets(release).await?;
            if let Some(asset) = assets.iter().find(|asset| asset.name == file.name) {
                if asset.is_whole() && self.holds(asset, file).await? {
                    return Ok(if was_sent { Attached::Written } else { Attached::AsItWas });
                }
                if asset.is_whole() && !file.is_derived {
                    return Err(Error::Occupied { name: file.name.clone() });
                }
                self.remove(asset).await?;
            }
            match uploads.send(file).await {
                Ok(asset) if asset.is_whole() && self.holds(&asset, file).await? => return Ok(Attached::Written),
                // Nobody knows whether it arrived, or somebody else was faster: what is there now says it.
                Ok(_) => refusal = None,
                Err(error @ (Error::Unavailable { .. } | Error::Unusable { .. } | Error::Refused { status: 422, .. })) => {
                    refusal = Some(error);
                }
                Err(error) => return Err(error),
            }
            was_sent = true;
        }
        Err(refusal.unwrap_or_else(|| Error::Half { name: file.name.clone() }))
    }

    async fn holds(&self, asset: &Asset, file: &Attachment) -> Result<bool, Error> {
        if asset.size != file.bytes.len() {
            return Ok(false);
        }
        match &asset.digest {
            Some(digest) => Ok(*digest == digest_of(&file.bytes)),
            None => Ok(self.client.download(&self.path(asset)).await? == file.bytes),
        }
    }

    async fn remove(&self, asset: &Asset) -> Result<(), Error> {
        match self.client.delete(&self.path(asset)).await {
            Err(Error::Refused { status: 404, .. }) => Ok(()),
            other => other,
        }
    }
}

/// Where a release takes files.
struct Uploads {
    client: Client,
    path: String,
}

impl Uploads {
    /// The token goes along, so the host is only taken if it is the forge's own.
    fn of(client: &Client, connection: &Connection, release: &Release) -> Result<Self, Error> {
        let request = || format!("POST {}", release.upload_url);
        let none = || Error::Unusable { request: request(), why: "this is no address to send a file to".to_owned() };
        let address = release.upload_url.split('{').next().unwrap_or_default();
        let (scheme, rest) = address.split_once("://").ok_or_else(none)?;
        let (host, path) = rest.split_once('/').ok_or_else(none)?;
        if !takes_uploads(client.authority(), host) {
            return Err(Error::Elsewhere { request: request(), host: host.to_owned() });
        }
        let connection = Connection { api: format!("{scheme}://{host}"), ..connection.clone() };
        Ok(Self { client: Client::new(&connection)?, path: format!("/{path}") })
    }

    async fn send(&self, file: &Attachment) -> Result<Asset, Error> {
        self.client.upload(Method::POST, &format!("{}?name={}", self.path, encoded(&file.name)), &file.bytes).await
    }
}

fn digest_of(bytes: &[u8]) -> String {
    format!("sha256:{}", sha256(bytes))
}
