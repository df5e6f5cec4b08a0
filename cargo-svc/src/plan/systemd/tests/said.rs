//! What is said of a declaration, and where: once, at the key that was typed.

use super::*;

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
