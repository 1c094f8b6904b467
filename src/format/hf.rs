//! The layout of translation data sets for `datasets` of Hugging Face.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Map, Value};

use super::per_pair::{Named, PairFormat};
use super::{Files, Pair};

/// The sink of `hf`: JSON lines for `datasets.load_dataset("json", data_files=...)`, a file a language pair.
pub(super) struct Hf {
    files: Named,
}

/// One row. Every column is a string or a number in every row: `datasets` takes the types of columns
/// from the first rows, and a column that is null or an empty list there has none.
#[derive(Serialize)]
struct Row<'a> {
    id: String,
    /// The texts by language.
    translation: Map<String, Value>,
    document: &'a str,
    /// Sentence ids with blanks between.
    sentences: String,
    origin: &'a str,
    score: f32,
    model: &'a str,
    /// Flags with commas between.
    flags: String,
    /// Pharaoh pairs over white-space tokens.
    alignment: &'a str,
    author: &'a str,
    handle: &'a str,
    date: &'a str,
    url: &'a str,
}

impl Hf {
    pub(super) fn new(files: Box<dyn Files>) -> Self {
        Self {
            files: Named::new(files),
        }
    }

    fn pair(&mut self, pair: &Pair<'_>) -> io::Result<()> {
        let mut line = serde_json::to_vec(&Row::new(pair))?;
        line.push(b'\n');
        let name = format!("{}.jsonl", pair.languages());
        self.files.get(&name, |_| Ok(()))?.write_all(&line)?;
        Ok(())
    }
}

impl<'a> Row<'a> {
    fn new(pair: &Pair<'a>) -> Self {
        let translation = pair.translation;
        let texts = [
            (pair.language, pair.source),
            (pair.target_language, &translation.text),
        ];
        Self {
            id: pair.id(),
            translation: texts
                .into_iter()
                .map(|(language, text)| (language.to_owned(), Value::from(text)))
                .collect(),
            document: &pair.record.id,
            sentences: translation.sentences.join(" "),
            origin: &translation.origin,
            score: translation.score,
            model: translation.model.as_deref().unwrap_or_default(),
            flags: translation.flags.join(","),
            alignment: translation.alignment.as_deref().unwrap_or_default(),
            author: pair.byline.author.unwrap_or_default(),
            handle: pair.byline.handle.unwrap_or_default(),
            date: pair.byline.date.unwrap_or_default(),
            url: pair.byline.url.unwrap_or_default(),
        }
    }
}

impl PairFormat for Hf {
    fn pairs(&mut self, pairs: &[Pair<'_>], _replaced: &mut u64) -> io::Result<()> {
        for pair in pairs {
            self.pair(pair)?;
        }
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        self.files.finish(|_| Ok(()))
    }
}
