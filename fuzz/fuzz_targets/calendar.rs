//! Whatever stands in a calendar, reading it ends; what is not understood is an error, and what is understood can be asked about.

#![no_main]

use countersign::document::{Bounds, Syntax, parse};
use countersign::policy::window::{Calendar, CalendarFile, Definition, OpenOrClosed, Window};
use libfuzzer_sys::fuzz_target;
use std::collections::BTreeMap;

fuzz_target!(|data: &[u8]| {
    let Ok(file) = parse("a.ics", data, Syntax::Lines, &Bounds::default()) else { return };
    let Ok(calendar) = Calendar::read(&file) else { return };
    let calendars = BTreeMap::from([("a.ics".to_owned(), Some(calendar))]);
    for (means, otherwise) in [(OpenOrClosed::Closed, OpenOrClosed::Open), (OpenOrClosed::Open, OpenOrClosed::Closed)] {
        let calendar = CalendarFile { file: "a.ics".to_owned(), means };
        let zone = "Europe/London".to_owned();
        let definition = Definition {
            zone,
            open: Vec::new(),
            closed: Vec::new(),
            freezes: Vec::new(),
            calendars: vec![calendar],
            otherwise,
            forge_freezes: false,
        };
        let window = Window::checked(&definition, &calendars).unwrap();
        let now = "2026-10-25T01:30:00Z".parse().unwrap();
        assert_eq!(window.next_opening(now) == Some(now), window.is_open(now));
    }
});
