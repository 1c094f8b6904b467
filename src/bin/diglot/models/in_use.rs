//! `diglot models` alone: what is loaded from where.

use std::path::Path;

use diglot::Error;
use diglot::config::Config;
use diglot::model::Reference;
use diglot::provenance::ModelInfo;
use serde::Serialize;

use super::table;
use crate::args::{ModelArgs, thread_pool};
use crate::status::ExitStatus;

#[derive(Debug, clap::Args)]
pub struct InUseArgs {
    /// Write one JSON object a model
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    models: ModelArgs,
}

pub fn run(args: &InUseArgs) -> Result<ExitStatus, Error> {
    let config = args.models.config()?;
    let pipeline = thread_pool(&config)?.install(|| config.builder()?.build())?;
    let rows: Vec<Row<'_>> = pipeline
        .run()
        .models
        .iter()
        .map(|info| Row::new(info, &config))
        .collect();
    table::write(&rows, args.json)?;
    Ok(ExitStatus::Success)
}

#[derive(Serialize)]
struct Row<'a> {
    role: &'a str,
    name: &'a str,
    source: &'static str,
    licence: Option<&'a str>,
    sha256: &'a str,
}

impl<'a> Row<'a> {
    fn new(info: &'a ModelInfo, config: &Config) -> Self {
        let models = &config.models;
        let mut given = models.translate.iter().chain(&models.entities);
        let source = if given.clone().any(|path| path.display().to_string() == info.name) {
            "directory"
        } else if given.any(|reference| is_pulled(&info.name, reference)) {
            "store"
        } else if info.sha256.is_empty() {
            "library"
        } else {
            "bundled"
        };
        Self {
            role: info.role,
            name: &info.name,
            source,
            licence: info.licence.as_deref(),
            sha256: &info.sha256,
        }
    }
}

/// Whether a name, `ID@COMMIT`, is that of the model that a reference means.
fn is_pulled(name: &str, reference: &Path) -> bool {
    let reference = reference.to_str().and_then(|text| text.parse::<Reference>().ok());
    let id = name.split_once('@').map(|(id, _)| id);
    reference.is_some_and(|reference| Some(reference.id.as_str()) == id)
}

impl table::Row for Row<'_> {
    const HEAD: &'static [&'static str] = &["role", "name", "source", "licence", "sha256"];

    fn cells(&self) -> Vec<String> {
        let licence = self.licence.unwrap_or("not stated");
        [self.role, self.name, self.source, licence, self.sha256]
            .map(str::to_owned)
            .to_vec()
    }
}
