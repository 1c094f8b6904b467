//! `diglot run -o DIR/`: batch runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use diglot::Error;
use diglot::config::Config;
use diglot::corpus::{
    Batch, Inputs, Learn, Limits, Made, Manifest, Mode, OpenSink, Plan, Reader, Redo, ShardLimits, ShardLine,
    Start, Stop, Watch,
};
use diglot::format::{OutputFormat, OutputOptions, Record, open};

use crate::args::{bytes, thread_pool};
use crate::formats::{OutputFormatArgs, PairArgs};
use crate::progress::Progress;
use crate::run::name_errors;
use crate::status::{ExitStatus, say};
use crate::stop;
use crate::summary::Summary;

/// How a batch run treats its output directory.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Batch runs (-o DIR/)")]
pub struct BatchArgs {
    /// Go on where an earlier run was interrupted, or start where there was none
    ///
    /// The result is what an uninterrupted run makes, byte for byte. Refused when settings, models,
    /// the list of inputs or diglot's version have changed.
    #[arg(long, conflicts_with_all = ["fresh", "update", "retry_errors"])]
    resume: bool,

    /// Remove what an earlier run wrote, and start over; other files are left alone
    #[arg(long, conflicts_with_all = ["update", "retry_errors"])]
    fresh: bool,

    /// Redo only documents that are new or whose content has changed; those that are gone leave
    ///
    /// The result is what a run over the present input makes. The earlier output stays in place
    /// until the new one is complete. Works after an interrupted run too.
    #[arg(long)]
    update: bool,

    /// Redo only documents that have errors
    ///
    /// With `--update`, the changed ones as well; without it, changes elsewhere are refused.
    #[arg(long)]
    retry_errors: bool,

    /// End a shard after this many documents [default: 1000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    shard_size: Option<u64>,

    /// End a shard after so many bytes of input: 500k, 4M, 1G [default: 4M]
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    shard_bytes: Option<u64>,

    #[command(flatten)]
    formats: OutputFormatArgs,

    #[command(flatten)]
    pairs: PairArgs,
}

impl BatchArgs {
    /// The directory of the batch run, if one is asked for.
    pub fn directory<'a>(&self, output: Option<&'a Path>) -> Result<Option<&'a Path>, Error> {
        let asked = self.resume
            || self.fresh
            || self.update
            || self.retry_errors
            || self.shard_size.is_some()
            || self.shard_bytes.is_some()
            || !self.formats.formats.is_empty();
        match output.filter(|output| *output != Path::new("-")) {
            Some(output) if asked || output.is_dir() || ends_in_slash(output) => Ok(Some(output)),
            None if asked => {
                let message = "options of batch runs need an output directory: `-o DIR/`";
                Err(Error::Config(message.to_owned()))
            }
            _ => Ok(None),
        }
    }

    /// The formats, each once, in the order of their declaration. The records themselves are always
    /// written: resuming, verifying and converting read them.
    fn formats(&self) -> Vec<OutputFormat> {
        let mut formats = self.formats.formats.clone();
        formats.push(OutputFormat::Jsonl);
        formats.sort_unstable();
        formats.dedup();
        formats
    }

    /// Whether a format that is asked for has word alignments in it.
    pub fn needs_word_alignment(&self) -> bool {
        self.formats.formats.contains(&OutputFormat::Moses)
    }

    /// What decides on the content of the formats, for telling one batch run from another.
    fn filters(&self) -> [(String, String); 4] {
        let options = self.pairs.options();
        [
            ("min-score".to_owned(), format!("{:?}", options.filter.min_score)),
            ("no-flagged".to_owned(), options.filter.no_flagged.to_string()),
            ("dedupe".to_owned(), options.filter.dedupe.to_string()),
            ("header".to_owned(), options.header.to_string()),
        ]
    }

    fn mode(&self) -> Mode {
        match (self.update, self.retry_errors) {
            (true, true) => Mode::Redo(Redo::ChangedAndFailed),
            (true, false) => Mode::Redo(Redo::Changed),
            (false, true) => Mode::Redo(Redo::Failed),
            (false, false) if self.fresh => Mode::Start(Start::Fresh),
            (false, false) if self.resume => Mode::Start(Start::Resume),
            (false, false) => Mode::Start(Start::New),
        }
    }

    fn shard_limits(&self) -> ShardLimits {
        let default = ShardLimits::default();
        ShardLimits {
            documents: self.shard_size.unwrap_or(default.documents),
            bytes: self.shard_bytes.unwrap_or(default.bytes),
        }
    }
}

fn ends_in_slash(path: &Path) -> bool {
    path.as_os_str()
        .to_string_lossy()
        .ends_with(std::path::is_separator)
}

/// Makes a batch run.
pub fn run(
    args: &BatchArgs,
    directory: &Path,
    config: &Config,
    reading: Vec<(&'static str, String)>,
    inputs: Inputs,
    progress: &mut Progress,
    quiet: bool,
) -> Result<ExitStatus, Error> {
    let started = Instant::now();
    let options = args.pairs.options();
    let formats: Vec<(String, OpenSink)> = args
        .formats()
        .into_iter()
        .map(|format| {
            let options = options.clone();
            let sink: OpenSink = Box::new(move |files, before| {
                let shard = Some(before);
                let options = OutputOptions {
                    shard,
                    ..options.clone()
                };
                open(format, files, &options)
            });
            (format.as_str().to_owned(), sink)
        })
        .collect();
    let learn = options
        .filter
        .dedupe
        .then(|| -> Learn { Box::new(move |record: &Record| options.learn(record)) });
    let pipeline = Arc::new(config.builder()?.build()?);
    let names = formats.iter().map(|(name, _)| name.clone()).collect();
    let mut plan = Plan::new(pipeline.run(), &inputs, names, args.shard_limits());
    plan.options = reading
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    plan.options.extend(args.filters());
    for (name, value) in [("text", config.text), ("word-alignment", config.word_alignment)] {
        plan.options.insert(name.to_owned(), value.to_string());
    }
    plan.options.insert(Plan::CONFIG.to_owned(), settings(config)?);
    let batch = Batch {
        pipeline,
        pool: Arc::new(thread_pool(config)?),
        plan,
        formats,
        learn,
        limits: Limits::documents(config.batch_size.get()),
        record: config.record_options(),
    };
    stop::listen(STOPPING);
    let mut watcher = Watcher { progress };
    let manifest = batch.run(directory, Reader::new(inputs), args.mode(), &mut watcher);
    let manifest = manifest.inspect_err(|error| {
        if matches!(error, Error::Io { .. }) && directory.join("manifest.json").exists() {
            say(format_args!("what is finished is safe; to go on: {}", go_on()));
        }
    })?;
    watcher.progress.finish();
    Ok(close(&manifest, watcher.progress, started, quiet))
}

const STOPPING: &str =
    "stopping when the shard in hand is finished; press Ctrl-C again to stop at once and drop it";

/// The settings that change results, as a configuration file: what `diglot verify` makes documents again with.
fn settings(config: &Config) -> Result<String, Error> {
    let defaults = Config::default();
    let config = Config {
        threads: defaults.threads,
        batch_size: defaults.batch_size,
        ..config.clone()
    };
    config.to_toml()
}

fn close(manifest: &Manifest, progress: &Progress, started: Instant, quiet: bool) -> ExitStatus {
    let seconds = started.elapsed().as_secs_f64();
    if !manifest.complete {
        let documents = manifest.totals.documents;
        say(format_args!(
            "stopped after {documents} documents; to go on: {}",
            go_on()
        ));
        return ExitStatus::Interrupted;
    }
    if !quiet {
        let summary = Summary(&manifest.totals);
        say(format_args!(
            "{summary}, {seconds:.1} s, {} words/s",
            progress.speed()
        ));
    }
    ExitStatus::with_errors(manifest.totals.failed > 0)
}

/// The command that goes on with this run.
fn go_on() -> String {
    let mut words: Vec<String> = std::env::args_os()
        .map(|word| quoted(&PathBuf::from(word)))
        .filter(|word| word != "--fresh")
        .collect();
    if !["--resume", "--update", "--retry-errors"]
        .iter()
        .any(|flag| words.iter().any(|word| word == flag))
    {
        words.push("--resume".to_owned());
    }
    words.join(" ")
}

fn quoted(word: &Path) -> String {
    let word = word.display().to_string();
    let plain = |character: char| character.is_alphanumeric() || "-_./=,:@+".contains(character);
    if !word.is_empty() && word.chars().all(plain) {
        word
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// Shows progress, names errors, and passes on that the user wants to stop.
struct Watcher<'a> {
    progress: &'a mut Progress,
}

impl Watch for Watcher<'_> {
    fn stop(&mut self) -> Stop {
        stop::asked()
    }

    fn skipped(&mut self, position: u64) {
        self.progress.skipped(position);
    }

    fn made(&mut self, made: &Made) {
        self.progress.made(made);
        self.progress.suspend(|| name_errors(&made.record));
    }

    fn part(&mut self, words: u64, sentences: u64) {
        self.progress.part(words, sentences);
    }

    fn waiting(&mut self) {
        self.progress.tick();
    }

    fn finished(&mut self, _: &ShardLine) {
        self.progress.tick();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_the_shell() {
        for (word, expected) in [
            ("a/b-c.txt", "a/b-c.txt"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(Path::new(word)), expected);
        }
    }
}
