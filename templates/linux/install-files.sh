# --- the files ------------------------------------------------------------------------------------------------------

# each_file CALLBACK: with kind, source, target and mode of each file to install.
each_file() {
	callback=$1
	each_program file_of_program
	for unit in $units; do
		"$callback" unit "$here/systemd/$unit" "$unit_dir/$unit" 644
		[ -z "$link_dir" ] || "$callback" link "$unit_dir/$unit" "$link_dir/$unit" 777
	done
	"$callback" uninstaller "$here/uninstall.sh" "$lib/uninstall.sh" 755
	# The receipt is written last, since it lists the others.
	"$callback" receipt '' "$receipt" 644
}

file_of_program() {
	"$callback" program "$here/bin/$1" "$prefix/bin/$1" 755
}

# make_dir FOLDER: remembers in $made what it had to make.
make_dir() {
	[ ! -d "$1" ] || return 0
	case ${1%/*} in
	'') ;;
	*) make_dir "${1%/*}" ;;
	esac
	mkdir -m 755 -- "$1"
	made="${made}dir=$1
"
}

# stage KIND SOURCE TARGET MODE: puts the next contents beside the target.
stage() {
	beside "$3"
	rm -rf -- "$new"
	case $1 in
	link)
		ln -s -- "$2" "$new"
		return
		;;
	unit) write_unit "${2##*/}" "$2" "$new" ;;
	receipt) write_receipt "$new" ;;
	*) cat <"$2" >"$new" ;;
	esac
	# Writing the receipt looked at the other files' names.
	beside "$3"
	chown 0:0 -- "$new"
	chmod "$4" -- "$new"
	# A crash of the machine after the rename must not leave an empty file.
	sync -- "$new" 2>/dev/null || :
}

# write_unit NAME SOURCE DESTINATION
write_unit() {
	if [ "$prefix" = /usr/local ]; then
		cat <"$2" >"$3"
		return
	fi
	number=0
	{
		# Tells a later run with another prefix whose unit this is.
		printf '%s%s\n' "$origin" "$prefix"
		relocate "$1" "$2"
	} >"$3"
}

# relocate NAME SOURCE
relocate() {
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

# write_receipt DESTINATION
write_receipt() {
	{
		printf 'package=%s\nversion=%s\ntarget=%s\nprefix=%s\ninstalled-by=install.sh\n' \
			"$package" "$version" "$target" "$prefix"
		for unit in $units; do
			printf 'unit=%s\n' "$unit"
		done
		each_file receipt_line
		each_dir
	} >"$1"
}

receipt_line() {
	case $1 in
	receipt) ;;
	link) printf 'link=%s\n' "$3" ;;
	*)
		beside "$3"
		sum=unknown
		[ -z "$hash" ] || sum=$(sha256sum <"$new")
		printf 'file=%s %s %s\n' "${sum%% *}" "$4" "$3"
		;;
	esac
}

# The folders made now and by earlier runs, each once and outer ones first.
each_dir() {
	{
		[ ! -f "$receipt" ] || sed -n '/^dir=/p' "$receipt"
		# Ours even if a run was killed between making it and writing that down.
		printf '%sdir=%s\n' "$made" "$lib"
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
	mv -f -- "$new" "$3"
	if command -v restorecon >/dev/null; then
		restorecon -F -- "$3" 2>/dev/null || :
	fi
}

journal_file() {
	if [ -e "$3" ] || [ -L "$3" ]; then
		printf 'file=had %s\n' "$3"
	else
		printf 'file=first %s\n' "$3"
	fi
}

# Sets $gone to the files and units of the installed version that this one does not have.
find_gone() {
	gone='' gone_units=''
	each_installed add_gone
	for unit in $installed_units; do
		case " $units " in
		*" $unit "*) ;;
		*) gone_units="$gone_units $unit" ;;
		esac
	done
}

add_gone() {
	wanted=$1
	matched=
	each_file match_target
	[ -n "$matched" ] || gone="$gone$1
"
}

match_target() {
	[ "$3" != "$wanted" ] || matched=1
}
