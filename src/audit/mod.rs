//! Questions about what was authorized, and answers from the records.

mod population;
mod question;
mod row;
#[cfg(test)]
mod tests;

pub use population::{Fit, Landing, Standing, fit};
pub use question::{Question, authors};
pub use row::Row;
