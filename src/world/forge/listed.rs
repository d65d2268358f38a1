//! Change requests as a forge lists them: those that are open, and those by which something landed.

/// A change request that is open, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub number: u64,
    /// The commit that it proposes, by its full id; `None` if its branch is gone.
    pub head: Option<String>,
    /// The branch that it goes to.
    pub target: String,
    /// Whether it can still be merged.
    pub is_open: bool,
}

/// A change request of a repository that was merged, and has to do with a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Landing {
    /// Its number.
    pub(super) number: u64,
    /// The branch that it went to.
    pub(super) target: String,
    /// Whether the forge says that the commit is the one that merged it. A change request that was rebased brought others before that.
    pub(super) is_by_it: bool,
}

/// The one change request by which a commit landed on a branch. Which of several it was, nobody guesses.
pub(super) fn of(landings: &[Landing], branch: &str) -> Option<u64> {
    let here: Vec<&Landing> = landings.iter().filter(|landing| landing.target == branch).collect();
    let by_it: Vec<u64> = here.iter().filter(|landing| landing.is_by_it).map(|landing| landing.number).collect();
    match (&*by_it, &*here) {
        ([number], _) | ([], [Landing { number, .. }]) => Some(*number),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_landed_by_the_one_that_it_merged_and_else_by_the_only_one() {
        let landing = |number, is_by_it| Landing { number, is_by_it, target: "main".to_owned() };
        let elsewhere = |number, is_by_it| Landing { target: "scratch".to_owned(), ..landing(number, is_by_it) };
        for (landings, expected) in [
            (vec![], None),
            (vec![landing(1, false)], Some(1)),
            (vec![landing(1, false), landing(2, true)], Some(2)),
            (vec![landing(1, false), landing(2, false)], None),
            (vec![landing(1, true), landing(2, true)], None),
            (vec![elsewhere(1, true)], None),
            (vec![elsewhere(1, true), landing(2, false)], Some(2)),
        ] {
            assert_eq!(of(&landings, "main"), expected, "{landings:?}");
        }
    }
}
