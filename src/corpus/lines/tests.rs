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

/// A text of more than 5 MiB, with all kinds of characters and escapes.
fn long_text() -> String {
    "Le bac est en retard. 👩\u{200d}👩 \"Pourquoi\u{1}?\"\n\n".repeat(100_000)
}

#[test]
fn long_lines_give_the_documents_of_short_ones() {
    let long = long_text();
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let escaped: String = "é👩"
        .encode_utf16()
        .map(|unit| format!("\\u{unit:04x}"))
        .collect();
    let line = |text: &str| {
        [
            format!(
                "\u{feff}{{\"z\": 1.50, \"text\": {}, \"id\": \"x\", \"b\": [null, {{}}]}}",
                quoted(text)
            ),
            format!(
                " {{\"id\":7,\"text\":{}{escaped}\"}}\r",
                quoted(text).trim_end_matches('"')
            ),
            format!("{{\"id\":\"x\",\"other\":{},\"text\":\"a\"}}", quoted(text)),
            format!("{{\"id\":{{}},\"text\":{}}}", quoted(text)),
            format!("{{\"text\":[{}]}}", quoted(text)),
            format!("{{\"a\":{}}}", quoted(text)),
        ]
        .join("\n")
    };
    let read = |lines: String| {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f.jsonl");
        std::fs::write(&path, lines).unwrap();
        Reader::new(Inputs::find(&[&path], None, None))
            .map(|item| match item {
                Ok(document) => Ok(Document {
                    path: None,
                    ..document
                }),
                Err(unreadable) => Err((unreadable.id, unreadable.code)),
            })
            .collect::<Vec<_>>()
    };
    let (found, mut expected) = (read(line(&long)), read(line("SHORT")));
    for document in expected.iter_mut().flatten() {
        document.text = document.text.replace("SHORT", &long);
        if let Some(serde_json::Value::String(other)) =
            document.meta.as_mut().and_then(|meta| meta.get_mut("other"))
        {
            other.clone_from(&long);
        }
    }
    assert!(expected[0].is_ok() && expected[1].is_ok() && expected[2].is_ok());
    assert_eq!(found.len(), 6);
    assert!(found == expected);
}

#[test]
fn what_is_wrong_with_a_long_line_is_said() {
    let long = long_text().replace(['"', '\n', '\u{1}'], " ");
    let lines = [
        format!("{{\"text\":\"{long}\"}} {{}}").into_bytes(),
        format!("{{\"text\":\"{long}\\ud800\"}}").into_bytes(),
        [b"{\"text\":\"", long.as_bytes(), b"\xe9\"}"].concat(),
        format!("\"{long}\"").into_bytes(),
        format!("{{\"text\":\"{long}").into_bytes(),
        b"{\"text\":\"b\"}".to_vec(),
    ];
    let codes = [
        "invalid-json",
        "invalid-json",
        "invalid-utf8",
        "invalid-json",
        "invalid-json",
    ];
    let expected: Vec<String> = (1..)
        .zip(codes)
        .map(|(number, code)| format!("f.jsonl:{number}!{code}"))
        .collect();
    let found = read(lines.join(&b'\n'));
    assert!(found[..5] == expected && found[5..] == ["f.jsonl:6=b"]);
    let options = ReadOptions {
        max_bytes: long.len(),
        ..ReadOptions::default()
    };
    let lines = format!("{{\"text\":\"{long}\"}}\n{{\"text\":\"b\"}}");
    let found = read_with(lines, options);
    assert!(found == ["f.jsonl:1!too-long", "f.jsonl:2=b"]);
}

#[test]
fn the_text_of_a_long_line_is_found_by_its_path() {
    let long = serde_json::to_string(&long_text()).unwrap();
    let read = |line: String| {
        let options = ReadOptions {
            text_field: "a.b".to_owned(),
            ..ReadOptions::default()
        };
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f.jsonl");
        std::fs::write(&path, line).unwrap();
        let read = Reader::new(Inputs::find(&[&path], None, None).with_options(options))
            .next()
            .unwrap();
        let document = read.unwrap();
        (
            document.text.len(),
            serde_json::to_string(&document.meta).unwrap(),
        )
    };
    let length = long_text().len();
    assert_eq!(
        read(format!("{{\"a\":{{\"c\":1,\"b\":{long}}}}}")),
        (length, "{\"a\":{\"c\":1}}".to_owned())
    );
    // What stands under the name itself comes first; the other one is a field like any other.
    let both = read(format!("{{\"a\":{{\"b\":\"0\"}},\"a.b\":{long}}}"));
    assert_eq!(both, (length, "{\"a\":{\"b\":\"0\"}}".to_owned()));
    let twice = read(format!("{{\"a\":{{\"b\":\"x\"}},\"a\":{{\"b\":{long}}}}}"));
    assert_eq!(twice, (length, "null".to_owned()));
}
