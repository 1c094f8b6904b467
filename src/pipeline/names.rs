//! Named entities of documents: one call of the recogniser for a batch, then what only the whole
//! document tells.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Work;
use crate::Span;
use crate::document::{Entity, Failure, Origin, Outcome, Rendering, SegmentKind};
use crate::entity::{
    EntityRecognizer, Label, LinkMention, Mention, Side, acronym_pairs, fill_repeated_names, label_acronyms,
    link_mentions, token_range,
};
use crate::language::Language;

/// Finds the entities of all documents and closes their outcomes.
pub(super) fn outcomes(
    work: Vec<Work>,
    renderings: Vec<Vec<Rendering>>,
    recognizer: Option<&dyn EntityRecognizer>,
) -> Vec<Outcome> {
    let mut found = match recognizer {
        Some(recognizer) => recognize(&work, &renderings, recognizer),
        None => work.iter().map(|_| Ok(None)).collect(),
    };
    let jobs: Vec<_> = work.into_iter().zip(renderings).zip(found.drain(..)).collect();
    jobs.into_par_iter()
        .map(|((work, renderings), found)| outcome(work, renderings, found))
        .collect()
}

/// A text in which names are looked for.
struct Place<'a> {
    text: &'a str,
    language: Language,
    holder: Holder,
}

/// Where the text stands.
#[derive(Clone, Copy)]
enum Holder {
    /// A sentence, and its first byte in the document.
    Sentence { index: usize, start: usize },
    /// The author's name in a signature, the post, and its first byte in the document.
    Author { segment: usize, start: usize },
    /// A translation.
    Rendering { index: usize },
}

/// The mentions of each place of a document; `None` where no names are wanted.
type Found = Result<Option<Vec<Vec<Mention>>>, String>;

fn recognize(work: &[Work], renderings: &[Vec<Rendering>], recognizer: &dyn EntityRecognizer) -> Vec<Found> {
    let places: Vec<Vec<Place<'_>>> = work
        .iter()
        .zip(renderings)
        .map(|(work, renderings)| places(work, renderings))
        .collect();
    let texts: Vec<&str> = places.iter().flatten().map(|place| place.text).collect();
    match recognizer.recognize(&texts) {
        Ok(mentions) => {
            let mut mentions = mentions.into_iter();
            places
                .iter()
                .map(|places| Ok(Some(mentions.by_ref().take(places.len()).collect())))
                .collect()
        }
        Err(error) => places.iter().map(|_| Err(error.to_string())).collect(),
    }
}

/// All texts of a document in which names are looked for: sentences, authors, translations.
fn places<'a>(work: &'a Work, renderings: &'a [Rendering]) -> Vec<Place<'a>> {
    let text = work.document.text.as_str();
    let mut places = Vec::new();
    for (index, sentence) in work
        .layers
        .sentences
        .iter()
        .enumerate()
        .filter(|(_, s)| !s.language.is_und())
    {
        places.push(Place {
            text: sentence.span.of(text).unwrap_or_default(),
            language: sentence.language,
            holder: Holder::Sentence {
                index,
                start: sentence.span.start(),
            },
        });
    }
    for (segment, signature) in work.layers.segments.iter().enumerate() {
        let author = signature
            .author
            .as_deref()
            .filter(|_| signature.kind == SegmentKind::PostSignature);
        let Some(author) = author else { continue };
        if let Some(at) = signature
            .span
            .of(text)
            .and_then(|signature| signature.find(author))
        {
            let holder = Holder::Author {
                segment,
                start: signature.span.start() + at,
            };
            places.push(Place {
                text: author,
                language: Language::UND,
                holder,
            });
        }
    }
    for (index, rendering) in renderings.iter().enumerate() {
        // Text that no model translated is the sentence itself, whose names are found already.
        if matches!(rendering.origin, Origin::Translated(Some(_))) {
            places.push(Place {
                text: &rendering.text,
                language: rendering.language,
                holder: Holder::Rendering { index },
            });
        }
    }
    places
}

fn outcome(work: Work, renderings: Vec<Rendering>, found: Found) -> Outcome {
    let mut failures = Vec::new();
    let entities = match found {
        Ok(Some(mentions)) => entities(&work, &renderings, mentions),
        Ok(None) => Vec::new(),
        Err(message) => {
            failures.push(Failure {
                stage: "entities",
                code: "backend",
                message,
            });
            Vec::new()
        }
    };
    let mut all = work.failures;
    all.append(&mut failures);
    Outcome {
        document: work.document,
        language: work.layers.language,
        segments: work.layers.segments,
        sentences: work.layers.sentences,
        renderings,
        entities,
        failures: all,
    }
}

fn entities(work: &Work, renderings: &[Rendering], mut mentions: Vec<Vec<Mention>>) -> Vec<Entity> {
    let places = places(work, renderings);
    complete(&places, &mut mentions);
    let mut drafts = drafts(work, renderings, &places, &mentions);
    drafts.sort_by_key(|draft| (draft.rendering, draft.span));
    let alignments: Vec<&[(usize, usize)]> = renderings.iter().map(|r| r.alignment.as_slice()).collect();
    let linked: Vec<LinkMention<'_>> = drafts.iter().map(|draft| draft.link.clone()).collect();
    let ids = link_mentions(&linked, &alignments);
    let entity = |(draft, entity): (Draft<'_>, usize)| Entity {
        rendering: draft.rendering,
        span: draft.span,
        label: draft.link.label,
        score: draft.score,
        entity,
    };
    drafts.into_iter().zip(ids).map(entity).collect()
}

/// Adds what the rest of the document tells: acronyms after their expansions, names tagged elsewhere
/// in the same language, authors that the recogniser does not know.
fn complete(places: &[Place<'_>], mentions: &mut [Vec<Mention>]) {
    let mut by_language: BTreeMap<Language, Vec<usize>> = BTreeMap::new();
    for (index, place) in places
        .iter()
        .enumerate()
        .filter(|(_, p)| !matches!(p.holder, Holder::Author { .. }))
    {
        by_language.entry(place.language).or_default().push(index);
    }
    for indexes in by_language.values() {
        let texts: Vec<&str> = indexes.iter().map(|&index| places[index].text).collect();
        let mut group: Vec<Vec<Mention>> = indexes
            .iter()
            .map(|&index| std::mem::take(&mut mentions[index]))
            .collect();
        label_acronyms(&texts, &mut group);
        fill_repeated_names(&texts, &mut group);
        for (&index, found) in indexes.iter().zip(group) {
            mentions[index] = found;
        }
    }
    for (index, place) in places.iter().enumerate() {
        if matches!(place.holder, Holder::Author { .. }) {
            mentions[index] = vec![author(place.text, places, mentions, &mentions[index])];
        }
    }
}

/// An author is named by a whole signature: labelled as in the prose, else as the recogniser reads
/// most of the name, else a person.
fn author(name: &str, places: &[Place<'_>], mentions: &[Vec<Mention>], own: &[Mention]) -> Mention {
    let in_prose = places.iter().zip(mentions).find_map(|(place, found)| {
        let prose = matches!(place.holder, Holder::Sentence { .. });
        found
            .iter()
            .find(|mention| prose && mention.span.of(place.text) == Some(name))
    });
    let longest = own
        .iter()
        .max_by_key(|mention| (mention.span.len(), std::cmp::Reverse(mention.span)));
    let (label, score) = in_prose
        .or(longest)
        .map_or((Label::Per, 0.5), |mention| (mention.label, mention.score));
    Mention {
        span: Span::new(0, name.len()),
        label,
        score,
    }
}

/// An entity that has no id yet.
struct Draft<'a> {
    rendering: Option<usize>,
    span: Span,
    score: f32,
    link: LinkMention<'a>,
}

fn drafts<'a>(
    work: &'a Work,
    renderings: &'a [Rendering],
    places: &[Place<'a>],
    mentions: &[Vec<Mention>],
) -> Vec<Draft<'a>> {
    let rendering_of: BTreeMap<usize, usize> = (renderings.iter().enumerate())
        .flat_map(|(index, rendering)| rendering.sentences.iter().map(move |&sentence| (sentence, index)))
        .collect();
    let mut drafts = Vec::new();
    for (place, found) in places.iter().zip(mentions) {
        let expansions = acronym_pairs(place.text, found);
        for (at, mention) in found.iter().enumerate() {
            let Some(text) = mention.span.of(place.text) else {
                continue;
            };
            let mut link = LinkMention::new(text, mention.label);
            let expansion = expansions.iter().find(|(_, acronym)| *acronym == at);
            link.expansion = expansion.and_then(|&(whole, _)| found[whole].span.of(place.text));
            let (rendering, offset) = match place.holder {
                Holder::Sentence { index, start } => {
                    link.rendering = rendering_of.get(&index).copied();
                    link.tokens = token_range(place.text, mention.span);
                    (None, start)
                }
                Holder::Author { segment, start } => {
                    link.handle = work.layers.segments[segment].handle.as_deref();
                    (None, start)
                }
                Holder::Rendering { index } => {
                    link.rendering = Some(index);
                    link.side = Side::Rendering;
                    link.tokens = token_range(place.text, mention.span);
                    (Some(index), 0)
                }
            };
            drafts.push(Draft {
                rendering,
                span: mention.span.shifted(offset),
                score: mention.score,
                link,
            });
        }
    }
    let aligned = aligned_drafts(renderings, &drafts);
    drafts.extend(aligned);
    drafts
}

/// The mentions that stand in a passage which renders another: they lie on that rendering too.
fn aligned_drafts<'a>(renderings: &[Rendering], drafts: &[Draft<'a>]) -> Vec<Draft<'a>> {
    let mut inside = Vec::new();
    for (index, rendering) in renderings.iter().enumerate() {
        let Origin::Aligned(passage) = rendering.origin else {
            continue;
        };
        for draft in drafts
            .iter()
            .filter(|draft| draft.rendering.is_none() && passage.contains(draft.span))
        {
            let mut link = draft.link.clone();
            link.rendering = Some(index);
            link.side = Side::Rendering;
            inside.push(Draft {
                rendering: Some(index),
                span: draft.span,
                score: draft.score,
                link,
            });
        }
    }
    inside
}
