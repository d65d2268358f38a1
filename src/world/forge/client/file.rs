//! Files: sent as they are, and read as they are, also from and to the hosts on which a forge keeps them.

use super::send::{Sent, cause, unavailable};
use super::{Client, Error};
use http::{Method, StatusCode, Uri};
use serde::de::DeserializeOwned;
use tokio::time::{sleep, timeout_at};

/// What is neither JSON nor text.
const FILE: &str = "application/octet-stream";

/// No file that we read is larger, in bytes.
const MOST_BYTES: usize = 64 << 20;

impl Client {
    /// Sends a file, once, whatever happens, as a write.
    pub(in crate::world::forge) async fn upload<T: DeserializeOwned>(&self, method: Method, path: &str, bytes: &[u8]) -> Result<T, Error> {
        let sent = Sent { body: bytes, kind: FILE, ..Sent::new(method, path) };
        self.write_one(sent).await?.json(path)
    }

    /// Reads a file. Where the forge points to another host, nobody says there who asks.
    pub(in crate::world::forge) async fn download(&self, path: &str) -> Result<Vec<u8>, Error> {
        let request = format!("GET {path}");
        let at = self.rooted(path);
        let answer = self.patiently(&request, Sent { accept: Some(FILE), ..Sent::new(Method::GET, &at) }).await?;
        if answer.status == StatusCode::OK {
            return Ok(answer.body);
        }
        let location = answer.location().filter(|_| answer.status.is_redirection());
        let location = location.ok_or_else(|| super::send::refused(request.clone(), &answer))?;
        self.fetched(&request, location).await
    }

    /// What an address answers that the forge has pointed to, asked for without a token.
    async fn fetched(&self, request: &str, address: &str) -> Result<Vec<u8>, Error> {
        let uri: Option<Uri> = address.parse().ok();
        let host = uri.as_ref().and_then(Uri::host).unwrap_or_default().to_owned();
        let is_safe = uri.is_some_and(|uri| uri.scheme_str() == Some("https") || self.is_here && super::address::is_loopback(&host));
        if !is_safe {
            return Err(Error::Elsewhere { request: request.to_owned(), host });
        }
        let mut tried = 0;
        loop {
            tried += 1;
            let why = match timeout_at(self.deadline(), self.once_elsewhere(address)).await {
                Ok(Ok(bytes)) => return Ok(bytes),
                Ok(Err(why)) => why,
                Err(_) => return Err(self.too_late(request.to_owned())),
            };
            let wait = self.pace.wait(tried, None);
            if tried >= self.pace.tries || !self.has_time_for(wait) {
                return Err(unavailable(request, tried, why));
            }
            sleep(wait).await;
        }
    }

    async fn once_elsewhere(&self, address: &str) -> Result<Vec<u8>, String> {
        let mut answer = self.elsewhere.get(address).send().await.map_err(|error| cause(&error))?;
        if answer.status() != StatusCode::OK {
            return Err(format!("`{}` answered {}", answer.url().host_str().unwrap_or_default(), answer.status()));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| cause(&error))? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > MOST_BYTES {
                return Err(format!("it is larger than {MOST_BYTES} bytes"));
            }
        }
        Ok(bytes)
    }
}
