//! Byte ranges in a text.

use std::ops::Range;

/// A half-open range of UTF-8 bytes, `start <= end`, counted from the first byte of the text.
///
/// A span is only a pair of numbers; that it lies on character boundaries of a particular text is
/// checked where the two meet, in [`Span::of`].
///
/// ```
/// use diglot::Span;
///
/// let text = "Ça a été bon";
/// let span = Span::new(6, 11);
/// assert_eq!(span.of(text), Some("été"));
/// assert_eq!(Span::new(7, 11).of(text), None, "byte 7 is inside a character");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// A span from `start` to `end`, both in bytes.
    ///
    /// # Panics
    ///
    /// If `start > end`.
    #[track_caller]
    pub fn new(start: usize, end: usize) -> Self {
        assert!(start <= end, "span start {start} is after its end {end}");
        Self { start, end }
    }

    /// The first byte of the span.
    pub fn start(self) -> usize {
        self.start
    }

    /// The byte after the last of the span.
    pub fn end(self) -> usize {
        self.end
    }

    /// The length in bytes.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the span holds no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The span as a standard range.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }

    /// The text that the span covers, `None` where it leaves the text or cuts a character.
    pub fn of(self, text: &str) -> Option<&str> {
        text.get(self.start..self.end)
    }

    /// Whether `other` lies wholly in this span.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Whether the two spans share at least one byte.
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The same span counted from a text that begins `offset` bytes earlier.
    #[must_use]
    pub fn shifted(self, offset: usize) -> Self {
        Self {
            start: self.start + offset,
            end: self.end + offset,
        }
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.range()
    }
}
