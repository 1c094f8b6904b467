//! The tokens of a Marian model: two SentencePiece models and the vocabulary they share.

use std::collections::HashMap;

use super::spm::{Piece, SentencePiece};
use crate::model::ModelFiles;
use crate::{Error, Span};

/// Cuts sentences into tokens and puts tokens together to sentences.
pub(super) struct Tokens {
    source: SentencePiece,
    target: SentencePiece,
    ids: HashMap<String, u32>,
    /// The texts of the tokens, by id.
    texts: Vec<String>,
    /// The token of each piece of the source model.
    source_ids: Vec<u32>,
    unknown: u32,
    end: u32,
}

/// A sentence as the model reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Encoded {
    /// The tokens, the end of the sentence last.
    pub(super) ids: Vec<u32>,
    /// Where each token but the last stands in the sentence, without surrounding white space.
    pub(super) spans: Vec<Span>,
    /// Whether these are all tokens of the sentence.
    pub(super) whole: bool,
}

/// A sentence put together from tokens.
pub(super) struct Decoded {
    /// The text.
    pub(super) text: String,
    /// Where each token stands in it.
    pub(super) spans: Vec<Span>,
}

impl Encoded {
    /// Keeps the first tokens and the end, `max` in all.
    pub(super) fn truncate(&mut self, max: usize) {
        if self.ids.len() > max {
            self.ids.drain(max - 1..self.ids.len() - 1);
            self.spans.truncate(max - 1);
            self.whole = false;
        }
    }
}

impl Tokens {
    /// Reads the vocabulary of a model with `size` tokens.
    ///
    /// # Errors
    ///
    /// When a file is missing or not what it should be.
    pub(super) fn read(files: &ModelFiles, size: usize, end: u32) -> Result<Self, Error> {
        let source = read_pieces(files, "source.spm")?;
        let target = read_pieces(files, "target.spm")?;
        let invalid = |message: String| Error::model(files.name(), format!("`vocab.json`: {message}"));
        let ids: HashMap<String, u32> = serde_json::from_slice(&files.require("vocab.json")?)
            .map_err(|error| invalid(error.to_string()))?;
        let unknown = *ids
            .get("<unk>")
            .ok_or_else(|| invalid("expected a token `<unk>`, found none".to_owned()))?;
        let mut texts = vec![String::new(); size];
        for (text, &id) in &ids {
            let place = texts.get_mut(id as usize).ok_or_else(|| {
                invalid(format!(
                    "expected ids below the `vocab_size` {size}, found {id} for `{text}`"
                ))
            })?;
            place.clone_from(text);
        }
        let source_ids = source
            .pieces()
            .map(|piece| ids.get(piece).copied().unwrap_or(unknown))
            .collect();
        Ok(Self {
            source,
            target,
            ids,
            texts,
            source_ids,
            unknown,
            end,
        })
    }

    /// Cuts a sentence into tokens. A language code such as `>>fra<<` at its beginning is one token
    /// where the model knows it.
    pub(super) fn encode(&self, sentence: &str) -> Encoded {
        let (code, start) = self.language_code(sentence);
        let pieces = self.source.encode(&sentence[start..]);
        let mut ids = Vec::with_capacity(pieces.len() + 2);
        let mut spans = Vec::with_capacity(pieces.len() + 1);
        if let Some(code) = code {
            ids.push(code);
            spans.push(Span::new(0, start));
        }
        for piece in pieces {
            ids.push(self.id_of(&piece));
            spans.push(piece.span.shifted(start));
        }
        ids.push(self.end);
        Encoded {
            ids,
            spans,
            whole: true,
        }
    }

    /// Puts tokens together. Special tokens give nothing.
    pub(super) fn decode(&self, ids: &[u32]) -> Decoded {
        let texts = ids
            .iter()
            .map(|&id| self.texts.get(id as usize).map_or("", String::as_str));
        let decoded = self.target.decode(texts);
        Decoded {
            text: decoded.text,
            spans: decoded.spans,
        }
    }

    fn id_of(&self, piece: &Piece) -> u32 {
        if self.source.is_unknown(piece.id) {
            // The target model may know what the source model does not.
            self.ids.get(&piece.text).copied().unwrap_or(self.unknown)
        } else {
            self.source_ids[piece.id as usize]
        }
    }

    fn language_code(&self, sentence: &str) -> (Option<u32>, usize) {
        let end = sentence
            .starts_with(">>")
            .then(|| sentence.find("<<"))
            .flatten()
            .map(|start| start + 2);
        match end.and_then(|end| Some((*self.ids.get(&sentence[..end])?, end))) {
            Some((id, end)) => (Some(id), end),
            None => (None, 0),
        }
    }
}

fn read_pieces(files: &ModelFiles, file: &str) -> Result<SentencePiece, Error> {
    SentencePiece::parse(&files.require(file)?)
        .map_err(|message| Error::model(files.name(), format!("`{file}`: {message}")))
}
