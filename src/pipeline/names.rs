//! Named entities of documents: one call of the recogniser for a batch, then what only the whole
//! document tells.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use super::Work;
use crate::Span;
use crate::document::{Entity, Failure, Origin, Outcome, Rendering, SegmentKind};
use crate::entity::{
    ComposedText, EntityRecognizer, Label, LinkMention, Mention, NameVote, Side, account_label, account_name,
    acronym_pairs, fill_repeated_names, is_organisation_account, label_acronyms, link_mentions,
    repair_mentions, settle_labels, token_range,
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
    /// As the document has it.
    given: &'a str,
    /// In composed letters, in which names are found and compared.
    composed: ComposedText<'a>,
    language: Language,
    holder: Holder,
}

impl<'a> Place<'a> {
    fn new(given: &'a str, language: Language, holder: Holder) -> Self {
        Self {
            given,
            composed: ComposedText::new(given),
            language,
            holder,
        }
    }

    fn text(&self) -> &str {
        self.composed.as_str()
    }

    fn is_author(&self) -> bool {
        matches!(self.holder, Holder::Author { .. })
    }
}

/// Where the text stands.
#[derive(Clone, Copy)]
enum Holder {
    /// A sentence, and its first byte in the document.
    Sentence { index: usize, start: usize },
    /// The author's name in a signature or byline, the segment, and its first byte in the document.
    Author { segment: usize, start: usize },
    /// A translation.
    Rendering { index: usize },
}

/// The mentions of each place of a document; `None` where no names are wanted.
type Found = Result<Option<Vec<Vec<Mention>>>, String>;

/// Every text is shown to the recogniser once, however often the batch has it.
fn recognize(work: &[Work], renderings: &[Vec<Rendering>], recognizer: &dyn EntityRecognizer) -> Vec<Found> {
    let places: Vec<Vec<Place<'_>>> = work
        .par_iter()
        .zip(renderings)
        .map(|(work, renderings)| places(work, renderings))
        .collect();
    let mut texts: Vec<&str> = Vec::new();
    let mut indexes: HashMap<&str, usize> = HashMap::new();
    for place in places.iter().flatten() {
        indexes.entry(place.text()).or_insert_with(|| {
            texts.push(place.text());
            texts.len() - 1
        });
    }
    let mentions = match recognizer.recognize(&texts) {
        Ok(mentions) => mentions,
        Err(error) => return places.iter().map(|_| Err(error.to_string())).collect(),
    };
    let of_place = |place: &Place<'_>| {
        let found = indexes.get(place.text()).and_then(|&index| mentions.get(index));
        found.cloned().unwrap_or_default()
    };
    let of_document = |places: &Vec<Place<'_>>| Ok(Some(places.iter().map(of_place).collect()));
    places.iter().map(of_document).collect()
}

/// All texts of a document in which names are looked for: sentences, authors, translations.
fn places<'a>(work: &'a Work, renderings: &'a [Rendering]) -> Vec<Place<'a>> {
    let text = work.plain();
    let mut places = Vec::new();
    for (index, sentence) in work
        .layers
        .sentences
        .iter()
        .enumerate()
        .filter(|(_, s)| !s.language.is_und())
    {
        let given = sentence.span.of(text).unwrap_or_default();
        let start = sentence.span.start();
        places.push(Place::new(
            given,
            sentence.language,
            Holder::Sentence { index, start },
        ));
    }
    for (segment, signature) in work.layers.segments.iter().enumerate() {
        let author = signature
            .author
            .as_deref()
            .filter(|_| matches!(signature.kind, SegmentKind::PostSignature | SegmentKind::Header));
        let Some(author) = author else { continue };
        if let Some(at) = signature
            .span
            .of(text)
            .and_then(|signature| signature.find(author))
        {
            let start = signature.span.start() + at;
            places.extend(persons(author).map(|(from, person)| {
                let start = start + from;
                Place::new(person, Language::UND, Holder::Author { segment, start })
            }));
        }
    }
    for (index, rendering) in renderings.iter().enumerate() {
        // Text that no model translated is the sentence itself, whose names are found already.
        if matches!(rendering.origin, Origin::Translated(Some(_))) {
            places.push(Place::new(
                &rendering.text,
                rendering.language,
                Holder::Rendering { index },
            ));
        }
    }
    places
}

/// The people that a line of authors names, with where each begins: `Awa Sow and Neil Hart`.
fn persons(author: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = author.get(at..).filter(|rest| !rest.is_empty())?;
        let joined = [" and ", " et ", " & ", ", "].map(|between| Some((rest.find(between)?, between.len())));
        let (end, between) = joined.into_iter().flatten().min().unwrap_or((rest.len(), 0));
        let next = at + end + between;
        let start = std::mem::replace(&mut at, next);
        Some((start, &rest[..end]))
    })
    .filter(|(_, person)| !person.is_empty())
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

/// Repairs what the recogniser found and adds what the rest of the document tells: acronyms after their
/// expansions, the names of authors, names known from elsewhere, one label for each name.
fn complete(places: &[Place<'_>], mentions: &mut [Vec<Mention>]) {
    let (authors, running): (Vec<usize>, Vec<usize>) =
        (0..places.len()).partition(|&index| places[index].is_author());
    let texts: Vec<&str> = running.iter().map(|&index| places[index].text()).collect();
    let mut group = take(&running, mentions);
    for (&index, found) in running.iter().zip(&mut group) {
        repair_mentions(places[index].text(), places[index].language, found);
    }
    label_acronyms(&texts, &mut group);
    for &index in &authors {
        let name = author(places[index].text(), &texts, &group, &mentions[index]);
        mentions[index] = name.into_iter().collect();
    }
    put_back(&running, group, mentions);
    // Names on which the document disagrees are not looked for elsewhere: agree first.
    settle(places, mentions);
    let known: Vec<(&str, Mention)> = authors
        .iter()
        .flat_map(|&index| {
            mentions[index]
                .iter()
                .map(move |&mention| (places[index].text(), mention))
        })
        .collect();
    let mut group = take(&running, mentions);
    fill_repeated_names(&texts, &known, &mut group);
    put_back(&running, group, mentions);
    settle(places, mentions);
}

fn take(indexes: &[usize], mentions: &mut [Vec<Mention>]) -> Vec<Vec<Mention>> {
    indexes
        .iter()
        .map(|&index| std::mem::take(&mut mentions[index]))
        .collect()
}

fn put_back(indexes: &[usize], group: Vec<Vec<Mention>>, mentions: &mut [Vec<Mention>]) {
    for (&index, found) in indexes.iter().zip(group) {
        mentions[index] = found;
    }
}

/// Who signed: labelled by words that tell an organisation, else as in the prose, else as the recogniser
/// reads most of the name.
fn author(text: &str, prose: &[&str], found: &[Vec<Mention>], own: &[Mention]) -> Option<Mention> {
    let span = account_name(text)?;
    let name = span.of(text)?;
    let same = |(sentence, found): (&&str, &Vec<Mention>)| {
        found
            .iter()
            .copied()
            .find(|mention| mention.span.of(sentence) == Some(name))
    };
    let in_prose = prose
        .iter()
        .zip(found)
        .filter_map(same)
        .find(|mention| mention.label != Label::Loc);
    let longest = own
        .iter()
        .filter(|mention| mention.span.overlaps(span))
        .max_by_key(|mention| (mention.span.len(), std::cmp::Reverse(mention.span)));
    let label = match in_prose {
        Some(mention) if !is_organisation_account(name) => mention.label,
        _ => account_label(name, longest.map(|mention| (mention.label, mention.score))),
    };
    let sure = in_prose
        .iter()
        .chain(longest)
        .find(|mention| mention.label == label);
    let score = sure.map_or(UNREAD_AUTHOR, |mention| mention.score);
    Some(Mention { span, label, score })
}

/// The score of an author's name that the recogniser does not read so.
const UNREAD_AUTHOR: f32 = 0.5;

/// Gives all mentions of one name one label: prose counts whole, a signature and a translation half, and
/// a signature that tells an organisation by its words more than any reading.
fn settle(places: &[Place<'_>], mentions: &mut [Vec<Mention>]) {
    let weight = |place: &Place<'_>, name: &str| match place.holder {
        Holder::Sentence { .. } => 1.0,
        Holder::Author { .. } if is_organisation_account(name) => 4.0,
        Holder::Author { .. } | Holder::Rendering { .. } => 0.5,
    };
    let votes: Vec<NameVote<'_>> = places
        .iter()
        .zip(mentions.iter())
        .flat_map(|(place, found)| found.iter().map(move |mention| (place, mention)))
        .map(|(place, mention)| {
            let name = mention.span.of(place.text()).unwrap_or_default();
            NameVote {
                name,
                label: mention.label,
                score: mention.score,
                weight: weight(place, name),
            }
        })
        .collect();
    let labels = settle_labels(&votes);
    for (mention, label) in mentions.iter_mut().flatten().zip(labels) {
        mention.label = label;
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
        let expansions = acronym_pairs(place.text(), found);
        for (at, mention) in found.iter().enumerate() {
            let span = place.composed.given(mention.span);
            let Some(text) = span.of(place.given) else {
                continue;
            };
            let mut link = LinkMention::new(text, mention.label);
            let expansion = expansions.iter().find(|(_, acronym)| *acronym == at);
            link.expansion =
                expansion.and_then(|&(whole, _)| place.composed.given(found[whole].span).of(place.given));
            let (rendering, offset) = match place.holder {
                Holder::Sentence { index, start } => {
                    link.rendering = rendering_of.get(&index).copied();
                    link.tokens = token_range(place.given, span);
                    (None, start)
                }
                Holder::Author { segment, start } => {
                    link.handle = work.layers.segments[segment].handle.as_deref();
                    (None, start)
                }
                Holder::Rendering { index } => {
                    link.rendering = Some(index);
                    link.side = Side::Rendering;
                    link.tokens = token_range(place.given, span);
                    (Some(index), 0)
                }
            };
            drafts.push(Draft {
                rendering,
                span: span.shifted(offset),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_author_is_a_person() {
        let found = |author| persons(author).collect::<Vec<_>>();
        assert_eq!(found("Awa Sow"), [(0, "Awa Sow")]);
        assert_eq!(
            found("Awa Sow and Neil Hart"),
            [(0, "Awa Sow"), (12, "Neil Hart")]
        );
        assert_eq!(found("A, B et C"), [(0, "A"), (3, "B"), (8, "C")]);
    }
}
