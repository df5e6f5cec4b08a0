//! The log file, which begins anew now and then, and of which the oldest ones go.

use tracing_appender::rolling::{Builder, RollingFileAppender, Rotation as Turns};

use super::channels::{File, Rotation};
use super::context::Context;
use crate::error::Error;
use crate::folders::{Dir, Folders};

/// Opens the log file of the service.
pub(super) fn open(context: &Context, file: File) -> Result<RollingFileAppender, Error> {
    let folder = Folders::new(&context.name, context.host).first(Dir::Logs)?;
    let builder = Builder::new()
        .rotation(match file.rotation {
            Rotation::Hourly => Turns::HOURLY,
            Rotation::Daily => Turns::DAILY,
            Rotation::Never => Turns::NEVER,
        })
        .filename_prefix(&context.name)
        .filename_suffix("log")
        .max_log_files(file.keep);
    builder.build(&folder).map_err(|error| {
        Error::new(
            std::io::ErrorKind::Other,
            format!("cannot log into the folder {}: {error}", folder.display()),
        )
    })
}
