//! Long runs of the test that holds our diff of AWS policies to an independent judge.

use crate::command::{cargo, run};
use crate::house::House;
use crate::node;
use std::path::{Path, PathBuf};

/// The options, and the variables that the test reads them from.
const OPTIONS: [(&str, &str); 5] = [
    ("--pairs", "COUNTERSIGN_ORACLE_PAIRS"),
    ("--seed", "COUNTERSIGN_ORACLE_SEED"),
    ("--requests", "COUNTERSIGN_ORACLE_REQUESTS"),
    ("--corpus", "COUNTERSIGN_ORACLE_CORPUS"),
    ("--only", "COUNTERSIGN_ORACLE_ONLY"),
];

/// What a run is asked for: variables and their values. None if an option is not known or has no value.
pub fn options(arguments: &[&str]) -> Option<Vec<(&'static str, String)>> {
    let option = |pair: &[&str]| match pair {
        [name, value] => OPTIONS.iter().find(|(option, _)| option == name).map(|(_, variable)| (*variable, (*value).to_owned())),
        _ => None,
    };
    arguments.chunks(2).map(option).collect()
}

/// Makes the judge ready and runs the test, with the comparison optimised.
pub fn ask(house: &House, options: &[(&'static str, String)]) -> Result<(), String> {
    node::provision(house)?;
    let mut test = cargo(house, &["test", "--locked", "--test", "oracle", "--", "--nocapture"]);
    // Dependencies are optimised in the profile as it is; so nothing but ourselves is built again.
    test.env("CARGO_PROFILE_DEV_OPT_LEVEL", "2").env("COUNTERSIGN_ORACLE_OUT", house.target.join("oracle"));
    test.env(node::VARIABLE, node::place(house));
    for (variable, value) in options {
        test.env(variable, if *variable == "COUNTERSIGN_ORACLE_CORPUS" { absolute(value) } else { value.into() });
    }
    run(&mut test)
}

/// The test runs in the directory of the repository.
fn absolute(path: &str) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| Path::new(path).to_owned())
}

#[cfg(test)]
mod tests {
    use super::options;

    #[test]
    fn options_are_handed_on_to_the_test() {
        let read = options(&["--pairs", "20000", "--seed", "7"]);
        assert_eq!(read, Some(vec![("COUNTERSIGN_ORACLE_PAIRS", "20000".to_owned()), ("COUNTERSIGN_ORACLE_SEED", "7".to_owned())]));
        assert_eq!(options(&[]), Some(Vec::new()));
    }

    #[test]
    fn an_option_that_is_not_known_or_has_no_value_is_a_mistake() {
        assert_eq!(options(&["--pears", "2"]), None);
        assert_eq!(options(&["--pairs"]), None);
    }
}
