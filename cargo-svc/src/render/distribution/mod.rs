//! What distribution packages take: the scripts of dpkg and rpm, and the tables of Cargo.toml that cargo-deb and
//! cargo-generate-rpm read.

mod metadata;
#[cfg(test)]
mod tests;

pub use metadata::{Refused, deb_metadata, destinations, rpm_metadata};

use std::cell::LazyCell;

use askama::Template;

use super::{Files, Kind, Text};
use crate::plan::systemd::{self, Need, Pattern};

/// The folder of dpkg's scripts below that of the committed files.
const DEBIAN: &str = "debian";
/// The folder of rpm's scripts.
const RPM: &str = "rpm";

/// dpkg's scripts (deb-preinst(5) and its kin).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Debian {
    /// Before the files.
    Preinst,
    /// After them.
    Postinst,
    /// Before they go.
    Prerm,
    /// After they are gone.
    Postrm,
}

impl Debian {
    /// What they are called.
    pub const FILES: [&str; 4] = [
        Self::Preinst.file_name(),
        Self::Postinst.file_name(),
        Self::Prerm.file_name(),
        Self::Postrm.file_name(),
    ];

    /// The script's kind.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Preinst => "deb-preinst",
            Self::Postinst => "deb-postinst",
            Self::Prerm => "deb-prerm",
            Self::Postrm => "deb-postrm",
        }
    }

    /// What cargo-deb wants it to be called.
    const fn file_name(self) -> &'static str {
        match self {
            Self::Preinst => "preinst",
            Self::Postinst => "postinst",
            Self::Prerm => "prerm",
            Self::Postrm => "postrm",
        }
    }
}

/// rpm's scriptlets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rpm {
    /// Before the files.
    Pre,
    /// After them.
    Post,
    /// Before they go.
    Preun,
    /// After they are gone.
    Postun,
}

impl Rpm {
    /// All of them, in the order in which a life needs them.
    pub const ALL: [Self; 4] = [Self::Pre, Self::Post, Self::Preun, Self::Postun];

    /// What they are called.
    pub const FILES: [&str; 4] = [
        Self::Pre.file_name(),
        Self::Post.file_name(),
        Self::Preun.file_name(),
        Self::Postun.file_name(),
    ];

    /// The script's kind.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pre => "rpm-pre",
            Self::Post => "rpm-post",
            Self::Preun => "rpm-preun",
            Self::Postun => "rpm-postun",
        }
    }

    /// What it is called.
    const fn file_name(self) -> &'static str {
        match self {
            Self::Pre => "pre.sh",
            Self::Post => "post.sh",
            Self::Preun => "preun.sh",
            Self::Postun => "postun.sh",
        }
    }
}

/// Where cargo-deb finds its scripts.
pub fn debian_folder(output_dir: &str) -> String {
    format!("{output_dir}/{DEBIAN}")
}

/// Where cargo-generate-rpm finds this script.
pub fn rpm_script(output_dir: &str, script: Rpm) -> String {
    format!("{output_dir}/{RPM}/{}", script.file_name())
}

/// dpkg's scripts.
pub fn debian(plan: &systemd::Distribution, files: &mut dyn Files) {
    let data = LazyCell::new(|| Data::new(plan));
    let mut file = |script: Debian, write: &mut dyn FnMut(&mut Text)| {
        let path = format!("{DEBIAN}/{}", script.file_name());
        files.file(Kind::Debian(script), path, true, write);
    };
    file(Debian::Preinst, &mut |out| {
        out.template(&Preinst { data: &data });
    });
    file(Debian::Postinst, &mut |out| {
        out.template(&Postinst { data: &data });
    });
    file(Debian::Prerm, &mut |out| {
        out.template(&Prerm { data: &data });
    });
    file(Debian::Postrm, &mut |out| {
        out.template(&Postrm { data: &data });
    });
}

/// rpm's scriptlets.
pub fn rpm(plan: &systemd::Distribution, files: &mut dyn Files) {
    let data = LazyCell::new(|| Data::new(plan));
    let mut file = |script: Rpm, write: &mut dyn FnMut(&mut Text)| {
        let path = format!("{RPM}/{}", script.file_name());
        files.file(Kind::Rpm(script), path, true, write);
    };
    file(Rpm::Pre, &mut |out| out.template(&Pre { data: &data }));
    file(Rpm::Post, &mut |out| out.template(&Post { data: &data }));
    file(Rpm::Preun, &mut |out| out.template(&Preun { data: &data }));
    file(Rpm::Postun, &mut |out| {
        out.template(&Postun { data: &data });
    });
}

/// The plan as the scripts hold it: words that are separated by spaces, which no unit's name holds.
struct Data<'a> {
    plan: &'a systemd::Distribution,
    package: &'a str,
    system: Words,
    user: Words,
    needs: &'a [Need],
    purged: &'a [Pattern],
    emptied: &'a [String],
    /// Instances of templates.
    templates: Vec<String>,
}

struct Words {
    enabled: String,
    optional: String,
    services: String,
    sockets: String,
    running: String,
    files: String,
}

impl Words {
    fn new(group: &systemd::Group) -> Self {
        Self {
            enabled: group.enabled.join(" "),
            optional: group.optional.join(" "),
            services: group.services.join(" "),
            sockets: group.sockets.join(" "),
            running: group.running.join(" "),
            files: group.files().cloned().collect::<Vec<_>>().join(" "),
        }
    }
}

impl<'a> Data<'a> {
    fn new(plan: &'a systemd::Distribution) -> Self {
        Self {
            plan,
            package: &plan.package,
            system: Words::new(&plan.system),
            user: Words::new(&plan.user),
            needs: &plan.needs,
            purged: &plan.purged,
            emptied: &plan.emptied,
            templates: plan
                .system
                .templates
                .iter()
                .map(|name| name.replace("@.", "@?*."))
                .collect(),
        }
    }
}

/// What templates ask.
impl Data<'_> {
    fn has_user(&self) -> bool {
        self.plan.user.files().next().is_some()
    }

    fn has_users(&self) -> bool {
        self.plan.has_users
    }

    fn has_folders(&self) -> bool {
        self.plan.has_folders
    }

    fn has_needs(&self) -> bool {
        !self.plan.needs.is_empty()
    }
}

macro_rules! scripts {
    ($($name:ident = $path:literal),* $(,)?) => {$(
        #[derive(Template)]
        #[template(path = $path)]
        struct $name<'a> {
            data: &'a Data<'a>,
        }
    )*};
}

scripts! {
    Preinst = "linux/debian/preinst.sh",
    Postinst = "linux/debian/postinst.sh",
    Prerm = "linux/debian/prerm.sh",
    Postrm = "linux/debian/postrm.sh",
    Pre = "linux/rpm/pre.sh",
    Post = "linux/rpm/post.sh",
    Preun = "linux/rpm/preun.sh",
    Postun = "linux/rpm/postun.sh",
}
