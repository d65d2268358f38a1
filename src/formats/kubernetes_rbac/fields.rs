//! Fields as the API server types them. What a manifest is turned into on its way there follows YAML 1.1, where a plain `yes` is true.

use crate::diagnostic::{Diagnostic, Severity, known_names};
use crate::document::{File, Node, Place, Style};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was found wrong with one object.
pub(super) struct Fields<'f> {
    file: &'f File,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// The text of a string.
pub(super) fn string(node: &Node) -> Option<&str> {
    let scalar = node.scalar()?;
    let tagged = scalar.tag.as_deref();
    let is_string = match (tagged, scalar.style) {
        (Some(tag), _) => tag == "tag:yaml.org,2002:str",
        (None, Style::Plain) => scalar.is_text() && !is_yaml_1_1_literal(&scalar.text),
        (None, _) => true,
    };
    is_string.then_some(&*scalar.text)
}

/// Plain words that YAML 1.1 takes for true, false, a whole number or infinity, besides those that 1.2 does.
fn is_yaml_1_1_literal(text: &str) -> bool {
    const BOOLEANS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false"];
    let is_boolean = BOOLEANS.iter().any(|word| {
        let capital = |text: &str| text.get(..1).is_some_and(|first| first == word.get(..1).unwrap_or_default().to_uppercase());
        text == *word || text == word.to_uppercase() || (capital(text) && text.get(1..) == word.get(1..))
    });
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = unsigned.replace('_', "");
    let radix = |prefix: &str, radix| digits.strip_prefix(prefix).is_some_and(|digits| u128::from_str_radix(digits, radix).is_ok());
    let begins_like_a_number = digits.starts_with(|letter: char| letter.is_ascii_digit() || letter == '.');
    let is_number = radix("0x", 16) || radix("0b", 2) || radix("0o", 8) || (begins_like_a_number && digits.parse::<f64>().is_ok());
    is_boolean || is_number || matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

/// Nothing at all, which the API server takes for a field that is not there.
fn is_null(node: &Node) -> bool {
    node.scalar().is_some_and(|scalar| scalar.tag.is_none() && scalar.is_null())
}

/// The value of a field, unless it is missing or null.
pub(super) fn field<'n>(node: &'n Node, key: &str) -> Option<&'n Node> {
    node.get(key).filter(|value| !is_null(value))
}

impl<'f> Fields<'f> {
    pub(super) fn new(file: &'f File) -> Self {
        Self { file, diagnostics: Vec::new() }
    }

    /// Whether the API server would take what was read so far.
    pub(super) fn is_sound(&self) -> bool {
        !self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    pub(super) fn place(&self, node: &Node) -> Place {
        self.file.place(node.span)
    }

    pub(super) fn error(&mut self, node: &Node, code: &'static str, message: impl Into<String>) {
        self.diagnostics.push(Diagnostic::error(code, self.place(node), message));
    }

    pub(super) fn error_with(&mut self, node: &Node, code: &'static str, message: impl Into<String>, help: &str) {
        self.diagnostics.push(Diagnostic::error(code, self.place(node), message).help(help));
    }

    pub(super) fn warning(&mut self, node: &Node, code: &'static str, message: impl Into<String>, help: &str) {
        self.diagnostics.push(Diagnostic::warning(code, self.place(node), message).help(help));
    }

    /// A mapping; anything else is an error.
    pub(super) fn mapping<'n>(&mut self, node: &'n Node, what: &str) -> Option<&'n [(Node, Node)]> {
        let entries = node.entries();
        if entries.is_none() {
            self.error(node, "wrong-type", format!("{what} is {}, but has to be a mapping", node.kind()));
        }
        entries
    }

    /// The items of a list; none if the field is not there.
    pub(super) fn list<'n>(&mut self, node: &'n Node, key: &str) -> &'n [Node] {
        let Some(value) = field(node, key) else { return &[] };
        value.items().unwrap_or_else(|| {
            self.error(value, "wrong-type", format!("`{key}` is {}, but has to be a list", value.kind()));
            &[]
        })
    }

    /// The text of a field; `None` if it is not there.
    pub(super) fn text<'n>(&mut self, node: &'n Node, key: &str) -> Option<&'n str> {
        let value = field(node, key)?;
        self.text_of(value, key)
    }

    /// The text of a field that has to be there and to say something.
    pub(super) fn required<'n>(&mut self, node: &'n Node, key: &str, of: &str) -> Option<&'n str> {
        let text = match field(node, key) {
            Some(value) => self.text_of(value, key)?,
            None => "",
        };
        if text.is_empty() {
            self.error(node.get(key).unwrap_or(node), "missing-field", format!("{of} has no `{key}`"));
        }
        (!text.is_empty()).then_some(text)
    }

    fn text_of<'n>(&mut self, value: &'n Node, key: &str) -> Option<&'n str> {
        let text = string(value);
        if text.is_none() {
            let help = "put it in quotes if it is meant as a string";
            self.error_with(value, "wrong-type", format!("`{key}` is {}, but has to be a string", kind(value)), help);
        }
        text
    }

    /// A list of strings, as a set.
    pub(super) fn texts(&mut self, node: &Node, key: &str) -> BTreeSet<Arc<str>> {
        let items = self.list(node, key);
        items.iter().filter_map(|item| self.item(item, key).map(Arc::from)).collect()
    }

    /// The API server takes nothing for the empty string, which of `apiGroups` is the core group.
    fn item<'n>(&mut self, item: &'n Node, key: &str) -> Option<&'n str> {
        if is_null(item) {
            self.warning(item, "empty-item", format!("this item of `{key}` is nothing, which is taken for `\"\"`"), "write `\"\"`");
            return Some("");
        }
        self.text_of(item, key)
    }

    /// A mapping from strings to strings.
    pub(super) fn labels(&mut self, node: &Node, key: &str) -> BTreeMap<Arc<str>, Arc<str>> {
        let Some(value) = field(node, key) else { return BTreeMap::new() };
        let entries = self.mapping(value, &format!("`{key}`")).unwrap_or_default();
        let mut labels = BTreeMap::new();
        for (name, value) in entries {
            let (name, value) = (self.text_of(name, key), self.text_of(value, key));
            labels.extend(name.zip(value).map(|(name, value)| (Arc::from(name), Arc::from(value))));
        }
        labels
    }

    /// A key whose tag makes another text of it may be any key.
    pub(super) fn refuse_tagged_keys(&mut self, node: &Node) {
        for (key, _) in node.entries().unwrap_or_default() {
            if key.tag().is_some_and(|tag| tag != "tag:yaml.org,2002:str") {
                self.error_with(key, "tagged-key", "readers disagree about what this tag makes of the key", "write the key without a tag");
            }
        }
    }

    /// Keys that the API server does not know and does not look at.
    pub(super) fn warn_of_unknown(&mut self, node: &Node, what: &str, known: &[&str]) {
        self.refuse_tagged_keys(node);
        for (key, _) in node.entries().unwrap_or_default() {
            let text = key.scalar().map_or("", |scalar| &*scalar.text);
            if !known.contains(&text) {
                let help = known_names(text, known);
                self.warning(key, "unknown-key", format!("{what} has no field `{text}`: it is ignored"), &help);
            }
        }
    }
}

/// What a value is in YAML 1.1.
fn kind(node: &Node) -> &'static str {
    match node.kind() {
        "a string" => "true, false or a number",
        kind => kind,
    }
}
