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
