//! Whatever the bytes are, the parsers of JSON, YAML and lines end with a document or with an error that has a place in the file.

#![no_main]

use countersign::document::{Bounds, Syntax, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    for syntax in [Syntax::Json, Syntax::Yaml, Syntax::Lines] {
        if let Err((_, place)) = parse("file", data, syntax, &Bounds::default()) {
            assert_eq!(&*place.path, "file");
        }
    }
});
