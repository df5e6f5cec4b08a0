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
