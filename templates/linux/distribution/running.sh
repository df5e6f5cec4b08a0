# find_running: sets $running to the services that run, and to the sockets that changed: one whose unit did not change keeps
# listening, so that no connection is lost. $before holds the checksums of the units of the version before.
find_running() {
	running=''
	for unit in $services; do
		if systemctl --quiet is-active -- "$unit"; then
			running="$running $unit"
		fi
	done
	if [ -s "$before" ]; then
		for unit in $sockets; do
			path=/usr/lib/systemd/system/$unit
			[ -e "$path" ] || continue
			if ! grep -qxF -e "$(cksum "$path")" "$before" && systemctl --quiet is-active -- "$unit"; then
				running="$running $unit"
			fi
		done
	fi
}
