//! What may be deployed now, of what a forge says was.
//!
//! Whoever may write can say of any commit that it was deployed. So what was deployed last is taken of the commits alone that the branch was
//! at; but what is said of others since may be true, and what is said of a commit further back may not be.

use super::Error;
use std::collections::BTreeSet;

/// As many deployments are looked at.
pub(super) const MOST_DEPLOYMENTS: usize = 100;

/// Where a commit stands on the line of a branch: how many came after it. `None` if the branch was never at it.
pub type PlaceOf<'p> = dyn Fn(&str) -> Option<usize> + 'p;

/// What may be deployed to an environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployed {
    /// The commit that was deployed last of those that the branch was at.
    pub last: Option<String>,
    /// Others that may be deployed instead: those further along, and whatever the branch was never at and was deployed since.
    pub others: Vec<String>,
}

/// Looks at deployments, the newest first, that stand at a path of the forge, and asks only of those that matter whether they succeeded.
pub(super) async fn looked_at(
    path: &str,
    commits: &[String],
    place: &PlaceOf<'_>,
    succeeded: impl AsyncFn(usize) -> Result<bool, Error>,
) -> Result<Deployed, Error> {
    let mut known: Vec<(usize, usize)> = Vec::new();
    for (index, commit) in commits.iter().enumerate() {
        let Some(at) = place(commit) else { continue };
        if known.last().is_none_or(|(_, furthest)| at < *furthest) && succeeded(index).await? {
            known.push((index, at));
        }
    }
    let oldest = known.last().map_or(commits.len(), |(index, _)| *index);
    let mut known = known.into_iter().filter_map(|(index, _)| commits.get(index).cloned());
    let last = known.next();
    let mut others: Vec<String> = known.collect();
    let mut seen = BTreeSet::new();
    for (index, commit) in commits.iter().enumerate().take(oldest).filter(|(_, commit)| place(commit).is_none()) {
        if !seen.contains(commit) && succeeded(index).await? {
            seen.insert(commit);
            others.push(commit.clone());
        }
    }
    if last.is_none() && commits.len() >= MOST_DEPLOYMENTS {
        let why = format!("none of the last {MOST_DEPLOYMENTS} deployments succeeded with a commit that the branch was at");
        return Err(Error::Unusable { request: format!("GET {path}"), why });
    }
    Ok(Deployed { last, others })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found, of commits by their places on the line, `x…` being none; `!` is one that failed. And what was asked.
    fn found(deployments: &[&str]) -> (Deployed, Vec<usize>) {
        let commits: Vec<String> = deployments.iter().map(|one| one.trim_end_matches('!').to_owned()).collect();
        let asked = std::cell::RefCell::new(Vec::new());
        let succeeded = async |index: usize| {
            asked.borrow_mut().push(index);
            Ok(!deployments[index].ends_with('!'))
        };
        let place = |commit: &str| commit.parse().ok();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let deployed = runtime.block_on(looked_at("/deployments", &commits, &place, succeeded)).unwrap();
        (deployed, asked.into_inner())
    }

    fn deployed(last: &str, others: &[&str]) -> Deployed {
        Deployed { last: Some(last.to_owned()), others: others.iter().map(ToString::to_string).collect() }
    }

    #[test]
    fn a_branch_that_went_on_is_asked_about_once() {
        assert_eq!(found(&["2", "3", "3", "5"]), (deployed("2", &[]), vec![0]));
        assert_eq!(found(&["2!", "3", "5"]), (deployed("3", &[]), vec![0, 1]));
        assert_eq!(found(&[]), (Deployed::default(), vec![]));
    }

    #[test]
    fn what_is_further_along_or_from_elsewhere_since_may_be_deployed_as_well() {
        assert_eq!(found(&["5", "3!", "2", "4"]).0, deployed("5", &["2"]));
        assert_eq!(found(&["x", "2", "y"]).0, deployed("2", &["x"]));
        assert_eq!(
            found(&["5", "x", "x", "y!", "2", "z"]).0,
            deployed("5", &["2", "x"]),
            "it was there before somebody said something else"
        );
        assert_eq!(found(&["x", "y"]).0, Deployed { last: None, others: vec!["x".to_owned(), "y".to_owned()] });
    }
}
