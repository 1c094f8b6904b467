//! Decoding texts that are too long to be in memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use encoding_rs::{Decoder, DecoderResult};
use sha2::{Digest, Sha256};

use super::plausible::{self, Characters, Evidence, SAMPLE};
use super::{Choice, Encoding, Undecodable};
use crate::document::Decoded;
use crate::format::TextWriter;
use crate::provenance::hexadecimal;

/// Bytes that are in memory together.
const PIECE: usize = 1 << 20;

/// The text that a file holds, and what it was decoded from: as [`decode`](super::decode), in a temporary file.
///
/// # Errors
///
/// When a file cannot be read or written; inside, what is wrong with the bytes.
pub(in crate::corpus) fn decode_file(
    file: &mut File,
    forced: Option<Encoding>,
) -> io::Result<Result<(TextWriter, Decoded), Undecodable>> {
    let mut head = Vec::new();
    file.rewind()?;
    file.take(PIECE as u64).read_to_end(&mut head)?;
    let evidence = evidence(file)?;
    let sample = match evidence.invalid() {
        Some(_) if forced.is_none() => sample(file, &evidence)?,
        _ => Vec::new(),
    };
    let choice = match Choice::new(&head, &evidence, forced, None, || plausible::guess_of(&sample)) {
        Ok(choice) => choice,
        Err(undecodable) => return Ok(Err(undecodable)),
    };
    let mut decoding = Decoding::new(choice.encoding)?;
    file.seek(SeekFrom::Start(choice.mark as u64))?;
    let is_text = decoding.add_all(file)?.then(|| decoding.characters.are_text());
    if let Err(undecodable) = choice.check(&head, &evidence, is_text) {
        return Ok(Err(undecodable));
    }
    let (sha256, bytes) = hash(file)?;
    let decoded = Decoded {
        encoding: choice.encoding.other_than_utf8(),
        media_type: None,
        sha256,
        bytes,
    };
    Ok(Ok((decoding.text, decoded)))
}

/// Hands out the bytes of a file, piece by piece.
fn pieces(file: &mut File, mut each: impl FnMut(&[u8]) -> io::Result<bool>) -> io::Result<()> {
    let mut buffer = vec![0; PIECE];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) if each(&buffer[..length])? => {}
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn evidence(file: &mut File) -> io::Result<Evidence> {
    let mut evidence = Evidence::default();
    file.rewind()?;
    pieces(file, |piece| {
        evidence.add(piece);
        Ok(true)
    })?;
    evidence.finish();
    Ok(evidence)
}

/// What tells the encoding: a byte more than is looked at, where there is one.
fn sample(file: &mut File, evidence: &Evidence) -> io::Result<Vec<u8>> {
    let mut sample = Vec::new();
    let start = plausible::sample_start(evidence.ascii());
    file.seek(SeekFrom::Start(start as u64))?;
    file.take(SAMPLE as u64 + 1).read_to_end(&mut sample)?;
    Ok(sample)
}

/// The SHA-256 of a file, hexadecimal, and its bytes.
pub(in crate::corpus) fn hash(file: &mut File) -> io::Result<(String, usize)> {
    let (mut hasher, mut bytes) = (Sha256::new(), 0);
    file.rewind()?;
    pieces(file, |piece| {
        hasher.update(piece);
        bytes += piece.len();
        Ok(true)
    })?;
    Ok((hexadecimal(&hasher.finalize()), bytes))
}

/// A text that is being decoded.
struct Decoding {
    decoder: Decoder,
    text: TextWriter,
    characters: Characters,
    output: String,
}

impl Decoding {
    fn new(encoding: Encoding) -> io::Result<Self> {
        Ok(Self {
            decoder: encoding.0.new_decoder_without_bom_handling(),
            text: TextWriter::new()?,
            characters: Characters::default(),
            output: String::new(),
        })
    }

    /// Decodes what is left of a file; `false` where that is not well-formed.
    fn add_all(&mut self, file: &mut File) -> io::Result<bool> {
        let mut good = true;
        pieces(file, |piece| {
            good = self.add(piece, false)?;
            Ok(good)
        })?;
        Ok(good && self.add(&[], true)?)
    }

    fn add(&mut self, piece: &[u8], last: bool) -> io::Result<bool> {
        let room = self
            .decoder
            .max_utf8_buffer_length_without_replacement(piece.len());
        self.output.clear();
        self.output.reserve(room.unwrap_or(piece.len() * 4 + 16));
        let (result, _) = self
            .decoder
            .decode_to_string_without_replacement(piece, &mut self.output, last);
        self.characters.add(&self.output);
        self.text.push(&self.output)?;
        Ok(matches!(result, DecoderResult::InputEmpty))
    }
}
