//! The check of a commit, whose annotations come in batches.

use super::Publishing;
use crate::report::publication::check::{ANNOTATIONS_AT_ONCE, Annotation, Check, Conclusion, Level};
use crate::world::forge::Error;
use crate::world::forge::board::is_lost;
use crate::world::forge::client::encoded;
use crate::world::forge::publish::NotPublished;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
struct Runs {
    total_count: usize,
    check_runs: Vec<Run>,
}

#[derive(Debug, Deserialize)]
struct Run {
    id: u64,
    external_id: Option<String>,
    conclusion: Option<String>,
    output: Output,
}

#[derive(Debug, Deserialize)]
struct Output {
    annotations_count: usize,
}

impl Publishing<'_> {
    /// What the check is called: a check is of a commit, and one commit may be proposed to several branches, each with a policy of its own.
    fn check_name(&self) -> String {
        self.publication.gate.check_name(self.target.branch.as_deref())
    }

    /// The check that counts of this gate is left as it is where it says the same; else there is a new one, which counts from then on.
    pub(super) async fn check(&self) -> Result<String, NotPublished> {
        let check = &self.publication.check;
        let id = format!("{}-{}", self.publication.gate.id(), check.digest());
        let mut batches = check.annotations.chunks(ANNOTATIONS_AT_ONCE);
        let first = batches.next().unwrap_or_default();
        let (run, word) = match self.standing(&id).await? {
            Some(run) => (run, "as it was"),
            None => (self.create(check, &id, first).await?, "written"),
        };
        let mut there = run.output.annotations_count;
        let mut sent = first.len();
        for batch in batches {
            sent += batch.len();
            // What a run that was cut off has sent is not sent again.
            if there < sent {
                there = self.annotate(&run, batch, sent).await?;
            }
        }
        Ok(word.to_owned())
    }

    async fn standing(&self, id: &str) -> Result<Option<Run>, Error> {
        let query = format!("check_name={}&filter=all&per_page=100", encoded(&self.check_name()));
        let runs: Runs = self.client.get(&self.path(&format!("commits/{}/check-runs?{query}", self.target.head))).await?;
        let own = format!("{}-", self.publication.gate.id());
        let is_own = |run: &Run| run.external_id.as_ref().is_some_and(|id| id.starts_with(&own));
        // Of more than a page the newest may be on another one, and to say it again is never wrong.
        let is_whole = runs.total_count <= runs.check_runs.len();
        let newest = runs.check_runs.into_iter().filter(is_own).max_by_key(|run| run.id).filter(|_| is_whole);
        let conclusion = conclusion(self.publication.check.conclusion);
        Ok(newest.filter(|run| run.external_id.as_deref() == Some(id) && run.conclusion.as_deref() == Some(conclusion)))
    }

    async fn create(&self, check: &Check, id: &str, first: &[Annotation]) -> Result<Run, Error> {
        let mut run = json!({
            "name": self.check_name(), "head_sha": self.target.head, "status": "completed", "conclusion": conclusion(check.conclusion),
            "external_id": id, "output": output(check, first),
        });
        if let (Some(details), Some(run)) = (&check.details, run.as_object_mut()) {
            run.insert("details_url".to_owned(), details.as_str().into());
        }
        match self.client.write(Method::POST, &self.path("check-runs"), &run).await {
            // Whether it arrived stands there; if it did not, the next run writes it.
            Err(error) if is_lost(&error) => self.standing(id).await?.ok_or(error),
            answer => answer,
        }
    }

    /// Adds a batch; says how many there are then.
    async fn annotate(&self, run: &Run, batch: &[Annotation], sent: usize) -> Result<usize, Error> {
        let path = self.path(&format!("check-runs/{}", run.id));
        let update = json!({ "output": output(&self.publication.check, batch) });
        match self.client.write::<Run>(Method::PATCH, &path, &update).await {
            Err(error) if is_lost(&error) => {
                let run: Run = self.client.get(&path).await?;
                if run.output.annotations_count < sent { Err(error) } else { Ok(run.output.annotations_count) }
            }
            answer => answer.map(|run| run.output.annotations_count),
        }
    }
}

fn conclusion(conclusion: Conclusion) -> &'static str {
    match conclusion {
        Conclusion::Success => "success",
        Conclusion::Neutral => "neutral",
        Conclusion::Failure => "failure",
    }
}

fn output(check: &Check, annotations: &[Annotation]) -> Value {
    json!({ "title": check.title, "summary": check.summary, "annotations": annotations.iter().map(annotation).collect::<Vec<_>>() })
}

fn annotation(annotation: &Annotation) -> Value {
    let level = match annotation.level {
        Level::Notice => "notice",
        Level::Warning => "warning",
        Level::Failure => "failure",
    };
    json!({
        "path": &*annotation.path, "start_line": annotation.line, "end_line": annotation.line, "annotation_level": level,
        "message": annotation.message, "title": annotation.title,
    })
}
