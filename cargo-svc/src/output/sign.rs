//! Signing what was written, by the user's own command.

use std::fs;
use std::path::Path;
use std::process::Command;

/// What stands for the file in a command.
const FILE: &str = "{file}";
/// What stands for a file that the command writes beside it.
const OUT: &str = "{out}";

/// A command that signs one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    words: Vec<String>,
}

impl Signer {
    /// Reads a command: words with blanks between them; what stands between double quotes is one word.
    ///
    /// # Errors
    /// One sentence if it is no command.
    pub fn parse(command: &str) -> Result<Self, String> {
        let mut words: Vec<String> = Vec::new();
        let (mut word, mut begun, mut quoted) = (String::new(), false, false);
        for c in command.chars() {
            match c {
                '"' => {
                    quoted = !quoted;
                    begun = true;
                }
                c if c.is_whitespace() && !quoted => {
                    if begun {
                        words.push(std::mem::take(&mut word));
                    }
                    begun = false;
                }
                c => {
                    word.push(c);
                    begun = true;
                }
            }
        }
        if begun {
            words.push(word);
        }
        if quoted {
            return Err("a double quote of `--sign` is not closed".to_owned());
        }
        if words.is_empty() {
            return Err(
                "`--sign` needs a command, for example `signtool sign /fd sha256`".to_owned(),
            );
        }
        let has = |mark: &str| words.iter().any(|word| word.contains(mark));
        if has(OUT) && !has(FILE) {
            return Err(format!(
                "`--sign` names `{OUT}`, which the command writes, and not `{FILE}`, which it reads"
            ));
        }
        if !has(FILE) {
            words.push(FILE.to_owned());
        }
        Ok(Self { words })
    }

    /// Signs a file in its place.
    ///
    /// # Errors
    /// What the command said, or why it could not be run.
    pub fn sign(&self, file: &Path) -> Result<(), String> {
        let text = |path: &Path| {
            path.to_str()
                .map(str::to_owned)
                .ok_or_else(|| format!("{} is no Unicode", path.display()))
        };
        let path = text(file)?;
        // The end of the name tells some tools what kind of file it is.
        let end = file.extension().and_then(|end| end.to_str()).unwrap_or("");
        let out = file.with_extension(format!("signed.{end}"));
        let out_text = text(&out)?;
        let words: Vec<String> = self
            .words
            .iter()
            .map(|word| word.replace(FILE, &path).replace(OUT, &out_text))
            .collect();
        let shown = &self.words[0];
        let output = Command::new(&words[0])
            .args(&words[1..])
            .output()
            .map_err(|error| format!("cannot run `{shown}`: {error}"))?;
        let writes = self.words.iter().any(|word| word.contains(OUT));
        if !output.status.success() {
            drop(fs::remove_file(&out));
            let said = [&output.stdout, &output.stderr]
                .map(|text| String::from_utf8_lossy(text).trim().to_owned())
                .join("\n");
            return Err(format!(
                "`{shown}` ended with {}: {}",
                output.status,
                said.trim()
            ));
        }
        if writes {
            fs::rename(&out, file)
                .map_err(|error| format!("`{shown}` has not written {}: {error}", out.display()))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_comes_last_unless_the_command_says_where() {
        let words = |command: &str| Signer::parse(command).unwrap().words;
        assert_eq!(words("signtool sign"), ["signtool", "sign", FILE]);
        assert_eq!(
            words("x -in {file}  -out {out}"),
            ["x", "-in", FILE, "-out", OUT]
        );
        assert_eq!(
            words(r#""C:\Program Files\x.exe" -n "" {file}"#),
            [r"C:\Program Files\x.exe", "-n", "", FILE]
        );
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for bad in ["", "  ", "x \"y", "x {out}"] {
            Signer::parse(bad).unwrap_err();
        }
    }

    #[test]
    fn a_command_that_fails_is_an_error_with_its_words() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.exe");
        std::fs::write(&path, "a").unwrap();
        let failed = Signer::parse("cargo no-such-command").unwrap().sign(&path);
        assert!(failed.unwrap_err().starts_with("`cargo` ended with"));
        let absent = Signer::parse("no-such-program-anywhere").unwrap();
        assert!(absent.sign(&path).unwrap_err().starts_with("cannot run"));
    }
}
