//! The header that says how many pages there are (RFC 8288, as GitHub and GitLab write it).

/// The number of the page that is called the last one.
pub(super) fn last_page(header: &str) -> Option<u64> {
    let query = address(header, "last")?.split_once('?')?.1;
    query.split('&').find_map(|pair| pair.strip_prefix("page="))?.parse().ok()
}

/// Where the next page is.
pub(super) fn next_page(header: &str) -> Option<&str> {
    address(header, "next")
}

fn address<'h>(header: &'h str, relation: &str) -> Option<&'h str> {
    let wanted = format!("rel=\"{relation}\"");
    let link = header.split(',').find(|link| link.split(';').skip(1).any(|part| part.trim() == wanted))?;
    link.split(';').next()?.trim().strip_prefix('<')?.strip_suffix('>')
}

#[cfg(test)]
mod tests {
    use super::{last_page, next_page};

    #[test]
    fn the_last_page_is_read_wherever_it_stands() {
        let header = r#"<https://api.github.com/repositories/1/x?per_page=100&page=2>; rel="next", <https://api.github.com/repositories/1/x?page=7&per_page=100>; rel="last""#;
        assert_eq!(last_page(header), Some(7));
        assert_eq!(last_page(r#"<https://api.github.com/x?page=1>; rel="first""#), None);
        assert_eq!(last_page(r#"<https://api.github.com/x?page=many>; rel="last""#), None);
        assert_eq!(last_page("nonsense"), None);
        assert_eq!(next_page(header), Some("https://api.github.com/repositories/1/x?per_page=100&page=2"));
        assert_eq!(next_page(r#"<https://api.github.com/x?page=1>; rel="first""#), None);
    }
}
