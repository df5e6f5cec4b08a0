//! Runs the cases of `tests/cases`; `tests/README.md` says what a case is made of.
//!
//! With `SVC_BLESS=1` what happened becomes what is expected.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use libtest_mimic::{Arguments, Failed, Trial};

/// The folder of the cases.
const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/cases");

fn main() {
    let arguments = Arguments::from_args();
    let mut cases: Vec<PathBuf> = fs::read_dir(CASES)
        .expect("the cases are there")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "there are cases");
    let trials = cases
        .into_iter()
        .map(|case| {
            let name = case
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            Trial::test(name, move || run(&case).map_err(Failed::from))
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// Files by their path below a folder, with forward slashes.
type Tree = BTreeMap<String, Vec<u8>>;

fn run(case: &Path) -> Result<(), String> {
    let root = tempfile::tempdir().map_err(|error| error.to_string())?;
    let root = fs::canonicalize(root.path())
        .map(|path| (path, root))
        .map_err(|error| error.to_string())?;
    let (folder, _keep) = (&root.0, &root.1);
    let mut project = tree(&case.join("project"));
    add_programs(&mut project);
    for (path, contents) in &project {
        put(&folder.join(path), contents);
    }
    let script = fs::read_to_string(case.join("cmd")).map_err(|error| format!("cmd: {error}"))?;
    let known: Vec<_> = project
        .values()
        .flat_map(|file| guids(&String::from_utf8_lossy(file)))
        .collect();
    let tidy = |text: &str| tidied(text, folder, &known);
    let transcript = transcript(&script, folder, &tidy)?;
    let mut left = tree(folder);
    left.retain(|path, contents| project.get(path) != Some(contents));
    for (path, contents) in &mut left {
        if is_script(path) {
            *contents = b"[a script: tests/README.md says where its text is tested]\n".to_vec();
        } else if let Ok(text) = str::from_utf8(contents) {
            *contents = tidy(text).into_bytes();
        }
    }
    for path in project.keys().filter(|path| !folder.join(path).exists()) {
        left.insert(format!("{path}.removed"), Vec::new());
    }
    if std::env::var_os("SVC_BLESS").is_some_and(|value| value == "1") {
        bless(case, &transcript, &left);
        return Ok(());
    }
    compare(case, &transcript, &left)
}

/// Scripts are long and have tests of their own: here it counts that they are there.
fn is_script(path: &str) -> bool {
    // dpkg's have no ending.
    path.contains("debian/")
        || (["linux/", "rpm/", "windows/"]
            .iter()
            .any(|folder| path.contains(folder))
            && [".sh", ".ps1", ".cmd"]
                .iter()
                .any(|end| path.ends_with(end)))
}

/// A package without `src` gets a program that does nothing.
fn add_programs(project: &mut Tree) {
    let manifests: Vec<_> = project
        .iter()
        .filter(|(path, text)| {
            path.ends_with("Cargo.toml") && String::from_utf8_lossy(text).contains("[package]")
        })
        .map(|(path, _)| path.trim_end_matches("Cargo.toml").to_owned())
        .collect();
    for folder in manifests {
        let source = format!("{folder}src/");
        if !project.keys().any(|path| path.starts_with(&source)) {
            project.insert(format!("{source}main.rs"), b"fn main() {}\n".to_vec());
        }
    }
}

/// Runs the lines of `cmd` and writes down what they said.
fn transcript(
    script: &str,
    folder: &Path,
    tidy: &dyn Fn(&str) -> String,
) -> Result<String, String> {
    let mut text = String::new();
    let mut current = folder.to_path_buf();
    for line in script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let _ = writeln!(text, "$ {line}");
        let mut words = line.split_whitespace();
        let (verb, rest) = (words.next().unwrap_or_default(), words.collect::<Vec<_>>());
        match (verb, rest.as_slice()) {
            ("cd", [to]) => current = folder.join(to),
            ("rm", [path]) => {
                fs::remove_file(current.join(path)).map_err(|error| format!("{line}: {error}"))?;
            }
            ("append", [path, text @ ..]) => {
                let path = current.join(path);
                let mut contents = fs::read(&path).unwrap_or_default();
                contents.extend(text.join(" ").bytes().chain(*b"\n"));
                put(&path, &contents);
            }
            ("crlf", [path]) => {
                let path = current.join(path);
                let contents =
                    fs::read_to_string(&path).map_err(|error| format!("{line}: {error}"))?;
                put(&path, contents.replace('\n', "\r\n").as_bytes());
            }
            ("cargo" | "cargo-svc", arguments) => {
                text.push_str(&tidy(&svc(arguments, verb, &current)?));
            }
            _ => return Err(format!("cmd: no such command: {line}")),
        }
    }
    Ok(text)
}

/// Runs the program as cargo would.
fn svc(arguments: &[&str], verb: &str, folder: &Path) -> Result<String, String> {
    if verb == "cargo" && arguments.first() != Some(&"svc") {
        return Err("cmd: only `cargo svc` is run".into());
    }
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-svc"))
        .args(arguments)
        .current_dir(folder)
        .env("CARGO_NET_OFFLINE", "true")
        .env_remove("CARGO_TERM_COLOR")
        .env_remove("NO_COLOR")
        .env_remove("COLUMNS")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let mut text = String::new();
    for (name, bytes) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        if !bytes.is_empty() {
            let said = String::from_utf8_lossy(bytes);
            let end = if said.ends_with('\n') {
                ""
            } else {
                "[no line end]\n"
            };
            let _ = write!(text, "[{name}]\n{said}{end}");
        }
    }
    let code = output
        .status
        .code()
        .map_or("signal".into(), |code| code.to_string());
    let _ = writeln!(text, "[exit {code}]");
    Ok(text)
}

/// The same text on every machine: no path of it, no random GUID, no host's path separator or program suffix.
fn tidied(text: &str, folder: &Path, known: &[String]) -> String {
    let mut text = text.replace(&*folder.to_string_lossy(), "[ROOT]");
    for guid in guids(&text) {
        if !known.contains(&guid) {
            text = text.replace(&guid, "[GUID]");
        }
    }
    if cfg!(windows) {
        text = text
            .replace('\\', "/")
            .replace("cargo-svc.exe", "cargo-svc");
    }
    text
}

/// The upper-case GUIDs in a text.
fn guids(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_ascii_hexdigit() || c == '-'))
        .filter(|word| word.len() == 36 && word.split('-').map(str::len).eq([8, 4, 4, 4, 12]))
        .filter(|word| **word == word.to_uppercase())
        .map(str::to_owned)
        .collect()
}

/// Reads a folder; one that is not there is empty. What cargo itself writes is left out.
fn tree(folder: &Path) -> Tree {
    let mut files = Tree::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            let below = path
                .strip_prefix(folder)
                .unwrap_or(&path)
                .to_string_lossy()
                .replace('\\', "/");
            if path.is_dir() && below != "target" {
                folders.push(path);
            } else if path.is_file() && below != "Cargo.lock" {
                files.insert(below, fs::read(&path).unwrap_or_default());
            }
        }
    }
    files
}

fn put(path: &Path, contents: &[u8]) {
    let folder = path.parent().expect("a file is in a folder");
    fs::create_dir_all(folder).expect("a folder can be made");
    fs::write(path, contents).expect("a file can be written");
}

fn bless(case: &Path, transcript: &str, left: &Tree) {
    put(&case.join("expected"), transcript.as_bytes());
    let after = case.join("after");
    if after.exists() {
        fs::remove_dir_all(&after).expect("the old files can be removed");
    }
    for (path, contents) in left {
        put(&after.join(path), contents);
    }
}

fn compare(case: &Path, transcript: &str, left: &Tree) -> Result<(), String> {
    let mut wrong = String::new();
    let expected = fs::read_to_string(case.join("expected")).unwrap_or_default();
    if expected != transcript {
        let _ = write!(wrong, "{}", difference("expected", &expected, transcript));
    }
    let after = tree(&case.join("after"));
    let paths: std::collections::BTreeSet<_> = after.keys().chain(left.keys()).collect();
    for path in paths {
        let text = |tree: &Tree| {
            tree.get(path)
                .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        };
        if after.get(path) != left.get(path) {
            let (was, is) = (text(&after), text(left));
            let _ = write!(
                wrong,
                "{}",
                difference(path, &was.unwrap_or_default(), &is.unwrap_or_default())
            );
        }
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{wrong}\nIf this is right, run the test again with SVC_BLESS=1."
    ))
}

fn difference(name: &str, expected: &str, is: &str) -> String {
    similar::TextDiff::from_lines(expected, is)
        .unified_diff()
        .header(&format!("{name} (expected)"), &format!("{name} (is)"))
        .to_string()
}
