//! What was received: the latest value of each name, kept in the state folder so that it outlives the process.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

/// So many lines may be in the file whose name has a newer one further down.
const OUTDATED: usize = 10_000;

/// The latest value of each name.
#[derive(Default)]
pub(crate) struct Readings {
    latest: BTreeMap<String, f64>,
    kept: Option<Kept>,
}

/// A file with a line for each reading, the newest last.
struct Kept {
    path: PathBuf,
    file: File,
    bytes: u64,
    lines: usize,
}

impl Readings {
    /// What is kept in this folder, where whatever comes is kept, too.
    pub(crate) fn kept_in(folder: &Path) -> Result<Self, String> {
        let path = folder.join("readings");
        let latest = read(&path).map_err(|error| told(&path, &error))?;
        let kept = write(&latest, path)?;
        Ok(Self {
            latest,
            kept: Some(kept),
        })
    }

    /// All of them.
    pub(crate) fn latest(&self) -> &BTreeMap<String, f64> {
        &self.latest
    }

    /// Takes a reading. It is in the file before it is anywhere else.
    pub(crate) fn insert(&mut self, name: String, value: f64) -> Result<(), String> {
        if let Some(kept) = &mut self.kept {
            kept.append(&name, value)
                .map_err(|error| told(&kept.path, &error))?;
        }
        self.latest.insert(name, value);
        if let Some(kept) = &mut self.kept
            && kept.lines > self.latest.len() + OUTDATED
        {
            *kept = write(&self.latest, kept.path.clone())?;
        }
        Ok(())
    }
}

impl Kept {
    fn append(&mut self, name: &str, value: f64) -> std::io::Result<()> {
        let line = line(name, value)?;
        if let Err(error) = self.file.write_all(&line) {
            // A disk that is full may have taken half a line, which the next one would continue.
            self.file.set_len(self.bytes)?;
            return Err(error);
        }
        self.bytes += line.len() as u64;
        self.lines += 1;
        Ok(())
    }
}

fn line(name: &str, value: f64) -> std::io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(&(name, value))?;
    line.push(b'\n');
    Ok(line)
}

fn read(path: &Path) -> Result<BTreeMap<String, f64>, String> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        text => text.map_err(|error| error.to_string())?,
    };
    let mut latest = BTreeMap::new();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        match serde_json::from_str(line) {
            Ok((name, value)) => latest.insert(name, value),
            // The power failed while it was written.
            Err(_) if !line.ends_with('\n') => break,
            Err(error) => return Err(format!("line {}: {error}", index + 1)),
        };
    }
    Ok(latest)
}

/// Writes a line for each name in the place of whatever was there: it is the one or the other at any time.
fn write(latest: &BTreeMap<String, f64>, path: PathBuf) -> Result<Kept, String> {
    let new = path.with_extension("new");
    let mut text = Vec::new();
    let mut write = || {
        for (name, value) in latest {
            text.extend(line(name, *value)?);
        }
        let mut file = File::create(&new)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        Ok(file)
    };
    let file = write().map_err(|error: std::io::Error| told(&path, &error))?;
    Ok(Kept {
        path,
        file,
        bytes: text.len() as u64,
        lines: latest.len(),
    })
}

fn told(path: &Path, error: &dyn Display) -> String {
    format!("{}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(readings: &Readings) -> Vec<(&str, f64)> {
        let latest = readings.latest().iter();
        latest
            .map(|(name, value)| (name.as_str(), *value))
            .collect()
    }

    #[test]
    fn the_latest_outlive_the_process() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut readings = Readings::kept_in(folder.path()).expect("empty");
        for (name, value) in [("a", 1.0), ("b\n\"", 2.5), ("a", 3.0)] {
            readings.insert(name.into(), value).expect("kept");
        }
        let again = Readings::kept_in(folder.path()).expect("right");
        assert_eq!(all(&again), [("a", 3.0), ("b\n\"", 2.5)]);
    }

    #[test]
    fn half_a_line_at_the_end_is_no_reading() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("readings");
        fs::write(&path, "[\"a\",1]\n[\"b\",2").expect("its text");
        let mut readings = Readings::kept_in(folder.path()).expect("right");
        readings.insert("c".into(), 3.0).expect("kept");
        let again = Readings::kept_in(folder.path()).expect("right");
        assert_eq!(all(&again), [("a", 1.0), ("c", 3.0)]);
    }

    #[test]
    fn what_somebody_broke_is_told_with_its_place() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("readings");
        fs::write(&path, "[\"a\",1]\nb 2\n").expect("its text");
        let message = Readings::kept_in(folder.path()).err().expect("wrong");
        let begin = format!("{}: line 2: ", path.display());
        assert!(message.starts_with(&begin), "{message}");
    }

    #[test]
    fn outdated_lines_go_now_and_then() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut readings = Readings::kept_in(folder.path()).expect("empty");
        let count = |folder: &Path| {
            let text = fs::read_to_string(folder.join("readings")).expect("a file");
            text.lines().count()
        };
        for _ in 0..=OUTDATED {
            readings.insert("a".into(), 1.0).expect("kept");
        }
        assert_eq!(count(folder.path()), OUTDATED + 1);
        readings.insert("a".into(), 0.5).expect("kept");
        assert_eq!(count(folder.path()), 1);
        readings.insert("a".into(), 1.5).expect("kept");
        let again = Readings::kept_in(folder.path()).expect("right");
        assert_eq!(all(&again), [("a", 1.5)]);
    }
}
