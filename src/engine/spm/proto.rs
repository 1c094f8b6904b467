//! Reads the protocol buffer that a SentencePiece model is: only the fields that matter for encoding
//! and decoding. Field numbers are those of `sentencepiece_model.proto`.

use crate::bytes::take;

/// A SentencePiece model as it is stored.
#[derive(Debug)]
pub(super) struct ModelProto {
    pub(super) pieces: Vec<PieceProto>,
    pub(super) algorithm: u64,
    pub(super) byte_fallback: bool,
    pub(super) whitespace_as_suffix: bool,
    pub(super) charsmap: Vec<u8>,
    pub(super) add_dummy_prefix: bool,
    pub(super) remove_extra_whitespaces: bool,
    pub(super) escape_whitespaces: bool,
}

/// One piece of the vocabulary.
#[derive(Debug)]
pub(super) struct PieceProto {
    pub(super) text: String,
    pub(super) score: f32,
    pub(super) kind: u64,
}

/// `TrainerSpec.ModelType.UNIGRAM`.
pub(super) const UNIGRAM: u64 = 1;
/// `TrainerSpec.ModelType.BPE`.
pub(super) const BPE: u64 = 2;

impl ModelProto {
    /// Parses a model.
    ///
    /// # Errors
    ///
    /// What was expected and what was found.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut model = Self {
            pieces: Vec::new(),
            algorithm: UNIGRAM,
            byte_fallback: false,
            whitespace_as_suffix: false,
            charsmap: Vec::new(),
            add_dummy_prefix: true,
            remove_extra_whitespaces: true,
            escape_whitespaces: true,
        };
        let mut fields = Fields(bytes);
        while let Some((number, value)) = fields.next()? {
            match (number, value) {
                (1, Value::Bytes(bytes)) => model.pieces.push(PieceProto::parse(bytes)?),
                (2, Value::Bytes(bytes)) => model.read_trainer_spec(bytes)?,
                (3, Value::Bytes(bytes)) => model.read_normalizer_spec(bytes)?,
                _ => {}
            }
        }
        Ok(model)
    }

    fn read_trainer_spec(&mut self, bytes: &[u8]) -> Result<(), String> {
        let mut fields = Fields(bytes);
        while let Some((number, value)) = fields.next()? {
            match (number, value) {
                (3, Value::Number(value)) => self.algorithm = value,
                (24, Value::Number(value)) => self.whitespace_as_suffix = value != 0,
                (35, Value::Number(value)) => self.byte_fallback = value != 0,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_normalizer_spec(&mut self, bytes: &[u8]) -> Result<(), String> {
        let mut fields = Fields(bytes);
        while let Some((number, value)) = fields.next()? {
            match (number, value) {
                (2, Value::Bytes(value)) => self.charsmap = value.to_vec(),
                (3, Value::Number(value)) => self.add_dummy_prefix = value != 0,
                (4, Value::Number(value)) => self.remove_extra_whitespaces = value != 0,
                (5, Value::Number(value)) => self.escape_whitespaces = value != 0,
                _ => {}
            }
        }
        Ok(())
    }
}

impl PieceProto {
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut piece = Self {
            text: String::new(),
            score: 0.0,
            kind: 1,
        };
        let mut fields = Fields(bytes);
        while let Some((number, value)) = fields.next()? {
            match (number, value) {
                (1, Value::Bytes(text)) => {
                    piece.text = String::from_utf8(text.to_vec())
                        .map_err(|_| "expected pieces in UTF-8, found other bytes".to_owned())?;
                }
                (2, Value::Fixed32(bits)) => piece.score = f32::from_bits(bits),
                (3, Value::Number(kind)) => piece.kind = kind,
                _ => {}
            }
        }
        Ok(piece)
    }
}

/// The fields of a message that are still to be read.
struct Fields<'a>(&'a [u8]);

/// The value of a field, by wire type.
enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
    Fixed64,
}

impl<'a> Fields<'a> {
    /// The next field's number and value, `None` at the end of the message.
    fn next(&mut self) -> Result<Option<(u64, Value<'a>)>, String> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => {
                self.take(8)?;
                Value::Fixed64
            }
            2 => {
                let len = self.varint()?;
                Value::Bytes(self.take(usize::try_from(len).unwrap_or(usize::MAX))?)
            }
            5 => {
                let bytes = self.take(4)?;
                Value::Fixed32(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            }
            wire_type => return Err(format!("expected wire type 0, 1, 2 or 5, found {wire_type}")),
        };
        Ok(Some((tag >> 3, value)))
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("expected a number of at most 64 bits, found a longer one".to_owned())
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], String> {
        take(&mut self.0, len)
    }
}
