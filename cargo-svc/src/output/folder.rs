//! Writing a folder of files and learning their sizes and hashes on the way.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::archive::Member;
use super::stage::{StageError, failed};
use crate::render::Kind;

/// Where a file's bytes come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// From memory.
    Bytes(Vec<u8>),
    /// From another file, which is copied piece by piece.
    Copy(PathBuf),
}

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is for.
    pub kind: Kind,
    /// Where it goes and whether it may be run.
    pub member: Member,
    /// Its bytes.
    pub content: Content,
}

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What it is for.
    pub kind: Kind,
    /// Where it is and whether it may be run.
    pub member: Member,
    /// Its length in bytes and its hash.
    pub digest: FileDigest,
}

/// A file's length and hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDigest {
    /// In bytes.
    pub size: u64,
    /// SHA-256 in lower-case hexadecimal digits.
    pub sha256: String,
}

/// Makes a folder that is not there yet.
///
/// # Errors
/// It is there, or cannot be made.
pub fn make(folder: &Path) -> Result<(), StageError> {
    fs::create_dir(folder).map_err(failed("make the folder", folder))
}

/// Writes a file below `folder`, with the modes 0755 and 0644 whatever the umask says.
///
/// # Errors
/// The file cannot be written, or the one it is copied from cannot be read.
pub fn write(folder: &Path, entry: Entry) -> Result<Written, StageError> {
    let path = folder.join(&entry.member.path);
    make_folders(folder, &entry.member.path)?;
    let mut out = Hashing {
        file: File::create(&path).map_err(failed("write", &path))?,
        hash: Sha256::new(),
        size: 0,
    };
    match &entry.content {
        Content::Bytes(bytes) => out.write_all(bytes).map_err(failed("write", &path))?,
        Content::Copy(from) => {
            let file = File::open(from).map_err(failed("read", from))?;
            copy(file, from, &mut out, &path)?;
        }
    }
    set_mode(&path, entry.member.mode())?;
    Ok(Written {
        kind: entry.kind,
        member: entry.member,
        digest: out.digest(),
    })
}

/// Reads a file's length and hash.
///
/// # Errors
/// The file cannot be read.
pub fn digest(path: &Path) -> Result<FileDigest, StageError> {
    let mut file = File::open(path).map_err(failed("read", path))?;
    let mut hash = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; PIECE];
    loop {
        let count = file.read(&mut buffer).map_err(failed("read", path))?;
        if count == 0 {
            break;
        }
        hash.update(&buffer[..count]);
        size += count as u64;
    }
    Ok(FileDigest {
        size,
        sha256: hex(&hash.finalize()),
    })
}

/// How much of a file is in memory at a time.
const PIECE: usize = 128 * 1024;

/// Not [`io::copy`], whose error does not say which of the two files it is about.
fn copy(
    mut from: File,
    from_path: &Path,
    to: &mut Hashing,
    to_path: &Path,
) -> Result<(), StageError> {
    let mut buffer = vec![0; PIECE];
    loop {
        let count = from.read(&mut buffer).map_err(failed("read", from_path))?;
        if count == 0 {
            return Ok(());
        }
        to.write_all(&buffer[..count])
            .map_err(failed("write", to_path))?;
    }
}

struct Hashing {
    file: File,
    hash: Sha256,
    size: u64,
}

impl Hashing {
    fn digest(self) -> FileDigest {
        FileDigest {
            size: self.size,
            sha256: hex(&self.hash.finalize()),
        }
    }
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.file.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.size += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Makes the folders between `folder` and a file in it.
fn make_folders(folder: &Path, file: &str) -> Result<(), StageError> {
    for (end, _) in file.match_indices('/') {
        let made = folder.join(&file[..end]);
        match fs::create_dir(&made) {
            Ok(()) => set_mode(&made, 0o755)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("make the folder", &made)(error)),
        }
    }
    Ok(())
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> Result<(), StageError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(failed("set the mode of", path))
}

/// Windows has no such modes; archives written there carry them all the same.
#[cfg(not(unix))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands for the other one, which can fail"
)]
fn set_mode(_path: &Path, _mode: u32) -> Result<(), StageError> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_bytes_written() {
        let folder = std::env::temp_dir().join(format!("cargo-svc-folder-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let entry = |path: &str, content| Entry {
            kind: Kind::Program,
            member: Member {
                path: path.to_owned(),
                executable: true,
            },
            content,
        };
        let written = write(&folder, entry("a", Content::Bytes(b"abc".to_vec()))).unwrap();
        // The test vector of FIPS 180-2 for "abc".
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(
            (written.digest.size, written.digest.sha256.as_str()),
            (3, expected)
        );
        let copied = write(&folder, entry("bin/b", Content::Copy(folder.join("a")))).unwrap();
        assert_eq!(copied.digest, written.digest);
        assert_eq!(digest(&folder.join("bin/b")).unwrap(), written.digest);
        let failure = write(&folder, entry("c", Content::Copy(folder.join("none")))).unwrap_err();
        assert_eq!((failure.doing, failure.path), ("read", folder.join("none")));
        fs::remove_dir_all(folder).unwrap();
    }
}
