//! Where custom actions stand among the standard ones, whose numbers Microsoft suggests ("Suggested
//! `InstallExecuteSequence`").

use std::borrow::Cow;

use super::{CustomAction, Task, Tool};

/// A stretch of the sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stretch {
    /// Before `CostFinalize` (1000), which turns properties into folders.
    Folders,
    /// Behind it.
    Prepared,
    /// Behind `InstallInitialize` and what removes an older version, before anything else: what stands here is taken back last.
    Begun,
    /// Before `StopServices` (1900).
    Running,
    /// Before `CreateFolders` (3700).
    Checked,
    /// Behind `InstallFiles` (4000), where no standard action is up to `CreateShortcuts` (4500).
    Placed,
    /// Behind `WriteRegistryValues` (5000), with the programs in their place.
    Opened,
    /// Before `InstallServices` (5800).
    Kept,
    /// Behind it, before `StartServices` (5900).
    Registered,
    /// Behind that, before `RegisterUser` (6000).
    Started,
}

impl Stretch {
    /// The first number, and the one behind the last.
    const fn range(self) -> (u16, u16) {
        match self {
            Self::Folders => (901, 1000),
            Self::Prepared => (1001, 1200),
            Self::Begun => (1510, 1600),
            Self::Running => (1601, 1800),
            Self::Checked => (3601, 3700),
            Self::Placed => (4301, 4500),
            Self::Opened => (5101, 5300),
            Self::Kept => (5300, 5800),
            Self::Registered => (5801, 5900),
            Self::Started => (5901, 6000),
        }
    }
}

/// Gives numbers out.
#[derive(Debug, Default)]
pub(super) struct Sequence {
    pub(super) actions: Vec<CustomAction>,
    last: Vec<(Stretch, u16)>,
    overflown: bool,
}

impl Sequence {
    pub(super) fn add(
        &mut self,
        stretch: Stretch,
        id: impl Into<Cow<'static, str>>,
        task: Task,
        condition: impl Into<Cow<'static, str>>,
    ) {
        let (first, end) = stretch.range();
        let place = self.last.iter().position(|(known, _)| *known == stretch);
        let place = place.unwrap_or_else(|| {
            self.last.push((stretch, first - 1));
            self.last.len() - 1
        });
        self.last[place].1 += 1;
        let sequence = self.last[place].1;
        self.overflown |= sequence >= end;
        self.actions.push(CustomAction {
            id: id.into(),
            task,
            condition: condition.into(),
            sequence,
        });
    }

    /// The programs that are run.
    pub(super) fn tools(&self) -> impl Iterator<Item = Tool> {
        Tool::ALL.into_iter().filter(|tool| {
            self.actions
                .iter()
                .any(|action| matches!(&action.task, Task::Run { tool: run, .. } if run == tool))
        })
    }

    /// All actions in the order in which they run; none if a stretch was too short for them.
    pub(super) fn finish(mut self) -> Option<Vec<CustomAction>> {
        self.actions.sort_by_key(|action| action.sequence);
        (!self.overflown).then_some(self.actions)
    }
}
