//! Whatever stands in a policy file, reading and checking it ends; what cannot be read is an error, and there is no policy.

#![no_main]

use countersign::document::{Bounds, Syntax, parse};
use countersign::formats::FORMATS;
use countersign::policy::{Draft, Known, REASONS};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(file) = parse("countersign.yml", data, Syntax::Yaml, &Bounds::default()) else { return };
    match Draft::read(&file) {
        Ok(draft) => {
            let formats: Vec<&str> = FORMATS.iter().map(|format| format.id).collect();
            let checked = draft.check(None, &Known { formats: &formats, reasons: REASONS });
            let is_wrong = checked.diagnostics.iter().any(countersign::diagnostic::Diagnostic::is_error);
            assert_eq!(checked.policy.is_none(), is_wrong);
        }
        Err(diagnostics) => assert!(diagnostics.iter().any(countersign::diagnostic::Diagnostic::is_error)),
    }
});
