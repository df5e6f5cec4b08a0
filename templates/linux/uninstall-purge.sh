# --- what only --purge removes ----------------------------------------------------------------------------------------

# Sets $purged_units to the installed ones and those of this script, each once, and $purged_files to the operator's files.
find_purged() {
	purged_units=$installed_units
	for unit in $units; do
		has_word "$purged_units" "$unit" || purged_units="$purged_units $unit"
	done
	purged_files=''
	each_config add_purged_file
	each_own_config add_purged_file
	each_credential add_purged_credential
}

add_purged_file() {
	has_line "$purged_files" "$1" || purged_files="$purged_files$1
"
}

# add_purged_credential SERVICE NAME PLACE
add_purged_credential() {
	add_purged_file "$3"
}

# Without a receipt nothing says that a unit of this name is ours, or that its data is.
check_strangers() {
	for unit in $units; do
		place_of "$unit"
		for folder in $unit_paths; do
			# A mask is no file.
			[ ! -f "$root$folder/$unit" ] ||
				die 5 "there is a $unit in $root$folder, but $package is not installed below $base: nothing was purged"
		done
	done
}

# What an operator or the service itself made. The names of our own services are safe in a path.
purge_services() {
	for unit in $purged_units; do
		on_files "$unit" --quiet unmask 2>/dev/null || :
		on_files "$unit" --quiet --runtime unmask 2>/dev/null || :
	done
	reload_manager
	for unit in $purged_units; do
		each_operator_dir "$unit" purge_drop_ins "$unit"
		is_live "$unit" || continue
		cleaned=$unit
		if is_template "$unit"; then
			instances_of "$unit"
			cleaned=$instances
		fi
		# The folders that the unit or its drop-ins declare; systemd knows where they are.
		for data_of in $cleaned; do
			manager --quiet clean --what=all -- "$data_of" 2>/dev/null || :
		done
	done
}

# purge_drop_ins UNIT FOLDER
purge_drop_ins() {
	rm -rf -- "$2/$1.d"
}

# Links that enable what is no longer there, and copies that "systemctl edit --full" made.
purge_leftovers() {
	for unit in $purged_units; do
		pattern_of "$unit"
		each_operator_dir "$unit" purge_links
	done
}

purge_links() {
	[ -d "$1" ] || return 0
	find "$1" -maxdepth 2 -name "$pattern" \( -type l -o -type f \) -exec rm -f -- {} +
}
