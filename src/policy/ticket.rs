//! Whether a text names a ticket.

/// What a ticket is called: `OPS-#`, where `#` is a number and everything else is itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket(String);

impl Ticket {
    /// The pattern, or what is wrong with it.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let has_letter = text.chars().any(char::is_alphanumeric);
        let is_word = !text.chars().any(|letter| letter.is_whitespace() || letter.is_control());
        if is_word && text.contains('#') && has_letter && !text.contains("##") {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!("`{text}` is no pattern of a ticket: it is one word with a name and with `#` for the number"))
        }
    }

    /// The first ticket that a text names, as a word of its own.
    pub(super) fn find<'t>(&self, text: &'t str) -> Option<&'t str> {
        let starts =
            text.char_indices().filter(|(at, _)| !text.get(..*at).and_then(|before| before.chars().next_back()).is_some_and(continues));
        starts.filter_map(|(at, _)| text.get(at..)).find_map(|rest| {
            let length = self.matched(rest)?;
            let (ticket, after) = rest.split_at_checked(length)?;
            (!after.chars().next().is_some_and(continues)).then_some(ticket)
        })
    }

    /// How long the ticket at the start of a text is.
    fn matched(&self, text: &str) -> Option<usize> {
        let mut rest = text;
        for (index, literal) in self.0.split('#').enumerate() {
            if index > 0 {
                let number = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
                if number.len() == rest.len() {
                    return None;
                }
                rest = number;
            }
            rest = rest.strip_prefix(literal)?;
        }
        Some(text.len() - rest.len())
    }
}

impl std::fmt::Display for Ticket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a word goes on with this letter.
fn continues(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_is_named_as_a_word_of_its_own() {
        let ticket = Ticket::parse("OPS-#").unwrap();
        for text in
            ["OPS-7", "OPS-7: read artifacts", "see [OPS-7](https://tracker/OPS-7).", "closes (OPS-7)", "XOPS-1 and OPS-7", "é OPS-7"]
        {
            assert_eq!(ticket.find(text), Some("OPS-7"), "{text}");
        }
        for text in ["", "OPS-", "OPS", "ops-7", "DEVOPS-7", "MY-OPS-7", "OPS-7b", "OPS-7-1", "OPS-x", "OPS -7", "OPS-٧"] {
            assert_eq!(ticket.find(text), None, "{text}");
        }
        assert_eq!(Ticket::parse("https://tracker/#/#?x").unwrap().find("at https://tracker/12/3?x"), Some("https://tracker/12/3?x"));
    }

    #[test]
    fn a_pattern_has_a_name_and_a_number() {
        for text in ["", "#", "-#", "OPS", "OPS #", "OPS-##", "OPS-#\n"] {
            assert!(Ticket::parse(text).is_err(), "{text}");
        }
    }
}
