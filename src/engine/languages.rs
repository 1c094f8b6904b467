//! The languages of a Marian model: what its files say of them, and the tokens such as `>>fra<<` by which
//! a multilingual model is told which one to write.

use std::path::{Component, Path};

use super::marian_files::Diglot;
use super::tokens::TokenizerConfig;
use crate::model::ModelFiles;
use crate::translate::{LanguagePair, NamedPair};
use crate::{Error, Language};

/// What the files of a model say of its languages. A side has none where they say nothing, or name a group
/// of languages (`mul`, `roa`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Stated {
    pub(super) source: Option<Language>,
    pub(super) target: Option<Language>,
}

/// A token that tells a model which language to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TargetToken(pub(super) u32);

impl Stated {
    /// Each side by the first that names it: the `diglot` object of `config.json`, `tokenizer_config.json`,
    /// and the name of the model, `opus-mt-fr-en`.
    pub(super) fn of(model: &str, diglot: &Diglot, tokenizer: &TokenizerConfig) -> Self {
        let of = |source: &Option<String>, target: &Option<String>| Self {
            source: source.as_deref().and_then(language_of),
            target: target.as_deref().and_then(language_of),
        };
        let named = of(&diglot.source_lang, &diglot.target_lang);
        let named = named.or(of(&tokenizer.source_lang, &tokenizer.target_lang));
        named.or(in_name(model))
    }

    /// The pair, where both sides are known.
    pub(super) fn pair(self) -> Option<LanguagePair> {
        let (source, target) = (self.source?, self.target?);
        (source != target).then_some(LanguagePair { source, target })
    }

    fn or(self, other: Self) -> Self {
        Self {
            source: self.source.or(other.source),
            target: self.target.or(other.target),
        }
    }
}

/// The token by which a model with these `codes` writes the target of `wanted`; `None` where it needs none:
/// it has no codes, or is stated to write this very language without one.
///
/// # Errors
///
/// When there is no such token, or more than one.
pub(super) fn target_token(
    files: &ModelFiles,
    codes: &[(String, u32)],
    wanted: &NamedPair,
    stated: Stated,
) -> Result<Option<TargetToken>, Error> {
    let language = wanted.pair.target;
    if let Some(variant) = &wanted.variant {
        let found = codes.iter().find(|(code, _)| code == variant);
        return found
            .map(|&(_, id)| Some(TargetToken(id)))
            .ok_or_else(|| unknown(files, &format!("`>>{variant}<<`"), codes));
    }
    let mut whole: Vec<_> = codes
        .iter()
        .filter(|(code, _)| language_of_code(code) == Some(language) && !code.contains('_'))
        .collect();
    // `>>fr<<` before `>>fra<<`: the list is sorted by length.
    whole.sort_by_key(|(code, _)| code.len());
    if let Some(&&(_, id)) = whole.first() {
        return Ok(Some(TargetToken(id)));
    }
    let variants: Vec<_> = codes
        .iter()
        .filter(|(code, _)| language_of_code(code) == Some(language))
        .collect();
    match variants[..] {
        [&(_, id)] => Ok(Some(TargetToken(id))),
        [] if codes.is_empty() || stated.target == Some(language) => Ok(None),
        [] => Err(unknown(files, &format!("for `{language}`"), codes)),
        _ => {
            let list = listed(variants.into_iter());
            let message = format!(
                "expected one way to write `{language}`, found {list}; `{}-CODE` as the pair says which",
                wanted.pair.source
            );
            Err(Error::model(files.name(), message))
        }
    }
}

/// The codes as a sentence lists them.
fn listed<'a>(codes: impl Iterator<Item = &'a (String, u32)>) -> String {
    let codes: Vec<String> = codes.map(|(code, _)| format!("`>>{code}<<`")).collect();
    codes.join(", ")
}

fn unknown(files: &ModelFiles, wanted: &str, codes: &[(String, u32)]) -> Error {
    let found = if codes.is_empty() {
        "none".to_owned()
    } else {
        listed(codes.iter())
    };
    let message = format!("expected a target token {wanted} in `vocab.json`, found {found}");
    Error::model(files.name(), message)
}

/// The language of a code, whatever script or country stands behind it.
fn language_of_code(code: &str) -> Option<Language> {
    language_of(code.split('_').next()?)
}

/// A language by the code that a model's files give it: one of two or three letters, perhaps of a language
/// that counts as part of a larger one.
fn language_of(code: &str) -> Option<Language> {
    let code = code.split(['_', '-']).next()?.to_ascii_lowercase();
    let within = WITHIN.iter().find(|(part, _)| *part == code);
    let language: Language = within.map_or(code.as_str(), |(_, whole)| whole).parse().ok()?;
    (!NO_LANGUAGE.contains(&language.as_str())).then_some(language)
}

/// Codes of ISO 639-3 for what is no one language: several, uncoded, undetermined, none.
const NO_LANGUAGE: [&str; 4] = ["mul", "mis", "und", "zxx"];

/// Individual languages that models name where language detectors and people name the macrolanguage
/// (ISO 639-3).
const WITHIN: [(&str, &str); 20] = [
    ("als", "sq"),
    ("arb", "ar"),
    ("azj", "az"),
    ("cmn", "zh"),
    ("ekk", "et"),
    ("gug", "gn"),
    ("khk", "mn"),
    ("kmr", "ku"),
    ("lvs", "lv"),
    ("npi", "ne"),
    ("ory", "or"),
    ("pbt", "ps"),
    ("pes", "fa"),
    ("plt", "mg"),
    ("prs", "fa"),
    ("quy", "qu"),
    ("swh", "sw"),
    ("uzn", "uz"),
    ("ydd", "yi"),
    ("zsm", "ms"),
];

/// The languages that a model's name ends in: `opus-mt-fr-en`, `opus-mt-tc-big-fr-en`, `fr-en`. Of a path
/// the last part that is such a name counts, also in the form that a cache gives a repository,
/// `models--Helsinki-NLP--opus-mt-fr-en`.
fn in_name(name: &str) -> Stated {
    let parts: Vec<&str> = Path::new(name)
        .components()
        .filter_map(|part| match part {
            Component::Normal(part) => part.to_str(),
            _ => None,
        })
        .collect();
    parts
        .iter()
        .rev()
        .find_map(|part| in_part(part))
        .unwrap_or_default()
}

fn in_part(name: &str) -> Option<Stated> {
    let name = name.rsplit("--").next()?;
    let of_opus = name.strip_prefix("opus-mt-");
    let (before, target) = of_opus.unwrap_or(name).rsplit_once('-')?;
    let stated = Stated {
        source: language_of(before.rsplit('-').next()?),
        target: language_of(target),
    };
    let is_pair = stated.pair().is_some() && !before.contains('-');
    (of_opus.is_some() || is_pair).then_some(stated)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(stated: Stated) -> String {
        let side = |language: Option<Language>| language.map_or("?", Language::as_str);
        format!("{} {}", side(stated.source), side(stated.target))
    }

    #[test]
    fn names_give_the_languages_that_they_end_in() {
        for (name, expected) in [
            ("opus-mt-fr-en", "fr en"),
            ("Helsinki-NLP/opus-mt-tc-big-fra-eng", "fr en"),
            ("models/opus-mt-en-roa/", "en ?"),
            ("opus-mt-ROMANCE-en", "? en"),
            ("opus-mt-en-zh", "en zh"),
            (
                "/cache/models--Helsinki-NLP--opus-mt-es-en/snapshots/0a1b2c",
                "es en",
            ),
            ("opus-mt-tc-big-en-pt", "en pt"),
            ("opus-mt-gmw-gmw", "? ?"),
            ("opus-mt-mul-en", "? en"),
            ("weights/de-en", "de en"),
            ("some-model-is-no", "? ?"),
            ("fr-en/final", "fr en"),
            ("opus-mt", "? ?"),
            ("opus-mt-fr", "? ?"),
            ("", "? ?"),
        ] {
            assert_eq!(shown(in_name(name)), expected, "{name}");
        }
    }

    #[test]
    fn each_side_is_taken_from_the_first_that_names_it() {
        let tokenizer: TokenizerConfig =
            serde_json::from_str(r#"{"source_lang":"fra","target_lang":"roa"}"#).unwrap();
        let diglot: Diglot = serde_json::from_str(r#"{"target_lang":"it"}"#).unwrap();
        let stated = |diglot: &Diglot| shown(Stated::of("opus-mt-es-pt", diglot, &tokenizer));
        assert_eq!(stated(&diglot), "fr it");
        assert_eq!(stated(&Diglot::default()), "fr pt");
    }

    fn token(codes: &[&str], pair: &str, stated: &str) -> Result<Option<u32>, String> {
        let codes: Vec<(String, u32)> = (0u32..)
            .zip(codes)
            .map(|(id, code)| ((*code).to_owned(), id))
            .collect();
        let files = ModelFiles::Directory("m".into());
        let token = target_token(&files, &codes, &pair.parse().unwrap(), in_name(stated));
        token
            .map(|token| token.map(|token| token.0))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_target_language_chooses_its_token() {
        let check = |codes: &[&str], pair: &str, expected: Option<u32>| {
            assert_eq!(token(codes, pair, ""), Ok(expected), "{codes:?} {pair}");
        };
        check(&["fra", "spa"], "en-es", Some(1));
        check(&["fr_BE", "fr_CA", "fr", "fra"], "en-fr", Some(2));
        check(&["cmn_Hans", "fra"], "en-zh", Some(0));
        check(&["srp_Cyrl", "srp_Latn"], "en-srp_Latn", Some(1));
        check(&["pob", "por"], "en-pt", Some(1));
        check(&[], "en-fr", None);
    }

    #[test]
    fn a_missing_or_ambiguous_token_is_an_error_that_lists_those_there_are() {
        assert_eq!(
            token(&["fra", "spa"], "en-de", "").unwrap_err(),
            "model `m`: expected a target token for `de` in `vocab.json`, found `>>fra<<`, `>>spa<<`"
        );
        assert_eq!(
            token(&["srp_Cyrl", "srp_Latn", "spa"], "en-sr", "").unwrap_err(),
            "model `m`: expected one way to write `sr`, found `>>srp_Cyrl<<`, `>>srp_Latn<<`; \
             `en-CODE` as the pair says which"
        );
        assert_eq!(
            token(&[], "en-srp_Latn", "").unwrap_err(),
            "model `m`: expected a target token `>>srp_Latn<<` in `vocab.json`, found none"
        );
    }

    #[test]
    fn a_model_of_one_language_needs_no_token() {
        assert_eq!(token(&["xyz"], "fr-en", "opus-mt-fr-en"), Ok(None));
        assert!(token(&["xyz"], "fr-de", "opus-mt-fr-en").is_err());
    }
}
