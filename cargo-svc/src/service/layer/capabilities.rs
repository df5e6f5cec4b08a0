//! `capabilities`: names that the kernel has, as far as systemd knows them.

use super::Checker;
use crate::diagnostics::{Declared, Diagnostic};
use crate::directives::{self, NEWEST, Section};
use crate::manifest::keys::nearest;

impl Checker<'_> {
    /// Whether there is such a capability, or may be in a newer kernel. What is none is reported: systemd would start the service
    /// without it.
    pub(super) fn has_capability(&mut self, name: &Declared<String>) -> bool {
        let Some(known) = directives::find(Section::Service, "AmbientCapabilities") else {
            return true;
        };
        if known.check(&name.value).is_ok() {
            return true;
        }
        if known.unheard(&name.value).is_some() {
            self.report.add(
                Diagnostic::warning(format!(
                    "`capabilities` holds what systemd {NEWEST} does not know: {}",
                    name.value
                ))
                .at(name.place())
                .label("it is written as it stands; a systemd that does not know it leaves it out"),
            );
            return true;
        }
        let names = known.values.iter().map(|one| one.word.to_ascii_uppercase());
        let names: Vec<_> = names.filter(|word| word.starts_with("CAP_")).collect();
        let near = nearest(&name.value, names.iter().map(String::as_str));
        let found = Diagnostic::error("invalid value for `capabilities`").at(name.place());
        self.may_be_newer(match near {
            Some(near) => found.label(format!(
                "there is no such capability; did you mean `{near}`?"
            )),
            None => found
                .label("there is no such capability")
                .help("capabilities(7) lists them"),
        })
    }
}
