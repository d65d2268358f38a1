//! Markdown in which nothing is a link, an image, a mention, a reference or HTML but our own.

use pulldown_cmark::{Event, Options, Parser, Tag};

/// What is wrong with a comment, a line each.
pub fn wrong(report: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if !report.starts_with("<!-- countersign v1 -->\n") {
        wrong.push("the marker is missing by which the comment is found again".to_owned());
    }
    if report.len() > 65_536 {
        wrong.push(format!("GitHub takes 65,536 characters and not {}", report.len()));
    }
    if report.matches("<details>").count() != report.matches("</details>").count() && !report.contains('`') {
        wrong.push("what is folded is not closed".to_owned());
    }
    // Texts come in pieces; what is next to each other is read together.
    let mut text = String::new();
    for event in Parser::new_ext(report, Options::all()) {
        match event {
            Event::Text(piece) => text.push_str(&piece),
            other => {
                wrong.extend(in_text(&std::mem::take(&mut text)));
                wrong.extend(in_event(&other));
            }
        }
    }
    wrong.extend(in_text(&text));
    wrong
}

fn in_event(event: &Event<'_>) -> Option<String> {
    let is_ours = match event {
        Event::Html(html) | Event::InlineHtml(html) => is_our_html(html.trim_end()),
        Event::Start(tag) => {
            matches!(tag, Tag::Paragraph | Tag::Heading { .. } | Tag::HtmlBlock | Tag::List(None) | Tag::Item | Tag::Strong)
        }
        Event::End(_) | Event::Code(_) | Event::SoftBreak | Event::HardBreak => true,
        _ => false,
    };
    (!is_ours).then(|| format!("{event:?} is not what we write"))
}

/// The marker, what folds, and small print.
fn is_our_html(html: &str) -> bool {
    let title = html.strip_prefix("<details><summary>").and_then(|rest| rest.strip_suffix("</summary>"));
    let signed = html.strip_prefix("<!-- countersign gate ").and_then(|rest| rest.strip_suffix(" -->"));
    ["<!-- countersign v1 -->", "</details>", "<sub>", "</sub>"].contains(&html)
        || signed.is_some_and(|signed| signed.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b" -:TZ".contains(&b)))
        || title.is_some_and(|title| title.chars().all(|c| c.is_ascii_alphanumeric() || " :".contains(c)))
}

/// Outside of code there are only our own words, and words that look like them.
pub fn in_text(text: &str) -> Option<String> {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || " .,;:()'’/-…".contains(c) || "✅⏳⛔❓🔓🔴🟠🟡⚪\u{fe0f}".contains(c);
    let is_reference = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let looks_like_a_ticket = word.split_once('-').is_some_and(|(key, number)| {
            key.bytes().all(|b| b.is_ascii_alphabetic()) && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
        });
        let looks_like_a_commit = word.len() > 6 && word.bytes().all(|b| b.is_ascii_hexdigit());
        looks_like_a_ticket || looks_like_a_commit || word.contains("://") || word.contains("www.")
    };
    let is_ours = text.chars().all(is_letter) && !text.split([' ', '(', ')']).any(is_reference);
    (!is_ours).then(|| format!("this stands outside of code: {text:?}"))
}

#[test]
fn what_is_hostile_outside_of_code_is_seen() {
    let page = |text: &str| format!("<!-- countersign v1 -->\n### ✅ Authorized.\n\n{text}\n");
    assert_eq!(wrong(&page("a `@b` c")), Vec::<String>::new());
    let hostile = [
        "@acme/all",
        "#1",
        "GH-1",
        "<b>x</b>",
        "<!-- x -->",
        "<details>",
        "[a](b)",
        "![a](b)",
        "<https://a.b>",
        "https://a.b",
        "www.a.b",
        "*a*",
        "_a_",
        "~~a~~",
        "> a",
        "1. a",
        "| a |\n|---|",
        "```\na\n```",
        "    a",
        "deadbeef",
        "a&amp;b",
        "---",
        "$a$",
        "a[^1]",
        "- [ ] a",
        ":a_b:",
        "a@b.c",
    ];
    for text in hostile {
        assert_ne!(wrong(&page(text)), Vec::<String>::new(), "{text}");
    }
}
