# --- checks: whose is what is there ---------------------------------------------------------------------------------

# existing FOLDER: sets $folder to it, or to the nearest one above it that is there.
existing() {
	folder=$1
	while [ ! -d "$folder" ]; do
		if is_there "$folder"; then
			die 5 "$folder is in the way: it is not a folder"
		fi
		folder=${folder%/*}
		[ -n "$folder" ] || folder=/
	done
}

# Nobody but root may be able to change a folder that root's services start from; a user's may belong to the user.
check_folders() {
	each_file check_folder_of
	each_folder check_root_folder
}

check_folder_of() {
	existing "${3%/*}"
	! has_line "$checked" "$folder" || return 0
	checked="$checked
$folder"
	check_owner "$folder"
	check_owner "$(cd -- "$folder" && pwd -P)"
}

# check_owner FOLDER: it and all above it, in an image up to its root.
check_owner() {
	above=$1
	while :; do
		[ -z "$root" ] || [ "$above" != "$root" ] || break
		listing=$(ls -ldnL -- "$above")
		case $listing in
		????????w[!tT]*) die 5 "every user may write to $above: $advice" ;;
		esac
		owner=${listing#* }
		while [ "$owner" != "${owner# }" ]; do owner=${owner# }; done
		owner=${owner#* }
		while [ "$owner" != "${owner# }" ]; do owner=${owner# }; done
		owner=${owner%% *}
		if [ "$owner" != 0 ]; then
			[ -n "$user_mode" ] || die 5 "$above does not belong to root: $advice"
			[ "$owner" = "$(id -u)" ] || die 5 "$above belongs neither to you nor to root: $advice"
		fi
		[ "$above" != / ] || break
		above=${above%/*}
		[ -n "$above" ] || above=/
	done
}

# check_root_folder FOLDER MODE: what a service reads as root's must be root's, whoever came first.
check_root_folder() {
	advice='it should be root'"'"'s: look at what made it, and remove it'
	[ ! -L "$1" ] || die 5 "$1 is a link: $advice"
	existing "$1"
	check_owner "$folder"
	advice=$other_prefix
}

other_prefix='choose another --prefix'
advice=$other_prefix

# Says who else has a path, on one line.
owner_of() {
	# This runs in a subshell: globbing comes back for its sake only.
	set +f
	bare=${1#"$root"}
	for other_receipt in "$base"/lib/*/receipt "$root"/usr/local/lib/*/receipt; do
		if grep -qF -- " $bare" "$other_receipt" 2>/dev/null && [ "$other_receipt" != "$receipt" ]; then
			printf 'installed by %s' "$other_receipt"
			return
		fi
	done
	below=$(sed -n "s/^$origin//p" "$1" 2>/dev/null | head -n 1) || below=''
	if [ -n "$below" ]; then
		printf 'installed with --prefix %s' "'$below'"
		return
	fi
	for known_as in "$bare" "/usr$bare" "${bare#/usr}"; do
		case $known_as in
		/*) ;;
		*) continue ;;
		esac
		if owner=$(dpkg-query ${root:+"--admindir=$root/var/lib/dpkg"} -S -- "$known_as" 2>/dev/null) && [ -n "$owner" ]; then
			printf 'installed by the package %s' "${owner%%: *}"
			return
		fi
		if owner=$(rpm_owner "$known_as") && [ -n "$owner" ]; then
			printf 'installed by the package %s' "$owner"
			return
		fi
		if owner=$(pacman_owner "$known_as") && [ -n "$owner" ]; then
			printf 'installed by the package %s' "$owner"
			return
		fi
	done
	printf '%s' "$nobody"
}

# rpm_owner PATH, pacman_owner PATH: both make a database where they find none, and so only one that is there is asked. rpm's
# is looked for wherever distributions have it: another one's rpm, which fills an image, has it elsewhere.
rpm_owner() {
	for database in /usr/lib/sysimage/rpm /var/lib/rpm /usr/share/rpm; do
		for main_file in rpmdb.sqlite Packages.db Packages; do
			[ -f "$root$database/$main_file" ] || continue
			rpm ${root:+"--root=$root"} --dbpath "$database" -qf --qf '%{NAME}' -- "$1" 2>/dev/null
			return
		done
	done
}

pacman_owner() {
	[ -d "$root/var/lib/pacman/local" ] || return 0
	pacman ${root:+"--sysroot=$root"} -Qoq -- "$1" 2>/dev/null
}

nobody='which no package owns'

check_owners() {
	each_file check_place
	for unit in $units; do
		place_of "$unit"
		known=''
		if is_installed_unit "$unit"; then known=1; fi
		for folder in $unit_paths; do
			folder=$root$folder
			found=$folder/$unit
			is_there "$found" || continue
			# Where /lib is a link to /usr/lib, systemd names both.
			[ "$(cd -P -- "$folder" && pwd -P)" != "$(cd -P -- "$unit_dir" 2>/dev/null && pwd -P)" ] || continue
			if [ -L "$found" ]; then
				case $(readlink -- "$found") in
				# A mask is an operator's decision, a link to our own unit is what "enable" may leave.
				/dev/null | "${unit_dir#"$root"}/$unit") continue ;;
				esac
			fi
			case $known${folder#"$root"} in
			1/etc/* | 1/run/* | 1*/.config/*) warn "$found hides the unit of this package; it is left alone" ;;
			*) die 5 "there is a $unit already: $found, $(owner_of "$found")" ;;
			esac
		done
	done
}

# A place is ours if the receipt lists it, free if nothing is there, and safe to take if it holds the same bytes.
check_place() {
	case $1 in
	# Whose a configuration file is was asked before; a credential has only one owner, who is giving a new one.
	receipt | config | credential) return 0 ;;
	esac
	is_there "$3" || return 0
	if is_installed "$3"; then return 0; fi
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
	has_word "$installed_units" "$1"
}
