//! What every channel says about a change, in the same words. A channel hands in how it shows text that somebody else wrote.

use crate::change::Entry;
use crate::document::Place;
use crate::systems::{Completes, Kind, Knowledge, Origins, Region, Witness};

/// How a channel shows text that somebody else wrote.
#[derive(Clone, Copy)]
pub(super) struct Voice {
    /// A name, a pattern, a path: nothing in it is ours.
    pub(super) name: fn(&str) -> String,
    /// What people call something.
    pub(super) title: fn(&str) -> String,
    /// A sentence of ours, in which somebody else's text stands in backticks or bare.
    pub(super) sentence: fn(&str) -> String,
}

/// Past this many a list is counted and not read.
const MOST_LISTED: usize = 12;

/// Past this many places a part of a change is looked up by its holder.
const MOST_PLACES: usize = 6;

/// Past this many known methods the others are counted.
const MOST_METHODS: usize = 3;

/// What is said when there is nothing to say.
pub(super) const NOTHING: &str = "No access changed.";

/// Why a decision from a file is none that somebody else can rely on.
pub(super) const ADVISORY: &str = "Advisory: the facts come from a file, and nobody vouches for them.";

/// What stands before the paths, if only some were judged.
pub(super) const ONLY_PATHS: &str = "Only these paths were judged:";

/// The name of what no rule of the policy says.
pub(super) const NO_RULE: &str = "whatever the policy says";

/// How many parts of which kind, in one line.
pub(super) fn summary(entries: &[Entry]) -> String {
    if entries.is_empty() {
        return NOTHING.to_owned();
    }
    let count = |kind| entries.iter().filter(|entry| entry.kind == kind).count();
    let worst = entries.iter().filter(|entry| entry.kind != Kind::Lost).map(|entry| entry.region.severity).max();
    let worst = worst.map_or(String::new(), |severity| format!("; the most severe is {}", severity.word()));
    format!("{} gained, {} lost, {} undecided{worst}.", count(Kind::Gained), count(Kind::Lost), count(Kind::Undecided))
}

/// What was left out because no request can be about it, in one line.
pub(super) fn left_out(vacuous: &[Entry]) -> Option<String> {
    let parts = count(vacuous.len(), "part");
    let text = format!("Left out: {parts} that no request can be about, by what AWS says of its actions; `--format json` has all of it.");
    (!vacuous.is_empty()).then_some(text)
}

/// What was known besides the files, where the answer is about it.
pub(super) fn knowledge(entries: &[Entry], vacuous: &[Entry]) -> Option<String> {
    let is_asked = |known: &Knowledge| entries.iter().chain(vacuous).any(|entry| entry.system == Some(known.name));
    let texts: Vec<String> = crate::systems::knowledge().iter().filter(|known| is_asked(known)).map(known).collect();
    (!texts.is_empty()).then(|| format!("Known: {}.", texts.join(", ")))
}

fn known(known: &Knowledge) -> String {
    let digest = known.digest.get(.."sha256:".len() + 12).unwrap_or(known.digest);
    format!("{} as of {} ({digest})", known.name, known.edition)
}

/// What became of a request.
pub(super) fn verb(kind: Kind) -> &'static str {
    match kind {
        Kind::Gained => "can now",
        Kind::Lost => "can no longer",
        Kind::Undecided => "may now",
    }
}

/// Who is meant: said only where it is not the holder itself.
pub(super) fn others(region: &Region, voice: Voice) -> Option<String> {
    match region.principals.as_slice() {
        [one] if *one == *region.holder && region.except_principals.is_empty() => None,
        principals => Some(list_of(principals, &region.except_principals, voice, principal)),
    }
}

/// Patterns of principals that people have words for.
fn principal(written: &str, voice: Voice) -> String {
    let named = |words: &str, name: &str| format!("{words} {}", (voice.name)(name));
    if written == "*" {
        "everybody".to_owned()
    } else if written == "AWS:*" {
        named("every AWS principal", written)
    } else if let Some(account) = account(written) {
        named("everybody in account", account)
    } else if let Some(service) = written.strip_prefix("Service:") {
        named("the service", service)
    } else if let Some(provider) = written.strip_prefix("Federated:") {
        named("whoever signs in by", provider)
    } else {
        (voice.name)(written)
    }
}

/// The account that an ARN of its root, or its number, stands for.
fn account(written: &str) -> Option<&str> {
    let parts: Vec<&str> = written.split(':').collect();
    let (["arn", _, "iam", "", account, "root"] | [account]) = parts.as_slice() else { return None };
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// What on what, in plain words first where there are any, and what it completes.
pub(super) fn access(region: &Region, voice: Voice) -> String {
    let (actions, resources) = (&region.actions, &region.resources);
    let exactly = format!("{} on {}", list(actions, &region.except_actions, voice), list(resources, &region.except_resources, voice));
    let said = match &region.summary {
        Some(summary) => format!("{} ({exactly})", (voice.sentence)(summary)),
        None => exactly,
    };
    completes(region, voice).map_or_else(|| said.clone(), |methods| format!("{said}: privilege escalation, completes {methods}"))
}

/// What else there is to say about a part of a change, each with a label.
pub(super) fn details(entry: &Entry, voice: Voice) -> Vec<(&'static str, String)> {
    let region = &entry.region;
    let is_only_before = region.origins.head.is_empty() && !region.origins.base.is_empty();
    let (label, before) = match entry.kind {
        Kind::Undecided if is_only_before => ("because", "what it was before cannot be told: "),
        Kind::Undecided => ("because", ""),
        Kind::Gained | Kind::Lost => ("provided that", ""),
    };
    let said = [
        region.condition.as_ref().map(|condition| ("when", (voice.name)(condition))),
        region.expires.as_ref().map(|until| ("until", (voice.name)(until))),
        region.provided.as_ref().map(|sentence| (label, format!("{before}{}", (voice.sentence)(sentence)))),
        (entry.kind != Kind::Lost).then(|| ("severity", severity(region))),
        region.witness.as_ref().map(|witness| ("for example", example(witness, voice))),
        places(&region.origins, voice).map(|places| ("at", places)),
    ];
    said.into_iter().flatten().collect()
}

/// Who does what on what, and what is sent with it.
fn example(witness: &Witness, voice: Voice) -> String {
    let one_of = |values: &[String]| values.iter().map(|value| (voice.name)(value)).collect::<Vec<_>>().join(" and ");
    let sent: Vec<String> = witness.context.iter().map(|(key, values)| format!("{}: {}", (voice.name)(key), one_of(values))).collect();
    let with = if sent.is_empty() { String::new() } else { format!(", with {}", sent.join(", ")) };
    format!("{} {} {}{with}", (voice.name)(&witness.principal), (voice.name)(&witness.action), (voice.name)(&witness.resource))
}

fn severity(region: &Region) -> String {
    let reasons = region.reasons.iter().copied().collect::<Vec<_>>().join(", ");
    let because = if reasons.is_empty() { String::new() } else { format!(" ({reasons})") };
    format!("{}{because}", region.severity.word())
}

/// The known methods that become possible, each with where the rest of it stands.
fn completes(region: &Region, voice: Voice) -> Option<String> {
    let told: Vec<String> = region.completes.iter().take(MOST_METHODS).map(|one| method(one, region, voice)).collect();
    let more = region.completes.len() - told.len();
    let more = if more == 0 { String::new() } else { format!(" and {}", count(more, "more known method")) };
    (!told.is_empty()).then(|| format!("{}{more}", told.join(", ")))
}

/// A place in the file that the region comes from is a line.
fn method(completes: &Completes, region: &Region, voice: Voice) -> String {
    let only_file = region.origins.head.first().filter(|first| region.origins.head.iter().all(|origin| origin.path == first.path));
    let is_here = |place: &Place| place.line > 0 && only_file.is_some_and(|origin| origin.path == place.path);
    let place = |place: &Place| if is_here(place) { format!("line {}", place.line) } else { (voice.name)(&place.to_string()) };
    let places: Vec<String> = completes.with.iter().map(place).collect();
    let with = if places.is_empty() { String::new() } else { format!(" with {}", some_of(&places, MOST_PLACES)) };
    format!("{}{with}", (voice.title)(completes.name))
}

fn places(origins: &Origins, voice: Voice) -> Option<String> {
    let before = origins.base.iter().map(|place| format!("{} (before)", (voice.name)(&place.to_string())));
    let places: Vec<String> = origins.head.iter().map(|place| (voice.name)(&place.to_string())).chain(before).collect();
    (!places.is_empty()).then(|| some_of(&places, MOST_PLACES))
}

/// The first of them, and how many there are besides.
fn some_of(items: &[String], most: usize) -> String {
    let listed = items.iter().take(most).map(String::as_str).collect::<Vec<_>>().join(", ");
    if items.len() > most { format!("{listed} and {} more", items.len() - most) } else { listed }
}

fn list(items: &[String], except: &[String], voice: Voice) -> String {
    list_of(items, except, voice, |item, voice| (voice.name)(item))
}

fn list_of(items: &[String], except: &[String], voice: Voice, show: fn(&str, Voice) -> String) -> String {
    let some = |items: &[String]| some_of(&items.iter().map(|item| show(item, voice)).collect::<Vec<_>>(), MOST_LISTED);
    if except.is_empty() { some(items) } else { format!("{} (except {})", some(items), some(except)) }
}

/// `1 part`, `2 parts`.
pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// With a capital letter and a full stop.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}
