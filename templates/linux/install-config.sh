# --- configuration files: an operator's as soon as they are edited ------------------------------------------------------

# Sets $to_write and $to_set_aside to the files that are written, and to those whose new version is put beside them; one
# path per line.
decide_configs() {
	to_write='' to_set_aside=''
	each_extra decide_config
}

# decide_config KIND SOURCE TARGET MODE
decide_config() {
	[ "$1" = config ] || return 0
	wanted=$3
	installed_sum=''
	each_config match_config
	if ! is_there "$3"; then
		[ -z "$installed_sum" ] || say "$3 was gone, and is put back"
		to_write="$to_write$3
"
		return 0
	fi
	if [ -z "$installed_sum" ]; then
		# What a removal left is the operator's; what somebody else installed is theirs.
		owner=$(owner_of "$3")
		[ "$owner" = "$nobody" ] || die 5 "$3 is there already, $owner: remove it first"
	fi
	if [ ! -L "$3" ] && [ ! -f "$3" ]; then
		die 5 "$3 is in the way: it is not a file"
	fi
	! cmp -s -- "$here/files/$2" "$3" || return 0
	sum_of "$3"
	if [ ! -L "$3" ] && [ "$found_sum" = "$installed_sum" ] && [ -n "$hash" ]; then
		to_write="$to_write$3
"
		return 0
	fi
	sum_of "$here/files/$2"
	if [ "$found_sum" = "$installed_sum" ] && [ -n "$hash" ] && ! is_installed "$3.new"; then
		# There is nothing new to tell the operator.
		return 0
	fi
	if [ "$found_sum" != "$installed_sum" ]; then
		say "$3 was edited and is kept; the one of this version is put beside it, as ${3##*/}.new"
	elif [ ! -e "$3.new" ]; then
		# The operator has seen it and removed it.
		return 0
	fi
	to_set_aside="$to_set_aside$3
"
}

match_config() {
	[ "$1" != "$wanted" ] || installed_sum=$2
}

# config_lines: those of the receipt, also for files that this version does not have any more.
config_lines() {
	each_extra config_line
	each_config old_config_line
}

config_line() {
	[ "$1" = config ] || return 0
	sum_of "$here/files/$2"
	printf 'config=%s %s\n' "$found_sum" "${3#"$root"}"
}

old_config_line() {
	wanted=$1
	matched=''
	each_extra match_extra
	[ -n "$matched" ] || printf 'config=%s %s\n' "$2" "${1#"$root"}"
}

match_extra() {
	[ "$3" != "$wanted" ] || matched=1
}

# Files that this version does not have any more are left, since they are the operator's.
tell_old_configs() {
	each_config tell_old_config
}

tell_old_config() {
	wanted=$1
	matched=''
	each_extra match_extra
	if [ -n "$matched" ] || ! is_there "$1"; then return 0; fi
	say "$1 is no longer used, and is left"
}
