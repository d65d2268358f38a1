//! How a decision came about, as a tree: each rule, what it is about, what it asks, and who or what fills that.

use super::decided::Decided;
use super::shown::shown;
use super::terminal::{FAINT, about, line, sign, style};
use super::words;
use crate::change::Entry;
use crate::policy::{RuleVerdict, Seated, Wanted};
use crate::proposal::Person;

/// One line, and what follows from it.
struct Branch {
    text: String,
    below: Vec<Branch>,
}

impl Branch {
    fn leaf(label: &str, text: &str) -> Self {
        Self { text: format!("{FAINT}{label}:{FAINT:#} {text}"), below: Vec::new() }
    }
}

/// The tree, below the line that says what was decided.
pub(super) fn tree(decided: &Decided<'_>, text: &mut String) {
    let decision = decided.decision;
    let mut branches: Vec<Branch> = decision.requirements.iter().map(|verdict| rule(verdict, decided)).collect();
    branches.extend(decision.wanted.iter().map(|wanted| Branch::leaf("still has to approve", &still(wanted))));
    let excluded = decision
        .exclusions
        .iter()
        .map(|exclusion| Branch::leaf("not counted", &format!("{} ({})", shown(&exclusion.person.login), shown(&exclusion.reason))));
    branches.extend(excluded);
    branches.extend(
        decision
            .silent
            .iter()
            .map(|silent| Branch::leaf("does not apply", &format!("{} ({})", shown(&silent.rule), shown(&silent.reason)))),
    );
    draw(&branches, "", text);
}

fn draw(branches: &[Branch], before: &str, text: &mut String) {
    for (index, branch) in branches.iter().enumerate() {
        let (own, below) = if index + 1 == branches.len() { ("└─", "   ") } else { ("├─", "│  ") };
        line(text, format_args!("{before}{FAINT}{own}{FAINT:#} {}", branch.text));
        draw(&branch.below, &format!("{before}{FAINT}{below}{FAINT:#}"), text);
    }
}

fn rule(verdict: &RuleVerdict, decided: &Decided<'_>) -> Branch {
    let (style, sign) = (style(verdict.outcome), sign(verdict));
    let name = verdict.rule.as_deref().map_or_else(|| words::NO_RULE.to_owned(), shown);
    let place = verdict.place.as_ref().map(|place| format!("  {FAINT}{}{FAINT:#}", shown(&place.to_string()))).unwrap_or_default();
    let mut below = vec![Branch { text: shown(&verdict.reason), below: Vec::new() }];
    below.extend(subjects(verdict, decided));
    below.extend(verdict.seats.iter().map(seat));
    if !verdict.could.is_empty() {
        below.push(Branch::leaf("could approve", &logins(&verdict.could)));
    }
    if !verdict.objections.is_empty() {
        below.push(Branch::leaf("asks for changes", &logins(&verdict.objections)));
    }
    below.extend(verdict.to_do.iter().map(|order| Branch::leaf("to do", &shown(order))));
    Branch { text: format!("{style}{sign}{style:#} {name}{place}"), below }
}

/// What a rule is about.
fn subjects<'d>(verdict: &'d RuleVerdict, decided: &'d Decided<'_>) -> impl Iterator<Item = Branch> {
    let applies = &verdict.applies;
    let own = applies.entries.iter().filter_map(|index| decided.entries.get(*index)).map(|entry| Branch::leaf("about", &about(entry)));
    let part = |label: String| move |entry: &Entry| Branch::leaf(&label, &about(entry));
    let over = decided.over.iter().filter(|over| applies.over_ceiling.contains(&over.role));
    let over = over.flat_map(move |over| over.entries.iter().map(part(format!("over the ceiling of {}", shown(&over.role)))));
    let both = decided.both.iter().filter(|both| applies.both.contains(&both.pair));
    let both = both.flat_map(move |both| {
        both.entries.iter().map(part(format!("to somebody with something of both {}", shown(&both.pair.to_string()))))
    });
    own.chain(over).chain(both).chain(applies.edits.iter().map(|path| Branch::leaf("edits", &shown(path))))
}

fn seat(seat: &Seated) -> Branch {
    let age = seat.max_age.map_or_else(String::new, |age| format!(", no older than {age}"));
    let apart = if seat.not_written_by.is_empty() {
        String::new()
    } else {
        format!(", apart from {} if it wrote the change", shown(&seat.not_written_by.join(" and ")))
    };
    let who = seat.person.as_ref().map_or_else(|| "nobody yet".to_owned(), |person| shown(&person.login));
    Branch::leaf("approval", &format!("{who} for {}{age}{apart}", shown(&seat.group)))
}

fn still(wanted: &Wanted) -> String {
    match wanted.instead.as_slice() {
        [] => shown(&wanted.person.login),
        instead => format!("{}, or instead {}", shown(&wanted.person.login), logins(instead)),
    }
}

fn logins(people: &[Person]) -> String {
    people.iter().map(|person| shown(&person.login)).collect::<Vec<_>>().join(", ")
}
