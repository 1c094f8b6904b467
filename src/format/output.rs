//! The formats that records are written in, by name.

use std::fmt;
use std::io;
use std::str::FromStr;

use super::filter::PairFilter;
use super::per_pair::{PairFormat, PairSink};
use super::{
    Files, HtmlSink, KnownPairs, ParquetSink, Sink, brat, conll, hf, jsonl, moses, tmx, tsv, webanno, xliff,
};

/// A format that records are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OutputFormat {
    /// The records themselves, one a line: `jsonl`.
    Jsonl,
    /// The records themselves, one a row: `parquet`.
    Parquet,
    /// A translation memory, TMX 1.4b: `tmx`.
    Tmx,
    /// XLIFF 2.1, a file a language pair: `fr-en.xlf`.
    Xliff,
    /// Line-aligned texts with word alignment, files a language pair: `fr-en.fr`, `fr-en.en`,
    /// `fr-en.align`, `fr-en.ids`.
    Moses,
    /// Tab-separated values with the columns of Bitextor, a file a language pair: `fr-en.tsv`.
    Tsv,
    /// JSON lines for `datasets`, a file a language pair: `fr-en.jsonl`.
    Hf,
    /// Tokens with IOB2 tags, a file a side and language: `source.fr.conll`, `target.en.conll`.
    Conll,
    /// W3C Web Annotations, a JSON-LD page of annotations a line and document: `webanno.jsonl`.
    Webanno,
    /// brat standoff, files a document: `brat/night-market.txt`, `brat/night-market.ann`.
    Brat,
    /// A page a document.
    Html,
}

/// What can be chosen about output formats.
#[derive(Clone, Debug)]
pub struct OutputOptions {
    /// Which pairs are written, in formats that hold pairs.
    pub filter: PairFilter,
    /// Whether `tsv` begins with a line of column names, as Bitextor writes it.
    pub header: bool,
    /// Where one format's files are those of one shard of many: how many records the shards before have in
    /// it. The index of `html` is then made of all shards, by [`Index`](super::Index).
    pub shard: Option<u64>,
    /// The pairs that came before, shared by formats and shards; `None` where there are none, and for one
    /// format alone. It counts with [`PairFilter::dedupe`].
    pub known: Option<KnownPairs>,
}

impl Default for OutputOptions {
    fn default() -> Self {
        Self {
            filter: PairFilter::default(),
            header: true,
            shard: None,
            known: None,
        }
    }
}

/// Begins writing a format.
///
/// # Errors
///
/// When a file cannot be created.
pub fn open(
    format: OutputFormat,
    mut files: Box<dyn Files>,
    options: &OutputOptions,
) -> io::Result<Box<dyn Sink>> {
    fn pairs(format: impl PairFormat + 'static, options: &OutputOptions) -> Box<dyn Sink> {
        Box::new(PairSink::new(format, options))
    }
    Ok(match format {
        OutputFormat::Jsonl => jsonl::JsonLinesSink::open(files)?,
        OutputFormat::Tmx => pairs(tmx::Tmx::create(files)?, options),
        OutputFormat::Xliff => pairs(xliff::Xliff::new(files), options),
        OutputFormat::Moses => pairs(moses::Moses::new(files), options),
        OutputFormat::Tsv => pairs(tsv::Tsv::new(files, options.header), options),
        OutputFormat::Hf => pairs(hf::Hf::new(files), options),
        OutputFormat::Conll => Box::new(conll::Conll::new(files, options)),
        OutputFormat::Webanno => Box::new(webanno::WebAnnotations::create(files, options)?),
        OutputFormat::Brat => Box::new(brat::Brat::new(files)),
        OutputFormat::Parquet => Box::new(ParquetSink::new(files.as_mut())?),
        OutputFormat::Html => Box::new(match options.shard {
            Some(before) => HtmlSink::shard(files, before)?,
            None => HtmlSink::new(files),
        }),
    })
}

impl OutputFormat {
    /// All formats.
    pub const ALL: [Self; 11] = [
        Self::Jsonl,
        Self::Parquet,
        Self::Tmx,
        Self::Xliff,
        Self::Moses,
        Self::Tsv,
        Self::Hf,
        Self::Conll,
        Self::Webanno,
        Self::Brat,
        Self::Html,
    ];

    /// The name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::Tmx => "tmx",
            Self::Xliff => "xliff",
            Self::Moses => "moses",
            Self::Tsv => "tsv",
            Self::Hf => "hf",
            Self::Conll => "conll",
            Self::Webanno => "webanno",
            Self::Brat => "brat",
            Self::Html => "html",
        }
    }

    /// Whether it always makes several files, so that it needs a directory. The others make one, or
    /// one a language pair.
    pub fn needs_directory(self) -> bool {
        matches!(self, Self::Moses | Self::Conll | Self::Brat | Self::Html)
    }
}

impl fmt::Display for OutputFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for OutputFormat {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|format| format.as_str()).collect();
            format!("expected one of {}, found `{name}`", names.join(", "))
        })
    }
}
