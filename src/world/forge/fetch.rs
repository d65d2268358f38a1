//! Commits that a clone does not have, brought by git.
//!
//! A commit is named by what is in it, and git holds what it gets to the name. So nothing that arrives is other than what was asked for,
//! whichever `git` this machine has; it decides nothing.

use super::{Connection, Forge, Provider, Token};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often git is looked at.
const GLANCE: Duration = Duration::from_millis(20);

/// Of what git says, no more is shown.
const MOST_SAID: usize = 200;

impl Forge {
    /// Brings a commit, and what it stands on, into a repository of this machine.
    ///
    /// # Errors
    ///
    /// Why it did not arrive, as the rest of a sentence.
    pub fn fetch(&self, repository: &str, commit: &str, into: &Path) -> Result<(), String> {
        let remote = format!("{}/{repository}.git", web(&self.connection));
        let mut git = Command::new("git");
        git.arg("-C").arg(into).args(SETTINGS);
        if remote.starts_with("http:") {
            // Only of this machine: another address without encryption is no connection.
            git.args(["-c", "protocol.http.allow=always"]);
        }
        git.args(["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance"]);
        git.args([remote.as_str(), commit]).env("GIT_TERMINAL_PROMPT", "0").env_remove("GIT_DIR").env_remove("GIT_WORK_TREE");
        if let Some(token) = &self.connection.token {
            authorize(&mut git, &remote, token);
        }
        let git = git.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let git = git.map_err(|error| format!("`git`, which would fetch it, cannot be run: {error}"))?;
        ended(git, self.client.left())
    }
}

/// No hook, no helper that knows other credentials, no other host, no other protocol.
const SETTINGS: [&str; 10] = [
    "-c",
    "core.hooksPath=/dev/null",
    "-c",
    "credential.helper=",
    "-c",
    "http.followRedirects=false",
    "-c",
    "protocol.allow=never",
    "-c",
    "protocol.https.allow=always",
];

/// Where people look at what the API is about.
fn web(connection: &Connection) -> String {
    let api = connection.api.trim_end_matches('/');
    let api = api.strip_suffix("/api/v3").or_else(|| api.strip_suffix("/api/v4")).unwrap_or(api);
    match connection.provider {
        Provider::GitHub => api.replacen("://api.", "://", 1),
        Provider::GitLab => api.to_owned(),
    }
}

/// Sends the token with requests to this address alone, by the environment: what a program is called with, everybody on the machine sees.
fn authorize(git: &mut Command, remote: &str, token: &Token) {
    let Some(secret) = token.for_header() else { return };
    let header = format!("Authorization: Basic {}", BASE64_STANDARD.encode(format!("x-access-token:{secret}")));
    let key = format!("http.{remote}.extraHeader");
    // The empty one takes away what a checkout may have left for the same host.
    let settings = [(key.clone(), String::new()), (key, header)];
    git.env("GIT_CONFIG_COUNT", settings.len().to_string());
    for (index, (key, value)) in settings.into_iter().enumerate() {
        git.env(format!("GIT_CONFIG_KEY_{index}"), key).env(format!("GIT_CONFIG_VALUE_{index}"), value);
    }
}

fn ended(mut git: Child, limit: Duration) -> Result<(), String> {
    let mut left = limit;
    let status = loop {
        match git.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if left.is_zero() => {
                let _ = git.kill().and_then(|()| git.wait());
                return Err("the forge took too long to hand it out".to_owned());
            }
            Ok(None) => std::thread::sleep(GLANCE),
            Err(error) => return Err(format!("`git`, which fetches it, cannot be waited for: {error}")),
        }
        left = left.saturating_sub(GLANCE);
    };
    if status.success() { Ok(()) } else { Err(format!("the forge does not hand it out: {}", said(&mut git))) }
}

/// The last line of what git says went wrong.
fn said(git: &mut Child) -> String {
    let mut text = String::new();
    let _ = git.stderr.take().map(|mut stderr| stderr.read_to_string(&mut text));
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("git does not say why");
    line.chars().filter(|letter| !letter.is_control()).take(MOST_SAID).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commits_come_from_the_host_that_people_see() {
        let web = |provider, api: &str| {
            web(&Connection { provider, api: api.to_owned(), token: None, deadline: Duration::ZERO, pause: Duration::ZERO })
        };
        assert_eq!(web(Provider::GitHub, "https://api.github.com"), "https://github.com");
        assert_eq!(web(Provider::GitHub, "https://api.acme.ghe.com/"), "https://acme.ghe.com");
        assert_eq!(web(Provider::GitHub, "https://github.example.com/api/v3"), "https://github.example.com");
        assert_eq!(web(Provider::GitLab, "https://gitlab.example.com/api/v4"), "https://gitlab.example.com");
    }
}
