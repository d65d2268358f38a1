//! The algebra of access: formulas, globs, the cells they cut requests into, and what each costs. It knows no provider.

mod budget;
mod formula;
mod glob;
mod partition;
mod product;

pub use budget::{Budget, Exhausted};
pub use formula::{Formula, Formulas, Literal, Variable};
pub use glob::{Class, Glob, Letter, Piece, Word, classes};
pub use partition::{Tuple, TupleClass, matches, may_meet, partition, partition_by_unions};
