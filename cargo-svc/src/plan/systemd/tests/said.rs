//! What is said of a declaration, and where: once, at the key that was typed.

use super::*;
use crate::diagnostics::{Diagnostic, Level};
use crate::service::{Hardening, Profile};

/// Everything that is said of one service.
fn said(service: Service) -> Vec<Diagnostic> {
    let mut report = Report::default();
    let _ = plan(&package(vec![service]), Placement::Archive, &mut report);
    report.diagnostics().to_vec()
}

#[test]
fn what_a_profile_does_not_write_is_not_said_to_be_left_out() {
    let with = |profile, without: &str| {
        let mut one = service("beacon");
        one.systemd.hardening = Some(declared(
            "hardening",
            Hardening {
                profile,
                without: vec![declared("hardening.without", without.to_owned())],
            },
        ));
        let [found] = &said(one)[..] else {
            panic!("there is one note");
        };
        assert_eq!(found.level, Level::Note);
        (found.message.clone(), found.label.clone())
    };
    let (message, label) = with(Profile::Standard, "MemoryDenyWriteExecute");
    assert_eq!(
        message,
        "`without` names `MemoryDenyWriteExecute`, which the profile `standard` does not write into `beacon.service`"
    );
    assert_eq!(label, "nothing is left out for it");
    let (message, label) = with(Profile::Strict, "MemoryDenyWriteExecute");
    assert!(
        message.contains("the exposure of `beacon.service` is"),
        "{message}"
    );
    assert_eq!(label, "left out of the profile");
}

#[test]
fn braces_of_a_templates_description() {
    let shown = |typed: &str, template| {
        let mut one = service("beacon");
        one.own_systemd.template = template;
        one.systemd.description = Some(declared("description", typed.to_owned()));
        let unit = unit(one);
        let line = unit
            .lines()
            .find_map(|line| line.strip_prefix("Description="));
        line.expect("it has a description").to_owned()
    };
    for (typed, written) in [
        ("Line {instance}", "Line %i"),
        ("Line {{instance}", "Line {instance}"),
        ("{{{instance}}", "{%i}"),
        ("{instance}{instance}", "%i%i"),
        ("100% {a} {", "100%% {a} {"),
    ] {
        assert_eq!(shown(typed, true), written, "{typed}");
    }
    // Only a template has an instance.
    assert_eq!(shown("{{instance}", false), "{{instance}");
}
