//! Values in a temporary file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::format::temporary::Temporary;

/// Values of one type as JSON lines in a temporary file: first all are added, then they are read.
pub(super) struct Spool<T> {
    output: BufWriter<File>,
    temporary: Temporary,
    values: PhantomData<fn(T)>,
}

impl<T: Serialize + DeserializeOwned> Spool<T> {
    pub(super) fn new() -> io::Result<Self> {
        let temporary = Temporary::new()?;
        Ok(Self {
            output: BufWriter::new(temporary.file.try_clone()?),
            temporary,
            values: PhantomData,
        })
    }

    pub(super) fn add(&mut self, value: &T) -> io::Result<()> {
        serde_json::to_writer(&mut self.output, value)?;
        self.output.write_all(b"\n")
    }

    pub(super) fn add_all(&mut self, values: Vec<T>) -> io::Result<()> {
        values.iter().try_for_each(|value| self.add(value))
    }

    /// All values from the first on.
    pub(super) fn values(&mut self) -> io::Result<Values<'_, T>> {
        self.output.flush()?;
        self.temporary.file.rewind()?;
        Ok(Values {
            input: BufReader::new(&self.temporary.file),
            line: Vec::new(),
            next: None,
            values: PhantomData,
        })
    }
}

/// The values of a spool, one in memory at a time.
pub(super) struct Values<'a, T> {
    input: BufReader<&'a File>,
    line: Vec<u8>,
    next: Option<T>,
    values: PhantomData<fn(T)>,
}

impl<T: DeserializeOwned> Values<'_, T> {
    /// The next value; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<T>> {
        if let Some(next) = self.next.take() {
            return Ok(Some(next));
        }
        self.line.clear();
        if self.input.read_until(b'\n', &mut self.line)? == 0 {
            return Ok(None);
        }
        Ok(Some(serde_json::from_slice(&self.line)?))
    }

    /// The value that comes next, without passing it.
    pub(super) fn peek(&mut self) -> io::Result<Option<&T>> {
        self.next = self.next()?;
        Ok(self.next.as_ref())
    }

    /// The next values for as long as they are what `accepts` wants.
    pub(super) fn take_while(&mut self, mut accepts: impl FnMut(&T) -> bool) -> io::Result<Vec<T>> {
        let mut taken = Vec::new();
        while let Some(value) = self.next()? {
            if !accepts(&value) {
                self.next = Some(value);
                break;
            }
            taken.push(value);
        }
        Ok(taken)
    }
}
