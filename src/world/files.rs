//! Files that are written for the user.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file whole or not at all: beside it first, then in its place. What is no regular file, such as a pipe, is written to.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return fs::OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "this is not the name of a file"))?;
    let beside = path.with_file_name(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let written = fs::File::create(&beside).and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()));
    written.and_then(|()| fs::rename(&beside, path)).inspect_err(|_| {
        // The first error is the one to tell; a leftover is only untidy.
        let _ = fs::remove_file(&beside);
    })
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
    use io::Read;
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
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
}
