//! `diglot run`: documents in, records out.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diglot::Error;
use diglot::config::Config;
use diglot::corpus::{Flow, Inputs, Limits, Reader, Step, Stop, Totals};
use diglot::format::{JsonLinesWriter, Record};

use crate::args::{FormatArgs, INPUT, INPUT_LONG, ModelArgs, TargetArgs, thread_pool};
use crate::batch::{self, BatchArgs};
use crate::output::{Output, refuse_input};
use crate::progress::{Progress, Style};
use crate::status::{ExitStatus, say, stdout_error};
use crate::stop;
use crate::summary::Summary;

const EXAMPLES: &str = "\
Examples:
  diglot run article.txt                                one record on standard output
  diglot run articles/ extra.jsonl -o records.jsonl     a corpus, to a file
  diglot run corpus/ -o out/ --resume                   a large corpus, to a directory
  diglot run corpus/ -o out/ --update                   the same corpus a week later
  zcat corpus.jsonl.gz | diglot run - --input-format jsonl
  diglot run article.txt --model translate=opus-mt-fr-en
  diglot run --beam 4 --dump-config > diglot.toml       settings to keep

A document that cannot be read or processed is not lost: its record has `errors`, standard error \
names it, and the exit code is 1. The exit code is 2 when no input can be opened at all, and 130 after \
Ctrl-C or SIGTERM.

A directory as output (`-o out/`) makes a batch run: shards of records, a journal and a manifest. \
Ctrl-C finishes the shard in hand (twice: drops it); after this or any other interruption, a crash \
or a full disk too, `--resume` goes on, and the result is the same, byte for byte.";

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

    /// Write records to this file, which appears when they are complete, or make a batch run into
    /// this directory
    ///
    /// It is taken for a directory when it is one, when its name ends in `/`, and when an option of
    /// batch runs is given.
    #[arg(short, long, value_name = "FILE|DIR/")]
    output: Option<PathBuf>,

    /// Leave the text out of the records
    #[arg(long)]
    no_text: bool,

    /// Write the word alignment of each translation into the records, as `i-j` pairs of words
    ///
    /// `--format moses` needs it and has it written.
    #[arg(long)]
    word_alignment: bool,

    /// No progress bar and no summary; errors are still named
    #[arg(long, short)]
    quiet: bool,

    /// How to show progress on standard error
    #[arg(long, value_name = "HOW", value_enum, default_value = "bar")]
    progress: Style,

    /// No progress bar: the same as `--progress none`
    #[arg(long)]
    no_progress: bool,

    /// Print the settings in force as a configuration file, and do nothing
    #[arg(long)]
    dump_config: bool,

    #[command(flatten)]
    batch: BatchArgs,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    models: ModelArgs,

    /// Translate nothing: what has no rendering in its document keeps its text, flagged `no-model`
    #[arg(long, help_heading = "Settings")]
    no_translation: bool,

    /// Look for no entities, which are half of the work and more
    #[arg(long, help_heading = "Settings")]
    no_entities: bool,

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
        config.translation &= !self.no_translation;
        config.entities &= !self.no_entities;
        config.word_alignment |= self.word_alignment || self.batch.needs_word_alignment();
        Ok(config)
    }
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let config = args.config()?;
    if args.dump_config {
        let written = std::io::stdout().write_all(config.to_toml()?.as_bytes());
        return written.map(|()| ExitStatus::Success).map_err(stdout_error);
    }
    refuse_input(args.output.as_deref(), &args.inputs)?;
    check_temporary();
    let inputs = args.format.find(&args.inputs, args.output.as_deref())?;
    let style = if args.quiet || args.no_progress {
        Style::None
    } else {
        args.progress
    };
    let mut progress = Progress::new(style, inputs.total_bytes());
    match args.batch.directory(args.output.as_deref())? {
        Some(directory) => {
            let reading = args.format.settings();
            batch::run(
                &args.batch,
                directory,
                &config,
                reading,
                inputs,
                &mut progress,
                args.quiet,
            )
        }
        None => to_output(args, &config, inputs, &mut progress),
    }
}

/// Writes all records to one place.
/// Long texts lie in temporary files: that there can be none is to be known before the first of them.
fn check_temporary() {
    if let Err(error) = tempfile::tempfile() {
        say(format_args!(
            "no temporary files can be made in `{}` ({error}): documents that are too long for memory will be errors",
            std::env::temp_dir().display()
        ));
    }
}

fn to_output(
    args: &Args,
    config: &Config,
    inputs: Inputs,
    progress: &mut Progress,
) -> Result<ExitStatus, Error> {
    let started = Instant::now();
    let output = Output::create(args.output.as_deref())?;
    let regular = matches!(output, Output::Temporary(_));
    if regular {
        stop::listen("stopping; the output file will not be made");
    }
    let Some(totals) = write(config, inputs, output, progress)? else {
        say("stopped: no output was made; a batch run (`-o DIR/`) can be resumed");
        return Ok(ExitStatus::Interrupted);
    };
    progress.finish();
    if !args.quiet {
        let seconds = started.elapsed().as_secs_f64();
        say(format_args!("{}, {seconds:.1} s", Summary(&totals)));
    }
    Ok(ExitStatus::with_errors(totals.failed > 0))
}

/// Counts over what was written; `None` when asked to stop.
fn write(
    config: &Config,
    inputs: Inputs,
    output: Output,
    progress: &mut Progress,
) -> Result<Option<Totals>, Error> {
    let pipeline = Arc::new(config.builder()?.build()?);
    let pool = Arc::new(thread_pool(config)?);
    let name = output.name().to_owned();
    let limits = Limits::documents(config.batch_size.get());
    let mut flow = Flow::start(
        pipeline,
        pool,
        Reader::new(inputs),
        limits,
        config.record_options(),
    )?;
    let mut writer = JsonLinesWriter::new(output);
    let mut totals = Totals::default();
    loop {
        if stop::asked() != Stop::No {
            return Ok(None);
        }
        match flow.next(Duration::from_millis(100))? {
            Step::Made(mut made) => {
                let written = match &mut made.long {
                    Some(long) => writer.write_long(long),
                    None => writer.write(&made.record),
                };
                written.map_err(|error| Error::io("write", &name, error))?;
                totals += &made.totals;
                progress.made(&made);
                progress.suspend(|| name_errors(&made.record));
            }
            Step::Part { words, sentences } => progress.part(words, sentences),
            Step::Waiting => progress.tick(),
            Step::End => break,
        }
    }
    writer.into_inner().finish()?;
    Ok(Some(totals))
}

/// Names the errors of a record on standard error.
pub fn name_errors(record: &Record) {
    for error in &record.errors {
        say(format_args!(
            "{}: {}: {} ({})",
            record.id, error.stage, error.message, error.code
        ));
    }
}
