//! Terms of a glossary and rare words.

use super::super::fake::Fake;
use super::*;
use proptest::prelude::*;

fn careful(fake: Fake) -> CarefulTranslator<Fake> {
    CarefulTranslator::new(fake)
}

/// Writes `Sénégal` as `Seegal` and the Dutch as they are.
fn misspeller() -> Fake {
    Fake::new(|text| text.replace("Sénégal", "Seegal").replace("de ⟦1⟧", "of the ⟦1⟧")).with_placeholders(8)
}

fn with_glossary(fake: Fake) -> CarefulTranslator<Fake> {
    let glossary = Glossary::parse("Sénégal\tSenegal\nPays-Bas\tthe Netherlands\tPays-Bas\n").unwrap();
    careful(fake).with_glossary(Arc::new(glossary))
}

#[test]
fn a_term_that_the_model_got_wrong_is_tried_again_with_it_hidden() {
    let careful = with_glossary(misspeller());
    let text = "retour du Sénégal et des Pays-Bas";
    let made = careful.translate(&[text]).unwrap().remove(0);
    assert_eq!(made.text, "retour of Senegal et des Pays-Bas");
    let seen = careful.inner().seen();
    assert_eq!(seen, [text, "retour de ⟦1⟧ et des Pays-Bas"]);
    // `Senegal` is aligned with `Sénégal`.
    assert!(made.alignment.contains(&(2, 2)), "{:?}", made.alignment);
}

#[test]
fn what_the_model_renders_is_left() {
    let careful = with_glossary(Fake::new(|text| text.replace("Sénégal", "SENEGAL")).with_placeholders(8));
    let made = careful.translate(&["retour au Sénégal"]).unwrap().remove(0);
    assert_eq!(made.text, "retour au SENEGAL");
    assert_eq!(careful.inner().seen().len(), 1);
    // A model without placeholders has no second try.
    let careful = with_glossary(Fake::new(|text| text.replace("Sénégal", "Seegal")));
    assert_eq!(careful.translate(&["au Sénégal"]).unwrap()[0].text, "au Seegal");
}

#[test]
fn a_term_that_is_still_lost_is_put_back_by_alignment() {
    let careful = with_glossary(
        Fake::new(|text| text.replace("Sénégal", "Seegal").replace("⟦1⟧", "")).with_placeholders(8),
    );
    let made = careful.translate(&["Le Sénégal gagne"]).unwrap().remove(0);
    assert_eq!(made.text, "Senegal gagne");
}

#[test]
fn an_article_of_a_term_begins_a_sentence_with_a_capital() {
    let glossary = Glossary::parse("Pays-Bas\tthe Netherlands\n").unwrap();
    let careful = careful(Fake::new(|text| text.replace("Pays-Bas", "Lowlands")).with_placeholders(8))
        .with_glossary(Arc::new(glossary));
    let made = careful
        .translate(&["Les Pays-Bas gagnent", "et les Pays-Bas gagnent"])
        .unwrap();
    assert_eq!(made[0].text, "The Netherlands gagnent");
    assert_eq!(made[1].text, "et the Netherlands gagnent");
}

#[test]
fn a_rare_word_that_the_model_got_wrong_is_put_in_from_the_dictionary() {
    let model = |text: &str| {
        let text = text.replace("embuscade", "babade");
        text.replace("une ", "a ").replace("Une ", "A ")
    };
    let rare = |word: &str| (word == "embuscade").then(|| ("ambush".to_owned(), vec!["ambush".to_owned()]));
    let careful = careful(Fake::new(model).with_placeholders(8)).with_rare_words(rare);
    let made = careful.translate(&["Dans une embuscade", "embuscade"]).unwrap();
    assert_eq!(made[0].text, "Dans an ambush");
    assert!(made[0].alignment.contains(&(2, 2)), "{:?}", made[0].alignment);
    assert_eq!(made[1].text, "ambush");
}

#[test]
fn what_a_placeholder_hides_of_grammar_is_put_right() {
    let model = |text: &str| {
        let known = [
            ("malien", "Maltese"),
            ("otages", "hosts"),
            ("Le", "The"),
            ("Un", "An"),
            ("Des", "Some"),
            ("ont fui", "has fled"),
            (" est ", " is "),
        ];
        known.iter().fold(text.to_owned(), |text, (french, english)| {
            text.replace(french, english)
        })
    };
    let terms = "malien\tMalian\notages\thostages\n";
    let careful = careful(Fake::new(model).with_placeholders(8))
        .with_glossary(Arc::new(Glossary::parse(terms).unwrap()));
    let translated = |text: &str| careful.translate(&[text]).unwrap().remove(0).text;
    assert_eq!(translated("Le maire malien est là."), "The Malian maire is là.");
    assert_eq!(
        translated("Le Premier ministre est malien."),
        "The Premier ministre is Malian."
    );
    assert_eq!(
        translated("Des otages ont fui hier."),
        "Some hostages have fled hier."
    );
}

proptest! {
    #![proptest_config(crate::testing::cases(300))]

    /// Whatever the model does to the placeholders and the words around them.
    #[test]
    fn alignments_hold_and_protected_spans_survive_around_terms(
        parts in proptest::collection::vec(proptest::sample::select(&[
            "Le ", "la ", "l’", "du ", "Des ", "aux ", "maire ", "malien ", "maliens ", "Maliens ", "Sénégal ", "Pays-Bas, ",
            "embuscade ", "récif.", "ont ", "12 ", "#Sénégal ", "@awa ", "7 500 € ", "est ", "a ", "« ", " »", "\n", "É",
        ][..]), 0..14),
        seed in any::<u64>(),
    ) {
        let text = parts.concat();
        let mangle = move |text: &str| {
            let mut words: Vec<&str> = text.split(' ').collect();
            let length = words.len();
            words.rotate_left((seed >> 8) as usize % length);
            words.truncate(length.saturating_sub((seed >> 16) as usize % 3).max(1));
            let text = words.join(" ").replace("Sénégal", "Seegal").replace("malien", "a ");
            if seed % 4 == 0 { text.replace('⟦', "[") } else { text }
        };
        let terms = "Sénégal\tSenegal\nPays-Bas\tthe Netherlands\nmalien\tMalian\nmaliens\tMalian\nMaliens\tMalians\n";
        let rare = |word: &str| {
            let best = match word { "embuscade" => "ambush", "récif" => "reef", _ => return None };
            Some((best.to_owned(), vec![best.to_owned()]))
        };
        let careful = careful(Fake::new(mangle).with_placeholders(8).with_max_tokens(9))
            .with_glossary(Arc::new(Glossary::parse(terms).unwrap()))
            .with_rare_words(rare);
        let made = careful.translate(&[&text]).unwrap().remove(0);
        for found in super::super::protected_spans(&text).iter().filter(|found| !found.kind.is_number()) {
            prop_assert!(made.text.contains(found.span.of(&text).unwrap()));
        }
        let (read, written) = (text.split_whitespace().count(), made.text.split_whitespace().count());
        prop_assert!(made.alignment.iter().all(|(from, to)| *from < read && *to < written), "{made:?}");
        prop_assert!(made.alignment.is_sorted());
    }
}

#[test]
fn a_name_that_lost_a_word_is_tried_again_as_a_whole() {
    let model = |text: &str| {
        let text = text.replace("Blanche ", "").replace("8 heures", "8 p.m.");
        text.replace("à ⟦1⟧", "in ⟦1⟧").replace("à ⟦2⟧", "in ⟦2⟧")
    };
    let careful = careful(Fake::new(model).with_placeholders(8)).with_names(|word| word == "hier");
    let made = careful
        .translate(&["Hier Blanche Mellal a chanté à 8 heures", "Hier Awa Sow a chanté"])
        .unwrap();
    assert_eq!(made[0].text, "Hier Blanche Mellal a chanté at 8 o'clock");
    assert_eq!(made[1].text, "Hier Awa Sow a chanté");
    assert_eq!(careful.inner().seen().len(), 3);
}

#[test]
fn what_a_model_misreads_it_reads_in_other_words() {
    let careful = careful(Fake::new(str::to_owned).with_placeholders(8));
    let sentences = [
        "Quatre-vingt-dix-sept puits le 1er ministre",
        "On peut plus vivre",
        "« On part », dit-il",
    ];
    let made = careful.translate(&sentences).unwrap();
    assert_eq!(
        careful.inner().seen(),
        [
            "97 puits le Premier ministre",
            "On ne peut plus vivre",
            sentences[2]
        ]
    );
    assert_eq!(made[0].flags, []);
    let cut = careful.translate(&["\"On part\","]).unwrap().remove(0);
    assert_eq!(careful.inner().seen().last().unwrap(), "On part");
    assert_eq!(cut.text, "\"On part\",");
}
