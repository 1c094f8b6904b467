#![no_main]

#[path = "../targets/mod.rs"]
#[allow(dead_code, reason = "one target of several")]
mod targets;

libfuzzer_sys::fuzz_target!(|text: &str| targets::document(text));
