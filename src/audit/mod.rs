//! Questions about what was authorized, and answers from the records.

mod gist;
mod index;
mod population;
mod question;
mod row;
#[cfg(test)]
mod tests;

pub use gist::{Gist, authors};
pub use index::{Index, Row as IndexRow};
pub use population::{Fit, Landing, Standing, fit};
pub use question::Question;
pub use row::Row;
