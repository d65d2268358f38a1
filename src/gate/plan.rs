//! A plan that is named by itself: both of its sides, beside those of the repository.

use super::Error;
use super::ours::Named;
use super::read::{Seen, Watch};
use crate::diagnostic::Diagnostic;
use crate::document::{Bounds, Place};
use crate::formats::terraform_plan::{self, Both};
use std::path::Path;
use std::sync::Arc;

/// What a plan says as it is and as it will be. Everything there is to say about it is said of what will be.
pub(super) fn read(path: &Path, watch: &Watch<'_>) -> Result<[Seen; 2], Error> {
    let bounds = Bounds { bytes: watch.bounds.bytes.max(terraform_plan::LARGEST), ..watch.bounds };
    let bytes = Named { what: "plan", option: "--plan", path }.read(bounds.bytes)?;
    let path: Arc<str> = path.to_string_lossy().into();
    if bytes.len() > bounds.bytes {
        let message = format!("this has more than {} bytes", bounds.bytes);
        let too_large = Diagnostic::error("too-large", Place::file(Arc::clone(&path)), message);
        return Err(Error::Plan(vec![too_large.help("raise the bound with `--max-file-size`")]));
    }
    // Somebody who names a plan wants it compared, whatever is ignored in the repository.
    let setting = (watch.settings)(&path).unwrap_or_default();
    let Both { before, after } =
        terraform_plan::both(&path, &bytes, &setting, &bounds).map_err(|diagnostic| Error::Plan(vec![diagnostic]))?;
    let seen = |reading| Seen { path: Arc::clone(&path), format: Some(terraform_plan::FORMAT.id), reading, unread: None };
    Ok([before, after].map(seen))
}
