//! Reading weights in all formats, from files made here; `tests/engine_parity` reads those of torch.

use std::io::{Cursor, Write};

use ::safetensors::tensor::{Dtype, TensorView};
use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};
use half::{bf16, f16};

use super::*;

/// A model of the given files, opened.
fn open(files: &[(&str, &[u8])]) -> Result<Weights, Error> {
    let directory = tempfile::TempDir::new().unwrap();
    for (name, bytes) in files {
        std::fs::write(directory.path().join(name), bytes).unwrap();
    }
    Weights::read(&ModelFiles::Directory(directory.path().to_owned()))
}

#[track_caller]
fn check_refused(files: &[(&str, &[u8])], parts: &[&str]) {
    let message = open(files).err().expect("the files are broken").to_string();
    for part in parts {
        assert!(message.contains(part), "expected `{part}` in `{message}`");
    }
}

fn safetensors_bytes(tensors: &[(&str, Dtype, &[usize], Vec<u8>)]) -> Vec<u8> {
    let views = tensors
        .iter()
        .map(|(name, dtype, shape, data)| (*name, TensorView::new(*dtype, shape.to_vec(), data).unwrap()));
    ::safetensors::serialize(views, None).unwrap()
}

fn read(tensors: &[(&str, Dtype, &[usize], Vec<u8>)]) -> Weights {
    open(&[("model.safetensors", &safetensors_bytes(tensors))]).unwrap()
}

#[test]
fn floats_of_all_sizes_are_read() {
    let values = [1.5f32, -0.25, 3.0];
    let bytes = |of: fn(f32) -> Vec<u8>| values.iter().flat_map(|&value| of(value)).collect::<Vec<u8>>();
    let weights = read(&[
        (
            "full",
            Dtype::F32,
            &[3],
            bytes(|value| value.to_le_bytes().to_vec()),
        ),
        (
            "half",
            Dtype::F16,
            &[3],
            bytes(|value| f16::from_f32(value).to_le_bytes().to_vec()),
        ),
        (
            "brain",
            Dtype::BF16,
            &[3],
            bytes(|value| bf16::from_f32(value).to_le_bytes().to_vec()),
        ),
    ]);
    for name in ["full", "half", "brain"] {
        assert_eq!(weights.vector(name, 3).unwrap(), values, "{name}");
    }
}

#[test]
fn int8_rows_are_scaled() {
    let scales = [0.5f32, 2.0]
        .iter()
        .flat_map(|scale| scale.to_le_bytes())
        .collect();
    let weights = read(&[
        ("w", Dtype::I8, &[2, 2], vec![1, 255, 127, 129]),
        ("w.scale", Dtype::F32, &[2], scales),
    ]);
    let matrix = weights.matrix("w", [2, 2]).unwrap();
    assert_eq!(matrix.select(&[1]).into_floats(), [254.0, -254.0]);
    assert_eq!(matrix.into_floats(), [0.5, -0.5, 254.0, -254.0]);
}

#[test]
fn numbers_that_are_none_are_refused() {
    let weights = read(&[("v", Dtype::F32, &[1], f32::NAN.to_le_bytes().to_vec())]);
    let message = weights.vector("v", 1).unwrap_err().to_string();
    assert!(
        message.contains("tensor `v`: expected finite numbers, found NaN"),
        "{message}"
    );
    let weights = read(&[("v", Dtype::I32, &[1], vec![0; 4])]);
    let message = weights.vector("v", 1).unwrap_err().to_string();
    assert!(
        message.contains("tensor `v`: expected type F32, F16 or BF16, found I32"),
        "{message}"
    );
}

fn floats(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

#[test]
fn floats_are_quantised_while_they_are_read() {
    let values: Vec<f32> = (0..600_000u64)
        .map(|index| ((index * 7919) % 1000) as f32 - 500.0)
        .collect();
    let weights = read(&[("w", Dtype::F32, &[200_000, 3], floats(&values))]);
    let shape = [200_000, 3];
    let (expected, expected_scales) = quantize_rows(&values, 3, QUANT_MAX);
    let matrix = weights.matrix_in(Precision::Int8, "w", shape).unwrap();
    assert!(
        matches!(&matrix, Matrix::Int8 { shape: found, values, scales }
            if *found == shape && *values == expected && *scales == expected_scales),
        "what is quantised in parts should be what is quantised as a whole"
    );
    let matrix = weights.matrix_in(Precision::F32, "w", shape).unwrap();
    assert_eq!(matrix.into_floats(), values);
}

#[test]
fn files_that_are_not_whole_are_refused() {
    let whole = safetensors_bytes(&[("v", Dtype::F32, &[1], floats(&[1.0]))]);
    for len in [0, 7, 20, whole.len() - 1] {
        check_refused(
            &[("model.safetensors", &whole[..len])],
            &["`model.safetensors`", "expected", "found", "bytes"],
        );
    }
    let mut header = whole.clone();
    header[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    check_refused(&[("model.safetensors", &header)], &["a whole safetensors file"]);
    let longer = [&whole[..], &[0]].concat();
    check_refused(&[("model.safetensors", &longer)], &["as its header says"]);
}

#[test]
fn a_header_that_lies_about_places_is_refused() {
    for (shape, offsets) in [
        ("[2]", "[0,4]"),
        ("[1]", "[4,0]"),
        ("[4611686018427387904,4]", "[0,4]"),
    ] {
        let header = format!(r#"{{"v":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#);
        let bytes = [
            &(header.len() as u64).to_le_bytes()[..],
            header.as_bytes(),
            &[0; 4],
        ]
        .concat();
        check_refused(
            &[("model.safetensors", &bytes)],
            &["`model.safetensors`", "expected"],
        );
    }
}

#[test]
fn a_pointer_to_a_file_is_told_from_the_file() {
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";
    check_refused(
        &[("pytorch_model.bin", pointer)],
        &["`pytorch_model.bin`", "found a pointer", "git lfs pull"],
    );
}

#[test]
fn shards_are_read_as_one() {
    let shard = |name: &str, value: f32| safetensors_bytes(&[(name, Dtype::F32, &[1], floats(&[value]))]);
    let index = br#"{"weight_map":{"a":"1.safetensors","b":"2.safetensors"}}"#;
    let (first, second) = (shard("a", 1.0), shard("b", 2.0));
    let files = |second| {
        [
            ("model.safetensors.index.json", &index[..]),
            ("1.safetensors", &first[..]),
            ("2.safetensors", second),
        ]
    };
    let weights = open(&files(&second)).unwrap();
    assert_eq!(weights.vector("a", 1).unwrap(), [1.0]);
    assert_eq!(weights.vector("b", 1).unwrap(), [2.0]);
    assert!(weights.has("b") && !weights.has("c"));
    let message = weights.vector("b", 2).unwrap_err().to_string();
    assert!(
        message.contains("`2.safetensors`: tensor `b`: expected shape [2], found [1]"),
        "{message}"
    );
    let other = shard("c", 2.0);
    check_refused(
        &files(&other),
        &[
            "`2.safetensors`: expected a tensor `b`",
            "index.json",
            "found none",
        ],
    );
    check_refused(
        &files(&second)[..2],
        &["expected a file `2.safetensors`, found none"],
    );
}

/// A pickle of a state dict with one tensor `w` in storage `0`, as torch writes it.
fn state_dict(class: &str, storage_len: u8, offset: u8, shape: [u8; 2], strides: [u8; 2]) -> Vec<u8> {
    let mut pickle = b"\x80\x02ccollections\nOrderedDict\nq\x00)Rq\x01X\x01\0\0\0wq\x02".to_vec();
    pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\nq\x03((X\x07\0\0\0storageq\x04");
    pickle.extend(format!("ctorch\n{class}\n").bytes());
    pickle.extend(b"X\x01\0\0\x000X\x03\0\0\0cpu");
    pickle.extend([b'K', storage_len, b't', b'Q', b'K', offset]);
    for [first, second] in [shape, strides] {
        pickle.extend([b'K', first, b'K', second, 0x86]);
    }
    pickle.extend(b"\x89h\x00)Rtq\x05Rs}X\x09\0\0\0_metadatah\x00)Rsb.");
    pickle
}

fn archive(pickle: &[u8], storage: &[u8], more: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, bytes) in [("archive/data.pkl", pickle), ("archive/data/0", storage)]
        .iter()
        .chain(more)
    {
        writer.start_file(*name, stored).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn state_dicts_of_torch_are_read() {
    let read = |class: &str, storage: &[u8], len| {
        let pickle = state_dict(class, len, 1, [2, 2], [1, 2]);
        let file = archive(&pickle, storage, &[("archive/byteorder", b"little")]);
        let weights = open(&[("pytorch_model.bin", &file)]).unwrap();
        weights.matrix("w", [2, 2]).unwrap().into_floats()
    };
    let values = [9.0, 1.0, 2.0, 3.0, 4.0];
    assert_eq!(read("FloatStorage", &floats(&values), 5), [1.0, 3.0, 2.0, 4.0]);
    let halves: Vec<u8> = values
        .iter()
        .flat_map(|&value| f16::from_f32(value).to_le_bytes())
        .collect();
    assert_eq!(read("HalfStorage", &halves, 5), [1.0, 3.0, 2.0, 4.0]);
    let brains: Vec<u8> = values
        .iter()
        .flat_map(|&value| bf16::from_f32(value).to_le_bytes())
        .collect();
    assert_eq!(read("BFloat16Storage", &brains, 5), [1.0, 3.0, 2.0, 4.0]);
}

#[test]
fn tensors_of_other_types_are_refused_when_they_are_wanted() {
    let pickle = state_dict("DoubleStorage", 4, 0, [2, 2], [2, 1]);
    let weights = open(&[("pytorch_model.bin", &archive(&pickle, &[0; 32], &[]))]).unwrap();
    let message = weights.matrix("w", [2, 2]).unwrap_err().to_string();
    assert!(
        message.contains("`pytorch_model.bin`: tensor `w`: expected type F32, F16 or BF16, found F64"),
        "{message}"
    );
}

#[test]
fn tensors_outside_of_their_storage_are_refused() {
    let check = |offset, shape, strides, len, storage: &[u8], part: &str| {
        let pickle = state_dict("FloatStorage", len, offset, shape, strides);
        let file = archive(&pickle, storage, &[]);
        check_refused(&[("pytorch_model.bin", &file)], &["tensor `w`: expected", part]);
    };
    check(1, [2, 2], [2, 1], 4, &[0; 16], "its numbers within the 4");
    check(0, [2, 2], [3, 1], 4, &[0; 16], "its numbers within the 4");
    check(
        0,
        [2, 2],
        [2, 1],
        9,
        &[0; 16],
        "a storage of 9 numbers of type F32, found one of 16 bytes",
    );
}

#[test]
fn damaged_archives_are_refused() {
    let pickle = state_dict("FloatStorage", 4, 0, [2, 2], [2, 1]);
    let file = archive(&pickle, &floats(&[1.0, 2.0, 3.0, 4.0]), &[]);
    check_refused(
        &[("pytorch_model.bin", &file[..file.len() - 40])],
        &["`pytorch_model.bin`: expected a whole zip archive"],
    );
    let place = file
        .windows(4)
        .position(|part| part == 2.0f32.to_le_bytes())
        .unwrap();
    let mut changed = file;
    changed[place + 3] ^= 1;
    let weights = open(&[("pytorch_model.bin", &changed)]).unwrap();
    for precision in [Precision::F32, Precision::Int8] {
        let message = weights.matrix_in(precision, "w", [2, 2]).unwrap_err().to_string();
        assert!(
            message.contains("tensor `w`: expected numbers with the checksum"),
            "{message}"
        );
    }
    check_refused(
        &[("pytorch_model.bin", b"<html>not found</html>")],
        &["expected what `torch.save` writes, found other bytes"],
    );
    let empty = ZipWriter::new(Cursor::new(Vec::new()))
        .finish()
        .unwrap()
        .into_inner();
    check_refused(&[("pytorch_model.bin", &empty)], &["expected"]);
}

#[test]
fn big_endian_numbers_are_refused() {
    let pickle = state_dict("FloatStorage", 4, 0, [2, 2], [2, 1]);
    let file = archive(&pickle, &[0; 16], &[("archive/byteorder", b"big")]);
    check_refused(
        &[("pytorch_model.bin", &file)],
        &["expected numbers in byte order `little`, found `big`"],
    );
    let old = [
        &b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."[..],
        b"\x80\x02}(X\x0d\0\0\0little_endian\x89u.",
    ]
    .concat();
    check_refused(
        &[("pytorch_model.bin", &old)],
        &["byte order `little`, found `big`"],
    );
}

#[test]
fn pickles_that_would_run_code_are_refused_by_name() {
    let check = |pickle: &[u8], part: &str| {
        let file = archive(pickle, &[], &[]);
        check_refused(&[("pytorch_model.bin", &file)], &["`archive/data.pkl`", part]);
    };
    check(
        b"\x80\x02cposix\nsystem\nX\x02\0\0\0ls\x85R.",
        "found `posix.system`",
    );
    check(b"\x80\x02cbuiltins\neval\nq\x00.", "found `builtins.eval`");
    check(b"\x80\x04\x8c\x02os\x8c\x06system\x93.", "found `os.system`");
    check(b"\x80\x02ctorch\nSomeStorage\n.", "found `torch.SomeStorage`");
    check(
        b"\x80\x02ccollections\nOrderedDict\nX\x01\0\0\0a\x85R.",
        "expected a call that makes",
    );
    check(b"\x80\x02i__main__\nX\n.", "found 0x69");
}

#[test]
fn broken_pickles_are_refused() {
    let check = |pickle: &[u8]| {
        let file = archive(pickle, &[], &[]);
        check_refused(&[("pytorch_model.bin", &file)], &["`archive/data.pkl`: expected"]);
    };
    let broken: [&[u8]; 14] = [
        b"",
        b"\x80",
        b"\x80\x02.",
        b"\x80\x02}.",
        b"K\x01.",
        b"h\x07.",
        b"u.",
        b"(.",
        b"}(K\x01u.",
        b"\x85.",
        b"X\xff\xff\xff\xffa",
        b"q\x00.",
        b"Nr\xff\xff\xff\xff.",
        b"(K\x01tQ.",
    ];
    broken.into_iter().for_each(check);
    // Every beginning of a pickle that is whole.
    let pickle = state_dict("FloatStorage", 4, 0, [2, 2], [2, 1]);
    (0..pickle.len()).for_each(|len| check(&pickle[..len]));
}

#[test]
fn deeply_nested_pickles_do_no_harm() {
    let nested = [&b"N"[..], &vec![0x85; 500_000], b"."].concat();
    let file = archive(&nested, &[], &[]);
    check_refused(
        &[("pytorch_model.bin", &file)],
        &["expected a state dict, found a tuple"],
    );
    let many = vec![b'N'; 1_100_000];
    check_refused(
        &[("pytorch_model.bin", &archive(&many, &[], &[]))],
        &["values in the pickle"],
    );
}

#[test]
fn the_old_format_of_torch_is_read() {
    let preamble = [
        &b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."[..],
        b"\x80\x02}(X\x0d\0\0\0little_endian\x88u.",
    ]
    .concat();
    let pickle = state_dict("FloatStorage", 4, 0, [2, 2], [1, 2]);
    let keys = b"\x80\x02]X\x01\0\0\x000a.";
    let file = |count: u64, values: &[f32]| {
        [
            &preamble[..],
            &pickle,
            keys,
            &count.to_le_bytes(),
            &floats(values),
        ]
        .concat()
    };
    let values = [1.0, 2.0, 3.0, 4.0];
    let weights = open(&[("pytorch_model.bin", &file(4, &values))]).unwrap();
    assert_eq!(
        weights.matrix("w", [2, 2]).unwrap().into_floats(),
        [1.0, 3.0, 2.0, 4.0]
    );
    check_refused(
        &[("pytorch_model.bin", &file(4, &values[..3]))],
        &["storage `0`: expected 16 bytes", "is the file whole?"],
    );
    check_refused(
        &[("pytorch_model.bin", &file(5, &values))],
        &["storage `0`: expected 4 numbers, found 5"],
    );
}
