#!/bin/sh
# Removes beacon; run it with --help.
# Written by `cargo svc generate`; what it removes is what the receipt of install.sh lists.
set -eu

# --- what was installed --------------------------------------------------------------------------------------------

package='beacon'
units='beacon.service'

# --- a known environment -------------------------------------------------------------------------------------------

# Nothing of the caller's decides which programs run, how they speak, or who may write what is made.
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
SYSTEMD_PAGER=''
SYSTEMD_COLORS=0
export LC_ALL PATH SYSTEMD_PAGER SYSTEMD_COLORS
unset CDPATH ENV IFS POSIXLY_CORRECT SYSTEMD_UNIT_PATH SYSTEMCTL_FORCE_BUS
umask 022
set -f

me=${0##*/}
prefix=/usr/local
quiet=''
dry_run=''
held_lock=''
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
	lib=$prefix/lib/$package
	receipt=$lib/receipt
	journal=$lib/transaction
}

# Sets $major to the running manager's version.
check_systemd() {
	if [ ! -d /run/systemd/system ] || ! command -v systemctl >/dev/null; then
		die 3 "systemd is not the init system of this machine"
	fi
	version=$(systemctl show --property=Version --value) || die 3 "systemd does not answer"
	major=${version#"${version%%[0-9]*}"}
	major=${major%%[!0-9]*}
}

# One run at a time. The kernel drops a flock with its last holder, so that what may outlive a killed script gets no copy of
# descriptor 9; without flock(1) a lock whose process is gone is taken over.
take_lock() {
	lock=/run/svc-installer-$package.lock
	if command -v flock >/dev/null; then
		while :; do
			exec 9>"$lock"
			flock -n 9 || die 6 "another run for $package is not finished"
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

# Sets $enabled: enabled, disabled, masked, ..., or not-found.
unit_enabled() {
	enabled=$(systemctl is-enabled -- "$1" 2>/dev/null) || :
	[ -n "$enabled" ] || enabled=not-found
}

# Sets $running to yes or no. A service between two automatic restarts counts as running.
unit_running() {
	case $(systemctl is-active -- "$1" 2>/dev/null || :) in
	active | activating | reloading | refreshing) running=yes ;;
	*) running=no ;;
	esac
}

# Sets $new and $old: the names beside a file under which its next and its last contents wait.
beside() {
	new=${1%/*}/.${1##*/}.svc-new
	old=${1%/*}/.${1##*/}.svc-old
}

# read_receipt: sets installed_* from the receipt, empty without one.
read_receipt() {
	installed_package='' installed_version='' installed_by='' installed_units=''
	[ -f "$receipt" ] || return 0
	while IFS= read -r line; do
		case $line in
		package=*) installed_package=${line#*=} ;;
		version=*) installed_version=${line#*=} ;;
		installed-by=*) installed_by=${line#*=} ;;
		unit=*) installed_units="$installed_units ${line#*=}" ;;
		esac
	done <"$receipt"
}

# each_installed CALLBACK: with the path of each file of the receipt.
each_installed() {
	[ -f "$receipt" ] || return 0
	while IFS= read -r line <&3; do
		case $line in
		file=*)
			path=${line#* }
			"$1" "${path#* }"
			;;
		link=*) "$1" "${line#*=}" ;;
		esac
	done 3<"$receipt"
}

# collect_dirs FILE: sets $dirs to the folders that a receipt or a journal says were made, innermost first, one per line.
collect_dirs() {
	dirs=
	while IFS= read -r line; do
		case $line in
		dir=*) dirs="${line#*=}
$dirs" ;;
		esac
	done <"$1"
}

# Those of $dirs that are empty.
remove_dirs() {
	while IFS= read -r dir; do
		[ -z "$dir" ] || rmdir -- "$dir" 2>/dev/null || :
	done <<EOF
$dirs
EOF
}

restore_enabled() {
	unit_enabled "$1"
	[ "$enabled" != "$2" ] || return 0
	case $2 in
	enabled) systemctl --quiet enable -- "$1" ;;
	enabled-runtime) systemctl --quiet --runtime enable -- "$1" ;;
	masked) systemctl --quiet mask -- "$1" ;;
	masked-runtime) systemctl --quiet --runtime mask -- "$1" ;;
	disabled) systemctl --quiet disable -- "$1" ;;
	esac || warn "$1 was $2 and could not be set to it again"
}

# read_unit_line LINE: the fields of a journal's "unit=first|had NAME ENABLED RUNNING".
read_unit_line() {
	was_enabled=${1#unit=* }
	unit=${was_enabled%% *}
	was_enabled=${was_enabled#* }
	was_running=${was_enabled#* }
	was_enabled=${was_enabled% *}
}

# Puts back what was there before the run that the journal tells of. May be cut short and run again: each step asks what is
# still to do. Without "phase=services" no service was touched, and none needs to be now.
undo() {
	touched=$(grep -c '^phase=services$' "$journal") || :
	while IFS= read -r line <&3; do
		case $line in
		unit=first\ *)
			[ "$touched" -gt 0 ] || continue
			read_unit_line "$line"
			systemctl --quiet stop -- "$unit" 2>/dev/null || :
			systemctl --quiet disable -- "$unit" 2>/dev/null || :
			restore_enabled "$unit" "$was_enabled"
			;;
		esac
	done 3<"$journal"
	while IFS= read -r line <&3; do
		case $line in
		file=had\ *)
			path=${line#file=had }
			beside "$path"
			rm -f -- "$new" || :
			# Without this copy the file was not replaced yet, or is back already.
			if [ -e "$old" ] || [ -L "$old" ]; then
				mv -f -- "$old" "$path" || warn "could not put back $path"
			fi
			;;
		file=first\ *)
			path=${line#file=first }
			beside "$path"
			rm -f -- "$new" "$path" || warn "could not remove $path"
			;;
		esac
	done 3<"$journal"
	systemctl daemon-reload || warn "systemd could not reload its units"
	while IFS= read -r line <&3; do
		case $line in
		unit=*)
			[ "$touched" -gt 0 ] || continue
			read_unit_line "$line"
			if [ "$was_running" = no ]; then
				systemctl --quiet stop -- "$unit" 2>/dev/null || :
				systemctl --quiet reset-failed -- "$unit" 2>/dev/null || :
			fi
			;;
		esac
		case $line in
		unit=had\ *)
			restore_enabled "$unit" "$was_enabled"
			if [ "$was_running" = yes ]; then
				systemctl --quiet reset-failed -- "$unit" 2>/dev/null || :
				systemctl --quiet restart -- "$unit" 9>&- || warn "$unit was running and does not start again"
			fi
			;;
		esac
	done 3<"$journal"
	collect_dirs "$journal"
	rm -f -- "$journal"
	remove_dirs
}

# --- the uninstaller ---------------------------------------------------------------------------------------------

usage() {
	cat <<EOF
Usage: $me [OPTIONS]

Removes $package. Data, and what an operator wrote about its services, stays unless --purge is given.

  --prefix DIR   what was installed below DIR; the default is where this script lies, or /usr/local
  --purge        remove the services' data, masks and drop-ins too
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
EOF
}

parse() {
	purge='' prefix_given=''
	while [ $# -gt 0 ]; do
		case $1 in
		--prefix)
			needs_argument $# "$1"
			prefix=$2
			prefix_given=1
			shift
			;;
		--prefix=*)
			prefix=${1#*=}
			prefix_given=1
			;;
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
	# Installed, it lies in PREFIX/lib/PACKAGE.
	if [ -z "$prefix_given" ] && [ -f "$here/receipt" ]; then
		prefix=${here%"/lib/$package"}
	fi
	check_prefix
}

check_receipt() {
	read_receipt
	if [ -n "$installed_package" ] && [ "$installed_package" != "$package" ]; then
		die 5 "$receipt belongs to another package, $installed_package"
	fi
	if [ -n "$installed_by" ] && [ "$installed_by" != install.sh ]; then
		die 5 "$package was installed by $installed_by: remove it with that"
	fi
}

leave() {
	code=$?
	trap '' EXIT HUP INT TERM
	drop_lock
	exit "$code"
}

stop_services() {
	# shellcheck disable=SC2086 # names of units hold no spaces
	[ -z "$installed_units" ] || systemctl --quiet stop -- $installed_units 2>/dev/null 9>&- || :
	for unit in $installed_units; do
		unit_running "$unit"
		if [ "$running" = yes ]; then
			rm -f -- "$journal"
			die 7 "$unit does not stop"
		fi
	done
}

disable_services() {
	for unit in $installed_units; do
		unit_enabled "$unit"
		case $enabled in
		# "disable" would say no more than that it is masked.
		masked*) ;;
		*) systemctl --quiet disable -- "$unit" 2>/dev/null || : ;;
		esac
	done
}

remove_file() {
	beside "$1"
	rm -f -- "$1" "$new" "$old"
}

# What an operator or the service itself made. The names of our own services are safe in a path, see the top of this script.
purge_services() {
	for unit in $purged_units; do
		systemctl --quiet unmask -- "$unit" 2>/dev/null || :
		systemctl --quiet --runtime unmask -- "$unit" 2>/dev/null || :
	done
	systemctl daemon-reload
	for unit in $purged_units; do
		# The folders that the unit or its drop-ins declare; systemd knows where they are.
		systemctl --quiet clean --what=all -- "$unit" 2>/dev/null || :
		for folder in /etc/systemd/system /run/systemd/system /etc/systemd/system.control /run/systemd/system.control; do
			rm -rf -- "$folder/$unit.d"
		done
	done
}

# Links that enable what is no longer there, and copies that "systemctl edit --full" made.
purge_leftovers() {
	for unit in $purged_units; do
		for folder in /etc/systemd/system /run/systemd/system; do
			[ -d "$folder" ] || continue
			find "$folder" -maxdepth 2 -name "$unit" \( -type l -o -type f \) -exec rm -f -- {} +
		done
	done
}

# Sets $purged_units to the installed ones and those of this script, each once.
find_purged_units() {
	purged_units=$installed_units
	for unit in $units; do
		case " $purged_units " in
		*" $unit "*) ;;
		*) purged_units="$purged_units $unit" ;;
		esac
	done
}

# Without a receipt nothing says that a unit of this name is ours, or that its data is.
check_strangers() {
	for unit in $units; do
		for folder in $(systemctl show --property=UnitPath --value); do
			# A mask is no file.
			[ ! -f "$folder/$unit" ] ||
				die 5 "there is a $unit in $folder, but $package is not installed below $prefix: nothing was purged"
		done
	done
}

describe() {
	say "would remove $package $installed_version below $prefix:"
	for unit in $installed_units; do say "  stop    $unit"; done
	each_installed describe_file
	[ ! -f "$receipt" ] || say "  remove  $receipt"
	[ -n "$purge" ] || return 0
	for unit in $purged_units; do say "  purge   $unit"; done
}

describe_file() {
	say "  remove  $1"
}

remove() {
	if [ -d "$lib" ]; then
		# Tells a later install.sh that what it finds stopped and disabled was no operator's decision.
		printf 'begin=uninstall\n' >"$journal.new"
		mv -f -- "$journal.new" "$journal"
	fi
	stop_services
	disable_services
	[ -z "$purge" ] || purge_services
	each_installed remove_file
	[ -z "$purge" ] || purge_leftovers
	systemctl daemon-reload
	for unit in $installed_units; do
		systemctl --quiet reset-failed -- "$unit" 2>/dev/null || :
	done
	dirs=''
	[ ! -f "$receipt" ] || collect_dirs "$receipt"
	beside "$receipt"
	dirs="$lib
$dirs"
	rm -f -- "$receipt" "$new" "$old" "$journal" "$journal.done"
	remove_dirs
}

main() {
	parse "$@"
	if [ -z "$dry_run" ] && [ "$(id -u)" -ne 0 ]; then
		die 3 "only root can remove services; --dry-run shows what would be done"
	fi
	check_systemd
	trap leave EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	trap '' PIPE
	[ -n "$dry_run" ] || take_lock
	check_receipt
	if [ -z "$dry_run" ] && [ -f "$journal" ] && [ "$(head -n 1 "$journal")" = begin=install ]; then
		say "undoing an installation that was cut short"
		undo
		check_receipt
	fi
	find_purged_units
	if [ -n "$dry_run" ]; then
		describe
		exit 0
	fi
	if [ ! -f "$receipt" ] && [ -z "$purge" ]; then
		say "$package is not installed below $prefix"
		exit 0
	fi
	[ -f "$receipt" ] || check_strangers
	remove
	if [ -n "$purge" ]; then
		say "$package and its data are removed"
	else
		say "$package is removed; its data stays"
	fi
}

main "$@"
