//! A decision on a terminal: what changed, what each rule says to it, and the one next step.

use super::decided::Decided;
use super::derivation;
use super::shown::shown;
use super::terminal::{FAINT, HOLDER, changes, known, left_out, line, remarks, sign, style};
use super::words;
use crate::policy::{Outcome, RuleVerdict};

/// The report. `explain`: the decision as a tree, with all that it came from.
pub fn check(decided: &Decided<'_>, explain: bool) -> String {
    let mut text = String::new();
    remarks(decided.diagnostics, &mut text);
    if decided.entries.is_empty() {
        line(&mut text, format_args!("{}", words::NOTHING));
    } else {
        changes(decided.entries, &mut text);
        line(&mut text, format_args!("{}", words::summary(decided.entries)));
    }
    left_out(decided.vacuous, &mut text);
    for path in decided.edited {
        line(&mut text, format_args!("The change edits {}, one of the gate's own files.", shown(path)));
    }
    text.push_str(&decision_with(decided, explain));
    text
}

/// The decision alone.
pub fn decision(decided: &Decided<'_>) -> String {
    decision_with(decided, false)
}

fn decision_with(decided: &Decided<'_>, explain: bool) -> String {
    let mut text = String::new();
    let decision = decided.decision;
    let style = style(decision.outcome);
    line(&mut text, format_args!("\n{HOLDER}Decision:{HOLDER:#} {style}{}{style:#}", decision.headline()));
    if explain {
        derivation::tree(decided, &mut text);
    } else {
        decision.requirements.iter().for_each(|verdict| rule(verdict, &mut text));
        // Whoever waits for an approval asks next why somebody's does not count.
        if matches!(decision.outcome, Outcome::Waiting { for_approval: true, .. }) {
            exclusions(decided, &mut text);
        }
    }
    line(&mut text, format_args!("{HOLDER}Next:{HOLDER:#} {}", shown(&decision.next_step)));
    footing(decided, &mut text);
    text
}

fn rule(verdict: &RuleVerdict, text: &mut String) {
    let (style, sign) = (style(verdict.outcome), sign(verdict));
    let name = verdict.rule.as_deref().map_or_else(|| words::NO_RULE.to_owned(), shown);
    let place = verdict.place.as_ref().map(|place| format!("  {FAINT}{}{FAINT:#}", shown(&place.to_string()))).unwrap_or_default();
    line(text, format_args!("  {style}{sign}{style:#} {name}{place}"));
    line(text, format_args!("      {}", shown(&verdict.reason)));
}

fn exclusions(decided: &Decided<'_>, text: &mut String) {
    for exclusion in &decided.decision.exclusions {
        line(text, format_args!("  {FAINT}not counted:{FAINT:#} {} ({})", shown(&exclusion.person.login), shown(&exclusion.reason)));
    }
}

/// What this is not: an authorization that somebody else can rely on.
fn footing(decided: &Decided<'_>, text: &mut String) {
    known(decided.entries, decided.vacuous, text);
    if !decided.paths.is_empty() {
        line(text, format_args!("{FAINT}{}{FAINT:#} {}", words::ONLY_PATHS, shown(&decided.paths.join(", "))));
    }
    if decided.source.is_some_and(|source| !source.is_verified()) {
        line(text, format_args!("{FAINT}{}{FAINT:#}", words::ADVISORY));
    }
}
