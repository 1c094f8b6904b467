//! Records by hand, for the tests of formats.

use serde_json::json;

use super::Record;

/// A small record with every kind of segment, an aligned and a translated rendering, and names.
pub fn plain() -> Record {
    serde_json::from_str(include_str!("../../tests/fixtures/records/plain.json"))
        .expect("the record should parse")
}

/// Markup, bidirectional controls and a right-to-left script in every field; offsets that do not fit;
/// ids that do not exist.
pub fn nasty() -> Record {
    serde_json::from_str(include_str!("../../tests/fixtures/records/nasty.json"))
        .expect("the record should parse")
}

/// What stands in the place of a document that could not be read.
pub fn unreadable() -> Record {
    let mut record = plain();
    record.id = "lost/letter.txt".to_owned();
    record.text = None;
    record.language = "und".to_owned();
    record.segments.clear();
    record.sentences.clear();
    record.translations.clear();
    record.entities.clear();
    record.errors = serde_json::from_value(json!([
        {"stage": "read", "code": "invalid-utf8", "message": "expected UTF-8, found <b>UTF-16</b>"}
    ]))
    .expect("the error should parse");
    record
}
