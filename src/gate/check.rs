//! `countersign check`: the decision by every policy that has to be content.

use super::decide::{Verdict, by_its_policy};
use super::diff::Request;
use super::gather::Whence;
use super::judged::Judged;
use super::policy_files::standing;
use super::{Error, itself};
use crate::policy::Stage;

/// The gate.
pub fn check(judged: &Judged) -> Result<Verdict, Error> {
    let verdict = by_its_policy(judged)?;
    match judged.stage {
        Stage::Merge => itself::leaves_one(judged, &verdict).map(|()| verdict),
        Stage::Deploy if judged.policy_from.is_some() => itself::also_by_the_others(judged, verdict),
        Stage::Deploy => Ok(verdict),
    }
}

/// Whether the change has a policy itself. Where none holds yet, there is nothing to judge it by.
pub fn brings_policy(request: &Request) -> Result<bool, Error> {
    match standing(Whence::base(request.open()?.head())) {
        Ok(_) => Ok(true),
        Err(Error::NoPolicy | Error::MisnamedPolicy(_) | Error::TwoPolicies) => Ok(false),
        Err(error) => Err(error),
    }
}
