//! `.tar.gz`: GNU tar, whose long names every tar of the last decades reads, in one gzip member without name and time.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::{ArchiveError, Contents, Member, Source, at, folders};

pub(super) fn write(
    contents: Contents<'_>,
    members: &[&Member],
    out: File,
    path: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(), ArchiveError> {
    // The gzip header's time stays 0 and its system "unknown", which is what the builder writes unless told otherwise.
    let gzip = GzBuilder::new().write(BufWriter::new(out), Compression::best());
    let mut tar = Builder::new(gzip);
    let own = |error| at(path, error);
    folder(&mut tar, contents, "").map_err(own)?;
    // Folders come before what is in them, and everything in the order of its path.
    let folders = folders(members);
    let mut folders = folders.iter().peekable();
    let mut read = 0;
    for member in members {
        while let Some(above) = folders.next_if(|folder| folder.as_bytes() < member.path.as_bytes())
        {
            folder(&mut tar, contents, above).map_err(own)?;
        }
        let file = contents.folder.join(&member.path);
        let mut source = Source::open(&file, &mut read, progress)?;
        let mut header = header(contents, EntryType::Regular, member.mode(), source.size);
        let name = format!("{}/{}", contents.name, member.path);
        if let Err(error) = tar.append_data(&mut header, name, &mut source) {
            return Err(source.blame(&file, path, error));
        }
    }
    finish(tar).map_err(own)
}

fn folder(tar: &mut Builder<impl Write>, contents: Contents<'_>, path: &str) -> io::Result<()> {
    let mut header = header(contents, EntryType::Directory, 0o755, 0);
    let name = format!("{}/{path}", contents.name);
    tar.append_data(
        &mut header,
        format!("{}/", name.trim_end_matches('/')),
        io::empty(),
    )
}

/// Owner 0 by number and without a name: names would be looked up on the machine that unpacks.
fn header(contents: Contents<'_>, kind: EntryType, mode: u32, size: u64) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(contents.date.unix());
    header.set_size(size);
    header
}

/// Ends each layer, so that a disk that is full only at the last byte is noticed too.
fn finish(tar: Builder<GzEncoder<BufWriter<File>>>) -> io::Result<()> {
    let buffered = tar.into_inner()?.finish()?;
    buffered
        .into_inner()
        .map_err(io::IntoInnerError::into_error)
        .map(drop)
}
