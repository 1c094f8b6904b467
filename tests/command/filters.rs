//! One stage, lines in, lines out.

use crate::support::{Workplace, json_lines, list, slice, string};

const LINES: &str = "Le port est ouvert depuis lundi.\n\nThe harbour has been open since Monday.\n   \nOdile Farssac habite à Anse Mirande.";

#[test]
fn one_line_comes_out_for_each_that_goes_in() {
    let here = Workplace::new(&[("lines.txt", LINES.as_bytes())]);
    for command in ["detect", "translate", "entities"] {
        let ran = here.pipe(&[command], LINES);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{command}");
        let lines: Vec<&str> = ran.stdout.lines().collect();
        assert_eq!(lines.len(), 5, "{command}: {lines:?}");
        assert!(
            lines[1].is_empty() && lines[3].trim().is_empty(),
            "{command}: {lines:?}"
        );
        assert!(
            [0, 2, 4].iter().all(|&at| !lines[at].is_empty()),
            "{command}: {lines:?}"
        );
        assert_eq!(here.run(&[command, "lines.txt"]).stdout, ran.stdout, "{command}");
        assert_eq!(
            json_lines(&here.pipe(&[command, "--json"], LINES).stdout).len(),
            5,
            "{command}"
        );
        assert_eq!(here.pipe(&[command], "").stdout, "", "{command}");
    }
}

#[test]
fn a_line_that_is_not_utf8_is_named_and_kept() {
    let here = Workplace::new(&[]);
    for command in ["detect", "translate", "entities"] {
        let ran = here.pipe(&[command], b"Bonjour.\nd\xe9j\xe0\nBonsoir.\n");
        assert_eq!((ran.code, ran.stdout.lines().count()), (1, 3), "{command}");
        assert_eq!(
            ran.stderr, "diglot: line 2: expected UTF-8, found the byte 0xe9 at 1\n",
            "{command}"
        );
    }
}

#[test]
fn a_file_that_is_missing_is_exit_code_2() {
    let ran = Workplace::new(&[]).run(&["detect", "gone.txt"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("`gone.txt`"), "{}", ran.stderr);
}

#[test]
fn languages_are_detected() {
    let here = Workplace::new(&[]);
    let ran = here.pipe(&["detect"], LINES);
    let languages: Vec<&str> = ran
        .stdout
        .lines()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    assert_eq!(languages, ["fr", "", "en", "", "fr"]);
    for line in json_lines(&here.pipe(&["detect", "--json"], LINES).stdout) {
        let confidence = line["confidence"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&confidence));
        assert_eq!(string(&line, "language") == "und", confidence == 0.0);
    }
}

#[test]
fn a_line_does_not_depend_on_its_neighbours() {
    let here = Workplace::new(&[]);
    for command in ["detect", "translate", "entities"] {
        let together = here.pipe(&[command, "--json"], LINES).stdout;
        let alone: String = LINES
            .lines()
            .map(|line| here.pipe(&[command, "--json"], format!("{line}\n")).stdout)
            .collect();
        assert_eq!(together, alone, "{command}");
    }
}

#[test]
fn names_are_what_their_offsets_say() {
    let line = "🎣 Odile Farssac lives in Anse Mirande, near Montbrisac.";
    let here = Workplace::new(&[]);
    let answer = json_lines(&here.pipe(&["entities", "--json"], line).stdout).remove(0);
    let names = answer.as_array().unwrap();
    assert!(!names.is_empty());
    let mut inline = line.to_owned();
    for name in names.iter().rev() {
        assert_eq!(slice(line, name), string(name, "text"));
        let at = usize::try_from(name["start"].as_u64().unwrap()).unwrap();
        let marked = format!("[{} {}]", string(name, "text"), string(name, "label"));
        inline.replace_range(at..at + string(name, "text").len(), &marked);
    }
    assert_eq!(here.pipe(&["entities"], line).stdout, inline + "\n");
}

#[test]
fn translations_say_how_they_were_made() {
    let answer = json_lines(&Workplace::new(&[]).pipe(&["translate", "--json"], LINES).stdout).remove(0);
    assert!(answer["score"].as_f64().unwrap() <= 0.0);
    let source = "Le port est ouvert depuis lundi.".split_whitespace().count();
    let target = string(&answer, "text").split_whitespace().count();
    for pair in string(&answer, "alignment").split(' ') {
        let (from, to) = pair.split_once('-').unwrap();
        assert!(
            from.parse::<usize>().unwrap() < source && to.parse::<usize>().unwrap() < target,
            "{pair}"
        );
    }
    assert!(
        list(&answer, "flags").is_empty(),
        "a plain sentence has nothing wrong with it: {answer}"
    );
}

#[test]
fn lines_are_aligned_with_those_that_render_them() {
    let french =
        "Le maire Basile Oumarin a promis 86 500 euros.\n\nLa réunion aura lieu mardi à Montbrisac.\n";
    let english = "The weather was mild for the season.\n\nThe meeting will take place in Montbrisac on Tuesday.\n\n\
                   Nobody expected such a crowd at the gates.\n\nMayor Basile Oumarin promised 86,500 euros.\n\n\
                   Two ferries were late, as they often are.\n";
    let here = Workplace::new(&[("fr.txt", french.as_bytes()), ("en.txt", english.as_bytes())]);
    let plain = here.run(&["align", "fr.txt", "en.txt"]);
    assert_eq!((plain.code, plain.stderr.as_str()), (0, ""));
    let links: Vec<&str> = plain
        .stdout
        .lines()
        .map(|line| line.split('\t').next().unwrap())
        .collect();
    assert_eq!(links, ["0-6", "2-2"]);
    for link in json_lines(&here.run(&["align", "fr.txt", "en.txt", "--json"]).stdout) {
        assert!(english.contains(string(&link, "text")));
    }
}

#[test]
fn terms_are_rendered_as_a_glossary_says() {
    let terms = "# invented\nMbourvel\tGreat Mbour\nSénégal\tthe Land of Teranga\n";
    let here = Workplace::new(&[("terms.tsv", terms.as_bytes())]);
    let lines = "Il habite à Mbourvel depuis deux ans.\nLe Sénégal a gagné.\nLa Guinée a perdu.\n";
    let plain = here.pipe(&["translate"], lines).stdout;
    let plain: Vec<&str> = plain.lines().collect();
    assert!(
        plain[1].contains("Senegal") && plain[2].contains("Guinea"),
        "{plain:?}"
    );
    let ran = here.pipe(&["translate", "--glossary", "terms.tsv"], lines);
    let given: Vec<&str> = ran.stdout.lines().collect();
    assert!(given[0].contains("Great Mbour"), "{given:?}");
    assert!(given[1].starts_with("The Land of Teranga"), "{given:?}");
    assert_eq!(given[2], plain[2], "the terms of the model stay");
    let broken = Workplace::new(&[("terms.tsv", b"Mbourvel\n")]);
    let broken = broken.pipe(&["translate", "--glossary", "terms.tsv"], lines);
    assert_eq!(broken.code, 2);
    assert!(broken.stderr.contains("`terms.tsv`, line 1"), "{}", broken.stderr);
}
