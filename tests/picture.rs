//! The picture of a report is of the report as it is. `UPDATE_EXPECT=1 cargo test --test picture` draws it again.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use anstyle::AnsiColor;
use anstyle_svg::{Term, WIN10_CONSOLE};
use countersign::gate::{self, Form, Judged, Request};
use std::fs;
use std::path::Path;

const PICTURE: &str = "docs/report.svg";

/// The report of the README, with its colours.
fn report() -> String {
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/deploy");
    let request = Request::of_sides_in(&deploy);
    let judged = Judged {
        request,
        policy: None,
        policy_from: None,
        policy_repository: None,
        facts: Some(deploy.join("facts.yml")),
        now: "2026-11-24T10:30:00Z".parse().unwrap(),
    };
    gate::check(&judged).unwrap().render(Form::Text, false).unwrap()
}

#[test]
fn the_picture_is_of_the_report_as_it_is() {
    let drawn = Term::new().palette(WIN10_CONSOLE).fg_color(AnsiColor::BrightWhite.into()).render_svg(&report());
    // What is dimmed is to be read as well.
    let drawn = drawn.replace("opacity: 0.4", "opacity: 0.65");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PICTURE);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &drawn).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == drawn, "{PICTURE} is of another report: draw it again with `UPDATE_EXPECT=1 cargo test --test picture`");
}
