//! Holds what the files name to the tables.

use crate::mentions::{self, Found, Mention};
use std::collections::BTreeSet;

/// A room, and the rooms it may import besides itself.
pub struct Room {
    pub name: &'static str,
    pub imports: &'static [&'static str],
}

/// Paths that only some rooms may name. A `*` at the end stands for any ending of the word.
pub struct Reserved {
    pub paths: &'static [&'static str],
    pub only: &'static [&'static str],
    pub why: &'static str,
}

/// The tables, and the names of what is plugged into the halls.
pub struct Rules {
    rooms: &'static [Room],
    reserved: &'static [Reserved],
    halls: &'static [&'static str],
    plugs: BTreeSet<(String, String)>,
}

/// The module that a file below src is.
fn module(path: &str) -> Vec<String> {
    let stem = path.trim_end_matches(".rs");
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    match stem {
        "lib" | "main" => Vec::new(),
        _ => stem.split('/').map(str::to_owned).collect(),
    }
}

/// The room that a file below src is in.
fn room(path: &str) -> &str {
    path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

impl Rules {
    pub fn new<'a>(
        rooms: &'static [Room],
        reserved: &'static [Reserved],
        halls: &'static [&'static str],
        files: impl Iterator<Item = &'a str>,
    ) -> Self {
        let plugs = files.filter_map(|path| match module(path).as_slice() {
            [hall, plug, ..] if halls.contains(&hall.as_str()) => Some((hall.clone(), plug.clone())),
            _ => None,
        });
        Self { rooms, reserved, halls, plugs: plugs.collect() }
    }

    /// What is wrong in the files, each a path below src and a text, a line each.
    pub fn violations(&self, files: &[(String, String)]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut read = Vec::new();
        for (path, text) in files {
            match mentions::find(&module(path), text) {
                Ok(found) => read.push((path, found)),
                Err(error) => lines.push(format!("src/{path}:{}: does not parse: {error}", error.span().start().line)),
            }
        }
        let tests: Vec<Vec<String>> = read.iter().flat_map(|(_, found)| found.test_modules.clone()).collect();
        lines.extend(read.iter().flat_map(|(path, found)| self.judge_file(path, found, &tests)));
        lines
    }

    fn judge_file(&self, path: &str, found: &Found, tests: &[Vec<String>]) -> Vec<String> {
        let Some(room) = self.rooms.iter().find(|row| row.name == room(path)) else {
            return vec![format!("src/{path}: `{}` is no room; a new room needs a row that says what it may import", room(path))];
        };
        let module = module(path);
        let is_test = tests.iter().any(|test| !test.is_empty() && module.starts_with(test));
        let complaints = found.mentions.iter().filter_map(|mention| {
            let complaint = self.judge(room, &module, mention, is_test || mention.test)?;
            Some(format!("src/{path}:{}: {complaint}", mention.line))
        });
        let mut complaints: Vec<String> = complaints.collect();
        complaints.dedup();
        complaints
    }

    fn judge(&self, room: &Room, module: &[String], mention: &Mention, is_test: bool) -> Option<String> {
        match mention.path.split_first() {
            Some((first, below)) if first == "crate" => self.judge_ours(room, module, below, mention),
            _ if is_test => None,
            _ => self.judge_reserved(room, mention),
        }
    }

    /// An import of one of our rooms.
    fn judge_ours(&self, room: &Room, module: &[String], below: &[String], mention: &Mention) -> Option<String> {
        let shown = show(mention);
        let Some(target) = below.first().filter(|target| self.rooms.iter().any(|row| row.name == **target)) else {
            return Some(format!("`{}` imports `{shown}`, which is no room", room.name));
        };
        if target == room.name {
            return self.judge_neighbour(room, module, below, mention);
        }
        let may = room.imports.contains(&target.as_str());
        (!may).then(|| format!("`{}` imports `{shown}`, but it may import {}", room.name, list(room.imports)))
    }

    /// An import within the room. What is plugged into a hall side by side stays apart.
    fn judge_neighbour(&self, room: &Room, module: &[String], below: &[String], mention: &Mention) -> Option<String> {
        let own = module.get(1).filter(|_| self.halls.contains(&room.name))?;
        let apart = match below.get(1) {
            Some(other) => other != own && self.plugs.contains(&(room.name.to_owned(), other.clone())),
            None => mention.glob,
        };
        apart.then(|| {
            format!("`{}::{own}` imports `{}`, but what stands side by side in `{0}` never imports each other", room.name, show(mention))
        })
    }

    /// The most exact row speaks: `std::process::ExitCode` before `std::process`.
    fn judge_reserved(&self, room: &Room, mention: &Mention) -> Option<String> {
        let rows = self.reserved.iter().flat_map(|row| row.paths.iter().map(move |path| (row, *path)));
        let touched = rows.filter(|(_, path)| touches(mention, path));
        let (row, _) = touched.max_by_key(|(_, path)| path.split("::").count())?;
        let may = row.only.contains(&room.name);
        (!may).then(|| format!("`{}` names `{}`, which {} may name: {}", room.name, show(mention), list(row.only), row.why))
    }
}

/// Whether a mention names the path, something below it or, by a glob, everything above it.
fn touches(mention: &Mention, path: &str) -> bool {
    let words: Vec<&str> = path.split("::").collect();
    let common = words.iter().zip(&mention.path).take_while(|(word, named)| is(word, named)).count();
    common == words.len() || (common == mention.path.len() && mention.glob)
}

fn is(word: &str, named: &str) -> bool {
    word.strip_suffix('*').map_or(word == named, |stem| named == stem || named.starts_with(&format!("{stem}_")))
}

fn show(mention: &Mention) -> String {
    format!("{}{}", mention.path.join("::"), if mention.glob { "::*" } else { "" })
}

fn list(rooms: &[&str]) -> String {
    match rooms {
        [] => "no room".to_owned(),
        _ => format!("only `{}`", rooms.join("`, `")),
    }
}
