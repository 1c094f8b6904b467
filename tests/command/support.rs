//! Running the command in a directory of its own.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A fresh directory to run the command in.
pub struct Workplace {
    directory: TempDir,
}

/// What the command wrote, and how it ended.
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Workplace {
    /// A directory with the given files.
    pub fn new(files: &[(&str, &[u8])]) -> Self {
        let workplace = Self {
            directory: tempfile::tempdir().unwrap(),
        };
        for (name, contents) in files {
            let path = workplace.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, contents).unwrap();
        }
        workplace
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names in the directory, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// The command, in the directory and in an environment that says nothing about colours and threads.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_diglot"));
        command
            .args(arguments)
            .current_dir(&self.directory)
            .stdin(Stdio::null());
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "RAYON_NUM_THREADS"] {
            command.env_remove(name);
        }
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Runs the command with something on standard input.
    pub fn pipe(&self, arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // Inputs here are smaller than a pipe's buffer, so writing does not wait for reading.
        child.stdin.take().unwrap().write_all(input.as_ref()).unwrap();
        Ran::from(child.wait_with_output().unwrap())
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output
                .status
                .code()
                .expect("the command should exit, not be killed"),
        }
    }
}

impl Ran {
    /// Standard output as JSON lines, of a run that went well.
    #[track_caller]
    pub fn records(&self) -> Vec<Value> {
        assert_eq!(self.code, 0, "the run should go well: {}", self.stderr);
        json_lines(&self.stdout)
    }
}

/// Each line as JSON.
#[track_caller]
pub fn json_lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A document of the `examples` folder.
pub fn example(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)).unwrap()
}

/// A string field.
#[track_caller]
pub fn string<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field]
        .as_str()
        .unwrap_or_else(|| panic!("expected a string `{field}` in {value}"))
}

/// A list field.
#[track_caller]
pub fn list<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field]
        .as_array()
        .unwrap_or_else(|| panic!("expected a list `{field}` in {value}"))
}

/// The part of `text` that all three pairs of offsets of `value` give.
#[track_caller]
pub fn slice<'a>(text: &'a str, value: &Value) -> &'a str {
    let number = |field: &str| {
        let number = value[field]
            .as_u64()
            .unwrap_or_else(|| panic!("expected offset `{field}` in {value}"));
        usize::try_from(number).unwrap()
    };
    let bytes = &text[number("start")..number("end")];
    let (start, end) = (number("char_start"), number("char_end"));
    let characters: String = text.chars().skip(start).take(end - start).collect();
    let units: Vec<u16> = text.encode_utf16().collect();
    let units = String::from_utf16(&units[number("utf16_start")..number("utf16_end")]).unwrap();
    assert_eq!(
        characters, bytes,
        "code-point offsets should give what byte offsets give"
    );
    assert_eq!(units, bytes, "UTF-16 offsets should give what byte offsets give");
    bytes
}
