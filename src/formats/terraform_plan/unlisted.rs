//! Resources whose type is not in the table: whether one looks like access, and what stands for it then.

use super::kind::{Kind, Means};
use super::source::is_type_of_access;
use super::statement;
use super::view::View;
use super::words;
use crate::document::{Bounds, Node, Span, parse_embedded};
use crate::systems::content_digest;
use memchr::{memchr_iter, memchr2_iter};
use std::collections::{BTreeMap, BTreeSet};

static SUSPECTED: Kind = Kind { name: "", means: Means::Undecided("its type is not known here, and it looks as if it were about access") };

/// Makes a resource of whatever type another attribute names.
const CLOUD_CONTROL: &str = "aws_cloudcontrolapi_resource";

/// Where something is, which its provider says if it does not.
const WHERE: &[&str] = &["account_id", "org_id", "project", "subscription_id", "tenant_id"];

/// How a value begins that says nothing.
const NOTHING: &[&str] = &["null", "[]", "{}", "\"\"", "false", "\"private\""];

/// The kind of a resource that is not in the table, if it looks like access and may have changed. The texts are the resource as it was,
/// as it will be, and what of it is known only after the apply.
pub(super) fn suspected(mode: &str, name: &str, texts: [&str; 3], bounds: &Bounds) -> Option<&'static Kind> {
    let [before, after, _] = texts;
    let looks_like_access = || is_about_access(name, texts) || opens_more(name, texts, bounds);
    (mode != "data" && before != after && looks_like_access()).then_some(&SUSPECTED)
}

/// The kind of a resource that is not in the table, if it looks like access and is compared with another plan, so that it counts whether
/// this one changes it or not.
pub(super) fn held(mode: &str, name: &str, texts: [&str; 3]) -> Option<&'static Kind> {
    let looks_like_access = || is_about_access(name, texts) || texts.into_iter().any(|text| may_open(name, text));
    (mode != "data" && looks_like_access()).then_some(&SUSPECTED)
}

/// Whether all of a resource counts, and not only what opens something.
pub(super) fn counts_whole(name: &str, texts: [&str; 3], kind: &Kind) -> bool {
    !std::ptr::eq(kind, &raw const SUSPECTED) || is_about_access(name, texts)
}

fn is_about_access(name: &str, texts: [&str; 3]) -> bool {
    words::is_type(name) || texts.into_iter().any(speaks_of_access) || (name == CLOUD_CONTROL && texts.into_iter().any(is_of_access))
}

/// Whether a resource of which a text says the type is about access, as `AWS::Lambda::Permission`.
fn is_of_access(text: &str) -> bool {
    any_entry(text, |key, value| {
        let kind = value.strip_prefix('"').and_then(|value| value.split('"').next()).unwrap_or_default();
        key == "type_name" && is_type_of_access(&with_underscores(kind))
    })
}

/// `AWS::IAM::UserToGroupAddition` → `aws_iam_user_to_group_addition`.
fn with_underscores(kind: &str) -> String {
    let mut name = String::new();
    let mut was_lower = false;
    for letter in kind.replace("::", "_").chars() {
        if letter.is_ascii_uppercase() && was_lower {
            name.push('_');
        }
        was_lower = letter.is_ascii_lowercase();
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// Whether one of the attributes is there and says something, or a policy may stand in some text.
fn speaks_of_access(text: &str) -> bool {
    let bytes = text.as_bytes();
    // An escape may hide any name. Before the closing quote it is the quote that is escaped, and this a text inside of a text.
    let holds = |key: &str, value: &str| !key.ends_with('\\') && (key.contains('\\') || (!says_nothing(value) && words::holds_access(key)));
    let is_statement = |m: usize| {
        let word = m.checked_sub(4).and_then(|from| bytes.get(from..m + 4));
        word.is_some_and(|word| word.eq_ignore_ascii_case(b"tatement"))
    };
    memchr2_iter(b'm', b'M', bytes).any(is_statement) || words::is_in_words_of_a_system(text) || any_entry(text, holds)
}

fn says_nothing(value: &str) -> bool {
    NOTHING.iter().any(|nothing| value.starts_with(nothing))
}

/// Whether it is true of a key, and of the text that begins with its value.
fn any_entry(text: &str, is_it: impl Fn(&str, &str) -> bool) -> bool {
    memchr_iter(b':', text.as_bytes()).any(|colon| {
        let (before, after) = (text.get(..colon).unwrap_or_default(), text.get(colon + 1..).unwrap_or_default());
        let key = before.trim_end().strip_suffix('"').and_then(|key| key.get(key.rfind('"')? + 1..));
        key.is_some_and(|key| is_it(key, after.trim_start()))
    })
}

/// Whether an attribute that opens something to somebody says something else than before, or nobody knows yet what it says.
fn opens_more(name: &str, texts: [&str; 3], bounds: &Bounds) -> bool {
    let own = words::opens_in(name);
    if !texts.into_iter().any(|text| may_open(name, text)) {
        return false;
    }
    let node = |text: &str| (!matches!(text, "" | "null")).then(|| parse_embedded(text, Span::default(), bounds)).transpose().ok();
    let [Some(before), Some(after), Some(unknown)] = texts.map(node) else { return true };
    let opens = |node: &Option<Node>| {
        let mut found = BTreeSet::new();
        if let Some(node) = node {
            opening(node, &mut found);
        }
        found
    };
    opens(&before) != opens(&after)
        || !opens(&unknown).is_empty()
        || before.zip(after).is_some_and(|(before, after)| holds_less(own, &before, &after))
}

/// Whether something that stays holds back less than it did, or stands in another place from which access comes.
fn holds_less(own: &[&str], before: &Node, after: &Node) -> bool {
    let held = |node: &Node| {
        let mut found = BTreeSet::new();
        holding_back(node, &mut found);
        found
    };
    let text = |node: &Node, key: &str| node.get(key).map(Node::canonical);
    !held(before).is_subset(&held(after)) || own.iter().any(|key| text(before, key) != text(after, key))
}

/// The attributes that hold access back.
fn holding_back(node: &Node, found: &mut BTreeSet<String>) {
    for item in node.items().unwrap_or_default() {
        holding_back(item, found);
    }
    for (key, value) in node.entries().unwrap_or_default() {
        let name = key.scalar().map_or("", |key| &*key.text);
        if value.scalar().is_some_and(|value| words::holds_back(name) == Some(&*value.text)) {
            found.insert(name.to_owned());
        }
        holding_back(value, found);
    }
}

/// Whether an attribute stands there that may open something, or hold it back.
fn may_open(name: &str, text: &str) -> bool {
    let own = words::opens_in(name);
    let is_role = |key: &str| key == "role" || key.ends_with("_role");
    any_entry(text, |key, _| words::opens(key) || words::holds_back(key).is_some() || own.contains(&key) || is_role(key))
}

/// The attributes that open something, with what they say.
fn opening(node: &Node, found: &mut BTreeSet<String>) {
    for item in node.items().unwrap_or_default() {
        opening(item, found);
    }
    for (key, value) in node.entries().unwrap_or_default() {
        let name = key.scalar().map_or("", |key| &*key.text);
        let is_role = || value.text().is_some_and(|value| words::is_role(name, value));
        let text = value.canonical();
        let opens = if name == "private" { text == "false" } else { words::opens(name) && !says_nothing(&text) };
        if opens || is_role() {
            found.insert(format!("{name}\u{1f}{text}"));
        } else {
            opening(value, found);
        }
    }
}

/// What stands for a resource that is not read.
#[derive(Debug)]
pub(super) struct Folded {
    /// Of what it was, if it was there.
    pub(super) before: Option<String>,
    /// Of what it will be, if it will be there. Equal where nothing changes.
    pub(super) after: Option<String>,
    /// Some of it is secret, or known only after the apply, and no part of the digests.
    pub(super) has_gaps: bool,
    /// Of what is compared with another plan: each attribute of it that counts.
    attributes: BTreeMap<String, Attribute>,
    /// All of it counts, and not only what opens something.
    is_whole: bool,
}

/// An attribute of what is compared with another plan.
#[derive(Debug)]
struct Attribute {
    digest: String,
    has_gaps: bool,
}

impl Folded {
    /// No secret goes into a digest, since a short one could be guessed from that. That one changes is told apart.
    pub(super) fn of(before: Option<View<'_>>, after: Option<View<'_>>) -> Self {
        let known = |view: View<'_>| content_digest(&[&view.known()]);
        let bare = |view: Option<View<'_>>| view.and_then(View::bare).map(Node::canonical);
        let (old, mut new) = (before.map(known), after.map(known));
        if old.is_some() && old == new && bare(before) != bare(after) {
            new = new.map(|digest| content_digest(&[&digest, "changed"]));
        }
        let has_gaps = [before, after].into_iter().flatten().any(|view| view.has_sensitive() || view.has_unknown());
        Self { before: old, after: new, has_gaps, attributes: BTreeMap::new(), is_whole: true }
    }

    /// What is compared with another plan.
    pub(super) fn side(name: &str, view: Option<View<'_>>, is_whole: bool) -> Self {
        let (view, own) = (view.unwrap_or_default(), words::opens_in(name));
        let counting = view.keys().into_iter().filter(|key| is_whole || own.contains(key) || opens_something(key, view.get(key)));
        let attribute = |key: &str| {
            let value = view.get(key);
            Attribute { digest: content_digest(&[key, &value.known()]), has_gaps: value.has_unknown() || value.has_sensitive() }
        };
        let attributes = counting.map(|key| (key.to_owned(), attribute(key))).collect();
        Self { before: None, after: view.is_there().then(String::new), has_gaps: false, attributes, is_whole }
    }

    /// What stands for it beside another plan, with what stands for the plan where some of it cannot be compared. What the configuration
    /// does not set comes of itself, and is known in one plan and not in another; but not where it is.
    pub(super) fn beside(&self, sets: impl Fn(&str) -> bool, provider: &str, salt: &str) -> Option<String> {
        self.after.as_ref()?;
        let comes_of_itself = |key: &str| self.is_whole && !WHERE.contains(&key);
        let counts = |(key, one): &(&String, &Attribute)| sets(key) || (!one.has_gaps && !comes_of_itself(key));
        let counting: Vec<&Attribute> = self.attributes.iter().filter(counts).map(|(_, one)| one).collect();
        let gaps = if counting.iter().any(|one| one.has_gaps) { salt } else { "" };
        let digests: Vec<&str> = counting.iter().map(|one| &*one.digest).chain([provider, gaps]).collect();
        (self.is_whole || !counting.is_empty()).then(|| content_digest(&digests))
    }
}

/// Whether something below an attribute opens something or holds it back, or is known only after the apply and may open.
fn opens_something(key: &str, view: View<'_>) -> bool {
    let below = |node: Option<&Node>| {
        let mut found = BTreeSet::new();
        for node in node.iter().map(|node| statement::map([(key, (*node).clone())])) {
            opening(&node, &mut found);
            holding_back(&node, &mut found);
        }
        !found.is_empty()
    };
    below(view.bare()) || below(view.unknown())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_suspected(name: &str, after: &str) -> bool {
        suspected("managed", name, ["null", after, "{}"], &Bounds::default()).is_some()
    }

    #[test]
    fn a_type_is_suspected_by_its_name_by_an_attribute_or_by_a_policy_in_it() {
        assert!(is_suspected("google_project_iam_member", "{}"));
        assert!(is_suspected("azurerm_role_assignment", "{}"));
        assert!(is_suspected(CLOUD_CONTROL, r#"{"type_name": "AWS::IAM::UserToGroupAddition"}"#));
        assert!(!is_suspected(CLOUD_CONTROL, r#"{"type_name": "AWS::EC2::Instance"}"#));
        assert!(is_suspected("some_thing", r#"{"access_policy": "x"}"#));
        assert!(is_suspected("some_thing", r#"{"text":"{\"Statement\":[]}"}"#));
        assert!(is_suspected("some_thing", r#"{"\u0070olicy": 1}"#));
        assert!(is_suspected("some_thing", r#"{"text":"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\n"}"#));
    }

    #[test]
    fn an_attribute_that_opens_something_counts_where_it_changes() {
        let changes = |before, after, unknown| suspected("managed", "some_thing", [before, after, unknown], &Bounds::default()).is_some();
        assert!(changes(r#"{"visibility":"private"}"#, r#"{"visibility":"public"}"#, "{}"));
        assert!(changes(r#"{"a":[{"allowed_principals":[]}]}"#, r#"{"a":[{"allowed_principals":["*"]}]}"#, "{}"));
        assert!(changes("null", r#"{"role":"ACCOUNTADMIN"}"#, "{}"));
        assert!(changes(r#"{"private":true}"#, r#"{"private":false}"#, "{}"));
        assert!(changes(r#"{"x":1}"#, r#"{"x":2}"#, r#"{"members":true}"#));
        assert!(!changes("null", r#"{"private":true}"#, "{}"));
        assert!(!changes(r#"{"visibility":"public","x":1}"#, r#"{"x":2,"visibility":"public"}"#, r#"{"id":true}"#));
        assert!(!changes("null", r#"{"visibility":null,"roles":[],"role":"arn:aws:iam::111122223333:role/x"}"#, r#"{"role":true}"#));
    }

    #[test]
    fn what_says_nothing_of_access_or_did_not_change_is_not_suspected() {
        assert!(!is_suspected("aws_instance", r#"{"ami":"x","iam_instance_profile":"y","role_arn":"z"}"#));
        assert!(!is_suspected(
            "google_controller",
            r#"{"policy": null, "acl":[], "b":{"grant": ""}, "acls":"private", "c":"{\"policy\":1}"}"#
        ));
        assert!(suspected("managed", "google_project_iam_member", ["{}"; 3], &Bounds::default()).is_none());
        assert!(suspected("data", "google_iam_policy", ["null", "{}", "{}"], &Bounds::default()).is_none());
    }
}
