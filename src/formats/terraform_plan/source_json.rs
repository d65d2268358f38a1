//! Terraform's own files in JSON: <https://developer.hashicorp.com/terraform/language/syntax/json>. Every text is a template of HCL.

use super::hcl::{Token, template};
use crate::document::{Bounds, Node, Syntax, Value, parse};

/// The file as one block, as HCL is taken apart. `None`: it is no JSON.
pub(super) fn items(bytes: &[u8]) -> Option<Vec<Vec<Token>>> {
    let file = parse("", bytes, Syntax::Json, &Bounds::default()).ok()?;
    let mut item = Vec::new();
    file.documents.iter().for_each(|document| push(document, &mut item));
    Some(vec![item])
}

fn push(node: &Node, into: &mut Vec<Token>) {
    match &node.value {
        Value::Mapping(entries) => {
            into.push(Token::Sign('{'));
            for (key, value) in entries {
                into.extend(key.scalar().map(|key| quoted(&key.text)));
                into.push(Token::Sign(':'));
                push(value, into);
                into.push(Token::Sign(','));
            }
            into.push(Token::Sign('}'));
        }
        Value::Sequence(items) => {
            into.push(Token::Sign('['));
            for item in items {
                push(item, into);
                into.push(Token::Sign(','));
            }
            into.push(Token::Sign(']'));
        }
        Value::Scalar(scalar) if node.text().is_some() => {
            let is_template = scalar.text.contains("${") || scalar.text.contains("%{");
            // What does not end is no template, or Terraform does not take it.
            let parts = is_template.then(|| template(&scalar.text)).flatten();
            into.extend(parts.unwrap_or_else(|| vec![quoted(&scalar.text)]));
        }
        Value::Scalar(scalar) => into.push(Token::Word(scalar.text.to_string())),
        // JSON has no tags.
        Value::Tagged(_) => {}
    }
}

fn quoted(text: &str) -> Token {
    Token::Quoted(text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::super::hcl::canonical;
    use super::*;

    fn said(text: &str) -> String {
        items(text.as_bytes()).unwrap().iter().map(|item| canonical(item)).collect()
    }

    #[test]
    fn a_file_is_the_same_in_any_layout_and_not_with_another_text() {
        let plain = said(r#"{"a": [1, "b", true], "c": "${x["d"]}"}"#.replace("\"d\"", "\\\"d\\\"").as_str());
        assert_eq!(plain, said("\u{feff}{\"\\u0061\":[1,\n\"b\",true],\"c\":\"${x[\\\"d\\\"]}\"}\n"));
        assert_ne!(said(r#"["a", "b"]"#), said(r#"["a\" , \"b"]"#));
        assert_ne!(said(r#"["${a}", "${b}"]"#), said(r#"["${a}\n<< , <<${b}"]"#));
        assert_ne!(said(r#"["1"]"#), said("[1]"));
    }

    #[test]
    fn what_stands_in_a_text_hides_nothing_behind_it() {
        let text = said(r##"{"a": "${\"x\"}", "b": "/*", "c": "# \"${", "d": "<<E", "resource": {"aws_iam_user": {}}, "e": "*/"}"##);
        assert!(text.contains("\"resource\" : { \"aws_iam_user\""), "{text}");
    }

    #[test]
    fn what_is_no_json_is_told() {
        assert_eq!(items(b"{\"a\": 1, }"), None);
        assert_eq!(items(b"{\"a\": 1, \"a\": 2}"), None);
    }
}
