//! The column of a Parquet file that holds the text.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};

/// A batch whose text column can be read as text.
pub(super) struct Readable {
    /// The batch with its text column as strings, where the file says that it is bytes.
    pub(super) batch: Option<RecordBatch>,
    /// The rows of it that are not UTF-8.
    pub(super) bad: Vec<usize>,
}

/// Checks that there is a column that `name`, or its first part, names.
pub(super) fn check(schema: &Schema, name: &str) -> Result<(), String> {
    let first = name.split('.').next().unwrap_or(name);
    let mut columns = schema.fields().iter().map(|field| field.name().as_str());
    if columns.any(|column| column == name || column == first) {
        return Ok(());
    }
    let columns: Vec<&str> = schema
        .fields()
        .iter()
        .take(20)
        .map(|field| field.name().as_str())
        .collect();
    Err(format!(
        "expected a column `{name}`, found `{}`",
        columns.join("`, `")
    ))
}

/// Turns a column of bytes into one of strings: many writers do not mark strings as such.
pub(super) fn readable(batch: &RecordBatch, name: &str) -> Readable {
    let mut bad = Vec::new();
    let batch = converted(batch, name, &mut bad);
    Readable { batch, bad }
}

fn converted(batch: &RecordBatch, name: &str, bad: &mut Vec<usize>) -> Option<RecordBatch> {
    let at = batch.schema_ref().index_of(name).ok()?;
    let strings = strings(batch.column(at), bad)?;
    let mut columns = batch.columns().to_vec();
    columns[at] = Arc::new(strings);
    let mut fields = batch.schema_ref().fields().to_vec();
    fields[at] = Arc::new(Field::new(name, DataType::Utf8, true));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).ok()
}

fn strings(column: &ArrayRef, bad: &mut Vec<usize>) -> Option<StringArray> {
    let values: Vec<Option<&[u8]>> = match column.data_type() {
        DataType::Binary => column.as_binary::<i32>().iter().collect(),
        DataType::LargeBinary => column.as_binary::<i64>().iter().collect(),
        DataType::BinaryView => column.as_binary_view().iter().collect(),
        DataType::FixedSizeBinary(_) => column.as_fixed_size_binary().iter().collect(),
        _ => return None,
    };
    let text = values.into_iter().enumerate().map(|(row, value)| {
        let text = value.map(std::str::from_utf8);
        if matches!(text, Some(Err(_))) {
            bad.push(row);
        }
        text.and_then(Result::ok)
    });
    Some(text.collect())
}
