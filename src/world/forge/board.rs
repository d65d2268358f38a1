//! Bringing about what is to stand at a change request, whichever forge it is at.
//!
//! It is looked what stands there, and the least is done; after anything was added it is looked again, because another run may have added
//! it as well. A write is sent once. If its answer is lost, what stands there is read before anything is written again.

use super::Error;
use crate::report::publication::standing::Step;

/// How often it is looked whether all is as it should be.
const MOST_ROUNDS: usize = 4;

/// Where something is to stand: the comments of a change request, or the notes at its lines.
pub(super) trait Board {
    /// What may be written anew.
    type Wanted;
    /// What was.
    type Posted;
    /// What stands there.
    type There;

    /// What it is called where it cannot be settled.
    const NAME: &'static str;

    /// What stands there; a list that does not have yet what was `posted` gets it.
    async fn there(&self, posted: &[Self::Posted]) -> Result<Self::There, Error>;

    /// What is to be done about that.
    fn steps(&self, there: &Self::There) -> Vec<Step<Self::Wanted>>;

    /// Takes one step; what it posted, if it did.
    async fn take(&self, there: &Self::There, step: &Step<Self::Wanted>) -> Result<Option<Self::Posted>, Error>;
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Done {
    /// How many steps were taken.
    pub(super) steps: usize,
    /// Whether anything was written anew.
    pub(super) has_posted: bool,
}

impl Done {
    /// In a word, of one thing.
    pub(super) fn word(self) -> String {
        let word = match self {
            Self { steps: 0, .. } => "as it was",
            Self { has_posted: true, .. } => "written",
            Self { .. } => "edited",
        };
        word.to_owned()
    }

    /// In words, of so many.
    pub(super) fn of(self, wanted: usize) -> String {
        if self.steps == 0 { "as they were".to_owned() } else { format!("{} changed, {wanted} there", self.steps) }
    }
}

/// Brings it about.
pub(super) async fn settle<B: Board>(board: &B) -> Result<Done, Error> {
    let (mut posted, mut done, mut lost) = (Vec::new(), Done::default(), None);
    for _ in 0..MOST_ROUNDS {
        let there = board.there(&posted).await?;
        let mut looks_again = false;
        for step in board.steps(&there) {
            match board.take(&there, &step).await {
                Ok(written) => {
                    looks_again |= written.is_some();
                    posted.extend(written);
                }
                Err(error) if is_gone(&error) && matches!(step, Step::Delete(_)) => {}
                // Whether it arrived stands there.
                Err(error) if is_lost(&error) => (looks_again, lost) = (true, Some(error)),
                Err(error) => return Err(error),
            }
            done.steps += 1;
            done.has_posted |= matches!(step, Step::Post(_));
        }
        if !looks_again {
            return Ok(done);
        }
    }
    Err(lost.unwrap_or_else(|| Error::Changing { what: B::NAME.to_owned() }))
}

/// Whether nobody knows if the write arrived.
pub(super) fn is_lost(error: &Error) -> bool {
    matches!(error, Error::Unavailable { .. } | Error::Unusable { .. })
}

/// Whether what was to go is gone.
fn is_gone(error: &Error) -> bool {
    matches!(error, Error::Refused { status: 404 | 410, .. })
}
