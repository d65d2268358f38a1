//! HCL, as far as it has to be read to tell blocks from each other and an attribute from its value:
//! <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>.

/// A part of a file that no layout and no comment changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or a number, or how a here document begins.
    Word(String),
    /// What stands as it is in a string, between its expressions; with the escapes that it is written with.
    Quoted(String),
    /// The same of a here document or a text of JSON, in which nothing is escaped.
    Lines(String),
    /// Anything else. `$` opens an expression in a string.
    Sign(char),
    /// What ends an attribute: a line ends where one may.
    End,
}

impl Token {
    /// The text of a name, written with or without quotes.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Word(text) | Self::Quoted(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn is(&self, sign: char) -> bool {
        *self == Self::Sign(sign)
    }

    pub(super) fn opens(&self) -> bool {
        matches!(self, Self::Sign('{' | '[' | '(' | '$'))
    }

    pub(super) fn closes(&self) -> bool {
        matches!(self, Self::Sign('}' | ']' | ')'))
    }
}

/// Equal texts for tokens that mean the same.
pub(super) fn canonical(tokens: &[Token]) -> String {
    let mut text = String::new();
    for token in tokens {
        match token {
            Token::Word(word) => text.push_str(word),
            Token::Quoted(quoted) => text.extend(["\"", quoted, "\""]),
            Token::Lines(lines) => text.extend(["<<", &format!("{lines:?}")]),
            Token::Sign(sign) => text.push(*sign),
            Token::End => text.push('\n'),
        }
        text.push(' ');
    }
    text
}

/// Levels of brackets, strings and expressions. What is looked for in a file is looked for at each of them.
const DEEPEST: usize = 128;

/// The blocks and attributes of a file. `None`: its brackets, strings or comments do not end, or it is too deep.
pub(super) fn items(text: &str) -> Option<Vec<Vec<Token>>> {
    let mut lexer = Lexer::default();
    lexer.read(text.strip_prefix('\u{feff}').unwrap_or(text))?;
    lexer.end_item();
    lexer.open.is_empty().then_some(lexer.items)
}

/// The parts of a text that is a template by itself. `None`: an expression in it does not end, or it is too deep.
pub(super) fn template(text: &str) -> Option<Vec<Token>> {
    let mut lexer = Lexer { open: vec![Open::Template], ..Lexer::default() };
    lexer.read(text)?;
    lexer.end_text();
    lexer.open.is_empty().then_some(lexer.item)
}

/// What is open.
#[derive(Debug)]
enum Open {
    /// A bracket.
    Bracket(char),
    /// An expression in a string.
    Expression,
    /// A string.
    String,
    /// A here document with the word that ends it, and whether a line of it begins here.
    Lines(String, bool),
    /// A text in which nothing is escaped, and which ends with the input.
    Template,
}

#[derive(Default)]
struct Lexer {
    items: Vec<Vec<Token>>,
    item: Vec<Token>,
    open: Vec<Open>,
    /// What is read of a string.
    text: String,
}

impl Lexer {
    fn read(&mut self, mut rest: &str) -> Option<()> {
        while let Some(letter) = rest.chars().next() {
            let taken = self.take(letter, rest)?;
            rest = rest.get(taken..)?;
            if self.open.len() > DEEPEST {
                return None;
            }
        }
        Some(())
    }

    /// Takes what begins with this letter, and says how many bytes that is.
    fn take(&mut self, letter: char, rest: &str) -> Option<usize> {
        match self.open.last() {
            Some(Open::String) => return Some(self.in_string(letter, rest)),
            Some(Open::Template) => return Some(self.in_template(letter, rest)),
            Some(Open::Lines(marker, begins)) => {
                let line = rest.lines().next().unwrap_or_default();
                if *begins && line.trim() == marker {
                    self.end_text();
                    return Some(line.len());
                }
                return Some(self.in_lines(letter, rest));
            }
            _ => {}
        }
        if letter == '#' || rest.starts_with("//") {
            return Some(rest.find('\n').unwrap_or(rest.len()));
        }
        if rest.starts_with("/*") {
            return rest.get(2..)?.find("*/").map(|end| end + 4);
        }
        if rest.starts_with("<<") {
            // Nothing else is written so: where one of these begins that is none for us, nobody knows where it ends.
            let (length, marker) = here_document(rest)?;
            self.item.push(Token::Word(if rest.starts_with("<<-") { "<<-" } else { "<<" }.to_owned()));
            self.open.push(Open::Lines(marker, true));
            return Some(length);
        }
        if is_of_name(letter) {
            let length = rest.find(|letter| !is_of_name(letter)).unwrap_or(rest.len());
            self.item.push(Token::Word(rest.get(..length)?.to_owned()));
            return Some(length);
        }
        self.sign(letter)?;
        Some(letter.len_utf8())
    }

    fn sign(&mut self, letter: char) -> Option<()> {
        match letter {
            '"' => self.open.push(Open::String),
            '{' | '[' | '(' => {
                self.open.push(Open::Bracket(letter));
                self.item.push(Token::Sign(letter));
            }
            '}' | ']' | ')' => {
                let matches = match self.open.pop()? {
                    Open::Bracket(open) => matches!((open, letter), ('{', '}') | ('[', ']') | ('(', ')')),
                    Open::Expression => letter == '}',
                    Open::String | Open::Lines(..) | Open::Template => false,
                };
                if self.item.last() == Some(&Token::End) {
                    self.item.pop();
                }
                self.item.push(Token::Sign(letter));
                return matches.then_some(());
            }
            '\n' if self.open.is_empty() => self.end_item(),
            '\n' => self.end_attribute(),
            _ if letter.is_whitespace() => {}
            _ => self.item.push(Token::Sign(letter)),
        }
        Some(())
    }

    fn in_string(&mut self, letter: char, rest: &str) -> usize {
        if letter == '"' {
            self.end_text();
            return 1;
        }
        if letter == '\\' {
            let length = 1 + rest.chars().nth(1).map_or(0, char::len_utf8);
            self.text.push_str(rest.get(..length).unwrap_or_default());
            return length;
        }
        self.in_template(letter, rest)
    }

    fn in_lines(&mut self, letter: char, rest: &str) -> usize {
        let length = self.in_template(letter, rest);
        if let Some(Open::Lines(_, begins)) = self.open.iter_mut().rev().find(|open| matches!(open, Open::Lines(..))) {
            *begins = letter == '\n';
        }
        length
    }

    /// What strings and here documents have in common: expressions, and signs that only look like the start of one.
    fn in_template(&mut self, letter: char, rest: &str) -> usize {
        if rest.starts_with("${") || rest.starts_with("%{") {
            let is_string = matches!(self.open.last(), Some(Open::String));
            self.push_text(is_string);
            self.item.extend((letter == '%').then_some(Token::Sign(letter)));
            self.item.push(Token::Sign('$'));
            self.open.push(Open::Expression);
            return 2;
        }
        let length = if rest.starts_with("$${") || rest.starts_with("%%{") { 3 } else { letter.len_utf8() };
        self.text.push_str(rest.get(..length).unwrap_or_default());
        length
    }

    fn end_text(&mut self) {
        let is_string = matches!(self.open.pop(), Some(Open::String));
        self.push_text(is_string);
    }

    fn push_text(&mut self, is_string: bool) {
        let text = std::mem::take(&mut self.text);
        self.item.push(if is_string { Token::Quoted(text) } else { Token::Lines(text) });
    }

    /// Only between braces a line ends something.
    fn end_attribute(&mut self) {
        let may_end = matches!(self.open.last(), Some(Open::Bracket('{')));
        if may_end && !matches!(self.item.last(), Some(Token::End | Token::Sign('{' | ','))) {
            self.item.push(Token::End);
        }
    }

    fn end_item(&mut self) {
        let item = std::mem::take(&mut self.item);
        if !item.is_empty() {
            self.items.push(item);
        }
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-')
}

/// The length of `<<EOF` with its line end, and the word.
fn here_document(rest: &str) -> Option<(usize, String)> {
    let word = rest.strip_prefix("<<")?;
    let word = word.strip_prefix('-').unwrap_or(word);
    let (first, _) = word.split_once('\n')?;
    let marker = first.strip_suffix('\r').unwrap_or(first);
    let is_name = !marker.is_empty() && marker.chars().all(is_of_name);
    is_name.then(|| (rest.len() - word.len() + first.len() + 1, marker.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        items(text).unwrap().iter().map(|item| canonical(item)).collect()
    }

    #[test]
    fn a_file_is_its_blocks_whatever_is_between_their_words() {
        let plain = texts("resource \"a_b\" \"c\" {\n  x = 1\n}\ny = [1, 2]\n");
        assert_eq!(plain.len(), 2, "{plain:#?}");
        for same in [
            "\u{feff}resource \"a_b\" \"c\" {\n  x = 1\n}\ny = [1, 2]\n",
            "resource\"a_b\"\"c\"{\r\nx=1 # why\r\n\r\n}\r\ny=[1,\n2]\r\n",
            "/* why */ resource/**/\"a_b\"\t\"c\" { x = 1 }\n\ny = [ // one\n1, 2\n]",
        ] {
            assert_eq!(texts(same), plain, "{same}");
        }
        assert_ne!(texts("x = \"a\\n\""), texts("x = <<E\na\\n\nE\n"));
        assert_ne!(texts("x = \"\""), texts("x = "));
    }

    #[test]
    fn a_here_document_ends_at_its_word_and_not_inside_of_an_expression() {
        let text = "x = <<-EOT\n  {\n  ${[for\nEOT\nin [1]: \"}\"]}\n  EOT\ny = 1\n";
        assert_eq!(texts(text).len(), 2, "{:#?}", texts(text));
        assert_eq!(texts("x = <<EOT\n#{ \"\nEOT\ny = 1").len(), 2);
        assert_eq!(texts("/*/ \" */ x = 1\ny = \"%{if a}b%{endif}\"\nz = 1").len(), 3);
        assert_eq!(texts("x = \"/*\"\ny = \"$${\"\nz = \"\\\"${a[\"b}\"]}\"").len(), 3);
    }

    #[test]
    fn what_does_not_end_is_told() {
        for broken in ["a {\n", "a = \"${b\"", "a = \"", "}", "a = [)", "/* a", "a = <<EOT\nb\n", "a = <<E\u{301}\n/*\nE\u{301}\nb = 1\n"] {
            assert_eq!(items(broken), None, "{broken}");
        }
    }
}
