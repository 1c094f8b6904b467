//! Batch runs: what lies in the output directory, and how runs follow each other.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Ran, Workplace, json_lines, string};

/// A batch run into `out/`, in shards of five documents.
pub const RUN: [&str; 6] = ["run", "corpus", "-o", "out/", "--shard-size", "5"];

/// Twelve documents, the second of which cannot be read; three shards.
pub fn corpus() -> Workplace {
    let here = Workplace::new(&[("corpus/b.jsonl", b"{\"text\": 5}\n")]);
    fs::write(here.path("corpus/a.txt"), text(0)).unwrap();
    let lines: Vec<String> = (1..10)
        .map(|number| json!({"id": format!("line-{number}"), "text": text(number)}).to_string())
        .collect();
    fs::write(here.path("corpus/c.jsonl"), lines.join("\n")).unwrap();
    fs::write(here.path("corpus/d.txt"), text(10)).unwrap();
    here
}

fn text(number: usize) -> String {
    format!(
        "Ferry number {number} was late again this morning.\n\nLe bac numéro {number} est en retard depuis lundi.\n"
    )
}

/// The command for a batch run with more arguments.
pub fn run(here: &Workplace, more: &[&str]) -> Ran {
    here.run(&[&RUN[..], more].concat())
}

/// The contents of a directory, by name; hidden files are left out.
pub fn contents(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    entries
        .filter(|path| path.is_file() && !name(path).starts_with('.'))
        .map(|path| (name(&path), fs::read(&path).unwrap()))
        .collect()
}

/// What a run from the start makes of the present input.
fn fresh(here: &Workplace) -> BTreeMap<String, Vec<u8>> {
    let ran = here.run(&["run", "corpus", "-o", "fresh/", "--shard-size", "5", "--fresh"]);
    assert!(ran.code < 2, "{}", ran.stderr);
    contents(&here.path("fresh"))
}

/// The last object of `--progress json`.
fn last_progress(ran: &Ran) -> Value {
    let line = ran.stderr.lines().rfind(|line| line.starts_with('{'));
    serde_json::from_str(line.expect("progress is written")).unwrap()
}

#[test]
fn shards_hold_what_a_single_file_holds() {
    let here = corpus();
    let ran = run(&here, &[]);
    assert_eq!(ran.code, 1, "one document cannot be read: {}", ran.stderr);
    let names: Vec<String> = contents(&here.path("out")).into_keys().collect();
    let shards = [
        "records-00000.jsonl",
        "records-00001.jsonl",
        "records-00002.jsonl",
    ];
    assert_eq!(
        names,
        [&["inputs.jsonl", "journal.jsonl", "manifest.json"], &shards[..]].concat()
    );
    let joined: String = shards
        .iter()
        .map(|name| here.text(&format!("out/{name}")))
        .collect();
    assert_eq!(joined, here.run(&["run", "corpus"]).stdout);
    let manifest: Value = serde_json::from_str(&here.text("out/manifest.json")).unwrap();
    assert_eq!(manifest["complete"], true);
    assert_eq!(manifest["totals"]["documents"], 12);
    assert_eq!(manifest["totals"]["errors"], json!({"invalid-text": 1}));
    assert_eq!(manifest["totals"]["languages"]["fr"]["sentences"], 11);
    assert_eq!(json_lines(&here.text("out/journal.jsonl")).len(), 3);
}

#[test]
fn a_directory_that_exists_is_taken_for_one() {
    let here = corpus();
    fs::create_dir(here.path("out")).unwrap();
    assert_eq!(here.run(&["run", "corpus/a.txt", "-o", "out"]).code, 0);
    assert!(here.path("out/manifest.json").exists());
    let ran = here.run(&["run", "corpus/a.txt", "--resume"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("-o DIR/"), "{}", ran.stderr);
}

#[test]
fn bytes_depend_on_neither_threads_nor_batches_nor_where_they_lie() {
    let here = corpus();
    run(&here, &["--threads", "1", "--batch-size", "1"]);
    assert_eq!(contents(&here.path("out")), fresh(&here));
}

#[test]
fn a_directory_that_holds_something_is_left_alone() {
    let here = corpus();
    run(&here, &[]);
    let before = contents(&here.path("out"));
    let ran = run(&here, &[]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("--resume") && ran.stderr.contains("--fresh"),
        "{}",
        ran.stderr
    );
    assert_eq!(contents(&here.path("out")), before);
    fs::create_dir(here.path("other")).unwrap();
    fs::write(here.path("other/thesis.doc"), "mine").unwrap();
    let ran = here.run(&["run", "corpus", "-o", "other"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("other files"), "{}", ran.stderr);
    here.run(&["run", "corpus", "-o", "other", "--fresh"]);
    assert_eq!(here.text("other/thesis.doc"), "mine");
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let here = corpus();
    let expected = fresh(&here);
    for shards in [0, 1, 2] {
        let mut child = here.command(&[&RUN[..], &["--fresh", "--batch-size", "1"]].concat());
        let mut child = child.stderr(Stdio::null()).spawn().unwrap();
        wait_for(&here, shards, &mut child);
        // It may have come to its end by now, which is another way to be interrupted.
        let _ = child.kill();
        child.wait().unwrap();
        let ran = run(&here, &["--resume"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert_eq!(
            contents(&here.path("out")),
            expected,
            "killed after {shards} shards"
        );
    }
}

/// Waits until a run has finished so many shards, or its end.
fn wait_for(here: &Workplace, shards: usize, child: &mut std::process::Child) {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(100) && child.try_wait().unwrap().is_none() {
        let journal = fs::read_to_string(here.path("out/journal.jsonl")).unwrap_or_default();
        if here.path("out/manifest.json").exists() && journal.lines().count() >= shards {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_complete_run_has_nothing_left_to_do() {
    let here = corpus();
    assert_eq!(run(&here, &["--resume"]).code, 1, "it starts where nothing was");
    let before = contents(&here.path("out"));
    let ran = run(&here, &["--resume", "--progress", "json"]);
    assert_eq!(
        (ran.code, last_progress(&ran)["documents"].as_u64()),
        (1, Some(0))
    );
    assert_eq!(contents(&here.path("out")), before);
}

#[test]
fn what_has_changed_is_named() {
    let here = corpus();
    run(&here, &[]);
    let refusal = |more: &[&str]| {
        let ran = run(&here, &[&["--resume"], more].concat());
        assert_eq!(ran.code, 2);
        ran.stderr
    };
    assert!(refusal(&["--beam", "3"]).contains("`beam` was 2 and is 3"));
    fs::write(here.path("terms.tsv"), "Mbourvel\tGreat Mbour\n").unwrap();
    assert!(refusal(&["--glossary", "terms.tsv"]).contains("`glossary` was "));
    assert!(refusal(&["--no-text"]).contains("`text` was true and is false"));
    fs::write(here.path("corpus/d.txt"), "Something else.").unwrap();
    assert!(refusal(&[]).contains("the input has changed"));
    fs::write(here.path("corpus/e.txt"), "Something new.").unwrap();
    assert!(refusal(&[]).contains("inputs: 1 new (first `e.txt`)"));
}

#[test]
fn an_update_redoes_what_has_changed_and_no_more() {
    let here = corpus();
    run(&here, &[]);
    fs::write(here.path("corpus/a0.txt"), "One new document stands here now.").unwrap();
    fs::write(here.path("corpus/d.txt"), "Another text.").unwrap();
    fs::remove_file(here.path("corpus/b.jsonl")).unwrap();
    let ran = run(&here, &["--update", "--progress", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let progress = last_progress(&ran);
    assert_eq!(
        (&progress["documents"], &progress["words"]),
        (&json!(12), &json!(6 + 2))
    );
    assert_eq!(contents(&here.path("out")), fresh(&here));
    assert!(!here.path("out/.update").exists());
}

#[test]
fn an_update_follows_an_interrupted_run_too() {
    let here = corpus();
    run(&here, &[]);
    let journal = here.text("out/journal.jsonl");
    let first = journal.split_inclusive('\n').next().unwrap();
    fs::write(here.path("out/journal.jsonl"), first).unwrap();
    fs::write(here.path("corpus/a.txt"), "Another text.").unwrap();
    assert_eq!(run(&here, &["--update"]).code, 1);
    assert_eq!(contents(&here.path("out")), fresh(&here));
}

#[test]
fn errors_are_tried_again_alone() {
    let here = corpus();
    run(&here, &[]);
    fs::write(here.path("corpus/b.jsonl"), "{\"text\": \"The café is open.\"}").unwrap();
    let ran = run(&here, &["--retry-errors", "--progress", "json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(last_progress(&ran)["words"], 4);
    assert_eq!(contents(&here.path("out")), fresh(&here));
    fs::write(here.path("corpus/d.txt"), "Another text.").unwrap();
    let before = contents(&here.path("out"));
    let ran = run(&here, &["--retry-errors"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("d.txt") && ran.stderr.contains("--update"),
        "{}",
        ran.stderr
    );
    assert_eq!(contents(&here.path("out")), before);
}

#[test]
fn a_damaged_shard_is_made_again_by_an_update() {
    let here = corpus();
    run(&here, &[]);
    let path = here.path("out/records-00001.jsonl");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let ran = run(&here, &["--resume"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("records-00001.jsonl"), "{}", ran.stderr);
    assert_eq!(run(&here, &["--update"]).code, 1);
    assert_eq!(contents(&here.path("out")), fresh(&here));
}

#[cfg(unix)]
#[test]
fn ctrl_c_finishes_the_shard_and_says_how_to_go_on() {
    let here = corpus();
    let mut command = here.command(&[&RUN[..], &["--batch-size", "1"]].concat());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    wait_for(&here, 1, &mut child);
    let kill = std::process::Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    // On a fast machine the run may be over before the signal comes.
    if output.status.code() != Some(1) {
        assert_eq!(output.status.code(), Some(130), "{stderr}");
        assert!(
            stderr.contains("to go on: ") && stderr.contains("--resume"),
            "{stderr}"
        );
    }
    run(&here, &["--resume"]);
    assert_eq!(contents(&here.path("out")), fresh(&here));
}

#[test]
fn ids_keep_the_order_of_the_input() {
    let here = corpus();
    run(&here, &[]);
    let ids: Vec<String> = (0..3)
        .flat_map(|shard| json_lines(&here.text(&format!("out/records-{shard:05}.jsonl"))))
        .map(|record| string(&record, "id").to_owned())
        .collect();
    let lines: Vec<String> = (1..10).map(|number| format!("line-{number}")).collect();
    let expected = [
        &["a.txt".to_owned(), "b.jsonl:1".to_owned()][..],
        &lines,
        &["d.txt".to_owned()],
    ]
    .concat();
    assert_eq!(ids, expected);
}

#[test]
fn pages_of_all_shards_have_one_index() {
    let here = corpus();
    let ran = run(&here, &["-f", "html", "-q"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    let index = here.text("out/html/index.html");
    for shard in ["00000", "00001", "00002"] {
        assert!(index.contains(&format!("href=\"{shard}/")), "{index}");
    }
    let link = index
        .split("href=\"00001/")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    assert!(
        here.text(&format!("out/html/00001/{link}"))
            .contains("href=\"../index.html\"")
    );
    let manifest: Value = serde_json::from_str(&here.text("out/manifest.json")).unwrap();
    assert_eq!(manifest["shards"], 3);
    let verified = here.run(&["verify", "out", "--sample", "0"]);
    assert_eq!(verified.code, 0, "{}", verified.stderr);

    // An update that makes the corpus smaller leaves no page behind, and makes the index again.
    fs::remove_file(here.path("corpus/c.jsonl")).unwrap();
    let ran = run(&here, &["-f", "html", "-q", "--update"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(!here.path("out/html/00001").exists() && here.path("out/html/index.html").exists());
    assert!(!here.text("out/html/index.html").contains("line-3"));
}

#[test]
fn pairs_that_come_again_are_left_out_in_all_shards_and_after_an_interruption() {
    let here = corpus();
    let again = format!("{}{}", json!({"id": "again", "text": text(3)}), "\n");
    fs::write(here.path("corpus/e.jsonl"), &again).unwrap();
    let formats = ["-q", "-f", "moses,tsv", "--dedupe"];
    assert_eq!(run(&here, &formats).code, 1);
    let whole = contents(&here.path("out"));
    let ids = |name: &str| String::from_utf8(whole[name].clone()).unwrap();
    assert!(ids("records-00000.fr-en.ids").contains("line-3"));
    let last = whole.keys().rfind(|name| name.ends_with(".ids")).unwrap();
    assert!(
        ids(last).contains("d.txt") && !ids(last).contains("again"),
        "{}",
        ids(last)
    );
    for (name, text) in whole.iter().filter(|(name, _)| name.ends_with(".tsv")) {
        let lines = |text: &[u8]| text.iter().filter(|byte| **byte == b'\n').count();
        let moses = name.replace(".tsv", ".ids");
        assert_eq!(
            lines(text),
            lines(&whole[&moses]) + 1,
            "both formats leave out the same"
        );
    }

    // What a crash after the first shard leaves.
    let journal = here.text("out/journal.jsonl");
    let first = journal.lines().next().unwrap();
    fs::write(here.path("out/journal.jsonl"), format!("{first}\n")).unwrap();
    let manifest = here
        .text("out/manifest.json")
        .replace("\"complete\": true", "\"complete\": false");
    fs::write(here.path("out/manifest.json"), manifest).unwrap();
    assert_eq!(run(&here, &[&formats[..], &["--resume"]].concat()).code, 1);
    assert!(
        contents(&here.path("out")) == whole,
        "resumed, the result is the same"
    );

    // A filter that differs is another run.
    let other = run(&here, &["-q", "-f", "moses,tsv", "--resume"]);
    assert!(
        other.code == 2 && other.stderr.contains("dedupe"),
        "{}",
        other.stderr
    );
}
