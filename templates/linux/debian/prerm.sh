#!/bin/sh
# Stops the services of {{ data.package }} before it is removed; dpkg runs it.
# Written by `cargo svc generate`; the services are declared in Cargo.toml.
set -e
# Names of units may be patterns, which are systemctl's.
set -f

package='{{ data.package }}'
units='{{ data.system.running }}'
{%- if data.has_user() %}
user_units='{{ data.user.running }}'

{% include "linux/distribution/users.sh" %}
{%- endif %}

# An upgrade leaves them running: postinst restarts them once their files are there.
if [ "$1" = remove ] && [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then
	# shellcheck disable=SC2086 # names of units hold no spaces
	[ -z "$units" ] || deb-systemd-invoke stop $units >/dev/null ||
		echo "$package: not all services were stopped; see: systemctl status $units"
{%- if data.has_user() %}
	# shellcheck disable=SC2086
	user_managers stop $user_units
{%- endif %}
fi

exit 0
