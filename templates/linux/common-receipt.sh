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
