//! The verbs, each as sc.exe documents it.

mod recovery;

use sc_shim::kept::{self, value};
use sc_shim::scm::{Error, Handle, manager};
use sc_shim::wide;
use windows_sys::Win32::System::Services::{
    SERVICE_ALL_ACCESS, SERVICE_CONFIG_DELAYED_AUTO_START_INFO, SERVICE_CONFIG_DESCRIPTION,
    SERVICE_CONFIG_PRESHUTDOWN_INFO, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
    SERVICE_CONFIG_SERVICE_SID_INFO, SERVICE_DELAYED_AUTO_START_INFO, SERVICE_DESCRIPTIONW,
    SERVICE_PRESHUTDOWN_INFO, SERVICE_QUERY_CONFIG, SERVICE_QUERY_STATUS,
    SERVICE_REQUIRED_PRIVILEGES_INFOW, SERVICE_SID_INFO,
};

use crate::options::{self, refuse};
use crate::print::{self, failed, success};

/// `SERVICE_SID_TYPE_NONE`, `_UNRESTRICTED`, `_RESTRICTED` in sc.exe's words.
const SID_TYPES: [(&str, u32); 3] = [("none", 0), ("unrestricted", 1), ("restricted", 3)];

/// Runs one command line and returns the exit code: 0, or the Win32 error.
pub(crate) fn run(args: &[String]) -> u32 {
    // The first word may name a machine; only this one is reachable here.
    let args = match args {
        [machine, rest @ ..] if machine.starts_with("\\\\") => rest,
        args => args,
    };
    let (verb, name, rest) = match args {
        [verb, name, rest @ ..] => (verb.to_ascii_lowercase(), name.as_str(), rest),
        [verb] => return refuse::<()>(verb).err().unwrap_or(0),
        [] => return refuse::<()>("an empty command line").err().unwrap_or(0),
    };
    let result = match (verb.as_str(), rest) {
        ("create", options) => create(name, options),
        ("config", options) => config(name, options),
        ("delete", []) => open(name)
            .and_then(|s| s.delete())
            .map(|()| success("DeleteService")),
        ("start", args) => start(name, args),
        ("stop", rest) => stop(name, rest),
        ("interrogate", []) => control(name, "interrogate"),
        ("control", [code]) => control(name, code),
        ("query", []) => look(name)
            .and_then(|s| s.status())
            .map(|s| print::status(name, &s, false)),
        ("queryex", []) => look(name)
            .and_then(|s| s.status())
            .map(|s| print::status(name, &s, true)),
        ("qc", _) => query_config(name),
        ("description", [text]) => description(name, text),
        ("qdescription", _) => query_description(name),
        ("failure", options) => recovery::failure(name, options),
        ("qfailure", _) => recovery::query_failure(name),
        ("failureflag", [flag]) => recovery::failure_flag(name, flag),
        ("qfailureflag", _) => recovery::query_failure_flag(name),
        ("sidtype", [kind]) => sid_type(name, kind),
        ("qsidtype", _) => query_sid_type(name),
        ("privs", [list]) => privileges(name, list),
        ("qprivs", _) => query_privileges(name),
        ("preshutdown", [milliseconds]) => preshutdown(name, milliseconds),
        ("qpreshutdown", _) => query_preshutdown(name),
        ("sdshow", _) => look_all(name)
            .and_then(|s| s.security())
            .map(|text| print_line(&format!("\n{}", text.display()))),
        ("sdset", [sddl]) => open(name)
            .and_then(|s| s.set_security(sddl))
            .map(|()| success("SetServiceObjectSecurity")),
        _ => return refuse::<()>(&args.join(" ")).err().unwrap_or(0),
    };
    result.unwrap_or_else(failed)
}

type Done = Result<u32, Error>;

fn open(name: &str) -> Result<Handle, Error> {
    manager(true)?.service(name, SERVICE_ALL_ACCESS)
}

fn look(name: &str) -> Result<Handle, Error> {
    // The manager's call is the one that sc.exe names when a queried service is absent.
    let opened = manager(false)?.service(name, SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG);
    opened.map_err(|e| Error {
        call: "EnumQueryServicesStatus:OpenService",
        ..e
    })
}

fn look_all(name: &str) -> Result<Handle, Error> {
    const READ_CONTROL: u32 = 0x2_0000;
    manager(false)?.service(name, READ_CONTROL | SERVICE_QUERY_CONFIG)
}

/// The head that the query verbs share, and `text`.
fn found(name: &str, text: &str) -> u32 {
    print::out(&format!(
        "[SC] QueryServiceConfig2 SUCCESS\n\nSERVICE_NAME: {name}\n{text}"
    ));
    0
}

fn print_line(text: &str) -> u32 {
    print::out(&format!("{text}\n"));
    0
}

fn create(name: &str, args: &[String]) -> Done {
    let asked = match options::settings(args) {
        Ok(asked) if asked.settings.image.is_some() => asked,
        Ok(_) => return Ok(refuse::<()>("create without binPath=").err().unwrap_or(0)),
        Err(code) => return Ok(code),
    };
    // Own process, started by hand, errors logged: sc.exe's defaults.
    let service = manager(true)?.create(name, &asked.settings, [0x10, 3, 1])?;
    if asked.delayed == Some(true) {
        delayed(&service, name, true)?;
    }
    Ok(success("CreateService"))
}

fn config(name: &str, args: &[String]) -> Done {
    let asked = match options::settings(args) {
        Ok(asked) => asked,
        Err(code) => return Ok(code),
    };
    let service = open(name)?;
    service.change(&asked.settings)?;
    if let Some(on) = asked.delayed {
        delayed(&service, name, on)?;
    }
    Ok(success("ChangeServiceConfig"))
}

fn delayed(service: &Handle, name: &str, on: bool) -> Result<(), Error> {
    let info = SERVICE_DELAYED_AUTO_START_INFO {
        fDelayedAutostart: i32::from(on),
    };
    let data = u32::from(on).to_le_bytes();
    // SAFETY: the structure belongs to the level and holds no pointer.
    unsafe {
        kept::set(
            service,
            name,
            (SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &info),
            (value::DELAYED, kept::DWORD, &data),
        )
    }
}

fn start(name: &str, args: &[String]) -> Done {
    let service = open(name)?;
    service.start(args)?;
    Ok(print::status(name, &service.status()?, true))
}

/// `stop NAME [reason [comment]]`: the reason is for the event log alone.
fn stop(name: &str, reason: &[String]) -> Done {
    if reason.len() > 2 {
        return Ok(refuse::<()>(&reason.join(" ")).err().unwrap_or(0));
    }
    let service = open(name)?;
    service.control(1)?;
    Ok(print::status(name, &service.status()?, false))
}

fn control(name: &str, code: &str) -> Done {
    let code = match code.to_ascii_lowercase().as_str() {
        "paramchange" => 6,
        "interrogate" => 4,
        number => match options::number(number) {
            Ok(code) => code,
            Err(code) => return Ok(code),
        },
    };
    let service = open(name)?;
    service.control(code)?;
    Ok(print::status(name, &service.status()?, false))
}

fn query_config(name: &str) -> Done {
    let service = manager(false)?.service(name, SERVICE_QUERY_CONFIG)?;
    let delayed = kept::number(name, value::DELAYED)? != 0;
    Ok(print::config(name, &service.config()?, delayed))
}

fn description(name: &str, text: &str) -> Done {
    let mut text = wide::from_os(text);
    let info = SERVICE_DESCRIPTIONW {
        lpDescription: text.as_mut_ptr(),
    };
    // SAFETY: the structure belongs to the level; its string ends in a NUL and outlives the call.
    unsafe { open(name)?.change2(SERVICE_CONFIG_DESCRIPTION, &info)? };
    Ok(success("ChangeServiceConfig2"))
}

fn query_description(name: &str) -> Done {
    let buffer = look(name)?.query2(SERVICE_CONFIG_DESCRIPTION)?;
    // SAFETY: at this level the buffer starts with the structure, whose string lies in the buffer and ends in a NUL.
    let text =
        unsafe { wide::from_ptr((*buffer.as_ptr().cast::<SERVICE_DESCRIPTIONW>()).lpDescription) };
    Ok(found(name, &format!("DESCRIPTION:  {}\n", text.display())))
}

fn sid_type(name: &str, kind: &str) -> Done {
    let Some((_, number)) = SID_TYPES
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(kind))
    else {
        return Ok(refuse::<()>(kind).err().unwrap_or(0));
    };
    let info = SERVICE_SID_INFO {
        dwServiceSidType: *number,
    };
    let (level, data) = (
        (SERVICE_CONFIG_SERVICE_SID_INFO, &info),
        number.to_le_bytes(),
    );
    // SAFETY: the structure belongs to the level and holds no pointer.
    unsafe { kept::set(&open(name)?, name, level, (value::SID, kept::DWORD, &data))? };
    Ok(success("ChangeServiceConfig2"))
}

fn query_sid_type(name: &str) -> Done {
    look(name)?;
    let number = kept::number(name, value::SID)?;
    let word = SID_TYPES
        .iter()
        .find(|(_, n)| *n == number)
        .map_or("none", |(word, _)| word);
    Ok(found(
        name,
        &format!("SERVICE_SID_TYPE:  {}\n", word.to_ascii_uppercase()),
    ))
}

fn privileges(name: &str, list: &str) -> Done {
    let mut units = wide::list(list.split('/').filter(|p| !p.is_empty()));
    let info = SERVICE_REQUIRED_PRIVILEGES_INFOW {
        pmszRequiredPrivileges: units.as_mut_ptr(),
    };
    let data = wide::bytes(&units);
    let level = (SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO, &info);
    // SAFETY: the structure belongs to the level; its list ends in two NULs and outlives the call.
    unsafe {
        kept::set(
            &open(name)?,
            name,
            level,
            (value::PRIVILEGES, kept::MULTI_SZ, &data),
        )?;
    }
    Ok(success("ChangeServiceConfig2"))
}

fn query_privileges(name: &str) -> Done {
    look(name)?;
    let data = kept::get(name, value::PRIVILEGES)?.unwrap_or_default();
    let list: Vec<_> = wide::split_list(&wide::units(&data))
        .iter()
        .map(|p| p.to_string_lossy().into_owned())
        .collect();
    let text = format!(
        "        PRIVILEGES       : {}\n",
        list.join("\n                         : ")
    );
    Ok(found(name, &text))
}

fn preshutdown(name: &str, milliseconds: &str) -> Done {
    let time = match options::number(milliseconds) {
        Ok(time) => time,
        Err(code) => return Ok(code),
    };
    let info = SERVICE_PRESHUTDOWN_INFO {
        dwPreshutdownTimeout: time,
    };
    let (level, data) = ((SERVICE_CONFIG_PRESHUTDOWN_INFO, &info), time.to_le_bytes());
    // SAFETY: the structure belongs to the level and holds no pointer.
    unsafe {
        kept::set(
            &open(name)?,
            name,
            level,
            (value::PRESHUTDOWN, kept::DWORD, &data),
        )?;
    }
    Ok(success("ChangeServiceConfig2"))
}

fn query_preshutdown(name: &str) -> Done {
    let buffer = look(name)?.query2(SERVICE_CONFIG_PRESHUTDOWN_INFO)?;
    // SAFETY: at this level the buffer starts with the structure, which holds no pointer.
    let time =
        unsafe { (*buffer.as_ptr().cast::<SERVICE_PRESHUTDOWN_INFO>()).dwPreshutdownTimeout };
    Ok(found(
        name,
        &format!("        PRESHUTDOWN TIMEOUT (in milliseconds) : {time}\n"),
    ))
}
