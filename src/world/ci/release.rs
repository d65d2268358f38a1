//! The release that somebody names, and how its forge is reached.

use super::{DEADLINE, Error, Home, PAUSE, Variables, github, gitlab, home};
use crate::world::forge::{Connection, Provider, ReleaseAddress};

/// The repository of a release and its tag: by its address, or by its tag alone in the repository of this job.
pub fn release(named: &str) -> Result<(Home, String), Error> {
    of(&Variables::of_this_process(), named)
}

fn of(variables: &Variables, named: &str) -> Result<(Home, String), Error> {
    let Some(address) = ReleaseAddress::read(named) else {
        let home = if named.contains("://") { None } else { home::of(variables)? };
        return home.map(|home| (home, named.to_owned())).ok_or_else(|| Error::NoRelease { named: named.to_owned() });
    };
    let ReleaseAddress { provider, api, repository, tag } = address;
    // The token is for the forge of the job. Whoever names an address elsewhere does not say that it is to be sent there.
    let own = match provider {
        Provider::GitHub => github::connection(variables).filter(|own| host(&own.api) == host(&api)).map(|own| (own, repository.clone())),
        Provider::GitLab => gitlab::connection(variables).and_then(|own| below(own, &api, &repository)),
    };
    let (connection, repository) = own.unwrap_or((Connection { provider, api, token: None, deadline: DEADLINE, pause: PAUSE }, repository));
    Ok((Home { connection, repository, details: None }, tag))
}

/// A self-managed GitLab may be below a path, which its address does not tell from the path of a project; the job says which it is.
fn below(own: Connection, api: &str, repository: &str) -> Option<(Connection, String)> {
    let root = own.api.trim_end_matches('/').strip_suffix("/api/v4")?.to_owned();
    let whole = format!("{}/{repository}", api.strip_suffix("/api/v4")?);
    let (host, path) = (host(&root)?, root.split_once("://")?.1.split_once('/').map_or("", |(_, path)| path));
    let (_, rest) = whole.split_once("://")?;
    let (at, repository) = rest.split_once('/')?;
    let repository = if path.is_empty() { repository } else { repository.strip_prefix(path)?.strip_prefix('/')? };
    if at.eq_ignore_ascii_case(&host) { Some((own, repository.to_owned())) } else { None }
}

fn host(api: &str) -> Option<String> {
    let (_, rest) = api.split_once("://")?;
    rest.split('/').next().map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        Variables::of(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    const JOB: [(&str, &str); 3] = [("GITHUB_ACTIONS", "true"), ("GITHUB_REPOSITORY", "acme/web"), ("GITHUB_TOKEN", "ghs_marked")];

    #[test]
    fn a_tag_is_one_of_the_repository_of_the_job() {
        let (home, tag) = of(&variables(&JOB), "v1").unwrap();
        assert_eq!((&*home.repository, &*tag, home.connection.token.is_some()), ("acme/web", "v1", true));
        assert!(matches!(of(&variables(&[]), "v1"), Err(Error::NoRelease { .. })));
        assert!(matches!(of(&variables(&JOB), "https://github.com/acme/web"), Err(Error::NoRelease { .. })));
    }

    #[test]
    fn a_gitlab_below_a_path_is_the_one_of_the_job() {
        let job = |api| [("GITLAB_CI", "true"), ("CI_PROJECT_PATH", "acme/web"), ("GITLAB_TOKEN", "glpat_marked"), ("CI_API_V4_URL", api)];
        let asked = |api, address| of(&variables(&job(api)), address).unwrap().0;
        for (api, address) in [
            ("https://example.com/gitlab/api/v4", "https://example.com/gitlab/acme/web/infrastructure/-/releases/v1"),
            ("https://gitlab.example.com/api/v4", "https://GitLab.example.com/acme/web/infrastructure/-/releases/v1"),
        ] {
            let home = asked(api, address);
            assert_eq!((&*home.connection.api, &*home.repository), (api, "acme/web/infrastructure"), "{address}");
            assert!(home.connection.token.is_some());
        }
        for (api, address) in [
            ("https://example.com/gitlab/api/v4", "https://example.com/gitlabs/acme/web/-/releases/v1"),
            ("https://example.com/api/v4", "https://gitlab.com/acme/web/-/releases/v1"),
        ] {
            assert!(asked(api, address).connection.token.is_none(), "{address}");
        }
    }

    #[test]
    fn the_token_goes_to_no_other_forge_than_that_of_the_job() {
        let own = of(&variables(&JOB), "https://github.com/acme/infrastructure/releases/tag/v1").unwrap().0;
        assert!(own.connection.token.is_some() && own.repository == "acme/infrastructure");
        let other = of(&variables(&JOB), "https://github.example.com/acme/infrastructure/releases/tag/v1").unwrap().0;
        assert_eq!((other.connection.token, &*other.connection.api), (None, "https://github.example.com/api/v3"));
    }
}
