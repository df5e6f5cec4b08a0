//! cargo-svc's table of directives, held against what four versions of systemd say and do.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use cargo_svc::directives::{self, Directive, Kind, Section};
use svc_e2e::bed::systemd::{self, RELEASES, Release, Still};
use svc_e2e::suite::{Outcome, Test, main as run_suite};
use svc_e2e::vocabulary::{self, SYSTEMD};
use svc_e2e::{checkout, command};

const SAMPLES: &str = include_str!("../../../cargo-svc/src/directives/samples.tsv");

/// Older ones want a control group of their own, even to verify.
const VERIFIES: u32 = 252;

/// What systemd says of a value that it takes.
const NOTICES: [&str; 3] = ["is deprecated", "is obsolete", "please use"];

fn main() -> ExitCode {
    run_suite(
        "systemd",
        systemd::needs,
        vec![
            Test::new(
                "directives::each_release_has_its_version",
                each_release_has_its_version,
            ),
            Test::new(
                "directives::the_table_has_what_each_version_knows",
                the_table_has_what_each_version_knows,
            ),
            Test::new(
                "directives::the_table_is_what_its_tool_makes",
                the_table_is_what_its_tool_makes,
            ),
            Test::new(
                "directives::samples_are_judged_alike",
                samples_are_judged_alike,
            ),
            Test::new(
                "directives::words_of_the_table_are_taken",
                words_of_the_table_are_taken,
            ),
            Test::new(
                "directives::specifiers_are_expanded_where_the_table_says",
                specifiers_are_expanded_where_the_table_says,
            ),
        ],
    )
}

/// The same for each release.
fn each(releases: &[Release], test: impl Fn(Release, &Still) -> Result<()>) -> Outcome {
    for release in releases {
        let root = Still::new(release.suite)?;
        test(*release, &root).with_context(|| release.suite)?;
    }
    Ok(())
}

fn verifying() -> Vec<Release> {
    RELEASES
        .into_iter()
        .filter(|release| release.systemd >= VERIFIES)
        .collect()
}

fn each_release_has_its_version() -> Outcome {
    each(&RELEASES, |release, root| {
        let said = root.run(&[SYSTEMD, "--version"])?.success()?;
        let expected = format!("systemd {} ", release.systemd);
        ensure!(said.starts_with(&expected), "{said}");
        Ok(())
    })
}

fn the_table_has_what_each_version_knows() -> Outcome {
    each(&RELEASES, |release, root| {
        let dump = vocabulary::dump(release, root)?;
        let dumped: BTreeSet<_> = dump.keys().cloned().collect();
        let known = directives::all()
            .iter()
            .filter(|d| d.known_to(release.systemd));
        let known: BTreeSet<_> = known
            .map(|d| (d.section.word().to_owned(), d.name.to_owned()))
            .collect();
        let only: Vec<_> = dumped.symmetric_difference(&known).collect();
        ensure!(only.is_empty(), "only one of the two has {only:?}");
        Ok(())
    })
}

fn the_table_is_what_its_tool_makes() -> Outcome {
    let path = checkout::root().join("cargo-svc/src/directives/table.tsv");
    let table = fs::read_to_string(&path)?;
    let mut dumps = Vec::new();
    for release in RELEASES {
        dumps.push((
            release.systemd,
            vocabulary::dump(release, &Still::new(release.suite)?)?,
        ));
    }
    let newest = Still::new(RELEASES[RELEASES.len() - 1].suite)?;
    let update = vocabulary::update(&table, &dumps, &vocabulary::manual(newest.path())?)?;
    ensure!(
        update.review.is_empty(),
        "to review:\n{}",
        update.review.join("\n")
    );
    let changed = table
        .lines()
        .zip(update.text.lines())
        .find(|(old, new)| old != new);
    ensure!(
        update.text == table,
        "the tool would change it: {changed:?}"
    );
    Ok(())
}

/// One assignment in a unit of its own.
struct Assignment {
    directive: &'static Directive,
    value: String,
}

impl Assignment {
    fn new(directive: &'static Directive, value: impl Into<String>) -> Self {
        Self {
            directive,
            value: value.into(),
        }
    }

    fn describe(&self) -> String {
        let Directive { section, name, .. } = self.directive;
        format!("{section} {name}={}", self.value)
    }
}

/// What a systemd says of each assignment, as `systemd-analyze verify` does; nothing of those that it takes.
fn verify(root: &Still, assignments: &[Assignment]) -> Result<Vec<Option<String>>> {
    let folder = checkout::scratch()?;
    let mut arguments = vec!["systemd-analyze".to_owned(), "verify".to_owned()];
    for (number, Assignment { directive, value }) in assignments.iter().enumerate() {
        let kind = match directive.section {
            Section::Unit | Section::Service => "service",
            Section::Socket => "socket",
            Section::Timer => "timer",
            Section::Path => "path",
            Section::Install => bail!("[Install] is not verified"),
        };
        let name = format!("assignment-{number}.{kind}");
        let text = format!("{}\n{}={value}\n", directive.section, directive.name);
        fs::write(folder.path().join(&name), text)?;
        arguments.push(Still::shared(&name));
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // Its exit code says nothing: most of these units are of no use.
    let command::Output { stderr, .. } = root.run_with(folder.path(), &arguments)?;
    let stderr = String::from_utf8_lossy(&stderr);
    let mut said = BTreeMap::new();
    for line in stderr.lines() {
        let place = line
            .strip_prefix("/mnt/assignment-")
            .and_then(|rest| rest.split_once('.'));
        if let Some((number, rest)) = place
            && let Some((_, message)) = rest.split_once(": ")
            && !NOTICES.iter().any(|notice| message.contains(notice))
        {
            said.insert(number.parse::<usize>()?, message.to_owned());
        }
    }
    Ok((0..assignments.len())
        .map(|number| said.remove(&number))
        .collect())
}

fn find(name: &str) -> Result<&'static Directive> {
    let (section, name) = name.split_once('.').context("no section")?;
    Section::parse(section)
        .and_then(|section| directives::find(section, name))
        .with_context(|| format!("no directive {name}"))
}

fn samples_are_judged_alike() -> Outcome {
    each(&verifying(), |release, root| {
        let (mut assignments, mut good) = (Vec::new(), Vec::new());
        for line in SAMPLES.lines().filter(|line| !line.starts_with('#')) {
            let [name, verdict, value, since] = line.split('\t').collect::<Vec<_>>()[..] else {
                bail!("a sample has four columns: {line}")
            };
            let directive = find(name)?;
            let since = if verdict == "good" {
                directive.since_of_value(value)
            } else {
                since.parse().unwrap_or(directive.since)
            };
            if directive.known_to(release.systemd) && since <= release.systemd {
                assignments.push(Assignment::new(directive, value));
                good.push(verdict == "good");
            }
        }
        ensure!(
            assignments.len() > 500,
            "only {} samples",
            assignments.len()
        );
        let mut wrong = Vec::new();
        for ((said, good), assignment) in verify(root, &assignments)?
            .iter()
            .zip(good)
            .zip(&assignments)
        {
            if said.is_none() != good {
                wrong.push(format!(
                    "{}: {}",
                    assignment.describe(),
                    said.as_deref().unwrap_or("taken")
                ));
            }
        }
        ensure!(
            wrong.is_empty(),
            "systemd judges otherwise:\n{}",
            wrong.join("\n")
        );
        Ok(())
    })
}

/// Directives whose word is taken on some machines only.
const OF_THE_MACHINE: [&str; 1] = ["Personality"];

fn words_of_the_table_are_taken() -> Outcome {
    each(&verifying(), |release, root| {
        let mut assignments = Vec::new();
        for directive in unlike(release) {
            let words = matches!(
                directive.kind,
                Kind::Boolean
                    | Kind::CpuSet
                    | Kind::Integer
                    | Kind::Quota
                    | Kind::Word
                    | Kind::Words
            );
            if !words || OF_THE_MACHINE.contains(&directive.name) {
                continue;
            }
            let newest = |word: &&str| directive.since_of_value(word) <= release.systemd;
            let listed = directive.values.iter().map(|accepted| accepted.word);
            let listed = listed
                .filter(|word| !word.starts_with([':', '<', '~']))
                .filter(newest);
            assignments.extend(listed.map(|word| Assignment::new(directive, word)));
            if let (Kind::Integer, Some((low, high))) = (directive.kind, directive.range) {
                assignments
                    .extend([low, high].map(|end| Assignment::new(directive, end.to_string())));
            }
        }
        ensure!(assignments.len() > 300, "only {} words", assignments.len());
        let said = verify(root, &assignments)?;
        let refused = said
            .iter()
            .zip(&assignments)
            .filter_map(|(said, assignment)| {
                said.as_ref()
                    .map(|said| format!("{}: {said}", assignment.describe()))
            });
        let refused: Vec<_> = refused.collect();
        ensure!(
            refused.is_empty(),
            "systemd refuses:\n{}",
            refused.join("\n")
        );
        Ok(())
    })
}

/// What a version knows and can be verified, each once: those of processes are the same in services and in sockets.
fn unlike(release: Release) -> impl Iterator<Item = &'static Directive> {
    directives::all().iter().filter(move |directive| {
        let also_in_services = directive.section == Section::Socket
            && directives::find(Section::Service, directive.name)
                .is_some_and(|d| d.kind == directive.kind);
        directive.known_to(release.systemd)
            && directive.section != Section::Install
            && !also_in_services
    })
}

/// The newest version alone: older ones expanded fewer.
fn specifiers_are_expanded_where_the_table_says() -> Outcome {
    let newest = &RELEASES[RELEASES.len() - 1..];
    each(newest, |release, root| {
        let mut wrong = Vec::new();
        // A letter that is no specifier is refused where it is looked for. Each grammar has another place for it.
        let places = [
            "%Q",
            "/%Q",
            "-%Q",
            "a:%Q",
            "%Q:a",
            "/a:/%Q",
            "A=%Q",
            "user.a=%Q",
            "fd:%Q",
            "yes:%Q",
            "egress:/%Q",
            "/%Q 5",
            "/dev/%Q rw",
        ];
        let mut looked = BTreeSet::new();
        let all: Vec<_> = unlike(release).collect();
        for place in places {
            let assignments: Vec<_> = all.iter().map(|d| Assignment::new(d, place)).collect();
            for (said, assignment) in verify(root, &assignments)?.iter().zip(&assignments) {
                let expanded = said
                    .as_ref()
                    .is_some_and(|said| said.contains("specifiers"));
                let key = (assignment.directive.section, assignment.directive.name);
                if expanded {
                    looked.insert(key);
                }
            }
        }
        for directive in all {
            let expanded = looked.contains(&(directive.section, directive.name));
            if expanded != directive.specifiers {
                wrong.push(format!(
                    "{} {}: {expanded}",
                    directive.section, directive.name
                ));
            }
        }
        ensure!(
            wrong.is_empty(),
            "systemd does otherwise:\n{}",
            wrong.join("\n")
        );
        Ok(())
    })
}
