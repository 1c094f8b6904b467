use super::super::{Encoding, Inputs, ReadOptions, Reader};
use crate::Document;
use crate::corpus::Unreadable;

/// What a file of JSON lines gives: `id=text`, or `id!code` for what could not be read.
fn read(bytes: impl AsRef<[u8]>) -> Vec<String> {
    read_with(bytes, ReadOptions::default())
}

fn read_with(bytes: impl AsRef<[u8]>, options: ReadOptions) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("f.jsonl");
    std::fs::write(&path, bytes).unwrap();
    let show = |item| match item {
        Ok(Document { id, text, .. }) => format!("{id}={text}"),
        Err(Unreadable { id, code, .. }) => format!("{id}!{code}"),
    };
    Reader::new(Inputs::find(&[&path], None, None).with_options(options))
        .map(show)
        .collect()
}

#[track_caller]
fn check(line: &str, expected: &str) {
    assert_eq!(read(line), [expected], "{line}");
}

#[test]
fn a_line_gives_a_document_or_says_why_not() {
    check(r#"{"text": "a"}"#, "f.jsonl:1=a");
    check(r#"{"text": "", "id": "x"}"#, "x=");
    check(r#"{"id": 17, "text": "\u00e9\n"}"#, "17=é\n");
    check(r#"{"id": null, "text": "a", "more": {}}"#, "f.jsonl:1=a");
    check(r#"{"id": "x"}"#, "f.jsonl:1!missing-text");
    check(r#"{"text": null}"#, "f.jsonl:1!invalid-text");
    check(r#"{"text": ["a"]}"#, "f.jsonl:1!invalid-text");
    check(r#"{"text": "a", "id": []}"#, "f.jsonl:1!invalid-id");
    check(r#"{"text": "a""#, "f.jsonl:1!invalid-json");
    check(r#"{"text": "\ud800"}"#, "f.jsonl:1!invalid-json");
    check(r#""a""#, "f.jsonl:1!invalid-json");
}

#[test]
fn a_bad_line_leaves_its_neighbours_alone() {
    let lines = b"\xef\xbb\xbf{\"text\":\"a\"}\r\n\n  \n{\"text\":\"\xe9\"}\nnonsense\n{\"text\":\"b\"}";
    let expected = [
        "f.jsonl:1=a",
        "f.jsonl:4!invalid-utf8",
        "f.jsonl:5!invalid-json",
        "f.jsonl:6=b",
    ];
    assert_eq!(read(lines), expected);
}

#[test]
fn an_empty_file_holds_no_document() {
    assert!(read("").is_empty());
    assert!(read("\n\n").is_empty());
}

#[test]
fn a_line_above_the_limit_is_passed_over() {
    let long = format!("{{\"text\":\"{}\"}}", "a".repeat(60));
    let lines = format!("{{\"text\":\"a\"}}\n{long}\n{{\"text\":\"b\"}}\n{long}");
    let options = |max_bytes| ReadOptions {
        max_bytes,
        ..ReadOptions::default()
    };
    let expected = [
        "f.jsonl:1=a",
        "f.jsonl:2!too-long",
        "f.jsonl:3=b",
        "f.jsonl:4!too-long",
    ];
    assert_eq!(read_with(&lines, options(40)), expected);
    // The line's own length is no longer than the limit.
    assert_eq!(
        read_with(&lines, options(long.len()))[1],
        format!("f.jsonl:2={}", "a".repeat(60))
    );
}

#[test]
fn other_encodings_are_read_by_mark_or_by_name() {
    let lines = "{\"text\":\"café\"}\n{\"text\":\"b\"}";
    let utf16: Vec<u8> = format!("\u{feff}{lines}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(read(&utf16), ["f.jsonl:1=café", "f.jsonl:2=b"]);
    let options = ReadOptions {
        encoding: Encoding::of_label("latin1"),
        ..ReadOptions::default()
    };
    assert_eq!(
        read_with(b"{\"text\":\"caf\xe9\"}\n", options),
        ["f.jsonl:1=café"]
    );
    let options = ReadOptions {
        encoding: Encoding::of_label("shift_jis"),
        ..ReadOptions::default()
    };
    let lines = b"{\"text\":\"\x82\xa0\"}\n{\"text\":\"\x82\"}\n{\"text\":\"b\"}\n\x82";
    assert_eq!(
        read_with(lines, options),
        [
            "f.jsonl:1=あ",
            "f.jsonl:2!undecodable",
            "f.jsonl:3=b",
            "f.jsonl:4!undecodable"
        ]
    );
}
