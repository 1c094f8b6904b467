//! The columns of a record.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};

use super::SCHEMA_KEY;
use crate::format::SCHEMA;

/// The record's fields as Arrow fields: a field is nullable where the record's may be `null` or left out.
pub fn schema() -> SchemaRef {
    let source = vec![
        text("path").with_nullable(true),
        text("sha256"),
        number("bytes"),
        text("encoding").with_nullable(true),
        text("media_type").with_nullable(true),
    ];
    let error = vec![text("stage"), text("code"), text("message")];
    let model = vec![text("role"), text("name"), text("sha256")];
    let settings = Field::new_map("settings", "entries", text("keys"), text("values"), false, false);
    let run = vec![text("version"), list("models", structure(model)), settings];
    let columns = vec![
        text("schema"),
        text("id"),
        Field::new("source", structure(source), false),
        text("text").with_nullable(true),
        text("language"),
        list("segments", structure(segment())),
        list("sentences", structure(sentence())),
        list("translations", structure(translation())),
        list("entities", structure(entity())),
        list("errors", structure(error)),
        text("meta").with_nullable(true),
        Field::new("run", structure(run), false),
    ];
    // Arrow's readers look here, others in the file's own metadata.
    let version = HashMap::from([(SCHEMA_KEY.to_owned(), SCHEMA.to_owned())]);
    Arc::new(Schema::new_with_metadata(columns, version))
}

fn segment() -> Vec<Field> {
    let mut fields = vec![text("id"), text("parent").with_nullable(true), text("kind")];
    fields.extend(span(false));
    fields.extend([text("language"), float("confidence")]);
    fields.extend(["author", "handle", "date", "url"].map(|name| text(name).with_nullable(true)));
    fields
}

fn sentence() -> Vec<Field> {
    let mut fields = vec![text("id"), text("segment")];
    fields.extend(span(false));
    fields.extend([text("language"), float("confidence")]);
    fields
}

fn translation() -> Vec<Field> {
    let mut fields = vec![
        text("id"),
        list("sentences", DataType::Utf8),
        text("language"),
        text("text"),
        text("origin"),
        float("score"),
    ];
    // A rendering that a model made stands nowhere in the document.
    fields.extend(span(true));
    fields.extend(["model", "alignment"].map(|name| text(name).with_nullable(true)));
    fields.push(list("flags", DataType::Utf8));
    fields
}

fn entity() -> Vec<Field> {
    let mut fields = vec![text("id"), text("text"), text("label"), float("score")];
    fields.push(text("translation").with_nullable(true));
    fields.extend(span(false));
    fields.push(text("entity"));
    fields
}

fn span(nullable: bool) -> impl Iterator<Item = Field> {
    [
        "start",
        "end",
        "char_start",
        "char_end",
        "utf16_start",
        "utf16_end",
    ]
    .into_iter()
    .map(move |name| number(name).with_nullable(nullable))
}

fn text(name: &str) -> Field {
    Field::new(name, DataType::Utf8, false)
}

/// Signed, because Java readers of Parquet know no unsigned numbers.
fn number(name: &str) -> Field {
    Field::new(name, DataType::Int64, false)
}

fn float(name: &str) -> Field {
    Field::new(name, DataType::Float32, false)
}

fn structure(fields: Vec<Field>) -> DataType {
    DataType::Struct(Fields::from(fields))
}

fn list(name: &str, of: DataType) -> Field {
    Field::new_list(name, Field::new("element", of, false), false)
}
