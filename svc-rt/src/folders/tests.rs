//! The contract's variables, and the places in the foreground.

use super::*;

fn folders(
    host: Host,
    variable: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static,
) -> Folders {
    Folders::with("beacon", host, variable)
}

fn none(_name: &str) -> Option<OsString> {
    None
}

/// A folder for one test, removed with the value.
struct Scratch(PathBuf);

impl Scratch {
    fn new(test: &str) -> Self {
        let name = format!("svc-rt-folders-{}-{test}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        Self(folder.canonicalize().unwrap())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[cfg(unix)]
#[test]
fn the_managers_word_counts() {
    let folders = folders(Host::Systemd, |name| {
        (name == "STATE_DIRECTORY").then(|| "/var/lib/beacon:/var/lib/beacon/spool".into())
    });
    assert_eq!(
        folders.all(Dir::State).unwrap(),
        [
            PathBuf::from("/var/lib/beacon"),
            PathBuf::from("/var/lib/beacon/spool")
        ]
    );
}

#[test]
fn folders_are_filled_in() {
    let folders = folders(Host::Systemd, |name| {
        (name == "RUNTIME_DIRECTORY").then(|| "/run/beacon".into())
    });
    let filled = |text| folders.fill_in(text).map_err(|error| error.kind());
    assert_eq!(
        filled("unix:{runtime-dir}/x{{y}"),
        Ok("unix:/run/beacon/x{y}".into())
    );
    assert_eq!(filled("tcp://[::]:80"), Ok("tcp://[::]:80".into()));
    assert_eq!(filled("{state-dir}"), Err(ErrorKind::NotFound));
    for wrong in ["{run-dir}", "{runtime-dir", "{}", "{"] {
        assert_eq!(filled(wrong), Err(ErrorKind::InvalidInput));
    }
    assert!(filled("{install-dir}").is_ok_and(|path| !path.is_empty()));
}

#[test]
fn what_is_not_declared_is_said() {
    for host in [Host::Systemd, Host::Scm] {
        let folders = folders(host, none);
        let error = folders.all(Dir::Config).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(
            error.to_string(),
            "CONFIGURATION_DIRECTORY is not set: declare `directories = { config = true }` and install the service again"
        );
        let error = folders.read("token").unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("CREDENTIALS_DIRECTORY is not set: ")
        );
    }
}

#[cfg(unix)]
#[test]
fn a_users_places() {
    let place = |dir, variables: &[(&str, &str)]| {
        foreground::place(dir, "beacon", false, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| value.into())
        })
    };
    let home = [("HOME", "/home/a")];
    for (dir, expected) in [
        (Dir::State, "/home/a/.local/state/beacon"),
        (Dir::Cache, "/home/a/.cache/beacon"),
        (Dir::Logs, "/home/a/.local/state/log/beacon"),
        (Dir::Config, "/home/a/.config/beacon"),
        (Dir::Runtime, "/home/a/.local/state/beacon/run"),
    ] {
        assert_eq!(place(dir, &home), Ok(PathBuf::from(expected)));
        assert_eq!(place(dir, &[]), Err("HOME"));
    }
    let all = [
        ("HOME", "/home/a"),
        ("XDG_STATE_HOME", "/s"),
        ("XDG_CONFIG_HOME", "relative"),
        ("XDG_RUNTIME_DIR", "/run/user/1"),
    ];
    assert_eq!(place(Dir::State, &all), Ok("/s/beacon".into()));
    assert_eq!(
        place(Dir::Config, &all),
        Ok("/home/a/.config/beacon".into())
    );
    assert_eq!(place(Dir::Runtime, &all), Ok("/run/user/1/beacon".into()));
    let place = |dir| foreground::place(dir, "beacon", true, none);
    assert_eq!(place(Dir::State), Ok("/var/lib/beacon".into()));
    assert_eq!(place(Dir::Config), Ok("/etc/beacon".into()));
}

#[test]
fn in_the_foreground_a_folder_is_made() {
    let scratch = Scratch::new("made");
    let folder = scratch.0.join("a").join("b");
    assert_eq!(foreground::make(Dir::State, &folder).unwrap(), folder);
    assert!(folder.is_dir());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
    let config = scratch.0.join("config");
    assert_eq!(foreground::make(Dir::Config, &config).unwrap(), config);
    assert!(!config.exists());
    let file = scratch.0.join("file");
    std::fs::write(&file, "").unwrap();
    let error = foreground::make(Dir::Cache, &file).unwrap_err();
    let expected = format!("cannot use {} for the cache: ", file.display());
    assert!(error.to_string().starts_with(&expected), "{error}");
}

#[test]
fn a_credential_is_a_file_by_its_name() {
    let scratch = Scratch::new("credential");
    std::fs::write(scratch.0.join("token"), b"\xff\n").unwrap();
    let folder = scratch.0.clone().into_os_string();
    let folders = folders(Host::Systemd, move |name| {
        (name == "CREDENTIALS_DIRECTORY").then(|| folder.clone())
    });
    assert_eq!(folders.read("token").unwrap(), b"\xff\n");
    let error = folders.read("other").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert!(
        error.to_string().contains("the credential `other` from "),
        "{error}"
    );
    for nothing in ["", "\n"] {
        std::fs::write(scratch.0.join("nothing"), nothing).unwrap();
        let error = folders.read("nothing").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{nothing:?}");
    }
    for name in ["", ".", "..", "a/b", "../token", "a\\b", "a:b", "a\0", "\n"] {
        let error = folders.read(name).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name:?}");
    }
}

#[test]
fn a_runtime_folder_is_emptied_and_no_other() {
    let scratch = Scratch::new("emptied");
    let run = scratch.0.join("beacon").join("run");
    let kept = scratch.0.join("kept");
    std::fs::create_dir_all(run.join("deep").join("er")).unwrap();
    std::fs::create_dir(&kept).unwrap();
    std::fs::write(kept.join("file"), "precious").unwrap();
    std::fs::write(run.join("deep").join("file"), "").unwrap();
    std::fs::write(run.join("lock"), "").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&kept, run.join("link")).unwrap();
    empty(&run).unwrap();
    assert_eq!(std::fs::read_dir(&run).unwrap().count(), 0);
    assert!(kept.join("file").exists());
    // One that is gone is made.
    std::fs::remove_dir(&run).unwrap();
    empty(&run).unwrap();
    assert!(run.is_dir());
    for wrong in [
        kept.join("file"),
        PathBuf::from("run"),
        PathBuf::from("/run"),
    ] {
        assert!(empty(&wrong).is_err(), "{}", wrong.display());
    }
    #[cfg(unix)]
    {
        std::fs::remove_dir(&run).unwrap();
        std::os::unix::fs::symlink(&kept, &run).unwrap();
        assert!(empty(&run).is_err());
        assert!(kept.join("file").exists());
    }
}
