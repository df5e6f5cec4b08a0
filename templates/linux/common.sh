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
