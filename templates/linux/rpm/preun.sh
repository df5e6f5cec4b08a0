#!/bin/sh
# Stops and disables the services of {{ data.package }} before it is removed; rpm runs it with the number of versions that stay.
# Written by `cargo svc generate`; the services are declared in Cargo.toml.

# Names of units may be patterns, which are systemctl's.
set -f

package='{{ data.package }}'
units='{{ data.system.files }}'
running_units='{{ data.system.running }}'
{%- if data.has_user() %}
user_units='{{ data.user.files }}'
running_user_units='{{ data.user.running }}'

{% include "linux/distribution/users.sh" %}
{%- endif %}

[ "$1" -eq 0 ] || exit 0
command -v systemctl >/dev/null || exit 0
if [ -d /run/systemd/system ]; then
	# shellcheck disable=SC2086 # names of units hold no spaces
	[ -z "$running_units" ] || systemctl --quiet stop $running_units ||
		echo "$package: not all services were stopped; see: systemctl status $running_units"
{%- if data.has_user() %}
	# shellcheck disable=SC2086
	user_managers stop $running_user_units
{%- endif %}
fi
# shellcheck disable=SC2086
[ -z "$units" ] || systemctl --no-reload --quiet disable $units || :
{%- if data.has_user() %}
# shellcheck disable=SC2086
[ -z "$user_units" ] || systemctl --no-reload --quiet --global disable $user_units || :
{%- endif %}

exit 0
