//! What people read of parts of a change that they ask about.

use super::explained::{Explained, Explanation, Listed, SIDES, Statement, sentence};
use super::reasons;
use super::shown::{in_place, shown};
use super::terminal::{FAINT, HOLDER, VOICE, heading, line, part, remarks};
use super::words;
use crate::systems::Witness;

/// The parts that were asked about, or what there is to ask about.
pub fn explain(explanation: &Explanation<'_>) -> String {
    let mut text = String::new();
    remarks(explanation.diagnostics, &mut text);
    if explanation.listed.is_empty() {
        line(&mut text, format_args!("{}", words::NOTHING));
    } else if explanation.explained.is_empty() {
        list(explanation.listed, &mut text);
    }
    for explained in explanation.explained {
        one(explained, explanation.listed.len(), &mut text);
    }
    text
}

fn list(listed: &[Listed], text: &mut String) {
    for Listed { number, id, entry } in listed {
        line(text, format_args!("{number:>4}  {FAINT}{id}{FAINT:#}  {}", sentence(entry, VOICE)));
    }
    line(text, format_args!("\nName one of them by its number, or by the beginning of its id: `countersign explain 1 …`."));
}

fn one(explained: &Explained, of: usize, text: &mut String) {
    let Listed { number, id, entry } = &explained.listed;
    line(text, format_args!("{HOLDER}{number} of {of}{HOLDER:#}  {FAINT}{id}{FAINT:#}\n"));
    heading(&entry.region, text);
    part(entry, text);
    let decides = explained.decides(VOICE);
    label(text, "decides", &decides.iter().map(|said| words::sentence(said)).collect::<Vec<_>>().join(" "));
    for (side, statements) in explained.statements.iter().enumerate() {
        let name = SIDES.get(side).copied().unwrap_or_default();
        if statements.is_empty() {
            label(text, &format!("in the {name}"), "nothing is about it");
            continue;
        }
        label(text, &format!("in the {name}"), "");
        for statement in statements {
            stands(statement, &explained.says(side, statement), text);
        }
    }
    if let Some(witness) = &entry.region.witness {
        label(text, "witness", "");
        request(witness, text);
        if let Some(provided) = entry.region.provided.as_ref().filter(|_| entry.opaque.is_none()) {
            line(text, format_args!("    {FAINT}it is so that:{FAINT:#} {}", shown(provided)));
        }
    }
    label(text, "check", &words::sentence(&explained.checked()));
    for id in &entry.region.reasons {
        if let Some(reason) = reasons::known(id) {
            label(text, id, &format!("{} {}", reason.meaning, reason.advice));
        }
    }
    if let Some(part) = &entry.opaque {
        label(text, "digest", &format!("{} – an approval of it binds to this", shown(&part.digest)));
    }
    explained.next().iter().for_each(|next| label(text, "next", &words::sentence(&shown(next))));
    text.push('\n');
}

fn label(text: &mut String, name: &str, value: &str) {
    let space = if value.is_empty() { "" } else { " " };
    line(text, format_args!("  {HOLDER}{name}:{HOLDER:#}{space}{value}"));
}

/// The place, what it says, and its lines behind a bar, so that none of them begins a line.
fn stands(statement: &Statement, says: &str, text: &mut String) {
    line(text, format_args!("    {}: {says}", shown(&statement.place.to_string())));
    let Some(passage) = &statement.passage else { return };
    for (number, quoted) in (statement.place.line..).zip(&passage.lines) {
        let visible: Vec<String> = quoted.split('\t').map(in_place).collect();
        line(text, format_args!("    {FAINT}{number:>5} |{FAINT:#} {}", visible.join("    ")));
    }
    if passage.more > 0 {
        line(text, format_args!("    {FAINT}      | … {}{FAINT:#}", words::count(passage.more, "more line")));
    }
}

/// A request that somebody could send.
fn request(Witness { principal, action, resource, context, facts }: &Witness, text: &mut String) {
    let mut row = |name: &str, value: String| line(text, format_args!("    {FAINT}{name}:{FAINT:#} {value}"));
    row("principal", shown(principal));
    row("action", shown(action));
    row("resource", shown(resource));
    for (key, values) in context {
        let values: Vec<String> = values.iter().map(|value| shown(value)).collect();
        row("sends", format!("{} = {}", shown(key), values.join(" and ")));
    }
    for (fact, is_so) in facts {
        row(if *is_so { "it is so that" } else { "it is not so that" }, shown(fact));
    }
}
