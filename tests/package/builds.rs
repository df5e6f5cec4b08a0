//! Where programs come from: cargo's settings, other commands, and what is built already.

use crate::project::{Project, Ran, host};

#[test]
fn what_is_built_already_is_packaged_without_a_build() {
    let project = Project::beacon();
    project
        .refused(&["--no-build"])
        .says("there is no executable at target/release/beacon")
        .says("cargo build --package beacon --bin beacon --release");
    project.run(&[]);
    project.write("src/main.rs", "this does not compile");
    project.run(&["--no-build"]);
    project
        .refused(&[])
        .says("`cargo build` of package `beacon` failed");
}

#[test]
fn a_named_target_and_profile_have_folders_of_their_own() {
    let project = Project::beacon();
    let host = host();
    project.write(
        "Cargo.toml",
        project.read("Cargo.toml") + "\n[profile.dist]\ninherits = \"release\"\n",
    );
    let arguments = ["--target", &host, "--profile", "dist"];
    project
        .refused(&[&arguments[..], &["--no-build"]].concat())
        .says(&format!("--profile dist --target {host}"));
    project.run(&arguments);
    assert!(project.has(&format!("target/{host}/dist/beacon")));
    assert!(!project.has("target/release/beacon") && !project.has("target/dist/beacon"));
    project.run(&[&arguments[..], &["--no-build"]].concat());
    assert!(project.has(&format!("target/svc/{host}/beacon-0.1.0-{host}.tar.gz")));
    project.run(&["--profile", "dev"]);
    assert!(project.has("target/debug/beacon"));
    project.run(&["--profile", "dev", "--no-build"]);
}

#[cfg(target_os = "linux")]
#[test]
fn several_targets_are_packaged_in_one_run() {
    let project = Project::beacon();
    project.run(&[]);
    let program = std::fs::read(project.root.join("target/release/beacon")).unwrap();
    let processor = host().split('-').next().unwrap().to_owned();
    let targets = ["gnu", "musl"].map(|libc| format!("{processor}-unknown-linux-{libc}"));
    for target in &targets {
        project.write(&format!("target/{target}/release/beacon"), &program);
    }
    let [gnu, musl] = &targets;
    project.run(&[
        "--no-build",
        "--target",
        gnu,
        "--target",
        musl,
        "--target",
        gnu,
    ]);
    for target in &targets {
        assert!(project.has(&format!("target/svc/{target}/beacon-0.1.0-{target}.tar.gz")));
        let list = project.read(&format!("target/svc/{target}/beacon-0.1.0/PACKAGE"));
        assert!(list.contains(&format!("\ntarget={target}\n")), "{list}");
    }
    // All or nothing: the second target's program is missing.
    std::fs::remove_dir_all(project.root.join("target/svc")).unwrap();
    std::fs::remove_dir_all(project.root.join("target").join(musl)).unwrap();
    project
        .refused(&["--no-build", "--target", gnu, "--target", musl])
        .says(&format!("target/{musl}/release/beacon"));
    assert!(!project.has(&format!("target/svc/{gnu}")));
}

#[test]
fn cargos_own_settings_are_honoured() {
    let project = Project::beacon();
    let host = host();
    project.write(
        ".cargo/config.toml",
        format!("[build]\ntarget-dir = \"out put\"\ntarget = \"{host}\"\n"),
    );
    project.run(&[]);
    assert!(project.has(&format!("out put/{host}/release/beacon")));
    assert!(project.has(&format!("out put/svc/{host}/beacon-0.1.0/bin/beacon")));
    assert!(!project.has("target"));
    project.run(&["--no-build"]);

    // A flag goes over the configuration.
    project.run(&["--target-dir", "elsewhere"]);
    assert!(project.has(&format!("elsewhere/{host}/release/beacon")));
    assert!(project.has(&format!("elsewhere/svc/{host}/artifacts.json")));
    project.run(&["--target-dir", "elsewhere", "--no-build"]);
}

#[test]
fn the_target_of_the_environment_is_honoured() {
    let project = Project::beacon();
    let host = host();
    let run = |arguments: &[&str]| {
        let output = project
            .command(arguments)
            .env("CARGO_BUILD_TARGET", &host)
            .output();
        Ran::new(output.unwrap()).succeeded()
    };
    run(&[]);
    assert!(project.has(&format!("target/{host}/release/beacon")));
    run(&["--no-build"]);
    assert!(!project.has("target/release/beacon"));
}

#[test]
fn features_are_passed_on() {
    let project = Project::beacon();
    project.write(
        "Cargo.toml",
        project.read("Cargo.toml") + "\n[features]\nwanted = []\n",
    );
    project.write(
        "src/main.rs",
        "#[cfg(not(feature = \"wanted\"))]\ncompile_error!(\"without the feature\");\nfn main() {}\n",
    );
    project.refused(&[]).says("without the feature");
    project.run(&["-F", "wanted"]);
    project.run(&["--all-features", "--offline"]);
    project
        .refused(&["-F", "wanted", "--no-default-features", "-F", "unknown"])
        .says("unknown");
    // Cargo.lock was made by the first run, so that it can be required now.
    project.run(&["-F", "wanted", "--locked"]);
}

/// Programs on `PATH` that stand in for zigbuild, cross and their like.
#[cfg(unix)]
mod commands {
    use super::*;
    use std::os::unix::fs::PermissionsExt;
    use std::{env, fs};

    fn with_tool(name: &str, script: &str) -> Project {
        let project = Project::beacon();
        project.write(&format!("tools/{name}"), script);
        let tool = project.root.join("tools").join(name);
        fs::set_permissions(tool, fs::Permissions::from_mode(0o755)).unwrap();
        project
    }

    fn run(project: &Project, arguments: &[&str]) -> Ran {
        let tools = project.root.join("tools");
        let path = env::var_os("PATH").unwrap();
        let path = env::join_paths([tools].into_iter().chain(env::split_paths(&path))).unwrap();
        Ran::new(
            project
                .command(arguments)
                .env("PATH", path)
                .output()
                .unwrap(),
        )
    }

    #[test]
    fn another_command_of_cargo_builds() {
        // Cargo hands an external command its own name first.
        let script = "#!/bin/sh\nshift\necho \"$@\" > tools/arguments\necho 'a word from the wrapper'\nexec cargo build \"$@\"\n";
        let project = with_tool("cargo-fakebuild", script);
        let ran = run(
            &project,
            &["--cargo-build", "fakebuild", "--target", &host()],
        )
        .succeeded();
        ran.says("a word from the wrapper");
        let arguments = project.read("tools/arguments");
        assert!(
            arguments.contains(&format!("--target {}", host())),
            "{arguments}"
        );
        assert!(project.has(&format!("target/svc/{}/artifacts.json", host())));
    }

    #[test]
    fn a_whole_command_line_builds() {
        let script = "#!/bin/sh\n[ \"$1\" = build ] || exit 9\nshift\n: > tools/ran\nexec cargo build \"$@\"\n";
        let project = with_tool("fakecross", script);
        run(&project, &["--cargo-build", "fakecross build"]).succeeded();
        assert!(project.has("tools/ran"));
        let failed = run(&project, &["--cargo-build", "fakecross clean"]).refused();
        failed.says("`fakecross clean` of package `beacon` failed (exit status: 9)");
    }

    #[test]
    fn a_command_that_reports_no_executable_is_an_error() {
        let project = with_tool("fakecross", "#!/bin/sh\nexit 0\n");
        let failed = run(&project, &["--cargo-build", "fakecross build"]).refused();
        failed.says("`fakecross build` built no executable `beacon` of package `beacon`");
    }

    #[test]
    fn a_path_of_a_container_is_looked_up_in_the_target_folder() {
        let script = "#!/bin/sh\nshift\ncargo build \"$@\" | sed 's|\"executable\":\"[^\"]*/target/|\"executable\":\"/target/|'\n";
        let project = with_tool("fakecross", script);
        for target in [&[][..], &["--target", &host()]] {
            let arguments = [&["--cargo-build", "fakecross build"], target].concat();
            run(&project, &arguments).succeeded();
            let packaged = format!("target/svc/{}", host());
            assert!(project.has(&format!("{packaged}/beacon-0.1.0/bin/beacon")));
            fs::remove_dir_all(project.root.join(packaged)).unwrap();
        }
    }

    #[test]
    fn a_command_that_is_not_there_is_named() {
        let project = Project::beacon();
        let failed = project.refused(&["--cargo-build", "./no/such-tool build"]);
        failed
            .says("could not run `such-tool build`")
            .says("--cargo-build");
    }
}
