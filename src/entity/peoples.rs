//! Names of peoples and currencies, which a closed list knows better than a small model.

use super::words::{Word, WordKind, words_in};
use super::{Label, Mention, lexicon};
use crate::language::Language;

/// The score of a mention that only the list tells.
const LISTED: f32 = 0.9;

/// English words for peoples and what is theirs, in the singular. Words that are rather something else alone
/// (`Christian`, `Finn`, `Pole`, `Polish` at the front of a sentence) are left out or only there in the plural.
const ENGLISH: &str = "Afghan African Albanian Algerian American Andorran Angolan Arab Arabic Argentine Argentinian Armenian Asian \
Australian Austrian Azerbaijani Azeri Bahraini Bambara Bangladeshi Bantu Barbadian Basque Bavarian Belarusian Belgian Belgians Beninese \
Berber Bissau-Guinean Bolivian Bosnian Botswanan Brazilian Breton British Briton Bulgarian Burkinabe Burkinabé Burmese Burundian \
Cambodian Cameroonian Canadian Catalan Chadian Chechen Chilean Chinese Colombian Comorian Congolese Corsican Croat Croatian \
Cuban Cypriot Czech Dane Danish Djiboutian Dogon Dominican Dutch Dutchman Dutchmen Ecuadorian Egyptian Emirati English Englishman \
Englishmen Eritrean Estonian Ethiopian European Fijian Filipino Finnish Flemish French Frenchman Frenchmen Frenchwoman Frenchwomen \
Fulani Gabonese Gambian Gazan Georgian German Ghanaian Greek Guatemalan Guinean Guyanese Haitian Hausa Honduran Hungarian Icelandic Igbo \
Indian Indonesian Iranian Iraqi Irish Irishman Irishmen Israeli Italian Ivorian Jamaican Japanese Jewish Jordanian Kazakh Kenyan \
Korean Kosovar Kurd Kurdish Kuwaiti Kyrgyz Laotian Latvian Lebanese Liberian Libyan Lithuanian Luxembourgish Macedonian Malagasy \
Malawian Malaysian Malian Maltese Mauritanian Mauritian Mexican Moldovan Mongolian Montenegrin Moroccan Mozambican Muslim \
Namibian Nepalese Nepali Nicaraguan Nigerian Nigerien Norwegian Omani Ottoman Pakistani Palestinian Panamanian Paraguayan Persian \
Peruvian Peul Poles Portuguese Qatari Romanian Russian Rwandan Salvadoran Saudi Scot Scottish Senegalese Serb Serbian Singaporean \
Slovak Slovakian Slovene Slovenian Somali Songhai Spaniard Spanish Sudanese Surinamese Swede Swedish Swiss Syrian Taiwanese Tajik \
Tamil Tanzanian Thai Tibetan Togolese Tuareg Tunisian Turk Turkish Turkmen Ugandan Ukrainian Uruguayan Uyghur Uzbek Venezuelan \
Vietnamese Welsh Wolof Yemeni Yoruba Zambian Zimbabwean Zulu";

/// French names of peoples, masculine singular; other forms are made of them. As adjectives they are in lower case.
const FRENCH: &str = "Afghan Africain Albanais Algérien Allemand Américain Andorran Anglais Angolais Arabe Argentin Arménien Asiatique \
Australien Autrichien Azerbaïdjanais Bahreïnien Bambara Bangladais Basque Belge Béninois Berbère Biélorusse Birman Bissau-Guinéen \
Bolivien Bosnien Botswanais Brésilien Breton Britannique Bulgare Burkinabè Burkinabé Burundais Cambodgien Camerounais Canadien \
Catalan Centrafricain Chilien Chinois Chypriote Colombien Comorien Congolais Coréen Corse Costaricien Croate Cubain Danois Djiboutien Dogon \
Dominicain Écossais Égyptien Émirati Équatorien Érythréen Espagnol Estonien Éthiopien Européen Finlandais Flamand Français Gabonais \
Gallois Gambien Géorgien Ghanéen Grec Guadeloupéen Guatémaltèque Guinéen Guyanais Haïtien Haoussa Hondurien Hongrois Indien Indonésien \
Irakien Iranien Irlandais Islandais Israélien Italien Ivoirien Jamaïcain Japonais Jordanien Kabyle Kazakh Kényan Kirghiz Kosovar \
Koweïtien Kurde Laotien Letton Libanais Libérien Libyen Lituanien Luxembourgeois Macédonien Maghrébin Malaisien Malawien Malgache \
Malien Maltais Marocain Martiniquais Mauricien Mauritanien Mexicain Moldave Mongol Monténégrin Mozambicain Namibien Néerlandais Népalais \
Nicaraguayen Nigérian Nigérien Norvégien Ougandais Ouzbek Pakistanais Palestinien Panaméen Paraguayen Péruvien Peul Philippin Polonais \
Portoricain Portugais Qatari Québécois Réunionnais Roumain Russe Rwandais Sahélien Saoudien Sénégalais Serbe Singapourien Slovaque Slovène \
Somalien Songhaï Soudanais Sri-Lankais Suédois Suisse Syrien Tadjik Taïwanais Tanzanien Tchadien Tchèque Tchétchène Thaïlandais Togolais \
Touareg Tunisien Turc Turkmène Ukrainien Uruguayen Vénézuélien Vietnamien Wolof Yéménite Yoruba Zambien Zimbabwéen";

/// Feminine and plural forms that the endings do not give.
const IRREGULAR: &[(&str, &str)] = &[
    ("Turque", "Turc"),
    ("Grecque", "Grec"),
    ("Lettone", "Letton"),
    ("Bretonne", "Breton"),
];

/// Gives a word that names a people, and stands alone, the label MISC, also where the model saw no name in it.
///
/// A word with a capital behind it that no mention holds may be a name with it (`American Airlines`): there only what the
/// model says counts. `mentions` are sorted and stay so.
pub(super) fn label_peoples(sentence: &str, words: &[Word], language: Language, mentions: &mut Vec<Mention>) {
    let mut added = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if word.kind != WordKind::Text || !is_people(word.text(sentence), language) {
            continue;
        }
        let holder = mentions
            .iter()
            .position(|mention| words_in(words, mention.span).contains(&at));
        match holder {
            Some(holder) if mentions[holder].span == word.span => mentions[holder].label = Label::Misc,
            None if stands_alone(sentence, words, at, mentions) => added.push(Mention {
                span: word.span,
                label: Label::Misc,
                score: LISTED,
            }),
            _ => {}
        }
    }
    mentions.extend(added);
    mentions.sort_by_key(|mention| mention.span.start());
    label_currencies(sentence, words, mentions);
}

/// Gives a name of one word beside the name of a currency the label MISC: `2,000 CFA francs`, `francs CFA`.
fn label_currencies(sentence: &str, words: &[Word], mentions: &mut [Mention]) {
    let is_currency = |at: Option<usize>| {
        let word = at.and_then(|at| words.get(at));
        word.is_some_and(|word| CURRENCIES.contains(&word.text(sentence)))
    };
    for mention in mentions.iter_mut() {
        let range = words_in(words, mention.span);
        if range.len() == 1 && (is_currency(range.start.checked_sub(1)) || is_currency(Some(range.end))) {
            mention.label = Label::Misc;
        }
    }
}

/// Currencies that several countries call so.
const CURRENCIES: [&str; 11] = [
    "franc",
    "francs",
    "dollar",
    "dollars",
    "dinar",
    "dinars",
    "pound",
    "pounds",
    "shilling",
    "shillings",
    "riyals",
];

/// Whether no name may go on behind word `at`: the next word has no capital, or is a name of its own.
pub(super) fn stands_alone(sentence: &str, words: &[Word], at: usize, mentions: &[Mention]) -> bool {
    let Some(next) = words.get(at + 1).filter(|next| next.is_capitalised(sentence)) else {
        return true;
    };
    let joined = sentence[words[at].span.end()..next.span.start()]
        .chars()
        .all(char::is_whitespace);
    !joined
        || lexicon::is_title(next.text(sentence))
        || mentions
            .iter()
            .any(|mention| mention.span.start() == next.span.start())
}

/// Whether `word` is in the list of its language, in any number and gender.
pub(crate) fn is_people(word: &str, language: Language) -> bool {
    if !word.starts_with(char::is_uppercase) {
        return false;
    }
    let singular = word.strip_suffix('s').unwrap_or(word);
    if language == Language::ENGLISH {
        return listed(ENGLISH, word) || listed(ENGLISH, singular);
    }
    if language != Language::FRENCH {
        return false;
    }
    let masculine = IRREGULAR
        .iter()
        .find(|(form, _)| *form == singular)
        .map(|(_, masculine)| *masculine);
    let forms = [
        Some(word),
        Some(singular),
        masculine,
        singular.strip_suffix('e'),
        singular.strip_suffix("ne"),
    ];
    forms.into_iter().flatten().any(|form| listed(FRENCH, form))
}

fn listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;
    use crate::Span;

    /// `found` are the names that the model saw, with their labels.
    #[track_caller]
    fn check(language: Language, sentence: &str, found: &[(&str, Label)], expected: &[(&str, Label)]) {
        let mention = |&(name, label): &(&str, Label)| {
            let start = sentence.find(name).unwrap();
            Mention {
                span: Span::new(start, start + name.len()),
                label,
                score: 0.5,
            }
        };
        let mut mentions: Vec<Mention> = found.iter().map(mention).collect();
        label_peoples(sentence, &words(sentence), language, &mut mentions);
        let found: Vec<_> = mentions
            .iter()
            .map(|m| (m.span.of(sentence).unwrap(), m.label))
            .collect();
        assert_eq!(found, expected, "the peoples of `{sentence}`");
    }

    #[test]
    fn peoples_are_other_names() {
        let en = Language::ENGLISH;
        check(
            en,
            "Two Malians and a Turkish driver",
            &[("Turkish", Label::Org)],
            &[("Malians", Label::Misc), ("Turkish", Label::Misc)],
        );
        check(
            Language::FRENCH,
            "Les Nigériennes, des Turques et un chauffeur malien",
            &[],
            &[("Nigériennes", Label::Misc), ("Turques", Label::Misc)],
        );
    }

    #[test]
    fn names_beside_a_currency_are_other_names() {
        let org = [("CFA", Label::Org)];
        let misc = [("CFA", Label::Misc)];
        check(Language::ENGLISH, "a ticket costs 300 CFA francs", &org, &misc);
        check(Language::FRENCH, "le billet coûte 300 francs CFA.", &org, &misc);
        check(Language::ENGLISH, "the CFA met on Monday", &org, &org);
    }

    #[test]
    fn longer_names_stay_whole() {
        let en = Language::ENGLISH;
        check(
            en,
            "the Malian Rowing Club",
            &[("Malian Rowing Club", Label::Org)],
            &[("Malian Rowing Club", Label::Org)],
        );
        check(en, "a French Harbour Board", &[], &[]);
        check(en, "the French President spoke", &[], &[("French", Label::Misc)]);
        check(en, "the French. Harbour", &[], &[("French", Label::Misc)]);
        check(
            en,
            "Ghanaian Esi Ofori",
            &[("Esi Ofori", Label::Per)],
            &[("Ghanaian", Label::Misc), ("Esi Ofori", Label::Per)],
        );
    }

    #[test]
    fn words_of_other_languages_and_in_lower_case_are_none() {
        check(Language::FRENCH, "le French cut", &[], &[]);
        check(Language::ENGLISH, "polish the malian", &[], &[]);
        assert!(is_people("Guinéenne", Language::FRENCH) && is_people("Allemandes", Language::FRENCH));
        assert!(!is_people("Peine", Language::FRENCH) && !is_people("", Language::ENGLISH));
    }
}
