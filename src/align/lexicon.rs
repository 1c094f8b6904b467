//! The bilingual lexicon: which English words render a French one, and how much each word says.

use std::borrow::Cow;
use std::str;

use crate::Error;
use crate::model::ModelFiles;

use super::words::fold;

/// The first line of a lexicon file.
const MAGIC: &str = "# diglot lexicon 1";

/// A bilingual lexicon, French to English, as `scripts/train/lexicon.py` writes it.
///
/// The file is text: the line `# diglot lexicon 1`, a line `[english]`, lines `word TAB bits` of
/// common English words, a line `[french]`, and lines `word TAB bits TAB english forward backward
/// TAB ...`, each part sorted by bytes. `bits` is `-log2` of the word's relative frequency, `forward`
/// p(english | french) and `backward` p(french | english) in percent. Forms are lower case.
///
/// ```
/// use diglot::align::Lexicon;
///
/// let file = "# diglot lexicon 1\n[english]\nthe\t4\n[french]\npéage\t17\ttoll 88 93\ttollbooth 6 50\n";
/// let lexicon = Lexicon::from_bytes("example", file.as_bytes().to_vec())?;
/// let words: Vec<&str> = lexicon.translations("PEAGE").map(|found| found.word).collect();
/// assert_eq!(words, ["toll", "tollbooth"]);
/// # Ok::<(), diglot::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Lexicon {
    text: Cow<'static, str>,
    /// Start of the word, start of the line's rest and end of the line, sorted by word.
    french: Vec<Line>,
    english: Vec<Line>,
    /// The French lines whose word has accents, by their folded word.
    folded: Vec<(Box<str>, u32)>,
}

// Chosen among a dozen settings on 1,000 sentences of each of four development sets, where the translations with the
// words put in gained .1 to .3 BLEU and .3 to .6 chrF; 15 to 19 bits and .45 to .7 are within .15 of each other.
const RARE_BITS: u8 = 17;
const SURE: f32 = 0.6;
/// What is added to p(french | english), which is small for the commoner of two words.
const BACKWARD_LEAST: f32 = 0.2;

/// One English rendering of a French word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WordTranslation<'a> {
    /// The English word, lower case.
    pub word: &'a str,
    /// p(english | french), `0.0..=1.0`.
    pub forward: f32,
    /// p(french | english), `0.0..=1.0`.
    pub backward: f32,
}

/// A line of the file: byte offsets of its word and of what follows, and the word's frequency.
#[derive(Clone, Copy, Debug)]
struct Line {
    start: u32,
    tab: u32,
    rest: u32,
    end: u32,
    bits: u8,
}

impl Lexicon {
    /// The name of the lexicon among a model's files.
    pub const FILE: &'static str = "lexicon.tsv";

    /// Reads the lexicon of a model, `None` where the model has none.
    ///
    /// # Errors
    ///
    /// When the file is there and cannot be read or is no lexicon.
    pub fn read(files: &ModelFiles) -> Result<Option<Self>, Error> {
        files
            .read(Self::FILE)?
            .map(|bytes| Self::from_bytes(&files.name(), bytes))
            .transpose()
    }

    /// Reads a lexicon from the contents of its file; `name` is for messages.
    ///
    /// # Errors
    ///
    /// When a line is not as described above or out of order; the message names it.
    pub fn from_bytes(name: &str, bytes: impl Into<Cow<'static, [u8]>>) -> Result<Self, Error> {
        let text = match bytes.into() {
            Cow::Borrowed(bytes) => str::from_utf8(bytes)
                .map(Cow::Borrowed)
                .map_err(|error| error.to_string()),
            Cow::Owned(bytes) => String::from_utf8(bytes)
                .map(Cow::Owned)
                .map_err(|error| error.to_string()),
        };
        text.and_then(Self::parse)
            .map_err(|message| Error::model(name, format!("`{}`: {message}", Self::FILE)))
    }

    /// The English words that render a French one, best first; none where the word is unknown.
    ///
    /// Case is ignored, and so are accents where the word is not found as written.
    pub fn translations<'a>(&'a self, french: &str) -> impl Iterator<Item = WordTranslation<'a>> + use<'a> {
        let rest = self
            .french_line(french)
            .map_or("", |line| &self.text[line.rest as usize..line.end as usize]);
        rest.split('\t').filter_map(|entry| parse_translation(entry).ok())
    }

    /// Whether the likeliest rendering of a French word is another word than itself, case aside.
    pub fn has_other_form(&self, french: &str) -> bool {
        let best = self.translations(french).next();
        best.is_some_and(|best| best.word != french.to_lowercase())
    }

    /// The best rendering of a French word that is rare (17 bits or more: once in 131,000 words or
    /// less) and rather sure (a probability of .6), and all its renderings. `None` for others, and for words that
    /// are not there as written.
    pub fn rare_word(&self, french: &str) -> Option<(&str, Vec<&str>)> {
        let index = self.search(&self.french, french)?;
        if self.french[index].bits < RARE_BITS {
            return None;
        }
        let all: Vec<_> = self.translations(french).collect();
        let worth = |found: &WordTranslation<'_>| found.forward * (found.backward + BACKWARD_LEAST);
        let best = all
            .iter()
            .max_by(|one, other| worth(one).total_cmp(&worth(other)))?;
        let sure = best.forward >= SURE;
        sure.then(|| (best.word, all.iter().map(|found| found.word).collect()))
    }

    /// How much a French word says, in bits: `-log2` of its relative frequency. `None` where it is unknown.
    pub fn french_bits(&self, french: &str) -> Option<u8> {
        self.french_line(french).map(|line| line.bits)
    }

    /// How much an English word says, in bits; `None` where it is not among the commonest words.
    pub fn english_bits(&self, english: &str) -> Option<u8> {
        let english = english.to_lowercase();
        self.search(&self.english, &english)
            .map(|index| self.english[index].bits)
    }

    /// How many French words the lexicon knows.
    pub fn len(&self) -> usize {
        self.french.len()
    }

    /// Whether the lexicon knows no word at all.
    pub fn is_empty(&self) -> bool {
        self.french.is_empty()
    }

    fn french_line(&self, french: &str) -> Option<&Line> {
        let lower = french.to_lowercase();
        let index = self.search(&self.french, &lower).or_else(|| {
            let folded = fold(&lower);
            let place = self.folded.partition_point(|(word, _)| **word < *folded);
            let (word, index) = self.folded.get(place)?;
            (**word == *folded).then_some(*index as usize)
        })?;
        self.french.get(index)
    }

    fn search(&self, lines: &[Line], word: &str) -> Option<usize> {
        lines
            .binary_search_by(|line| line.word(&self.text).cmp(word))
            .ok()
    }

    fn parse(text: Cow<'static, str>) -> Result<Self, String> {
        if u32::try_from(text.len()).is_err() {
            return Err(format!(
                "expected at most {} bytes, found {}",
                u32::MAX,
                text.len()
            ));
        }
        let mut lexicon = Self {
            text,
            ..Self::default()
        };
        let mut part = None;
        let mut start = 0;
        for (number, line) in lexicon.text.split_inclusive('\n').enumerate() {
            let content = line.strip_suffix('\n').unwrap_or(line);
            let failed = |message: String| format!("line {}: {message}", number + 1);
            match (number, content) {
                (0, MAGIC) => {}
                (0, _) => return Err(failed(format!("expected `{MAGIC}`, found `{content}`"))),
                (_, "[english]") => part = Some(&mut lexicon.english),
                (_, "[french]") => part = Some(&mut lexicon.french),
                _ => {
                    let lines = part
                        .as_mut()
                        .ok_or_else(|| failed("expected `[english]` or `[french]`".to_owned()))?;
                    let parsed = parse_line(content, start).map_err(failed)?;
                    let before = lines.last().map(|line| line.word(&lexicon.text));
                    if before.is_some_and(|before| before >= parsed.word(&lexicon.text)) {
                        return Err(failed(
                            "expected words sorted by their bytes, without repetition".to_owned(),
                        ));
                    }
                    lines.push(parsed);
                }
            }
            start += line.len();
        }
        lexicon.folded = lexicon.folded_words();
        Ok(lexicon)
    }

    /// The folded forms of accented words; of several words with one form the commonest.
    fn folded_words(&self) -> Vec<(Box<str>, u32)> {
        let mut folded: Vec<(Box<str>, u32)> = (0u32..)
            .zip(&self.french)
            .filter(|(_, line)| !line.word(&self.text).is_ascii())
            .map(|(index, line)| (fold(line.word(&self.text)).into(), index))
            .collect();
        folded.sort_by(|(one, i), (other, j)| {
            let bits = |index: u32| self.french[index as usize].bits;
            (one, bits(*i), i).cmp(&(other, bits(*j), j))
        });
        folded.dedup_by(|later, earlier| later.0 == earlier.0);
        folded
    }
}

impl Line {
    fn word(self, text: &str) -> &str {
        &text[self.start as usize..self.tab as usize]
    }
}

/// Reads the line that begins at byte `start` of the file, which is shorter than `u32::MAX`.
fn parse_line(content: &str, start: usize) -> Result<Line, String> {
    let mut fields = content.splitn(3, '\t');
    let (word, bits) = (
        fields.next().unwrap_or_default(),
        fields.next().unwrap_or_default(),
    );
    let bits: u8 = bits
        .parse()
        .map_err(|_| format!("expected `word TAB bits`, found `{content}`"))?;
    let rest = fields.next();
    for entry in rest.into_iter().flat_map(|rest| rest.split('\t')) {
        parse_translation(entry)?;
    }
    let end = start + content.len();
    Ok(Line {
        start: start as u32,
        tab: (start + word.len()) as u32,
        rest: (end - rest.map_or(0, str::len)) as u32,
        end: end as u32,
        bits,
    })
}

fn parse_translation(entry: &str) -> Result<WordTranslation<'_>, String> {
    let mut fields = entry.split(' ');
    let mut percent = || {
        fields
            .next_back()
            .and_then(|field| field.parse::<u8>().ok())
            .filter(|p| *p <= 100)
    };
    let (backward, forward) = (percent(), percent());
    match (fields.next(), forward, backward, fields.next()) {
        (Some(word), Some(forward), Some(backward), None) if !word.is_empty() => Ok(WordTranslation {
            word,
            forward: f32::from(forward) / 100.0,
            backward: f32::from(backward) / 100.0,
        }),
        _ => Err(format!(
            "expected `english forward backward` in percent, found `{entry}`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FILE: &str = "# diglot lexicon 1\n[english]\nof\t5\nthe\t4\n[french]\n\
        coté\t15\tquoted 60 40\ncôté\t11\tside 80 70\nmur\t14\twall 90 85\twalls 4 9\n";

    fn lexicon(text: &str) -> Result<Lexicon, Error> {
        Lexicon::from_bytes("tiny", text.as_bytes().to_vec())
    }

    #[test]
    fn words_with_another_form_in_english_are_known() {
        let lexicon = Lexicon::from_bytes(
            "test",
            "# diglot lexicon 1\n[english]\nlondon\t12\n[french]\nkayes\t17\tkayes 90 90\nlondres\t14\tlondon 95 95\n".as_bytes().to_vec(),
        );
        let lexicon = lexicon.unwrap();
        for (word, other) in [("Londres", true), ("Kayes", false), ("Tazirout", false)] {
            assert_eq!(lexicon.has_other_form(word), other, "{word}");
        }
    }

    fn check(french: &str, expected: &[&str]) {
        let lexicon = lexicon(FILE).unwrap();
        let found: Vec<&str> = lexicon
            .translations(french)
            .map(|translation| translation.word)
            .collect();
        assert_eq!(found, expected, "translations of {french}");
    }

    #[test]
    fn words_are_found_as_written_in_any_case_and_without_accents() {
        check("mur", &["wall", "walls"]);
        check("MUR", &["wall", "walls"]);
        check("coté", &["quoted"]);
        check("CÔTÉ", &["side"]);
        check("COTE", &["side"]);
        check("pont", &[]);
        check("", &[]);
    }

    #[test]
    fn probabilities_and_bits_are_read() {
        let lexicon = lexicon(FILE).unwrap();
        let wall = lexicon.translations("mur").next().unwrap();
        assert_eq!((wall.word, wall.forward, wall.backward), ("wall", 0.9, 0.85));
        assert_eq!(lexicon.french_bits("mur"), Some(14));
        assert_eq!(lexicon.english_bits("The"), Some(4));
        assert_eq!(lexicon.english_bits("wall"), None);
        assert_eq!((lexicon.len(), lexicon.is_empty()), (3, false));
    }

    #[test]
    fn a_broken_file_is_refused_with_the_line() {
        let cases = [
            (
                "mur\t14\n",
                "line 1: expected `# diglot lexicon 1`, found `mur\t14`",
            ),
            (
                "# diglot lexicon 1\nmur\t14\n",
                "line 2: expected `[english]` or `[french]`",
            ),
            (
                "# diglot lexicon 1\n[french]\nmur\n",
                "line 3: expected `word TAB bits`, found `mur`",
            ),
            (
                "# diglot lexicon 1\n[french]\nmur\t14\twall 90\n",
                "line 3: expected `english forward backward` in percent, found `wall 90`",
            ),
            (
                "# diglot lexicon 1\n[french]\nmur\t14\nmer\t9\n",
                "line 4: expected words sorted by their bytes, without repetition",
            ),
        ];
        for (text, expected) in cases {
            let message = lexicon(text).unwrap_err().to_string();
            assert_eq!(message, format!("model `tiny`: `lexicon.tsv`: {expected}"));
        }
        assert!(Lexicon::from_bytes("tiny", vec![0xff]).is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(# diglot lexicon 1\n)?(\\[french\\]\n)?[a-zé0-9\t\n ]{0,40}", word in ".{0,8}") {
            if let Ok(lexicon) = lexicon(&text) {
                prop_assert!(lexicon.translations(&word).count() <= text.len());
            }
        }
    }
}
