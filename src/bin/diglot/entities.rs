//! `diglot entities`: the names in each line.

use diglot::entity::{EntityRecognizer, Mention};
use diglot::format::{Offsets, SpanRecord};
use diglot::{BackendError, Error};
use serde::Serialize;

use crate::args::{ModelArgs, thread_pool};
use crate::lines::{Filter, LineArgs, json, on_one_line, rounded};
use crate::show::marked;
use crate::status::ExitStatus;

const EXAMPLES: &str = "\
Examples:
  diglot entities < lines.txt             [Awa Diongue PER] lives in [Rufisque LOC].
  diglot entities --json lines.txt        [{\"text\":\"Awa Diongue\",\"label\":\"PER\", ...}, ...]

Labels are PER, ORG, LOC and MISC. Offsets are half-open and count from the start of the line: \
`start`, `end` in UTF-8 bytes, `char_*` in code points, `utf16_*` in UTF-16 units.";

/// Find the people, places and organisations named in each line
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    lines: LineArgs,

    #[command(flatten)]
    models: ModelArgs,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let config = args.models.config()?;
    thread_pool(&config)?.install(|| {
        let pipeline = config.builder()?.without_translation().build()?;
        let recognizer = pipeline.entity_recognizer().ok_or_else(no_model)?;
        args.lines.filter(&Entities {
            recognizer,
            json: args.lines.json,
        })
    })
}

fn no_model() -> Error {
    let message = "expected a model for entities, found none; give one with `--model entities=DIR`";
    Error::Config(message.to_owned())
}

struct Entities<'a> {
    recognizer: &'a dyn EntityRecognizer,
    json: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    text: &'a str,
    label: &'static str,
    score: f32,
    #[serde(flatten)]
    span: SpanRecord,
}

impl Entities<'_> {
    fn line(&self, line: &str, mentions: &[Mention]) -> String {
        if !self.json {
            let spans = mentions.iter().map(|mention| (mention.span, mention.label));
            return on_one_line(&marked(line, spans));
        }
        let offsets = Offsets::new(line);
        let answer = |mention: &Mention| Answer {
            text: mention.span.of(line).unwrap_or_default(),
            label: mention.label.as_str(),
            score: rounded(mention.score),
            span: SpanRecord::new(mention.span, &offsets),
        };
        json(&mentions.iter().map(answer).collect::<Vec<_>>())
    }
}

impl Filter for Entities<'_> {
    fn lines(&self, lines: &[&str]) -> Result<Vec<String>, BackendError> {
        let mentions = self.recognizer.recognize(lines)?;
        Ok(lines
            .iter()
            .zip(&mentions)
            .map(|(line, mentions)| self.line(line, mentions))
            .collect())
    }

    fn kept(&self, line: &str, _error: Option<&str>) -> String {
        self.line(line, &[])
    }
}
