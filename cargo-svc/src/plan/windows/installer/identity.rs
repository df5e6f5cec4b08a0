//! What Windows Installer knows things by. All of it follows from names, so that every version of a package says the same.

use std::borrow::Cow;
use std::cell::OnceCell;

use sha1::{Digest, Sha1};
use uuid::Uuid;

/// The namespace of every GUID that is made here; a GUID of its own, from no registry.
const NAMESPACE: Uuid = Uuid::from_u128(0x3f0c_5e0e_93a4_4f4c_8d0b_6a3c_52f7_1e9b);

/// Longest key of a table's row.
const LONGEST: usize = 72;

/// The name-based GUID (RFC 9562, version 5) of these words, in the installer's form: upper case, in braces.
pub fn guid(words: &[&str]) -> String {
    let mut hash = Sha1::new();
    hash.update(NAMESPACE.as_bytes());
    for word in words {
        // A word's length comes first, so that no two lists of words read the same.
        hash.update(u64::try_from(word.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(word.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    braced(uuid::Builder::from_sha1_bytes(bytes).into_uuid())
}

/// A GUID in the installer's form.
pub fn braced(uuid: Uuid) -> String {
    uuid.braced()
        .encode_upper(&mut Uuid::encode_buffer())
        .to_owned()
}

/// What has keys of several kinds, by its name.
#[derive(Debug, Clone)]
pub struct Keys<'a> {
    name: &'a str,
    /// The name with `_` for all that no key takes: ASCII.
    changed: Cow<'a, str>,
    /// What tells the name apart where a key does not hold it as it is.
    hash: OnceCell<String>,
}

impl<'a> Keys<'a> {
    /// The keys of what has this name.
    pub fn of(name: &'a str) -> Self {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
        let changed = if name.chars().all(plain) {
            Cow::Borrowed(name)
        } else {
            Cow::Owned(name.replace(|c| !plain(c), "_"))
        };
        Self {
            name,
            changed,
            hash: OnceCell::new(),
        }
    }

    /// A key: `kind` and the name, as far as letters, digits, `_` and `.` go. A name that had to be changed is told apart by a
    /// hash of what it was.
    pub fn key(&self, kind: &str) -> String {
        let mut key = String::with_capacity(LONGEST);
        key.push_str(kind);
        key.push('.');
        key.push_str(&self.changed);
        if key.len() <= LONGEST && matches!(self.changed, Cow::Borrowed(_)) {
            return key;
        }
        key.truncate(LONGEST - 9);
        key.push('.');
        key.push_str(self.hash.get_or_init(|| short_hash(self.name)));
        key
    }
}

/// The key of this kind of what has this name.
pub fn key(kind: &str, name: &str) -> String {
    Keys::of(name).key(kind)
}

/// The name of a property that may be given on the command line and is handed to the elevated half: capitals only. A name that
/// had to be changed or shortened is told apart by a hash, as in a key.
pub fn public_property(start: &str, name: &str, end: &str) -> String {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let upper = name.to_ascii_uppercase();
    let property = format!("{start}_{upper}_{end}");
    if property.len() <= LONGEST && upper.chars().all(plain) {
        return property;
    }
    // With the words around it, which are short, and a hash this is far below the longest.
    let changed: String = upper
        .chars()
        .map(|c| if plain(c) { c } else { '_' })
        .take(40)
        .collect();
    // Service names that differ only by case are one service.
    format!("{start}_{changed}_{}_{end}", short_hash(&upper))
}

fn short_hash(text: &str) -> String {
    let mut start = [0; 4];
    start.copy_from_slice(&Sha1::digest(text.as_bytes())[..4]);
    format!("{:08X}", u32::from_be_bytes(start))
}

/// A file or folder name as a table holds it: with a short one before it if it is no such name itself (eight characters, a
/// dot and three). `number` tells the short names of a folder apart.
pub fn file_name(name: &str, number: usize) -> String {
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let plain = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    };
    let is_short = (1..=8).contains(&stem.len())
        && extension.len() <= 3
        && plain(stem)
        && plain(extension)
        && (name.contains('.') != extension.is_empty());
    if is_short {
        return name.to_owned();
    }
    let start: String = stem
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(4)
        .collect();
    let end: String = extension
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(3)
        .collect();
    let dot = if end.is_empty() { "" } else { "." };
    format!(
        "{}~{number}{dot}{}|{name}",
        start.to_ascii_uppercase(),
        end.to_ascii_uppercase()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_are_of_version_5_and_of_their_words_alone() {
        let one = guid(&["component", "a"]);
        let parsed = Uuid::parse_str(&one).unwrap();
        assert_eq!((parsed.get_version_num(), one.len()), (5, 38));
        assert_eq!(one, guid(&["component", "a"]));
        assert_ne!(guid(&["ab", "c"]), guid(&["a", "bc"]));
        assert_eq!(one, one.to_uppercase());
    }

    #[test]
    fn keys_hold_what_windows_installer_takes() {
        assert_eq!(key("File", "beacon.exe"), "File.beacon.exe");
        let changed = key("File", "svc-probe.exe");
        assert!(changed.starts_with("File.svc_probe.exe."), "{changed}");
        assert_ne!(changed, key("File", "svc_probe.exe"));
        let long = key("File", &"x".repeat(100));
        assert_eq!(long.len(), 72);
        assert_ne!(long, key("File", &format!("{}y", "x".repeat(99))));
    }

    #[test]
    fn public_properties_are_capitals() {
        assert_eq!(
            public_property("SVC", "beacon", "IMAGE"),
            "SVC_BEACON_IMAGE"
        );
        let dotted = public_property("SVC", "a.b", "IMAGE");
        assert!(dotted.starts_with("SVC_A_B_") && dotted == dotted.to_uppercase());
        assert_ne!(dotted, public_property("SVC", "a-b", "IMAGE"));
    }

    #[test]
    fn a_property_is_never_longer_than_windows_installer_takes() {
        for (length, end) in [(61, "FOLDER"), (62, "IMAGE"), (60, "ACCOUNT"), (63, "RULE")] {
            let fits = public_property("SVC", &"x".repeat(length), end);
            assert_eq!(fits, format!("SVC_{}_{end}", "X".repeat(length)));
            assert_eq!(fits.len(), LONGEST);
            // One more is shortened, and still another one than its neighbours.
            let name = "x".repeat(length);
            let [one, other] =
                ["a", "b"].map(|last| public_property("SVC", &format!("{name}{last}"), end));
            assert!(one.len() <= LONGEST && other.len() <= LONGEST, "{one}");
            assert!(one.starts_with("SVC_XXXX") && one.ends_with(end), "{one}");
            assert_ne!(one, other);
        }
        let odd = public_property("SVC", &"a.".repeat(100), "ACCOUNT");
        assert!(odd.len() <= LONGEST, "{odd}");
    }

    #[test]
    fn long_names_have_a_short_one() {
        assert_eq!(file_name("beacon.exe", 1), "beacon.exe");
        assert_eq!(file_name("beacon", 1), "beacon");
        assert_eq!(file_name("svc-probe.exe", 2), "SVCP~2.EXE|svc-probe.exe");
        assert_eq!(file_name("a.b.toml", 3), "AB~3.TOM|a.b.toml");
        assert_eq!(file_name("x.", 4), "X~4|x.");
    }
}
