//! How documents are read.

use super::Encoding;

/// How documents are read, beyond where they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// The encoding of all input; `None` to find it out file by file.
    pub encoding: Option<Encoding>,
    /// The field of a JSON line or Parquet row that holds the text. Where there is no field of this
    /// name, dots lead into nested objects: `article.body`.
    pub text_field: String,
    /// The field that holds the id, named in the same way.
    pub id_field: String,
    /// The longest document, line or row that is read, in bytes after decompression. It is what keeps a
    /// decompression bomb or a file without line ends from filling the disk, where long texts and lines
    /// lie in temporary files, or the memory, where Parquet rows are.
    pub max_bytes: usize,
}

impl Default for ReadOptions {
    /// Fields `text` and `id`, encodings found out, documents of at most 256 MiB.
    fn default() -> Self {
        Self {
            encoding: None,
            text_field: "text".to_owned(),
            id_field: "id".to_owned(),
            max_bytes: 256 << 20,
        }
    }
}
