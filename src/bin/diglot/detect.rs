//! `diglot detect`: the language of each line.

use diglot::language::{Detection, LanguageDetector};
use diglot::{BackendError, Error, Pipeline};
use rayon::prelude::*;
use serde::Serialize;

use crate::lines::{Filter, LineArgs, json, rounded};
use crate::status::ExitStatus;

const EXAMPLES: &str = "\
Examples:
  diglot detect lines.txt                 fr<TAB>0.98
  diglot detect --json < lines.txt        {\"language\":\"fr\",\"confidence\":0.98}

Each line is judged on its own. `und` stands where there is too little to tell.";

/// Say which language each line is in
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    #[command(flatten)]
    lines: LineArgs,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let pipeline = Pipeline::builder()
        .without_translation()
        .without_entities()
        .build()?;
    args.lines.filter(&Detect {
        detector: pipeline.language_detector(),
        json: args.lines.json,
    })
}

struct Detect<'a> {
    detector: &'a dyn LanguageDetector,
    json: bool,
}

#[derive(Serialize)]
struct Answer<'a> {
    language: &'a str,
    confidence: f32,
}

impl Detect<'_> {
    fn line(&self, detection: Detection) -> String {
        if !self.json {
            return format!("{}\t{:.2}", detection.language, detection.confidence);
        }
        json(&Answer {
            language: detection.language.as_str(),
            confidence: rounded(detection.confidence),
        })
    }
}

impl Filter for Detect<'_> {
    fn lines(&self, lines: &[&str]) -> Result<Vec<String>, BackendError> {
        Ok(lines
            .par_iter()
            .map(|line| self.line(self.detector.detect(line)))
            .collect())
    }

    fn kept(&self, line: &str, _error: Option<&str>) -> String {
        if !self.json && line.trim().is_empty() {
            return String::new();
        }
        self.line(Detection::UND)
    }
}
