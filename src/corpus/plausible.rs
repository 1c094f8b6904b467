//! Whether bytes look like text, and in which encoding.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, WINDOWS_1252, WINDOWS_1254};

/// Bytes that the guess of an encoding looks at, from the first that is not ASCII on.
const SAMPLE: usize = 1 << 20;

/// Files that are often taken for text, by their first bytes.
const KINDS: [(&[u8], &str); 9] = [
    (b"PAR1", "a Parquet file"),
    (b"%PDF-", "a PDF file"),
    (b"PK\x03\x04", "a ZIP file, or an office document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\xfd7zXZ\0", "xz data (gzip and zstd are read)"),
    (b"BZh", "bzip2 data (gzip and zstd are read)"),
    (b"7z\xbc\xaf", "a 7-Zip file"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
];

/// What kind of file begins like this.
pub(super) fn file_kind(bytes: &[u8]) -> Option<&'static str> {
    let found = KINDS.iter().find(|(magic, _)| bytes.starts_with(magic))?;
    Some(found.1)
}

/// Whether bytes hold no more NULs than a text with an accident: one in ten.
pub(super) fn has_few_nuls(bytes: &[u8]) -> bool {
    bytes.iter().filter(|byte| **byte == 0).count() * 10 <= bytes.len()
}

/// Whether at most one character in fifty is one that texts do not hold: control characters but
/// for white space, and noncharacters. Of random bytes read as windows-1252, one in eight is.
pub(super) fn is_text(text: &str) -> bool {
    let strange = |c: &char| (c.is_control() && !c.is_whitespace()) || (*c as u32) & 0xfffe == 0xfffe;
    let (mut characters, mut bad) = (0usize, 0usize);
    for c in text.chars() {
        characters += 1;
        bad += usize::from(strange(&c));
    }
    bad * 50 <= characters
}

/// Whether bytes that are not UTF-8 were it once: at least as many of their sequences are well-formed
/// as are not. In texts of older encodings, well-formed ones are chance: `É »` in windows-1252.
pub(super) fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good >= bad && good > 0
}

/// The encoding that bytes look like, which are not UTF-8.
pub(super) fn guess(bytes: &[u8]) -> &'static Encoding {
    let first = Encoding::ascii_valid_up_to(bytes).saturating_sub(2);
    let sample = &bytes[first..];
    let whole = sample.len() <= SAMPLE;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&sample[..sample.len().min(SAMPLE)], whole);
    detector.guess(None, Utf8Detection::Deny)
}

/// Whether an encoding is one for Western languages, which decodes any bytes at all.
pub(super) fn is_western(encoding: &'static Encoding) -> bool {
    encoding == WINDOWS_1252 || encoding == WINDOWS_1254
}

/// Looks for what gives windows-1252 away as a wrong guess.
///
/// The error says what the bytes seem to be.
pub(super) fn check_western(bytes: &[u8]) -> Result<(), String> {
    if let Some(at) = mixed_in_utf8(bytes) {
        return Err(format!(
            "expected one encoding, found UTF-8 beside windows-1252 at {at}"
        ));
    }
    let words = bytes.windows(3).filter(|window| {
        let [before, byte, after] = window else {
            return false;
        };
        before.is_ascii_alphabetic() && after.is_ascii_alphabetic() && is_strange_inside_words(*byte)
    });
    let letters = bytes.iter().filter(|byte| **byte >= 0xc0).count();
    if words.count() > letters {
        let message =
            "expected text in a known encoding, found what may be that of DOS or of the old Macintosh";
        return Err(message.to_owned());
    }
    Ok(())
}

/// Where UTF-8 stands in text of windows-1252: `Ã` or `Â` before what is no letter, and `â€`.
fn mixed_in_utf8(bytes: &[u8]) -> Option<usize> {
    bytes.windows(3).position(|window| {
        matches!(
            window,
            [0xc2 | 0xc3, 0x80..=0xbf, _] | [_, 0xc2 | 0xc3, 0x80..=0xbf] | [0xe2, 0x80, 0x80..=0xbf]
        )
    })
}

/// Signs of windows-1252 that do not stand between two letters, where DOS and the Macintosh had `é`
/// and its kin: all from 0x80 to 0x9f but for letters, the apostrophe and dashes.
fn is_strange_inside_words(byte: u8) -> bool {
    matches!(byte, 0x80..=0x9f)
        && !matches!(byte, 0x8a | 0x8c | 0x92 | 0x96 | 0x97 | 0x9a | 0x9c | 0x9e | 0x9f)
}
