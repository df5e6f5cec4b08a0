//! The table itself.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::lifecycle::State;
use crate::lifecycle::table::{Kind, TABLE};

const STATES: [State; 4] = [
    State::Starting,
    State::Running,
    State::Stopping,
    State::Stopped,
];
const KINDS: [Kind; 13] = [
    Kind::Ready,
    Kind::Status,
    Kind::Starting,
    Kind::Stopping,
    Kind::StopAsked,
    Kind::StopSelf,
    Kind::Fail,
    Kind::Returned,
    Kind::Panicked,
    Kind::DeadlinePassed,
    Kind::ExtendDue,
    Kind::NothingDue,
    Kind::Interrogate,
];

#[test]
fn the_table_has_one_row_for_each_state_and_input() {
    let mut seen = HashMap::new();
    for row in TABLE {
        *seen.entry((row.from, row.on)).or_insert(0) += 1;
    }
    for state in STATES {
        for kind in KINDS {
            assert_eq!(seen.get(&(state, kind)), Some(&1), "{state:?} on {kind:?}");
        }
    }
    assert_eq!(TABLE.len(), STATES.len() * KINDS.len());
}

#[test]
fn the_table_only_goes_forward() {
    for row in TABLE {
        let (from, to) = (row.from as u8, row.to as u8);
        assert!(
            from <= to,
            "{:?} on {:?} goes back to {:?}",
            row.from,
            row.on,
            row.to
        );
        if row.from == State::Stopped {
            assert!(
                row.effects.is_empty(),
                "{:?} does something after the end",
                row.on
            );
        }
    }
}

#[test]
fn the_page_prints_the_table() {
    let mut page = String::from("| in | on | to | doing |\n| --- | --- | --- | --- |\n");
    for row in TABLE {
        let effects: Vec<String> = row
            .effects
            .iter()
            .map(|effect| format!("{effect:?}"))
            .collect();
        let to = if row.to == row.from {
            "·".to_owned()
        } else {
            format!("{:?}", row.to)
        };
        writeln!(
            page,
            "| {:?} | {:?} | {to} | {} |",
            row.from,
            row.on,
            effects.join(", ")
        )
        .unwrap();
    }
    assert_eq!(
        include_str!("../table.md"),
        page,
        "write this into lifecycle/table.md:\n{page}"
    );
}
