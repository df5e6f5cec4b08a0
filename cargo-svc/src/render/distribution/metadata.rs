//! The tables of Cargo.toml that cargo-deb and cargo-generate-rpm read.

use askama::Template;

use super::{RPM, debian_folder};
use crate::plan::systemd::{Piece, Placed, SystemdPlan};
use crate::render::gathered;
use crate::render::{Artifact, Kind, linux, text};
use crate::service::systemd::Scope;

/// A file that the tool could not put into a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The file's path below the package's manifest.
    pub source: String,
    /// What is in the way.
    pub reason: String,
}

/// `[package.metadata.deb]` for a plan of [`Placement::Distribution`](crate::plan::systemd::Placement::Distribution) whose
/// committed files are in `output_dir`.
///
/// # Errors
/// Names the files that cannot be packed.
pub fn deb_metadata(plan: &SystemdPlan, output_dir: &str) -> Result<Artifact, Vec<Refused>> {
    let assets = assets(plan, output_dir, &['*', '[', ']', '!'])?;
    let template = Deb {
        scripts: debian_folder(output_dir),
        min_version: plan.min_version,
        // cargo-deb takes what is below /etc for configuration by itself.
        conf_files: assets
            .iter()
            .filter(|asset| asset.config && !asset.dest.starts_with("/etc/"))
            .map(|asset| asset.dest.clone())
            .collect(),
        assets,
    };
    Ok(artifact(Kind::DebMetadata, text(&template)))
}

/// `[package.metadata.generate-rpm]`, likewise.
///
/// # Errors
/// Names the files that cannot be packed.
pub fn rpm_metadata(plan: &SystemdPlan, output_dir: &str) -> Result<Artifact, Vec<Refused>> {
    let template = GenerateRpm {
        scripts: format!("{output_dir}/{RPM}"),
        min_version: plan.min_version,
        assets: assets(plan, output_dir, &['*'])?,
    };
    Ok(artifact(Kind::RpmMetadata, text(&template)))
}

/// Where everything goes that a package of these services has to hold.
pub fn destinations(plan: &SystemdPlan) -> Vec<String> {
    let assets = assets(plan, "", &[]).unwrap_or_default();
    assets.into_iter().map(|asset| asset.dest).collect()
}

fn artifact(kind: Kind, contents: Vec<u8>) -> Artifact {
    Artifact {
        kind,
        path: format!("{}.toml", kind.word()),
        contents,
        executable: false,
    }
}

#[derive(Template)]
#[template(path = "cargo/deb.toml")]
struct Deb {
    scripts: String,
    min_version: u32,
    conf_files: Vec<String>,
    assets: Vec<Asset>,
}

#[derive(Template)]
#[template(path = "cargo/generate-rpm.toml")]
struct GenerateRpm {
    scripts: String,
    min_version: u32,
    assets: Vec<Asset>,
}

/// A file of the package.
struct Asset {
    source: String,
    dest: String,
    mode: String,
    config: bool,
}

impl Asset {
    fn new(source: String, dest: String, mode: u16) -> Self {
        Self {
            source,
            dest,
            mode: format!("{mode:o}"),
            config: false,
        }
    }

    fn below_root(&self) -> &str {
        self.dest.trim_start_matches('/')
    }
}

/// Everything that is in the package; `wild` is what the tool does not take as it stands in a source's path.
fn assets(plan: &SystemdPlan, output_dir: &str, wild: &[char]) -> Result<Vec<Asset>, Vec<Refused>> {
    let prefix = plan.placement.prefix();
    let mut assets: Vec<Asset> = plan
        .programs()
        .into_iter()
        .map(|program| {
            // Both tools put the real folder of the build in place of this one.
            let source = format!("target/release/{}", program.name);
            let dest = format!("{}/{}", program.dir.with_prefix(prefix), program.name);
            Asset::new(source, dest, 0o755)
        })
        .collect();
    for artifact in gathered(|files| linux::units(plan, files)) {
        let name = artifact
            .path
            .rsplit_once('/')
            .map_or("", |(_, name)| name)
            .to_owned();
        let folder = match artifact.kind {
            Kind::Sysusers => "sysusers.d",
            Kind::Tmpfiles => "tmpfiles.d",
            _ => match plan.units().find(|(_, unit)| unit.file_name == name) {
                Some((service, _)) if service.scope == Scope::User => "systemd/user",
                _ => "systemd/system",
            },
        };
        let source = format!("{output_dir}/{}", artifact.path);
        assets.push(Asset::new(
            source,
            format!("{prefix}/lib/{folder}/{name}"),
            0o644,
        ));
    }
    let mut refused = Vec::new();
    for file in &plan.files {
        match whole_path(&file.to, prefix) {
            Some(dest) => assets.push(Asset {
                config: file.config,
                ..Asset::new(file.source.clone(), dest, file.mode.0)
            }),
            None => refused.push(Refused {
                source: file.source.clone(),
                reason: "it goes to a folder that each user, or each instance, has its own of"
                    .into(),
            }),
        }
    }
    for asset in &assets {
        if let Some(c) = asset.source.chars().find(|c| wild.contains(c)) {
            refused.push(Refused {
                source: asset.source.clone(),
                reason: format!("`{c}` in its path is a wildcard for the tool that packs it"),
            });
        }
    }
    if refused.is_empty() {
        Ok(assets)
    } else {
        Err(refused)
    }
}

/// A path without specifiers.
fn whole_path(path: &Placed, prefix: &str) -> Option<String> {
    let open = |piece: &Piece| matches!(piece, Piece::Specifier(_));
    (!path.pieces.iter().any(open)).then(|| path.with_prefix(prefix))
}
