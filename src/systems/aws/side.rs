//! One side of a holder: what gives it access, and what limits that.

use super::Grant;
use super::cell::Cell;

/// The statements of one side that concern the subject.
#[derive(Clone, Default)]
pub(super) struct Side<'a> {
    /// Statements that give, and the Denies beside them.
    pub(super) grants: Vec<&'a Grant>,
    /// Statements that limit; `None` where no document does.
    pub(super) cap: Option<Vec<&'a Grant>>,
    /// The number of the first grant among all grants of the subject; the cap's follow.
    pub(super) first: usize,
    /// Whether the side is a ceiling or a filter: what it does not name it does not allow.
    pub(super) for_anybody: bool,
}

impl<'a> Side<'a> {
    /// Every grant of the side.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a Grant> + '_ {
        self.grants.iter().chain(self.cap.iter().flatten()).copied()
    }

    /// The grants that are about a cell of the subject, their conditions aside.
    pub(super) fn about<'s>(&'s self, cell: &'s Cell<'_>) -> impl Iterator<Item = &'a Grant> + 's {
        let cap = self.cap.as_deref().unwrap_or_default();
        let own = move |at: usize| self.grants.get(at).or_else(|| cap.get(at.checked_sub(self.grants.len())?)).copied();
        let from = cell.about.statements.partition_point(|number| *number < self.first);
        let numbers = cell.about.statements.iter().skip(from);
        let own = numbers.map_while(move |number| Some((*number, own(number.checked_sub(self.first)?)?)));
        own.filter(|(number, grant)| cell.is_met_by(*number, &grant.statement)).map(|(_, grant)| grant)
    }
}
