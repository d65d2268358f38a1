//! How long it takes to open an index of join keys: `join_keys DIRECTORY [ENTRIES]`. The first run fills it.

#![expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]

use countersign::world::index::Index;
use countersign::world::repository::ContentId;
use std::path::Path;
use std::time::Instant;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().unwrap_or_else(|| "target/join-keys".to_owned());
    let entries: u64 = arguments.next().and_then(|entries| entries.parse().ok()).unwrap_or(100_000);
    let start = Instant::now();
    let mut index = Index::open(Some(Path::new(&directory)), "example");
    println!("opened in {:?}", start.elapsed());
    let ids: Vec<_> = (0..entries).map(|number| ContentId::of(&number.to_le_bytes())).collect();
    let start = Instant::now();
    let keys: usize = ids.iter().map(|id| index.keys(id, || vec![1, 2, 3]).len()).sum();
    println!("looked up {entries} entries with {keys} keys in {:?}", start.elapsed());
    let start = Instant::now();
    index.save()?;
    println!("saved in {:?}", start.elapsed());
    Ok(())
}
