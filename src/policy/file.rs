//! The policy file as it is written: every struct is a mapping, every field a key. What the names in it mean is checked afterwards.

mod break_glass;
mod circumstances;
mod length;
mod reuse;

pub use break_glass::{BreakGlass, OwedReview};
pub use circumstances::{Circumstances, Stage};
pub use length::Length;
pub use reuse::{Delegation, Need};

use super::window::{Definition, WindowNames};
use crate::document::present;
use crate::systems::aws::Slot;
use crate::systems::github::Level;
use crate::systems::{Severity, System, aws::Aws};
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// Who may change whose access, how, and when. Read from the base of a change, never from the change itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "Countersign policy")]
pub struct PolicyFile {
    /// The version of this file's language: `1`.
    #[schemars(range(min = 1, max = 1))]
    #[schemars(example = 1)]
    pub version: u64,
    /// Whether a decision closes the gate; `enforce` if nothing is written.
    #[serde(default)]
    #[schemars(example = &"observe", extend("default" = "enforce"))]
    pub mode: Mode,
    /// Files of the repository, and packs that come with Countersign, whose entries hold as if they stood here; read from the base of a
    /// change like this one.
    #[serde(default)]
    #[schemars(example = ["pack:sox-itgc", ".countersign/windows.yml"])]
    pub include: Vec<String>,
    /// In a file that is included: what it needs from whoever includes it.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// What is known of files besides their content. Of the entries that match a file, each adds to or replaces what the ones before
    /// it say, key by key.
    #[serde(default, rename = "where")]
    pub places: Vec<Where>,
    /// Who there is, and in which groups.
    #[serde(default)]
    pub people: PeopleFile,
    /// A file of the repository with more `users` and `groups`, read from the base of a change like this one.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &".github/people.yml")]
    pub people_file: Option<String>,
    /// Who holds a role, and the most that its holders may have.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// What is asked of a change. All rules that apply hold together, in any order.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// Directories in which a team decides for itself, up to a ceiling.
    #[serde(default)]
    pub delegate: Vec<Delegation>,
    /// When a deployment may start, by name.
    #[serde(default)]
    pub windows: BTreeMap<String, Definition>,
    /// How a gain passes that cannot wait. Without this key none does.
    #[serde(default, deserialize_with = "present")]
    pub break_glass: Option<BreakGlass>,
}

/// Whether a decision closes the gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// A change that is not authorized does not pass.
    #[default]
    Enforce,
    /// Every change passes, and what would have happened is said. Nothing that is observed is ever an authorization.
    Observe,
}

/// People, in the policy file under `people:` or in a file of their own.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "Countersign people")]
pub struct PeopleFile {
    /// The forge's immutable user id of every login. `https://api.github.com/users/LOGIN` shows it as `id`.
    #[serde(default)]
    #[schemars(schema_with = "ids", example = serde_json::json!({"alice": 1001, "bob": 1002}))]
    pub users: BTreeMap<String, u64>,
    /// The logins in each group; every one of them is in `users`.
    #[serde(default)]
    #[schemars(example = serde_json::json!({"security": ["alice", "bob"]}))]
    pub groups: BTreeMap<String, Vec<String>>,
    /// Groups that are teams of the forge, which is asked who is in them whenever a change needs them. Whoever asks has to be somebody who
    /// may see the team.
    #[serde(default)]
    #[schemars(example = serde_json::json!({"security": "acme/security"}))]
    pub teams: BTreeMap<String, String>,
}

/// Nobody has the id 0.
fn ids(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"type": "object", "additionalProperties": {"type": "integer", "format": "uint64", "minimum": 1}})
}

/// What is known of files besides their content.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Where {
    /// Globs over paths from the root of the repository: `*` stays within a directory, `**` does not, `{a,b}` is either.
    #[schemars(length(min = 1))]
    #[schemars(example = ["clusters/prod/**"])]
    pub paths: Vec<String>,
    /// The world in which permissions there hold: an account, a cluster. Otherwise it is the account that an AWS file names, or the
    /// directory.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"111122223333")]
    pub realm: Option<String>,
    /// Whose the AWS policies there are, where the files do not tell. Otherwise such a file is its own holder.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"role/deploy")]
    pub holder: Option<String>,
    /// How an AWS policy there is attached, where a file does not tell.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"boundary")]
    pub slot: Option<Slot>,
    /// What the token of a workflow there may do where no file says it, as the settings of the repository have it:
    /// `gh api repos/OWNER/NAME/actions/permissions/workflow` shows it. Otherwise it is said with each part that depends on it.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"read")]
    pub default_workflow_permissions: Option<Level>,
    /// The format of the files there, such as `aws-iam`; what is in them and is not of this format cannot be told.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"aws-iam")]
    pub format: Option<String>,
    /// The environment that files there are about, for rules to name.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"production")]
    pub environment: Option<String>,
    /// Whether the files there are no permission files, whatever they look like.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = true)]
    pub ignore: Option<bool>,
}

/// Who holds a role, and the most that its holders may have.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Role {
    /// The name by which rules speak of it.
    #[schemars(length(min = 1))]
    #[schemars(example = &"deployer")]
    pub name: String,
    /// Globs over the names of holders: `*` is any characters, `?` is one.
    #[schemars(length(min = 1))]
    #[schemars(example = ["role/deploy", "serviceaccount/ci/*"])]
    pub holders: Vec<String>,
    /// A glob over realms, if the role is not the same everywhere.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"prod-*")]
    pub realm: Option<String>,
    /// The most that its holders may have. A system that is not in it is one in which they may have nothing.
    pub ceiling: Ceiling,
}

/// The most that somebody may have, in the notation of each system.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ceiling {
    /// Statements of an IAM policy.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = serde_json::json!([{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::artifacts/*"}]))]
    pub aws: Option<Notation>,
    /// The `permissions:` of a workflow: scopes, each with `read` or `write`. Who starts the job makes no difference.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = serde_json::json!({"contents": "read", "packages": "write"}))]
    pub github: Option<BTreeMap<String, String>>,
    /// Rules of a `Role` or `ClusterRole`, each with the `namespaces` in which it holds; everywhere without them.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = serde_json::json!([{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "patch"], "namespaces": ["web"]}]))]
    pub kubernetes: Option<Notation>,
    /// Patterns of paths as in `CODEOWNERS`, whose changes somebody may approve.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["/docs/"])]
    pub codeowners: Option<Vec<String>>,
}

/// A list in the notation of a system, which the reader of its files reads.
#[derive(Clone, Debug)]
pub struct Notation;

impl<'de> Deserialize<'de> for Notation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::<BTreeMap<String, IgnoredAny>>::deserialize(deserializer).map(|_| Self)
    }
}

impl JsonSchema for Notation {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Notation".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "array", "items": {"type": "object"}})
    }
}

/// What is asked of a change: one of `require`, `deny` and `allow`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// A sentence that says what the rule is for; no two rules have the same.
    #[schemars(length(min = 1))]
    #[schemars(example = &"a gain in production needs security")]
    pub name: String,
    /// The parts of a change that the rule is about.
    pub when: When,
    /// How the change has to be proposed for the rule to apply.
    #[serde(default, rename = "if", deserialize_with = "present")]
    pub circumstances: Option<Circumstances>,
    /// What has to be there before such a change passes.
    #[serde(default, deserialize_with = "present")]
    pub require: Option<Require>,
    /// Such a change does not pass; this says why, and what to do instead.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"ask the security team for a role of its own")]
    pub deny: Option<String>,
    /// `true`: as far as this rule is concerned such a change passes. It takes nothing away from what another rule requires or denies.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = true, extend("const" = true))]
    pub allow: Option<bool>,
}

/// The parts of a change that a rule is about. Several keys: any of them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct When {
    /// Access that somebody gains; `{}` is any.
    #[serde(default, deserialize_with = "present")]
    pub gains: Option<Select>,
    /// Access that somebody loses; without such a rule, losing needs nothing.
    #[serde(default, deserialize_with = "present")]
    pub loses: Option<Select>,
    /// Access that may be gained, but cannot be told from the files; without such a rule it is denied.
    #[serde(default, deserialize_with = "present")]
    pub undecided: Option<Select>,
    /// Access that a holder of a role gains beyond its ceiling: the name of a role, or `true` for any.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"deployer")]
    pub over_ceiling: Option<OverCeiling>,
    /// Two roles: access that makes somebody have something of both that is not in the ceiling of the other, or that goes to somebody who
    /// holds both.
    #[serde(default, deserialize_with = "present")]
    #[schemars(length(min = 2, max = 2))]
    #[schemars(example = ["deployer", "key-keeper"])]
    pub holds_both: Option<Vec<String>>,
    /// Globs over the paths of files that are changed in any way: the gate's own.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["countersign.yml", ".github/**"])]
    pub edits: Option<Vec<String>>,
}

/// The name of a role, or `true` for any.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OverCeiling {
    /// `true`
    Any(#[schemars(extend("const" = true))] bool),
    /// A name in `roles:`.
    Role(String),
}

/// Which access. Every key that is written has to hold; `{}` is all access.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Select {
    /// The system of permissions.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"aws")]
    pub system: Option<SystemName>,
    /// Patterns of actions in the notation of the system, which has to be named: `s3:Get*` for `aws`; `approve` for `codeowners`; `read`
    /// and `write` for `github`; verbs for `kubernetes`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["s3:Get*", "s3:List*"])]
    pub actions: Option<Vec<String>>,
    /// Patterns of resources in the notation of the system: ARNs for `aws`; patterns of paths as in the file for `codeowners`; scopes such
    /// as `id-token` for `github`; `secrets`, `pods/exec`, `deployments.apps`, `*.apps` for `kubernetes`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["arn:aws:s3:::artifacts/*"])]
    pub resources: Option<Vec<String>>,
    /// Namespaces, for `kubernetes` only. Without them a resource is meant everywhere.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["web"])]
    pub namespaces: Option<Vec<String>>,
    /// Globs over whoever may act, as the change names them: `*` is any characters, `?` is one.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["*"])]
    pub principals: Option<Vec<String>>,
    /// Globs over the names of holders: `role/deploy`, `serviceaccount/ci/*`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["role/*"])]
    pub holders: Option<Vec<String>>,
    /// A glob over realms.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"prod-*")]
    pub realm: Option<String>,
    /// An environment that `where:` gives to files.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"production")]
    pub environment: Option<String>,
    /// At least this severe.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"high")]
    pub severity: Option<Severity>,
    /// Any of the reasons that make access severe, such as `reads-secrets`, or the name of several: `public`, `escalation`.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["public", "escalation"])]
    pub reasons: Option<Vec<String>>,
    /// Globs over the paths of the files that the access comes from.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["iam/**"])]
    pub paths: Option<Vec<String>>,
    /// `false`: nothing enforces an end of the access. `true`: something does.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = false)]
    pub expires: Option<bool>,
    /// Nothing enforces an end of the access within so long from the decision on.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"90d")]
    pub longer_than: Option<Length>,
}

/// A system of permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SystemName {
    /// AWS IAM.
    Aws,
    /// The tokens of GitHub Actions.
    Github,
    /// Kubernetes RBAC.
    Kubernetes,
    /// Who has to approve a change of which path.
    Codeowners,
}

impl SystemName {
    /// The system's name in a change.
    pub fn id(self) -> &'static str {
        match self {
            Self::Aws => Aws::ID,
            Self::Github => "github",
            Self::Kubernetes => "kubernetes",
            Self::Codeowners => "codeowners",
        }
    }
}

/// What has to be there before a change passes: all that is written.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Require {
    /// Approvals, each by another person: nobody is counted twice, in no rule and not across rules.
    #[serde(default, deserialize_with = "present")]
    pub approvals: Option<Vec<Approvals>>,
    /// The window that has to be open: a name, or a list of names, of which all have to be.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"office-hours")]
    pub window: Option<WindowNames>,
    /// Labels that the change request has to carry. A label is no approval: whoever may label may set it.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = ["access-reviewed"])]
    pub labels: Option<Vec<String>>,
    /// What is gained has to end within so long from the decision on, by something that enforces it.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"30d")]
    pub max_duration: Option<Length>,
    /// A ticket that a word of the title or of the description has to name; `#` is a number, and everything else is itself. Whether there
    /// is such a ticket, nobody asks.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"OPS-#")]
    pub ticket: Option<String>,
    /// `true`: the description of the change request has to say something.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = true, extend("const" = true))]
    pub reason: Option<bool>,
}

/// Approvals from one group.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Approvals {
    /// The name of a group.
    #[schemars(example = &"security")]
    pub from: String,
    /// How many people of it; 1 if nothing is written.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 100))]
    #[schemars(example = 2)]
    pub count: u32,
    /// How old an approval may be. Without this key it may have any age.
    #[serde(default, deserialize_with = "present")]
    #[schemars(example = &"7d")]
    pub max_age: Option<Length>,
    /// Groups that do not both write and approve: if somebody of such a group had a part in the change, nobody of it counts here.
    #[serde(default, deserialize_with = "present")]
    #[schemars(length(min = 1))]
    #[schemars(example = ["platform"])]
    pub not_written_by: Option<Vec<String>>,
}

fn one() -> u32 {
    1
}
