//! A permission file that is bad, as the base and as the head. Nothing bad in the head is authorized.

use super::catalogue::{Catalogue, holds};
use super::place::{EVERYTHING, Place, READ};

const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [\"\"], resources: [pods], verbs: [get]}]
";

/// Ten values, ten times ten of them, and so on.
pub fn bomb() -> String {
    let ten = |of: &str| [of; 10].join(", ");
    let levels = (1..10).map(|level| format!("l{level}: &l{level} [{}]\n", ten(&format!("*l{}", level - 1))));
    format!("l0: &l0 [{}]\n", ten("x")) + &levels.collect::<String>()
}

pub fn nested(levels: usize) -> String {
    "[".repeat(levels) + &"]".repeat(levels)
}

pub fn pointer() -> String {
    format!("version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n", "a".repeat(64))
}

pub fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

/// A sentence, the name of the file, what stands in it on the good side, and on the bad one.
fn inputs() -> Vec<(&'static str, &'static str, &'static str, Vec<u8>)> {
    let json = |what, bad: String| (what, "a.json", READ, bad.into_bytes());
    let yaml = |what, bad: String| (what, "a.yaml", ROLE, bad.into_bytes());
    vec![
        json("truncated JSON", READ[..60].to_owned()),
        json("JSON that ends before it says what it is", "{\"Versi".to_owned()),
        json("an empty JSON file", String::new()),
        yaml("truncated YAML", ROLE[..ROLE.len() - 8].to_owned()),
        json(
            "a statement that is a string",
            READ.replace("[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"}]", "\"x\""),
        ),
        json("an action that is a number", READ.replace("\"s3:GetObject\"", "7")),
        yaml("rules that are a mapping", ROLE.replace("[{", "{x: {").replace("}]", "}}")),
        yaml("a verb that is a number", ROLE.replace("[get]", "[1]")),
        json("an unknown element", READ.replace("Action", "Acton")),
        json("an unknown element of a policy", READ.replace("Version", "Verson")),
        yaml("an unknown field", ROLE.replace("verbs", "verb")),
        ("invalid UTF-8", "a.json", READ, [&READ.as_bytes()[..70], b"\xe9", &READ.as_bytes()[70..]].concat()),
        yaml("a YAML bomb", ROLE.to_owned() + &bomb()),
        json("17 MiB", EVERYTHING.replace(":[{", &format!(":{}[{{", " ".repeat(17 << 20)))),
        json("lists in lists without end", format!("{{\"Statement\":{}}}", nested(100_000))),
        yaml("flow lists in flow lists without end", format!("{ROLE}x: {}\n", nested(100_000))),
        json("a key twice", READ.replace("\"Effect\":\"Allow\"", "\"Effect\":\"Deny\",\"Effect\":\"Allow\"")),
        yaml("a key twice in YAML", format!("{ROLE}rules: []\n")),
        json("a pointer of Git LFS", pointer()),
        ("UTF-16", "a.json", READ, utf16(EVERYTHING)),
        yaml("a merge conflict", format!("<<<<<<< HEAD\n{ROLE}=======\nkind: Role\n>>>>>>> topic\n")),
        json("a merge conflict in JSON", format!("<<<<<<< HEAD\n{READ}\n=======\n{EVERYTHING}\n>>>>>>> topic\n")),
        yaml("a template", ROLE.replace("reader", "{{ .Values.name }}")),
        yaml("a tab for indentation", ROLE.replace("rules: ", "rules:\n\t- ")),
        json("a trailing comma", READ.replace("\"*\"}", "\"*\",}")),
        json("a comment", format!("// ours\n{READ}")),
    ]
}

#[test]
fn a_bad_permission_file_in_the_head_is_undecided_with_its_place_and_what_to_do() {
    let mut catalogue = Catalogue::default();
    for (what, name, good, bad) in inputs() {
        let place = Place::new();
        place.remove("base/a.json");
        place.remove("head/a.json");
        place.write(&format!("base/{name}"), good);
        place.write(&format!("head/{name}"), bad);
        let said = place.diff("base", "head");
        assert!(matches!(said.code, 10 | 13), "{what}: {said:?}");
        assert!(matches!(place.check(&["--facts", "facts.yml"]).code, 10 | 11 | 13), "{what}");
        catalogue.add(what, &said);
    }
    holds!("judged-in-the-head", catalogue);
}

#[test]
fn a_bad_permission_file_in_the_base_is_told_and_hides_no_gain() {
    let mut catalogue = Catalogue::default();
    for (what, name, good, bad) in inputs() {
        let place = Place::new();
        place.remove("base/a.json");
        place.remove("head/a.json");
        place.write(&format!("base/{name}"), bad);
        place.write(&format!("head/{name}"), good);
        let said = place.diff("base", "head");
        assert!(matches!(said.code, 10 | 13), "{what}: {said:?}");
        catalogue.add(what, &said);
    }
    holds!("judged-in-the-base", catalogue);
}

#[test]
fn windows_line_ends_a_byte_order_mark_and_the_same_bad_file_twice_say_nothing() {
    for (name, before, after) in [
        ("a.json", READ.to_owned(), format!("\u{feff}{}\r\n", READ.replace(',', ",\r\n"))),
        ("a.yaml", ROLE.to_owned(), format!("\u{feff}{}", ROLE.replace('\n', "\r\n"))),
        ("a.json", READ[..60].to_owned(), READ[..60].to_owned()),
    ] {
        let place = Place::empty();
        place.write(&format!("base/{name}"), before);
        place.write(&format!("head/{name}"), after);
        let said = place.diff("base", "head");
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "No access changed.\n", ""), "{name}");
    }
}
