//! The notes as they lie in their section: for each a header of three words (the sizes of owner and text, the text's
//! format), the owner `svc`, and the text, one line of JSON. It is the layout of an ELF note (elf(5), "Notes").

use serde::Deserialize;
use std::fmt;

/// What one `#[service]` says of its service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Note {
    /// The service's name.
    pub name: String,
    /// The events that it handles: `reload` and the like, and custom control codes as numbers in text.
    pub events: Vec<String>,
    /// The names of its sockets.
    pub sockets: Vec<String>,
    /// The version of svc-rt in the program.
    pub runtime: String,
}

/// Why a section of notes cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// It ends in the middle of a note, or holds something else.
    Damaged,
    /// The note is of a later svc-rt than this cargo-svc knows; the number is the format's.
    Newer(u32),
    /// The text is not what this format holds. The string is the reader's reason.
    Text(String),
}

impl fmt::Display for NoteError {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Damaged => formatter.write_str("it is damaged"),
            Self::Newer(format) => {
                write!(
                    formatter,
                    "it has format {format} and this cargo-svc knows 1: update cargo-svc"
                )
            }
            Self::Text(reason) => write!(formatter, "its text cannot be read: {reason}"),
        }
    }
}

impl std::error::Error for NoteError {}

const OWNER: &[u8] = b"svc\0";
const FORMAT: u32 = 1;

/// Reads all notes of a section. Between and behind them linkers put zeros, to align the next thing.
pub(super) fn read_section(mut data: &[u8], big_endian: bool) -> Result<Vec<Note>, NoteError> {
    let mut notes = Vec::new();
    loop {
        while let Some(rest) = data.strip_prefix(&[0; 4]) {
            data = rest;
        }
        if data.iter().all(|byte| *byte == 0) {
            return Ok(notes);
        }
        let owner_size = take_word(&mut data, big_endian)?;
        let text_size = take_word(&mut data, big_endian)?;
        let format = take_word(&mut data, big_endian)?;
        let owner = take(&mut data, owner_size)?;
        let text = take(&mut data, text_size)?;
        if owner != OWNER {
            return Err(NoteError::Damaged);
        }
        if format != FORMAT {
            return Err(NoteError::Newer(format));
        }
        notes.push(
            serde_json::from_slice(text).map_err(|error| NoteError::Text(error.to_string()))?,
        );
    }
}

fn take_word(data: &mut &[u8], big_endian: bool) -> Result<u32, NoteError> {
    let (word, rest) = data.split_first_chunk().ok_or(NoteError::Damaged)?;
    *data = rest;
    Ok(if big_endian {
        u32::from_be_bytes(*word)
    } else {
        u32::from_le_bytes(*word)
    })
}

/// Takes `size` bytes and what fills them up to whole words.
fn take<'d>(data: &mut &'d [u8], size: u32) -> Result<&'d [u8], NoteError> {
    let size = usize::try_from(size).map_err(|_| NoteError::Damaged)?;
    let (taken, rest) = data.split_at_checked(size).ok_or(NoteError::Damaged)?;
    let filling = (size.wrapping_neg() % 4).min(rest.len());
    *data = &rest[filling..];
    Ok(taken)
}
