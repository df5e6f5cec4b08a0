#!/bin/sh
# Removes watchpost; run it with --help.
# Written by `cargo svc generate`; what it removes is what the receipt of install.sh lists.
set -eu

# --- what was installed --------------------------------------------------------------------------------------------

package='watchpost'
units='watchpost.service'
user_units=''
users=''

# each_own_config COMMAND...: with the place of each configuration file.
# shellcheck disable=SC2016 # a path may hold what looks like a variable
each_own_config() {
	:
}

# each_folder COMMAND...: with place and mode of each folder that is root's.
each_folder() {
	:
}

# each_credential COMMAND...: with service, name and place of each secret that an operator gave.
each_credential() {
	:
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

# --- what only --purge removes ----------------------------------------------------------------------------------------

# Sets $purged_units to the installed ones and those of this script, each once, and $purged_files to the operator's files.
find_purged() {
	purged_units=$installed_units
	for unit in $units; do
		has_word "$purged_units" "$unit" || purged_units="$purged_units $unit"
	done
	purged_files=''
	each_config add_purged_file
	each_own_config add_purged_file
	each_credential add_purged_credential
}

add_purged_file() {
	has_line "$purged_files" "$1" || purged_files="$purged_files$1
"
}

# add_purged_credential SERVICE NAME PLACE
add_purged_credential() {
	add_purged_file "$3"
}

# Without a receipt nothing says that a unit of this name is ours, or that its data is.
check_strangers() {
	for unit in $units; do
		place_of "$unit"
		for folder in $unit_paths; do
			# A mask is no file.
			[ ! -f "$root$folder/$unit" ] ||
				die 5 "there is a $unit in $root$folder, but $package is not installed below $base: nothing was purged"
		done
	done
}

# What an operator or the service itself made. The names of our own services are safe in a path.
purge_services() {
	for unit in $purged_units; do
		on_files "$unit" --quiet unmask 2>/dev/null || :
		on_files "$unit" --quiet --runtime unmask 2>/dev/null || :
	done
	reload_manager
	for unit in $purged_units; do
		each_operator_dir "$unit" purge_drop_ins "$unit"
		is_live "$unit" || continue
		cleaned=$unit
		if is_template "$unit"; then
			instances_of "$unit"
			cleaned=$instances
		fi
		# The folders that the unit or its drop-ins declare; systemd knows where they are.
		for data_of in $cleaned; do
			manager --quiet clean --what=all -- "$data_of" 2>/dev/null || :
		done
	done
}

# purge_drop_ins UNIT FOLDER
purge_drop_ins() {
	rm -rf -- "$2/$1.d"
}

# Links that enable what is no longer there, and copies that "systemctl edit --full" made.
purge_leftovers() {
	for unit in $purged_units; do
		pattern_of "$unit"
		each_operator_dir "$unit" purge_links
	done
}

purge_links() {
	[ -d "$1" ] || return 0
	find "$1" -maxdepth 2 -name "$pattern" \( -type l -o -type f \) -exec rm -f -- {} +
}

# --- the uninstaller ---------------------------------------------------------------------------------------------

usage() {
	cat <<EOF
Usage: $me [OPTIONS]

Removes $package. Data, configuration files, credentials, and what an operator wrote about its services, stay unless --purge
is given. Users are never removed.

  --prefix DIR   what was installed below DIR; the default is where this script lies, or /usr/local
  --root DIR     remove it from the image in DIR
  --purge        remove the services' data, configuration files, credentials, masks and drop-ins too
  --dry-run      say what would be done, and do nothing
  -q, --quiet    say only what went wrong
  -h, --help     show this

Exit codes:
  0  done, or nothing was installed
  1  it failed; running it again goes on
  2  the command line is wrong
  3  this machine cannot do it: not root, no systemd
  5  something else owns what is installed
  6  another run is not finished
  7  a service did not stop; nothing was removed
  9  an installation that was cut short could not be undone: what is left of it was named, and nothing was removed
EOF
}

parse() {
	purge='' prefix_given=''
	while [ $# -gt 0 ]; do
		case $1 in
		--prefix | --root)
			needs_argument $# "$1"
			take_option "$1" "$2"
			shift
			;;
		--prefix=* | --root=*) take_option "${1%%=*}" "${1#*=}" ;;
		--purge) purge=1 ;;
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
	[ -n "$prefix_given" ] || [ ! -f "$here/receipt" ] || find_prefix
	settle
}

# Installed, it lies in PREFIX/lib/PACKAGE.
find_prefix() {
	prefix_given=1
	image=''
	if [ -n "$root" ] && [ -d "$root" ]; then
		image=$(cd -- "$root" && pwd -P)
		[ "$image" != / ] || image=''
	fi
	# A link may lead there from the prefix that the units know.
	prefix=$(sed -n 's/^prefix=//p' "$here/receipt")
	if [ "$(cd -- "$image$prefix/lib/$package" 2>/dev/null && pwd -P)" != "$here" ]; then
		prefix=${here%"/lib/$package"}
		prefix=${prefix#"$image"}
	fi
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
	esac
}

leave() {
	code=$?
	trap '' EXIT HUP INT TERM
	drop_lock
	exit "$code"
}

stop_services() {
	# shellcheck disable=SC2086 # names of units hold no spaces
	stop_units $installed_units
	if [ -n "$stuck" ]; then
		rm -f -- "$journal"
		die 7 "these do not stop:$stuck"
	fi
}

disable_services() {
	for unit in $installed_units; do
		unit_enabled "$unit"
		case $enabled in
		# "disable" would say no more than that it is masked.
		masked*) ;;
		*) on_files "$unit" --quiet disable 2>/dev/null || : ;;
		esac
	done
}

remove_file() {
	beside "$1"
	rm -f -- "$1" "$new" "$old"
}

describe() {
	say "would remove $package $installed_version below $base:"
	for unit in $installed_units; do say "  stop    $unit"; done
	each_installed describe_file
	[ ! -f "$receipt" ] || say "  remove  $receipt"
	if [ -z "$purge" ]; then
		tell_kept
		return 0
	fi
	for unit in $purged_units; do say "  purge   $unit"; done
	each_line "$purged_files" describe_file
}

describe_file() {
	say "  remove  $1"
}

# What stays, and would otherwise be looked for.
tell_kept() {
	each_line "$purged_files" tell_kept_file
}

tell_kept_file() {
	! is_there "$1" || say "$1 is kept; --purge would remove it"
}

remove() {
	[ ! -d "$lib" ] || journal_removal
	stop_services
	disable_services
	[ -z "$purge" ] || purge_services
	each_installed remove_file
	if [ -n "$purge" ]; then
		purge_leftovers
		each_line "$purged_files" remove_file
	fi
	reload_manager
	# shellcheck disable=SC2086 # names of units hold no spaces
	clear_failures $installed_units
	dirs=''
	[ ! -f "$receipt" ] || collect_dirs "$receipt"
	[ -z "$purge" ] || each_folder add_dir
	beside "$receipt"
	dirs="$lib
$dirs"
	rm -f -- "$receipt" "$new" "$old" "$journal" "$journal.done"
	remove_dirs
}

# Those that only hold what was purged go, but for the one that all services share.
add_dir() {
	[ "$1" != "$root/etc/credstore" ] || return 0
	dirs="$1
$dirs"
}

main() {
	parse "$@"
	check_privileges remove
	check_systemd
	find_places
	trap leave EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap '' PIPE
	[ -n "$dry_run" ] || take_lock
	check_image
	check_receipt
	if [ -n "$user_mode" ] && [ -z "$dry_run" ] && [ -f "$receipt" ] && [ ! -w "$lib" ]; then
		die 3 "$package was installed by root below $prefix: only root can remove it"
	fi
	if [ -z "$dry_run" ] && journal_says begin=install; then
		say "undoing an installation that was cut short"
		undo
		[ -z "$left" ] || die 9 "an installation could not be undone: see above. Once nothing is in the way, run this again"
		check_receipt
	fi
	find_purged
	each_line "$purged_files" check_inside_of '' ''
	if [ -n "$dry_run" ]; then
		describe
		exit 0
	fi
	if [ ! -f "$receipt" ] && [ -z "$purge" ]; then
		say "$package is not installed below $base"
		exit 0
	fi
	[ -f "$receipt" ] || check_strangers
	remove
	if [ -n "$purge" ]; then
		say "$package and its data are removed"
	else
		say "$package is removed; its data stays"
		tell_kept
	fi
	for user in $users; do
		say "the user $user stays; what it owns would otherwise be the next new user's"
	done
}

main "$@"
