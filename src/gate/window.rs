//! `countersign window`: the windows of a policy, before any change is held against them.

use super::policies::Loaded;
use super::{Asked, Error};
use crate::policy::Policy;
use crate::policy::window::Window;
use crate::report::{json, window_json, window_text};
use chrono::{DateTime, Utc};
use std::sync::Arc;

/// The windows that are asked about.
#[derive(Debug)]
pub struct Windows {
    path: Arc<str>,
    policy: Policy,
    /// Only this one.
    name: Option<String>,
    at: DateTime<Utc>,
}

/// Reads the windows of a policy that is valid.
pub fn windows(asked: &Asked, name: Option<&str>) -> Result<Windows, Error> {
    let (_, Loaded { path, policy, .. }) = asked.load("--policy")?;
    match name.filter(|name| !policy.windows().any(|(known, _)| known == *name)) {
        Some(name) => {
            let known = policy.windows().map(|(known, _)| known.to_owned()).collect();
            Err(Error::NoSuchWindow { name: name.to_owned(), known })
        }
        None => Ok(Windows { path, policy, name: name.map(ToOwned::to_owned), at: asked.now }),
    }
}

impl Windows {
    fn asked(&self) -> Vec<(&str, &Window)> {
        self.policy.windows().filter(|(name, _)| self.name.as_deref().is_none_or(|asked| asked == *name)).collect()
    }

    /// When they are open next, as text.
    pub fn next_text(&self, count: u32) -> String {
        window_text::next(&self.path, &self.asked(), self.at, count)
    }

    /// The same for machines.
    pub fn next_json(&self, count: u32) -> Result<String, serde_json::Error> {
        json::written(&window_json::next(&self.path, &self.asked(), self.at, count))
    }

    /// What to know before it happens, as text.
    pub fn lint_text(&self, years: u32) -> String {
        window_text::lint(&self.path, &self.asked(), self.at, years)
    }

    /// The same for machines.
    pub fn lint_json(&self, years: u32) -> Result<String, serde_json::Error> {
        json::written(&window_json::lint(&self.path, &self.asked(), self.at, years))
    }

    /// Why they are open or closed, as text.
    pub fn explain_text(&self) -> String {
        window_text::explain(&self.path, &self.asked(), self.at)
    }

    /// The same for machines.
    pub fn explain_json(&self) -> Result<String, serde_json::Error> {
        json::written(&window_json::explain(&self.path, &self.asked(), self.at))
    }
}
