//! The fields of a record out of a stream of JSON, text and layers into temporary files.

use std::io::{self, BufRead, Read};

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Spool;
use super::json::{Json, JsonError};
use super::line::Line;
use super::stored::Scan;

/// Reads a line to its end, of which `start` was read already, into `scan`; the inner error is that of
/// the JSON.
///
/// # Errors
///
/// When the input cannot be read on, or a temporary file cannot be written.
pub(super) fn fields(
    scan: &mut Scan,
    start: &[u8],
    input: &mut dyn BufRead,
) -> io::Result<Result<(), JsonError>> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    let mut line = Line::new(start, input, usize::MAX);
    let read = record(Json::new(&mut line), scan);
    line.end()?;
    match read {
        Err(JsonError::Io(error)) => Err(error),
        read => Ok(read),
    }
}

fn record<R: Read>(mut json: Json<R>, scan: &mut Scan) -> Result<(), JsonError> {
    json.open_object()?;
    while let Some(name) = json.next_name()? {
        let held = match name.as_str() {
            "text" if json.is_string()? => {
                scan.text = Some(json.text()?.finish());
                Value::from("")
            }
            "segments" => items(&mut json, &mut scan.segments)?,
            "sentences" => items(&mut json, &mut scan.sentences)?,
            "translations" => items(&mut json, &mut scan.translations)?,
            "entities" => items(&mut json, &mut scan.entities)?,
            "schema" | "id" | "source" | "text" | "language" | "errors" | "meta" | "run" => json.value()?,
            _ => {
                json.skip()?;
                continue;
            }
        };
        if scan.head.insert(name, held).is_some() {
            return Err(JsonError::Invalid("a field comes twice".to_owned()));
        }
    }
    json.end()
}

/// Puts the items of a list into a temporary file; what is held of it is an empty list.
fn items<T: Serialize + DeserializeOwned, R: Read>(
    json: &mut Json<R>,
    spool: &mut Spool<T>,
) -> Result<Value, JsonError> {
    json.items(|item| spool.add(item))?;
    Ok(Value::Array(Vec::new()))
}
