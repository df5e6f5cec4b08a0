//! `SystemCallFilter=`: which system calls a service may make, as far as the assessment asks.

use std::collections::BTreeMap;

use super::values::negated;

/// The groups of systemd 252 (`systemd-analyze syscall-filter`), each with the groups and calls in it.
///
/// The assessment asks for the calls of eleven groups only, and only for those that x86-64 has. Whatever else a group holds is
/// left out, and so is a group of which nothing remains.
const GROUPS: &[(&str, &str)] = &[
    ("@chown", "chown fchown fchownat lchown"),
    (
        "@clock",
        "adjtimex clock_adjtime clock_settime settimeofday",
    ),
    ("@cpu-emulation", "modify_ldt"),
    (
        "@debug",
        "lookup_dcookie perf_event_open pidfd_getfd ptrace",
    ),
    (
        "@known",
        "@obsolete acct adjtimex bpf capset chown chroot clock_adjtime clock_settime delete_module fanotify_init \
         fanotify_mark fchown fchownat finit_module fsconfig fsmount fsopen fspick init_module ioperm iopl ioprio_set \
         kexec_file_load kexec_load lchown lookup_dcookie mbind migrate_pages modify_ldt mount mount_setattr move_mount \
         move_pages open_by_handle_at open_tree perf_event_open pidfd_getfd pivot_root ptrace quotactl quotactl_fd reboot \
         sched_setaffinity sched_setattr sched_setparam sched_setscheduler set_mempolicy set_mempolicy_home_node \
         setdomainname setfsuid setgroups sethostname setpriority setresuid setreuid setrlimit settimeofday setuid \
         swapoff swapon sysfs umount2 ustat vhangup",
    ),
    ("@module", "delete_module finit_module init_module"),
    (
        "@mount",
        "chroot fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree pivot_root umount2",
    ),
    (
        "@obsolete",
        "_sysctl afs_syscall create_module get_kernel_syms getpmsg putpmsg query_module security sysfs tuxcall uselib ustat \
         vserver",
    ),
    (
        "@privileged",
        "@chown @clock @module @raw-io @reboot @swap _sysctl acct bpf capset chroot fanotify_init fanotify_mark nfsservctl \
         open_by_handle_at pivot_root quotactl quotactl_fd setdomainname setfsuid setgroups sethostname setresuid setreuid \
         setuid vhangup",
    ),
    ("@raw-io", "ioperm iopl"),
    ("@reboot", "kexec_file_load kexec_load reboot"),
    (
        "@resources",
        "ioprio_set mbind migrate_pages move_pages sched_setaffinity sched_setattr sched_setparam sched_setscheduler \
         set_mempolicy set_mempolicy_home_node setpriority setrlimit",
    ),
    ("@setuid", "setgroups setresuid setreuid setuid"),
    ("@swap", "swapoff swapon"),
    (
        "@system-service",
        "@chown @resources @setuid capset setfsuid",
    ),
];

/// What the lines of `SystemCallFilter=` make together.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// The calls on the list; `true` for one that an allow list answers with an error, as the others that are not on it.
    /// `None` before the first line.
    listed: Option<BTreeMap<&'static str, bool>>,
    /// Whether the list says what is allowed, rather than what is not. The first line decides.
    allow: bool,
}

impl Calls {
    /// Takes one line in.
    pub(super) fn assign(&mut self, value: &str) {
        if value.is_empty() {
            *self = Self::default();
            return;
        }
        let (denies, list) = negated(value);
        let allow = match self.listed {
            Some(_) => self.allow,
            None => !denies,
        };
        self.allow = allow;
        let listed = self.listed.get_or_insert_default();
        for word in list.split_whitespace() {
            let (name, error) = match word.split_once(':') {
                Some((name, error)) => (name, Some(error)),
                None => (word, None),
            };
            // Such a word is ignored; so is an error for a call that is allowed.
            if error.is_some_and(|error| !denies || !is_error(error)) {
                continue;
            }
            for call in expand(name) {
                if denies != allow || (denies && error.is_some()) {
                    listed.insert(call, error.is_some());
                } else {
                    listed.remove(call);
                }
            }
        }
    }

    /// Whether the list says what is allowed, if there is one.
    pub(super) fn is_allow_list(&self) -> Option<bool> {
        self.listed.as_ref().map(|_| self.allow)
    }

    /// Whether a call of this group may be made.
    pub(super) fn reaches(&self, group: &str) -> bool {
        expand(group).into_iter().any(|call| {
            let on_list = self.listed.as_ref().and_then(|listed| listed.get(call));
            on_list.is_some_and(|error| !(self.allow && *error)) == self.allow
        })
    }
}

/// What may stand behind the colon of a call: a number, the name of an error, or the word for the default.
fn is_error(word: &str) -> bool {
    let named = word.strip_prefix('E').is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    });
    named || word == "kill" || word.parse().is_ok_and(|number: u32| number <= 4095)
}

/// The calls of a group, or the call of this name; none if the assessment asks for none of them.
fn expand(name: &str) -> Vec<&'static str> {
    if name.starts_with('@') {
        let group = GROUPS.iter().find(|(group, _)| *group == name);
        return group.map_or_else(Vec::new, |(_, members)| calls(members));
    }
    let mut members = GROUPS.iter().flat_map(|(_, members)| calls(members));
    members.find(|call| *call == name).into_iter().collect()
}

/// The calls among the members of a group, and those of the groups among them.
fn calls(members: &'static str) -> Vec<&'static str> {
    let mut calls = Vec::new();
    for member in members.split_whitespace() {
        if member.starts_with('@') {
            calls.extend(expand(member));
        } else {
            calls.push(member);
        }
    }
    calls
}
