//! A file in which every mutant stands beside what it replaces, behind a switch.
//!
//! An operator `a == b` becomes `(if on(7) { a != b } else { a == b })`; a body begins with `if on(8) { return value; }`; an arm that may be
//! missing gets a guard. Comments around each say which mutant an error of the compiler is about.

use crate::list::{Genre, Mutant};
use crate::places::{Places, places};
use std::collections::BTreeMap;
use std::ops::Range;

/// The function that the copy of the crate asks.
const ON: &str = "crate::mutant_switch::on";

/// A file with its mutants woven in.
#[derive(Debug)]
pub struct Woven {
    /// Its text.
    pub text: String,
    /// The mutants for which there is no place for a switch.
    pub left_out: Vec<usize>,
}

/// What is put somewhere, on the outside of what is inside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Body,
    OpaqueBody,
    Guard,
    Arm,
    Expression,
}

/// The alternatives of one place.
type Edits = BTreeMap<(usize, std::cmp::Reverse<usize>, Kind), Vec<(usize, String)>>;

/// Weaves mutants of one file into it.
pub fn weave(text: &str, mutants: &[&Mutant]) -> Result<Woven, String> {
    let places = places(text)?;
    let (mut edits, mut left_out) = (Edits::new(), Vec::new());
    for mutant in mutants {
        match edit(text, mutant, &places) {
            Some((range, kind, alternative)) => {
                edits.entry((range.start, std::cmp::Reverse(range.end), kind)).or_default().push((mutant.id, alternative));
            }
            None => left_out.push(mutant.id),
        }
    }
    let mut edits = edits.into_iter().map(|((start, end, kind), list)| (start..end.0, kind, list)).peekable();
    Ok(Woven { text: render(text, 0..text.len(), &mut edits), left_out })
}

fn edit(text: &str, mutant: &Mutant, places: &Places) -> Option<(Range<usize>, Kind, String)> {
    let Mutant { span, replacement, .. } = mutant;
    let instead = |whole: &Range<usize>, cut: Range<usize>| -> Option<String> {
        Some(format!("{}{replacement}{}", text.get(whole.start..cut.start)?, text.get(cut.end..whole.end)?))
    };
    Some(match mutant.genre {
        Genre::FnValue => {
            let (body, is_opaque) = places.bodies.get(&span.start)?;
            (body.clone(), if *is_opaque { Kind::OpaqueBody } else { Kind::Body }, replacement.clone())
        }
        Genre::BinaryOperator | Genre::UnaryOperator => {
            let whole = places.operators.get(&span.start)?;
            (whole.clone(), Kind::Expression, instead(whole, span.clone())?)
        }
        Genre::StructField => {
            let whole = places.fields.get(&span.start)?;
            let comma = text.get(span.end..whole.end)?.starts_with(',');
            (whole.clone(), Kind::Expression, instead(whole, span.start..span.end + usize::from(comma))?)
        }
        Genre::MatchArmGuard => (places.arms.get(&span.start)?.1.clone()?, Kind::Guard, replacement.clone()),
        Genre::MatchArm => match places.arms.get(&span.start)? {
            (_, Some(guard)) => (guard.clone(), Kind::Guard, "false".to_owned()),
            (end, None) => (*end..*end, Kind::Arm, String::new()),
        },
    })
}

fn render(
    text: &str,
    range: Range<usize>,
    edits: &mut std::iter::Peekable<impl Iterator<Item = (Range<usize>, Kind, Vec<(usize, String)>)>>,
) -> String {
    let (mut woven, mut at) = (String::new(), range.start);
    while let Some((inner, kind, alternatives)) = edits.next_if(|(inner, ..)| inner.end <= range.end) {
        woven.push_str(text.get(at..inner.start).unwrap_or_default());
        at = inner.end;
        let original = render(text, inner, edits);
        let ids: Vec<String> = alternatives.iter().map(|(id, _)| id.to_string()).collect();
        woven.extend(["/*<", &ids.join(","), ">*/", &put(kind, &alternatives, &original), "/*</>*/"]);
    }
    woven.push_str(text.get(at..range.end).unwrap_or_default());
    woven
}

/// What stands in the place of something, with its alternatives.
fn put(kind: Kind, alternatives: &[(usize, String)], original: &str) -> String {
    let choice = |id: usize, then: &str| format!("/*<{id}>*/if {ON}({id}) {{ {then} }}/*</>*/");
    let each = |then: fn(&str) -> String| alternatives.iter().map(move |(id, text)| choice(*id, &then(text)));
    match kind {
        Kind::Body => each(|value| format!("return {value};")).collect::<Vec<_>>().join(" ") + " " + original,
        Kind::OpaqueBody => alternatives.iter().fold(format!("{{ {original} }}"), |otherwise, (id, value)| {
            let either = format!("crate::mutant_switch::Either::One({value})");
            format!("{} else {{ crate::mutant_switch::Either::Other({otherwise}) }}", choice(*id, &either))
        }),
        Kind::Arm => alternatives.iter().map(|(id, _)| format!(" if !{ON}({id})")).collect::<Vec<_>>().concat(),
        Kind::Guard | Kind::Expression => {
            let choices: Vec<String> = each(ToOwned::to_owned).collect();
            format!("({} else {{ {original} }})", choices.join(" else "))
        }
    }
}

/// The mutants that an error at this byte of a woven text is about: those whose text it stands in, or else those beside it; and of one
/// in the signature of a function those of its body, which comes next.
pub fn blamed(text: &str, at: usize) -> Vec<usize> {
    let mut open: Vec<&str> = Vec::new();
    let (before, next) = text.split_at_checked(at).unwrap_or((text, ""));
    marks(before).for_each(|mark| {
        if mark == "/" {
            open.pop();
        } else {
            open.push(mark);
        }
    });
    let mark = open.last().copied().or_else(|| marks(next).next());
    mark.map(|mark| mark.split(',').filter_map(|id| id.parse().ok()).collect()).unwrap_or_default()
}

fn marks(text: &str) -> impl Iterator<Item = &str> {
    text.split("/*<").skip(1).filter_map(|rest| Some(rest.split_once(">*/")?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(id: usize, text: &str, cut: &str, replacement: &str, genre: Genre) -> Mutant {
        let start = text.find(cut).expect("it is there");
        let (file, name, replacement) = ("a.rs".to_owned(), String::new(), replacement.to_owned());
        Mutant { id, file, name, span: start..start + cut.len(), replacement, genre }
    }

    fn woven(text: &str, mutants: &[Mutant]) -> String {
        let woven = weave(text, &mutants.iter().collect::<Vec<_>>()).expect("it is Rust");
        let pieces = woven.text.split("/*<").map(|piece| piece.split_once(">*/").map_or(piece, |(_, rest)| rest));
        pieces.collect::<String>().replace(ON, "on")
    }

    #[test]
    fn operators_stand_beside_others_and_hold_what_is_in_them() {
        let text = "fn f(a: bool) -> bool { !a && a == b }";
        let mutants = [
            mutant(1, text, "&&", "||", Genre::BinaryOperator),
            mutant(2, text, "==", "!=", Genre::BinaryOperator),
            mutant(3, text, "!", "", Genre::UnaryOperator),
        ];
        let left = "(if on(3) { a } else { !a })";
        let right = "(if on(2) { a != b } else { a == b })";
        assert_eq!(
            woven(text, &mutants),
            format!("fn f(a: bool) -> bool {{ (if on(1) {{ !a || a == b }} else {{ {left} && {right} }}) }}")
        );
    }

    #[test]
    fn arms_and_guards_and_bodies_are_switched() {
        let text = "fn f() -> u8 { match a { 1 => 2, x if y => 3, _ => 4 } }";
        let mutants = [
            mutant(1, text, "match a { 1 => 2, x if y => 3, _ => 4 }", "0", Genre::FnValue),
            mutant(2, text, "1 => 2,", "", Genre::MatchArm),
            mutant(3, text, "x if y => 3,", "", Genre::MatchArm),
            mutant(4, text, "y", "true", Genre::MatchArmGuard),
        ];
        let guard = "(if on(3) { false } else if on(4) { true } else { y })";
        let expected = format!("fn f() -> u8 {{ if on(1) {{ return 0; }} match a {{ 1 if !on(2) => 2, x if {guard} => 3, _ => 4 }} }}");
        assert_eq!(woven(text, &mutants), expected);
    }

    #[test]
    fn a_field_that_is_left_out_comes_from_the_other_value() {
        let text = "fn f() -> A { A { b: 1, ..A::default() } }";
        let field = mutant(1, text, "b: 1", "", Genre::StructField);
        assert!(woven(text, &[field]).contains("(if on(1) { A {  ..A::default() } } else { A { b: 1, ..A::default() } })"));
    }

    #[test]
    fn what_is_constant_or_binds_names_is_left_out() {
        for text in ["const A: u8 = 1 + 2;", "const fn f() -> u8 { 1 + 2 }", "fn f() { if let Some(a) = b && 1 + 2 == c {} }"] {
            let cut = if text.contains("&&") { "&&" } else { "+" };
            let mutant = mutant(1, text, cut, "-", Genre::BinaryOperator);
            let woven = weave(text, &[&mutant]).expect("it is Rust");
            assert_eq!((woven.text.as_str(), woven.left_out), (text, vec![1]));
        }
    }

    #[test]
    fn an_error_is_about_the_innermost_mutant() {
        let text = "S a/*<1,2>*/(/*<1>*/if x { X }/*</>*/ else { Y })/*</>*/ Z";
        let at = |letter| text.find(letter).expect("it is there");
        assert_eq!(blamed(text, at('X')), [1]);
        assert_eq!(blamed(text, at('Y')), [1, 2]);
        assert_eq!(blamed(text, at('S')), [1, 2]);
        assert_eq!(blamed(text, at('Z')), [0; 0]);
    }
}
