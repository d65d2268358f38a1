//! The index of a ledger: what is found is the same with it and without, whatever became of the ledger and of the index meanwhile.

use crate::place::Place;
use countersign::attestation::{Statement, Subject, authorization};
use countersign::audit::{Index, IndexRow, Question};
use countersign::gate::{Lookup, Sources, lookup};
use countersign::ledger::Tip;
use countersign::world::signer::{Key, KeySigner, Signer};
use countersign::world::store::{Appended, Store};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

const REF: &str = "refs/countersign/ledger";

/// What differs between records; each is a small number, so that questions find some.
#[derive(Clone, Debug)]
struct Record {
    author: u64,
    approver: u64,
    holder: u64,
    action: usize,
    hour: u64,
    is_observed: bool,
    /// Whether it is signed as another kind of statement.
    is_other: bool,
}

const ACTIONS: [&str; 5] = ["iam:PassRole", "iam:*", "s3:GetObject", "s3:Get*", "*"];

fn record() -> impl Strategy<Value = Record> {
    let numbers = (0..3_u64, 0..3_u64, 0..3_u64, 0..ACTIONS.len(), 0..24_u64);
    (numbers, any::<bool>(), prop::bool::weighted(0.1)).prop_map(|((author, approver, holder, action, hour), is_observed, is_other)| {
        Record { author, approver, holder, action, hour, is_observed, is_other }
    })
}

fn plain(number: u64) -> Record {
    Record { author: number, approver: number + 1, holder: number, action: 0, hour: number, is_observed: false, is_other: false }
}

impl Record {
    fn statement(&self, tip: &Tip) -> Value {
        let state = |digit: u64| json!({"commit": format!("{digit:040x}"), "tree": "33"});
        json!({
            "record": if self.is_observed { "observed" } else { "authorization" }, "repository": {"id": "77", "name": "acme/infrastructure"},
            "changeRequest": self.hour.to_string(), "stage": "merge", "base": state(1), "head": state(self.holder + 2), "paths": [],
            "change": {"digest": "sha256:aa", "gained": 1, "lost": 0, "undecided": 0, "severity": "low", "edited": [], "parts": [{
                "id": "1", "kind": "gained", "system": "aws", "format": "aws-iam", "holder": format!("role/{}", self.holder), "realm": "prod",
                "principals": [], "exceptPrincipals": [], "actions": [ACTIONS[self.action]], "exceptActions": [],
                "resources": [format!("arn:aws:iam::{}:role/*", self.holder)], "exceptResources": [], "condition": null, "provided": null,
                "severity": "low", "reasons": [], "witness": null, "opaqueDigest": null}]},
            "policy": {"uri": "countersign.yml", "digest": "sha256:bb", "revision": null, "commit": null, "files": []},
            "decision": {"outcome": "authorized", "mode": "enforce", "decidedAt": format!("2026-11-24T{:02}:30:00Z", self.hour), "timeSource": "forge"},
            "requirements": [], "exclusions": [], "windows": [], "override": null, "expiries": [],
            "approvals": [{"actorId": 1000 + self.approver, "login": format!("p{}", self.approver), "kind": "user", "roles": [], "reviewId": 7,
                "reviewedCommit": format!("{:040x}", 2), "reviewedTree": null, "deltaDigestAtApproval": null,
                "approvedAt": "2026-11-24T00:12:00Z", "source": "forge"}],
            "facts": {"verified": true, "digest": "sha256:cc", "content": {"author": {"id": 1000 + self.author, "login": format!("p{}", self.author)}}},
            "pins": {"engine": "0.1.0", "knowledge": [], "tzdb": "2026a"},
            "gateRun": {"workflow": null, "placement": "outside", "run": null, "sequence": tip.sequence + 1, "previous": tip.digest}
        })
    }
}

fn question() -> impl Strategy<Value = Question> {
    let text = |texts: &'static [&'static str]| prop::option::weighted(0.3, prop::sample::select(texts).prop_map(str::to_owned));
    let people = &["p0", "p1", "1001", "p9"];
    let who = (text(people), text(people));
    let what = (text(&["role/0", "role/*", "role/9"]), text(&["iam:PassRole", "s3:*", "ec2:Run"]), text(&["arn:aws:iam::1:role/x", "*"]));
    let when =
        (prop::option::weighted(0.2, 0..24_u32), text(&["0", "7", "99"]), text(&["000000", "0000000000000000000000000000000000000003"]));
    (who, what, when).prop_map(|((person, approved_by), (holder, action, resource), (hour, change_request, commit))| Question {
        person,
        approved_by,
        holder,
        action,
        resource,
        change_request,
        commit,
        since: hour.map(|hour| format!("2026-11-24T{hour:02}:30:00Z").parse().unwrap()),
        ..Question::default()
    })
}

/// A ledger, and a cache.
struct Bench {
    place: Place,
    store: Store,
    signer: Signer,
}

impl Bench {
    fn new(ledger: &str) -> Self {
        let place = Place::bare();
        let store = match ledger {
            REF => Store::named(REF, &place.path("repo")),
            _ => Store::named(place.path(ledger).to_str().unwrap(), &place.path("repo")),
        };
        let signer = Signer::Key(KeySigner::new(Key::read(&place.path("key.pem")).unwrap(), None));
        Self { place, store, signer }
    }

    fn add(&self, records: &[Record]) {
        for record in records {
            let last = self.store.last().unwrap();
            let tip = last.as_deref().map(|last| Tip::of(last).unwrap()).unwrap_or_default();
            let kind = if record.is_other { "https://example.com/other/v1" } else { authorization::v1::TYPE };
            let subject =
                Subject { name: "commit".to_owned(), digest: [("sha256".to_owned(), "00".repeat(32))].into(), annotations: [].into() };
            let statement = Statement::new(vec![subject], kind, record.statement(&tip));
            let entry = tip.next(self.signer.sign(&statement.bytes().unwrap()).unwrap());
            assert_eq!(self.store.append(entry.sequence, last.as_deref(), &entry.bytes().unwrap()).unwrap(), Appended::Done);
        }
    }

    fn cache(&self) -> PathBuf {
        self.place.path("cache")
    }

    /// What is found, or why nothing can be.
    fn answer(&self, question: &Question, cache: Option<PathBuf>) -> Result<String, String> {
        let sources = Sources { store: Some(self.store.clone()), ..Sources::default() };
        lookup(&Lookup { sources, question: question.clone(), cache }).map(|found| found.json().unwrap()).map_err(|error| error.to_string())
    }

    #[track_caller]
    fn agrees(&self, question: &Question) {
        let without = self.answer(question, None);
        assert_eq!(self.answer(question, Some(self.cache())), without, "{question:?}");
        // What was kept of it now is right as well.
        assert_eq!(self.answer(question, Some(self.cache())), without, "{question:?}, once more");
    }

    fn index(&self) -> PathBuf {
        let mut files = fs::read_dir(self.cache().join("ledgers")).unwrap().map(|file| file.unwrap().path());
        files.next().unwrap()
    }

    /// How many entries the index knows.
    fn known(&self) -> usize {
        Index::read(&fs::read(self.index()).unwrap(), &self.store.identity().unwrap()).rows().len()
    }

    /// An index of this ledger whose rows say that nothing can be asked of any entry.
    fn forge(&self) {
        let bytes = fs::read(self.index()).unwrap();
        let ledger = self.store.identity().unwrap();
        let rows = Index::read(&bytes, &ledger).rows().to_vec();
        let silent: Vec<u8> = rows.into_iter().flat_map(|row| IndexRow { gist: None, ..row }.written().unwrap()).collect();
        fs::write(self.index(), Index::default().written(&ledger, &silent).unwrap()).unwrap();
    }
}

/// What becomes of the file of an index.
#[derive(Clone, Debug)]
enum Damage {
    None,
    Flip(prop::sample::Index, u8),
    Cut(prop::sample::Index),
    Doubled,
    Gone,
    OfAnother,
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        Just(Damage::None),
        (any::<prop::sample::Index>(), 1..=255_u8).prop_map(|(at, bits)| Damage::Flip(at, bits)),
        any::<prop::sample::Index>().prop_map(Damage::Cut),
        Just(Damage::Doubled),
        Just(Damage::Gone),
        Just(Damage::OfAnother),
    ]
}

impl Damage {
    fn done(&self, bench: &Bench) {
        let index = bench.index();
        let mut bytes = fs::read(&index).unwrap();
        match self {
            Self::None => return,
            Self::Flip(at, bits) => *at.get_mut(&mut bytes) ^= bits,
            Self::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Self::Doubled => bytes.extend(bytes.clone()),
            Self::Gone => return fs::remove_file(index).unwrap(),
            Self::OfAnother => {
                let other = Bench::new(REF);
                other.add(&[plain(0), plain(1)]);
                other.answer(&Question::default(), Some(other.cache())).unwrap();
                bytes = fs::read(other.index()).unwrap();
            }
        }
        fs::write(index, bytes).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_found_is_the_same_with_an_index_and_without(
        records in prop::collection::vec(record(), 0..8),
        later in prop::collection::vec(record(), 0..4),
        back in 0..3_usize,
        damage in damage(),
        questions in prop::collection::vec(question(), 1..8),
    ) {
        let bench = Bench::new(REF);
        bench.add(&records);
        bench.agrees(&questions[0]);
        if !records.is_empty() {
            prop_assert_eq!(bench.known(), records.len());
            damage.done(&bench);
        }
        if back > 0 && back < records.len() {
            // Somebody leaves off the end, and goes on with something else.
            bench.place.git(&["update-ref", REF, &format!("{REF}~{back}")]);
        }
        bench.add(&later);
        for question in &questions {
            bench.agrees(question);
        }
    }
}

/// Longer than a file has to be left alone before it is known again.
const QUIET: Duration = Duration::from_millis(2200);

/// Somebody alters an entry, and has the file look as it did as far as they can choose.
type Alter = fn(&Path, u64);

fn entry(directory: &Path, number: u64) -> PathBuf {
    directory.join(format!("ledger/000000000/{number:012}"))
}

fn flipped(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    bytes
}

fn at(path: &Path, bytes: &[u8], then: SystemTime) {
    fs::write(path, bytes).unwrap();
    File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
}

const ALTERATIONS: [(&str, Alter); 7] = [
    ("altered in place", |place, number| {
        let path = entry(place, number);
        let then = fs::metadata(&path).unwrap().modified().unwrap();
        at(&path, &flipped(&path), then);
    }),
    ("altered beside and moved there", |place, number| {
        let path = entry(place, number);
        let then = fs::metadata(&path).unwrap().modified().unwrap();
        at(&place.join("beside"), &flipped(&path), then);
        fs::rename(place.join("beside"), path).unwrap();
    }),
    ("dropped", |place, number| fs::remove_file(entry(place, number)).unwrap()),
    ("cut off", |place, number| File::options().write(true).open(entry(place, number)).unwrap().set_len(9).unwrap()),
    ("taken for another", |place, number| {
        fs::copy(entry(place, number % 4 + 1), entry(place, number)).unwrap();
    }),
    ("a link to another", |place, number| {
        fs::remove_file(entry(place, number)).unwrap();
        symlink(entry(place, number % 4 + 1), entry(place, number)).unwrap();
    }),
    ("touched", |place, number| {
        let path = entry(place, number);
        at(&path, &fs::read(&path).unwrap(), SystemTime::UNIX_EPOCH);
    }),
];

#[test]
fn an_entry_that_was_altered_is_noticed_with_an_index_as_without() {
    let all: Vec<(&str, Alter, u64, Bench)> = ALTERATIONS
        .iter()
        .flat_map(|(name, alter)| (1..=4).map(|number| (*name, *alter, number, Bench::new("ledger"))))
        .inspect(|(.., bench)| bench.add(&[plain(0), plain(1), plain(2), plain(3)]))
        .collect();
    sleep(QUIET);
    let questions = ["p0", "p2", "p9"].map(|person| Question { person: Some(person.to_owned()), ..Question::default() });
    for (name, alter, number, bench) in &all {
        bench.agrees(&questions[0]);
        assert_eq!(bench.known(), 4);
        alter(&bench.place.path(""), *number);
        for question in &questions {
            bench.agrees(question);
        }
        // What is left off the end does not show in a chain.
        let is_a_chain = *name == "touched" || (*name == "dropped" && *number == 4);
        assert_eq!(bench.answer(&questions[2], Some(bench.cache())).is_ok(), is_a_chain, "entry {number} {name}");
    }
}

#[test]
fn an_entry_that_was_just_written_is_read_again_and_is_not_kept_yet() {
    let bench = Bench::new("ledger");
    bench.add(&[plain(0)]);
    sleep(QUIET);
    bench.add(&[plain(1)]);
    bench.agrees(&Question::default());
    assert_eq!(bench.known(), 1);
}

#[test]
fn an_index_that_others_may_write_is_not_read() {
    let bench = Bench::new(REF);
    bench.add(&[plain(0), plain(1)]);
    let question = Question { person: Some("p1".to_owned()), ..Question::default() };
    bench.agrees(&question);
    let directory = bench.cache().join("ledgers");
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let kept = fs::metadata(bench.index()).unwrap().permissions().mode() & 0o777;
    assert_eq!((kept, fs::metadata(&directory).unwrap().permissions().mode() & 0o777), (0o600, 0o700));
    for (path, open) in [(bench.index(), 0o620), (bench.index(), 0o602), (directory.clone(), 0o770), (directory.clone(), 0o707)] {
        bench.forge();
        let forged = bench.answer(&question, Some(bench.cache()));
        assert_ne!(forged, bench.answer(&question, None), "as the user's own it is taken");
        mode(&path, open);
        bench.agrees(&question);
        mode(&directory, 0o700);
        mode(&bench.index(), 0o600);
    }
    // A link may be to anywhere.
    bench.forge();
    let index = bench.index();
    fs::rename(&index, bench.place.path("elsewhere")).unwrap();
    symlink(bench.place.path("elsewhere"), &index).unwrap();
    bench.agrees(&question);
}

#[test]
fn repairing_makes_the_index_again_and_lookup_can_do_without() {
    let bench = Bench::new(REF);
    bench.add(&[plain(0), plain(1)]);
    bench.answer(&Question::default(), Some(bench.cache().join("countersign"))).unwrap();
    let index = fs::read_dir(bench.cache().join("countersign/ledgers")).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&index).unwrap();
    let run = |arguments: &[&str]| {
        let environment = [("XDG_CACHE_HOME", bench.cache())].map(|(name, path)| (name, path.to_str().unwrap().to_owned()));
        let environment: Vec<(&str, &str)> = environment.iter().map(|(name, path)| (*name, &**path)).collect();
        bench.place.run_with(&[arguments, &["--repo", "repo", "--ledger", REF]].concat(), &environment)
    };
    fs::write(&index, "not an index").unwrap();
    run(&["lookup", "--person", "p1", "--no-cache"]).says(0, &["2 records; looked at the ledger (2)."]);
    assert_eq!(fs::read_to_string(&index).unwrap(), "not an index");
    run(&["ledger", "repair"]).says(0, &["Nothing is to be repaired: 2 entries."]);
    assert_eq!(fs::read(&index).unwrap(), whole);
    run(&["lookup", "--person", "p1"]).says(0, &["2 records; looked at the ledger (2)."]);
}

#[test]
fn what_git_has_lost_is_noticed_by_whatever_reads_it() {
    let bench = Bench::new(REF);
    bench.add(&[plain(0), plain(4), plain(8)]);
    let question = |person: &str| Question { person: Some(person.to_owned()), ..Question::default() };
    bench.agrees(&question("p0"));
    let blob = bench.place.git(&["rev-parse", &format!("{REF}~1:entry")]);
    fs::remove_file(bench.place.path(&format!("repo/.git/objects/{}/{}", &blob[..2], &blob[2..]))).unwrap();
    // The commit of the end is the same, and so is everything before it; an answer that is there no more is missed.
    assert!(bench.answer(&question("p0"), None).is_err());
    assert!(bench.answer(&question("p0"), Some(bench.cache())).is_ok());
    assert!(bench.answer(&question("p4"), Some(bench.cache())).is_err());
}

#[test]
fn a_commit_that_was_written_to_come_before_itself_is_an_error_and_no_endless_loop() {
    let bench = Bench::new(REF);
    bench.add(&[plain(0), plain(1)]);
    let [last, first] = [REF.to_owned(), format!("{REF}~1")].map(|name| bench.place.git(&["rev-parse", &name]));
    let object = |id: &str| bench.place.path(&format!("repo/.git/objects/{}/{}", &id[..2], &id[2..]));
    // Whoever can write objects can give one another's name.
    fs::remove_file(object(&first)).unwrap();
    fs::copy(object(&last), object(&first)).unwrap();
    assert!(bench.answer(&Question::default(), None).unwrap_err().contains("comes before itself"));
}
