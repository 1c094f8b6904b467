//! Pulls that go well: what is fetched, where it lies, and what it is good for.

use std::collections::BTreeMap;
use std::fs;

use diglot::provenance::sha256;
use serde_json::{Value, json};

use crate::hub::{Hub, git_hash, large, ner};
use crate::place::{Place, names};
use crate::{MARIAN, NER, WEIGHTS};

#[test]
fn only_what_the_model_needs_is_fetched() {
    let here = Place::new();
    let ran = here.pulled(NER);
    let snapshot = here.file(NER, "");
    assert_eq!(
        ran.stdout.trim_end(),
        snapshot.display().to_string().trim_end_matches('/')
    );
    assert_eq!(
        names(&snapshot),
        ["README.md", "config.json", WEIGHTS, "tokenizer.json"]
    );
    assert_eq!(names(&here.repository(NER).join("blobs")).len(), 4);
    let (head, size) = (
        here.hub.head(NER),
        fs::metadata(here.file(NER, WEIGHTS)).unwrap().len(),
    );
    for part in [
        format!("{NER}@{head}: 4 files"),
        "role entities; licence mit".to_owned(),
    ] {
        assert!(ran.stderr.contains(&part), "expected `{part}` in {}", ran.stderr);
    }
    let from_storage: u64 = here.hub.gets("/blobs/").iter().map(|get| get.sent).sum();
    assert_eq!(
        from_storage, size,
        "of what is large, the weights alone are fetched"
    );
}

/// The layout that Python's `huggingface_hub` keeps and looks for.
#[test]
fn files_lie_where_other_programs_look_for_them() {
    let here = Place::new();
    here.pulled(NER);
    let (repository, head) = (here.repository(NER), here.hub.head(NER));
    assert_eq!(fs::read_to_string(repository.join("refs/main")).unwrap(), head);
    let files = ner();
    for (name, blob) in [
        (WEIGHTS, sha256(&files[WEIGHTS])),
        ("README.md", git_hash(&files["README.md"])),
    ] {
        let link = fs::read_link(here.file(NER, name)).unwrap();
        assert_eq!(link.to_str().unwrap(), format!("../../blobs/{blob}"));
        assert_eq!(fs::read(here.file(NER, name)).unwrap(), files[name]);
    }
    assert_eq!(names(&repository), ["blobs", "diglot.lock", "refs", "snapshots"]);
}

#[test]
fn what_another_program_left_is_not_fetched_again() {
    let here = Place::new();
    let weights = &ner()[WEIGHTS];
    let blobs = here.repository(NER).join("blobs");
    fs::create_dir_all(&blobs).unwrap();
    fs::write(blobs.join(sha256(weights)), weights).unwrap();
    here.pulled(NER);
    assert!(here.hub.gets("/blobs/").is_empty());
    assert_eq!(here.run(&["models", "verify"]).code, 0);
}

#[test]
fn the_lock_names_the_commit_and_every_file() {
    let here = Place::new();
    here.pulled(NER);
    let lock = fs::read_to_string(here.repository(NER).join("diglot.lock")).unwrap();
    let lock: toml::Table = lock.parse().unwrap();
    assert_eq!(lock["id"].as_str(), Some(NER));
    let revision = &lock["revision"][0];
    assert_eq!(revision["commit"].as_str(), Some(here.hub.head(NER).as_str()));
    assert_eq!(revision["names"][0].as_str(), Some("main"));
    let files = revision["file"].as_array().unwrap();
    let hashes: BTreeMap<&str, &str> = files
        .iter()
        .map(|file| (file["name"].as_str().unwrap(), file["sha256"].as_str().unwrap()))
        .collect();
    let expected = ner();
    assert_eq!(hashes.len(), 4);
    for (name, hash) in hashes {
        assert_eq!(hash, sha256(&expected[name]), "{name}");
    }
}

#[test]
fn records_name_the_exact_weights() {
    let here = Place::new();
    here.pulled(NER);
    here.hub.close();
    fs::write(here.store().join("a.txt"), "Awa Diongue lives in Rufisque.").unwrap();
    let file = here.store().join("a.txt");
    let model = format!("entities={NER}");
    let ran = here.run(&["run", "--quiet", file.to_str().unwrap(), "--model", &model]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let record: Value = serde_json::from_str(&ran.stdout).unwrap();
    let models = record["run"]["models"].as_array().unwrap();
    let expected = json!([format!("{NER}@{}", here.hub.head(NER)), sha256(&ner()[WEIGHTS])]);
    let found: Vec<Value> = models
        .iter()
        .filter(|model| model["role"] == "entities")
        .map(|model| json!([model["name"], model["sha256"]]))
        .collect();
    assert_eq!(found, [expected]);
}

#[test]
fn pulled_models_are_loaded_and_listed() {
    let here = Place::new();
    here.pulled(NER);
    here.pulled(MARIAN);
    here.hub.close();
    let (ner, marian) = (format!("entities={NER}"), format!("translate={MARIAN}@main"));
    let ran = here.run(&["models", "--json", "--model", &ner, "--model", &marian]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let models: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for (id, licence) in [(NER, json!("mit")), (MARIAN, Value::Null)] {
        let name = format!("{id}@{}", here.hub.head(id));
        let model = models
            .iter()
            .find(|model| model["name"] == name.as_str())
            .unwrap();
        assert_eq!(
            (&model["source"], &model["licence"]),
            (&json!("store"), &licence),
            "{id}"
        );
    }
}

#[test]
fn a_model_that_was_not_pulled_is_not_fetched_by_other_commands() {
    let here = Place::new();
    let ran = here.run(&["entities", "--model", &format!("entities={NER}")]);
    assert_eq!(ran.code, 2);
    for part in [
        NER,
        "was not pulled",
        &format!("`diglot models pull {NER}` fetches it"),
    ] {
        assert!(ran.stderr.contains(part), "expected `{part}` in {}", ran.stderr);
    }
    assert!(here.hub.requests().is_empty(), "only `pull` opens the network");
}

#[test]
fn a_directory_goes_before_a_pulled_model() {
    let here = Place::new();
    here.pulled(NER);
    let directory = here.store().parent().unwrap().join(NER);
    fs::create_dir_all(&directory).unwrap();
    let ran = here.run(&["entities", "--model", &format!("entities={NER}")]);
    assert_eq!(ran.code, 2);
    assert!(
        ran.stderr.contains("expected a file `config.json`, found none"),
        "{}",
        ran.stderr
    );
}

#[test]
fn revisions_are_kept_side_by_side() {
    let here = Place::with(Hub::empty());
    let first = here.hub.commit(NER, "v1", large(60_000, 1));
    let second = here.hub.commit(NER, "main", large(60_000, 2));
    here.pulled(NER);
    let ran = here.run(&["models", "pull", NER, "--revision", "v1"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let path = |reference: &str| here.run(&["models", "path", reference]).stdout;
    for (reference, commit) in [
        (NER.to_owned(), &second),
        (format!("{NER}@main"), &second),
        (format!("{NER}@v1"), &first),
        (format!("{NER}@{first}"), &first),
        (format!("{NER}@{}", &first[..7]), &first),
    ] {
        assert!(
            path(&reference).trim_end().ends_with(commit.as_str()),
            "{reference}"
        );
    }
    let ran = here.run(&["models", "path", &format!("{NER}@v3")]);
    assert_eq!(ran.code, 2);
    for part in [
        "`main`, `v1` is there",
        &format!("`diglot models pull {NER} --revision v3` fetches it"),
    ] {
        assert!(ran.stderr.contains(part), "expected `{part}` in {}", ran.stderr);
    }
}

#[test]
fn a_new_commit_costs_only_what_changed() {
    let here = Place::with(Hub::empty());
    let old = here.hub.commit(NER, "main", ner());
    here.pulled(NER);
    let mut files = ner();
    files.insert(
        "README.md".to_owned(),
        b"---\nlicense: apache-2.0\n---\n".to_vec(),
    );
    let new = here.hub.commit(NER, "main", files);
    here.hub.forget();
    let ran = here.pulled(NER);
    assert!(ran.stderr.contains("licence apache-2.0"), "{}", ran.stderr);
    assert!(here.hub.gets("/blobs/").is_empty(), "the weights are the same");
    for (reference, commit) in [(NER.to_owned(), new), (format!("{NER}@{old}"), old)] {
        let path = here.run(&["models", "path", &reference]).stdout;
        assert!(path.trim_end().ends_with(&commit), "{reference}: {path}");
    }
}

#[test]
fn another_role_than_is_wanted_is_found_out_before_the_weights() {
    let here = Place::new();
    here.refused(
        &[NER, "--role", "translate"],
        &["expected a translation model (`MarianMTModel`), found one for `entities`"],
    );
    assert!(here.hub.gets("/blobs/").is_empty());
    let ran = here.run(&["models", "pull", NER, "--role", "ner"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    here.refused(&[NER, "--role", "translate"], &["found one for `entities`"]);
}

#[test]
fn what_diglot_has_no_use_for_is_found_out_before_the_weights() {
    let here = Place::with(Hub::empty());
    let mut files = ner();
    files.insert(
        "config.json".to_owned(),
        br#"{"architectures": ["GPT2LMHeadModel"]}"#.to_vec(),
    );
    here.hub.commit(NER, "main", files.clone());
    here.refused(
        &[NER],
        &[
            "expected `MarianMTModel` or `...ForTokenClassification`",
            "GPT2LMHeadModel",
        ],
    );
    files.remove("config.json");
    here.hub.commit(NER, "main", files);
    here.refused(&[NER], &["expected a file `config.json`, found none"]);
    assert!(here.hub.gets("/blobs/").is_empty());
    assert!(!here.repository(NER).join("diglot.lock").exists());
}

#[test]
fn weights_may_be_pickled_or_in_shards() {
    let here = Place::with(Hub::empty());
    let mut files = ner();
    let weights = files.remove(WEIGHTS).unwrap();
    here.hub.commit(NER, "main", files.clone());
    here.refused(
        &[NER],
        &[
            "expected weights in `model.safetensors` or `pytorch_model.bin`",
            "`tf_model.h5`",
        ],
    );
    files.insert("pytorch_model.bin".to_owned(), weights);
    here.hub.commit(NER, "main", files.clone());
    here.pulled(NER);
    assert!(here.file(NER, "pytorch_model.bin").exists());
    let shards = ["model-1-of-2.safetensors", "model-2-of-2.safetensors"];
    let index = json!({"weight_map": {"a": shards[0], "b": shards[1]}});
    files.insert(
        "model.safetensors.index.json".to_owned(),
        index.to_string().into_bytes(),
    );
    for (seed, shard) in shards.iter().zip([1, 2]) {
        files.insert((*seed).to_owned(), large(60_000, shard)[WEIGHTS].clone());
    }
    files.insert("model-9-of-9.safetensors".to_owned(), vec![9; 60_000]);
    here.hub.commit(NER, "main", files);
    here.pulled(NER);
    let expected = [
        "README.md",
        "config.json",
        shards[0],
        shards[1],
        "model.safetensors.index.json",
        "tokenizer.json",
    ];
    assert_eq!(names(&here.file(NER, "")), expected);
}

#[test]
fn the_shards_of_an_index_stay_in_the_repository() {
    let here = Place::with(Hub::empty());
    let mut files = ner();
    files.remove(WEIGHTS);
    let index = json!({"weight_map": {"a": "../../../outside"}});
    files.insert(
        "model.safetensors.index.json".to_owned(),
        index.to_string().into_bytes(),
    );
    here.hub.commit(NER, "main", files);
    here.refused(
        &[NER],
        &["expected files of the repository, found `../../../outside`"],
    );
}
