//! What is said of a declaration, and where: once, at the key that was typed.

use super::*;
use crate::diagnostics::{Declared, Diagnostic, Level};
use crate::service::declared::{Directory, Listen, Socket};
use crate::service::systemd::{RawUnit, UnitType};
use crate::service::{Hardening, Profile};

/// Everything that is said of one service.
fn said(service: Service) -> Vec<Diagnostic> {
    let mut report = Report::default();
    let _ = plan(&package(vec![service]), Placement::Archive, &mut report);
    report.diagnostics().to_vec()
}

fn state(path: &str) -> Service {
    let mut one = service("beacon");
    one.systemd.directories.state = Some(declared(
        "directories.state",
        Directory {
            path: Some(text(path)),
            mode: None,
        },
    ));
    one.systemd.working_dir = Some(Declared::default_of(Text {
        parts: vec![Part::Folder(Folder::State)],
    }));
    one
}

#[test]
fn a_state_folder_is_refused_as_what_was_typed() {
    refuses(state(&"x".repeat(300)), "directories.state", "255");
    refuses(state("x "), "directories.state", "dropped");
    // systemd ignores the whole line then, however the quote is written (seen on 252).
    refuses(state("q\"b"), "directories.state", "value");
    unit(state("q <b> | *?"));
}

#[test]
fn a_path_that_is_a_files_gets_no_slash() {
    let mut one = service("beacon");
    let listen = Listen::Unix(text("/run/a\\"));
    one.systemd.sockets = vec![declared(
        "sockets",
        Socket {
            name: "ctl".into(),
            listen: vec![declared("sockets", listen)],
            mode: None,
            systemd: RawUnit::default(),
        },
    )];
    let [found] = &said(one)[..] else {
        panic!("it is one mistake");
    };
    assert!(found.message.contains("joins the next line"), "{found:?}");
    assert!(
        found.help.iter().all(|help| !help.contains("`/`")),
        "{found:?}"
    );
}

#[test]
fn a_type_that_is_too_new_is_refused_once() {
    let mut one = service("beacon");
    one.own_systemd.kind = Some(declared("type", UnitType::NotifyReload));
    let [found] = &said(one)[..] else {
        panic!("it is one mistake");
    };
    assert!(
        found.place.is_some() && found.message.contains("needs systemd 253"),
        "{found:?}"
    );
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
