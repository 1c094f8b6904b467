//! Where a tensor's numbers lie in a file.

use std::borrow::Cow;

use half::{bf16, f16};

use crate::Error;
use crate::model::ModelFile;

/// A tensor of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tensor {
    /// The type of its numbers.
    pub(super) number: Number,
    /// Its shape.
    pub(super) shape: Vec<usize>,
    /// The bytes that its numbers are among.
    pub(super) storage: Storage,
    /// Its first number, counted in numbers from the storage's start.
    pub(super) offset: usize,
    /// How many numbers of the storage lie between neighbours of each dimension; `None` row by row.
    pub(super) strides: Option<Vec<usize>>,
}

/// A part of a file that holds numbers of one type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Storage {
    /// Its first byte.
    pub(super) start: u64,
    /// Its length in bytes.
    pub(super) len: u64,
    /// The checksum that the file gives for it.
    pub(super) crc32: Option<u32>,
}

/// A type of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Number {
    F32,
    F16,
    BF16,
    I8,
    /// One that is no weight's.
    Other {
        name: Cow<'static, str>,
        /// In bytes; 0 where several numbers share a byte.
        size: usize,
    },
}

impl Number {
    /// The bytes of one number; 0 where several share a byte.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::BF16 => 2,
            Self::I8 => 1,
            Self::Other { size, .. } => *size,
        }
    }

    /// The name for messages.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::BF16 => "BF16",
            Self::I8 => "I8",
            Self::Other { name, .. } => name,
        }
    }

    /// Whether [`decode`](Self::decode) knows the type.
    pub(super) fn is_float(&self) -> bool {
        matches!(self, Self::F32 | Self::F16 | Self::BF16)
    }

    /// Appends floating-point numbers, given as little-endian bytes, to `values`.
    pub(super) fn decode(&self, bytes: &[u8], values: &mut Vec<f32>) {
        match self {
            Self::F32 => values.extend(
                bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|&number| f32::from_le_bytes(number)),
            ),
            Self::F16 => values.extend(
                bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|&number| f16::from_le_bytes(number).to_f32()),
            ),
            Self::BF16 => values.extend(
                bytes
                    .as_chunks()
                    .0
                    .iter()
                    .map(|&number| bf16::from_le_bytes(number).to_f32()),
            ),
            Self::I8 | Self::Other { .. } => {}
        }
    }
}

impl Tensor {
    /// How many numbers it has; `None` where they are more than can be counted.
    pub(super) fn len(&self) -> Option<usize> {
        self.shape
            .iter()
            .try_fold(1usize, |product, &size| product.checked_mul(size))
    }

    /// What is wrong with the tensor's place in its storage, if something is.
    pub(super) fn problem(&self) -> Option<String> {
        let capacity = self.storage.len / self.number.size().max(1) as u64;
        let strides = self.strides();
        let last = strides
            .filter(|strides| strides.len() == self.shape.len())
            .and_then(|strides| {
                let steps = self.shape.iter().zip(&strides);
                steps
                    .map(|(&size, &stride)| size.saturating_sub(1).checked_mul(stride))
                    .try_fold(self.offset, |sum, step| sum.checked_add(step?))
            });
        let fits = self.len() == Some(0) || last.is_some_and(|last| (last as u64) < capacity);
        (!fits).then(|| {
            format!(
                "expected its numbers within the {capacity} of its storage, found shape {:?} at {} in steps of {:?}",
                self.shape, self.offset, self.strides
            )
        })
    }

    /// Calls `take` with the bytes of the numbers, in order, in parts of whole rows of `columns` numbers.
    ///
    /// # Errors
    ///
    /// When the file cannot be read. [`Damaged`](ReadError::Damaged) where its checksum does not fit, after
    /// `take` has seen the bytes.
    pub(super) fn read(
        &self,
        file: &ModelFile,
        columns: usize,
        mut take: impl FnMut(&[u8]),
    ) -> Result<(), ReadError> {
        let Storage { start, len, crc32 } = self.storage;
        let mut checksum = crc32fast::Hasher::new();
        let mut check = |part: &[u8]| {
            if crc32.is_some() {
                checksum.update(part);
            }
        };
        let whole = self.offset == 0
            && self.is_row_by_row()
            && self.len().map(|count| (count * self.number.size()) as u64) == Some(len);
        if whole {
            file.parts(start..start + len, columns * self.number.size(), |part| {
                check(part);
                take(part);
            })?;
        } else {
            let storage = file.bytes(start..start + len)?;
            check(&storage);
            take(&self.gather(&storage));
        }
        let found = checksum.finalize();
        match crc32 {
            Some(expected) if found != expected => Err(ReadError::Damaged),
            _ => Ok(()),
        }
    }

    fn strides(&self) -> Option<Vec<usize>> {
        match &self.strides {
            Some(strides) => Some(strides.clone()),
            None => row_by_row(&self.shape),
        }
    }

    fn is_row_by_row(&self) -> bool {
        match (&self.strides, row_by_row(&self.shape)) {
            (None, _) => true,
            (Some(found), Some(expected)) => {
                let mut dimensions = found.iter().zip(&expected).zip(&self.shape);
                // Where there is but one, no step is taken.
                dimensions.all(|((found, expected), &size)| size == 1 || found == expected)
            }
            (Some(_), None) => false,
        }
    }

    /// The bytes of the numbers, in order, out of the storage's.
    fn gather(&self, storage: &[u8]) -> Vec<u8> {
        let size = self.number.size();
        let strides = self.strides().unwrap_or_default();
        let count = self.len().unwrap_or(0);
        let mut bytes = Vec::with_capacity(count * size);
        let mut index = vec![0; self.shape.len()];
        let mut place = self.offset;
        for _ in 0..count {
            bytes.extend_from_slice(storage.get(place * size..(place + 1) * size).unwrap_or_default());
            for dimension in (0..index.len()).rev() {
                index[dimension] += 1;
                place += strides[dimension];
                if index[dimension] < self.shape[dimension] {
                    break;
                }
                place -= strides[dimension] * self.shape[dimension];
                index[dimension] = 0;
            }
        }
        bytes
    }
}

/// Why a tensor could not be read.
pub(super) enum ReadError {
    /// The file could not be read.
    File(Error),
    /// The numbers are not those that were written.
    Damaged,
}

impl From<Error> for ReadError {
    fn from(error: Error) -> Self {
        Self::File(error)
    }
}

/// The strides of numbers that lie row by row; `None` where they are too many.
fn row_by_row(shape: &[usize]) -> Option<Vec<usize>> {
    let mut strides = vec![1usize; shape.len()];
    for dimension in (1..shape.len()).rev() {
        strides[dimension - 1] = strides[dimension].checked_mul(shape[dimension])?;
    }
    Some(strides)
}

#[cfg(test)]
mod tests {
    use super::*;

    static BYTES: [u8; 12] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

    fn tensor(shape: &[usize], offset: usize, strides: &[usize]) -> Tensor {
        Tensor {
            number: Number::I8,
            shape: shape.to_vec(),
            storage: Storage {
                start: 2,
                len: 8,
                crc32: Some(crc32fast::hash(&BYTES[2..10])),
            },
            offset,
            strides: Some(strides.to_vec()),
        }
    }

    #[track_caller]
    fn check(tensor: &Tensor, expected: &[u8]) {
        assert_eq!(tensor.problem(), None);
        let mut bytes = Vec::new();
        let file = ModelFile::in_memory("x", &BYTES);
        let read = tensor.read(&file, 1, |part| bytes.extend_from_slice(part));
        assert!(read.is_ok());
        assert_eq!(bytes, expected, "{tensor:?}");
    }

    #[test]
    fn numbers_are_read_in_order_whatever_their_strides() {
        check(&tensor(&[2, 4], 0, &[4, 1]), &[2, 3, 4, 5, 6, 7, 8, 9]);
        check(&tensor(&[4, 2], 0, &[1, 4]), &[2, 6, 3, 7, 4, 8, 5, 9]);
        check(&tensor(&[2, 2], 1, &[4, 1]), &[3, 4, 7, 8]);
        check(&tensor(&[3, 2], 1, &[0, 1]), &[3, 4, 3, 4, 3, 4]);
        check(&tensor(&[1, 8], 0, &[99, 1]), &[2, 3, 4, 5, 6, 7, 8, 9]);
        check(&tensor(&[], 5, &[]), &[7]);
        check(&tensor(&[0, 4], 0, &[4, 1]), &[]);
    }

    #[test]
    fn numbers_outside_of_the_storage_are_a_problem() {
        for (shape, offset, strides) in [
            (&[2, 4][..], 1, &[4, 1][..]),
            (&[9], 0, &[1]),
            (&[2, 4], 0, &[5, 1]),
            (&[usize::MAX, 2], 0, &[usize::MAX, 1]),
            (&[2], 0, &[1, 1]),
        ] {
            let problem = tensor(shape, offset, strides).problem();
            assert!(problem.is_some(), "{shape:?} {offset} {strides:?}");
        }
    }

    #[test]
    fn changed_bytes_are_found_out() {
        for shape in [&[2, 4][..], &[2, 2]] {
            let mut tensor = tensor(shape, 0, &[4, 1]);
            tensor.storage.crc32 = Some(1);
            let file = ModelFile::in_memory("x", &BYTES);
            assert!(matches!(tensor.read(&file, 1, |_| ()), Err(ReadError::Damaged)));
        }
    }
}
