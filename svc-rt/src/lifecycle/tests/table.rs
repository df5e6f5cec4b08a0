//! The table itself.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::lifecycle::State;
use crate::lifecycle::table::{DUE, Due, Kind, Row, TABLE};

const STATES: [State; 8] = [
    State::Starting,
    State::Running,
    State::Reloading,
    State::Pausing,
    State::Paused,
    State::Continuing,
    State::Stopping,
    State::Stopped,
];
const KINDS: [Kind; 31] = [
    Kind::Ready,
    Kind::ReadyWithoutHeart,
    Kind::HeartBorn,
    Kind::Status,
    Kind::Starting,
    Kind::Stopping,
    Kind::Extend,
    Kind::StopAsked,
    Kind::StopSelf,
    Kind::Fail,
    Kind::Returned,
    Kind::Panicked,
    Kind::ReloadAsked,
    Kind::ReloadDone,
    Kind::ReloadFailed,
    Kind::PauseAsked,
    Kind::PauseDone,
    Kind::PauseFailed,
    Kind::ContinueAsked,
    Kind::ContinueDone,
    Kind::ContinueFailed,
    Kind::Told,
    Kind::Undeclared,
    Kind::DeadlinePassed,
    Kind::NoHeart,
    Kind::PulseDue,
    Kind::HeartMissed,
    Kind::MissUnanswered,
    Kind::ExtendDue,
    Kind::NothingDue,
    Kind::Interrogate,
];

fn from(row: &Row) -> impl Iterator<Item = State> {
    STATES.into_iter().filter(|state| row.from.contains(*state))
}

#[test]
fn the_table_has_one_row_for_each_state_and_input() {
    let mut seen = HashMap::new();
    for row in TABLE {
        for state in from(row) {
            *seen.entry((state, row.on)).or_insert(0) += 1;
        }
    }
    for state in STATES {
        for kind in KINDS {
            assert_eq!(seen.get(&(state, kind)), Some(&1), "{state:?} on {kind:?}");
        }
    }
    assert_eq!(seen.len(), STATES.len() * KINDS.len());
}

/// How far along its life a service is in this state.
fn stage(state: State) -> u8 {
    match state {
        State::Starting => 0,
        State::Running | State::Reloading | State::Pausing | State::Paused | State::Continuing => 1,
        State::Stopping => 2,
        State::Stopped => 3,
    }
}

#[test]
fn the_table_only_goes_forward() {
    for row in TABLE {
        for from in from(row) {
            let to = row.to.unwrap_or(from);
            assert!(
                stage(from) <= stage(to),
                "{from:?} on {:?} goes back to {to:?}",
                row.on
            );
            if from == State::Stopped {
                assert!(
                    row.effects == [None; 5],
                    "{:?} does something after the end",
                    row.on
                );
            }
        }
    }
}

#[test]
fn what_is_due_leads_to_an_end() {
    for row in DUE {
        assert!(stage(row.from) <= stage(row.to));
        // Being ready leads to a state in which an order may be due, and an order to one in which nothing is.
        if row.on != Due::Ready {
            assert!(DUE.iter().all(|other| other.from != row.to));
        }
    }
}

/// As the page prints them.
fn words<T: std::fmt::Debug>(list: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = list.into_iter().map(|word| format!("`{word:?}`")).collect();
    words.join(", ")
}

#[test]
fn the_page_prints_the_table() {
    let mut page = String::from("| in | on | to | doing |\n| --- | --- | --- | --- |\n");
    for row in TABLE {
        let (from, effects) = (words(from(row)), words(row.effects.into_iter().flatten()));
        let to = row.to.map_or("·".to_owned(), |to| format!("`{to:?}`"));
        writeln!(page, "| {from} | `{:?}` | {to} | {effects} |", row.on).unwrap();
    }
    page.push_str(
        "\nWhat follows by itself:\n\n| in | due | to | doing |\n| --- | --- | --- | --- |\n",
    );
    for row in DUE {
        let effects = words(row.effects.into_iter().flatten());
        writeln!(
            page,
            "| `{:?}` | `{:?}` | `{:?}` | {effects} |",
            row.from, row.on, row.to
        )
        .unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/lifecycle/table.md");
    if std::env::var_os("SVC_BLESS").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let shown = std::fs::read_to_string(path).unwrap();
    // A checkout on Windows may convert line ends.
    assert!(
        shown.replace("\r\n", "\n") == page,
        "{path} is not what the table says: write it anew with SVC_BLESS=1"
    );
}
