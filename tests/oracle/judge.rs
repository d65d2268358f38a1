//! The judge: npm `@cloud-copilot/iam-simulate` in a process of its own, which `tests/peers/node/judge.mjs` speaks for.

use super::check::Question;
use super::pair::Document;
use super::request::ACCOUNT;
use countersign::systems::aws::Slot;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// A running judge. Questions are answered in their order.
pub struct Judge {
    child: Child,
    questions: Option<ChildStdin>,
    answers: Receiver<String>,
    /// Answers that were taken before their turn.
    early: VecDeque<Vec<Option<Verdict>>>,
    pub version: String,
}

/// Whether one request is allowed: by the holder's documents alone, and with another policy beside them that allows everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Before, after.
    pub alone: [bool; 2],
    /// Before, after.
    pub aided: [bool; 2],
    /// Whether the action acts on a resource of that kind, as far as the judge knows.
    pub is_possible: bool,
}

impl Judge {
    /// The judge, unless it is not there, which is said, and is a failure where `CI` is set.
    pub fn find() -> Option<Self> {
        let there = env::var_os("COUNTERSIGN_NODE_PEERS").map_or_else(|| root().join("target/peers/node"), PathBuf::from);
        let node = env::var_os("COUNTERSIGN_NODE").unwrap_or_else(|| "node".into());
        let is_installed = there.join("node_modules/@cloud-copilot/iam-simulate").is_dir();
        let runs =
            Command::new(&node).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
        if is_installed && runs {
            return Some(Self::start(&node, &there));
        }
        assert!(env::var_os("CI").is_none(), "peer missing: iam-simulate, which CI must have");
        eprintln!("peer missing: iam-simulate in {}; nothing was judged. To have it: cargo xtask peers", there.display());
        None
    }

    fn start(node: &std::ffi::OsStr, there: &Path) -> Self {
        let script = root().join("tests/peers/node/judge.mjs");
        let mut child = Command::new(node).arg(script).arg(there).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (sender, answers) = channel();
        // Read as they come: whoever writes while the other writes waits for ever.
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| sender.send(line)));
        let version: String = serde_json::from_str(&answers.recv().unwrap()).unwrap();
        Self { questions: child.stdin.take(), child, answers, early: VecDeque::new(), version }
    }

    /// Asks, and does not wait for the answer.
    pub fn ask(&mut self, question: &Question) {
        let pair = &question.pair;
        let sides: Vec<Value> =
            [false, true].iter().flat_map(|aided| pair.sides().map(|side| presented(pair.slot, side, *aided))).collect();
        let question = json!({ "sides": sides, "requests": question.asked() });
        let to = self.questions.as_mut().unwrap();
        writeln!(to, "{question}").unwrap();
    }

    /// The next answer: a verdict for each request; none where the judge could not tell.
    pub fn answer(&mut self) -> Vec<Option<Verdict>> {
        if let Some(answer) = self.early.pop_front() {
            return answer;
        }
        let answer: Value = serde_json::from_str(&self.answers.recv().unwrap()).unwrap();
        let sides: Vec<Vec<char>> =
            answer["verdicts"].as_array().unwrap().iter().map(|side| side.as_str().unwrap().chars().collect()).collect();
        let verdict = |number: usize| {
            let of = |side: usize| sides[side][number];
            let told = (0..4).all(|side| of(side) != '!');
            let allows = |side| of(side) == 'A';
            let is_possible = answer["possible"][number] == true;
            told.then(|| Verdict { alone: [allows(0), allows(1)], aided: [allows(2), allows(3)], is_possible })
        };
        (0..sides[0].len()).map(verdict).collect()
    }

    /// Hands back answers that were taken early, in their order, before anything else is answered.
    pub fn put_back(&mut self, answers: Vec<Vec<Option<Verdict>>>) {
        self.early.extend(answers);
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        drop(self.questions.take());
        let _ = self.child.wait();
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// One side as the judge takes it. Where another policy helps, it allows whatever it can.
fn presented(slot: Slot, documents: &[Document], aided: bool) -> Value {
    let all = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
    let of =
        |slot: Slot| documents.iter().filter(|document| document.slot == slot).map(|document| document.policy.clone()).collect::<Vec<_>>();
    let own = of(slot);
    let help = |list: Vec<Value>| if aided { [list, vec![all.clone()]].concat() } else { list };
    // A key or a role lets its account decide only if its own policy says so.
    let trust = json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Principal": { "AWS": ACCOUNT }, "Action": "*", "Resource": "*" } });
    let some = |list: Vec<Value>| (!list.is_empty()).then_some(list);
    match slot {
        Slot::Identity => json!({ "identity": help(own), "boundary": some(of(Slot::Boundary)), "resource": trust }),
        Slot::Boundary => json!({ "identity": [all], "boundary": some(own), "resource": trust }),
        Slot::Session => json!({ "identity": [all], "session": own.first(), "resource": trust }),
        Slot::ServiceControl => json!({ "identity": [all], "service": some(own).map(help), "resource": trust }),
        Slot::ResourceControl => json!({ "identity": [all], "resourceControl": some(own).map(help), "resource": trust }),
        Slot::Resource | Slot::Trust => {
            let helped = aided && slot == Slot::Resource;
            let public = json!({ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" });
            json!({ "identity": [all], "resource": joined(&own, helped.then_some(public)) })
        }
    }
}

/// A resource has one policy.
fn joined(policies: &[Value], more: Option<Value>) -> Option<Value> {
    let statements: Vec<Value> = policies.iter().flat_map(|policy| super::pair::statements(policy).to_vec()).chain(more).collect();
    let version = policies.first().map_or(json!("2012-10-17"), |policy| policy["Version"].clone());
    (!policies.is_empty() || !statements.is_empty()).then(|| json!({ "Version": version, "Statement": statements }))
}
