//! Every form of output, whatever is in the files: valid by the schema or the grammar of its readers, within their limits, and nothing
//! that somebody else wrote is ever more than text.
//!
//! [`peer`] asks cmark-gfm, by the interpreter `$COUNTERSIGN_PYTHON`, else `target/peers/python/bin/python`, else `python3`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod cases;
mod forms;
mod hostile;
mod limits;
mod markdown;
mod peer;
mod publication;
mod sample;
mod suggestions;
