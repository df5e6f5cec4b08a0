//! Cabinets (Microsoft, "Cabinet File Format"), compressed with MSZIP on as many threads as the machine has.
//!
//! A block of MSZIP is 32 KiB of data, deflated as a stream of its own that may refer to the block before it. A span of
//! blocks refers to nothing before the span, so that spans are deflated side by side and come out the same on any number of
//! threads.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use flate2::{Compress, Compression, FlushCompress};
use rayon::prelude::*;

use crate::output::archive::ArchiveError;

/// Bytes of data in a block.
const BLOCK: usize = 32 * 1024;
/// Blocks in a span.
const SPAN: usize = 32;
/// Spans that are in memory at once.
const AT_ONCE: usize = 8;
/// Most blocks that a folder of a cabinet counts.
const MOST_BLOCKS: u64 = 65535;
/// Bytes of the header, and of the one folder behind it.
const HEADER: u32 = 36;
const FOLDER: u32 = 8;

/// A file to pack.
#[derive(Debug, Clone)]
pub(super) struct Member {
    /// Its name in the cabinet.
    pub(super) name: String,
    /// Where it is.
    pub(super) path: PathBuf,
    /// Its length.
    pub(super) size: u64,
}

/// Most bytes of all files together.
pub(super) const MOST: u64 = MOST_BLOCKS * BLOCK as u64;

/// Writes a cabinet of these files, all with this date and time (as MS-DOS writes them).
///
/// # Errors
/// A file cannot be read, is not as long as it was, or the cabinet at `path` cannot be written.
pub(super) fn write<W: Write + Seek>(
    members: &[Member],
    date: (u16, u16),
    mut out: W,
    path: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(), ArchiveError> {
    let own = |error| ArchiveError {
        path: path.to_owned(),
        error,
    };
    let entries = entries(members, date);
    let data_start = HEADER + FOLDER + u32::try_from(entries.len()).unwrap_or(u32::MAX);
    let head = |size: u32, blocks: u16| head(members.len(), data_start, size, blocks);
    out.write_all(&head(0, 0)).map_err(own)?;
    out.write_all(&entries).map_err(own)?;
    let mut source = Source::new(members);
    let (mut size, mut blocks, mut done) = (u64::from(data_start), 0_u64, 0);
    loop {
        let mut spans = Vec::new();
        while spans.len() < AT_ONCE {
            let span = source.read(BLOCK * SPAN)?;
            if span.is_empty() {
                break;
            }
            spans.push(span);
        }
        if spans.is_empty() {
            break;
        }
        let packed: Vec<Deflated> = spans.par_iter().map(|span| deflate(span)).collect();
        for (span, packed) in spans.iter().zip(packed) {
            for (data, packed) in span.chunks(BLOCK).zip(packed.map_err(own)?) {
                let block = block(&packed, data.len());
                out.write_all(&block).map_err(own)?;
                size += block.len() as u64;
                blocks += 1;
            }
            done += span.len() as u64;
            progress(done);
        }
    }
    let too_long = || {
        own(io::Error::new(
            io::ErrorKind::FileTooLarge,
            "the files are longer than a cabinet of 2 GiB can hold",
        ))
    };
    let size = u32::try_from(size).map_err(|_| too_long())?;
    let blocks = u16::try_from(blocks).map_err(|_| too_long())?;
    out.seek(SeekFrom::Start(0)).map_err(own)?;
    out.write_all(&head(size, blocks)).map_err(own)?;
    out.flush().map_err(own)
}

/// `CFHEADER` and the one `CFFOLDER`.
fn head(files: usize, data_start: u32, size: u32, blocks: u16) -> Vec<u8> {
    let mut out = Vec::new();
    out.extend(b"MSCF");
    for word in [0, size, 0, HEADER + FOLDER, 0] {
        out.extend(u32::to_le_bytes(word));
    }
    // Version 1.3; one folder.
    out.extend([3, 1, 1, 0]);
    let files = u16::try_from(files).unwrap_or(u16::MAX);
    for word in [files, 0, 0, 0] {
        out.extend(u16::to_le_bytes(word));
    }
    out.extend(data_start.to_le_bytes());
    // 1 is MSZIP.
    for word in [blocks, 1] {
        out.extend(u16::to_le_bytes(word));
    }
    out
}

/// `CFFILE` of each file.
fn entries(members: &[Member], (date, time): (u16, u16)) -> Vec<u8> {
    let mut out = Vec::new();
    let mut start = 0_u64;
    for member in members {
        for word in [member.size, start] {
            // The sum was checked before anything was written.
            out.extend(u32::try_from(word).unwrap_or(u32::MAX).to_le_bytes());
        }
        // The folder; the moment; an ordinary file (0x20).
        for word in [0, date, time, 0x20] {
            out.extend(u16::to_le_bytes(word));
        }
        out.extend(member.name.as_bytes());
        out.push(0);
        start += member.size;
    }
    out
}

/// `CFDATA`: checksum, both lengths, the data.
fn block(packed: &[u8], length: usize) -> Vec<u8> {
    let mut lengths = Vec::with_capacity(4);
    for word in [packed.len(), length] {
        lengths.extend(u16::try_from(word).unwrap_or(u16::MAX).to_le_bytes());
    }
    let sum = checksum(&lengths, checksum(packed, 0));
    let mut out = Vec::with_capacity(packed.len() + 8);
    out.extend(sum.to_le_bytes());
    out.extend(lengths);
    out.extend(packed);
    out
}

/// Words of four bytes, combined; what is left at the end counts as a number with the last byte lowest.
fn checksum(data: &[u8], seed: u32) -> u32 {
    let words = data.chunks_exact(4);
    let rest = words
        .remainder()
        .iter()
        .fold(0, |sum, byte| sum << 8 | u32::from(*byte));
    words.fold(seed, |sum, word| {
        sum ^ u32::from_le_bytes([word[0], word[1], word[2], word[3]])
    }) ^ rest
}

type Deflated = io::Result<Vec<Vec<u8>>>;

/// The blocks of a span. Each is a whole deflate stream behind the letters `CK`, and refers to the one before it.
fn deflate(span: &[u8]) -> Deflated {
    let mut deflater = Compress::new(LEVEL, false);
    let mut blocks = Vec::new();
    for data in span.chunks(BLOCK) {
        let mut packed = Vec::with_capacity(BLOCK + BLOCK / 8);
        packed.extend(b"CK");
        let before = deflater.total_in();
        deflater
            .compress_vec(data, &mut packed, FlushCompress::Sync)
            .map_err(io::Error::other)?;
        if deflater.total_in() - before != data.len() as u64 {
            return Err(io::Error::other("deflate left data behind"));
        }
        // The flush ends at a whole byte; an empty last block ends the stream.
        packed.extend([0x03, 0x00]);
        // What does not get shorter is stored, which is as long as it is and 7 bytes.
        if packed.len() > data.len() + 7 {
            packed = stored(data);
        }
        blocks.push(packed);
    }
    Ok(blocks)
}

fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    let mut packed = Vec::with_capacity(data.len() + 7);
    packed.extend(b"CK\x01");
    packed.extend(length.to_le_bytes());
    packed.extend((!length).to_le_bytes());
    packed.extend(data);
    packed
}

/// How hard deflate looks: as long as it takes to be smaller than what wixl makes, and no longer.
const LEVEL: Compression = Compression::new(4);

/// The files' bytes, one file behind the other.
struct Source<'a> {
    members: std::slice::Iter<'a, Member>,
    current: Option<(&'a Member, BufReader<File>, u64)>,
}

impl<'a> Source<'a> {
    fn new(members: &'a [Member]) -> Self {
        Self {
            members: members.iter(),
            current: None,
        }
    }

    /// The next bytes, as many as these unless the files end.
    fn read(&mut self, wanted: usize) -> Result<Vec<u8>, ArchiveError> {
        let mut span = Vec::with_capacity(wanted);
        while span.len() < wanted {
            let Some((member, reader, left)) = &mut self.current else {
                let Some(member) = self.members.next() else {
                    break;
                };
                let file = File::open(&member.path).map_err(|error| at(member, error))?;
                self.current = Some((member, BufReader::new(file), member.size));
                continue;
            };
            let room = (wanted - span.len()) as u64;
            let take = room.min(*left);
            let read = reader
                .take(take)
                .read_to_end(&mut span)
                .map_err(|error| at(member, error))?;
            if (read as u64) < take {
                return Err(at(member, io::ErrorKind::UnexpectedEof.into()));
            }
            *left -= take;
            if *left == 0 {
                self.current = None;
            }
        }
        Ok(span)
    }
}

fn at(member: &Member, error: io::Error) -> ArchiveError {
    ArchiveError {
        path: member.path.clone(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    /// Files that are packed and read back by another reader of cabinets.
    fn packed(contents: &[Vec<u8>]) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let members: Vec<Member> = contents
            .iter()
            .enumerate()
            .map(|(number, bytes)| {
                let path = folder.path().join(number.to_string());
                std::fs::write(&path, bytes).unwrap();
                Member {
                    name: format!("File.{number}"),
                    path,
                    size: bytes.len() as u64,
                }
            })
            .collect();
        let mut out = Cursor::new(Vec::new());
        let mut last = 0;
        write(
            &members,
            (0x21, 0),
            &mut out,
            Path::new("x.cab"),
            &mut |done| last = done,
        )
        .unwrap();
        let total: usize = contents.iter().map(Vec::len).sum();
        assert_eq!(last, total as u64);
        out.into_inner()
    }

    /// Text, noise and nothing, over several blocks and spans.
    fn contents() -> Vec<Vec<u8>> {
        let mut seed = 1_u32;
        let mut noise = |length: usize| -> Vec<u8> {
            (0..length)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    seed.to_le_bytes()[3]
                })
                .collect()
        };
        let text: Vec<u8> = (0..200_000)
            .flat_map(|n: u32| format!("line {n}\n").into_bytes())
            .collect();
        vec![
            text,
            noise(100_001),
            Vec::new(),
            b"x".to_vec(),
            noise(BLOCK),
        ]
    }

    #[test]
    fn another_reader_finds_the_same_bytes() {
        let contents = contents();
        let cabinet = packed(&contents);
        assert_eq!(
            cabinet.len(),
            u32::from_le_bytes(cabinet[8..12].try_into().unwrap()) as usize
        );
        let mut reader = cab::Cabinet::new(Cursor::new(&cabinet)).unwrap();
        for (number, wanted) in contents.iter().enumerate() {
            let mut bytes = Vec::new();
            reader
                .read_file(&format!("File.{number}"))
                .unwrap()
                .read_to_end(&mut bytes)
                .unwrap();
            assert!(bytes == *wanted, "file {number}");
        }
    }

    #[test]
    fn every_checksum_is_right() {
        let cabinet = packed(&contents());
        let word = |at: usize| u32::from_le_bytes(cabinet[at..at + 4].try_into().unwrap());
        let half =
            |at: usize| usize::from(u16::from_le_bytes(cabinet[at..at + 2].try_into().unwrap()));
        let (mut at, blocks) = (word(36) as usize, half(40));
        for _ in 0..blocks {
            let length = half(at + 4);
            // The specification's own order: the data, then the two lengths.
            let data = checksum(&cabinet[at + 8..at + 8 + length], 0);
            assert_eq!(word(at), checksum(&cabinet[at + 4..at + 8], data));
            assert!(length <= BLOCK + 6144, "longer than the format allows");
            at += 8 + length;
        }
        assert_eq!(at, cabinet.len());
    }

    #[test]
    fn the_checksum_is_the_specifications() {
        // The example in the specification of the format.
        let data = b"#include <stdio.h>\r\n\r\nvoid main(void)\r\n{\r\n    printf(\"Hello, world!\\n\");\r\n}\r\n\
            #include <stdio.h>\r\n\r\nvoid main(void)\r\n{\r\n    printf(\"Welcome!\\n\");\r\n}\r\n\r\n";
        assert_eq!(data.len(), 0x97);
        assert_eq!(
            checksum(&[0x97, 0, 0x97, 0], checksum(data, 0)),
            0x30A6_5ABD
        );
    }

    #[test]
    fn a_file_that_shrank_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        let member = Member {
            name: "a".into(),
            path: path.clone(),
            size: 4,
        };
        let out = Cursor::new(Vec::new());
        let failed = write(&[member], (0x21, 0), out, Path::new("x.cab"), &mut |_| ()).unwrap_err();
        assert_eq!(
            (failed.path, failed.error.kind()),
            (path, io::ErrorKind::UnexpectedEof)
        );
    }
}
