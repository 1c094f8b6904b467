//! The pipeline with hand-written models: what goes where, offsets, failures, determinism.

#![allow(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use diglot::document::{Document, Origin, Outcome, SegmentKind};
use diglot::entity::{EntityRecognizer, Label, Mention};
use diglot::format::Record;
use diglot::language::Language;
use diglot::pipeline::Pipeline;
use diglot::provenance::ModelInfo;
use diglot::translate::{Flag, LanguagePair, Translation, Translator};
use diglot::{BackendError, Span};

/// Writes each word backwards, so that what was translated can be told from what was not.
struct Backwards;

impl Translator for Backwards {
    fn pair(&self) -> LanguagePair {
        LanguagePair {
            source: Language::FRENCH,
            target: Language::ENGLISH,
        }
    }

    fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
        let one = |sentence: &&str| Translation {
            text: sentence
                .split_whitespace()
                .map(|w| w.chars().rev().collect())
                .collect::<Vec<String>>()
                .join(" "),
            alignment: (0..sentence.split_whitespace().count()).map(|i| (i, i)).collect(),
            ..Translation::default()
        };
        Ok(sentences.iter().map(one).collect())
    }

    fn count_tokens(&self, sentence: &str) -> usize {
        sentence.split_whitespace().count()
    }

    fn max_tokens(&self) -> usize {
        100
    }
}

/// A model that cannot run.
struct Broken;

impl Translator for Broken {
    fn pair(&self) -> LanguagePair {
        Backwards.pair()
    }

    fn translate(&self, _: &[&str]) -> Result<Vec<Translation>, BackendError> {
        Err(BackendError::new("expected a working model, found a broken one"))
    }

    fn count_tokens(&self, _: &str) -> usize {
        1
    }

    fn max_tokens(&self) -> usize {
        1
    }
}

/// Takes every word that begins with a capital for a person.
struct Capitals;

impl EntityRecognizer for Capitals {
    fn recognize(&self, sentences: &[&str]) -> Result<Vec<Vec<Mention>>, BackendError> {
        let names = |sentence: &&str| {
            let words = sentence
                .split(|c: char| !c.is_alphanumeric())
                .filter(|w| w.starts_with(char::is_uppercase));
            let start = |word: &str| word.as_ptr() as usize - sentence.as_ptr() as usize;
            let mention = |w: &str| Mention {
                span: Span::new(start(w), start(w) + w.len()),
                label: Label::Per,
                score: 0.9,
            };
            words.map(mention).collect()
        };
        Ok(sentences.iter().map(names).collect())
    }
}

fn info(role: &'static str) -> ModelInfo {
    ModelInfo {
        role,
        name: format!("test/{role}"),
        sha256: String::new(),
        licence: None,
    }
}

fn pipeline(translator: impl Translator + 'static) -> Pipeline {
    let builder = Pipeline::builder()
        .without_translation()
        .translator(translator, info("translate"));
    builder
        .entity_recognizer(Capitals, info("entities"))
        .build()
        .unwrap()
}

const ARTICLE: &str = "The harbour opens again\n\n\
    The ferry will leave the harbour of Sainte-Maude on Monday morning, the port authority said. \
    Fishermen had waited for the decision since the storm of last winter.\n\n\
    Enfin une bonne nouvelle pour les pêcheurs ! Nous repartons en mer lundi matin avec toute l’équipe 🎣 \
    — Ibou Sarr (@ibou_sarr) March 3, 2024\n\n\
    The mayor thanked everybody who had helped to repair the quay.\n";

fn offsets_are_right(outcome: &Outcome) {
    let text = &outcome.document.text;
    for span in outcome
        .segments
        .iter()
        .map(|s| s.span)
        .chain(outcome.sentences.iter().map(|s| s.span))
    {
        assert!(
            span.of(text).is_some_and(|t| !t.is_empty() && t == t.trim()),
            "{span:?} is not a trimmed piece"
        );
    }
    for sentence in &outcome.sentences {
        assert!(outcome.segments[sentence.segment].span.contains(sentence.span));
    }
    for entity in &outcome.entities {
        let rendering = entity.rendering.map(|index| &outcome.renderings[index]);
        let on = match rendering {
            Some(r) if matches!(r.origin, Origin::Translated(_)) => &r.text,
            _ => text,
        };
        assert!(entity.span.of(on).is_some_and(|surface| !surface.is_empty()));
    }
}

#[test]
fn foreign_sentences_are_translated_and_the_rest_is_left() {
    let outcome = pipeline(Backwards).process(&Document::new("port", ARTICLE));
    offsets_are_right(&outcome);
    assert_eq!(outcome.failures, []);
    assert_eq!(outcome.language, Language::ENGLISH);
    let french: Vec<&str> = outcome
        .renderings
        .iter()
        .map(|r| outcome.sentences[r.sentences[0]].span.of(ARTICLE).unwrap())
        .collect();
    assert_eq!(
        french,
        [
            "Enfin une bonne nouvelle pour les pêcheurs !",
            "Nous repartons en mer lundi matin avec toute l’équipe 🎣"
        ]
    );
    assert!(
        outcome.renderings[0].text.starts_with("nifnE enu"),
        "{}",
        outcome.renderings[0].text
    );
    assert!(
        outcome
            .renderings
            .iter()
            .all(|r| r.origin == Origin::Translated(Some(0)))
    );
}

#[test]
fn marks_of_quoted_lines_are_neither_translated_nor_lost() {
    let text = "The ferry stays in the harbour, the port authority said on Monday.\n\n\
        > Nous attendons le bac depuis\n> lundi matin avec les enfants. Personne ne nous\n> répond.\n>\n\
        > — Ibou Sarr (@ibou_sarr) March 3, 2024\n\nNobody knows when it will leave.\n";
    let outcome = pipeline(Backwards).process(&Document::new("port", text));
    offsets_are_right(&outcome);
    let rendered: Vec<(&str, &str)> = outcome
        .renderings
        .iter()
        .map(|r| {
            (
                outcome.sentences[r.sentences[0]].span.of(text).unwrap(),
                r.text.as_str(),
            )
        })
        .collect();
    assert_eq!(
        rendered,
        [
            (
                "Nous attendons le bac depuis\n> lundi matin avec les enfants.",
                "suoN snodnetta el cab siuped idnul nitam ceva sel .stnafne"
            ),
            ("Personne ne nous\n> répond.", "ennosreP en suon .dnopér"),
        ]
    );
    // The mark between the lines is a token of the sentence as it stands.
    assert_eq!(outcome.renderings[1].alignment, [(0, 0), (1, 1), (2, 2), (4, 3)]);
    let post = outcome.segments.iter().find(|s| s.handle.is_some()).unwrap();
    assert_eq!(post.kind, SegmentKind::Post);
    assert_eq!(post.language, Language::FRENCH);
}

#[test]
fn who_said_a_foreign_quotation_is_no_part_of_it() {
    let text = "Twelve passengers are still missing and nobody was told. « La mer rend ce qu'elle veut, quand elle \
        veut. » — Odile Farssac, 61, fisher\n";
    let outcome = pipeline(Backwards).process(&Document::new("sea", text));
    let french: Vec<&str> = outcome
        .sentences
        .iter()
        .filter(|sentence| sentence.language == Language::FRENCH)
        .filter_map(|sentence| sentence.span.of(text))
        .collect();
    assert_eq!(french, ["« La mer rend ce qu'elle veut, quand elle veut. »"]);
}

#[test]
fn a_quoted_word_that_tells_no_language_is_in_that_of_its_paragraph() {
    let text = "The president has spoken of \"hordes\" of migrants who cross the sea in the summer months.\n\n\
        He called the plan « une honte pour nous tous » on the radio.\n";
    let outcome = pipeline(Backwards).process(&Document::new("sea", text));
    let quotes: Vec<_> = outcome
        .segments
        .iter()
        .filter(|segment| segment.kind == SegmentKind::Quote)
        .map(|segment| segment.language)
        .collect();
    assert_eq!(quotes, [Language::ENGLISH, Language::FRENCH]);
}

#[test]
fn a_short_foreign_quotation_is_a_sentence_of_its_own() {
    let text =
        "The crowd in the square shouted « Rendez-nous nos bateaux ! » at the mayor on Monday evening.\n";
    let outcome = pipeline(Backwards).process(&Document::new("square", text));
    let sentences: Vec<_> = outcome
        .sentences
        .iter()
        .map(|sentence| (sentence.language, sentence.span.of(text).unwrap()))
        .collect();
    assert_eq!(
        sentences,
        [
            (Language::ENGLISH, "The crowd in the square shouted"),
            (Language::FRENCH, "« Rendez-nous nos bateaux ! »"),
            (Language::ENGLISH, "at the mayor on Monday evening."),
        ]
    );
    assert_eq!(outcome.renderings.len(), 1);
}

#[test]
fn a_paragraph_is_in_the_language_of_its_own_words() {
    let text = "The ferry stays in the harbour until the end of the week, and nobody was told.\n\n\
        Ibou Sarr, who has waited since Monday, was angry: « Personne ne nous répond et les enfants ont faim \
        depuis deux jours, la mairie nous a oubliés sur ce quai. »\n";
    let outcome = pipeline(Backwards).process(&Document::new("port", text));
    let languages: Vec<_> = outcome.segments.iter().map(|s| (s.kind, s.language)).collect();
    assert_eq!(
        languages[1..],
        [
            (SegmentKind::Paragraph, Language::ENGLISH),
            (SegmentKind::Quote, Language::FRENCH)
        ]
    );
    let french = outcome
        .sentences
        .iter()
        .filter(|s| s.language == Language::FRENCH);
    assert_eq!(french.count(), 1, "the quotation is still translated");
}

#[test]
fn an_author_is_an_entity_of_the_signature() {
    let outcome = pipeline(Backwards).process(&Document::new("port", ARTICLE));
    let authors: Vec<_> = outcome
        .entities
        .iter()
        .filter(|e| e.span.of(ARTICLE) == Some("Ibou Sarr"))
        .collect();
    assert_eq!(authors.len(), 1);
    assert_eq!(authors[0].label, Label::Per);
}

#[test]
fn a_broken_model_is_a_failure_of_the_document_that_keeps_its_text() {
    let outcomes = pipeline(Broken).process_batch(vec![
        Document::new("en", "All is well here."),
        Document::new("port", ARTICLE),
    ]);
    assert_eq!(
        outcomes[0].failures,
        [],
        "a document that needs no translation is not touched"
    );
    assert_eq!(outcomes[1].failures.len(), 1);
    assert_eq!(
        (outcomes[1].failures[0].stage, outcomes[1].failures[0].code),
        ("translate", "backend")
    );
    assert!(outcomes[1].failures[0].message.contains("a broken one"));
    assert!(
        outcomes[1]
            .renderings
            .iter()
            .all(|r| r.flags == [Flag::NoModel] && r.language == Language::FRENCH)
    );
}

#[test]
fn a_language_without_a_model_is_flagged() {
    let text = "El puerto vuelve a abrir el lunes por la mañana, según anunciaron ayer las autoridades de la ciudad.";
    let outcome = pipeline(Backwards).process(&Document::new("es", text));
    assert_eq!(outcome.language.as_str(), "es");
    assert_eq!(outcome.renderings.len(), 1);
    assert_eq!(outcome.renderings[0].flags, [Flag::NoModel]);
    assert_eq!(outcome.renderings[0].text, text);
    assert_eq!(outcome.renderings[0].origin, Origin::Translated(None));
}

#[test]
fn outcomes_do_not_depend_on_threads_or_batches() {
    let documents: Vec<Document> = (0..12)
        .map(|i| {
            Document::new(
                format!("d{i}"),
                ARTICLE.repeat(i % 3 + 1).replace("Ibou", &format!("Ibou{i}")),
            )
        })
        .collect();
    let pipeline = pipeline(Backwards);
    let write = |outcomes: &[Outcome]| {
        let records = outcomes
            .iter()
            .map(|o| serde_json::to_string(&Record::new(o, pipeline.run())).unwrap());
        records.collect::<Vec<_>>()
    };
    let in_pool = |threads: usize, batch: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            documents
                .chunks(batch)
                .flat_map(|c| write(&pipeline.process_batch(c.to_vec())))
                .collect::<Vec<_>>()
        })
    };
    let straight = in_pool(1, 12);
    assert_eq!(straight.len(), 12);
    for (threads, batch) in [(2, 12), (3, 5), (1, 1), (4, 7)] {
        assert_eq!(
            in_pool(threads, batch),
            straight,
            "{threads} threads, batches of {batch}"
        );
    }
}

#[test]
fn an_empty_document_has_an_outcome() {
    for text in ["", "\n\n", "\u{feff}"] {
        let outcome = pipeline(Backwards).process(&Document::new("empty", text));
        assert_eq!(
            (
                outcome.segments.len(),
                outcome.sentences.len(),
                outcome.entities.len()
            ),
            (0, 0, 0)
        );
        assert!(outcome.language.is_und());
    }
}

#[test]
fn a_record_reads_back_as_it_was_written() {
    let pipeline = pipeline(Backwards);
    let record = Record::new(&pipeline.process(&Document::new("port", ARTICLE)), pipeline.run());
    let line = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<Record>(&line).unwrap(), record);
    for entity in &record.entities {
        let on = match &entity.translation {
            Some(id) => &record.translations.iter().find(|t| t.id == *id).unwrap().text,
            None => ARTICLE,
        };
        let by_chars: String = on
            .chars()
            .skip(entity.span.char_start)
            .take(entity.span.char_end - entity.span.char_start)
            .collect();
        let units: Vec<u16> = on.encode_utf16().collect();
        assert_eq!(on[entity.span.start..entity.span.end], entity.text);
        assert_eq!(by_chars, entity.text);
        assert_eq!(
            String::from_utf16(&units[entity.span.utf16_start..entity.span.utf16_end]).unwrap(),
            entity.text
        );
    }
}
