//! Parity with the reference (CRFsuite), on a tiny field made by `scripts/train/crf.py fixture`.

use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Case {
    words: Vec<String>,
    /// For each word the sum of its attributes' hashes, modulo 2^32.
    hashes: Vec<u32>,
    marginals: Vec<TagProbabilities>,
}

fn fixture() -> ModelFiles {
    ModelFiles::Directory(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/crf").into())
}

fn field() -> RandomField {
    RandomField::read(&fixture())
        .unwrap()
        .expect("`crf.bin` is there")
}

fn cases() -> Vec<Case> {
    serde_json::from_slice(&fixture().require("marginals.json").unwrap()).unwrap()
}

#[test]
fn attributes_are_those_of_training() {
    let field = field();
    for case in cases() {
        let words: Vec<&str> = case.words.iter().map(String::as_str).collect();
        let mut sums = Vec::new();
        attributes::of_words(&words, &field.tables, |found| {
            sums.push(
                found
                    .iter()
                    .fold(0_u32, |sum, hash| sum.wrapping_add(hash.folded())),
            );
        });
        for ((word, found), expected) in words.iter().zip(sums).zip(case.hashes) {
            assert_eq!(
                found,
                expected,
                "the attributes of `{word}` in `{}`",
                words.join(" ")
            );
        }
    }
}

#[test]
fn marginals_are_those_of_the_reference() {
    // The file holds weights as integers of 8 bits: what is left is their rounding.
    let tolerance = 0.03;
    for case in cases() {
        let words: Vec<&str> = case.words.iter().map(String::as_str).collect();
        let found = field().marginals(&words);
        for ((word, found), expected) in words.iter().zip(found).zip(case.marginals) {
            let apart = found
                .iter()
                .zip(expected)
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f32::max);
            assert!(
                apart < tolerance,
                "`{word}` in `{}`: {found:?} for {expected:?}",
                words.join(" ")
            );
            assert!((found.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }
}

#[test]
fn decomposed_words_are_read_as_composed_ones() {
    let (composed, decomposed) = (
        field().marginals(&["École"]),
        field().marginals(&["E\u{301}cole"]),
    );
    assert_eq!(composed, decomposed);
}

#[test]
fn the_mixture_lies_between_its_sides() {
    let words = ["Dakar"];
    let alone = field().marginals(&words);
    let mut network = vec![[0.0; STATES]];
    network[0][0] = 1.0;
    let mut mixed = network.clone();
    field().mix(&words, &mut mixed);
    assert!((mixed[0].iter().sum::<f32>() - 1.0).abs() < 1e-5);
    let outside = [alone[0][0], mixed[0][0], network[0][0]];
    assert!(outside.is_sorted(), "{outside:?}");
}

#[test]
fn no_words_have_no_tags() {
    assert!(field().marginals(&[]).is_empty());
}

#[test]
fn broken_files_are_refused() {
    let whole = fixture().require("crf.bin").unwrap().to_vec();
    let check = |change: &dyn Fn(&mut Vec<u8>), expected: &str| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        let message = Tables::parse(&bytes).err().unwrap_or_default();
        assert!(
            message.contains(expected),
            "expected `{expected}`, found `{message}`"
        );
    };
    check(&|bytes| bytes[0] = b'X', "expected it to begin with `DGCF`");
    check(&|bytes| bytes[4] = 1, "expected version to be 2, found 1");
    check(&|bytes| bytes.truncate(bytes.len() - 1), "is the file whole?");
    check(
        &|bytes| bytes.push(0),
        "expected the end of the file, found 1 more bytes",
    );
    check(&|bytes| bytes[12] += 1, "expected");
    let share = 4 + 6 * 4 + 4;
    check(
        &|bytes| bytes[share..share + 4].copy_from_slice(&2_f32.to_le_bytes()),
        "expected a share from 0 to 1, found 2",
    );
    let hashes = share + 8 + 81 * 4;
    check(&|bytes| bytes[hashes + 3] = 0xff, "expected rising hashes");
}
