//! Paths: `path_simplify_and_warn()` of systemd 252 and 257.

use crate::escape::unit::words::has_specifier;

/// Without doubled slashes, without `.` and without a slash at the end. Nothing else is folded.
pub(super) fn simplified(path: &str) -> String {
    let absolute = path.starts_with('/');
    let parts: Vec<_> = path
        .split('/')
        .filter(|part| !matches!(*part, "" | "."))
        .collect();
    match (absolute, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

/// Where a path must begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    /// At the root.
    AtRoot,
    /// Below a folder that systemd knows.
    Below,
}

/// The simplified path, or why systemd refuses it. What a specifier stands for cannot be known here.
pub(super) fn checked(path: &str, begins: Begins) -> Result<String, String> {
    let open = path.starts_with('%') && has_specifier(path);
    match begins {
        Begins::AtRoot if !path.starts_with('/') && !open => {
            return Err(format!("the path `{path}` is not absolute"));
        }
        Begins::Below if path.starts_with('/') => {
            return Err(format!("the path `{path}` is absolute"));
        }
        _ => {}
    }
    // 257 takes `/..` for `/`.
    if path.split('/').any(|part| part == "..") {
        return Err(format!("the path `{path}` has a `..` in it"));
    }
    Ok(simplified(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needless_parts_go() {
        for (path, simple) in [
            ("///foo//./bar/.", "/foo/bar"),
            (".//./foo//./bar/.", "foo/bar"),
            ("/", "/"),
            ("//", "/"),
            (".", "."),
            ("/a/", "/a"),
            ("/a/..b/...", "/a/..b/..."),
            ("%t//x/", "%t/x"),
        ] {
            assert_eq!(simplified(path), simple, "{path}");
        }
    }

    #[test]
    fn a_path_is_refused_with_the_reason() {
        assert_eq!(checked("/a/./b", Begins::AtRoot).as_deref(), Ok("/a/b"));
        assert_eq!(checked("a//b", Begins::Below).as_deref(), Ok("a/b"));
        assert_eq!(checked("%h/a", Begins::AtRoot).as_deref(), Ok("%h/a"));
        for (path, begins, part) in [
            ("a", Begins::AtRoot, "not absolute"),
            ("%%a", Begins::AtRoot, "not absolute"),
            ("\"/a b\"", Begins::AtRoot, "not absolute"),
            ("/a", Begins::Below, "absolute"),
            ("/a/../b", Begins::AtRoot, "`..`"),
        ] {
            let error = checked(path, begins).expect_err(path);
            assert!(error.contains(part), "{path}: {error}");
        }
    }
}
