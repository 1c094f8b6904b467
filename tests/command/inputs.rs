//! What is read.

use serde_json::Value;

use crate::support::{Workplace, json_lines, list, string};
use crate::{ENGLISH, corpus, ids};

#[test]
fn directories_are_read_in_order_and_ids_are_relative_to_them() {
    let ran = corpus().run(&["run", "corpus"]);
    assert_eq!(
        ids(&ran.records()),
        ["a/night.txt", "a/posts.jsonl:1", "own", "b.txt"]
    );
    assert_eq!(
        ran.stderr.lines().count(),
        1,
        "there is one line, the summary: {}",
        ran.stderr
    );
    assert!(ran.stderr.contains("4 documents"), "{}", ran.stderr);
}

#[test]
fn quiet_means_nothing_on_standard_error() {
    assert_eq!(corpus().run(&["run", "corpus/b.txt", "--quiet"]).stderr, "");
}

#[test]
fn standard_input_is_one_document_or_json_lines() {
    let here = Workplace::new(&[]);
    let lines = "{\"text\": \"One.\"}\n{\"id\": 7, \"text\": \"Two.\"}\n";
    assert_eq!(
        ids(&here
            .pipe(&["run", "-", "--input-format", "jsonl"], lines)
            .records()),
        ["stdin:1", "7"]
    );
    let records = here.pipe(&["run", "-"], "One.\nTwo.\n").records();
    assert_eq!(
        (ids(&records), string(&records[0], "text")),
        (vec!["stdin"], "One.\nTwo.\n")
    );
    assert_eq!(records[0]["source"]["path"], Value::Null);
}

#[test]
fn an_empty_document_has_an_empty_record() {
    let records = Workplace::new(&[("a.txt", b"")]).run(&["run", "a.txt"]).records();
    assert_eq!(string(&records[0], "text"), "");
    assert!(list(&records[0], "segments").is_empty() && list(&records[0], "errors").is_empty());
}

#[test]
fn bad_input_keeps_its_place_and_its_neighbours() {
    let here = Workplace::new(&[
        ("in/a.txt", b"caf\xe9"),
        (
            "in/b.jsonl",
            b"{\"text\": 5}\n{\"txt\": \"a\"}\nnonsense\n{\"text\": \"\xff\"}\n{\"text\": \"Good.\"}\n",
        ),
        ("in/c.txt", ENGLISH),
    ]);
    let ran = here.run(&["run", "in", "gone.txt"]);
    assert_eq!(ran.code, 1);
    let records = json_lines(&ran.stdout);
    let codes: Vec<(&str, &str)> = records
        .iter()
        .map(|record| {
            let code = list(record, "errors")
                .first()
                .map_or("", |error| string(error, "code"));
            (string(record, "id"), code)
        })
        .collect();
    let expected = [
        ("a.txt", "invalid-utf8"),
        ("b.jsonl:1", "invalid-text"),
        ("b.jsonl:2", "missing-text"),
        ("b.jsonl:3", "invalid-json"),
        ("b.jsonl:4", "invalid-utf8"),
        ("b.jsonl:5", ""),
        ("c.txt", ""),
        ("gone.txt", "unreadable"),
    ];
    assert_eq!(codes, expected);
    for (id, _) in expected.iter().filter(|(_, code)| !code.is_empty()) {
        assert!(
            ran.stderr.contains(&format!("{id}: read: ")),
            "expected {id} in {}",
            ran.stderr
        );
    }
    assert_eq!(records[0]["text"], Value::Null);
    assert_eq!(records[0]["source"]["bytes"], 4);
    assert!(ran.stderr.contains("6 documents with errors"), "{}", ran.stderr);
}

#[test]
fn nothing_to_open_is_exit_code_2() {
    let here = Workplace::new(&[("empty/notes.md", b"")]);
    let ran = here.run(&["run", "gone.txt", "empty"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(
        ran.stderr.contains("`gone.txt`") && ran.stderr.contains("`empty`"),
        "{}",
        ran.stderr
    );
}
