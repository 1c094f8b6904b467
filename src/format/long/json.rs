//! JSON read from a stream, of which no long string need be in memory: struson, behind what is needed of it.

use std::io::{self, Read};

use serde::de::DeserializeOwned;
use struson::reader::{
    JsonReader, JsonStreamReader, JsonSyntaxError, ReaderError, ReaderSettings, SyntaxErrorKind,
    TransferError, ValueType,
};
use struson::writer::{JsonStreamWriter, JsonWriter};

use super::text::TextWriter;

/// A reader of one JSON value, member by member.
pub(crate) struct Json<R: Read> {
    reader: JsonStreamReader<R>,
    /// A value as it stands, for serde: numbers and errors are then those of all other JSON.
    value: Vec<u8>,
}

/// Why JSON cannot be read on.
#[derive(Debug)]
pub(crate) enum JsonError {
    /// What is there is no JSON, or not the one that is expected.
    Invalid(String),
    /// It is no UTF-8.
    Encoding,
    /// A temporary file cannot be written.
    Io(io::Error),
}

impl<R: Read> Json<R> {
    pub(crate) fn new(input: R) -> Self {
        let settings = ReaderSettings {
            track_path: false,
            // What a number may be, serde_json says.
            restrict_number_values: false,
            ..ReaderSettings::default()
        };
        Self {
            reader: JsonStreamReader::new_custom(input, settings),
            value: Vec::new(),
        }
    }

    /// Goes into the object that comes next.
    pub(crate) fn open_object(&mut self) -> Result<(), JsonError> {
        Ok(self.reader.begin_object()?)
    }

    /// The name of the next member of the object; `None` at its end, which is left.
    pub(crate) fn next_name(&mut self) -> Result<Option<String>, JsonError> {
        if self.reader.has_next()? {
            return Ok(Some(self.reader.next_name_owned()?));
        }
        self.reader.end_object()?;
        Ok(None)
    }

    /// Hands out the items of the list that comes next.
    pub(crate) fn items<T: DeserializeOwned>(
        &mut self,
        mut each: impl FnMut(&T) -> io::Result<()>,
    ) -> Result<(), JsonError> {
        self.reader.begin_array()?;
        while self.reader.has_next()? {
            each(&self.value()?).map_err(JsonError::Io)?;
        }
        Ok(self.reader.end_array()?)
    }

    pub(crate) fn is_string(&mut self) -> Result<bool, JsonError> {
        Ok(self.reader.peek()? == ValueType::String)
    }

    pub(crate) fn is_object(&mut self) -> Result<bool, JsonError> {
        Ok(self.reader.peek()? == ValueType::Object)
    }

    /// Puts the string that comes next into a temporary file.
    pub(crate) fn text(&mut self) -> Result<TextWriter, JsonError> {
        let mut text = TextWriter::new().map_err(JsonError::Io)?;
        let mut string = self.reader.next_string_reader()?;
        let mut buffer = vec![0; 1 << 16];
        let mut held = 0;
        loop {
            let read = string.read(&mut buffer[held..]).map_err(JsonError::of_reading)?;
            held += read;
            // What the buffer ends with may be the beginning of a character.
            let valid = match std::str::from_utf8(&buffer[..held]) {
                Ok(piece) => piece,
                Err(error) if error.error_len().is_none() && read > 0 => {
                    std::str::from_utf8(&buffer[..error.valid_up_to()]).unwrap_or_default()
                }
                Err(_) => return Err(JsonError::Encoding),
            };
            text.push(valid).map_err(JsonError::Io)?;
            let length = valid.len();
            buffer.copy_within(length..held, 0);
            held -= length;
            if read == 0 {
                return Ok(text);
            }
        }
    }

    /// The value that comes next, in memory.
    pub(crate) fn value<T: DeserializeOwned>(&mut self) -> Result<T, JsonError> {
        self.value.clear();
        let mut writer = JsonStreamWriter::new(&mut self.value);
        self.reader
            .transfer_to(&mut writer)
            .map_err(|error| match error {
                TransferError::ReaderError(error) => error.into(),
                TransferError::WriterError(error) => JsonError::Invalid(error.to_string()),
            })?;
        writer
            .finish_document()
            .map_err(|error| JsonError::Invalid(error.to_string()))?;
        serde_json::from_slice(&self.value).map_err(|error| JsonError::Invalid(error.to_string()))
    }

    /// Passes over the value that comes next.
    pub(crate) fn skip(&mut self) -> Result<(), JsonError> {
        Ok(self.reader.skip_value()?)
    }

    /// Reads to the end, where nothing but white space may be.
    pub(crate) fn end(self) -> Result<(), JsonError> {
        Ok(self.reader.consume_trailing_whitespace()?)
    }
}

impl JsonError {
    /// An error of the reader of a string. The input below gives none, so what is no error of syntax is one of UTF-8.
    fn of_reading(error: io::Error) -> Self {
        match error
            .into_inner()
            .map(|inner| inner.downcast::<JsonSyntaxError>())
        {
            Some(Ok(error)) => Self::of_syntax(&error),
            _ => Self::Encoding,
        }
    }

    fn of_syntax(error: &JsonSyntaxError) -> Self {
        let message = match error.kind {
            SyntaxErrorKind::IncompleteDocument => "expected the rest of a JSON value, found its end",
            SyntaxErrorKind::TrailingData => "expected the end of a JSON value, found more",
            _ => "expected JSON, found what is none",
        };
        Self::Invalid(format!("{message} ({}, {})", error.kind, error.location))
    }
}

impl From<ReaderError> for JsonError {
    fn from(error: ReaderError) -> Self {
        match error {
            ReaderError::IoError { .. } => Self::Encoding,
            ReaderError::SyntaxError(error) => Self::of_syntax(&error),
            ReaderError::UnexpectedValueType { expected, actual, .. } => {
                Self::Invalid(format!("expected {}, found {}", name(expected), name(actual)))
            }
            error => Self::Invalid(error.to_string()),
        }
    }
}

fn name(kind: ValueType) -> &'static str {
    match kind {
        ValueType::Array => "a list",
        ValueType::Object => "an object",
        ValueType::String => "a string",
        ValueType::Number => "a number",
        ValueType::Boolean => "a boolean",
        ValueType::Null => "null",
    }
}

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Invalid(message) => f.write_str(message),
            Self::Encoding => f.write_str("expected UTF-8, found other bytes"),
            Self::Io(error) => error.fmt(f),
        }
    }
}
