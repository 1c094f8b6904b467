//! What is said on the command line about output formats.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use diglot::format::{KnownPairs, MinScore, OutputFormat, OutputOptions, PairFilter};

/// Which formats are written.
#[derive(Debug, clap::Args)]
pub struct OutputFormatArgs {
    /// Write these formats, several with commas between
    ///
    /// `jsonl` and `parquet` hold the records themselves. Parallel text: `tmx` (TMX 1.4b), `xliff`
    /// (XLIFF 2.1, entities as `mrk`), `moses` (line-aligned files with word alignments and the origin of
    /// each line), `tsv` (the columns of Bitextor), `hf` (for `datasets`). Entities: `conll` (IOB2, a file
    /// a side and language), `webanno` (W3C Web Annotations), `brat` (standoff). For people: `html`.
    #[arg(
        long = "format",
        short = 'f',
        value_name = "FORMAT",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(OutputFormat::ALL.map(OutputFormat::as_str))
            .try_map(|name| name.parse::<OutputFormat>()),
    )]
    pub formats: Vec<OutputFormat>,
}

/// Which pairs are written, and how.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Pairs")]
pub struct PairArgs {
    /// Leave out pairs with a lower score: a number from 0 to 1, or `aligned=N,translated=N`
    ///
    /// The two origins have scores on two scales. That of `aligned` pairs is the aligner's, from 0 to 1;
    /// that of `translated` ones is the mean log probability of the model's tokens, 0 at best. A number
    /// alone holds for both: of a log probability it takes the exponential, the mean probability of a
    /// token. `--min-score 0.5` is `--min-score aligned=0.5,translated=-0.693`.
    #[arg(long, value_name = "SCORE", allow_hyphen_values = true)]
    pub min_score: Option<MinScore>,

    /// Leave out pairs whose rendering has a flag
    #[arg(long)]
    pub no_flagged: bool,

    /// Leave out pairs whose two texts came before in the corpus, but for case and white space
    #[arg(long)]
    pub dedupe: bool,

    /// Write `tsv` without the line of column names
    #[arg(long)]
    pub no_header: bool,
}

impl PairArgs {
    /// The options of the formats.
    pub fn options(&self) -> OutputOptions {
        OutputOptions {
            filter: PairFilter {
                min_score: self.min_score.unwrap_or_default(),
                no_flagged: self.no_flagged,
                dedupe: self.dedupe,
            },
            header: !self.no_header,
            shard: None,
            known: self.dedupe.then(KnownPairs::default),
        }
    }
}
