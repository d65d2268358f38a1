//! What the located tree promises: structure, texts, places, bounds, and what is said when a file cannot be read.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use countersign::diagnostic::Diagnostic;
use countersign::document::{Bounds, File, Node, Problem, Span, Style, Syntax, Value, parse, parse_embedded};
use proptest::prelude::*;
use std::fmt::Write as _;

fn read(text: &str, syntax: Syntax) -> Result<File, Problem> {
    parse("f", text.as_bytes(), syntax, &Bounds::default()).map_err(|(problem, _)| problem)
}

fn json(text: &str) -> Node {
    read(text, Syntax::Json).unwrap().documents.remove(0)
}

fn yaml(text: &str) -> Node {
    read(text, Syntax::Yaml).unwrap().documents.remove(0)
}

fn refused(text: &str, syntax: Syntax) -> Problem {
    read(text, syntax).unwrap_err()
}

fn diagnosed(bytes: &[u8], syntax: Syntax) -> Diagnostic {
    let (problem, place) = parse("policy.json", bytes, syntax, &Bounds::default()).unwrap_err();
    Diagnostic::from_problem(problem, place)
}

fn slice(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

fn text(node: &Node) -> &str {
    &node.scalar().unwrap().text
}

/// Every scalar below a node, keys too.
fn scalars(node: &Node) -> Vec<&Node> {
    match &node.value {
        Value::Sequence(items) => items.iter().flat_map(scalars).collect(),
        Value::Mapping(entries) => entries.iter().flat_map(|(key, value)| [scalars(key), scalars(value)].concat()).collect(),
        _ => vec![node],
    }
}

// JSON

#[test]
fn json_spans_cover_exactly_the_token() {
    let source = "\u{feff} {\"a\\n\" : [1, -2.50e3,true , null,\"ä\"] ,\n\t\"b\":{ } }\n";
    let root = json(source);
    assert_eq!(slice(source, root.span), source.trim_start_matches('\u{feff}').trim());
    let (key, list) = root.entry("a\n").unwrap();
    assert_eq!((slice(source, key.span), slice(source, list.span)), (r#""a\n""#, r#"[1, -2.50e3,true , null,"ä"]"#));
    let items: Vec<_> = list.items().unwrap().iter().map(|item| slice(source, item.span)).collect();
    assert_eq!(items, ["1", "-2.50e3", "true", "null", "\"ä\""]);
    let (key, empty) = root.entry("b").unwrap();
    assert_eq!((slice(source, key.span), slice(source, empty.span)), ("\"b\"", "{ }"));
}

#[test]
fn json_numbers_and_literals_keep_their_text() {
    let root = json("[1.0, 10000000000000000000000000000000001, -0, 1E+2, true, false, null, \"1\"]");
    let items = root.items().unwrap();
    assert_eq!(
        items.iter().map(text).collect::<Vec<_>>(),
        ["1.0", "10000000000000000000000000000000001", "-0", "1E+2", "true", "false", "null", "1"]
    );
    assert!(items[..7].iter().all(|item| item.scalar().unwrap().style == Style::Plain && item.text().is_none()));
    assert_eq!(items[7].text(), Some("1"));
}

#[test]
fn json_strings_are_unescaped() {
    assert_eq!(json(r#""\"\\\/\b\f\n\r\t\u00e4\ud83d\ude00""#).text(), Some("\"\\/\u{8}\u{c}\n\r\tä😀"));
}

#[test]
fn json_is_read_strictly() {
    let cases = [
        ("[NaN]", 1, "expected a value"),
        ("[Infinity]", 1, "expected a value"),
        ("[-Infinity]", 2, "this is not a number of JSON"),
        ("[01]", 2, "this is not a number of JSON"),
        ("[1.]", 3, "this is not a number of JSON"),
        ("[+1]", 1, "expected a value"),
        ("[.5]", 1, "expected a value"),
        ("['a']", 1, "expected a value"),
        ("{a:1}", 1, "expected a key in double quotes"),
        ("{\"a\" 1}", 5, "expected `:` after a key"),
        ("[1 2]", 3, "expected `,` or `]`"),
        ("{\"a\":1 \"b\":2}", 7, "expected `,` or `}`"),
        ("[1,]", 3, "there is a comma after the last entry"),
        ("{\"a\":1,}", 7, "there is a comma after the last entry"),
        ("{} {}", 3, "there is more text after the end of the document"),
        ("[1] // why", 4, "there is more text after the end of the document"),
        ("[\"a\tb\"]", 3, "a string contains a raw control character"),
        (r#"["\x"]"#, 3, "this escape is not one of JSON"),
        (r#"["\ud800"]"#, 8, "this `\\u` escape is half of a surrogate pair"),
        (r#"["\udc00"]"#, 7, "this `\\u` escape is half of a surrogate pair"),
        (r#"["\ud800\u0041"]"#, 13, "this `\\u` escape is half of a surrogate pair"),
        ("[\"a", 3, "the text ends inside a string"),
        ("[1", 2, "the text ends inside a list"),
        ("{\"a\":1", 6, "the text ends inside an object"),
        ("", 0, "the file is empty"),
        ("  ", 2, "the file is empty"),
        ("\u{feff}", 3, "the file is empty"),
        ("\u{feff}\u{feff}{}", 3, "expected a value"),
        ("[\u{a0}]", 1, "expected a value"),
        ("[tru]", 4, "expected a value"),
    ];
    for (source, at, message) in cases {
        let problem = refused(source, Syntax::Json);
        assert_eq!((problem.code, problem.span.start, problem.message.as_str()), ("json-syntax", at, message), "{source}");
    }
}

#[test]
fn equal_json_keys_are_refused_with_both_places() {
    let problem = refused("{\n  \"a\": 1,\n  \"\\u0061\": 2}", Syntax::Json);
    assert_eq!(problem.code, "duplicate-key");
    assert_eq!(problem.message, "key `a` is written twice in one mapping, first at line 2, column 3");
    assert_eq!((problem.span.start, problem.span.end), (14, 22));
}

#[test]
fn equal_json_keys_are_found_among_many() {
    let keys: Vec<_> = (0..10_000).map(|key| format!("\"k{key}\":0")).collect();
    json(&format!("{{{}}}", keys.join(",")));
    let problem = refused(&format!("{{{},\"k7\":1}}", keys.join(",")), Syntax::Json);
    assert!(problem.message.starts_with("key `k7` is written twice"));
}

#[test]
fn a_document_inside_a_string_has_the_place_of_the_string() {
    let outer = Span { start: 7, end: 99 };
    let root = parse_embedded(r#"{"Statement": [{"Effect": "Allow"}]}"#, outer, &Bounds::default()).unwrap();
    assert_eq!(root.get("Statement").unwrap().items().unwrap()[0].get("Effect").unwrap().text(), Some("Allow"));
    assert!(scalars(&root).iter().all(|scalar| scalar.span == outer));
    let problem = parse_embedded("{\n \"a\": x}", outer, &Bounds::default()).unwrap_err();
    assert_eq!(problem.span, outer);
    assert_eq!(problem.message, "expected a value, at line 2, column 7 of the JSON text inside this string");
    let problem = parse_embedded(r#"{"a":1,"a":2}"#, outer, &Bounds::default()).unwrap_err();
    assert_eq!((problem.span, problem.message.as_str()), (outer, "key `a` is written twice in one mapping"));
}

// Places

#[test]
fn a_place_counts_lines_and_characters_from_one() {
    let file = read("# ä\r\nä: b\r\nc: [ü, d]\r\n", Syntax::Yaml).unwrap();
    let root = &file.documents[0];
    let place = |node: &Node| file.place(node.span).to_string();
    assert_eq!(place(root.get("ä").unwrap()), "f:2:4");
    assert_eq!(place(&root.get("c").unwrap().items().unwrap()[1]), "f:3:8");
}

#[test]
fn a_byte_order_mark_moves_offsets_but_no_column() {
    for (source, syntax) in [("\u{feff}{\"a\": 1}", Syntax::Json), ("\u{feff}{\"a\": 1}", Syntax::Yaml)] {
        let file = read(source, syntax).unwrap();
        let (key, value) = file.documents[0].entry("a").unwrap();
        assert_eq!((key.span.start, slice(source, value.span)), (4, "1"));
        assert_eq!(file.place(key.span).to_string(), "f:1:2");
        assert_eq!(file.text(), source);
    }
}

#[test]
fn what_comes_through_an_alias_stands_at_its_original() {
    let source = "a: &x {k: v}\nb: *x\nc:\n  <<: *x\n";
    let root = yaml(source);
    let original = root.get("a").unwrap();
    assert_eq!(root.get("b").unwrap().span, original.span);
    let (key, value) = root.get("c").unwrap().entry("k").unwrap();
    assert_eq!((slice(source, key.span), key.span.start, slice(source, value.span)), ("k", 7, "v"));
}

#[test]
fn yaml_spans_cover_quotes_and_brackets_but_no_comments() {
    let source =
        "a: 'it''s' # no\nb: [x,\n  y ] # no\nc:\n  - d: e\n    f: |\n      one\n      two\n\n# no\ng: plain\n  text\nh:\ni: !Ref  j\n";
    let root = yaml(source);
    let at = |key: &str| slice(source, root.get(key).unwrap().span);
    assert_eq!(at("a"), "'it''s'");
    assert_eq!(at("b"), "[x,\n  y ]");
    assert_eq!(at("c"), "- d: e\n    f: |\n      one\n      two");
    assert_eq!(at("g"), "plain\n  text");
    assert_eq!(at("h"), "");
    assert_eq!(at("i"), "j");
    let block = root.get("c").unwrap().items().unwrap()[0].get("f").unwrap();
    assert_eq!((slice(source, block.span), text(block)), ("one\n      two", "one\ntwo\n"));
}

// YAML

#[test]
fn every_document_of_a_stream_is_read_and_empty_ones_are_left_out() {
    let file = read("---\n# nothing\n---\na: 1\n---\n...\n--- b\n---\n", Syntax::Yaml).unwrap();
    assert_eq!(file.documents.len(), 2);
    assert_eq!(text(&file.documents[1]), "b");
    assert!(read("", Syntax::Yaml).unwrap().documents.is_empty());
    assert!(read("# only a comment\n", Syntax::Yaml).unwrap().documents.is_empty());
    assert_eq!(read("null\n", Syntax::Yaml).unwrap().documents.len(), 1);
}

#[test]
fn styles_and_tags_are_kept() {
    let root = yaml("- a\n- 'a'\n- \"a\"\n- |\n a\n- >\n a\n- !!str 1\n- !Ref a\n- ! 1\n- !<tag:x,1:y> a\n");
    let items = root.items().unwrap();
    let styles: Vec<_> = items.iter().map(|item| item.scalar().unwrap().style).collect();
    assert_eq!(styles[..5], [Style::Plain, Style::SingleQuoted, Style::DoubleQuoted, Style::Literal, Style::Folded]);
    let tags: Vec<_> = items[5..].iter().map(Node::tag).collect();
    assert_eq!(tags, [Some("tag:yaml.org,2002:str"), Some("!Ref"), Some("tag:yaml.org,2002:str"), Some("tag:x,1:y")]);
}

#[test]
fn a_tagged_collection_is_not_taken_for_an_ordinary_one() {
    let root = yaml("a: !If [x, y]\nb: !Sub {c: d}\ne: !!seq [f]\ng: !!map {h: i}\n");
    let (a, b) = (root.get("a").unwrap(), root.get("b").unwrap());
    assert_eq!((a.tag(), a.items().is_none(), a.kind()), (Some("!If"), true, "a tagged list or mapping"));
    assert_eq!((b.tag(), b.get("c").is_none()), (Some("!Sub"), true));
    let Value::Tagged(tagged) = &a.value else { panic!("{a:?}") };
    assert!(matches!(&tagged.value, Value::Sequence(items) if items.len() == 2));
    assert_eq!(root.get("e").unwrap().items().unwrap().len(), 1);
    assert!(root.get("g").unwrap().get("h").is_some());
}

#[test]
fn what_stands_under_a_tag_is_not_taken_for_a_text() {
    let root = yaml("[!Ref x, !Sub \"x\", !!binary aGk=, !!int 1, !!str 1, !!str ~, x]");
    let items = root.items().unwrap();
    assert_eq!(items.iter().map(Node::text).collect::<Vec<_>>(), [None, None, None, None, Some("1"), Some("~"), Some("x")]);
    assert_eq!((items[0].kind(), items[1].kind(), items[5].kind()), ("a tagged value", "a tagged value", "a string"));
    assert!(!items[5].scalar().unwrap().is_null());
}

#[test]
fn words_that_only_look_like_numbers_are_texts() {
    let root = yaml("[inf, nan, infinity, 22:00, 2026-12-24, 1.2.3, on, 0x1F, 12, -1.5e3, .5, ~, true]");
    let texts: Vec<_> = root.items().unwrap().iter().filter_map(Node::text).collect();
    assert_eq!(texts, ["inf", "nan", "infinity", "22:00", "2026-12-24", "1.2.3", "on", "0x1F"]);
}

#[test]
fn merge_keys_fill_in_what_is_not_written() {
    let root = yaml("a: &a {x: 1, y: 2}\nb: &b {y: 20, z: 30}\nc: {<<: [*a, *b], x: mine}\nd:\n  !!merge m: *b\ne: {<<: {q: 1}}\n");
    let value = |of: &str, key: &str| root.get(of).unwrap().get(key).map(text).map(str::to_owned);
    assert_eq!(value("c", "x").as_deref(), Some("mine"));
    assert_eq!(value("c", "y").as_deref(), Some("2"));
    assert_eq!(value("c", "z").as_deref(), Some("30"));
    assert_eq!(value("d", "y").as_deref(), Some("20"));
    assert_eq!(value("e", "q").as_deref(), Some("1"));
    assert!(["c", "d", "e"].iter().all(|of| value(of, "<<").is_none()));
}

#[test]
fn a_quoted_merge_key_is_an_ordinary_key() {
    assert_eq!(yaml("'<<': a").get("<<").map(text), Some("a"));
    assert_eq!(yaml("!!str <<: a").get("<<").map(text), Some("a"));
}

#[test]
fn a_merge_key_needs_mappings() {
    for source in ["<<: a", "<<: [a]", "<<:", "<<: !x {a: b}"] {
        let problem = refused(source, Syntax::Yaml);
        assert_eq!(problem.code, "yaml-merge", "{source}");
        assert!(problem.message.starts_with("the merge key `<<` needs a mapping or a list of mappings, found "));
    }
    assert_eq!(refused("a: &a {}\n<<: *a\n!!merge x: *a\n", Syntax::Yaml).message, "a mapping has two merge keys");
}

#[test]
fn what_a_merge_key_overrides_for_some_readers_alone_is_refused() {
    let problem = refused("a: &a {x: 1}\nb:\n  x: 2\n  <<: *a\n", Syntax::Yaml);
    assert_eq!((problem.code, problem.span.start), ("yaml-merge", 18));
    assert!(problem.message.contains("wins for some readers"), "{}", problem.message);
    // The same value, and the other order, are one thing to everybody.
    for source in ["a: &a {x: [1]}\nb:\n  x: [ 1 ]\n  <<: *a\n", "a: &a {x: 1}\nb:\n  <<: *a\n  x: 2\n"] {
        assert_eq!(yaml(source).entries().unwrap().len(), 2, "{source}");
    }
}

#[test]
fn what_ends_a_line_for_some_readers_of_yaml_alone_is_refused() {
    for character in ['\u{85}', '\u{2028}', '\u{2029}'] {
        let problem = refused(&format!("a: 1 # é{character}b: 2\n"), Syntax::Yaml);
        assert_eq!((problem.code, problem.span.start), ("yaml-line-break", 9));
        assert!(problem.message.starts_with(&format!("U+{:04X} ends a line", u32::from(character))));
        json(&format!("{{\"a\": \"{character}\"}}"));
    }
    assert_eq!(text(yaml("a: \"\\L\"").get("a").unwrap()), "\u{2028}");
}

#[test]
fn equal_yaml_keys_are_refused_however_they_are_quoted() {
    let problem = refused("x:\n  a: 1\n  'a': 2\n", Syntax::Yaml);
    assert_eq!((problem.code, problem.span.start), ("duplicate-key", 12));
    assert_eq!(problem.message, "key `a` is written twice in one mapping, first at line 2, column 3");
    for source in
        ["{[a, b]: 1, ['a', b]: 2}", "{{a: 1}: 1, {a: 1}: 2}", "{1: a, \"1\": b}", "{<<: {}, <<: {}}", "? a\n? a\n", "&a a: 1\n*a : 2\n"]
    {
        assert_eq!(refused(source, Syntax::Yaml).code, "duplicate-key", "{source}");
    }
    yaml("{[a, b]: 1, [ab]: 2, {a: b}: 3, a: 4, !x [a, b]: 5}");
}

#[test]
fn an_alias_inside_what_it_refers_to_is_refused() {
    for source in ["a: &a [*a]", "&a {b: {c: *a}}", "&a [&b [*a]]", "&a\n? *a\n: b\n"] {
        let problem = refused(source, Syntax::Yaml);
        assert_eq!((problem.code, problem.message.as_str()), ("yaml-alias", "alias `*a` stands inside what it refers to"), "{source}");
    }
}

#[test]
fn an_alias_without_an_anchor_in_its_document_is_refused() {
    assert_eq!(refused("a: *x", Syntax::Yaml).code, "yaml-alias");
    assert_eq!(refused("a: &x 1\n---\nb: *x", Syntax::Yaml).code, "yaml-alias");
    assert_eq!(refused("Action: *\n", Syntax::Yaml).help.unwrap(), "quote the text if it is neither an anchor nor an alias, as in `\"*\"`");
}

#[test]
fn an_anchor_can_be_defined_again() {
    let root = yaml("[&a 1, *a, &a 2, *a]");
    assert_eq!(root.items().unwrap().iter().map(text).collect::<Vec<_>>(), ["1", "1", "2", "2"]);
}

#[test]
fn carriage_returns_change_nothing_but_offsets() {
    let unix = "a: 1\nb: |\n  x\n  y\nc: \"z\n  w\"\nd: >-\n  e\n  f\n";
    let (unix, dos) = (yaml(unix), yaml(&unix.replace('\n', "\r\n")));
    let texts = |root: &Node| scalars(root).into_iter().map(text).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(texts(&unix), texts(&dos));
}

#[test]
fn a_block_that_ends_with_the_file_gets_no_line_break() {
    assert_eq!(yaml("a: |\n  x").get("a").map(text), Some("x"));
    assert_eq!(yaml("a: |\n  x\n").get("a").map(text), Some("x\n"));
}

#[test]
fn an_expression_of_github_is_no_template_that_somebody_has_to_render() {
    let problem = refused("title: Release: ${{ inputs.version }}\n", Syntax::Yaml);
    assert_eq!(problem.help.as_deref(), Some("quote the text if the `:` belongs to it; otherwise check the indentation"));
    let problem = refused("a: ${{ b }}\ntitle: Release: {{ .Version }}\n", Syntax::Yaml);
    assert_eq!(problem.help.as_deref(), Some("a template such as `{{ … }}` has to be rendered before it is YAML"));
}

#[test]
fn an_unrendered_template_is_told_what_it_is() {
    let problem = refused("{{- if .Values.rbac }}\nkind: Role\n{{- end }}\n", Syntax::Yaml);
    assert_eq!(
        (problem.code, problem.help.as_deref()),
        ("yaml-syntax", Some("a template such as `{{ … }}` has to be rendered before it is YAML"))
    );
}

#[test]
fn no_message_ends_with_a_full_stop_or_begins_in_upper_case() {
    let broken = [
        "a: [1",
        "a: {1",
        "a: [1}",
        "]",
        "a: \"x",
        "a: 'x",
        "a: b: c",
        "a:\n\tb: 1",
        "a: @b",
        "a: `b`",
        "a: %b",
        "- a\nb: c",
        "a: 1\n- b",
        "a: \"\\q\"",
        "a: |0\n x",
        "a: !e!x y",
        "%YAML 1.2\n%YAML 1.2\n---\n",
        "a: \"x\" y",
        "a: x\n b: y",
        "a:\n  b: 1\n c: 2",
        "a: &",
        "a: *",
        "{a: 1 b: 2}",
        "%FOO",
        "---\na: 1\n...\nb\n",
        "? a\n  : b",
        "a: \"\\ud800\"",
        "a: !<x",
        "a: [\"b\": c",
        "a: \u{1}",
        "- |\n  x\n y",
        "a: - b",
        "\"a\n---\n\"",
    ];
    for source in broken {
        let Err(problem) = read(source, Syntax::Yaml) else { continue };
        assert!(!problem.message.starts_with(char::is_uppercase) && !problem.message.ends_with('.'), "{source:?}: {problem:?}");
        assert!(!problem.message.contains("Err") && !problem.message.contains("::"), "{source:?}: {problem:?}");
        assert_ne!(problem.message, "this is not YAML", "{source:?} deserves a better message");
    }
}

// Bounds

#[test]
fn sixty_four_levels_are_read_and_sixty_five_refused() {
    let flow = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let block = |levels: usize| "- ".repeat(levels) + "x";
    let objects = |levels: usize| "{\"a\":".repeat(levels) + "1" + &"}".repeat(levels);
    for syntax in [Syntax::Json, Syntax::Yaml] {
        read(&flow(64), syntax).unwrap();
        read(&objects(64), syntax).unwrap();
        assert_eq!((refused(&flow(65), syntax).code, refused(&flow(65), syntax).span.start), ("too-deep", 64));
        assert_eq!(refused(&objects(65), syntax).code, "too-deep");
        assert_eq!(refused(&flow(100_000), syntax).code, "too-deep");
    }
    read(&block(64), Syntax::Yaml).unwrap();
    assert_eq!(refused(&block(65), Syntax::Yaml).code, "too-deep");
    assert_eq!(refused(&("? ".repeat(65) + "x"), Syntax::Yaml).code, "too-deep");
}

#[test]
fn aliases_cannot_reach_deeper_than_what_is_written() {
    let nested = |levels: usize| format!("a: &a {}{}\n", "[".repeat(levels), "]".repeat(levels));
    let around = |levels: usize| format!("b: {}*a{}\n", "[".repeat(levels), "]".repeat(levels));
    read(&(nested(40) + &around(23)), Syntax::Yaml).unwrap();
    assert_eq!(refused(&(nested(40) + &around(24)), Syntax::Yaml).code, "too-deep");
}

#[test]
fn an_alias_bomb_is_refused_before_it_is_built() {
    let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for level in 1..60 {
        let alias = format!("*a{},", level - 1);
        writeln!(bomb, "a{level}: &a{level} [{}]", alias.repeat(9).trim_end_matches(',')).unwrap();
    }
    let problem = refused(&bomb, Syntax::Yaml);
    assert_eq!((problem.code, problem.message.as_str()), ("too-many-nodes", "the document has more than 1000000 values"));
    assert_eq!(problem.help.as_deref(), Some("split the file, or raise the bound with `--max-nodes`"));
}

#[test]
fn a_merge_bomb_is_refused_before_it_is_built() {
    let mut bomb = "a0: &a0 {x: 1}\n".to_owned();
    for level in 1..60 {
        writeln!(bomb, "a{level}: &a{level} {{<<: [*a{0}, *a{0}], k{level}: 1}}", level - 1).unwrap();
    }
    assert_eq!(refused(&bomb, Syntax::Yaml).code, "too-many-nodes");
}

#[test]
fn a_long_text_repeated_by_aliases_is_refused() {
    let bomb = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a,".repeat(1000));
    let problem = refused(&bomb, Syntax::Yaml);
    assert_eq!(
        (problem.code, problem.message.as_str()),
        ("too-large", "with aliases and tags written out the document has more than 16777216 bytes")
    );
}

#[test]
fn long_tags_out_of_a_directive_are_refused() {
    let bomb = format!("%TAG !e! tag:{}\n---\n[{}]\n", "x".repeat(900), "!e!a b,".repeat(20_000));
    assert_eq!(refused(&bomb, Syntax::Yaml).code, "too-large");
}

#[test]
fn nodes_are_counted_with_every_alias_written_out() {
    let bounds = Bounds { nodes: 11, ..Bounds::default() };
    // The mapping, three keys, `[x]` three times.
    let source = "{a: &a [x], b: *a, c: *a}";
    assert!(parse("f", source.as_bytes(), Syntax::Yaml, &bounds).is_ok_and(|file| file.documents.len() == 1));
    let (problem, _) = parse("f", source.as_bytes(), Syntax::Yaml, &Bounds { nodes: 9, ..bounds }).unwrap_err();
    assert_eq!((problem.code, problem.span.start), ("too-many-nodes", 22));
    let (problem, _) = parse("f", b"[1,2,3,4,5,6,7,8,9,10,11]", Syntax::Json, &bounds).unwrap_err();
    assert_eq!((problem.code, problem.span.start), ("too-many-nodes", 22));
}

#[test]
fn a_file_of_seventeen_mebibytes_is_refused_whole() {
    let said = diagnosed(&vec![b' '; 17 << 20], Syntax::Json);
    assert_eq!((said.code, said.place.to_string().as_str()), ("too-large", "policy.json"));
    assert_eq!(said.message, "this has more than 16777216 bytes");
}

#[test]
fn a_bound_can_be_raised() {
    let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
    for syntax in [Syntax::Json, Syntax::Yaml] {
        assert!(parse("f", deep.as_bytes(), syntax, &Bounds { depth: 300, ..Bounds::default() }).is_ok());
    }
}

// Encodings

#[test]
fn a_file_that_is_not_utf8_is_refused_at_the_byte() {
    let said = diagnosed(b"{\n  \"a\": \"\xff\"}", Syntax::Json);
    assert_eq!((said.code, said.place.to_string().as_str()), ("not-utf8", "policy.json:2:9"));
    assert_eq!(said.message, "line 2 is not UTF-8: byte 10 of the file is 0xFF");
    assert_eq!(said.help.as_deref(), Some("save the file as UTF-8"));
}

#[test]
fn utf_16_is_called_by_its_name() {
    for bytes in [b"\xff\xfe{\0}\0", b"\xfe\xff\0{\0}"] {
        let said = diagnosed(bytes, Syntax::Yaml);
        assert_eq!((said.code, said.message.as_str()), ("not-utf8", "the file is written in UTF-16"));
        assert_eq!(said.place.to_string(), "policy.json");
    }
}

// Properties

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(|number| serde_json::Number::from_f64(number).map_or(0.into(), serde_json::Value::Number)),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Into::into),
            prop::collection::hash_map(any::<String>(), inner, 0..20).prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

/// The judge's value, out of our tree.
fn plain(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Scalar(scalar) if scalar.style == Style::Plain => serde_json::from_str(&scalar.text).unwrap(),
        Value::Scalar(scalar) => serde_json::Value::String(scalar.text.to_string()),
        Value::Sequence(items) => items.iter().map(plain).collect::<Vec<_>>().into(),
        Value::Mapping(entries) => {
            serde_json::Value::Object(entries.iter().map(|(key, value)| (text(key).to_owned(), plain(value))).collect())
        }
        Value::Tagged(_) => panic!("JSON has no tags"),
    }
}

/// What stands at every span reads as what the node says.
fn spans_hold(source: &str, node: &Node, syntax: Syntax) -> Result<(), TestCaseError> {
    let again = read(slice(source, node.span), syntax).unwrap().documents.remove(0);
    prop_assert_eq!(format!("{:?}", shape(&again)), format!("{:?}", shape(node)));
    match &node.value {
        Value::Sequence(items) => items.iter().try_for_each(|item| spans_hold(source, item, syntax)),
        Value::Mapping(entries) => entries.iter().try_for_each(|(key, value)| {
            spans_hold(source, key, syntax)?;
            spans_hold(source, value, syntax)
        }),
        _ => Ok(()),
    }
}

/// The texts and styles of the scalars, which with the brackets in the text is enough.
fn shape(node: &Node) -> Vec<(&str, Style)> {
    scalars(node).into_iter().filter_map(Node::scalar).map(|scalar| (&*scalar.text, scalar.style)).collect()
}

/// Flow YAML of words, in all three quotings, so that every span can be read again on its own.
fn any_flow_yaml() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z][a-z0-9 ./-]{0,8}[a-z0-9]",
        "'([a-zäß日😀: #{},\\[\\]-]|''){0,8}'",
        "\"([a-zäß日😀: #{},\\[\\]'-]|\\\\n|\\\\u00e4|\\\\\"){0,8}\"",
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(" , "))),
            prop::collection::vec(inner, 0..5).prop_map(|values| {
                let entries: Vec<_> = values.iter().enumerate().map(|(index, value)| format!("k{index}: {value}")).collect();
                format!("{{ {} }}", entries.join(",\n  "))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn json_reads_as_another_reader_reads_it(value in any_json(), pretty: bool) {
        let source = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let root = json(&source);
        prop_assert_eq!(plain(&root), value);
        spans_hold(&source, &root, Syntax::Json)?;
    }

    #[test]
    fn json_with_one_character_changed_is_accepted_by_both_readers_or_neither(value in any_json(), at: prop::sample::Index, put in "[\\[\\]{},:\"0-9eE.+\\-\\\\u \\n\\ttfnN]?") {
        let mut source = serde_json::to_string(&value).unwrap();
        let starts: Vec<_> = source.char_indices().map(|(start, _)| start).collect();
        let start = starts[at.index(starts.len())];
        let end = start + source[start..].chars().next().unwrap().len_utf8();
        source.replace_range(start..end, &put);
        let ours = read(&source, Syntax::Json);
        let theirs = serde_json::from_str::<serde_json::Value>(&source);
        match (&ours, &theirs) {
            (Ok(_), Err(error)) => prop_assert!(error.to_string().contains("number out of range"), "{} {}", source, error),
            (Err(problem), Ok(_)) => prop_assert_eq!(problem.code, "duplicate-key"),
            (Ok(file), Ok(value)) => prop_assert_eq!(&plain(&file.documents[0]), value),
            (Err(problem), Err(_)) => prop_assert_eq!(problem.code, "json-syntax"),
        }
    }

    #[test]
    fn the_text_at_a_yaml_span_reads_as_the_value(flow in any_flow_yaml(), dos: bool) {
        let mut source = format!("# ä\n- {flow}\n-   {flow} # c\n");
        if dos {
            source = source.replace('\n', "\r\n");
        }
        for item in yaml(&source).items().unwrap() {
            spans_hold(&source, item, Syntax::Yaml)?;
        }
    }

    #[test]
    fn no_text_is_too_strange_to_be_read_or_refused(source in "(\\PC|[\\n\\r\\t -:?&*!|>'\"%@`{}\\[\\],#~<]){0,60}") {
        for syntax in [Syntax::Json, Syntax::Yaml] {
            match parse("f", source.as_bytes(), syntax, &Bounds::default()) {
                Ok(file) => for node in file.documents.iter().flat_map(scalars) {
                    prop_assert!(source.get(node.span.start as usize..node.span.end as usize).is_some(), "{:?}", node);
                },
                Err((problem, _)) => {
                    prop_assert!(source.get(problem.span.start as usize..problem.span.end as usize).is_some(), "{:?}", problem);
                }
            }
        }
    }
}

#[test]
fn a_text_is_a_list_of_its_lines() {
    let lines = |text: &str| -> Vec<(String, u32)> {
        let file = read(text, Syntax::Lines).unwrap();
        let items = file.documents[0].items().unwrap().iter();
        items.map(|line| (line.scalar().unwrap().text.to_string(), file.place(line.span).line)).collect()
    };
    assert_eq!(lines("\u{feff}a b\r\n\n# c"), [("a b".to_owned(), 1), (String::new(), 2), ("# c".to_owned(), 3)]);
    assert_eq!(lines(""), []);
    assert_eq!(diagnosed(b"a\nb\xff", Syntax::Lines).place.line, 2);
}
