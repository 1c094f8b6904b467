//! SentencePiece's text normalisation, with offsets back into the text.

use super::proto::ModelProto;
use super::trie::Trie;

/// What SentencePiece writes for a space.
pub(super) const SPACE: &str = "\u{2581}";

/// Replaces characters by the rules of a model, tidies white space and marks it with [`SPACE`].
pub(super) struct Normalizer {
    rules: Option<Rules>,
    /// Symbols that the rules leave alone.
    symbols: Trie,
    add_dummy_prefix: bool,
    remove_extra_whitespaces: bool,
    escape_whitespaces: bool,
    whitespace_as_suffix: bool,
}

/// A normalised text.
#[derive(Debug, Default)]
pub(super) struct Normalized {
    /// The text.
    pub(super) text: String,
    /// For each byte of `text`, and for its end, the byte of the original that it comes from.
    pub(super) origins: Vec<usize>,
}

impl Normalizer {
    /// The normaliser of a model, which leaves `symbols` alone.
    ///
    /// # Errors
    ///
    /// When the model's rules are broken.
    pub(super) fn new(proto: &ModelProto, symbols: Trie) -> Result<Self, String> {
        Ok(Self {
            rules: Rules::parse(&proto.charsmap)?,
            symbols,
            add_dummy_prefix: proto.add_dummy_prefix,
            remove_extra_whitespaces: proto.remove_extra_whitespaces,
            escape_whitespaces: proto.escape_whitespaces,
            whitespace_as_suffix: proto.whitespace_as_suffix,
        })
    }

    /// The text that stands for a space.
    pub(super) fn space(&self) -> &'static str {
        if self.escape_whitespaces { SPACE } else { " " }
    }

    /// Whether spaces at the start of a text carry no meaning.
    pub(super) fn drops_leading_space(&self) -> bool {
        self.add_dummy_prefix || self.remove_extra_whitespaces
    }

    /// Whether several spaces in a row count as one.
    pub(super) fn removes_extra_spaces(&self) -> bool {
        self.remove_extra_whitespaces
    }

    /// Normalises a text.
    pub(super) fn normalize(&self, text: &str) -> Normalized {
        let mut position = 0;
        if self.remove_extra_whitespaces {
            while let Some((" ", len)) = self.prefix(&text[position..]) {
                position += len;
            }
        }
        let mut normalized = Normalized::default();
        if position == text.len() {
            return normalized;
        }
        if self.add_dummy_prefix && !self.whitespace_as_suffix {
            normalized.push(self.space(), position);
        }
        let mut after_space = self.remove_extra_whitespaces;
        while let Some((mut replacement, len)) = self.prefix(&text[position..]) {
            if after_space {
                replacement = replacement.trim_start_matches(' ');
            }
            if !replacement.is_empty() {
                for (index, part) in replacement.split(' ').enumerate() {
                    if index > 0 {
                        normalized.push(self.space(), position);
                    }
                    normalized.push(part, position);
                }
                after_space = self.remove_extra_whitespaces && replacement.ends_with(' ');
            }
            position += len;
        }
        if self.remove_extra_whitespaces {
            while let Some(rest) = normalized.text.strip_suffix(self.space()) {
                let len = rest.len();
                position = normalized.origins[len];
                normalized.text.truncate(len);
                normalized.origins.truncate(len);
            }
        }
        if self.add_dummy_prefix && self.whitespace_as_suffix {
            normalized.push(self.space(), position);
        }
        normalized.origins.push(position);
        normalized
    }

    /// What the beginning of `text` becomes, and how many of its bytes that replaces.
    fn prefix<'a>(&'a self, text: &'a str) -> Option<(&'a str, usize)> {
        let first = text.chars().next()?;
        if let Some(len) = self.symbols.longest_prefix(text.as_bytes())
            && let Some(symbol) = text.get(..len)
        {
            return Some((symbol, len));
        }
        let rule = self.rules.as_ref().and_then(|rules| rules.longest_match(text));
        Some(rule.unwrap_or((&text[..first.len_utf8()], first.len_utf8())))
    }
}

impl Normalized {
    fn push(&mut self, text: &str, origin: usize) {
        self.text.push_str(text);
        self.origins.resize(self.text.len(), origin);
    }
}

/// The compiled rules: a Darts double array of what is replaced, whose values are offsets into the
/// replacements, each ended by a zero byte.
struct Rules {
    units: Vec<u32>,
    replacements: Vec<u8>,
}

impl Rules {
    fn parse(charsmap: &[u8]) -> Result<Option<Self>, String> {
        if charsmap.is_empty() {
            return Ok(None);
        }
        let broken = || {
            format!(
                "expected whole normalisation rules, found {} bytes",
                charsmap.len()
            )
        };
        let (size, rest) = charsmap.split_first_chunk().ok_or_else(broken)?;
        let size = u32::from_le_bytes(*size) as usize;
        let (units, replacements) = rest.split_at_checked(size).ok_or_else(broken)?;
        Ok(Some(Self {
            units: units
                .as_chunks()
                .0
                .iter()
                .map(|&unit| u32::from_le_bytes(unit))
                .collect(),
            replacements: replacements.to_vec(),
        }))
    }

    /// The replacement of the longest match at the beginning of `text`, and the length of the match.
    fn longest_match(&self, text: &str) -> Option<(&str, usize)> {
        let mut longest = None;
        let mut node = offset(*self.units.first()?);
        for (index, &byte) in text.as_bytes().iter().enumerate() {
            node ^= usize::from(byte);
            let Some(&unit) = self.units.get(node) else { break };
            if label(unit) != u32::from(byte) {
                break;
            }
            node ^= offset(unit);
            if has_leaf(unit)
                && let Some(&leaf) = self.units.get(node)
            {
                longest = Some((value(leaf), index + 1));
            }
        }
        let (start, len) = longest.filter(|&(_, len)| text.is_char_boundary(len))?;
        let replacement = self.replacements.get(start..)?.split(|&byte| byte == 0).next()?;
        Some((std::str::from_utf8(replacement).ok()?, len))
    }
}

// The layout of a unit: https://github.com/s-yata/darts-clone, `DoubleArrayUnit`.

fn has_leaf(unit: u32) -> bool {
    unit >> 8 & 1 == 1
}

fn value(unit: u32) -> usize {
    (unit & 0x7fff_ffff) as usize
}

fn label(unit: u32) -> u32 {
    unit & 0x8000_00ff
}

fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 1 << 9) >> 6)) as usize
}
