//! `.zip`: deflate, UTF-8 names, Unix modes, one date.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, System, ZipWriter};

use super::{ArchiveError, Contents, Member, Source, at};

/// From this size on an entry needs the 64-bit fields of the format; a little below 4 GiB, since deflate can grow data.
const LARGE: u64 = 0xF000_0000;

pub(super) fn write(
    contents: Contents<'_>,
    members: &[&Member],
    out: File,
    path: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(), ArchiveError> {
    let mut zip = ZipWriter::new(BufWriter::new(out));
    let own = |error: ZipError| at(path, error.into());
    // The system that the archive says it was made on is fixed, or the modes would be written on Unix hosts only.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(contents.date.dos())
        .system(System::Unix);
    let mut read = 0;
    for member in members {
        let file = contents.folder.join(&member.path);
        let mut source = Source::open(&file, &mut read, progress)?;
        let options = options
            .unix_permissions(member.mode())
            .large_file(source.size >= LARGE);
        zip.start_file(format!("{}/{}", contents.name, member.path), options)
            .map_err(own)?;
        if let Err(error) = io::copy(&mut source, &mut zip) {
            return Err(source.blame(&file, path, error));
        }
    }
    let buffered = zip.finish().map_err(own)?;
    buffered
        .into_inner()
        .map_err(|error| at(path, error.into_error()))
        .map(drop)
}
