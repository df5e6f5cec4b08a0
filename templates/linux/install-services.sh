# --- the services ---------------------------------------------------------------------------------------------------

# journal_unit KIND UNIT
journal_unit() {
	unit_enabled "$2"
	unit_running "$2"
	touching=no
	if has_word "$to_restart" "$2"; then touching=yes; fi
	printf 'unit=%s %s %s %s %s\n' "$1" "$2" "$enabled" "$running" "$touching"
}

journal_units() {
	for unit in $gone_units $units; do
		if is_installed_unit "$unit"; then journal_unit had "$unit"; else journal_unit first "$unit"; fi
		is_template "$unit" || continue
		instances_of "$unit"
		for instance in $instances; do journal_unit instance "$instance"; done
	done
}

# service_of UNIT: sets $service to what it starts, or to itself.
service_of() {
	service=$1
	for pair in $triggers_of; do
		[ "${pair%%:*}" != "$1" ] || service=${pair#*:}
	done
}

is_blocked() {
	service_of "$1"
	has_word "$blocked" "$service"
}

# Sets $blocked to the services that something is missing for, and $reasons to what that is, one line each.
find_blocked() {
	blocked='' reasons=''
	each_needed find_missing
	again=1
	while [ -n "$again" ]; do
		again=''
		for unit in $units; do
			if is_blocked "$unit"; then continue; fi
			needs=$(sed -n 's/^Requires=//p' "$here/systemd/$unit")
			for needed in $needs; do
				if is_service "$needed" && is_blocked "$needed"; then
					block "$unit" "it needs $needed"
					again=1
					break
				fi
			done
		done
	done
}

# find_missing UNIT file|credential PATH [NAME]: what is missing now and is not installed either.
find_missing() {
	! is_there "$3" || return 0
	if is_target "$3"; then return 0; fi
	case $2 in
	file) block "$1" "${3#"$root"} is missing: put it there" ;;
	credential) block "$1" "the credential '$4' is missing: give it with --credential $4=FILE" ;;
	esac
}

# block UNIT REASON
block() {
	has_word "$blocked" "$1" || blocked="$blocked $1"
	reasons="$reasons$1 $2
"
}

# Decides for each unit what happens to it, from the state in which it was found: sets $to_enable, $to_disable, $to_unmask,
# $to_start, $to_restart and $waiting, and $to_halt to the services that have to stop before their sockets can listen.
decide() {
	to_enable='' to_disable='' to_unmask='' to_start='' to_restart='' to_halt='' waiting=''
	find_blocked
	for unit in $units; do
		if is_template "$unit"; then
			# Instances are an operator's: those that run go on with the new version.
			instances_of "$unit"
			for instance in $instances; do
				unit_running "$instance"
				[ "$running" = no ] || to_restart="$to_restart $instance"
			done
			for instance in $fallen; do
				template_of "$instance"
				[ "$template" != "$unit" ] || to_start="$to_start $instance"
			done
		else
			decide_unit
		fi
	done
	for unit in $to_start $to_restart; do
		case $unit in
		*.socket) ;;
		*) continue ;;
		esac
		service_of "$unit"
		if has_word "$to_restart" "$service" && ! has_word "$to_halt" "$service"; then
			to_halt="$to_halt $service"
		fi
	done
}

decide_unit() {
	unit_enabled "$unit"
	unit_running "$unit"
	boot='' known=''
	if has_word "$boot_units" "$unit"; then boot=1; fi
	if is_installed_unit "$unit"; then known=1; fi
	case $enabled in
	masked*)
		if [ -z "$reset" ]; then
			say "$unit stays masked; --reset would unmask it"
			return 0
		fi
		to_unmask="$to_unmask $unit"
		;;
	esac
	if [ -n "$known" ] && [ -z "$reset" ]; then
		case $boot$enabled in
		1disabled) say "$unit stays disabled, though it is declared to start with the machine; --reset would enable it" ;;
		enabled*) say "$unit stays enabled, though it is declared to be started by hand; --reset would disable it" ;;
		esac
	elif [ -n "$boot" ]; then
		to_enable="$to_enable $unit"
	elif [ -n "$known" ]; then
		to_disable="$to_disable $unit"
	fi
	waited=''
	if has_word "$installed_waiting $fallen" "$unit"; then waited=1; fi
	is_live "$unit" || return 0
	if is_blocked "$unit"; then
		if [ "$running" = yes ]; then
			! is_service "$unit" || say "$unit is not restarted, and so still the version from before"
		elif [ -n "$waited" ] || { [ -n "$boot" ] && { [ -z "$known" ] || [ -n "$reset" ]; }; }; then
			waiting="$waiting $unit"
		fi
	elif [ "$running" = yes ]; then
		# What only starts a service goes on as it is, unless it is another one now.
		if is_service "$unit" || unit_changed "$unit"; then to_restart="$to_restart $unit"; fi
	elif [ -n "$waited" ] || { [ -n "$boot" ] && { [ -z "$known" ] || [ -n "$reset" ]; }; }; then
		to_start="$to_start $unit"
	elif [ -n "$boot" ]; then
		say "$unit was not running and is not started"
	fi
	dropins=$(manager show --property=DropInPaths --value -- "$unit" 2>/dev/null) || dropins=''
	[ -z "$dropins" ] || say "$unit keeps its drop-ins: $dropins"
}

change_services() {
	for unit in $gone_units; do
		say "removing $unit, which this version does not have"
		on_files "$unit" --quiet disable 2>/dev/null || :
	done
	reload_manager
	# shellcheck disable=SC2086 # names of units hold no spaces
	clear_failures $gone_units
	for unit in $to_unmask; do
		on_files "$unit" --quiet unmask
		on_files "$unit" --quiet --runtime unmask
	done
	for unit in $to_disable; do on_files "$unit" --quiet disable; done
	for unit in $to_enable; do on_files "$unit" --quiet enable; done
	[ -z "$root" ] || return 0
	if [ -n "$no_start" ]; then
		[ -z "$to_restart" ] || say "not restarted, and so still the version from before:$to_restart"
		return 0
	fi
	since=$(date +%s)
	failed=''
	# shellcheck disable=SC2086
	clear_failures $to_start $to_restart
	# shellcheck disable=SC2086
	[ -z "$to_halt" ] || stop_units $to_halt
	run_units triggers restart "$to_restart"
	run_units triggers start "$to_start"
	run_units services restart "$to_restart"
	run_units services start "$to_start"
	check_started
}

# run_units triggers|services VERB UNITS: those of one kind; sets $failed if systemd reports a failure.
run_units() {
	batch=''
	for unit in $3; do
		half=triggers
		! is_service "$unit" || half=services
		[ "$half" != "$1" ] || batch="$batch $unit"
	done
	# shellcheck disable=SC2086 # names of units hold no spaces
	[ -z "$batch" ] || manager --quiet "$2" -- $batch 9>&- || failed=1
}

# Every service must be up. Without readiness of its own one is "active" as soon as it runs, so it gets a moment to prove
# itself.
check_started() {
	moment=''
	for unit in $to_start $to_restart; do
		is_service "$unit" || continue
		case $(manager show --property=Type --value -- "$unit") in
		notify*) ;;
		*) moment=1 ;;
		esac
	done
	[ -n "$failed" ] || [ -z "$moment" ] || sleep 1 9>&-
	for unit in $to_start $to_restart; do
		state=$(manager is-active -- "$unit" 2>/dev/null) || :
		result=$(manager show --property=Result --value -- "$unit")
		restarts=0
		! is_service "$unit" || restarts=$(manager show --property=NRestarts --value -- "$unit")
		case $state/$result/$restarts in
		active/success/0 | reloading/success/0)
			case $unit in
			*.service) say "$unit is running" ;;
			*.socket) say "$unit is listening" ;;
			*) say "$unit is waiting" ;;
			esac
			;;
		inactive/success/0) say "$unit ran and ended without an error" ;;
		*)
			failed=1
			warn "$unit did not start ($state, $result); its last lines are:"
			if [ -n "$user_mode" ]; then
				journalctl --quiet --no-pager --user-unit="$unit" --since="@$since" --lines=20 >&2 || :
			else
				journalctl --quiet --no-pager --unit="$unit" --since="@$since" --lines=20 >&2 || :
			fi
			;;
		esac
	done
	[ -z "$failed" ] || die 7 "a service did not start"
}

# What is left for others to do.
tell_rest() {
	for unit in $blocked; do
		each_line "$reasons" tell_reason
	done
	tell_old_configs
	if [ -n "$user_mode" ]; then
		if [ -n "$boot_units" ] && [ ! -e "/var/lib/systemd/linger/$(id -un)" ]; then
			say "It runs while you are logged in. 'loginctl enable-linger' has it start with the machine and outlive your sessions."
		fi
	elif [ -z "$root" ]; then
		for unit in $user_units; do
			if is_template "$unit" || ! has_word "$boot_units" "$unit"; then continue; fi
			say "$unit starts with each user's next session; in one that runs: systemctl --user daemon-reload && systemctl --user restart $unit"
		done
	fi
}

tell_reason() {
	[ "${1%% *}" = "$unit" ] || return 0
	if [ -n "$root" ]; then
		say "$unit will not start yet: ${1#* }"
	elif has_word "$waiting" "$unit"; then
		start='and run: systemctl'
		[ -z "$user_mode" ] || start="$start --user"
		case $1 in
		*--credential*) say "$unit is enabled, but not started: ${1#* }" ;;
		*) say "$unit is enabled, but not started: ${1#* }, $start start $unit" ;;
		esac
	else
		say "$unit cannot start yet: ${1#* }"
	fi
}
