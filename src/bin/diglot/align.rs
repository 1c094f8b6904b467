//! `diglot align`: which lines of one text render which lines of another.

use std::io::{Read, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use diglot::align::{Link, SourceSentence, TargetSentence};
use diglot::translate::LanguagePair;
use diglot::{Error, Language, Pipeline, Span};
use serde::Serialize;

use crate::args::{ModelArgs, TargetArgs, thread_pool};
use crate::lines::{json, open, rounded};
use crate::status::{ExitStatus, say, stdout_error};

const EXAMPLES: &str = "\
Examples:
  diglot align posts.fr article.en              3-17<TAB>0.83
  diglot align posts.fr article.en --json

Give one sentence a line, and an empty line between passages: sentences of different passages are \
never joined. Links are in the order of the first file; lines count from 0; several lines in a row \
are joined by commas (`3,4-17`). Lines without a counterpart have no link: a wrong one is worse than \
none. The translation model, where there is one for the two languages, helps.";

/// Match the lines of a text with the lines of another that render them
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// The foreign text, one sentence a line; `-` is standard input
    source: PathBuf,

    /// The text in the target language, one sentence a line
    #[arg(value_name = "TARGET")]
    target_file: PathBuf,

    /// Write one JSON object a link
    #[arg(long)]
    json: bool,

    /// The language of the first file
    #[arg(long, value_name = "LANG", default_value = "fr")]
    from: Language,

    #[command(flatten)]
    target: TargetArgs,

    #[command(flatten)]
    models: ModelArgs,
}

/// Runs the subcommand.
pub fn run(args: &Args) -> Result<ExitStatus, Error> {
    let mut config = args.models.config()?;
    args.target.over(&mut config);
    let pair = LanguagePair {
        source: args.from,
        target: config.to,
    };
    let source = Text::read(&args.source)?;
    let target = Text::read(&args.target_file)?;
    let written = thread_pool(&config)?.install(|| {
        let pipeline = config.builder()?.source(pair.source).without_entities().build()?;
        links(&pipeline, pair, &source, &target).map(|links| write(&links, &source, &target, args.json))
    })?;
    std::io::stdout()
        .write_all(written.as_bytes())
        .map_err(stdout_error)?;
    Ok(ExitStatus::with_errors(!(source.valid && target.valid)))
}

/// A file, its sentences and their passages.
struct Text {
    text: String,
    sentences: Vec<Sentence>,
    /// Where the passages stand.
    passages: Vec<Span>,
    /// Whether all of it was UTF-8.
    valid: bool,
}

struct Sentence {
    line: usize,
    span: Span,
    passage: usize,
}

impl Text {
    fn read(path: &Path) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        open(path)?
            .read_to_end(&mut bytes)
            .map_err(|error| Error::io("read", path, error))?;
        let mut lines = bytes.split(|byte| *byte == b'\n').enumerate();
        let bad = lines.find(|(_, line)| std::str::from_utf8(line).is_err());
        if let Some((number, _)) = bad {
            say(format_args!(
                "{}: line {}: expected UTF-8",
                path.display(),
                number + 1
            ));
        }
        Ok(Self::new(
            String::from_utf8_lossy(&bytes).into_owned(),
            bad.is_none(),
        ))
    }

    fn new(text: String, valid: bool) -> Self {
        let (mut sentences, mut passages) = (Vec::new(), Vec::<Span>::new());
        let (mut start, mut open) = (0, false);
        for (line, whole) in text.split_inclusive('\n').enumerate() {
            let content = whole.trim();
            let indent = whole.len() - whole.trim_start().len();
            let span = Span::new(start + indent, start + indent + content.len());
            start += whole.len();
            if content.is_empty() {
                open = false;
                continue;
            }
            match passages.last_mut() {
                Some(passage) if open => *passage = Span::new(passage.start(), span.end()),
                _ => passages.push(span),
            }
            open = true;
            let passage = passages.len() - 1;
            sentences.push(Sentence { line, span, passage });
        }
        Self {
            text,
            sentences,
            passages,
            valid,
        }
    }

    fn of(&self, span: Span) -> &str {
        span.of(&self.text).unwrap_or_default()
    }

    fn texts(&self) -> Vec<&str> {
        self.sentences
            .iter()
            .map(|sentence| self.of(sentence.span))
            .collect()
    }

    fn lines(&self, sentences: &Range<usize>) -> Vec<usize> {
        self.sentences[sentences.clone()]
            .iter()
            .map(|sentence| sentence.line)
            .collect()
    }
}

fn links(pipeline: &Pipeline, pair: LanguagePair, source: &Text, target: &Text) -> Result<Vec<Link>, Error> {
    let texts = source.texts();
    let translations = match pipeline.translator(pair) {
        Some(translator) => translator.translate(&texts)?,
        None => Vec::new(),
    };
    let of_source = |(index, sentence): (usize, &Sentence)| SourceSentence {
        text: source.of(sentence.span),
        translation: translations
            .get(index)
            .map(|translation| translation.text.as_str()),
        passage: sentence.passage,
        author: None,
    };
    let of_target = |sentence: &Sentence| TargetSentence {
        text: target.of(sentence.span),
        span: sentence.span,
        passage: sentence.passage,
        surroundings: target.of(target.passages[sentence.passage]),
    };
    let from: Vec<_> = source.sentences.iter().enumerate().map(of_source).collect();
    let to: Vec<_> = target.sentences.iter().map(of_target).collect();
    Ok(pipeline.aligner().align(&from, &to))
}

#[derive(Serialize)]
struct Answer<'a> {
    source: Vec<usize>,
    target: Vec<usize>,
    score: f32,
    margin: f32,
    text: &'a str,
}

fn write(links: &[Link], source: &Text, target: &Text, as_json: bool) -> String {
    let line = |link: &Link| {
        let answer = Answer {
            source: source.lines(&link.source),
            target: target.lines(&link.target),
            score: rounded(link.score),
            margin: rounded(link.margin),
            text: target.of(link.span),
        };
        if as_json {
            return json(&answer) + "\n";
        }
        let (from, to) = (joined(&answer.source), joined(&answer.target));
        format!("{from}-{to}\t{:.2}\n", link.score)
    };
    links.iter().map(line).collect()
}

fn joined(lines: &[usize]) -> String {
    let numbers: Vec<String> = lines.iter().map(ToString::to_string).collect();
    numbers.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_part_passages_and_keep_the_count() {
        let text = Text::new("\u{feff}a\r\n b \n\n\nc".to_owned(), true);
        let sentences: Vec<_> = text.sentences.iter().map(|s| (s.line, s.passage)).collect();
        assert_eq!(sentences, [(0, 0), (1, 0), (4, 1)]);
        assert_eq!(text.texts(), ["\u{feff}a", "b", "c"]);
        assert_eq!(text.of(text.passages[0]), "\u{feff}a\r\n b");
    }
}
