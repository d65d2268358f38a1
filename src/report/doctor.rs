//! What there is to mend before the gate is one.

use super::json::schema_of;
use super::shown::shown;
use super::terminal::{FAINT, GAINED, LOST, UNDECIDED, line};
use super::words::{count, sentence};
use schemars::JsonSchema;
use serde::Serialize;

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// A change can go round the gate, or the gate cannot do what the policy asks.
    Problem,
    /// It could not be looked at.
    Unknown,
    /// It may be meant so.
    Note,
    /// It is as it should be.
    Good,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// A stable name: `required-from-outside`.
    pub id: &'static str,
    /// How it stands.
    pub standing: Standing,
    /// What was found, in one sentence.
    pub message: String,
    /// What to do about it; null where nothing has to be done.
    pub fix: Option<String>,
}

impl Finding {
    /// It is as it should be.
    pub fn good(id: &'static str, message: impl Into<String>) -> Self {
        Self { id, standing: Standing::Good, message: message.into(), fix: None }
    }

    /// Something to do something about.
    pub fn of(id: &'static str, standing: Standing, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { id, standing, message: message.into(), fix: Some(fix.into()) }
    }
}

/// What `countersign doctor --format json` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DoctorReport {
    /// Always `countersign/doctor/v1`.
    #[schemars(extend("const" = "countersign/doctor/v1"))]
    pub schema: &'static str,
    /// Whether everything could be looked at, and nothing has to be mended.
    pub sound: bool,
    /// The exit code of the same run.
    pub exit_code: u8,
    /// Everything that was looked at, what has to be mended first.
    pub findings: Vec<Finding>,
}

/// The JSON Schema of the report.
pub fn schema() -> schemars::Schema {
    schema_of::<DoctorReport>()
}

/// 10 where something has to be mended, 13 where something could not be looked at, else 0.
pub fn exit_code(findings: &[Finding]) -> u8 {
    let has = |standing| findings.iter().any(|finding| finding.standing == standing);
    if has(Standing::Problem) {
        10
    } else if has(Standing::Unknown) {
        13
    } else {
        0
    }
}

/// The report for machines.
pub fn report(findings: &[Finding]) -> DoctorReport {
    let exit_code = exit_code(findings);
    DoctorReport { schema: "countersign/doctor/v1", sound: exit_code == 0, exit_code, findings: in_order(findings) }
}

/// The report for people.
pub fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { id, standing, message, fix } in in_order(findings) {
        let (sign, style) = match standing {
            Standing::Problem => ("✗", LOST),
            Standing::Unknown => ("?", UNDECIDED),
            Standing::Note => ("·", FAINT),
            Standing::Good => ("✓", GAINED),
        };
        line(&mut text, format_args!("{style}{sign} {id}:{style:#} {}", shown(&message)));
        if let Some(fix) = fix {
            line(&mut text, format_args!("    {FAINT}to do:{FAINT:#} {}", shown(&fix)));
        }
    }
    let of = |standing| findings.iter().filter(|finding| finding.standing == standing).count();
    let (problems, unknown) = (of(Standing::Problem), of(Standing::Unknown));
    let verdict = match (problems, unknown) {
        (0, 0) => "Nothing has to be mended".to_owned(),
        (0, unknown) => format!("{} could not be looked at", count(unknown, "thing")),
        (problems, 0) => format!("{} to mend", count(problems, "thing")),
        (problems, unknown) => format!("{} to mend, and {unknown} could not be looked at", count(problems, "thing")),
    };
    line(&mut text, format_args!("\n{}", sentence(&verdict)));
    text
}

fn in_order(findings: &[Finding]) -> Vec<Finding> {
    let mut sorted = findings.to_vec();
    sorted.sort_by_key(|finding| finding.standing);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_to_be_mended_comes_first_and_is_counted() {
        let good = Finding::good("policy", "`countersign.yml` is valid");
        let unknown = Finding::of("teams", Standing::Unknown, "the token cannot see `acme/security`", "hand in another");
        let problem = Finding::of("required-from-outside", Standing::Problem, "nothing \u{1b}[2Jrequires it", "require it");
        let note = Finding::of("mode", Standing::Note, "it observes", "set `mode: enforce`");
        let plain = |findings: &[Finding]| anstream::adapter::strip_str(&text(findings)).to_string();
        assert_eq!(
            plain(&[good.clone(), note.clone(), unknown.clone(), problem.clone()]),
            "✗ required-from-outside: nothing \\u{1b}[2Jrequires it\n    to do: require it\n\
             ? teams: the token cannot see `acme/security`\n    to do: hand in another\n\
             · mode: it observes\n    to do: set `mode: enforce`\n✓ policy: `countersign.yml` is valid\n\n\
             1 thing to mend, and 1 could not be looked at.\n"
        );
        assert!(plain(&[good.clone(), note.clone()]).ends_with("Nothing has to be mended.\n"));
        let codes = [vec![good, note.clone()], vec![note.clone(), unknown.clone()], vec![unknown, problem]].map(|all| exit_code(&all));
        assert_eq!(codes, [0, 13, 10]);
    }
}
