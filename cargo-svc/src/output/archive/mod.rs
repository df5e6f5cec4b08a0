//! Archives that are the same bytes on every host and at every time, given the same files.
//!
//! Order, owner, modes and dates are set here and never taken from the file system; contents are streamed, so that a program
//! of any size is not held in memory.

mod tar_gz;
mod zip;

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::date::SourceDate;

/// The format of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// `.tar.gz`
    TarGz,
    /// `.zip`
    Zip,
    /// `.msi`
    Msi,
}

impl Format {
    /// The end of the file's name, which is also the word for it.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::TarGz => "tar.gz",
            Self::Zip => "zip",
            Self::Msi => "msi",
        }
    }

    /// Reads the word.
    ///
    /// # Errors
    /// One sentence on which words there are.
    pub fn parse(word: &str) -> Result<Self, String> {
        match word {
            "tar.gz" => Ok(Self::TarGz),
            "zip" => Ok(Self::Zip),
            "msi" => Ok(Self::Msi),
            _ => Err("the formats are `tar.gz`, `zip` and `msi`".to_owned()),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.extension())
    }
}

/// A file to put into an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path below the folder, with forward slashes.
    pub path: String,
    /// Whether Linux may run it: mode 0755 instead of 0644.
    pub executable: bool,
}

impl Member {
    /// Its permissions.
    pub const fn mode(&self) -> u32 {
        if self.executable { 0o755 } else { 0o644 }
    }
}

/// What an archive is made from.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// The folder that holds the members.
    pub folder: &'a Path,
    /// The folder's name in the archive: everything is below it.
    pub name: &'a str,
    /// The files.
    pub members: &'a [Member],
    /// The modification time of all of them.
    pub date: SourceDate,
}

/// Why there is no archive.
#[derive(Debug)]
pub struct ArchiveError {
    /// The file that could not be read or written.
    pub path: PathBuf,
    /// What happened.
    pub error: io::Error,
}

/// Writes the archive at `path`. `progress` hears how many bytes of the members have been read so far.
///
/// # Errors
/// A member could not be read, or the archive could not be written; what is at `path` then is no archive.
pub fn write(
    format: Format,
    contents: Contents<'_>,
    path: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(), ArchiveError> {
    let out = File::create(path).map_err(|error| at(path, error))?;
    let mut members: Vec<&Member> = contents.members.iter().collect();
    members.sort_by(|one, other| one.path.as_bytes().cmp(other.path.as_bytes()));
    match format {
        Format::TarGz => tar_gz::write(contents, &members, out, path, progress),
        Format::Zip => zip::write(contents, &members, out, path, progress),
        Format::Msi => Err(at(
            path,
            io::Error::other("an installer is made from a plan, not from a folder"),
        )),
    }
}

fn at(path: &Path, error: io::Error) -> ArchiveError {
    ArchiveError {
        path: path.to_owned(),
        error,
    }
}

/// The folders that hold the members, outermost first, without the archive's own.
fn folders(members: &[&Member]) -> Vec<String> {
    let mut folders: Vec<String> = members
        .iter()
        .flat_map(|member| {
            member
                .path
                .match_indices('/')
                .map(|(end, _)| member.path[..end].to_owned())
        })
        .collect();
    folders.sort_unstable_by(|one, other| one.as_bytes().cmp(other.as_bytes()));
    folders.dedup();
    folders
}

/// A member's bytes, counted as they are read. An error names the member, since reading and writing fail in one call.
struct Source<'a> {
    reader: BufReader<File>,
    size: u64,
    read: &'a mut u64,
    progress: &'a mut dyn FnMut(u64),
    failed: Option<io::ErrorKind>,
}

impl<'a> Source<'a> {
    fn open(
        path: &Path,
        read: &'a mut u64,
        progress: &'a mut dyn FnMut(u64),
    ) -> Result<Self, ArchiveError> {
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)));
        let (size, file) = opened.map_err(|error| at(path, error))?;
        Ok(Self {
            reader: BufReader::with_capacity(128 * 1024, file),
            size,
            read,
            progress,
            failed: None,
        })
    }

    /// Which of the two files an error of a copy belongs to.
    fn blame(&self, member: &Path, archive: &Path, error: io::Error) -> ArchiveError {
        at(
            if self.failed.is_some() {
                member
            } else {
                archive
            },
            error,
        )
    }
}

impl Read for Source<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self
            .reader
            .read(buffer)
            .inspect_err(|error| self.failed = Some(error.kind()))?;
        *self.read += count as u64;
        (self.progress)(*self.read);
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
