//! What the probe received, byte for byte.

use anyhow::{Context, Result, bail};
use serde::Deserialize;

/// One start of the probe. Bytes are the platform's: raw on Unix, WTF-8 on Windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// All arguments, the program's name first.
    pub args: Vec<Vec<u8>>,
    /// The environment, in the order received.
    pub env: Vec<(Vec<u8>, Vec<u8>)>,
    /// The working directory.
    pub cwd: Vec<u8>,
    /// The process.
    pub pid: u32,
}

#[derive(Deserialize)]
struct Raw {
    args: Vec<String>,
    env: Vec<(String, String)>,
    cwd: String,
    pid: u32,
}

/// What the line of a record begins with.
pub const MARK: &str = "svc-probe record: ";

impl Record {
    /// Reads one record, with or without its mark.
    pub fn parse(line: &str) -> Result<Self> {
        let json = line.trim().strip_prefix(MARK).unwrap_or(line);
        let raw: Raw = serde_json::from_str(json).with_context(|| format!("a record: {line}"))?;
        let env = raw.env.iter().map(|(k, v)| Ok((unhex(k)?, unhex(v)?)));
        Ok(Self {
            args: raw.args.iter().map(|a| unhex(a)).collect::<Result<_>>()?,
            env: env.collect::<Result<_>>()?,
            cwd: unhex(&raw.cwd)?,
            pid: raw.pid,
        })
    }

    /// The last record of a log.
    pub fn last(log: &str) -> Result<Option<Self>> {
        log.lines()
            .filter_map(|l| l.find(MARK).map(|at| &l[at..]))
            .next_back()
            .map(Self::parse)
            .transpose()
    }

    /// The value of an environment variable.
    pub fn var(&self, name: &str) -> Option<&[u8]> {
        self.env
            .iter()
            .find(|(k, _)| k == name.as_bytes())
            .map(|(_, v)| v.as_slice())
    }
}

/// The bytes of hexadecimal digits.
pub fn unhex(text: &str) -> Result<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        bail!("not hexadecimal bytes: {text:?}");
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).context("a hexadecimal byte"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{MARK, Record, unhex};

    #[test]
    fn the_last_record_of_a_log_is_read() {
        let line = |pid| {
            format!(
                "{MARK}{{\"args\":[\"61\"],\"env\":[[\"41\",\"ff\"]],\"cwd\":\"2f\",\"pid\":{pid}}}"
            )
        };
        let log = format!("x\n{}\nnoise\nhost probe[1]: {}\n", line(1), line(2));
        let record = Record::last(&log).unwrap().unwrap();
        assert_eq!(record.pid, 2);
        assert_eq!(record.args, [b"a"]);
        assert_eq!(record.var("A"), Some(&[0xff][..]));
        assert_eq!(Record::last("nothing").unwrap(), None);
    }

    #[test]
    fn half_a_byte_is_an_error() {
        assert!(unhex("a").is_err());
        assert!(unhex("zz").is_err());
    }
}
