//! The tokens of a Marian model: two SentencePiece models, and the vocabulary that they share or those
//! that they have each.

use std::collections::HashMap;

use serde::Deserialize;

use super::spm::{Piece, SentencePiece};
use crate::model::ModelFiles;
use crate::{Error, Span};

/// Cuts sentences into tokens and puts tokens together to sentences.
pub(super) struct Tokens {
    source: SentencePiece,
    target: SentencePiece,
    /// The tokens that a sentence is made of, by their texts.
    ids: HashMap<String, u32>,
    /// The texts of the tokens that are written, by id; of special ones none.
    texts: Vec<String>,
    /// The token of each piece of the source model.
    source_ids: Vec<u32>,
    /// The tokens that say which language to write, by what stands in their brackets, sorted.
    codes: Vec<(String, u32)>,
    separate: bool,
    unknown: u32,
    end: u32,
}

/// How many tokens a model reads and writes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) source: usize,
    pub(super) target: usize,
}

/// The part of `tokenizer_config.json` that matters here.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenizerConfig {
    /// The code of the language read, or of a group of them.
    pub(super) source_lang: Option<String>,
    /// The code of the language written, or of a group of them.
    pub(super) target_lang: Option<String>,
    /// Whether what is written has a vocabulary of its own.
    separate_vocabs: bool,
}

impl TokenizerConfig {
    /// Reads the file of a model, which may have none.
    ///
    /// # Errors
    ///
    /// When the file is not what it should be.
    pub(super) fn read(files: &ModelFiles) -> Result<Self, Error> {
        const FILE: &str = "tokenizer_config.json";
        let Some(bytes) = files.read(FILE)? else {
            return Ok(Self::default());
        };
        serde_json::from_slice(&bytes)
            .map_err(|error| Error::model(files.name(), format!("`{FILE}`: {error}")))
    }
}

/// The texts of special tokens: none of them is part of a sentence.
const UNKNOWN: &str = "<unk>";
const END: &str = "</s>";
const PADDING: &str = "<pad>";

/// What stands in the brackets of a token such as `>>fra<<`.
fn code_of(token: &str) -> Option<&str> {
    token.strip_prefix(">>")?.strip_suffix("<<")
}

fn is_special(token: &str) -> bool {
    [UNKNOWN, END, PADDING].contains(&token) || code_of(token).is_some()
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
    /// Reads the vocabularies of a model. Sentences end with `</s>`, or with `end` where there is no
    /// such token.
    ///
    /// # Errors
    ///
    /// When a file is missing or not what it should be.
    pub(super) fn read(
        files: &ModelFiles,
        config: &TokenizerConfig,
        sizes: Sizes,
        end: u32,
    ) -> Result<Self, Error> {
        let source = read_pieces(files, "source.spm")?;
        let target = read_pieces(files, "target.spm")?;
        let ids = read_vocabulary(files, "vocab.json", "vocab_size", sizes.source)?;
        let texts = if config.separate_vocabs {
            texts(&read_vocabulary(
                files,
                "target_vocab.json",
                "decoder_vocab_size",
                sizes.target,
            )?)
        } else {
            texts(&ids)
        };
        let unknown = *ids.get(UNKNOWN).ok_or_else(|| {
            let message = format!("`vocab.json`: expected a token `{UNKNOWN}`, found none");
            Error::model(files.name(), message)
        })?;
        let mut codes: Vec<(String, u32)> = ids
            .iter()
            .filter_map(|(token, &id)| Some((code_of(token)?.to_owned(), id)))
            .collect();
        codes.sort_unstable();
        let source_ids = source
            .pieces()
            .map(|piece| word_id(&ids, piece).unwrap_or(unknown));
        Ok(Self {
            source_ids: source_ids.collect(),
            source,
            target,
            texts,
            codes,
            separate: config.separate_vocabs,
            unknown,
            end: ids.get(END).copied().unwrap_or(end),
            ids,
        })
    }

    /// Whether what is read and what is written have vocabularies of their own.
    pub(super) fn are_separate(&self) -> bool {
        self.separate
    }

    /// The tokens that say which language to write, by what stands in their brackets (`fra`), sorted.
    pub(super) fn codes(&self) -> &[(String, u32)] {
        &self.codes
    }

    /// Cuts a sentence into tokens, behind a code that says which language to write. Nothing in the
    /// sentence is taken for such a code, or for another special token.
    pub(super) fn encode(&self, sentence: &str, code: Option<u32>) -> Encoded {
        // Some models know other white space than blanks as characters.
        let blank = sentence.trim().is_empty();
        let pieces = if blank {
            Vec::new()
        } else {
            self.source.encode(sentence)
        };
        let code = code.filter(|_| !pieces.is_empty());
        let mut ids: Vec<u32> = code.into_iter().collect();
        let mut spans = vec![Span::new(0, 0); ids.len()];
        for piece in pieces {
            ids.push(self.id_of(&piece));
            spans.push(piece.span);
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
            word_id(&self.ids, &piece.text).unwrap_or(self.unknown)
        } else {
            self.source_ids[piece.id as usize]
        }
    }
}

/// The token of a piece of text, which is never a special one.
fn word_id(ids: &HashMap<String, u32>, piece: &str) -> Option<u32> {
    ids.get(piece).copied().filter(|_| !is_special(piece))
}

/// The texts of tokens, by id.
fn texts(ids: &HashMap<String, u32>) -> Vec<String> {
    let size = ids.values().max().map_or(0, |&last| last as usize + 1);
    let mut texts = vec![String::new(); size];
    for (text, &id) in ids.iter().filter(|(text, _)| !is_special(text)) {
        texts[id as usize].clone_from(text);
    }
    texts
}

fn read_vocabulary(
    files: &ModelFiles,
    file: &str,
    size_name: &str,
    size: usize,
) -> Result<HashMap<String, u32>, Error> {
    let invalid = |message: String| Error::model(files.name(), format!("`{file}`: {message}"));
    let ids: HashMap<String, u32> =
        serde_json::from_slice(&files.require(file)?).map_err(|error| invalid(error.to_string()))?;
    let beyond = ids.iter().filter(|&(_, &id)| id as usize >= size);
    match beyond.min_by_key(|&(_, &id)| id) {
        None => Ok(ids),
        Some((text, id)) => Err(invalid(format!(
            "expected ids below the `{size_name}` {size}, found {id} for `{text}`"
        ))),
    }
}

fn read_pieces(files: &ModelFiles, file: &str) -> Result<SentencePiece, Error> {
    SentencePiece::parse(&files.require(file)?)
        .map_err(|message| Error::model(files.name(), format!("`{file}`: {message}")))
}
