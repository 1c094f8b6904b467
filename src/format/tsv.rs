//! Tab-separated values, with the columns of Bitextor.

use std::io;

use csv::{QuoteStyle, Writer, WriterBuilder};

use super::per_pair::{Named, Out, PairFormat};
use super::text::cell;
use super::{Files, Pair};

/// The columns. Those that begin with `src_` and `trg_` are called as Bitextor calls them in its
/// `.sent.gz` (<https://github.com/bitextor/bitextor/blob/master/docs/OUTPUT.md>); like there, its tools
/// find columns by name.
const COLUMNS: [&str; 14] = [
    "src_url",
    "trg_url",
    "src_text",
    "trg_text",
    "score",
    "src_paragraph_id",
    "trg_paragraph_id",
    "origin",
    "model",
    "flags",
    "src_lang",
    "trg_lang",
    "author",
    "date",
];

/// The sink of `tsv`. There is no quoting: tabs, line breaks and control characters are replaced.
pub(super) struct Tsv {
    files: Named,
    header: bool,
}

impl Tsv {
    /// `header`: whether files begin with the names of the columns.
    pub(super) fn new(files: Box<dyn Files>, header: bool) -> Self {
        Self {
            files: Named::new(files),
            header,
        }
    }

    fn pair(&mut self, pair: &Pair<'_>, replaced: &mut u64) -> io::Result<()> {
        let name = format!("{}.tsv", pair.languages());
        let header = self.header;
        let begin = |out: &mut Out| if header { row(out, &COLUMNS) } else { Ok(()) };
        let out = self.files.get(&name, begin)?;
        let translation = pair.translation;
        let score = translation.score.to_string();
        let columns = [
            pair.record.id.as_str(),
            &pair.record.id,
            pair.source,
            &translation.text,
            &score,
            &translation.sentences.join(" "),
            &translation.id,
            &translation.origin,
            translation.model.as_deref().unwrap_or_default(),
            &translation.flags.join(","),
            pair.language,
            pair.target_language,
            pair.byline.author.unwrap_or_default(),
            pair.byline.date.unwrap_or_default(),
        ];
        row(out, &columns.map(|column| cell(column, replaced).into_owned()))?;
        Ok(())
    }
}

impl PairFormat for Tsv {
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

fn row<T: AsRef<[u8]>>(out: &mut Out, columns: &[T]) -> io::Result<()> {
    let mut writer: Writer<&mut Out> = WriterBuilder::new()
        .delimiter(b'\t')
        .quote_style(QuoteStyle::Never)
        .from_writer(out);
    writer.write_record(columns)?;
    writer.flush()
}
