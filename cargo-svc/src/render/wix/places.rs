//! Folders and the files besides the programs, as the templates lay them out.

use super::{Value, formatted};
use crate::escape::wxs::LaidOut;
use crate::plan::windows::installer::{self, FolderSearch, Lock, MadeFolder, PlacedFile, Source};

pub(super) struct Look<'a> {
    pub(super) property: &'a str,
    pub(super) id: &'a str,
    pub(super) path: LaidOut,
}

pub(super) struct Directory<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) parent: &'a str,
    pub(super) is_top: bool,
}

pub(super) struct Made<'a> {
    pub(super) id: &'a str,
    pub(super) guid: &'a str,
    pub(super) directory: &'a str,
    pub(super) locks: Vec<Locked<'a>>,
    pub(super) records: Vec<Value<'a>>,
}

pub(super) struct Placed<'a> {
    pub(super) id: &'a str,
    pub(super) guid: &'a str,
    pub(super) directory: &'a str,
    pub(super) file_id: &'a str,
    pub(super) file_name: &'a str,
    pub(super) source: String,
    pub(super) locks: Vec<Locked<'a>>,
}

pub(super) struct Locked<'a> {
    pub(super) id: &'a str,
    pub(super) sddl: &'a str,
    pub(super) condition: &'a str,
    pub(super) has_condition: bool,
}

impl<'a> Look<'a> {
    pub(super) fn new(search: &'a FolderSearch) -> Self {
        Self {
            property: &search.property,
            id: &search.id,
            path: formatted(&search.path),
        }
    }
}

impl<'a> Directory<'a> {
    pub(super) fn new(one: &'a installer::Directory) -> Self {
        Self {
            id: &one.id,
            name: &one.name,
            parent: &one.parent,
            is_top: one.is_top(),
        }
    }
}

impl<'a> Made<'a> {
    pub(super) fn new(made: &'a MadeFolder) -> Self {
        Self {
            id: &made.id,
            guid: &made.guid,
            directory: &made.directory,
            locks: made.lock.iter().map(Locked::new).collect(),
            records: made.record.iter().map(Value::new).collect(),
        }
    }
}

impl<'a> Placed<'a> {
    pub(super) fn new(placed: &'a PlacedFile) -> Self {
        let file = &placed.file;
        Self {
            id: &placed.id,
            guid: &placed.guid,
            directory: &placed.directory,
            file_id: &file.id,
            file_name: &file.name,
            source: match &file.source {
                Source::Program(name) => name.clone(),
                Source::Declared(path) => path.clone(),
            },
            locks: placed.lock.iter().map(Locked::new).collect(),
        }
    }
}

impl<'a> Locked<'a> {
    pub(super) fn new(lock: &'a Lock) -> Self {
        let condition = lock.condition.as_deref().unwrap_or_default();
        Self {
            id: &lock.id,
            sddl: &lock.sddl,
            condition,
            has_condition: !condition.is_empty(),
        }
    }
}
