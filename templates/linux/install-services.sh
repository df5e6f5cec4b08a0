# --- the services ---------------------------------------------------------------------------------------------------

journal_unit() {
	unit_enabled "$1"
	unit_running "$1"
	if is_installed_unit "$1"; then
		printf 'unit=had %s %s %s\n' "$1" "$enabled" "$running"
	else
		printf 'unit=first %s %s %s\n' "$1" "$enabled" "$running"
	fi
}

is_boot_unit() {
	case " $boot_units " in
	*" $1 "*) return 0 ;;
	esac
	return 1
}

# Decides for each unit what happens to it, from the state in which it was found: sets $to_enable, $to_disable, $to_unmask,
# $to_start and $to_restart.
decide() {
	to_enable='' to_disable='' to_unmask='' to_start='' to_restart=''
	for unit in $units; do
		unit_enabled "$unit"
		unit_running "$unit"
		boot='' known=''
		if is_boot_unit "$unit"; then boot=1; fi
		if is_installed_unit "$unit"; then known=1; fi
		case $enabled in
		masked*)
			if [ -z "$reset" ]; then
				say "$unit stays masked; --reset would unmask it"
				continue
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
		if [ "$running" = yes ]; then
			to_restart="$to_restart $unit"
		elif [ -n "$boot" ] && { [ -z "$known" ] || [ -n "$reset" ]; }; then
			to_start="$to_start $unit"
		elif [ -n "$boot" ]; then
			say "$unit was not running and is not started"
		fi
		dropins=$(systemctl show --property=DropInPaths --value -- "$unit" 2>/dev/null) || dropins=''
		[ -z "$dropins" ] || say "$unit keeps its drop-ins: $dropins"
	done
}

change_services() {
	for unit in $gone_units; do
		say "removing $unit, which this version does not have"
		systemctl --quiet disable -- "$unit" 2>/dev/null || :
	done
	systemctl daemon-reload
	for unit in $gone_units; do
		systemctl --quiet reset-failed -- "$unit" 2>/dev/null || :
	done
	for unit in $to_unmask; do
		systemctl --quiet unmask -- "$unit"
		systemctl --quiet --runtime unmask -- "$unit"
	done
	for unit in $to_disable; do systemctl --quiet disable -- "$unit"; done
	for unit in $to_enable; do systemctl --quiet enable -- "$unit"; done
	if [ -n "$no_start" ]; then
		[ -z "$to_restart" ] || say "not restarted, and so still the version from before:$to_restart"
		return 0
	fi
	since=$(date +%s)
	failed=''
	for unit in $to_start $to_restart; do
		systemctl --quiet reset-failed -- "$unit" 2>/dev/null || :
	done
	# shellcheck disable=SC2086 # names of units hold no spaces
	[ -z "$to_restart" ] || systemctl --quiet restart -- $to_restart 9>&- || failed=1
	# shellcheck disable=SC2086
	[ -z "$to_start" ] || systemctl --quiet start -- $to_start 9>&- || failed=1
	check_started "$failed"
}

# check_started FAILED: every service must be up. Without readiness of its own one is "active" as soon as it runs, so it gets a
# moment to prove itself.
check_started() {
	failed=$1
	moment=''
	for unit in $to_start $to_restart; do
		case $(systemctl show --property=Type --value -- "$unit") in
		notify*) ;;
		*) moment=1 ;;
		esac
	done
	[ -n "$failed" ] || [ -z "$moment" ] || sleep 1 9>&-
	for unit in $to_start $to_restart; do
		state=$(systemctl is-active -- "$unit" 2>/dev/null) || :
		result=$(systemctl show --property=Result --value -- "$unit")
		restarts=$(systemctl show --property=NRestarts --value -- "$unit")
		case $state/$result/$restarts in
		active/success/0 | reloading/success/0) say "$unit is running" ;;
		inactive/success/0) say "$unit ran and ended without an error" ;;
		*)
			failed=1
			warn "$unit did not start ($state, $result); its last lines are:"
			journalctl --quiet --no-pager --unit="$unit" --since="@$since" --lines=20 >&2 || :
			;;
		esac
	done
	[ -z "$failed" ] || die 7 "a service did not start"
}
