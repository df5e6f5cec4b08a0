//! Runs a suite's tests, and says by name and with the reason what the machine cannot run.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial};

/// What a test returns.
pub type Outcome = anyhow::Result<()>;

/// One test of a suite.
pub struct Test {
    name: String,
    body: Box<dyn FnOnce() -> Outcome + Send>,
    missing: Option<String>,
}

impl Test {
    /// A test by this name.
    pub fn new(name: impl Into<String>, body: impl FnOnce() -> Outcome + Send + 'static) -> Self {
        Self {
            name: name.into(),
            body: Box::new(body),
            missing: None,
        }
    }

    /// The test cannot run here, for this reason, whatever is required: the bed itself has no such thing.
    #[must_use]
    pub fn not_here(mut self, reason: Option<&str>) -> Self {
        self.missing = reason.map(str::to_owned);
        self
    }
}

/// Runs the tests that the command line picks. `needs` says what the whole suite lacks on this machine: its tests are then
/// reported as ignored, each with the reason, or as failed if `SVC_REQUIRE` (a comma-separated list) holds `suite`.
pub fn main(suite: &str, needs: fn() -> Result<(), String>, tests: Vec<Test>) -> ExitCode {
    let lacking = needs().err();
    let trials = tests
        .into_iter()
        .map(|test| match (&lacking, &test.missing) {
            (Some(reason), _) if required(suite) => failing(&test.name, suite, reason),
            (Some(reason), _) | (None, Some(reason)) => ignored(&test.name, reason),
            (None, None) => Trial::test(test.name, move || {
                // The whole chain of causes: the harness would show the outermost one alone.
                (test.body)().map_err(|error| Failed::from(format!("{error:#}")))
            }),
        })
        .collect();
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert_with(at_a_time);
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// How many tests run beside each other. Each has a machine of its own and waits most of the time, so that there can be more of
/// them than processors; but on Windows the machine is the one that the suite runs on, and its services have one name each.
fn at_a_time() -> usize {
    if cfg!(windows) {
        return 1;
    }
    2 * std::thread::available_parallelism().map_or(1, usize::from)
}

fn required(suite: &str) -> bool {
    std::env::var("SVC_REQUIRE").is_ok_and(|list| list.split(',').any(|s| s.trim() == suite))
}

fn failing(name: &str, suite: &str, reason: &str) -> Trial {
    let message = format!("the suite {suite} is required, and cannot run: {reason}");
    Trial::test(name, move || Err(Failed::from(message)))
}

fn ignored(name: &str, reason: &str) -> Trial {
    let reason = reason.to_owned();
    Trial::ignorable_test(name, move || Ok(Completion::ignored_with(reason)))
}
