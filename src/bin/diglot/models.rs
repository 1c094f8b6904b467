//! `diglot models`: what is loaded from where.

use std::collections::BTreeMap;
use std::io::Write;

use diglot::Error;
use diglot::config::Config;
use diglot::provenance::ModelInfo;
use serde::Serialize;

use crate::args::{ModelArgs, TargetArgs, thread_pool};
use crate::lines::json;
use crate::status::{ExitStatus, stdout_error};

/// List the models in use: role, languages, name, where from, what runs them, licence, SHA-256 of the weights
///
/// The models are loaded, as `run` would, so that one that cannot be used is found out here. Those that
/// translate into other languages than the target are listed too; of a multilingual one, the pairs that
/// it would serve.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write one JSON object a model
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    models: ModelArgs,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let mut config = args.models.config()?;
    args.target.over(&mut config);
    let pipeline = thread_pool(&config)?.install(|| config.builder()?.all_models().build())?;
    let mut pairs: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (pair, model) in pipeline.pairs() {
        pairs.entry(model).or_default().push(pair.to_string());
    }
    let models = pipeline.run().models.iter().enumerate();
    let rows: Vec<Row<'_>> = models
        .map(|(index, info)| Row::new(info, pairs.remove(&index).unwrap_or_default(), &config))
        .collect();
    let written = if args.json {
        rows.iter().map(|row| json(row) + "\n").collect()
    } else {
        table(&rows)
    };
    std::io::stdout()
        .write_all(written.as_bytes())
        .map_err(stdout_error)?;
    Ok(ExitStatus::Success)
}

#[derive(Serialize)]
struct Row<'a> {
    role: &'a str,
    pairs: Vec<String>,
    name: &'a str,
    source: &'static str,
    backend: &'static str,
    licence: Option<&'a str>,
    sha256: &'a str,
}

impl<'a> Row<'a> {
    fn new(info: &'a ModelInfo, pairs: Vec<String>, config: &Config) -> Self {
        let models = &config.models;
        let given = models.translate.iter().map(|given| &given.model);
        let mut given = given.chain(&models.entities);
        let source = if info.role == "pivot" {
            "two steps"
        } else if given.any(|path| path.display().to_string() == info.name) {
            "directory"
        } else if info.sha256.is_empty() {
            "library"
        } else {
            "bundled"
        };
        Self {
            role: info.role,
            pairs,
            name: &info.name,
            source,
            backend: config.backend.as_str(),
            licence: info.licence.as_deref(),
            sha256: &info.sha256,
        }
    }

    fn cells(&self) -> [String; 7] {
        let licence = self.licence.unwrap_or("not stated");
        let pairs = self.pairs.join(",");
        [
            self.role,
            &pairs,
            self.name,
            self.source,
            self.backend,
            licence,
            self.sha256,
        ]
        .map(str::to_owned)
    }
}

fn table(rows: &[Row<'_>]) -> String {
    let head = ["role", "pairs", "name", "source", "backend", "licence", "sha256"].map(str::to_owned);
    let lines: Vec<[String; 7]> = std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| lines.iter().map(|cells| cells[column].chars().count()).max();
    let widths: Vec<usize> = (0..7).map(|column| width(column).unwrap_or(0)).collect();
    let line = |cells: &[String; 7]| {
        let padded = cells.iter().zip(&widths);
        let padded: Vec<String> = padded.map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned() + "\n"
    };
    lines.iter().map(line).collect()
}
