//! Decides one large change by one large policy, and says what that costs beside computing the change: `decide_many`.
//!
//! 5,000 regions, 1,000 rules, 200 reviews, 50 groups; `benches/run.py decision` runs it.

#![expect(clippy::disallowed_methods, reason = "what this measures is time")]

use countersign::document::{Bounds, Syntax, parse};
use countersign::formats::{FORMATS, Setting};
use countersign::gate::{Watch, change, read};
use countersign::policy::{Draft, Evidence, Known, Policy, Question, REASONS, Stage, evaluate, needs};
use countersign::proposal::{Content, Proposal, ReviewedContent};
use countersign::world::repository::{Limits, Sides};
use std::error::Error;
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

const REGIONS: usize = 5_000;
const RULES: usize = 1_000;
const REVIEWS: usize = 200;
const GROUPS: usize = 50;

/// How often each is measured; the median counts.
const RUNS: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let policy = policy()?;
    let setting = |path: &str| Some(Setting { realm: policy.site_of(path).realm, ..Setting::default() });
    let watch =
        Watch { settings: &setting, format: &|_| None, bounds: Bounds::default(), is_rendered: &|_| false, plans: &[], planned: &[] };
    let joined = read(&Sides::told([side("s3:GetObject"), side("s3:*")], Limits::default()), &[], &watch, &[], None)?;
    let now = "2026-11-25T12:00:00Z".parse()?;
    let proposal = facts(now)?;
    let reviewed: Vec<ReviewedContent> =
        proposal.reviews.iter().flatten().map(|review| ReviewedContent { review: review.id, content: Content::Contained }).collect();
    let (mut computing, mut deciding, mut said) = (Vec::new(), Vec::new(), String::new());
    // In turns, because other work on the machine comes and goes.
    for _ in 0..RUNS {
        let (took, change) = timed(|| change(&joined, policy.filters()));
        computing.push(took);
        let question = Question { policy: &policy, change: &change.entries, over: &[], both: &[], edited: &[] };
        let (took, decision) = timed(|| {
            needs(&question);
            let (stage, landed, missing) = (Stage::Merge, None, &[]);
            evaluate(&Evidence { question, proposal: Some(&proposal), reviewed: &reviewed, now, stage, landed, missing })
        });
        deciding.push(took);
        let (regions, verdicts) = (change.entries.len(), decision.requirements.len());
        said = format!("{regions} regions, {RULES} rules, {REVIEWS} reviews: {}, {verdicts} verdicts", decision.outcome.word());
    }
    let (computing, deciding) = (median(computing), median(deciding));
    println!("{said}");
    println!(
        "computing the change {computing:.1?}, deciding {deciding:.1?}: {:.2} times as long",
        deciding.as_secs_f64() / computing.as_secs_f64()
    );
    Ok(())
}

fn timed<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let begun = Instant::now();
    let result = run();
    (begun.elapsed(), result)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Policies of as many roles as there are regions.
fn side(action: &str) -> Vec<(Arc<str>, Vec<u8>)> {
    let file = |number: usize| {
        let statement = format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"arn:aws:s3:::bucket-{number}/*"}}"#);
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        (format!("accounts/{}/role-{number}.json", number % GROUPS).into(), text.into_bytes())
    };
    (0..REGIONS).map(file).collect()
}

/// Rules of every kind: about holders, places, environments, severities, and some about actions, which cut the change.
fn policy() -> Result<Policy, Box<dyn Error>> {
    let mut text = "version: 1\nwhere:\n".to_owned();
    for number in 0..GROUPS {
        writeln!(text, "  - {{ paths: [\"accounts/{number}/**\"], realm: account-{number}, environment: environment-{}  }}", number % 5)?;
    }
    text.push_str("people:\n  users:\n");
    for number in 0..REVIEWS {
        writeln!(text, "    person-{number}: {}", number + 1)?;
    }
    text.push_str("  groups:\n");
    for number in 0..GROUPS {
        let members: Vec<String> = (0..40).map(|member| format!("person-{}", (number * 7 + member * 3) % REVIEWS)).collect();
        writeln!(text, "    group-{number}: [{}]", members.join(", "))?;
    }
    text.push_str("rules:\n");
    for number in 0..RULES {
        let of = number % GROUPS;
        let about = match number % 10 {
            0 => format!("system: aws, actions: [\"s3:Put*\"], resources: [\"arn:aws:s3:::bucket-{}*\"]", number / 10),
            1..4 => format!("realm: account-{of}"),
            4..6 => format!("paths: [\"accounts/{of}/**\"]"),
            6..8 => format!("environment: environment-{}", number % 5),
            8 => format!("holders: [\"*role-{number}*\"]"),
            _ => "severity: high".to_owned(),
        };
        let asks = if number % 20 == 7 { "allow: true".to_owned() } else { format!("require: {{ approvals: [{{ from: group-{of} }}] }}") };
        writeln!(text, "  - {{ name: rule {number}, when: {{ gains: {{ {about} }} }}, {asks} }}")?;
    }
    let bounds = Bounds { bytes: 16 << 20, ..Bounds::default() };
    let file = parse("countersign.yml", text.as_bytes(), Syntax::Yaml, &bounds).map_err(|(problem, _)| format!("{problem:?}"))?;
    let formats: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
    let draft = Draft::read(&file).map_err(|wrong| format!("{wrong:?}"))?;
    let checked = draft.check(None, &Known { formats: &formats, reasons: REASONS });
    Ok(checked.policy.ok_or_else(|| format!("{:?}", checked.diagnostics))?)
}

/// Everybody approves.
fn facts(now: chrono::DateTime<chrono::Utc>) -> Result<Proposal, Box<dyn Error>> {
    let mut text = "author: { id: 9999, login: somebody }\nauthor-kind: user\ncontributors: []\nreviews:\n".to_owned();
    for number in 0..REVIEWS {
        let commit = "1".repeat(40);
        let who = format!("{{ id: {}, login: person-{number} }}", number + 1);
        let review = format!("id: {number}, author: {who}, kind: user, state: approved, commit: \"{commit}\"");
        writeln!(text, "  - {{ {review}, submitted-at: 2026-11-24T10:00:00Z }}")?;
    }
    let bounds = Bounds { bytes: 16 << 20, ..Bounds::default() };
    let file = parse("facts.yml", text.as_bytes(), Syntax::Yaml, &bounds).map_err(|(problem, _)| format!("{problem:?}"))?;
    Ok(Proposal::read(&file, now).map_err(|wrong| format!("{wrong:?}"))?)
}
