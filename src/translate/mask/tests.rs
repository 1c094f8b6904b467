use super::*;

const NOTHING: Words<'_, '_> = Words {
    is_spelled: &|_| false,
    has_rendering: None,
    pair: FRENCH_TO_ENGLISH,
    glossary: None,
    rare: None,
};

fn symbols(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("⟦{number}⟧")).collect()
}

#[track_caller]
fn body(text: &str, expected: &str) {
    assert_eq!(
        Sentence::new(text, &symbols(8), NOTHING).body().of(text),
        Some(expected)
    );
}

#[track_caller]
fn masked(text: &str, count: usize, numbers: Numbers, expected: &str) {
    let symbols = symbols(count);
    let known = Words {
        is_spelled: &|word| word == "Tazirout",
        has_rendering: None,
        ..NOTHING
    };
    let sentence = Sentence::new(text, &symbols, known);
    let hiding = Hiding { numbers, terms: 0 };
    assert_eq!(sentence.mask(Span::new(0, text.len()), hiding).text, expected);
}

#[test]
fn links_tags_and_emoji_at_the_edges_are_no_part_of_the_body() {
    body(
        "@anne Merci beaucoup 😀 #joie https://example.org",
        "Merci beaucoup",
    );
    body("😀Merci !😀", "Merci !");
    body("Merci. #joie #vie", "Merci.");
    body("Voir (https://example.org)", "Voir (https://example.org)");
    body("@anne, merci", "@anne, merci");
    body("@anne : Merci", "@anne : Merci");
    body("  #a #b  ", "");
    body("", "");
}

#[test]
fn tags_that_stand_for_a_word_stay_in_the_body() {
    body("@anne est arrivée", "@anne est arrivée");
    body("Un match à #Kayes", "Un match à #Kayes");
    body("Un match à #Kayes https://example.org", "Un match à #Kayes");
}

#[test]
fn placeholders_are_numbered_in_order() {
    masked(
        "Vu par @anne et 7 500 € pour #a #b ici",
        8,
        Numbers::Usual,
        "Vu par ⟦1⟧ et ⟦2⟧ pour ⟦3⟧ ici",
    );
    masked(
        "Vu par @anne et 7 500 €",
        8,
        Numbers::Shown,
        "Vu par ⟦1⟧ et 7 500 €",
    );
    masked("les 3 amis en 2013", 8, Numbers::Usual, "les 3 amis en 2013");
    masked("les 3 amis en 2013", 8, Numbers::Hidden, "les ⟦1⟧ amis en ⟦2⟧");
    masked("Vu par @anne à 9h", 0, Numbers::Usual, "Vu par @anne à 9h");
}

#[test]
fn names_that_the_model_would_spell_are_hidden_where_placeholders_are_left() {
    masked("Vu à Tazirout par @anne", 8, Numbers::Usual, "Vu à ⟦1⟧ par ⟦2⟧");
    masked(
        "Vu à Tazirout par @anne",
        8,
        Numbers::Shown,
        "Vu à Tazirout par ⟦1⟧",
    );
    masked(
        "Vu à Tazirout par @anne",
        1,
        Numbers::Usual,
        "Vu à Tazirout par ⟦1⟧",
    );
    masked("Vu à Tazirout, oui", 0, Numbers::Usual, "Vu à Tazirout, oui");
}

#[test]
fn numbers_yield_where_placeholders_are_few() {
    masked(
        "5 € à @anne et 6 € ici",
        1,
        Numbers::Usual,
        "5 € à ⟦1⟧ et 6 € ici",
    );
    masked(
        "5 € à @anne et 6 € ici",
        2,
        Numbers::Usual,
        "⟦1⟧ à ⟦2⟧ et 6 € ici",
    );
}

#[test]
fn literal_placeholders_are_hidden_too() {
    masked(
        "le signe ⟦2⟧ et ⟦1⟧ ici",
        8,
        Numbers::Usual,
        "le signe ⟦1⟧ et ⟦2⟧ ici",
    );
}

#[test]
fn terms_are_hidden_with_their_articles() {
    let glossary = Glossary::parse("Sénégal\tSenegal\nGuinée\tGuinea\nPays-Bas\tthe Netherlands\n").unwrap();
    let symbols = symbols(8);
    let text = "Venus du Sénégal, de la Guinée et des Pays-Bas vers Tazirout #Sénégal";
    let known = Words {
        is_spelled: &|word| ["Tazirout", "Guinée"].contains(&word),
        has_rendering: None,
        pair: FRENCH_TO_ENGLISH,
        glossary: Some(&glossary),
        rare: None,
    };
    let sentence = Sentence::new(text, &symbols, known);
    let whole = Span::new(0, text.len());
    let hiding = |terms| Hiding {
        terms,
        ..Hiding::FIRST
    };
    let first = "Venus du Sénégal, de la Guinée et des Pays-Bas vers ⟦1⟧ ⟦2⟧";
    assert_eq!(sentence.mask(whole, Hiding::FIRST).text, first);
    let masked = sentence.mask(whole, hiding(0b111));
    assert_eq!(masked.text, "Venus de ⟦1⟧, de ⟦2⟧ et de ⟦3⟧ vers ⟦4⟧ ⟦5⟧");
    let restored: Vec<&str> = (masked.slots.iter())
        .map(|slot| {
            let term = sentence.term(slot);
            term.map_or(&text[slot.span.range()], |term| term.rendering.as_ref())
        })
        .collect();
    assert_eq!(
        restored,
        ["Senegal", "Guinea", "the Netherlands", "Tazirout", "#Sénégal"]
    );
    let last = "Venus du Sénégal, de la Guinée et de ⟦1⟧ vers ⟦2⟧ ⟦3⟧";
    assert_eq!(sentence.mask(whole, hiding(0b100)).text, last);
    assert_eq!(
        sentence.lost_terms(whole, "From Senegal and the Netherland"),
        0b110
    );
    assert_eq!(sentence.lost_terms(Span::new(0, 20), "Guinea"), 0b001);
}

#[test]
fn rare_words_are_terms_where_nothing_else_is() {
    let glossary = Glossary::parse("gaz moutarde\tmustard gas\n").unwrap();
    let rare = |word: &str| {
        let known = ["moutarde", "récif", "embuscade", "forçant", "mil"].contains(&word);
        known.then(|| (word.to_uppercase(), vec![word.to_uppercase()]))
    };
    let known = Words {
        glossary: Some(&glossary),
        rare: Some(&rare),
        ..NOTHING
    };
    let symbols = symbols(8);
    let text = "L’embuscade au gaz moutarde, forçant le mil du récif #récif et Récif";
    let sentence = Sentence::new(text, &symbols, known);
    let hiding = Hiding {
        terms: u64::MAX,
        ..Hiding::FIRST
    };
    assert_eq!(
        sentence.mask(Span::new(0, text.len()), hiding).text,
        "L’⟦1⟧ au ⟦2⟧, forçant le mil du ⟦3⟧ ⟦4⟧ et Récif"
    );
}

#[test]
fn words_are_letters_outside_protected_spans() {
    let has_words = |text: &str| Sentence::new(text, &[], NOTHING).has_words(Span::new(0, text.len()));
    assert!(has_words("a https://example.org"));
    assert!(!has_words("https://example.org @b 21 h 30 : 7 %"));
    assert!(!has_words("« ... »"));
}
