//! Directives that share a list: whether it says something how the values of one stand to those of another.

use crate::unit_file::value::Value;

/// Whether it does. The values come with their keys.
pub(super) fn matters(list: &str, values: &[(&str, &Value)]) -> bool {
    match list {
        // All conditions must hold, and any time or path will do. The others are tables with a name, or a device, for each entry.
        "assert" | "block-io" | "condition" | "load-credential" | "path" | "set-credential"
        | "timer" => false,
        "bind" => {
            let mut pairs = values.iter().enumerate().flat_map(|(index, one)| {
                let others = values[..index].iter();
                others.map(move |other| (one, other))
            });
            pairs.any(|(one, other)| one.0 != other.0 && may_be_one_place(one.1, other.1))
        }
        // The program finds its sockets by their order, and its input is one text after another.
        _ => true,
    }
}

/// Whether two things may be mounted at one place: then the first one counts. All others systemd sorts by their paths before it
/// mounts them (namespace.c, `mount_path_compare` and `drop_duplicates`).
fn may_be_one_place(one: &Value, other: &Value) -> bool {
    let (Some(one), Some(other)) = (place(one), place(other)) else {
        return true;
    };
    let (mut one, mut other) = (steps(one), steps(other));
    while let (Some(a), Some(b)) = (one.last(), other.last()) {
        if a != b {
            break;
        }
        one.pop();
        other.pop();
    }
    let same = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let rest = [&one[same..], &other[same..]];
    // A specifier can stand for several steps, or for none.
    let open = rest
        .iter()
        .any(|rest| rest.iter().any(|step| step.contains('%')));
    open || rest.iter().all(|rest| rest.is_empty())
}

/// Where something is mounted: it stands behind the source, which is the place if none was named.
fn place(bind: &Value) -> Option<&str> {
    match bind {
        Value::Fields(fields) => fields.get(1).map(String::as_str),
        _ => None,
    }
}

fn steps(path: &str) -> Vec<&str> {
    path.split('/').filter(|step| !step.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit_file::grammar::Read;
    use crate::unit_file::reading::reading;

    #[test]
    fn two_mounts_at_one_place_have_an_order() {
        let bind = |text: &str| reading(Read::Binds, text).values.remove(0);
        for (one, other, same) in [
            ("/a", "/b", false),
            ("/a", "/a", true),
            ("/a", "/b:/a", true),
            ("/a:/c", "/b:/c:norbind", true),
            ("-/a", "/a/", true),
            ("/a", "/a/b", false),
            ("%S/a", "%S/b", false),
            ("%S/a", "/var/lib/a", true),
            ("%S/a", "%C/a", true),
            ("%Sa", "%Ca", true),
            ("/%i/a", "/a", true),
            ("%t/x/a", "%t/y/a", false),
        ] {
            assert_eq!(
                may_be_one_place(&bind(one), &bind(other)),
                same,
                "{one} {other}"
            );
            assert_eq!(
                may_be_one_place(&bind(other), &bind(one)),
                same,
                "{other} {one}"
            );
        }
    }
}
