//! Files that are kept between runs for nobody but the user: what others may write is not read.
//!
//! None of them is evidence. What is not there, or not ours alone, is made again.

use super::files;
use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::path::Path;

/// A larger file is neither read nor written, in bytes.
const LARGEST: usize = 1 << 30;

/// The bytes of a file in a directory of the cache, if nobody else could have written them.
pub fn read(directory: &Path, name: &str) -> Option<Vec<u8>> {
    let path = directory.join(name);
    if !is_ours_alone(directory) || !is_ours_alone(&path) || !fs::symlink_metadata(&path).ok()?.is_file() {
        return None;
    }
    files::read(&path, LARGEST).ok().filter(|bytes| bytes.len() <= LARGEST)
}

/// Writes a file whole or not at all into a directory that is made for the user alone.
pub fn write(directory: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    if bytes.len() > LARGEST {
        return remove(directory, name);
    }
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(directory)?;
    files::put(&directory.join(name), |mut file| {
        #[cfg(unix)]
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        file.write_all(bytes)
    })
}

/// Takes a file away, if it is there.
pub fn remove(directory: &Path, name: &str) -> io::Result<()> {
    match fs::remove_file(directory.join(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether it belongs to the user, and neither their group nor anybody else may write to it.
#[cfg(unix)]
fn is_ours_alone(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let is_closed = fs::symlink_metadata(path).is_ok_and(|state| state.mode() & 0o022 == 0);
    is_closed && gix::sec::identity::is_path_owned_by_current_user(path).unwrap_or_default()
}

/// Other systems have other rights, and nothing is read that cannot be told to be ours.
#[cfg(not(unix))]
fn is_ours_alone(_: &Path) -> bool {
    false
}
