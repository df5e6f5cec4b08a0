//! Ends whatever this process started when this process ends, however that happens.

use std::ptr;

use windows_sys::Win32::Foundation::GetLastError;
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectExtendedLimitInformation,
    SetInformationJobObject,
};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

/// Puts this process, and so all that it starts from now on, into a job that ends with its last handle: the one that is
/// never closed here. The error is that of the call that failed.
pub fn tie() -> Result<(), u32> {
    let mut limits = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    let size = u32::try_from(size_of_val(&limits)).unwrap_or(u32::MAX);
    // SAFETY: the job's handle is checked before it is used, and the limits are the structure that the class asks for.
    unsafe {
        let job = CreateJobObjectW(ptr::null(), ptr::null());
        let done = !job.is_null()
            && SetInformationJobObject(
                job,
                JobObjectExtendedLimitInformation,
                (&raw const limits).cast(),
                size,
            ) != 0
            && AssignProcessToJobObject(job, GetCurrentProcess()) != 0;
        if done { Ok(()) } else { Err(GetLastError()) }
    }
}
