//! Target triples: which system, processor and file names a target has.
//!
//! All of it follows from the triple's text, never from the machine that builds: every host packages for every target.

use std::fmt;

/// A system that services are made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// Linux with systemd.
    Linux,
    /// Windows with its service control manager.
    Windows,
}

impl System {
    /// The system's name for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linux => "Linux",
            Self::Windows => "Windows",
        }
    }
}

/// The target that a program is built for, named as the folder that cargo builds it in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Triple {
    text: String,
    system: System,
}

impl Triple {
    /// Reads what `--target` takes: a triple, the path of a custom target's `.json` file, whose stem names the target, or a
    /// triple with the C library's version behind it (`x86_64-unknown-linux-gnu.2.17`), which `cargo zigbuild` understands.
    ///
    /// # Errors
    /// One sentence on why no service can be made for it.
    pub fn parse(target: &str) -> Result<Self, String> {
        let text = folder_name(target);
        if !text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
            || text.starts_with('.')
        {
            return Err(format!("`{target}` is not a target triple"));
        }
        match system_of(text) {
            Some(system) => Ok(Self {
                text: text.to_owned(),
                system,
            }),
            None => Err(format!(
                "services can be packaged for Linux (systemd) and Windows, and `{text}` is neither"
            )),
        }
    }

    /// The triple, which is also the name of its folder below the target directory.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its system.
    pub const fn system(&self) -> System {
        self.system
    }

    /// The processor in the words of Rust's `target_arch`, as far as the triple's first word tells it.
    pub fn architecture(&self) -> Option<&'static str> {
        let word = self.text.split('-').next()?;
        let starts = |start: &str| word.starts_with(start);
        Some(match word {
            "x86_64" | "x86_64h" => "x86_64",
            "i386" | "i486" | "i586" | "i686" => "x86",
            "aarch64" | "aarch64_be" => "aarch64",
            "s390x" => "s390x",
            _ if starts("arm64") => return None,
            _ if starts("arm") || starts("thumb") => "arm",
            _ if starts("riscv64") => "riscv64",
            _ if starts("riscv32") => "riscv32",
            _ if starts("powerpc64") => "powerpc64",
            _ if starts("powerpc") => "powerpc",
            _ if starts("loongarch64") => "loongarch64",
            _ if starts("mips64") || starts("mipsisa64") => "mips64",
            _ if starts("mips") => "mips",
            _ if starts("sparc64") => "sparc64",
            _ => return None,
        })
    }

    /// What cargo names the executable of a binary target.
    pub fn executable(&self, bin: &str) -> String {
        match self.system {
            System::Linux => bin.to_owned(),
            System::Windows => format!("{bin}.exe"),
        }
    }
}

impl fmt::Display for Triple {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The name of the folder that cargo makes for a `--target`.
fn folder_name(target: &str) -> &str {
    if let Some(path) = target.strip_suffix(".json") {
        return path.rsplit(['/', '\\']).next().unwrap_or(path);
    }
    // `gnu.2.17`: the wrapper hands cargo the bare triple.
    match target.split_once('.') {
        Some((triple, version))
            if version.chars().all(|c| c.is_ascii_digit() || c == '.') && !version.is_empty() =>
        {
            triple
        }
        _ => target,
    }
}

fn system_of(triple: &str) -> Option<System> {
    let words: Vec<&str> = triple.split('-').collect();
    // Android and OpenHarmony are Linux without systemd; apps of the Universal Windows Platform cannot be services.
    let elsewhere = words
        .iter()
        .any(|word| word.starts_with("android") || word.starts_with("ohos") || *word == "uwp");
    if elsewhere {
        return None;
    }
    if words.contains(&"windows") {
        return Some(System::Windows);
    }
    words.contains(&"linux").then_some(System::Linux)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(target: &str) -> Option<System> {
        Triple::parse(target).ok().map(|triple| triple.system())
    }

    #[test]
    fn the_triple_alone_decides_the_system() {
        assert_eq!(system("x86_64-unknown-linux-gnu"), Some(System::Linux));
        assert_eq!(
            system("armv7-unknown-linux-musleabihf"),
            Some(System::Linux)
        );
        assert_eq!(system("x86_64-pc-windows-msvc"), Some(System::Windows));
        assert_eq!(system("i686-win7-windows-gnu"), Some(System::Windows));
        for elsewhere in [
            "x86_64-apple-darwin",
            "aarch64-linux-android",
            "aarch64-unknown-linux-ohos",
            "x86_64-uwp-windows-msvc",
            "wasm32-wasip1",
        ] {
            let refusal = Triple::parse(elsewhere).unwrap_err();
            assert!(refusal.contains("Linux (systemd) and Windows"), "{refusal}");
        }
    }

    #[test]
    fn executables_are_named_as_cargo_names_them() {
        let windows = Triple::parse("aarch64-pc-windows-msvc").unwrap();
        assert_eq!(windows.executable("beacon"), "beacon.exe");
        assert_eq!(windows.architecture(), Some("aarch64"));
        let linux = Triple::parse("x86_64-unknown-linux-musl").unwrap();
        assert_eq!(linux.executable("beacon"), "beacon");
    }

    #[test]
    fn the_first_word_tells_the_processor() {
        let architecture = |triple: &str| Triple::parse(triple).unwrap().architecture();
        assert_eq!(architecture("x86_64-unknown-linux-gnux32"), Some("x86_64"));
        assert_eq!(architecture("i686-pc-windows-msvc"), Some("x86"));
        assert_eq!(architecture("armv7-unknown-linux-gnueabihf"), Some("arm"));
        assert_eq!(
            architecture("thumbv7neon-unknown-linux-gnueabihf"),
            Some("arm")
        );
        assert_eq!(architecture("riscv64gc-unknown-linux-gnu"), Some("riscv64"));
        assert_eq!(
            architecture("powerpc64le-unknown-linux-gnu"),
            Some("powerpc64")
        );
        assert_eq!(architecture("powerpc-unknown-linux-gnu"), Some("powerpc"));
        assert_eq!(
            architecture("mipsisa64r6el-unknown-linux-gnuabi64"),
            Some("mips64")
        );
        // A program for ARM64EC says that it is one for x86-64.
        assert_eq!(architecture("arm64ec-pc-windows-msvc"), None);
        assert_eq!(architecture("board-linux"), None);
    }

    #[test]
    fn a_target_is_named_by_the_folder_that_cargo_makes_for_it() {
        let zig = Triple::parse("aarch64-unknown-linux-gnu.2.17").unwrap();
        assert_eq!(zig.as_str(), "aarch64-unknown-linux-gnu");
        let custom = Triple::parse("targets/x86_64-board-linux-gnu.json").unwrap();
        assert_eq!(custom.as_str(), "x86_64-board-linux-gnu");
        let dotted = Triple::parse("thumbv8m.main-unknown-linux-gnueabi").unwrap();
        assert_eq!(dotted.as_str(), "thumbv8m.main-unknown-linux-gnueabi");
    }

    #[test]
    fn what_would_leave_the_target_folder_is_no_triple() {
        for bad in ["../linux", "x/../../linux-windows", "", "..", "a b-linux"] {
            Triple::parse(bad).unwrap_err();
        }
    }
}
