//! UTF-16 strings as the Windows API takes and gives them.

use std::ffi::{OsStr, OsString};
use std::os::windows::ffi::{OsStrExt, OsStringExt};

/// `text` with a closing NUL.
pub fn from_os(text: impl AsRef<OsStr>) -> Vec<u16> {
    text.as_ref().encode_wide().chain(Some(0)).collect()
}

/// A double-NUL-ended list, as dependencies and privileges are passed.
pub fn list<S: AsRef<OsStr>>(items: impl IntoIterator<Item = S>) -> Vec<u16> {
    let mut out: Vec<u16> = items.into_iter().flat_map(from_os).collect();
    // An empty list is two NULs as well: readers look for the second one.
    if out.is_empty() {
        out.push(0);
    }
    out.push(0);
    out
}

/// The strings of a double-NUL-ended list.
pub fn split_list(units: &[u16]) -> Vec<OsString> {
    units
        .split(|&u| u == 0)
        .take_while(|item| !item.is_empty())
        .map(OsString::from_wide)
        .collect()
}

/// UTF-16 units in little-endian bytes, as registry values hold them.
pub fn bytes(units: &[u16]) -> Vec<u8> {
    units.iter().flat_map(|u| u.to_le_bytes()).collect()
}

/// The units of little-endian bytes; a last odd byte is left out.
pub fn units(bytes: &[u8]) -> Vec<u16> {
    bytes
        .chunks_exact(2)
        .map(|b| u16::from_le_bytes([b[0], b[1]]))
        .collect()
}

/// The string that starts at `pointer`; an empty one for a null pointer.
///
/// # Safety
/// `pointer` is null, or points to UTF-16 units that end in a NUL and stay valid during the call.
pub unsafe fn from_ptr(pointer: *const u16) -> OsString {
    // SAFETY: the caller's promise, passed on.
    OsString::from_wide(unsafe { until(pointer, 1) })
}

/// The strings of the double-NUL-ended list that starts at `pointer`; none for a null pointer.
///
/// # Safety
/// `pointer` is null, or points to UTF-16 units that end in two NULs and stay valid during the call.
pub unsafe fn list_from_ptr(pointer: *const u16) -> Vec<OsString> {
    // SAFETY: the caller's promise, passed on.
    split_list(unsafe { until(pointer, 2) })
}

/// The units before `nuls` NULs in a row.
///
/// # Safety
/// `pointer` is null, or points to units that hold `nuls` NULs in a row and outlive the result.
unsafe fn until<'a>(pointer: *const u16, nuls: usize) -> &'a [u16] {
    if pointer.is_null() {
        return &[];
    }
    let (mut len, mut seen) = (0, 0);
    while seen < nuls {
        // SAFETY: the NULs have not all been seen, so by the caller's promise this unit still belongs to the string.
        seen = if unsafe { *pointer.add(len) } == 0 {
            seen + 1
        } else {
            0
        };
        len += 1;
    }
    // SAFETY: `len` units were just read one by one.
    unsafe { std::slice::from_raw_parts(pointer, len - nuls) }
}
