use std::io::Write;

use super::super::Encoding;
use super::*;

fn reader(name: &str, bytes: &[u8], options: ReadOptions) -> (tempfile::TempDir, Reader) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let reader = Reader::new(Inputs::find(&[&path], None, None).with_options(options));
    (directory, reader)
}

fn read_as(name: &str, bytes: &[u8]) -> Result<Document, Unreadable> {
    let (_directory, mut reader) = reader(name, bytes, ReadOptions::default());
    let document = reader.next().unwrap();
    assert!(reader.next().is_none());
    document
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn text_is_read_as_it_is() {
    for text in ["", "\u{feff}Ça va ?\r\n", "e\u{301}\u{0}\u{202e}👩‍👩‍👧\r"] {
        for bytes in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
            let document = read_as("a.txt", &bytes).unwrap();
            assert_eq!((document.text.as_str(), document.decoded), (text, None));
        }
    }
}

#[test]
fn what_was_decoded_says_from_what() {
    let bytes = b"d\xe9j\xe0 vu";
    for file in [bytes.to_vec(), gzip(bytes)] {
        let document = read_as("a.txt", &file).unwrap();
        assert_eq!(document.text, "déjà vu");
        let decoded = document.decoded.unwrap();
        assert_eq!(decoded.encoding, Some("windows-1252"));
        assert_eq!((decoded.bytes, decoded.sha256), (7, sha256(bytes)));
    }
}

#[test]
fn pages_are_known_by_name_or_by_their_beginning() {
    let page = b"<!DOCTYPE html><title>T</title><p>caf\xe9";
    for name in ["a.html", "a.htm", "a"] {
        let document = read_as(name, page).unwrap();
        let decoded = document.decoded.unwrap();
        assert_eq!(decoded.media_type, Some("text/html"));
        assert_eq!(decoded.encoding, Some("windows-1252"));
        assert_eq!(decoded.sha256, sha256(page));
        assert!(document.text.ends_with("café"), "{}", document.text);
    }
    assert!(read_as("a.txt", page).unwrap().text.starts_with("<!"));
    assert_eq!(read_as("a.html", b"<p> ").unwrap_err().code, "no-article");
}

#[test]
fn a_long_text_is_decoded_and_says_from_what() {
    let text = "L’été, à l’île d’Arvor.\n\n".repeat(100_000);
    let bytes = encoding_rs::WINDOWS_1252.encode(&text).0.into_owned();
    for file in [bytes.clone(), gzip(&bytes)] {
        let document = read_as("a.txt", &file).unwrap();
        assert!(document.text == text);
        let decoded = document.decoded.unwrap();
        assert_eq!(decoded.encoding, Some("windows-1252"));
        assert_eq!((decoded.bytes, decoded.sha256), (bytes.len(), sha256(&bytes)));
    }
    let (_directory, mut reader) = reader("a.txt", &bytes, ReadOptions::default());
    assert!(matches!(reader.item(), Some(Item::Long(_))));
    let broken = [text.as_bytes(), b"\xff"].concat();
    let unreadable = read_as("a.txt", &broken).unwrap_err();
    assert_eq!(
        (unreadable.code, unreadable.bytes),
        ("invalid-utf8", broken.len())
    );
    assert_eq!(unreadable.sha256, sha256(&broken));
    // Longer in UTF-16 than in UTF-8: no long text after all.
    let utf16: Vec<u8> = format!("\u{feff}{}", "ab".repeat(300_000))
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    let (_directory, mut reader) = self::reader("a.txt", &utf16, ReadOptions::default());
    assert!(matches!(reader.item(), Some(Item::Document(document)) if document.text.len() == 600_000));
}

#[test]
fn what_cannot_be_read_says_which_bytes_it_was() {
    let unreadable = read_as("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap_err();
    assert_eq!(unreadable.code, "undecodable");
    assert_eq!(unreadable.message, "expected text, found a PNG image");
    assert_eq!(unreadable.bytes, 16);
}

#[test]
fn a_document_that_is_cut_off_is_an_error() {
    let whole = gzip("Il n’y a plus rien.".repeat(50).as_bytes());
    let unreadable = read_as("a.txt", &whole[..whole.len() - 9]).unwrap_err();
    assert_eq!(
        (unreadable.code, unreadable.message.as_str()),
        ("corrupt", "the gzip data is cut off")
    );
}

#[test]
fn lines_before_damage_are_read() {
    let lines: String = (0..5_000u64)
        .map(|n| format!("{{\"text\":\"{}\"}}\n", n * n * n * 7_919))
        .collect();
    let whole = gzip(lines.as_bytes());
    let (_directory, reader) = reader("a.jsonl.gz", &whole[..whole.len() / 2], ReadOptions::default());
    let read: Vec<_> = reader.collect();
    let good = read.iter().take_while(|item| item.is_ok()).count();
    assert!(good > 1_000, "{good}");
    assert_eq!(read.len(), good + 1);
    assert_eq!(read[good].as_ref().unwrap_err().code, "corrupt");
}

#[test]
fn a_document_above_the_limit_is_an_error() {
    let options = ReadOptions {
        max_bytes: 10,
        ..ReadOptions::default()
    };
    for bytes in [vec![b'a'; 11], gzip(&[b'a'; 11])] {
        let (_directory, mut reader) = reader("a.txt", &bytes, options.clone());
        assert_eq!(reader.next().unwrap().unwrap_err().code, "too-long");
    }
    let (_directory, mut reader) = reader("a.txt", &gzip(&[b'a'; 10]), options);
    assert_eq!(reader.next().unwrap().unwrap().text.len(), 10);
}

#[test]
fn a_forced_encoding_holds_for_all() {
    let options = ReadOptions {
        encoding: Encoding::of_label("macintosh"),
        ..ReadOptions::default()
    };
    let (_directory, mut reader) = reader("a.txt", b"d\x8ej\x88", options);
    let document = reader.next().unwrap().unwrap();
    assert_eq!(document.text, "déjà");
    assert_eq!(document.decoded.unwrap().encoding, Some("macintosh"));
}

#[test]
fn bytes_are_counted_as_they_lie_in_the_file() {
    let bytes = gzip("Encore et encore. ".repeat(900).as_bytes());
    let (_directory, mut reader) = reader("a.txt", &bytes, ReadOptions::default());
    assert!(reader.next().unwrap().is_ok());
    assert_eq!(reader.bytes_read(), bytes.len() as u64);
}

#[test]
fn a_source_that_is_gone_is_an_error_in_its_place() {
    let directory = tempfile::tempdir().unwrap();
    let paths = ["a.txt", "b.txt", "c.txt"].map(|name| directory.path().join(name));
    for path in &paths {
        std::fs::write(path, "text").unwrap();
    }
    let inputs = Inputs::find(&[directory.path()], None, None);
    std::fs::remove_file(&paths[0]).unwrap();
    std::fs::remove_file(&paths[1]).unwrap();
    std::fs::create_dir(&paths[1]).unwrap();
    let read: Vec<_> = Reader::new(inputs).map(|item| item.map_err(|e| e.code)).collect();
    assert_eq!(read[0], Err("unreadable"));
    assert_eq!(read[1], Err("unreadable"));
    assert!(read[2].is_ok());
}

proptest::proptest! {
    #![proptest_config(crate::testing::cases(64))]
    #[test]
    fn any_bytes_in_any_file_end(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..80), start in 0..7usize, name in 0..4usize) {
        let start: &[u8] = [&b""[..], b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"PAR1\x15", b"\xff\xfe", b"<html>", b"{\"text\":\""][start];
        let name = ["a", "a.jsonl", "a.html", "a.parquet"][name];
        let (_directory, reader) = reader(name, &[start, &bytes].concat(), ReadOptions::default());
        proptest::prop_assert!(reader.take(100).count() < 100);
    }
}
