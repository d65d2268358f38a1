//! The known ways to turn permissions into more than they say, from `data/aws/escalation.yml`, where each names its source.

use super::listed::{List, Spelt};
use super::table;
use crate::access::Word;
use crate::systems::aws::{Action, Notation, Patterns, Resource};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// Every method.
pub(super) static METHODS: LazyLock<Vec<Method>> = LazyLock::new(|| table(include_bytes!("../../../../data/aws/escalation.yml")));

/// The actions that each method needs.
static ACTIONS: LazyLock<Vec<Vec<Action>>> = LazyLock::new(|| {
    let parsed = |need: &Need| Action::parse(&need.action.text).ok();
    METHODS.iter().map(|method| method.needs.iter().filter_map(parsed).collect()).collect()
});

/// The actions of the methods that need one of those which the patterns name, those that they need beside it as well.
pub(in crate::systems::aws) fn completing(actions: &Patterns<Action>) -> BTreeSet<&'static Action> {
    let named = || actions.list.iter().flat_map(|pattern| NEEDED.meant_by(pattern)).flat_map(|listed| listed.all.iter().copied());
    let methods: BTreeSet<usize> = if actions.negated { (0..METHODS.len()).collect() } else { named().collect() };
    methods.into_iter().filter_map(|method| ACTIONS.get(method)).flatten().collect()
}

/// The numbers of the methods that need an action.
pub(super) static NEEDED: LazyLock<List<usize>> = LazyLock::new(|| {
    let needed = |(number, method): (usize, &'static Method)| method.needs.iter().map(move |need| (need.words().clone(), number));
    METHODS.iter().enumerate().flat_map(needed).collect()
});

/// One way. The data says what the fields mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Method {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) wins: Wins,
    pub(super) needs: Vec<Need>,
    pub(super) source: String,
    /// For readers of the data: what is complete as well.
    #[serde(default, rename = "also")]
    _also: Vec<String>,
}

/// What a method wins, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Wins {
    Limits,
    Standing,
    Role,
    Identity,
    Anything,
}

/// An action, and what it has to reach.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Need {
    action: Spelt,
    #[serde(default)]
    pub(super) on: On,
    /// `iam:PassedToService`
    pub(super) to: Option<String>,
}

/// What an action has to reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum On {
    #[default]
    Anything,
    Role,
    User,
    Group,
    Policy,
    /// Other roles than those that are named one by one.
    ManyRoles,
    OwnRole,
    OwnUser,
    OwnGroup,
}

impl Need {
    /// Service and name, in lower case.
    pub(super) fn words(&self) -> &[Word; 2] {
        &self.action.words
    }

    /// The resources that the action has to reach, one of them; none where the holder cannot be what is meant.
    pub(super) fn resources(&self, holder: &str) -> Vec<Resource> {
        let any = |kind: &str| vec![iam(&format!("{kind}/*"))];
        match self.on {
            On::Anything => vec![Resource::any()],
            On::Role | On::ManyRoles => any("role"),
            On::User => any("user"),
            On::Group => any("group"),
            On::Policy => any("policy"),
            On::OwnRole => own(holder, "role", &[]),
            On::OwnUser => own(holder, "user", &["group"]),
            On::OwnGroup => own(holder, "group", &["user"]),
        }
    }

    /// Whether it is known that what it reaches is the holder itself.
    pub(super) fn reaches_itself(&self, holder: &str) -> bool {
        let kind = match self.on {
            On::OwnRole => "role/",
            On::OwnUser => "user/",
            On::OwnGroup => "group/",
            _ => return false,
        };
        holder.starts_with(kind)
    }
}

/// The holder under its name, with a path before it or not. Anything of that kind where nobody can tell who the holder is, or where it
/// belongs to it: a user is in groups, a group has users.
fn own(holder: &str, kind: &str, related: &[&str]) -> Vec<Resource> {
    match holder.split_once('/') {
        Some((of, name)) if of == kind => vec![iam(holder), iam(&format!("{kind}/*/{name}"))],
        Some((of, _)) if ["role", "user", "group"].contains(&of) && !related.contains(&of) => Vec::new(),
        _ => vec![iam(&format!("{kind}/*"))],
    }
}

fn iam(what: &str) -> Resource {
    Resource::parse(&format!("arn:*:iam::*:{what}"), false).unwrap_or_else(|_| Resource::any())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_method_has_a_name_of_its_own_a_source_and_actions() {
        assert!(METHODS.len() > 60, "{}", METHODS.len());
        let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
        for method in METHODS.iter() {
            assert!(ids.insert(&method.id) && names.insert(&method.name), "{} twice", method.id);
            assert!(method.source.starts_with("https://"), "{}", method.id);
            assert!(!method.needs.is_empty(), "{}", method.id);
            for need in &method.needs {
                let (service, name) = need.action.text.split_once(':').unwrap();
                let known = crate::systems::aws::knowledge::action(service, name);
                assert_eq!(known.map(|action| action.name), Some(name), "{} is no action of AWS", need.action.text);
                assert!(method.name.contains(name), "{} does not say {name}", method.id);
                assert_eq!(need.to.is_some(), need.action.text == "iam:PassRole", "{}", method.id);
            }
        }
    }

    /// What needs more to win the same is complete when the other is: it would never be told.
    #[test]
    fn no_method_is_part_of_another_that_wins_the_same() {
        let is_in = |need: &Need, method: &Method| {
            let wide = |on| if on == On::Anything { None } else { Some(on) };
            let meets =
                |other: &Need| other.action == need.action && other.to == need.to && [None, wide(other.on)].contains(&wide(need.on));
            method.needs.iter().any(meets)
        };
        for one in METHODS.iter() {
            for other in METHODS.iter().filter(|other| other.id != one.id && other.wins == one.wins) {
                assert!(!one.needs.iter().all(|need| is_in(need, other)), "{} lies within {}", one.id, other.id);
            }
        }
    }

    #[test]
    fn a_holder_that_is_known_reaches_itself_and_no_other() {
        let need = |on| Need { action: "iam:PutRolePolicy".to_owned().into(), on, to: None };
        let texts = |on, holder| need(on).resources(holder).iter().map(|r| r.text().to_owned()).collect::<Vec<_>>();
        assert_eq!(texts(On::OwnRole, "role/deploy"), ["arn:*:iam::*:role/deploy", "arn:*:iam::*:role/*/deploy"]);
        assert_eq!(texts(On::OwnRole, "iam/deploy.json"), ["arn:*:iam::*:role/*"]);
        assert!(texts(On::OwnRole, "user/ann").is_empty());
        assert_eq!(texts(On::OwnGroup, "user/ann"), ["arn:*:iam::*:group/*"]);
        assert!(need(On::OwnRole).reaches_itself("role/deploy") && !need(On::OwnRole).reaches_itself("iam/deploy.json"));
    }
}
