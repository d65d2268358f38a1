//! When GitLab deploys nothing: <https://docs.gitlab.com/api/freeze_periods/>.

use super::wire::FreezePeriod;
use super::{Client, Error, Told};
use crate::proposal::{Freeze, Freezes};

/// The freeze periods of a project. What the token may not see is not known, and no error.
pub(super) async fn freezes(client: &Client, project: &str, is_frozen: bool) -> Result<Told<Freezes>, Error> {
    let periods = match client.list::<FreezePeriod>(&format!("/v4/projects/{project}/freeze_periods")).await {
        Ok(periods) => periods,
        Err(Error::Refused { status: status @ (403 | 404), .. }) => {
            return Ok(Err(format!("GitLab answers {status} to the freeze periods of the project: the token needs the role Reporter")));
        }
        Err(error) => return Err(error),
    };
    let mut periods: Vec<Freeze> = periods
        .into_iter()
        .map(|FreezePeriod { freeze_start, freeze_end, cron_timezone, .. }| Freeze {
            starts: freeze_start,
            ends: freeze_end,
            zone: cron_timezone,
        })
        .collect();
    periods.sort();
    Ok(Ok(Freezes { active: is_frozen, periods }))
}
