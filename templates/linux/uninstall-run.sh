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
