//! Sentences by rule, for English and French.

use super::scanner::{sentences, trimmed};
use super::{SentenceSplitter, tags};
use crate::Span;

/// Splits English and French text into sentences by rule, in one pass and in linear time.
///
/// A sentence ends at an end mark with the closing marks and emoji after it, unless the word
/// before is an abbreviation or what follows goes on in lower case; at an ellipsis or emoji before
/// a capital letter; at a semicolon before a capitalised function word; before a capitalised pronoun
/// that has only a lower-case word before it, as in posts without punctuation; at a blank line; and before the next item of a list. A single line end is no
/// more than a space. Hashtags, mentions and links at the end of a text, after its last end mark,
/// are a piece of their own.
///
/// ```
/// use diglot::segment::{RuleSentenceSplitter, SentenceSplitter};
///
/// let text = "Mme Ndiaye est à Thiès. Elle rentre à 21 h 30 ! 🎉 #Thiès";
/// let sentences: Vec<_> = RuleSentenceSplitter.split(text).iter().filter_map(|s| s.of(text)).collect();
/// assert_eq!(sentences, ["Mme Ndiaye est à Thiès.", "Elle rentre à 21 h 30 ! 🎉", "#Thiès"]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct RuleSentenceSplitter;

impl SentenceSplitter for RuleSentenceSplitter {
    fn split(&self, text: &str) -> Vec<Span> {
        let tail = tags::trailing(text).unwrap_or(text.len());
        let mut sentences = sentences(&text[..tail]);
        sentences.extend(trimmed(text, tail, text.len()));
        sentences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Splits the text that `marked` is without its `¦`, and expects the splits where they stand.
    fn check(marked: &str) {
        let text = marked.replace('¦', "");
        let expected: Vec<&str> = marked.split('¦').map(str::trim).collect();
        let spans = RuleSentenceSplitter.split(&text);
        let found: Vec<&str> = spans.iter().filter_map(|span| span.of(&text)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn end_marks_end_sentences() {
        check("The road is closed. ¦The bus waits. ¦Why?");
        check("Halte !! ¦Qui va là ? ¦Personne.");
        check("Really?! ¦Yes.");
        check(
            "Il pleut… ¦Vraiment."
                .replace("Il pleut", "Il pleut encore")
                .as_str(),
        );
        check("道路封闭。¦公交车在等。");
    }

    #[test]
    fn a_quotation_on_the_next_line_is_announced() {
        check("The page wrote at 6:47:¦\n“Le convoi est parti.” ¦Then it fell silent.");
        check("Rice, they say:\nthe old kind.");
    }

    #[test]
    fn the_letter_of_an_interview_is_apart() {
        check("Q: ¦Who pays?");
        check("R : ¦Personne.");
        check("Plan B: the road.");
        check("It is Q: and A: as ever.");
    }

    #[test]
    fn titles_and_initials_go_on() {
        check("Dr. Sow met Mrs. Kane. ¦They left.");
        check("Mme. Faye et M. Ba sont là. ¦Me. Diop arrive.");
        check("A book by J. R. Dieng and A. Le Gall.");
        check("Le Pr. Sy est au col. ¦Il revient.");
    }

    #[test]
    fn an_initial_before_a_function_word_ends_a_sentence() {
        check("The two of us, you and I. ¦They know.");
        check("Il vit sous Idriss I. ¦L’empire grandit.");
        check("See point B. ¦It is short.");
    }

    #[test]
    fn the_next_word_decides_after_an_abbreviation_that_may_end() {
        check("She moved to the U.S. ¦It was spring.");
        check("The U.S. Army left.");
        check("It belongs to Baobab Inc. ¦The firm is old.");
        check("Le site date de 700 av. J.-C. ¦Il est grand.");
        check("Riz, mil, etc. ¦Tout est cher.");
        check("They grow rice, millet, etc. in the valley.");
    }

    #[test]
    fn a_time_of_day_ends_before_a_capital_but_not_before_a_day() {
        check("The gates open at 6 p.m. ¦Visitors pay nothing.");
        check("The gates open at 6 p.m. Monday in Podor.");
        check("The gates open at 6 p.m. GMT on Monday.");
        check("At 6 a.m. Mr. Fall opens.");
    }

    #[test]
    fn numbers_and_references_go_on() {
        check("It costs 1.50 or 7.500 francs. ¦We paid.");
        check("Voir p. 12, art. 3 et n°. 7. ¦Puis signer.");
        check("On Nov. 14 it rained. ¦On Nov. 15 too.");
        check("They came in 1999. ¦25 stayed.");
    }

    #[test]
    fn sentences_in_lower_case_begin_with_a_subject() {
        check("le bac est en panne. ¦on attend depuis ce matin. ¦c’est long");
        check("the ferry is late again. ¦we have waited for an hour");
        check("« Le bac est en panne. » dit le maire.");
    }

    #[test]
    fn a_semicolon_before_a_capital_ends_a_sentence() {
        check("Le bac reprend lundi ; ¦Il est plus cher.");
        check("Le bac reprend lundi ; il est plus cher.");
        check("Le bac dessert trois villes : Le Mans ; La Rochelle ; Les Sables.");
        check("The ferry runs to Podor; Dagana; Matam.");
    }

    #[test]
    fn a_pronoun_with_a_capital_begins_a_sentence_without_a_mark() {
        check("Le bac est encore en panne ¦Nous attendons depuis ce matin");
        check("La foire de Podor (huit jours en 2019) ¦Il faut y aller.");
        check("Un matin sur le fleuve ¦C’est la saison des pluies.");
        check("Il a dit que Nous pouvons, le film d’Awa Sow, sort lundi.");
        check("Le concert de Il Divo est complet.");
    }

    #[test]
    fn lower_case_goes_on() {
        check("« Quoi ? » dit-elle. ¦Rien.");
        check("The brand Wow! sells well.");
        check("He said “no.” and left.");
        check("Well… maybe.");
        check("Voir le chap. le plus long et l’approx. la plus sûre.");
    }

    #[test]
    fn closing_marks_belong_to_the_sentence_before() {
        check("She called it “late.” ¦Then she left.");
        check("« Nous partons. » ¦Ils restent.");
        check("(It rained.) ¦We stayed.");
        check("Le port est fermé.[12] ¦La route aussi.²  ¦Le pont non.");
        check("He asked \"Why?\" ¦Nobody knew. ¦\"Ask them.\"");
    }

    #[test]
    fn a_sentence_may_begin_inside_a_quotation() {
        check("He warned them: “The well is dry. ¦I will not drink.”");
    }

    #[test]
    fn emoji_after_the_end_belong_to_the_sentence() {
        check("On a gagné ! 🎉🎉 ¦Merci à tous.");
        check("Good news for the whole street 🎉 ¦My aunt is back");
        check("🛑 Dakar 🇸🇳 Grande marche demain.");
        check("Bravo à toute l’équipe 👨‍👩‍👧‍👦 ¦On continue !");
    }

    #[test]
    fn an_ellipsis_ends_only_a_sentence_of_some_length() {
        check("Nobody came to the meeting... ¦The room was empty.");
        check("Euh… Oui.");
        check("Il cite « la ville [...] Elle dort » de mémoire.");
    }

    #[test]
    fn tags_after_the_last_end_are_a_piece_of_their_own() {
        check("Le pont est ouvert. ¦#Podor @mairie_podor");
        check("Le pont est ouvert 🎉 ¦https://t.co/Ab1");
        check("Le pont est ouvert ¦#Podor #Fleuve 🎉");
        check("I love #Podor");
        check("Merci à @mairie_podor");
        check("#Podor @mairie_podor");
        check("#Podor s’éveille. ¦Bravo.");
    }

    #[test]
    fn list_items_are_sentences() {
        check("1. Wash the rice ¦2. Boil it ¦3. Eat");
        check("a) wash the rice ¦b) boil it");
        check("• 1. Wash the rice ¦• 2. Boil it");
        check("To do:\n¦- rice\n¦- salt");
        check("We need 2. ¦You have 3.");
    }

    #[test]
    fn only_a_blank_line_ends_a_sentence_without_a_mark() {
        check("The road is\nclosed");
        check("The road is\r\nclosed");
        check("The road\r\n\r\n¦is closed");
        check("The road\u{2029}\u{2029}¦is closed");
    }

    #[test]
    fn a_missing_space_is_read_over_but_not_in_links() {
        check("The road is closed.¦The bus waits.");
        check("Write to awa.Sow@example.org or see example.com/Page.Html today.");
        check("Il vit à St.Louis.");
    }

    #[test]
    fn decomposed_accents_change_nothing() {
        check("Il est arrive\u{301}. ¦E\u{301}coutez-le.");
        check("Le livre d’E\u{301}. Ndiaye.");
    }

    #[test]
    fn nothing_but_space_has_no_sentence() {
        assert!(RuleSentenceSplitter.split("").is_empty());
        assert!(RuleSentenceSplitter.split(" \r\n\u{a0}").is_empty());
    }
}
