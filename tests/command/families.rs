//! `--model entities=DIR` with a model of every family, as it is on the hub.

use std::path::{Path, PathBuf};

use crate::support::{Workplace, list, slice, string};

/// A directory with the files of a fixture, and the one that it keeps elsewhere.
fn model(here: &Workplace, family: &str) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/engine");
    let directory = here.path(family);
    std::fs::create_dir(&directory).unwrap();
    for entry in std::fs::read_dir(fixtures.join("families").join(family)).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), directory.join(entry.file_name())).unwrap();
    }
    let pieces = match family {
        "xlm-roberta" => "unigram.spm",
        "camembert" => "target.spm",
        _ => return directory,
    };
    std::fs::copy(
        fixtures.join("spm").join(pieces),
        directory.join("sentencepiece.bpe.model"),
    )
    .unwrap();
    directory
}

const TEXT: &str = "Hawa Tessier parle à Odile.\n\nThe e\u{301}cole of Montaury 👍🏿 opened on Monday.\n";

#[test]
fn entities_are_found_with_a_model_of_every_family() {
    let here = Workplace::new(&[("note.txt", TEXT.as_bytes())]);
    let mut found = 0;
    for family in [
        "bert",
        "distilbert",
        "roberta",
        "xlm-roberta",
        "camembert",
        "electra",
    ] {
        model(&here, family);
        let given = format!("entities={family}");
        let lines = here
            .pipe(&["entities", "--json", "--model", &given], TEXT)
            .records();
        for (line, text) in lines.iter().zip(TEXT.lines()) {
            for mention in line.as_array().unwrap() {
                assert_eq!(slice(text, mention), string(mention, "text"), "{family}");
            }
        }
        assert_eq!(lines.len(), TEXT.lines().count(), "{family}");
        let record = here
            .run(&["run", "note.txt", "--model", &given])
            .records()
            .remove(0);
        let models = record["run"]["models"].as_array().unwrap();
        let used = models.iter().find(|model| model["role"] == "entities").unwrap();
        assert_eq!(string(used, "name"), family);
        assert_eq!(string(used, "sha256").len(), 64, "{family}");
        assert_eq!(list(&record, "errors").len(), 0, "{family}");
        found += list(&record, "entities").len();
    }
    assert!(found > 0, "random weights should find something in six models");
}

#[test]
fn a_model_whose_labels_mean_nothing_is_refused() {
    let here = Workplace::new(&[]);
    let directory = model(&here, "electra").join("config.json");
    let config = std::fs::read_to_string(&directory).unwrap();
    let labels = ["PER-B", "PER-I", "ORG-B", "ORG-I"];
    let nameless = labels
        .iter()
        .enumerate()
        .fold(config, |config, (index, label)| {
            config.replace(&format!(":\"{label}\""), &format!(":\"LABEL_{}\"", index + 1))
        })
        .replace("\"0\":\"O\"", "\"0\":\"LABEL_0\"");
    std::fs::write(&directory, nameless).unwrap();
    let ran = here.run(&["entities", "--model", "entities=electra"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    for part in [
        "expected entity labels such as `B-PER`",
        "`LABEL_1`",
        "`id2label`",
    ] {
        assert!(ran.stderr.contains(part), "expected `{part}` in {}", ran.stderr);
    }
}

#[test]
fn weights_that_would_run_code_are_refused() {
    let here = Workplace::new(&[]);
    let weights = model(&here, "bert").join("pytorch_model.bin");
    // The old format begins with a pickle; this one would call a function.
    std::fs::write(&weights, b"\x80\x02cposix\nsystem\nX\x02\0\0\0ls\x85R.").unwrap();
    let ran = here.run(&["entities", "--model", "entities=bert"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("`pytorch_model.bin`"), "{}", ran.stderr);
}
