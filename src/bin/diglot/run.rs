//! `diglot run`: documents in, records out.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Instant;

use diglot::Error;
use diglot::config::Config;
use diglot::corpus::{Inputs, Limits, Reader, Records};
use diglot::format::{JsonLinesWriter, Record};

use crate::args::{FormatArgs, INPUT, INPUT_LONG, ModelArgs, TargetArgs, thread_pool};
use crate::output::Output;
use crate::progress::Progress;
use crate::status::{ExitStatus, say, stdout_error};
use crate::summary::Summary;

const EXAMPLES: &str = "\
Examples:
  diglot run article.txt                                one record on standard output
  diglot run articles/ extra.jsonl -o records.jsonl     a corpus, to a file
  zcat corpus.jsonl.gz | diglot run - --input-format jsonl
  diglot run article.txt --model translate=opus-mt-fr-en
  diglot run --beam 4 --dump-config > diglot.toml       settings to keep

A document that cannot be read or processed is not lost: its record has `errors`, standard error \
names it, and the exit code is 1. The exit code is 2 when no input can be opened at all.";

/// Make a record of each document: its segments, sentences, translations and entities
///
/// Records are JSON lines of the schema `diglot/1`, in the order of the input. The same input, models
/// and settings give the same bytes, whatever the threads and the batch size.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[arg(value_name = "INPUT", required_unless_present = "dump_config", help = INPUT, long_help = INPUT_LONG)]
    inputs: Vec<PathBuf>,

    #[command(flatten)]
    format: FormatArgs,

    /// Write records to this file, which appears when they are complete
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Leave the text out of the records
    #[arg(long)]
    no_text: bool,

    /// No progress bar and no summary; errors are still named
    #[arg(long, short)]
    quiet: bool,

    /// No progress bar
    #[arg(long)]
    no_progress: bool,

    /// Print the settings in force as a configuration file, and do nothing
    #[arg(long)]
    dump_config: bool,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    models: ModelArgs,

    /// Work on this many documents together; more takes more memory [default: 32]
    #[arg(long, value_name = "N", help_heading = "Settings")]
    batch_size: Option<NonZeroUsize>,
}

impl Args {
    fn config(&self) -> Result<Config, Error> {
        let mut config = self.models.config()?;
        self.target.over(&mut config);
        config.batch_size = self.batch_size.unwrap_or(config.batch_size);
        config.text &= !self.no_text;
        Ok(config)
    }
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let started = Instant::now();
    let config = args.config()?;
    if args.dump_config {
        let written = std::io::stdout().write_all(config.to_toml()?.as_bytes());
        return written.map(|()| ExitStatus::Success).map_err(stdout_error);
    }
    let inputs = args.format.find(&args.inputs, args.output.as_deref())?;
    let output = Output::create(args.output.as_deref())?;
    let progress = Progress::new(!args.quiet && !args.no_progress, inputs.total_bytes());
    let summary = thread_pool(&config)?.install(|| write(&config, inputs, output, progress))?;
    if !args.quiet {
        say(format_args!(
            "{summary}, {:.1} s",
            started.elapsed().as_secs_f64()
        ));
    }
    Ok(ExitStatus::with_errors(summary.any_errors()))
}

fn write(config: &Config, inputs: Inputs, output: Output, mut progress: Progress) -> Result<Summary, Error> {
    let pipeline = config.builder()?.build()?;
    let name = output.name().to_owned();
    let limits = Limits::documents(config.batch_size.get());
    let mut records = Records::new(&pipeline, Reader::new(inputs), limits);
    let mut writer = JsonLinesWriter::new(output);
    let mut summary = Summary::default();
    while let Some(mut record) = records.next() {
        if !config.text {
            record.text = None;
        }
        writer
            .write(&record)
            .map_err(|error| Error::io("write", &name, error))?;
        summary.add(&record);
        progress.advance(records.bytes_read());
        progress.suspend(|| name_errors(&record));
    }
    writer.into_inner().finish()?;
    Ok(summary)
}

/// Names the errors of a record on standard error.
fn name_errors(record: &Record) {
    for error in &record.errors {
        say(format_args!(
            "{}: {}: {} ({})",
            record.id, error.stage, error.message, error.code
        ));
    }
}
