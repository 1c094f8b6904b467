//! CoNLL: a token and its IOB2 tag a line.

mod tokens;

use std::io::{self, Write};

use self::tokens::{Token, tokens};
use super::filter::Sieve;
use super::pairs::{Index, code};
use super::per_pair::Named;
use super::text::{cell, line, visible};
use super::{Counts, Files, Mention, OutputOptions, Record, Sink};

/// The sink of `conll`: a file a side and language. `source.*` hold the sentences of documents,
/// `target.*` their renderings, in both with an empty line after each. A token's line has a tab, and
/// no other line has one: comments are told by that, since a token may begin with `#` too.
pub(super) struct Conll {
    files: Named,
    sieve: Sieve,
    counts: Counts,
}

/// A sentence to be written.
struct Sentence<'a> {
    document: &'a str,
    id: &'a str,
    text: &'a str,
    language: &'a str,
    mentions: &'a [Mention<'a>],
}

impl Conll {
    pub(super) fn new(files: Box<dyn Files>, options: &OutputOptions) -> Self {
        Self {
            files: Named::new(files),
            sieve: Sieve::new(options),
            counts: Counts::default(),
        }
    }

    fn sentence(&mut self, side: &str, sentence: &Sentence<'_>) -> io::Result<()> {
        let tokens = tokens(sentence.text, sentence.language, sentence.mentions);
        if tokens.is_empty() {
            return Ok(());
        }
        let out = self
            .files
            .get(&format!("{side}.{}.conll", sentence.language), |_| Ok(()))?;
        let replaced = &mut self.counts.replaced;
        writeln!(out, "# doc = {}", cell(sentence.document, replaced))?;
        writeln!(out, "# sent_id = {}", cell(sentence.id, replaced))?;
        // What is replaced here is counted where it stands in a token.
        writeln!(out, "# text = {}", line(sentence.text, &mut 0))?;
        for Token { text, tag, .. } in tokens {
            writeln!(out, "{}\t{}", visible(text, replaced), cell(&tag, replaced))?;
        }
        writeln!(out)
    }

    fn sources(&mut self, record: &Record) -> io::Result<()> {
        let index = Index::new(record);
        for sentence in &record.sentences {
            let Some((text, mentions)) = index.passage(sentence.span.start, sentence.span.end) else {
                continue;
            };
            let sentence = Sentence {
                document: &record.id,
                id: &sentence.id,
                text,
                language: code(&sentence.language),
                mentions: &mentions,
            };
            self.sentence("source", &sentence)?;
        }
        Ok(())
    }
}

impl Sink for Conll {
    fn write(&mut self, record: &Record) -> io::Result<()> {
        self.counts.records += 1;
        self.counts.textless += u64::from(record.lacks_text());
        self.sources(record)?;
        for pair in self.sieve.pairs(record)? {
            let sentence = Sentence {
                document: &record.id,
                id: &pair.translation.id,
                text: &pair.translation.text,
                language: pair.target_language,
                mentions: &pair.target_mentions,
            };
            self.sentence("target", &sentence)?;
            self.counts.pairs += 1;
        }
        Ok(())
    }

    fn finish(self: Box<Self>) -> io::Result<Counts> {
        self.files.finish(|_| Ok(()))?;
        Ok(Counts {
            filtered: self.sieve.filtered,
            ..self.counts
        })
    }
}
