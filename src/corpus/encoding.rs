//! From bytes to text.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, Read};

use encoding_rs::{DecoderResult, UTF_8, UTF_16BE, UTF_16LE};

use super::compression::Stream;
use super::plausible::{self, Evidence};

mod long;

pub(super) use long::{decode_file, hash};

/// A character encoding of the WHATWG standard.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

/// The names of the [encoding standard](https://encoding.spec.whatwg.org/#names-and-labels) in lower
/// case, without `replacement`, which decodes nothing.
const NAMES: [&str; 39] = [
    "utf-8",
    "ibm866",
    "iso-8859-2",
    "iso-8859-3",
    "iso-8859-4",
    "iso-8859-5",
    "iso-8859-6",
    "iso-8859-7",
    "iso-8859-8",
    "iso-8859-8-i",
    "iso-8859-10",
    "iso-8859-13",
    "iso-8859-14",
    "iso-8859-15",
    "iso-8859-16",
    "koi8-r",
    "koi8-u",
    "macintosh",
    "windows-874",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "x-mac-cyrillic",
    "gbk",
    "gb18030",
    "big5",
    "euc-jp",
    "iso-2022-jp",
    "shift_jis",
    "euc-kr",
    "utf-16be",
    "utf-16le",
    "x-user-defined",
];

impl Encoding {
    /// The encoding that a label names, in upper or lower case: `utf-8`, `latin1`, `cp1252` ...
    ///
    /// ```
    /// use diglot::corpus::Encoding;
    ///
    /// assert_eq!(Encoding::of_label("Latin1").unwrap().name(), "windows-1252");
    /// assert!(Encoding::of_label("ebcdic").is_none());
    /// ```
    pub fn of_label(label: &str) -> Option<Self> {
        encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()).map(Self)
    }

    /// Its WHATWG name in lower case.
    pub fn name(self) -> &'static str {
        let same = |name: &&&str| name.eq_ignore_ascii_case(self.0.name());
        NAMES.iter().find(same).copied().unwrap_or("utf-8")
    }

    /// Its name, but none for UTF-8: what [`Decoded`](crate::document::Decoded) carries.
    pub(super) fn other_than_utf8(self) -> Option<&'static str> {
        (self.0 != UTF_8).then(|| self.name())
    }

    /// The text that `bytes` hold, if they are well-formed.
    fn strict(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        self.0.decode_without_bom_handling_and_without_replacement(bytes)
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Bytes that are no text: a code and what is wrong.
pub(super) type Undecodable = (&'static str, String);

/// The text that `bytes` hold, and its encoding: `forced`, or else what a byte order mark says, UTF-8
/// where they are that, `declared` inside them, or what they look like.
///
/// Nothing is ever replaced: bytes that are not well-formed, that look like a mixture of encodings,
/// or that hold too many control characters for a text are an error. The byte order mark of UTF-16
/// is not part of the text; that of UTF-8 is.
pub(super) fn decode(
    bytes: &[u8],
    forced: Option<Encoding>,
    declared: Option<Encoding>,
) -> Result<(Cow<'_, str>, Encoding), Undecodable> {
    if forced.is_none()
        && plausible::has_few_nuls(bytes)
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Ok((Cow::Borrowed(text), Encoding(UTF_8)));
    }
    let evidence = Evidence::of(bytes);
    let choice = Choice::new(bytes, &evidence, forced, declared, || plausible::guess(bytes))?;
    let content = bytes.get(choice.mark..).unwrap_or_default();
    let text = choice.encoding.strict(content);
    let is_text = text.as_ref().map(|text| plausible::is_text(text));
    choice.check(bytes, &evidence, is_text)?;
    Ok((text.unwrap_or_default(), choice.encoding))
}

/// The encoding that bytes are read in, and why.
struct Choice {
    encoding: Encoding,
    why: Why,
    /// Bytes of the mark at the beginning, which is not part of the text.
    mark: usize,
}

#[derive(PartialEq, Eq)]
enum Why {
    /// The caller says so.
    Forced,
    /// A byte order mark says so.
    Marked,
    /// They look like it.
    Guessed,
}

impl Choice {
    /// Chooses by the first bytes (`head`) and by what all of them show.
    fn new(
        head: &[u8],
        evidence: &Evidence,
        forced: Option<Encoding>,
        declared: Option<Encoding>,
        guess: impl FnOnce() -> &'static encoding_rs::Encoding,
    ) -> Result<Self, Undecodable> {
        let marked = utf16_mark(head);
        if let Some(encoding) = forced.or(marked) {
            return Ok(Self {
                encoding,
                why: if forced.is_some() {
                    Why::Forced
                } else {
                    Why::Marked
                },
                mark: if marked == Some(encoding) { 2 } else { 0 },
            });
        }
        let encoding = match evidence.invalid() {
            None if evidence.has_few_nuls() => UTF_8,
            None => evidence.unmarked_utf16().ok_or_else(|| binary(head))?,
            Some(place) if evidence.is_damaged_utf8() => return Err(no_utf8(place)),
            Some(_) => declared
                .map(|declared| declared.0)
                .filter(|declared| declared.is_ascii_compatible() && *declared != UTF_8)
                .unwrap_or_else(guess),
        };
        Ok(Self {
            encoding: Encoding(encoding),
            why: Why::Guessed,
            mark: 0,
        })
    }

    /// Whether what was decoded may be taken: `None` where the bytes are not well-formed, or else whether they
    /// look like text.
    fn check(&self, head: &[u8], evidence: &Evidence, is_text: Option<bool>) -> Result<(), Undecodable> {
        let is_utf8 = self.encoding.0 == UTF_8;
        match is_text {
            None if is_utf8 => Err(no_utf8(evidence.invalid().unwrap_or_default())),
            None if self.why == Why::Guessed => Err(binary(head)),
            None => {
                let name = self.encoding.name();
                Err((
                    "undecodable",
                    format!("expected {name}, found bytes that are not"),
                ))
            }
            Some(_) if self.why == Why::Forced || is_utf8 => Ok(()),
            Some(false) => Err(binary(head)),
            Some(true) if self.why == Why::Guessed && plausible::is_western(self.encoding.0) => {
                let western = evidence.check_western();
                western.map_err(|message| ("undecodable", message))
            }
            Some(true) => Ok(()),
        }
    }
}

/// What the first bytes say about UTF-16.
pub(super) fn utf16_mark(bytes: &[u8]) -> Option<Encoding> {
    match bytes {
        [0xff, 0xfe, ..] => Some(Encoding(UTF_16LE)),
        [0xfe, 0xff, ..] => Some(Encoding(UTF_16BE)),
        _ => None,
    }
}

fn binary(bytes: &[u8]) -> Undecodable {
    let found = plausible::file_kind(bytes).unwrap_or("binary data");
    ("undecodable", format!("expected text, found {found}"))
}

/// What is said of bytes that should be UTF-8 and are not.
pub(super) fn invalid_utf8(bytes: &[u8], error: &std::str::Utf8Error) -> Undecodable {
    let at = error.valid_up_to();
    no_utf8((at, bytes.get(at).copied().unwrap_or_default()))
}

/// The same of a byte and its place.
fn no_utf8((at, byte): (usize, u8)) -> Undecodable {
    (
        "invalid-utf8",
        format!("expected UTF-8, found the byte {byte:#04x} at {at}"),
    )
}

/// The byte that a [`Transcoder`] puts where something cannot be decoded: it never occurs in UTF-8,
/// so that the line it is in, and only that, is found to be bad.
const UNDECODABLE: u8 = 0xff;

/// Turns a stream into UTF-8 as it is read.
pub(super) struct Transcoder {
    input: Box<dyn BufRead + Send>,
    decoder: encoding_rs::Decoder,
    output: Vec<u8>,
    read: usize,
    at_end: bool,
}

impl Transcoder {
    pub(super) fn new(input: Stream, encoding: Encoding) -> Self {
        Self {
            input: super::compression::buffered(input),
            decoder: encoding.0.new_decoder_with_bom_removal(),
            output: Vec::new(),
            read: 0,
            at_end: false,
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let source = self.input.fill_buf()?;
        self.at_end = source.is_empty();
        // A few bytes more, for what an undecodable sequence leaves behind at the very end.
        let room = self
            .decoder
            .max_utf8_buffer_length_without_replacement(source.len());
        self.output.resize(room.unwrap_or(source.len() * 3) + 16, 0);
        let (result, consumed, written) =
            self.decoder
                .decode_to_utf8_without_replacement(source, &mut self.output, self.at_end);
        self.input.consume(consumed);
        self.output.truncate(written);
        self.read = 0;
        if let DecoderResult::Malformed(..) = result {
            self.output.push(UNDECODABLE);
            self.at_end = false;
        }
        Ok(())
    }
}

impl Read for Transcoder {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.read == self.output.len() && !self.at_end {
            self.fill()?;
        }
        let length = buffer.len().min(self.output.len() - self.read);
        buffer[..length].copy_from_slice(&self.output[self.read..self.read + length]);
        self.read += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests;
