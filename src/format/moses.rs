//! Moses: line-aligned texts, and Pharaoh word alignments.

use std::io::{self, Write};

use super::per_pair::{Named, PairFormat};
use super::text::{cell, line};
use super::{Files, Pair};

/// The sink of `moses`: for each language pair a file a side, one with word alignments `i-j` over the
/// tokens between blanks (empty where there are none), and one that says where each line comes from:
/// document, sentences, translation, origin, score, model and flags, between tabs.
pub(super) struct Moses {
    files: Named,
}

impl Moses {
    pub(super) fn new(files: Box<dyn Files>) -> Self {
        Self {
            files: Named::new(files),
        }
    }

    fn pair(&mut self, pair: &Pair<'_>, replaced: &mut u64) -> io::Result<()> {
        let translation = pair.translation;
        let alignment = translation.alignment.as_deref().unwrap_or_default();
        let languages = pair.languages();
        let lines = [
            (pair.language, line(pair.source, replaced)),
            (pair.target_language, line(&translation.text, replaced)),
            ("align", line(alignment, replaced)),
            ("ids", ids(pair, replaced)),
        ];
        for (extension, line) in lines {
            let out = self.files.get(&format!("{languages}.{extension}"), |_| Ok(()))?;
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

impl PairFormat for Moses {
    fn pairs(&mut self, pairs: &[Pair<'_>], replaced: &mut u64) -> io::Result<()> {
        for pair in pairs {
            self.pair(pair, replaced)?;
        }
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        self.files.finish(|_| Ok(()))
    }
}

fn ids(pair: &Pair<'_>, replaced: &mut u64) -> String {
    let translation = pair.translation;
    let score = translation.score.to_string();
    let columns = [
        &pair.record.id,
        &translation.sentences.join(" "),
        &translation.id,
        &translation.origin,
        &score,
        translation.model.as_deref().unwrap_or_default(),
        &translation.flags.join(","),
    ];
    columns
        .map(|column| cell(column, replaced).into_owned())
        .join("\t")
}
