//! `diglot translate`: the translation of each line.

use diglot::translate::{LanguagePair, Translation, Translator};
use diglot::{BackendError, Error, Language};
use serde::Serialize;

use crate::args::{ModelArgs, TargetArgs, thread_pool};
use crate::lines::{Filter, LineArgs, json, on_one_line, rounded};
use crate::status::ExitStatus;

const EXAMPLES: &str = "\
Examples:
  diglot translate --from fr --to en < lines.txt
  diglot translate --from es --model translate=opus-mt-es-en lines.txt
  diglot translate --from es --to de --pivot en --model translate=opus-mt-es-en \\
      --model translate=opus-mt-en-de lines.txt
  diglot translate --json lines.txt | jq -r 'select(.flags != []) | .text'

Give one sentence a line. With --json each answer has `text`, `score` (mean log probability), \
`flags` (what is wrong with it) and `alignment` (`i-j` pairs of white-space tokens).";

/// Translate each line
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    lines: LineArgs,

    /// The language that the lines are in
    #[arg(long, value_name = "LANG", default_value = "fr")]
    from: Language,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    models: ModelArgs,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let mut config = args.models.config()?;
    args.target.over(&mut config);
    let pair = LanguagePair {
        source: args.from,
        target: config.to,
    };
    thread_pool(&config)?.install(|| {
        let pipeline = config.builder()?.source(pair.source).without_entities().build()?;
        let translator = pipeline
            .translator(pair)
            .ok_or_else(|| no_model(pair, config.pivot))?;
        args.lines.filter(&Translate {
            translator,
            json: args.lines.json,
        })
    })
}

fn no_model(pair: LanguagePair, pivot: Option<Language>) -> Error {
    let LanguagePair { source, target } = pair;
    let through = pivot.map_or(String::new(), |pivot| format!(", directly or through `{pivot}`"));
    Error::Config(format!(
        "expected a model that translates `{source}` to `{target}`{through}, found none; give one with \
         `--model translate=DIR`"
    ))
}

struct Translate<'a> {
    translator: &'a dyn Translator,
    json: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    text: &'a str,
    score: f32,
    flags: Vec<&'static str>,
    alignment: String,
    /// Why the line was not translated.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl Translate<'_> {
    fn line(&self, translation: &Translation, error: Option<&str>) -> String {
        if !self.json {
            return on_one_line(&translation.text);
        }
        let pairs = translation.alignment.iter();
        let alignment: Vec<String> = pairs.map(|(from, to)| format!("{from}-{to}")).collect();
        json(&Answer {
            text: &translation.text,
            score: rounded(translation.score),
            flags: translation.flags.iter().map(|flag| flag.as_str()).collect(),
            alignment: alignment.join(" "),
            error,
        })
    }
}

impl Filter for Translate<'_> {
    fn lines(&self, lines: &[&str]) -> Result<Vec<String>, BackendError> {
        let translations = self.translator.translate(lines)?;
        Ok(translations
            .iter()
            .map(|translation| self.line(translation, None))
            .collect())
    }

    fn kept(&self, line: &str, error: Option<&str>) -> String {
        let kept = Translation {
            text: line.to_owned(),
            ..Translation::default()
        };
        self.line(&kept, error)
    }
}
