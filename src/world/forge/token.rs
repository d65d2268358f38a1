//! A secret that is sent, and never shown.

use std::fmt;

/// What says to a forge who asks. It has no [`fmt::Display`], and its [`fmt::Debug`] shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// A token, without the white space at its ends that a file or a variable may have. `None` if nothing is left.
    pub fn new(text: &str) -> Option<Self> {
        Some(text.trim()).filter(|text| !text.is_empty()).map(|text| Self(text.to_owned()))
    }

    /// The secret itself, for the header that carries it. `None` if a header cannot.
    pub(super) fn for_header(&self) -> Option<&str> {
        Some(self.0.as_str()).filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_shown() {
        let token = Token::new(" ghs_secret\n").unwrap();
        assert_eq!(format!("{token:?}"), "Token(…)");
        assert_eq!(token.for_header(), Some("ghs_secret"));
    }

    #[test]
    fn what_is_no_token_is_not_sent() {
        assert_eq!(Token::new(" \n"), None);
        assert_eq!(Token::new("two\nlines").unwrap().for_header(), None);
    }
}
