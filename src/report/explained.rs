//! What an explanation of one part of a change is made from, and how it is said: which statements, what decides, what was checked.

use super::reasons;
use super::words::{self, Voice};
use crate::change::{Entry, Judged};
use crate::diagnostic::Diagnostic;
use crate::document::{Passage, Place};
use crate::systems::{Bearing, Kind};

/// The sides as they are called, the base first.
pub(super) const SIDES: [&str; 2] = ["base", "head"];

/// A part of a change, by the number that people use for it and by its name.
#[derive(Clone, Debug)]
pub struct Listed {
    /// From 1 on, in the order of the text that `diff` prints.
    pub number: usize,
    /// See [`short_id`](crate::change::short_id).
    pub id: String,
    /// The part.
    pub entry: Entry,
}

/// A statement that has to do with a part of a change.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Where it stands.
    pub place: Place,
    /// What it says of the witness, if the system tells its statements one by one.
    pub bearing: Option<Bearing>,
    /// What is written there; nothing where no line is known, or the file cannot be read.
    pub passage: Option<Passage>,
}

/// One part of a change with all that there is to say about it.
#[derive(Clone, Debug)]
pub struct Explained {
    /// Which part.
    pub listed: Listed,
    /// What the plain reading of the system says of the witness on each side; `None` where there is no witness, or it is no request.
    pub judged: Option<Judged>,
    /// The statements of each side, the base first.
    pub statements: [Vec<Statement>; 2],
    /// What the remarks about its files say to do about something that cannot be told.
    pub next: Vec<String>,
}

/// An explanation of a change: what there is, and some of it explained.
#[derive(Clone, Copy, Debug)]
pub struct Explanation<'e> {
    /// Every part of the change.
    pub listed: &'e [Listed],
    /// Those that were asked about.
    pub explained: &'e [Explained],
    /// Stands for the change.
    pub digest: &'e str,
    /// Remarks about the files.
    pub diagnostics: &'e [Diagnostic],
}

/// Who can, can no longer or may now do what.
pub(super) fn sentence(entry: &Entry, voice: Voice) -> String {
    let region = &entry.region;
    let realm = if region.realm.is_empty() { String::new() } else { format!(" in {}", (voice.name)(&region.realm)) };
    let others = words::others(region, voice).map_or_else(String::new, |others| format!(": {others}"));
    format!("{}{realm}{others} {} {}", (voice.name)(&region.holder), words::verb(entry.kind), words::access(region, voice))
}

impl Explained {
    fn kind(&self) -> Kind {
        self.listed.entry.kind
    }

    /// The number of the side that allows it, and of the one that does not.
    fn sides(&self) -> (usize, usize) {
        if self.kind() == Kind::Lost { (0, 1) } else { (1, 0) }
    }

    /// What a statement of a side has to do with it.
    pub(super) fn says(&self, side: usize, statement: &Statement) -> String {
        let one_by_one = self.judged.as_ref().is_some_and(|judged| judged.bearing.iter().any(|side| !side.is_empty()));
        let allows = self.judged.as_ref().map_or_else(|| side == self.sides().0, |judged| judged.allowed.get(side) == Some(&true));
        match &statement.bearing {
            Some(bearing) => says(bearing, allows),
            None if one_by_one => "is about other requests of this part".to_owned(),
            None if self.judged.is_none() => "is what it is about".to_owned(),
            None if self.listed.entry.opaque.is_some() => "may allow it".to_owned(),
            None if allows && self.statements.get(side).is_some_and(|all| all.len() > 1) => "is part of what allows it".to_owned(),
            None if allows => "allows it".to_owned(),
            None => "is about it, and does not allow it".to_owned(),
        }
    }

    /// What to do about something that cannot be told: what the remarks about its files say, and what can always be done.
    pub(super) fn next(&self) -> Vec<String> {
        let always = self.listed.entry.opaque.as_ref().map(|_| reasons::undecided().advice.to_owned());
        self.next.iter().cloned().chain(always).collect()
    }

    /// What the difference hangs on, in sentences without their ends.
    pub(super) fn decides(&self, voice: Voice) -> Vec<String> {
        let region = &self.listed.entry.region;
        let condition = region.condition.as_ref().map(|condition| format!("it is so only when {}", (voice.name)(condition)));
        let difference = match &self.listed.entry.opaque {
            Some(part) => format!("it cannot be told: {}", (voice.sentence)(&part.why)),
            None => self.difference(),
        };
        [difference].into_iter().chain(condition).collect()
    }

    /// Why the side that does not allow it does not.
    fn difference(&self) -> String {
        let (by, not) = self.sides();
        let (by, name) = (SIDES.get(by).copied().unwrap_or_default(), SIDES.get(not).copied().unwrap_or_default());
        let statements = self.statements.get(not).map_or(&[][..], Vec::as_slice);
        let bearings: Vec<&Bearing> = statements.iter().filter_map(|statement| statement.bearing.as_ref()).collect();
        let about = |allows: bool, is_cap: bool| {
            bearings.iter().any(|bearing| bearing.misses.is_empty() && bearing.allows == allows && bearing.is_cap == is_cap)
        };
        if about(false, false) || about(false, true) {
            format!("a Deny of the {name} refuses it, and none of the {by} does")
        } else if about(true, false) {
            format!("the {name} has an Allow for it that a cap, such as a boundary, does not let through")
        } else if let Some(nearest) = bearings.iter().find(|bearing| bearing.allows && !bearing.is_cap) {
            format!("no statement of the {name} allows it; {} comes nearest, but {}", nearest.what, nearest.misses.join(" and "))
        } else if statements.is_empty() {
            format!("no statement of the {name} allows it")
        } else {
            format!("the statements of the {name} that are about it do not allow it")
        }
    }

    /// What came of judging the witness again, as a sentence without its end.
    pub(super) fn checked(&self) -> String {
        let said = |allowed: bool| if allowed { "allowed" } else { "refused" };
        match &self.judged {
            Some(judged) if judged.confirms(self.kind()) => {
                let (by, not) = self.sides();
                let name = |side: usize| SIDES.get(side).copied().unwrap_or_default();
                format!("allowed by the {}, refused by the {}", name(by), name(not))
            }
            Some(judged) => {
                let [base, head] = judged.allowed.map(said);
                format!("not confirmed: {base} by the base and {head} by the head, as far as the words above tell the request")
            }
            None if self.listed.entry.region.witness.is_none() => "not checked: no single request can be told".to_owned(),
            None => "not checked: the words above do not tell a request that could be judged alone".to_owned(),
        }
    }
}

fn says(Bearing { what, allows, is_cap, misses, .. }: &Bearing, side_allows: bool) -> String {
    let but = || format!("{what}, but {}", misses.join(" and "));
    match (misses.is_empty(), allows) {
        (false, _) => but(),
        (true, false) => format!("{what}, which refuses it"),
        (true, true) if *is_cap => format!("{what}, which lets it through"),
        (true, true) if side_allows => format!("{what}, which allows it"),
        (true, true) => format!("{what}, which would allow it"),
    }
}
