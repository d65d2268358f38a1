//! Questions about what was authorized, and answers from the records.

mod question;
mod row;
#[cfg(test)]
mod tests;

pub use question::Question;
pub use row::Row;
