//! A ledger in a directory: a file for each entry, named by its number, a thousand in each directory below.
//!
//! The file is written beside, to the disk, and then given its name, which the system does for one of several writers only.

use super::{Appended, Error};
use crate::world::{files, signals};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How many entries stand in one directory.
const SHELF: u64 = 1000;

/// Tells the files apart that threads of one process write at once.
static WRITTEN: AtomicU64 = AtomicU64::new(0);

fn shelf(directory: &Path, sequence: u64) -> PathBuf {
    directory.join(format!("{:09}", sequence / SHELF))
}

fn place(directory: &Path, sequence: u64) -> PathBuf {
    shelf(directory, sequence).join(format!("{sequence:012}"))
}

fn failed<'p>(what: &'static str, path: &'p Path) -> impl FnOnce(io::Error) -> Error + 'p {
    move |source| Error::File { what, path: path.to_owned(), source }
}

/// The names in a directory that are numbers of that many digits; what begins with a dot is a leftover of a writer that was stopped.
fn numbers(directory: &Path, digits: usize) -> Result<BTreeSet<String>, Error> {
    let names = match files::names(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        names => names.map_err(failed("list", directory))?,
    };
    let (known, strange): (BTreeSet<String>, BTreeSet<String>) = names
        .into_iter()
        .filter(|name| !name.starts_with('.'))
        .partition(|name| name.len() == digits && name.bytes().all(|byte| byte.is_ascii_digit()));
    match strange.first() {
        Some(name) => Err(Error::Stranger { path: directory.join(name) }),
        None => Ok(known),
    }
}

pub(super) fn last(directory: &Path) -> Result<Option<Vec<u8>>, Error> {
    // A shelf is made before its first entry.
    for shelf in numbers(directory, 9)?.iter().rev() {
        let shelf = directory.join(shelf);
        if let Some(name) = numbers(&shelf, 12)?.last() {
            let path = shelf.join(name);
            return fs::read(&path).map(Some).map_err(failed("read", &path));
        }
    }
    Ok(None)
}

pub(super) fn append(directory: &Path, sequence: u64, bytes: &[u8]) -> Result<Appended, Error> {
    let (shelf, place) = (shelf(directory, sequence), place(directory, sequence));
    fs::create_dir_all(&shelf).map_err(failed("create", &shelf))?;
    let beside = shelf.join(format!(".{}.{}.tmp", std::process::id(), WRITTEN.fetch_add(1, Ordering::Relaxed)));
    let appended = signals::held(|| {
        let written = write(&beside, bytes).and_then(|()| fs::hard_link(&beside, &place));
        // A leftover is only untidy.
        let _ = fs::remove_file(&beside);
        written
    });
    match appended {
        Ok(()) => {
            settle(&shelf)?;
            settle(directory)?;
            Ok(Appended::Done)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(Appended::Taken),
        Err(error) => Err(failed("write", &place)(error)),
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The name has to outlast a crash of the machine as well.
fn settle(directory: &Path) -> Result<(), Error> {
    if cfg!(unix) { File::open(directory).and_then(|file| file.sync_all()).map_err(failed("settle", directory)) } else { Ok(()) }
}

pub(super) fn each(directory: &Path, take: &mut dyn FnMut(Vec<u8>) -> bool) -> Result<(), Error> {
    for shelf in numbers(directory, 9)? {
        let shelf = directory.join(shelf);
        for name in numbers(&shelf, 12)? {
            let path = shelf.join(name);
            if !take(fs::read(&path).map_err(failed("read", &path))?) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Where entries that hold no more are kept.
const ASIDE: &str = ".quarantine";

/// The record first, then the entries from the last on: stopped in between, what is left is a chain with less behind it, and the next
/// run goes on.
pub(super) fn set_aside(directory: &Path, kept: u64, stamp: &str, record: &[u8]) -> Result<String, Error> {
    let aside = directory.join(ASIDE).join(stamp);
    fs::create_dir_all(&aside).map_err(failed("create", &aside))?;
    let told = aside.join("record.json");
    write(&told, record).map_err(failed("write", &told))?;
    let mut places = Vec::new();
    for shelf in numbers(directory, 9)? {
        let shelf = directory.join(shelf);
        places.extend(numbers(&shelf, 12)?.into_iter().map(|name| (shelf.clone(), name)));
    }
    let kept = usize::try_from(kept).unwrap_or(usize::MAX);
    for (shelf, name) in places.into_iter().skip(kept).rev() {
        let (from, to) = (shelf.join(&name), aside.join(&name));
        fs::rename(&from, &to).map_err(failed("set aside", &from))?;
        settle(&shelf)?;
    }
    settle(&aside)?;
    Ok(aside.display().to_string())
}
