//! `diglot show`: documents for people to look at.

mod marks;
mod page;
mod wrap;

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use diglot::config::Config;
use diglot::corpus::{Inputs, Reader, Unreadable};
use diglot::{Document, Error, Pipeline};

use crate::args::{FormatArgs, INPUT, INPUT_LONG, ModelArgs, TargetArgs, thread_pool};
use crate::status::{ExitStatus, say, stdout_error};

pub use marks::marked;
use page::{Look, legend, page};

const EXAMPLES: &str = "\
Examples:
  diglot show article.txt
  diglot show --color always article.txt | less -R
  NO_COLOR=1 diglot show article.txt";

/// Look at documents: segments with language and confidence, renderings, flags, entities
///
/// Below a segment in another language stands what renders it: `=` is a passage of the document
/// itself, with the score of the match; `→` is a translation, with the model and its mean log
/// probability. On a terminal entities are coloured by label; elsewhere, and with NO_COLOR set, they
/// are written `[Awa Diongue PER]`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[arg(value_name = "INPUT", required = true, help = INPUT, long_help = INPUT_LONG)]
    inputs: Vec<PathBuf>,

    #[command(flatten)]
    format: FormatArgs,

    /// Whether to use colours
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto)]
    color: Color,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    models: ModelArgs,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let mut config = args.models.config()?;
    args.target.over(&mut config);
    let inputs = args.format.find(&args.inputs, None)?;
    let mut output = args.stream();
    let look = Look {
        colour: output.current_choice() != ColorChoice::Never,
        width: width(),
    };
    output.write_all(legend(look).as_bytes()).map_err(stdout_error)?;
    thread_pool(&config)?.install(|| show(&config, inputs, look, &mut output))
}

impl Args {
    fn stream(&self) -> AutoStream<io::Stdout> {
        let stdout = io::stdout();
        let choice = match self.color {
            Color::Auto => AutoStream::choice(&stdout),
            Color::Always => ColorChoice::Always,
            Color::Never => ColorChoice::Never,
        };
        AutoStream::new(stdout, choice)
    }
}

fn show(config: &Config, inputs: Inputs, look: Look, output: &mut impl Write) -> Result<ExitStatus, Error> {
    let pipeline = config.builder()?.build()?;
    let mut failed = false;
    for item in Reader::new(inputs) {
        let shown = shown(&pipeline, item, look, &mut failed);
        output
            .write_all(shown.as_bytes())
            .and_then(|()| output.flush())
            .map_err(stdout_error)?;
    }
    Ok(ExitStatus::with_errors(failed))
}

fn shown(pipeline: &Pipeline, item: Result<Document, Unreadable>, look: Look, failed: &mut bool) -> String {
    match item {
        Ok(document) => {
            let outcome = pipeline.process(&document);
            for failure in &outcome.failures {
                let id = &outcome.document.id;
                say(format_args!(
                    "{id}: {}: {} ({})",
                    failure.stage, failure.message, failure.code
                ));
                *failed = true;
            }
            page(&outcome, pipeline.run(), look)
        }
        Err(Unreadable {
            id, code, message, ..
        }) => {
            say(format_args!("{id}: read: {message} ({code})"));
            *failed = true;
            String::new()
        }
    }
}

/// Columns of a page that goes to no terminal.
const PLAIN_WIDTH: usize = 80;

fn width() -> usize {
    let size = terminal_size::terminal_size().filter(|_| io::stdout().is_terminal());
    size.map_or(PLAIN_WIDTH, |(width, _)| usize::from(width.0))
}
