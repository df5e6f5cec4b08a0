#!/bin/sh
# Restarts the services of {{ data.package }} after an upgrade; rpm runs it with the number of versions that stay.
# Written by `cargo svc generate`; the services are declared in Cargo.toml.

# Names of units may be patterns, which are systemctl's.
set -f

package='{{ data.package }}'
units='{{ data.system.files }}'
services='{{ data.system.services }}'
sockets='{{ data.system.sockets }}'
{%- if data.has_user() %}
user_services='{{ data.user.services }}'
{%- endif %}
before=/run/$package.units

{% include "linux/distribution/running.sh" %}
{% if data.has_user() %}
{% include "linux/distribution/users.sh" %}
{% endif %}
# What this version had and the one that replaces it has not.
remove_gone() {
	for unit in $units; do
		[ ! -e "/usr/lib/systemd/system/$unit" ] || continue
		running=$unit
		case $unit in
		*@.*) running="${unit%@.*}@*.${unit##*.}" ;;
		esac
		systemctl --quiet stop "$running" || :
		# All that enabled it, by whatever name; what masks it is an operator's.
		find /etc/systemd/system -mindepth 1 -maxdepth 2 -type l -lname "*/systemd/system/$unit" -exec rm -f -- {} +
	done
}

if [ -d /run/systemd/system ]; then
	[ "$1" -lt 1 ] || remove_gone
	systemctl daemon-reload || :
	if [ "$1" -ge 1 ]; then
		find_running
		# All at once: then systemd stops a service before its socket, and starts it after.
		# shellcheck disable=SC2086 # names of units hold no spaces
		[ -z "$running" ] || systemctl --quiet try-restart $running ||
			echo "$package: not all services were restarted; see: systemctl status$running"
{%- if data.has_user() %}
		user_managers daemon-reload
		# shellcheck disable=SC2086
		user_managers try-restart $user_services
{%- endif %}
	fi
fi
rm -f "$before"

exit 0
