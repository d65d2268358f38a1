//! What an answer in GraphQL has beside the data that was asked for.

use serde::Deserialize;

/// Of what a forge says of itself, no more is shown.
const MOST_SAID: usize = 200;

/// An answer. With a problem, data is only a part of what was asked for.
#[derive(Deserialize)]
pub(super) struct Said<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
struct Problem {
    message: String,
}

impl<T> Said<T> {
    /// The data, if there is no problem; else why not, as the rest of a sentence.
    pub(super) fn data(self) -> Result<T, String> {
        if let Some(problem) = self.errors.first() {
            let said: String = problem.message.chars().filter(|letter| !letter.is_control()).take(MOST_SAID).collect();
            return Err(format!("the forge says `{said}`"));
        }
        self.data.ok_or_else(|| "there is no data in it".to_owned())
    }
}
