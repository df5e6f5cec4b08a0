//! Package ID specifications ("Package ID Specifications" in the cargo book), for the members of a workspace.
//!
//! cargo's own type for them lives in a crate that brings a whole URL parser; members have `file` URLs alone, which need
//! little of one. `tests/spec.rs` holds this against `cargo pkgid`.

use cargo_metadata::Package;
use cargo_metadata::semver::{BuildMetadata, Op, Prerelease, Version, VersionReq};

/// What is wrong with a specification, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong(pub(super) String);

/// A specification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spec {
    name: String,
    version: Option<PartialVersion>,
    /// The folder of a `file` URL, in canonical form.
    folder: Option<String>,
    /// Whether a member can be meant at all: its URL leads to a folder of this machine.
    local: bool,
}

/// A version that may lack its end.
#[derive(Debug, Clone, PartialEq, Eq)]
struct PartialVersion {
    major: u64,
    minor: Option<u64>,
    patch: Option<u64>,
    pre: Prerelease,
    build: BuildMetadata,
}

impl Spec {
    /// Reads `name`, `name@version`, `name:version`, or an URL with an optional `#name`, `#version` or `#name@version`.
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        if let Some((scheme, rest)) = text.split_once("://") {
            return Self::parse_url(&scheme.to_ascii_lowercase(), rest);
        }
        let (name, version) = name_and_version(text)?;
        Ok(Self {
            name: checked(name)?,
            version,
            folder: None,
            local: true,
        })
    }

    fn parse_url(scheme: &str, rest: &str) -> Result<Self, Wrong> {
        let (kind, protocol) = match scheme.split_once('+') {
            Some((kind, protocol)) => (Some(kind), protocol),
            None => (None, scheme),
        };
        match kind {
            None | Some("git" | "registry" | "sparse") => {}
            Some("path") if protocol == "file" => {}
            Some("path") => return Err(Wrong("`path+` stands before `file://` only".into())),
            Some(kind) => return Err(Wrong(format!("`{kind}+` is no kind of source"))),
        }
        let (url, fragment) = match rest.split_once('#') {
            Some((url, fragment)) => (url, Some(fragment)),
            None => (rest, None),
        };
        if url.contains('?') && kind != Some("git") {
            return Err(Wrong("only the URL of a git source has a `?`".into()));
        }
        let url = url.split_once('?').map_or(url, |(url, _)| url);
        let folder = canonical(url).ok_or_else(|| Wrong("the URL has no path".into()))?;
        let last = || folder.rsplit('/').next().unwrap_or_default();
        let (name, version) = match fragment {
            None => (last(), None),
            Some(fragment) if fragment.contains(['@', ':']) => name_and_version(fragment)?,
            Some(fragment) if fragment.starts_with(char::is_alphabetic) => (fragment, None),
            Some(fragment) => (last(), Some(PartialVersion::parse(fragment)?)),
        };
        Ok(Self {
            name: checked(name)?,
            version,
            local: protocol == "file" && matches!(kind, None | Some("path")),
            folder: Some(folder),
        })
    }

    /// Whether a member of the workspace is meant.
    pub(super) fn matches(&self, member: &Package) -> bool {
        self.local
            && self.name == member.name.as_str()
            && self
                .version
                .as_ref()
                .is_none_or(|version| version.matches(&member.version))
            && self
                .folder
                .as_ref()
                .is_none_or(|folder| Some(folder) == folder_of(member).as_ref())
    }
}

/// The folder in a member's own ID: `path+file:///folder#name@1.0.0`.
fn folder_of(member: &Package) -> Option<String> {
    let (_, rest) = member.id.repr.split_once("file://")?;
    canonical(rest.split('#').next()?)
}

/// The path of what follows `file://`: decoded, without steps that lead nowhere. `None` if there is no path.
fn canonical(url: &str) -> Option<String> {
    let url = url.replace('\\', "/");
    let (host, path) = url.split_at(url.find('/')?);
    let mut folders: Vec<&str> = Vec::new();
    for step in path[1..].split('/') {
        match step {
            "." => {}
            ".." => {
                folders.pop();
            }
            _ => folders.push(step),
        }
    }
    let host = if host.eq_ignore_ascii_case("localhost") {
        ""
    } else {
        host
    };
    let path = format!("{host}/{}", folders.join("/"));
    let decoded = percent_encoding::percent_decode_str(&path)
        .decode_utf8()
        .ok()?;
    Some(decoded.into_owned())
}

fn name_and_version(text: &str) -> Result<(&str, Option<PartialVersion>), Wrong> {
    // The name of a module in another language has two colons.
    let colon = || {
        text.rsplit_once(':')
            .filter(|(name, _)| !name.ends_with(':'))
    };
    match text.rsplit_once('@').or_else(colon) {
        None => Ok((text, None)),
        Some((name, version)) => Ok((name, Some(PartialVersion::parse(version)?))),
    }
}

fn checked(name: &str) -> Result<String, Wrong> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || !name.chars().all(plain) {
        return Err(Wrong(format!("`{name}` cannot be a package's name")));
    }
    Ok(name.to_owned())
}

impl PartialVersion {
    fn parse(text: &str) -> Result<Self, Wrong> {
        if let Ok(full) = Version::parse(text) {
            return Ok(Self {
                major: full.major,
                minor: Some(full.minor),
                patch: Some(full.patch),
                pre: full.pre,
                build: full.build,
            });
        }
        // A requirement of one comparator without an operator is what a version is that lacks its end.
        let wrong = || Wrong(format!("`{text}` is no version such as 1.32"));
        let mut requirement = VersionReq::parse(text).map_err(|_| wrong())?;
        let comparator = requirement.comparators.pop().ok_or_else(wrong)?;
        if !requirement.comparators.is_empty()
            || comparator.op != Op::Caret
            || text.starts_with('^')
        {
            return Err(wrong());
        }
        Ok(Self {
            major: comparator.major,
            minor: comparator.minor,
            patch: comparator.patch,
            pre: comparator.pre,
            build: BuildMetadata::EMPTY,
        })
    }

    /// What was not given is not compared, but for a prerelease, which has to be asked for.
    fn matches(&self, version: &Version) -> bool {
        self.major == version.major
            && self.minor.is_none_or(|minor| minor == version.minor)
            && self.patch.is_none_or(|patch| patch == version.patch)
            && self.pre == version.pre
            && (self.build.is_empty() || self.build == version.build)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(given: &str, of: &str) -> bool {
        let given = PartialVersion::parse(given).unwrap();
        given.matches(&Version::parse(of).unwrap())
    }

    #[test]
    fn what_is_left_out_of_a_version_is_not_compared() {
        for given in ["1", "1.2", "1.2.3", "1.2.3+4"] {
            assert!(version(given, "1.2.3+4"), "{given}");
        }
        for given in ["2", "1.1", "1.2.4", "1.2.3+5", "1.2.3-beta"] {
            assert!(!version(given, "1.2.3+4"), "{given}");
        }
        assert!(version("1.2.3-beta.1", "1.2.3-beta.1"));
        for given in ["1", "1.2.3", "1.2.3-beta", "1.2.3-beta.2"] {
            assert!(!version(given, "1.2.3-beta.1"), "{given}");
        }
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for text in [
            "", "x", "^1", "~1.2", "=1", ">1", "1, 2", "*", "1.*", "1.2-beta", "1.2+4", "01",
        ] {
            assert!(PartialVersion::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_and_urls_are_told_apart() {
        let parts = |text: &str| {
            let spec = Spec::parse(text).unwrap();
            (spec.name, spec.version.is_some(), spec.folder, spec.local)
        };
        let of = |name: &str, version, folder: Option<&str>, local| {
            (name.to_owned(), version, folder.map(str::to_owned), local)
        };
        assert_eq!(parts("beacon"), of("beacon", false, None, true));
        assert_eq!(parts("beacon@1"), of("beacon", true, None, true));
        assert_eq!(parts("beacon:1"), of("beacon", true, None, true));
        let here = Some("/a b/beacon");
        assert_eq!(
            parts("file:///a%20b/beacon"),
            of("beacon", false, here, true)
        );
        assert_eq!(
            parts("path+file:///a b/./x/../beacon#1.2"),
            of("beacon", true, here, true)
        );
        assert_eq!(
            parts("file:///a b/beacon#lamp"),
            of("lamp", false, here, true)
        );
        assert_eq!(
            parts("file://localhost/a b/beacon#lamp@1"),
            of("lamp", true, here, true)
        );
        assert_eq!(
            parts("git+file:///a b/beacon?branch=x#1"),
            of("beacon", true, here, false)
        );
        let there = Some("example.com/beacon");
        assert_eq!(
            parts("https://example.com/beacon"),
            of("beacon", false, there, false)
        );
    }

    #[test]
    fn what_is_no_specification_is_refused() {
        for text in [
            "",
            "bea con",
            "@1",
            "beacon@",
            "beacon@x",
            "a/beacon",
            "path+http://example.com/beacon",
            "svn+file:///beacon",
            "file:///beacon?x=y",
            "file:///beacon/",
            "file:///beacon#",
            "file:///beacon#@1",
            "file://beacon",
        ] {
            assert!(Spec::parse(text).is_err(), "{text}");
        }
    }
}
