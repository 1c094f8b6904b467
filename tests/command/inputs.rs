//! What is read.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use serde_json::{Value, json};

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
        ("in/a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
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
        ("a.txt", "undecodable"),
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
    assert_eq!(records[0]["source"]["bytes"], 16);
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

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

fn parquet(texts: &[Option<&str>]) -> Vec<u8> {
    let text: ArrayRef = Arc::new(StringArray::from(texts.to_vec()));
    let year: ArrayRef = Arc::new(Int64Array::from_iter_values(2001..2001 + texts.len() as i64));
    let batch = RecordBatch::try_from_iter([("text", text), ("year", year)]).unwrap();
    let mut bytes = Vec::new();
    let mut writer = parquet::arrow::ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

#[test]
fn compressed_files_of_all_kinds_stand_in_one_tree() {
    let line = b"{\"text\": \"One.\", \"url\": \"u\"}\n";
    let here = Workplace::new(&[
        ("in/a.txt.gz", &[gzip(b"Two "), gzip(b"members.")].concat()),
        ("in/b.jsonl.zst", &[zstd(line), zstd(line)].concat()),
        ("in/c.txt", &gzip(b"A gzip file by content.")),
        ("in/d.parquet", &parquet(&[Some("Row."), Some("Row two.")])),
        ("in/e.html", b"<title>T</title><p>Page.<script>no()</script>"),
    ]);
    let records = here.run(&["run", "in"]).records();
    let expected = [
        ("a.txt.gz", "Two members."),
        ("b.jsonl.zst:1", "One."),
        ("b.jsonl.zst:2", "One."),
        ("c.txt", "A gzip file by content."),
        ("d.parquet:1", "Row."),
        ("d.parquet:2", "Row two."),
        ("e.html", "T\n\nPage."),
    ];
    let found: Vec<(&str, &str)> = records
        .iter()
        .map(|record| (string(record, "id"), string(record, "text")))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(records[1]["meta"], json!({"url": "u"}));
    assert_eq!(records[5]["meta"], json!({"year": 2002}));
    assert_eq!(records[6]["source"]["media_type"], "text/html");
}

#[test]
fn standard_input_may_be_compressed_or_parquet() {
    let here = Workplace::new(&[]);
    let records = here.pipe(&["run", "-"], gzip(b"From a pipe.")).records();
    assert_eq!(string(&records[0], "text"), "From a pipe.");
    let lines = zstd(b"{\"text\": \"One.\"}\n{\"text\": \"Two.\"}\n");
    let records = here
        .pipe(&["run", "-", "--input-format", "jsonl"], lines)
        .records();
    assert_eq!(ids(&records), ["stdin:1", "stdin:2"]);
    let records = here.pipe(&["run", "-"], parquet(&[Some("Row.")])).records();
    assert_eq!(
        (ids(&records), string(&records[0], "text")),
        (vec!["stdin:1"], "Row.")
    );
}

#[test]
fn what_is_cut_off_keeps_what_came_before() {
    let lines: String = (0..2_000u64)
        .map(|n| format!("{{\"text\": \"\", \"key\": {}}}\n", n * n * n * 7_919))
        .collect();
    let whole = gzip(lines.as_bytes());
    let here = Workplace::new(&[
        ("in/a.jsonl.gz", &whole[..whole.len() - 20]),
        ("in/b.txt", ENGLISH),
    ]);
    let ran = here.run(&["run", "in"]);
    assert_eq!(ran.code, 1);
    let records = json_lines(&ran.stdout);
    let bad: Vec<&Value> = records
        .iter()
        .filter(|record| !list(record, "errors").is_empty())
        .collect();
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0]["errors"][0]["code"], "corrupt");
    assert!(records.len() > 1_000, "{}", records.len());
    assert_eq!(string(&records[records.len() - 1], "id"), "b.txt");
}

#[test]
fn fields_go_by_the_names_that_are_given() {
    let line = br#"{"doc": {"body": "One.", "lang": "en"}, "key": 7, "text": "no"}"#;
    let here = Workplace::new(&[("a.jsonl", line)]);
    let records = here
        .run(&["run", "a.jsonl", "--text-field", "doc.body", "--id-field", "key"])
        .records();
    assert_eq!(
        (string(&records[0], "id"), string(&records[0], "text")),
        ("7", "One.")
    );
    assert_eq!(records[0]["meta"], json!({"doc": {"lang": "en"}, "text": "no"}));
}

#[test]
fn encodings_are_found_out_or_forced() {
    let utf16: Vec<u8> = "\u{feff}Déjà vu."
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let here = Workplace::new(&[
        ("a.txt", b"D\xe9j\xe0 vu."),
        ("b.txt", &utf16),
        ("c.txt", b"D\x8ej\x88 vu."),
    ]);
    let records = here.run(&["run", "a.txt", "b.txt"]).records();
    for (record, encoding, bytes) in [(&records[0], "windows-1252", 8), (&records[1], "utf-16be", 18)] {
        assert_eq!(string(record, "text"), "Déjà vu.");
        assert_eq!(record["source"]["encoding"], encoding);
        assert_eq!(record["source"]["bytes"], bytes);
    }
    let records = here.run(&["run", "c.txt", "--encoding", "macintosh"]).records();
    assert_eq!(string(&records[0], "text"), "Déjà vu.");
    let ran = here.run(&["run", "c.txt", "--encoding", "ebcdic"]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("`windows-1252`, found `ebcdic`"),
        "{}",
        ran.stderr
    );
}

#[test]
fn quoted_patterns_are_expanded() {
    let records = corpus().run(&["run", "corpus/**/*.txt"]).records();
    assert_eq!(ids(&records), ["a/night.txt", "b.txt"]);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_directory_does_not_hold_the_run_up() {
    let here = Workplace::new(&[("in/b.txt", ENGLISH)]);
    let made = std::process::Command::new("mkfifo")
        .arg(here.path("in/a.txt"))
        .status();
    if !made.is_ok_and(|status| status.success()) {
        return;
    }
    let ran = here.run(&["run", "in"]);
    assert_eq!(ran.code, 1);
    let records = json_lines(&ran.stdout);
    assert_eq!(ids(&records), ["a.txt", "b.txt"]);
    assert_eq!(records[0]["errors"][0]["code"], "not-a-file");
}

#[test]
fn long_documents_give_the_same_layers_in_any_form() {
    let mut text = String::new();
    for number in 0..30_000 {
        let late =
            "The ferry was late again.\n\nLe bac est en retard ; l’été, à l’île, personne ne s’étonne.";
        text += &format!("{number} {late}\n\n");
    }
    let here = Workplace::new(&[
        ("in/a.txt", text.as_bytes()),
        ("in/b.txt", &encoding_rs::WINDOWS_1252.encode(&text).0),
        (
            "in/c.jsonl",
            json!({"more": [1.5], "text": text}).to_string().as_bytes(),
        ),
    ]);
    let run = ["run", "in", "-o", "out/", "--no-entities", "--no-translation"];
    assert_eq!(here.run(&run).code, 0);
    let shards = || -> String {
        let shard = |number| here.text(&format!("out/records-0000{number}.jsonl"));
        (0..2).map(shard).collect()
    };
    let before = shards();
    let records = json_lines(&before);
    assert_eq!(ids(&records), ["a.txt", "b.txt", "c.jsonl:1"]);
    for record in &records[1..] {
        for layer in ["text", "language", "segments", "sentences", "translations"] {
            assert!(record[layer] == records[0][layer], "{layer}");
        }
    }
    assert_eq!(records[1]["source"]["encoding"], "windows-1252");
    assert_eq!(records[2]["source"]["sha256"], records[0]["source"]["sha256"]);
    assert_eq!(records[2]["meta"], json!({"more": [1.5]}));
    let verified = here.run(&["verify", "out", "--sample", "0"]);
    assert_eq!(verified.code, 0, "{}", verified.stderr);
    let updated = here.run(&[&run[..], &["--update"]].concat());
    assert_eq!(updated.code, 0, "{}", updated.stderr);
    assert!(shards() == before);
}
