//! Variables that somebody added to a service's `Environment` value: an upgrade and a repair keep them, as the scripts do.
//!
//! Windows Installer removes the whole value with the older version and writes it anew. So the values of the service's key are noted
//! before that, and whatever was not written by an installer comes back behind it. The installer keeps a copy of what it wrote:
//! usually nothing else is there, and nothing more is run. Otherwise PowerShell, which alone carries any text, merges by name.

use super::actions::{AGAIN, SERVICES, Service, run, run_key};
use super::number::{Sequence, Stretch};
use super::words::Words;
use super::{Formatted, Moment, Tool, shell};

/// The value in which the manager looks for a service's variables.
pub(super) const VALUE: &str = "Environment";

/// The copy of what was written there, under the same name as the scripts'.
pub(super) const WRITTEN: &str = "SvcEnvironment";

/// What the keys of the merging actions begin with.
pub(super) const MERGE: &str = "MergeEnvironment";

/// Notes the values before anything removes them, and merges them behind what is written.
pub(super) fn keep(sequence: &mut Sequence, service: &Service, package: &str) {
    let name = service.name;
    let here = format!(r"{SERVICES}\{name}");
    let before = format!(r"{}\Before\{name}", run_key(package));
    let copy = Words::new(&[
        "copy",
        &format!(r"HKLM\{here}"),
        &format!(r"HKLM\{before}"),
        "/f",
        "/reg:64",
    ]);
    // The older version does this when it goes.
    sequence.add(
        Stretch::Running,
        service.keys.key("NoteEnvironment"),
        run(Tool::Reg, copy, Moment::InPlace, false),
        "Installed AND (UPGRADINGPRODUCTCODE OR NOT REMOVE)",
    );
    // What FOR puts in is not read again, whatever it holds.
    let query = |variable: char, value: &str| {
        shell::line(&[
            Formatted::literal(format!("for /f \"tokens=2,*\" %{variable} in ('")),
            Formatted::property("System64Folder"),
            Formatted::literal(format!(
                "reg.exe query \"HKLM\\{before}\" /v {value} /reg:64') do "
            )),
        ])
    };
    let line = shell::line(&[
        query('A', VALUE),
        query('C', WRITTEN),
        Formatted::literal("if not \"%B\"==\"%D\" "),
        shell::system(
            Tool::PowerShell.file(),
            &format!(
                "-NoProfile -NonInteractive -Command \"{}\"",
                merge(&here, &before)
            ),
        ),
    ]);
    sequence.add(
        Stretch::Opened,
        service.keys.key(MERGE),
        shell::run(&line, Moment::InPlace, true),
        AGAIN,
    );
}

/// What was there before under names that no installer wrote, then what this one wrote.
fn merge(here: &str, before: &str) -> String {
    format!(
        "$ErrorActionPreference='Stop';$k='HKLM:\\{here}';$b=Get-ItemProperty -LiteralPath 'HKLM:\\{before}';\
         $n=@((Get-ItemProperty -LiteralPath $k).{VALUE}|Where-Object{{$_}});\
         $o=@(@($b.{WRITTEN})+$n|ForEach-Object{{($_ -split '=',2)[0]}});\
         $x=@($b.{VALUE}|Where-Object{{$o -notcontains ($_ -split '=',2)[0]}});\
         Set-ItemProperty -LiteralPath $k -Name {VALUE} -Type MultiString -Value ([string[]]($x+$n))"
    )
}
