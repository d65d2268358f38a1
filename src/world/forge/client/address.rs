//! The address of an API: what requests start with, and the only host that they go to.

use super::Error;
use http::Uri;

/// Where an API is.
#[derive(Debug)]
pub(super) struct Address {
    /// Its host, with how it is spoken to.
    pub(super) origin: Uri,
    /// Its host with its port, in lower case.
    pub(super) authority: String,
    /// What every path begins with, such as `/api/v3`, or nothing.
    pub(super) root: String,
    /// Whether that is this machine.
    pub(super) is_here: bool,
}

/// An address says nothing secret, and goes unencrypted to this machine alone.
pub(super) fn checked(api: &str) -> Result<Address, Error> {
    let none = || Error::Address { api: api.to_owned() };
    let uri: Uri = api.trim_end_matches('/').parse().map_err(|_| none())?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@')).ok_or_else(none)?.as_str().to_ascii_lowercase();
    let is_here = uri.host().is_some_and(is_loopback);
    let scheme = match uri.scheme_str() {
        Some("https") => "https",
        Some("http") if is_here => "http",
        Some("http") => return Err(Error::Unencrypted { api: api.to_owned() }),
        _ => return Err(none()),
    };
    if uri.query().is_some() {
        return Err(none());
    }
    let origin = format!("{scheme}://{authority}").parse().map_err(|_| none())?;
    Ok(Address { origin, authority, root: uri.path().trim_end_matches('/').to_owned(), is_here })
}

/// The address of GitLab's API without its version, the only one that there is.
pub(super) fn without_version(api: &str) -> Result<&str, Error> {
    api.trim_end_matches('/').strip_suffix("/v4").ok_or_else(|| Error::Address { api: api.to_owned() })
}

/// One part of a path, or a value in a query, whatever it has in it.
pub(in crate::world::forge) fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Whether a host is this machine.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether the forge whose API this is takes files at that host: at the same one, or where `api.` stands at the one with `uploads.`.
pub(in crate::world::forge) fn takes_uploads(api: &str, host: &str) -> bool {
    let beside = api.strip_prefix("api.").map(|domain| format!("uploads.{domain}"));
    host.eq_ignore_ascii_case(api) || beside.is_some_and(|beside| host.eq_ignore_ascii_case(&beside))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enterprise_server_has_a_path_of_its_own() {
        let Address { origin, authority, root, is_here } = checked("https://GitHub.example.com/api/v3/").unwrap();
        assert_eq!((&*root, &*authority, is_here), ("/api/v3", "github.example.com", false));
        assert_eq!((origin.path(), checked("https://api.github.com").unwrap().root), ("/", String::new()));
    }

    #[test]
    fn a_name_is_one_part_of_an_address_whatever_it_has_in_it() {
        assert_eq!(encoded("refs/heads/fix ä?#&%.~-_"), "refs%2Fheads%2Ffix%20%C3%A4%3F%23%26%25.~-_");
    }

    #[test]
    fn what_gitlab_answers_has_a_version() {
        assert_eq!(without_version("https://example.com/gitlab/api/v4/").unwrap(), "https://example.com/gitlab/api");
        assert!(matches!(without_version("https://gitlab.example.com"), Err(Error::Address { .. })));
    }

    #[test]
    fn files_go_to_the_host_of_the_api_or_to_the_one_beside_it() {
        assert!(takes_uploads("api.github.com", "uploads.github.com") && takes_uploads("github.example.com", "GitHub.example.com"));
        assert!(takes_uploads("api.acme.ghe.com", "uploads.acme.ghe.com"));
        for host in ["uploads.github.com.example.com", "uploads.evil.com", "github.com", "uploads.api.github.com"] {
            assert!(!takes_uploads("api.github.com", host), "{host}");
        }
    }

    #[test]
    fn nothing_goes_unencrypted_to_another_machine() {
        assert!(matches!(checked("http://github.example.com"), Err(Error::Unencrypted { .. })));
        assert!(checked("http://127.0.0.1:8080").is_ok() && checked("http://[::1]:8080").is_ok() && checked("http://localhost").is_ok());
        assert!(matches!(checked("http://127.0.0.1.example.com"), Err(Error::Unencrypted { .. })));
    }

    #[test]
    fn what_is_no_address_is_none() {
        for api in ["", "github.com", "ftp://github.com", "https://", "https://user:secret@github.com", "https://github.com/?a=b"] {
            assert!(matches!(checked(api), Err(Error::Address { .. })), "{api}");
        }
    }
}
