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
