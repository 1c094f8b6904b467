//! Short closed lists of English and French words that the rules around names need.

/// Forms of address and ranks that stand before a person's name and are no part of it.
///
/// The French training data hold the title in half of the cases (105 of 204 mentions in the
/// development part), the English in few; the label scheme leaves titles out.
const TITLES: &[&str] = &[
    "adjudant",
    "admiral",
    "amb",
    "ambassadeur",
    "ambassador",
    "ambassadrice",
    "amiral",
    "archbishop",
    "baron",
    "baroness",
    "baronne",
    "bishop",
    "brigadier",
    "capitaine",
    "capt",
    "captain",
    "caporal",
    "chancelier",
    "chancellor",
    "cmdt",
    "col",
    "colonel",
    "commandant",
    "commander",
    "commissaire",
    "commissioner",
    "comte",
    "comtesse",
    "corporal",
    "cpl",
    "deputy",
    "docteur",
    "doctor",
    "dr",
    "drs",
    "duc",
    "duchesse",
    "gen",
    "general",
    "gouverneur",
    "gov",
    "governor",
    "gén",
    "général",
    "imam",
    "judge",
    "juge",
    "lieutenant",
    "lt",
    "m",
    "madame",
    "mademoiselle",
    "maire",
    "maitre",
    "maj",
    "major",
    "marquis",
    "marquise",
    "marshal",
    "maréchal",
    "maître",
    "mayor",
    "me",
    "mgr",
    "minister",
    "ministre",
    "mlle",
    "mlles",
    "mm",
    "mme",
    "mmes",
    "monseigneur",
    "monsieur",
    "mr",
    "mrs",
    "ms",
    "president",
    "pr",
    "prof",
    "professeur",
    "professeure",
    "professor",
    "président",
    "présidente",
    "rep",
    "rev",
    "reverend",
    "sen",
    "senator",
    "sergeant",
    "sergent",
    "sgt",
    "sheikh",
    "sir",
    "sénateur",
    "sénatrice",
];

/// Words that do not name anything by themselves: articles, prepositions, conjunctions, pronouns.
const FUNCTION_WORDS: &[&str] = &[
    "a", "an", "and", "as", "at", "au", "aux", "avec", "but", "by", "ce", "ces", "cet", "cette", "chez", "d",
    "dans", "de", "des", "du", "elle", "en", "et", "for", "from", "he", "her", "his", "il", "ils", "in",
    "into", "is", "it", "its", "l", "la", "le", "les", "leur", "leurs", "mais", "my", "ne", "nos", "notre",
    "nous", "of", "on", "onto", "or", "ou", "our", "par", "pas", "pour", "qu", "que", "qui", "sa", "sans",
    "se", "ses", "she", "son", "sous", "sur", "that", "the", "their", "they", "this", "to", "un", "une",
    "upon", "vers", "vos", "votre", "vous", "was", "we", "were", "with", "you", "your", "à", "y", "are",
    "est", "sont",
];

/// Words that follow a person's name and never stand in one.
const CLAUSE_WORDS: &[&str] = &[
    "and", "est", "et", "had", "has", "is", "n'", "ne", "n’", "pas", "qui", "que", "said", "says", "sont",
    "was", "who", "will", "with",
];

/// Articles, which the data leave out of names where they are in lower case (352 of 370 in development).
const ARTICLES: &[&str] = &["a", "an", "la", "le", "les", "the", "un", "une"];

/// Abbreviations whose full stop belongs to them; single letters and dotted letters need no list.
const ABBREVIATIONS: &[&str] = &[
    "bros", "capt", "cie", "co", "col", "corp", "dr", "ft", "gen", "gov", "inc", "jr", "lt", "ltd", "mr",
    "mrs", "ms", "mt", "prof", "rep", "rev", "sen", "sgt", "sr", "st", "ste",
];

/// Words in lower case, and a few with capitals, that join the parts of a person's name.
const NAME_PARTICLES: &[&str] = &[
    "ag", "al", "ben", "bin", "bint", "da", "di", "dos", "du", "d’", "d'", "de", "des", "el", "la", "le",
    "ould", "oued", "van", "vom", "von", "walad", "wallet", "y",
];

/// What may follow a person's name as a part of it.
const NAME_SUFFIXES: &[&str] = &["II", "III", "IV", "Jr", "Jr.", "Junior", "Sr", "Sr."];

/// Days and months, which have capitals in English without being names.
const CALENDAR: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Whether `word`, with or without a final full stop, is a form of address or a rank, in any case.
pub(crate) fn is_title(word: &str) -> bool {
    listed(TITLES, word.strip_suffix('.').unwrap_or(word))
}

/// Whether `word` is a function word, in any case; an elided one may carry its apostrophe.
pub(crate) fn is_function_word(word: &str) -> bool {
    listed(FUNCTION_WORDS, word.trim_end_matches(['\'', '’']))
}

/// Whether `word`, in lower case, begins what is said of a person and stands in no person's name.
pub(crate) fn begins_clause(word: &str) -> bool {
    CLAUSE_WORDS.contains(&word)
}

/// Whether `word` is an article in lower case.
pub(crate) fn is_lower_article(word: &str) -> bool {
    ARTICLES.contains(&word)
}

/// Whether `word` is an article, in any case.
pub(crate) fn is_article(word: &str) -> bool {
    listed(ARTICLES, word)
}

/// Whether a full stop after `word` belongs to it.
pub(crate) fn is_abbreviation(word: &str) -> bool {
    listed(ABBREVIATIONS, word)
}

/// Whether `word` joins the parts of a person's name.
pub(crate) fn is_name_particle(word: &str) -> bool {
    listed(NAME_PARTICLES, word)
}

/// Whether `word` follows a person's name as a part of it.
pub(crate) fn is_name_suffix(word: &str) -> bool {
    NAME_SUFFIXES.contains(&word)
}

/// Whether `word` is an English day or month.
pub(crate) fn is_calendar(word: &str) -> bool {
    listed(CALENDAR, word)
}

/// Whether `word` has the ending of an English word for a nationality or region.
pub(crate) fn is_nationality(word: &str) -> bool {
    let endings = ["ian", "ean", "can", "ese", "ish", "ch"];
    word.starts_with(char::is_uppercase)
        && !word.contains(char::is_whitespace)
        && endings.iter().any(|ending| word.ends_with(ending))
}

/// Whether `word` has the ending of a French adjective, as French names in English text may end in one.
pub(crate) fn is_french_adjective(word: &str) -> bool {
    let endings = [
        "ale", "ales", "aine", "aines", "aise", "ique", "iques", "ienne", "iennes", "iste", "ée", "ées",
    ];
    endings.iter().any(|ending| word.ends_with(ending))
}

fn listed(list: &[&str], word: &str) -> bool {
    list.contains(&word.to_lowercase().as_str())
}
