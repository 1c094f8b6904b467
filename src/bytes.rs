//! Reading the little-endian numbers of our own binary files.

/// The bytes of a file that are still to be read. Errors say what was expected and what was found.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// A reader of `bytes`, which must begin with `magic` and the `version`.
    pub(crate) fn new(bytes: &'a [u8], magic: &str, version: u32) -> Result<Self, String> {
        let mut reader = Self(bytes);
        let found = reader.take(magic.len())?;
        if found != magic.as_bytes() {
            return Err(format!("expected it to begin with `{magic}`, found {found:02x?}"));
        }
        reader.expect("version", version)?;
        Ok(reader)
    }

    /// The next `len` bytes.
    pub(crate) fn take(&mut self, len: usize) -> Result<&'a [u8], String> {
        take(&mut self.0, len)
    }

    /// The next number.
    pub(crate) fn u32(&mut self) -> Result<u32, String> {
        Ok(self.u32s(1)?[0])
    }

    /// The next number, which must be `expected`.
    pub(crate) fn expect(&mut self, what: &str, expected: u32) -> Result<(), String> {
        match self.u32()? {
            found if found == expected => Ok(()),
            found => Err(format!("expected {what} to be {expected}, found {found}")),
        }
    }

    /// The next `count` numbers of two bytes.
    pub(crate) fn u16s(&mut self, count: usize) -> Result<Vec<u16>, String> {
        let bytes = self.take(count.saturating_mul(2))?;
        Ok(bytes
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| u16::from_le_bytes(bytes))
            .collect())
    }

    /// The next `count` numbers of four bytes.
    pub(crate) fn u32s(&mut self, count: usize) -> Result<Vec<u32>, String> {
        let bytes = self.take(count.saturating_mul(4))?;
        Ok(bytes
            .as_chunks()
            .0
            .iter()
            .map(|&bytes| u32::from_le_bytes(bytes))
            .collect())
    }

    /// The next `count` floating-point numbers, which must be finite.
    pub(crate) fn f32s(&mut self, count: usize) -> Result<Vec<f32>, String> {
        let numbers: Vec<f32> = self.u32s(count)?.into_iter().map(f32::from_bits).collect();
        match numbers.iter().find(|number| !number.is_finite()) {
            None => Ok(numbers),
            Some(number) => Err(format!("expected finite numbers, found {number}")),
        }
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), String> {
        match self.0.len() {
            0 => Ok(()),
            rest => Err(format!("expected the end of the file, found {rest} more bytes")),
        }
    }
}

/// Takes the next `len` of the bytes.
pub(crate) fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Result<&'a [u8], String> {
    let (taken, rest) = bytes.split_at_checked(len).ok_or_else(|| {
        format!(
            "expected {len} more bytes, found {}; is the file whole?",
            bytes.len()
        )
    })?;
    *bytes = rest;
    Ok(taken)
}
