//! The document of a line of JSON that is too long to be in memory.

use std::io::{self, Read};

use serde_json::Value;

use super::ReadOptions;
use super::fields::{BadRow, Row};
use crate::document::Meta;
use crate::format::{Json, JsonError, TextWriter};

/// What a long line holds: the text in a temporary file, all other fields in memory.
pub(super) struct LongRow {
    pub(super) id: Option<String>,
    pub(super) text: TextWriter,
    pub(super) meta: Option<Meta>,
}

/// Why a long line gives no document.
pub(super) enum BadLine {
    /// What is in it is wrong.
    Row(BadRow),
    /// It is not in UTF-8.
    Encoding,
    /// No temporary file can be written.
    Io(io::Error),
}

impl LongRow {
    /// Reads a line to its end, or to what is wrong with it.
    pub(super) fn read(line: impl Read, options: &ReadOptions) -> Result<Self, BadLine> {
        let mut scan = Scan {
            text_field: &options.text_field,
            path: Vec::new(),
            texts: Vec::new(),
        };
        let mut json = Json::new(line);
        let fields = scan.object(&mut json)?;
        json.end()?;
        let row = Row::new(fields, options).map_err(BadLine::Row)?;
        let mut meta = row.meta;
        let mut text = TextWriter::new().map_err(BadLine::Io)?;
        for found in scan.texts {
            if found.sign == row.text {
                text = found.text;
            } else if let Some(value) = meta.as_mut().and_then(|meta| found.place(meta)) {
                // Two fields go by the name of the text: this is the one that is not it.
                *value = Value::from(found.text.finish().whole().map_err(BadLine::Io)?);
            }
        }
        let id = row.id;
        Ok(Self { id, text, meta })
    }
}

impl From<JsonError> for BadLine {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Invalid(message) => Self::Row(("invalid-json", message)),
            JsonError::Encoding => Self::Encoding,
            JsonError::Io(error) => Self::Io(error),
        }
    }
}

/// A string that may be the text. In its field stands a sign for it.
struct Found {
    path: Vec<String>,
    sign: String,
    text: TextWriter,
}

impl Found {
    /// The field with its sign.
    fn place<'a>(&self, meta: &'a mut Meta) -> Option<&'a mut Value> {
        let (first, rest) = self.path.split_first()?;
        let mut value = meta.get_mut(first)?;
        for name in rest {
            value = value.get_mut(name)?;
        }
        (value.as_str() == Some(&self.sign)).then_some(value)
    }
}

/// Reads fields, and those that may be the text into temporary files.
struct Scan<'a> {
    text_field: &'a str,
    /// The names that lead to the value that is being read.
    path: Vec<String>,
    texts: Vec<Found>,
}

impl Scan<'_> {
    fn object<R: Read>(&mut self, json: &mut Json<R>) -> Result<Meta, JsonError> {
        json.open_object()?;
        let mut fields = Meta::new();
        while let Some(name) = json.next_name()? {
            self.path.push(name.clone());
            fields.insert(name, self.value(json)?);
            self.path.pop();
        }
        Ok(fields)
    }

    fn value<R: Read>(&mut self, json: &mut Json<R>) -> Result<Value, JsonError> {
        let path = self.path.join(".");
        let Some(rest) = self.text_field.strip_prefix(path.as_str()) else {
            return json.value();
        };
        if rest.is_empty() && json.is_string()? {
            let sign = self.texts.len().to_string();
            self.texts.push(Found {
                path: self.path.clone(),
                sign: sign.clone(),
                text: json.text()?,
            });
            return Ok(Value::from(sign));
        }
        match rest.starts_with('.') && json.is_object()? {
            true => Ok(Value::Object(self.object(json)?)),
            false => json.value(),
        }
    }
}
