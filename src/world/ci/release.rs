//! The release that somebody names, and how its forge is reached.

use super::{DEADLINE, Error, Home, PAUSE, Variables, github, home};
use crate::world::forge::{Connection, ReleaseAddress};

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
    let own = github::connection(variables).filter(|own| host(&own.api) == host(&api));
    let connection = own.unwrap_or(Connection { provider, api, token: None, deadline: DEADLINE, pause: PAUSE });
    Ok((Home { connection, repository, details: None }, tag))
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
    fn the_token_goes_to_no_other_forge_than_that_of_the_job() {
        let own = of(&variables(&JOB), "https://github.com/acme/infrastructure/releases/tag/v1").unwrap().0;
        assert!(own.connection.token.is_some() && own.repository == "acme/infrastructure");
        let other = of(&variables(&JOB), "https://github.example.com/acme/infrastructure/releases/tag/v1").unwrap().0;
        assert_eq!((other.connection.token, &*other.connection.api), (None, "https://github.example.com/api/v3"));
    }
}
