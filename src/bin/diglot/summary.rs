//! What a run did, in one line.

use std::fmt;

use diglot::corpus::Totals;

/// Counts over the records of a run, for people.
#[derive(Clone, Copy, Debug)]
pub struct Summary<'a>(pub &'a Totals);

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = self.0;
        write!(
            f,
            "{}, {}, {} translated ({} flagged), {} aligned, {}, {}",
            counted(totals.documents, "document", "documents"),
            counted(totals.sentences, "sentence", "sentences"),
            totals.translated,
            totals.flagged,
            totals.aligned,
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
}
