//! The outside world: the only room that reads repositories, files and the environment.
//!
//! What it hands inward are plain values. What it reads is data: nothing in a repository or a directory is ever executed.

pub mod cache;
pub mod ci;
pub mod clock;
pub mod files;
pub mod forge;
pub mod index;
pub mod repository;
pub mod signals;
pub mod signer;
pub mod store;

use std::path::PathBuf;

/// Where the files of the demonstration go when nobody says where.
pub fn demo_directory() -> PathBuf {
    std::env::temp_dir().join("countersign-demo")
}

/// What the program was called with.
pub fn arguments() -> impl Iterator<Item = std::ffi::OsString> {
    std::env::args_os()
}

/// Where things may be kept between runs: `$XDG_CACHE_HOME/countersign`, else `~/.cache/countersign`.
///
/// `None` when neither variable holds an absolute path; then nothing is kept.
pub fn cache_directory() -> Option<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
    Some(cache.join("countersign"))
}
