//! Documents in JSON lines.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde_json::{Map, Value};

use super::reader::document;
use super::{Source, Unreadable};
use crate::Document;

/// The documents of one file of JSON lines. Empty lines are passed over, but counted.
pub(super) struct Lines {
    source: Source,
    input: Option<BufReader<Box<dyn Read + Send>>>,
    number: usize,
    bytes: u64,
}

impl Lines {
    pub(super) fn new(source: Source, input: BufReader<Box<dyn Read + Send>>) -> Self {
        Self {
            source,
            input: Some(input),
            number: 0,
            bytes: 0,
        }
    }

    /// How many bytes were read since it was last asked.
    pub(super) fn take_bytes(&mut self) -> u64 {
        std::mem::take(&mut self.bytes)
    }

    fn line_id(&self) -> String {
        format!("{}:{}", self.source.id, self.number)
    }

    /// The next line; `None` at the end.
    fn line(&mut self) -> Option<Result<Vec<u8>, Unreadable>> {
        let mut line = Vec::new();
        self.number += 1;
        match self.input.as_mut()?.read_until(b'\n', &mut line) {
            Ok(0) => None,
            Ok(length) => {
                self.bytes += length as u64;
                Some(Ok(line))
            }
            Err(error) => {
                // What comes after a line that cannot be read is not known: the file ends here.
                self.input = None;
                let path = self.source.path.as_deref();
                Some(Err(Unreadable::because_of(self.line_id(), path, &error)))
            }
        }
    }
}

impl Iterator for Lines {
    type Item = Result<Document, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let line = match self.line()? {
                Ok(line) => line,
                Err(unreadable) => return Some(Err(unreadable)),
            };
            let bytes = content(&line, self.number == 1);
            if !bytes.is_empty() {
                return Some(parse(self.line_id(), self.source.path.as_deref(), bytes));
            }
        }
    }
}

/// A line without surrounding white space, and without the byte order mark of the first one.
fn content(line: &[u8], first: bool) -> &[u8] {
    let bytes = if first {
        line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
    } else {
        line
    };
    bytes.trim_ascii()
}

/// The document of one line.
fn parse(id: String, path: Option<&Path>, bytes: &[u8]) -> Result<Document, Unreadable> {
    let line = document(id, path, bytes.to_vec())?;
    match fields(&line.text) {
        Ok((given, text)) => Ok(Document {
            id: given.unwrap_or(line.id),
            text,
            path: line.path,
            decoded: None,
            meta: None,
        }),
        Err((code, message)) => Err(Unreadable::new(line.id, path, code, message).with_bytes(bytes)),
    }
}

/// The id, if there is one, and the text; or a code and what is wrong.
fn fields(line: &str) -> Result<(Option<String>, String), (&'static str, String)> {
    let mut object: Map<String, Value> = match serde_json::from_str(line) {
        Ok(Value::Object(object)) => object,
        Ok(other) => {
            return Err((
                "invalid-json",
                format!("expected a JSON object, found {}", kind(&other)),
            ));
        }
        Err(error) => return Err(("invalid-json", error.to_string())),
    };
    let text = match object.remove("text") {
        Some(Value::String(text)) => text,
        Some(other) => {
            let message = format!("expected `text` to be a string, found {}", kind(&other));
            return Err(("invalid-text", message));
        }
        None => return Err(("missing-text", "expected a key `text`, found none".to_owned())),
    };
    match object.remove("id") {
        None | Some(Value::Null) => Ok((None, text)),
        Some(Value::String(id)) => Ok((Some(id), text)),
        Some(Value::Number(id)) => Ok((Some(id.to_string()), text)),
        Some(other) => {
            let message = format!("expected `id` to be a string or a number, found {}", kind(&other));
            Err(("invalid-id", message))
        }
    }
}

/// What a value is, for messages.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Inputs, Reader};

    /// What a file of JSON lines gives: `id=text`, or `id!code` for what could not be read.
    fn read(bytes: impl AsRef<[u8]>) -> Vec<String> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("f.jsonl");
        std::fs::write(&path, bytes).unwrap();
        let show = |item| match item {
            Ok(super::Document { id, text, .. }) => format!("{id}={text}"),
            Err(super::Unreadable { id, code, .. }) => format!("{id}!{code}"),
        };
        Reader::new(Inputs::find(&[&path], None, None))
            .map(show)
            .collect()
    }

    #[track_caller]
    fn check(line: &str, expected: &str) {
        assert_eq!(read(line), [expected], "{line}");
    }

    #[test]
    fn a_line_gives_a_document_or_says_why_not() {
        check(r#"{"text": "a"}"#, "f.jsonl:1=a");
        check(r#"{"text": "", "id": "x"}"#, "x=");
        check(r#"{"id": 17, "text": "\u00e9\n"}"#, "17=é\n");
        check(r#"{"id": null, "text": "a", "more": {}}"#, "f.jsonl:1=a");
        check(r#"{"id": "x"}"#, "f.jsonl:1!missing-text");
        check(r#"{"text": null}"#, "f.jsonl:1!invalid-text");
        check(r#"{"text": ["a"]}"#, "f.jsonl:1!invalid-text");
        check(r#"{"text": "a", "id": []}"#, "f.jsonl:1!invalid-id");
        check(r#"{"text": "a""#, "f.jsonl:1!invalid-json");
        check(r#"{"text": "\ud800"}"#, "f.jsonl:1!invalid-json");
        check(r#""a""#, "f.jsonl:1!invalid-json");
    }

    #[test]
    fn a_bad_line_leaves_its_neighbours_alone() {
        let lines = b"\xef\xbb\xbf{\"text\":\"a\"}\r\n\n  \n{\"text\":\"\xe9\"}\nnonsense\n{\"text\":\"b\"}";
        let expected = [
            "f.jsonl:1=a",
            "f.jsonl:4!invalid-utf8",
            "f.jsonl:5!invalid-json",
            "f.jsonl:6=b",
        ];
        assert_eq!(read(lines), expected);
    }

    #[test]
    fn an_empty_file_holds_no_document() {
        assert!(read("").is_empty());
        assert!(read("\n\n").is_empty());
    }
}
