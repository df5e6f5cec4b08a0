# --- checks: nothing is changed before all of them passed -----------------------------------------------------------

check_machine() {
	check_privileges install
	check_systemd
	case $major in
	'') warn "which systemd the image has cannot be told; $package needs $min_systemd or newer" ;;
	*)
		[ "$major" -ge "$min_systemd" ] ||
			die 3 "systemd $major is too old: $package needs $min_systemd or newer"
		;;
	esac
	find_places
}

# Sets version and target from PACKAGE, and compares the package's files with it.
check_package() {
	version='' target=''
	listed=''
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
				sum_of "$here/$path"
				[ "$found_sum" = "$sum" ] || die 4 "$here/$path is damaged: its SHA-256 is not the one in PACKAGE"
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
	each_extra check_listed_extra
}

# sum_of FILE: sets $found_sum to its SHA-256, or to "unknown".
sum_of() {
	found_sum=unknown
	[ -z "$hash" ] || found_sum=$(sha256sum <"$1")
	found_sum=${found_sum%% *}
}

check_listed() {
	case $1 in
	program | unit | conf | file | uninstaller) ;;
	*) return 0 ;;
	esac
	has_line "$listed" "${2#"$here/"}" || die 4 "$here/PACKAGE is damaged: it does not list ${2#"$here/"}"
}

check_listed_extra() {
	has_line "$listed" "files/$2" || die 4 "$here/PACKAGE is damaged: it does not list files/$2"
}

check_architecture() {
	case $target in
	*-linux-*) ;;
	*) die 3 "this package is for $target, not for Linux" ;;
	esac
	machine=$(uname -m)
	if [ -n "$root" ]; then
		image_machine
		[ -n "$machine" ] || return 0
	fi
	case ${target%%-*}/$machine in
	x86_64/x86_64 | aarch64/aarch64 | riscv64*/riscv64 | s390x/s390x | loongarch64/loongarch64) ;;
	powerpc64le/ppc64le | powerpc64/ppc64 | powerpc/ppc*) ;;
	i[3-6]86/i?86 | i[3-6]86/x86_64) ;;
	arm*/arm* | arm*/aarch64 | thumb*/arm* | thumb*/aarch64) ;;
	"$machine/$machine") ;;
	*) die 3 "this package is for $target, and this machine is $machine" ;;
	esac
}

# Sets $machine to what the image's programs are built for, in uname's words; empty if that cannot be told.
image_machine() {
	machine=''
	for program in "$root/usr/lib/systemd/systemd" "$root/lib/systemd/systemd" "$root/bin/sh"; do
		[ -f "$program" ] || continue
		! leads_out "$program" || continue
		# elf(5): the class and the byte order, then e_machine.
		elf=$(od -An -tx1 -j4 -N2 <"$program" | tr -d ' \n')/$(od -An -tx1 -j18 -N2 <"$program" | tr -d ' \n')
		case $elf in
		0201/3e00) machine=x86_64 ;;
		0101/0300) machine=i686 ;;
		0201/b700) machine=aarch64 ;;
		0101/2800) machine=armv7l ;;
		0201/f300) machine=riscv64 ;;
		0201/0201) machine=loongarch64 ;;
		0202/0016) machine=s390x ;;
		0201/1500) machine=ppc64le ;;
		0202/0015) machine=ppc64 ;;
		*) continue ;;
		esac
		return 0
	done
}

check_space() {
	size=0
	each_file add_size
	kib=$((size / 1024 + 1024))
	checked=''
	each_file check_space_of
}

add_size() {
	case $1 in
	program | unit | conf | file | config | aside | uninstaller) size=$((size + $(wc -c <"$2"))) ;;
	esac
}

check_space_of() {
	existing "${3%/*}"
	! has_line "$checked" "$folder" || return 0
	checked="$checked
$folder"
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
	'' | *[!0-9]*) return 0 ;;
	esac
	[ "$free" -ge "$kib" ] || die 3 "$folder has $free KiB left, and $kib KiB are needed"
}

# systemd makes the users that its file of them declares; without its tool somebody else has to.
check_users() {
	new_users=''
	for user in $users; do
		user_exists "$user" || new_users="$new_users $user"
	done
	[ -n "$new_users" ] || return 0
	command -v systemd-sysusers >/dev/null ||
		die 3 "there is no systemd-sysusers here: make these users first, for example with 'useradd --system':$new_users"
}

user_exists() {
	if [ -z "$root" ] && command -v getent >/dev/null; then
		getent passwd "$1" >/dev/null
	else
		! leads_out "$root/etc/passwd" && grep -q "^$1:" "$root/etc/passwd" 2>/dev/null
	fi
}
