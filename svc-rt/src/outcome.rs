//! What the service's function returned, as the numbers and words that a manager takes.

use std::fmt::Debug;
use std::process::{ExitCode, Termination};

/// The end of the service's function.
#[derive(Debug)]
pub struct Outcome {
    exit: ExitCode,
    error: Option<String>,
}

impl Outcome {
    /// The number of the exit code. std shows none, but compares; one beyond 0 to 255 counts as 1.
    pub(crate) fn code(&self) -> u8 {
        (0..=u8::MAX)
            .find(|code| ExitCode::from(*code) == self.exit)
            .unwrap_or(1)
    }

    /// The exit code itself, which on Windows may hold more than the number can say.
    pub(crate) fn exit(&self) -> ExitCode {
        self.exit
    }

    /// The async runtime could not be built, so the service's function never ran.
    #[doc(hidden)]
    pub fn runtime_failed(error: &std::io::Error) -> Self {
        Self {
            exit: ExitCode::FAILURE,
            error: Some(format!("the tokio runtime cannot start: {error}")),
        }
    }

    /// An error, in the words that std prints after `Error: `.
    pub(crate) fn of_error(error: &impl Debug) -> Self {
        Self {
            exit: ExitCode::FAILURE,
            error: Some(format!("{error:?}")),
        }
    }

    pub(crate) fn into_error(self) -> Option<String> {
        self.error
    }
}

/// Picks how a returned value becomes an [`Outcome`]: see [`PickResult`].
#[derive(Clone, Copy, Debug)]
pub struct ResultTag;

/// The tag of every other `Termination`.
#[derive(Clone, Copy, Debug)]
pub struct TerminationTag;

/// The tag of a value that cannot end a program.
#[derive(Clone, Copy, Debug)]
pub struct NothingTag;

/// What the function returned, for the traits below to look at.
#[derive(Clone, Copy, Debug)]
pub struct Returned<'v, T>(pub &'v T);

/// Autoref specialisation: a method call on `&&&Returned(_)` finds this one first, for a `Result`, then [`PickTermination`]
/// behind one reference less, then [`PickNothing`]. That keeps the error's text, which `Termination::report` prints and
/// throws away.
pub trait PickResult {
    /// The tag that fits.
    fn __svc_tag(&self) -> ResultTag {
        ResultTag
    }
}

impl<T: Termination, E: Debug> PickResult for &&Returned<'_, Result<T, E>> {}

/// The fallback of [`PickResult`].
pub trait PickTermination {
    /// The tag that fits.
    fn __svc_tag(&self) -> TerminationTag {
        TerminationTag
    }
}

impl<T: Termination> PickTermination for &Returned<'_, T> {}

/// What is left. The macro has every return type checked where it stands in the signature, so that one message is all
/// that a wrong one gives; without this there would be a second one, about these traits.
pub trait PickNothing {
    /// The tag that fits.
    fn __svc_tag(&self) -> NothingTag {
        NothingTag
    }
}

impl<T> PickNothing for Returned<'_, T> {}

impl NothingTag {
    /// Never runs: what leads here does not compile.
    pub fn outcome<T>(self, _: T) -> Outcome {
        unreachable!("the return type is no Termination")
    }
}

impl ResultTag {
    /// Success is what the value inside says; an error is failure, in the words that std prints after `Error: `.
    pub fn outcome<T: Termination, E: Debug>(self, value: Result<T, E>) -> Outcome {
        match value {
            Ok(value) => TerminationTag.outcome(value),
            Err(error) => Outcome::of_error(&error),
        }
    }
}

impl TerminationTag {
    /// What the value says.
    pub fn outcome<T: Termination>(self, value: T) -> Outcome {
        Outcome {
            exit: value.report(),
            error: None,
        }
    }
}
