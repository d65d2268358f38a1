//! `countersign demo`: the whole story on built-in files, through the same code as `check`.

use super::{Error, Form, Judged, Request, check};
use crate::world::files;
use chrono::{DateTime, Utc};
use std::fmt::Write;
use std::path::Path;

macro_rules! built_in {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../examples/demo/", $path)))),*]
    };
}

const FILES: &[(&str, &str)] = built_in![
    "base/countersign.yml",
    "base/iam/deploy.json",
    "base/clusters/production/ci.yaml",
    "head/countersign.yml",
    "head/iam/deploy.json",
    "head/clusters/production/ci.yaml",
    "facts/opened.yml",
    "facts/approved.yml",
];

/// One scene: what happens, the facts then, and when.
struct Scene {
    title: &'static str,
    facts: &'static str,
    at: &'static str,
}

const SCENES: [Scene; 3] = [
    Scene {
        title: "Alice proposes a change on a Wednesday morning. It looks like tidying up.",
        facts: "facts/opened.yml",
        at: "2026-11-25T09:30:00Z",
    },
    Scene {
        title: "Bob and Carol approve it. So does Alice, who wrote it. Now it is nine in the evening.",
        facts: "facts/approved.yml",
        at: "2026-11-25T21:00:00Z",
    },
    Scene { title: "The next morning.", facts: "facts/approved.yml", at: "2026-11-26T09:15:00Z" },
];

/// Writes the files below a directory and tells the story.
pub fn demo(into: &Path) -> Result<String, Error> {
    for (path, text) in FILES {
        let path = into.join(path);
        files::write_below(&path, text.as_bytes()).map_err(|source| Error::Write { path, source })?;
    }
    let mut story = String::new();
    tell(&mut story, format_args!("The files of this demonstration are in {}", into.display()));
    for (scene, number) in SCENES.iter().zip(1..) {
        tell(&mut story, format_args!("\n━━ {number}. {}\n   {}", scene.title, command(into, scene)));
        let verdict = check(&judged(into, scene)?)?;
        let code = verdict.decision.exit_code();
        // The first scene shows the change; after that only the decision is new.
        story.push_str(&if number == 1 { verdict.render(Form::Text, false)? } else { verdict.render_decision() });
        tell(&mut story, format_args!("(exit code {code})"));
    }
    story.push_str(&next(into));
    Ok(story)
}

fn tell(story: &mut String, line: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(story, "{line}");
}

fn judged(into: &Path, scene: &Scene) -> Result<Judged, Error> {
    let request = Request::of_sides_in(into);
    let now = scene.at.parse::<DateTime<Utc>>().map_err(|source| Error::Time { text: scene.at.to_owned(), source })?;
    Ok(Judged { facts: Some(into.join(scene.facts)), ..Judged::new(request, now) })
}

fn command(into: &Path, scene: &Scene) -> String {
    let at = into.display();
    format!("countersign check --base {at}/base --head {at}/head --facts {at}/{} --at {}", scene.facts, scene.at)
}

fn next(into: &Path) -> String {
    let at = into.display();
    format!(
        "
━━ What to try next
   countersign diff --base {at}/base --head {at}/head             only the change
   countersign check … --explain                                  how a decision came about
   edit {at}/head/iam/deploy.json, and see what it would take
   countersign diff --base HEAD~1 --head HEAD                     in a repository of your own
"
    )
}
