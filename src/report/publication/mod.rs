//! What is to stand at a change request: one comment, notes at the lines that give access, and a check. What stands there already, and how it
//! gets there, is not known here; which of both has to change is said by [`standing`].

pub mod check;
pub mod hunks;
pub mod note;
pub mod standing;

use super::decided::Decided;
use super::finding;
use super::markdown::{self, MARKER};
use super::shown::shown;
use crate::policy::Stage;
use crate::systems::content_digest;
use check::Check;
use chrono::{DateTime, SecondsFormat, Utc};
use note::Draft;

/// What is to stand at a change request.
#[derive(Clone, Debug)]
pub struct Publication {
    /// The gate that it is of.
    pub gate: Gate,
    /// The comment.
    pub comment: Comment,
    /// What there is to say at lines, the most severe first.
    pub notes: Vec<Draft>,
    /// The check of the commit.
    pub check: Check,
}

/// The comment of one gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comment {
    /// It stands there, with this text.
    Open(String),
    /// There is nothing to say: what an earlier run said is replaced by this, and where none said anything nothing is.
    Closed(String),
}

impl Comment {
    /// The text that stands there, if any does.
    pub fn text(&self) -> &str {
        match self {
            Self::Open(text) | Self::Closed(text) => text,
        }
    }
}

/// One of the gates of a change request, and when it judged: with several policies, paths or environments there are several, and none writes
/// over what another says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gate {
    /// 12 hexadecimal digits.
    id: String,
    /// What it judges, where that is not everything.
    only: Option<String>,
    at: DateTime<Utc>,
}

/// What a check is called. The one to require is the job itself: any job may write a check of any name.
const NAME: &str = "countersign report";

/// Past this many bytes what a gate judges is cut where it is named.
const MOST_NAMED: usize = 60;

/// How many hexadecimal digits name a gate.
const DIGITS: usize = 12;

impl Gate {
    /// The gate that judges by this policy, at this stage, for an environment if it is for one, these paths, or all if there are none.
    pub fn new(policy: &str, stage: Stage, environment: Option<&str>, paths: &[String], at: DateTime<Utc>) -> Self {
        let stage = match stage {
            Stage::Merge => "merge",
            Stage::Deploy => "deploy",
        };
        let mut parts = vec!["gate", policy, stage, if environment.is_some() { "in" } else { "" }, environment.unwrap_or("")];
        parts.extend(paths.iter().map(String::as_str));
        let only: Vec<&str> = environment.into_iter().chain(paths.iter().map(String::as_str)).collect();
        let only = (!only.is_empty()).then(|| finding::cut(shown(&only.join(", ")), MOST_NAMED));
        Self { id: content_digest(&parts).chars().take(DIGITS).collect(), only, at }
    }

    /// What names it to people: `countersign report`, and what it judges, where that is not everything.
    pub fn name(&self) -> String {
        self.only.as_ref().map_or_else(|| NAME.to_owned(), |only| format!("{NAME} ({only})"))
    }

    /// What names its check of a commit that is proposed to a branch. Nothing is cut off: a branch whose name begins like another's is not it.
    pub fn check_name(&self, branch: Option<&str>) -> String {
        branch.map_or_else(|| self.name(), |branch| format!("{} for {}", self.name(), shown(branch)))
    }

    /// What names it to machines.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The second line of a comment: which gate wrote it, and when it judged.
    fn line(&self) -> String {
        format!("{}{} -->", self.start(), self.at.to_rfc3339_opts(SecondsFormat::Secs, true))
    }

    /// How that line begins, whenever it was written.
    fn start(&self) -> String {
        format!("<!-- countersign gate {} at ", self.id)
    }

    /// When the run judged that wrote a comment of this gate; `None` if the text is no such comment.
    fn wrote(&self, body: &str) -> Option<DateTime<Utc>> {
        let mut lines = body.lines().map(str::trim_end);
        let line = lines.next().filter(|first| *first == MARKER).and(lines.next())?;
        line.strip_prefix(&self.start())?.strip_suffix(" -->")?.parse().ok()
    }

    /// The text as a comment of this gate.
    fn signed(&self, text: &str) -> String {
        let text = text.strip_prefix(MARKER).map_or(text, str::trim_start);
        format!("{MARKER}\n{}\n{text}", self.line())
    }
}

impl Publication {
    /// What there is to say of a decision. `details` is an address under which the whole report is found.
    pub fn of(decided: &Decided<'_>, gate: Gate, details: Option<&str>) -> Self {
        let is_silent = decided.entries.is_empty() && decided.decision.requirements.is_empty();
        let comment = if is_silent {
            Comment::Closed(gate.signed(&format!("✅ No access changes any more.\n{}", link(details))))
        } else {
            Comment::Open(gate.signed(&format!("{}{}", markdown::check(decided), link(details))))
        };
        Self { comment, notes: note::drafts(decided.entries), check: Check::of(decided, details), gate }
    }

    /// What there is to say where nothing could be decided: an earlier report is of another state, and must not stand as if it were of this one.
    pub fn of_error(why: &str, gate: Gate, details: Option<&str>) -> Self {
        let text = markdown::error(why);
        let comment = Comment::Closed(gate.signed(&format!("{text}{}", link(details))));
        Self { comment, notes: Vec::new(), check: Check::of_error(&text, details), gate }
    }
}

/// Where the rest is. An address that is more than an address is none.
fn link(details: Option<&str>) -> String {
    let is_plain =
        |address: &&str| address.starts_with("http") && address.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.-_?=&%".contains(&b));
    details.filter(is_plain).map_or_else(String::new, |address| format!("\n<sub>[The whole report]({address})</sub>\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_gate_knows_its_own_comment_and_no_other() {
        let now = at("2026-11-24T10:30:00Z");
        let gate = |paths: &[&str], environment| {
            let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
            Gate::new("countersign.yml", Stage::Merge, environment, &paths, now)
        };
        let own = gate(&[], None);
        assert_eq!([own.name(), gate(&["a/", "b"], Some("prod")).name()], ["countersign report", "countersign report (prod, a/, b)"]);
        assert_eq!([own.check_name(None), own.check_name(Some("main"))], ["countersign report", "countersign report for main"]);
        let body = own.signed(&format!("{MARKER}\nText\n"));
        assert_eq!(body, format!("{MARKER}\n<!-- countersign gate {} at 2026-11-24T10:30:00Z -->\nText\n", own.id()));
        assert_eq!(own.wrote(&body), Some(now));
        assert_eq!(own.wrote(&body.replace('\n', "\r\n")), Some(now), "a forge may keep lines otherwise");
        for other in [gate(&["a"], None), gate(&[], Some("")), gate(&[], Some("prod"))] {
            assert_eq!(other.wrote(&body), None);
        }
        for text in ["", "x", MARKER, &format!("> {body}"), &format!("x\n{body}"), &body.replace("24T", "99T")] {
            assert_eq!(own.wrote(text), None, "{text}");
        }
    }

    #[test]
    fn only_an_address_is_a_link() {
        assert_eq!(link(Some("https://a.b/c/actions/runs/1")), "\n<sub>[The whole report](https://a.b/c/actions/runs/1)</sub>\n");
        for text in ["javascript:x", "https://a b", "https://a)[x](y", "https://a\nb", "https://`"] {
            assert_eq!(link(Some(text)), "");
        }
    }
}
