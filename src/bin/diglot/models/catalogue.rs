//! `diglot models list --catalogue`.

use diglot::Error;
use diglot::model::catalogue::{Entry, MODELS};
use serde::Serialize;

use super::table;

/// Writes the catalogue.
pub fn write(as_json: bool) -> Result<(), Error> {
    let rows: Vec<Row> = MODELS.iter().map(Row::from).collect();
    table::write(&rows, as_json)
}

#[derive(Serialize)]
struct Row {
    id: &'static str,
    role: &'static str,
    languages: &'static [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<&'static str>,
    megabytes: u32,
    licence: &'static str,
}

impl From<&Entry> for Row {
    fn from(entry: &Entry) -> Self {
        Self {
            id: entry.id,
            role: entry.role.as_str(),
            languages: entry.languages,
            to: entry.to,
            megabytes: entry.megabytes,
            licence: entry.licence,
        }
    }
}

impl table::Row for Row {
    const HEAD: &'static [&'static str] = &["model", "role", "languages", "size, about", "licence"];

    fn cells(&self) -> Vec<String> {
        let from = self.languages.join(",");
        let languages = self.to.map_or(from.clone(), |to| format!("{from} > {to}"));
        vec![
            self.id.to_owned(),
            self.role.to_owned(),
            languages,
            format!("{} MB", self.megabytes),
            self.licence.to_owned(),
        ]
    }
}
