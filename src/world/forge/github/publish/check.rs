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
    check_runs: Vec<Run>,
}

#[derive(Debug, Deserialize)]
struct Run {
    id: u64,
    external_id: Option<String>,
    output: Output,
}

#[derive(Debug, Deserialize)]
struct Output {
    annotations_count: usize,
}

impl Publishing<'_> {
    /// A check that says the same of the commit already is left as it is; else there is a new one, which counts from then on.
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
        let query = format!("check_name={}&filter=all&per_page=100", encoded(&self.publication.gate.name()));
        let runs: Runs = self.client.get(&self.path(&format!("commits/{}/check-runs?{query}", self.target.head))).await?;
        Ok(runs.check_runs.into_iter().find(|run| run.external_id.as_deref() == Some(id)))
    }

    async fn create(&self, check: &Check, id: &str, first: &[Annotation]) -> Result<Run, Error> {
        let conclusion = match check.conclusion {
            Conclusion::Success => "success",
            Conclusion::Neutral => "neutral",
            Conclusion::Failure => "failure",
        };
        let mut run = json!({
            "name": self.publication.gate.name(), "head_sha": self.target.head, "status": "completed", "conclusion": conclusion, "external_id": id,
            "output": output(check, first),
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
