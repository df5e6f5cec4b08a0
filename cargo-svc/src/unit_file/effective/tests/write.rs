//! A unit that has these values.

use crate::unit_file::effective::Effective;
use crate::unit_file::spell::spelled;

pub(crate) fn written(unit: &Effective) -> String {
    let mut text = String::new();
    let mut section = None;
    for one in unit.assigned() {
        if section != Some(one.section) {
            text.extend(["[", one.section.word(), "]\n"]);
            section = Some(one.section);
        }
        // A blank at the end, so that no backslash is the last character.
        text.extend([
            one.key.as_str(),
            "=",
            &spelled(one.section, &one.key, &one.value),
            " \n",
        ]);
    }
    text
}
