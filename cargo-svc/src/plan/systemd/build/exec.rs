//! Text of the declaration as text of a unit: placeholders become the target's folders.

use crate::diagnostics::Declared;
use crate::plan::systemd::Placement;
use crate::plan::systemd::check::Check;
use crate::plan::systemd::unit::{Piece, Placed};
use crate::service::systemd::Scope;
use crate::service::{Directories, Folder, Part, Service, Text};

/// What a service's texts are resolved with, and what its program's arguments and environment come to.
pub(super) struct Exec<'a> {
    /// `{install-dir}` below the prefix.
    install_dir: String,
    name: &'a str,
    template: bool,
    scope: Scope,
    directories: &'a Directories,
    /// What execve has to copy, in bytes.
    pub(super) bytes: usize,
}

impl<'a> Exec<'a> {
    pub(super) fn new(package: &str, service: &'a Service) -> Self {
        Self {
            install_dir: format!("/lib/{package}"),
            name: service.systemd.name.value.as_str(),
            template: service.own_systemd.template,
            scope: service.own_systemd.scope.value,
            directories: &service.systemd.directories,
            bytes: 0,
        }
    }

    /// An argument, or a variable's value after `before` bytes of `NAME=`.
    pub(super) fn value(
        &mut self,
        key: &str,
        text: &Declared<Text>,
        before: usize,
        check: &mut Check,
    ) -> Placed {
        let placed = self.text(&text.value);
        let value = placed.with_prefix(Placement::WIDEST.prefix());
        check.exec_value(key, text, &value, before);
        // One NUL and one pointer each.
        self.bytes += before + value.len() + 1 + size_of::<u64>();
        placed
    }

    /// A path setting.
    pub(super) fn path<T>(
        &self,
        key: &str,
        text: &Text,
        declared: &Declared<T>,
        check: &mut Check,
    ) -> Placed {
        let placed = self.text(text);
        let user_home = self.scope == Scope::User && placed == Placed::from("~");
        if !user_home {
            // A specifier of a user's manager stands for an absolute path.
            let path = placed.with_prefix(Placement::WIDEST.prefix());
            let path = if path.starts_with('%') {
                format!("/{path}")
            } else {
                path
            };
            check.path(key, declared, &path);
        }
        placed
    }

    /// Puts the target's folders in.
    pub(super) fn text(&self, text: &Text) -> Placed {
        let mut placed = Placed::default();
        for part in &text.parts {
            match part {
                Part::Literal(literal) => placed.push(literal),
                Part::Instance => placed.pieces.push(Piece::Specifier("%i")),
                Part::Folder(Folder::Install) => {
                    placed.pieces.push(Piece::Prefix);
                    placed.push(&self.install_dir);
                }
                Part::Folder(folder) => {
                    let (root, specifier) = root(*folder);
                    match self.scope {
                        Scope::System => placed.push(root),
                        Scope::User => placed.pieces.push(Piece::Specifier(specifier)),
                    }
                    placed.push("/");
                    for piece in self.below(*folder).pieces {
                        match piece {
                            Piece::Literal(text) => placed.push(&text),
                            piece => placed.pieces.push(piece),
                        }
                    }
                }
            }
        }
        placed
    }

    /// A declared folder's path below the system's of its kind. Each instance of a template has its own, but for the
    /// configuration, which root writes for all of them.
    pub(super) fn below(&self, folder: Folder) -> Placed {
        let declared = self
            .directories
            .get(folder)
            .and_then(|dir| dir.value.path.as_ref());
        if let Some(path) = declared {
            return self.text(path);
        }
        let mut placed = Placed::from(self.name);
        if self.template && folder != Folder::Config {
            placed.push("/");
            placed.pieces.push(Piece::Specifier("%i"));
        }
        placed
    }
}

/// The system's folder of a kind, and the specifier that stands for a user's (systemd.unit(5), "Specifiers").
pub(super) const fn root(folder: Folder) -> (&'static str, &'static str) {
    match folder {
        Folder::Install => ("", ""),
        Folder::State => ("/var/lib", "%S"),
        Folder::Cache => ("/var/cache", "%C"),
        Folder::Logs => ("/var/log", "%L"),
        Folder::Config => ("/etc", "%E"),
        Folder::Runtime => ("/run", "%t"),
    }
}
