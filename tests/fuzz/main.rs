//! The fuzz targets of `fuzz/`, driven by changes at random to good inputs, and by strings that break software.
//!
//! `cargo test --test fuzz` tries the same inputs every time. `DIGLOT_FUZZ_SECONDS=600` goes on for so long
//! with others, a target at a time; a target that fails prints its input.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]
#![allow(clippy::print_stderr, reason = "a test that fails says with what")]

mod change;
mod naughty;
#[path = "../../fuzz/targets/mod.rs"]
mod targets;
#[path = "../../src/testing.rs"]
mod testing;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use change::Change;

const ARTICLE: &str = "date 2024-05-18 The harbour of Val-Lantier opens again\n\n\
    The ferry will leave on Monday, the port authority said. “We waited 17 years,” Ansa Kermadec told reporters. \
    Dr. Lenoir (41) paid £3.50.\n\n\
    Le bac partira lundi matin, et personne ne sait pourquoi ! https://pont.example.org/mai pic.twitter.com/aBcD1 \
    — Ansa Kermadec (@ansa_k) 4 mars 2025\n\n\
    « Nous n'avons rien vu », dit-elle. \u{feff}Ça coûte 3 000 € ; fin…\r\n\r\n#Lac @lina 🎉👩‍👩‍👧";

/// Tries a target on changed inputs: `count` of them, or for as long as the environment says.
fn fuzz(seeds: &[&[u8]], count: usize, target: impl Fn(&[u8])) {
    let seconds = std::env::var("DIGLOT_FUZZ_SECONDS").ok();
    let limit = seconds.map(|seconds| Duration::from_secs(seconds.parse().unwrap()));
    let seed = match limit {
        None => 1,
        Some(_) => SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64,
    };
    let mut change = Change::new(seed);
    let began = Instant::now();
    let mut tried = 0;
    while limit.map_or(tried < count, |limit| began.elapsed() < limit) {
        let input = change.one_of(seeds);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| target(&input))) {
            eprintln!(
                "input {tried} of the seed {seed}: {:?}",
                String::from_utf8_lossy(&input)
            );
            resume_unwind(panic);
        }
        tried += 1;
    }
}

#[test]
fn segments_tile_any_text() {
    fuzz(&[ARTICLE.as_bytes()], 1500, |data| {
        targets::segment(&String::from_utf8_lossy(data));
    });
}

#[test]
fn readers_take_any_bytes() {
    let page = "<!DOCTYPE html><html><head><title>T</title><meta charset=utf-8></head><body><article><h1>Le bac</h1>\
        <p>Le bac est en retard.</p><blockquote class=\"twitter-tweet\"><p>Oui</p>&mdash; A (@a) \
        <a href=x>May 1, 2024</a></blockquote></article></body></html>";
    let lines = "{\"id\": \"a\", \"text\": \"Le bac.\", \"n\": 1.50}\n{\"text\": \"\\ud83d\\ude00\"}\n\n{\"text\": 5}\n";
    let gzip = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut encoder, lines.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let zstd = zstd::encode_all(ARTICLE.as_bytes(), 1).unwrap();
    let named = |name: u8, contents: &[u8]| [&[name], contents].concat();
    let seeds = [
        named(0, page.as_bytes()),
        named(1, ARTICLE.as_bytes()),
        named(1, &zstd),
        named(1, b"\xff\xfel\0e\0 \0b\0a\0c\0"),
        named(1, b"caf\xe9 d\xe9j\xe0 ferm\xe9"),
        named(2, lines.as_bytes()),
        named(2, &gzip),
        named(3, page.as_bytes()),
        named(4, b"PAR1\x15\x04\x15\x00\x00PAR1"),
    ];
    let seeds: Vec<&[u8]> = seeds.iter().map(Vec::as_slice).collect();
    fuzz(&seeds, 600, targets::read);
}

#[test]
fn any_text_goes_all_the_way() {
    fuzz(&[ARTICLE.as_bytes()], 200, |data| {
        targets::document(&String::from_utf8_lossy(data));
    });
}

#[test]
fn any_records_are_written_in_every_format() {
    let plain = include_bytes!("../fixtures/records/plain.json");
    let nasty = include_bytes!("../fixtures/records/nasty.json");
    fuzz(&[plain, nasty], 300, targets::records);
}
