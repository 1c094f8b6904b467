//! Whether bytes look like text, and in which encoding.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252, WINDOWS_1254};

/// Bytes that the guess of an encoding looks at, from the first that is not ASCII on.
pub(super) const SAMPLE: usize = 1 << 20;

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

/// Counts what shows that characters are those of a text: at most one in fifty is one that texts do not hold, which
/// are control characters but for white space, and noncharacters. Of random bytes read as windows-1252, one in eight is.
#[derive(Default)]
pub(super) struct Characters {
    all: usize,
    strange: usize,
}

impl Characters {
    pub(super) fn add(&mut self, text: &str) {
        let strange = |c: &char| (c.is_control() && !c.is_whitespace()) || (*c as u32) & 0xfffe == 0xfffe;
        self.all += text.chars().count();
        self.strange += text.chars().filter(strange).count();
    }

    pub(super) fn are_text(&self) -> bool {
        self.strange * 50 <= self.all
    }
}

/// Whether the characters of `text` are those of a text.
pub(super) fn is_text(text: &str) -> bool {
    let mut characters = Characters::default();
    characters.add(text);
    characters.are_text()
}

/// The encoding that bytes look like, which are not UTF-8.
pub(super) fn guess(bytes: &[u8]) -> &'static Encoding {
    guess_of(&bytes[sample_start(Encoding::ascii_valid_up_to(bytes))..])
}

/// Where the sample that tells the encoding starts: a little before the first byte that is not ASCII.
pub(super) fn sample_start(ascii: usize) -> usize {
    ascii.saturating_sub(2)
}

/// The encoding that a sample looks like.
pub(super) fn guess_of(sample: &[u8]) -> &'static Encoding {
    let whole = sample.len() <= SAMPLE;
    let sample = &sample[..sample.len().min(SAMPLE)];
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, whole);
    let guess = detector.guess(None, Utf8Detection::Deny);
    if guess == WINDOWS_1250 && has_french_a(sample) {
        return WINDOWS_1252;
    }
    guess
}

/// Whether an `à` stands alone, or an `À`. In windows-1250 these bytes are an `ŕ`, which is no word.
fn has_french_a(bytes: &[u8]) -> bool {
    let is_edge = |byte: u8| byte.is_ascii_whitespace();
    (bytes.windows(3))
        .any(|window| is_edge(window[0]) && matches!(window[1], 0xc0 | 0xe0) && is_edge(window[2]))
}

/// Whether an encoding is one for Western languages, which decodes any bytes at all.
pub(super) fn is_western(encoding: &'static Encoding) -> bool {
    encoding == WINDOWS_1252 || encoding == WINDOWS_1254
}

/// What bytes show that may be in any encoding; they are added piece by piece.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    bytes: usize,
    /// NULs at even and at odd places.
    nuls: [usize; 2],
    /// How many ASCII characters there are before the first byte that is none.
    ascii: Option<usize>,
    /// The first byte that is no UTF-8, and its place.
    invalid: Option<(usize, u8)>,
    /// How many characters beyond ASCII are well-formed UTF-8, and how many sequences are not.
    good: usize,
    bad: usize,
    /// Bytes that are letters beyond ASCII in windows-1252, and those inside words that do not belong there.
    letters: usize,
    strange: usize,
    /// Where UTF-8 stands in what is not.
    mixed: Option<usize>,
    /// The last bytes of the piece before: those that may be the beginning of a character, and two.
    unfinished: Vec<u8>,
    last: Vec<u8>,
}

impl Evidence {
    /// What a text in memory shows.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut evidence = Self::default();
        evidence.add(bytes);
        evidence.finish();
        evidence
    }

    pub(super) fn add(&mut self, piece: &[u8]) {
        for (at, _) in piece.iter().enumerate().filter(|(_, byte)| **byte == 0) {
            self.nuls[(self.bytes + at) % 2] += 1;
        }
        if self.ascii.is_none() {
            let ascii = Encoding::ascii_valid_up_to(piece);
            self.ascii = (ascii < piece.len()).then_some(self.bytes + ascii);
        }
        self.letters += piece.iter().filter(|byte| **byte >= 0xc0).count();
        let before = std::mem::take(&mut self.last);
        let first = self.bytes - before.len();
        let joined = [before.as_slice(), &piece[..piece.len().min(2)]].concat();
        self.windows(&joined, first);
        self.windows(piece, self.bytes);
        let joined = [before.as_slice(), &piece[piece.len().saturating_sub(2)..]].concat();
        self.last = joined[joined.len().saturating_sub(2)..].to_vec();
        self.sequences(piece);
        self.bytes += piece.len();
    }

    /// Looks at neighbouring bytes, the first of which stands at `start`.
    fn windows(&mut self, bytes: &[u8], start: usize) {
        for (at, window) in bytes.windows(3).enumerate() {
            let [before, byte, after] = window else { continue };
            let is_inside = before.is_ascii_alphabetic() && after.is_ascii_alphabetic();
            self.strange += usize::from(is_inside && is_strange_inside_words(*byte));
            if self.mixed.is_none() && is_utf8_in_western(window) {
                self.mixed = Some(start + at);
            }
        }
    }

    /// Counts sequences of UTF-8.
    fn sequences(&mut self, piece: &[u8]) {
        let start = self.bytes - self.unfinished.len();
        let bytes = [std::mem::take(&mut self.unfinished).as_slice(), piece].concat();
        let mut at = 0;
        for chunk in bytes.utf8_chunks() {
            let invalid = chunk.invalid();
            self.good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            at += chunk.valid().len();
            if at + invalid.len() == bytes.len() && is_unfinished(invalid) {
                self.unfinished = invalid.to_vec();
            } else if let Some(byte) = invalid.first() {
                self.bad += 1;
                self.invalid.get_or_insert((start + at, *byte));
            }
            at += invalid.len();
        }
    }

    /// After the last piece: what has begun there does not go on.
    pub(super) fn finish(&mut self) {
        if let Some(byte) = self.unfinished.first() {
            self.bad += 1;
            self.invalid
                .get_or_insert((self.bytes - self.unfinished.len(), *byte));
        }
        self.unfinished.clear();
    }

    /// How many bytes come before the first that is not ASCII.
    pub(super) fn ascii(&self) -> usize {
        self.ascii.unwrap_or(self.bytes)
    }

    /// The first byte that is no UTF-8, and its place.
    pub(super) fn invalid(&self) -> Option<(usize, u8)> {
        self.invalid
    }

    /// The same as [`has_few_nuls`] of all bytes.
    pub(super) fn has_few_nuls(&self) -> bool {
        (self.nuls[0] + self.nuls[1]) * 10 <= self.bytes
    }

    /// The encoding of UTF-16 without a mark, which shows in its NULs standing all on one side.
    pub(super) fn unmarked_utf16(&self) -> Option<&'static Encoding> {
        match self.nuls {
            [even, odd] if even > 10 * odd => Some(UTF_16BE),
            [even, odd] if odd > 10 * even => Some(UTF_16LE),
            _ => None,
        }
    }

    /// Whether bytes that are not UTF-8 were it once: at least as many of their sequences are well-formed
    /// as are not. In texts of older encodings, well-formed ones are chance: `É »` in windows-1252.
    pub(super) fn is_damaged_utf8(&self) -> bool {
        self.good >= self.bad && self.good > 0
    }

    /// Looks for what gives windows-1252 away as a wrong guess.
    ///
    /// The error says what the bytes seem to be.
    pub(super) fn check_western(&self) -> Result<(), String> {
        if let Some(at) = self.mixed {
            return Err(format!(
                "expected one encoding, found UTF-8 beside windows-1252 at {at}"
            ));
        }
        if self.strange > self.letters {
            let message =
                "expected text in a known encoding, found what may be that of DOS or of the old Macintosh";
            return Err(message.to_owned());
        }
        Ok(())
    }
}

/// Whether bytes are the beginning of a character of UTF-8.
fn is_unfinished(bytes: &[u8]) -> bool {
    matches!(std::str::from_utf8(bytes), Err(error) if error.error_len().is_none())
}

/// Whether UTF-8 stands in text of windows-1252: `Ã` or `Â` before what is no letter, and `â€`.
fn is_utf8_in_western(window: &[u8]) -> bool {
    matches!(
        window,
        [0xc2 | 0xc3, 0x80..=0xbf, _] | [_, 0xc2 | 0xc3, 0x80..=0xbf] | [0xe2, 0x80, 0x80..=0xbf]
    )
}

/// Signs of windows-1252 that do not stand between two letters, where DOS and the Macintosh had `é`
/// and its kin: all from 0x80 to 0x9f but for letters, the apostrophe and dashes.
fn is_strange_inside_words(byte: u8) -> bool {
    matches!(byte, 0x80..=0x9f)
        && !matches!(byte, 0x8a | 0x8c | 0x92 | 0x96 | 0x97 | 0x9a | 0x9c | 0x9e | 0x9f)
}
