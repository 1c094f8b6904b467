//! What a run did, in one line.

use std::fmt;

use diglot::corpus::Totals;

/// Counts over the records of a run, for people.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'a>(pub &'a Totals);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = self.0;
        // Nothing was done to these, by nobody's fault or because nothing was to be done.
        let untouched = totals.flags.get("no-model").copied().unwrap_or(0);
        write!(
            f,
            "{}, {}, {} translated ({} flagged), {} aligned, ",
            counted(totals.documents, "document", "documents"),
            counted(totals.sentences, "sentence", "sentences"),
            totals.translated.saturating_sub(untouched),
            totals.flagged.saturating_sub(untouched),
            totals.aligned,
        )?;
        if untouched > 0 {
            write!(f, "{untouched} left in their language, ")?;
        }
        write!(
            f,
            "{}, {}",
            counted(totals.entities, "entity", "entities"),
            counted(totals.failed, "document with errors", "documents with errors"),
        )?;
        if !totals.errors.is_empty() {
            let codes: Vec<String> = totals
                .errors
                .iter()
                .map(|(code, count)| format!("{code} {count}"))
                .collect();
            write!(f, " ({})", codes.join(", "))?;
        }
        Ok(())
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_said_in_the_singular_and_errors_by_code() {
        let mut totals = Totals {
            documents: 1,
            sentences: 2,
            ..Totals::default()
        };
        let line = "1 document, 2 sentences, 0 translated (0 flagged), 0 aligned, 0 entities, 0 documents with errors";
        assert_eq!(Summary(&totals).to_string(), line);
        totals.errors.insert("unreadable".to_owned(), 3);
        assert_eq!(Summary(&totals).to_string(), format!("{line} (unreadable 3)"));
    }

    #[test]
    fn what_no_model_translated_is_not_called_translated() {
        let mut totals = Totals {
            documents: 2,
            sentences: 9,
            translated: 5,
            flagged: 4,
            ..Totals::default()
        };
        totals.flags.insert("no-model".to_owned(), 3);
        let line = "2 documents, 9 sentences, 2 translated (1 flagged), 0 aligned, 3 left in their language, \
                    0 entities, 0 documents with errors";
        assert_eq!(Summary(&totals).to_string(), line);
    }
}
