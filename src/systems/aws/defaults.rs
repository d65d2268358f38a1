//! Policy variables with a default, `${aws:username, 'nobody'}`:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specifying-default>
//!
//! A statement that names some says one thing of whoever has a value, and another of whoever has none. So it is two statements, and
//! nothing else has to know of defaults.

use super::condition::{Clause, with_default};
use super::pattern::Notation;
use super::{Patterns, Statement};

/// How many keys with a default one statement may name: each makes two of it.
const MOST: usize = 4;

impl Statement {
    /// The same without defaults, once for each of the keys that have one being there or missing; `None` where these are too many.
    pub fn without_defaults(self) -> Option<Vec<Self>> {
        let of_resources = self.resources.list.iter().flat_map(|resource| with_default(resource.text()));
        let mut keys: Vec<String> = of_resources.chain(self.condition.with_default()).map(str::to_owned).collect();
        if keys.is_empty() {
            return Some(vec![self]);
        }
        keys.sort_by_key(|key| key.to_ascii_lowercase());
        keys.dedup_by(|one, other| one.eq_ignore_ascii_case(other));
        if keys.len() > MOST {
            return None;
        }
        let one = |missing: usize| {
            let is_missing = |key: &str| keys.iter().position(|own| own.eq_ignore_ascii_case(key)).map(|at| missing >> at & 1 == 1);
            let list = self.resources.list.iter().map(|resource| resource.presuming(&is_missing)).collect();
            let told = |key: &String| Clause::new("Null", key, [is_missing(key).unwrap_or_default().to_string()]);
            let condition = self.condition.presuming(&is_missing).and(keys.iter().map(told));
            Self { resources: Patterns::new(self.resources.negated, list), condition, ..self.clone() }
        };
        Some((0..1 << keys.len()).map(one).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::aws::{Action, Condition, Effect, Resource};

    fn statement(negated: bool, names: &[&str], clauses: &[(&str, &str, &str)]) -> Statement {
        let resources = names.iter().map(|name| Resource::parse(&format!("arn:aws:s3:::{name}"), true).unwrap()).collect();
        let clause = |(operator, key, value): &(&str, &str, &str)| Clause::new(operator, key, [(*value).to_owned()]);
        Statement {
            effect: Effect::Allow,
            principals: Patterns::any(),
            actions: Patterns::new(false, vec![Action::parse("s3:*").unwrap()]),
            resources: Patterns::new(negated, resources),
            condition: Condition::new(clauses.iter().map(clause).collect()),
        }
    }

    #[test]
    fn a_default_stands_where_its_key_is_missing() {
        for negated in [false, true] {
            let written = statement(negated, &["b/${aws:K, 'd*'}", "c"], &[]);
            let there = statement(negated, &["b/${aws:K}", "c"], &[("Null", "aws:K", "false")]);
            let missing = written.clone().without_defaults().unwrap().pop().unwrap();
            assert_eq!(written.without_defaults().unwrap(), [there, missing.clone()]);
            assert_eq!(missing.condition, statement(negated, &[], &[("Null", "aws:K", "true")]).condition);
            let names: Vec<&str> = missing.resources.list.iter().map(Notation::text).collect();
            assert_eq!(names, ["arn:aws:s3:::b/d${*}", "arn:aws:s3:::c"]);
        }
    }

    #[test]
    fn a_default_stands_in_conditions_as_well() {
        let written = statement(false, &["*"], &[("StringNotLike", "s3:prefix", "${aws:k, 'a*'}/*"), ("Bool", "aws:t", "${aws:j, 'x'}")]);
        let said = written.without_defaults().unwrap();
        let prefixes = ["${aws:k}/*", "a${*}/*"].map(|value| ("StringNotLike", "s3:prefix", value));
        let told = |key, is_missing: bool| ("Null", key, if is_missing { "true" } else { "false" });
        // What `x` means where `true` or `false` is asked for nobody knows.
        let booleans = ["${aws:j}", "${aws:j, 'x'}"].map(|value| ("Bool", "aws:t", value));
        let expected = [(0, 0), (1, 0), (0, 1), (1, 1)]
            .map(|(j, k)| statement(false, &["*"], &[prefixes[k], booleans[j], told("aws:k", k == 1), told("aws:j", j == 1)]));
        assert_eq!(said, expected);
    }

    #[test]
    fn a_key_is_one_in_any_letters_and_many_are_too_many() {
        let count = |names: &[&str]| statement(false, names, &[]).without_defaults().map(|said| said.len());
        assert_eq!(count(&["a", "${aws:k}"]), Some(1));
        assert_eq!(count(&["${aws:k, 'a'}", "${AWS:K, 'b'}"]), Some(2));
        let names = ["1", "2", "3", "4", "5"].map(|key| format!("${{aws:{key}, 'x'}}"));
        let names = names.each_ref().map(String::as_str);
        assert_eq!((count(&names[..4]), count(&names)), (Some(16), None));
    }
}
