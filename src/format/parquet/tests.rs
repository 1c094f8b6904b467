use std::fs::File;
use std::io::Seek;

use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::json;

use super::*;
use crate::format::fake;

/// One file, whatever it is called.
struct One(Option<File>);

impl Files for One {
    fn create(&mut self, suffix: &str) -> io::Result<Box<dyn Write + Send>> {
        assert_eq!(suffix, "parquet");
        Ok(Box::new(self.0.take().expect("a sink should create one file")))
    }
}

fn written(records: &[Record]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    let mut files = One(Some(file.try_clone().unwrap()));
    let mut sink = Box::new(ParquetSink::new(&mut files).unwrap());
    for record in records {
        sink.write(record).unwrap();
    }
    let counts = sink.finish().unwrap();
    assert_eq!(counts.records, records.len() as u64);
    file.rewind().unwrap();
    file
}

#[track_caller]
fn check_round_trip(records: &[Record]) {
    let back: Vec<Record> = ParquetRecords::open(written(records))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert_eq!(back, records);
}

#[test]
fn records_come_back_as_they_went_in() {
    check_round_trip(&[]);
    check_round_trip(&[fake::plain()]);
    check_round_trip(&[fake::nasty(), fake::plain(), fake::unreadable()]);
    let mut without_text = fake::plain();
    without_text.text = None;
    check_round_trip(&[without_text]);
}

#[test]
fn more_rows_than_are_decoded_together_keep_their_order() {
    let records: Vec<Record> = (0..150)
        .map(|at| {
            let mut record = fake::plain();
            record.id = format!("document {at}");
            record
        })
        .collect();
    check_round_trip(&records);
}

#[test]
fn passed_through_fields_are_json_text_and_come_back() {
    let mut record = fake::plain();
    record.meta = json!({"z": [1, null, {"é": "\u{0}"}], "a": 1.5, "big": u64::MAX})
        .as_object()
        .cloned();
    check_round_trip(&[record]);
}

#[test]
fn a_file_says_its_schema_and_is_compressed() {
    let reader = SerializedFileReader::new(written(&[fake::plain()])).unwrap();
    let pairs = reader
        .metadata()
        .file_metadata()
        .key_value_metadata()
        .unwrap()
        .clone();
    assert!(
        pairs
            .iter()
            .any(|pair| pair.key == SCHEMA_KEY && pair.value.as_deref() == Some(SCHEMA))
    );
    let column = reader.metadata().row_group(0).column(0);
    assert!(matches!(column.compression(), Compression::ZSTD(_)), "{column:?}");
}

#[test]
fn the_same_records_give_the_same_bytes() {
    let bytes = || {
        let mut bytes = Vec::new();
        io::copy(&mut written(&[fake::nasty(), fake::plain()]), &mut bytes).unwrap();
        bytes
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn groups_are_bounded() {
    // What does not compress, so that encoded bytes are about text bytes.
    let mut state = 7_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'!' + u8::try_from((state >> 33) % 90).unwrap())
    };
    let noise: String = (0..(5 << 20)).map(|_| noise()).collect();
    let records: Vec<Record> = (0..10)
        .map(|at| {
            let mut record = fake::plain();
            record.text = Some(format!("{at}{noise}"));
            record
        })
        .collect();
    let reader = SerializedFileReader::new(written(&records)).unwrap();
    assert!(
        reader.num_row_groups() > 1,
        "50 MiB should not stand in one row group"
    );
}

#[test]
fn files_of_another_kind_are_refused() {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(b"PAR1 but nothing else").unwrap();
    assert!(ParquetRecords::open(file).is_err());
}

#[test]
fn a_full_disk_is_reported_as_such() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    struct NoRoom;
    impl Files for NoRoom {
        fn create(&mut self, _: &str) -> io::Result<Box<dyn Write + Send>> {
            Ok(Box::new(Full))
        }
    }
    let written = ParquetSink::new(&mut NoRoom).and_then(|mut sink| {
        sink.write(&fake::plain())?;
        Box::new(sink).finish()
    });
    assert_eq!(written.unwrap_err().kind(), io::ErrorKind::StorageFull);
}
