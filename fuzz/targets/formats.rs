//! Every format made of records, and looked at with readers that are not diglot's.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use diglot::format::{Files, KnownPairs, OutputFormat, OutputOptions, PairFilter, StoredRecord, open};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

/// Writes records in every format, all pairs and without those that come again.
pub fn write(records: &mut [StoredRecord]) {
    for format in OutputFormat::ALL {
        for dedupe in [false, true] {
            let options = OutputOptions {
                filter: PairFilter {
                    dedupe,
                    ..PairFilter::default()
                },
                known: dedupe.then(KnownPairs::default),
                ..OutputOptions::default()
            };
            let files = Memory::default();
            let mut sink = open(format, Box::new(files.clone()), &options).expect("a format should open");
            for record in records.iter_mut() {
                record
                    .write_to(sink.as_mut())
                    .unwrap_or_else(|error| panic!("{format}: {error}"));
            }
            sink.finish().unwrap_or_else(|error| panic!("{format}: {error}"));
            let files = files.0.lock().unwrap_or_else(PoisonError::into_inner);
            files.iter().for_each(|(name, bytes)| check(name, bytes));
            if format == OutputFormat::Moses {
                same_lines(&files);
            }
        }
    }
}

fn check(name: &str, bytes: &[u8]) {
    assert!(
        name.split('/')
            .all(|part| !part.is_empty() && part != "." && part != ".."),
        "{name:?} leaves its folder"
    );
    let (_, extension) = name.rsplit_once('.').unwrap_or(("", name));
    if extension == "parquet" {
        assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
        return;
    }
    let text = std::str::from_utf8(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    match extension {
        "tmx" | "xlf" => well_formed(name, text),
        "jsonl" => {
            for line in text.split_terminator('\n') {
                let value: Result<Value, _> = serde_json::from_str(line);
                assert!(value.is_ok_and(|value| value.is_object()), "{name}: {line:?}");
            }
        }
        "tsv" => {
            for line in text.split_terminator('\n') {
                assert_eq!(line.matches('\t').count(), 13, "{name}: {line:?}");
            }
        }
        "conll" => {
            for line in text.split_terminator('\n') {
                let tabs = line.matches('\t').count();
                assert!(
                    tabs == 1 || (tabs == 0 && (line.is_empty() || line.starts_with("# "))),
                    "{name}: {line:?}"
                );
            }
        }
        "html" => assert!(
            text.starts_with("<!DOCTYPE html>") && text.ends_with("</html>\n"),
            "{name}"
        ),
        _ => {}
    }
}

/// Whether XML parses, and holds no character that XML 1.0 forbids.
fn well_formed(name: &str, xml: &str) {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}');
    assert!(xml.chars().all(allowed), "{name}: a character that XML forbids");
    let mut reader = Reader::from_str(xml);
    reader.config_mut().check_end_names = true;
    let mut depth = 0_usize;
    loop {
        match reader
            .read_event()
            .unwrap_or_else(|error| panic!("{name}: {error}"))
        {
            Event::Start(tag) => {
                depth += 1;
                for attribute in tag.attributes() {
                    attribute.unwrap_or_else(|error| panic!("{name}: {error}"));
                }
            }
            Event::End(_) => depth -= 1,
            Event::GeneralRef(reference) => {
                let is_character = reference.resolve_char_ref().is_ok_and(|found| found.is_some());
                let entity = reference.into_inner();
                let known = is_character || quick_xml::escape::resolve_xml_entity(&entity).is_some();
                assert!(known, "{name}: a reference that is not known");
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "{name}: elements are left open");
}

/// Files of one language pair have a line a pair each.
fn same_lines(files: &BTreeMap<String, Vec<u8>>) {
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, bytes) in files {
        let pair = name.split('.').next().unwrap_or_default();
        let count = bytes.iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(*lines.entry(pair).or_insert(count), count, "{name}");
    }
}

/// Files in memory.
#[derive(Clone, Default)]
struct Memory(Arc<Mutex<BTreeMap<String, Vec<u8>>>>);

struct File(Memory, String);

impl Files for Memory {
    fn create(&mut self, suffix: &str) -> io::Result<Box<dyn Write + Send>> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if files.contains_key(suffix) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        files.insert(suffix.to_owned(), Vec::new());
        Ok(Box::new(File(self.clone(), suffix.to_owned())))
    }
}

impl Write for File {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut files = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get_mut(&self.1) {
            file.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
