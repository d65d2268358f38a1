//! The algebra of access: formulas, globs, the cells they cut requests into, and what each costs. It knows no provider.

mod budget;
mod classes;
mod formula;
mod glob;
mod partition;
mod product;

/// Tables whose keys nobody outside chooses: numbers, and what is made of them.
type HashMap<K, V> = std::collections::HashMap<K, V, foldhash::fast::RandomState>;
type HashSet<K> = std::collections::HashSet<K, foldhash::fast::RandomState>;

pub use budget::{Budget, Exhausted};
pub use classes::{Class, classes};
pub use formula::{By, Formula, Formulas, Literal, Variable};
pub use glob::{Glob, Letter, Piece, Word, takes};
pub use partition::{Tuple, TupleClass, matches, may_meet, partition, partition_by_unions};
