//! A machine with an empty store, a hub, and the command.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::hub::Hub;

/// A fresh home directory, whose hub is a [`Hub`].
pub struct Place {
    home: TempDir,
    pub hub: Hub,
}

/// What the command wrote, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Place {
    /// With the hub that has two models.
    pub fn new() -> Self {
        Self::with(Hub::new())
    }

    pub fn with(hub: Hub) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { home, hub }
    }

    /// Where the store is.
    pub fn store(&self) -> PathBuf {
        self.home.path().join("hub")
    }

    /// The directory of a model in the store.
    pub fn repository(&self, id: &str) -> PathBuf {
        self.store().join(format!("models--{}", id.replace('/', "--")))
    }

    /// A file of a model, at the hub's last commit.
    pub fn file(&self, id: &str, name: &str) -> PathBuf {
        let commit = self.hub.head(id);
        self.repository(id).join("snapshots").join(commit).join(name)
    }

    /// The command, in an environment that says where store and hub are and nothing else.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_diglot"));
        command
            .args(arguments)
            .env_clear()
            .env("HF_HOME", self.home.path())
            .env("HF_ENDPOINT", format!("http://{}", self.hub.address))
            .env("RAYON_NUM_THREADS", "1")
            .current_dir(&self.home)
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    pub fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Ran {
        let mut command = self.command(arguments);
        Ran::from(command.envs(environment.iter().copied()).output().unwrap())
    }

    pub fn pull(&self, id: &str) -> Ran {
        self.run(&["models", "pull", id])
    }

    /// A pull that must succeed.
    #[track_caller]
    pub fn pulled(&self, id: &str) -> Ran {
        let ran = self.pull(id);
        assert_eq!(ran.code, 0, "the pull should succeed: {}", ran.stderr);
        ran
    }

    /// A pull that must fail, saying all of this, and leave no file that was not checked.
    #[track_caller]
    pub fn refused(&self, arguments: &[&str], parts: &[&str]) -> Ran {
        let ran = self.run(&[&["models", "pull"], arguments].concat());
        assert_eq!(ran.code, 2, "the pull should fail: {ran:?}");
        assert_eq!(ran.stdout, "");
        for part in parts {
            assert!(ran.stderr.contains(part), "expected `{part}` in: {}", ran.stderr);
        }
        ran
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

/// The names in a directory, sorted; none if there is no directory.
pub fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Changes one byte of a file, through links.
pub fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}
