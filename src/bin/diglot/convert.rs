//! `diglot convert`: records in, other formats out.

mod target;

use std::path::PathBuf;

use diglot::Error;
use diglot::format::{Counts, OutputFormat, RecordFiles, Sink, StoredRecord, Unread, open, run_is_complete};

use crate::formats::{OutputFormatArgs, PairArgs};
use crate::output::refuse_input;
use crate::status::{ExitStatus, report, say};
use target::Target;

const EXAMPLES: &str = "\
Examples:
  diglot convert records.jsonl --format tmx -o corpus.tmx
  diglot convert out/ --format moses,xliff,conll -o corpus/
  diglot convert records.jsonl.gz --format hf --no-flagged --dedupe -o - | head
  diglot convert records.jsonl --format tsv --min-score aligned=0.6,translated=-1 -o corpus/

A language pair has files of its own (`records.fr-en.tsv`), but in `tmx`. Text without a model for its \
language is no parallel text and is left out of pairs. Records made with `--no-text` have no source side. \
Characters that a format forbids are replaced, and counted.";

/// Make parallel text and annotation files of records, without running models again
///
/// Records are what `diglot run` writes: JSON lines of the schema `diglot/1`, plain or compressed with
/// gzip or zstd, Parquet, or a directory of them, of which the shards `records-*` are read, else all its
/// JSON lines. A line that is no such record is named, and the
/// others are converted. Files appear under their names when they are complete.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Files of records, directories of them, or `-` for standard input
    #[arg(value_name = "RECORDS", required = true)]
    inputs: Vec<PathBuf>,

    #[command(flatten)]
    output: OutputFormatArgs,

    /// Write to this directory, file or, with `-`, standard output
    ///
    /// A name with an extension is a file, unless it is a directory or ends in `/`; formats of several
    /// files need a directory.
    #[arg(short = 'o', long = "output", value_name = "DIR|FILE|-", default_value = "-")]
    target: PathBuf,

    #[command(flatten)]
    pairs: PairArgs,

    /// No summary; errors are still named
    #[arg(long, short)]
    quiet: bool,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let formats = formats(&args.output.formats)?;
    let mut records = RecordFiles::find(&args.inputs)?;
    refuse_input(Some(&args.target), &args.inputs)?;
    let target = Target::new(&args.target, &formats)?;
    let options = args.pairs.options();
    let mut conversion = Conversion {
        misses_alignment: formats.contains(&OutputFormat::Moses),
        formats: Vec::new(),
        target: &target,
        failed: false,
    };
    for format in formats {
        let sink = open(format, target.files(), &options).map_err(|error| target.error(error))?;
        conversion.formats.push((format, sink));
    }
    for read in &mut records {
        conversion.add(read)?;
    }
    if records.opened() == 0 && records.found() > 0 {
        return Ok(ExitStatus::CannotRun);
    }
    for run in args
        .inputs
        .iter()
        .filter(|path| run_is_complete(path) == Some(false))
    {
        say(format_args!(
            "{}: the run is not complete, so what is made of it is a part; `diglot run --resume` goes on with it",
            run.display()
        ));
        conversion.failed = true;
    }
    conversion.finish(args.quiet)
}

/// The formats, each once.
fn formats(named: &[OutputFormat]) -> Result<Vec<OutputFormat>, Error> {
    let mut formats = Vec::new();
    for format in named {
        if !formats.contains(format) {
            formats.push(*format);
        }
    }
    if formats.is_empty() {
        let message = "expected `--format` with the formats to write, found none";
        return Err(Error::Config(message.to_owned()));
    }
    Ok(formats)
}

struct Conversion<'a> {
    formats: Vec<(OutputFormat, Box<dyn Sink>)>,
    /// Whether word alignments are wanted and none was found so far.
    misses_alignment: bool,
    target: &'a Target,
    failed: bool,
}

impl Conversion<'_> {
    /// Converts a record, or names what is none.
    fn add(&mut self, read: Result<Result<StoredRecord, Unread>, Error>) -> Result<(), Error> {
        match read {
            Ok(Ok(record)) => return self.record(record),
            Ok(Err(bad)) => say(format_args!(
                "{}: line {}: {}",
                bad.path.display(),
                bad.line,
                bad.message
            )),
            Err(error) => report(&error),
        }
        self.failed = true;
        Ok(())
    }

    fn record(&mut self, mut record: StoredRecord) -> Result<(), Error> {
        if self.misses_alignment {
            let mut found = false;
            let looked = record.parts(&mut |part| {
                found |= part.translations.iter().any(|one| one.alignment.is_some());
                Ok(())
            });
            looked.map_err(|error| self.target.error(error))?;
            self.misses_alignment = !found;
        }
        for (_, sink) in &mut self.formats {
            record
                .write_to(sink.as_mut())
                .map_err(|error| self.target.error(error))?;
        }
        Ok(())
    }

    fn finish(mut self, quiet: bool) -> Result<ExitStatus, Error> {
        let (mut textless, mut pairs) = (0, 0);
        for (format, sink) in self.formats {
            let counts = sink.finish().map_err(|error| self.target.error(error))?;
            textless = textless.max(counts.textless);
            pairs = pairs.max(counts.pairs);
            if !quiet {
                say(summary(format, &counts));
            }
        }
        self.target.commit()?;
        if textless > 0 {
            say(format_args!(
                "{textless} records have no text (made with `--no-text`): what needs the source side is not written for them"
            ));
            self.failed = true;
        }
        if self.misses_alignment && pairs > 0 && !quiet {
            say(
                "the records have no word alignments, so those of `moses` are empty: `diglot run --word-alignment` writes them",
            );
        }
        Ok(ExitStatus::with_errors(self.failed))
    }
}

fn summary(format: OutputFormat, counts: &Counts) -> String {
    let Counts {
        records,
        pairs,
        filtered,
        replaced,
        ..
    } = counts;
    format!("{format}: {records} records, {pairs} pairs, {filtered} left out, {replaced} characters replaced")
}
