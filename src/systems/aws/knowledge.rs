//! What AWS says of its own actions: the service authorization reference,
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/>, as `data/aws/reference.txt` has it, of one edition.
//!
//! The text is never parsed as a whole: the first question finds where each service begins, and every question reads the lines of one
//! service.

use crate::access::{Glob, Word};
use crate::document::nearest;
use crate::systems::{Knowledge, Unknown};
use memchr::memmem;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

/// Its head says how it is written.
static REFERENCE: &str = include_str!("../../../data/aws/reference.txt");

/// Its head says what it is.
static GAPS: &str = include_str!("../../../data/aws/gaps.txt");

/// A date and the digest of the reference.
static EDITION: &str = include_str!("../../../data/aws/edition.txt");

/// The services, by prefix.
static SERVICES: LazyLock<BTreeMap<&'static str, Lines>> = LazyLock::new(|| {
    let begins: Vec<usize> = memmem::find_iter(REFERENCE.as_bytes(), "\n[").map(|at| at + 2).collect();
    let ends = begins.iter().skip(1).map(|at| at - 1).chain([REFERENCE.len()]);
    let services = begins.iter().zip(ends).filter_map(|(begin, end)| REFERENCE.get(*begin..end)?.split_once("]\n"));
    services
        .map(|(prefix, text)| (prefix, Lines { text, by_name: OnceLock::new(), words: OnceLock::new(), types: OnceLock::new() }))
        .collect()
});

/// The lines of one service.
#[derive(Debug)]
struct Lines {
    text: &'static str,
    /// Its actions, sorted by name in any case, once somebody asks for one: a policy asks for many.
    by_name: OnceLock<Vec<Known>>,
    /// Its actions, and what patterns are held against of each, once somebody asks for all.
    words: OnceLock<Vec<(Known, [Word; 2])>>,
    /// The ARNs of each of its resource types, by number, once somebody asks for some.
    types: OnceLock<Vec<&'static str>>,
}

/// Which edition of the reference is built in.
pub fn edition() -> Knowledge {
    let (edition, digest) = EDITION.trim_end().split_once(' ').unwrap_or((EDITION, ""));
    Knowledge { name: "aws", edition, digest }
}

/// What an action does, in the reference's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Says which resources there are.
    List,
    /// Reads what is in a resource.
    Read,
    /// Makes, changes or deletes a resource.
    Write,
    /// Changes tags.
    Tagging,
    /// Changes who may do what.
    PermissionsManagement,
}

impl Level {
    fn of(letter: &str) -> Option<Self> {
        match letter {
            "L" => Some(Self::List),
            "R" => Some(Self::Read),
            "W" => Some(Self::Write),
            "T" => Some(Self::Tagging),
            "P" => Some(Self::PermissionsManagement),
            _ => None,
        }
    }
}

/// A service that the reference knows.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// As it stands before the colon of an action.
    pub prefix: &'static str,
    lines: &'static Lines,
}

/// An action that the reference knows.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its service.
    pub service: Service,
    /// In AWS's spelling, without the service: `GetObject`.
    pub name: &'static str,
    /// What it does.
    pub level: Level,
    /// Numbers of resource types.
    types: &'static str,
}

/// Every service, by prefix.
pub fn services() -> impl Iterator<Item = Service> {
    SERVICES.iter().map(|(prefix, lines)| Service { prefix, lines })
}

/// The service with that prefix, in lower case.
pub fn service(prefix: &str) -> Option<Service> {
    SERVICES.get_key_value(prefix).map(|(prefix, lines)| Service { prefix, lines })
}

/// The action with that name, in any case, of a service in lower case.
pub fn action(service_prefix: &str, name: &str) -> Option<Known> {
    let (prefix, lines) = SERVICES.get_key_value(service_prefix)?;
    let by_name = lines.by_name.get_or_init(|| {
        let mut actions: Vec<Known> = Service { prefix, lines }.actions().collect();
        actions.sort_by(|one, other| in_any_case(one.name, other.name));
        actions
    });
    by_name.binary_search_by(|action| in_any_case(action.name, name)).ok().and_then(|at| by_name.get(at)).copied()
}

fn in_any_case(one: &str, other: &str) -> Ordering {
    one.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(other.bytes().map(|byte| byte.to_ascii_lowercase()))
}

/// What the action does; nothing for an action or a service that this edition does not know.
pub fn access_level(service: &str, name: &str) -> Option<Level> {
    action(service, name).map(|action| action.level)
}

/// What is odd about a pattern of actions, if it means none that this edition knows.
pub fn unknown_action(text: &str) -> Option<Unknown> {
    let (written, name) = text.split_once(':')?;
    let lower = written.to_ascii_lowercase();
    let prefix = Glob::parse(&lower);
    let mut of_services = services().filter(|service| prefix.matches_text(service.prefix)).peekable();
    if of_services.peek().is_none() {
        let known: Vec<&str> = services().map(|service| service.prefix).collect();
        let meant = nearest(&lower, &known).map(|near| format!("{near}:{name}"));
        return Some(Unknown { said: format!("AWS has no service `{written}`, as of {}", edition().edition), meant });
    }
    let glob = Glob::parse(&name.to_ascii_lowercase());
    let actions: Vec<Known> = of_services.flat_map(Service::actions).collect();
    if actions.iter().any(|action| glob.matches_text(&action.name.to_ascii_lowercase())) {
        return None;
    }
    let names: Vec<&str> = actions.iter().map(|action| action.name).collect();
    let meant = nearest(name, &names).map(|near| format!("{written}:{near}"));
    Some(Unknown { said: format!("AWS has no action `{text}`, as of {}", edition().edition), meant })
}

/// Every action of that level, by service.
pub fn actions_of(level: Level) -> impl Iterator<Item = Known> {
    services().flat_map(Service::actions).filter(move |action| action.level == level)
}

/// Services whose resources the action may act on, although the reference does not say so.
pub fn gaps(action: Known) -> impl Iterator<Item = &'static str> {
    let of_action = move |line: &'static str| {
        let (pattern, rest) = line.split_once(' ')?;
        let (service, name) = pattern.split_once(':')?;
        let is_meant = service == action.service.prefix && (name == "*" || name == action.name);
        rest.split(' ').next().filter(|_| is_meant)
    };
    GAPS.lines().filter(|line| !line.starts_with('#')).filter_map(of_action)
}

impl Service {
    /// Its actions, by level.
    pub fn actions(self) -> impl Iterator<Item = Known> {
        let groups = self.lines.text.lines().filter_map(|line| {
            let (letter, rest) = line.split_once(' ')?;
            let (types, names) = rest.split_once(' ')?;
            Some((Level::of(letter)?, types, names))
        });
        groups.flat_map(move |(level, types, names)| names.split(' ').map(move |name| Known { service: self, name, level, types }))
    }

    /// The same, each with what patterns are held against: service and name in lower case.
    pub fn words(self) -> &'static [(Known, [Word; 2])] {
        let words = |action: Known| (action, [Word::plain(self.prefix), Word::plain(action.name.to_ascii_lowercase())]);
        self.lines.words.get_or_init(|| self.actions().map(words).collect())
    }

    /// The ARNs of all its resource types, without their `arn:${Partition}:`.
    pub fn resources(self) -> impl Iterator<Item = &'static str> {
        self.types().iter().flat_map(|arns| arns.split(' '))
    }

    /// The ARNs of each of its resource types without their `arn:${Partition}:`, by number.
    fn types(self) -> &'static [&'static str] {
        self.lines.types.get_or_init(|| self.lines.text.lines().map_while(|line| line.strip_prefix('@')).collect())
    }
}

impl Known {
    /// The ARNs of the resources that it acts on, without their `arn:${Partition}:`, as in `s3:::${BucketName}`. None where the
    /// reference names no resource: most of these act on `*` only, but not all.
    pub fn resources(self) -> impl Iterator<Item = &'static str> {
        let number = |text: &str| text.trim_end_matches('!').parse::<usize>().ok();
        let numbers = self.types.split(',').filter_map(number);
        numbers.filter_map(move |number| self.service.types().get(number)).flat_map(|arns| arns.split(' '))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::systems::sha256;

    #[test]
    fn the_digest_of_the_edition_is_that_of_the_reference() {
        assert_eq!(edition().digest, format!("sha256:{}", sha256(REFERENCE.as_bytes())));
        assert!(REFERENCE.contains(&format!("# Edition: {}. ", edition().edition)));
    }

    #[test]
    fn every_line_of_the_reference_is_read() {
        let is_read = |line: &str| line.starts_with(['#', '[', '@']) || Level::of(line.get(..1).unwrap_or_default()).is_some();
        assert_eq!(REFERENCE.lines().filter(|line| !is_read(line)).collect::<Vec<_>>(), Vec::<&str>::new());
        let names = |line: &str| line.split(' ').skip(2).count();
        let written: usize = REFERENCE.lines().filter(|line| !line.starts_with(['#', '[', '@'])).map(names).sum();
        assert_eq!(services().flat_map(Service::actions).count(), written);
        assert_eq!(services().count(), REFERENCE.lines().filter(|line| line.starts_with('[')).count());
    }

    #[test]
    fn every_resource_type_that_an_action_names_is_there() {
        for action in services().flat_map(Service::actions) {
            let named = if action.types == "-" { 0 } else { action.types.split(',').count() };
            let found = action
                .types
                .split(',')
                .filter_map(|text| action.service.types().get(text.trim_end_matches('!').parse::<usize>().ok()?))
                .count();
            assert_eq!(named, found, "{}:{}", action.service.prefix, action.name);
        }
    }

    #[test]
    fn an_action_is_known_in_any_case_with_its_level_and_its_resources() {
        assert_eq!(access_level("s3", "getobject"), Some(Level::Read));
        assert_eq!(access_level("iam", "PutRolePolicy"), Some(Level::PermissionsManagement));
        assert_eq!(access_level("ec2", "CreateTags"), Some(Level::Tagging));
        assert_eq!(access_level("s3", "GetObjekt"), None);
        assert_eq!(access_level("s4", "GetObject"), None);
        let role: Vec<&str> = action("iam", "passrole").unwrap().resources().collect();
        assert_eq!(role, ["iam::${Account}:role/${RoleNameWithPath}"]);
        assert_eq!(action("s3", "listallmybuckets").unwrap().resources().count(), 0);
    }

    #[test]
    fn every_gap_is_of_an_action_that_is_known_and_says_why() {
        for line in GAPS.lines().filter(|line| !line.starts_with('#')) {
            let (said, why) = line.split_once("  # ").unwrap();
            let (pattern, also) = said.split_once(' ').unwrap();
            let (prefix, name) = pattern.split_once(':').unwrap();
            let meant: Vec<Known> = service(prefix).unwrap().actions().filter(|action| name == "*" || action.name == name).collect();
            assert!(!meant.is_empty() && meant.iter().all(|action| gaps(*action).any(|service| service == also)), "{line}");
            assert!(!why.is_empty(), "{line}");
        }
    }

    #[test]
    fn a_type_with_two_arns_has_both() {
        let stage: Vec<&str> = service("lex").unwrap().types().iter().copied().filter(|arns| arns.contains(' ')).collect();
        assert!(stage.contains(&"lex:${Region}:${Account}:bot/${BotId} lex:${Region}:${Account}:bot:${BotName}"), "{stage:?}");
    }
}
