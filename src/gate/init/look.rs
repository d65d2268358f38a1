//! What a repository holds: read as the gate reads, file by file.

use super::super::own;
use super::super::read::{Seen as Read, Watch};
use super::super::{Bounds, Error};
use crate::diagnostic::Severity;
use crate::formats::Setting;
use crate::formats::terraform_plan::is_source;
use crate::policy::starter::{Survey, owners};
use crate::report::starter::Remarked;
use crate::world::repository::{Content, Kind, Reading, Side};
use memchr::memmem;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was seen.
#[derive(Default)]
pub(super) struct Seen {
    /// Every file.
    pub(super) paths: BTreeSet<Arc<str>>,
    /// What the policy depends on.
    pub(super) survey: Survey,
    /// What cannot be told.
    pub(super) undecided: Vec<Remarked>,
    /// What may be permissions, and is not read.
    pub(super) not_read: Vec<Remarked>,
}

/// Reads everything.
pub(super) fn look(side: &Side) -> Result<Seen, Error> {
    let watch = Watch {
        settings: &|_| Some(Setting::default()),
        format: &|_| None,
        bounds: Bounds::default(),
        is_rendered: &|_| false,
        plans: &[],
        planned: &[],
    };
    let mut seen = Seen::default();
    let mut remarks = Remarks::default();
    for entry in side.list()? {
        if entry.kind == Kind::File {
            match side.read(&entry.path)? {
                Reading::Content(content) => seen.add(&content, &watch.read(&content), &mut remarks),
                Reading::Unreadable(why) => remarks.add(&watch.unreadable(&entry.path, &why, entry.id).unwrap_or_default()),
                Reading::Absent => {}
            }
        }
        remarks.add_by_name(&entry.path);
        seen.paths.insert(entry.path);
    }
    (seen.undecided, seen.not_read) = (remarks.undecided.into_values().collect(), remarks.not_read.into_values().collect());
    Ok(seen)
}

impl Seen {
    fn add(&mut self, content: &Content, read: &Read, remarks: &mut Remarks) {
        remarks.add(read);
        if own::runs_the_gate(content) {
            self.survey.pipelines.insert(Arc::clone(&content.path));
        }
        if own::OWNERS_PATHS.contains(&&*content.path) {
            self.survey.owners.extend(owners(&String::from_utf8_lossy(&content.bytes)));
        }
        if let Some(format) = read.format {
            let held = self.survey.files.entry(Arc::clone(&content.path)).or_default();
            held.formats.insert(format);
            held.accounts = accounts(&content.bytes);
        }
    }
}

/// The accounts in ARNs: `arn:aws:iam::111122223333:role/x`.
fn accounts(bytes: &[u8]) -> BTreeSet<String> {
    let account = |at: usize| {
        let arn = bytes.get(at..bytes.len().min(at + LONGEST_ARN_HEAD))?;
        let field = std::str::from_utf8(arn.split(|byte| *byte == b':').nth(4)?).ok()?;
        (field.len() == 12 && field.bytes().all(|byte| byte.is_ascii_digit())).then(|| field.to_owned())
    };
    memmem::find_iter(bytes, b"arn:aws").filter_map(account).collect()
}

/// Partition, service and region are shorter than this together.
const LONGEST_ARN_HEAD: usize = 80;

/// What there is to say, once for all files of which the same is to be said.
#[derive(Default)]
struct Remarks {
    undecided: BTreeMap<String, Remarked>,
    not_read: BTreeMap<String, Remarked>,
}

/// Languages in which permissions are often written, by the end of a file's name.
const LANGUAGES: &[(&str, &str)] = &[(".bicep", "Bicep"), ("/Pulumi.yaml", "Pulumi"), ("/cdk.json", "the AWS CDK")];

fn language(path: &str) -> Option<&'static str> {
    let is_named = |end: &str| path.ends_with(end) || end.strip_prefix('/') == Some(path);
    LANGUAGES.iter().find(|(end, _)| is_named(end)).map(|(_, language)| *language)
}

impl Remarks {
    /// One remark a kind: the details are told when the file changes.
    fn add(&mut self, read: &Read) {
        let mut told = BTreeSet::new();
        for diagnostic in &read.reading.diagnostics {
            let is_not_read = diagnostic.code == "permissions-not-read";
            let is_of_interest = diagnostic.severity == Severity::Error || is_not_read && language(&diagnostic.place.path).is_none();
            if !is_of_interest || !told.insert(diagnostic.code) {
                continue;
            }
            let all = if is_not_read { &mut self.not_read } else { &mut self.undecided };
            let new =
                || Remarked { message: diagnostic.message.clone(), is_general: true, help: diagnostic.help.clone(), paths: Vec::new() };
            let remarked = all.entry(diagnostic.code.to_owned()).or_insert_with(new);
            remarked.is_general &= remarked.message == diagnostic.message;
            remarked.paths.push(Arc::clone(&diagnostic.place.path));
        }
    }

    fn add_by_name(&mut self, path: &Arc<str>) {
        if is_source(path) {
            let new = || Remarked {
                message: "Terraform is read as a plan: a change here that speaks of access cannot be told without one".to_owned(),
                is_general: true,
                help: Some("hand in what `terraform show -json` prints of a plan, with `--plan`".to_owned()),
                paths: Vec::new(),
            };
            self.not_read.entry("Terraform".to_owned()).or_insert_with(new).paths.push(Arc::clone(path));
        }
        let Some(language) = language(path) else { return };
        let new = || Remarked {
            message: format!("{language} is not read yet, neither what is written nor what is planned"),
            is_general: true,
            help: Some("permissions that stand in JSON or YAML files of their own are read".to_owned()),
            paths: Vec::new(),
        };
        self.not_read.entry(language.to_owned()).or_insert_with(new).paths.push(Arc::clone(path));
    }
}
