//! What is fuzzed: functions of any bytes or any text that panic where something is wrong.
//!
//! Two harnesses drive them: `cargo fuzz` through `fuzz_targets/`, and, for a bounded time on any compiler,
//! `tests/fuzz/`, which is part of `cargo test`.

mod formats;
mod pipeline;

use std::io::Cursor;

use diglot::corpus::{Inputs, ReadOptions, Reader, check_record, check_stored};
use diglot::document::Document;
use diglot::format::{Record, RecordOptions, RecordReader, StoredRecord};
use diglot::segment::{ArticleSegmenter, RuleSentenceSplitter, Segmenter, SentenceSplitter};

/// Segments of any text: top-level ones tile it but for white space, children lie in their parents.
pub fn segment(text: &str) {
    let pieces = ArticleSegmenter.segment(text);
    let mut end = 0;
    for piece in &pieces {
        let surface = piece
            .span
            .of(text)
            .expect("a span should be on character boundaries");
        match piece.parent {
            Some(parent) => {
                let parent = pieces[parent].span;
                assert!(parent.start() <= piece.span.start() && piece.span.end() <= parent.end());
            }
            None => {
                let gap = end..piece.span.start();
                assert!(is_gap(text, gap.clone()), "{:?}", &text[gap]);
                end = piece.span.end();
            }
        }
        for sentence in RuleSentenceSplitter.split(surface) {
            assert!(sentence.of(surface).is_some());
        }
    }
    assert!(is_gap(text, end..text.len()));
}

/// Whether a gap is white space; where it holds the start or end of a line, marks of quotations and of Markdown may
/// stand there.
fn is_gap(text: &str, gap: std::ops::Range<usize>) -> bool {
    let is_line_end = |c| {
        matches!(
            c,
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let at_edge = gap.start == 0 || gap.end == text.len() || text[gap.clone()].contains(is_line_end);
    let is_mark = |c| matches!(c, '>' | '#' | '*' | '-' | '_' | '=');
    let is_blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    text[gap].chars().all(|c| is_blank(c) || at_edge && is_mark(c))
}

/// Readers of any bytes: the first byte chooses the file's name, the others are its contents.
pub fn read(data: &[u8]) {
    const NAMES: [&str; 5] = ["a", "a.txt", "a.jsonl", "a.html", "a.parquet"];
    let Some((first, contents)) = data.split_first() else {
        return;
    };
    let directory = tempfile::tempdir().expect("a directory should be made");
    let path = directory.path().join(NAMES[usize::from(*first) % NAMES.len()]);
    std::fs::write(&path, contents).expect("a file should be written");
    let options = ReadOptions {
        // Some bytes of zstd make gigabytes.
        max_bytes: 1 << 20,
        ..ReadOptions::default()
    };
    let inputs = Inputs::find(&[&path], None, None).with_options(options);
    for item in Reader::new(inputs) {
        match item {
            Ok(document) => assert!(!document.id.is_empty()),
            Err(unreadable) => assert!(!unreadable.code.is_empty() && !unreadable.message.is_empty()),
        }
    }
}

/// A text all the way: its record agrees with itself, reads back as it was, and is well formed in every
/// format. The models are stand-ins.
pub fn document(text: &str) {
    document_of(Document::new("a.txt", text));
}

/// The same for a document with an id and fields of its own.
pub fn document_of(document: Document) {
    let pipeline = pipeline::stand_ins();
    let outcome = pipeline.process(&document);
    assert!(
        outcome.failures.is_empty(),
        "no stage should fail: {:?}",
        outcome.failures
    );
    let options = RecordOptions {
        word_alignment: true,
        ..RecordOptions::default()
    };
    let record = Record::with_options(&outcome, pipeline.run(), options);
    assert_eq!(
        check_record(&record),
        Vec::<String>::new(),
        "the record should agree with itself"
    );
    let mut line = serde_json::to_vec(&record).expect("a record should be JSON");
    assert!(!line.contains(&b'\n'), "a record should be one line");
    line.push(b'\n');
    let mut read = RecordReader::new(Cursor::new(line)).expect("memory should be readable");
    match read.next() {
        Some(Ok(StoredRecord::Whole(found))) => {
            assert_eq!(*found, record, "a record should read back as it was")
        }
        other => panic!("expected the record, found {other:?}"),
    }
    formats::write(&mut [StoredRecord::Whole(Box::new(record))]);
}

/// Any bytes as lines of records: what is read can be checked and written in every format.
pub fn records(data: &[u8]) {
    let Ok(reader) = RecordReader::new(Cursor::new(data.to_vec())) else {
        return;
    };
    let mut records: Vec<StoredRecord> = reader.filter_map(Result::ok).collect();
    for record in &mut records {
        let _problems = check_stored(record).expect("temporary files should be readable");
    }
    formats::write(&mut records);
}
