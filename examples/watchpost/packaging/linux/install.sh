#!/bin/sh
# Installs watchpost from the folder that this script lies in; run it with --help.
# Written by `cargo svc generate`; what it installs is declared in Cargo.toml.
set -eu

# --- what is installed ---------------------------------------------------------------------------------------------

package='watchpost'
min_systemd=247
# All units; those of users' managers; those that start with the machine; each that starts another one, with that.
units='watchpost.service'
user_units=''
boot_units='watchpost.service'
triggers_of=''
# The users that are made, and the files that make users and folders when the machine starts.
users=''
confs=''

# each_program COMMAND...: runs it with name and place of each program.
# shellcheck disable=SC2016 # a path may hold what looks like a variable
each_program() {
	"$@" 'watchpost' "$base"'/bin/watchpost'
}

# each_extra COMMAND...: with kind, source, place and mode of each other file; a "config" file is an operator's to edit.
# shellcheck disable=SC2016 # a path may hold what looks like a variable
each_extra() {
	:
}

# each_folder COMMAND...: with place and mode of each folder that has to be root's.
each_folder() {
	:
}

# each_credential COMMAND...: with service, name and place of each secret that an operator gives.
each_credential() {
	:
}

# each_needed COMMAND...: with each service and what it does not start without: a file, or a credential and its name.
# shellcheck disable=SC2016 # a path may hold what looks like a variable
each_needed() {
	:
}

# relocation UNIT:LINE PREFIX PREFIX: the lines in which the prefix stands, cut there. The second form of the prefix is for
# arguments, in which systemd reads a dollar sign as a variable.
relocation() {
	# shellcheck disable=SC2016 # what looks like a variable here is text of a unit
	case $1 in
	'watchpost.service:11') join 'ExecStart=' '"' "$2" '/bin/watchpost" --every 30 127.0.0.1:22' ;;
	esac
}

# --- a known environment -------------------------------------------------------------------------------------------

# Nothing of the caller's decides which programs run, how they speak, or who may write what is made.
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
SYSTEMD_PAGER=''
SYSTEMD_COLORS=0
export LC_ALL PATH SYSTEMD_PAGER SYSTEMD_COLORS
unset CDPATH ENV IFS POSIXLY_CORRECT SYSTEMD_UNIT_PATH SYSTEMCTL_FORCE_BUS SYSTEMD_OFFLINE
umask 022
set -f

me=${0##*/}
# What the paths below are made of: $root is the image, or empty for this machine; $base is $root and $prefix.
prefix='' root='' base=''
# Set if a user installs for a manager of their own.
user_mode=''
quiet=''
dry_run=''
held_lock=''
installed_user_units=''
case $0 in
*/*) here=${0%/*} ;;
*) here=. ;;
esac
case $here in
'') here=/ ;;
/*) ;;
*) here=./$here ;;
esac
here=$(cd -- "$here" && pwd -P)

# --- what both scripts share ---------------------------------------------------------------------------------------

say() {
	[ -n "$quiet" ] || printf '%s\n' "$*" 2>/dev/null || :
}

warn() {
	printf '%s: %s\n' "$me" "$*" >&2 || :
}

# die CODE MESSAGE...: the codes are listed in --help.
die() {
	code=$1
	shift
	warn "$*"
	exit "$code"
}

needs_argument() {
	[ "$1" -ge 2 ] || die 2 "$2 needs an argument"
}

# each_line LINES COMMAND...: runs it with each line that is not empty.
each_line() {
	lines=$1
	shift
	while IFS= read -r one_line <&4; do
		[ -z "$one_line" ] || "$@" "$one_line"
	done 4<<EOF
$lines
EOF
}

# has_line LINES LINE
has_line() {
	case "
$1
" in
	*"
$2
"*) return 0 ;;
	esac
	return 1
}

# has_word WORDS WORD
has_word() {
	case " $1 " in
	*" $2 "*) return 0 ;;
	esac
	return 1
}

# Settles where everything goes, from the options: sets $root, $user_mode, $prefix and what is made of them.
settle() {
	if [ -n "$root" ]; then
		case $root in
		*[[:cntrl:]]*) die 2 "--root cannot hold control characters" ;;
		esac
		[ -d "$root" ] || die 2 "--root must be a folder that is there, not '$root'"
		root=$(cd -- "$root" && pwd -P)
		[ "$root" != / ] || root=''
	fi
	# Without root, what only users' managers run goes to the caller.
	if [ -z "$root" ] && [ "$units" = "$user_units" ] && [ "$(id -u)" -ne 0 ]; then
		user_mode=1
		case ${HOME-} in
		/*) ;;
		*) die 3 "HOME is not set to your own folder" ;;
		esac
		data_home=${XDG_DATA_HOME-}
		config_home=${XDG_CONFIG_HOME-}
		# What is no absolute path is ignored (XDG Base Directory Specification).
		case $data_home in /*) ;; *) data_home=$HOME/.local/share ;; esac
		case $config_home in /*) ;; *) config_home=$HOME/.config ;; esac
		if [ -z "${XDG_RUNTIME_DIR-}" ]; then
			XDG_RUNTIME_DIR=/run/user/$(id -u)
			export XDG_RUNTIME_DIR
		fi
	fi
	if [ -z "$prefix_given" ]; then
		prefix=/usr/local
		[ -z "$user_mode" ] || prefix=$HOME/.local
	fi
	check_prefix
}

# Makes $prefix canonical, or refuses it: it becomes part of a unit, where these characters have no way through.
check_prefix() {
	case $prefix in
	/*) ;;
	*) die 2 "--prefix must be an absolute path, not '$prefix'" ;;
	esac
	case $prefix in
	*[[:cntrl:]]*) die 2 "--prefix cannot hold control characters" ;;
	*[\"\'\\]*) die 2 "--prefix cannot hold quotes or backslashes: $prefix" ;;
	*[$]\{* | *[$][$]*) die 2 "--prefix cannot hold '\${' or '\$\$', which systemd would expand: $prefix" ;;
	esac
	rest=$prefix/
	prefix=
	while [ -n "$rest" ]; do
		part=${rest%%/*}
		rest=${rest#*/}
		case $part in
		'') ;;
		. | ..) die 2 "--prefix cannot hold '.' or '..' as a folder" ;;
		*) prefix=$prefix/$part ;;
		esac
	done
	[ -n "$prefix" ] || die 2 "--prefix cannot be the root folder; /usr is the nearest"
	base=$root$prefix
	lib=$base/lib/$package
	receipt=$lib/receipt
	journal=$lib/transaction
}

# check_privileges DOING
check_privileges() {
	[ -z "$dry_run" ] && [ -z "$user_mode" ] && [ "$(id -u)" -ne 0 ] || return 0
	[ -z "$user_units" ] || [ -n "$root" ] ||
		warn "$package has services of the system besides those of users: both are handled together"
	die 3 "only root can $1 services of the system; --dry-run shows what would be done"
}

# One run at a time. The kernel drops a flock with its last holder, so that what may outlive a killed script gets no copy of
# descriptor 9; without flock(1) a lock whose process is gone is taken over.
take_lock() {
	lock=/run/svc-installer-$package.lock
	[ -z "$user_mode" ] || lock=$XDG_RUNTIME_DIR/svc-installer-$package.lock
	# An image's lock lies in the image: two machines may share it.
	if [ -n "$root" ]; then
		lock=$root/.svc-installer-$package.lock
		[ ! -L "$lock" ] || die 5 "$lock is a link: remove it"
	fi
	if command -v flock >/dev/null; then
		while :; do
			exec 9>"$lock"
			# What a killed run leaves for a moment has it for a moment.
			if ! flock -n 9; then
				sleep 1 9>&-
				flock -n 9 || die 6 "another run for $package is not finished"
			fi
			# The run before may have removed the file between these two lines: then this lock is on nothing.
			inode_of "/proc/$$/fd/9"
			mine=$inode
			[ ! -e "$lock" ] || inode_of "$lock"
			[ ! -e "$lock" ] || [ "$inode" != "$mine" ] || break
		done
		held_lock=$lock
		return
	fi
	if ! mkdir "$lock.d" 2>/dev/null; then
		holder=$(cat "$lock.d/pid" 2>/dev/null) || holder=
		if [ -z "$holder" ]; then
			sleep 1
			holder=$(cat "$lock.d/pid" 2>/dev/null) || holder=
		fi
		start_of "${holder%% *}"
		# A number that was given to another process since does not hold the lock.
		if [ -n "$start" ] && [ "$start" = "${holder#* }" ]; then
			die 6 "another run for $package is not finished (process ${holder%% *})"
		fi
		# Only one of two runs that find the same stale lock can rename it.
		if mv "$lock.d" "$lock.stale.$$" 2>/dev/null; then
			rm -rf "$lock.stale.$$"
		fi
		mkdir "$lock.d" 2>/dev/null || die 6 "another run for $package is not finished"
	fi
	held_lock=$lock.d
	start_of "$$"
	printf '%s %s\n' "$$" "$start" >"$lock.d/pid"
}

# start_of PROCESS: sets $start to when it was started, in ticks since boot (proc(5), "stat"); empty if there is none.
start_of() {
	start=$(cat "/proc/$1/stat" 2>/dev/null) || start=''
	# The second field, the program's name, may hold anything, parentheses too.
	start=$(printf '%s' "${start##*) }" | cut -d ' ' -f 20)
}

drop_lock() {
	[ -z "$held_lock" ] || rm -rf "$held_lock"
}

# Sets $inode.
inode_of() {
	inode=$(ls -Ldi -- "$1")
	inode=${inode#"${inode%%[0-9]*}"}
	inode=${inode%%[!0-9]*}
}

# leads_out PATH: whether a link on the way to it, or there, leads out of the image: an absolute one, which means the image's own
# folder only to the machine that the image becomes, or one that climbs above its root. Sets $link and $aim to it.
leads_out() {
	[ -n "$root" ] || return 1
	walked=$root hops=0
	ahead=${1#"$root"}/
	while [ -n "$ahead" ]; do
		step=${ahead%%/*}
		ahead=${ahead#*/}
		case $step in
		'' | .) continue ;;
		..)
			[ "$walked" != "$root" ] || return 0
			walked=${walked%/*}
			continue
			;;
		esac
		if [ ! -L "$walked/$step" ]; then
			walked=$walked/$step
			continue
		fi
		link=$walked/$step
		aim=$(readlink -- "$link")
		case $aim in
		/*) return 0 ;;
		esac
		# Links in a circle lead nowhere; the kernel follows no more than this.
		hops=$((hops + 1))
		[ "$hops" -lt 40 ] || return 1
		ahead=$aim/$ahead
	done
	return 1
}

# check_inside FOLDER
check_inside() {
	! leads_out "$1" || die 5 "$link is a link to $aim, which leads out of the image: make it a relative one that stays inside"
}

# check_inside_of KIND SOURCE TARGET
check_inside_of() {
	check_inside "${3%/*}"
}

# Whether there is anything of this name, a dangling link too.
is_there() {
	[ -e "$1" ] || [ -L "$1" ]
}

# --- systemd --------------------------------------------------------------------------------------------------------

# The manager that runs the units here and now.
manager() {
	if [ -n "$user_mode" ]; then
		systemctl --user "$@"
	else
		systemctl "$@"
	fi
}

# Sets $major to the version of the running manager, or of the image's if that can be told.
check_systemd() {
	major=''
	if [ -n "$root" ]; then
		image_version
		return
	fi
	if [ ! -d /run/systemd/system ] || ! command -v systemctl >/dev/null; then
		die 3 "systemd is not the init system of this machine"
	fi
	if ! version=$(manager show --property=Version --value 2>/dev/null); then
		[ -n "$user_mode" ] || die 3 "systemd does not answer"
		die 3 "your user's systemd does not answer: log in as this user, or have root run 'loginctl enable-linger $(id -un)'"
	fi
	major=${version#"${version%%[0-9]*}"}
	major=${major%%[!0-9]*}
	[ -n "$major" ] || die 3 "systemd does not say its version"
}

# The library of systemd's programs has the version in its name.
image_version() {
	for folder in "$root/usr/lib" "$root/lib" "$root/usr/lib64" "$root/lib64"; do
		[ -d "$folder" ] || continue
		! leads_out "$folder" || continue
		found=$(find "$folder" -maxdepth 4 -name 'libsystemd-shared-*.so' 2>/dev/null | head -n 1)
		[ -n "$found" ] || continue
		major=${found##*libsystemd-shared-}
		major=${major%%[!0-9]*}
		[ -z "$major" ] || return 0
	done
}

# Sets where units go, and where else a unit of the same name would be found: for the system, and for users.
find_places() {
	if [ -n "$root" ]; then
		system_paths='/etc/systemd/system /run/systemd/system /usr/local/lib/systemd/system /usr/lib/systemd/system /lib/systemd/system'
	else
		system_paths=''
		[ -n "$user_mode" ] || system_paths=$(systemctl show --property=UnitPath --value)
	fi
	system_dir=$base/lib/systemd/system
	system_link=''
	user_link=''
	if [ -n "$user_mode" ]; then
		user_paths=$(systemctl --user show --property=UnitPath --value)
		user_dir=$data_home/systemd/user
		return
	fi
	# Where users' managers look, but for what is in each user's own folder (systemd.unit(5)).
	user_paths='/etc/systemd/user /run/systemd/user /usr/local/lib/systemd/user /usr/local/share/systemd/user /usr/lib/systemd/user /usr/share/systemd/user'
	user_dir=$base/lib/systemd/user
	# Where systemd does not look below the prefix, the units go where it does, with a link from the prefix.
	case " $system_paths " in
	*" $prefix/lib/systemd/system "*) ;;
	*)
		system_link=$system_dir
		system_dir=$root/usr/local/lib/systemd/system
		;;
	esac
	case " $user_paths " in
	*" $prefix/lib/systemd/user "*) ;;
	*)
		user_link=$user_dir
		user_dir=$root/usr/local/lib/systemd/user
		;;
	esac
}

# place_of UNIT: sets $unit_dir, $link_dir and $unit_paths.
# shellcheck disable=SC2034 # each script has a use for some of them
place_of() {
	if is_user_unit "$1"; then
		unit_dir=$user_dir link_dir=$user_link unit_paths=$user_paths
	else
		unit_dir=$system_dir link_dir=$system_link unit_paths=$system_paths
	fi
}

# template_of UNIT: sets $template to the name of the file that an instance comes from.
template_of() {
	template=$1
	case $1 in
	*@*) template=${1%%@*}@.${1##*.} ;;
	esac
}

is_template() {
	case $1 in
	*@.*) return 0 ;;
	esac
	return 1
}

# Whether it does the work; the others start those that do.
is_service() {
	case $1 in
	*.service) return 0 ;;
	esac
	return 1
}

is_user_unit() {
	template_of "$1"
	has_word "$user_units $installed_user_units" "$template"
}

# Whether there is a manager to ask about the unit: none for an image, and for what root installs for all users as many as
# there are users.
is_live() {
	[ -z "$root" ] || return 1
	[ -n "$user_mode" ] || ! is_user_unit "$1"
}

# on_files UNIT ARGUMENT...: systemctl for what links say: enabled, disabled, masked.
on_files() {
	subject=$1
	shift
	if [ -n "$root" ] && ! command -v systemctl >/dev/null; then
		by_hand "$subject" "$@"
	elif [ -n "$user_mode" ]; then
		systemctl --user "$@" -- "$subject"
	elif is_user_unit "$subject"; then
		systemctl --global ${root:+"--root=$root"} "$@" -- "$subject"
	else
		systemctl ${root:+"--root=$root"} "$@" -- "$subject"
	fi
}

# The same for an image on a machine without systemctl.
by_hand() {
	links=$root/etc/systemd/system
	! is_user_unit "$1" || links=$root/etc/systemd/user
	shift
	for word in "$@"; do
		case $word in
		--runtime) return 0 ;;
		is-enabled) print_enabled ;;
		enable) enable_by_hand ;;
		disable) [ ! -d "$links" ] || find "$links" -mindepth 2 -name "$subject" -type l -exec rm -f -- {} + ;;
		mask)
			mkdir -p -- "$links"
			ln -sf /dev/null "$links/$subject"
			;;
		unmask) [ "$(readlink -- "$links/$subject")" != /dev/null ] || rm -f -- "$links/$subject" ;;
		esac
	done
}

print_enabled() {
	if [ "$(readlink -- "$links/$subject")" = /dev/null ]; then
		echo masked
	elif [ -d "$links" ] && [ -n "$(find "$links" -mindepth 2 -name "$subject" -type l)" ]; then
		echo enabled
	else
		place_of "$subject"
		[ ! -e "$unit_dir/$subject" ] || echo disabled
	fi
}

enable_by_hand() {
	place_of "$subject"
	while IFS= read -r line <&5; do
		case $line in
		WantedBy=*) kind=wants ;;
		RequiredBy=*) kind=requires ;;
		Alias=* | Also=* | UpheldBy=*)
			warn "'$line' of $subject needs systemctl, which this machine does not have"
			continue
			;;
		*) continue ;;
		esac
		for by in ${line#*=}; do
			check_inside "$links/$by.$kind"
			mkdir -p -- "$links/$by.$kind"
			ln -sf -- "${unit_dir#"$root"}/$subject" "$links/$by.$kind/$subject"
		done
	done 5<"$unit_dir/$subject"
}

reload_manager() {
	[ -n "$root" ] || manager daemon-reload
}

# Sets $enabled: enabled, disabled, masked, ..., or not-found.
unit_enabled() {
	enabled=$(on_files "$1" is-enabled 2>/dev/null) || :
	[ -n "$enabled" ] || enabled=not-found
}

# Sets $running to yes or no. A service between two automatic restarts counts as running.
unit_running() {
	running=no
	is_live "$1" || return 0
	case $(manager is-active -- "$1" 2>/dev/null || :) in
	active | activating | reloading | refreshing) running=yes ;;
	esac
}

# pattern_of UNIT: sets $pattern to what its instances match, or to the unit itself.
pattern_of() {
	pattern=$1
	! is_template "$1" || pattern="${1%@.*}@*.${1##*.}"
}

# instances_of TEMPLATE: sets $instances to those that run or are enabled.
instances_of() {
	pattern_of "$1"
	instances=''
	candidates=$(
		exec 9>&-
		! is_live "$1" || manager list-units --plain --no-legend --full --no-pager -- "$pattern" |
			while read -r candidate rest; do printf '%s\n' "$candidate"; done
		each_operator_dir "$1" instance_links
	)
	for candidate in $candidates; do
		# The template itself may be linked, too.
		if [ "$candidate" = "$1" ] || has_word "$instances" "$candidate"; then continue; fi
		unit_running "$candidate"
		unit_enabled "$candidate"
		case $running$enabled in
		yes* | noenabled*) instances="$instances $candidate" ;;
		esac
	done
}

instance_links() {
	[ ! -d "$1" ] || find "$1" -maxdepth 2 -name "$pattern" -type l | sed 's|.*/||'
}

# each_operator_dir UNIT COMMAND...: runs it with each folder in which an operator's decisions about the unit lie.
each_operator_dir() {
	if [ -n "$user_mode" ]; then
		set -- "$config_home/systemd/user" "$XDG_RUNTIME_DIR/systemd/user" "$@"
	elif is_user_unit "$1"; then
		set -- "$root/etc/systemd/user" "$root/run/systemd/user" "$@"
	else
		set -- "$root/etc/systemd/system" "$root/run/systemd/system" "$@"
	fi
	persistent=$1 volatile=$2
	shift 3
	for operator_dir in "$persistent" "$volatile" "$persistent.control" "$volatile.control"; do
		"$@" "$operator_dir"
	done
}

# stop_units UNIT...: what starts others before what it starts, so that nothing comes back. Sets $stuck to what runs on.
stop_units() {
	stuck=''
	triggers='' workers=''
	for stopping in "$@"; do
		is_live "$stopping" || continue
		pattern_of "$stopping"
		if is_service "$stopping"; then workers="$workers $pattern"; else triggers="$triggers $pattern"; fi
	done
	# shellcheck disable=SC2086 # names of units hold no spaces
	[ -z "$triggers" ] || manager --quiet stop -- $triggers 2>/dev/null 9>&- || :
	# shellcheck disable=SC2086
	[ -z "$workers" ] || manager --quiet stop -- $workers 2>/dev/null 9>&- || :
	for stopping in "$@"; do
		if is_template "$stopping"; then continue; fi
		unit_running "$stopping"
		[ "$running" = no ] || stuck="$stuck $stopping"
	done
}

# clear_failures UNIT...
clear_failures() {
	for failing in "$@"; do
		is_live "$failing" || continue
		pattern_of "$failing"
		manager --quiet reset-failed -- "$pattern" 2>/dev/null || :
	done
}

restore_enabled() {
	unit_enabled "$1"
	[ "$enabled" != "$2" ] || return 0
	case $2 in
	enabled) on_files "$1" --quiet enable ;;
	enabled-runtime) on_files "$1" --quiet --runtime enable ;;
	masked) on_files "$1" --quiet mask ;;
	masked-runtime) on_files "$1" --quiet --runtime mask ;;
	disabled) on_files "$1" --quiet disable ;;
	esac || remains "$1 was $2 and could not be set to it again"
}

# --- the receipt, and the journal of a run -----------------------------------------------------------------------------

# Both hold paths as the system that is installed to sees them: without $root.

# Sets $new and $old: the names beside a file under which its next and its last contents wait.
beside() {
	new=${1%/*}/.${1##*/}.svc-new
	old=${1%/*}/.${1##*/}.svc-old
}

# read_receipt: sets installed_* from the receipt, empty without one.
read_receipt() {
	installed_package='' installed_version='' installed_by='' installed_prefix=''
	installed_units='' installed_user_units='' installed_waiting=''
	[ -f "$receipt" ] || return 0
	while IFS= read -r line; do
		case $line in
		package=*) installed_package=${line#*=} ;;
		version=*) installed_version=${line#*=} ;;
		installed-by=*) installed_by=${line#*=} ;;
		prefix=*) installed_prefix=${line#*=} ;;
		unit=*) installed_units="$installed_units ${line#*=}" ;;
		user-unit=*)
			installed_units="$installed_units ${line#*=}"
			installed_user_units="$installed_user_units ${line#*=}"
			;;
		waiting=*) installed_waiting="$installed_waiting ${line#*=}" ;;
		esac
	done <"$receipt"
}

check_receipt() {
	read_receipt
	if [ -n "$installed_package" ] && [ "$installed_package" != "$package" ]; then
		die 5 "$receipt belongs to another package, $installed_package"
	fi
	if [ -n "$installed_by" ] && [ "$installed_by" != install.sh ]; then
		die 5 "$package was installed by $installed_by: remove it with that first"
	fi
	if [ -n "$installed_prefix" ] && [ "$installed_prefix" != "$prefix" ]; then
		image=${base%"$installed_prefix"}
		[ "$image" != "$base" ] || die 5 "$receipt is of an installation below $installed_prefix"
		die 2 "$receipt is part of an image: say --root '$image' --prefix '$installed_prefix'"
	fi
}

# each_installed CALLBACK: with the path of each file of the receipt that comes and goes with the package.
each_installed() {
	[ -f "$receipt" ] || return 0
	while IFS= read -r line <&3; do
		case $line in
		file=*)
			path=${line#* }
			"$1" "$root${path#* }"
			;;
		link=* | aside=*) "$1" "$root${line#*=}" ;;
		esac
	done 3<"$receipt"
}

# each_config CALLBACK: with path and SHA-256 of each configuration file, as it was when it was installed.
each_config() {
	[ -f "$receipt" ] || return 0
	while IFS= read -r line <&3; do
		case $line in
		config=*)
			line=${line#*=}
			"$1" "$root${line#* }" "${line%% *}"
			;;
		esac
	done 3<"$receipt"
}

# Whether what both scripts read and change lies in the image, whose links may lead anywhere.
check_image() {
	[ -n "$root" ] || return 0
	check_inside "$lib"
	check_recorded "$receipt"
	check_recorded "$journal"
	each_folder check_inside
	for operators in etc/systemd/system etc/systemd/user run/systemd/system run/systemd/user; do
		check_inside "$root/$operators"
		check_inside "$root/$operators.control"
	done
}

# check_recorded FILE: the same for the places that a receipt or a journal names.
check_recorded() {
	[ -f "$1" ] || return 0
	while IFS= read -r line <&3; do
		case $line in
		file=*/* | link=*/* | aside=*/* | config=*/* | dir=*/*) check_inside_of '' '' "$root/${line#*/}" ;;
		esac
	done 3<"$1"
}

# collect_dirs FILE: sets $dirs to the folders that a receipt or a journal says were made, innermost first, one per line.
collect_dirs() {
	dirs=
	while IFS= read -r line; do
		case $line in
		dir=*) dirs="$root${line#*=}
$dirs" ;;
		esac
	done <"$1"
}

# Those of $dirs that are empty.
remove_dirs() {
	each_line "$dirs" remove_dir
}

remove_dir() {
	rmdir -- "$1" 2>/dev/null || :
}

# each_unit_line CALLBACK: for each "unit=KIND NAME ENABLED RUNNING TOUCHED" of the journal, with its fields in variables.
# KIND is "had" for a unit of the installed version, "instance" for an instance of one, "first" for a new unit; TOUCHED is
# "yes" if the run restarts what starts a service.
each_unit_line() {
	while IFS= read -r line <&3; do
		case $line in
		unit=*) ;;
		*) continue ;;
		esac
		fields=${line#unit=}
		kind=${fields%% *}
		fields=${fields#* }
		unit=${fields%% *}
		fields=${fields#* }
		was_enabled=${fields%% *}
		fields=${fields#* }
		was_running=${fields%% *}
		was_touched=${fields#* }
		"$1"
	done 3<"$journal"
}

# journal_says LINE
journal_says() {
	[ -f "$journal" ] && grep -qxF -- "$1" "$journal"
}

# Tells a later run that what it finds stopped and disabled was no operator's decision.
journal_removal() {
	rm -f -- "$journal.new"
	printf 'begin=uninstall\n' >"$journal.new"
	mv -f -- "$journal.new" "$journal"
}

# Puts back what was there before the run that the journal tells of. May be cut short and run again: each step asks what is
# still to do. Without "phase=services" no service was touched, and none needs to be now.
#
# Sets $left if something is not as it was, and $fallen to what ran and does not start again: then the journal stays, so that
# the next run tries again. Sets $kept_dirs to the folders that were made and hold what is none of ours.
undo() {
	left='' fallen='' kept_dirs=''
	touched=$(grep -c '^phase=services$' "$journal") || :
	if [ "$touched" -gt 0 ]; then
		collected=''
		each_unit_line collect_first
		# shellcheck disable=SC2086 # names of units hold no spaces
		stop_units $collected
		each_unit_line disable_first
	fi
	while IFS= read -r line <&3; do
		case $line in
		file=had\ *)
			path=$root${line#file=had }
			beside "$path"
			rm -f -- "$new" || remains "could not remove $new"
			# Without this copy the file was not replaced yet, or is back already.
			if is_there "$old"; then put_back || remains "could not put back $path, which is kept as $old"; fi
			;;
		file=first\ *)
			path=$root${line#file=first }
			beside "$path"
			for first in "$new" "$old" "$path"; do
				# A folder is not what was installed there.
				[ -d "$first" ] && [ ! -L "$first" ] || rm -f -- "$first" || remains "could not remove $first"
			done
			;;
		esac
	done 3<"$journal"
	reload_manager || remains "systemd could not reload its units"
	[ "$touched" -eq 0 ] || undo_services
	collect_dirs "$journal"
	if [ -z "$left$fallen" ]; then
		if journal_says before=uninstall; then journal_removal; else rm -f -- "$journal"; fi
	fi
	remove_dirs
	[ -n "$left" ] || each_line "$dirs" add_kept_dir
}

# remains WHAT: it could not be undone.
remains() {
	warn "$1"
	left=1
}

# From $old to $path.
put_back() {
	# Into a folder that it leads to, mv would put the file; and two names of one file it may leave both.
	[ ! -L "$path" ] || rm -f -- "$path" || return 1
	mv -f -- "$old" "$path" && rm -f -- "$old"
}

add_kept_dir() {
	# The journal is ours.
	if [ ! -d "$1" ] || { [ "$1" = "$lib" ] && [ -f "$journal" ]; }; then return 0; fi
	kept_dirs="$kept_dirs $1"
}

collect_first() {
	[ "$kind" != first ] || collected="$collected $unit"
}

disable_first() {
	[ "$kind" = first ] || return 0
	if is_template "$unit"; then return 0; fi
	on_files "$unit" --quiet disable 2>/dev/null || :
	restore_enabled "$unit" "$was_enabled"
	unit_enabled "$unit"
	case $was_enabled/$enabled in
	enabled*) ;;
	*/enabled*) remains "$unit is still enabled" ;;
	esac
}

undo_services() {
	idle='' ran='' listened='' touched_ones=''
	each_unit_line collect_states
	# shellcheck disable=SC2086 # names of units hold no spaces
	stop_units $idle
	[ -z "$stuck" ] || remains "these do not stop:$stuck"
	# shellcheck disable=SC2086
	clear_failures $idle $ran
	each_unit_line enable_again
	# A service that runs keeps its socket from listening anew.
	# shellcheck disable=SC2086
	[ -z "$touched_ones" ] || stop_units $ran
	for unit in $touched_ones; do run_again restart; done
	for unit in $listened; do run_again start; done
	for unit in $ran; do run_again restart; done
}

# run_again VERB: $unit.
run_again() {
	! manager --quiet "$1" -- "$unit" 9>&- || return 0
	warn "$unit was running and does not start again"
	fallen="$fallen $unit"
}

collect_states() {
	is_live "$unit" || return 0
	if is_template "$unit"; then return 0; fi
	case $kind/$was_running in
	*/no) idle="$idle $unit" ;;
	first/*) ;;
	*)
		if is_service "$unit"; then
			ran="$ran $unit"
		elif [ "$was_touched" = yes ]; then
			touched_ones="$touched_ones $unit"
		else
			listened="$listened $unit"
		fi
		;;
	esac
}

enable_again() {
	[ "$kind" != first ] || return 0
	if is_template "$unit"; then return 0; fi
	restore_enabled "$unit" "$was_enabled"
}

# --- the installer --------------------------------------------------------------------------------------------------

usage() {
	cat <<EOF
Usage: $me [OPTIONS]

Installs $package, or upgrades or repairs what is installed of it.

  --prefix DIR   install below DIR instead of /usr/local; a user's own services go below ~/.local
  --root DIR     install into the image in DIR: nothing is started, no manager is asked, and no link that leads out of the
                 image is followed
  --credential NAME=FILE
                 put a secret where the service finds it, from FILE or, for '-', from standard input; may be given
                 several times; SERVICE/NAME=FILE where several services have one of this name
  --no-start     start and restart nothing
  --reset        put enabled, disabled and masked states back to what is declared
  --dry-run      say what would be done, and do nothing
  -q, --quiet    say only what went wrong
  -h, --help     show this

An upgrade keeps what an operator decided: drop-ins, services that are disabled, masked or stopped, credentials, and
configuration files that were edited; the new version of such a file is put beside it, as FILE.new.
Services of users need no root: they are then installed for the caller alone.

Exit codes:
  0  done; a service that still waits for a file or a credential is named
  1  it failed; everything is as it was before
  2  the command line is wrong
  3  this machine cannot take it: not root, no systemd $min_systemd or newer, another architecture, no space
  4  a file of the package is missing or damaged
  5  something else owns a service, a file or the place
  6  another run is not finished
  7  a service did not start; everything is as it was before
  9  it failed, and not everything could be put back: what that is was named, and the next run goes on there
EOF
}

# Begins the line that says where a unit's program is, if it is not below /usr/local.
origin='# Installed below '

parse() {
	no_start='' reset='' prefix_given='' given=''
	while [ $# -gt 0 ]; do
		case $1 in
		--prefix | --root | --credential)
			needs_argument $# "$1"
			take_option "$1" "$2"
			shift
			;;
		--prefix=* | --root=* | --credential=*) take_option "${1%%=*}" "${1#*=}" ;;
		--no-start) no_start=1 ;;
		--reset) reset=1 ;;
		--dry-run) dry_run=1 ;;
		-q | --quiet) quiet=1 ;;
		-h | --help)
			usage
			exit 0
			;;
		*) die 2 "unknown option '$1'; see --help" ;;
		esac
		shift
	done
	settle
	doubled "$prefix" '%'
	prefix_item=$doubled
	doubled "$prefix_item" '$'
	prefix_argument=$doubled
}

take_option() {
	case $1 in
	--prefix)
		prefix=$2
		prefix_given=1
		;;
	--root)
		root=$2
		[ -n "$root" ] || die 2 "--root needs a folder"
		;;
	--credential) take_credential "$2" ;;
	esac
}

# take_credential NAME=FILE: adds a line SERVICE/NAME=FILE to $given.
take_credential() {
	case $1 in
	*[[:cntrl:]]*) die 2 "--credential cannot hold control characters" ;;
	?*=?*) ;;
	*) die 2 "--credential needs NAME=FILE, not '$1'" ;;
	esac
	wanted=${1%%=*}
	from=${1#*=}
	matched='' known=''
	each_credential match_credential
	case $matched in
	'') die 2 "no service of $package has a credential '$wanted'; it has:${known:- none}" ;;
	*' '*' '*) die 2 "several services have a credential '$wanted': say one of$matched" ;;
	esac
	matched=${matched# }
	case "
$given" in
	*"
$matched="*) die 2 "the credential $matched is given twice" ;;
	esac
	if [ "$from" = - ]; then
		case $given in
		*"=-
"*) die 2 "only one credential can come from standard input" ;;
		esac
	elif [ -d "$from" ] || [ ! -r "$from" ]; then
		die 2 "the credential '$wanted' cannot be read from $from"
	fi
	given="$given$matched=$from
"
}

match_credential() {
	known="$known $1/$2"
	case $wanted in
	"$2" | "$1/$2") matched="$matched $1/$2" ;;
	esac
}

# given_credential SERVICE NAME: sets $from to where it comes from, empty if it was not given.
given_credential() {
	from=''
	given_key=$1/$2=
	each_line "$given" match_given
}

match_given() {
	case $1 in
	"$given_key"*) from=${1#"$given_key"} ;;
	esac
}

# doubled TEXT CHARACTER: sets $doubled.
doubled() {
	doubled=
	rest=$1
	while :; do
		case $rest in
		*"$2"*)
			doubled=$doubled${rest%%"$2"*}$2$2
			rest=${rest#*"$2"}
			;;
		*) break ;;
		esac
	done
	doubled=$doubled$rest
}

# Sets $replacement.
join() {
	replacement=
	for part in "$@"; do
		replacement=$replacement$part
	done
}

# --- checks: nothing is changed before all of them passed -----------------------------------------------------------

check_machine() {
	check_privileges install
	check_systemd
	case $major in
	'') warn "which systemd the image has cannot be told; $package needs $min_systemd or newer" ;;
	*)
		[ "$major" -ge "$min_systemd" ] ||
			die 3 "systemd $major is too old: $package needs $min_systemd or newer"
		;;
	esac
	find_places
}

# Sets version and target from PACKAGE, and compares the package's files with it.
check_package() {
	version='' target=''
	listed=''
	[ -f "$here/PACKAGE" ] || die 4 "$here/PACKAGE is missing: run this script in the unpacked folder"
	hash=''
	command -v sha256sum >/dev/null && hash=1
	[ -n "$hash" ] || warn "there is no sha256sum here: the files of the package cannot be checked"
	while IFS= read -r line <&3; do
		case $line in
		package=*) [ "${line#*=}" = "$package" ] || die 4 "$here/PACKAGE belongs to ${line#*=}" ;;
		version=*) version=${line#*=} ;;
		target=*) target=${line#*=} ;;
		file=*)
			sum=${line#file=}
			path=${sum#* }
			path=${path#* }
			sum=${sum%% *}
			[ -f "$here/$path" ] || die 4 "$here/$path is missing"
			if [ -n "$hash" ]; then
				sum_of "$here/$path"
				[ "$found_sum" = "$sum" ] || die 4 "$here/$path is damaged: its SHA-256 is not the one in PACKAGE"
			fi
			listed="$listed$path
"
			;;
		esac
	done 3<"$here/PACKAGE"
	if [ -z "$version" ] || [ -z "$target" ]; then
		die 4 "$here/PACKAGE is damaged: it has no version or no target"
	fi
	each_file check_listed
	each_extra check_listed_extra
}

# sum_of FILE: sets $found_sum to its SHA-256, or to "unknown".
sum_of() {
	found_sum=unknown
	[ -z "$hash" ] || found_sum=$(sha256sum <"$1")
	found_sum=${found_sum%% *}
}

check_listed() {
	case $1 in
	program | unit | conf | file | uninstaller) ;;
	*) return 0 ;;
	esac
	has_line "$listed" "${2#"$here/"}" || die 4 "$here/PACKAGE is damaged: it does not list ${2#"$here/"}"
}

check_listed_extra() {
	has_line "$listed" "files/$2" || die 4 "$here/PACKAGE is damaged: it does not list files/$2"
}

check_architecture() {
	case $target in
	*-linux-*) ;;
	*) die 3 "this package is for $target, not for Linux" ;;
	esac
	machine=$(uname -m)
	if [ -n "$root" ]; then
		image_machine
		[ -n "$machine" ] || return 0
	fi
	case ${target%%-*}/$machine in
	x86_64/x86_64 | aarch64/aarch64 | riscv64*/riscv64 | s390x/s390x | loongarch64/loongarch64) ;;
	powerpc64le/ppc64le | powerpc64/ppc64 | powerpc/ppc*) ;;
	i[3-6]86/i?86 | i[3-6]86/x86_64) ;;
	arm*/arm* | arm*/aarch64 | thumb*/arm* | thumb*/aarch64) ;;
	"$machine/$machine") ;;
	*) die 3 "this package is for $target, and this machine is $machine" ;;
	esac
}

# Sets $machine to what the image's programs are built for, in uname's words; empty if that cannot be told.
image_machine() {
	machine=''
	for program in "$root/usr/lib/systemd/systemd" "$root/lib/systemd/systemd" "$root/bin/sh"; do
		[ -f "$program" ] || continue
		! leads_out "$program" || continue
		# elf(5): the class and the byte order, then e_machine.
		elf=$(od -An -tx1 -j4 -N2 <"$program" | tr -d ' \n')/$(od -An -tx1 -j18 -N2 <"$program" | tr -d ' \n')
		case $elf in
		0201/3e00) machine=x86_64 ;;
		0101/0300) machine=i686 ;;
		0201/b700) machine=aarch64 ;;
		0101/2800) machine=armv7l ;;
		0201/f300) machine=riscv64 ;;
		0201/0201) machine=loongarch64 ;;
		0202/0016) machine=s390x ;;
		0201/1500) machine=ppc64le ;;
		0202/0015) machine=ppc64 ;;
		*) continue ;;
		esac
		return 0
	done
}

check_space() {
	size=0
	each_file add_size
	kib=$((size / 1024 + 1024))
	checked=''
	each_file check_space_of
}

add_size() {
	case $1 in
	program | unit | conf | file | config | aside | uninstaller) size=$((size + $(wc -c <"$2"))) ;;
	esac
}

check_space_of() {
	existing "${3%/*}"
	! has_line "$checked" "$folder" || return 0
	checked="$checked
$folder"
	free=''
	before=''
	for field in $(df -Pk -- "$folder" | tail -n 1); do
		case $field in
		[0-9]*%)
			free=$before
			break
			;;
		esac
		before=$field
	done
	case $free in
	'' | *[!0-9]*) return 0 ;;
	esac
	[ "$free" -ge "$kib" ] || die 3 "$folder has $free KiB left, and $kib KiB are needed"
}

# systemd makes the users that its file of them declares; without its tool somebody else has to.
check_users() {
	new_users=''
	for user in $users; do
		user_exists "$user" || new_users="$new_users $user"
	done
	[ -n "$new_users" ] || return 0
	command -v systemd-sysusers >/dev/null ||
		die 3 "there is no systemd-sysusers here: make these users first, for example with 'useradd --system':$new_users"
}

user_exists() {
	if [ -z "$root" ] && command -v getent >/dev/null; then
		getent passwd "$1" >/dev/null
	else
		! leads_out "$root/etc/passwd" && grep -q "^$1:" "$root/etc/passwd" 2>/dev/null
	fi
}

# --- checks: whose is what is there ---------------------------------------------------------------------------------

# existing FOLDER: sets $folder to it, or to the nearest one above it that is there.
existing() {
	folder=$1
	while [ ! -d "$folder" ]; do
		if is_there "$folder"; then
			die 5 "$folder is in the way: it is not a folder"
		fi
		folder=${folder%/*}
		[ -n "$folder" ] || folder=/
	done
}

# Nobody but root may be able to change a folder that root's services start from; a user's may belong to the user.
check_folders() {
	each_file check_folder_of
	each_folder check_root_folder
}

check_folder_of() {
	existing "${3%/*}"
	! has_line "$checked" "$folder" || return 0
	checked="$checked
$folder"
	check_owner "$folder"
	check_owner "$(cd -- "$folder" && pwd -P)"
}

# check_owner FOLDER: it and all above it, in an image up to its root.
check_owner() {
	above=$1
	while :; do
		[ -z "$root" ] || [ "$above" != "$root" ] || break
		listing=$(ls -ldnL -- "$above")
		case $listing in
		????????w[!tT]*) die 5 "every user may write to $above: $advice" ;;
		esac
		owner=${listing#* }
		while [ "$owner" != "${owner# }" ]; do owner=${owner# }; done
		owner=${owner#* }
		while [ "$owner" != "${owner# }" ]; do owner=${owner# }; done
		owner=${owner%% *}
		if [ "$owner" != 0 ]; then
			[ -n "$user_mode" ] || die 5 "$above does not belong to root: $advice"
			[ "$owner" = "$(id -u)" ] || die 5 "$above belongs neither to you nor to root: $advice"
		fi
		[ "$above" != / ] || break
		above=${above%/*}
		[ -n "$above" ] || above=/
	done
}

# check_root_folder FOLDER MODE: what a service reads as root's must be root's, whoever came first.
check_root_folder() {
	advice='it should be root'"'"'s: look at what made it, and remove it'
	[ ! -L "$1" ] || die 5 "$1 is a link: $advice"
	existing "$1"
	check_owner "$folder"
	advice=$other_prefix
}

other_prefix='choose another --prefix'
advice=$other_prefix

# Says who else has a path, on one line.
owner_of() {
	# This runs in a subshell: globbing comes back for its sake only.
	set +f
	bare=${1#"$root"}
	for other_receipt in "$base"/lib/*/receipt "$root"/usr/local/lib/*/receipt; do
		if grep -qF -- " $bare" "$other_receipt" 2>/dev/null && [ "$other_receipt" != "$receipt" ]; then
			printf 'installed by %s' "$other_receipt"
			return
		fi
	done
	below=$(sed -n "s/^$origin//p" "$1" 2>/dev/null | head -n 1) || below=''
	if [ -n "$below" ]; then
		printf 'installed with --prefix %s' "'$below'"
		return
	fi
	for known_as in "$bare" "/usr$bare" "${bare#/usr}"; do
		case $known_as in
		/*) ;;
		*) continue ;;
		esac
		if owner=$(dpkg-query ${root:+"--admindir=$root/var/lib/dpkg"} -S -- "$known_as" 2>/dev/null) && [ -n "$owner" ]; then
			printf 'installed by the package %s' "${owner%%: *}"
			return
		fi
		if owner=$(rpm_owner "$known_as") && [ -n "$owner" ]; then
			printf 'installed by the package %s' "$owner"
			return
		fi
		if owner=$(pacman_owner "$known_as") && [ -n "$owner" ]; then
			printf 'installed by the package %s' "$owner"
			return
		fi
	done
	printf '%s' "$nobody"
}

# rpm_owner PATH, pacman_owner PATH: both make a database where they find none, and so only one that is there is asked. rpm's
# is looked for wherever distributions have it: another one's rpm, which fills an image, has it elsewhere.
rpm_owner() {
	for database in /usr/lib/sysimage/rpm /var/lib/rpm /usr/share/rpm; do
		for main_file in rpmdb.sqlite Packages.db Packages; do
			[ -f "$root$database/$main_file" ] || continue
			rpm ${root:+"--root=$root"} --dbpath "$database" -qf --qf '%{NAME}' -- "$1" 2>/dev/null
			return
		done
	done
}

pacman_owner() {
	[ -d "$root/var/lib/pacman/local" ] || return 0
	pacman ${root:+"--sysroot=$root"} -Qoq -- "$1" 2>/dev/null
}

nobody='which no package owns'

check_owners() {
	each_file check_place
	for unit in $units; do
		place_of "$unit"
		known=''
		if is_installed_unit "$unit"; then known=1; fi
		for folder in $unit_paths; do
			folder=$root$folder
			found=$folder/$unit
			is_there "$found" || continue
			# Where /lib is a link to /usr/lib, systemd names both.
			[ "$(cd -P -- "$folder" && pwd -P)" != "$(cd -P -- "$unit_dir" 2>/dev/null && pwd -P)" ] || continue
			if [ -L "$found" ]; then
				case $(readlink -- "$found") in
				# A mask is an operator's decision, a link to our own unit is what "enable" may leave.
				/dev/null | "${unit_dir#"$root"}/$unit") continue ;;
				esac
			fi
			case $known${folder#"$root"} in
			1/etc/* | 1/run/* | 1*/.config/*) warn "$found hides the unit of this package; it is left alone" ;;
			*) die 5 "there is a $unit already: $found, $(owner_of "$found")" ;;
			esac
		done
	done
}

# A place is ours if the receipt lists it, free if nothing is there, and safe to take if it holds the same bytes.
check_place() {
	case $1 in
	# Whose a configuration file is was asked before; a credential has only one owner, who is giving a new one.
	receipt | config | credential) return 0 ;;
	esac
	is_there "$3" || return 0
	if is_installed "$3"; then return 0; fi
	if [ ! -L "$3" ] && [ -f "$3" ] && [ "$1" != unit ] && cmp -s -- "$2" "$3"; then
		return 0
	fi
	die 5 "$3 is there already, $(owner_of "$3"): remove it first"
}

is_installed() {
	wanted=$1
	matched=
	each_installed match
	[ -n "$matched" ]
}

match() {
	[ "$1" != "$wanted" ] || matched=1
}

is_installed_unit() {
	has_word "$installed_units" "$1"
}

# --- configuration files: an operator's as soon as they are edited ------------------------------------------------------

# Sets $to_write and $to_set_aside to the files that are written, and to those whose new version is put beside them; one
# path per line.
decide_configs() {
	to_write='' to_set_aside=''
	each_extra decide_config
}

# decide_config KIND SOURCE TARGET MODE
decide_config() {
	[ "$1" = config ] || return 0
	wanted=$3
	installed_sum=''
	each_config match_config
	if ! is_there "$3"; then
		[ -z "$installed_sum" ] || say "$3 was gone, and is put back"
		to_write="$to_write$3
"
		return 0
	fi
	if [ -z "$installed_sum" ]; then
		# What a removal left is the operator's; what somebody else installed is theirs.
		owner=$(owner_of "$3")
		[ "$owner" = "$nobody" ] || die 5 "$3 is there already, $owner: remove it first"
	fi
	if [ ! -L "$3" ] && [ ! -f "$3" ]; then
		die 5 "$3 is in the way: it is not a file"
	fi
	! cmp -s -- "$here/files/$2" "$3" || return 0
	sum_of "$3"
	if [ ! -L "$3" ] && [ "$found_sum" = "$installed_sum" ] && [ -n "$hash" ]; then
		to_write="$to_write$3
"
		return 0
	fi
	sum_of "$here/files/$2"
	if [ "$found_sum" = "$installed_sum" ] && [ -n "$hash" ] && ! is_installed "$3.new"; then
		# There is nothing new to tell the operator.
		return 0
	fi
	if [ "$found_sum" != "$installed_sum" ]; then
		say "$3 was edited and is kept; the one of this version is put beside it, as ${3##*/}.new"
	elif [ ! -e "$3.new" ]; then
		# The operator has seen it and removed it.
		return 0
	fi
	to_set_aside="$to_set_aside$3
"
}

match_config() {
	[ "$1" != "$wanted" ] || installed_sum=$2
}

# config_lines: those of the receipt, also for files that this version does not have any more.
config_lines() {
	each_extra config_line
	each_config old_config_line
}

config_line() {
	[ "$1" = config ] || return 0
	sum_of "$here/files/$2"
	printf 'config=%s %s\n' "$found_sum" "${3#"$root"}"
}

old_config_line() {
	wanted=$1
	matched=''
	each_extra match_extra
	[ -n "$matched" ] || printf 'config=%s %s\n' "$2" "${1#"$root"}"
}

match_extra() {
	[ "$3" != "$wanted" ] || matched=1
}

# Files that this version does not have any more are left, since they are the operator's.
tell_old_configs() {
	each_config tell_old_config
}

tell_old_config() {
	wanted=$1
	matched=''
	each_extra match_extra
	if [ -n "$matched" ] || ! is_there "$1"; then return 0; fi
	say "$1 is no longer used, and is left"
}

# --- the files ------------------------------------------------------------------------------------------------------

# each_file CALLBACK: with kind, source, target and mode of each file to install.
each_file() {
	callback=$1
	each_program file_of_program
	for each_unit in $units; do
		place_of "$each_unit"
		"$callback" unit "$here/systemd/$each_unit" "$unit_dir/$each_unit" 644
		[ -z "$link_dir" ] || "$callback" link "$unit_dir/$each_unit" "$link_dir/$each_unit" 777
	done
	for each_conf in $confs; do
		"$callback" conf "$here/systemd/$each_conf/$package.conf" "$conf_dir/$each_conf/$package.conf" 644
	done
	each_extra file_of_extra
	each_credential file_of_credential
	"$callback" uninstaller "$here/uninstall.sh" "$lib/uninstall.sh" 755
	# The receipt is written last, since it lists the others.
	"$callback" receipt '' "$receipt" 644
}

# file_of_program NAME TARGET
file_of_program() {
	"$callback" program "$here/bin/$1" "$2" 755
}

# file_of_extra KIND SOURCE TARGET MODE: a configuration file is written only if that was decided.
file_of_extra() {
	case $1 in
	file) "$callback" file "$here/files/$2" "$3" "$4" ;;
	config)
		! has_line "$to_write" "$3" || "$callback" config "$here/files/$2" "$3" "$4"
		! has_line "$to_set_aside" "$3" || "$callback" aside "$here/files/$2" "$3.new" "$4"
		;;
	esac
}

# file_of_credential SERVICE NAME TARGET
file_of_credential() {
	given_credential "$1" "$2"
	[ -z "$from" ] || "$callback" credential "$from" "$3" 600
}

# Where systemd looks for sysusers.d and tmpfiles.d.
find_conf_dir() {
	case $prefix in
	/usr | /usr/local) conf_dir=$base/lib ;;
	*) conf_dir=$root/usr/local/lib ;;
	esac
}

# make_dir FOLDER [MODE]: remembers in $made what it had to make.
make_dir() {
	[ ! -d "$1" ] || return 0
	case ${1%/*} in
	'') ;;
	*) make_dir "${1%/*}" ;;
	esac
	mkdir -m "${2:-755}" -- "$1"
	relabel "$1"
	made="${made}dir=${1#"$root"}
"
}

make_dir_of() {
	make_dir "${3%/*}"
}

# SELinux's label; an image gets its labels from who makes it.
relabel() {
	if [ -z "$root" ] && command -v restorecon >/dev/null; then
		restorecon -F -- "$1" 2>/dev/null || :
	fi
}

# Users are made before the first file is: a service may not start without them.
make_users() {
	[ -n "$new_users" ] || return 0
	say "making the users$new_users"
	systemd-sysusers ${root:+"--root=$root"} - <"$here/systemd/sysusers.d/$package.conf" >/dev/null ||
		die 1 "systemd-sysusers could not make the users$new_users"
	made_users=$new_users
}

# stage KIND SOURCE TARGET MODE: puts the next contents beside the target.
stage() {
	beside "$3"
	rm -rf -- "$new"
	case $1 in
	link)
		ln -s -- "${2#"$root"}" "$new"
		return
		;;
	unit) print_unit "${2##*/}" "$2" >"$new" ;;
	receipt) write_receipt "$new" ;;
	credential)
		(
			exec 9>&-
			umask 077
			if [ "$2" = - ]; then cat; else cat <"$2"; fi >"$new"
		)
		;;
	*) cat <"$2" >"$new" ;;
	esac
	# Writing the receipt looked at the other files' names.
	beside "$3"
	[ -n "$user_mode" ] || chown 0:0 -- "$new"
	chmod "$4" -- "$new"
	# A crash of the machine after the rename must not leave an empty file.
	sync -- "$new" 2>/dev/null || :
}

# print_unit NAME SOURCE: as it is installed.
print_unit() {
	if [ "$prefix" = /usr/local ]; then
		cat <"$2"
		return
	fi
	# Tells a later run with another prefix whose unit this is.
	printf '%s%s\n' "$origin" "$prefix"
	relocate "$1" "$2"
}

# relocate NAME SOURCE
relocate() {
	number=0
	while IFS= read -r line <&3; do
		number=$((number + 1))
		replacement=
		relocation "$1:$number" "$prefix_item" "$prefix_argument"
		if [ -n "$replacement" ]; then
			[ "${line%%=*}" = "${replacement%%=*}" ] ||
				die 4 "line $number of $2 is not the one that this script knows: generate both anew"
			line=$replacement
		fi
		printf '%s\n' "$line"
	done 3<"$2"
}

# unit_changed UNIT: whether the installed file is another one than this version's.
unit_changed() {
	place_of "$1"
	! print_unit "$1" "$here/systemd/$1" | cmp -s -- - "$unit_dir/$1"
}

# write_receipt DESTINATION
write_receipt() {
	{
		printf 'package=%s\nversion=%s\ntarget=%s\nprefix=%s\ninstalled-by=install.sh\n' \
			"$package" "$version" "$target" "$prefix"
		for unit in $units; do
			if has_word "$user_units" "$unit"; then
				printf 'user-unit=%s\n' "$unit"
			else
				printf 'unit=%s\n' "$unit"
			fi
		done
		for unit in $waiting; do
			printf 'waiting=%s\n' "$unit"
		done
		each_file receipt_line
		config_lines
		each_dir
	} >"$1"
}

# A credential is the operator's: nothing of it is written down.
receipt_line() {
	case $1 in
	receipt | config | credential) ;;
	link) printf 'link=%s\n' "${3#"$root"}" ;;
	aside) printf 'aside=%s\n' "${3#"$root"}" ;;
	*)
		beside "$3"
		sum_of "$new"
		printf 'file=%s %s %s\n' "$found_sum" "$4" "${3#"$root"}"
		;;
	esac
}

# The folders made now and by earlier runs, each once and outer ones first.
each_dir() {
	{
		[ ! -f "$receipt" ] || sed -n '/^dir=/p' "$receipt"
		# Ours even if a run was killed between making it and writing that down.
		printf '%sdir=%s\n' "$made" "${lib#"$root"}"
	} | sort -u
}

# keep TARGET: a second name for what is there now.
keep() {
	beside "$1"
	rm -f -- "$old"
	if [ -L "$1" ]; then
		cp -pP -- "$1" "$old"
	elif [ -e "$1" ]; then
		ln -- "$1" "$old" 2>/dev/null || cp -p -- "$1" "$old"
	fi
}

drop_kept() {
	beside "$3"
	rm -f -- "$old"
}

# replace KIND SOURCE TARGET MODE
replace() {
	keep "$3"
	# Into a folder, or one that a link leads to, mv would put the file.
	[ ! -d "$3" ] || rm -f -- "$3"
	mv -f -- "$new" "$3"
	relabel "$3"
}

journal_file() {
	if is_there "$3"; then
		printf 'file=had %s\n' "${3#"$root"}"
	else
		printf 'file=first %s\n' "${3#"$root"}"
	fi
}

# Sets $gone to the files and units of the installed version that this one does not have.
find_gone() {
	gone='' gone_units=''
	each_installed add_gone
	for unit in $installed_units; do
		has_word "$units" "$unit" || gone_units="$gone_units $unit"
	done
}

add_gone() {
	is_target "$1" || gone="$gone$1
"
}

# Whether a file of this version goes there.
is_target() {
	wanted=$1
	matched=
	each_file match_target
	[ -n "$matched" ]
}

match_target() {
	[ "$3" != "$wanted" ] || matched=1
}

# --- the services ---------------------------------------------------------------------------------------------------

# journal_unit KIND UNIT
journal_unit() {
	unit_enabled "$2"
	unit_running "$2"
	touching=no
	if has_word "$to_restart" "$2"; then touching=yes; fi
	printf 'unit=%s %s %s %s %s\n' "$1" "$2" "$enabled" "$running" "$touching"
}

journal_units() {
	for unit in $gone_units $units; do
		if is_installed_unit "$unit"; then journal_unit had "$unit"; else journal_unit first "$unit"; fi
		is_template "$unit" || continue
		instances_of "$unit"
		for instance in $instances; do journal_unit instance "$instance"; done
	done
}

# service_of UNIT: sets $service to what it starts, or to itself.
service_of() {
	service=$1
	for pair in $triggers_of; do
		[ "${pair%%:*}" != "$1" ] || service=${pair#*:}
	done
}

is_blocked() {
	service_of "$1"
	has_word "$blocked" "$service"
}

# Sets $blocked to the services that something is missing for, and $reasons to what that is, one line each.
find_blocked() {
	blocked='' reasons=''
	each_needed find_missing
	again=1
	while [ -n "$again" ]; do
		again=''
		for unit in $units; do
			if is_blocked "$unit"; then continue; fi
			needs=$(sed -n 's/^Requires=//p' "$here/systemd/$unit")
			for needed in $needs; do
				if is_service "$needed" && is_blocked "$needed"; then
					block "$unit" "it needs $needed"
					again=1
					break
				fi
			done
		done
	done
}

# find_missing UNIT file|credential PATH [NAME]: what is missing now and is not installed either.
find_missing() {
	! is_there "$3" || return 0
	if is_target "$3"; then return 0; fi
	case $2 in
	file) block "$1" "${3#"$root"} is missing: put it there" ;;
	credential) block "$1" "the credential '$4' is missing: give it with --credential $4=FILE" ;;
	esac
}

# block UNIT REASON
block() {
	has_word "$blocked" "$1" || blocked="$blocked $1"
	reasons="$reasons$1 $2
"
}

# Decides for each unit what happens to it, from the state in which it was found: sets $to_enable, $to_disable, $to_unmask,
# $to_start, $to_restart and $waiting, and $to_halt to the services that have to stop before their sockets can listen.
decide() {
	to_enable='' to_disable='' to_unmask='' to_start='' to_restart='' to_halt='' waiting=''
	find_blocked
	for unit in $units; do
		if is_template "$unit"; then
			# Instances are an operator's: those that run go on with the new version.
			instances_of "$unit"
			for instance in $instances; do
				unit_running "$instance"
				[ "$running" = no ] || to_restart="$to_restart $instance"
			done
			for instance in $fallen; do
				template_of "$instance"
				[ "$template" != "$unit" ] || to_start="$to_start $instance"
			done
		else
			decide_unit
		fi
	done
	for unit in $to_start $to_restart; do
		case $unit in
		*.socket) ;;
		*) continue ;;
		esac
		service_of "$unit"
		if has_word "$to_restart" "$service" && ! has_word "$to_halt" "$service"; then
			to_halt="$to_halt $service"
		fi
	done
}

decide_unit() {
	unit_enabled "$unit"
	unit_running "$unit"
	boot='' known=''
	if has_word "$boot_units" "$unit"; then boot=1; fi
	if is_installed_unit "$unit"; then known=1; fi
	case $enabled in
	masked*)
		if [ -z "$reset" ]; then
			say "$unit stays masked; --reset would unmask it"
			return 0
		fi
		to_unmask="$to_unmask $unit"
		;;
	esac
	if [ -n "$known" ] && [ -z "$reset" ]; then
		case $boot$enabled in
		1disabled) say "$unit stays disabled, though it is declared to start with the machine; --reset would enable it" ;;
		enabled*) say "$unit stays enabled, though it is declared to be started by hand; --reset would disable it" ;;
		esac
	elif [ -n "$boot" ]; then
		to_enable="$to_enable $unit"
	elif [ -n "$known" ]; then
		to_disable="$to_disable $unit"
	fi
	waited=''
	if has_word "$installed_waiting $fallen" "$unit"; then waited=1; fi
	is_live "$unit" || return 0
	if is_blocked "$unit"; then
		if [ "$running" = yes ]; then
			! is_service "$unit" || say "$unit is not restarted, and so still the version from before"
		elif [ -n "$waited" ] || { [ -n "$boot" ] && { [ -z "$known" ] || [ -n "$reset" ]; }; }; then
			waiting="$waiting $unit"
		fi
	elif [ "$running" = yes ]; then
		# What only starts a service goes on as it is, unless it is another one now.
		if is_service "$unit" || unit_changed "$unit"; then to_restart="$to_restart $unit"; fi
	elif [ -n "$waited" ] || { [ -n "$boot" ] && { [ -z "$known" ] || [ -n "$reset" ]; }; }; then
		to_start="$to_start $unit"
	elif [ -n "$boot" ]; then
		say "$unit was not running and is not started"
	fi
	dropins=$(manager show --property=DropInPaths --value -- "$unit" 2>/dev/null) || dropins=''
	[ -z "$dropins" ] || say "$unit keeps its drop-ins: $dropins"
}

change_services() {
	for unit in $gone_units; do
		say "removing $unit, which this version does not have"
		on_files "$unit" --quiet disable 2>/dev/null || :
	done
	reload_manager
	# shellcheck disable=SC2086 # names of units hold no spaces
	clear_failures $gone_units
	for unit in $to_unmask; do
		on_files "$unit" --quiet unmask
		on_files "$unit" --quiet --runtime unmask
	done
	for unit in $to_disable; do on_files "$unit" --quiet disable; done
	for unit in $to_enable; do on_files "$unit" --quiet enable; done
	[ -z "$root" ] || return 0
	if [ -n "$no_start" ]; then
		[ -z "$to_restart" ] || say "not restarted, and so still the version from before:$to_restart"
		return 0
	fi
	since=$(date +%s)
	failed=''
	# shellcheck disable=SC2086
	clear_failures $to_start $to_restart
	# shellcheck disable=SC2086
	[ -z "$to_halt" ] || stop_units $to_halt
	run_units triggers restart "$to_restart"
	run_units triggers start "$to_start"
	run_units services restart "$to_restart"
	run_units services start "$to_start"
	check_started
}

# run_units triggers|services VERB UNITS: those of one kind; sets $failed if systemd reports a failure.
run_units() {
	batch=''
	for unit in $3; do
		half=triggers
		! is_service "$unit" || half=services
		[ "$half" != "$1" ] || batch="$batch $unit"
	done
	# shellcheck disable=SC2086 # names of units hold no spaces
	[ -z "$batch" ] || manager --quiet "$2" -- $batch 9>&- || failed=1
}

# Every service must be up. Without readiness of its own one is "active" as soon as it runs, so it gets a moment to prove
# itself.
check_started() {
	moment=''
	for unit in $to_start $to_restart; do
		is_service "$unit" || continue
		case $(manager show --property=Type --value -- "$unit") in
		notify*) ;;
		*) moment=1 ;;
		esac
	done
	[ -n "$failed" ] || [ -z "$moment" ] || sleep 1 9>&-
	for unit in $to_start $to_restart; do
		state=$(manager is-active -- "$unit" 2>/dev/null) || :
		result=$(manager show --property=Result --value -- "$unit")
		restarts=0
		! is_service "$unit" || restarts=$(manager show --property=NRestarts --value -- "$unit")
		case $state/$result/$restarts in
		active/success/0 | reloading/success/0)
			case $unit in
			*.service) say "$unit is running" ;;
			*.socket) say "$unit is listening" ;;
			*) say "$unit is waiting" ;;
			esac
			;;
		inactive/success/0) say "$unit ran and ended without an error" ;;
		*)
			failed=1
			warn "$unit did not start ($state, $result); its last lines are:"
			if [ -n "$user_mode" ]; then
				journalctl --quiet --no-pager --user-unit="$unit" --since="@$since" --lines=20 >&2 || :
			else
				journalctl --quiet --no-pager --unit="$unit" --since="@$since" --lines=20 >&2 || :
			fi
			;;
		esac
	done
	[ -z "$failed" ] || die 7 "a service did not start"
}

# What is left for others to do.
tell_rest() {
	for unit in $blocked; do
		each_line "$reasons" tell_reason
	done
	tell_old_configs
	if [ -n "$user_mode" ]; then
		if [ -n "$boot_units" ] && [ ! -e "/var/lib/systemd/linger/$(id -un)" ]; then
			say "It runs while you are logged in. 'loginctl enable-linger' has it start with the machine and outlive your sessions."
		fi
	elif [ -z "$root" ]; then
		for unit in $user_units; do
			if is_template "$unit" || ! has_word "$boot_units" "$unit"; then continue; fi
			say "$unit starts with each user's next session; in one that runs: systemctl --user daemon-reload && systemctl --user restart $unit"
		done
	fi
}

tell_reason() {
	[ "${1%% *}" = "$unit" ] || return 0
	if [ -n "$root" ]; then
		say "$unit will not start yet: ${1#* }"
	elif has_word "$waiting" "$unit"; then
		start='and run: systemctl'
		[ -z "$user_mode" ] || start="$start --user"
		case $1 in
		*--credential*) say "$unit is enabled, but not started: ${1#* }" ;;
		*) say "$unit is enabled, but not started: ${1#* }, $start start $unit" ;;
		esac
	else
		say "$unit cannot start yet: ${1#* }"
	fi
}

# --- the run --------------------------------------------------------------------------------------------------------

# Whatever ends the script: what it began is undone, unless it was finished.
leave() {
	code=$?
	trap '' EXIT HUP INT TERM
	set +e
	if [ -n "$changing" ]; then
		[ "$code" -ne 0 ] || code=1
		warn "undoing what was begun"
		undo
		if [ -n "$left$fallen" ]; then
			code=9
			warn "not everything could be put back: see above. Once nothing is in the way of that, run this again: it goes on there"
		else
			warn "everything is as it was before"
		fi
		[ -z "$made_users" ] || warn "but for these users, which stay:$made_users"
		[ -z "$kept_dirs" ] || warn "but for these folders, which are not empty:$kept_dirs"
	fi
	drop_lock
	exit "$code"
}

finish_earlier_run() {
	[ -f "$journal" ] || return 0
	if [ -n "$dry_run" ]; then
		say "would undo an earlier run that was cut short"
		return
	fi
	if journal_says begin=install; then
		say "undoing an earlier run that was cut short"
		undo
		[ -z "$left" ] || die 9 "an earlier run could not be undone: see above. Once nothing is in the way of that, run this again"
	fi
	# What a removal left is removed or replaced below, as if nothing had been installed.
	if journal_says begin=uninstall || journal_says before=uninstall; then uninstalling=1; fi
}

describe() {
	say "would install $package $version below $base:"
	[ -z "$new_users" ] || say "  make the users$new_users"
	each_folder describe_folder
	each_file describe_file
	each_line "$gone" say '  remove '
	for unit in $gone_units; do say "  stop    $unit"; done
	for unit in $to_unmask; do say "  unmask  $unit"; done
	for unit in $to_enable; do say "  enable  $unit"; done
	for unit in $to_disable; do say "  disable $unit"; done
	if [ -z "$no_start" ] && [ -z "$root" ]; then
		for unit in $to_restart; do say "  restart $unit"; done
		for unit in $to_start; do say "  start   $unit"; done
	fi
	tell_rest
}

describe_folder() {
	[ -d "$1" ] || say "  make    $1"
}

describe_file() {
	say "  write   $3"
}

# All of it, or nothing of it.
install() {
	# Left by a run that was killed after its last step; undo would take them for the version of today.
	each_file drop_kept
	rm -f -- "$journal.done"
	found=$(
		exec 9>&-
		[ -z "$uninstalling" ] || printf 'before=uninstall\n'
		journal_units
		each_file journal_file
		each_line "$gone" journal_file '' ''
	)
	made=''
	make_dir "$lib"
	rm -f -- "$journal.new"
	printf 'begin=install\n%s\n%s' "$found" "$made" >"$journal.new"
	mv -f -- "$journal.new" "$journal"
	changing=1
	made=''
	make_users
	each_folder make_dir
	each_file make_dir_of
	printf '%s' "$made" >>"$journal"
	made=$(sed -n '/^dir=/p' "$journal")
	[ -z "$made" ] || made="$made
"
	each_file stage
	if [ -n "$gone_units" ]; then
		printf 'phase=services\n' >>"$journal"
		# shellcheck disable=SC2086 # names of units hold no spaces
		stop_units $gone_units
		[ -z "$stuck" ] || die 7 "these do not stop:$stuck"
	fi
	each_file replace
	each_line "$gone" take_away
	printf 'phase=services\n' >>"$journal"
	change_services
	mv -f -- "$journal" "$journal.done"
	changing=''
	while IFS= read -r line; do
		case $line in
		file=*)
			drop_kept '' '' "$root${line#file=* }"
			;;
		esac
	done <"$journal.done"
	rm -f -- "$journal.done"
	drop_empty_dirs
}

# What only the installed version had; undo puts it back.
take_away() {
	keep "$1"
	rm -f -- "$1"
}

# Folders that only files of the installed version were in.
drop_empty_dirs() {
	[ -n "$gone" ] || return 0
	collect_dirs "$receipt"
	remove_dirs
}

main() {
	changing='' uninstalling='' fallen='' made_users='' to_write='' to_set_aside=''
	parse "$@"
	trap '' PIPE
	check_machine
	find_conf_dir
	check_package
	check_architecture
	trap leave EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	[ -n "$dry_run" ] || take_lock
	check_image
	each_file check_inside_of
	each_extra check_inside_of
	# What is read below is believed, and so it must be root's first.
	checked=''
	check_folder_of '' '' "$receipt"
	check_receipt
	finish_earlier_run
	check_receipt
	decide_configs
	check_folders
	check_owners
	check_users
	check_space
	# What an interrupted removal left is no decision of an operator.
	[ -z "$uninstalling" ] || installed_units=''
	find_gone
	decide
	if [ -n "$dry_run" ]; then
		describe
		exit 0
	fi
	install
	if [ -n "$installed_version" ]; then
		say "$package $version is installed (it was $installed_version); $lib/uninstall.sh removes it"
	else
		say "$package $version is installed; $lib/uninstall.sh removes it"
	fi
	tell_rest
}

main "$@"
