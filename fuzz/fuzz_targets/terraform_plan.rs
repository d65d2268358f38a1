//! Two sides of the format `terraform-plan`: reading and comparing end, and a side differs from itself in nothing.

#![no_main]

use countersign::document::Syntax;
use countersign_fuzz::two_sides;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| two_sides("terraform-plan", Syntax::Json, data));
