//! Files that the user names: read up to a bound, written whole or not at all.

use super::signals;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

/// Writes a file whole or not at all: beside it first, then in its place. What is no regular file, such as a pipe, is written to.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let before = fs::metadata(path).ok();
    match &before {
        Some(metadata) if !metadata.is_file() => return OpenOptions::new().write(true).open(path)?.write_all(bytes),
        Some(metadata) if metadata.permissions().readonly() => {
            return Err(io::Error::new(ErrorKind::PermissionDenied, "it is read-only"));
        }
        _ => {}
    }
    put(path, |mut file| {
        // Who might read the old one may read the new one, and nobody else.
        before.map_or(Ok(()), |metadata| file.set_permissions(metadata.permissions()))?;
        file.write_all(bytes)?;
        file.sync_all()
    })
}

/// Writes a file whole or not at all, as `write` does it. After a crash of the machine it may be an older one.
pub(super) fn put(path: &Path, write: impl FnOnce(File) -> io::Result<()>) -> io::Result<()> {
    if path.file_name().is_none() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "this is not the name of a file"));
    }
    let beside = path.with_file_name(format!(".countersign.{}.tmp", std::process::id()));
    signals::held(|| {
        let written = fresh(&beside).and_then(write);
        written.and_then(|()| fs::rename(&beside, path)).inspect_err(|_| {
            // The first error is the one to tell; a leftover is only untidy.
            let _ = fs::remove_file(&beside);
        })
    })
}

/// A file that was not there before: whoever owns the directory may have put a link there, which would lead elsewhere.
fn fresh(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => OpenOptions::new().write(true).create_new(true).open(path),
    }
}

/// Writes a file and the directories above it.
pub fn write_below(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    replace(path, bytes)
}

/// Reads a file that the user named, up to a bound.
pub fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The names of what stands in a directory, as far as they are UTF-8.
pub fn names(directory: &Path) -> io::Result<BTreeSet<String>> {
    let names = fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.file_name().into_string().ok()));
    names.filter_map(Result::transpose).collect()
}

/// Whether there is anything at a path, be it a link that leads nowhere.
pub fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// Whether a path leads to a directory.
pub fn is_directory(path: &Path) -> bool {
    path.is_dir()
}

/// What went wrong with [`create`].
#[derive(Debug)]
pub struct NotCreated {
    /// The file that could not be written.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
    /// Files that were written before and could not be taken away again.
    pub left: Vec<PathBuf>,
}

/// Creates files below a directory, all of them or none. What is there already is never written to, and no link is followed.
pub fn create(root: &Path, files: &[(&str, &str)]) -> Result<(), NotCreated> {
    let mut created = Vec::new();
    for (path, text) in files {
        if let Err(source) = create_one(root, path, text.as_bytes(), &mut created) {
            // The newest first, so that directories are empty when their turn comes; one that is not ours to remove stays.
            let is_left = |path: &PathBuf| fs::remove_file(path).is_err() && fs::remove_dir(path).is_err() && path.is_file();
            let left = created.into_iter().rev().filter(is_left).collect();
            return Err(NotCreated { path: root.join(path), source, left });
        }
    }
    Ok(())
}

fn create_one(root: &Path, path: &str, bytes: &[u8], created: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut at = root.to_owned();
    let mut names = path.split('/').peekable();
    while let Some(name) = names.next() {
        at.push(name);
        if names.peek().is_some() {
            directory(&at, created)?;
        }
    }
    let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&at)?;
    created.push(at);
    file.write_all(bytes)?;
    file.sync_all()
}

fn directory(at: &Path, created: &mut Vec<PathBuf>) -> io::Result<()> {
    match fs::symlink_metadata(at) {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(io::Error::new(io::ErrorKind::NotADirectory, format!("`{}` is no directory; links are not followed", at.display()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir(at)?;
            created.push(at.to_owned());
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// What the system or a library said, without what only programmers read: the number of the error, and values as in `, path="…"`.
pub fn words(text: &str) -> String {
    let is_value = |rest: &str| {
        let name: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
        !name.is_empty() && rest.get(name.len()..).is_some_and(|rest| rest.starts_with('='))
    };
    let end = text.match_indices(", ").find(|(at, comma)| text.get(at + comma.len()..).is_some_and(is_value)).map(|(at, _)| at);
    let text = text.get(..end.unwrap_or(text.len())).unwrap_or(text);
    let text = text.split(" (os error ").next().unwrap_or(text);
    let mut characters = text.chars();
    characters.next().map(|first| first.to_lowercase().chain(characters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_created_all_or_none() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("there"), "old").unwrap();
        let error = create(root.path(), &[("a/b/new", "1"), ("c", "2"), ("there", "3")]).unwrap_err();
        assert_eq!((error.path, error.left), (root.path().join("there"), Vec::new()));
        assert_eq!(error.source.kind(), io::ErrorKind::AlreadyExists);
        let names: Vec<_> = fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["there"]);
        assert_eq!(fs::read_to_string(root.path().join("there")).unwrap(), "old");
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_created_through_a_link() {
        let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::os::unix::fs::symlink(outside.path(), root.path().join("link")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("new"), root.path().join("file")).unwrap();
        assert!(create(root.path(), &[("link/new", "1")]).is_err());
        assert!(create(root.path(), &[("file", "1")]).is_err());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    }

    #[test]
    fn of_what_the_system_says_the_words_remain() {
        assert_eq!(words("Is a directory (os error 21)"), "is a directory");
        assert_eq!(words("Could not read it, path=\"/a, b\""), "could not read it");
        assert_eq!(words("Only versions 0, 1 are supported, input=\"9\", key=\"a.b\""), "only versions 0, 1 are supported");
        assert_eq!(words(""), "");
    }
}
