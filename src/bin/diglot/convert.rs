//! `diglot convert`: records in, other formats out.

mod target;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use diglot::Error;
use diglot::format::{Counts, OutputFormat, Record, RecordReader, Sink, is_record_shard, open};

use crate::formats::{OutputFormatArgs, PairArgs};
use crate::status::{ExitStatus, say};
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
/// gzip or zstd, or a directory with `records-*.jsonl` in it. A line that is no such record is named, and the
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
    let inputs = inputs(&args.inputs)?;
    let target = Target::new(&args.target, &formats)?;
    let options = args.pairs.options();
    let mut conversion = Conversion {
        formats: Vec::new(),
        target: &target,
        failed: false,
    };
    for format in formats {
        let sink = open(format, target.files(), &options).map_err(|error| target.error(error))?;
        conversion.formats.push((format, sink));
    }
    let mut opened = false;
    for input in &inputs {
        opened |= conversion.input(input)?;
    }
    if !opened {
        return Ok(ExitStatus::CannotRun);
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

/// The files that are named, with those of directories in order of their names.
fn inputs(named: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut inputs = Vec::new();
    for path in named {
        if !path.is_dir() {
            inputs.push(path.clone());
            continue;
        }
        let read = |error| Error::io("read", path, error);
        let entries = fs::read_dir(path)
            .and_then(Iterator::collect::<io::Result<Vec<_>>>)
            .map_err(read)?;
        let mut shards: Vec<PathBuf> = entries
            .iter()
            .filter(|entry| entry.file_name().to_str().is_some_and(is_record_shard))
            .map(fs::DirEntry::path)
            .collect();
        if shards.is_empty() {
            return Err(Error::Input {
                id: path.display().to_string(),
                message: "expected files called `records-*.jsonl`, found none".to_owned(),
            });
        }
        shards.sort();
        inputs.append(&mut shards);
    }
    Ok(inputs)
}

struct Conversion<'a> {
    formats: Vec<(OutputFormat, Box<dyn Sink>)>,
    target: &'a Target,
    failed: bool,
}

impl Conversion<'_> {
    /// Converts a file. Returns whether it could be opened.
    fn input(&mut self, path: &Path) -> Result<bool, Error> {
        let reader = if path == Path::new("-") {
            RecordReader::new(io::stdin())
        } else {
            RecordReader::open(path)
        };
        let reader = match reader {
            Ok(reader) => reader,
            Err(error) => {
                say(format_args!("{}: {error}", path.display()));
                self.failed = true;
                return Ok(false);
            }
        };
        for item in reader {
            match item {
                Ok(record) => self.record(&record)?,
                Err(bad) => {
                    say(format_args!("{}: {bad}", path.display()));
                    self.failed = true;
                }
            }
        }
        Ok(true)
    }

    fn record(&mut self, record: &Record) -> Result<(), Error> {
        for (_, sink) in &mut self.formats {
            sink.write(record).map_err(|error| self.target.error(error))?;
        }
        Ok(())
    }

    fn finish(mut self, quiet: bool) -> Result<ExitStatus, Error> {
        let mut textless = 0;
        for (format, sink) in self.formats {
            let counts = sink.finish().map_err(|error| self.target.error(error))?;
            textless = textless.max(counts.textless);
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
