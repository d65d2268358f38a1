//! From cells to regions that people read.

use super::asked::Asked;
use super::blocks::blocks;
use super::cell::Cell;
use super::description::Describer;
use super::pattern::Notation;
use super::side::Side;
use super::subject::Subject;
use super::{Attachment, Grant, Rules, Slot, naive};
use crate::access::{Exhausted, Formulas, Glob};
use crate::systems::{Found, Kind, Region, Witness};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The regions that the cells make up, most severe first.
pub(super) fn regions(subject: &Subject<'_>, found: &Found<'_, Cell<'_>>, formulas: &mut Formulas) -> Result<Vec<Region>, Exhausted> {
    let blocks = blocks(subject, found, formulas)?;
    let mut describer = Describer::new(subject, found);
    let mut regions = blocks.iter().map(|block| describer.describe(block, formulas)).collect::<Result<Vec<_>, _>>()?;
    if subject.whole.iter().flat_map(Side::all).any(has_variable) {
        let [base, head] = subject.whole.each_ref().map(|side| rules(subject, side));
        let asked = regions.first().map(|region| Asked::new([&base, &head], region));
        for (region, asked) in regions.iter_mut().zip(asked.iter().cycle()) {
            region.witness = region.witness.take().filter(|witness| is_true(witness, region, found.kind, asked));
        }
    }
    regions.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.cmp(b)));
    Ok(regions)
}

fn has_variable(grant: &Grant) -> bool {
    grant.statement.resources.list.iter().flat_map(Notation::globs).flat_map(Glob::symbols).next().is_some()
}

/// One side of a subject by itself.
fn rules(subject: &Subject<'_>, side: &Side<'_>) -> Rules {
    let document = |slot| Attachment { realm: Arc::clone(&subject.realm), holder: Some(Arc::clone(&subject.holder)), slot };
    let own = (!subject.slot.is_cap()).then_some(subject.slot);
    let cap = side.cap.as_ref().map(|_| if subject.slot == Slot::Identity { Slot::Boundary } else { subject.slot });
    let documents: BTreeSet<Attachment> = own.into_iter().chain(cap).map(document).collect();
    Rules { grants: side.all().cloned().collect(), documents, ..Rules::default() }
}

/// Whether the request is allowed on the one side alone. What is a policy variable to the cells is a text in a request, and a pattern may be
/// about that text: then there is no example that anybody could send.
fn is_true(witness: &Witness, region: &Region, kind: Kind, asked: &Asked<'_>) -> bool {
    let region = Region { witness: Some(sent(witness)), ..region.clone() };
    asked.requests(&region).iter().any(|request| {
        let [before, after] = asked.sides.map(|rules| naive::allowed(rules, request));
        match kind {
            Kind::Gained => after && !before,
            Kind::Lost => before && !after,
            Kind::Undecided => true,
        }
    })
}

/// The same with the values that are sent in the places of their variables.
fn sent(witness: &Witness) -> Witness {
    let value = |name: &str| witness.context.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).and_then(|(_, values)| values.first());
    let mut parts = witness.resource.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    let resource = parts.fold(first, |text, part| match part.split_once('}').and_then(|(name, rest)| Some((value(name)?, rest))) {
        Some((value, rest)) => text + value + rest,
        None => text + "${" + part,
    });
    Witness { resource, ..witness.clone() }
}
