//! The judge's process: a cluster and requests in, a line each way.

use super::manifest;
use crate::model::World;
use countersign::systems::kubernetes::{Asker, Identity, Request, RoleKind, Target};
use serde_json::{Value, json};
use std::env;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

pub struct Judge {
    child: Child,
    asked: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Judge {
    /// Loudly nothing where the judge was not built.
    pub fn start() -> Option<Self> {
        let beside = env::var_os("COUNTERSIGN_PYTHON").and_then(|python| Some(Path::new(&python).ancestors().nth(3)?.to_owned()));
        let peers = beside.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/peers"));
        let program = peers.join("kubernetes/judge");
        if !program.exists() {
            assert!(env::var_os("CI").is_none(), "peer missing: {}, which CI must have", program.display());
            eprintln!("peer missing: {}; nothing was judged. `cargo xtask peers` builds it", program.display());
            return None;
        }
        let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (asked, answers) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Some(Self { child, asked, answers })
    }

    /// What of this the cluster allows.
    pub fn allows(&mut self, world: &World, requests: &[&Request]) -> Vec<bool> {
        let mut asked = manifest::by_kind(world);
        for (role, kind) in [(RoleKind::ClusterRole, "clusterRoleBindings"), (RoleKind::Role, "roleBindings")] {
            let probes = requests.iter().filter_map(|request| probe(request, role));
            asked.get_mut(kind).unwrap().as_array_mut().unwrap().extend(probes);
        }
        asked.insert("requests".into(), requests.iter().map(|request| attributes(request)).collect());
        let mut line = serde_json::to_vec(&asked).unwrap();
        line.push(b'\n');
        self.asked.as_mut().unwrap().write_all(&line).unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        let answers: Vec<bool> = serde_json::from_str(&answer).unwrap();
        assert_eq!(answers.len(), requests.len());
        answers
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        drop(self.asked.take());
        let _ = self.child.wait();
    }
}

/// Somebody who is bound to the role that is asked about, and to nothing else.
fn probe(request: &Request, kind: RoleKind) -> Option<Value> {
    let Asker::Role(role) = &request.asker else { return None };
    let name = format!("probe {role}");
    let subjects = json!([{"kind": "User", "name": name}]);
    let metadata = json!({"name": name, "namespace": role.namespace});
    let of_kind = if kind == RoleKind::Role { "Role" } else { "ClusterRole" };
    let reference = json!({"apiGroup": "rbac.authorization.k8s.io", "kind": of_kind, "name": role.name});
    (role.kind == kind).then(|| json!({"metadata": metadata, "subjects": subjects, "roleRef": reference}))
}

/// A request as the API server takes it apart.
fn attributes(request: &Request) -> Value {
    let (user, groups): (String, Vec<&str>) = match &request.asker {
        Asker::Role(role) => (format!("probe {role}"), Vec::new()),
        Asker::Identity(identity, groups) => {
            let user = match identity {
                Identity::User(name) => name.to_string(),
                Identity::ServiceAccount { namespace, name } => format!("system:serviceaccount:{namespace}:{name}"),
                Identity::Group(_) => "somebody".to_owned(),
            };
            let own = if let Identity::Group(own) = identity { Some(&**own) } else { None };
            (user, groups.iter().map(|group| &**group).chain(own).collect())
        }
    };
    let mut attributes = match &request.target {
        Target::Path(path) => json!({"path": path}),
        Target::Resource { namespace, group, resource, subresource, name } => json!({
            "namespace": namespace.as_deref().unwrap_or_default(), "group": group, "resource": resource, "subresource": subresource, "name": name,
        }),
    };
    attributes["user"] = user.into();
    attributes["groups"] = groups.into();
    attributes["verb"] = (&*request.verb).into();
    attributes
}

/// Tells the test command that the judge was spoken to.
pub fn record(judged: &str) {
    let release = include_str!("../../peers/kubernetes/source.sha256").rsplit_once("really").unwrap().1.split(".orig").next().unwrap();
    let line = format!("Kubernetes {release}: {judged}");
    eprintln!("{line}");
    let Some(log) = env::var_os("COUNTERSIGN_PEERS_LOG") else { return };
    writeln!(File::options().append(true).create(true).open(log).unwrap(), "{line}").unwrap();
}
