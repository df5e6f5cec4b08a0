//! Registry keys as `winq` reports them.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use serde::Deserialize;

use crate::record::unhex;

/// A registry value: its type and its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// `REG_SZ` is 1, `REG_EXPAND_SZ` 2, `REG_BINARY` 3, `REG_DWORD` 4, `REG_MULTI_SZ` 7.
    pub kind: u32,
    /// What is stored.
    pub data: Vec<u8>,
}

/// A registry key with everything below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Key {
    /// The values, by name.
    pub values: BTreeMap<String, Value>,
    /// The keys right below, by name.
    pub keys: BTreeMap<String, Key>,
}

#[derive(Deserialize)]
struct RawValue {
    name: String,
    r#type: u32,
    data: String,
}

#[derive(Deserialize)]
struct RawKey {
    values: Vec<RawValue>,
    keys: Vec<RawChild>,
}

#[derive(Deserialize)]
struct RawChild {
    name: String,
    key: Option<RawKey>,
}

impl Key {
    /// Reads the answer of `winq reg`.
    pub(super) fn parse(json: &str) -> Result<Option<Self>> {
        let raw: Option<RawKey> = serde_json::from_str(json)?;
        raw.map(Self::from_raw).transpose()
    }

    fn from_raw(raw: RawKey) -> Result<Self> {
        let mut key = Self::default();
        for value in raw.values {
            let data = unhex(&value.data)?;
            key.values.insert(
                text(&value.name)?,
                Value {
                    kind: value.r#type,
                    data,
                },
            );
        }
        for child in raw.keys {
            // One that vanished while it was read is as good as absent.
            if let Some(inner) = child.key {
                key.keys.insert(text(&child.name)?, Self::from_raw(inner)?);
            }
        }
        Ok(key)
    }

    /// The text of a `REG_SZ` or `REG_EXPAND_SZ` value.
    pub fn text(&self, name: &str) -> Option<String> {
        let value = self
            .values
            .get(name)
            .filter(|v| v.kind == 1 || v.kind == 2)?;
        Some(wide(&value.data).trim_end_matches('\0').to_owned())
    }

    /// The number of a `REG_DWORD` value.
    pub fn number(&self, name: &str) -> Option<u32> {
        let value = self.values.get(name).filter(|v| v.kind == 4)?;
        Some(u32::from_le_bytes(value.data.as_slice().try_into().ok()?))
    }

    /// The strings of a `REG_MULTI_SZ` value.
    pub fn list(&self, name: &str) -> Option<Vec<String>> {
        let value = self.values.get(name).filter(|v| v.kind == 7)?;
        let text = wide(&value.data);
        Some(
            text.split('\0')
                .take_while(|item| !item.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }
}

fn wide(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|b| u16::from_le_bytes([b[0], b[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}

/// The text of UTF-16 units that are given as hexadecimal bytes.
pub(super) fn text(hex: &str) -> Result<String> {
    let bytes = unhex(hex)?;
    if !bytes.len().is_multiple_of(2) {
        bail!("half a UTF-16 unit in {hex}");
    }
    Ok(wide(&bytes))
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn values_are_read_by_their_type() {
        let json = r#"{"values":[
            {"name":"45006e00","type":7,"data":"610000006200000000000000"},
            {"name":"54007800","type":2,"data":"250041002500"},
            {"name":"4e007500","type":4,"data":"02000000"}],
            "keys":[{"name":"53007500","key":{"values":[],"keys":[]}}]}"#;
        let key = Key::parse(json).unwrap().unwrap();
        assert_eq!(key.list("En").unwrap(), ["a", "b"]);
        assert_eq!(key.text("Tx").unwrap(), "%A%");
        assert_eq!(key.number("Nu"), Some(2));
        assert_eq!(key.number("Tx"), None);
        assert!(key.keys.contains_key("Su"));
        assert_eq!(Key::parse("null").unwrap(), None);
    }
}
