//! The address under which people see a release → where its forge is asked about it.

use super::Provider;

/// A release, as its address says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseAddress {
    /// Which forge.
    pub provider: Provider,
    /// Where its API is.
    pub api: String,
    /// The repository: `acme/infrastructure`.
    pub repository: String,
    /// The tag.
    pub tag: String,
}

impl ReleaseAddress {
    /// Of `https://github.com/acme/infrastructure/releases/tag/v1.4.0`, on GitHub, its Enterprise Server and its Enterprise Cloud, and of
    /// `https://gitlab.com/acme/web/infrastructure/-/releases/v1.4.0`, on any GitLab that has a host of its own; `None` for what is no such
    /// address.
    pub fn read(address: &str) -> Option<Self> {
        let (scheme, rest) = address.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http"))?;
        let (host, path) = rest.split_once('/')?;
        let of_gitlab = path.split_once("/-/releases/").map(|parts| (Provider::GitLab, parts));
        let (provider, (repository, tag)) = of_gitlab.or_else(|| Some((Provider::GitHub, path.split_once("/releases/tag/")?)))?;
        let names: Vec<&str> = repository.split('/').collect();
        let is_plain = |name: &&str| {
            !matches!(*name, "" | "." | "..") && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
        };
        let tag = decoded(tag.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/'))?;
        // A project may be in a group of a group.
        let is_repository = names.len() == 2 || (provider == Provider::GitLab && names.len() > 2);
        if !is_repository || !names.iter().all(is_plain) || tag.is_empty() || host.contains('@') {
            return None;
        }
        let api = match host.to_ascii_lowercase().as_str() {
            host if provider == Provider::GitLab => format!("{scheme}://{host}/api/v4"),
            "github.com" | "www.github.com" => "https://api.github.com".to_owned(),
            host if host.ends_with(".ghe.com") => format!("{scheme}://api.{host}"),
            host => format!("{scheme}://{host}/api/v3"),
        };
        Some(Self { provider, api, repository: repository.to_owned(), tag })
    }
}

/// Text with `%41` as the letter that it stands for.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok())?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = behind.get(2..)?;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_a_release_says_where_its_forge_is_asked() {
        for (address, api, tag) in [
            ("https://github.com/acme/infrastructure/releases/tag/v1.4.0", "https://api.github.com", "v1.4.0"),
            ("https://github.com/acme/infrastructure/releases/tag/web%2Fv1?x=1#top", "https://api.github.com", "web/v1"),
            ("https://GitHub.example.com/acme/infrastructure/releases/tag/v1/", "https://github.example.com/api/v3", "v1"),
            ("https://acme.ghe.com/acme/infrastructure/releases/tag/v1", "https://api.acme.ghe.com", "v1"),
        ] {
            let found = ReleaseAddress::read(address).unwrap();
            assert_eq!((&*found.api, &*found.repository, &*found.tag), (api, "acme/infrastructure", tag), "{address}");
        }
    }

    #[test]
    fn so_does_one_of_gitlab_however_deep_the_project_is() {
        for (address, repository, tag) in [
            ("https://gitlab.com/acme/infrastructure/-/releases/v1.4.0", "acme/infrastructure", "v1.4.0"),
            ("https://GitLab.com/acme/web/infrastructure/-/releases/web%2Fv1", "acme/web/infrastructure", "web/v1"),
        ] {
            let found = ReleaseAddress::read(address).unwrap();
            assert_eq!((found.provider, &*found.api), (Provider::GitLab, "https://gitlab.com/api/v4"), "{address}");
            assert_eq!((&*found.repository, &*found.tag), (repository, tag), "{address}");
        }
        assert_eq!(ReleaseAddress::read("https://gitlab.com/infrastructure/-/releases/v1"), None);
    }

    #[test]
    fn what_is_no_address_of_a_release_is_none() {
        for address in [
            "v1.4.0",
            "https://github.com/acme/infrastructure",
            "https://github.com/acme/infrastructure/releases/tag/",
            "https://github.com/acme/../releases/tag/v1",
            "https://github.com/acme/infrastructure/releases/tag/%zz",
            "https://user@github.com/acme/infrastructure/releases/tag/v1",
            "ftp://github.com/acme/infrastructure/releases/tag/v1",
        ] {
            assert_eq!(ReleaseAddress::read(address), None, "{address}");
        }
    }
}
