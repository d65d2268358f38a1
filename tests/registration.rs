//! Nothing that was added is forgotten: what has to be listed, tried by cases and described is.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a source tree that cannot be read ends the test")]

use countersign::formats::FORMATS;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const FEWEST_CASES: usize = 3;

fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn text(path: &str) -> String {
    fs::read_to_string(at(path)).unwrap_or_else(|_| panic!("there is no {path}: write it"))
}

/// The modules in a folder: files and folders, without their endings; `mod` is the folder itself.
fn modules(folder: &str) -> BTreeSet<String> {
    let names = fs::read_dir(at(folder)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.map(|name| name.trim_end_matches(".rs").to_owned()).filter(|name| name != "mod").collect()
}

fn is_declared(module: &str, folder: &str) -> bool {
    let declared = text(&format!("{folder}/mod.rs"));
    declared.lines().any(|line| line.trim_start_matches("pub ").trim_start_matches("(super) ") == format!("mod {module};"))
}

#[test]
fn every_file_of_formats_is_a_format_that_is_listed() {
    let modules = modules("src/formats");
    let listed: BTreeSet<String> = FORMATS.iter().map(|format| format.id.replace('-', "_")).collect();
    for module in &modules {
        assert!(listed.contains(module), "src/formats/{module} is not in `FORMATS`: add `{module}::FORMAT` there, in src/formats/mod.rs");
    }
    for id in &listed {
        assert!(
            modules.contains(id),
            "a format calls itself `{id}` and is in no file of that name: name src/formats/{id}.rs after its `id`"
        );
    }
}

#[test]
fn every_format_has_cases() {
    for format in FORMATS {
        let cases = fs::read_dir(at("tests/cases").join(format.id)).map_or(0, Iterator::count);
        assert!(
            cases >= FEWEST_CASES,
            "tests/cases/{} has {cases} cases: add directories `<a-sentence-with-dashes>/{{base,head}}/` until there are {FEWEST_CASES}",
            format.id
        );
    }
}

#[test]
fn every_format_is_described() {
    let described = text("docs/formats.md");
    for format in FORMATS {
        let row = described.lines().any(|line| line.starts_with(&format!("| `{}` |", format.id)));
        assert!(row, "docs/formats.md has no row for `{}`: begin one with `| `{}` |`", format.id, format.id);
        let chapter = described.lines().any(|line| line == format!("## `{}`", format.id));
        assert!(
            chapter,
            "docs/formats.md has no chapter `## `{}``: write what is claimed, what is undecided and what is not read",
            format.id
        );
    }
}

/// `UPDATE_TYPES=1 cargo test --test registration` writes it again.
#[test]
fn every_type_of_terraform_that_is_known_is_described() {
    let page = format!(
        "# Types of resources in Terraform's plans\n\nWhat [`terraform-plan`](formats.md#terraform-plan) makes of each type that it knows. A \
         type that is not here\nis undecided where it changes, if it looks like access; else it says nothing.\n\n{}",
        countersign::formats::terraform_plan::table()
    );
    let path = at("docs/terraform-types.md");
    if std::env::var_os("UPDATE_TYPES").is_some_and(|value| value == "1") {
        fs::write(&path, &page).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == page, "docs/terraform-types.md is not the table of types: run `UPDATE_TYPES=1 cargo test --test registration`");
}

#[test]
fn every_folder_of_systems_is_a_system_that_is_compared() {
    let compared = text("src/change/every.rs");
    for system in modules("src/systems").into_iter().filter(|name| at("src/systems").join(name).is_dir()) {
        assert!(is_declared(&system, "src/systems"), "src/systems/{system} is not declared: add `pub mod {system};` to src/systems/mod.rs");
        let is_compared = compared.to_lowercase().contains(&format!("of::<{}>", system.replace('_', "")));
        assert!(is_compared, "`{system}` is never compared: add it to `SYSTEMS` in src/change/every.rs");
        let laws = [format!("tests/laws/{system}.rs"), format!("tests/{system}/main.rs")];
        assert!(
            laws.iter().any(|path| at(path).exists()),
            "`{system}` is held to no law: write {} beside its naive model",
            laws.join(" or ")
        );
    }
}

#[test]
fn every_file_of_report_is_declared() {
    for channel in modules("src/report") {
        assert!(is_declared(&channel, "src/report"), "src/report/{channel}.rs is not declared: add `mod {channel};` to src/report/mod.rs");
    }
}

/// As soon as there is a page about output.
#[test]
fn every_report_that_machines_read_is_described() {
    let Ok(described) = fs::read_to_string(at("docs/output.md")) else { return };
    for id in schemas() {
        assert!(described.contains(&id), "docs/output.md does not speak of `{id}`: say what it is and who reads it");
    }
}

/// The ids that reports carry: `countersign/diff/v1`, …
fn schemas() -> BTreeSet<String> {
    let sources = modules("src/report").into_iter().map(|module| at("src/report").join(format!("{module}.rs")));
    let texts = sources.filter_map(|path| fs::read_to_string(path).ok()).collect::<Vec<_>>().join("\n");
    let quoted = texts.split('"').filter(|text| text.starts_with("countersign/") && text.contains("/v"));
    quoted.map(ToOwned::to_owned).collect()
}
