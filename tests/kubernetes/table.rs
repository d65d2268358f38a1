//! The table of what holds in Kubernetes names what shows it.

use std::fs;
use std::path::Path;

#[test]
fn every_row_of_the_table_names_cases_and_tests_that_there_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let sources = fs::read_dir(root.join("tests/kubernetes")).unwrap().map(|entry| entry.unwrap().path());
    let sources: Vec<String> = sources.filter(|path| path.is_file()).map(|path| fs::read_to_string(path).unwrap()).collect();
    let tests = sources.concat() + &text("tests/rendered.rs");
    let is_case = |name: &str| root.join("tests/cases/kubernetes-rbac").join(name).is_dir();
    let is_there = |name: &str| {
        is_case(name) || tests.contains(&format!("#[test]\nfn {name}(")) || tests.contains(&format!("    #[test]\n    fn {name}("))
    };
    let page = text("docs/kubernetes.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with('|')).skip(2).collect();
    assert!(rows.len() > 15, "the table is gone");
    for row in rows {
        let shown = row.split('|').nth_back(1).unwrap();
        let names: Vec<&str> = shown.split('`').skip(1).step_by(2).collect();
        assert!(!names.is_empty(), "nothing shows: {row}");
        for name in names {
            assert!(is_there(name), "`{name}` is no case and no test, in: {row}");
        }
    }
}
