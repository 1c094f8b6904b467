use super::super::fake::Fake;
use super::*;
use crate::Language;
use crate::language::Detection;
use proptest::prelude::*;

fn careful(fake: Fake) -> CarefulTranslator<Fake> {
    CarefulTranslator::new(fake)
}

fn translate(fake: Fake, sentence: &str) -> Translation {
    careful(fake).translate(&[sentence]).unwrap().remove(0)
}

/// Translates with `fake` and checks text and flags; most fakes keep the words, so that
/// their output counts as copied.
#[track_caller]
fn check(fake: Fake, sentence: &str, expected: &str, flags: &[Flag]) {
    let made = translate(fake, sentence);
    assert_eq!(
        (made.text.as_str(), other_flags(&made).as_slice()),
        (expected, flags)
    );
}

fn other_flags(made: &Translation) -> Vec<Flag> {
    made.flags
        .iter()
        .copied()
        .filter(|flag| *flag != Flag::Copied)
        .collect()
}

/// Every word in capitals, placeholders as they are.
fn upper() -> Fake {
    Fake::upper().with_placeholders(8)
}

/// The words in reverse order, with the alignment left out.
fn reverse() -> Fake {
    let reversed = |text: &str| text.split(' ').rev().collect::<Vec<_>>().join(" ");
    Fake::new(reversed).with_placeholders(8).without_alignment()
}

/// Capitals, without the placeholders.
fn dropper() -> Fake {
    let keeps = |word: &&str| !word.contains('⟦');
    Fake::new(move |text| {
        text.to_uppercase()
            .split(' ')
            .filter(keeps)
            .collect::<Vec<_>>()
            .join(" ")
    })
    .with_placeholders(8)
}

#[test]
fn edges_are_kept_outside_the_model() {
    let careful = careful(upper());
    let sentence = "@anne  Merci bien 😀 #joie\u{a0}https://example.org/a ";
    let made = careful.translate(&[sentence]).unwrap().remove(0);
    assert_eq!(
        made.text,
        "@anne  MERCI BIEN 😀 #joie\u{a0}https://example.org/a "
    );
    assert_eq!(other_flags(&made), []);
    assert_eq!(careful.inner().seen(), ["Merci bien"]);
    assert_eq!(made.alignment, [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]);
}

#[test]
fn inner_spans_come_back_from_placeholders() {
    check(
        upper(),
        "vu par @anne sur example.org hier",
        "VU PAR @anne SUR example.org HIER",
        &[],
    );
    check(
        upper(),
        "soit 7 500 € en 2013 déjà",
        "SOIT 7 500 € EN 2013 DÉJÀ",
        &[],
    );
    check(
        reverse(),
        "vu par @anne et @bob hier",
        "hier @bob et @anne par vu",
        &[],
    );
    check(upper(), "l’avis d’@anne, oui", "L’AVIS D’@anne, OUI", &[]);
}

#[test]
fn a_placeholder_in_the_input_is_text() {
    check(
        upper(),
        "le signe ⟦2⟧ et ⟦1⟧ chez @anne ici",
        "LE SIGNE ⟦2⟧ ET ⟦1⟧ CHEZ @anne ICI",
        &[],
    );
    check(Fake::upper(), "le signe ⟦2⟧ ici", "LE SIGNE ⟦2⟧ ICI", &[]);
}

#[test]
fn sentences_without_words_do_not_reach_the_model() {
    let careful = careful(upper());
    let sentences = [
        "",
        "  ",
        "😀 #joie",
        "https://example.org @anne",
        "12,5 % ... 7 !",
        "21 h 30",
    ];
    let made = careful.translate(&sentences).unwrap();
    for (made, sentence) in made.iter().zip(sentences) {
        assert_eq!(made.text, sentence);
        assert_eq!((made.score, made.flags.len()), (0.0, 0));
        let count = sentence.split_whitespace().count();
        assert_eq!(
            made.alignment,
            (0..count).map(|index| (index, index)).collect::<Vec<_>>()
        );
    }
    assert!(careful.inner().seen().is_empty());
}

#[test]
fn lost_placeholders_are_placed_by_the_alignment() {
    // "VU PAR HIER": the token before the link's is aligned with "PAR".
    check(
        dropper(),
        "vu par example.org/a hier",
        "VU PAR example.org/a HIER",
        &[],
    );
}

#[test]
fn lost_placeholders_without_alignment_are_flagged() {
    check(
        dropper().without_alignment(),
        "vu sur example.org/a hier matin",
        "VU SUR example.org/a HIER MATIN",
        &[Flag::ProtectedLost],
    );
    let silent = Fake::new(|_| String::new()).with_placeholders(8);
    check(
        silent,
        "vu (example.org/a)",
        "example.org/a",
        &[Flag::Truncated, Flag::ProtectedLost],
    );
}

#[test]
fn lost_numbers_are_shown_to_the_model() {
    let careful = careful(dropper());
    let made = careful.translate(&["soit 7 500 voix"]).unwrap().remove(0);
    assert_eq!(
        (made.text.as_str(), other_flags(&made)),
        ("SOIT 7 500 VOIX", Vec::new())
    );
    assert_eq!(careful.inner().seen(), ["soit ⟦1⟧ voix", "soit 7 500 voix"]);
}

#[test]
fn wrong_plain_numbers_are_hidden_from_the_model() {
    let misreads = Fake::new(|text| text.replace("12", "21")).with_placeholders(8);
    check(misreads, "les 12 arbres verts", "les 12 arbres verts", &[]);
    let misreads = Fake::new(|text| text.to_uppercase().replace("12", "21"));
    check(
        misreads,
        "les 12 arbres",
        "LES 21 ARBRES",
        &[Flag::NumberMismatch],
    );
}

#[test]
fn mangled_and_doubled_placeholders_are_cleaned_up() {
    let spaced =
        Fake::new(|text| text.to_uppercase().replace('⟦', "⟦ ").replace('⟧', " ⟧")).with_placeholders(8);
    check(
        spaced,
        "vu sur example.org/a hier",
        "VU SUR example.org/a HIER",
        &[],
    );
    let halved = Fake::new(|text| text.to_uppercase().replace('⟧', "")).with_placeholders(8);
    check(
        halved,
        "vu sur example.org/a hier",
        "VU SUR example.org/a HIER",
        &[],
    );
    let doubled = Fake::new(|text| text.to_uppercase().replace("⟦1⟧", "⟦1⟧ ⟦1⟧ ⟦7⟧")).with_placeholders(8);
    check(
        doubled,
        "vu sur example.org/a hier",
        "VU SUR example.org/a HIER",
        &[],
    );
}

#[test]
fn a_model_without_placeholders_is_repaired() {
    let spaced = Fake::new(|text| text.to_uppercase().replace('@', "@ ").replace(".", ". "));
    check(
        spaced,
        "vu par @anne sur example.org hier",
        "VU PAR @anne SUR example.org HIER",
        &[],
    );
    let localised = Fake::new(|text| text.to_uppercase().replace("7 500", "7,500"));
    check(localised, "soit 7 500 voix", "SOIT 7 500 VOIX", &[]);
    // The first `#joie` is part of a longer word.
    check(
        Fake::echo(),
        "vu par @anne#joie, #joie ici",
        "vu par @anne#joie, #joie ici",
        &[],
    );
}

#[test]
fn capitals_are_lowered_for_the_model_and_raised_again() {
    let careful = careful(Fake::new(|text| {
        text.replace("La ville", "The town").replace("est", "is")
    }));
    let made = careful
        .translate(&["LA VILLE EST AU CALME #Kayes"])
        .unwrap()
        .remove(0);
    assert_eq!(made.text, "THE TOWN IS AU CALME #Kayes");
    assert_eq!(careful.inner().seen(), ["La ville est au calme"]);
}

#[test]
fn capitals_inside_a_sentence_follow_the_alignment() {
    let careful = careful(Fake::new(|text| text.replace("nous ne", "we not")));
    let made = careful
        .translate(&["Il crie : NOUS NE PARTIRONS PAS, puis sort"])
        .unwrap()
        .remove(0);
    assert_eq!(made.text, "Il crie : WE NOT PARTIRONS PAS, puis sort");
}

#[test]
fn long_sentences_are_split_and_joined() {
    let careful = careful(Fake::upper().with_max_tokens(4));
    let sentence = "un deux trois, quatre cinq six ; sept huit  neuf";
    let made = careful.translate(&[sentence]).unwrap().remove(0);
    assert_eq!(made.text, sentence.to_uppercase());
    assert_eq!(made.score, -0.5);
    assert_eq!(
        careful.inner().seen(),
        ["un deux trois,", "quatre cinq six ;", "sept huit  neuf"]
    );
    let count = sentence.split_whitespace().count();
    assert_eq!(
        made.alignment,
        (0..count).map(|index| (index, index)).collect::<Vec<_>>()
    );
}

#[test]
fn loops_are_tried_again_in_halves() {
    let loops = |text: &str| match text.split_whitespace().count() {
        0..=4 => text.to_uppercase(),
        _ => "NON ".repeat(9),
    };
    check(
        Fake::new(loops),
        "il pleut ici, il vente là, oui",
        "IL PLEUT ICI, IL VENTE LÀ, OUI",
        &[],
    );
    check(
        Fake::new(|_| "no no no no no".to_owned()),
        "il pleut",
        "no no no no no",
        &[Flag::Repetition],
    );
}

#[test]
fn alignment_counts_the_tokens_of_the_whole_texts() {
    // The model reads "vu ⟦1⟧ fois par ⟦2⟧ hier"; "7 500" is two tokens on both sides.
    let made = translate(upper(), "@zoé Vu 7 500 fois par @anne hier #joie");
    assert_eq!(made.text, "@zoé VU 7 500 FOIS PAR @anne HIER #joie");
    assert_eq!(
        made.alignment,
        (0..9).map(|index| (index, index)).collect::<Vec<_>>()
    );
}

#[test]
fn alignment_out_of_range_is_ignored() {
    struct Wild;
    impl Translator for Wild {
        fn pair(&self) -> LanguagePair {
            LanguagePair {
                source: Language::FRENCH,
                target: Language::ENGLISH,
            }
        }
        fn translate(&self, sentences: &[&str]) -> Result<Vec<Translation>, BackendError> {
            let made = Translation {
                text: "yes".into(),
                alignment: vec![(0, 0), (7, 0), (0, 9)],
                ..Translation::default()
            };
            Ok(vec![made; sentences.len()])
        }
        fn count_tokens(&self, _: &str) -> usize {
            1
        }
        fn max_tokens(&self) -> usize {
            9
        }
    }
    let made = CarefulTranslator::new(Wild).translate(&["oui"]).unwrap();
    assert_eq!(made[0].alignment, [(0, 0)]);
}

#[test]
fn the_detector_is_asked_about_the_output() {
    struct Never;
    impl LanguageDetector for Never {
        fn detect(&self, _: &str) -> Detection {
            Detection {
                language: Language::FRENCH,
                confidence: 1.0,
            }
        }
    }
    let english = Fake::new(|_| "the market opens again tomorrow".to_owned());
    let careful = careful(english).with_detector(Arc::new(Never));
    let made = careful.translate(&["le marché rouvre demain"]).unwrap();
    assert_eq!(made[0].flags, [Flag::WrongLanguage]);
}

#[test]
fn a_model_that_returns_too_few_is_an_error() {
    struct Short;
    impl Translator for Short {
        fn pair(&self) -> LanguagePair {
            LanguagePair {
                source: Language::FRENCH,
                target: Language::ENGLISH,
            }
        }
        fn translate(&self, _: &[&str]) -> Result<Vec<Translation>, BackendError> {
            Ok(Vec::new())
        }
        fn count_tokens(&self, _: &str) -> usize {
            1
        }
        fn max_tokens(&self) -> usize {
            9
        }
    }
    let error = CarefulTranslator::new(Short).translate(&["oui"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "expected 1 translations of the translator, found 0"
    );
}

/// Text with much in it that is protected, none of it shouted or decomposed.
const MIXED: &str = r"([a-zé ]{0,8}|[ -@\[-~]{1,3}|@anne|#joie|example\.org/a|7 500 €|21 h 30|⟦[1-9]⟧|[⟦⟧]|👩‍👧|🇫🇷|\u{a0}|3e|\PC){0,12}";

proptest! {
    #![proptest_config(crate::testing::cases(200))]

    #[test]
    fn what_is_masked_is_restored_byte_for_byte(text in MIXED, count in 0usize..9) {
        let fake = Fake::echo().with_placeholders(count);
        let symbols = fake.placeholders();
        let known = Words {
            is_spelled: &|_| false,
    has_rendering: None,
            pair: fake.pair(),
            glossary: None,
            rare: None,
        };
        let sentence = Sentence::new(&text, symbols, known);
        prop_assume!(sentence.shape.is_plain() && unicode_normalization::is_nfc(&text));
        // Around a sentence these become English quotation marks: `quotes.rs`.
        prop_assume!(!text.contains(['«', '»']));
        let made = translate(Fake::echo().with_placeholders(count).with_max_tokens(6), &text);
        prop_assert_eq!(&made.text, &text);
        prop_assert!(!made.flags.contains(&Flag::ProtectedLost));
        let tokens = text.split_whitespace().count();
        prop_assert_eq!(made.alignment.iter().filter(|(a, b)| a == b).count(), tokens);
    }

    #[test]
    fn protected_spans_survive_any_model(text in MIXED, seed in any::<u64>()) {
        let mangle = move |text: &str| {
            let keep = |(index, c): (usize, char)| (seed >> (index % 64) & 1 == 0).then_some(c);
            text.chars().enumerate().filter_map(keep).collect()
        };
        let made = translate(Fake::new(mangle).with_placeholders(8), &text);
        for found in super::super::protected_spans(&text).iter().filter(|found| !found.kind.is_number()) {
            prop_assert!(made.text.contains(found.span.of(&text).unwrap()));
        }
        let (read, written) = (text.split_whitespace().count(), made.text.split_whitespace().count());
        prop_assert!(made.alignment.iter().all(|(from, to)| *from < read && *to < written));
        prop_assert!(made.alignment.is_sorted());
    }

    #[test]
    fn neighbours_do_not_matter(texts in proptest::collection::vec(MIXED, 0..5)) {
        let fake = || Fake::new(|text| text.chars().rev().collect()).with_placeholders(3).with_max_tokens(5);
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let together = careful(fake()).translate(&texts).unwrap();
        let apart: Vec<_> = texts.iter().map(|text| translate(fake(), text)).collect();
        prop_assert_eq!(together, apart);
    }
}
