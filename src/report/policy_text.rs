//! What people read of a policy that was checked: everything that there is to say, and a line at the end.

use super::shown::shown;
use super::terminal::{GAINED, LOST, line, remarks};
use crate::diagnostic::{Diagnostic, Severity};
use crate::policy::{Contents, Mode};

/// The remarks, and whether the policy is one.
pub fn policy(path: &str, sound: Option<(Mode, Contents)>, diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    remarks(diagnostics, &mut text);
    let path = shown(path);
    match sound {
        Some((mode, contents)) => {
            line(&mut text, format_args!("{GAINED}{path} is a valid policy:{GAINED:#} {}.", contains(&contents)));
            line(&mut text, format_args!("{}", mode_text(mode)));
        }
        None => line(&mut text, format_args!("{LOST}{path} is not a valid policy:{LOST:#} {}.", counted(diagnostics))),
    }
    text
}

fn contains(contents: &Contents) -> String {
    let Contents { rules, windows, roles, people, groups } = contents;
    let people = if *people == 1 { "1 person".to_owned() } else { format!("{people} people") };
    format!("{}, {}, {}, {people} in {}", count(*rules, "rule"), count(*windows, "window"), count(*roles, "role"), count(*groups, "group"))
}

fn mode_text(mode: Mode) -> &'static str {
    match mode {
        Mode::Enforce => "It is enforced: a change that is not authorized does not pass.",
        Mode::Observe => "It only observes: every change passes, and what would have happened is said.",
    }
}

fn counted(diagnostics: &[Diagnostic]) -> String {
    let of = |severity| diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let counts = [(of(Severity::Error), "error"), (of(Severity::Warning), "warning")];
    counts.into_iter().filter(|(number, _)| *number > 0).map(|(number, what)| count(number, what)).collect::<Vec<_>>().join(", ")
}

fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
