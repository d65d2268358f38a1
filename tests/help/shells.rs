//! Completions and manual pages: they know every verb and every flag, and the programs that read them do.

use super::repository::shell;
use super::verbs;
use std::fs;
use std::process::Command;
use tempfile::TempDir;

/// What a line prints in a shell.
fn printed(line: &str) -> String {
    let home = TempDir::new().unwrap();
    let output = shell(line, home.path()).current_dir(home.path()).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "`{line}`: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The last word of every verb, and all its long flags.
fn words() -> Vec<(String, Vec<String>)> {
    let flags = |command: &clap::Command| command.get_arguments().filter_map(|a| Some(format!("--{}", a.get_long()?))).collect();
    verbs().into_iter().map(|(name, command)| (name, flags(&command))).collect()
}

#[test]
fn the_completions_of_every_shell_know_every_verb_and_flag() {
    for name in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = printed(&format!("countersign completions {name}"));
        for (verb, flags) in words() {
            let last = verb.rsplit(' ').next().unwrap();
            assert!(script.contains(last), "{name}: {verb}");
            // fish writes `-l base` for `--base`.
            let is_known = |flag: &String| script.contains(flag) || script.contains(&format!("-l {}", flag.trim_start_matches('-')));
            let missing: Vec<&String> = flags.iter().filter(|flag| !is_known(flag)).collect();
            assert!(missing.is_empty(), "{name}: {verb} {missing:?}");
        }
    }
}

/// What bash offers for a line that ends where the cursor is.
fn offered(line: &str) -> Vec<String> {
    let words: Vec<String> = line.split(' ').map(|word| format!("'{word}'")).collect();
    let script = format!(
        "source <(countersign completions bash); COMP_WORDS=({}); COMP_CWORD={}; COMP_LINE='{line}'; COMP_POINT={}; \
         _countersign countersign \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words.join(" "),
        words.len() - 1,
        line.len(),
    );
    printed(&script).lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_verbs_flags_and_values() {
    printed("countersign completions bash | bash -n");
    assert_eq!(offered("countersign che"), ["check"]);
    assert_eq!(offered("countersign policy sch"), ["schema"]);
    assert_eq!(offered("countersign check --fac"), ["--facts"]);
    assert!(offered("countersign diff --format ").contains(&"json".to_owned()));
}

#[test]
fn there_is_a_page_for_every_verb_with_every_flag() {
    let directory = TempDir::new().unwrap();
    printed(&format!("countersign man {}", directory.path().display()));
    let page = |verb: &str| fs::read_to_string(directory.path().join(format!("{}.1", verb.replace(' ', "-")))).unwrap();
    for (verb, flags) in words() {
        let page = page(&verb).replace("\\-", "-");
        let missing: Vec<&String> = flags.iter().filter(|flag| !page.contains(*flag)).collect();
        assert!(page.starts_with(".ie") && missing.is_empty(), "{verb} {missing:?}");
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), words().len());
    assert_eq!(printed("countersign man"), page("countersign"));
}

#[test]
fn groff_sets_every_page_without_a_warning() {
    if Command::new("groff").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "groff is not there");
        return eprintln!("SKIPPED: groff is not there");
    }
    let directory = TempDir::new().unwrap();
    printed(&format!("countersign man {}", directory.path().display()));
    for (verb, _) in words() {
        let path = directory.path().join(format!("{}.1", verb.replace(' ', "-")));
        let output = Command::new("groff").args(["-man", "-Tutf8", "-ww"]).arg(path).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{verb}: {}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            text.contains("Examples:") || matches!(&*verb, "countersign ledger" | "countersign policy" | "countersign window"),
            "{verb}: {text}"
        );
    }
}
