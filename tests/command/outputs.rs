//! What is written where.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::Value;

use crate::support::Workplace;
use crate::{ENGLISH, corpus};

#[test]
fn a_file_appears_complete_and_alone() {
    let here = corpus();
    let to_stdout = here.run(&["run", "corpus"]);
    let ran = here.run(&["run", "corpus", "-o", "out.jsonl"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""));
    assert_eq!(here.text("out.jsonl"), to_stdout.stdout);
    assert_eq!(here.names(), ["corpus", "out.jsonl"]);
}

#[test]
fn the_output_may_lie_among_the_inputs() {
    let here = Workplace::new(&[("a.txt", ENGLISH)]);
    for _ in 0..2 {
        assert_eq!(here.run(&["run", ".", "-o", "out.jsonl"]).code, 0);
        assert_eq!(here.text("out.jsonl").lines().count(), 1);
    }
}

#[test]
fn an_output_that_cannot_be_made_is_exit_code_2() {
    let here = Workplace::new(&[("a.txt", ENGLISH)]);
    let ran = here.run(&["run", "a.txt", "-o", "nowhere/out.jsonl"]);
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("nowhere/out.jsonl"), "{}", ran.stderr);
    assert_eq!(here.run(&["run", "a.txt", "-o", "."]).code, 2);
}

#[test]
fn a_failed_run_leaves_the_file_as_it_was() {
    let here = Workplace::new(&[("a.txt", ENGLISH), ("out.jsonl", b"before"), ("model/file", b"")]);
    let ran = here.run(&["run", "a.txt", "-o", "out.jsonl", "--model", "entities=model"]);
    assert_eq!(ran.code, 2);
    assert_eq!(here.text("out.jsonl"), "before");
    assert_eq!(here.names(), ["a.txt", "model", "out.jsonl"]);
}

#[test]
fn the_text_can_be_left_out() {
    let records = corpus().run(&["run", "corpus/b.txt", "--no-text"]).records();
    assert_eq!(records[0]["text"], Value::Null);
    assert_eq!(records[0]["source"]["bytes"], ENGLISH.len());
}

#[test]
fn a_closed_pipe_is_success() {
    let lines = "{\"text\": \"The harbour is open again, and so is the market.\"}\n".repeat(500);
    let here = Workplace::new(&[("many.jsonl", lines.as_bytes()), ("many.txt", lines.as_bytes())]);
    let commands: [&[&str]; 2] = [
        &["run", "many.jsonl", "--batch-size", "4", "-q"],
        &["entities", "many.txt", "--json"],
    ];
    for arguments in commands {
        let mut child = here
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::with_capacity(64, child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(
            (child.wait().unwrap().code(), stderr.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
        assert!(!first.is_empty(), "{arguments:?}");
    }
}

#[test]
fn bytes_depend_on_neither_threads_nor_batches() {
    let here = corpus();
    let one = here.run(&["run", "corpus", "--threads", "1", "--batch-size", "1"]);
    assert_eq!(one.code, 0, "{}", one.stderr);
    for (threads, batch) in [("1", "32"), ("2", "1"), ("3", "2"), ("0", "32")] {
        let other = here.run(&["run", "corpus", "--threads", threads, "--batch-size", batch]);
        assert_eq!(
            other.stdout, one.stdout,
            "--threads {threads} --batch-size {batch}"
        );
    }
}
