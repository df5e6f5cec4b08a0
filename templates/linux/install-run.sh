# --- the run --------------------------------------------------------------------------------------------------------

# Whatever ends the script: what it began is undone, unless it was finished.
leave() {
	code=$?
	trap '' EXIT HUP INT TERM
	set +e
	if [ -n "$changing" ]; then
		[ "$code" -ne 0 ] || code=1
		warn "undoing what was begun"
		undo
		if [ -n "$left$fallen" ]; then
			code=9
			warn "not everything could be put back: see above. Once nothing is in the way of that, run this again: it goes on there"
		else
			warn "everything is as it was before"
		fi
		[ -z "$made_users" ] || warn "but for these users, which stay:$made_users"
		[ -z "$kept_dirs" ] || warn "but for these folders, which are not empty:$kept_dirs"
	fi
	drop_lock
	exit "$code"
}

finish_earlier_run() {
	[ -f "$journal" ] || return 0
	if [ -n "$dry_run" ]; then
		say "would undo an earlier run that was cut short"
		return
	fi
	if journal_says begin=install; then
		say "undoing an earlier run that was cut short"
		undo
		[ -z "$left" ] || die 9 "an earlier run could not be undone: see above. Once nothing is in the way of that, run this again"
	fi
	# What a removal left is removed or replaced below, as if nothing had been installed.
	if journal_says begin=uninstall || journal_says before=uninstall; then uninstalling=1; fi
}

describe() {
	say "would install $package $version below $base:"
	[ -z "$new_users" ] || say "  make the users$new_users"
	each_folder describe_folder
	each_file describe_file
	each_line "$gone" say '  remove '
	for unit in $gone_units; do say "  stop    $unit"; done
	for unit in $to_unmask; do say "  unmask  $unit"; done
	for unit in $to_enable; do say "  enable  $unit"; done
	for unit in $to_disable; do say "  disable $unit"; done
	if [ -z "$no_start" ] && [ -z "$root" ]; then
		for unit in $to_restart; do say "  restart $unit"; done
		for unit in $to_start; do say "  start   $unit"; done
	fi
	tell_rest
}

describe_folder() {
	[ -d "$1" ] || say "  make    $1"
}

describe_file() {
	say "  write   $3"
}

# All of it, or nothing of it.
install() {
	# Left by a run that was killed after its last step; undo would take them for the version of today.
	each_file drop_kept
	rm -f -- "$journal.done"
	found=$(
		exec 9>&-
		[ -z "$uninstalling" ] || printf 'before=uninstall\n'
		journal_units
		each_file journal_file
		each_line "$gone" journal_file '' ''
	)
	made=''
	make_dir "$lib"
	rm -f -- "$journal.new"
	printf 'begin=install\n%s\n%s' "$found" "$made" >"$journal.new"
	mv -f -- "$journal.new" "$journal"
	changing=1
	made=''
	make_users
	each_folder make_dir
	each_file make_dir_of
	printf '%s' "$made" >>"$journal"
	made=$(sed -n '/^dir=/p' "$journal")
	[ -z "$made" ] || made="$made
"
	each_file stage
	if [ -n "$gone_units" ]; then
		printf 'phase=services\n' >>"$journal"
		# shellcheck disable=SC2086 # names of units hold no spaces
		stop_units $gone_units
		[ -z "$stuck" ] || die 7 "these do not stop:$stuck"
	fi
	each_file replace
	each_line "$gone" take_away
	printf 'phase=services\n' >>"$journal"
	change_services
	mv -f -- "$journal" "$journal.done"
	changing=''
	while IFS= read -r line; do
		case $line in
		file=*)
			drop_kept '' '' "$root${line#file=* }"
			;;
		esac
	done <"$journal.done"
	rm -f -- "$journal.done"
	drop_empty_dirs
}

# What only the installed version had; undo puts it back.
take_away() {
	keep "$1"
	rm -f -- "$1"
}

# Folders that only files of the installed version were in.
drop_empty_dirs() {
	[ -n "$gone" ] || return 0
	collect_dirs "$receipt"
	remove_dirs
}

main() {
	changing='' uninstalling='' fallen='' made_users='' to_write='' to_set_aside=''
	parse "$@"
	trap '' PIPE
	check_machine
	find_conf_dir
	check_package
	check_architecture
	trap leave EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	[ -n "$dry_run" ] || take_lock
	check_image
	each_file check_inside_of
	each_extra check_inside_of
	# What is read below is believed, and so it must be root's first.
	checked=''
	check_folder_of '' '' "$receipt"
	check_receipt
	finish_earlier_run
	check_receipt
	decide_configs
	check_folders
	check_owners
	check_users
	check_space
	# What an interrupted removal left is no decision of an operator.
	[ -z "$uninstalling" ] || installed_units=''
	find_gone
	decide
	if [ -n "$dry_run" ]; then
		describe
		exit 0
	fi
	install
	if [ -n "$installed_version" ]; then
		say "$package $version is installed (it was $installed_version); $lib/uninstall.sh removes it"
	else
		say "$package $version is installed; $lib/uninstall.sh removes it"
	fi
	tell_rest
}

main "$@"
