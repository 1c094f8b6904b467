//! How fast the engine is, on models of realistic shapes with random weights.
//!
//!     cargo bench --bench engine [-- SECONDS_PER_CASE [CASE]]
//!
//! Prints tokens per second of processor time, on one thread: target tokens for translation (30 of them for sentences of
//! about 30 tokens), source tokens for tagging (sentences of 32 tokens).

#![expect(clippy::print_stdout, reason = "a benchmark reports to the terminal")]
#![expect(clippy::unwrap_used, reason = "a benchmark is no library")]

use std::time::{Duration, Instant};

use diglot::engine::{BertTagger, EngineOptions, Marian, Precision};
use diglot::model::ModelFiles;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::json;
use tempfile::TempDir;

const MARIAN_WIDTH: usize = 256;
const MARIAN_INNER: usize = 1024;
const MARIAN_VOCABULARY: usize = 32_000;
const BERT_WIDTH: usize = 384;
const BERT_INNER: usize = 1536;
const BERT_VOCABULARY: usize = 30_000;

fn main() {
    let seconds = std::env::args()
        .filter_map(|argument| argument.parse().ok())
        .next()
        .unwrap_or(2.0);
    let time = Duration::from_secs_f64(seconds);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    pool.install(|| {
        let marian = write_marian();
        for precision in [Precision::Int8, Precision::F32] {
            for shortlist in [true, false] {
                for batch in [1, 32] {
                    bench_marian(&marian, precision, shortlist, batch, time);
                }
            }
        }
        let bert = write_bert();
        for precision in [Precision::Int8, Precision::F32] {
            for batch in [1, 32] {
                bench_bert(&bert, precision, batch, time);
            }
        }
    });
}

fn bench_marian(directory: &TempDir, precision: Precision, shortlist: bool, batch: usize, time: Duration) {
    let options = EngineOptions {
        precision,
        shortlist,
        max_length_factor: 0.0,
        max_length_extra: 30,
        batch_tokens: 31 * batch,
        ..EngineOptions::default()
    };
    let model = Marian::load(&files(directory), &options).unwrap();
    let sentences: Vec<String> = (0..64).map(|sentence| text(sentence, 29)).collect();
    let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let case = format!("marian 256, 6+2 layers, {precision:?}, shortlist {shortlist}, batch {batch}");
    measure(&case, time, 64 * 30, || {
        drop(model.translate(&sentences).unwrap())
    });
}

fn bench_bert(directory: &TempDir, precision: Precision, batch: usize, time: Duration) {
    let options = EngineOptions {
        precision,
        batch_tokens: 32 * batch,
        ..EngineOptions::default()
    };
    let model = BertTagger::load(&files(directory), &options).unwrap();
    let sentences: Vec<String> = (0..64).map(|sentence| text(sentence, 30)).collect();
    let sentences: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let case = format!("bert 384, 6 layers, {precision:?}, batch {batch}");
    measure(&case, time, 64 * 32, || drop(model.tag(&sentences).unwrap()));
}

/// Prints the tokens per second of processor time where the system tells it, so that a busy machine
/// disturbs less; else per second.
fn measure(case: &str, time: Duration, tokens: usize, mut run: impl FnMut()) {
    let wanted = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .nth(1);
    if wanted.is_some_and(|wanted| !case.contains(&wanted)) {
        return;
    }
    run();
    let start = Instant::now();
    let processor_start = processor_seconds();
    let mut runs = 0;
    while start.elapsed() < time {
        run();
        runs += 1;
    }
    let elapsed = start.elapsed().as_secs_f64();
    let seconds = processor_start
        .zip(processor_seconds())
        .map_or(elapsed, |(start, end)| end - start);
    println!("{case}: {:.0} tokens/s", (runs * tokens) as f64 / seconds);
}

/// The processor time of all threads of this process so far, from Linux's `/proc/self/stat`.
fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let mut fields = stat.rsplit(')').next()?.split_whitespace().skip(11);
    let ticks = |field: Option<&str>| field?.parse::<f64>().ok();
    // There are 100 ticks a second on every common system.
    Some((ticks(fields.next())? + ticks(fields.next())?) / 100.0)
}

fn files(directory: &TempDir) -> ModelFiles {
    ModelFiles::Directory(directory.path().to_owned())
}

/// Words that are one token each, as frequent as Zipf's law has them: the rank's logarithm is uniform.
fn text(sentence: usize, words: usize) -> String {
    let words = (0..words).map(|word| {
        let uniform = ((sentence * 7919 + word * 104_729) % 1000) as f64 / 1000.0;
        format!("w{}", 20_000f64.powf(uniform) as usize - 1)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn write_marian() -> TempDir {
    let directory = TempDir::new().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(directory.path().join(name), bytes).unwrap();
    let mut vocabulary = json!({"</s>": 0, "<unk>": 1});
    for index in 0..MARIAN_VOCABULARY - 3 {
        vocabulary[format!("▁w{index}")] = (index + 2).into();
    }
    let pad = MARIAN_VOCABULARY - 1;
    vocabulary["<pad>"] = pad.into();
    let config = json!({
        "architectures": ["MarianMTModel"], "vocab_size": MARIAN_VOCABULARY, "d_model": MARIAN_WIDTH,
        "encoder_layers": 6, "decoder_layers": 2, "encoder_attention_heads": 8, "decoder_attention_heads": 8,
        "encoder_ffn_dim": MARIAN_INNER, "decoder_ffn_dim": MARIAN_INNER, "activation_function": "swish",
        "max_position_embeddings": 512, "scale_embedding": true,
        "pad_token_id": pad, "eos_token_id": 0, "decoder_start_token_id": pad,
    });
    write("config.json", config.to_string().as_bytes());
    write("vocab.json", vocabulary.to_string().as_bytes());
    let pieces = sentencepiece();
    write("source.spm", &pieces);
    write("target.spm", &pieces);
    write("shortlist.bin", &shortlist());
    let mut tensors = Tensors::default();
    tensors.add("model.shared.weight", &[MARIAN_VOCABULARY, MARIAN_WIDTH]);
    tensors.add("final_logits_bias", &[1, MARIAN_VOCABULARY]);
    // No output may end before the limit.
    tensors.last()[..4].copy_from_slice(&(-100.0f32).to_le_bytes());
    for (side, layers, attentions) in [
        ("encoder", 6, &["self_attn"][..]),
        ("decoder", 2, &["self_attn", "encoder_attn"][..]),
    ] {
        for prefix in (0..layers).map(|layer| format!("model.{side}.layers.{layer}")) {
            for attention in attentions {
                for part in ["q_proj", "k_proj", "v_proj", "out_proj"] {
                    tensors.add_linear(
                        &format!("{prefix}.{attention}.{part}"),
                        MARIAN_WIDTH,
                        MARIAN_WIDTH,
                    );
                }
                tensors.add_norm(&format!("{prefix}.{attention}_layer_norm"), MARIAN_WIDTH);
            }
            tensors.add_linear(&format!("{prefix}.fc1"), MARIAN_INNER, MARIAN_WIDTH);
            tensors.add_linear(&format!("{prefix}.fc2"), MARIAN_WIDTH, MARIAN_INNER);
            tensors.add_norm(&format!("{prefix}.final_layer_norm"), MARIAN_WIDTH);
        }
    }
    write("model.safetensors", &tensors.serialize());
    directory
}

fn write_bert() -> TempDir {
    let directory = TempDir::new().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(directory.path().join(name), bytes).unwrap();
    let labels: serde_json::Map<_, _> = (0..9)
        .map(|label| (label.to_string(), json!(format!("L{label}"))))
        .collect();
    let config = json!({
        "architectures": ["BertForTokenClassification"], "vocab_size": BERT_VOCABULARY,
        "hidden_size": BERT_WIDTH, "num_hidden_layers": 6, "num_attention_heads": 12,
        "intermediate_size": BERT_INNER, "hidden_act": "gelu", "max_position_embeddings": 512,
        "type_vocab_size": 2, "layer_norm_eps": 1e-12, "id2label": labels,
    });
    write("config.json", config.to_string().as_bytes());
    let mut vocabulary = json!({"[UNK]": 0, "[CLS]": 1, "[SEP]": 2});
    for index in 0..BERT_VOCABULARY - 3 {
        vocabulary[format!("w{index}")] = (index + 3).into();
    }
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [], "normalizer": null,
        "pre_tokenizer": {"type": "BertPreTokenizer"}, "decoder": null,
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": vocabulary},
    });
    write("tokenizer.json", tokenizer.to_string().as_bytes());
    let mut tensors = Tensors::default();
    tensors.add(
        "bert.embeddings.word_embeddings.weight",
        &[BERT_VOCABULARY, BERT_WIDTH],
    );
    tensors.add("bert.embeddings.position_embeddings.weight", &[512, BERT_WIDTH]);
    tensors.add("bert.embeddings.token_type_embeddings.weight", &[2, BERT_WIDTH]);
    tensors.add_norm("bert.embeddings.LayerNorm", BERT_WIDTH);
    for prefix in (0..6).map(|layer| format!("bert.encoder.layer.{layer}")) {
        for part in ["self.query", "self.key", "self.value", "output.dense"] {
            tensors.add_linear(&format!("{prefix}.attention.{part}"), BERT_WIDTH, BERT_WIDTH);
        }
        tensors.add_norm(&format!("{prefix}.attention.output.LayerNorm"), BERT_WIDTH);
        tensors.add_linear(&format!("{prefix}.intermediate.dense"), BERT_INNER, BERT_WIDTH);
        tensors.add_linear(&format!("{prefix}.output.dense"), BERT_WIDTH, BERT_INNER);
        tensors.add_norm(&format!("{prefix}.output.LayerNorm"), BERT_WIDTH);
    }
    tensors.add_linear("classifier", 9, BERT_WIDTH);
    write("model.safetensors", &tensors.serialize());
    directory
}

/// A SentencePiece model (see `sentencepiece_model.proto`) with one piece for each word.
fn sentencepiece() -> Vec<u8> {
    let mut model = Vec::new();
    let mut piece = |text: &str, kind: u8| {
        let mut message = vec![10, text.len() as u8];
        message.extend(text.as_bytes());
        message.push(21);
        message.extend((-1.0f32).to_le_bytes());
        message.extend([24, kind]);
        model.extend([10, message.len() as u8]);
        model.extend(message);
    };
    piece("<unk>", 2);
    (0..20_000).for_each(|index| piece(&format!("▁w{index}"), 1));
    model
}

/// 100 common tokens, and 50 for each source token.
fn shortlist() -> Vec<u8> {
    let vocabulary = MARIAN_VOCABULARY as u32;
    let mut bytes = b"DGSL".to_vec();
    [1, vocabulary, 50, 100]
        .iter()
        .for_each(|number: &u32| bytes.extend(number.to_le_bytes()));
    let mut ids = |id: u32| bytes.extend((id as u16).to_le_bytes());
    (0..100).for_each(&mut ids);
    (0..vocabulary).for_each(|_| ids(50));
    let targets = (0..vocabulary)
        .flat_map(|source| (0..50).map(move |index| (source * 31 + index * index * 7) % vocabulary));
    targets.for_each(ids);
    bytes
}

/// Tensors with random values.
#[derive(Default)]
struct Tensors {
    tensors: Vec<(String, Vec<usize>, Vec<u8>)>,
    seed: u64,
}

impl Tensors {
    fn add(&mut self, name: &str, shape: &[usize]) {
        let values = (0..shape.iter().product()).flat_map(|_| {
            self.seed = self
                .seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            ((self.seed >> 40) as f32 / (1 << 24) as f32 * 0.2 - 0.1).to_le_bytes()
        });
        let values = values.collect();
        self.tensors.push((name.to_owned(), shape.to_vec(), values));
    }

    fn add_linear(&mut self, name: &str, outputs: usize, inputs: usize) {
        self.add(&format!("{name}.weight"), &[outputs, inputs]);
        self.add(&format!("{name}.bias"), &[outputs]);
    }

    fn add_norm(&mut self, name: &str, width: usize) {
        self.add(&format!("{name}.weight"), &[width]);
        self.last()
            .chunks_exact_mut(4)
            .for_each(|value| value.copy_from_slice(&1.0f32.to_le_bytes()));
        self.add(&format!("{name}.bias"), &[width]);
    }

    fn last(&mut self) -> &mut [u8] {
        &mut self.tensors.last_mut().unwrap().2
    }

    fn serialize(&self) -> Vec<u8> {
        let views = self
            .tensors
            .iter()
            .map(|(name, shape, values)| (name, TensorView::new(Dtype::F32, shape.clone(), values).unwrap()));
        safetensors::serialize(views, None).unwrap()
    }
}
