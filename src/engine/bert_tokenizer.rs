//! The tokenizers of the BERT family: `tokenizer.json`, or the files that were usual before it.
//!
//! The older files are made into what `tokenizer.json` would say, so that there is one way to read both.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokenizers::Tokenizer;
use tokenizers::normalizers::{BertNormalizer, NormalizerWrapper, Precompiled};

use super::bert_files::Family;
use super::spm::UnigramModel;
use crate::Error;
use crate::model::ModelFiles;

/// The file that says all there is to say.
const WHOLE: &str = "tokenizer.json";
/// What is said about the other files.
const SETTINGS: &str = "tokenizer_config.json";
/// Where the names of the special tokens stand in old models.
const SPECIAL: &str = "special_tokens_map.json";
/// Tokens that were added to a vocabulary.
const ADDED: &str = "added_tokens.json";

const WORD_PIECE_FILE: &str = "vocab.txt";
const BYTE_FILES: [&str; 2] = ["vocab.json", "merges.txt"];
const SENTENCE_PIECE_FILE: &str = "sentencepiece.bpe.model";

/// The score of a piece that must not be chosen over the token of the same meaning.
const NEVER: f64 = -100.0;

/// Reads the tokenizer of a model, which will cut no sentence and fill none up.
///
/// # Errors
///
/// When there is none, or it is not what it should be.
pub(super) fn read(files: &ModelFiles, family: Family) -> Result<Tokenizer, Error> {
    let (file, mut tokenizer) = match files.read(WHOLE)? {
        Some(bytes) => {
            let mut tokenizer = parse(files, WHOLE, &bytes)?;
            read_json::<Settings>(files, SETTINGS)?.apply(&mut tokenizer);
            (WHOLE, tokenizer)
        }
        None => from_older_files(files, family)?,
    };
    // Overlong sentences are cut into windows, and batches need no padding.
    tokenizer.with_padding(None);
    tokenizer
        .with_truncation(None)
        .map_err(|error| invalid(files, file, error))?;
    Ok(tokenizer)
}

fn invalid(files: &ModelFiles, file: &str, message: impl std::fmt::Display) -> Error {
    Error::model(files.name(), format!("`{file}`: {message}"))
}

fn parse(files: &ModelFiles, file: &str, json: &[u8]) -> Result<Tokenizer, Error> {
    Tokenizer::from_bytes(json).map_err(|error| invalid(files, file, error))
}

/// How words are cut into tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    WordPiece,
    Bytes,
    SentencePiece(Fairseq),
}

/// Where fairseq put its special tokens among the pieces of a SentencePiece model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fairseq {
    XlmRoberta,
    Camembert,
}

impl Kind {
    /// The kind that the model's settings name, else that of its family.
    fn of(files: &ModelFiles, family: Family, settings: &Settings) -> Result<Self, Error> {
        let Some(class) = settings.tokenizer_class.as_deref() else {
            return Ok(match family {
                Family::Bert | Family::DistilBert | Family::Electra => Self::WordPiece,
                Family::Roberta => Self::Bytes,
                Family::XlmRoberta => Self::SentencePiece(Fairseq::XlmRoberta),
                Family::Camembert => Self::SentencePiece(Fairseq::Camembert),
            });
        };
        Ok(match class.strip_suffix("Fast").unwrap_or(class) {
            "BertTokenizer" | "DistilBertTokenizer" | "ElectraTokenizer" => Self::WordPiece,
            "RobertaTokenizer" => Self::Bytes,
            "XLMRobertaTokenizer" => Self::SentencePiece(Fairseq::XlmRoberta),
            "CamembertTokenizer" => Self::SentencePiece(Fairseq::Camembert),
            _ => {
                let message = format!(
                    "expected a file `{WHOLE}`, or the files of a BERT, RoBERTa, XLM-RoBERTa or CamemBERT tokenizer, \
                     found none and `{class}` in `{SETTINGS}`"
                );
                return Err(Error::model(files.name(), message));
            }
        })
    }

    /// The name that a special token has where the model does not say.
    fn default_name(self, token: Token) -> &'static str {
        match (self, token) {
            (Self::WordPiece, Token::Begin) => "[CLS]",
            (Self::WordPiece, Token::End) => "[SEP]",
            (Self::WordPiece, Token::Unknown) => "[UNK]",
            (Self::WordPiece, Token::Padding) => "[PAD]",
            (Self::WordPiece, Token::Mask) => "[MASK]",
            (_, Token::Begin) => "<s>",
            (_, Token::End) => "</s>",
            (_, Token::Unknown) => "<unk>",
            (_, Token::Padding) => "<pad>",
            (_, Token::Mask) => "<mask>",
        }
    }
}

/// What a special token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Begin,
    End,
    Unknown,
    Padding,
    Mask,
}

impl Token {
    const ALL: [Self; 5] = [Self::Begin, Self::End, Self::Unknown, Self::Padding, Self::Mask];
}

/// What `tokenizer_config.json` says that matters here. What is missing has the default of transformers.
#[derive(Default, Deserialize)]
struct Settings {
    tokenizer_class: Option<String>,
    do_lower_case: Option<bool>,
    strip_accents: Option<bool>,
    tokenize_chinese_chars: Option<bool>,
    add_prefix_space: Option<bool>,
    #[serde(flatten)]
    special: SpecialNames,
}

impl Settings {
    /// Changes a tokenizer where these settings contradict it: transformers puts them above `tokenizer.json`.
    fn apply(&self, tokenizer: &mut Tokenizer) {
        if let Some(NormalizerWrapper::BertNormalizer(found)) = tokenizer.get_normalizer() {
            let normalizer = BertNormalizer::new(
                found.clean_text,
                self.tokenize_chinese_chars.unwrap_or(found.handle_chinese_chars),
                self.strip_accents.or(found.strip_accents),
                self.do_lower_case.unwrap_or(found.lowercase),
            );
            tokenizer.with_normalizer(Some(normalizer));
        }
    }
}

/// The names of special tokens.
#[derive(Default, Deserialize)]
struct SpecialNames {
    cls_token: Option<TokenName>,
    sep_token: Option<TokenName>,
    unk_token: Option<TokenName>,
    pad_token: Option<TokenName>,
    mask_token: Option<TokenName>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum TokenName {
    Plain(String),
    Described { content: String },
}

impl SpecialNames {
    fn get(&self, token: Token) -> Option<&str> {
        let name = match token {
            Token::Begin => &self.cls_token,
            Token::End => &self.sep_token,
            Token::Unknown => &self.unk_token,
            Token::Padding => &self.pad_token,
            Token::Mask => &self.mask_token,
        };
        name.as_ref().map(|name| match name {
            TokenName::Plain(name) | TokenName::Described { content: name } => name.as_str(),
        })
    }
}

fn read_json<T: Default + for<'a> Deserialize<'a>>(files: &ModelFiles, file: &str) -> Result<T, Error> {
    match files.read(file)? {
        None => Ok(T::default()),
        Some(bytes) => serde_json::from_slice(&bytes).map_err(|error| invalid(files, file, error)),
    }
}

fn text(files: &ModelFiles, file: &str) -> Result<String, Error> {
    String::from_utf8(files.require(file)?.into_owned())
        .map_err(|_| invalid(files, file, "expected a text in UTF-8, found other bytes"))
}

/// Makes the tokenizer of the files that were usual before `tokenizer.json`, and names the main one.
fn from_older_files(files: &ModelFiles, family: Family) -> Result<(&'static str, Tokenizer), Error> {
    let settings: Settings = read_json(files, SETTINGS)?;
    let special: SpecialNames = read_json(files, SPECIAL)?;
    let kind = Kind::of(files, family, &settings)?;
    let file = match kind {
        Kind::WordPiece => WORD_PIECE_FILE,
        Kind::Bytes => BYTE_FILES[0],
        Kind::SentencePiece(_) => SENTENCE_PIECE_FILE,
    };
    if files.open(file)?.is_none() {
        let message = format!("expected a file `{WHOLE}` or `{file}`, found neither");
        return Err(Error::model(files.name(), message));
    }
    let plan = Plan {
        files,
        file,
        kind,
        settings,
        special,
    };
    Ok((file, plan.tokenizer()?))
}

/// What a tokenizer is made from.
struct Plan<'a> {
    files: &'a ModelFiles,
    /// The file with the vocabulary.
    file: &'static str,
    kind: Kind,
    settings: Settings,
    special: SpecialNames,
}

/// The parts of a `tokenizer.json` that depend on the kind.
struct Parts {
    model: Value,
    normalizer: Value,
    pre_tokenizer: Value,
    /// The ids of the tokens by their texts.
    ids: Ids,
    /// Other tokens that are found in a text before it is cut, and whether they are special.
    symbols: Vec<(String, bool)>,
    /// A SentencePiece model's rules of normalisation.
    rules: Vec<u8>,
}

type Ids = BTreeMap<String, u32>;

impl Plan<'_> {
    fn tokenizer(&self) -> Result<Tokenizer, Error> {
        let mut parts = match self.kind {
            Kind::WordPiece => self.word_piece()?,
            Kind::Bytes => self.bytes()?,
            Kind::SentencePiece(fairseq) => self.sentence_piece(fairseq)?,
        };
        let rules = std::mem::take(&mut parts.rules);
        let added = self.added_tokens(&parts)?;
        let json = json!({
            "version": "1.0",
            "truncation": null,
            "padding": null,
            "added_tokens": added,
            "normalizer": parts.normalizer,
            "pre_tokenizer": parts.pre_tokenizer,
            "post_processor": self.post_processor(&parts.ids)?,
            "decoder": null,
            "model": parts.model,
        });
        let mut tokenizer = parse(self.files, self.file, json.to_string().as_bytes())?;
        for token in &added {
            let (content, id) = (token["content"].as_str().unwrap_or_default(), &token["id"]);
            let found = tokenizer.token_to_id(content);
            if found.map(Value::from).as_ref() != Some(id) {
                let found = found.map_or("none".to_owned(), |id| id.to_string());
                return Err(self.invalid(format!("expected the id {id} for `{content}`, found {found}")));
            }
        }
        if !rules.is_empty() {
            let rules = Precompiled::from(&rules).map_err(|error| self.invalid(error))?;
            tokenizer.with_normalizer(Some(rules));
        }
        Ok(tokenizer)
    }

    fn invalid(&self, message: impl std::fmt::Display) -> Error {
        invalid(self.files, self.file, message)
    }

    fn name(&self, token: Token) -> &str {
        let said = self
            .settings
            .special
            .get(token)
            .or_else(|| self.special.get(token));
        said.unwrap_or_else(|| self.kind.default_name(token))
    }

    fn word_piece(&self) -> Result<Parts, Error> {
        let text = text(self.files, self.file)?;
        // A token that stands on two lines has the number of the later one.
        let ids: Ids = text.lines().map(str::to_owned).zip(0..).collect();
        let settings = &self.settings;
        Ok(Parts {
            model: json!({
                "type": "WordPiece",
                "unk_token": self.name(Token::Unknown),
                "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100,
                "vocab": &ids,
            }),
            normalizer: json!({
                "type": "BertNormalizer",
                "clean_text": true,
                "handle_chinese_chars": settings.tokenize_chinese_chars.unwrap_or(true),
                "strip_accents": settings.strip_accents,
                "lowercase": settings.do_lower_case.unwrap_or(true),
            }),
            pre_tokenizer: json!({"type": "BertPreTokenizer"}),
            ids,
            symbols: Vec::new(),
            rules: Vec::new(),
        })
    }

    fn bytes(&self) -> Result<Parts, Error> {
        let ids: Ids =
            serde_json::from_slice(&self.files.require(self.file)?).map_err(|error| self.invalid(error))?;
        let merges = text(self.files, BYTE_FILES[1])?;
        let merges: Vec<&str> = merges
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with("#version"))
            .collect();
        Ok(Parts {
            model: json!({
                "type": "BPE",
                "dropout": null,
                "unk_token": null,
                "continuing_subword_prefix": "",
                "end_of_word_suffix": "",
                "fuse_unk": false,
                "byte_fallback": false,
                "vocab": &ids,
                "merges": merges,
            }),
            normalizer: Value::Null,
            pre_tokenizer: json!({
                "type": "ByteLevel",
                "add_prefix_space": self.add_prefix_space(),
                "trim_offsets": true,
                "use_regex": true,
            }),
            ids,
            symbols: Vec::new(),
            rules: Vec::new(),
        })
    }

    fn add_prefix_space(&self) -> bool {
        let default = self.kind != Kind::Bytes;
        self.settings.add_prefix_space.unwrap_or(default)
    }

    fn sentence_piece(&self, fairseq: Fairseq) -> Result<Parts, Error> {
        let model =
            UnigramModel::parse(&self.files.require(self.file)?).map_err(|message| self.invalid(message))?;
        let [padding, unknown, mask] =
            [Token::Padding, Token::Unknown, Token::Mask].map(|token| (self.name(token).to_owned(), 0.0));
        let plain = |name: &str, score: f64| (name.to_owned(), score);
        // Fairseq's own tokens take the place of the model's first ones; the unknown token has id 3.
        let (mut vocabulary, skipped) = match fairseq {
            Fairseq::XlmRoberta => {
                let (begin, end) = (self.name(Token::Begin), self.name(Token::End));
                (vec![plain(begin, 0.0), padding, plain(end, 0.0), unknown], 3)
            }
            Fairseq::Camembert => {
                let unused = ["<s>NOTUSED", "</s>NOTUSED"].map(|name| plain(name, 0.0));
                let [begin, end] = unused;
                (
                    vec![begin, padding, end, unknown, plain("<unk>NOTUSED", NEVER)],
                    1,
                )
            }
        };
        let pieces = model.pieces.into_iter().skip(skipped);
        vocabulary.extend(pieces.map(|(piece, score)| (piece, f64::from(score))));
        vocabulary.push(mask);
        let ids: Ids = vocabulary
            .iter()
            .map(|(piece, _)| piece.clone())
            .zip(0..)
            .collect();
        let scheme = if self.add_prefix_space() {
            "always"
        } else {
            "never"
        };
        let metaspace =
            json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": true});
        Ok(Parts {
            model: json!({"type": "Unigram", "unk_id": 3, "vocab": vocabulary, "byte_fallback": false}),
            normalizer: Value::Null,
            pre_tokenizer: json!({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, metaspace]}),
            ids,
            symbols: model.symbols,
            rules: model.rules,
        })
    }

    /// The special tokens and the tokens that were added, as `tokenizer.json` lists them.
    fn added_tokens(&self, parts: &Parts) -> Result<Vec<Value>, Error> {
        let mut tokens: Vec<Value> = Vec::new();
        let mut add = |content: &str, id: u32, special: bool, takes_space: bool| {
            if tokens.iter().all(|token| token["content"] != content) {
                tokens.push(json!({
                    "id": id,
                    "content": content,
                    "single_word": false,
                    "lstrip": takes_space,
                    "rstrip": false,
                    "normalized": false,
                    "special": special,
                }));
            }
        };
        for token in Token::ALL {
            let name = self.name(token);
            if let Some(&id) = parts.ids.get(name) {
                let takes_space = token == Token::Mask && self.kind != Kind::WordPiece;
                add(name, id, true, takes_space);
            }
        }
        for (symbol, special) in &parts.symbols {
            if let Some(&id) = parts.ids.get(symbol) {
                add(symbol, id, *special, false);
            }
        }
        let more: Ids = read_json(self.files, ADDED)?;
        let mut more: Vec<(&String, &u32)> = more.iter().collect();
        more.sort_unstable_by_key(|(_, id)| **id);
        more.into_iter()
            .for_each(|(token, &id)| add(token, id, false, false));
        Ok(tokens)
    }

    /// What puts the special tokens around a sentence.
    fn post_processor(&self, ids: &Ids) -> Result<Value, Error> {
        let (begin, end) = (self.name(Token::Begin), self.name(Token::End));
        let id = |token: &str| {
            let found = ids.get(token).copied();
            found.ok_or_else(|| self.invalid(format!("expected a token `{token}`, found none")))
        };
        let (begin_id, end_id) = (id(begin)?, id(end)?);
        if self.kind == Kind::Bytes {
            return Ok(json!({
                "type": "RobertaProcessing",
                "sep": [end, end_id],
                "cls": [begin, begin_id],
                "trim_offsets": true,
                "add_prefix_space": self.add_prefix_space(),
            }));
        }
        let special = |token: &str| json!({"SpecialToken": {"id": token, "type_id": 0}});
        let sentence = |name: &str| json!({"Sequence": {"id": name, "type_id": 0}});
        let entry = |token: &str, id: u32| json!({"id": token, "ids": [id], "tokens": [token]});
        let mut tokens = Map::new();
        tokens.insert(begin.to_owned(), entry(begin, begin_id));
        tokens.insert(end.to_owned(), entry(end, end_id));
        let single = [special(begin), sentence("A"), special(end)];
        let pair: Vec<Value> = single
            .iter()
            .cloned()
            .chain([sentence("B"), special(end)])
            .collect();
        Ok(json!({
            "type": "TemplateProcessing",
            "single": single,
            "pair": pair,
            "special_tokens": tokens,
        }))
    }
}
