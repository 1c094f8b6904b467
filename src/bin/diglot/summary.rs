//! What a run did, in one line.

use std::fmt;

use diglot::format::Record;

/// Counts over the records of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    documents: usize,
    sentences: usize,
    aligned: usize,
    translated: usize,
    flagged: usize,
    entities: usize,
    errors: usize,
}

impl Summary {
    /// Counts one more record.
    pub fn add(&mut self, record: &Record) {
        let aligned = record
            .translations
            .iter()
            .filter(|translation| translation.origin == "aligned")
            .count();
        self.documents += 1;
        self.sentences += record.sentences.len();
        self.aligned += aligned;
        self.translated += record.translations.len() - aligned;
        self.flagged += record
            .translations
            .iter()
            .filter(|translation| !translation.flags.is_empty())
            .count();
        self.entities += record.entities.len();
        self.errors += usize::from(!record.errors.is_empty());
    }

    /// Whether any document has errors.
    pub fn any_errors(&self) -> bool {
        self.errors > 0
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}, {}, {} translated ({} flagged), {} aligned, {}, {}",
            counted(self.documents, "document", "documents"),
            counted(self.sentences, "sentence", "sentences"),
            self.translated,
            self.flagged,
            self.aligned,
            counted(self.entities, "entity", "entities"),
            counted(self.errors, "document with errors", "documents with errors"),
        )
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_said_in_the_singular() {
        let summary = Summary {
            documents: 1,
            sentences: 2,
            ..Summary::default()
        };
        assert_eq!(
            summary.to_string(),
            "1 document, 2 sentences, 0 translated (0 flagged), 0 aligned, 0 entities, 0 documents with errors"
        );
    }
}
