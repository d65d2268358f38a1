//! Which forge a repository is on, and the pipeline that runs the gate there.

use super::look::Seen;
use crate::policy::starter::Forge;
use crate::report::starter::{Fate, Outcome, Purpose};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A pipeline that we write.
struct Pipeline {
    path: &'static str,
    purpose: Purpose,
    text: &'static str,
}

const GITHUB: Pipeline = Pipeline {
    path: ".github/workflows/countersign.yml",
    purpose: Purpose::Pipeline,
    text: include_str!("../../../templates/github-workflow.yml"),
};
const GITLAB: Pipeline =
    Pipeline { path: ".gitlab/countersign.yml", purpose: Purpose::Pipeline, text: include_str!("../../../templates/gitlab-job.yml") };

/// What GitLab runs. Written only where there is none.
const GITLAB_ROOT: Pipeline =
    Pipeline { path: ".gitlab-ci.yml", purpose: Purpose::Root, text: "include:\n  - local: .gitlab/countersign.yml\n" };

/// Where change requests are made, by the files that only one forge reads, else by the host of the remote.
pub(super) fn forge(paths: &BTreeSet<Arc<str>>, host: Option<&str>) -> Option<Forge> {
    let begins = |starts: &[&str]| paths.iter().any(|path| starts.iter().any(|start| path.starts_with(start)));
    let is_of = |name: &str| host.is_some_and(|host| host.split('.').any(|label| label == name));
    match (begins(&[".github/"]), begins(&[".gitlab-ci.yml", ".gitlab/"])) {
        (true, false) => Some(Forge::GitHub),
        (false, true) => Some(Forge::GitLab),
        _ if is_of("github") => Some(Forge::GitHub),
        _ if is_of("gitlab") => Some(Forge::GitLab),
        _ => None,
    }
}

/// Whether GitLab's own file was there before us: it does not include ours then.
pub(super) fn has_to_be_included(seen: &Seen, outcomes: &[Outcome]) -> bool {
    seen.paths.contains(GITLAB_ROOT.path) && outcomes.iter().any(|outcome| *outcome.path == *GITLAB_ROOT.path && outcome.fate == Fate::Kept)
}

/// The pipeline files that belong there. One that names the gate already is enough, whatever it is called.
pub(super) fn plan(seen: &mut Seen, is_there: &dyn Fn(&Seen, &str) -> bool) -> Vec<Outcome> {
    if let Some(path) = seen.survey.pipelines.first() {
        return vec![Outcome { path: Arc::clone(path), purpose: Purpose::Pipeline, text: String::new(), fate: Fate::Kept }];
    }
    let pipelines: &[Pipeline] = match seen.survey.forge {
        Some(Forge::GitHub) => &[GITHUB],
        Some(Forge::GitLab) => &[GITLAB, GITLAB_ROOT],
        None => &[],
    };
    seen.survey.pipelines.extend(pipelines.iter().map(|pipeline| Arc::from(pipeline.path)));
    let outcome = |pipeline: &Pipeline| Outcome {
        path: pipeline.path.into(),
        purpose: pipeline.purpose,
        text: pipeline.text.to_owned(),
        fate: if is_there(seen, pipeline.path) { Fate::Kept } else { Fate::Shown },
    };
    pipelines.iter().map(outcome).collect()
}
