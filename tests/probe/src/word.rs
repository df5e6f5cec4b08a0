//! What the probe can be told to do.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// One thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Word {
    /// Return an `Err`.
    Err,
    /// Panic.
    Panic,
    /// Call `Service::fail`.
    Fail,
    /// End the process with this code at once.
    Code(i32),
    /// While it starts: return `Ok` without ever being ready.
    Leave,
    /// While it starts: take this long.
    Slow(Duration),
    /// While it starts: never become ready.
    Hang,
    /// While it runs: have no heart, which a watchdog asks for.
    Heartless,
    /// While it runs: return `Ok`.
    Exit,
    /// While it stops: take this long, having asked for the time.
    SlowStop(Duration),
    /// While it stops: never end.
    HangStop,
}

/// When a word that was given beforehand is obeyed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Start,
    Stop,
}

impl Word {
    pub(crate) fn stage(self) -> Stage {
        match self {
            Self::SlowStop(_) | Self::HangStop => Stage::Stop,
            _ => Stage::Start,
        }
    }
}

/// A word that means nothing.
#[derive(Debug)]
pub(crate) struct Unknown(String);

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the probe does not know the word {:?}", self.0)
    }
}

impl std::error::Error for Unknown {}

impl FromStr for Word {
    type Err = Unknown;

    fn from_str(text: &str) -> Result<Self, Unknown> {
        let unknown = || Unknown(text.to_owned());
        let (word, number) = text.split_once(':').unwrap_or((text, ""));
        let time = || {
            number
                .parse()
                .map(Duration::from_millis)
                .map_err(|_| unknown())
        };
        Ok(match word {
            "err" => Self::Err,
            "panic" => Self::Panic,
            "fail" => Self::Fail,
            "code" => Self::Code(number.parse().map_err(|_| unknown())?),
            "leave" => Self::Leave,
            "slow" => Self::Slow(time()?),
            "hang" => Self::Hang,
            "heartless" => Self::Heartless,
            "exit" => Self::Exit,
            "slow-stop" => Self::SlowStop(time()?),
            "hang-stop" => Self::HangStop,
            _ => return Err(unknown()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Word;
    use std::time::Duration;

    #[test]
    fn words_carry_their_numbers() {
        assert_eq!(
            "slow:20".parse::<Word>().unwrap(),
            Word::Slow(Duration::from_millis(20))
        );
        assert_eq!("code:7".parse::<Word>().unwrap(), Word::Code(7));
        assert_eq!("err".parse::<Word>().unwrap(), Word::Err);
        assert!("slow".parse::<Word>().is_err());
        assert!("what".parse::<Word>().is_err());
    }
}
