//! Two conditions made of lines `operator<TAB>key<TAB>value`, an empty line between them: what they have to do with each other is
//! found, and is the inverse the other way round.

#![no_main]

use countersign::document::Syntax;
use countersign_fuzz::two_sides;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let (base, head) = text.split_once("\n\n").unwrap_or((text, ""));
    let sides = [base, head].map(|lines| policy(lines).to_string());
    two_sides("aws-iam", Syntax::Json, sides.join("\0").as_bytes());
});

fn policy(lines: &str) -> Value {
    let mut condition = Map::new();
    for line in lines.lines().take(12) {
        let mut columns = line.splitn(3, '\t');
        let [Some(operator), Some(key), Some(value)] = [columns.next(), columns.next(), columns.next()] else { continue };
        let keys = condition.entry(operator).or_insert_with(|| json!({}));
        let values = keys.as_object_mut().expect("made above").entry(key).or_insert_with(|| json!([]));
        values.as_array_mut().expect("made above").push(json!(value));
    }
    json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": condition}})
}
