//! GitHub as a source of facts, by the real client, against a forge of our own on a loopback port that is held to GitHub's description.

mod facts;
mod fake;
mod place;
