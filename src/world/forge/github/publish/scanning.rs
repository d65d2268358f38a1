//! Alerts of code scanning: <https://docs.github.com/en/rest/code-scanning/code-scanning#upload-an-analysis-as-sarif-data>.

use super::Publishing;
use crate::world::forge::Error;
use crate::world::forge::publish::NotPublished;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Method;
use serde_json::{Value, json};
use std::io::Write;

impl Publishing<'_> {
    /// Hands the analysis in. A second one of the same commit takes the place of the first.
    pub(super) async fn code_scanning(&self) -> Result<String, NotPublished> {
        let reference = self.target.reference.as_deref().ok_or(NotPublished::NoReference)?;
        let sarif = packed(self.sarif).map_err(|error| Error::Start(error.to_string()))?;
        let analysis = json!({ "commit_sha": self.target.head, "ref": reference, "sarif": sarif, "tool_name": "Countersign" });
        self.client.write::<Value>(Method::POST, &self.path("code-scanning/sarifs"), &analysis).await?;
        Ok("handed in".to_owned())
    }
}

/// Compressed, in letters.
fn packed(text: &str) -> std::io::Result<String> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(text.as_bytes())?;
    Ok(STANDARD.encode(packer.finish()?))
}
