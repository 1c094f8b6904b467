//! From bytes to code points and UTF-16 units: the one place where offsets are converted.

/// Converts byte offsets of one text. Made in one pass, then a look-up is a short scan.
#[derive(Clone, Debug)]
pub struct Offsets<'a> {
    text: &'a str,
    /// Code points and UTF-16 units before each block of [`BLOCK`] bytes (moved to the character that holds its start).
    marks: Vec<(usize, usize, usize)>,
}

/// Bytes between two marks: a look-up scans at most this many.
const BLOCK: usize = 256;

impl<'a> Offsets<'a> {
    /// Prepares the look-ups for `text`.
    pub fn new(text: &'a str) -> Self {
        let mut marks = Vec::with_capacity(text.len() / BLOCK + 1);
        let (mut chars, mut units) = (0, 0);
        for (byte, character) in text.char_indices() {
            if byte >= marks.len() * BLOCK {
                marks.push((byte, chars, units));
            }
            chars += 1;
            units += character.len_utf16();
        }
        Self { text, marks }
    }

    /// Code points before `byte`. A byte inside a character counts that character as not yet passed;
    /// one after the end counts as the end.
    pub fn chars(&self, byte: usize) -> usize {
        self.count(byte).0
    }

    /// UTF-16 code units before `byte`.
    pub fn utf16(&self, byte: usize) -> usize {
        self.count(byte).1
    }

    fn count(&self, byte: usize) -> (usize, usize) {
        let byte = byte.min(self.text.len());
        let after = self.marks.partition_point(|mark| mark.0 <= byte);
        let Some(&(start, mut chars, mut units)) = after.checked_sub(1).and_then(|at| self.marks.get(at))
        else {
            return (0, 0);
        };
        for (at, character) in self.text[start..].char_indices() {
            if start + at + character.len_utf8() > byte {
                break;
            }
            chars += 1;
            units += character.len_utf16();
        }
        (chars, units)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_boundary_of_a_mixed_text_counts_as_the_standard_library_does() {
        let text = "Ça va ? 👩‍👩‍👧 — e\u{301}té, \u{feff}日本\r\n".repeat(40);
        let offsets = Offsets::new(&text);
        for (byte, _) in text.char_indices().chain([(text.len(), ' ')]) {
            assert_eq!(
                offsets.chars(byte),
                text[..byte].chars().count(),
                "code points before byte {byte}"
            );
            assert_eq!(
                offsets.utf16(byte),
                text[..byte].encode_utf16().count(),
                "UTF-16 units before byte {byte}"
            );
        }
    }

    #[test]
    fn an_empty_text_has_offset_zero() {
        assert_eq!((Offsets::new("").chars(0), Offsets::new("").utf16(7)), (0, 0));
    }
}
