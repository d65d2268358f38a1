//! What a message says of a commit beside its text.

/// The addresses of those who are named beside the author, in lower case.
pub(super) fn co_authors(message: &str) -> impl Iterator<Item = String> {
    let named = message.lines().filter_map(|line| {
        let (key, value) = line.trim().split_once(':')?;
        key.eq_ignore_ascii_case("co-authored-by").then_some(value)
    });
    named.map(|value| {
        let address = value.rsplit_once('<').map_or(value, |(_, rest)| rest.split('>').next().unwrap_or(rest));
        address.trim().to_lowercase()
    })
}
