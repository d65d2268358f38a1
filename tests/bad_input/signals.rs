//! A run that is stopped: it ends as stopped, says nothing that could be taken for a decision, and leaves no half of a file.

use super::place::Place;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// Enough files that reading them takes a while.
fn large() -> Place {
    let place = Place::empty();
    let statement = r#"{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::NAME/*"}"#;
    for number in 0..300 {
        let statements: Vec<String> = (0..10).map(|index| statement.replace("NAME", &format!("b{number}-{index}"))).collect();
        place.write(&format!("head/{number}.json"), format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(",")));
    }
    place.write("base/README", "");
    place.write("base/countersign.yml", super::place::POLICY);
    place
}

/// As an interactive shell starts a run. Whatever runs the tests may ignore signals, as `nohup` does, and a child would ignore them too.
fn start(place: &Place, arguments: &[&str]) -> Child {
    let run = place.command(arguments);
    let mut command = Command::new("env");
    command.arg("--default-signal=HUP,INT,TERM").arg(run.get_program()).args(run.get_args());
    command.current_dir(place.path(".")).env_clear().envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn send(signal: &str, child: &Child) {
    let _ = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).stderr(Stdio::null()).status();
}

#[test]
fn a_run_that_is_stopped_while_it_reads_dies_of_the_signal_and_decides_nothing() {
    let place = large();
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        // Nothing is ever written to this pipe, so the run is still reading when it is stopped.
        place.pipe("facts.pipe");
        let child = start(&place, &["check", "--base", "base", "--head", "head", "--facts", "facts.pipe"]);
        sleep(Duration::from_millis(200));
        send(signal, &child);
        let output = child.wait_with_output().unwrap();
        assert_eq!((output.status.signal(), output.stdout.as_slice(), output.stderr.as_slice()), (Some(number), &[][..], &[][..]));
    }
    let said =
        place.shell("\"$COUNTERSIGN\" check --base base --head head --facts facts.pipe & p=$!; sleep 0.2; kill -TERM $p; wait $p; echo $?");
    assert_eq!(said.out, "143\n");
}

#[test]
fn a_run_that_is_stopped_at_any_time_leaves_a_whole_file_or_none() {
    let place = large();
    let arguments = ["diff", "--base", "base", "--head", "head", "--format", "json", "--output", "out.json"];
    let mut stopped = 0;
    for attempt in 0..24_u64 {
        let _ = fs::remove_file(place.path("out.json"));
        let child = start(&place, &arguments);
        // Once it writes, or, every other time, at some moment before that.
        while attempt % 2 == 0 && place.path("head").exists() && !is_writing(&place, &child) && is_running(&child) {}
        if attempt % 2 == 1 {
            sleep(Duration::from_millis(attempt * 7));
        }
        send(if attempt % 3 == 0 { "TERM" } else { "INT" }, &child);
        let status = child.wait_with_output().unwrap().status;
        stopped += i32::from(status.signal().is_some());
        assert!(status.signal().is_some() || status.success(), "{status:?}");
        if let Ok(text) = fs::read_to_string(place.path("out.json")) {
            assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "half a file of {} bytes", text.len());
        } else {
            assert!(status.signal().is_some(), "it was written and is not there");
        }
        assert_eq!(leftovers(&place), [""; 0]);
    }
    assert!(stopped > 0, "no run was stopped, so nothing was tried");
}

fn is_running(child: &Child) -> bool {
    // A process that ended and was not waited for has no memory any more.
    fs::read_to_string(format!("/proc/{}/statm", child.id())).is_ok_and(|memory| !memory.starts_with("0 "))
}

fn is_writing(place: &Place, child: &Child) -> bool {
    place.path(&format!(".countersign.{}.tmp", child.id())).exists()
}

fn leftovers(place: &Place) -> Vec<String> {
    let names = fs::read_dir(place.path(".")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.contains("tmp")).collect()
}
