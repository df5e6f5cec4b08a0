//! Random files that are installed with a service.

use super::declaration::PREFIX;
use super::keys::Tables;
use super::{Rng, one, text};

/// A file of a service.
#[derive(Debug, Clone)]
pub struct DeclaredFile {
    /// Its path in the package; none for one that only the operator has.
    pub source: Option<String>,
    /// Its whole path on the machine; [`PREFIX`] may stand in it.
    pub to: String,
    /// Its permissions.
    pub mode: u16,
    /// Whether the service waits for it.
    pub required: bool,
}

/// What a file's name may hold, and what some reader of it does something with.
const SPICE: [&str; 20] = [
    "a b", "ä", "it's", "100%", "%n", "$HOME", "$(x)", "a\"b", ";", "#", "~", "*", "[x]", "{x}",
    "{{", "=", "&", "日本", ".x", "-n",
];

/// A name: as long as what comes before it makes it no other one's.
fn name(rng: &mut Rng) -> String {
    let pieces = rng.usize(1..4);
    (0..pieces).map(|_| one(rng, &SPICE)).collect()
}

impl DeclaredFile {
    /// What stands in it.
    pub fn content(&self) -> String {
        format!("comes to {:?}\n", self.to)
    }
}

/// Files of a service, which may have a configuration folder.
pub(super) fn random(
    rng: &mut Rng,
    service: &str,
    config: Option<&str>,
    tables: &mut Tables,
) -> Vec<DeclaredFile> {
    let (mut files, mut typed) = (Vec::new(), Vec::new());
    let count = if rng.u8(0..3) == 0 {
        rng.usize(1..4)
    } else {
        0
    };
    for number in 0..count {
        let name = format!("{number}{}", name(rng));
        let below = match rng.u8(0..3) {
            0 => format!("d{number}{name}/{name}"),
            _ => name,
        };
        let config = config.filter(|_| rng.bool());
        let (folder, to) = match config {
            Some(path) => ("{config-dir}".into(), format!("{path}/{below}")),
            None => (
                format!("{{install-dir}}/{service}"),
                format!("{PREFIX}/lib/svc-probe/{service}/{below}"),
            ),
        };
        let required = rng.u8(0..4) == 0;
        let source = (!required || rng.bool()).then(|| format!("files/{service}/{below}"));
        let mode = one(
            rng,
            &[None, Some(0o600), Some(0o444), Some(0o755), Some(0o4750)],
        );
        let mut keys = vec![format!(
            "to = {}",
            text(&format!("{folder}/{}", below.replace('{', "{{")))
        )];
        if let Some(source) = &source {
            keys.push(format!("source = {}", text(source)));
        }
        if required {
            keys.push("required = true".into());
        }
        if rng.bool() {
            keys.push(format!("config = {}", rng.bool()));
        }
        if let Some(mode) = mode {
            keys.push(format!("mode = \"{mode:04o}\""));
        }
        typed.push(format!("{{ {} }}", keys.join(", ")));
        files.push(DeclaredFile {
            source,
            to,
            mode: mode.unwrap_or(0o644),
            required,
        });
    }
    if !files.is_empty() {
        tables.put(rng, "files", &format!("[{}]", typed.join(", ")));
    }
    files
}
