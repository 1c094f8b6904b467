//! What is said on the command line, before it is merged with the configuration file.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use diglot::backend::{Backend, Device};
use diglot::config::{Config, LengthPenalty, TranslationModel};
use diglot::corpus::{Encoding, Format, Inputs, ReadOptions};
use diglot::translate::NamedPair;
use diglot::{Error, Language};

use crate::{align, convert, detect, entities, models, report, run, show, translate, verify};

const ABOUT: &str = "\
Turns mixed-language documents into parallel text with named entities.

Give it an English article with French posts in it: diglot finds the pieces, says which language \
each is in, takes over the English rendering where the article already holds one, translates the \
rest, and marks people, places and organisations on both sides, each with exact offsets. Its models \
are part of the program: nothing leaves the machine, and only `diglot models pull` downloads anything.";

const EXAMPLES: &str = "\
Examples:
  diglot show article.txt                     look at one document
  diglot run articles/ -o records.jsonl       a record for each document of a directory
  diglot run corpus/ -o out/ --resume         a batch run, which goes on where it was interrupted
  diglot run - < article.txt | jq .entities   standard input to standard output
  diglot translate --from fr < lines.txt      one stage, lines in, lines out

Exit codes:
  0  all good (a closed pipe counts as such)
  1  ran to the end, but some documents or lines have errors; each is named on standard error
  2  could not run: wrong arguments, no readable input at all, a model that does not load
  130  stopped by Ctrl-C or SIGTERM";

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "diglot",
    version,
    about = "Turns mixed-language documents into parallel text with named entities",
    long_about = ABOUT,
    after_help = EXAMPLES,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    Run(run::Args),
    Convert(convert::Args),
    Show(show::Args),
    Detect(detect::Args),
    Translate(translate::Args),
    Entities(entities::Args),
    Align(align::Args),
    Report(report::Args),
    Verify(verify::Args),
    Models(models::Args),
}

/// What `INPUT` is, in the help.
pub const INPUT: &str = "Files, directories, quoted patterns, or `-` for standard input";

/// The same at length.
pub const INPUT_LONG: &str = "\
Files, directories, quoted patterns (`'news/**/*.txt'`), or `-` for standard input

`.txt` is one document. `.html` and `.htm` are one each: the article of the page. `.jsonl` and \
`.ndjson` hold one a line, `.parquet` one a row: `text` and, optionally, `id`; their other fields are \
passed on under `meta`. All may be compressed with gzip or zstd, which is recognised by content \
(`.gz` and `.zst` may follow the extension). Directories are searched to the bottom for files with \
these extensions, in order of their names. A document's id is its path below the directory that was \
named, with the number of its line or row (`file.jsonl:7`), or the `id` of its line or row. Text that \
is not UTF-8 is recognised and decoded; what cannot be is an error, never guesswork passed on.";

/// How documents are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub struct FormatArgs {
    /// How to read standard input and files named outright
    ///
    /// Without it, the extension decides; where there is none, Parquet and web pages are recognised
    /// by their first bytes, and text is what is left. In directories the extension always decides.
    #[arg(long, value_name = "FORMAT")]
    pub input_format: Option<InputFormat>,

    /// Read all input in this encoding [default: found out file by file]
    ///
    /// Any name of the WHATWG encoding standard: `utf-8`, `utf-16le`, `windows-1252`, `macintosh` ...
    /// Without it, JSON lines are UTF-8 or, with a byte order mark, UTF-16.
    #[arg(long, value_name = "NAME", value_parser = encoding)]
    pub encoding: Option<Encoding>,

    /// The field of JSON lines and Parquet rows that holds the text; `a.b` is `b` in the object `a`
    #[arg(long, value_name = "NAME", default_value = "text")]
    pub text_field: String,

    /// The field that holds the id
    #[arg(long, value_name = "NAME", default_value = "id")]
    pub id_field: String,

    /// Read no document, line or row of more bytes than this; longer ones are errors (`too-long`)
    ///
    /// Long texts and lines lie in temporary files, so this keeps a file without line ends, or a small one that
    /// unpacks to a large one, from filling the disk. A Parquet row is in memory, some three times. Files of many
    /// lines or rows may be of any size, and so may compressed ones.
    #[arg(long, value_name = "BYTES", default_value = "256M", value_parser = bytes)]
    pub max_document: u64,
}

/// A number of bytes with `k`, `M` or `G` behind it, which count by 1024.
pub fn bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|unit: char| unit.is_alphabetic());
    let unit: u64 = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return Err(format!("expected bytes, as in `4M`, found `{text}`")),
    };
    let number = digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(unit));
    number
        .filter(|number| *number > 0)
        .ok_or_else(|| format!("expected bytes, as in `4M`, found `{text}`"))
}

fn encoding(name: &str) -> Result<Encoding, String> {
    Encoding::of_label(name)
        .ok_or_else(|| format!("expected a name such as `utf-8` or `windows-1252`, found `{name}`"))
}

impl FormatArgs {
    /// How documents are read, for telling one batch run from another.
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let format = self.input_format.and_then(|format| format.to_possible_value());
        let format = format.map_or("by extension".to_owned(), |value| value.get_name().to_owned());
        let mut settings = vec![("input-format", format)];
        settings.extend(
            self.encoding
                .map(|encoding| ("encoding", encoding.name().to_owned())),
        );
        settings.push(("text-field", self.text_field.clone()));
        settings.push(("id-field", self.id_field.clone()));
        settings.push(("max-document", self.max_document.to_string()));
        settings
    }

    /// What `names` stand for, of which at least one can be opened. `output` is not taken for an input.
    pub fn find(&self, names: &[PathBuf], output: Option<&Path>) -> Result<Inputs, Error> {
        let inputs =
            Inputs::find(names, self.input_format.map(Format::from), output).with_options(self.options());
        if !inputs.is_empty() {
            return Ok(inputs);
        }
        let ids: Vec<&str> = inputs.unreadable().map(|input| input.id.as_str()).collect();
        let reasons: Vec<&str> = inputs.unreadable().map(|input| input.message.as_str()).collect();
        Err(Error::Input {
            id: ids.join("`, `"),
            message: reasons.join("; "),
        })
    }

    fn options(&self) -> ReadOptions {
        ReadOptions {
            encoding: self.encoding,
            text_field: self.text_field.clone(),
            id_field: self.id_field.clone(),
            max_bytes: usize::try_from(self.max_document).unwrap_or(usize::MAX),
        }
    }
}

/// A format of documents, by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum InputFormat {
    /// One document, the whole file.
    Text,
    /// One document a line: a JSON object.
    Jsonl,
    /// One document, the article of a web page.
    Html,
    /// One document a row.
    Parquet,
}

impl From<InputFormat> for Format {
    fn from(format: InputFormat) -> Self {
        match format {
            InputFormat::Text => Self::Text,
            InputFormat::Jsonl => Self::JsonLines,
            InputFormat::Html => Self::Html,
            InputFormat::Parquet => Self::Parquet,
        }
    }
}

/// Settings that every stage with a model has.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct ModelArgs {
    /// Read settings from this TOML file; flags go before it
    ///
    /// Keys are `to`, `pivot`, `threads`, `batch-size`, `beam`, `length-penalty`, `glossary`, `backend`, `device`,
    /// `translation`, `entities`, `text`, `word-alignment`, and under `[models]` `translate` (a list of directories or IDs, or of tables
    /// such as `{ pair = "fr-en", model = "DIR" }`) and `entities` (a directory or ID). `diglot run --dump-config`
    /// prints those in force.
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,

    /// Use another model [roles: translate, translate:FROM-TO, entities]
    ///
    /// A directory, or the `ID` or `ID@REVISION` of a model that `diglot models pull` fetched. A directory has the layout that Hugging Face `save_pretrained` writes: a Marian model for
    /// `translate`, a BERT, DistilBERT, RoBERTa, XLM-R, CamemBERT or ELECTRA token classifier for `entities`.
    /// `translate` may be given once a language pair: each text goes to the model of its language. The
    /// bundled French to English model stays in use beside models of other pairs. The pair is the one that
    /// the model's files or its name (`opus-mt-fr-en`) say; `translate:fr-en=DIR` says it outright.
    #[arg(long = "model", value_name = "ROLE=DIR", value_parser = model_choice)]
    pub models: Vec<ModelChoice>,

    /// Run the models with diglot's own engine, or with rust-bert on libtorch [default: engine]
    ///
    /// rust-bert is there in programs built with the feature `rust-bert`. It is for GPUs, and to check the
    /// engine against.
    #[arg(long, value_name = "NAME", value_enum)]
    pub backend: Option<BackendName>,

    /// Where rust-bert runs the models [default: auto, a CUDA device if there is one]
    #[arg(long, value_name = "NAME", value_enum)]
    pub device: Option<DeviceName>,

    /// Work with this many threads [default: RAYON_NUM_THREADS, else one a core]
    #[arg(long, short = 'j', value_name = "N")]
    pub threads: Option<usize>,
}

/// A backend, by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum BackendName {
    /// diglot's own engine.
    Engine,
    /// rust-bert on libtorch.
    RustBert,
}

impl From<BackendName> for Backend {
    fn from(name: BackendName) -> Self {
        match name {
            BackendName::Engine => Self::Engine,
            BackendName::RustBert => Self::RustBert,
        }
    }
}

/// A device, by name.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum DeviceName {
    /// A CUDA device if there is one, else the processor.
    Auto,
    /// The processor.
    Cpu,
    /// The first CUDA device.
    Cuda,
}

impl From<DeviceName> for Device {
    fn from(name: DeviceName) -> Self {
        match name {
            DeviceName::Auto => Self::Auto,
            DeviceName::Cpu => Self::Cpu,
            DeviceName::Cuda => Self::Cuda,
        }
    }
}

/// Settings of translation.
#[derive(Debug, Args)]
#[command(next_help_heading = "Settings")]
pub struct TargetArgs {
    /// Render foreign text in this language [default: en]
    #[arg(long, value_name = "LANG")]
    pub to: Option<Language>,

    /// Translate by way of this language where no model translates directly
    #[arg(long, value_name = "LANG")]
    pub pivot: Option<Language>,

    /// Search for a translation with this many hypotheses; 1 is the fastest [default: as many as the
    /// model asks for; the bundled one, 2]
    #[arg(long, value_name = "N")]
    pub beam: Option<NonZeroUsize>,

    /// Rank the hypotheses by this power of their length: more favours long ones [default: what the model
    /// asks for, else 1]
    #[arg(long, value_name = "POWER", allow_negative_numbers = true)]
    pub length_penalty: Option<LengthPenalty>,

    /// Render terms as this file says: on each line a term, a tab and its rendering
    ///
    /// Further columns are renderings that are as good where the model chooses them. Lines that begin with `#` say
    /// nothing. A sentence whose translation lacks a term is translated again with the term hidden from the model. The
    /// bundled model knows names of countries, cities and organisations in this way (`models/fr-en/glossary.tsv`);
    /// the file goes before these. Models without placeholders, which are all but the bundled one and its like, have no use for it.
    #[arg(long, value_name = "FILE.tsv")]
    pub glossary: Option<PathBuf>,
}

/// A model named for a role.
#[derive(Clone, Debug)]
pub struct ModelChoice {
    role: Role,
    model: PathBuf,
}

/// What a model does.
#[derive(Clone, Debug)]
enum Role {
    Translate(Option<NamedPair>),
    Entities,
}

fn model_choice(text: &str) -> Result<ModelChoice, String> {
    let (role, model) = text
        .split_once('=')
        .filter(|(_, model)| !model.is_empty())
        .ok_or_else(|| format!("expected ROLE=DIR, found `{text}`"))?;
    let role = match role.split_once(':') {
        None if role == "translate" => Role::Translate(None),
        None if role == "entities" => Role::Entities,
        Some(("translate", pair)) => Role::Translate(Some(pair.parse().map_err(|error| format!("{error}"))?)),
        _ => {
            return Err(format!(
                "expected the role `translate`, `translate:FROM-TO` or `entities`, found `{role}`"
            ));
        }
    };
    Ok(ModelChoice {
        role,
        model: model.into(),
    })
}

impl ModelArgs {
    /// The settings of the configuration file, or the defaults, with these flags put over them.
    pub fn config(&self) -> Result<Config, Error> {
        let mut config = match &self.config {
            Some(path) => Config::read(path)?,
            None => Config::default(),
        };
        config.threads = self.threads.unwrap_or(config.threads);
        config.backend = self.backend.map_or(config.backend, Backend::from);
        config.device = self.device.map_or(config.device, Device::from);
        let mut translate = Vec::new();
        for choice in &self.models {
            let model = choice.model.clone();
            match &choice.role {
                Role::Translate(pair) => translate.push(TranslationModel {
                    pair: pair.clone(),
                    model,
                }),
                Role::Entities => config.models.entities = Some(model),
            }
        }
        if !translate.is_empty() {
            config.models.translate = translate;
        }
        Ok(config)
    }
}

impl TargetArgs {
    /// Puts these flags over settings.
    pub fn over(&self, config: &mut Config) {
        config.to = self.to.unwrap_or(config.to);
        config.pivot = self.pivot.or(config.pivot);
        config.beam = self.beam.or(config.beam);
        config.length_penalty = self.length_penalty.or(config.length_penalty);
        config.glossary = self.glossary.clone().or_else(|| config.glossary.take());
    }
}

/// More threads than any machine has cores cost minutes to start and only get in each other's way.
const MOST_THREADS: usize = 1024;

/// What says how many threads work where no setting does.
const THREADS: &str = "RAYON_NUM_THREADS";

/// The threads that a configuration asks for.
pub fn thread_pool(config: &Config) -> Result<rayon::ThreadPool, Error> {
    let by_environment = || std::env::var(THREADS).ok()?.trim().parse().ok();
    let (name, found) = match config.threads {
        0 => (THREADS, by_environment().unwrap_or(0)),
        threads => ("threads", threads),
    };
    if found > MOST_THREADS {
        return Err(Error::Config(format!(
            "`{name}`: expected at most {MOST_THREADS}, found {found}"
        )));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(config.threads)
        .build()
        .map_err(|error| Error::Config(format!("`threads`: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_units() {
        for (text, expected) in [("1", 1), ("500k", 500 << 10), ("4M", 4 << 20), ("2GiB", 2 << 30)] {
            assert_eq!(bytes(text), Ok(expected), "{text}");
        }
        for text in ["", "0", "M", "4X", "-1", "99999999999G", "4é"] {
            assert!(bytes(text).is_err(), "{text}");
        }
    }
}
