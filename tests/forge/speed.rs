//! How many requests wait for each other.

use crate::scene::Scene;
use std::time::Duration;

#[test]
fn a_large_pull_request_is_known_within_twelve_round_trips() {
    let scene = Scene::of(300, Duration::from_millis(100)).with_teams(5, 150);
    scene.review_often(50);
    scene.forge.forget();
    scene.facts().unwrap();
    let log = scene.forge.log();
    let depth = log.iter().map(|exchange| exchange.depth).max().unwrap();
    assert!(depth <= 12, "{depth} of {} requests waited for each other", log.len());
}
