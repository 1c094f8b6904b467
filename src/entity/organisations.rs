//! Words by which organisations are known: closed lists of English and French.

use super::fold::folded_words;

/// Nouns that open the name of an organisation and govern what follows: `Ministère de la Santé`.
///
/// Folded, as are all lists here.
const OPENING: &[&str] = &[
    "academie",
    "academy",
    "agence",
    "agency",
    "alliance",
    "ambassade",
    "assemblee",
    "association",
    "autorite",
    "ballet",
    "bank",
    "banque",
    "board",
    "brigade",
    "bureau",
    "caisse",
    "cellule",
    "centrale",
    "centre",
    "cercle",
    "chambre",
    "cinematheque",
    "city",
    "clinique",
    "coalition",
    "collectif",
    "college",
    "comite",
    "commission",
    "committee",
    "commune",
    "compagnie",
    "confederation",
    "conseil",
    "consulat",
    "convention",
    "cooperative",
    "coordination",
    "council",
    "cour",
    "croissant",
    "croix",
    "departement",
    "department",
    "diocese",
    "direction",
    "ecole",
    "embassy",
    "entreprise",
    "faculte",
    "faculty",
    "federation",
    "fondation",
    "fonds",
    "force",
    "forces",
    "forum",
    "foundation",
    "front",
    "fund",
    "gazette",
    "gendarmerie",
    "groupe",
    "groupement",
    "haut",
    "hopital",
    "hospital",
    "inspection",
    "institut",
    "institute",
    "journal",
    "laboratoire",
    "league",
    "ligue",
    "lycee",
    "mairie",
    "maison",
    "ministere",
    "ministry",
    "mouvement",
    "movement",
    "mutuelle",
    "observatoire",
    "office",
    "orchestra",
    "orchestre",
    "ordre",
    "organisation",
    "organization",
    "parlement",
    "parti",
    "party",
    "police",
    "prefecture",
    "radio",
    "rassemblement",
    "regie",
    "reseau",
    "school",
    "secretariat",
    "senat",
    "service",
    "societe",
    "society",
    "syndicat",
    "theatre",
    "tribunal",
    "union",
    "universite",
    "university",
    "ville",
];

/// Those of them that name an organisation in lower case too: `le ministère de la Santé`.
const OPENING_IN_LOWER_CASE: &[&str] = &["ministere", "universite", "ecole", "lycee", "hopital"];

/// Those that stand right before a proper name, without a preposition: `Radio Mandé`.
const BEFORE_NAMES: &[&str] = &[
    "ac",
    "agence",
    "as",
    "asc",
    "association",
    "ballet",
    "banque",
    "clinique",
    "collectif",
    "fc",
    "fondation",
    "groupe",
    "hopital",
    "institut",
    "lycee",
    "operation",
    "orchestra",
    "orchestre",
    "radio",
    "rc",
    "sc",
    "universite",
];

/// Those that take two complements: `Ministère de la Santé et de l’Hygiène`.
const PAIRED: &[&str] = &[
    "association",
    "department",
    "departement",
    "direction",
    "institut",
    "ministere",
    "ministry",
];

/// Nouns that close the name of an organisation in English: `Harbour Workers’ Association`.
const CLOSING: &[&str] = &[
    "academy",
    "agency",
    "alliance",
    "association",
    "authority",
    "bank",
    "board",
    "church",
    "coalition",
    "college",
    "commission",
    "committee",
    "confederation",
    "congress",
    "corporation",
    "council",
    "department",
    "federation",
    "forces",
    "foundation",
    "front",
    "fund",
    "gazette",
    "herald",
    "hospital",
    "initiative",
    "institute",
    "institution",
    "league",
    "ministry",
    "movement",
    "network",
    "orchestra",
    "organisation",
    "organization",
    "parliament",
    "party",
    "police",
    "railways",
    "school",
    "secretariat",
    "society",
    "tribune",
    "union",
    "university",
];

/// Legal forms, which close names in both languages.
const LEGAL_FORMS: &[&str] = &[
    "co", "corp", "gmbh", "inc", "llc", "ltd", "plc", "sa", "sarl", "sas",
];

/// Nouns that open the name of an event: `Coupe des Trois Lacs`, `Operation Sandstorm`.
const EVENTS: &[&str] = &[
    "accord",
    "championnat",
    "coupe",
    "festival",
    "operation",
    "prix",
    "traite",
];

/// Words that tell an account of an organisation from a person's, besides the nouns above.
const CUES: &[&str] = &[
    "actu",
    "actualites",
    "asso",
    "club",
    "commune",
    "daily",
    "fc",
    "fm",
    "gouv",
    "gouvernement",
    "government",
    "info",
    "infos",
    "magazine",
    "media",
    "medias",
    "meteo",
    "musee",
    "museum",
    "news",
    "officiel",
    "officielle",
    "official",
    "post",
    "presidence",
    "press",
    "presse",
    "primature",
    "project",
    "rail",
    "review",
    "revue",
    "stream",
    "studio",
    "syndicale",
    "team",
    "times",
    "tv",
    "weekly",
];

/// Whether `word` opens the name of an organisation; one in lower case only if the noun is a strong one.
pub(crate) fn opens(word: &str) -> bool {
    let list = if word.starts_with(char::is_lowercase) {
        OPENING_IN_LOWER_CASE
    } else {
        OPENING
    };
    is_in(list, word) || stands_before_names(word)
}

/// Whether `word` is such a noun, however it is written.
pub(crate) fn opens_in_any_case(word: &str) -> bool {
    is_in(OPENING, word)
}

/// Whether a proper name may follow `word` without a preposition.
pub(crate) fn stands_before_names(word: &str) -> bool {
    let club = word.len() > 3 || word.chars().all(char::is_uppercase);
    club && word.starts_with(char::is_uppercase) && is_in(BEFORE_NAMES, word)
}

/// Whether `word` takes two complements.
pub(crate) fn is_paired(word: &str) -> bool {
    is_in(PAIRED, word)
}

/// Whether `word` closes the name of an organisation.
pub(crate) fn closes(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && is_in(CLOSING, word)
}

/// Whether `word` opens the name of an event.
pub(crate) fn opens_event(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && is_in(EVENTS, word)
}

/// Whether the name of an account reads like an organisation's.
pub(crate) fn is_organisation(name: &str) -> bool {
    let words = folded_words(name);
    let listed = |word: &String| {
        let known = |list: &[&str]| list.contains(&word.as_str());
        known(OPENING) || known(CLOSING) || known(LEGAL_FORMS) || known(CUES)
    };
    let alone = |word: &str| is_camel_case(word) || stands_before_names(word);
    let article = words.len() > 1 && ["le", "la", "les", "the"].contains(&words[0].as_str());
    article || name.contains('&') || words.iter().any(listed) || name.split_whitespace().any(alone)
}

/// Whether `word` is a legal form: `Inc.`, `SA`.
pub(crate) fn is_legal_form(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && is_in(LEGAL_FORMS, word)
}

/// Whether `word`, behind a name, says that the account is the real one.
pub(crate) fn is_official(word: &str) -> bool {
    is_in(&["officiel", "officielle", "official"], word)
}

/// Whether a capital stands inside a word after a small letter, as brands have it: `RailOuest`.
fn is_camel_case(word: &str) -> bool {
    let prefixes = [
        "Mc", "Mac", "De", "Di", "Du", "La", "Le", "Van", "Ben", "Al", "Fitz",
    ];
    let after_prefix = |prefix: &&str| {
        word.strip_prefix(*prefix)
            .is_some_and(|rest| rest.starts_with(char::is_uppercase))
    };
    let rest = prefixes
        .iter()
        .find(|prefix| after_prefix(prefix))
        .map_or(word, |prefix| &word[prefix.len()..]);
    let letters: Vec<char> = rest.chars().collect();
    letters
        .windows(2)
        .any(|pair| pair[0].is_lowercase() && pair[1].is_uppercase())
}

fn is_in(list: &[&str], word: &str) -> bool {
    matches!(folded_words(word).as_slice(), [only] if list.contains(&only.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(name: &str, expected: bool) {
        assert_eq!(
            is_organisation(name),
            expected,
            "whether `{name}` is an organisation's account"
        );
    }

    #[test]
    fn accounts_of_organisations_have_telling_words() {
        for name in [
            "Radio Tambali FM",
            "Mairie de Sirakoro",
            "Tambali Infos",
            "Sel & Sable",
            "RailOuest",
            "Le Fleuve",
            "Ambassade du Lac",
            "FC Tambali",
            "Zéphyr Logistics Ltd",
            "Collectif Fleuve Vert",
        ] {
            check(name, true);
        }
    }

    #[test]
    fn accounts_of_persons_have_none() {
        for name in [
            "Awa DIONTA",
            "Sidi McKane",
            "Anta DeLacroix",
            "Clara Ngo Sel",
            "Fatou B.",
            "Lea Sow",
            "Marie-Anne d’Ombrel",
        ] {
            check(name, false);
        }
    }

    #[test]
    fn short_words_open_names_only_in_capitals() {
        assert!(stands_before_names("AS") && stands_before_names("FC"));
        assert!(!stands_before_names("As") && !opens("as"));
        assert!(opens("ministère") && !opens("banque") && opens("Banque"));
    }
}
