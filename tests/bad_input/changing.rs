//! Files that change or vanish while they are read. Whatever was seen of them, nothing is authorized by accident.

use super::place::{EVERYTHING, Place, READ};
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

#[test]
fn a_file_that_changes_and_vanishes_while_it_is_read_is_never_taken_for_unchanged() {
    let place = Place::new();
    for number in 0..40 {
        place.write(&format!("base/{number}.json"), READ);
        place.write(&format!("head/{number}.json"), EVERYTHING);
    }
    let (path, stop) = (place.path("head/20.json"), AtomicBool::new(false));
    let larger = EVERYTHING.replace(":[{", &format!(":{}[{{", " ".repeat(1 << 20)));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                let _ = fs::write(&path, &larger);
                let _ = fs::remove_file(&path);
                let _ = fs::create_dir(&path);
                let _ = fs::remove_dir(&path);
                let _ = fs::write(&path, &EVERYTHING[..60]);
            }
        });
        let codes: Vec<i32> = (0..12).map(|_| place.check(&["--facts", "facts.yml"]).code).collect();
        stop.store(true, Ordering::Relaxed);
        assert!(codes.iter().all(|code| matches!(code, 1 | 10 | 11 | 13)), "{codes:?}");
    });
}
