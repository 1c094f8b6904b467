//! The lexical shortlist: which tokens a translation of given source tokens may hold.
//!
//! # The file `shortlist.bin`
//!
//! All numbers are little-endian.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `DGSL` |
//! | 4 | version, `u32`: 1 |
//! | 4 | number of source tokens `V`, `u32`: the model's vocabulary size |
//! | 4 | the most target tokens that one source token has, `u32` |
//! | 4 | number of common tokens `C`, `u32` |
//! | 2 x C | common tokens, `u16`: allowed for every sentence |
//! | 2 x V | for each source token, the number of its target tokens, `u16` |
//! | the rest | the target tokens of source token 0, then of 1 and so on, `u16` |

use crate::Error;
use crate::bytes::Reader;
use crate::model::ModelFiles;

const FILE: &str = "shortlist.bin";
const MAGIC: &str = "DGSL";
const VERSION: u32 = 1;

/// For each source token, the tokens that are likely in its translation.
pub(super) struct Shortlist {
    common: Vec<u32>,
    /// The targets of source token `i` are `targets[starts[i]..starts[i + 1]]`.
    starts: Vec<usize>,
    targets: Vec<u32>,
}

impl Shortlist {
    /// Reads the shortlist of a model, where it has one.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is not a shortlist for `vocabulary` tokens.
    pub(super) fn read(files: &ModelFiles, vocabulary: usize) -> Result<Option<Self>, Error> {
        let Some(bytes) = files.read(FILE)? else {
            return Ok(None);
        };
        let parsed = Self::parse(&bytes, vocabulary);
        parsed
            .map(Some)
            .map_err(|message| Error::model(files.name(), format!("`{FILE}`: {message}")))
    }

    fn parse(bytes: &[u8], vocabulary: usize) -> Result<Self, String> {
        let mut reader = Reader::new(bytes, MAGIC, VERSION)?;
        reader.expect("the vocabulary size", vocabulary as u32)?;
        let most = reader.u32()?;
        let common = reader.u32()?;
        let common = tokens(&mut reader, common as usize, vocabulary)?;
        let mut starts = vec![0];
        let mut total = 0;
        for count in reader.u16s(vocabulary)? {
            if u32::from(count) > most {
                return Err(format!("expected at most {most} target tokens, found {count}"));
            }
            total += usize::from(count);
            starts.push(total);
        }
        let targets = tokens(&mut reader, total, vocabulary)?;
        reader.end()?;
        Ok(Self {
            common,
            starts,
            targets,
        })
    }

    /// The tokens allowed in the translation of a sentence, sorted: the common ones, those of each
    /// source token, and the source tokens themselves, so that names can be copied.
    pub(super) fn allowed(&self, source: &[u32]) -> Vec<u32> {
        let mut allowed = self.common.clone();
        allowed.extend(source);
        for &token in source {
            if let Some(&[start, end]) = self.starts.get(token as usize..token as usize + 2) {
                allowed.extend(&self.targets[start..end]);
            }
        }
        allowed.sort_unstable();
        allowed.dedup();
        allowed
    }
}

fn tokens(reader: &mut Reader, count: usize, vocabulary: usize) -> Result<Vec<u32>, String> {
    let tokens: Vec<u32> = reader.u16s(count)?.into_iter().map(u32::from).collect();
    match tokens.iter().find(|&&token| token as usize >= vocabulary) {
        None => Ok(tokens),
        Some(token) => Err(format!("expected tokens below {vocabulary}, found {token}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shortlist of 6 tokens: 0 and 4 are common, 2 may become 3 or 5.
    fn bytes() -> Vec<u8> {
        let mut bytes = b"DGSL".to_vec();
        [1u32, 6, 2, 2]
            .iter()
            .for_each(|number| bytes.extend(number.to_le_bytes()));
        let ids: [u16; 10] = [0, 4, 0, 0, 2, 0, 0, 0, 5, 3];
        ids.iter().for_each(|id| bytes.extend(id.to_le_bytes()));
        bytes
    }

    #[test]
    fn allowed_tokens_are_the_common_the_likely_and_the_copied() {
        let shortlist = Shortlist::parse(&bytes(), 6).unwrap();
        assert_eq!(shortlist.allowed(&[1]), [0, 1, 4]);
        assert_eq!(shortlist.allowed(&[2, 1, 2]), [0, 1, 2, 3, 4, 5]);
        assert_eq!(shortlist.allowed(&[]), [0, 4]);
    }

    #[test]
    fn broken_files_are_refused() {
        let check = |at: usize, byte: u8, expected: &str| {
            let mut bytes = bytes();
            bytes[at] = byte;
            let message = Shortlist::parse(&bytes, 6).err().unwrap_or_default();
            assert_eq!(message, expected, "byte {at}");
        };
        check(
            0,
            b'X',
            "expected it to begin with `DGSL`, found [58, 47, 53, 4c]",
        );
        check(4, 2, "expected version to be 1, found 2");
        check(8, 7, "expected the vocabulary size to be 6, found 7");
        check(12, 1, "expected at most 1 target tokens, found 2");
        check(20, 6, "expected tokens below 6, found 6");
        check(16, 1, "expected at most 2 target tokens, found 4");
        check(28, 1, "expected the end of the file, found 2 more bytes");
        check(30, 1, "expected 6 more bytes, found 4; is the file whole?");
    }
}
