//! From cells to regions that people read.

use super::blocks::blocks;
use super::cell::Cell;
use super::description::Describer;
use super::subject::Subject;
use crate::access::{Exhausted, Formulas};
use crate::systems::{Found, Region};

/// The regions that the cells make up, most severe first.
pub(super) fn regions(subject: &Subject<'_>, found: &Found<'_, Cell<'_>>, formulas: &mut Formulas) -> Result<Vec<Region>, Exhausted> {
    let blocks = blocks(subject, found, formulas)?;
    let mut describer = Describer::new(subject, found);
    let mut regions = blocks.iter().map(|block| describer.describe(block, formulas)).collect::<Result<Vec<_>, _>>()?;
    regions.sort_by(|a, b| b.severity.cmp(&a.severity).then_with(|| a.cmp(b)));
    Ok(regions)
}
