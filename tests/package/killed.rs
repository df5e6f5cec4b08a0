//! Runs that are killed while they write a package for Windows Installer: what was there before is whole, or what comes after it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use crate::project::{Project, Ran};
use crate::windows::{TARGET, project};

/// When a run is killed. None of them is sure to be met: a run that has ended before is whole as well.
enum Moment {
    /// After so many milliseconds.
    After(u64),
    /// As soon as a name that ends like this is in the folder of the target.
    Appears(&'static str),
    /// As soon as a name that ends like this is in the folder of what is not in its place yet.
    Staged(&'static str),
}

const MOMENTS: [Moment; 12] = [
    Moment::After(2),
    Moment::After(30),
    Moment::After(100),
    Moment::After(200),
    Moment::After(400),
    Moment::Appears(".staging"),
    Moment::Staged("beacon-0.1.0"),
    Moment::Staged(".zip"),
    Moment::Staged(".msi"),
    Moment::Staged("artifacts.json"),
    Moment::Appears(".replaced"),
    Moment::Appears("artifacts.json"),
];

const FILE: &str = "files = [{ source = \"large\", to = \"{install-dir}/large\" }]\n";

/// Each file below a folder with its bytes, but the lock, which stays.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap();
            if path.is_dir() {
                collect(root, &path, found);
            } else if name != ".lock" {
                found.insert(name.to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    collect(folder, folder, &mut found);
    found
}

/// Bytes that nothing makes much shorter, so that writing them takes its time.
fn noise(mut seed: u64) -> Vec<u8> {
    let words = (0..250_000).map(|_| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    });
    words.flat_map(u64::to_le_bytes).collect()
}

/// Whether the run has got so far, or has ended.
fn is_met(moment: &Moment, place: &Path, run: &mut Child) -> bool {
    let has = |folder: &Path, end: &str| {
        let names = fs::read_dir(folder).into_iter().flatten().flatten();
        names.into_iter().any(|entry| {
            let name = entry.file_name();
            name.to_string_lossy().ends_with(end)
        })
    };
    let met = match moment {
        Moment::After(milliseconds) => {
            thread::sleep(Duration::from_millis(*milliseconds));
            true
        }
        Moment::Appears(end) => has(place, end),
        Moment::Staged(end) => has(&place.join(".staging"), end),
    };
    met || run.try_wait().unwrap().is_some()
}

/// What the target's folder holds once a next run has put back what a killed one had moved away.
fn put_back(place: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = files(place);
    found.retain(|path, _| !path.starts_with(".staging"));
    let moved: Vec<_> = found
        .keys()
        .filter_map(|path| path.strip_prefix(".replaced").ok().map(Path::to_owned))
        .collect();
    let whole = found.contains_key(Path::new("artifacts.json"));
    for path in moved {
        let bytes = found.remove(&Path::new(".replaced").join(&path)).unwrap();
        if !whole {
            found.insert(path, bytes);
        }
    }
    found
}

#[test]
fn a_killed_run_leaves_the_old_set_or_the_new_one_and_the_next_one_ends_as_ever() {
    let project = project("StartServiceCtrlDispatcherW", FILE);
    let place = project.root.join("target/svc").join(TARGET);
    let arguments = ["--no-build", "--target", TARGET];
    // Two states of the package, and what an undisturbed run makes of each.
    let states = [noise(1), noise(2)];
    let whole = [0, 1].map(|state| {
        project.write("large", &states[state]);
        project.run(&arguments);
        files(&place)
    });
    assert_ne!(whole[0], whole[1]);
    assert!(
        whole[0].keys().eq(whole[1].keys())
            && whole[0]
                .keys()
                .any(|path| path.extension().is_some_and(|end| end == "msi")),
        "{:?}",
        whole[0].keys()
    );
    for (number, moment) in MOMENTS.iter().enumerate() {
        let (old, new) = ((number + 1) % 2, number % 2);
        project.write("large", &states[new]);
        let mut run = spawn(&project, &arguments);
        if let Moment::Appears("artifacts.json") = moment {
            // The old one goes before the new one comes.
            while place.join("artifacts.json").exists() && run.try_wait().unwrap().is_none() {}
        }
        while !is_met(moment, &place, &mut run) {}
        // SIGKILL, as std sends it.
        run.kill().unwrap();
        run.wait().unwrap();
        let left = put_back(&place);
        assert!(
            left == whole[old] || left == whole[new],
            "after moment {number}: {:?}",
            left.keys()
        );
        Ran::new(project.command(&arguments).output().unwrap()).succeeded();
        let ended = files(&place);
        assert!(
            ended == whole[new],
            "after moment {number}, {:?} instead of {:?}",
            ended.keys(),
            whole[new].keys()
        );
    }
}

fn spawn(project: &Project, arguments: &[&str]) -> Child {
    let mut command = project.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}
