//! Sentences between special tokens, in as many windows as the model needs to read them whole.

use std::ops::Range;

use tokenizers::Tokenizer;

use crate::Error;
use crate::model::ModelFiles;

/// Tokens that neighbouring windows of an overlong sentence share.
const OVERLAP: usize = 64;

/// The special tokens around each sentence, and the room between them.
pub(super) struct Frame {
    /// The special tokens before a sentence.
    pub(super) before: Vec<u32>,
    /// Those behind it.
    pub(super) after: Vec<u32>,
    /// How many tokens of a sentence the model reads at once.
    room: usize,
}

/// Tokens of a sentence that the model reads at once.
pub(super) struct Window {
    /// The index of the sentence.
    pub(super) sentence: usize,
    /// The tokens that are read.
    pub(super) tokens: Range<usize>,
    /// The tokens whose predictions are taken from this window.
    pub(super) kept: Range<usize>,
}

impl Frame {
    /// Finds the special tokens by encoding a word with them. The model reads `positions` tokens at once.
    ///
    /// # Errors
    ///
    /// When there is no room between them.
    pub(super) fn of(tokenizer: &Tokenizer, files: &ModelFiles, positions: usize) -> Result<Self, Error> {
        let encoding = tokenizer
            .encode("a", true)
            .map_err(|error| Error::model(files.name(), format!("`tokenizer.json`: {error}")))?;
        let special = encoding.get_special_tokens_mask();
        let count = special.iter().take_while(|&&mask| mask == 1).count();
        let end = special
            .iter()
            .rposition(|&mask| mask == 0)
            .map_or(count, |last| last + 1);
        let ids = encoding.get_ids();
        let (before, after) = (ids[..count].to_vec(), ids[end..].to_vec());
        let room = positions.saturating_sub(before.len() + after.len());
        if room == 0 {
            let message = format!(
                "`config.json`: expected `max_position_embeddings` to leave room beside the {} special tokens, found \
                 {positions} positions",
                before.len() + after.len()
            );
            return Err(Error::model(files.name(), message));
        }
        Ok(Self { before, after, room })
    }

    /// Windows over a sentence of `len` tokens. Each token is kept by the one window in which it has
    /// the most context.
    pub(super) fn windows(&self, sentence: usize, len: usize) -> Vec<Window> {
        let overlap = OVERLAP.min(self.room / 2);
        let step = (self.room - overlap).max(1);
        let mut windows = Vec::new();
        let mut start = 0;
        let mut kept = 0;
        while kept < len {
            let end = (start + self.room).min(len);
            let last = end == len;
            let kept_end = if last { len } else { end - overlap / 2 };
            windows.push(Window {
                sentence,
                tokens: start..end,
                kept: kept..kept_end,
            });
            kept = kept_end;
            start += step;
        }
        windows
    }
}
