//! Readers of any bytes: the first byte chooses the file's name, the others are its contents.

#![no_main]

use diglot::corpus::{Inputs, ReadOptions, Reader};
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 5] = ["a", "a.txt", "a.jsonl", "a.html", "a.parquet"];

fuzz_target!(|data: &[u8]| {
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
});
