//! The little of GraphQL that forges are asked: fields are looked up in the types that a reference has, and what is none of them is refused.

/// A field: its name, its type if it has fields itself, and its arguments.
pub type Field = (&'static str, &'static str, &'static [&'static str]);

/// The fields of each type.
pub type Types = [(&'static str, &'static [Field])];

/// Why a query is none, by the fields that it asks for.
pub fn refusal(types: &Types, query: &str) -> Option<String> {
    let body = query.split_once(") {").filter(|_| query.starts_with("query(")).or_else(|| query.split_once('{'))?.1;
    let spaced = body.replace('{', " { ").replace('}', " } ").replace('(', " ( ").replace(')', " ) ").replace([':', ','], " ");
    let mut words = spaced.split_whitespace().peekable();
    let mut within = vec!["Query"];
    while let Some(word) = words.next() {
        if word == "}" {
            within.pop();
            continue;
        }
        if word == "..." {
            // `... on Commit {`: one of several types.
            let kind = words.nth(1).and_then(|kind| types.iter().find(|(name, _)| *name == kind));
            let Some((kind, _)) = kind else { return Some("a fragment of no type that is known".to_owned()) };
            words.next();
            within.push(kind);
            continue;
        }
        let known = within.last().and_then(|within| types.iter().find(|(name, _)| name == within))?.1;
        let Some((_, kind, arguments)) = known.iter().find(|(name, ..)| *name == word) else {
            return Some(format!("{:?} has no field `{word}`", within.last()));
        };
        if words.next_if_eq(&"(").is_some() {
            let given: Vec<&str> = words.by_ref().take_while(|word| *word != ")").step_by(2).collect();
            if let Some(unknown) = given.iter().find(|name| !arguments.contains(name)) {
                return Some(format!("`{word}` takes no `{unknown}`"));
            }
        }
        if words.next_if_eq(&"{").is_some() {
            within.push(kind);
        } else if !kind.is_empty() {
            return Some(format!("`{word}` needs fields"));
        }
    }
    (!within.is_empty()).then(|| "it does not end".to_owned())
}
