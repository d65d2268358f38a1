//! The copy of the crate that mutants are woven into, and what of them compiles.

use crate::list::{Genre, Mutant, without_place};
use crate::weave::{blamed, weave};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The copy.
pub struct Copy {
    /// Where it is.
    pub root: PathBuf,
    /// Where it is built.
    pub target: PathBuf,
}

/// What became of weaving.
#[derive(Debug, Default)]
pub struct Unwoven {
    /// Mutants that do not compile.
    pub unviable: BTreeSet<usize>,
    /// Mutants for which there is no place for a switch.
    pub left_out: BTreeSet<usize>,
}

impl Copy {
    /// Copies the files of a repository. What has not changed is not touched, so that it is not built again.
    pub fn make(from: &Path, place: &Path) -> Result<Self, String> {
        let copy = Self { root: place.join("tree"), target: place.join("build") };
        let listed = Command::new("git").current_dir(from).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output();
        let listed = listed.map_err(|error| format!("git could not be asked: {error}"))?.stdout;
        for path in String::from_utf8_lossy(&listed).split('\0').filter(|path| !path.is_empty() && from.join(path).is_file()) {
            let content = fs::read(from.join(path)).map_err(|error| format!("{path}: {error}"))?;
            copy.write(path, &content)?;
        }
        copy.write("src/mutant_switch.rs", include_str!("switch.rs.txt").as_bytes())?;
        let library = fs::read_to_string(from.join("src/lib.rs")).map_err(|error| format!("src/lib.rs: {error}"))?;
        copy.write("src/lib.rs", format!("{library}\npub mod mutant_switch;\n").as_bytes())?;
        Ok(copy)
    }

    fn write(&self, path: &str, content: &[u8]) -> Result<(), String> {
        let to = self.root.join(path);
        if fs::read(&to).is_ok_and(|there| there == content) {
            return Ok(());
        }
        let directory = to.parent().unwrap_or(&self.root);
        fs::create_dir_all(directory).and_then(|()| fs::write(&to, content)).map_err(|error| format!("{}: {error}", to.display()))
    }

    /// Cargo in the copy.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = Command::new("cargo");
        cargo.args(arguments).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "0");
        cargo
    }

    /// Weaves all mutants in, and takes out again what the compiler refuses.
    pub fn weave(&self, mutants: &[Mutant]) -> Result<Unwoven, String> {
        let mut unwoven = Unwoven::default();
        let files: BTreeSet<&str> = mutants.iter().map(|mutant| mutant.file.as_str()).collect();
        let text = |file: &str| fs::read_to_string(self.root.join(file)).map_err(|error| format!("{file}: {error}"));
        let originals = files.into_iter().map(|file| Ok((file, text(file)?))).collect::<Result<BTreeMap<_, _>, String>>()?;
        let known = Refused { path: self.target.with_extension("refused"), originals: &originals };
        unwoven.unviable = known.read(mutants);
        loop {
            let texts = self.woven(&originals, mutants, &mut unwoven)?;
            let errors = self.errors()?;
            if errors.is_empty() {
                return Ok(unwoven);
            }
            let before = unwoven.unviable.len();
            for (file, at, _) in &errors {
                unwoven.unviable.extend(texts.get(file).map(|text| blamed(text, *at)).unwrap_or_default());
            }
            eprintln!("{} mutants do not compile", unwoven.unviable.len());
            known.write(mutants, &unwoven.unviable)?;
            if unwoven.unviable.len() == before {
                let (file, at, message) = errors.first().ok_or("the copy does not compile")?;
                return Err(format!("{file}, byte {at}: {message}, and no mutant is there"));
            }
        }
    }

    fn woven(
        &self,
        originals: &BTreeMap<&str, String>,
        mutants: &[Mutant],
        unwoven: &mut Unwoven,
    ) -> Result<BTreeMap<String, String>, String> {
        let mut texts = BTreeMap::new();
        for (file, text) in originals {
            let own = mutants.iter().filter(|mutant| mutant.file == *file && !unwoven.unviable.contains(&mutant.id));
            let woven = weave(text, &own.collect::<Vec<_>>()).map_err(|error| format!("{file}: {error}"))?;
            unwoven.left_out.extend(woven.left_out);
            self.write(file, woven.text.as_bytes())?;
            texts.insert((*file).to_owned(), woven.text);
        }
        Ok(texts)
    }

    /// The errors of the compiler: file, byte, message.
    fn errors(&self) -> Result<Vec<(String, usize, String)>, String> {
        let output = self.cargo(&["check", "--quiet", "--locked", "--lib", "--message-format", "json"]).output();
        let output = output.map_err(|error| format!("cargo could not be started: {error}"))?;
        let told = String::from_utf8_lossy(&output.stdout);
        let lines = told.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()).filter_map(|line| line.message);
        let errors = lines.filter(|message| message.level == "error").flat_map(|message| {
            let Message { text, spans, .. } = message;
            spans.into_iter().filter(|span| span.is_primary).map(move |span| (span.file_name, span.byte_start, text.clone()))
        });
        let errors: Vec<(String, usize, String)> = errors.collect();
        if errors.is_empty() && !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        Ok(errors)
    }
}

/// What the compiler refused before, of files that are the same still: a line each.
struct Refused<'r> {
    path: PathBuf,
    originals: &'r BTreeMap<&'r str, String>,
}

impl Refused<'_> {
    fn line(&self, mutant: &Mutant) -> String {
        let mut hasher = DefaultHasher::new();
        self.originals.get(mutant.file.as_str()).hash(&mut hasher);
        format!("{:x} {}", hasher.finish(), mutant.name)
    }

    /// Whether a value has the type of a function hangs on nothing but its signature, which the name of the mutant has.
    fn read(&self, mutants: &[Mutant]) -> BTreeSet<usize> {
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        let lines: BTreeSet<&str> = text.lines().collect();
        let names: BTreeSet<String> = lines.iter().filter_map(|line| Some(without_place(line.split_once(' ')?.1))).collect();
        let is_known = |mutant: &Mutant| {
            let is_value = mutant.genre == Genre::FnValue && names.contains(&without_place(&mutant.name));
            is_value || lines.contains(self.line(mutant).as_str())
        };
        mutants.iter().filter(|mutant| is_known(mutant)).map(|mutant| mutant.id).collect()
    }

    fn write(&self, mutants: &[Mutant], unviable: &BTreeSet<usize>) -> Result<(), String> {
        let lines = mutants.iter().filter(|mutant| unviable.contains(&mutant.id)).map(|mutant| self.line(mutant));
        fs::write(&self.path, lines.collect::<Vec<_>>().join("\n")).map_err(|error| format!("{}: {error}", self.path.display()))
    }
}

#[derive(Deserialize)]
struct Line {
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    level: String,
    #[serde(rename = "message")]
    text: String,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    byte_start: usize,
    is_primary: bool,
}
