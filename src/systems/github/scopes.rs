//! What a token can be allowed: scopes, each with the levels that it has.
//!
//! Names and levels are those of <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions> and, for
//! `copilot-requests`, of <https://docs.github.com/en/copilot/how-tos/copilot-sdk/auth/server-to-server-tokens>; the defaults are those of
//! <https://docs.github.com/en/actions/reference/github_token-reference>. Where that page does not know a scope yet, the permissive default
//! is taken to give it as far as it goes.

use std::fmt;

/// How far a token may go. To write includes to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// `read`
    Read,
    /// `write`
    Write,
}

impl Level {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    /// Its name in a workflow.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// One line of the `permissions:` of a workflow.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(&'static Row);

/// Name; least and most level; what the permissive and the restricted default give.
type Row = (&'static str, Level, Level, Option<Level>, Option<Level>);

const READ: Option<Level> = Some(Level::Read);
const WRITE: Option<Level> = Some(Level::Write);

static SCOPES: [Row; 19] = [
    ("actions", Level::Read, Level::Write, WRITE, None),
    ("artifact-metadata", Level::Read, Level::Write, WRITE, None),
    ("attestations", Level::Read, Level::Write, WRITE, None),
    ("checks", Level::Read, Level::Write, WRITE, None),
    ("code-quality", Level::Read, Level::Write, WRITE, None),
    ("contents", Level::Read, Level::Write, WRITE, READ),
    ("copilot-requests", Level::Write, Level::Write, WRITE, None),
    ("deployments", Level::Read, Level::Write, WRITE, None),
    ("discussions", Level::Read, Level::Write, WRITE, None),
    ("id-token", Level::Write, Level::Write, None, None),
    ("issues", Level::Read, Level::Write, WRITE, None),
    ("models", Level::Read, Level::Read, READ, None),
    ("packages", Level::Read, Level::Write, WRITE, READ),
    ("pages", Level::Read, Level::Write, WRITE, None),
    ("pull-requests", Level::Read, Level::Write, WRITE, None),
    ("repository-projects", Level::Read, Level::Write, WRITE, None),
    ("security-events", Level::Read, Level::Write, WRITE, None),
    ("statuses", Level::Read, Level::Write, WRITE, None),
    ("vulnerability-alerts", Level::Read, Level::Read, READ, None),
];

impl Scope {
    /// Every scope, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        SCOPES.iter().map(Self)
    }

    /// The scope with that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::all().find(|scope| scope.name() == name)
    }

    /// Its name in a workflow.
    pub fn name(self) -> &'static str {
        self.0.0
    }

    /// Whether it has that level: nobody reads `id-token`, and nobody writes `models`.
    pub fn has(self, level: Level) -> bool {
        (self.0.1..=self.0.2).contains(&level)
    }

    /// The most that it can be given, up to a level.
    pub fn up_to(self, most: Level) -> Option<Level> {
        Level::ALL.into_iter().rev().find(|level| *level <= most && self.has(*level))
    }

    /// What a token may do of which no workflow says anything, where the repository's default is permissive, and where it is not.
    pub fn by_default(self, is_permissive: bool) -> Option<Level> {
        if is_permissive { self.0.3 } else { self.0.4 }
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_default_gives_what_a_scope_does_not_have() {
        for scope in Scope::all() {
            let (permissive, restricted) = (scope.by_default(true), scope.by_default(false));
            assert!(permissive.into_iter().chain(restricted).all(|level| scope.has(level)), "{scope:?}");
            assert!(restricted <= permissive, "{scope:?}");
        }
    }

    #[test]
    fn scopes_stand_in_order() {
        assert!(SCOPES.is_sorted());
    }
}
