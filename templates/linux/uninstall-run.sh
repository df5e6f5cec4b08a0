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
