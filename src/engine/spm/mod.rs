//! SentencePiece models: text to pieces and back, equal to Google's library piece by piece.

mod bpe;
mod normalizer;
mod proto;
mod trie;
mod unigram;

use std::ops::Range;

use self::normalizer::{Normalizer, SPACE};
use self::proto::ModelProto;
use self::trie::Trie;
use self::unigram::Unigram;
use crate::Span;

/// A SentencePiece model.
pub(super) struct SentencePiece {
    vocabulary: Vocabulary,
    normalizer: Normalizer,
    algorithm: Algorithm,
    /// The pieces of the 256 bytes, where the model falls back to them.
    bytes: Option<Vec<u32>>,
}

/// What a unigram model holds, for a tokenizer that is made from it.
pub(super) struct UnigramModel {
    /// The pieces with their scores, by id.
    pub(super) pieces: Vec<(String, f32)>,
    /// Pieces that no text is cut into by score: control pieces (`true`) and those that a user defined.
    pub(super) symbols: Vec<(String, bool)>,
    /// The compiled rules of normalisation; empty where there are none.
    pub(super) rules: Vec<u8>,
}

/// A piece of an encoded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The index of the piece in the model.
    pub(super) id: u32,
    /// The piece; of one that is not in the model, what it would be.
    pub(super) text: String,
    /// Where it stands in the original text, without surrounding white space.
    pub(super) span: Span,
}

/// A decoded text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Decoded {
    /// The text.
    pub(super) text: String,
    /// Where each piece stands in it, without surrounding white space.
    pub(super) spans: Vec<Span>,
}

enum Algorithm {
    Unigram(Unigram),
    Bpe,
}

/// The pieces of a model.
struct Vocabulary {
    pieces: Vec<VocabularyPiece>,
    /// The pieces that text is cut into.
    trie: Trie,
    /// Those of them that a user defined.
    symbols: Trie,
    /// The pieces that no text is cut into.
    special: Trie,
    unknown: u32,
}

struct VocabularyPiece {
    text: String,
    score: f32,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

impl UnigramModel {
    /// Parses a model file.
    ///
    /// # Errors
    ///
    /// What was expected and what was found.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let proto = ModelProto::parse(bytes)?;
        if proto.algorithm != proto::UNIGRAM {
            return Err(format!(
                "expected a unigram model (1), found type {}",
                proto.algorithm
            ));
        }
        let mut symbols = Vec::new();
        for piece in &proto.pieces {
            match Kind::of(piece.kind)? {
                Kind::Control => symbols.push((piece.text.clone(), true)),
                Kind::UserDefined => symbols.push((piece.text.clone(), false)),
                _ => {}
            }
        }
        Ok(Self {
            pieces: proto
                .pieces
                .into_iter()
                .map(|piece| (piece.text, piece.score))
                .collect(),
            symbols,
            rules: proto.charsmap,
        })
    }
}

impl SentencePiece {
    /// Parses a model file.
    ///
    /// # Errors
    ///
    /// What was expected and what was found.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut proto = ModelProto::parse(bytes)?;
        let vocabulary = Vocabulary::new(std::mem::take(&mut proto.pieces))?;
        let algorithm = match proto.algorithm {
            proto::UNIGRAM => Algorithm::Unigram(Unigram::new(&vocabulary)),
            proto::BPE => Algorithm::Bpe,
            found => {
                return Err(format!(
                    "expected a unigram (1) or BPE (2) model, found type {found}"
                ));
            }
        };
        let bytes = if proto.byte_fallback {
            Some(vocabulary.byte_pieces()?)
        } else {
            None
        };
        let normalizer = Normalizer::new(&proto, vocabulary.symbols.clone())?;
        Ok(Self {
            vocabulary,
            normalizer,
            algorithm,
            bytes,
        })
    }

    /// The texts of all pieces, by id.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &str> {
        self.vocabulary.pieces.iter().map(|piece| piece.text.as_str())
    }

    /// Whether this is the piece for what no other piece covers.
    pub(super) fn is_unknown(&self, id: u32) -> bool {
        id == self.vocabulary.unknown
    }

    /// Cuts a text into pieces.
    pub(super) fn encode(&self, text: &str) -> Vec<Piece> {
        let normalized = self.normalizer.normalize(text);
        let cuts = match &self.algorithm {
            Algorithm::Unigram(unigram) => unigram.encode(&self.vocabulary, &normalized.text),
            Algorithm::Bpe => bpe::encode(&self.vocabulary, &normalized.text),
        };
        let mut pieces: Vec<Piece> = Vec::with_capacity(cuts.len());
        let mut start = 0;
        let mut after_unknown = false;
        for (end, id) in cuts {
            let part = &normalized.text[start..end];
            let origin = normalized.origins[start]..normalized.origins[end];
            let unknown = self.is_unknown(id);
            match (&self.bytes, pieces.last_mut()) {
                (Some(bytes), _) if unknown => {
                    pieces.extend(
                        part.bytes()
                            .map(|byte| self.piece(bytes[usize::from(byte)], text, &origin)),
                    );
                }
                // Neighbouring unknown characters are one unknown piece.
                (None, Some(last)) if unknown && after_unknown => {
                    last.text.push_str(part);
                    last.span = trimmed(text, &(last.span.start()..origin.end));
                }
                _ => pieces.push(Piece {
                    id,
                    text: part.to_owned(),
                    span: trimmed(text, &origin),
                }),
            }
            after_unknown = unknown;
            start = end;
        }
        pieces
    }

    fn piece(&self, id: u32, text: &str, origin: &Range<usize>) -> Piece {
        Piece {
            id,
            text: self.vocabulary.pieces[id as usize].text.clone(),
            span: trimmed(text, origin),
        }
    }

    /// Puts pieces together to a text without white space at its ends. Control pieces and unknown
    /// ones give nothing.
    pub(super) fn decode<'a>(&self, pieces: impl IntoIterator<Item = &'a str>) -> Decoded {
        let mut text = String::new();
        let mut ends = Vec::new();
        let mut bytes = Vec::new();
        for piece in pieces {
            if let Some(byte) = byte_of(piece) {
                bytes.push(byte);
                ends.push(text.len());
                continue;
            }
            flush(&mut bytes, &mut text, &mut ends);
            let kind = self.vocabulary.kind_of(piece);
            if !matches!(kind, Some(Kind::Control | Kind::Unknown)) {
                let mut piece = piece;
                // A model now and then writes a space by itself before a word that brings its own.
                let has_space = text.ends_with(' ') && self.normalizer.removes_extra_spaces();
                if has_space || text.is_empty() && self.normalizer.drops_leading_space() {
                    piece = piece.trim_start_matches(SPACE);
                }
                text.extend(
                    piece
                        .split(SPACE)
                        .enumerate()
                        .flat_map(|(index, part)| [if index > 0 { " " } else { "" }, part]),
                );
            }
            ends.push(text.len());
        }
        flush(&mut bytes, &mut text, &mut ends);
        finish(&text, &ends)
    }
}

/// Trims the text and makes the pieces' ends into spans.
fn finish(text: &str, ends: &[usize]) -> Decoded {
    let removed = text.len() - text.trim_start().len();
    let trimmed_text = text.trim();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let spans = starts.zip(ends).map(|(start, &end)| {
        let clamp = |offset: usize| offset.saturating_sub(removed).min(trimmed_text.len());
        // A piece of a character that several bytes make has no text of its own.
        trimmed(trimmed_text, &(clamp(start.min(end))..clamp(end)))
    });
    Decoded {
        spans: spans.collect(),
        text: trimmed_text.to_owned(),
    }
}

/// Adds the characters that the bytes make, and gives each of the last pieces the end of them.
fn flush(bytes: &mut Vec<u8>, text: &mut String, ends: &mut [usize]) {
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    let first = ends.len() - bytes.len();
    ends[first..].fill(text.len());
    bytes.clear();
}

/// The byte that a piece such as `<0x0A>` stands for.
fn byte_of(piece: &str) -> Option<u8> {
    let digits = piece.strip_prefix("<0x")?.strip_suffix('>')?;
    (digits.len() == 2).then(|| u8::from_str_radix(digits, 16).ok())?
}

/// A range of `text` without the white space at its ends.
fn trimmed(text: &str, range: &Range<usize>) -> Span {
    let part = text.get(range.clone()).unwrap_or_default();
    let start = range.start + (part.len() - part.trim_start().len());
    Span::new(start, start + part.trim().len())
}

impl Vocabulary {
    fn new(pieces: Vec<proto::PieceProto>) -> Result<Self, String> {
        let pieces: Vec<VocabularyPiece> = pieces
            .into_iter()
            .map(|piece| {
                Ok(VocabularyPiece {
                    text: piece.text,
                    score: piece.score,
                    kind: Kind::of(piece.kind)?,
                })
            })
            .collect::<Result<_, String>>()?;
        let unknown = pieces
            .iter()
            .position(|piece| piece.kind == Kind::Unknown)
            .ok_or("expected a piece for the unknown, found none")?;
        let of_kinds = |kinds: &[Kind]| {
            let indexed = pieces
                .iter()
                .enumerate()
                .filter(|(_, piece)| kinds.contains(&piece.kind));
            Trie::new(indexed.map(|(id, piece)| (piece.text.as_str(), id as u32)))
        };
        Ok(Self {
            trie: of_kinds(&[Kind::Normal, Kind::UserDefined, Kind::Unused]),
            symbols: of_kinds(&[Kind::UserDefined]),
            special: of_kinds(&[Kind::Unknown, Kind::Control, Kind::Byte]),
            unknown: unknown as u32,
            pieces,
        })
    }

    /// The ids of the pieces `<0x00>` to `<0xFF>`.
    fn byte_pieces(&self) -> Result<Vec<u32>, String> {
        let mut ids = vec![None; 256];
        for (id, piece) in self
            .pieces
            .iter()
            .enumerate()
            .filter(|(_, piece)| piece.kind == Kind::Byte)
        {
            if let Some(byte) = byte_of(&piece.text) {
                ids[usize::from(byte)] = Some(id as u32);
            }
        }
        let found = ids.iter().flatten().count();
        ids.into_iter()
            .collect::<Option<_>>()
            .ok_or_else(|| format!("expected 256 byte pieces, found {found}"))
    }

    fn kind_of(&self, text: &str) -> Option<Kind> {
        let id = self.trie.get(text).or_else(|| self.special.get(text))?;
        Some(self.pieces[id as usize].kind)
    }
}

impl Kind {
    /// The kind with this number in `sentencepiece_model.proto`.
    fn of(number: u64) -> Result<Self, String> {
        Ok(match number {
            1 => Self::Normal,
            2 => Self::Unknown,
            3 => Self::Control,
            4 => Self::UserDefined,
            5 => Self::Unused,
            6 => Self::Byte,
            _ => return Err(format!("expected a piece type from 1 to 6, found {number}")),
        })
    }
}

#[cfg(test)]
mod tests;
