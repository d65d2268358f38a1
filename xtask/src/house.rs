//! Where things are: the repository, the build directory, the cache of tools.

use std::env;
use std::path::{Path, PathBuf};

/// The places that the chores work in.
pub struct House {
    /// The root of the repository.
    pub root: PathBuf,
    /// The build directory, wherever it was put.
    pub target: PathBuf,
    /// What is kept between clones: tools that take minutes to build.
    pub tools: PathBuf,
}

impl House {
    /// Finds the places from what cargo and the environment say.
    pub fn find() -> Result<Self, String> {
        let root = root()?;
        let target = target(&root);
        let tools = cache().unwrap_or_else(|| target.clone()).join("countersign-xtask");
        Ok(Self { root, target, tools })
    }

    /// What belongs to the peers of the tests.
    pub fn peers(&self) -> PathBuf {
        self.target.join("peers")
    }
}

/// The running process is asked before the binary: a build directory shared by two clones holds one binary for both.
fn root() -> Result<PathBuf, String> {
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = manifest.parent().ok_or("the chores have to be run as `cargo xtask`, from inside the repository")?;
    Ok(root.to_owned())
}

/// This program was built into `<directory>/<profile>/`, which holds for `CARGO_TARGET_DIR`, for `build.target-dir` in any
/// configuration file and for a build for another target alike.
fn target(root: &Path) -> PathBuf {
    let program = env::current_exe().unwrap_or_default();
    program.ancestors().nth(2).map_or_else(|| root.join("target"), Path::to_owned)
}

fn cache() -> Option<PathBuf> {
    let set = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache"))).or_else(|| set("LOCALAPPDATA"))
}

/// Whether nobody is watching, so that what is missing has to be a failure.
pub fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| !value.is_empty() && value != "false")
}
