//! From the fields of a JSON line or a Parquet row to a document.

use std::collections::HashSet;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::ReadOptions;
use crate::document::Meta;

/// A code and what is wrong.
pub(super) type BadRow = (&'static str, String);

/// What the fields of a row say.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    /// The id, where one is given.
    pub(super) id: Option<String>,
    pub(super) text: String,
    /// All other fields.
    pub(super) meta: Option<Meta>,
}

impl Row {
    /// The row that a line of JSON holds.
    pub(super) fn parse(json: &str, options: &ReadOptions) -> Result<Self, BadRow> {
        match serde_json::from_str(json) {
            Ok(Value::Object(fields)) => Self::new(fields, options),
            Ok(other) => Err((
                "invalid-json",
                format!("expected a JSON object, found {}", kind(&other)),
            )),
            Err(error) => Err(("invalid-json", error.to_string())),
        }
    }

    /// The row of these fields.
    pub(super) fn new(mut fields: Meta, options: &ReadOptions) -> Result<Self, BadRow> {
        let name = &options.text_field;
        let text = match take(&mut fields, name) {
            Some(Value::String(text)) => text,
            Some(other) => {
                let message = format!("expected `{name}` to be a string, found {}", kind(&other));
                return Err(("invalid-text", message));
            }
            None => return Err(("missing-text", format!("expected a key `{name}`, found none"))),
        };
        let name = &options.id_field;
        let id = match take(&mut fields, name) {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id).filter(|id| !id.is_empty()),
            Some(Value::Number(id)) => Some(id.to_string()),
            Some(other) => {
                let message = format!(
                    "expected `{name}` to be a string or a number, found {}",
                    kind(&other)
                );
                return Err(("invalid-id", message));
            }
        };
        let meta = Some(fields).filter(|fields| !fields.is_empty());
        Ok(Self { id, text, meta })
    }
}

/// Takes a field out of an object: the one of this name, or the one that its dots lead to. Objects
/// that nothing is left of go too; the order of the other fields stays.
fn take(fields: &mut Meta, name: &str) -> Option<Value> {
    if fields.contains_key(name) {
        return fields.shift_remove(name);
    }
    let (first, rest) = name.split_once('.')?;
    let Some(Value::Object(inner)) = fields.get_mut(first) else {
        return None;
    };
    let value = take(inner, rest)?;
    if inner.is_empty() {
        fields.shift_remove(first);
    }
    Some(value)
}

/// What a value is, for messages.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(Map { .. }) => "an object",
    }
}

/// The ids that the rows of one file give.
///
/// An id that a row before gave gets the row's number after `#`, so that file and id together always
/// tell a row from the others. Ids of different files are not compared: that would take memory
/// without bounds.
#[derive(Debug, Default)]
pub(super) struct GivenIds {
    seen: HashSet<u64>,
}

/// How many ids of a file are remembered, in about 40 MB; those after them are not compared.
const MAX_IDS: usize = 3 << 20;

impl GivenIds {
    /// The id of row `number`, which gives `id`.
    pub(super) fn distinct(&mut self, id: String, number: u64) -> String {
        if self.seen.len() >= MAX_IDS || self.seen.insert(short_hash(&id)) {
            return id;
        }
        let id = format!("{id}#{number}");
        self.seen.insert(short_hash(&id));
        id
    }
}

/// Eight bytes of a hash: among three million ids, two share them once in four million files.
fn short_hash(id: &str) -> u64 {
    let digest = Sha256::digest(id.as_bytes());
    digest
        .iter()
        .take(8)
        .fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `id|text|meta` of a line, or the code of what is wrong.
    fn row(json: &str, text_field: &str, id_field: &str) -> String {
        let options = ReadOptions {
            text_field: text_field.to_owned(),
            id_field: id_field.to_owned(),
            ..ReadOptions::default()
        };
        match Row::parse(json, &options) {
            Ok(row) => {
                let meta = row.meta.map(Value::Object).unwrap_or_default();
                format!("{}|{}|{meta}", row.id.as_deref().unwrap_or("-"), row.text)
            }
            Err((code, _)) => code.to_owned(),
        }
    }

    #[test]
    fn fields_are_found_by_name_and_by_path() {
        let check = |json, text, id, expected: &str| assert_eq!(row(json, text, id), expected, "{json}");
        check(r#"{"text":"a"}"#, "text", "id", "-|a|null");
        check(
            r#"{"z":1,"text":"a","id":5,"b":[null]}"#,
            "text",
            "id",
            r#"5|a|{"z":1,"b":[null]}"#,
        );
        check(r#"{"body":"a","text":"b"}"#, "body", "id", r#"-|a|{"text":"b"}"#);
        let nested = r#"{"a":{"b":{"c":"t"},"d":1},"meta":{"id":"x"}}"#;
        check(nested, "a.b.c", "meta.id", r#"x|t|{"a":{"d":1}}"#);
        check(
            r#"{"a.b":"t","a":{"b":"u"}}"#,
            "a.b",
            "id",
            r#"-|t|{"a":{"b":"u"}}"#,
        );
        check(r#"{"a":"t"}"#, "a.b", "id", "missing-text");
        check(r#"{"a":{"b":null}}"#, "a.b", "id", "invalid-text");
        check(r#"{"text":"a","id":""}"#, "text", "id", "-|a|null");
        check(r#"{"text":"a","id":{}}"#, "text", "id", "invalid-id");
        check(r#"["text"]"#, "text", "id", "invalid-json");
    }

    #[test]
    fn an_id_that_was_given_before_gets_the_number_of_its_row() {
        let mut ids = GivenIds::default();
        let given = ["a", "b", "a", "a#3", "a"].map(str::to_owned);
        let distinct: Vec<String> = (1..).zip(given).map(|(n, id)| ids.distinct(id, n)).collect();
        assert_eq!(distinct, ["a", "b", "a#3", "a#3#4", "a#5"]);
    }
}
