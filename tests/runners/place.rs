//! A repository on a forge, the clone of it that a job gets, and the binary in that job.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Somebody may list pods; after [`MORE`] they may read secrets.
pub const LESS: &str = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: r }\nrules: [{ apiGroups: [''], resources: [pods], verbs: [list] }]\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: { name: b }\nroleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r }\nsubjects: [{ kind: Group, apiGroup: rbac.authorization.k8s.io, name: operators }]\n";

/// The same with secrets.
pub fn more() -> String {
    LESS.replace("pods", "secrets").replace("list", "get")
}

/// One approval from somebody of `security` for whatever is gained.
pub const POLICY: &str = "version: 1\npeople:\n  users: { alice: 1001, bob: 1002 }\n  groups: { security: [bob] }\nrules:\n  - name: security sees every gain\n    when: { gains: {} }\n    require: { approvals: [{ from: security }] }\n  - name: what cannot be told needs security\n    when: { undecided: {} }\n    require: { approvals: [{ from: security }] }\n  - name: the gate's own files need security\n    when: { edits: [countersign.yml] }\n    require: { approvals: [{ from: security }] }\n";

/// The repository as the forge has it, and the directory of one job.
pub struct Place {
    root: TempDir,
}

/// What a run said, and how it ended.
#[derive(Debug)]
pub struct Said {
    pub out: String,
    pub err: String,
    pub code: i32,
}

impl Place {
    /// `main` with a role and a policy, `change` that widens the role, both at the forge.
    pub fn new() -> Self {
        let place = Self { root: TempDir::new().unwrap() };
        fs::create_dir(place.origin()).unwrap();
        place.git(&["init", "--quiet", "--initial-branch=main"]);
        place.write("rbac/role.yaml", LESS);
        place.commit();
        place.git(&["tag", "without-policy"]);
        place.write("countersign.yml", POLICY);
        place.commit();
        place.git(&["checkout", "--quiet", "-b", "change"]);
        place.write("rbac/role.yaml", &more());
        place.commit();
        place.git(&["checkout", "--quiet", "main"]);
        place
    }

    pub fn root(&self) -> &Path {
        self.root.path()
    }

    pub fn origin(&self) -> PathBuf {
        self.root().join("origin")
    }

    pub fn clone_of_job(&self) -> PathBuf {
        self.root().join("clone")
    }

    pub fn write(&self, path: &str, text: &str) {
        let path = self.origin().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub fn commit(&self) {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message=change"]);
    }

    /// Git in the forge's repository.
    pub fn git(&self, arguments: &[&str]) -> String {
        git(&self.origin(), arguments)
    }

    pub fn id(&self, revision: &str) -> String {
        self.git(&["rev-parse", revision])
    }

    /// Clones as `actions/checkout` does with `fetch-depth: 0`: all branches, and one of them checked out.
    pub fn checkout(&self, revision: &str, more: &[&str]) {
        let url = format!("file://{}", self.origin().display());
        git(self.root(), &[&["clone", "--quiet", "--no-checkout"], more, &[url.as_str(), "clone"]].concat());
        git(&self.clone_of_job(), &["checkout", "--quiet", "--detach", revision]);
    }

    /// The payload of an event, with what every payload has.
    pub fn event(&self, payload: &str) -> PathBuf {
        let path = self.root().join("event.json");
        let repository = r#""repository": { "id": 7, "full_name": "acme/infrastructure", "default_branch": "main" }"#;
        fs::write(&path, format!("{{ {repository}, {payload} }}")).unwrap();
        path
    }

    /// The variables of a job of GitHub Actions.
    pub fn github(&self, event: &str, payload: &str) -> BTreeMap<String, String> {
        let temp = self.root().join("temp");
        fs::create_dir_all(&temp).unwrap();
        let file = |name: &str| self.root().join(name).to_string_lossy().into_owned();
        let pairs = [
            ("GITHUB_ACTIONS", "true".to_owned()),
            ("GITHUB_EVENT_NAME", event.to_owned()),
            ("GITHUB_EVENT_PATH", self.event(payload).to_string_lossy().into_owned()),
            ("GITHUB_REPOSITORY", "acme/infrastructure".to_owned()),
            ("GITHUB_SHA", self.id("main")),
            ("GITHUB_OUTPUT", file("output")),
            ("GITHUB_STEP_SUMMARY", file("summary.md")),
            ("RUNNER_TEMP", temp.to_string_lossy().into_owned()),
        ];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// The variables of a job of GitLab CI.
    pub fn gitlab(&self, source: &str, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let clone = self.clone_of_job().to_string_lossy().into_owned();
        let head = self.id("change");
        let pairs = [
            ("GITLAB_CI", "true"),
            ("CI_PIPELINE_SOURCE", source),
            ("CI_COMMIT_SHA", &head),
            ("CI_PROJECT_ID", "7"),
            ("CI_PROJECT_DIR", &clone),
            ("CI_DEFAULT_BRANCH", "main"),
        ];
        pairs.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    /// The payload of a pull request from `change` to `main`.
    pub fn pull_request(&self) -> String {
        let (base, head) = (self.id("main"), self.id("change"));
        format!(
            r#""action": "opened", "pull_request": {{ "number": 7, "head": {{ "ref": "change", "sha": "{head}" }}, "base": {{ "ref": "main", "sha": "{base}" }} }}"#
        )
    }

    /// Runs the binary in the clone, with these variables and hardly any other.
    pub fn run(&self, variables: &BTreeMap<String, String>, arguments: &[&str]) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.env_clear().env("HOME", self.root()).envs(variables);
        let output = command.args(arguments).current_dir(self.clone_of_job()).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
    }

    /// Changes the workflow in the clone, as it runs.
    pub fn edit_workflow(&self, from: &str, to: &str) {
        let path = self.clone_of_job().join(".github/workflows/gate.yml");
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }

    /// A file that a job wrote; nothing if it did not.
    pub fn told(&self, name: &str) -> String {
        fs::read_to_string(self.root().join(name)).unwrap_or_default()
    }

    /// The values in the notation with delimiters.
    pub fn outputs(&self) -> BTreeMap<String, String> {
        let text = self.told("output");
        let mut lines = text.lines();
        let mut outputs = BTreeMap::new();
        while let Some((name, end)) = lines.next().map(|line| line.split_once("<<").unwrap()) {
            let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
            outputs.insert(name.to_owned(), value.join("\n"));
        }
        outputs
    }
}

pub fn git(directory: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.current_dir(directory).args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false", "-c", "advice.detachedHead=false"]);
    command.args(arguments).env("HOME", directory).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "alice").env(format!("GIT_{who}_EMAIL"), "alice@example.com");
        command.env(format!("GIT_{who}_DATE"), "2026-11-24T09:00:00Z");
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}
