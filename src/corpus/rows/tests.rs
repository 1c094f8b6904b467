use std::io::Cursor;
use std::path::Path;

use arrow_array::{
    ArrayRef, BinaryArray, Float64Array, Int64Array, ListArray, StringArray, StructArray, types,
};
use arrow_schema::{DataType, Field};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;

use super::super::{Inputs, Reader};
use super::*;

/// A Parquet file of these columns, with row groups of `group` rows.
fn parquet(columns: Vec<(&str, ArrayRef)>, group: usize) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let properties = WriterProperties::builder()
        .set_max_row_group_row_count(Some(group))
        .set_dictionary_enabled(false)
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

fn strings(values: &[Option<&str>]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

fn numbered(rows: usize) -> Vec<u8> {
    let texts: Vec<String> = (1..=rows).map(|row| format!("Text number {row}.")).collect();
    parquet(vec![("text", Arc::new(StringArray::from(texts)))], 10)
}

fn read_with(bytes: &[u8], options: ReadOptions) -> Vec<Result<Document, Unreadable>> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("f.parquet");
    std::fs::write(&path, bytes).unwrap();
    let mut reader = Reader::new(Inputs::find(&[&path], None, None).with_options(options));
    let read: Vec<_> = reader.by_ref().collect();
    assert!(reader.bytes_read() >= bytes.len().min(1) as u64);
    read
}

/// `id=text`, or `id!code`.
fn read(bytes: &[u8]) -> Vec<String> {
    let show = |item| match item {
        Ok(Document { id, text, .. }) => format!("{id}={text}"),
        Err(Unreadable { id, code, .. }) => format!("{id}!{code}"),
    };
    read_with(bytes, ReadOptions::default())
        .into_iter()
        .map(show)
        .collect()
}

#[test]
fn a_row_gives_a_document_or_says_why_not() {
    let bytes = parquet(
        vec![
            ("text", strings(&[Some("a"), None, Some("é\n"), Some("")])),
            ("id", strings(&[Some("x"), Some("y"), None, Some("x")])),
        ],
        3,
    );
    assert_eq!(
        read(&bytes),
        ["x=a", "f.parquet:2!invalid-text", "f.parquet:3=é\n", "x#4="]
    );
}

#[test]
fn other_columns_pass_through() {
    let tags = ListArray::from_iter_primitive::<types::Int32Type, _, _>([Some(vec![Some(1), None])]);
    let url = Arc::new(Field::new("url", DataType::Utf8, true));
    let article = Arc::new(Field::new("body", DataType::Utf8, true));
    let nested = StructArray::from(vec![
        (url, strings(&[Some("u")])),
        (article, strings(&[Some("the text")])),
    ]);
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("z", Arc::new(Float64Array::from(vec![0.5]))),
        ("page", Arc::new(nested)),
        ("no", strings(&[None])),
        ("key", Arc::new(Int64Array::from(vec![7]))),
        ("tags", Arc::new(tags)),
    ];
    let options = ReadOptions {
        text_field: "page.body".to_owned(),
        id_field: "key".to_owned(),
        ..ReadOptions::default()
    };
    let document = read_with(&parquet(columns, 3), options).remove(0).unwrap();
    assert_eq!((document.id.as_str(), document.text.as_str()), ("7", "the text"));
    let meta = serde_json::to_string(&document.meta).unwrap();
    assert_eq!(meta, r#"{"z":0.5,"page":{"url":"u"},"no":null,"tags":[1,null]}"#);
}

#[test]
fn a_column_of_bytes_is_read_as_text() {
    let text: ArrayRef = Arc::new(BinaryArray::from(vec!["é".as_bytes(), b"\xe9", b"b"]));
    assert_eq!(
        read(&parquet(vec![("text", text)], 9)),
        ["f.parquet:1=é", "f.parquet:2!invalid-utf8", "f.parquet:3=b"]
    );
}

#[test]
fn a_file_without_the_column_is_one_error() {
    let bytes = parquet(vec![("body", strings(&[Some("a"), Some("b")]))], 9);
    let unreadable = read_with(&bytes, ReadOptions::default()).remove(0).unwrap_err();
    assert_eq!(
        (unreadable.id.as_str(), unreadable.code),
        ("f.parquet", "missing-text")
    );
    assert_eq!(unreadable.message, "expected a column `text`, found `body`");
    assert_eq!(read(b""), ["f.parquet!invalid-parquet"]);
    assert_eq!(read(b"PAR1 but not really"), ["f.parquet!invalid-parquet"]);
    assert!(read(&parquet(vec![("text", strings(&[]))], 9)).is_empty());
}

/// Where the values of the column stand in `bytes`: right after the text `before`.
fn position(bytes: &[u8], text: &str) -> usize {
    let found = bytes
        .windows(text.len())
        .position(|window| window == text.as_bytes());
    found.unwrap()
}

#[test]
fn a_bad_row_leaves_its_neighbours_alone() {
    let mut bytes = numbered(25);
    let at = position(&bytes, "number 13.");
    bytes[at] = 0xff;
    let read = read(&bytes);
    assert_eq!(read.len(), 25);
    for (row, item) in (1..).zip(&read) {
        let expected = match row {
            13 => "f.parquet:13!invalid-parquet".to_owned(),
            _ => format!("f.parquet:{row}=Text number {row}."),
        };
        assert_eq!(*item, expected);
    }
}

#[test]
fn a_bad_row_group_leaves_the_others_alone() {
    let mut bytes = numbered(25);
    // The length of a value in the second group, now longer than the page.
    let at = position(&bytes, "Text number 14.");
    bytes[at - 4..at].copy_from_slice(&[0xff, 0xff, 0xff, 0x7f]);
    let read = read(&bytes);
    let errors: Vec<&String> = read.iter().filter(|item| item.contains('!')).collect();
    assert!((1..=3).contains(&errors.len()), "{errors:?}");
    assert_eq!(read[9], "f.parquet:10=Text number 10.");
    assert_eq!(read[read.len() - 5..][0], "f.parquet:21=Text number 21.");
}

#[test]
fn compressed_and_piped_files_are_read_too() {
    let zipped = zstd::encode_all(Cursor::new(numbered(2)), 1).unwrap();
    assert_eq!(
        read(&zipped),
        ["f.parquet:1=Text number 1.", "f.parquet:2=Text number 2."]
    );
}

#[test]
fn rows_are_counted_as_bytes_of_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("f.parquet");
    let bytes = numbered(25);
    std::fs::write(&path, &bytes).unwrap();
    let mut reader = Reader::new(Inputs::find(&[Path::new(&path)], None, None));
    assert_eq!(reader.by_ref().take(3).count(), 3);
    assert!(reader.bytes_read() < bytes.len() as u64);
    assert_eq!(reader.by_ref().count(), 22);
    assert!(reader.bytes_read() >= bytes.len() as u64);
}

proptest! {
    #![proptest_config(crate::testing::cases(96))]
    #[test]
    fn damage_never_ends_the_run(at in any::<prop::sample::Index>(), byte in any::<u8>(), length in any::<prop::sample::Index>()) {
        let mut bytes = numbered(12);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        prop_assert!(read(&bytes).len() <= 16);
        bytes.truncate(length.index(bytes.len()));
        prop_assert!(read(&bytes).len() <= 16);
    }
}

#[test]
fn a_row_above_the_limit_is_an_error() {
    let bytes = parquet(
        vec![(
            "text",
            strings(&[Some("short"), Some("much too long"), Some("short")]),
        )],
        3,
    );
    let options = ReadOptions {
        max_bytes: 10,
        ..ReadOptions::default()
    };
    let read = read_with(&bytes, options);
    assert!(read[0].is_ok() && read[2].is_ok());
    assert_eq!(read[1].as_ref().unwrap_err().code, "too-long");
}
