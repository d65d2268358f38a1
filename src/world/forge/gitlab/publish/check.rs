//! The answer to an external status check of the merge request: <https://docs.gitlab.com/api/status_checks/>.

use super::{NO_MERGE_REQUEST, Publishing};
use crate::report::publication::check::Conclusion;
use crate::world::forge::Error;
use crate::world::forge::board::is_lost;
use crate::world::forge::client::Keyed;
use crate::world::forge::publish::NotPublished;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
struct StatusCheck {
    id: u64,
    name: String,
    /// `passed`, `failed`, `pending`: of the newest commit.
    status: String,
}

impl Keyed for StatusCheck {
    fn key(&self) -> Option<u64> {
        Some(self.id)
    }
}

impl Publishing<'_> {
    /// Answers the check that has the gate's name. What only observes stops nothing.
    pub(super) async fn check(&self) -> Result<String, NotPublished> {
        let Some((number, refs)) = self.current().await? else { return Ok(NO_MERGE_REQUEST.to_owned()) };
        let wanted = match self.publication.check.conclusion {
            Conclusion::Success | Conclusion::Neutral => "passed",
            Conclusion::Failure => "failed",
        };
        let Some(check) = self.status_check(number).await? else { return Err(NotPublished::NoStatusCheck(self.publication.gate.name())) };
        if check.status == wanted {
            return Ok("as it was".to_owned());
        }
        let answer = json!({ "sha": refs.head, "external_status_check_id": check.id, "status": wanted });
        match self.client.write::<Value>(Method::POST, &self.path(number, "/status_check_responses"), &answer).await {
            // Whether it arrived stands there; if it did not, the next run writes it.
            Err(error) if is_lost(&error) => {
                let is_there = self.status_check(number).await?.is_some_and(|check| check.status == wanted);
                if is_there { Ok("written".to_owned()) } else { Err(error.into()) }
            }
            answer => answer.map(|_| "written".to_owned()).map_err(Into::into),
        }
    }

    async fn status_check(&self, number: u64) -> Result<Option<StatusCheck>, Error> {
        let checks: Vec<StatusCheck> = self.client.list(&self.path(number, "/status_checks")).await?;
        Ok(checks.into_iter().find(|check| check.name == self.publication.gate.name()))
    }
}
