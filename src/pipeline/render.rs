//! Renderings of foreign sentences: translated in one go for a batch of documents, replaced where
//! the document holds its own rendering.

use std::collections::BTreeMap;

use super::{Models, Stages, Work};
use crate::align::{Link, SourceSentence, TargetSentence};
use crate::document::{Failure, Origin, Rendering, SegmentKind};
use crate::language::Language;
use crate::translate::{Flag, LanguagePair, Translation};
use crate::{Document, Span};

/// A translation of a sentence, and the index of the model that made it.
pub(super) type Made = (Translation, Option<usize>);

/// Translates every foreign sentence of the documents; the result has one map a document, by sentence.
pub(super) fn translate(work: &mut [Work], models: &Models, target: Language) -> Vec<BTreeMap<usize, Made>> {
    let mut by_language: BTreeMap<Language, Vec<(usize, usize)>> = BTreeMap::new();
    for (document, item) in work.iter().enumerate() {
        for sentence in item.foreign(target) {
            by_language
                .entry(item.layers.sentences[sentence].language)
                .or_default()
                .push((document, sentence));
        }
    }
    let mut made: Vec<BTreeMap<usize, Made>> = work.iter().map(|_| BTreeMap::new()).collect();
    for (source, places) in by_language {
        let texts: Vec<&str> = places
            .iter()
            .map(|&(document, sentence)| work[document].sentence(sentence))
            .collect();
        let model = models.translators.of(LanguagePair { source, target });
        let outputs = model.map(|(translator, index)| (translator.translate(&texts), index));
        let kept = |text: &&str| Translation {
            text: (*text).to_owned(),
            flags: vec![Flag::NoModel],
            ..Default::default()
        };
        let (outputs, index, failure) = match outputs {
            Some((Ok(outputs), index)) => (outputs, Some(index), None),
            Some((Err(error), _)) => (texts.iter().map(kept).collect(), None, Some(error.to_string())),
            None => (texts.iter().map(kept).collect(), None, None),
        };
        for (&(document, sentence), output) in places.iter().zip(outputs) {
            made[document].insert(sentence, (output, index));
        }
        if let Some(message) = failure {
            let mut failed: Vec<usize> = places.iter().map(|place| place.0).collect();
            failed.dedup();
            for document in failed {
                work[document].failures.push(Failure {
                    stage: "translate",
                    code: "backend",
                    message: message.clone(),
                });
            }
        }
    }
    made
}

/// The renderings of a document: its own where the aligner finds one, else the translations.
pub(super) fn renderings(
    work: &Work,
    mut made: BTreeMap<usize, Made>,
    stages: &Stages,
    target: Language,
) -> Vec<Rendering> {
    let foreign: Vec<usize> = made.keys().copied().collect();
    let mut renderings = Vec::new();
    for link in links(work, &foreign, &made, stages, target) {
        let sentences: Vec<usize> = foreign[link.source.clone()].to_vec();
        for sentence in &sentences {
            made.remove(sentence);
        }
        renderings.push(aligned(&work.document, sentences, &link, target));
    }
    for (sentence, (translation, model)) in made {
        // Text without a model is kept in its own language.
        let untouched = translation.flags.contains(&Flag::NoModel);
        renderings.push(Rendering {
            sentences: vec![sentence],
            language: if untouched {
                work.layers.sentences[sentence].language
            } else {
                target
            },
            text: translation.text,
            origin: Origin::Translated(model),
            score: translation.score,
            alignment: work.with_marks(work.layers.sentences[sentence].span, translation.alignment),
            flags: translation.flags,
        });
    }
    renderings.sort_by_key(|rendering| rendering.sentences.first().copied());
    renderings
}

fn aligned(document: &Document, sentences: Vec<usize>, link: &Link, target: Language) -> Rendering {
    Rendering {
        sentences,
        language: target,
        text: link.span.of(&document.text).unwrap_or_default().to_owned(),
        origin: Origin::Aligned(link.span),
        score: link.score,
        alignment: Vec::new(),
        flags: Vec::new(),
    }
}

fn links(
    work: &Work,
    foreign: &[usize],
    made: &BTreeMap<usize, Made>,
    stages: &Stages,
    target: Language,
) -> Vec<Link> {
    let layers = &work.layers;
    let source: Vec<SourceSentence<'_>> = foreign
        .iter()
        .map(|&index| {
            let sentence = &layers.sentences[index];
            let block = work.block(sentence.segment);
            let translation = made
                .get(&index)
                .filter(|(output, _)| !output.flags.contains(&Flag::NoModel));
            SourceSentence {
                text: work.sentence(index),
                translation: translation.map(|(output, _)| output.text.as_str()),
                passage: block,
                author: layers.segments[block].author.as_deref(),
            }
        })
        .collect();
    let targets = target_sentences(work, target);
    if source.is_empty() || targets.is_empty() {
        Vec::new()
    } else {
        stages.aligner.align(&source, &targets)
    }
}

/// The target-language sentences that may render a foreign one.
fn target_sentences(work: &Work, target: Language) -> Vec<TargetSentence<'_>> {
    let layers = &work.layers;
    let in_target = layers
        .sentences
        .iter()
        .filter(|sentence| sentence.language == target);
    in_target
        .filter(|sentence| layers.segments[sentence.segment].kind != SegmentKind::Title)
        .map(|sentence| {
            let block = work.block(sentence.segment);
            TargetSentence {
                text: work.text(sentence.span),
                span: sentence.span,
                passage: block,
                surroundings: work.text(layers.segments[block].span),
            }
        })
        .collect()
}

/// For each token of `plain` the index of the token of `given` that holds it; `plain` is `given` with
/// some characters blank.
fn unmarked_tokens(given: &str, plain: &str) -> Vec<usize> {
    let starts = |text| word_starts(text).collect::<Vec<_>>();
    let given = starts(given);
    word_starts(plain)
        .map(|start| given.partition_point(|&at| at <= start).saturating_sub(1))
        .collect()
}

/// Where the white-space separated tokens of a text begin.
fn word_starts(text: &str) -> impl Iterator<Item = usize> + '_ {
    text.split_whitespace()
        .map(move |word| word.as_ptr().addr() - text.as_ptr().addr())
}

impl Work {
    /// The sentences that are neither in the target language nor in none.
    fn foreign(&self, target: Language) -> impl Iterator<Item = usize> + '_ {
        let sentences = self.layers.sentences.iter().enumerate();
        sentences
            .filter(move |(_, s)| !s.language.is_und() && s.language != target)
            .map(|(index, _)| index)
    }

    fn sentence(&self, index: usize) -> &str {
        self.text(self.layers.sentences[index].span)
    }

    fn text(&self, span: Span) -> &str {
        span.of(self.plain()).unwrap_or_default()
    }

    /// The text of the document as the stages read it.
    pub(super) fn plain(&self) -> &str {
        self.plain.as_deref().unwrap_or(&self.document.text)
    }

    /// A word alignment of a sentence as the translator read it, as one of the sentence as the document
    /// has it, in which the marks of quoted lines are tokens too.
    fn with_marks(&self, span: Span, alignment: Vec<(usize, usize)>) -> Vec<(usize, usize)> {
        if self.plain.is_none() {
            return alignment;
        }
        let given = span.of(&self.document.text).unwrap_or_default();
        let plain = span.of(self.plain()).unwrap_or_default();
        let indexes = unmarked_tokens(given, plain);
        let moved = |(source, output)| Some((*indexes.get(source)?, output));
        alignment.into_iter().filter_map(moved).collect()
    }

    /// The outermost segment around a segment: the post, the paragraph.
    pub(super) fn block(&self, segment: usize) -> usize {
        let mut block = segment;
        while let Some(parent) = self.layers.segments[block].parent {
            block = parent;
        }
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_counted_with_the_marks_between_them() {
        assert_eq!(
            unmarked_tokens("Le pont\n> est >fermé", "Le pont\n  est  fermé"),
            [0, 1, 3, 4]
        );
        assert_eq!(unmarked_tokens("Le pont", "Le pont"), [0, 1]);
        assert_eq!(unmarked_tokens("", ""), [0; 0]);
    }
}
