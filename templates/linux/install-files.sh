# --- the files ------------------------------------------------------------------------------------------------------

# each_file CALLBACK: with kind, source, target and mode of each file to install.
each_file() {
	callback=$1
	each_program file_of_program
	for each_unit in $units; do
		place_of "$each_unit"
		"$callback" unit "$here/systemd/$each_unit" "$unit_dir/$each_unit" 644
		[ -z "$link_dir" ] || "$callback" link "$unit_dir/$each_unit" "$link_dir/$each_unit" 777
	done
	for each_conf in $confs; do
		"$callback" conf "$here/systemd/$each_conf/$package.conf" "$conf_dir/$each_conf/$package.conf" 644
	done
	each_extra file_of_extra
	each_credential file_of_credential
	"$callback" uninstaller "$here/uninstall.sh" "$lib/uninstall.sh" 755
	# The receipt is written last, since it lists the others.
	"$callback" receipt '' "$receipt" 644
}

# file_of_program NAME TARGET
file_of_program() {
	"$callback" program "$here/bin/$1" "$2" 755
}

# file_of_extra KIND SOURCE TARGET MODE: a configuration file is written only if that was decided.
file_of_extra() {
	case $1 in
	file) "$callback" file "$here/files/$2" "$3" "$4" ;;
	config)
		! has_line "$to_write" "$3" || "$callback" config "$here/files/$2" "$3" "$4"
		! has_line "$to_set_aside" "$3" || "$callback" aside "$here/files/$2" "$3.new" "$4"
		;;
	esac
}

# file_of_credential SERVICE NAME TARGET
file_of_credential() {
	given_credential "$1" "$2"
	[ -z "$from" ] || "$callback" credential "$from" "$3" 600
}

# Where systemd looks for sysusers.d and tmpfiles.d.
find_conf_dir() {
	case $prefix in
	/usr | /usr/local) conf_dir=$base/lib ;;
	*) conf_dir=$root/usr/local/lib ;;
	esac
}

# make_dir FOLDER [MODE]: remembers in $made what it had to make.
make_dir() {
	[ ! -d "$1" ] || return 0
	case ${1%/*} in
	'') ;;
	*) make_dir "${1%/*}" ;;
	esac
	mkdir -m "${2:-755}" -- "$1"
	relabel "$1"
	made="${made}dir=${1#"$root"}
"
}

make_dir_of() {
	make_dir "${3%/*}"
}

# SELinux's label; an image gets its labels from who makes it.
relabel() {
	if [ -z "$root" ] && command -v restorecon >/dev/null; then
		restorecon -F -- "$1" 2>/dev/null || :
	fi
}

# Users are made before the first file is: a service may not start without them.
make_users() {
	[ -n "$new_users" ] || return 0
	say "making the users$new_users"
	systemd-sysusers ${root:+"--root=$root"} - <"$here/systemd/sysusers.d/$package.conf" >/dev/null ||
		die 1 "systemd-sysusers could not make the users$new_users"
	made_users=$new_users
}

# stage KIND SOURCE TARGET MODE: puts the next contents beside the target.
stage() {
	beside "$3"
	rm -rf -- "$new"
	case $1 in
	link)
		ln -s -- "${2#"$root"}" "$new"
		return
		;;
	unit) print_unit "${2##*/}" "$2" >"$new" ;;
	receipt) write_receipt "$new" ;;
	credential)
		(
			exec 9>&-
			umask 077
			if [ "$2" = - ]; then cat; else cat <"$2"; fi >"$new"
		)
		;;
	*) cat <"$2" >"$new" ;;
	esac
	# Writing the receipt looked at the other files' names.
	beside "$3"
	[ -n "$user_mode" ] || chown 0:0 -- "$new"
	chmod "$4" -- "$new"
	# A crash of the machine after the rename must not leave an empty file.
	sync -- "$new" 2>/dev/null || :
}

# print_unit NAME SOURCE: as it is installed.
print_unit() {
	if [ "$prefix" = /usr/local ]; then
		cat <"$2"
		return
	fi
	# Tells a later run with another prefix whose unit this is.
	printf '%s%s\n' "$origin" "$prefix"
	relocate "$1" "$2"
}

# relocate NAME SOURCE
relocate() {
	number=0
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

# unit_changed UNIT: whether the installed file is another one than this version's.
unit_changed() {
	place_of "$1"
	! print_unit "$1" "$here/systemd/$1" | cmp -s -- - "$unit_dir/$1"
}

# write_receipt DESTINATION
write_receipt() {
	{
		printf 'package=%s\nversion=%s\ntarget=%s\nprefix=%s\ninstalled-by=install.sh\n' \
			"$package" "$version" "$target" "$prefix"
		for unit in $units; do
			if has_word "$user_units" "$unit"; then
				printf 'user-unit=%s\n' "$unit"
			else
				printf 'unit=%s\n' "$unit"
			fi
		done
		for unit in $waiting; do
			printf 'waiting=%s\n' "$unit"
		done
		each_file receipt_line
		config_lines
		each_dir
	} >"$1"
}

# A credential is the operator's: nothing of it is written down.
receipt_line() {
	case $1 in
	receipt | config | credential) ;;
	link) printf 'link=%s\n' "${3#"$root"}" ;;
	aside) printf 'aside=%s\n' "${3#"$root"}" ;;
	*)
		beside "$3"
		sum_of "$new"
		printf 'file=%s %s %s\n' "$found_sum" "$4" "${3#"$root"}"
		;;
	esac
}

# The folders made now and by earlier runs, each once and outer ones first.
each_dir() {
	{
		[ ! -f "$receipt" ] || sed -n '/^dir=/p' "$receipt"
		# Ours even if a run was killed between making it and writing that down.
		printf '%sdir=%s\n' "$made" "${lib#"$root"}"
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
	# Into a folder, or one that a link leads to, mv would put the file.
	[ ! -d "$3" ] || rm -f -- "$3"
	mv -f -- "$new" "$3"
	relabel "$3"
}

journal_file() {
	if is_there "$3"; then
		printf 'file=had %s\n' "${3#"$root"}"
	else
		printf 'file=first %s\n' "${3#"$root"}"
	fi
}

# Sets $gone to the files and units of the installed version that this one does not have.
find_gone() {
	gone='' gone_units=''
	each_installed add_gone
	for unit in $installed_units; do
		has_word "$units" "$unit" || gone_units="$gone_units $unit"
	done
}

add_gone() {
	is_target "$1" || gone="$gone$1
"
}

# Whether a file of this version goes there.
is_target() {
	wanted=$1
	matched=
	each_file match_target
	[ -n "$matched" ]
}

match_target() {
	[ "$3" != "$wanted" ] || matched=1
}
