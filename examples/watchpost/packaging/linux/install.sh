#!/bin/sh
# Installs watchpost from the folder that this script lies in; run it with --help.
# Written by `cargo svc generate`; what it installs is declared in Cargo.toml.
set -eu

# --- what is installed ---------------------------------------------------------------------------------------------

package='watchpost'
min_systemd=247
units='watchpost.service'
boot_units='watchpost.service'

# each_program COMMAND...: runs it with the name of each program.
each_program() {
	"$@" 'watchpost'
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

# --- the installer --------------------------------------------------------------------------------------------------

usage() {
	cat <<EOF
Usage: $me [OPTIONS]

Installs $package, or upgrades or repairs what is installed of it.

  --prefix DIR   install below DIR instead of /usr/local
  --no-start     start and restart nothing
  --reset        put enabled, disabled and masked states back to what is declared
  --dry-run      say what would be done, and do nothing
  -q, --quiet    say only what went wrong
  -h, --help     show this

An upgrade keeps what an operator decided: drop-ins, and services that are disabled, masked or stopped.

Exit codes:
  0  done
  1  it failed; everything is as it was before
  2  the command line is wrong
  3  this machine cannot take it: not root, no systemd $min_systemd or newer, another architecture, no space
  4  a file of the package is missing or damaged
  5  something else owns a service, a file or the place
  6  another run is not finished
  7  a service did not start; everything is as it was before
EOF
}

# Begins the line that says where a unit's program is, if it is not below /usr/local.
origin='# Installed below '

parse() {
	no_start='' reset=''
	while [ $# -gt 0 ]; do
		case $1 in
		--prefix)
			needs_argument $# "$1"
			prefix=$2
			shift
			;;
		--prefix=*) prefix=${1#*=} ;;
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
	check_prefix
	unit_dir=$prefix/lib/systemd/system
	doubled "$prefix" '%'
	prefix_item=$doubled
	doubled "$prefix_item" '$'
	prefix_argument=$doubled
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
	if [ -z "$dry_run" ] && [ "$(id -u)" -ne 0 ]; then
		die 3 "only root can install services; --dry-run shows what would be done"
	fi
	check_systemd
	case $major in
	'') die 3 "systemd does not say its version" ;;
	esac
	[ "$major" -ge "$min_systemd" ] ||
		die 3 "systemd $major is too old: $package needs $min_systemd or newer"
	unit_paths=$(systemctl show --property=UnitPath --value)
	case " $unit_paths " in
	*" $unit_dir "*) link_dir='' ;;
	*)
		# systemd does not look there: the units go where it does, with a link from the prefix.
		link_dir=$unit_dir
		unit_dir=/usr/local/lib/systemd/system
		;;
	esac
}

# Sets version and target from PACKAGE, and compares the package's files with it.
check_package() {
	version='' target=''
	listed='
'
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
				found=$(sha256sum <"$here/$path")
				[ "${found%% *}" = "$sum" ] || die 4 "$here/$path is damaged: its SHA-256 is not the one in PACKAGE"
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
}

check_listed() {
	case $1 in
	program | unit | uninstaller) ;;
	*) return 0 ;;
	esac
	case $listed in
	*"
${2#"$here/"}
"*) ;;
	*) die 4 "$here/PACKAGE is damaged: it does not list ${2#"$here/"}" ;;
	esac
}

check_architecture() {
	machine=$(uname -m)
	case $target in
	*-linux-*) ;;
	*) die 3 "this package is for $target, not for Linux" ;;
	esac
	case ${target%%-*}/$machine in
	x86_64/x86_64 | aarch64/aarch64 | riscv64*/riscv64 | s390x/s390x | loongarch64/loongarch64) ;;
	powerpc64le/ppc64le | powerpc64/ppc64 | powerpc/ppc*) ;;
	i[3-6]86/i?86 | i[3-6]86/x86_64) ;;
	arm*/arm* | arm*/aarch64 | thumb*/arm* | thumb*/aarch64) ;;
	"$machine/$machine") ;;
	*) die 3 "this package is for $target, and this machine is $machine" ;;
	esac
}

# existing FOLDER: sets $folder to it, or to the nearest one above it that is there.
existing() {
	folder=$1
	while [ ! -d "$folder" ]; do
		if [ -e "$folder" ] || [ -L "$folder" ]; then
			die 5 "$folder is in the way: it is not a folder"
		fi
		folder=${folder%/*}
		[ -n "$folder" ] || folder=/
	done
}

# Nobody but root may be able to change a folder that root's services start from.
check_folders() {
	for wanted in "$lib" "$prefix/bin" "$unit_dir" ${link_dir:+"$link_dir"}; do
		existing "$wanted"
		check_owner "$folder"
		check_owner "$(cd -- "$folder" && pwd -P)"
	done
}

# check_owner FOLDER: it and all above it.
check_owner() {
	above=$1
	while :; do
		listing=$(ls -ldnL -- "$above")
		case $listing in
		????????w[!tT]*) die 5 "every user may write to $above: choose another --prefix" ;;
		esac
		owner=${listing#* }
		while [ "$owner" != "${owner# }" ]; do owner=${owner# }; done
		owner=${owner#* }
		while [ "$owner" != "${owner# }" ]; do owner=${owner# }; done
		[ "${owner%% *}" = 0 ] || die 5 "$above does not belong to root: choose another --prefix"
		[ "$above" != / ] || break
		above=${above%/*}
		[ -n "$above" ] || above=/
	done
}

check_space() {
	each_file add_size
	kib=$((size / 1024 + 1024))
	for wanted in "$prefix/bin" "$unit_dir" "$lib"; do
		existing "$wanted"
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
		'' | *[!0-9]*) continue ;;
		esac
		[ "$free" -ge "$kib" ] || die 3 "$folder has $free KiB left, and $kib KiB are needed"
	done
}

size=0
add_size() {
	case $1 in
	program | unit | uninstaller) size=$((size + $(wc -c <"$2"))) ;;
	esac
}

# Says who else has a path, on one line.
owner_of() {
	# This runs in a subshell: globbing comes back for its sake only.
	set +f
	for other_receipt in "$prefix"/lib/*/receipt /usr/local/lib/*/receipt; do
		if grep -qF -- " $1" "$other_receipt" 2>/dev/null && [ "$other_receipt" != "$receipt" ]; then
			printf 'installed by %s' "$other_receipt"
			return
		fi
	done
	below=$(sed -n "s/^$origin//p" "$1" 2>/dev/null | head -n 1) || below=''
	if [ -n "$below" ]; then
		printf 'installed with --prefix %s' "'$below'"
		return
	fi
	for known_as in "$1" "/usr$1" "${1#/usr}"; do
		case $known_as in
		/*) ;;
		*) continue ;;
		esac
		if owner=$(dpkg -S -- "$known_as" 2>/dev/null) && [ -n "$owner" ]; then
			printf 'installed by the package %s' "${owner%%: *}"
			return
		fi
		if owner=$(rpm -qf --qf '%{NAME}' -- "$known_as" 2>/dev/null) && [ -n "$owner" ]; then
			printf 'installed by the package %s' "$owner"
			return
		fi
		if owner=$(pacman -Qoq -- "$known_as" 2>/dev/null) && [ -n "$owner" ]; then
			printf 'installed by the package %s' "$owner"
			return
		fi
	done
	printf 'which no package owns'
}

check_receipt() {
	read_receipt
	if [ -n "$installed_package" ] && [ "$installed_package" != "$package" ]; then
		die 5 "$receipt belongs to another package, $installed_package"
	fi
	if [ -n "$installed_by" ] && [ "$installed_by" != install.sh ]; then
		die 5 "$package was installed by $installed_by: remove it with that first"
	fi
}

check_owners() {
	each_file check_place
	for unit in $units; do
		known=''
		if is_installed_unit "$unit"; then known=1; fi
		for folder in $unit_paths; do
			found=$folder/$unit
			[ -e "$found" ] || [ -L "$found" ] || continue
			# Where /lib is a link to /usr/lib, systemd names both.
			[ "$(cd -P -- "$folder" && pwd -P)" != "$(cd -P -- "$unit_dir" 2>/dev/null && pwd -P)" ] || continue
			if [ -L "$found" ]; then
				case $(readlink -- "$found") in
				# A mask is an operator's decision, a link to our own unit is what "enable" may leave.
				/dev/null | "$unit_dir/$unit") continue ;;
				esac
			fi
			case $known$folder in
			1/etc/* | 1/run/*) warn "$found hides the unit of this package; it is left alone" ;;
			*) die 5 "there is a $unit already: $found, $(owner_of "$found")" ;;
			esac
		done
	done
}

# A place is ours if the receipt lists it, free if nothing is there, and safe to take if it holds the same bytes.
check_place() {
	case $1 in
	receipt) return 0 ;;
	esac
	[ -e "$3" ] || [ -L "$3" ] || return 0
	is_installed "$3" && return 0
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
	case " $installed_units " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

# --- the files ------------------------------------------------------------------------------------------------------

# each_file CALLBACK: with kind, source, target and mode of each file to install.
each_file() {
	callback=$1
	each_program file_of_program
	for unit in $units; do
		"$callback" unit "$here/systemd/$unit" "$unit_dir/$unit" 644
		[ -z "$link_dir" ] || "$callback" link "$unit_dir/$unit" "$link_dir/$unit" 777
	done
	"$callback" uninstaller "$here/uninstall.sh" "$lib/uninstall.sh" 755
	# The receipt is written last, since it lists the others.
	"$callback" receipt '' "$receipt" 644
}

file_of_program() {
	"$callback" program "$here/bin/$1" "$prefix/bin/$1" 755
}

# make_dir FOLDER: remembers in $made what it had to make.
make_dir() {
	[ ! -d "$1" ] || return 0
	case ${1%/*} in
	'') ;;
	*) make_dir "${1%/*}" ;;
	esac
	mkdir -m 755 -- "$1"
	made="${made}dir=$1
"
}

# stage KIND SOURCE TARGET MODE: puts the next contents beside the target.
stage() {
	beside "$3"
	rm -rf -- "$new"
	case $1 in
	link)
		ln -s -- "$2" "$new"
		return
		;;
	unit) write_unit "${2##*/}" "$2" "$new" ;;
	receipt) write_receipt "$new" ;;
	*) cat <"$2" >"$new" ;;
	esac
	# Writing the receipt looked at the other files' names.
	beside "$3"
	chown 0:0 -- "$new"
	chmod "$4" -- "$new"
	# A crash of the machine after the rename must not leave an empty file.
	sync -- "$new" 2>/dev/null || :
}

# write_unit NAME SOURCE DESTINATION
write_unit() {
	if [ "$prefix" = /usr/local ]; then
		cat <"$2" >"$3"
		return
	fi
	number=0
	{
		# Tells a later run with another prefix whose unit this is.
		printf '%s%s\n' "$origin" "$prefix"
		relocate "$1" "$2"
	} >"$3"
}

# relocate NAME SOURCE
relocate() {
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

# write_receipt DESTINATION
write_receipt() {
	{
		printf 'package=%s\nversion=%s\ntarget=%s\nprefix=%s\ninstalled-by=install.sh\n' \
			"$package" "$version" "$target" "$prefix"
		for unit in $units; do
			printf 'unit=%s\n' "$unit"
		done
		each_file receipt_line
		each_dir
	} >"$1"
}

receipt_line() {
	case $1 in
	receipt) ;;
	link) printf 'link=%s\n' "$3" ;;
	*)
		beside "$3"
		sum=unknown
		[ -z "$hash" ] || sum=$(sha256sum <"$new")
		printf 'file=%s %s %s\n' "${sum%% *}" "$4" "$3"
		;;
	esac
}

# The folders made now and by earlier runs, each once and outer ones first.
each_dir() {
	{
		[ ! -f "$receipt" ] || sed -n '/^dir=/p' "$receipt"
		# Ours even if a run was killed between making it and writing that down.
		printf '%sdir=%s\n' "$made" "$lib"
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
	mv -f -- "$new" "$3"
	if command -v restorecon >/dev/null; then
		restorecon -F -- "$3" 2>/dev/null || :
	fi
}

journal_file() {
	if [ -e "$3" ] || [ -L "$3" ]; then
		printf 'file=had %s\n' "$3"
	else
		printf 'file=first %s\n' "$3"
	fi
}

# Sets $gone to the files and units of the installed version that this one does not have.
find_gone() {
	gone='' gone_units=''
	each_installed add_gone
	for unit in $installed_units; do
		case " $units " in
		*" $unit "*) ;;
		*) gone_units="$gone_units $unit" ;;
		esac
	done
}

add_gone() {
	wanted=$1
	matched=
	each_file match_target
	[ -n "$matched" ] || gone="$gone$1
"
}

match_target() {
	[ "$3" != "$wanted" ] || matched=1
}

# --- the services ---------------------------------------------------------------------------------------------------

journal_unit() {
	unit_enabled "$1"
	unit_running "$1"
	if is_installed_unit "$1"; then
		printf 'unit=had %s %s %s\n' "$1" "$enabled" "$running"
	else
		printf 'unit=first %s %s %s\n' "$1" "$enabled" "$running"
	fi
}

is_boot_unit() {
	case " $boot_units " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

# Decides for each unit what happens to it, from the state in which it was found: sets $to_enable, $to_disable, $to_unmask,
# $to_start and $to_restart.
decide() {
	to_enable='' to_disable='' to_unmask='' to_start='' to_restart=''
	for unit in $units; do
		unit_enabled "$unit"
		unit_running "$unit"
		boot='' known=''
		if is_boot_unit "$unit"; then boot=1; fi
		if is_installed_unit "$unit"; then known=1; fi
		case $enabled in
		masked*)
			if [ -z "$reset" ]; then
				say "$unit stays masked; --reset would unmask it"
				continue
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
		if [ "$running" = yes ]; then
			to_restart="$to_restart $unit"
		elif [ -n "$boot" ] && { [ -z "$known" ] || [ -n "$reset" ]; }; then
			to_start="$to_start $unit"
		elif [ -n "$boot" ]; then
			say "$unit was not running and is not started"
		fi
		dropins=$(systemctl show --property=DropInPaths --value -- "$unit" 2>/dev/null) || dropins=''
		[ -z "$dropins" ] || say "$unit keeps its drop-ins: $dropins"
	done
}

change_services() {
	for unit in $gone_units; do
		say "removing $unit, which this version does not have"
		systemctl --quiet disable -- "$unit" 2>/dev/null || :
	done
	systemctl daemon-reload
	for unit in $gone_units; do
		systemctl --quiet reset-failed -- "$unit" 2>/dev/null || :
	done
	for unit in $to_unmask; do
		systemctl --quiet unmask -- "$unit"
		systemctl --quiet --runtime unmask -- "$unit"
	done
	for unit in $to_disable; do systemctl --quiet disable -- "$unit"; done
	for unit in $to_enable; do systemctl --quiet enable -- "$unit"; done
	if [ -n "$no_start" ]; then
		[ -z "$to_restart" ] || say "not restarted, and so still the version from before:$to_restart"
		return 0
	fi
	since=$(date +%s)
	failed=''
	for unit in $to_start $to_restart; do
		systemctl --quiet reset-failed -- "$unit" 2>/dev/null || :
	done
	# shellcheck disable=SC2086 # names of units hold no spaces
	[ -z "$to_restart" ] || systemctl --quiet restart -- $to_restart 9>&- || failed=1
	# shellcheck disable=SC2086
	[ -z "$to_start" ] || systemctl --quiet start -- $to_start 9>&- || failed=1
	check_started "$failed"
}

# check_started FAILED: every service must be up. Without readiness of its own one is "active" as soon as it runs, so it gets a
# moment to prove itself.
check_started() {
	failed=$1
	moment=''
	for unit in $to_start $to_restart; do
		case $(systemctl show --property=Type --value -- "$unit") in
		notify*) ;;
		*) moment=1 ;;
		esac
	done
	[ -n "$failed" ] || [ -z "$moment" ] || sleep 1 9>&-
	for unit in $to_start $to_restart; do
		state=$(systemctl is-active -- "$unit" 2>/dev/null) || :
		result=$(systemctl show --property=Result --value -- "$unit")
		restarts=$(systemctl show --property=NRestarts --value -- "$unit")
		case $state/$result/$restarts in
		active/success/0 | reloading/success/0) say "$unit is running" ;;
		inactive/success/0) say "$unit ran and ended without an error" ;;
		*)
			failed=1
			warn "$unit did not start ($state, $result); its last lines are:"
			journalctl --quiet --no-pager --unit="$unit" --since="@$since" --lines=20 >&2 || :
			;;
		esac
	done
	[ -z "$failed" ] || die 7 "a service did not start"
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
		[ -z "$uninstalling" ] || printf 'begin=uninstall\n' >"$journal"
		warn "everything is as it was before"
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
	case $(head -n 1 "$journal") in
	begin=install)
		say "undoing an earlier run that was cut short"
		undo
		;;
	# What it left is removed or replaced below, as if nothing had been installed.
	begin=uninstall) uninstalling=1 ;;
	esac
}

describe() {
	say "would install $package $version below $prefix:"
	each_file describe_file
	while IFS= read -r path; do
		[ -z "$path" ] || say "  remove  $path"
	done <<EOF
$gone
EOF
	for unit in $gone_units; do say "  stop    $unit"; done
	for unit in $to_unmask; do say "  unmask  $unit"; done
	for unit in $to_enable; do say "  enable  $unit"; done
	for unit in $to_disable; do say "  disable $unit"; done
	[ -z "$no_start" ] || return 0
	for unit in $to_restart; do say "  restart $unit"; done
	for unit in $to_start; do say "  start   $unit"; done
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
		for unit in $gone_units $units; do journal_unit "$unit"; done
		each_file journal_file
		while IFS= read -r path; do
			[ -z "$path" ] || journal_file '' '' "$path"
		done <<EOF
$gone
EOF
	)
	made=''
	make_dir "$lib"
	printf 'begin=install\n%s\n%s' "$found" "$made" >"$journal.new"
	mv -f -- "$journal.new" "$journal"
	changing=1
	for folder in "$prefix/bin" "$unit_dir" ${link_dir:+"$link_dir"}; do
		made=''
		make_dir "$folder"
		printf '%s' "$made" >>"$journal"
	done
	made=$(sed -n '/^dir=/p' "$journal")
	[ -z "$made" ] || made="$made
"
	each_file stage
	if [ -n "$gone_units" ]; then
		printf 'phase=services\n' >>"$journal"
		# shellcheck disable=SC2086 # names of units hold no spaces
		systemctl --quiet stop -- $gone_units
	fi
	each_file replace
	while IFS= read -r path; do
		[ -n "$path" ] || continue
		keep "$path"
		rm -f -- "$path"
	done <<EOF
$gone
EOF
	printf 'phase=services\n' >>"$journal"
	change_services
	mv -f -- "$journal" "$journal.done"
	changing=''
	while IFS= read -r line; do
		case $line in
		file=*)
			drop_kept '' '' "${line#file=* }"
			;;
		esac
	done <"$journal.done"
	rm -f -- "$journal.done"
	drop_empty_dirs
}

# Folders that only files of the installed version were in.
drop_empty_dirs() {
	[ -n "$gone" ] || return 0
	collect_dirs "$receipt"
	remove_dirs
}

main() {
	changing='' uninstalling='' link_dir=''
	parse "$@"
	trap '' PIPE
	check_machine
	check_package
	check_architecture
	trap leave EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	[ -n "$dry_run" ] || take_lock
	check_folders
	check_receipt
	finish_earlier_run
	check_receipt
	check_owners
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
}

main "$@"
