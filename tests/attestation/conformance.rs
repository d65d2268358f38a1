//! The official cases for Sigstore's clients: every bundle of `sigstore/sigstore-conformance`, through what `verify` holds bundles against.
//!
//! They are not kept here. `COUNTERSIGN_CONFORMANCE` names a clone of the repository; without one nothing is tried, and that is said.

use countersign::gate::{Identity, IdentityPolicy};
use countersign::systems::sha256;
use countersign::world::signer::{SignedBy, Verifier};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Who has signed, where a case does not say.
const SUBJECT: &str = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
const ISSUER: &str = "https://token.actions.githubusercontent.com";

/// Cases that come out otherwise, and why.
const OTHERWISE: [(&str, &str); 0] = [];

/// A directory of the suite, as its `README.md` describes it.
struct Case {
    directory: PathBuf,
    name: String,
}

impl Case {
    fn file(&self, name: &str) -> Option<PathBuf> {
        Some(self.directory.join(name)).filter(|path| path.exists())
    }

    fn word(&self, name: &str, otherwise: &str) -> String {
        self.file(name).map_or_else(|| otherwise.to_owned(), |path| fs::read_to_string(path).unwrap().trim().to_owned())
    }

    /// As `countersign verify --artifact` does it, for a bundle over a file as for one over a statement.
    fn verified(&self) -> Result<(), String> {
        let artifact = self.file("artifact").unwrap_or_else(|| self.directory.join("../a.txt"));
        let digest = sha256(&fs::read(artifact).unwrap());
        let bundle = fs::read(self.directory.join("bundle.sigstore.json")).unwrap();
        let (root, key) = (self.file("trusted_root.json"), self.file("key.pub"));
        let verifier = Verifier::new(root.as_deref(), key.as_deref()).map_err(|error| error.to_string())?;
        let is_statement = serde_json::from_slice(&bundle).is_ok_and(|json: serde_json::Value| json.get("dsseEnvelope").is_some());
        let by = if is_statement {
            let signed = verifier.verify(&bundle).map_err(|refused| refused.to_string())?;
            if !signed.statement.is_about("sha256", &digest) {
                return Err("it is about another file".to_owned());
            }
            signed.by
        } else {
            verifier.verify_file(&bundle, &digest).map_err(|refused| refused.to_string())?
        };
        let wanted =
            Identity { subject: Some(self.word("identity", SUBJECT)), issuer: Some(self.word("issuer", ISSUER)), ..Identity::default() };
        match by {
            SignedBy::Key => Ok(()),
            SignedBy::Certificate(identity) => {
                IdentityPolicy(wanted).refusals(&identity).first().map_or(Ok(()), |why| Err(why.to_string()))
            }
        }
    }
}

fn cases() -> Option<Vec<Case>> {
    let clone = env::var_os("COUNTERSIGN_CONFORMANCE")?;
    let below = Path::new(&clone).join("test/assets/bundle-verify");
    let directories =
        fs::read_dir(&below).unwrap_or_else(|error| panic!("{}: {error}", below.display())).map(|entry| entry.unwrap().path());
    let case = |directory: PathBuf| Case { name: directory.file_name().unwrap().to_str().unwrap().to_owned(), directory };
    let mut cases: Vec<Case> = directories.filter(|path| path.is_dir()).map(case).collect();
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    Some(cases)
}

#[test]
fn every_official_case_of_a_bundle_comes_out_as_it_says() {
    let Some(cases) = cases() else {
        eprintln!(
            "SKIPPED: the official cases for Sigstore's clients: name a clone of sigstore/sigstore-conformance with COUNTERSIGN_CONFORMANCE"
        );
        return;
    };
    assert!(cases.len() >= 70, "only {} cases: is the clone whole?", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let is_wanted = !case.name.ends_with("_fail");
        let verified = case.verified();
        println!("{:<60} {}", case.name, verified.as_ref().err().map_or("verified", String::as_str));
        let is_known = OTHERWISE.iter().any(|(name, _)| *name == case.name);
        if (verified.is_ok() == is_wanted) == is_known {
            wrong.push(format!("{}: {verified:?}", case.name));
        }
    }
    println!("sigstore-conformance: {} cases, {} otherwise", cases.len(), OTHERWISE.len());
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
