//! `diglot verify`.

use std::fs;

use crate::batch::{corpus, run};
use crate::support::{Ran, Workplace, example};

fn complete() -> Workplace {
    let here = corpus();
    assert_eq!(run(&here, &[]).code, 1);
    here
}

fn verify(here: &Workplace, more: &[&str]) -> Ran {
    here.run(&[&["verify", "out"], more].concat())
}

/// Replaces text in a file of the output.
#[track_caller]
fn damage(here: &Workplace, name: &str, from: &str, to: &str) {
    let text = here.text(name);
    assert!(text.contains(from), "expected `{from}` in {name}");
    fs::write(here.path(name), text.replacen(from, to, 1)).unwrap();
}

#[test]
fn a_good_output_is_fine_and_made_again() {
    let ran = verify(&complete(), &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for expected in ["3 shards", "12 documents", "3 made again", "0 problems"] {
        assert!(
            ran.stderr.contains(expected),
            "expected {expected}: {}",
            ran.stderr
        );
    }
}

#[test]
fn marks_of_quoted_lines_and_of_markdown_are_no_text_left_out() {
    let name = "ferry-logs.txt";
    let here = Workplace::new(&[(name, &example(name))]);
    assert_eq!(here.run(&["run", name, "-o", "out/"]).code, 0);
    let ran = verify(&here, &[]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

#[test]
fn each_damage_is_named_with_its_place() {
    let check = |name: &str, from: &str, to: &str, expected: &str| {
        let here = complete();
        damage(&here, name, from, to);
        let ran = verify(&here, &["--sample", "0"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(
            ran.stderr.contains(expected),
            "expected `{expected}`: {}",
            ran.stderr
        );
    };
    let shard = "out/records-00001.jsonl";
    check(
        shard,
        "\"char_start\":0",
        "\"char_start\":1",
        "records-00001.jsonl:1: `line-4`: g0",
    );
    check(shard, "Ferry", "Perry", "sha256");
    check(
        shard,
        "\"id\":\"line-4\"",
        "\"id\":\"line-5\"",
        "not those of the documents",
    );
    check(
        shard,
        "{\"schema\"",
        "{\"scheme\"",
        "records-00001.jsonl:1: expected a record",
    );
    check(
        "out/journal.jsonl",
        "\"sentences\":",
        "\"sentences\":9",
        "sentences as in the journal",
    );
    check(
        "out/manifest.json",
        "\"documents\": 12",
        "\"documents\": 13",
        "manifest.json",
    );
    check(
        "out/manifest.json",
        "\"complete\": true",
        "\"complete\": false",
        "not complete",
    );
}

#[test]
fn lost_and_stray_files_are_named() {
    let here = complete();
    fs::rename(
        here.path("out/records-00000.jsonl"),
        here.path("out/records-00007.jsonl"),
    )
    .unwrap();
    let ran = verify(&here, &["--sample", "0", "-q"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("records-00000.jsonl: cannot be read"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr
            .contains("records-00007.jsonl: the journal has no line"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_record_that_comes_out_otherwise_is_named() {
    let here = complete();
    // A consistent forgery: the score is in no check but that of making the record again.
    let name = "out/records-00000.jsonl";
    let text = here.text(name);
    let forged = text.replace("\"confidence\":1.0", "\"confidence\":0.5");
    assert_ne!(text, forged);
    fs::write(here.path(name), forged).unwrap();
    let ran = verify(&here, &["--sample", "12"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.stderr.contains("made again, the record is another one"),
        "{}",
        ran.stderr
    );
}

#[test]
fn other_versions_are_said_and_not_compared() {
    let here = complete();
    for shard in 0..3 {
        let name = format!("out/records-{shard:05}.jsonl");
        let text = here.text(&name).replace("\"version\":\"", "\"version\":\"9.");
        fs::write(here.path(&name), text).unwrap();
    }
    let ran = verify(&here, &[]);
    assert!(
        ran.stderr.contains("none made again: version 9."),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_is_no_output_cannot_be_verified() {
    assert_eq!(corpus().run(&["verify", "corpus"]).code, 2);
    assert_eq!(corpus().run(&["verify", "nowhere"]).code, 2);
}
