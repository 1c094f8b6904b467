//! The fields of a record out of a stream of JSON, text and layers into temporary files.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use serde::Serialize;
use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::Spool;
use super::stored::Scan;
use super::text::SpooledText;

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
) -> io::Result<serde_json::Result<()>> {
    let mut rest = Rest {
        input,
        ended: false,
        failed: None,
    };
    let read = {
        let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
        let line = BufReader::with_capacity(1 << 16, start.chain(&mut rest));
        let mut json = serde_json::Deserializer::from_reader(line);
        serde::Deserializer::deserialize_map(&mut json, Fields(scan)).and_then(|()| json.end())
    };
    if let Some(error) = rest.failed.or(scan.failed.take()) {
        return Err(error);
    }
    if !rest.ended {
        rest.input.skip_until(b'\n')?;
    }
    Ok(read)
}

/// What is left of a line.
struct Rest<'a> {
    input: &'a mut dyn BufRead,
    ended: bool,
    /// What the input failed with, which a reader of JSON would make a message of.
    failed: Option<io::Error>,
}

impl Read for Rest<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let filled = match self.input.fill_buf() {
            Ok(filled) => filled,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => {
                self.failed = Some(error);
                self.ended = true;
                return Ok(0);
            }
        };
        let length = filled.len().min(buffer.len());
        let end = filled[..length].iter().position(|byte| *byte == b'\n');
        let taken = end.unwrap_or(length);
        buffer[..taken].copy_from_slice(&filled[..taken]);
        self.ended = end.is_some() || filled.is_empty();
        self.input.consume(taken + usize::from(end.is_some()));
        Ok(taken)
    }
}

/// Reads the fields of a record.
struct Fields<'a>(&'a mut Scan);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a record")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let scan = self.0;
        while let Some(name) = map.next_key::<String>()? {
            let failed = &mut scan.failed;
            let held = match name.as_str() {
                "text" => {
                    let text = &mut scan.text;
                    map.next_value_seed(Text { text, failed })?;
                    match scan.text {
                        Some(Some(_)) => Value::from(""),
                        _ => Value::Null,
                    }
                }
                "segments" => map.next_value_seed(Items(&mut scan.segments, failed))?,
                "sentences" => map.next_value_seed(Items(&mut scan.sentences, failed))?,
                "translations" => map.next_value_seed(Items(&mut scan.translations, failed))?,
                "entities" => map.next_value_seed(Items(&mut scan.entities, failed))?,
                "schema" | "id" | "source" | "language" | "errors" | "meta" | "run" => map.next_value()?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if scan.head.insert(name, held).is_some() {
                return Err(A::Error::custom("a field comes twice"));
            }
        }
        Ok(())
    }
}

/// Puts a text into a temporary file.
struct Text<'a> {
    text: &'a mut Option<Option<SpooledText>>,
    failed: &'a mut Option<io::Error>,
}

impl<'de> DeserializeSeed<'de> for Text<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or null")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        match SpooledText::new(text) {
            Ok(spooled) => *self.text = Some(Some(spooled)),
            Err(error) => return Err(fail(self.failed, error)),
        }
        Ok(())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        *self.text = Some(None);
        Ok(())
    }
}

/// Puts the items of a list into a temporary file; its value is an empty list.
struct Items<'a, T>(&'a mut Spool<T>, &'a mut Option<io::Error>);

impl<'de, T: Serialize + DeserializeOwned> DeserializeSeed<'de> for Items<'_, T> {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, T: Serialize + DeserializeOwned> Visitor<'de> for Items<'_, T> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        while let Some(item) = list.next_element::<T>()? {
            self.0.add(&item).map_err(|error| fail(self.1, error))?;
        }
        Ok(Value::Array(Vec::new()))
    }
}

/// Keeps an error of the system, which is not one of the JSON.
fn fail<E: serde::de::Error>(failed: &mut Option<io::Error>, error: io::Error) -> E {
    let message = E::custom(&error);
    *failed = Some(error);
    message
}
