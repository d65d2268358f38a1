//! A ledger in a directory: a file for each entry, named by its number, a thousand in each directory below.
//!
//! The file is written beside, to the disk, and then given its name, which the system does for one of several writers only.

use super::{Appended, Error, Listed, Mark};
use crate::world::{clock, files, signals};
use chrono::{DateTime, TimeDelta, Utc};
use std::fs::{self, DirEntry, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::num::NonZero;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// How many entries stand in one directory.
const SHELF: u64 = 1000;

/// No entry is larger, in bytes.
const LARGEST: usize = 64 << 20;

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

/// What stands in a directory under names that are numbers of that many digits, in no order; what begins with a dot is a leftover of a
/// writer that was stopped.
fn numbers(directory: &Path, digits: usize) -> Result<Vec<(u64, DirEntry)>, Error> {
    let list = || failed("list", directory);
    let found = match fs::read_dir(directory) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        found => found.map_err(list())?,
    };
    let mut known = Vec::new();
    for entry in found {
        let entry = entry.map_err(list())?;
        let name = entry.file_name();
        let name = name.to_str().unwrap_or_default();
        match name.parse() {
            Ok(number) if name.len() == digits && !name.starts_with('+') => known.push((number, entry)),
            _ if name.starts_with('.') => {}
            _ => return Err(Error::Stranger { path: entry.path() }),
        }
    }
    Ok(known)
}

fn sorted(mut numbers: Vec<(u64, DirEntry)>) -> Vec<(u64, DirEntry)> {
    numbers.sort_unstable_by_key(|(number, _)| *number);
    numbers
}

pub(super) fn last(directory: &Path) -> Result<Option<Vec<u8>>, Error> {
    // A shelf is made before its first entry.
    for (_, shelf) in sorted(numbers(directory, 9)?).into_iter().rev() {
        if let Some((_, entry)) = numbers(&shelf.path(), 12)?.into_iter().max_by_key(|(number, _)| *number) {
            return read_file(&entry.path()).map(Some);
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

/// What stands there, in order.
fn entries(directory: &Path) -> Result<Vec<(u64, DirEntry)>, Error> {
    let mut entries = Vec::new();
    for shelf in sorted(numbers(directory, 9)?) {
        entries.extend(on_shelf(&shelf)?);
    }
    Ok(entries)
}

/// What stands on a shelf, in order. An entry that stands on another shelf than its number says is none.
fn on_shelf((shelf, there): &(u64, DirEntry)) -> Result<Vec<(u64, DirEntry)>, Error> {
    let entries = sorted(numbers(&there.path(), 12)?);
    match entries.iter().find(|(number, _)| number / SHELF != *shelf) {
        Some((_, stranger)) => Err(Error::Stranger { path: stranger.path() }),
        None => Ok(entries),
    }
}

/// The marks of all entries, in order, and whatever somebody does meanwhile. To ask the system about each is most of what a lookup takes,
/// so all processors do.
fn marks<M>(directory: &Path, meanwhile: impl FnOnce() -> M) -> Result<(Vec<Mark>, M), Error> {
    let now = clock::now();
    let shelves = sorted(numbers(directory, 9)?);
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let parts = shelves.chunks(shelves.len().div_ceil(processors).max(1));
        let running: Vec<_> = parts.map(|part| scope.spawn(move || marks_on(part, now))).collect();
        let done = meanwhile();
        let mut marks = Vec::new();
        for part in running {
            marks.extend(part.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok((marks, done))
    })
}

fn marks_on(shelves: &[(u64, DirEntry)], now: DateTime<Utc>) -> Result<Vec<Mark>, Error> {
    let mut marks = Vec::new();
    for shelf in shelves {
        marks.extend(on_shelf(shelf)?.iter().map(|(number, entry)| mark(*number, entry, now)));
    }
    Ok(marks)
}

/// The entries behind those that are there still as they were, which begin with these marks.
pub(super) fn list<'k>(directory: &Path, known: impl FnOnce() -> Vec<&'k [u8]>) -> Result<Listed, Error> {
    let (marks, known) = marks(directory, known)?;
    let (mut marks, mut known) = (marks.into_iter().peekable(), known.iter());
    let mut count = 0;
    while let Some(mark) = marks.peek()
        && known.next().is_some_and(|known| mark.is_settled && mark.bytes == *known)
    {
        marks.next();
        count += 1;
    }
    Ok(Listed { known: count, behind: marks.collect() })
}

/// How long a file has to have been left alone before its times tell it from one that was written since. No file system counts in
/// larger steps.
const QUIET: TimeDelta = TimeDelta::seconds(2);

/// The number of the entry, and what the system notes of its file: which one it is, how long, and when it was altered, which nobody can
/// choose. A link may lead to another file tomorrow, and is not known again.
#[cfg(unix)]
fn mark(number: u64, entry: &DirEntry, now: DateTime<Utc>) -> Mark {
    use std::os::unix::fs::MetadataExt;
    let noted = entry.metadata().ok().filter(fs::Metadata::is_file);
    let altered = |state: &fs::Metadata| DateTime::from_timestamp(state.ctime(), u32::try_from(state.ctime_nsec()).ok()?);
    let is_settled = noted.as_ref().and_then(altered).is_some_and(|altered| altered + QUIET < now);
    let mut bytes = Vec::with_capacity(64);
    bytes.extend_from_slice(&number.to_le_bytes());
    if let Some(state) = noted {
        for one in [state.dev(), state.ino(), state.size()] {
            bytes.extend_from_slice(&one.to_le_bytes());
        }
        for time in [state.mtime(), state.mtime_nsec(), state.ctime(), state.ctime_nsec()] {
            bytes.extend_from_slice(&time.to_le_bytes());
        }
    }
    Mark { bytes, is_settled }
}

/// Other systems note nothing that would tell.
#[cfg(not(unix))]
fn mark(number: u64, _: &DirEntry, _: DateTime<Utc>) -> Mark {
    Mark { bytes: number.to_le_bytes().to_vec(), is_settled: false }
}

pub(super) fn read(directory: &Path, mark: &[u8]) -> Result<Vec<u8>, Error> {
    let number = mark.first_chunk().map(|number| u64::from_le_bytes(*number)).unwrap_or_default();
    read_file(&place(directory, number))
}

/// A pipe would be waited for, and a device has no end.
fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    let is_file = fs::metadata(path).map_err(failed("read", path))?.is_file();
    let bytes = if is_file { files::read(path, LARGEST).map_err(failed("read", path))? } else { Vec::new() };
    if is_file && bytes.len() <= LARGEST { Ok(bytes) } else { Err(Error::Stranger { path: path.to_owned() }) }
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
    let kept = usize::try_from(kept).unwrap_or(usize::MAX);
    for (number, entry) in entries(directory)?.into_iter().skip(kept).rev() {
        let from = entry.path();
        fs::rename(&from, aside.join(entry.file_name())).map_err(failed("set aside", &from))?;
        settle(&shelf(directory, number))?;
    }
    settle(&aside)?;
    Ok(aside.display().to_string())
}
